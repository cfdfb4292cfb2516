"""What UncertainGCN and CoreGCN share: the graph, who takes part, what is refused."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import expit
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import TruncatedSVD

from skactive.deep import CoreGCN, UncertainGCN
from skactive.deep._graph_convolution import GraphConvolutionStrategy

pytestmark = pytest.mark.deep

SMALL = {"hidden": 8, "max_epochs": 4}
BOTH = [UncertainGCN, CoreGCN]


def make(cls, **settings):
    return cls(**{**SMALL, "random_state": 0, **settings})


def tables(n=20, n_pool=30, d=6, seed=0):
    rng = np.random.RandomState(seed)
    return rng.normal(size=(n, d)), np.arange(n) % 2, rng.normal(0.5, 1, (n_pool, d))


class FirstOfSpace(GraphConvolutionStrategy):
    """Shows the space of the net, and asks for the rows in their order."""

    def _select(self, Z, n, *, Z_labeled, random_state):
        self.seen_ = Z, Z_labeled
        return np.arange(n)


def test_the_space_is_the_hidden_layer_and_behind_it_the_logit():
    X, y, X_pool = tables()
    strategy = make(FirstOfSpace).fit(X, y, X_pool)
    assert strategy.query(3).tolist() == [0, 1, 2]
    Z, Z_labeled = strategy.seen_
    assert Z.shape == (30, 8 + 1) and Z_labeled.shape == (20, 8 + 1)
    np.testing.assert_array_equal(strategy.proba_, expit(Z[:, -1]))
    head = list(strategy.net_.parameters())
    assert any(p.shape[0] == 1 or p.shape[-1] == 1 for p in head)


def test_positions_are_those_of_the_pool_where_a_part_takes_part():
    X, y, X_pool = tables()
    strategy = make(FirstOfSpace, subset_size=7).fit(X, y, X_pool)
    assert strategy.query(7).tolist() == strategy.subset_.tolist()
    assert strategy.subset_.tolist() == sorted(strategy.subset_.tolist())
    strategy._drop_pool()
    assert strategy._Z_labeled is None and strategy._Z_pool is None


@pytest.mark.parametrize("cls", BOTH)
def test_a_certain_net_is_not_an_infinite_loss(cls):
    """Logarithms of probabilities that are rounded to 1 were."""
    X, y, X_pool = tables()
    strategy = make(cls, lr=3.0, max_epochs=50).fit(X, y, X_pool)
    assert all(np.isfinite(values).all() for values in strategy.history_.values())


@pytest.mark.parametrize("cls", BOTH)
def test_a_subset_takes_part_and_nobody_else(cls):
    X, y, X_pool = tables(n_pool=60)
    strategy = make(cls, subset_size=20).fit(X, y, X_pool)
    assert len(set(strategy.subset_.tolist())) == len(strategy.proba_) == 20
    answer = strategy.query(20)
    np.testing.assert_array_equal(np.sort(answer), strategy.subset_)
    other = make(cls, subset_size=20, random_state=1).fit(X, y, X_pool)
    assert not np.array_equal(other.subset_, strategy.subset_)
    with pytest.raises(ValueError, match="Raise subset_size"):
        strategy.query(21)
    # The rest of the pool has no say.
    rest = np.setdiff1d(np.arange(60), strategy.subset_)
    X_pool[rest] = 100
    again = make(cls, subset_size=20).fit(X, y, X_pool)
    np.testing.assert_array_equal(again.query(20), answer)


@pytest.mark.parametrize("cls", BOTH)
def test_sparse_tables_need_an_embedding(cls):
    X, y, X_pool = tables()
    X, X_pool = sparse.csr_array(X), sparse.csr_array(X_pool)
    with pytest.raises(TypeError, match="TruncatedSVD"):
        make(cls).fit(X, y, X_pool)
    strategy = make(cls, embedding=TruncatedSVD(3)).fit(X, y, X_pool)
    assert len(strategy.query(4)) == 4


class Graph(TransformerMixin, BaseEstimator):
    """Returns a graph of one's own."""

    def __init__(self, W=None):
        self.W = W

    def fit_transform(self, X, y=None):
        return self.W


@pytest.mark.parametrize(
    "W, text",
    [
        (np.ones((3, 3)), "one row and one column for each of the 50 samples"),
        (np.ones((50, 3)), "one row and one column"),
        (-np.ones((50, 50)), "0 or more"),
        (np.full((50, 50), np.nan), "finite"),
    ],
)
def test_a_graph_that_does_not_fit_is_refused(W, text):
    X, y, X_pool = tables()
    with pytest.raises(ValueError, match=text):
        make(CoreGCN, affinity=Graph(W)).fit(X, y, X_pool)


def test_without_a_pool_nothing_is_trained():
    X, y, _ = tables()
    strategy = make(CoreGCN).fit(X, y)
    assert strategy.net_ is None and len(strategy.proba_) == 0
    with pytest.raises(ValueError, match="X_pool"):
        strategy.query(1)
