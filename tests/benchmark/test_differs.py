"""In what two configurations differ, in words."""

import pytest

from skactive.benchmark._describe import describe
from skactive.benchmark._differs import differing, told
from skactive.diversity import CoreSet, TypiClust


@pytest.mark.parametrize(
    ("there", "here", "words"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a: 1 in the store, 2 now"]),
        ({"a": 1}, {}, ["a: 1 in the store, not set now"]),
        ({}, {"a": None}, ["a: not set in the store, None now"]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["a.b[1]: 2 in the store, 3 now"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a: [1] in the store, [1, 2] now"]),
        ({"a": float("nan")}, {"a": float("nan")}, []),
        (
            {"s": {"class": "m.A", "p": 1}},
            {"s": {"class": "m.B", "q": 2}},
            ["s: A() in the store, B() now"],
        ),
        (
            {"s": None},
            {"s": {"class": "m.B", "q": 2}},
            ["s: None in the store, B() now"],
        ),
        ({"fingerprint": "a"}, {"fingerprint": "b"}, ["fingerprint of the data: 'a'"]),
        ({"a": "x" * 200}, {"a": 1}, ["a: 'xxx"]),
    ],
)
def test_differences_by_hand(there, here, words):
    found = differing(there, here)
    assert len(found) == len(words)
    assert all(one.startswith(other) for one, other in zip(found, words))
    assert all(len(one) < 180 for one in found)


def test_many_differences_are_counted():
    words = differing({str(k): 0 for k in range(9)}, {str(k): 1 for k in range(9)})
    assert told(words).endswith("; 4: 0 in the store, 1 now; and 4 more")
    assert told(words[:2]).count(";") == 1 and told([]) == ""


def test_parts_of_a_strategy_are_named():
    found = differing(describe(CoreSet()), describe(CoreSet(embedding=TypiClust())))
    assert found == ["embedding: None in the store, TypiClust() now"]
