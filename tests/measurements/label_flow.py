"""Labels that flow along a graph, beside scikit-learn's: a table of the user guide.

Digits, and MNIST as 50 principal components, as by ``revival.py``, 2,000 rows at most;
accuracy on the rows without a label. Each library has
its own default graph, which is built once, since it does not depend on labels.
scikit-learn is asked with its default alpha, and with each of ``ALPHAS`` for at most
1,000 iterations, of which the one with the best mean is shown. "10:1" is ten labels for
five of the digits, drawn at random, and one for the others. Labels of a seed are the
same for all. Half a minute on one core for ten seeds::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE SKACTIVE_DATA=...
    python tests/measurements/label_flow.py --seeds 10

``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import sys
import warnings
from pathlib import Path

import _kept
import numpy as np
from sklearn.neighbors import kneighbors_graph
from sklearn.semi_supervised import LabelSpreading

from skactive.graph import KNNAffinity, SparseLabelPropagation, SparseLabelSpreading
from skactive.metrics import paired_difference

sys.path.insert(0, str(Path(__file__).parent))
from revival import data_of

RESULTS = Path(__file__).parent / "results" / "label_flow.json"
DATA = {"digits": "digits", "MNIST": "mnist_small"}
LABELS = "1", "2", "5", "10", "10:1", "50:5"
ALPHAS = 0.1, 0.2, 0.5, 0.8, 0.9
PEER = "scikit-learn"


def known(y, name, seed):
    """Return y with -1 everywhere but at labels; which digits get more is random."""
    rng = np.random.RandomState(seed)
    many, _, few = name.partition(":")
    counts = rng.permutation([int(many)] * 5 + [int(few or many)] * 5)
    kept = np.full(len(y), -1)
    for label, count in enumerate(counts):
        rows = rng.choice(np.flatnonzero(y == label), count, replace=False)
        kept[rows] = label
    return kept


def models(W, knn):
    """Return what is compared, by name, and what it is fitted on."""
    found = {
        "spreading": (SparseLabelSpreading("precomputed"), W),
        "without balance": (
            SparseLabelSpreading("precomputed", seed_balance="none"),
            W,
        ),
        "Poisson": (SparseLabelPropagation("precomputed", method="poisson"), W),
    }
    options = {PEER: {}}
    options |= {f"{PEER}, alpha {a}": {"alpha": a, "max_iter": 1000} for a in ALPHAS}
    for name, each in options.items():
        # The rows are numbers of the graph, which the kernel hands out.
        found[name] = LabelSpreading(kernel=lambda a, b: knn, **each), None
    return found


def read():
    """Return accuracies by data, labels and model, one per seed."""
    return _kept.read(RESULTS)


def measured(data, n_seeds):
    """Return accuracies by labels and model, one per seed."""
    X, y = data_of(DATA[data])
    W, knn = KNNAffinity().fit_transform(X), kneighbors_graph(X, 7, include_self=True)
    found = {name: {} for name in LABELS}
    for seed in range(n_seeds):
        for name, rows in found.items():
            labels = known(y, name, seed)
            for key, (model, graph) in models(W, knn).items():
                model.fit(X if graph is None else graph, labels)
                right = (model.transduction_ == y)[labels == -1]
                rows.setdefault(key, []).append(round(float(right.mean()), 4))
        print(data, seed, flush=True)
    return found


def best_of(rows):
    """Return the way of scikit-learn with the best mean, in hindsight."""
    return max((k for k in rows if k.startswith(PEER)), key=lambda k: np.mean(rows[k]))


def pair_of(rows, name, other):
    """Return the paired difference of two models in points."""
    return paired_difference(*(100 * np.array(rows[key]) for key in (name, other)))


def beside(rows, name, other):
    """Return that difference and its interval, as text."""
    pair = pair_of(rows, name, other)
    low, high = pair.interval
    return f"{pair.mean:+.1f} ({low:+.1f} to {high:+.1f})"


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    header = ["labels", "spreading", "without balance", "Poisson", PEER, "its best"]
    shown = {}
    for data, of_labels in read().items():
        lines = []
        for name, rows in of_labels.items():
            best = best_of(rows)
            keys = ("spreading", "without balance", "Poisson", PEER, best)
            cells = [f"{100 * np.mean(rows[key]):.1f}" for key in keys]
            if "alpha" in best:
                cells[-1] += f" ({best.rpartition(' ')[-1]})"
            lines.append([name, *cells, beside(rows, "spreading", best)])
        shown[data] = [*header, "spreading minus that"], lines
    return shown


def numbers():
    """Return what sentences of the user guide say, by name."""
    found = {}
    for data, of_labels in read().items():
        for name, rows in of_labels.items():
            lost = beside(rows, "without balance", "spreading")
            found[f"without balance, {data}, {name}"] = lost
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # iterations of scikit-learn run out
    if not given.table:
        found = {data: measured(data, given.seeds) for data in DATA}
        _kept.write(RESULTS, found, depth=3)
    _kept.print_tables(tables(), 22)


if __name__ == "__main__":
    main()
