"""Which samples of a pool are unlike the rest: by a name, or by any detector."""

import numpy as np
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.utils.multiclass import type_of_target

from skactive._sklearn import HasMethods, StrOptions
from skactive.base import EmbeddingStrategy, QueryStrategy
from skactive.compose._inner import InnerStrategyMixin, also_embedded
from skactive.graph import nearest_neighbors
from skactive.utils import embed, fit_with_pool, seeded_clone
from skactive.utils._constraints import whole
from skactive.utils._dense_answers import kind_of
from skactive.utils._embedding import embed_pool
from skactive.utils._fit_params import params_of
from skactive.utils._models import (
    has_method,
    innermost,
    refuse_without_labels,
    unfrozen,
)
from skactive.utils._outliers import ClassDistances, energy
from skactive.utils._pool import Pool, naming_rows
from skactive.utils._rows import concatenate_rows, refuse_sizes, take_rows

NAMES = ("knn", "mahalanobis", "energy")

#: What has one number for each class, and is no probability.
LOGITS = ("decision_function", "predict_joint_log_proba")


class DetectingStrategy(InnerStrategyMixin, QueryStrategy):
    """Base of strategies that look for outliers of the pool before another one asks."""

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "detector": [StrOptions(set(NAMES)), HasMethods(["fit"])],
        "n_neighbors": [whole(1)],
        "standardize": ["boolean"],
        "embedding": EmbeddingStrategy._parameter_constraints["embedding"],
        "estimator": [HasMethods(["fit"]), None],
    }

    def _detect(self, X, y, X_pool):
        """Return how outlying each sample of the pool is, and from where on one is.

        The threshold is that of the detector; None if it has none.
        """
        if self.n_pool_ == 0:
            return np.empty(0), None
        if self._is("energy"):
            scores, threshold = self._energies(X, y, X_pool), None
        else:
            Z, n_labeled = self._rows(X, y, X_pool)
            scores, threshold = self._scores_of_rows(Z, n_labeled, y)
        scores = np.asarray(scores, dtype=np.float64)
        if scores.shape != (self.n_pool_,) or not np.isfinite(scores).all():
            strange = "numbers that are not finite"
            if scores.shape != (self.n_pool_,):
                strange = f"an array of shape {scores.shape}"
            raise ValueError(
                f"The detector of {type(self).__name__} must give each of "
                f"{self.n_pool_} samples of the pool one finite number; "
                f"{self.detector!r} gave {strange}."
            )
        return scores, threshold

    def _is(self, name):
        return isinstance(self.detector, str) and self.detector == name

    def _rows(self, X, y, X_pool):
        """Return labeled samples and pool as rows of one scale, and how many labeled.

        A frozen detector knows the scale that it was fitted on.
        """
        shown = X_pool.X if isinstance(X_pool, Pool) else X_pool
        if X is not None and sparse.issparse(X) != sparse.issparse(shown):
            raise ValueError("X and X_pool must both be sparse or both be dense.")
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        Z = embed_pool(self.embedding_, X_pool, owner=self)
        n_labeled = 0
        if X is not None:
            Z_labeled = embed(self.embedding_, X, input_name="X", owner=self)
            n_labeled = Z_labeled.shape[0]
            Z = concatenate_rows(Z_labeled.astype(Z.dtype, copy=False), Z)
        if self.standardize and not isinstance(self.detector, FrozenEstimator):
            Z = StandardScaler(with_mean=not sparse.issparse(Z)).fit_transform(Z)
        return Z, n_labeled

    def _scores_of_rows(self, Z, n_labeled, y):
        if self._is("knn"):
            distances = nearest_neighbors(
                Z, self.n_neighbors, random_state=self._query_seed
            )[1]
            # Of a pool of one sample, and nothing labeled, there are no neighbors.
            means = distances.sum(axis=1) / max(1, distances.shape[1])
            return means[n_labeled:], None
        if self._is("mahalanobis"):
            return class_distances(Z, n_labeled, y), None
        detector = seeded_clone(self.detector, self._fit_seed)
        return scores_by(detector, Z, n_labeled)

    def _energies(self, X, y, X_pool):
        """Return the energy of each sample of the pool, a block at a time."""
        self.embedding_ = None
        model = self._model_of_energy()
        refuse_without_logits(self, model)
        params = self._fit_params
        if params and not isinstance(model, FrozenEstimator):
            params = params_of(model, params, len(y), type(self).__name__)
        model = seeded_clone(model, self._fit_seed)
        if not isinstance(model, FrozenEstimator):
            model = fit_with_pool(model, X, y, X_pool, **params)
        energies = np.empty(self.n_pool_)
        for block in self._pool.blocks():
            with naming_rows(self._pool, block):
                rows = block.X
                if block.kept is not None:
                    rows = take_rows(rows, block.kept)
                energies[block.start : block.stop] = energy(_logits(self, model, rows))
        return energies

    def _model_of_energy(self):
        """Return the model whose energies are taken: given, or that of the strategy."""
        if self.estimator is not None:
            return self.estimator
        wanted = self._wanted_strategy()
        if hasattr(wanted, "predict"):
            raise ValueError(
                f"{type(wanted).__name__} trains a model of its own, which has seen "
                f"nothing when outliers are looked for. Pass {type(self).__name__} an "
                "estimator for detector='energy', or take another detector."
            )
        inner = getattr(wanted, "estimator", None)
        return LogisticRegression() if inner is None else inner

    def _validate_params(self):
        super()._validate_params()
        # What a learner lent comes frozen, and may be of any kind if nobody asks it.
        lent = isinstance(self.estimator, FrozenEstimator)
        if self.estimator is not None and not lent:
            refuse_without_logits(self, self.estimator)
        if self._is("energy"):
            self._model_of_energy()
        elif not isinstance(self.detector, str):
            refuse_no_detector(type(self).__name__, self.detector)

    def _check_estimator(self, estimator):
        if self._is("energy"):
            refuse_without_logits(self, estimator)

    def _check_sizes(self, X, estimator):
        super()._check_sizes(X, estimator)
        if self.embedding is None and not self._is("energy"):
            refuse_sizes(X, type(self).__name__)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self._is("energy"):
            tags.target_tags.required = True
            return tags
        return also_embedded(tags, self.embedding)


