"""Strategies whose samples are nodes: a part of the pool, and dense."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.utils import get_tags

from skactive.deep import REVIVAL, CoreGCN, UncertainGCN
from skactive.deep._node_strategy import NodeStrategy

pytestmark = pytest.mark.deep


class FirstNodes(NodeStrategy):
    """Ask for the first nodes."""

    def __init__(self, embedding=None, *, subset_size=None, random_state=None):
        super().__init__(embedding, random_state=random_state)
        self.subset_size = subset_size

    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self.subset_ = self._drawn()
        self._Z_pool = self._Z_pool[self.subset_]

    def _select(self, Z, n, *, Z_labeled, random_state):
        self.seen_ = Z
        return np.arange(n)


def fitted(**settings):
    X = np.arange(20.0)[:, None]
    return FirstNodes(random_state=0, **settings).fit(X[:5], np.zeros(5), X[5:])


def test_answers_are_positions_in_the_pool_and_not_among_the_nodes():
    strategy = fitted(subset_size=4)
    assert strategy.subset_.shape == (4,) and (np.diff(strategy.subset_) > 0).all()
    np.testing.assert_array_equal(strategy.query(3), strategy.subset_[:3])
    np.testing.assert_array_equal(strategy.seen_[:, 0], strategy.subset_ + 5)
    np.testing.assert_array_equal(fitted(subset_size=4).subset_, strategy.subset_)


@pytest.mark.parametrize("subset_size", [None, 15, 99])
def test_all_take_part_if_there_is_room(subset_size):
    assert fitted(subset_size=subset_size).query(15).tolist() == list(range(15))


def test_more_than_take_part_cannot_be_asked_for():
    with pytest.raises(ValueError, match="5 samples .* subset_size=4 of the 15 in"):
        fitted(subset_size=4).query(5)


@pytest.mark.parametrize("cls", [FirstNodes, REVIVAL, UncertainGCN, CoreGCN])
def test_sparse_samples_are_refused_with_a_remedy(cls):
    assert not get_tags(cls()).input_tags.sparse
    assert get_tags(cls()).target_tags.required
    X = sparse.random_array((20, 6), density=0.5, format="csr", random_state=0)
    y = np.arange(8) % 2
    with pytest.raises(TypeError, match=f"{cls.__name__} needs dense .* TruncatedSVD"):
        cls().fit(X[:8], y, X[8:])
    assert get_tags(cls(TruncatedSVD(2))).input_tags.sparse or cls is REVIVAL


def test_the_pool_is_forgotten_with_the_labeled_samples():
    strategy = fitted()
    strategy._drop_pool()
    assert strategy._Z_pool is None and strategy._Z_labeled is None
