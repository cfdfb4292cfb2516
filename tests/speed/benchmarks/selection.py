"""How long picking takes, and how much memory."""

import numpy as np

from skactive.selection import k_center_greedy, kmeans_representatives, top_n


def make_rows(kind, n_rows, d):
    """Return float32 rows: one Gaussian, or 50 of them."""
    rng = np.random.RandomState(0)
    Z = rng.standard_normal((n_rows, d))
    if kind == "blobs":
        Z += rng.uniform(-10, 10, size=(50, d))[rng.randint(50, size=n_rows)]
    return Z.astype(np.float32)


class TopN:
    """The best of 10**4 and 10**6 scores."""

    params = ([10_000, 1_000_000], [10, 1000])
    param_names = ("n_rows", "n")

    def setup(self, n_rows, n):
        self.scores = np.random.RandomState(0).uniform(size=n_rows)

    def time_top_n(self, n_rows, n):
        top_n(self.scores, n, random_state=0)


class KCenterGreedy:
    """Farthest-first on 50,000 rows."""

    params = (["gaussian", "blobs"], [64, 512], [100, 1000])
    param_names = ("kind", "d", "n")

    def setup(self, kind, d, n):
        self.Z = make_rows(kind, 50_000, d)

    def time_k_center_greedy(self, kind, d, n):
        k_center_greedy(self.Z, n, Z_labeled=self.Z[:1], random_state=0)

    def peakmem_k_center_greedy(self, kind, d, n):
        k_center_greedy(self.Z, n, Z_labeled=self.Z[:1], random_state=0)


class KCenterGreedyOptions:
    """What outliers, directions and a pool far from the origin cost."""

    params = ["plain", "cosine", "outliers", "far"]
    param_names = ("option",)

    def setup(self, option):
        self.Z = make_rows("gaussian", 50_000, 128)
        self.kwargs = {
            "cosine": {"metric": "cosine"},
            "outliers": {"n_outliers": 500},
        }.get(option, {})
        if option == "far":
            self.Z += 10

    def time_k_center_greedy(self, option):
        k_center_greedy(self.Z, 100, random_state=0, **self.kwargs)


class KMeansRepresentatives:
    """k-means on 20,000 rows."""

    params = (["gaussian", "blobs"], [50, 200])
    param_names = ("kind", "n")

    def setup(self, kind, n):
        self.Z = make_rows(kind, 20_000, 64)

    def time_kmeans_representatives(self, kind, n):
        kmeans_representatives(self.Z, n, random_state=0)
