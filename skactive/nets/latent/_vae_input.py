"""Input of an autoencoder, and how it is built."""

from copy import deepcopy

import numpy as np
import torch
from scipy import sparse
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_array

from skactive.nets._arrays import as_one_array
from skactive.nets._input import check_one_size
from skactive.nets.modules import MLPVAE, VAE
from skactive.utils import shape_text


def as_samples(X, name, owner):
    """Return samples as an autoencoder takes them: uint8 images, or finite floats."""
    X = as_one_array(X, name)
    check_one_size(owner, X)
    if sparse.issparse(X):
        # scikit-learn's checks expect this wording.
        raise TypeError(
            f"{name} is sparse, but {type(owner).__name__} needs dense data: "
            "pass X.toarray(), or an embedding that returns few columns, such as "
            "TruncatedSVD."
        )
    pixels = getattr(X, "dtype", None) == np.uint8 and X.ndim > 2
    X = check_array(
        X,
        allow_nd=True,
        dtype=np.uint8 if pixels else [np.float64, np.float32],
        input_name=name,
        estimator=owner,
    )
    if X.ndim == 4 and X.shape[3] in (1, 3, 4) and min(X.shape[1:3]) > 4:
        raise ValueError(
            f"{name} has samples of {shape_text(X.shape[1:])}, which look like "
            "images with the channels last. Pass X.transpose(0, 3, 1, 2)."
        )
    if X.ndim not in (2, 4):
        raise ValueError(
            f"{name} has samples of {shape_text(X.shape[1:])}. Pass rows of a "
            "table, (n, n_features), or images, (n, channels, height, width); "
            "gray images are X[:, None]."
        )
    return X


def check_seen(X, shape, pixels, owner):
    """Refuse samples of another kind than those of ``fit``."""
    name = type(owner).__name__
    if X.shape[1:] != shape:
        raise ValueError(
            f"X has samples of {shape_text(X.shape[1:])}, but {name} was fitted on "
            f"samples of {shape_text(shape)}."
        )
    if (X.dtype == np.uint8) != pixels:
        fitted = "images of uint8" if pixels else "floats"
        raise ValueError(
            f"{name} was fitted on {fitted} and X holds {X.dtype}, which is scaled "
            "differently. Pass both in the same way."
        )


def scaling(*parts):
    """Return shift and scale, as tensors that broadcast over a batch."""
    if parts[0].dtype == np.uint8:
        return torch.full((1, 1, 1), 127.5), torch.full((1, 1, 1), 1 / 127.5)
    if parts[0].ndim == 2:
        scaler = StandardScaler()
        for X in parts:
            scaler.partial_fit(X)
        shift, scale = scaler.mean_, 1 / scaler.scale_
    else:
        axes = {"axis": (0, 2, 3), "keepdims": True}
        low = np.min([X.min(**axes) for X in parts], axis=0)[0].astype(np.float64)
        high = np.max([X.max(**axes) for X in parts], axis=0)[0].astype(np.float64)
        shift, half = (low + high) / 2, (high - low) / 2
        scale = 1 / np.where(half > 0, half, 1)
    dtype = np.result_type(*(X.dtype for X in parts))
    return torch.tensor(shift.astype(dtype)), torch.tensor(scale.astype(dtype))


def own_module(given, name, *arguments):
    """Return a copy of a given net, or the net that a given function builds."""
    if isinstance(given, torch.nn.Module):
        return deepcopy(given)
    module = given(*arguments)
    if not isinstance(module, torch.nn.Module):
        raise TypeError(
            f"{name} must be, or return, a torch.nn.Module; got "
            f"{type(module).__name__}."
        )
    return module


def default_vae(shape, latent_dim, width, decoded_dim=None):
    """Return an autoencoder that suits the shape of a sample."""
    if len(shape) == 1:
        return MLPVAE(shape[0], latent_dim, (8 * width,) * 2, decoded_dim)
    return VAE(shape[0], shape[1:], latent_dim, width, decoded_dim=decoded_dim)


def build_vae(given, shape, latent_dim):
    """Return the autoencoder that is given, or that a given function builds."""
    vae = own_module(given, "vae", shape, latent_dim)
    missing = [name for name in ("encode", "forward") if not hasattr(vae, name)]
    if missing:
        raise TypeError(
            f"vae has no method {missing[0]}; it needs those of "
            "skactive.nets.modules.VAE."
        )
    return vae
