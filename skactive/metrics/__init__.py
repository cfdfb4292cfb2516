"""Numbers of a run: how good, how soon, and how surely better than another."""

from skactive.metrics._bounded_r2 import bounded_r2_score
from skactive.metrics._curve import (
    area_under_learning_curve,
    labels_to_reach,
    on_common_range,
)
from skactive.metrics._efficiency import label_efficiency
from skactive.metrics._mean_average_precision import mean_average_precision
from skactive.metrics._mean_iou import mean_iou, pixel_confusion_matrix
from skactive.metrics._over_data_sets import (
    DifferenceOverDatasets,
    difference_over_datasets,
)
from skactive.metrics._paired import PairedDifference, paired_difference
from skactive.metrics._penalty import pairwise_penalty_matrix, penalty_checkpoints
from skactive.metrics._ranks import CriticalDifferenceRanks, critical_difference_ranks
from skactive.metrics._scorer import aulc_scorer, make_aulc_scorer, staged_scores

__all__ = [
    "CriticalDifferenceRanks",
    "DifferenceOverDatasets",
    "PairedDifference",
    "area_under_learning_curve",
    "aulc_scorer",
    "bounded_r2_score",
    "critical_difference_ranks",
    "difference_over_datasets",
    "label_efficiency",
    "labels_to_reach",
    "make_aulc_scorer",
    "mean_average_precision",
    "mean_iou",
    "on_common_range",
    "paired_difference",
    "pairwise_penalty_matrix",
    "penalty_checkpoints",
    "pixel_confusion_matrix",
    "staged_scores",
]
