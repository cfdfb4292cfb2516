"""What larger batches cost in accuracy: tables and numbers of the user guide.

Digits, a logistic regression on scaled features, 20 labels to begin with and 200 to
choose, in batches of several sizes. Split, start and model of a seed are the same for
all sizes and strategies, so differences are taken seed by seed. It takes some minutes
on one core; a size is written down as it ends, so the command can be stopped and given
again::

    python tests/measurements/batch_sizes.py

``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
from pathlib import Path

import _kept
import numpy as np
from _tables import with_interval
from sklearn.datasets import load_digits

from skactive.benchmark import benchmark_strategies
from skactive.compose import StochasticBatch, TopThenDiverse
from skactive.diversity import BADGE, RandomSampling
from skactive.metrics import paired_difference
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "batch_sizes.json"
SIZES = 100, 50, 20, 10, 5
SEEDS = 20
AT = 120, 220
STRATEGIES = {
    "random": RandomSampling(),
    "margin": MarginSampling(),
    "drawn": StochasticBatch(MarginSampling()),
    "weighted k-means": TopThenDiverse(MarginSampling()),
    "k-center": TopThenDiverse(MarginSampling(), picking="k_center"),
    "BADGE": BADGE(),
}
SHOWN = {
    "random": "random",
    "margin": "margins",
    "drawn": "StochasticBatch",
    "weighted k-means": "TopThenDiverse",
    "k-center": 'the same, ``picking="k_center"``',
    "BADGE": "BADGE",
}


def measured(size):
    """Return the accuracies of all strategies, seed by seed, at some label counts."""
    X, y = load_digits(return_X_y=True)
    result = benchmark_strategies(
        STRATEGIES,
        {"digits": (X / 16, y)},
        n_initial=20,
        batch_size=size,
        budget=200,
        seeds=SEEDS,
    )
    assert not result.failures
    found = {}
    for name in STRATEGIES:
        runs = result.select("digits", name)
        found[name] = {
            str(n): [
                round(float(run.scores[list(run.n_labeled).index(n)]), 4)
                for run in (runs[seed] for seed in range(SEEDS))
            ]
            for n in AT
        }
    return found


def kept():
    """Return the accuracies by size of a batch, strategy and number of labels."""
    return _kept.read(RESULTS)


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    sizes = kept()
    order = sorted(sizes, key=int)
    shown = {}
    for n in map(str, AT):
        means = {
            name: [np.mean(sizes[size][name][n]) for size in order]
            for name in STRATEGIES
        }
        rows = [
            [SHOWN[name], *(f"{mean:.3f}" for mean in each)]
            for name, each in means.items()
        ]
        shown[f"{n} labels"] = [f"{n} labels, in batches of", *order], rows
    return shown


#: Compared in sentences: strategy and size, minus strategy and size, and labels.
COMPARED = {
    "margin minus random, 100 at once": (("margin", 100), ("random", 100), 120),
    "margin minus random, tens": (("margin", 10), ("random", 10), 120),
    "margin, 50 minus 5": (("margin", 50), ("margin", 5), 120),
    "margin, 100 minus 5": (("margin", 100), ("margin", 5), 120),
    "thinned out, 50 minus 5": (("weighted k-means", 50), ("weighted k-means", 5), 120),
    "thinned out, 100 minus 5": (
        ("weighted k-means", 100),
        ("weighted k-means", 5),
        120,
    ),
    "thinned out minus margin, 100 at once": (
        ("weighted k-means", 100),
        ("margin", 100),
        120,
    ),
    "thinned out minus margin, fives": (("weighted k-means", 5), ("margin", 5), 120),
    "thinned out minus margin, 100 at once, 220 labels": (
        ("weighted k-means", 100),
        ("margin", 100),
        220,
    ),
}


def compared(name):
    """Return the paired difference of a comparison that has a name, in points."""
    *both, labels = COMPARED[name]
    sizes = kept()
    of_seeds = [sizes[str(size)][who][str(labels)] for who, size in both]
    return paired_difference(*(100 * np.array(scores) for scores in of_seeds))


def numbers():
    """Return differences in points with their intervals, and in how many seeds."""
    found = {}
    for name in COMPARED:
        gap = compared(name)
        found[name] = with_interval(gap.mean, *gap.interval)
        found[f"{name}, wins"] = f"{gap.wins} of {gap.n}"
    means = [np.mean(kept()[size]["random"]["120"]) for size in kept()]
    found["random, from best to worst size"] = f"{100 * np.ptp(means):.1f}"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    sizes = kept()
    for size in () if given.table else SIZES:
        if str(size) not in sizes:
            sizes[str(size)] = measured(size)
            _kept.write(RESULTS, sizes)
    for header, rows in tables().values():
        for cells in [header, *rows]:
            print("".join(f"{cell:26}" for cell in cells).rstrip())
    for name, text in numbers().items():
        print(f"{name}: {text}")


if __name__ == "__main__":
    main()
