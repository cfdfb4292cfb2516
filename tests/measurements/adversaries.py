"""DFAL beside margins and random sampling on digits, with adversaries and without.

Half of the digits are the pool, the others are tested on; a ``NetClassifier`` of 30
epochs, trained from scratch each round; 20 random labels, and six times 20 more. With
adversaries each label that was asked for is used twice: an adversary of its sample is
made once, with the net of that round, and kept. Split, start and seeds of nets are the
same for all. It takes some minutes::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/adversaries.py

``--table`` prints the table from the file in ``tests/measurements/results``.
"""

import argparse
import warnings
from pathlib import Path

import _kept
import numpy as np
from digits import FIRST_SEED, areas, beside
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split

from skactive.deep import DFAL
from skactive.diversity import RandomSampling
from skactive.nets import NetClassifier
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "adversaries.json"
N_INITIAL, BATCH_SIZE, N_BATCHES = 20, 20, 6
#: What asks, and whether each label is used twice.
WAYS = {
    "random": (RandomSampling, {}, False),
    "margin": (MarginSampling, {}, False),
    "DFAL": (DFAL, {}, False),
    "DFAL, space=features": (DFAL, {"space": "features"}, False),
    "random, with adversaries": (RandomSampling, {}, True),
    "DFAL, with adversaries": (DFAL, {}, True),
}


def split(seed):
    """Return samples to ask for and to test on, with labels, and a random start."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, random_state=seed)
    return X, y, (X_test, y_test), np.random.RandomState(seed).permutation(len(X))


def measured(way, seed):
    """Return the accuracy after each round."""
    cls, settings, twice = WAYS[way]
    X, y, test, order = split(seed)
    rows, scores = order[:N_INITIAL], []
    made = (X[:0], y[:0])
    for k in range(N_BATCHES + 1):
        net = NetClassifier(max_epochs=30, random_state=seed)
        net.fit(np.concatenate([X[rows], made[0]]), np.concatenate([y[rows], made[1]]))
        scores.append(round(float(net.score(*test)), 4))
        if k == N_BATCHES:
            return scores
        pool = np.setdiff1d(np.arange(len(X)), rows)
        strategy, fitted = cls(**settings, random_state=seed), FrozenEstimator(net)
        if cls is not RandomSampling:
            strategy.set_params(estimator=fitted)
        asked = pool[strategy.fit(X[rows], y[rows], X[pool]).query(BATCH_SIZE)]
        if twice:
            attack = DFAL(fitted, random_state=seed).fit(X[rows], y[rows], X[pool])
            both = attack.augment_with_adversarial(X[asked], y[asked])[:2]
            new = zip(made, (each[len(asked) :] for each in both), strict=True)
            made = tuple(map(np.concatenate, new))
        rows = np.concatenate([rows, asked])


def kept():
    """Return curves by way, one for each seed."""
    return _kept.read(RESULTS)["digits"]


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    curves, rows = kept(), []
    for way, of_seeds in curves.items():
        own = np.array(of_seeds)
        middle = f"{own[:, N_BATCHES // 2].mean():.3f}"
        cells = [way, middle, f"{own[:, -1].mean():.3f}", f"{areas(own).mean():.3f}"]
        for base in ("random", "margin"):
            same = way in ("random", base)
            cells += ["", ""] if same else beside(areas(own), areas(curves[base]))
        rows.append(cells)
    half, all_ = (N_INITIAL + n * BATCH_SIZE for n in (N_BATCHES // 2, N_BATCHES))
    header = ["asked by", f"{half} labels", f"{all_} labels", "over the curve"]
    header += ["minus random", "above it", "minus margin", "above it"]
    return {"digits": (header, rows)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    if not given.table:
        found = {}
        for way in WAYS:
            seeds = range(FIRST_SEED, FIRST_SEED + given.seeds)
            found[way] = [measured(way, seed) for seed in seeds]
            print(way, np.mean(found[way], axis=0).round(3), flush=True)
        _kept.write(RESULTS, {"digits": found})
    _kept.print_tables(tables(), 26)


if __name__ == "__main__":
    main()