def class_distances(Z, n_labeled, y):
    """Return Mahalanobis distances of the rows after the labeled ones.

    Examples
    --------
    Nothing says what is near but the rows themselves, as no class has two labels:

    >>> import numpy as np
    >>> from skactive.compose._detection import class_distances
    >>> Z = np.array([[-2.0], [2.0], [-2.0], [2.0]])
    >>> class_distances(Z, 2, ["cat", "dog"]).tolist()
    [1.0, 1.0]
    """
    known = Z[:n_labeled]
    single = y is not None and kind_of(y) is None and np.ndim(y) == 1
    single = single and type_of_target(y) in ("binary", "multiclass")
    classes = np.unique(y, return_inverse=True)[1] if single else np.zeros(n_labeled)
    if n_labeled == 0 or np.bincount(classes.astype(int).ravel()).max() < 2:
        known, classes = Z, None
    return ClassDistances(known, classes).of(Z[n_labeled:])


def scores_by(detector, Z, n_labeled):
    """Return what a detector says of the rows after the labeled ones, and from where on
    it calls one an outlier; None if it does not say.

    Higher is more outlying. It learns from all rows, unless it is frozen.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.neighbors import LocalOutlierFactor
    >>> from skactive.compose._detection import scores_by
    >>> Z = np.array([[0.0], [1.0], [2.0], [3.0], [9.0]])
    >>> scores, limit = scores_by(LocalOutlierFactor(n_neighbors=2), Z, 1)
    >>> scores.argmax(), limit
    (np.int64(3), 1.5)
    """
    frozen = isinstance(detector, FrozenEstimator)
    if not frozen:
        detector = detector.fit(Z)
    last = innermost(detector)
    limit = getattr(last, "offset_", None)
    limit = None if limit is None else float(-np.ravel(limit)[0])
    if hasattr(last, "decision_scores_"):  # of PyOD, where higher is more outlying
        limit = getattr(last, "threshold_", None)
        if frozen:
            return detector.decision_function(Z[n_labeled:]), limit
        return last.decision_scores_[n_labeled:], limit
    # Local outlier factors of rows that it has learned from leave each out of its own.
    if not frozen and hasattr(last, "negative_outlier_factor_"):
        return -last.negative_outlier_factor_[n_labeled:], limit
    if hasattr(detector, "score_samples"):
        return -detector.score_samples(Z[n_labeled:]), limit
    return -detector.decision_function(Z[n_labeled:]), 0.0


def refuse_no_detector(owner, detector):
    """Refuse what says of no sample how unlike the rest it is."""
    last = innermost(detector)
    methods = ("score_samples", "decision_function")
    if any(has_method(unfrozen(detector), name) for name in methods):
        return
    fitted = "negative_outlier_factor_"
    says = hasattr(last, "n_neighbors") and hasattr(last, "novelty")  # of scikit-learn
    if says and not isinstance(detector, FrozenEstimator):
        return
    advice = ""
    if hasattr(last, fitted):
        advice = " A fitted LocalOutlierFactor needs novelty=True."
    raise ValueError(
        f"The 'detector' parameter of {owner} must be one of {sorted(NAMES)}, or have "
        "score_samples, decision_function or negative_outlier_factor_, as "
        f"IsolationForest, OneClassSVM and LocalOutlierFactor; got {detector!r}."
        f"{advice}"
    )


def refuse_without_logits(owner, model):
    """Refuse a model that has probabilities, or less, for the energy of samples."""
    refuse_without_labels(owner, unfrozen(model))
    if not any(has_method(model, name) for name in LOGITS):
        raise ValueError(
            f"The 'estimator' parameter of {type(owner).__name__}, or the model in its "
            "place, must have decision_function for detector='energy', as a linear one "
            f"or a net; {unfrozen(model)!r} has none: the energies of probabilities "
            "are all alike. Take detector='knn' or 'mahalanobis'."
        )


def _logits(owner, model, X):
    name = next(name for name in LOGITS if has_method(model, name))
    logits = np.asarray(getattr(model, name)(X))
    n_classes = len(getattr(model, "classes_", ()))
    one_each = logits.ndim == 2 and logits.shape[1] == n_classes
    if not one_each and not (logits.ndim == 1 and n_classes == 2):
        raise ValueError(
            f"detector='energy' of {type(owner).__name__} needs one number for each of "
            f"{n_classes} classes, and {name} of {unfrozen(model)!r} returned the "
            f"shape {logits.shape}. Of an SVC, take decision_function_shape='ovr'."
        )
    return logits
