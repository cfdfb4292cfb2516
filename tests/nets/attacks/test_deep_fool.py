"""DeepFool: vectors worked out by hand, and that a batch is its samples."""

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets import deep_fool
from skactive.nets.attacks._linear_head import linear_radius, linear_step
from skactive.nets.modules import MLP, ResNet

pytestmark = pytest.mark.deep

W3 = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)
B3 = torch.tensor([0.2, 0.0, -0.1], dtype=torch.float64)
POOL = torch.tensor(
    [[0.3, -0.2], [1.0, 1.0], [-0.5, 0.1], [2.0, -1.0]], dtype=torch.float64
)
RADII = [0.313049516850, 0.141421356237, 0.089442719100, 1.475804865150]
TARGETS = [2, 1, 1, 2]


def three(X):
    return X @ W3.T + B3


def circle(X):
    """The boundary is a circle of radius 2, outside of which class 1 wins."""
    rise = X.square().sum(dim=1) - 4
    return torch.stack([torch.zeros_like(rise), rise], dim=1)


def point(*x):
    return torch.tensor([x], dtype=torch.float64)


def mlp(seed=0, d=6, n_classes=5):
    torch.manual_seed(seed)
    return MLP(d, n_classes, hidden=(16, 16)).double()


# ------------------------------------------------------------------- linear logits


def test_nearest_class_of_a_linear_model_by_hand():
    found = deep_fool(three, POOL[:1])
    assert found.radius[0] == pytest.approx(0.313049516850, abs=1e-9)
    assert (found.target[0], found.n_iter[0], found.status[0]) == (2, 1, "flipped")
    r = (found.X_adv - POOL[:1]) / 1.02
    np.testing.assert_allclose(r, [[-0.28, -0.14]], atol=1e-9)


def test_largest_change_of_a_feature_by_hand():
    found = deep_fool(three, POOL[:1], norm=np.inf)
    assert found.radius[0] == pytest.approx(0.233333333333, abs=1e-9)
    assert found.target[0] == 2
    r = (found.X_adv - POOL[:1]) / 1.02
    np.testing.assert_allclose(r, [[-0.233333333333] * 2], atol=1e-9)


def test_sum_of_changes_is_spent_on_one_feature():
    # Boundaries: .7 of feature 0 or 1 to class 1, .7 / 2 of feature 0 to class 2.
    found = deep_fool(three, POOL[:1], norm=1)
    assert found.radius[0] == pytest.approx(0.35, abs=1e-9)
    r = (found.X_adv - POOL[:1]) / 1.02
    np.testing.assert_allclose(r, [[-0.35, 0]], atol=1e-9)


def test_a_pool_is_ranked_by_distance_and_not_by_margin():
    found = deep_fool(three, POOL)
    np.testing.assert_allclose(found.radius, RADII, atol=1e-9)
    assert found.target.tolist() == TARGETS
    assert np.argsort(found.radius).tolist() == [2, 1, 0, 3]
    z = three(POOL).sort(dim=1).values
    # Samples 1 and 2 have the same margin, and not the same distance.
    np.testing.assert_allclose(z[:, -1] - z[:, -2], [0.7, 0.2, 0.2, 3.2], atol=1e-9)


def test_fewer_classes_are_a_restriction():
    """Among equal logits of classes 1 and 2, the two best leave one of them out."""
    only_first = deep_fool(lambda X: three(X)[:, :2], POOL[:1])
    step = 1.02 * only_first.radius[0]
    assert step == pytest.approx(0.504874241767, abs=1e-9)
    assert step**2 == pytest.approx(0.254898, abs=1e-9)
    bias = B3 + torch.tensor([0, 0, -1e-6], dtype=torch.float64)
    found = deep_fool(lambda X: X @ W3.T + bias, POOL[:1], n_classes=2)
    assert found.target[0] == 1
    assert found.radius[0] == pytest.approx(0.494974746831, abs=1e-9)


