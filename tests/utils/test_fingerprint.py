"""Hashes of samples; those of a benchmark are tested in tests/benchmark."""

import numpy as np

from skactive.utils._fingerprint import hash_of_arrays


def test_objects_are_hashed_by_their_description():
    one = np.array([np.zeros(2), "a"], dtype=object)
    seen = []
    hash_of_arrays([one], lambda value: seen.append(type(value)) or "")
    assert seen == [np.ndarray, str]


def test_order_names_and_values_count():
    a, b = np.arange(3), np.arange(3) + 1
    hashes = {hash_of_arrays(x, repr) for x in ([a], [b], [a, b], [b, a], [])}
    assert len(hashes) == 5
