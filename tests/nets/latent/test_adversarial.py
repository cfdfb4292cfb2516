"""The game of VAAL: its losses on paper, its steps one by one, its batches."""

import math
from copy import deepcopy

import pytest
import torch
from torch import nn

from skactive.nets._pool import PairedBatches
from skactive.nets.latent._adversarial import (
    TERMS,
    AdversarialNet,
    adversarial_loss,
    discriminator_loss,
)
from skactive.nets.modules import MLPVAE, VAE, Discriminator

pytestmark = pytest.mark.deep


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def make_net(n_features=6, *, hidden=(16,), vae=None, **settings):
    vae = MLPVAE(n_features, 4, hidden) if vae is None else vae
    shape = (1,) if len(vae.input_shape) == 1 else (1, 1, 1)
    net = AdversarialNet(
        vae,
        Discriminator(4, (16,)),
        shift=torch.zeros(shape),
        scale=torch.ones(shape),
        **settings,
    )
    net.start()
    return net


def snapshot(module):
    return [p.detach().clone() for p in module.parameters()]


def same(module, before):
    return all(torch.equal(p, q) for p, q in zip(module.parameters(), before))


def logit(p):
    return torch.logit(torch.tensor(p))


# ------------------------------------------------------------------------- losses


def test_adversarial_losses_on_paper():
    labeled, pool = logit([0.9, 0.6]), logit([0.3, 0.2])
    assert discriminator_loss(labeled, pool).item() == pytest.approx(0.598002, abs=1e-6)
    assert adversarial_loss(labeled, pool).item() == pytest.approx(1.714798, abs=1e-6)
    half = torch.zeros(3)
    for loss in (discriminator_loss, adversarial_loss):
        assert loss(half, half).item() == pytest.approx(2 * math.log(2), abs=1e-6)


def test_sides_of_the_adversarial_losses_on_paper():
    """Each side alone: the other is perfect and adds nothing."""
    labeled, pool = logit([0.9, 0.6]), logit([0.3, 0.2])
    sure, never = torch.full((2,), 100.0), torch.full((2,), -100.0)
    assert discriminator_loss(labeled, never).item() == pytest.approx(0.308093, 1e-5)
    assert discriminator_loss(sure, pool).item() == pytest.approx(0.289909, 1e-5)
    assert adversarial_loss(sure, pool).item() == pytest.approx(1.406705, 1e-5)


def test_certain_logits_have_finite_losses():
    far = torch.tensor([200.0])
    assert discriminator_loss(-far, far).item() == pytest.approx(400)


# -------------------------------------------------------------------------- steps


@pytest.mark.parametrize("fused", [True, False])
def test_each_step_leaves_the_other_net_alone(fused):
    net = make_net(fused=fused)
    X, X_pool = torch.randn(8, 6), torch.randn(8, 6)
    judge = snapshot(net.discriminator)
    _, latents = net.vae_step(X, X_pool)
    assert same(net.discriminator, judge)
    assert all(p.requires_grad for p in net.discriminator.parameters())
    coder = snapshot(net.vae)
    net.discriminator_step(*latents)
    assert same(net.vae, coder)
    assert not same(net.discriminator, judge)


def test_the_autoencoder_learns_to_hide_the_pool():
    """Its target for the pool is "labeled"; one released revision had it reversed."""
    net = make_net(adversary_weight=100.0, lr=5e-3)
    X, X_pool = torch.randn(32, 6), torch.randn(32, 6) + 1
    before = net.predict_logits(X_pool).mean()
    net.start()
    for _ in range(30):
        net.vae_step(X, X_pool)
    assert net.predict_logits(X_pool).mean() > before + 1


def test_the_discriminator_tells_separable_clusters():
    net = make_net(lr=5e-3)
    mu, mu_pool = torch.randn(64, 4) - 2, torch.randn(64, 4) + 2
    for _ in range(200):
        net.discriminator_step(mu, mu_pool)
    right = (net.discriminator(mu) > 0).sum() + (net.discriminator(mu_pool) < 0).sum()
    assert right / 128 > 0.95