@pytest.mark.parametrize("norm", [1, 2, np.inf])
@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_nearest_is_nearest_among_all_classes(norm, n_classes):
    """Against a loop over the boundaries, and the closed form of a linear head."""
    rng = np.random.RandomState(n_classes)
    W, b = rng.normal(size=(n_classes, 7)), rng.normal(size=n_classes)
    X = rng.normal(size=(50, 7))
    z = X @ W.T + b
    q = {1: np.inf, 2: 2, np.inf: 1}[norm]
    expected = []
    for row in z:
        best = row.argmax()
        expected.append(
            min(
                (row[best] - row[k]) / np.linalg.norm(W[k] - W[best], q)
                for k in range(n_classes)
                if k != best
            )
        )
    weights, bias = torch.tensor(W), torch.tensor(b)
    found = deep_fool(lambda x: x @ weights.T + bias, torch.tensor(X), norm=norm)
    np.testing.assert_allclose(found.radius, expected, rtol=1e-9)
    assert set(found.n_iter) == {1}
    radius, best, target = linear_radius(z, W, norm)
    np.testing.assert_allclose(radius, expected, rtol=1e-12)
    np.testing.assert_array_equal(target, found.target)
    step = linear_step(radius, best, target, W, norm)
    np.testing.assert_allclose(X + 1.02 * step, found.X_adv, atol=1e-9)


# ------------------------------------------------------------------ curved boundaries


def test_a_boundary_that_bends_away_is_approached_from_one_side():
    iterates = [2.166666666667, 2.006410256410, 2.000010240026, 2.000000000026, 2.0]
    for n_steps, expected in enumerate(iterates, start=1):
        found = deep_fool(circle, point(3, 0), overshoot=0, max_iter=n_steps)
        np.testing.assert_allclose(found.X_adv, [[expected, 0]], atol=1e-9)
        assert found.n_iter[0] == n_steps
    assert found.status[0] == "flipped"  # a tie of floating point


def test_an_overshoot_crosses_it():
    found = deep_fool(circle, point(3, 0))
    assert (found.n_iter[0], found.status[0], found.target[0]) == (3, "flipped", 0)
    assert found.radius[0] == pytest.approx(0.980436620453, abs=1e-9)
    np.testing.assert_allclose(
        (found.X_adv - point(3, 0)) / 1.02, [[-0.980436620453, 0]]
    )


def test_from_within_the_first_step_goes_too_far():
    found = deep_fool(circle, torch.cat([point(1, 0), point(1, 0.5)]))
    assert found.n_iter.tolist() == [1, 1]
    X = torch.cat([point(1, 0), point(1, 0.5)])
    np.testing.assert_allclose((found.X_adv - X) / 1.02, [[1.5, 0], [1.1, 0.55]])
    # An upper bound: the true distances are 1 and 2 - sqrt(1.25).
    assert (found.radius > [1, 0.881966011250]).all()


def test_reported_adversaries_belong_to_the_target():
    net, X = mlp(), torch.randn(80, 6, dtype=torch.float64)
    found = deep_fool(net, X, max_iter=50)
    flipped = found.status == "flipped"
    assert flipped.mean() > 0.9  # of some, the steps go round in circles
    reached = net(found.X_adv).argmax(dim=1).numpy()
    np.testing.assert_array_equal(reached[flipped], found.target[flipped])
    own = net(X).argmax(dim=1).numpy()
    assert (reached[flipped] != own[flipped]).all()
    r = (found.X_adv - X) / 1.02
    np.testing.assert_allclose(r.norm(dim=1), found.radius, rtol=1e-9)


