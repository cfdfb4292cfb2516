"""Steps that several models begin with, taken once for all of them."""

import numpy as np
from sklearn.pipeline import Pipeline

from skactive.utils._embedding import embed_pool
from skactive.utils._fitting import learns_nothing
from skactive.utils._models import chained, transforms, unfrozen


def after_shared_steps(models, X):
    """Take the first steps of models once, where they are the same for all.

    Pictures are then read once, and not once for each model that looks at them.

    Parameters
    ----------
    models : list of fitted estimators
        Frozen ones are opened; None stands for one that takes samples as they are.
    X : array-like of shape (n_samples, ...)
        Samples.

    Returns
    -------
    models : list of fitted estimators
        Without these steps: None for a transformer of which nothing is left.
    X : array-like of shape (n_samples, ...)
        What the steps make of the samples: in memory at once, as in each model.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer
    >>> from skactive.utils._shared_steps import after_shared_steps
    >>> X, y = np.array([[3.0, 4.0], [0.0, 2.0]]), [0, 1]
    >>> model = make_pipeline(Normalizer(), LogisticRegression()).fit(X, y)
    >>> after_shared_steps([model, Normalizer()], X)[0]
    [LogisticRegression(), None]
    """
    shared, rest = shared_steps(models)
    return (rest, shared.transform(X)) if shared is not None else (models, X)


def shared_steps(models):
    """Return the first steps that models share, and the models without them.

    Parameters
    ----------
    models : list of fitted estimators or None
        As of :func:`after_shared_steps`.

    Returns
    -------
    shared : fitted transformer or None
        None if they share nothing that learns nothing.
    rest : list of fitted estimators or None
        The models, or what is left of them.
    """
    steps = [_steps(model) for model in models]
    shared = []
    while all(steps) and all(_same(each[0], steps[0][0]) for each in steps):
        shared.append(steps[0][0])
        steps = [each[1:] for each in steps]
    if not shared:
        return None, models
    return chained(shared), [chained(each) for each in steps]


def seen_once(model, embedding, X_pool, owner):
    """Return what a model makes of a pool, and predicts, if one pass gives both.

    Parameters
    ----------
    model : fitted classifier
        Maybe frozen.
    embedding : fitted transformer
        The model, or its steps before the last.
    X_pool : Pool or array-like of shape (n_pool, ...)
        The samples.
    owner : strategy
        Who asks, for error messages.

    Returns
    -------
    seen : tuple (Z, proba) or None
        Rows of ``embed_pool`` and of ``predict_proba``. None for an embedding that is
        no part of the model.
    """
    shared, (last, left) = shared_steps([model, embedding])
    if shared is None or (left is not None and left is not last):
        return None
    both = _Both(shared, last, left)
    Z = embed_pool(both, X_pool, owner=owner)
    return Z, np.concatenate(both.proba)


class _Both:
    """Embeds by a model, block by block, and keeps what it predicts of them."""

    def __init__(self, shared, last, left):
        self.shared, self.last, self.left = shared, last, left
        self.proba = []

    def transform(self, X):
        X = self.shared.transform(X)
        if self.left is not None and hasattr(self.last, "predict_with_embedding"):
            proba, Z = self.last.predict_with_embedding(X)
        else:
            proba = np.asarray(self.last.predict_proba(X))
            Z = X if self.left is None else self.left.transform(X)
        self.proba.append(proba)
        return Z


def _steps(model):
    """Return the steps of a model, of which those may be taken that learn nothing."""
    model = unfrozen(model)
    if model is None:
        return []
    if not isinstance(model, Pipeline):
        return [model]
    parts = [step for _, step in model.steps if transforms(step)]
    return [inner for part in parts for inner in _steps(part)]


def _same(step, other):
    """Tell whether two steps are one, or do the same and have not learned it."""
    if type(step) is not type(other) or not hasattr(step, "transform"):
        return False
    if hasattr(step, "predict"):
        return False
    if step is other:
        return True
    if not learns_nothing(step):
        return False
    mine, theirs = (part.get_params(deep=False) for part in (step, other))
    try:
        return all(mine[k] is theirs[k] or bool(mine[k] == theirs[k]) for k in mine)
    except ValueError:  # arrays
        return False
