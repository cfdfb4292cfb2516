"""Where stable predictions stop a run, by the size of a batch: a table and numbers.

Half of the digits are the pool, the others are tested on; a logistic regression of
scaled features and margins, 20 random labels and at most 600 more. The criterion is
``StablePredictions()``. Split, start and model of a seed are the same for all sizes::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/stable_predictions.py

``--table`` prints the table from the file in ``tests/measurements/results``.
"""

import argparse
from pathlib import Path

import _kept
import numpy as np
from digits import FIRST_SEED, MODEL
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.metrics import paired_difference
from skactive.stopping import StablePredictions
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "stable_predictions.json"
SIZES = 10, 20, 50
BUDGET = 600


def measured(size, seed):
    """Return at how many labels a run ended, how, and the accuracy of its model."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(
        X, y, test_size=0.5, stratify=y, random_state=seed
    )
    learner = ActiveLearner(
        MODEL,
        MarginSampling(),
        n_initial=20,
        batch_size=size,
        budget=BUDGET,
        stopping=StablePredictions(),
        random_state=seed,
    ).fit(X, y)
    return {
        "labels": int(learner.history_["n_labeled"][-1]),
        "stopped": learner.termination_condition_ == "stopping",
        "accuracy": round(float(learner.score(X_test, y_test)), 4),
    }


def kept():
    """Return what was measured, by size: one entry for each seed."""
    return _kept.read(RESULTS)["digits"]


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    found, rows = kept(), []
    most = {key: np.array(runs) for key, runs in found[str(max(SIZES))].items()}
    for size, runs in found.items():
        runs = {key: np.array(each) for key, each in runs.items()}
        labels, stopped = runs["labels"], runs["stopped"]
        cells = [size, f"{stopped.sum()} of {len(stopped)}", f"{labels.mean():.0f}"]
        cells += [f"{labels.min()} to {labels.max()}", f"{runs['accuracy'].mean():.3f}"]
        against = ""
        if size != str(max(SIZES)):
            gap = paired_difference(runs["accuracy"], most["accuracy"])
            low, high = (100 * end for end in gap.interval)
            against = f"{100 * gap.mean:+.1f} ({low:+.1f} to {high:+.1f})"
        rows.append([*cells, against])
    header = ["labels of a round", "stopped", "labels at the end", "from and to"]
    header += ["accuracy", f"minus rounds of {max(SIZES)}"]
    return {"digits": (header, rows)}


def numbers():
    """Return the mean number of labels at the end, by the labels of a round."""
    return {
        f"labels, rounds of {size}": f"{np.mean(runs['labels']):.0f}"
        for size, runs in kept().items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if not given.table:
        found = {}
        for size in SIZES:
            seeds = range(FIRST_SEED, FIRST_SEED + given.seeds)
            runs = [measured(size, seed) for seed in seeds]
            found[str(size)] = {key: [run[key] for run in runs] for key in runs[0]}
        _kept.write(RESULTS, {"digits": found})
    _kept.print_tables(tables(), 22)


if __name__ == "__main__":
    main()
