"""Masks as COCO's own tools write and read them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skactive.io import coco

peer = pytest.importorskip("pycocotools.mask")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # the peer's

SIZES = [(1, 1), (1, 7), (7, 1), (5, 8), (64, 33), (120, 160)]


def masks():
    """Yield masks of all kinds: empty, full, blobs, noise, stripes."""
    rng = np.random.RandomState(0)
    for size in SIZES:
        for share in (0, 0.02, 0.5, 0.98, 1):
            yield (rng.uniform(size=size) < share).astype(np.uint8)
        stripes = np.zeros(size, np.uint8)
        stripes[::2] = 1
        yield stripes
        yield np.ascontiguousarray(1 - stripes)
        blob = np.hypot(*(np.indices(size) - np.reshape(size, (2, 1, 1)) / 2)) < 20
        yield blob.astype(np.uint8)


def test_strings_are_those_of_the_peer_byte_by_byte():
    for mask in masks():
        ours = coco.encode_rle(mask)
        theirs = peer.encode(np.asfortranarray(mask))
        assert ours["counts"].encode() == theirs["counts"]
        assert ours["size"] == theirs["size"]
        assert_array_equal(peer.decode({**ours}), mask)
        assert_array_equal(coco.decode_rle(theirs), mask)  # bytes


def test_lists_are_those_of_the_peer():
    for mask in masks():
        ours = coco.encode_rle(mask, compress=False)
        theirs = peer.frPyObjects(ours, *mask.shape)
        assert theirs["counts"].decode() == coco.encode_rle(mask)["counts"]
        decoded = coco.decode_rle(ours)
        assert decoded.dtype == bool
        assert_array_equal(decoded, mask)


def test_runs_are_down_the_columns_and_begin_outside():
    mask = np.array([[1, 0, 0], [1, 1, 0]])
    assert coco.encode_rle(mask, compress=False)["counts"] == [0, 2, 1, 1, 2]
    assert coco.encode_rle(mask == 1) == coco.encode_rle(mask * 7)


def test_runs_longer_than_a_character_and_shorter_than_those_before():
    counts = [0, 100_000, 1, 3, 99_000, 1_000_000, 5]
    mask = np.repeat(np.arange(7) % 2, counts).reshape(sum(counts), 1)
    string = coco.encode_rle(mask)["counts"]
    assert peer.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"] == (
        string.encode()
    )
    assert_array_equal(
        coco.decode_rle({"size": [sum(counts), 1], "counts": string}), mask
    )


def polygons():
    """Yield (polygons, size): of whole, half and wild points, in and around images."""
    rng = np.random.RandomState(1)
    for size in SIZES:
        high = np.tile(size[::-1], 9)
        for n in (3, 4, 9):
            for _ in range(10):
                inside = rng.uniform(size=2 * n) * high[: 2 * n]
                yield [inside.tolist()], size
                yield [np.rint(inside).tolist()], size
                yield [(np.rint(2 * inside) / 2).tolist()], size
                around = inside * 1.6 - 0.3 * high[: 2 * n]
                yield [around.tolist(), inside[::-1].tolist()], size


def test_polygons_fill_the_pixels_that_the_peer_fills():
    n_pixels = 0
    for parts, size in polygons():
        theirs = peer.decode(peer.merge(peer.frPyObjects(parts, *size)))
        ours = coco.polygons_to_mask(parts, size)
        assert ours.dtype == bool and ours.shape == size
        assert_array_equal(ours, theirs, err_msg=f"{parts} {size}")
        n_pixels += ours.sum()
    assert n_pixels > 100_000


@pytest.mark.parametrize(
    "rle, fault",
    [
        ([1, 2], "is a dict"),
        ({"size": [2, 2]}, "is a dict"),
        ({"size": [2, 2], "counts": [1, 2]}, "are 3 pixels long"),
        ({"size": [2, 2], "counts": [3, 2]}, "are 5 pixels long"),
        ({"size": [2, 2], "counts": [5, -1]}, "are 4 pixels long"),
        ({"size": [2, 2], "counts": [1.0, 3]}, "integers in a list"),
        ({"size": [2, 2], "counts": [True, 3]}, "integers in a list"),
        ({"size": [2, 2], "counts": None}, "integers in a list"),
        ({"size": [2], "counts": [2]}, r"size \[2\]"),
        ({"size": [2, 2.0], "counts": [4]}, "size"),
        ({"size": [-2, -2], "counts": [4]}, "size"),
        ({"size": [10**9, 10**9], "counts": [10**18]}, "size"),
        ({"size": "22", "counts": [4]}, "size"),
        ({"size": [2, 2], "counts": "2 "}, "no string of runs"),
        ({"size": [2, 2], "counts": "ä"}, "no string of runs"),
        ({"size": [2, 2], "counts": "T"}, "is cut off"),
        ({"size": [2, 2], "counts": "oooooooooooo0"}, "no string of runs"),
        ({"size": [2, 2], "counts": ""}, "are 0 pixels long"),
    ],
)
def test_runs_that_cannot_be_are_refused(rle, fault):
    with pytest.raises(ValueError, match=fault):
        coco.decode_rle(rle)


@pytest.mark.parametrize(
    "parts, fault",
    [
        ([], "list of lists"),
        ({"size": [2, 2]}, "list of lists"),
        ([[0, 0, 1, 1]], "three points"),
        ([[0, 0, 1, 1, 2, 2, 3]], "three points"),
        ([0, 0, 1, 1, 2, 2], "three points"),
        ([[0, 0, 1, 1, 2, float("nan")]], "no pixel"),
        ([[0, 0, 1, 1, 2, float("inf")]], "no pixel"),
        ([[0, 0, 1, 1, 2, 10**400]], "no pixel"),
        ([[0, 0, 1, 1, 2, "2"]], "no pixel"),
    ],
)
def test_polygons_that_are_none_are_refused(parts, fault):
    with pytest.raises(ValueError, match=fault):
        coco.polygons_to_mask(parts, (4, 4))


@pytest.mark.parametrize("mask", [np.zeros(3, int), np.zeros((2, 2)), [["a"]]])
def test_what_is_no_mask_is_not_encoded(mask):
    with pytest.raises(ValueError, match="bool or int of shape"):
        coco.encode_rle(mask)
