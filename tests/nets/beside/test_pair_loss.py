"""The comparison of predicted losses with true ones."""

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets.beside._pair_loss import count_ranked, pair_loss

pytestmark = pytest.mark.deep


def loss_and_gradient(predicted, target, **settings):
    predicted = torch.tensor(predicted, requires_grad=True)
    loss = pair_loss(predicted, torch.tensor(target), **settings)
    loss.backward()
    return loss.item(), predicted.grad.tolist()


A = [0.5, 0.2, 0.8, 0.1], [1.0, 0.3, 2.0, 0.4]


B = [3.0, 0.0], [1.0, 0.2]


C = [0.3, 0.3], [1.0, 1.0]


D = [2.0, -1.0, 0.5, 0.0, 1.5, -0.5], [0.1, 2.3, 0.7, 0.7, 0.2, 1.1]


E = [0.0] * 4, [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    "vectors, ties, loss, gradient",
    [
        (A, "mask", 0.5, [-0.5, 0.5, -0.5, 0.5]),
        (B, "mask", 0.0, [0.0, 0.0]),
        (C, "paper", 1.0, [1.0, -1.0]),
        (C, "mask", 0.0, [0.0, 0.0]),
        (E, "mask", 1.0, [0.5, 0.5, -0.5, -0.5]),
    ],
)
def test_hinge_and_its_gradient(vectors, ties, loss, gradient):
    got = loss_and_gradient(*vectors, ties=ties)
    assert got[0] == pytest.approx(loss, abs=1e-6)
    assert got[1] == pytest.approx(gradient, abs=1e-6)


def test_hinge_with_a_tie_among_the_pairs():
    paper, _ = loss_and_gradient(*D, ties="paper")
    masked, _ = loss_and_gradient(*D, ties="mask")
    assert paper == pytest.approx(2.833333, abs=1e-6)
    assert masked == pytest.approx(3.5, abs=1e-6)


def test_logistic_loss_of_the_difference():
    assert loss_and_gradient(*A, kind="bce")[0] == pytest.approx(0.475252, abs=1e-6)


def test_squared_error_looks_at_values():
    got, gradient = loss_and_gradient([1.0, 4.0], [0.0, 2.0], kind="mse")
    assert got == pytest.approx((1 + 4) / 2)
    assert gradient == pytest.approx([1.0, 2.0])


@pytest.mark.parametrize("weight, joint", [(1.0, 1.425), (1e-4, 0.92505)])
def test_joint_objective(weight, joint):
    predicted, target = map(torch.tensor, A)
    total = target.mean() + weight * pair_loss(predicted, target)
    assert total.item() == pytest.approx(joint, abs=1e-6)


def test_hinge_is_that_of_torch_where_nothing_ties():
    generator = torch.Generator().manual_seed(0)
    predicted = torch.randn(64, generator=generator)
    target = torch.rand(64, generator=generator)
    a, b = predicted[:32], predicted.flip(0)[:32]
    sign = torch.sign(target[:32] - target.flip(0)[:32])
    expected = nn.functional.margin_ranking_loss(a, b, sign, margin=0.7)
    assert torch.allclose(pair_loss(predicted, target, margin=0.7), expected)


def draws(n=12, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, generator=generator), torch.rand(n, generator=generator)


@pytest.mark.parametrize("kind", ["margin", "bce"])
@pytest.mark.parametrize(
    "change",
    [
        lambda p, t: (p + 5, t),
        lambda p, t: (p, 7 * t),
        lambda p, t: (p, t.exp()),
        lambda p, t: (p.flip(0), t.flip(0)),  # both of each pair change places
        lambda p, t: (p[MOVED], t[MOVED]),  # pairs as a whole change places
    ],
    ids=["shifted", "scaled", "monotone", "swapped", "permuted"],
)
def test_only_the_order_within_pairs_matters(kind, change):
    predicted, target = draws()
    expected = pair_loss(predicted, target, kind=kind)
    got = pair_loss(*change(predicted, target), kind=kind)
    assert torch.allclose(got, expected, atol=1e-6)


_FIRST = [3, 0, 5, 1, 4, 2]


MOVED = [*_FIRST, *(11 - i for i in reversed(_FIRST))]


@pytest.mark.parametrize("n", [3, 7])
def test_odd_batch_leaves_the_middle_sample_out(n):
    predicted, target = draws(n)
    keep = [i for i in range(n) if i != n // 2]
    expected = pair_loss(predicted[keep], target[keep], margin=5.0)
    assert expected > 0
    assert torch.allclose(pair_loss(predicted, target, margin=5.0), expected)


@pytest.mark.parametrize("kind", ["margin", "bce"])
def test_batch_of_one_has_no_pair_and_a_gradient_of_zero(kind):
    assert loss_and_gradient([2.0], [1.0], kind=kind) == (0.0, [0.0])


def test_column_against_vector_is_refused():
    """It would broadcast to n x n in silence."""
    predicted, target = draws(4)
    for bad in (predicted[:, None], predicted[:3]):
        with pytest.raises(ValueError, match="one number per sample"):
            pair_loss(bad, target)
        with pytest.raises(ValueError, match="one number per sample"):
            count_ranked(bad, target)


def test_true_losses_get_no_gradient():
    predicted, target = draws()
    predicted.requires_grad_()
    target.requires_grad_()
    for kind in ("margin", "bce", "mse"):
        pair_loss(predicted, target, kind=kind).backward()
    assert target.grad is None
    assert predicted.grad.abs().sum() > 0


@pytest.mark.parametrize("kind", ["margin", "bce", "mse"])
@pytest.mark.parametrize("ties", ["mask", "paper"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_pair_with_a_loss_that_is_not_finite_is_left_out(kind, ties, bad):
    predicted, target = A
    target = [bad, *target[1:]]
    loss, gradient = loss_and_gradient(predicted, target, kind=kind, ties=ties)
    keep = [1, 2, 3] if kind == "mse" else [1, 2]
    rest = [predicted[i] for i in keep], [target[i] for i in keep]
    expected, _ = loss_and_gradient(*rest, kind=kind, ties=ties)
    assert loss == pytest.approx(expected, abs=1e-6)
    assert gradient[0] == 0.0


def test_all_losses_equal_push_nothing():
    assert loss_and_gradient([1.0, -2.0, 0.5, 3.0], [0.0] * 4) == (0.0, [0.0] * 4)


def test_ranked_pairs_are_counted():
    right, n_pairs = count_ranked(*map(torch.tensor, D))
    # Pairs (0, 5): 2 > -.5 but .1 < 1.1; (1, 4): -1 < 1.5 but 2.3 > .2; the third ties.
    assert (int(right), int(n_pairs)) == (0, 2)
    right, n_pairs = count_ranked(*map(torch.tensor, A))
    assert (int(right), int(n_pairs)) == (2, 2)
    assert int(count_ranked(*map(torch.tensor, E))[0]) == 0  # a predicted tie is a miss
