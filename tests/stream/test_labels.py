"""What a stream learner was told, in order, and what it lets go."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skactive.stream._labels import Told
from skactive.utils._answers import ClassAnswers, NumberAnswers

X = np.arange(12.0).reshape(6, 2)

CONTAINERS = {
    "array": np.asarray,
    "frame": lambda rows: pd.DataFrame(rows, columns=["a", "b"]),
    "CSR": sparse.csr_array,
    "list": lambda rows: np.asarray(rows).tolist(),
}


def dense(rows):
    return rows.toarray() if sparse.issparse(rows) else np.asarray(rows)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_rows_are_kept_in_their_container_first_in_first_out(kind):
    told = Told(ClassAnswers(), most=3)
    for start in (0, 2, 4):
        rows = CONTAINERS[kind](X[start : start + 2])
        told = told.with_labels(rows, ["a", "b"]).learned()
    assert (told.n, told.n_new) == (6, 0)
    np.testing.assert_array_equal(dense(told.X), X[3:])
    assert told.y.tolist() == ["b", "a", "b"]


def test_what_is_new_waits_for_its_turn():
    told = Told(ClassAnswers(), most=1)
    for k in range(4):
        told = told.with_labels(X[k : k + 1], [k])
    assert told.new()[1].tolist() == [0, 1, 2, 3]
    told = told.learned()
    assert told.y.tolist() == [3] and told.seen.tolist() == [0, 1, 2, 3]
    told = told.with_labels(X[4:], [0, 1])
    np.testing.assert_array_equal(told.new()[0], X[4:])


def test_nothing_is_changed_in_place():
    told = Told(ClassAnswers()).with_labels(X[:2], ["a", "bb"])
    before = told.X.copy(), told.y.copy(), told.n, told.n_new
    told.with_labels(X[2:], ["ccc"] * 4).learned()
    np.testing.assert_array_equal(told.X, before[0])
    assert told.y.tolist() == before[1].tolist()
    assert (told.n, told.n_new) == before[2:]


def test_labels_have_their_natural_dtype():
    told = Told(ClassAnswers()).with_labels(X[:1], np.array(["a"], dtype=object))
    told = told.with_labels(X[1:2], ["longer"])
    assert told.y.tolist() == ["a", "longer"] and told.y.dtype.kind == "U"
    told = Told(NumberAnswers()).with_labels(X[:1], [1]).with_labels(X[1:2], [0.5])
    assert told.y.dtype.kind == "f" and told.classes is None


def test_classes_are_those_known_and_those_seen():
    told = Told(ClassAnswers(), np.array([1, 2]))
    assert told.classes.tolist() == [1, 2]
    told = told.with_labels(X[:2], [2, 5])
    assert told.classes.tolist() == [1, 2, 5] and not told.is_one_class
    with pytest.raises(ValueError, match=r"\[7\] is not among the classes \[1, 2\]"):
        told.check(np.array([1, 7], dtype=object), closed=True)
    told.check(np.array([1, 7], dtype=object))
