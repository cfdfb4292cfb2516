"""Strategies on scikit-learn's digits beside random sampling: numbers of three pages.

A quarter is tested on; the model is a logistic regression of scaled features, or of a
committee's members the same and decision trees. Split, start and model of a seed are
the same for all strategies. Seeds begin at 10, so that they are not those by which
anything here was chosen::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/digits.py --store digits-runs

Each finished run is kept in the store, so the command can be stopped and given again.
``--table`` prints what pages show from the file in ``tests/measurements/results``.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skactive.benchmark import benchmark_strategies
from skactive.disagreement import (
    QueryByCommittee,
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)
from skactive.diversity import CoreSet, DiscriminativeSampling
from skactive.metrics import paired_difference
from skactive.uncertainty import (
    EntropySampling,
    InformationDensity,
    LeastConfidenceSampling,
    MarginSampling,
)

RESULTS = Path(__file__).parent / "results" / "digits.json"
FIRST_SEED = 10
MODEL = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
TREE = DecisionTreeClassifier(max_depth=8)
COMMITTEES = {
    name: QueryByCommittee(n_members=7, disagreement=measure)
    for name, measure in (
        ("vote entropy", vote_entropy),
        ("consensus entropy", consensus_entropy),
        ("Kullback-Leibler", kl_to_consensus),
    )
}
LINEAR = LogisticRegression(class_weight="balanced", max_iter=1000)
#: Model, strategies, and labels: to begin with, of a batch, to pay for.
SETTINGS = {
    "uncertainty": (
        MODEL,
        {
            "margin": MarginSampling(),
            "least confidence": LeastConfidenceSampling(),
            "entropy": EntropySampling(),
            "information density": InformationDensity(),
        },
        (20, 20, 120),
    ),
    "discriminator": (
        MODEL,
        {
            "DiscriminativeSampling": DiscriminativeSampling(StandardScaler()),
            "the same, linear": DiscriminativeSampling(
                StandardScaler(), discriminator=LINEAR
            ),
            "CoreSet": CoreSet(StandardScaler()),
        },
        (10, 10, 150),
    ),
    "committees": (MODEL, COMMITTEES, (100, 20, 200)),
    "committees of trees": (TREE, COMMITTEES, (50, 20, 200)),
}


def measured(name, n_seeds, store, jobs):
    """Return curves by strategy, one for each seed."""
    model, strategies, (n_initial, batch_size, budget) = SETTINGS[name]
    X, y = load_digits(return_X_y=True)
    result = benchmark_strategies(
        {**strategies},
        {"digits": (X, y)},
        model,
        n_initial=n_initial,
        batch_size=batch_size,
        budget=budget,
        seeds=range(FIRST_SEED, FIRST_SEED + n_seeds),
        n_jobs=jobs,
        store=store and Path(store) / name.replace(" ", "_"),
        verbose=True,
    )
    for failure in result.failures:
        print(failure)
    return {
        ROW_OF.get(key, key): np.round(result.curve("digits", key)[1], 4).tolist()
        for key in result.strategies
        if key in {*strategies, "RandomSampling"}
    }


ROW_OF = {"RandomSampling": "random"}


def kept():
    """Return what was measured, by setting and strategy."""
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}


def written(found):
    """Return what is kept, a line for each strategy."""
    blocks = []
    for name, curves in found.items():
        lines = (f"{json.dumps(key)}: {json.dumps(c)}" for key, c in curves.items())
        blocks.append(f" {json.dumps(name)}: {{\n  " + ",\n  ".join(lines) + "}")
    return "{\n" + ",\n".join(blocks) + "}\n"


def areas(curves, begin=0, end=None):
    """Return the area under each curve, or under a part of it."""
    curves = np.asarray(curves)[:, begin:end]
    return np.trapezoid(curves, axis=1) / (curves.shape[1] - 1)


def row(curves, key, parts):
    """Return cells: mean accuracy, difference in points, how often above random."""
    cells = [key]
    for part in parts:
        own, chance = areas(curves[key], *part), areas(curves["random"], *part)
        cells.append(f"{own.mean():.3f}")
        if key == "random":
            cells += ["", ""]
            continue
        found = paired_difference(own, chance)
        low, high = (100 * end for end in found.interval)
        cells += [
            f"{100 * found.mean:+.1f} ({low:+.1f} to {high:+.1f})",
            f"{found.wins} of {found.n}",
        ]
    return cells


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    shown = {}
    for name, curves in kept().items():
        header = ["asked by", "accuracy", "minus random", "above it"]
        parts = [(0, None)]
        if name == "discriminator":  # rounds of 10 to 60 labels, and of 70 to 160
            parts = [(0, 6), (6, None)]
            header = [header[0], *(f"{cell}, to 60 labels" for cell in header[1:])]
            header += [f"{cell.partition(',')[0]}, from 70" for cell in header[1:]]
        shown[name] = header, [row(curves, key, parts) for key in curves]
    return shown


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=SETTINGS, help="settings; all")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    for name in [] if given.table else given.only:
        found = {**kept(), name: measured(name, given.seeds, given.store, given.jobs)}
        RESULTS.write_text(written({k: found[k] for k in SETTINGS if k in found}))
    for name, (header, rows) in tables().items():
        print(f"\n{name}")
        for cells in [header, *rows]:
            print("  " + "".join(f"{cell:26}" for cell in cells).rstrip())


if __name__ == "__main__":
    main()
