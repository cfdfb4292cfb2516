"""The latent of an autoencoder, as a transformer."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import parametrize_with_checks

from skactive.nets import VAEEmbedding
from skactive.nets.modules import VAE

pytestmark = pytest.mark.deep

SMALL = {"latent_dim": 4, "width": 4, "n_iterations": 4}


def images(n=12, n_pool=17, shape=(1, 8, 8), seed=0):
    rng = np.random.RandomState(seed)
    X = rng.randint(256, size=(n + n_pool, *shape)).astype(np.float32)
    return X[:n], X[n:]


def table(n=20, d=6):
    return np.random.RandomState(0).normal(size=(n, d))


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:500]


@parametrize_with_checks([VAEEmbedding(**SMALL)])
def test_scikit_learn(estimator, check):
    check(estimator)


def test_one_seed_is_one_latent():
    X = table()
    first, again, other = (
        VAEEmbedding(**SMALL, random_state=seed).fit_transform(X) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_the_generators_of_torch_are_left_alone():
    before = torch.get_rng_state()
    VAEEmbedding(**SMALL).fit_transform(images()[0])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_batch_is_no_larger_than_the_samples_and_no_smaller_than_two():
    sizes = {
        n: VAEEmbedding(batch_size=8)._schedule(n)["batch_size"] for n in (1, 5, 9)
    }
    assert sizes == {1: 2, 5: 5, 9: 8}


def test_a_step_of_length_zero_leaves_the_weights_and_counts_epochs():
    X = table(20)
    embedding = VAEEmbedding(**{**SMALL, "n_iterations": None, "max_epochs": 3})
    embedding.set_params(lr=0.0, batch_size=8, random_state=0).fit(X)
    untrained = VAEEmbedding(**SMALL, lr=0.0, random_state=0).fit(X)
    pairs = zip(embedding.net_.vae.parameters(), untrained.net_.vae.parameters())
    assert all(torch.equal(p, q) for p, q in pairs)
    assert [len(losses) for losses in embedding.history_.values()] == [3, 3]


def test_a_part_of_the_latent_is_decoded_if_a_strategy_asks_for_it():
    half = VAEEmbedding(**SMALL)._build_vae((6,), decoded_dim=2)
    assert half.decoded_dim == 2
    assert VAEEmbedding(**SMALL)._build_vae((6,)).decoded_dim == 4


def test_the_latent_keeps_neighbors_together(digits):
    """Samples are nearest to samples of their own digit, far above the chance."""
    y = load_digits().target[:500]
    Z = VAEEmbedding(latent_dim=8, width=16, n_iterations=150, random_state=0)
    distances = cdist(*[Z.fit_transform(digits)] * 2)
    np.fill_diagonal(distances, np.inf)
    assert np.mean(y[distances.argmin(1)] == y) > 0.7


def test_one_sample_has_one_place():
    X, X_pool = images(shape=(3, 9, 6))
    embedding = VAEEmbedding(**SMALL, random_state=0).fit(X)
    Z = embedding.transform(X_pool)
    assert Z.shape == (17, 4) and Z.dtype == np.float32
    alone = np.vstack([embedding.transform(x[None]) for x in X_pool])
    np.testing.assert_allclose(alone, Z, rtol=1e-4, atol=1e-5)
    assert len(embedding.get_feature_names_out()) == 4
    assert sorted(embedding.history_) == ["kl", "reconstruction"]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_samples_are_enough_for_a_latent(n):
    X = images(n, 1)[0]
    assert VAEEmbedding(**SMALL).fit_transform(X).shape == (n, 4)


@pytest.mark.parametrize(
    "settings, error, text",
    [
        ({"batch_size": 1}, ValueError, r"'batch_size'.* \[2, inf\).* Got 1"),
        ({"latent_dim": 0}, ValueError, "'latent_dim' .* VAEEmbedding .* Got 0"),
        ({"beta": -1}, ValueError, "'beta' .* Got -1"),
        ({"kl_reduction": None}, ValueError, "'kl_reduction' .* Got None"),
        ({"augment": "flip"}, ValueError, "'augment' .* callable .* Got 'flip'"),
        ({"device": "abacus"}, ValueError, "device='abacus'"),
        ({"lr": 1e30}, FloatingPointError, "not finite in epoch"),
        ({"vae": torch.nn.Linear(6, 4)}, TypeError, "vae has no method encode"),
    ],
)
def test_bad_settings_of_the_embedding_are_refused(settings, error, text):
    with pytest.raises(error, match=text):
        VAEEmbedding(**{**SMALL, **settings}).fit(table())


def test_bad_samples_of_the_embedding_are_refused():
    X = images()[0]
    embedding = VAEEmbedding(**SMALL).fit(X)
    with pytest.raises(ValueError, match=r"shape \(1, 16, 16\)"):
        embedding.transform(np.zeros((2, 1, 16, 16), dtype=np.float32))
    X[0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="contains NaN"):
        VAEEmbedding(**SMALL).fit(X)
    own = VAEEmbedding(vae=lambda shape, d: VAE(shape[0], shape[1:], d, width=3))
    assert (
        own.set_params(**SMALL).fit(images()[0]).net_.vae.encoder[0].out_channels == 3
    )
