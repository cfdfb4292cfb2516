"""Which labels to look at again."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.base import is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils import Bunch, check_consistent_length, column_or_1d

from skactive.utils import check_probabilities, is_missing, natural_labels, seeded_clone
from skactive.utils._codes import fit_on_labels
from skactive.utils._label_sets import in_columns
from skactive.utils._models import has_method, predictions
from skactive.utils._rows import take_rows, with_rows


def suspect_labels(estimator, X, y, *, cv=5, missing_label=None, random_state=None):
    """Rank labels by how little a model expects them that has not seen them.

    Cross-validation: each label is compared with what models say that were fitted on
    others. High on the list are slips of the hand, and samples that are hard or odd.

    Parameters
    ----------
    estimator : classifier or regressor
        The model; a copy of it is fitted for each fold. A classifier has
        ``predict_proba``.
    X : array-like of shape (n_samples, ...)
        Samples.
    y : array-like of shape (n_samples,)
        Their labels. Missing ones are passed over, so ``labels_`` of an
        :class:`~skactive.ActiveLearner` will do.
    cv : int or cross-validation generator, default=5
        Number of folds, drawn at random (of classes: stratified), fewer where the
        largest class has fewer members; or an object with ``split`` that is given the
        labeled samples.
    missing_label : object, default=None
        What an absent label looks like. None: None, NaN, NaT and pandas.NA.
    random_state : int, RandomState instance or None, default=None
        Seeds the folds and the copies of the model.

    Returns
    -------
    suspects : Bunch
        ``rows`` : ndarray of intp of shape (n_checked,), the rows that were checked,
        most suspect first. ``loss`` : ndarray of float64 of shape (n_samples,): minus
        the log of the probability of the label, of a regressor the absolute error; NaN
        where there is no label, or none could be checked. ``expected`` : ndarray of
        shape (n_checked,), what the model predicts for ``rows``.

    Raises
    ------
    ValueError
        If there are fewer than two labels, if the estimator is frozen or has no
        ``predict_proba``, or if no label could be checked.

    See Also
    --------
    skactive.compose.OutlierFilter : Sets samples aside that are like no others.

    Notes
    -----
    A label of a class with no second member cannot be checked: the model does not know
    the class. Strategies ask for what is hard, so after active learning much of what is
    high on the list is right all the same: look at it, and delete nothing unseen.

    Cost: a fit of the model for each fold, and one prediction of each labeled sample.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skactive.inspection import suspect_labels
    >>> X, y = load_iris(return_X_y=True)
    >>> y[[3, 60]] = 2, 0  # two slips
    >>> suspects = suspect_labels(GaussianNB(), X, y, random_state=0)
    >>> sorted(suspects.rows[:2].tolist()), sorted(suspects.expected[:2].tolist())
    ([3, 60], [0, 1])
    """
    _check_estimator(estimator)
    check_consistent_length(X, y)
    if in_columns(y, missing_label):
        raise ValueError(
            f"suspect_labels checks one label per row, and y has the shape "
            f"{np.shape(y)}. Check the columns one by one: y[:, 0] with a model of one "
            "label, such as the one inside OneVsRestClassifier."
        )
    missing = is_missing(y, missing_label)
    known = np.flatnonzero(~missing)
    if len(known) < 2:
        raise ValueError(f"suspect_labels needs two labels or more, got {len(known)}.")
    X = take_rows(with_rows(X), known)
    y = column_or_1d(natural_labels(np.asarray(y, dtype=object)[known]))
    losses, expected = np.full(len(y), np.nan), np.empty(len(y), dtype=y.dtype)
    for train, test in _folds(estimator, cv, X, y, random_state):
        model = seeded_clone(estimator, random_state)
        model = fit_on_labels(model, take_rows(X, train), y[train])
        X_test = take_rows(X, test)
        expected[test] = predictions(model, X_test)
        losses[test] = _losses(model, X_test, y[test], expected[test])
    checked = np.flatnonzero(~np.isnan(losses))
    if not len(checked):
        raise ValueError(
            "No label could be checked: no class has a second member, or cv leaves no "
            "label out."
        )
    order = checked[np.argsort(-losses[checked], kind="stable")]
    loss = np.full(len(missing), np.nan)
    loss[known] = losses
    return Bunch(rows=known[order], loss=loss, expected=expected[order])


def _check_estimator(estimator):
    if isinstance(estimator, FrozenEstimator):
        raise ValueError(
            f"{estimator!r} is frozen, and has seen the labels: suspect_labels fits "
            "copies on others. Pass the model that is inside."
        )
    if not is_regressor(estimator) and not has_method(estimator, "predict_proba"):
        raise ValueError(
            f"suspect_labels needs a classifier with predict_proba, or a regressor; "
            f"got {estimator!r}. CalibratedClassifierCV gives a classifier one."
        )


def _folds(estimator, cv, X, y, random_state):
    """Yield what is learned from and what is checked, as positions of labels."""
    if hasattr(cv, "split") and not isinstance(cv, str):
        yield from cv.split(X, y)
        return
    if isinstance(cv, (bool, np.bool_)) or not isinstance(cv, Integral) or cv < 2:
        raise ValueError(
            "cv of suspect_labels must be a whole number of at least 2, or an object "
            f"with split; got {cv!r}."
        )
    settings = {"shuffle": True, "random_state": random_state}
    if is_regressor(estimator):
        yield from KFold(min(cv, len(y)), **settings).split(y)
        return
    most = np.unique(y, return_counts=True)[1].max()
    with warnings.catch_warnings():  # small classes are in fewer folds, as they must
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        folds = StratifiedKFold(max(2, min(cv, most)), **settings)
        yield from list(folds.split(y, y)) if most > 1 else ()


def _losses(model, X, y, expected):
    """Return how little a model expects labels; NaN of classes it does not know."""
    if is_regressor(model):
        return np.abs(expected - y)
    proba = check_probabilities(model.predict_proba(X))
    column = {label: i for i, label in enumerate(model.classes_)}
    columns = np.array([column.get(label, -1) for label in y])
    own = proba[np.arange(len(y)), columns]
    losses = -np.log(np.maximum(own, np.finfo(own.dtype).tiny, dtype=own.dtype))
    return np.where(columns < 0, np.nan, losses)
