"""Sets of labels: how probable each label is to a model, and which a sample has."""

import numpy as np
from scipy import sparse
from sklearn.base import is_regressor
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.validation import check_is_fitted

from skactive.utils._dense_answers import kind_of
from skactive.utils._labels import is_missing
from skactive.utils._models import (
    has_method,
    refuse_dense,
    refuse_regressor,
    refuse_without_labels,
    steps_and_last,
)
from skactive.utils._pool import naming_rows, reads_pools
from skactive.utils._probabilities import check_probabilities

TOLERANCE = 1e-3  # as of distributions, whose sums may miss 1 by as much

#: To so many bits two sides of a vote are compared, of 53.
BITS = 40

#: What models of one label say where they are given several, and of one never seen.
MODEL_ERRORS = {
    "1d array": "takes one label for each sample. For several",
    "2 classes": "needs each label to be there in some labeled samples and to be "
    "absent in others. For one that was never seen",
}


def check_label_probabilities(proba):
    """Return probabilities of labels as a float array, checked.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_labels)
        The probability that a sample has a label; a row need not sum to 1.

    Returns
    -------
    proba : ndarray of float32 or float64
        The same array if it is one of these already and within 0 and 1. Half precision
        becomes float32, anything else float64; what rounding brought out of the range
        is brought back.

    Raises
    ------
    ValueError
        If there are not two axes and one label or more, or if a number is NaN or no
        probability. The message names the first such row.

    Examples
    --------
    >>> from skactive.utils._label_probabilities import check_label_probabilities
    >>> check_label_probabilities([[0.9, 0.8], [0, 0]])
    array([[0.9, 0.8],
           [0. , 0. ]])
    """
    proba = np.asarray(proba)
    if proba.dtype not in (np.float32, np.float64):
        proba = proba.astype(np.float32 if proba.dtype == np.float16 else np.float64)
    if proba.ndim != 2 or proba.shape[1] == 0:
        raise ValueError(
            "Probabilities of labels must have the shape (n_samples, n_labels), with "
            f"one label or more; got {proba.shape}."
        )
    if proba.size == 0:
        return proba
    low, high = proba.min(), proba.max()
    if not (low >= -TOLERANCE and high <= 1 + TOLERANCE):  # NaN too
        bad = ~((proba >= -TOLERANCE) & (proba <= 1 + TOLERANCE)).all(axis=1)
        row = int(np.flatnonzero(bad)[0])
        error = ValueError(
            f"Row {row} of the probabilities of labels is {proba[row]}: each must lie "
            "between 0 and 1, as predict_proba returns them."
        )
        error.row = row  # for those who asked about a block of a pool
        raise error
    return np.clip(proba, 0, 1) if low < 0 or high > 1 else proba


def label_margins(proba):
    """Return how much more probable it is that a label is there than that it is not.

    Parameters
    ----------
    proba : ndarray of float32 or float64 of shape (...)
        Checked probabilities.

    Returns
    -------
    margins : ndarray of shape (...)
        ``2 p - 1``, in the dtype of ``proba``. Votes of 4 to 5 and of 5 to 4 are as far
        from 0, though 4 / 9 and 1 - 5 / 9 differ in the last bit: rounding would prefer
        one side wherever samples tie.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._label_probabilities import label_margins
    >>> margins = label_margins(np.array([[4, 5]]) / 9)
    >>> bool(margins[0, 0] == -margins[0, 1])
    True
    """
    least = np.minimum(proba, 1 - proba)
    if proba.dtype == np.float64:
        mantissa, exponent = np.frexp(least)
        mantissa *= 2.0**BITS
        exponent -= BITS
        np.ldexp(np.rint(mantissa, out=mantissa), exponent, out=least)
        del mantissa, exponent
    # In this order as the difference of two classes: with one label, to the same bit.
    margins = 1 - least
    margins -= least
    return np.copysign(margins, np.subtract(proba, 0.5, out=least), out=margins)