def test_the_best_discriminator_is_the_ratio_of_densities():
    """Latents three times as dense among the labeled: 0.75."""
    net = make_net(lr=1e-2)
    here, there = torch.zeros(1, 4), torch.ones(1, 4)
    mu = torch.cat([here.repeat(3, 1), there])
    mu_pool = torch.cat([here, there.repeat(3, 1)])
    for _ in range(300):
        net.discriminator_step(mu, mu_pool)
    labeled = torch.sigmoid(net.discriminator(torch.cat([here, there])))
    torch.testing.assert_close(labeled, torch.tensor([0.75, 0.25]), atol=0.01, rtol=0)


class Published:
    """The released order of updates, written apart: slow, and by the letter."""

    def __init__(self, vae, judge, lr=5e-4):
        self.vae, self.judge = vae.train(), nn.Sequential(judge.train(), nn.Sigmoid())
        self.optimizers = [
            torch.optim.Adam(m.parameters(), lr=lr) for m in (vae, judge)
        ]

    def iteration(self, batches):
        bce, (X_l, X_u) = nn.BCELoss(), batches.draw()
        ones, zeros = torch.ones(len(X_l)), torch.zeros(len(X_l))
        for step in range(2):
            parts, adversarial = [], 0
            for X in (X_l, X_u):
                rebuilt, _, mu, log_var = self.vae(X)
                kl = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
                parts.append(torch.stack([nn.MSELoss()(rebuilt, X), kl]))
                adversarial = adversarial + bce(self.judge(mu), ones)
            recon, kl = sum(parts)
            self.step(0, recon + kl + adversarial)
            if step == 0:
                X_l, X_u = batches.draw()
        with torch.no_grad():
            mu, mu_pool = self.vae(X_l)[2], self.vae(X_u)[2]
        loss = bce(self.judge(mu), ones) + bce(self.judge(mu_pool), zeros)
        self.step(1, loss)
        return torch.stack([recon, kl, adversarial, loss]).detach()

    def step(self, which, loss):
        self.optimizers[which].zero_grad()
        loss.backward()
        self.optimizers[which].step()


@pytest.mark.parametrize(
    "build", [lambda: MLPVAE(6, 4, (16,)), lambda: VAE(2, 8, 4, 4)]
)
def test_the_official_settings_are_the_published_iteration(build):
    vae = build()
    published = Published(deepcopy(vae), Discriminator(4, (16,)))
    net = make_net(vae=vae, fused=False, recon_reduction="mean", kl_reduction="sum")
    net.discriminator.load_state_dict(published.judge[0].state_dict())
    X, X_pool = torch.randn(20, *vae.input_shape), torch.randn(30, *vae.input_shape)
    losses = []
    for player in (published, net):
        torch.manual_seed(1)
        losses.append(player.iteration(PairedBatches(X, X_pool, 8)))
    torch.testing.assert_close(losses[1], losses[0], rtol=1e-4, atol=1e-5)
    for ours, theirs in (
        (net.vae, published.vae),
        (net.discriminator, published.judge[0]),
    ):
        for p, q in zip(ours.parameters(), theirs.parameters()):
            torch.testing.assert_close(p, q, rtol=1e-3, atol=2e-5)


class WithoutNoise(MLPVAE):
    """No noise and no batch normalization: one pass or two must agree."""

    def __init__(self):
        super().__init__(6, 4, (16,))
        for part in ("encoder", "decoder"):
            layers = [
                m for m in getattr(self, part) if not isinstance(m, nn.BatchNorm1d)
            ]
            setattr(self, part, nn.Sequential(*layers))

    def sample(self, mu, log_var):
        return mu


def test_one_pass_over_both_pools_is_the_same_step_as_two():
    vae = WithoutNoise()
    X, X_pool = torch.randn(8, 6), torch.randn(8, 6)
    nets = [make_net(vae=deepcopy(vae), fused=fused) for fused in (True, False)]
    nets[1].discriminator.load_state_dict(nets[0].discriminator.state_dict())
    (losses, latents), (expected, expected_latents) = (
        net.vae_step(X, X_pool) for net in nets
    )
    torch.testing.assert_close(losses, expected)
    for mu, expected_mu in zip(latents, expected_latents):
        torch.testing.assert_close(mu, expected_mu)
    for p, q in zip(nets[0].vae.parameters(), nets[1].vae.parameters()):
        torch.testing.assert_close(p.grad, q.grad)


