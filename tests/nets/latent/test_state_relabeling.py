"""The game of SRAAL: its losses on paper, its steps one by one, its batches."""

import pytest
import torch

from skactive.deep import uncertainty_indicator
from skactive.nets._pool import PairedBatches
from skactive.nets.latent._state_relabeling import (
    KnownBatches,
    StateRelabelingNet,
    state_loss,
)
from skactive.nets.modules import MLP, MLPVAE, Discriminator

pytestmark = pytest.mark.deep


@pytest.fixture
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def make_net(learner=True, hidden=(16,), **settings):
    vae = MLPVAE(6, 4, (16,), decoded_dim=2)
    return StateRelabelingNet(
        vae,
        Discriminator(4, hidden),
        MLP(2, 3, hidden=(8,)) if learner else None,
        n_classes=3,
        shift=torch.zeros(1),
        scale=torch.ones(1),
        **settings,
    )


def test_the_least_loss_is_the_entropy_of_the_states():
    state, sure = torch.full((3,), 0.3), torch.full((3,), 100.0)
    at_best = torch.logit(torch.tensor([0.7] * 3))
    assert state_loss(sure, at_best, state).item() == pytest.approx(0.610864, abs=1e-6)
    for logit in (at_best - 0.1, at_best + 0.1):
        assert state_loss(sure, logit, state) > 0.610864 + 1e-5


def test_state_of_one_is_the_hard_state_of_vaal():
    logits, pool = torch.logit(torch.tensor([[0.9, 0.6], [0.3, 0.2]]))
    loss = state_loss(logits, pool, torch.ones(2))
    assert loss.item() == pytest.approx(0.598002, abs=1e-6)


def test_certain_logits_have_finite_losses():
    far = torch.tensor([200.0])
    assert state_loss(-far, far, torch.ones(1)).item() == pytest.approx(400)


def test_a_free_discriminator_answers_with_the_indicator():
    """Trained on a pool alone, it becomes the state of each of its samples."""
    pool_only, state = torch.zeros(4), torch.tensor([0.05, 0.3, 0.6, 0.95])
    logits = torch.zeros(4, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.05)
    for _ in range(800):
        optimizer.zero_grad()
        state_loss(pool_only, logits, state).backward()
        optimizer.step()
    torch.testing.assert_close(torch.sigmoid(-logits), state, atol=1e-3, rtol=0)


@pytest.mark.parametrize("reverse, sign", [(False, 1), (True, -1)])
def test_the_adversary_makes_all_look_labeled_or_as_published(reverse, sign, seeded):
    net = make_net(reverse_adversary=reverse, adversary_weight=100.0, lr=5e-3)
    X, X_pool = torch.randn(32, 6), torch.randn(32, 6) + 1
    y, state = torch.zeros(32, dtype=torch.long), torch.ones(32)
    before = net.predict_logits(X_pool).mean()
    net.start()
    for _ in range(30):
        net.vae_step(X, X_pool, y, state)
    assert sign * (net.predict_logits(X_pool).mean() - before) > 1


def test_each_step_leaves_the_other_nets_alone(seeded):
    net = make_net()
    net.start()

    def copies(module):
        return [p.detach().clone() for p in module.parameters()]

    def same(module, before):
        return all(torch.equal(p, q) for p, q in zip(module.parameters(), before))

    X, y, state = torch.randn(8, 6), torch.arange(8) % 3, torch.rand(8)
    judge, learner = copies(net.discriminator), copies(net.target_learner)
    _, latents = net.vae_step(X, X + 1, y, state)
    assert same(net.discriminator, judge) and not same(net.target_learner, learner)
    learner, coder = copies(net.target_learner), copies(net.vae)
    net.discriminator_step(*latents, y, state)
    assert same(net.target_learner, learner) and same(net.vae, coder)
    assert not same(net.discriminator, judge)


@pytest.mark.parametrize("split, n_read", [(True, 2), (False, 4)])
def test_the_target_learner_reads_what_is_not_decoded(split, n_read, seeded):
    net = make_net(split=split)
    net.target_learner = MLP(n_read, 3, hidden=(8,))
    seen = []
    net.target_learner.register_forward_pre_hook(lambda m, i: seen.append(i[0]))
    Z, X = torch.arange(20.0).reshape(5, 4), torch.zeros(5, 6)
    net.further_losses([(X, Z), (X, Z)], torch.zeros(5, dtype=torch.long), None)
    torch.testing.assert_close(seen[0], Z[:, -n_read:])


