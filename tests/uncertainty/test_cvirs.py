"""Ranks of doubt and distances of label sets: on paper, and by plain loops."""

from math import log

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator

from skactive.testing import MockClassifier
from skactive.uncertainty import (
    CVIRS,
    _cvirs,
    category_vector_inconsistency,
    rank_aggregated_margins,
)

P = np.array([[0.9, 0.2, 0.6], [0.5, 0.5, 0.1], [0.51, 0.99, 0.02]])
Y = np.array([[1, 0, 1], [0, 1, 0]])


class Known(MockClassifier):
    """Looks up probabilities of labels, which need not sum to 1."""


def test_distances_and_ranks_on_paper():
    each = [category_vector_inconsistency(P > 0.5, Y[[k]]) for k in (0, 1)]
    assert_allclose(np.transpose(each), [[0, 1], [1, 1], [0.841240] * 2], atol=1e-6)
    v = category_vector_inconsistency(P > 0.5, Y)
    assert_allclose(v, [0.5, 1, 0.841240], atol=1e-6)
    s = rank_aggregated_margins(P)
    assert_allclose(s, [0.5, 0.833333, 0.166667], atol=1e-6)
    assert_allclose(s * v, [0.25, 0.833333, 0.140207], atol=1e-6)


def entropy_of(counts):
    total = sum(counts)
    return -sum(c / total * log(c / total) for c in counts if c)


def distance(a, b):
    """The distance of two sets, one pair at a time."""
    if all(i != j for i, j in zip(a, b, strict=True)):
        return 1.0
    pairs = list(zip(a, b, strict=True))
    joint = entropy_of([pairs.count((i, j)) for i in (0, 1) for j in (0, 1)])
    alone = sum(entropy_of([list(s).count(i) for i in (0, 1)]) for s in (a, b))
    return (2 * joint - alone) / joint if joint else 0.0


@pytest.mark.parametrize("n_labels", [1, 2, 5, 9, 17])
@pytest.mark.parametrize("pairs", [1, 50, 2**17], ids=["rows", "blocks", "whole"])
def test_distances_agree_with_loops(n_labels, pairs, monkeypatch):
    monkeypatch.setattr(_cvirs, "PAIRS", pairs)
    rng = np.random.RandomState(n_labels)
    a, b = rng.randint(2, size=(40, n_labels)), rng.randint(2, size=(15, n_labels))
    a[0], a[1], b[0], b[1] = 0, 1, 0, 1
    expected = [np.mean([distance(x, y) for y in b.tolist()]) for x in a.tolist()]
    assert_allclose(category_vector_inconsistency(a, b), expected, atol=1e-12)


def test_equal_sets_are_no_distance_apart_to_the_bit():
    sets = np.random.RandomState(0).randint(2, size=(200, 7))
    for each in sets:
        assert category_vector_inconsistency([each], [each])[0] == 0


def test_copies_of_labeled_samples_weigh_as_many():
    """The sum is over labeled samples, and divided by their number alone."""
    often = category_vector_inconsistency(P > 0.5, Y[[0, 0, 0, 1]])
    assert_allclose(often[0], 0.25)
    for row in P:  # the company in a block does not matter
        alone = category_vector_inconsistency(row[None] > 0.5, Y)
        assert alone[0] in category_vector_inconsistency(P > 0.5, Y)


@pytest.mark.parametrize(
    "predicted, labeled",
    [([[0, 1]], [[1]]), ([0, 1], [[0, 1]]), ([[0, 2]], [[0, 1]])],
    ids=["widths", "one axis", "twos"],
)
def test_what_are_no_sets_is_refused(predicted, labeled):
    with pytest.raises(ValueError, match="one column|y holds 2"):
        category_vector_inconsistency(predicted, labeled)


def test_ties_share_the_mean_of_their_ranks():
    assert_allclose(rank_aggregated_margins([[0.5], [0.1], [0.9]]), [1, 0.25, 0.25])
    assert_array_equal(rank_aggregated_margins([[0.3, 0.4]]), [0])
    assert_array_equal(rank_aggregated_margins(np.full((4, 2), 0.2)), [0.5] * 4)


def test_the_strategy_asks_by_the_product():
    X, y = make_multilabel_classification(90, 5, n_classes=4, random_state=0)
    strategy = CVIRS(RandomForestClassifier(9), random_state=0)
    strategy.fit(X[:40], y[:40], X[40:])
    proba = strategy.estimator_.predict_proba(X[40:])
    proba = np.stack([p[:, 1] for p in proba], axis=1)
    v = [np.mean([distance(p, q) for q in y[:40].tolist()]) for p in proba > 0.5]
    scores = rank_aggregated_margins(proba) * v
    asked = strategy.query(50)
    assert_allclose(scores[asked], -np.sort(-scores), atol=1e-12)


def test_ranks_are_those_of_the_whole_pool(monkeypatch):
    """A pool that is predicted in blocks is ranked as one."""
    X, y = make_multilabel_classification(90, 5, n_classes=4, random_state=0)
    fitted = RandomForestClassifier(9, random_state=0).fit(X[:40], y[:40])
    strategy = CVIRS(FrozenEstimator(fitted), random_state=0)
    whole = strategy.fit(X[:40], y[:40], X[40:]).query(50)
    monkeypatch.setattr("skactive.utils._pool.block_size", lambda X: 7)
    assert len(list(strategy._pool.blocks(slices=False))) == 8
    assert_array_equal(strategy.fit(X[:40], y[:40], X[40:]).query(50), whole)


def test_no_score_of_its_own_is_claimed():
    assert not hasattr(CVIRS, "score_samples")
