"""Virtual adversarial directions: by hand, by gradients, by the linear closed form."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets import VATLoss, virtual_adversarial
from skactive.nets.attacks._linear_head import fisher_root, linear_smoothness
from skactive.nets.attacks._virtual_adversarial import divergence
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep

A1 = [[1.0, 0.0], [0.0, 2.0]], [0.5, 0.0], [1.0, 1.0]
A2 = [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]], [0.2, 0.0, -0.1], [0.3, -0.2]


def head(case, dtype=torch.float64):
    """Return logits as a function, and the one sample of a case."""
    W, b, x = (torch.tensor(part, dtype=dtype) for part in case)
    return lambda X: X @ W.T + b, x[None]


def attack(case, eps, **settings):
    logits, X = head(case)
    return virtual_adversarial(logits, X, eps, **settings)


def change(case, r):
    """Return KL(p(x) || p(x + r)) of the one sample of a case."""
    logits, X = head(case)
    log_p = logits(X).log_softmax(dim=1)
    return divergence(log_p, logits(X + torch.tensor(np.array([r])))).item()


def mlp(d=6, n_classes=4, scale=1.0):
    torch.manual_seed(0)
    net = MLP(d, n_classes, hidden=(16,)).double()
    with torch.no_grad():
        net.head.weight.mul_(scale)
    return net, torch.randn(30, d, dtype=torch.float64)


# -------------------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    "eps, plus, minus",
    [
        (0.1, 0.005758314235, 0.005971844050),
        (0.5, 0.128920314708, 0.152988562642),
        (1.0, 0.432939836597, 0.580083421931),
    ],
)
def test_two_classes_by_hand(eps, plus, minus):
    v = np.array([-0.4472135955, 0.8944271910])
    assert change(A1, eps * v) == pytest.approx(plus, abs=1e-9)
    assert change(A1, -eps * v) == pytest.approx(minus, abs=1e-9)
    found = attack(A1, eps, method="exact")
    np.testing.assert_allclose(found.perturbation[0], -eps * v, atol=1e-9)
    assert found.smoothness.item() == pytest.approx(minus, abs=1e-9)
    # The information has rank one: one iteration is exact from any start.
    for start in ([1.0, 0.0], [0.3, 0.9]):
        start = torch.tensor([start]).double()
        found = attack(A1, eps, start=start, xi=1e-6)
        assert found.smoothness.item() == pytest.approx(minus, abs=1e-5)


@pytest.mark.parametrize(
    "eps, plus, minus",
    [(0.1, 0.004145447721, 0.004441285451), (1.0, 0.289407064837, 0.517414438195)],
)
def test_three_classes_by_hand(eps, plus, minus):
    v = np.array([0.822885686178, 0.568206958320])
    assert change(A2, eps * v) == pytest.approx(plus, abs=1e-9)
    found = attack(A2, eps, method="exact")
    np.testing.assert_allclose(found.perturbation[0], -eps * v, atol=1e-9)
    assert found.smoothness.item() == pytest.approx(minus, abs=1e-9)
    W, b, x = map(np.array, A2)
    smoothness, a = linear_smoothness((W @ x + b)[None], W, eps)
    assert smoothness[0] == pytest.approx(minus, abs=1e-9)
    np.testing.assert_allclose(a @ W, [-eps * v], atol=1e-9)


def test_information_and_its_largest_eigenvalue_by_hand():
    W, b, x = map(np.array, A2)
    z = W @ x + b
    p = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(
        p, [0.501713198156, 0.249143400922, 0.249143400922], atol=1e-9
    )
    S = fisher_root(np.log(p)[None])[0]
    np.testing.assert_allclose(S @ S.T, np.diag(p) - np.outer(p, p), atol=1e-15)
    H = W.T @ S @ S.T @ W
    np.testing.assert_allclose(
        H,
        [[0.687065096603, 0.249143400922], [0.249143400922, 0.498286801844]],
        atol=1e-9,
    )
    np.testing.assert_allclose(
        np.linalg.eigvalsh(H), [0.326251953747, 0.859099944701], atol=1e-9
    )


def test_the_exact_direction_is_nearly_the_worst_one():
    angles = np.linspace(0, 2 * np.pi, 1001)
    worst = max(change(A2, [np.cos(angle), np.sin(angle)]) for angle in angles)
    assert worst == pytest.approx(0.518800, abs=1e-5)
    found = attack(A2, 1.0, method="exact").smoothness.item()
    assert 0.99 * worst < found <= worst


@pytest.mark.parametrize(
    "xi, expected, atol",
    [
        (1e-6, (0.94010003812, 0.340898692174), 1e-5),
        (1.0, (0.98293852736, 0.183934367183), 1e-9),
        (10.0, (0.999999999545, 0.000030162129), 1e-9),
    ],
)
def test_a_long_finite_step_misses_the_direction(xi, expected, atol):
    start = torch.tensor([[1.0, 0.0]]).double()
    found = attack(A2, 1.0, xi=xi, start=start, symmetrize=False)
    np.testing.assert_allclose(found.perturbation[0], expected, atol=atol)


def test_the_default_step_is_short_enough():
    start = torch.tensor([[1.0, 0.0]])
    for dtype, atol in ((torch.float64, 1e-4), (torch.float32, 2e-3)):
        logits, X = head(A2, dtype)
        found = virtual_adversarial(
            logits, X, 1.0, start=start.to(dtype), symmetrize=False
        )
        assert found.perturbation.dtype == dtype
        np.testing.assert_allclose(
            found.perturbation[0], [0.940099978493, 0.340898856610], atol=atol
        )


# ------------------------------------------------------------------------- properties


def test_power_iteration_finds_the_eigenvector_of_the_information():
    net, X = mlp()
    exact = virtual_adversarial(net, X, 0.01, method="exact")
    power = virtual_adversarial(net, X, 0.01, n_power=300)
    np.testing.assert_allclose(power.smoothness, exact.smoothness, rtol=1e-3)
    # Slowly, from the Jacobian of one sample at a time.
    for i in range(5):
        J = torch.autograd.functional.jacobian(net, X[i : i + 1])[0, :, 0]
        p = net(X[i : i + 1])[0].softmax(dim=0)
        H = (J.T @ (p.diag() - p[:, None] * p[None]) @ J).detach()
        v = torch.linalg.eigh(H)[1][:, -1]
        assert abs(v @ exact.perturbation[i]) == pytest.approx(0.01, rel=1e-9)


def test_a_linear_head_needs_no_gradients():
    rng = np.random.RandomState(0)
    W, b, H = rng.normal(size=(5, 9)), rng.normal(size=5), rng.normal(size=(40, 9))
    weights, bias = torch.tensor(W), torch.tensor(b)
    found = virtual_adversarial(
        lambda X: X @ weights.T + bias, torch.tensor(H), 0.7, method="exact"
    )
    smoothness, a = linear_smoothness(H @ W.T + b, W, 0.7)
    np.testing.assert_allclose(smoothness, found.smoothness, rtol=1e-9)
    np.testing.assert_allclose(a @ W, found.perturbation, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(a @ W, axis=1), 0.7)


def test_it_grows_with_the_radius_and_is_never_negative():
    rng = np.random.RandomState(0)
    W, z = rng.normal(size=(4, 6)), 3 * rng.normal(size=(50, 4))
    values = [linear_smoothness(z, W, eps)[0] for eps in (0.0, 1e-6, 0.1, 0.5, 2.0)]
    np.testing.assert_array_equal(values[0], 0)
    assert all((a <= b).all() for a, b in pairwise(values))
    assert (np.min(values, axis=0) >= 0).all()


def test_symmetrized_it_does_not_know_the_sign_of_the_start():
    net, X = mlp()
    start = torch.randn_like(X)
    for symmetrize, same in ((True, True), (False, False)):
        one, other = (
            virtual_adversarial(
                net, X, 1.0, xi=1e-6, start=sign * start, symmetrize=symmetrize
            ).smoothness
            for sign in (1, -1)
        )
        assert torch.allclose(one, other, rtol=1e-3) == same


@pytest.mark.parametrize("size", [1, 4, 30])
@pytest.mark.parametrize("method", ["power", "exact"])
def test_a_batch_is_its_samples_one_by_one(size, method):
    net, X = mlp()
    settings = {"xi": 1e-5, "method": method, "start": torch.ones(6).double()}
    whole = virtual_adversarial(net, X, 0.5, **settings)
    parts = [
        virtual_adversarial(net, X[i : i + size], 0.5, **settings)
        for i in range(0, len(X), size)
    ]
    for name in ("smoothness", "perturbation"):
        joined = torch.cat([part[name] for part in parts])
        torch.testing.assert_close(joined, whole[name], rtol=1e-6, atol=1e-8)


def test_images_keep_their_axes():
    X = torch.randn(7, 1, 4, 4)
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    for method in ("power", "exact"):
        found = virtual_adversarial(net, X, 2.0, method=method)
        assert found.perturbation.shape == X.shape
        length = found.perturbation.flatten(1).norm(dim=1)
        torch.testing.assert_close(length, torch.full((7,), 2.0))


def test_where_nothing_changes_it_is_flat():
    X = torch.randn(4, 3)
    # Zero weights; outputs without a graph; the same constant in all logits.
    for logits in (
        lambda X: 0 * X,
        lambda X: torch.zeros(len(X), 2),
        lambda X: X.sum(dim=1, keepdim=True).expand(-1, 2) * 1.0,
    ):
        found = virtual_adversarial(logits, X, 1.0, method="exact")
        assert found.flat.all()
        assert (found.smoothness == 0).all() and (found.perturbation == 0).all()
    found = virtual_adversarial(lambda X: torch.zeros(len(X), 2), X, 1.0)
    assert found.flat.all() and (found.smoothness == 0).all()


def test_saturated_samples_keep_their_direction():
    W, b, x = map(np.array, A2)
    for scale in (1e2, 1e3):
        z = scale * (W @ x + b)[None]
        smoothness, a = linear_smoothness(z, W, 1.0)
        assert np.isfinite(smoothness).all() and (smoothness >= 0).all()
        np.testing.assert_allclose(np.linalg.norm(a @ W), 1.0)
    for n_power in (1, 3):
        found = virtual_adversarial(
            lambda X: 1e4 * X, torch.randn(20, 3), 0.1, n_power=n_power
        )
        assert torch.isfinite(found.smoothness).all()
        assert torch.isfinite(found.perturbation).all()


def test_nothing_of_the_net_changes():
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    net[2].eval()
    state = {k: v.clone() for k, v in net.state_dict().items()}
    for method in ("power", "exact"):
        virtual_adversarial(net, torch.randn(9, 3), 1.0, method=method)
    assert [part.training for part in net] == [True, True, False]
    assert all(w.requires_grad and w.grad is None for w in net.parameters())
    assert all(torch.equal(v, state[k]) for k, v in net.state_dict().items())


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="'power' or 'exact'"):
        attack(A1, 1.0, method="guess")


# -------------------------------------------------------------------------- the loss


def test_the_loss_is_the_mean_one_sided_divergence():
    net, X = mlp()
    torch.manual_seed(3)
    start = torch.randn_like(X)
    found = virtual_adversarial(net, X, 0.5, start=start, symmetrize=False)
    torch.manual_seed(3)
    loss = VATLoss(eps=0.5)(net, X)
    assert loss.item() == pytest.approx(found.smoothness.mean().item(), rel=1e-9)


def test_gradients_of_the_loss_reach_weights_only():
    net, X = mlp()
    X.requires_grad_()
    loss = VATLoss(eps=0.5)(net, X)
    assert all(weight.grad is None for weight in net.parameters())
    loss.backward()
    assert X.grad is None
    assert all(weight.grad is not None for weight in net.parameters())
    # Against finite differences of the loss, perturbation and clean prediction held.
    torch.manual_seed(0)
    start = torch.randn_like(X)
    r = virtual_adversarial(net, X, 0.5, start=start, symmetrize=False).perturbation
    log_p = net(X.detach()).log_softmax(dim=1).detach()
    net.zero_grad()
    torch.manual_seed(0)
    VATLoss(eps=0.5)(net, X).backward()
    bias = net.head.bias
    values = []
    for sign in (1, -1):
        with torch.no_grad():
            bias[0] += sign * 1e-5
            values.append(divergence(log_p, net(X + r)).mean().item())
            bias[0] -= sign * 1e-5
    slope = (values[0] - values[1]) / 2e-5
    assert bias.grad[0].item() == pytest.approx(slope, rel=1e-5)


def test_batch_statistics_are_not_counted_and_dropout_is_the_same_in_all_passes():
    net = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 2)
    )
    state = {k: v.clone() for k, v in net.state_dict().items()}
    X = torch.randn(16, 3)
    assert VATLoss(eps=0.5)(net, X) > 0
    assert all(torch.equal(v, state[k]) for k, v in net.state_dict().items())
    assert net[1].track_running_stats
    # Without a perturbation, other dropout would make another prediction.
    assert VATLoss(eps=0.0)(net, X).item() == pytest.approx(0, abs=1e-6)


def test_training_with_it_makes_predictions_smoother():
    X = torch.randn(100, 4, dtype=torch.float64)
    y = (X[:, 0] > 0).long()
    left = {}
    for weight in (0.0, 1.0):
        torch.manual_seed(0)
        net = MLP(4, 2, hidden=(16,)).double()
        optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
        for _ in range(60):
            loss = nn.functional.cross_entropy(net(X[:10]), y[:10])
            loss = loss + weight * VATLoss(eps=0.5)(net, X)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found = virtual_adversarial(net, X, 0.5, method="exact")
        left[weight] = found.smoothness.mean().item()
    assert left[1.0] < left[0.0] / 2