def test_batch_normalization_sees_the_pools_apart_unless_fused():
    means = {}
    for fused in (True, False):
        net = make_net(fused=fused)
        norm, seen = net.vae.encoder[1], []
        norm.register_forward_hook(lambda m, i, o, seen=seen: seen.append(o.mean(0)))
        net.vae_step(torch.randn(32, 6), torch.randn(32, 6) + 5)
        means[fused] = seen
    assert len(means[True]) == 1 and len(means[False]) == 2
    for mean in means[False]:
        torch.testing.assert_close(mean, torch.zeros(16), atol=1e-4, rtol=0)


@pytest.mark.parametrize("fused, expected", [(True, [2, 2]), (False, [6, 4])])
def test_the_discriminator_costs_no_decoding(fused, expected):
    """Per iteration of 2 + 1 steps: passes of the encoder and of the decoder."""
    net = make_net(fused=fused)
    counts = [0, 0]
    for k, part in enumerate((net.vae.encoder, net.vae.decoder)):
        part.register_forward_hook(
            lambda m, i, o, k=k: counts.__setitem__(k, counts[k] + 1)
        )
    net.iteration(PairedBatches(torch.randn(9, 6), torch.randn(9, 6), 4))
    assert counts == expected


def test_further_steps_of_the_discriminator_see_further_samples():
    net = make_net(n_discriminator_steps=3)
    batches = PairedBatches(torch.randn(90, 6), torch.randn(90, 6), 4)
    draws = []
    draw = batches.draw
    batches.draw = lambda: draws.append(1) or draw()
    net.iteration(batches)
    assert len(draws) == 2 + 2


# ------------------------------------------------------------------------ scoring


def test_scores_are_those_of_evaluation_mode():
    """Released code scores in training mode: company counts and the net drifts."""
    net = make_net()
    X = torch.randn(40, 6)
    net.fit(X, X + 1, batch_size=8, n_iterations=5)
    expected = net.predict_logits(X)
    state = deepcopy(net.vae.state_dict())
    net.vae.train()
    assert (net.predict_logits(X) == expected).all()
    assert all(torch.equal(net.vae.state_dict()[k], state[k]) for k in state)
    alone = [net.predict_logits(x[None])[0] for x in X]
    small = net.predict_logits(X.flip(0), batch_size=3)[::-1]
    assert alone == pytest.approx(expected.tolist(), rel=1e-4, abs=1e-5)
    assert small == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_training_is_in_training_mode_after_scoring():
    """A net that once was put into evaluation mode must be taken out of it."""
    net = make_net()
    X = torch.randn(40, 6)
    net.predict_logits(X)
    modes = []
    net.vae.encoder[1].register_forward_hook(lambda m, i, o: modes.append(m.training))
    net.fit(X, X + 1, batch_size=8, n_iterations=2)
    assert len(modes) == 4 and all(modes)
    assert not net.vae.training and not net.discriminator.training


def test_augmentation_is_for_training_only():
    seen = []

    def flip(X):
        seen.append(X.shape)
        return X.flip(-1)

    net = make_net(vae=VAE(1, 4, 4, 4), augment=flip)
    X = torch.randn(6, 1, 4, 4)
    net.fit(X, X, batch_size=4, n_iterations=1)
    assert seen == [(4, 1, 4, 4)] * 4
    net.predict_logits(X)
    assert len(seen) == 4


def test_bfloat16_is_near_single_precision():
    X, X_pool = torch.randn(40, 6), torch.randn(40, 6) + 1
    single = make_net()
    single.fit(X, X_pool, batch_size=16, n_iterations=10)
    short = make_net(precision="bf16", vae=deepcopy(single.vae))
    short.discriminator.load_state_dict(single.discriminator.state_dict())
    logits = short.predict_logits(X)
    assert logits.dtype == "float32"
    assert logits == pytest.approx(single.predict_logits(X), abs=0.05)
    history = short.fit(X, X_pool, batch_size=16, n_iterations=2)
    assert all(math.isfinite(history[term][0]) for term in TERMS)


