"""Samples are known again by their number, some of them, and those answered."""

import numpy as np
import pytest

from skactive.io._journal import Journal
from skactive.io._known_samples import LOOKED_AT, check_header, hash_of, some_of

X = np.random.RandomState(0).normal(size=(300, 2))


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 300), (0, 64), (0, 5), (7, 300), (299, 300), (4, 4)]
)
def test_some_of_a_stretch_are_its_ends_and_what_is_between(start, stop):
    seen = some_of(X, start, stop)
    assert len(seen) == min(LOOKED_AT, stop - start)
    if len(seen):
        assert np.array_equal(seen[[0, -1]], X[[start, stop - 1]])


def test_each_stretch_is_known_by_itself():
    journal = Journal("not_there.jsonl")
    lines = [
        {"n_samples": 200, "samples": hash_of(some_of(X, 0, 200), journal)},
        {"event": "answer", "n_samples": 1},
        {"event": "extend", "n_samples": 200, "samples": hash_of(X[:0], journal)},
        {
            "event": "extend",
            "n_samples": 300,
            "samples": hash_of(some_of(X, 200, 300), journal),
        },
    ]
    check_header(lines, X, journal)
    for row in (0, 199, 200, 299):
        other = X.copy()
        other[row] += 1
        with pytest.raises(ValueError, match="other samples, or the same"):
            check_header(lines, other, journal)
    with pytest.raises(ValueError, match="is of 300 samples, and X has 200"):
        check_header(lines, X[:200], journal)
    with pytest.raises(ValueError, match="is of 200 samples, and X has 300"):
        check_header(lines[:1], X, journal)


def test_objects_without_a_content_need_names():
    with pytest.raises(ValueError, match="Pass ids"):
        hash_of(np.array([object()]), Journal("not_there.jsonl"))
