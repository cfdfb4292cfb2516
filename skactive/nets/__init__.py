"""How nets are built and trained; importing this folder loads torch."""

from skactive.nets._augmentations import (
    ColumnNoise,
    ColumnSwap,
    ImageDistortion,
    ImageShift,
)
from skactive.nets._classifier import NetClassifier
from skactive.nets._deep_fool import deep_fool
from skactive.nets._dropout_committee import DropoutCommittee
from skactive.nets._from_skorch import as_net_classifier
from skactive.nets._moby_encoder import MoBYEncoder
from skactive.nets._vae_embedding import VAEEmbedding
from skactive.nets._virtual_adversarial import VATLoss, virtual_adversarial

__all__ = [
    "ColumnNoise",
    "ColumnSwap",
    "DropoutCommittee",
    "ImageDistortion",
    "ImageShift",
    "MoBYEncoder",
    "NetClassifier",
    "VAEEmbedding",
    "VATLoss",
    "as_net_classifier",
    "deep_fool",
    "virtual_adversarial",
]