def test_labels_and_states_come_with_their_samples(seeded):
    """The released code keeps the labels of the first step for the second.

    A sample says in its first column which label, or state, belongs to it.
    """
    X = torch.randn(50, 6)
    y = torch.arange(50) % 3
    X[:, 0] = y
    X_pool, state = torch.randn(70, 6), torch.rand(70)
    X_pool[:, 0] = state
    net = make_net(n_vae_steps=3, n_discriminator_steps=2)
    seen = {"further_losses": 0, "discriminator_loss": 0}
    vae_step, loss = net.vae_step, net.further_losses

    def spy_step(X, X_pool, y, state):
        net.batch = X
        torch.testing.assert_close(X_pool[:, 0], state)
        return vae_step(X, X_pool, y, state)

    def spy_loss(outputs, y, state):
        seen["further_losses"] += 1
        torch.testing.assert_close(net.batch[:, 0], y.float())
        return loss(outputs, y, state)

    drawn, draw = [], net._draw
    net._draw = lambda batches: drawn.append(draw(batches)) or drawn[-1]
    judge = net.discriminator_loss

    def spy_judge(logits, logits_pool, y, state):
        seen["discriminator_loss"] += 1
        assert state is drawn[-1][3]
        return judge(logits, logits_pool, y, state)

    net.vae_step, net.further_losses = spy_step, spy_loss
    net.discriminator_loss = spy_judge
    net.fit(X, X_pool, y=y, state=state, batch_size=16, n_iterations=2)
    assert seen == {"further_losses": 6, "discriminator_loss": 4}
    assert not torch.equal(drawn[0][2], drawn[1][2])  # redrawn, with other labels


def test_batches_are_those_of_vaal(seeded):
    X, X_pool = torch.randn(9, 2), torch.randn(20, 2)
    pairs = []
    for build in (
        lambda: PairedBatches(X, X_pool, 8),
        lambda: KnownBatches(X, X_pool, 8, torch.zeros(9), torch.zeros(20)),
    ):
        torch.manual_seed(1)
        batches = build()
        pairs.append([batches.draw()[:2] for _ in range(5)])
        assert len(batches) == 3
    for ours, theirs in zip(*pairs):
        assert torch.equal(ours[0], theirs[0]) and torch.equal(ours[1], theirs[1])


def test_the_official_settings_are_the_published_loss(seeded):
    """One step of the autoencoder, with its loss written out by the letter."""
    net = make_net(
        fused=False,
        recon_reduction="mean",
        kl_reduction="batch_mean",
        recon_weight=5,
        target_weight=5,
        reverse_adversary=True,
    )
    net.start()
    X, X_pool = torch.randn(8, 6), torch.randn(8, 6)
    y = torch.arange(8) % 3
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    torch.manual_seed(1)
    total = 0
    for k, part in enumerate((X, X_pool)):
        rebuilt, Z, mu, log_var = net.vae(part)
        kl = 0.5 * (log_var.exp() + mu**2 - 1 - log_var).sum(1).mean()
        unlabeled = -net.discriminator(mu)
        total = total + 5 * (rebuilt - part).square().mean() + kl
        total = total + bce(unlabeled, torch.ones(8))
        if k == 0:
            logits = net.target_learner(Z[:, 2:])
            total = total + 5 * torch.nn.functional.cross_entropy(logits, y)
    coders = [*net.vae.parameters(), *net.target_learner.parameters()]
    expected = torch.autograd.grad(total, coders)
    torch.manual_seed(1)
    net.vae_step(X, X_pool, y, torch.ones(8))
    for parameter, gradient in zip(coders, expected):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-4, atol=1e-6)


def test_training_goes_on_in_training_mode_after_states_are_told(seeded):
    net = make_net(relabel=uncertainty_indicator, relabel_every=1)
    modes = []
    net.vae.encoder[1].register_forward_hook(lambda m, i, o: modes.append(m.training))
    X = torch.randn(8, 6)
    _, state = net.fit(
        X,
        X + 1,
        y=torch.arange(8) % 3,
        state=torch.ones(8),
        batch_size=8,
        max_epochs=2,
    )
    # Two steps, the pass over the pool, two steps.
    assert modes == [True, True, False, True, True]
    assert state.shape == (8,) and not torch.equal(state, torch.ones(8))
