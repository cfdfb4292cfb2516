"""Fitting an estimator with its seed, and with the pool if it wants it."""

import inspect

import numpy as np
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.feature_selection import SelectorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state, get_tags

from skactive.utils._codes import fit_on_labels
from skactive.utils._pool import pool_for

MAX_SEED = np.iinfo(np.int32).max


def set_random_states(estimator, random_state):
    """Give every nested ``random_state`` of an estimator a seed of its own.

    Parameters
    ----------
    estimator : estimator object
        Changed in place. The inside of a ``FrozenEstimator`` is left alone.
    random_state : int or RandomState instance
        Where the seeds come from. One is drawn for each parameter whose name ends
        in ``random_state``, in alphabetical order of the names.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skactive.utils import set_random_states
    >>> pipe = make_pipeline(LogisticRegression())
    >>> set_random_states(pipe, 0)
    >>> pipe[-1].random_state
    209652396
    """
    rng, params = check_random_state(random_state), estimator.get_params(deep=True)
    seeds = {
        key: int(rng.randint(MAX_SEED))
        for key in sorted(params)
        if key == "random_state" or key.endswith("__random_state")
    }
    if type(estimator) is Pipeline:
        # Each step for itself: the pipeline would look at all parameters once more.
        of_steps = {}
        for key, seed in seeds.items():
            step, _, name = key.partition("__")
            of_steps.setdefault(step, {})[name] = seed
        for step, names in of_steps.items():
            params[step].set_params(**names)
    elif seeds:
        estimator.set_params(**seeds)


def seeded_clone(estimator, seed=None):
    """Return an unfitted copy, its nested random states set from ``seed``.

    Parameters
    ----------
    estimator : estimator object
        What to copy. A ``FrozenEstimator`` is returned as it is.
    seed : int, RandomState instance or None, default=None
        None leaves the random states as the user set them.

    Returns
    -------
    estimator : estimator object
        The copy.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skactive.utils import seeded_clone
    >>> seeded_clone(DecisionTreeClassifier(), seed=0).random_state
    209652396
    """
    estimator = clone(estimator)
    if seed is not None:
        set_random_states(estimator, seed)
    return estimator


def wants_pool(estimator):
    """Tell whether an estimator's ``fit`` takes ``X_pool``.

    Parameters
    ----------
    estimator : estimator object
        The estimator to ask.

    Returns
    -------
    wanted : bool
        True if its ``fit`` has a parameter of that name.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from skactive.utils import wants_pool
    >>> wants_pool(SVC())
    False
    """
    return "X_pool" in inspect.signature(estimator.fit).parameters


def fit_with_pool(estimator, X, y, X_pool=None, **params):
    """Fit an estimator, showing it the pool if its ``fit`` takes ``X_pool``.

    Parameters
    ----------
    estimator : estimator object
        Fitted in place, unless it refuses labels that have gaps, as XGBoost does.
    X : array-like of shape (n_samples, ...)
        Labeled samples.
    y : array-like of shape (n_samples,) or None
        Their labels.
    X_pool : array-like of shape (n_pool, ...) or None, default=None
        Unlabeled samples.
    **params : dict
        More arguments of ``fit``, such as ``sample_weight``.

    Returns
    -------
    estimator : estimator object
        The same, fitted; where it refuses 0 and 2 as labels, one that learns their
        positions among the labels, 0 and 1, and predicts 0 and 2.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> from skactive.utils import fit_with_pool
    >>> fit_with_pool(DummyClassifier(), [[0], [1]], [3, 3], [[2]]).classes_
    array([3])
    """
    if X_pool is not None and wants_pool(estimator):
        params["X_pool"] = pool_for(estimator.fit, X_pool)
    return fit_on_labels(estimator, X, y, **params)


def needs_labels(estimator):
    """Tell whether an estimator, or any step of a pipeline, must be given ``y``.

    Parameters
    ----------
    estimator : estimator object
        The estimator to ask.

    Returns
    -------
    needed : bool
        True if ``fit`` cannot do without ``y``.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    >>> from sklearn.pipeline import make_pipeline
    >>> from skactive.utils import needs_labels
    >>> needs_labels(PCA()), needs_labels(make_pipeline(LinearDiscriminantAnalysis()))
    (False, True)
    """
    parts = _parts_of_transformer(estimator)
    if parts is not None:  # the tags of a Pipeline do not say it
        return any(map(needs_labels, parts))
    if get_tags(estimator).target_tags.required:
        return True
    if isinstance(estimator, FrozenEstimator):  # its fit does nothing
        return False
    if is_classifier(estimator) or is_regressor(estimator):  # PLS of scikit-learn 1.6
        return True
    if callable(getattr(estimator, "score_func", None)):  # of SelectKBest
        return _requires_y(estimator.score_func)
    if isinstance(estimator, SelectorMixin) and hasattr(estimator, "estimator"):
        prefit = getattr(estimator, "prefit", False)  # of SelectFromModel
        return not prefit and needs_labels(estimator.estimator)
    # A transformer may say so by the signature of its fit alone.
    return _requires_y(estimator.fit)


def learns_nothing(transformer):
    """Tell whether the fit of a transformer is the same on any rows.

    Parameters
    ----------
    transformer : transformer
        The transformer to ask, or a pipeline of such.

    Returns
    -------
    nothing : bool
        True if it need not be fitted, is frozen, or says so by an attribute
        ``learns_nothing``; of a pipeline, if that holds for each step.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer, StandardScaler
    >>> from skactive.utils._fitting import learns_nothing
    >>> learns_nothing(Normalizer()), learns_nothing(make_pipeline(StandardScaler()))
    (True, False)
    """
    if isinstance(transformer, Pipeline):
        return all(learns_nothing(step) for _, step in transformer.steps)
    if transformer in (None, "passthrough") or isinstance(transformer, FrozenEstimator):
        return True
    said = getattr(transformer, "learns_nothing", None)
    return not get_tags(transformer).requires_fit if said is None else bool(said)


def _parts_of_transformer(estimator):
    """Return the parts of a pipeline, a union, or a ColumnTransformer; else None."""
    for name in ("steps", "transformer_list", "transformers"):
        parts = getattr(estimator, name, None)
        if isinstance(parts, (list, tuple)):
            return [part[1] for part in parts if hasattr(part[1], "fit")]
    return None


def _requires_y(function):
    y = inspect.signature(function).parameters.get("y")
    return y is not None and y.kind is y.POSITIONAL_OR_KEYWORD and y.default is y.empty