# ------------------------------------------------------------------------- faults


def test_a_loss_that_is_not_finite_is_named_with_its_epoch():
    net = make_net()
    X = torch.randn(8, 6)
    batches = PairedBatches(X, X, 4)
    net.iteration(batches)
    with torch.no_grad():
        net.discriminator.layers[0].weight.fill_(float("nan"))
    net.epoch, before = 3, snapshot(net.vae)
    with pytest.raises(FloatingPointError, match=r"epoch 3: adversarial \(nan\)") as e:
        net.iteration(batches)
    assert "lr (now 0.0005)" in str(e.value)
    assert same(net.vae, before)


def test_a_diverging_fit_stops_in_the_epoch_in_which_it_diverges():
    net = make_net(lr=1e30)
    X = torch.randn(8, 6)
    with pytest.raises(FloatingPointError, match=r"epoch [12]: .*reconstruction"):
        net.fit(X, X, batch_size=4, max_epochs=50)
    assert not net.vae.training


def test_images_of_another_size_are_refused_not_merged():
    """The released view(-1, 4096) makes 8 latents of two images of twice the size."""
    net = make_net(vae=VAE(1, 8, 4, 4))
    with pytest.raises(ValueError, match="built for samples of shape"):
        net.predict_logits(torch.zeros(2, 1, 16, 16))


def test_a_discriminator_of_columns_is_refused():
    """Shape (n, 1) against (n,) would broadcast to n x n."""
    net = make_net()
    net.discriminator = nn.Linear(4, 1)
    with pytest.raises(ValueError, match=r"one logit per sample, shape \(4,\)"):
        net.predict_logits(torch.zeros(4, 6))


def test_an_autoencoder_that_returns_another_shape_is_refused():
    net = make_net()
    net.vae.decoder[-1] = nn.Linear(16, 1)
    with pytest.raises(ValueError, match="must be the same"):
        net.vae_step(torch.zeros(4, 6), torch.zeros(4, 6))


# ------------------------------------------------------------------------ batches


def test_fewer_labels_than_a_batch_do_not_hang():
    """A loader that drops incomplete batches would look for ever for a full one."""
    X, X_pool = torch.arange(3.0)[:, None], torch.arange(50.0)[:, None]
    batch, batch_pool = PairedBatches(X, X_pool, 8).draw()
    assert batch.shape == batch_pool.shape == (8, 1)
    assert sorted(torch.bincount(batch[:, 0].long()).tolist()) == [2, 3, 3]


def test_a_side_is_shown_whole_before_any_of_it_again():
    X, X_pool = torch.arange(7), torch.arange(10)
    batches = PairedBatches(X, X_pool, 4)
    seen = [batches.draw() for _ in range(35)]
    labeled = torch.cat([batch for batch, _ in seen])
    pool = torch.cat([batch for _, batch in seen])
    for stream, n in ((labeled, 7), (pool, 10)):
        rounds = stream.reshape(-1, n)
        assert (rounds.sort(dim=1).values == torch.arange(n)).all()
        assert len({tuple(r.tolist()) for r in rounds}) > 10  # shuffled anew


def test_an_epoch_shows_the_longer_side_once():
    assert len(PairedBatches(torch.zeros(3), torch.zeros(9), 4)) == 3
    assert len(PairedBatches(torch.zeros(8), torch.zeros(2), 4)) == 2


def test_the_number_of_iterations_overrides_epochs():
    X = torch.randn(12, 6)
    net = make_net()
    assert len(net.fit(X, X, batch_size=4, max_epochs=2)["kl"]) == 2
    history = net.fit(X, X, batch_size=4, max_epochs=9, n_iterations=7)
    assert [len(history[term]) for term in TERMS] == [3, 3, 3, 3]


def test_an_empty_side_is_refused():
    with pytest.raises(ValueError, match="pool is empty"):
        PairedBatches(torch.zeros(3, 1), torch.zeros(0, 1), 2)
