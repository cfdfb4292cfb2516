"""How a committee is made, and how its members are asked."""

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted

from skactive.disagreement._map_members import SUMS, MapCommittee
from skactive.utils._bagging import bagged_members
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers, kind_of
from skactive.utils._ensembles import (
    NumberCommittee,
    as_members_see,
    feature_subsets,
    finite_numbers,
    is_frozen,
    lends_members,
    refuse_frozen_last,
)
from skactive.utils._models import (
    has_method,
    innermost,
    predictions,
    refuse_dense,
    refuse_regressor,
    refuse_without_labels,
    unfrozen,
)
from skactive.utils._pool import reads_pools
from skactive.utils._posterior import unit_of
from skactive.utils._shared_steps import after_shared_steps
from skactive.utils._units import units_kind


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
    def of(cls, members):
        """Return the committee of fitted copies of one model."""
        return cls(members, np.unique(np.concatenate([m.classes_ for m in members])))

    def predict_proba(self, X):
        """Return class probabilities of shape (n_members, n_samples, n_classes)."""
        return self._collect(X, lambda member, Z: member.predict_proba(Z))

    def votes(self, X):
        """Return one-hot predictions of shape (n_members, n_samples, n_classes)."""
        return self._collect(X, _one_hot_predictions)

    def _collect(self, X, ask):
        # What copies of a pipeline read, such as pictures, is read once for all.
        copies = self.model is None and len(self.members) > 1
        members, X = (
            after_shared_steps(self.members, X)
            if copies
            else (self.members, as_members_see(self.model, X))
        )
        features = feature_subsets(innermost(self.model), X)
        answers = None
        for k, (member, columns) in enumerate(zip(members, self.columns)):
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


class MembersAtOnce(Committee):
    """The members of a model that answers for all of them in one call."""

    knows_probabilities = True

    def __init__(self, model):
        last = innermost(model)
        self.members, self.n_classes = [last], len(last.classes_)
        self.model = unfrozen(model)

    def predict_proba(self, X):
        """Return class probabilities of shape (n_members, n_samples, n_classes)."""
        return innermost(self.model).predict_proba_members(
            as_members_see(self.model, X)
        )


class CommitteeMixin:
    """Fits a committee; `_members_proba` returns what its members predict.

    One rule for all strategies: a model that answers for its members is asked directly,
    an ensemble lends its members, and of any other classifier copies are bagged.
    """

    _without_proba = "Count votes by QueryByCommittee"

    #: Whether pixels can be compared, one by one: by ``aggregate``, a parameter.
    _compares_pixels = False

    #: Whether regressors are served, whose members predict numbers.
    _takes_numbers = False

    takes_columns = False

    @property
    def blockwise(self):
        """Whether samples are scored by themselves: dropout draws as it goes along."""
        return not isinstance(self._committee, MembersAtOnce)

    @reads_pools
    def _fit(self, X, y, X_pool):
        model = self._wanted_estimator()
        self._check_estimator(model)  # before a look at y
        numbers = is_regressor(model)
        masks = not numbers and self._compares_pixels and self._answers_by_masks(y)
        if numbers:
            y = finite_numbers(self, y)
        elif y is not None and not masks:
            y = column_or_1d(y)
        super()._fit(X, y, X_pool)
        model = self.estimator_
        settings = {
            "n_members": self.n_members,
            "params": self._params_of(unfrozen(model), y),
            # Members need seeds also where the user asked for none.
            "seed": self._query_seed if self._fit_seed is None else self._fit_seed,
        }
        if numbers:
            self._unit = unit_of(y)
            self._committee = NumberCommittee.of(model, X, y, X_pool, **settings)
        elif not (speaks_for_members(model) or lends_members(model)):
            kind = MapCommittee if masks else Committee.of
            members = bagged_members(unfrozen(model), X, y, X_pool, **settings)
            self._committee = kind(members)
        elif masks:
            self._committee = MapCommittee.lent_by(model)
        elif speaks_for_members(model):
            self._committee = MembersAtOnce(model)
        else:
            self._committee = Committee.lent_by(model)
            self._check_members(self._committee.members)
        self.members_ = self._committee.members

    def _answers_by_masks(self, y):
        model = self._wanted_estimator()
        if is_classifier(model):
            return False
        return units_kind(model) is MaskAnswers or (
            y is not None and kind_of(y) is MaskAnswers
        )

    def _scores(self, X, measure):
        """Return a measure of disagreement: of samples, or of pixels, aggregated."""
        check_is_fitted(self)
        if not self._sees_maps:
            return measure(self._committee.predict_proba(X))
        self._check_measure(measure)
        how = "mean" if self.aggregate is None else self.aggregate
        return self._committee.scores(X, measure, how)

    @property
    def _sees_numbers(self):
        return isinstance(getattr(self, "_committee", None), NumberCommittee)

    @property
    def _sees_maps(self):
        return isinstance(getattr(self, "_committee", None), MapCommittee)

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
        masks = self._check_kind(estimator)
        super()._check_estimator(estimator)
        refuse_without_labels(self, estimator)
        numbers = is_regressor(estimator)
        if numbers and not self._takes_numbers:
            refuse_regressor(self, estimator)
        if lends_members(estimator) or speaks_for_members(estimator):
            return
        if not masks and not numbers:
            self._check_members([estimator])
        refuse_frozen_last(estimator)

    def _check_kind(self, estimator):
        """Refuse a model whose answers cannot be compared; tell if they are masks."""
        kind = units_kind(estimator)
        if kind is BoxAnswers and self._compares_pixels:
            raise ValueError(
                f"{type(self).__name__} needs a model that gives each sample one "
                f"class, or each pixel: of {estimator!r} each member would find boxes "
                "of its own, which are not those of another. EntropySampling, CALD and "
                "LocalizationStability ask one detector."
            )
        if kind is not MaskAnswers or not self._compares_pixels:
            refuse_dense(self, estimator)
            aggregate = getattr(self, "aggregate", None)
            if aggregate is not None and is_classifier(estimator):
                raise ValueError(
                    f"aggregate={aggregate!r} of {type(self).__name__} is for models "
                    f"that predict masks, and {estimator!r} is a classifier, whose "
                    "samples have one unit each. Leave it at None."
                )
            return False
        self._check_measure(getattr(self, "disagreement", None))
        if not has_method(estimator, "predict_proba"):
            raise ValueError(
                f"{type(self).__name__} needs members with predict_proba, which "
                f"returns a map for each class, and {estimator!r} does not have it."
            )
        return True

    def _check_measure(self, measure):
        if measure is not None and measure not in SUMS:
            raise ValueError(
                f"disagreement={measure!r} of {type(self).__name__} would need the "
                "maps of all members at once, which is too much to hold. For masks "
                f"take {', '.join(known.__name__ for known in SUMS)}."
            )

    def _check_members(self, members):
        for member in members:
            if not has_method(member, "predict_proba"):
                raise ValueError(
                    f"{type(self).__name__} needs members with predict_proba, and "
                    f"{member!r} does not have it. {self._without_proba}, or wrap it "
                    "in sklearn.calibration.CalibratedClassifierCV."
                )


def speaks_for_members(model):
    """Tell whether a classifier answers for a committee inside, as nets do."""
    return hasattr(innermost(model), "predict_proba_members")


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