def slow_deep_fool(net, x, max_iter, overshoot):
    """The published algorithm on one sample, class by class."""
    with torch.no_grad():
        first = int(net(x[None])[0].argmax())
    r = torch.zeros_like(x)
    for step in range(max_iter + 1):
        xt = (x + (1 + overshoot) * r).detach().requires_grad_()
        z = net(xt[None])[0]
        if int(z.argmax()) != first or step == max_iter:
            return float(r.norm()), step, int(z.argmax()) != first, int(z.argmax())
        own = torch.autograd.grad(z[first], xt, retain_graph=True)[0]
        steps = []
        for k in range(len(z)):
            if k != first:
                w = torch.autograd.grad(z[k], xt, retain_graph=True)[0] - own
                f = (z[k] - z[first]).item()
                steps.append((abs(f) / float(w.norm()), abs(f) / w.norm() ** 2 * w))
        r = r + min(steps, key=lambda pair: pair[0])[1]


@pytest.mark.parametrize("size", [1, 7, 60])
def test_a_batch_is_its_samples_one_by_one(size):
    net, X = mlp(), torch.randn(60, 6, dtype=torch.float64)
    expected = [slow_deep_fool(net, x, 10, 0.02) for x in X]
    parts = [deep_fool(net, X[i : i + size]) for i in range(0, len(X), size)]
    found = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    radius, n_iter, flipped, target = map(np.array, zip(*expected))
    np.testing.assert_allclose(found["radius"], radius, rtol=1e-9)
    np.testing.assert_array_equal(found["n_iter"], n_iter)
    np.testing.assert_array_equal(found["status"] == "flipped", flipped)
    np.testing.assert_array_equal(found["target"][flipped], target[flipped])
    assert n_iter.max() > n_iter.min()  # samples leave the batch at different times


# ------------------------------------------------------------------------ properties


def test_constants_and_rotations_change_nothing_and_scale_scales():
    net, X = mlp(), torch.randn(20, 6, dtype=torch.float64)
    radius = deep_fool(net, X).radius
    Q = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64))[0]
    for logits, given, factor in (
        (lambda x: net(x) + 3, X, 1),
        (lambda x: net(x @ Q), X @ Q.T, 1),
        (lambda x: net(x / 7), 7 * X, 7),
    ):
        other = deep_fool(logits, given).radius
        np.testing.assert_allclose(other, factor * radius, rtol=1e-6)


def test_a_tie_is_on_the_boundary():
    found = deep_fool(lambda X: X, point(1, 1, 0.5))
    assert (found.radius[0], found.n_iter[0], found.status[0]) == (0, 0, "flipped")


def test_samples_without_a_gradient_are_flat():
    for logits in (
        lambda X: torch.tensor([[1.0, 0.0]]).double().expand(len(X), 2),
        lambda X: torch.stack([1 + 0 * X[:, 0], 0 * X[:, 0]], dim=1),
    ):
        for settings in ({}, {"sign_step": 0.1}):
            found = deep_fool(logits, POOL, **settings)
            assert set(found.status) == {"flat"}
            assert np.isinf(found.radius).all()
            np.testing.assert_array_equal(found.X_adv, POOL)
            assert set(found.target) == {0}


def test_one_class_has_no_boundary():
    found = deep_fool(lambda X: X[:, :1], POOL)
    assert set(found.status) == {"flat"}


def test_saturated_probabilities_are_no_obstacle():
    """In float32 the softmax of the logits is exactly 1."""
    W = 1e4 * W3.float()
    X = POOL.float()
    assert (X @ W.T).softmax(dim=1).max(dim=1).values.eq(1).sum() >= 3
    found = deep_fool(lambda x: x @ W.T + 1e4 * B3.float(), X)
    np.testing.assert_allclose(found.radius, RADII, rtol=1e-4)
    found = deep_fool(lambda x: x @ W.T + 1e4 * B3.float(), X[:3], sign_step=0.05)
    assert set(found.status) == {"flipped"}


def test_steps_are_counted_and_given_up():
    found = deep_fool(circle, point(30, 0), max_iter=2)
    assert (found.status[0], found.n_iter[0]) == ("max_iter", 2)
    assert 0 < found.radius[0] < 28 and found.target[0] == 0


