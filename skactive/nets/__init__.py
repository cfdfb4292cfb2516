"""How nets are built and trained; importing this folder loads torch."""

try:
    import skorch  # noqa: F401
    import torch  # noqa: F401
    import torchvision  # noqa: F401
except ImportError as error:
    raise ImportError(
        f"skactive.nets needs torch, torchvision and skorch; {error.name} cannot be "
        "imported. Install them with: pip install 'skactive[deep]'"
    ) from error

from skactive.nets.attacks._deep_fool import deep_fool
from skactive.nets.attacks._virtual_adversarial import VATLoss, virtual_adversarial
from skactive.nets.beside._augmentations import (
    ColumnNoise,
    ColumnSwap,
    ImageDistortion,
    ImageShift,
)
from skactive.nets.beside._moby_encoder import MoBYEncoder
from skactive.nets.beside._pair_augmentations import HorizontalFlip
from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._detector import NetDetector
from skactive.nets.estimators._dropout_committee import DropoutCommittee
from skactive.nets.estimators._from_skorch import as_net_classifier, as_net_regressor
from skactive.nets.estimators._history_recorder import HistoryRecorder
from skactive.nets.estimators._image_reader import ImageReader
from skactive.nets.estimators._module_embedding import ModuleEmbedding
from skactive.nets.estimators._regressor import NetRegressor
from skactive.nets.estimators._segmenter import NetSegmenter
from skactive.nets.estimators._shrink_perturb import ShrinkPerturb
from skactive.nets.latent._vae_embedding import VAEEmbedding
from skactive.utils._elsewhere import looking_elsewhere

__all__ = [
    "ColumnNoise",
    "ColumnSwap",
    "DropoutCommittee",
    "HistoryRecorder",
    "HorizontalFlip",
    "ImageDistortion",
    "ImageReader",
    "ImageShift",
    "MoBYEncoder",
    "ModuleEmbedding",
    "NetClassifier",
    "NetDetector",
    "NetRegressor",
    "NetSegmenter",
    "ShrinkPerturb",
    "VAEEmbedding",
    "VATLoss",
    "as_net_classifier",
    "as_net_regressor",
    "deep_fool",
    "virtual_adversarial",
]

# What is in another folder, or spelled otherwise, is named in the error.
__getattr__ = looking_elsewhere(__name__)
