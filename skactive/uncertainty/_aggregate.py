"""From the uncertainty of pixels or boxes to one score of their image."""

import numpy as np
from sklearn.base import is_classifier

from skactive._sklearn import StrOptions
from skactive.base import ScoreStrategy
from skactive.utils._aggregate import AGGREGATES, TOLERANCE, aggregate_units
from skactive.utils._class_weights import count_labels, root_weights
from skactive.utils._dense_answers import BoxAnswers
from skactive.utils._models import steps_and_last
from skactive.utils._pool import reads_pools
from skactive.utils._units import iter_units, predicts_maps, units_kind, without_gaps


class UncertaintyStrategy(ScoreStrategy):
    """Base of measures of uncertainty: of samples, of their pixels, or of their boxes.

    A subclass writes ``score_samples`` by ``_scores``, and ``_measure``, which maps
    probabilities of shape (n, n_classes, n_units) to uncertainties (n, n_units).
    """

    response_method = "predict_proba"
    takes_columns = False

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "aggregate": AGGREGATES,
        "class_weight": [StrOptions({"sqrt"}), "array-like", None],
        "empty": [StrOptions({"lowest", "median", "highest"})],
    }

    def __init__(
        self,
        estimator=None,
        *,
        aggregate=None,
        class_weight=None,
        empty="median",
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.aggregate = aggregate
        self.class_weight = class_weight
        self.empty = empty

    def _check_estimator(self, estimator):
        how = self.aggregate
        if self.class_weight is not None and how not in ("mean", "sum", None):
            raise ValueError(
                f"class_weight of {type(self).__name__} is for aggregate 'mean' or "
                f"'sum', got {how!r}. Leave it at None."
            )
        if units_kind(estimator) is BoxAnswers:
            return
        super()._check_estimator(estimator)
        alone = is_classifier(estimator)
        if alone and (self.aggregate is not None or self.class_weight is not None):
            raise ValueError(
                f"aggregate and class_weight of {type(self).__name__} are for models "
                f"that predict masks or boxes, and {estimator!r} is a classifier, "
                "whose samples have one unit each. Leave them at None."
            )

    @property
    def blockwise(self):
        """Whether no sample is scored by others: those without boxes are."""
        return units_kind(self.estimator_) is not BoxAnswers

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self._counts = count_labels(y) if self._balances else None

    @property
    def _balances(self):
        return isinstance(self.class_weight, str)

    def _check_weights(self, n_classes, boxes):
        """Return weights of classes as an array, or None."""
        if self.class_weight is None:
            return None
        if self._balances:
            return root_weights(self._counts_of(n_classes, boxes))
        weights = np.asarray(self.class_weight)
        fit = weights.shape == (n_classes,) and weights.dtype.kind in "iuf"
        if not fit or not np.isfinite(weights).all() or weights.min() < 0:
            raise ValueError(
                f"class_weight must hold one number for each of {n_classes} classes, "
                f"0 or more; got {weights.tolist()}."
            )
        return weights.astype(float)

    def _counts_of(self, n_classes, boxes):
        """Return how often each class of the model was labeled."""
        classes = getattr(steps_and_last(self.estimator_)[1], "classes_", None)
        classes = range(n_classes) if classes is None else np.asarray(classes).tolist()
        strange = [label for label in self._counts if label not in classes]
        # A pixel may be of no class, as by ignore_index; a box is of one.
        if boxes and strange:
            raise ValueError(
                f"class_weight='sqrt' counts labeled boxes, some of which are "
                f"{strange[0]!r}, no class of {self.estimator_!r}. Its classes_, or "
                f"0 to {n_classes - 1} without them, must be those of its probas."
            )
        return [self._counts[label] for label in classes]

    def _scores(self, X, of_rows):
        """Return one score per sample; ``of_rows`` scores what has one unit."""
        boxes = units_kind(self.estimator_) is BoxAnswers
        if not boxes and not predicts_maps(self.estimator_, X):
            return of_rows(self._predict_proba(X))
        how = self.aggregate
        if how is None:
            how = "sum" if boxes else "mean"
        scores = [
            self._score_block(proba, how, boxes)
            for proba in iter_units(self.estimator_, X)
        ]
        return without_gaps(np.concatenate(scores), self.empty)

    def _score_block(self, proba, how, boxes):
        if proba.shape[2] == 0:
            return np.full(len(proba), np.nan)
        weights = self._check_weights(proba.shape[1], boxes)
        weights = None if weights is None else weights[proba.argmax(axis=1)]
        proba = _distributions(proba) if boxes else proba
        total = proba.sum(axis=1)
        if not np.allclose(total, 1, atol=TOLERANCE):  # NaN too
            raise ValueError(
                f"Probabilities of {self.estimator_!r} must sum to 1 over the classes, "
                f"and sum to {np.nanmin(total):.4g} to {np.nanmax(total):.4g}."
            )
        return aggregate_units(self._measure(proba), how, weights)


def _distributions(proba):
    """Return distributions of boxes: over the classes, or of a score and its opposite.

    Detectors with one sigmoid per class give no distribution over classes.
    """
    if proba.shape[1] > 1 and np.allclose(proba.sum(axis=1), 1, atol=TOLERANCE):
        return proba
    best = proba.max(axis=1, keepdims=True)
    return np.concatenate([best, 1 - best], axis=1)
