"""How unsure is the model?"""

from skactive.uncertainty._augmentation_consistency import AugmentationConsistency
from skactive.uncertainty._bin_min import BinMin, bin_min, mean_label_entropy
from skactive.uncertainty._cald import CALD
from skactive.uncertainty._contrastive import ContrastiveAL
from skactive.uncertainty._cvirs import (
    CVIRS,
    category_vector_inconsistency,
    rank_aggregated_margins,
)
from skactive.uncertainty._density import InformationDensity
from skactive.uncertainty._entropy import EntropySampling, entropy
from skactive.uncertainty._history import HistorySampling
from skactive.uncertainty._label_cardinality import (
    LabelCardinalityInconsistency,
    label_cardinality_inconsistency,
)
from skactive.uncertainty._least_confidence import (
    LeastConfidenceSampling,
    least_confidence,
)
from skactive.uncertainty._localization_stability import LocalizationStability
from skactive.uncertainty._margin import MarginSampling, margin
from skactive.uncertainty._quire import QUIRE
from skactive.utils._elsewhere import looking_elsewhere

__all__ = [
    "AugmentationConsistency",
    "BinMin",
    "CALD",
    "CVIRS",
    "ContrastiveAL",
    "EntropySampling",
    "HistorySampling",
    "InformationDensity",
    "LabelCardinalityInconsistency",
    "LeastConfidenceSampling",
    "LocalizationStability",
    "MarginSampling",
    "QUIRE",
    "bin_min",
    "category_vector_inconsistency",
    "entropy",
    "label_cardinality_inconsistency",
    "least_confidence",
    "margin",
    "mean_label_entropy",
    "rank_aggregated_margins",
]

# What is in another folder, or spelled otherwise, is named in the error.
__getattr__ = looking_elsewhere(__name__)
