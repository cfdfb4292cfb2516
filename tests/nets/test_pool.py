"""Batches of labeled samples beside batches of the pool."""

import pytest
import torch

from skactive.nets._pool import PairedBatches, _RowStream

pytestmark = pytest.mark.deep


def test_rows_come_in_one_permutation_after_the_other():
    torch.manual_seed(0)
    rows = _RowStream(5)
    taken = torch.cat([rows.take(3) for _ in range(10)]).tolist()
    assert len(taken) == 30
    for k in range(6):
        assert sorted(taken[5 * k : 5 * k + 5]) == [0, 1, 2, 3, 4]
    assert taken[:5] != taken[5:10] or taken[:5] != taken[10:15]


@pytest.mark.parametrize("k, counts", [(2, {0, 1}), (3, {1}), (7, {2, 3}), (9, {3})])
def test_more_rows_than_there_are_repeat_each_as_often_give_or_take_one(k, counts):
    rows = _RowStream(3).take(k)
    assert len(rows) == k
    assert set(torch.bincount(rows, minlength=3).tolist()) == counts


def test_the_numbers_drawn_are_those_of_torch():
    torch.manual_seed(3)
    first, second = torch.randperm(4), torch.randperm(4)
    torch.manual_seed(3)
    rows = _RowStream(4)
    assert rows.take(4).tolist() == first.tolist()
    assert rows.take(4).tolist() == second.tolist()


def test_a_pair_has_as_many_of_either_side():
    X, X_pool = torch.zeros(3, 2), torch.ones(50, 2)
    pairs = PairedBatches(X, X_pool, 8)
    labeled, pool = pairs.draw()
    assert labeled.shape == pool.shape == (8, 2)
    assert (labeled == 0).all() and (pool == 1).all()
    assert len(pairs) == 7  # 50 samples by 8, the longer side once


@pytest.mark.parametrize("n, n_pool, side", [(0, 3, "labeled set"), (3, 0, "pool")])
def test_an_empty_side_is_refused(n, n_pool, side):
    with pytest.raises(ValueError, match=f"The {side} is empty"):
        PairedBatches(torch.zeros(n, 2), torch.zeros(n_pool, 2), 2)
