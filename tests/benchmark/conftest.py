"""A small data set, a small design, and what comes of them."""

from types import SimpleNamespace

import pytest
from sklearn.datasets import make_classification

from skactive.benchmark import benchmark_strategies

X, Y = make_classification(
    300, n_informative=4, n_classes=3, n_clusters_per_class=1, random_state=0
)
DATA = {"toy": (X, Y)}
SMALL = {"n_initial": 9, "batch_size": 8, "budget": 24, "seeds": 5}


def assert_same(one, other):
    """Fail unless two results have the same runs, to the last bit."""
    assert len(one.runs) == len(other.runs)
    for a, b in zip(one.runs, other.runs):
        assert (a.dataset, a.strategy, a.seed) == (b.dataset, b.strategy, b.seed)
        assert a.decisions_equal(b)


@pytest.fixture(scope="session")
def toy():
    """Samples, labels, ``data`` and ``settings`` to run on, and a comparison."""
    return SimpleNamespace(X=X, y=Y, data=DATA, settings=SMALL, assert_same=assert_same)


@pytest.fixture(scope="session")
def result():
    """Four strategies on the toy data, five seeds; read it and leave it alone."""
    return benchmark_strategies(["CoreSet", "entropy"], DATA, **SMALL)
