"""What goes into an autoencoder: kinds of samples, their scale, own modules."""

import numpy as np
import pytest
import torch
from scipy import sparse

from skactive.nets import VAEEmbedding
from skactive.nets.latent._vae_input import (
    as_samples,
    build_vae,
    check_seen,
    default_vae,
    own_module,
    scaling,
)
from skactive.nets.modules import MLPVAE, VAE

pytestmark = pytest.mark.deep

OWNER = VAEEmbedding()


@pytest.mark.parametrize(
    "given, dtype",
    [
        (np.ones((2, 3), np.float32), np.float32),
        (np.ones((2, 3), np.int64), np.float64),
        (np.ones((2, 3), np.uint8), np.float64),  # a table of bytes is a table
        (np.ones((2, 1, 4, 4), np.uint8), np.uint8),
        (torch.ones(2, 1, 4, 4), np.float32),
    ],
)
def test_samples_are_bytes_of_images_or_floats(given, dtype):
    X = as_samples(given, "X", OWNER)
    assert X.dtype == dtype and X.shape == tuple(given.shape)


@pytest.mark.parametrize(
    "given, error, text",
    [
        (sparse.eye_array(3, format="csr"), TypeError, "X_pool is sparse, but VAEEmb"),
        (np.ones((2, 8, 8, 3)), ValueError, r"X_pool\.? .*transpose\(0, 3, 1, 2\)"),
        (np.ones((2, 8, 8)), ValueError, r"gray images are X\[:, None\]"),
        (np.full((2, 2), np.nan), ValueError, "X_pool contains NaN"),
    ],
)
def test_other_samples_are_refused_by_name(given, error, text):
    with pytest.raises(error, match=text):
        as_samples(given, "X_pool", OWNER)


def test_samples_of_another_kind_than_those_of_fit_are_refused():
    X = np.zeros((2, 1, 4, 4), np.uint8)
    check_seen(X, (1, 4, 4), True, OWNER)
    with pytest.raises(ValueError, match=r"shape \(1, 4, 4\).*shape \(1, 5, 5\)"):
        check_seen(X, (1, 5, 5), True, OWNER)
    with pytest.raises(ValueError, match="fitted on floats and X holds uint8"):
        check_seen(X, (1, 4, 4), False, OWNER)


def scaled(*parts):
    shift, scale = scaling(*parts)
    return [((torch.tensor(X) - shift) * scale).numpy() for X in parts]


def test_bytes_are_seen_from_minus_one_to_one():
    (X,) = scaled(np.array([0, 255, 51], np.uint8).reshape(3, 1, 1, 1))
    np.testing.assert_allclose(X.ravel(), [-1, 1, -0.6], atol=1e-6)


def test_columns_are_standardized_over_all_parts():
    X, X_pool = scaled(np.array([[1.0, 5.0]]), np.array([[3.0, 5.0]]))
    np.testing.assert_allclose([X, X_pool], [[[-1, 0]], [[1, 0]]])


def test_channels_are_stretched_each_by_its_range_over_all_parts():
    X = np.array([[0.0, 7.0]]).reshape(1, 2, 1, 1)
    X_pool = np.array([[10.0, 7.0]]).reshape(1, 2, 1, 1)
    one, other = scaled(X, X_pool)
    assert one.ravel().tolist() == [-1, 0] and other.ravel().tolist() == [1, 0]


def test_a_module_is_copied_and_a_function_called():
    module = torch.nn.Linear(2, 3)
    copy = own_module(module, "net")
    assert copy is not module and torch.equal(copy.weight, module.weight)
    assert own_module(torch.nn.Linear, "net", 4, 5).out_features == 5
    with pytest.raises(TypeError, match="net must be, or return, .* got int"):
        own_module(lambda: 3, "net")


def test_the_default_suits_the_shape_of_a_sample():
    table = default_vae((7,), 4, 3)
    assert isinstance(table, MLPVAE)
    assert table.encoder[0].out_features == 8 * 3 and table.decoded_dim == 4
    image = default_vae((2, 8, 8), 4, 3, decoded_dim=1)
    assert isinstance(image, VAE) and image.encoder[0].out_channels == 3
    assert image.decoded_dim == 1


def test_an_autoencoder_without_its_methods_is_refused():
    with pytest.raises(TypeError, match="vae has no method encode"):
        build_vae(torch.nn.Linear(6, 4), (6,), 4)
    assert build_vae(lambda shape, d: MLPVAE(*shape, d, (5,)), (6,), 4).decoded_dim == 4
