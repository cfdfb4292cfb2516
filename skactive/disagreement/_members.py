"""How a committee is made, and how its members are asked."""

from numbers import Integral

import numpy as np
from sklearn.base import is_regressor
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import BaseShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive.utils import fit_with_pool, seeded_clone
from skactive.utils._fit_params import cut_to_rows
from skactive.utils._fitting import MAX_SEED
from skactive.utils._models import (
    has_method,
    innermost,
    predictions,
    refuse_dense,
    refuse_regressor,
    refuse_without_labels,
    transforms,
    unfrozen,
)
from skactive.utils._rows import take_rows, with_rows

# Named one by one: OneVsRestClassifier and boosting have estimators_, too, but each of
# those predicts something else.
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
        # An ensemble trains its members on codes, positions in its classes; frozen
        # members predict labels, as a copy made here does.
        codes = classes if model is None else np.arange(len(classes))
        self.columns = [
            _columns(m, classes if is_frozen(m) else codes) for m in members
        ]
        self.model = model

    @property
    def knows_probabilities(self):
        """Whether all members have ``predict_proba``."""
        return all(hasattr(member, "predict_proba") for member in self.members)

    @classmethod
    def lent_by(cls, model):
        """Return the committee inside a fitted ensemble."""
        ensemble = innermost(model)
        return cls(list(ensemble.estimators_), ensemble.classes_, unfrozen(model))

    @classmethod
    def bagged(cls, estimator, X, y, X_pool, *, n_members, seed, params=None):
        """Return a committee of copies, each trained on a bootstrap sample."""
        X = with_rows(X)  # to CSR: other sparse formats have no rows
        y = np.asarray(y)
        seeds = np.random.RandomState(seed).randint(MAX_SEED, size=n_members)
        members, least = [], least_of_a_class(estimator)
        for member_seed in seeds:
            rng = np.random.RandomState(member_seed)
            rows = bootstrap_rows(y, rng, least)
            member = seeded_clone(estimator, rng)
            X_rows = take_rows(X, rows)
            beside = cut_to_rows(X, params, rows)
            try:
                member = fit_with_pool(member, X_rows, y[rows], X_pool, **beside)
            except ValueError as error:
                if not least:
                    raise
                raise _with_advice(error, y[rows], least) from error
            members.append(member)
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
            for _, step in model.steps[:-1]:
                # What draws samples for training is passed over when predicting.
                if transforms(step):
                    X = step.transform(X)
            model = unfrozen(model[-1])
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
        ensemble = innermost(self.model)
        if not isinstance(ensemble, BaggingClassifier):
            return None
        everything = np.arange(X.shape[1])
        subsets = ensemble.estimators_features_
        if all(np.array_equal(subset, everything) for subset in subsets):
            return None  # spares a copy of the pool per member
        return subsets


class MembersAtOnce(Committee):
    """The members of a model that answers for all of them in one call."""

    knows_probabilities = True

    def __init__(self, model):
        last = innermost(model)
        self.members, self.n_classes = [last], len(last.classes_)
        self.model = unfrozen(model)

    def predict_proba(self, X):
        """Return class probabilities of shape (n_members, n_samples, n_classes)."""
        return innermost(self.model).predict_proba_members(self._as_members_see(X))


class CommitteeMixin:
    """Fits a committee; `_members_proba` returns what its members predict.

    One rule for all strategies: a model that answers for its members is asked directly,
    an ensemble lends its members, and of any other classifier copies are bagged.
    """

    _without_proba = "Count votes by QueryByCommittee"

    def _fit(self, X, y, X_pool):
        if y is not None:
            y = column_or_1d(y)
        super()._fit(X, y, X_pool)
        if speaks_for_members(self.estimator_):
            self._committee = MembersAtOnce(self.estimator_)
        elif has_members(self.estimator_):
            self._committee = Committee.lent_by(self.estimator_)
            self._check_members(self._committee.members)
        else:
            self._committee = Committee.bagged(
                unfrozen(self.estimator_),
                X,
                y,
                X_pool,
                n_members=self.n_members,
                params=self._params_of(unfrozen(self.estimator_), y),
                # Members need seeds also where the user asked for none.
                seed=self._query_seed if self._fit_seed is None else self._fit_seed,
            )
        self.members_ = self._committee.members

    def _members_proba(self, X):
        """Return probabilities of shape (n_members, n_samples, n_classes)."""
        check_is_fitted(self)
        return self._committee.predict_proba(X)

    def _validate_params(self):
        if isinstance(self.estimator, (list, tuple, dict, set)):
            raise TypeError(
                f"{type(self).__name__} takes one estimator, not a "
                f"{type(self.estimator).__name__}. A committee of different models is "
                "a sklearn.ensemble.VotingClassifier([(name, model), ...]); models "
                "that are fitted already come in sklearn.frozen.FrozenEstimator."
            )
        super()._validate_params()

    def _check_estimator(self, estimator):
        refuse_dense(self, estimator)
        super()._check_estimator(estimator)
        refuse_without_labels(self, estimator)
        if is_regressor(estimator):
            refuse_regressor(self, estimator)
        if has_members(estimator) or speaks_for_members(estimator):
            return
        self._check_members([estimator])
        inner = unfrozen(estimator)
        if is_frozen(inner):
            raise ValueError(
                f"The last step of {inner!r} is frozen: copies of it would all be "
                "the same, and never disagree. Pass the model unfrozen, or freeze an "
                "ensemble."
            )

    def _check_members(self, members):
        for member in members:
            if not has_method(member, "predict_proba"):
                raise ValueError(
                    f"{type(self).__name__} needs members with predict_proba, and "
                    f"{member!r} does not have it. {self._without_proba}, or wrap it "
                    "in sklearn.calibration.CalibratedClassifierCV."
                )


