"""From the uncertainty of pixels or boxes to one score of their image."""

import numpy as np
from sklearn.base import is_classifier

from skactive._sklearn import StrOptions
from skactive.base import ScoreStrategy
from skactive.utils._aggregate import AGGREGATES, TOLERANCE, aggregate_units
from skactive.utils._dense_answers import BoxAnswers
from skactive.utils._units import iter_units, predicts_maps, units_kind


class UncertaintyStrategy(ScoreStrategy):
    """Base of measures of uncertainty: of samples, of their pixels, or of their boxes.

    A subclass writes ``score_samples`` by ``_scores``, and ``_measure``, which maps
    probabilities of shape (n, n_classes, n_units) to uncertainties (n, n_units).
    """

    response_method = "predict_proba"

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "aggregate": AGGREGATES,
        "class_weight": ["array-like", None],
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

    def _check_weights(self, how, n_classes):
        """Return weights of classes as an array, or None."""
        if self.class_weight is None:
            return None
        if how not in ("mean", "sum"):
            raise ValueError(
                f"class_weight is for aggregate 'mean' or 'sum', got {how!r}. Leave it "
                "at None."
            )
        weights = np.asarray(self.class_weight)
        fit = weights.shape == (n_classes,) and weights.dtype.kind in "iuf"
        if not fit or not np.isfinite(weights).all() or weights.min() < 0:
            raise ValueError(
                f"class_weight must hold one number for each of {n_classes} classes, "
                f"0 or more; got {weights.tolist()}."
            )
        return weights.astype(float)

    def _scores(self, X, of_rows):
        """Return one score per sample; ``of_rows`` scores what has one unit."""
        boxes = units_kind(self.estimator_) is BoxAnswers
        if not boxes and not predicts_maps(self.estimator_, X):
            return of_rows(self._predict_proba(X))
        how = self.aggregate
        if how is None:
            how = "sum" if boxes else "mean"
        scores = [
            self._score_block(_distributions(proba) if boxes else proba, how)
            for proba in iter_units(self.estimator_, X)
        ]
        return without_gaps(np.concatenate(scores), self.empty)

    def _score_block(self, proba, how):
        if proba.shape[2] == 0:
            return np.full(len(proba), np.nan)
        total = proba.sum(axis=1)
        if not np.allclose(total, 1, atol=TOLERANCE):  # NaN too
            raise ValueError(
                f"Probabilities of {self.estimator_!r} must sum to 1 over the classes, "
                f"and sum to {np.nanmin(total):.4g} to {np.nanmax(total):.4g}."
            )
        weights = self._check_weights(how, proba.shape[1])
        weights = None if weights is None else weights[proba.argmax(axis=1)]
        return aggregate_units(self._measure(proba), how, weights)


def without_gaps(scores, empty):
    """Return scores with those of samples without a unit, which are NaN, set.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._aggregate import without_gaps
    >>> without_gaps(np.array([0.5, np.nan, 0.25, 1.0]), "median")
    array([0.5 , 0.5 , 0.25, 1.  ])
    """
    gaps = np.isnan(scores)
    if gaps.all():
        return np.zeros_like(scores)
    if gaps.any():
        value = {"lowest": np.min, "median": np.median, "highest": np.max}
        scores[gaps] = value[empty](scores[~gaps])
    return scores


def _distributions(proba):
    """Return distributions of boxes: over the classes, or of a score and its opposite.

    Detectors with one sigmoid per class give no distribution over classes.
    """
    if proba.shape[1] > 1 and np.allclose(proba.sum(axis=1), 1, atol=TOLERANCE):
        return proba
    best = proba.max(axis=1, keepdims=True)
    return np.concatenate([best, 1 - best], axis=1)
