"""Which model is benchmarked, and whether it fits what is to be predicted."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier, is_regressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.exceptions import AmbiguousTargetWarning
from skactive.metrics._scoring import own_score

#: So many different whole numbers are classes, whatever the rows.
FEW_CLASSES = 20
#: Fewer rows for each number, and the numbers are rather values than classes.
ROWS_PER_CLASS = 5


def model_of_each(estimator, data):
    """Return the model for each data set by its name, or say why none fits.

    Parameters
    ----------
    estimator : estimator object or None
        None: one that follows the target.
    data : list of Data
        The data sets.

    Returns
    -------
    models : dict of str to estimator object
        ``estimator`` for all of them; without one a logistic regression for classes
        and a ridge regression for values, on scaled features.
    """
    for one in data:
        _check_test_part(one)
    if estimator is not None:
        for one in data:
            _check_target(estimator, one)
        return {one.name: estimator for one in data}
    tasks = {}
    for one in data:
        tasks[one.name] = task_of(one)
    if len(set(tasks.values())) > 1:
        raise ValueError(
            f"The data sets are for different tasks, {tasks}. Run them in calls of "
            "their own, or pass estimator=, a model for all of them."
        )
    return {
        one.name: default_model(tasks[one.name], one.X, one.in_columns) for one in data
    }


def default_model(task, X, in_columns=False):
    """Return the model that is used where none is given."""
    # The zeros of sparse features are to stay zeros.
    scaler = StandardScaler(with_mean=False) if sparse.issparse(X) else StandardScaler()
    if task == "regression":
        return make_pipeline(scaler, Ridge())
    model = LogisticRegression(max_iter=1000)
    return make_pipeline(scaler, OneVsRestClassifier(model) if in_columns else model)


def default_scoring(models, data):
    """Return what is scored where nothing is said: it follows the model."""
    model = models[data[0].name]
    if data[0].dense:
        return own_score  # mean intersection over union, or average precision
    if is_classifier(model):
        return "accuracy"
    # Areas are taken of it: R² of few labels may be -100, and count for all others.
    if is_regressor(model) or has_values(data[0]):
        return "bounded_r2"
    return "accuracy" if data[0].task == "classification" else "bounded_r2"


def has_values(one):
    """Tell whether a target is of numbers that cannot be classes."""
    if one.task in ("classification", "regression"):
        return one.task == "regression"
    return one.y.dtype.kind == "f" and bool(np.any(one.y != np.rint(one.y)))


def task_of(one):
    """Return "classification" or "regression", or ask for ``estimator``.

    Whole numbers are classes if there are few of them. If there are many, they may be
    either: numbered without a gap from 0 or 1, or with many rows each, they are taken
    for classes, with a warning where it is not plain; else nothing is guessed.
    """
    if one.dense:
        raise ValueError(
            f"{one.name}: the target holds masks or boxes. Pass a model of these, "
            "estimator=NetSegmenter() or NetDetector(), of skactive.nets."
        )
    if has_values(one):
        return "regression"
    if one.task == "classification" or one.y.dtype.kind not in "iuf":
        return "classification"
    values = np.unique(one.y)
    n_values, n_rows = len(values), len(one.y) / len(values)
    if n_values <= FEW_CLASSES:
        return "classification"
    numbered = values[0] in (0, 1) and values[-1] - values[0] == n_values - 1
    if numbered and n_rows >= ROWS_PER_CLASS:
        return "classification"
    found = (
        f"{one.name}: the target holds {n_values} different whole numbers in "
        f"{len(one.y)} rows, from {values[0]} to {values[-1]}, which may be classes "
        "or values."
    )
    settle = (
        "Pass estimator=: a regressor, such as make_pipeline(StandardScaler(), "
        "Ridge()), or a classifier, such as make_pipeline(StandardScaler(), "
        "LogisticRegression(max_iter=1000))."
    )
    if n_rows < (2 if numbered else ROWS_PER_CLASS):
        raise ValueError(f"{found} {settle}")
    warnings.warn(
        f"{found} Each number is taken for a class. {settle}",
        AmbiguousTargetWarning,
        stacklevel=4,
    )
    return "classification"


def _check_target(estimator, one):
    """Refuse a classifier for values and a regressor for words."""
    name = type(estimator).__name__
    if one.dense and (is_classifier(estimator) or is_regressor(estimator)):
        raise ValueError(
            f"{one.name}: the target holds masks or boxes, and estimator={name} learns "
            "one label per sample. Pass a NetSegmenter or a NetDetector, of "
            "skactive.nets."
        )
    if is_classifier(estimator) and has_values(one) and one.y.dtype.kind == "f":
        some = next((v for v in one.y.ravel().tolist() if v != round(v)), None)
        if some is not None:
            raise ValueError(
                f"{one.name}: the target holds numbers that are no classes, such as "
                f"{some!r}, and estimator={name} is a classifier. Pass a regressor as "
                "estimator, or turn the target into classes."
            )
    if is_regressor(estimator) and one.y.dtype.kind in "US":
        raise ValueError(
            f"{one.name}: the target holds words, such as {str(one.y[0])!r}, and "
            f"estimator={name} is a regressor. Pass a classifier as estimator."
        )


def _check_test_part(one):
    """Refuse a test part whose labels are of another kind."""
    if one.y_test is None:
        return
    texts = [part.dtype.kind in "US" for part in (one.y, one.y_test)]
    if texts[0] != texts[1]:
        raise ValueError(
            f"{one.name}: target holds {one.y.dtype} and test_target "
            f"{one.y_test.dtype}; make them all strings or all numbers."
        )
