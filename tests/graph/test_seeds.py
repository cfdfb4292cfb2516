"""From labels, given or missing, hard or soft, to seeds."""

import numpy as np
import pytest

from skactive.graph import SparseLabelSpreading

ENDS = [0, -1, -1, 1]


def spread(W, y, **settings):
    settings = {"rtol": 1e-13, **settings}
    return SparseLabelSpreading("precomputed", **settings).fit(W, y)


@pytest.mark.parametrize(
    "y, missing, classes",
    [
        ([0, -1, -1, 1], -1, [0, 1]),
        (["b", None, None, "a"], None, ["a", "b"]),
        ([2.0, np.nan, np.nan, 1.0], None, [1, 2]),
        (["b", "", "", "a"], "", ["a", "b"]),
        ([-1, 7, 7, 1], 7, [-1, 1]),
        ([True, None, None, False], None, [False, True]),
    ],
)
def test_missing_labels_look_as_one_says(y, missing, classes, graphs):
    model = spread(graphs.triangle_and_tail, y, missing_label=missing)
    assert model.classes_.tolist() == classes
    assert model.transduction_.tolist() == [y[0], y[0], y[3], y[3]]


def test_soft_labels_and_weights_are_masses(graphs):
    W = graphs.triangle_and_tail
    hard = spread(W, [0, 1, -1, 1], seed_balance="none")
    soft = spread(W, [[1, 0], [0, 1], [0, 0], [0, 1]], seed_balance="none")
    np.testing.assert_allclose(soft.Z_, hard.Z_)
    mixed = spread(W, [[0.5, 0.5], [0, 0], [0, 0], [0, 2]], seed_balance="none")
    weights = [0.5, 9, 9, 2]
    first = SparseLabelSpreading("precomputed", seed_balance="none", rtol=1e-13)
    first.fit(W, ENDS, sample_weight=weights)
    np.testing.assert_allclose(mixed.Z_[:, 0], first.Z_[:, 0])
    assert mixed.classes_.tolist() == [0, 1]
    none = first.fit(W, [0, 1, -1, 1], sample_weight=[1, 0, 1, 1])
    np.testing.assert_allclose(none.Z_, spread(W, ENDS).Z_)


def test_a_class_of_minus_one_is_not_taken_for_missing_in_silence():
    X = np.random.RandomState(0).standard_normal((20, 3))
    for y in ([-1, 1, -1, 1], [-1, 0, 1, 0]):
        with pytest.raises(ValueError, match="If -1 is a class, pass missing_label=No"):
            SparseLabelSpreading().fit(X[:4], y, X_pool=X[4:])
    model = SparseLabelSpreading(missing_label=None)
    assert model.fit(X[:4], [-1, 1, -1, 1], X[4:]).classes_.tolist() == [-1, 1]


def test_minus_one_among_texts_of_a_list_is_missing():
    X = np.random.RandomState(0).standard_normal((6, 3))
    model = SparseLabelSpreading().fit(X, ["a", "b", -1, -1, "a", -1])
    assert model.classes_.tolist() == ["a", "b"]
    assert model._seeds.any(axis=1).tolist() == [True, True, False, False, True, False]
