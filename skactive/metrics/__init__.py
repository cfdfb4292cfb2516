"""Numbers of a run: how good, how soon."""

from skactive.metrics._curve import area_under_learning_curve, labels_to_reach
from skactive.metrics._scorer import aulc_scorer, make_aulc_scorer, staged_scores

__all__ = [
    "area_under_learning_curve",
    "aulc_scorer",
    "labels_to_reach",
    "make_aulc_scorer",
    "staged_scores",
]