def label_probabilities(model, X, n_labels=None):
    """Return how probable each label of a sample is to a model.

    Parameters
    ----------
    model : fitted classifier
        One that was given several labels for each sample, in a frozen model, a search
        or a pipeline or not; or one class for each.
    X : array-like of shape (n_samples, ...)
        Samples.
    n_labels : int or None, default=None
        How many labels the model learned, the width of its ``y``. None: it learned one
        class for each sample, and classes are labels of which each sample has one. Of
        two classes, the second is the one label.

    Returns
    -------
    proba : ndarray of float32 or float64 of shape (n_samples, n_labels)
        A label that was there in no training sample has probability 0 to a model that
        left it out, one that was there in all of them has 1.

    Raises
    ------
    ValueError
        If the model answers for another number of labels, with more than two classes
        for a label, or with what are no probabilities.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skactive.utils._label_probabilities import label_probabilities
    >>> X, y = [[0.0], [1.0]], [[0, 1], [1, 1]]
    >>> tree = DecisionTreeClassifier().fit(X, y)
    >>> label_probabilities(tree, X, 2).tolist()
    [[0.0, 1.0], [1.0, 1.0]]
    """
    if n_labels is None:
        return _of_classes(model, X)
    answer, classes = _answer(model, X)
    if isinstance(answer, (list, tuple)) or np.ndim(answer) == 3:
        columns = [_column(part, k, classes, model) for k, part in enumerate(answer)]
        answer = np.stack(columns, axis=1) if columns else np.empty((0, 0))
    proba = check_label_probabilities(answer)
    if proba.shape[1] != n_labels:
        raise ValueError(
            f"y has {n_labels} labels for each sample, and predict_proba of {model!r} "
            f"answers for {proba.shape[1]}. Give it the same labels in fit."
        )
    return proba


def _answer(model, X):
    """Return what a model answers for several labels, and the classes of each."""
    steps, last = steps_and_last(model)
    classes = getattr(model, "classes_", None)
    if not (isinstance(last, StackingClassifier) and isinstance(classes, list)):
        return model.predict_proba(X), classes
    # Its own answer is the first column for each label, that of its absence.
    for step in steps:
        X = step.transform(X)
    return last.final_estimator_.predict_proba(last.transform(X)), classes


def _column(part, k, classes, model):
    """Return how probable the k-th label is, of probabilities of it and its absence."""
    part = np.asarray(part)
    known = [0, 1] if part.ndim == 2 and part.shape[1] == 2 else None
    if isinstance(classes, (list, tuple)) and k < len(classes):
        known = np.asarray(classes[k]).tolist()
    if known is None or part.ndim != 2 or part.shape[1] != len(known):
        raise ValueError(
            f"predict_proba of {model!r} must return one column for each class of a "
            f"label, and says what they are in classes_; got shape {part.shape} for "
            f"label {k}."
        )
    if not set(known) <= {0, 1}:
        raise ValueError(
            f"Label {k} of {model!r} has the classes {known}, and strategies that ask "
            "for sets of labels need 0 and 1: absent or there. Make each class one "
            "label, as sklearn.preprocessing.OneHotEncoder does."
        )
    return part[:, known.index(1)] if 1 in known else np.zeros(len(part), part.dtype)


def _of_classes(model, X):
    """Return probabilities of classes as of labels."""
    proba = model.predict_proba(X)
    if isinstance(proba, (list, tuple)) or np.ndim(proba) != 2:
        raise ValueError(
            f"predict_proba of {model!r} answers for several labels, and y holds one "
            "class for each sample. Pass y of shape (n_samples, n_labels)."
        )
    proba = check_probabilities(proba)
    return proba[:, 1:] if proba.shape[1] == 2 else proba


def check_label_sets(y):
    """Return labels of shape (n_samples, n_labels) as a model is given them.

    Parameters
    ----------
    y : array-like of shape (n_samples, n_labels)
        1 where a sample has a label, 0 where not. A row of zeros is an answer.

    Returns
    -------
    y : ndarray
        The same array, or numbers in the place of objects.

    Raises
    ------
    ValueError
        For sparse matrices, and if an entry is missing or neither 0 nor 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._label_probabilities import check_label_sets
    >>> check_label_sets(np.array([[0, 1], [2, 0]]))
    Traceback (most recent call last):
        ...
    ValueError: y holds 2 in row 1: with several labels for each sample an entry is 1 \
where the label is there and 0 where not. Make each class of an output one label.
    """
    if sparse.issparse(y):
        raise ValueError(
            "y is a sparse matrix, which is not taken as labels: pass y.toarray()."
        )
    y = np.asarray(y)
    if y.dtype.kind == "b":
        return y
    missing = is_missing(y.ravel()).reshape(y.shape)
    if missing.any():
        row = int(np.flatnonzero(missing.any(axis=1))[0])
        how = "is missing" if missing[row].all() else "is missing in part"
        raise ValueError(
            f"Row {row} of y {how}: pass samples of which all labels are known as X "
            "and y, others as X_pool."
        )
    strange = ~np.isin(y, (0, 1))
    if strange.any():
        row, column = np.argwhere(strange)[0]
        raise ValueError(
            f"y holds {y[row].tolist()[column]!r} in row {row}: with several labels "
            "for each sample an entry is 1 where the label is there and 0 where not. "
            "Make each class of an output one label."
        )
    return y.astype(np.int64) if y.dtype.kind == "O" else y


