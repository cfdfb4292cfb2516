"""BADGE, margins and random sampling in a pool of near duplicates: a table.

400 digits, each five times with a little noise, are the pool; the others are tested on.
20 random labels, and 100 more in batches of 20; a logistic regression. A seed has a
split, a start and a model, the same for all strategies. It takes a minute::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/copies.py

``--table`` prints the table from the file in ``tests/measurements/results``.
"""

import argparse
from pathlib import Path

import _kept
import numpy as np
from digits import FIRST_SEED, beside
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import BADGE, RandomSampling
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "copies.json"
N_COPIES, N_INITIAL, BATCH_SIZE, BUDGET = 5, 20, 20, 100
STRATEGIES = {
    "random": RandomSampling(),
    "margin": MarginSampling(),
    "BADGE": BADGE(),
}


def pool(seed):
    """Return a pool of copies with its labels and originals, and what to test on."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(
        X / 16, y, train_size=400, stratify=y, random_state=seed
    )
    original = np.repeat(np.arange(len(X)), N_COPIES)
    noise = np.random.RandomState(seed).standard_normal((len(original), X.shape[1]))
    return X[original] + 0.01 * noise, y[original], original, (X_test, y_test)


def measured(strategy, seed):
    """Return how many digits of a batch are different, and the accuracy at the end."""
    X, y, original, test = pool(seed)
    learner = ActiveLearner(
        LogisticRegression(max_iter=500),
        strategy,
        n_initial=N_INITIAL,
        budget=BUDGET,
        batch_size=BATCH_SIZE,
        random_state=seed,
    ).fit(X, y)
    rounds = range(1, 1 + BUDGET // BATCH_SIZE)
    different = [len(set(original[learner.labeled_iter_ == k])) for k in rounds]
    return {"different": np.mean(different), "accuracy": learner.score(*test)}


def kept():
    """Return what was measured, by strategy: one number for each seed."""
    return _kept.read(RESULTS)["digits"]


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    found, rows = kept(), []
    for name, runs in found.items():
        accuracy, different = np.array(runs["accuracy"]), np.array(runs["different"])
        against = ["", ""]
        if name != "random":
            against = beside(accuracy, np.array(found["random"]["accuracy"]))
        rows.append(
            [name, f"{different.mean():.1f}", f"{accuracy.mean():.3f}", *against]
        )
    header = ["asked by", "different digits", "accuracy", "minus random", "above it"]
    return {"digits": (header, rows)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if not given.table:
        found = {}
        for name, strategy in STRATEGIES.items():
            seeds = range(FIRST_SEED, FIRST_SEED + given.seeds)
            runs = [measured(strategy, seed) for seed in seeds]
            found[name] = {
                key: [round(float(run[key]), 4) for run in runs] for key in runs[0]
            }
        _kept.write(RESULTS, {"digits": found})
    _kept.print_tables(tables(), 20)


if __name__ == "__main__":
    main()
