"""Ensembles whose members are a committee, and what those members are shown."""

import numpy as np
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import validate_data

from skactive.utils._bagging import bagged_members
from skactive.utils._models import (
    innermost,
    predictions,
    transforms,
    unfrozen,
    unwrapped,
)
from skactive.utils._shared_steps import after_shared_steps

# Named one by one: OneVsRestClassifier and boosting have estimators_, too, but each of
# those predicts something else.
FORESTS = (
    RandomForestClassifier,
    ExtraTreesClassifier,
    RandomForestRegressor,
    ExtraTreesRegressor,
)
BAGGING = (BaggingClassifier, BaggingRegressor)
ENSEMBLES = (*FORESTS, *BAGGING, VotingClassifier, VotingRegressor)


def as_members_see(model, X, unwrap=unfrozen):
    """Return samples as the members of an ensemble, at the end of pipelines, see them.

    Parameters
    ----------
    model : fitted ensemble or Pipeline
        What the members are in.
    X : array-like of shape (n_samples, ...)
        Samples as ``model`` sees them.
    unwrap : callable, default=unfrozen
        Opens what a model is in.

    Returns
    -------
    X : array-like of shape (n_samples, ...)
        After the steps of pipelines, and the ensemble's own checks.
    """
    while isinstance(model, Pipeline):
        for _, step in model.steps[:-1]:
            # What draws samples for training is passed over when predicting.
            if transforms(step):
                X = step.transform(X)
        model = unwrap(model[-1])
    # Members of forests and bagging were trained on bare arrays, and warn about
    # column names; the ensemble, which knows the names, checks them.
    if isinstance(model, FORESTS):
        checks = {"dtype": np.float32, "ensure_all_finite": "allow-nan"}
    elif isinstance(model, BAGGING):
        checks = {"dtype": None, "ensure_all_finite": False}
    else:
        return X
    return validate_data(model, X, reset=False, accept_sparse="csr", **checks)


def feature_subsets(ensemble, X):
    """Return which columns each member of a bagging ensemble sees; None: all."""
    if not isinstance(ensemble, BAGGING):
        return None
    everything = np.arange(X.shape[1])
    subsets = ensemble.estimators_features_
    if all(np.array_equal(subset, everything) for subset in subsets):
        return None  # spares a copy of the pool per member
    return subsets


class NumberCommittee:
    """Fitted regressors, and what each of them predicts.

    Parameters
    ----------
    members : list of regressors
        Fitted.
    model : ensemble or Pipeline, default=None
        The ensemble whose members they are, or a pipeline that ends in it. None: the
        members take samples as they come.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestRegressor
    >>> from skactive.utils._ensembles import NumberCommittee
    >>> forest = RandomForestRegressor(3, random_state=0).fit([[0], [1]], [0.0, 5.0])
    >>> NumberCommittee.of(forest, [[0], [1]], [0.0, 5.0]).predict([[0]]).shape
    (3, 1)
    """

    def __init__(self, members, model=None):
        self.members, self.model = members, model

    @classmethod
    def of(cls, model, X, y, X_pool=None, **settings):
        """Return the members of a fitted ensemble; of another regressor bagged copies.

        ``settings`` are those of :func:`~skactive.utils._bagging.bagged_members`.
        """
        ensemble = innermost(model, unwrapped)
        if isinstance(ensemble, ENSEMBLES):
            return cls(list(ensemble.estimators_), unwrapped(model))
        return cls(bagged_members(unfrozen(model), X, y, X_pool, **settings))

    def predict(self, X):
        """Return predictions of shape (n_members, n_samples), or with outputs last.

        Raises
        ------
        ValueError
            If members answer with other shapes than the first, or with NaN or infinity.
        """
        if self.model is None:
            members, X = after_shared_steps(self.members, X)
            subsets = None
        else:
            members = self.members
            X = as_members_see(self.model, X, unwrapped)
            subsets = feature_subsets(innermost(self.model, unwrapped), X)
        answers = None
        for k, member in enumerate(members):
            Z = X if subsets is None else X[:, subsets[k]]
            answer = predictions(member, Z)
            if answers is None:
                answers = np.empty((len(members), *answer.shape), answer.dtype)
            if answer.shape != answers.shape[1:] or not np.isfinite(answer).all():
                raise ValueError(
                    "Members of a committee must predict finite numbers of one shape, "
                    f"that of the first, {answers.shape[1:]}; {member!r} predicted "
                    f"numbers of shape {answer.shape}, of which "
                    f"{np.sum(~np.isfinite(answer))} are NaN or infinite."
                )
            answers[k] = answer
        return answers


def lends_members(model):
    """Tell whether a model is an ensemble whose members are a committee."""
    return isinstance(innermost(model), ENSEMBLES)


def is_frozen(model):
    """Tell whether a model, or the last step of a pipeline, is left as it is in fit."""
    while isinstance(model, Pipeline):
        model = model[-1]
    return isinstance(model, FrozenEstimator)


def refuse_frozen_last(model, *, lends=True):
    """Refuse a model whose copies would all be the same.

    ``lends``: an ensemble would lend its own members in their place.
    """
    inner = unfrozen(model)
    if is_frozen(inner):
        raise ValueError(
            f"The last step of {inner!r} is frozen: copies of it would all be the "
            "same, and never disagree. Pass the model unfrozen"
            f"{', or freeze an ensemble' if lends else ''}."
        )


def finite_numbers(owner, y):
    """Return labels of a regressor, or refuse what is no number, NaN or infinite."""
    y = np.asarray(y)
    # Complex ones are left to the model, which says the usual.
    if y.dtype.kind not in "biufc" or y.ndim not in (1, 2):
        raise ValueError(
            f"{type(owner).__name__} needs numbers as y, of shape (n_labeled,) or "
            f"(n_labeled, n_outputs), for a regressor; got {y.dtype} of shape "
            f"{y.shape}. Pass y.astype(float) if numbers are meant."
        )
    if not np.isfinite(y).all():
        raise ValueError(
            f"{type(owner).__name__} needs finite numbers as y, got "
            f"{np.sum(~np.isfinite(y))} that are NaN or infinite."
        )
    return y
