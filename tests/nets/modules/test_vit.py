"""The bottleneck in which embeddings look at one another."""

import numpy as np
import pytest
import torch

from skactive.nets.modules import ViTBottleneck

pytestmark = pytest.mark.deep

X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)


def identity(width, **settings):
    """Return a bottleneck whose maps are all the identity, in float64."""
    bottleneck = ViTBottleneck(width, **settings).double()
    for layer in bottleneck.layers:
        eye = torch.eye(layer.hidden.in_features, dtype=torch.float64)
        with torch.no_grad():
            layer.query_key.weight.copy_(torch.cat([eye, eye]))
            layer.hidden.weight.copy_(eye)
            layer.out.weight.copy_(eye)
            for linear in (layer.query_key, layer.hidden, layer.out):
                linear.bias.zero_()
    return bottleneck


def drawn(width=8, n=6, seed=0, **settings):
    """Return a bottleneck with random weights, and embeddings."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        bottleneck = ViTBottleneck(width, **settings)
    return bottleneck, torch.randn(n, width, generator=generator)


def close(actual, expected, tol=1e-6):
    np.testing.assert_allclose(actual.detach().numpy(), expected, rtol=0, atol=tol)


# ------------------------------------------------------------------ worked by hand


def test_released_equations_without_scale():
    bottleneck = identity(2, scale=1.0)
    A = [
        [0.422318798, 0.155362403, 0.422318798],
        [0.155362403, 0.422318798, 0.422318798],
        [0.211941558, 0.211941558, 0.576116885],
    ]
    Z = [
        [3.689275193, 1.155362403],
        [1.155362403, 3.689275193],
        [3.576116885, 3.576116885],
    ]
    close(bottleneck.attention(X), A)
    close(bottleneck(X), Z)


def test_default_scale_is_one_over_the_root_of_the_width():
    A = identity(2).attention(X)
    close(A[0], [0.401112093, 0.197775815, 0.401112093])
    close(A[2], [0.248255078, 0.248255078, 0.503489843])
    # The linear maps double what is not negative.
    close(identity(2)(X)[2] / 2, [1.751744922, 1.751744922])


def test_channels_are_tokens_of_the_batch():
    bottleneck = identity(3, mode="channel", batch_size=2)
    Z = bottleneck(torch.tensor([[1.0, 0, 1], [0, 1, 1]], dtype=torch.float64))
    assert Z.shape == (2, 3)
    close(Z[0], [3.689275193, 1.155362403, 3.576116885])
    close(Z[1], [1.155362403, 3.689275193, 3.576116885])


def test_one_token_is_doubled():
    close(identity(2)(X[:1]) / 2, 2 * X[:1])


def test_equal_rows_look_at_all_alike():
    bottleneck, Z = drawn(n=1)
    A = bottleneck.attention(Z.expand(4, -1))
    close(A, np.full((4, 4), 0.25))


@pytest.mark.parametrize("n_heads", [1, 2, 4])
def test_attention_is_that_of_a_slow_reference(n_heads):
    bottleneck, Z = drawn(n_heads=n_heads)
    bottleneck, Z = bottleneck.double(), Z.double()
    layer = bottleneck.layers[0]
    Q, K = layer.query_key(Z).detach().numpy().reshape(6, 2, n_heads, -1).swapaxes(0, 1)
    V = Z.numpy().reshape(6, n_heads, -1)
    mixed, A = np.zeros_like(V), np.zeros((6, 6))
    for h in range(n_heads):
        for i in range(6):
            logits = [Q[i, h] @ K[j, h] / np.sqrt(8 / n_heads) for j in range(6)]
            shares = np.exp(logits) / np.exp(logits).sum()
            A[i] += shares / n_heads
            mixed[i, h] = shares @ V[:, h]
    Z1 = torch.from_numpy(mixed.reshape(6, 8)) + Z
    expected = Z1 + layer.out(layer.hidden(Z1).relu())
    close(bottleneck.attention(Z), A, 1e-12)
    close(bottleneck(Z), expected.detach().numpy(), 1e-12)
    close(bottleneck.attention(Z).sum(dim=1), np.ones(6), 1e-12)


@pytest.mark.parametrize(
    "settings, n",
    [
        ({"width": 512}, 1_050_624),
        ({"width": 512, "mode": "channel", "batch_size": 128}, 66_048),
        ({"width": 16, "depth": 0}, 0),
    ],
)
def test_numbers_of_parameters(settings, n):
    assert sum(p.numel() for p in ViTBottleneck(**settings).parameters()) == n


# -------------------------------------------------------------- order and influence


@pytest.mark.parametrize("settings", [{}, {"n_heads": 2}, {"depth": 2}])
def test_samples_in_another_order_are_the_samples_in_another_order(settings):
    bottleneck, Z = drawn(**settings)
    for seed in range(5):
        order = np.random.RandomState(seed).permutation(6)
        close(bottleneck(Z[order]), bottleneck(Z)[order].detach().numpy(), 1e-5)


def test_channels_have_no_order_and_places_in_the_batch_have():
    bottleneck, Z = drawn(mode="channel", batch_size=6)
    order = np.random.RandomState(0).permutation(8)
    close(bottleneck(Z[:, order]), bottleneck(Z)[:, order].detach().numpy(), 1e-5)
    moved = bottleneck(Z.flip(0)).flip(0)
    assert (moved - bottleneck(Z)).abs().max() > 0.1


@pytest.mark.parametrize("settings", [{}, {"mode": "channel", "batch_size": 6}])
def test_samples_of_a_batch_change_one_another(settings):
    bottleneck, Z = drawn(**settings)
    other = Z.clone()
    other[3] += 1
    change = (bottleneck(other) - bottleneck(Z)).abs().amax(dim=1)
    assert (change > 1e-3).all()


@pytest.mark.parametrize(
    "settings, n_context",
    [({}, 4), ({"depth": 2, "n_heads": 2}, 4), ({"mode": "channel"}, 5)],
)
def test_with_a_context_no_sample_changes_another(settings, n_context):
    bottleneck, Z = drawn(
        **settings, **({"batch_size": 6} if "mode" in settings else {})
    )
    context = torch.randn(n_context, 8, generator=torch.Generator().manual_seed(1))
    expected = bottleneck(Z, context)
    other = Z.clone()
    other[3] += 1
    got = bottleneck(other, context)
    rows = [0, 1, 2, 4, 5]
    torch.testing.assert_close(got[rows], expected[rows], rtol=0, atol=0)
    assert (got[3] - expected[3]).abs().max() > 1e-3
    assert (bottleneck(Z, context + 1) - expected).abs().max() > 1e-3


def test_context_is_the_rest_of_the_batch():
    bottleneck, Z = drawn()
    close(bottleneck(Z[:1], Z[1:]), bottleneck(Z)[:1].detach().numpy(), 1e-6)
    bottleneck, Z = drawn(mode="channel", batch_size=6)
    close(bottleneck(Z[:1], Z[1:]), bottleneck(Z)[:1].detach().numpy(), 1e-6)


def test_many_channels_are_passed_in_parts():
    bottleneck, Z = drawn(width=1500, n=6, mode="channel", batch_size=3)
    with torch.no_grad():
        together = bottleneck(Z, Z[:2])
        for i in range(6):
            close(bottleneck(Z[i : i + 1], Z[:2])[0], together[i].numpy(), 1e-4)


def test_autocast_is_left_outside():
    bottleneck, Z = drawn()
    with torch.autocast("cpu", torch.bfloat16):
        inside = bottleneck(Z)
    assert inside.dtype == torch.float32
    torch.testing.assert_close(inside, bottleneck(Z), rtol=0, atol=0)


# ---------------------------------------------------------------------------- refused


def test_batch_of_another_length_is_refused_for_channels():
    bottleneck, Z = drawn(mode="channel", batch_size=5)
    with pytest.raises(ValueError, match="batches of 5 samples, got 6"):
        bottleneck(Z)
    with pytest.raises(ValueError, match="batches of 5 samples, got 6"):
        bottleneck(Z, Z[:5])


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"mode": "token"}, "mode"),
        ({"mode": "channel"}, "batch_size"),
        ({"n_heads": 3}, "n_heads=3 must divide the width of a token, 8"),
    ],
)
def test_bad_settings_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        ViTBottleneck(8, **settings)


def test_there_is_no_attention_without_a_layer():
    bottleneck, Z = drawn(depth=0)
    assert bottleneck(Z) is Z
    with pytest.raises(ValueError, match="depth is 0"):
        bottleneck.attention(Z)
