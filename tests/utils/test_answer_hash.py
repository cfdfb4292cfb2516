"""A hash by which equal answers are known, whatever they went through."""

import numpy as np
import pytest

from skactive.utils._answer_hash import hash_of


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        ("cat", np.str_("cat"), "dog"),
        (3, np.int8(3), 4),
        (True, np.True_, False),
        (2.5, np.float32(2.5), 2.6),
        (np.zeros((2, 3), np.uint8), np.zeros((2, 3), int), np.zeros((3, 2), int)),
        (
            {"boxes": np.zeros((1, 4), np.float32), "labels": np.array(["car"])},
            {"labels": ["car"], "boxes": [[0, 0, 0, 0]]},
            {"labels": ["bus"], "boxes": [[0, 0, 0, 0]]},
        ),
        (
            {"boxes": np.zeros((0, 4)), "labels": np.array([], dtype="U3")},
            {"boxes": np.zeros((0, 4)), "labels": np.array([], dtype=float)},
            {"boxes": np.ones((1, 4)), "labels": np.array([1])},
        ),
        ("\ud800", "\ud800", "\ud801"),
    ],
)
def test_equal_answers_have_equal_hashes(one, same, other):
    assert hash_of(one) == hash_of(same) != hash_of(other)
