"""Mixed batches, and the loss of telling one half from the other."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from skactive.nets.beside._sampler_net import MixedBatches, sampler_loss

pytestmark = pytest.mark.deep


def test_losses_of_a_mixed_batch():
    logits = torch.tensor([[2.0, 0, 0], [0, 1.0, 0]], dtype=torch.float64)
    task = F.cross_entropy(logits, torch.tensor([0, 2]))
    of_sampler = torch.logit(torch.tensor([0.8, 0.6, 0.3, 0.1], dtype=torch.float64))
    np.testing.assert_allclose(sampler_loss(of_sampler, 4 - 2), 0.29900116, atol=1e-7)
    np.testing.assert_allclose(sampler_loss(of_sampler[:2], 2), 0.36698459, atol=1e-7)
    np.testing.assert_allclose(sampler_loss(of_sampler[2:], 0), 0.23101773, atol=1e-7)
    np.testing.assert_allclose(
        task + 0.5 * sampler_loss(of_sampler, 2), 1.04499532, atol=1e-7
    )


def test_batches_hold_labeled_samples_with_their_labels_and_as_many_of_the_pool():
    X, X_pool = np.arange(10.0)[:, None], 100 + np.arange(7.0)[:, None]
    torch.manual_seed(0)
    batches = MixedBatches(X, np.arange(10), X_pool, 4)
    assert len(batches) == 3
    seen, pool = [], []
    for _ in range(10):
        for Xi, yi in batches:
            assert Xi.shape == (8, 1) and yi.shape == (4,)
            np.testing.assert_array_equal(Xi[:4, 0], yi)
            assert (Xi[4:] >= 100).all()
            seen += yi.tolist()
            pool += Xi[4:, 0].int().tolist()
    assert (
        np.bincount(seen).tolist() == [12] * 10
    )  # 120 rows, ten permutations twelvefold
    counts = np.bincount(pool)[100:]
    assert counts.sum() == 120 and counts.max() - counts.min() <= 1


def test_pool_changes_from_epoch_to_epoch():
    torch.manual_seed(0)
    batches = MixedBatches(np.zeros((4, 1)), np.zeros(4), np.arange(40.0)[:, None], 4)
    epochs = [set(X[4:, 0].tolist()) for _ in range(10) for X, _ in batches]
    assert len(set.union(*epochs)) == 40


def test_without_a_pool_batches_are_labeled():
    batches = MixedBatches(np.ones((5, 2)), np.arange(5), None, 5)
    assert [(len(X), len(y)) for X, y in batches] == [(5, 5)]
