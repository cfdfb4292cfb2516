"""How unsure is the model?"""

from skactive.uncertainty._augmentation_consistency import AugmentationConsistency
from skactive.uncertainty._cald import CALD
from skactive.uncertainty._contrastive import ContrastiveAL
from skactive.uncertainty._density import InformationDensity
from skactive.uncertainty._entropy import EntropySampling, entropy
from skactive.uncertainty._history import HistorySampling
from skactive.uncertainty._least_confidence import (
    LeastConfidenceSampling,
    least_confidence,
)
from skactive.uncertainty._localization_stability import LocalizationStability
from skactive.uncertainty._margin import MarginSampling, margin
from skactive.uncertainty._quire import QUIRE

__all__ = [
    "AugmentationConsistency",
    "CALD",
    "ContrastiveAL",
    "EntropySampling",
    "HistorySampling",
    "InformationDensity",
    "LeastConfidenceSampling",
    "LocalizationStability",
    "MarginSampling",
    "QUIRE",
    "entropy",
    "least_confidence",
    "margin",
]
