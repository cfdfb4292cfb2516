"""Time one round of REVIVAL on cached features against entropy on the same graph.

    python tests/speed/revival_query.py [repeats]

A round is ``fit`` and ``query``: the graph, the propagated labels, the choice. Entropy
is REVIVAL without adversary and LocalMax, which builds the same graph and solves the
same system;
``EntropySampling(SparseLabelSpreading())`` is beside it, which searches for neighbors
twice, since it sees the pool as new rows. All take turns in one process and on one
thread, so that a busy machine slows all; CPU seconds, medians of the repeats and of
their paired ratios.
"""

import sys
import time

import numpy as np
import torch
from sklearn.datasets import make_blobs

from skactive.deep import REVIVAL
from skactive.graph import SparseLabelSpreading
from skactive.uncertainty import EntropySampling

# Samples, features, classes.
CASES = [(2_000, 64, 10), (10_000, 128, 10), (20_000, 128, 10)]
N_LABELED, N = 100, 100


def arms():
    """Return what takes turns; the first is what the others are divided by."""
    return {
        "entropy": REVIVAL(oversample=None, diversity="none", random_state=0),
        "EntropySampling": EntropySampling(SparseLabelSpreading(), random_state=0),
        "REVIVAL": REVIVAL(random_state=0),
        "adversary": REVIVAL(oversample=10, diversity="none", random_state=0),
    }


def seconds(strategy, X, y):
    """Return CPU seconds of a round."""
    start = time.process_time()
    strategy.fit(X[:N_LABELED], y[:N_LABELED], X_pool=X[N_LABELED:]).query(N)
    return time.process_time() - start


def measure(n, n_features, n_classes, repeats):
    """Return the seconds of each arm in each repeat, after one to warm up."""
    X, y = make_blobs(n, n_features, centers=n_classes, cluster_std=8, random_state=0)
    X = X.astype(np.float32)
    times = {name: [] for name in arms()}
    for repeat in range(repeats + 1):
        for name, strategy in arms().items():
            spent = seconds(strategy, X, y)
            if repeat > 0:
                times[name].append(spent)
    return {name: np.array(values) for name, values in times.items()}


def main(repeats=3):
    """Print a line for each size."""
    torch.set_num_threads(1)
    for n, n_features, n_classes in CASES:
        times = measure(n, n_features, n_classes, repeats)
        entropy = times.pop("entropy")
        print(f"{n} x {n_features}: entropy {np.median(entropy):.2f} s", end="")
        for name, values in times.items():
            print(f", {name} x {np.median(values / entropy):.2f}", end="")
        print(flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
