"""Strategies that compare all pairs of samples, and the two parts they are made of."""

import numpy as np

from skactive.diversity import ProbCover, SigmaOpt, VOpt
from skactive.graph import KNNAffinity, nearest_neighbors
from skactive.graph._eigenpairs import smallest_eigenpairs
from skactive.lookahead import MCVOpt, ModelChange

STRATEGIES = {
    strategy.__name__: strategy
    for strategy in (ProbCover, VOpt, SigmaOpt, MCVOpt, ModelChange)
}


def make_rows(kind, n_rows, d=64):
    """Return float32 rows and classes: one Gaussian, or 30 of them."""
    rng = np.random.RandomState(0)
    if kind == "noise":
        X = rng.standard_normal((n_rows, d))
        return X.astype(np.float32), rng.randint(10, size=n_rows)
    centers = rng.standard_normal((30, d)) * 1.2
    blob = rng.randint(30, size=n_rows)
    X = centers[blob] + rng.standard_normal((n_rows, d)) * np.linspace(1.5, 0.2, d)
    return X.astype(np.float32), blob % 10


class AllPairs:
    """``fit`` with 200 labels and a query of 100."""

    params = (list(STRATEGIES), ["noise", "blobs"], [2_000, 10_000])
    param_names = ("strategy", "kind", "n_rows")
    timeout = 300

    def setup(self, strategy, kind, n_rows):
        self.X, self.y = make_rows(kind, n_rows + 200)

    def time_fit_and_query(self, strategy, kind, n_rows):
        asks = STRATEGIES[strategy](random_state=0)
        asks.fit(self.X[:200], self.y[:200], self.X[200:]).query(100)

    def peakmem_fit_and_query(self, strategy, kind, n_rows):
        self.time_fit_and_query(strategy, kind, n_rows)


class Parts:
    """Fifteen neighbors of each row, and 100 eigenvectors of their graph."""

    params = (["noise", "blobs"], [2_000, 10_000])
    param_names = ("kind", "n_rows")

    def setup(self, kind, n_rows):
        self.X, _ = make_rows(kind, n_rows)
        self.W = KNNAffinity(15).fit_transform(self.X)

    def time_neighbors(self, kind, n_rows):
        nearest_neighbors(self.X, 15, metric="cosine")

    def time_eigenpairs(self, kind, n_rows):
        smallest_eigenpairs(self.W, 100, random_state=0)
