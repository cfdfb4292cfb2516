"""Architectures in plain torch, one self-contained file each."""

from skactive.nets.modules._discriminator import Discriminator
from skactive.nets.modules._gaussian_kl import gaussian_kl
from skactive.nets.modules._loss_module import LossModule
from skactive.nets.modules._mlp import MLP
from skactive.nets.modules._resnet import ResNet
from skactive.nets.modules._taps import Taps, layer_names
from skactive.nets.modules._vae import MLPVAE, VAE
from skactive.nets.modules._vgg import VGG

__all__ = [
    "Discriminator",
    "LossModule",
    "MLP",
    "MLPVAE",
    "ResNet",
    "Taps",
    "VAE",
    "VGG",
    "gaussian_kl",
    "layer_names",
]
