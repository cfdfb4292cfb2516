"""Batches with labels and batches of the pool, in turns."""

import numpy as np
import pytest
import torch

from skactive.nets.beside._momentum_net import AlternatingBatches, LabeledAndPool

pytestmark = pytest.mark.deep


def batches_of(n_labeled, n_pool, size):
    X = np.arange(n_labeled, dtype=np.float32)[:, None]
    X_pool = -1 - np.arange(n_pool, dtype=np.float32)[:, None]
    data = LabeledAndPool(
        X if n_labeled else None, np.zeros(n_labeled, int), X_pool if n_pool else None
    )
    return AlternatingBatches(data, size, **({"shuffle": True} if n_labeled else {}))


def test_batches_take_turns_and_are_never_mixed():
    batches = batches_of(35, 50, 10)
    epoch = list(batches)
    assert [y is not None for _, y in epoch] == [True, False] * 4
    assert len(batches) == 8
    labeled = torch.cat([X for X, y in epoch if y is not None])
    pool = torch.cat([X for X, y in epoch if y is None])
    assert sorted(labeled[:, 0].tolist()) == list(range(35))
    assert len(pool) == 40 == len(pool.unique()) and (pool < 0).all()
    assert batches.n_samples() == 75


def test_the_pool_is_gone_through_across_epochs():
    batches = batches_of(10, 30, 10)
    seen = [X for _ in range(3) for X, y in batches if y is None]
    assert len(torch.cat(seen).unique()) == 30


@pytest.mark.parametrize(
    "n_labeled, n_pool, labeled, pool",
    [
        (1, 1, [2], [2]),  # nothing is normalized over a single sample
        (1, 40, [2], [10]),
        (11, 5, [6, 5], [5, 5]),
        (5, 0, [5], []),
        (0, 25, [], [10, 10, 10]),
        (0, 1, [], [2]),
    ],
)
def test_small_sides(n_labeled, n_pool, labeled, pool):
    batches = batches_of(n_labeled, n_pool, 10)
    epoch = list(batches)
    assert [len(X) for X, y in epoch if y is not None] == labeled
    assert [len(X) for X, y in epoch if y is None] == pool
    assert len(batches) == len(epoch)
    assert batches.n_samples() == sum(labeled) + sum(pool)


@pytest.mark.parametrize("size, drop_last", [(4, False), (7, True), (64, True)])
def test_samples_of_an_epoch_are_those_that_its_batches_hold(size, drop_last):
    """24 labeled samples in 6, 3 and 1 batches."""
    data = LabeledAndPool(np.zeros((24, 1)), np.zeros(24, int), np.zeros((90, 1)))
    batches = AlternatingBatches(data, size, shuffle=True, drop_last=drop_last)
    epoch = list(batches)
    assert len(batches) == len(epoch)
    assert batches.n_samples() == sum(len(X) for X, _ in epoch)
