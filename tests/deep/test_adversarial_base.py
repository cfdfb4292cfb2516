"""What VAAL and SRAAL share: the autoencoder as a part, its seed, scores."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.utils import get_tags

from skactive.deep import SRAAL, VAAL
from skactive.deep._adversarial_base import as_autoencoder
from skactive.nets import VAEEmbedding

pytestmark = pytest.mark.deep


def small(**settings):
    return VAEEmbedding(**{"width": 2, "n_iterations": 2, **settings})


def both(**settings):
    """Return each strategy with these settings."""
    settings = {"latent_dim": 4, "random_state": 0, **settings}
    return [VAAL(**settings), SRAAL(LogisticRegression(), **settings)]


def tables(n=12, n_pool=15, d=5):
    rng = np.random.RandomState(0)
    return rng.normal(size=(n, d)), np.arange(n) % 2, rng.normal(0.5, 1, (n_pool, d))


def test_none_is_the_default_autoencoder():
    part = small()
    assert as_autoencoder(part) is part
    assert as_autoencoder(None).get_params() == VAEEmbedding().get_params()


def test_the_autoencoder_says_what_is_technical():
    seen = []
    part = small(
        lr=0.01,
        n_iterations=None,
        max_epochs=3,
        batch_size=6,
        recon_reduction="mean",
        kl_reduction="mean",
        augment=lambda batch: seen.append(len(batch)) or batch,
    )
    for strategy in both(autoencoder=part):
        seen.clear()
        net = strategy.fit(*tables()).net_
        assert (net.lr, net.recon_reduction, net.kl_reduction) == (0.01, "mean", "mean")
        # Three epochs of 15 / 6 batches, two steps in each, and two sides in each.
        assert seen == [6] * (3 * 3 * 2 * 2)
        assert all(len(losses) == 3 for losses in strategy.history_.values())
        assert net.vae.encoder[0].out_features == 8 * 2


def test_the_method_says_what_is_its_own():
    for strategy in both(
        autoencoder=small(),
        beta=0.3,
        adversary_weight=2.0,
        n_vae_steps=3,
        n_discriminator_steps=2,
        fused=False,
    ):
        net = strategy.fit(*tables()).net_
        assert (net.beta, net.adversary_weight, net.fused) == (0.3, 2.0, False)
        assert (net.n_vae_steps, net.n_discriminator_steps) == (3, 2)


def test_the_seed_is_that_of_the_strategy_or_else_of_the_autoencoder():
    for index in (0, 1):
        scores = [
            both(autoencoder=small(random_state=part), random_state=seed)[index]
            .fit(*tables())
            .score_samples(tables()[2])
            for seed, part in ((0, None), (0, 7), (None, 7), (None, 7), (None, 8))
        ]
        np.testing.assert_array_equal(scores[0], scores[1])
        np.testing.assert_array_equal(scores[2], scores[3])
        assert not np.allclose(scores[2], scores[4])
        assert not np.allclose(scores[0], scores[2])


def test_scores_are_one_minus_the_answer_of_the_discriminator():
    X, y, X_pool = tables()
    for strategy in both(autoencoder=small()):
        strategy.fit(X, y, X_pool)
        net = strategy.net_
        scaled = (torch.tensor(X_pool) - net.shift) * net.scale
        with torch.no_grad():
            logits = net.discriminator(net.vae.encode(scaled.float())[0])
        expected = 1 / (1 + np.exp(logits.numpy()))
        np.testing.assert_allclose(strategy.score_samples(X_pool), expected, rtol=1e-5)


def test_answers_that_are_not_finite_are_refused():
    X, y, X_pool = tables()
    for strategy in both(autoencoder=small()):
        strategy.fit(X, y, X_pool)
        with torch.no_grad():
            strategy.net_.discriminator.layers[-1].bias.fill_(float("nan"))
        with pytest.raises(FloatingPointError, match="lower lr, beta or adversary_we"):
            strategy.query(2)


def test_bad_settings_of_the_autoencoder_are_refused_by_its_name():
    for strategy in both(autoencoder=small(batch_size=1)):
        with pytest.raises(ValueError, match="'batch_size' parameter of VAEEmbedding"):
            strategy.fit(*tables())
        assert not hasattr(strategy, "net_")


def test_tags_say_dense_and_without_gaps():
    for strategy in both():
        tags = get_tags(strategy)
        assert not tags.input_tags.sparse and not tags.input_tags.allow_nan
        assert tags.target_tags.required
