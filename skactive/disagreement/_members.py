"""Where a committee comes from, and how its members are heard."""

import numpy as np
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, indexable
from sklearn.utils.validation import validate_data

from skactive.utils import fit_with_pool, seeded_clone
from skactive.utils._fitting import MAX_SEED

# Named one by one: OneVsRestClassifier and boosting have estimators_, too, and each
# of those answers another question.
FORESTS = (RandomForestClassifier, ExtraTreesClassifier)
ENSEMBLES = (*FORESTS, BaggingClassifier, VotingClassifier)


class Committee:
    """Fitted classifiers, and how to make their answers comparable.

    Parameters
    ----------
    members : list of classifiers
        Fitted; each has ``classes_``.
    classes : ndarray of shape (n_classes,)
        Sorted; what the ``classes_`` of the members are part of.
    model : ensemble or Pipeline, default=None
        The ensemble whose members they are, or a pipeline that ends in it. None: the
        members take samples as they come.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.disagreement._members import Committee
    >>> forest = RandomForestClassifier(3, random_state=0).fit([[0], [1]], ["a", "b"])
    >>> Committee.lent_by(forest).predict_proba([[0], [1]]).shape
    (3, 2, 2)
    """

    def __init__(self, members, classes, model=None):
        self.members = members
        self.n_classes = len(classes)
        self.columns = [np.searchsorted(classes, m.classes_) for m in members]
        self.model = model

    @classmethod
    def lent_by(cls, model):
        """Return the committee inside a fitted ensemble."""
        ensemble = last_step(model)
        # Members are trained on codes, positions in the classes of the ensemble.
        codes = np.arange(len(ensemble.classes_))
        return cls(list(ensemble.estimators_), codes, thaw(model))

    @classmethod
    def bagged(cls, estimator, X, y, X_pool, *, n_members, seed):
        """Return a committee of copies, each trained on a bootstrap sample."""
        (X,) = indexable(X)  # CSR, where another sparse format has no rows
        y = np.asarray(y)
        seeds = np.random.RandomState(seed).randint(MAX_SEED, size=n_members)
        members = []
        for member_seed in seeds:
            rng = np.random.RandomState(member_seed)
            rows = bootstrap_rows(y, rng)
            member = seeded_clone(estimator, rng)
            X_rows = _safe_indexing(X, rows)
            members.append(fit_with_pool(member, X_rows, y[rows], X_pool))
        classes = np.unique(np.concatenate([m.classes_ for m in members]))
        return cls(members, classes)

    def predict_proba(self, X):
        """Return class probabilities of shape (n_members, n_samples, n_classes)."""
        return self._collect(X, lambda member, Z: member.predict_proba(Z))

    def votes(self, X):
        """Return one-hot predictions of shape (n_members, n_samples, n_classes)."""
        return self._collect(X, _one_hot_predictions)

    def _collect(self, X, ask):
        X = self._as_members_see(X)
        features = self._feature_subsets(X)
        answers = None
        for k, (member, columns) in enumerate(zip(self.members, self.columns)):
            Z = X if features is None else X[:, features[k]]
            answer = np.asarray(ask(member, Z))
            if answer.ndim != 2 or answer.shape[1] != len(columns):
                raise ValueError(
                    f"{member!r} has {len(columns)} classes in classes_ and answered "
                    f"with an array of shape {answer.shape}; one column per class is "
                    "needed."
                )
            if answers is None:
                shape = (len(self.members), len(answer), self.n_classes)
                dtype = answer.dtype if answer.dtype.kind == "f" else np.float64
                answers = np.zeros(shape, dtype=dtype)
            answers[k][:, columns] = answer
        return answers

    def _as_members_see(self, X):
        model = self.model
        while isinstance(model, Pipeline):
            if len(model) > 1:
                X = model[:-1].transform(X)
            model = thaw(model[-1])
        # Members of forests and bagging were trained on bare arrays, and warn about
        # column names; the ensemble, which knows the names, checks them.
        if isinstance(model, FORESTS):
            checks = {"dtype": np.float32, "ensure_all_finite": "allow-nan"}
        elif isinstance(model, BaggingClassifier):
            checks = {"dtype": None, "ensure_all_finite": False}
        else:
            return X
        return validate_data(model, X, reset=False, accept_sparse="csr", **checks)

    def _feature_subsets(self, X):
        ensemble = last_step(self.model)
        if not isinstance(ensemble, BaggingClassifier):
            return None
        everything = np.arange(X.shape[1])
        subsets = ensemble.estimators_features_
        if all(np.array_equal(subset, everything) for subset in subsets):
            return None  # a copy of the pool per member, for nothing
        return subsets


def thaw(model):
    """Return what is inside a ``FrozenEstimator``, or the model itself."""
    while isinstance(model, FrozenEstimator):
        model = model.estimator
    return model


def last_step(model):
    """Return the model at the end of a pipeline, or the model itself."""
    model = thaw(model)
    while isinstance(model, Pipeline):
        model = thaw(model[-1])
    return model


def has_members(model):
    """Tell whether a classifier is an ensemble whose members are a committee."""
    return isinstance(last_step(model), ENSEMBLES)


def bootstrap_rows(y, rng):
    """Draw rows with replacement until they hold two classes, if ``y`` does."""
    several = len(np.unique(y)) > 1
    while True:
        rows = rng.randint(len(y), size=len(y))
        if not several or (y[rows] != y[rows[0]]).any():
            return rows


def _one_hot_predictions(member, X):
    predictions = np.asarray(member.predict(X))
    return (predictions[:, None] == member.classes_).astype(np.float64)
