"""Batches of arrays in memory."""

import warnings

import numpy as np
import pytest
import torch
from torch.utils.data import SequentialSampler

from skactive.nets._arrays import (
    ArrayDataset,
    EvenBatchSampler,
    array_loader,
    as_images,
    as_tensor,
    in_memory_format,
)

pytestmark = pytest.mark.deep


@pytest.mark.parametrize(
    "n, size, drop, expected",
    [
        (6, 3, False, [3, 3]),
        (7, 3, False, [3, 2, 2]),
        (8, 3, False, [3, 3, 2]),
        (2500, 64, False, [63] * 20 + [62] * 20),
        (65, 64, False, [33, 32]),
        (7, 3, True, [3, 3]),
        (5, 2, False, [3, 2]),
        (3, 2, False, [3]),
        (2, 2, False, [2]),
        (1, 4, False, [1]),
        (3, 1, False, [1, 1, 1]),
        (3, 4, False, [3]),
        (0, 4, False, []),
    ],
)
def test_batches_are_even_and_none_is_of_one(n, size, drop, expected):
    sampler = EvenBatchSampler(SequentialSampler(range(n)), size, drop)
    batches = list(sampler)
    assert [len(batch) for batch in batches] == expected
    assert len(sampler) == len(expected)
    assert [row for batch in batches for row in batch] == list(range(sum(expected)))


def test_the_only_batch_is_never_dropped():
    data = ArrayDataset(np.zeros((3, 2), dtype=np.float32))
    sizes = [len(X) for X, _ in array_loader(data, 8, drop_last=True)]
    assert sizes == [3]
    data = ArrayDataset(np.zeros((10, 2), dtype=np.float32))
    sizes = [len(X) for X, _ in array_loader(data, 8, drop_last=True)]
    assert sizes == [8]


def test_a_loader_hands_out_each_row_once_with_its_label():
    X = np.arange(20, dtype=np.float32).reshape(10, 2)
    y = np.arange(10) * 7
    parts = list(array_loader(ArrayDataset(X, y), 4, shuffle=True))
    assert [len(Xi) for Xi, _ in parts] == [4, 3, 3]
    rows = torch.cat([Xi for Xi, _ in parts]).numpy()
    labels = torch.cat([yi for _, yi in parts]).numpy()
    assert sorted(labels) == y.tolist()
    assert np.array_equal(rows, X[labels // 7])


def test_rows_one_by_one_are_those_of_a_batch():
    X = np.arange(6, dtype=np.uint8).reshape(3, 2)
    data = ArrayDataset(X, np.array([5, 6, 7]))
    batch, labels = data.__getitems__([2, 0])
    assert torch.equal(torch.stack([data[2][0], data[0][0]]), batch)
    assert (data[2][1], data[0][1]) == tuple(labels.tolist()) == (7, 5)
    assert batch.dtype == torch.uint8


def test_memory_that_is_read_only_is_copied_and_other_memory_is_not():
    X = np.zeros((2, 2), dtype=np.float32)
    as_tensor(X)[0, 0] = 1
    assert X[0, 0] == 1
    X.setflags(write=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_tensor(X)[0, 0] = 2
    assert X[0, 0] == 1


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("channels_last", [True, False])
def test_images_of_any_memory_format_come_in_one(n_channels, channels_last):
    """torch goes by strides alone: of one channel both formats are alike in memory."""
    X = torch.rand(4, 5, 6, n_channels)
    kinds = [X.permute(0, 3, 1, 2), X.permute(0, 3, 1, 2).contiguous()]
    kinds += [kinds[0][1:], kinds[1][1:], kinds[0].flip(3)]
    pixels = 5 * 6
    plain = (n_channels * pixels, pixels, 6, 1)
    last = (n_channels * pixels, 1, 6 * n_channels, n_channels)
    for images in kinds:
        found = in_memory_format(images, channels_last)
        assert torch.equal(found, images)
        if n_channels > 1 or not channels_last:
            assert found.stride() == (last if channels_last else plain)
    table = torch.rand(3, 2).T
    assert in_memory_format(table, channels_last) is table


def test_images_of_different_sizes():
    images = [np.zeros((3, 4, 5)), np.zeros((3, 2, 7))]
    objects = np.empty(2, dtype=object)
    objects[:] = images
    for X in (images, tuple(images), objects, [torch.from_numpy(x) for x in images]):
        assert [image.shape for image in as_images(X)] == [(3, 4, 5), (3, 2, 7)]
    for X in (np.zeros((2, 3, 4, 5)), [], ["a", "b"], [[[[1]]]], [np.zeros((4, 5))]):
        assert as_images(X) is None
    with pytest.raises(ValueError, match=r"as many channels.*image 1 has \(1, 4, 5\)"):
        as_images([images[0], np.zeros((1, 4, 5))])
    with pytest.raises(ValueError, match="all be bytes or all floats.*uint8"):
        as_images([images[0], images[1].astype(np.uint8)])
