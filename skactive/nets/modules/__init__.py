"""Architectures in plain torch, one self-contained file each, and adapters."""

from skactive.nets.modules._center_net import CenterNet
from skactive.nets.modules._discriminator import Discriminator
from skactive.nets.modules._gaussian_kl import gaussian_kl
from skactive.nets.modules._gcn import GCN, GraphConvolution
from skactive.nets.modules._loss_module import LossModule
from skactive.nets.modules._mlp import MLP
from skactive.nets.modules._moby import MoBYHead
from skactive.nets.modules._resnet import ResNet
from skactive.nets.modules._taps import Taps, layer_names
from skactive.nets.modules._unet import UNet
from skactive.nets.modules._vae import MLPVAE, VAE
from skactive.nets.modules._vgg import VGG
from skactive.nets.modules._vit import ViTBottleneck
from skactive.nets.modules.adapters._torchvision_detector import TorchvisionDetector
from skactive.nets.modules.adapters._two_stage_detector import TwoStageDetector

__all__ = [
    "CenterNet",
    "Discriminator",
    "GCN",
    "GraphConvolution",
    "LossModule",
    "MLP",
    "MLPVAE",
    "MoBYHead",
    "ResNet",
    "Taps",
    "TorchvisionDetector",
    "TwoStageDetector",
    "UNet",
    "VAE",
    "VGG",
    "ViTBottleneck",
    "gaussian_kl",
    "layer_names",
]