def is_frozen(model):
    """Tell whether a model, or the last step of a pipeline, is left as it is in fit."""
    while isinstance(model, Pipeline):
        model = model[-1]
    return isinstance(model, FrozenEstimator)


def has_members(model):
    """Tell whether a classifier is an ensemble whose members are a committee."""
    return isinstance(innermost(model), ENSEMBLES)


def speaks_for_members(model):
    """Tell whether a classifier answers for a committee inside, as nets do."""
    return hasattr(innermost(model), "predict_proba_members")


def least_of_a_class(estimator):
    """Return how many samples of each class a model needs for its parts.

    Such are folds of a calibration, and the neighbors of samplers that make new samples
    of those of a class.
    """
    params = estimator.get_params()
    needs = [_folds(v) for k, v in params.items() if k.rpartition("__")[2] == "cv"]
    for part in (estimator, *params.values()):
        if hasattr(part, "fit_resample") and not isinstance(part, (Pipeline, type)):
            needs.append(_neighbors_of_a_sample(part))
    return max(needs, default=0)


def _folds(cv):
    """Return how many members of each class a cross-validation needs at least.

    Of lists of splits, and of splitters that do not look at classes, nothing is known.
    """
    if cv is None:
        return 5
    if isinstance(cv, (BaseShuffleSplit, float)):
        return 2
    cv = getattr(cv, "cvargs", {}).get("n_splits", cv)  # of a repeated one
    cv = getattr(cv, "n_splits", cv)
    return int(cv) if isinstance(cv, Integral) else 0


def _neighbors_of_a_sample(sampler):
    """Return how many samples of a class a sampler looks at, the sample included."""
    if hasattr(sampler, "smote"):  # one made of two, whose default is SMOTE()
        default = 6 if sampler.smote is None else 0
        return max(default, _neighbors_of_a_sample(sampler.smote))
    for name in ("k_neighbors", "n_neighbors"):
        k = getattr(sampler, name, None)
        if k is not None:
            k = getattr(k, "n_neighbors", k)
            # A finder of neighbors counts the sample itself.
            return int(k) + (k is getattr(sampler, name))
    return 0


def bootstrap_rows(y, rng, least=0):
    """Draw rows with replacement until they hold two classes, if ``y`` does.

    Where fewer than ``least`` of a class were drawn, more of it are. If ``y`` itself
    holds fewer, the sample has as many of each class as ``y``, which served the model
    that was fitted on all: of equal classes, SMOTE makes no samples.
    """
    labels, counts = np.unique(y, return_counts=True)
    if len(labels) > 1 and counts.min() < least:
        of_classes = (np.flatnonzero(y == label) for label in labels)
        return np.concatenate([rng.choice(rows, len(rows)) for rows in of_classes])
    rows = _drawn_rows(y, rng)
    for label in labels if least else ():
        lacking = least - np.count_nonzero(y[rows] == label)
        if lacking > 0:
            rows = np.append(rows, rng.choice(np.flatnonzero(y == label), lacking))
    return rows


def _with_advice(error, y, least):
    """Return an error that says what a bootstrap has to do with it."""
    labels, counts = np.unique(y, return_counts=True)
    return ValueError(
        f"{error} This is of a member of the committee, which learns from a bootstrap "
        f"sample: some rows twice, and {counts.min()} of "
        f"{labels[counts.argmin()].item()!r}, the rarest class. Begin with more "
        f"labels, or lower what the model wants, up to {least} of each class: cv, or "
        "the neighbors of a sampler; or take another sampler, such as "
        "RandomOverSampler."
    )


def _drawn_rows(y, rng):
    several = len(np.unique(y)) > 1
    while True:
        rows = rng.randint(len(y), size=len(y))
        if not several or (y[rows] != y[rows[0]]).any():
            return rows


def _columns(member, classes):
    """Return where the classes of a member are among those of the committee."""
    columns = np.searchsorted(classes, member.classes_)
    columns = np.minimum(columns, len(classes) - 1)
    if not np.array_equal(classes[columns], member.classes_):
        raise ValueError(
            f"{member!r} knows the classes {member.classes_}, and the committee "
            f"{classes}. Fit all members, and the ensemble, on labels of one kind; "
            "each class that a member knows must be among the labeled samples."
        )
    return columns


def _one_hot_predictions(member, X):
    predicted = predictions(member, X)
    return (predicted[:, None] == member.classes_).astype(np.float64)
