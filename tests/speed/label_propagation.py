"""Label spreading beside scikit-learn's: how fast, how large.

    python tests/speed/label_propagation.py speed
    python tests/speed/label_propagation.py sizes [n ...]

"sizes" needs one of hnswlib, faiss and pynndescent above 100,000 rows. Set
OMP_NUM_THREADS=1 to time one thread. Each prints a table of docs/speed.rst. How right
both are is measured by tests/measurements/label_flow.py.
"""

import resource
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
from sklearn.semi_supervised import LabelSpreading

from skactive.graph import (
    KNNAffinity,
    SparseLabelSpreading,
    normalize_affinity,
    solve_spreading,
)

APPROXIMATE = 100_000


def draw(y, counts, rng):
    """Return y with -1 everywhere but at counts[c] rows of each class c."""
    known = np.full(len(y), -1)
    for label, count in enumerate(counts):
        rows = rng.choice(np.flatnonzero(y == label), count, replace=False)
        known[rows] = label
    return known


def mixture(n, d, n_classes, seed=0, spread=0.5):
    """Return float32 rows of a Gaussian mixture, and their components."""
    rng = np.random.RandomState(seed)
    centers = spread * rng.standard_normal((n_classes, d))
    y = rng.randint(n_classes, size=n)
    return (centers[y] + rng.standard_normal((n, d))).astype(np.float32), y


def timed(function, *args, repeats=1, **options):
    """Return the least CPU seconds of some repeats, and the answer."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        answer = function(*args, **options)
        times.append(time.process_time() - start)
    return min(times), answer


def speed(n=20_000, d=128):
    """Print CPU times beside scikit-learn's on the same rows, the least of 3 runs."""
    X, y = mixture(n + 2000, d, 10)
    X, X_new, y = X[:n], X[n:], y[:n]
    known = draw(y, [5] * 10, np.random.RandomState(0))
    for dtype in (np.float32, np.float64):
        rows = X.astype(dtype)
        ours, model = timed(SparseLabelSpreading(rtol=1e-6).fit, rows, known, repeats=3)
        peer, other = timed(LabelSpreading(kernel="knn").fit, rows, known, repeats=3)
        right = [(m.transduction_ == y).mean() for m in (model, other)]
        print(
            f"{np.dtype(dtype)}: graph and solve {ours:.2f} s (alpha 0.99, residual "
            f"{model.residuals_.max():.1e}, accuracy {right[0]:.3f}); scikit-learn "
            f"{peer:.2f} s (alpha 0.2, accuracy {right[1]:.3f})"
        )
    S = normalize_affinity(model.affinity_)
    Y = (known[:, None] == np.arange(10)).astype(float)
    cg, (_, report) = timed(solve_spreading, S, Y, rtol=1e-6, repeats=3)
    power, (_, slow) = timed(solve_spreading, S, Y, rtol=1e-6, solver="power")
    print(
        f"solve to 1e-6: conjugate gradients {cg:.3f} s in {report.n_iter.max()} "
        f"iterations, power {power:.2f} s in {slow.n_iter.max()}: {power / cg:.1f} x"
    )
    X, X_new = X.astype(np.float64), X_new.astype(np.float64)
    ours, _ = timed(model.predict_proba, X_new, repeats=3)
    peer, _ = timed(other.predict_proba, X_new, repeats=3)
    ours_search, W = timed(model.graph_.transform, X_new, repeats=3)
    neighbors = other.nn_fit.kneighbors
    peer_search, _ = timed(neighbors, X_new, return_distance=False, repeats=3)
    rest, _ = timed(lambda: model._fill(W @ model._flow), repeats=3)
    print(
        f"predict_proba of 2,000 rows: {ours:.3f} s and {peer:.3f} s, {peer / ours:.1f}"
        f" x; of it the search for neighbors {ours_search:.3f} s and {peer_search:.3f} "
        f"s, the rest {1000 * rest:.2f} ms and {1000 * (peer - peer_search):.0f} ms, "
        f"{(peer - peer_search) / rest:.0f} x"
    )


def one_size(n, d=32):
    """Print one line: seconds of graph and solve, and peak memory beside the rows."""
    X, y = mixture(n, d, 10)
    known = draw(y, [10] * 10, np.random.RandomState(0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    library = "hnswlib" if n > APPROXIMATE else "exact"
    graph_time, graph = timed(KNNAffinity(15, algorithm=library).fit, X)
    model = SparseLabelSpreading("precomputed")
    solve_time, model = timed(model.fit, graph.affinity_, known)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{n} {library} {graph_time:.2f} {solve_time:.2f} {peak / 1024:.0f} "
        f"{model.n_iter_} {(model.transduction_ == y).mean():.3f} "
        f"{graph.affinity_.nnz / n:.1f}",
        flush=True,
    )


def sizes(counts):
    """Print a line for each size, each from a process of its own, and exponents."""
    print("n search graph/s solve/s peak/MB iterations accuracy edges/n")
    rows = []
    for n in counts:
        command = [sys.executable, __file__, "one", str(n)]
        line = subprocess.run(command, check=True, capture_output=True, text=True)
        print(line.stdout, end="", flush=True)
        rows.append([float(value) for value in line.stdout.split()[2:5]])
    for (before, after), (a, b) in zip(pairwise(rows), pairwise(counts)):
        ratios = np.log(np.divide(after, np.maximum(before, 1e-3))) / np.log(b / a)
        print(f"exponents {a} to {b}: " + " ".join(f"{e:.2f}" for e in ratios))


if __name__ == "__main__":
    what, *numbers = sys.argv[1:] or ["speed"]
    numbers = [int(number) for number in numbers]
    if what == "speed":
        speed(*numbers)
    elif what == "one":
        one_size(*numbers)
    else:
        sizes(numbers or [1000, 10_000, 100_000, 1_000_000])