def test_clipped_samples_stay_in_their_range():
    # To class 2 features would fall by .28 and .14; the second is held at -.2, so that
    # the first must make up for it: .7 / 2.
    found = deep_fool(three, POOL[:1], clip=(-0.2, 1))
    assert (found.status[0], found.n_iter[0]) == ("flipped", 1)
    np.testing.assert_allclose(found.X_adv, [[0.3 - 1.02 * 0.35, -0.2]])
    assert found.radius[0] == pytest.approx(0.35)
    # In this range there is no other class.
    kept = deep_fool(three, point(2, 2), clip=(1.95, 2.05))
    assert kept.status[0] == "max_iter"
    assert kept.X_adv.min() >= 1.95 and kept.X_adv.max() <= 2.05
    # The only way out is closed at both ends.
    stuck = deep_fool(lambda X: torch.cat([X, -X], dim=1), point(1), clip=(1, 2))
    assert (stuck.status[0], stuck.radius[0]) == ("flat", np.inf)


def test_sign_steps_follow_the_gradient_of_the_cross_entropy():
    net, X = mlp(), torch.randn(30, 6, dtype=torch.float64)
    found = deep_fool(net, X, sign_step=0.05, max_iter=1, overshoot=0)
    x = X.clone().requires_grad_()
    z = net(x)
    nn.functional.cross_entropy(z, z.argmax(dim=1), reduction="sum").backward()
    np.testing.assert_allclose(found.X_adv, X + 0.05 * x.grad.sign(), atol=1e-12)
    assert found.radius == pytest.approx(0.05 * 6**0.5)


def test_sign_steps_go_on_until_the_class_changes():
    # Logits of classes 0 and 1 differ by .7, and by .1 less with every step of .05.
    two = lambda X: three(X)[:, :2]  # noqa: E731
    settings = {"sign_step": 0.05, "norm": np.inf, "overshoot": 0}
    found = deep_fool(two, point(0.31, -0.2), max_iter=20, **settings)
    assert (found.n_iter[0], found.status[0]) == (8, "flipped")
    assert found.radius[0] == pytest.approx(0.4)
    found = deep_fool(two, point(0.31, -0.2), max_iter=7, **settings)
    assert (found.n_iter[0], found.status[0]) == (7, "max_iter")


# ---------------------------------------------------------------------------- manners


def test_nothing_of_the_net_changes():
    torch.manual_seed(0)
    net = ResNet(1, 3, width=4)
    next(net.parameters()).requires_grad_(False)
    net.train()
    next(iter(net.children())).eval()
    modes = [part.training for part in net.modules()]
    wanted = [weight.requires_grad for weight in net.parameters()]
    state = {k: v.clone() for k, v in net.state_dict().items()}
    deep_fool(net, torch.randn(5, 1, 8, 8), max_iter=2)
    assert [part.training for part in net.modules()] == modes
    assert [weight.requires_grad for weight in net.parameters()] == wanted
    assert all(weight.grad is None for weight in net.parameters())
    assert all(torch.equal(v, state[k]) for k, v in net.state_dict().items())


def test_a_failed_attack_puts_the_net_back():
    net = nn.Sequential(nn.Linear(2, 3), nn.Dropout())
    with pytest.raises(FloatingPointError, match="logits of 1 samples are not finite"):
        deep_fool(net, torch.tensor([[0.0, 1.0], [np.nan, 0.0]]))
    assert net.training and net[1].training
    assert all(weight.requires_grad for weight in net.parameters())


def test_samples_are_left_alone_and_their_dtype_is_kept():
    for dtype in (torch.float32, torch.float64):
        X = POOL.to(dtype)
        before = X.clone()
        found = deep_fool(lambda x: x @ W3.to(x).T + B3.to(x), X)
        assert torch.equal(X, before) and not X.requires_grad
        assert found.X_adv.dtype == dtype
        assert found.radius.dtype == str(dtype).split(".")[1]


def test_an_unknown_norm_is_refused():
    with pytest.raises(ValueError, match="norm must be 1, 2 or inf"):
        deep_fool(three, POOL, norm=3)