def indicators(y, model):
    """Return which labels samples have, for one class each as for several labels.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_labels)
        Checked labels.
    model : fitted classifier
        As of :func:`label_probabilities`.

    Returns
    -------
    sets : ndarray of int8 of shape (n_samples, n_labels)
        1 where a sample has a label.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from skactive.utils._label_probabilities import indicators
    >>> y = ["no", "yes", "no"]
    >>> indicators(y, DummyClassifier().fit(y, y)).ravel().tolist()
    [0, 1, 0]
    """
    y = np.asarray(y)
    if y.ndim == 2:
        return y.astype(np.int8)
    classes = getattr(model, "classes_", None)
    classes = np.unique(y) if classes is None else np.asarray(classes)
    classes = classes[1:] if len(classes) == 2 else classes
    return (y[:, None] == classes).astype(np.int8)


def _is_set_of_names(answer):
    several = isinstance(answer, (list, tuple)) and len(answer) > 0
    named = several and all(isinstance(name, str) for name in answer)
    return named or isinstance(answer, (set, frozenset))


class LabelSetsMixin:
    """Serves models of several labels for each sample, and of one class."""

    response_method = "predict_proba"

    def _default_estimator(self):
        one = LogisticRegression()
        several = getattr(self, "_n_labels", None) is not None
        return OneVsRestClassifier(one) if several else one

    def _check_estimator(self, estimator):
        refuse_dense(self, estimator)
        if is_regressor(estimator):
            refuse_regressor(self, estimator)
        refuse_without_labels(self, estimator)
        if not has_method(estimator, "predict_proba"):
            raise ValueError(
                f"{type(self).__name__} needs an estimator with predict_proba, and "
                f"{estimator!r} does not have it. Take another one, or wrap what "
                "predicts one label, as in OneVsRestClassifier(CalibratedClassifierCV("
                "LinearSVC()))."
            )

    def _check_labeled(self, X, y):
        for names in y if hasattr(y, "__iter__") else ():
            if _is_set_of_names(names):
                raise ValueError(
                    f"y holds sets of names, such as {names!r}: pass one column for "
                    "each label, as sklearn.preprocessing.MultiLabelBinarizer makes "
                    "them."
                )
        return super()._check_labeled(X, y)

    def _check_known(self, y):
        kind = kind_of(y)
        if kind is not None:
            raise ValueError(
                f"{type(self).__name__} needs one class or several labels per sample, "
                f"and an answer in y is {kind.one}."
            )
        if getattr(y, "ndim", 1) != 1:
            return check_label_sets(y)
        return super()._check_known(y)

    @reads_pools
    def _fit(self, X, y, X_pool):
        self._n_labels = y.shape[1] if np.ndim(y) == 2 else None
        try:
            super()._fit(X, y, X_pool)
        except ValueError as error:
            found = [say for words, say in MODEL_ERRORS.items() if words in str(error)]
            if self._n_labels is None or not found:
                raise
            raise ValueError(
                f"{error}\n{self._wanted_estimator()!r} {found[0]}, wrap what predicts "
                "one label in sklearn.multiclass.OneVsRestClassifier."
            ) from error

    def _label_probabilities(self, X):
        check_is_fitted(self, "estimator_")
        return label_probabilities(self.estimator_, X, self._n_labels)

    def _pool_label_probabilities(self):
        """Return the probabilities of the pool, predicted a block at a time."""
        pool, parts = self._pool, []
        for block in pool.blocks(slices=False):
            with naming_rows(pool, block):
                parts.append(self._label_probabilities(block.X))
        return np.concatenate(parts)
