"""The training of an autoencoder by itself: its losses on paper, its epochs."""

import math

import numpy as np
import pytest
import torch

from skactive.nets.latent._autoencoder import (
    AutoencoderNet,
    kl_loss,
    reconstruction_loss,
)
from skactive.nets.modules import MLPVAE

pytestmark = pytest.mark.deep


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def make_net(**settings):
    given = {"shift": torch.zeros(1), "scale": torch.ones(1), **settings}
    return AutoencoderNet(MLPVAE(6, 4, (16,)), **given)


@pytest.mark.parametrize(
    "mu, log_var, reduction, expected",
    [
        ([[0.0, 0.0]], [[0.0, 0.0]], "sum", 0.0),
        ([[1.0, 0.0]], [[0.0, 0.0]], "sum", 0.5),
        ([[1, -2], [0.5, 0]], [[0, math.log(2)], [-1, 0]], "sum", 2.962366),
        ([[1, -2], [0.5, 0]], [[0, math.log(2)], [-1, 0]], "batch_mean", 1.481183),
        ([[1, -2], [0.5, 0]], [[0, math.log(2)], [-1, 0]], "mean", 0.740592),
    ],
)
def test_divergence_on_paper(mu, log_var, reduction, expected):
    mu, log_var = torch.tensor(mu).float(), torch.tensor(log_var).float()
    assert kl_loss(mu, log_var, reduction).item() == pytest.approx(expected, abs=1e-6)


def test_squared_error_on_paper():
    X, rebuilt = torch.tensor([[0.0, 1.0]]), torch.tensor([[0.5, 1.0]])
    assert reconstruction_loss(rebuilt, X, "mean").item() == 0.125
    assert reconstruction_loss(rebuilt, X, "sum_per_sample").item() == 0.25
    twice = [Z.repeat(2, 1) for Z in (rebuilt, X)]
    assert reconstruction_loss(*twice, "sum_per_sample").item() == 0.25


def test_another_shape_than_that_of_the_batch_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 3\) .* one of shape \(2, 1\)"):
        reconstruction_loss(torch.zeros(2, 1), torch.zeros(2, 3), "mean")


def test_an_epoch_shows_each_sample_once():
    seen = []
    net = make_net(augment=lambda batch: seen.append(batch[:, 0]) or batch)
    X = torch.arange(12.0)[:, None].expand(12, 6).contiguous()
    history = net.fit(X, batch_size=4, max_epochs=2)
    assert [len(losses) for losses in history.values()] == [2, 2]
    for epoch in (seen[:3], seen[3:]):
        assert torch.cat(epoch).sort().values.tolist() == list(range(12))


def test_iterations_override_epochs_and_the_last_epoch_may_be_short():
    history = make_net().fit(torch.randn(12, 6), batch_size=4, n_iterations=4)
    assert [len(losses) for losses in history.values()] == [2, 2]


def test_one_step_is_down_the_weighted_sum_of_both_losses():
    net = make_net(beta=0.5, recon_reduction="mean", kl_reduction="sum")
    X = torch.randn(8, 6)
    net.start()
    torch.manual_seed(1)
    rebuilt, _, mu, log_var = net.vae(X)
    kl = 0.5 * (log_var.exp() + mu**2 - 1 - log_var).sum()
    loss = (rebuilt - X).square().mean() + 0.5 * kl
    expected = torch.autograd.grad(loss, list(net.vae.parameters()))

    class Once:
        def draw(self):
            torch.manual_seed(1)
            return X

    losses = net.iteration(Once())
    assert losses.tolist() == pytest.approx([(loss - 0.5 * kl).item(), kl.item()])
    for parameter, gradient in zip(net.vae.parameters(), expected):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-6)


def test_samples_are_shifted_and_scaled_before_they_are_seen():
    plain, scaled = make_net(), make_net(shift=torch.ones(1), scale=2 * torch.ones(1))
    scaled.vae.load_state_dict(plain.vae.state_dict())
    X = torch.randn(5, 6)
    np.testing.assert_allclose(
        scaled.encode(X / 2 + 1), plain.encode(X), rtol=1e-4, atol=1e-5
    )


def test_a_sample_has_one_latent_whatever_it_is_batched_with():
    net = make_net()
    net.fit(torch.randn(12, 6), batch_size=4)
    X = torch.randn(7, 6)
    whole = net.encode(X)
    np.testing.assert_allclose(net.encode(X, batch_size=2), whole, rtol=1e-4, atol=1e-5)
    assert whole.shape == (7, 4) and whole.dtype == np.float32
    assert not net.vae.training


def test_a_loss_that_is_not_finite_is_named_before_it_reaches_a_weight():
    net = make_net()
    before = [p.clone() for p in net.vae.parameters()]
    X = torch.full((8, 6), float("inf"))
    with pytest.raises(FloatingPointError, match=r"epoch 1: reconstruction \(nan\)"):
        net.fit(X, batch_size=8)
    assert all(map(torch.equal, net.vae.parameters(), before))


def test_optimizers_and_gradients_are_forgotten():
    net = make_net()
    net.fit(torch.randn(8, 6), batch_size=4)
    assert net.vae_optimizer is not None
    net.forget_training()
    assert net.vae_optimizer is None
    assert all(p.grad is None for p in net.vae.parameters())
