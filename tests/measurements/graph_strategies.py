"""Strategies that ask by a graph, beside random sampling: tables of two user guides.

"digits" and "MNIST" as by ``revival.py``: half of 2,000 rows at most to test on, 10
random labels and 40 more in batches of 5. The model is ``SparseLabelSpreading()``, or a
logistic regression. "random start" is for graph convolution: digits, 797 to test on, 20
random labels and 80 more in batches of 10, a net trained for 20 epochs, whose embedding
is what strategies see. Split, start and model of a seed are the same for all. Seeds
begin at 10, so that they are not those by which defaults were settled::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE SKACTIVE_DATA=...
    python tests/measurements/graph_strategies.py --store graph-runs

Each finished run is kept in the store, so the command can be stopped and given again.
``--table`` prints what pages show from the file in ``tests/measurements/results``.
"""

import argparse
import sys
from pathlib import Path

import _kept
import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive.benchmark import benchmark_strategies
from skactive.deep import CoreGCN, UncertainGCN
from skactive.diversity import CoreSet, SigmaOpt, VOpt
from skactive.graph import SparseLabelSpreading
from skactive.lookahead import MCVOpt, ModelChange
from skactive.metrics import paired_difference
from skactive.nets import NetClassifier
from skactive.uncertainty import EntropySampling, MarginSampling

sys.path.insert(0, str(Path(__file__).parent))
from digits import areas, row
from revival import data_of

RESULTS = Path(__file__).parent / "results" / "graph_strategies.json"
FIRST_SEED = 10
LOCAL = ", local maxima"
BY_GRAPH = {
    "margin": MarginSampling(),
    "entropy": EntropySampling(),
    **{
        f"{each.__name__}{more}": each(batch=batch)
        for each in (VOpt, SigmaOpt, MCVOpt, ModelChange)
        for more, batch in (("", "greedy"), (LOCAL, "local_max"))
    },
}
BY_CONVOLUTION = {
    "margin": MarginSampling(),
    "CoreSet": CoreSet("estimator"),
    "CoreGCN": CoreGCN("estimator"),
    "UncertainGCN": UncertainGCN("estimator"),
}
SPREADING, SIZES = SparseLabelSpreading(), (10, 5, 40)
LINEAR = "digits, logistic regression"
#: Data, model, strategies, and labels: to begin with, of a batch, to pay for.
SETTINGS = {
    "digits": ("digits", SPREADING, BY_GRAPH, SIZES),
    LINEAR: ("digits", LogisticRegression(max_iter=1000), BY_GRAPH, SIZES),
    "MNIST": ("mnist_small", SPREADING, BY_GRAPH, SIZES),
    "random start": (
        "digits",
        NetClassifier(max_epochs=20),
        BY_CONVOLUTION,
        (20, 10, 80),
    ),
}


def measured(name, n_seeds, store, jobs):
    """Return curves by strategy, one for each seed."""
    data, model, strategies, (n_initial, batch_size, budget) = SETTINGS[name]
    X, y = data_of(data)
    result = benchmark_strategies(
        {**strategies},
        {data: (X, y)},
        model,
        n_initial=n_initial,
        batch_size=batch_size,
        budget=budget,
        test_size=797 if name == "random start" else 0.5,
        seeds=range(FIRST_SEED, FIRST_SEED + n_seeds),
        n_jobs=jobs,
        store=store and Path(store) / name.replace(" ", "_"),
        verbose=True,
    )
    for failure in result.failures:
        print(failure)
    names = {"RandomSampling": "random", **{key: key for key in strategies}}
    return {
        names[key]: np.round(result.curve(data, key)[1], 4).tolist()
        for key in result.strategies
        if key in names
    }


def kept():
    """Return what was measured, by setting and strategy."""
    return _kept.read(RESULTS)


def beside(curves, name, other):
    """Return the paired difference of two areas."""
    return paired_difference(*(100 * areas(curves[key]) for key in (name, other)))


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    shown = {}
    for name, curves in kept().items():
        n_initial, _, budget = SETTINGS[name][-1]
        header = ["asked by", "accuracy", "minus random", "above it"]
        header.append(f"with {n_initial + budget} labels")
        lines = [
            [
                *row(curves, key, [(0, None)], ["random"]),
                f"{np.mean(curves[key], axis=0)[-1]:.3f}",
            ]
            for key in curves
        ]
        shown[name] = header, lines
    return shown


def numbers():
    """Return what sentences of the user guide say, by name."""
    found = {}
    for name, curves in kept().items():
        for key in curves:
            if key != "random":
                pair = beside(curves, key, "random")
                low, high = pair.interval
                said = f"{pair.mean:+.1f} ({low:+.1f} to {high:+.1f})"
                found[f"{key} beside random, {name}"] = said
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=SETTINGS, help="settings; all")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    for name in [] if given.table else given.only:
        found = {**kept(), name: measured(name, given.seeds, given.store, given.jobs)}
        _kept.write(RESULTS, {k: found[k] for k in SETTINGS if k in found})
    _kept.print_tables(tables(), 28)


if __name__ == "__main__":
    main()
