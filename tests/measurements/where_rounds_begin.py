"""Where should the net of a round begin? The table of the user guide on nets.

Digits, an MLP of 64 hidden units, 20 random labels and 160 more in batches of 20, asked
for at random or by margin; a fresh net in each round, one that goes on, and one that
goes on from smaller weights with noise, in 50 epochs a round or in 10. Split, start and
first net of a seed are the same for all. Some two minutes on one core for ten seeds::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/where_rounds_begin.py --seeds 10

What is in the file of results already is not run again.

``--table`` prints the table from the file in ``tests/measurements/results``.
"""

import argparse
import time
from pathlib import Path

import _kept
import numpy as np
from _tables import with_interval
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.metrics import paired_difference
from skactive.nets import NetClassifier, ShrinkPerturb
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "where_rounds_begin.json"
WAYS = {
    "fresh": False,
    "goes on": True,
    "shrunk to 0.4, noise 0.1": ShrinkPerturb(),
}
STRATEGIES = {"random": RandomSampling(), "margin": MarginSampling()}


def run(strategy, warm_start, max_epochs, seed):
    """Return scores after each round, and the seconds of all fits."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(
        (X / 16).astype(np.float32), y, test_size=0.25, random_state=seed, stratify=y
    )
    net = NetClassifier(
        module__hidden=(64,),
        max_epochs=max_epochs,
        warm_start=warm_start,
        classes=range(10),
    )
    learner = ActiveLearner(
        net, strategy, n_initial=20, batch_size=20, budget=160, random_state=seed
    )
    before = time.process_time()
    learner.fit(X, y, X_val=X_test, y_val=y_test)
    spent = time.process_time() - before
    return np.round(learner.history_["score"], 4).tolist(), round(spent, 2)


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    kept = _kept.read(RESULTS)
    ends = ["net of a round", "epochs", "asked for at random", "by margin"]
    return {
        **{name: (HEADER, _lines(kept, name)) for name in STRATEGIES},
        "at the end": (ends, _at_the_end(kept)),
    }


HEADER = ["net of a round", "epochs", "area", "minus fresh", "at the end", "seconds"]


def _lines(kept, strategy):
    lines = []
    for epochs in (50, 10):
        found = {way: kept[f"{strategy}, {epochs} epochs, {way}"] for way in WAYS}
        fresh = _area(found["fresh"]["scores"])
        for way, row in found.items():
            areas = _area(row["scores"])
            pairs = areas - fresh
            lines.append(
                [
                    way,
                    str(epochs),
                    f"{areas.mean():.1f}",
                    ""
                    if way == "fresh"
                    else f"{pairs.mean():+.1f} (sd {pairs.std(ddof=1):.1f}), above it "
                    f"in {(pairs > 0).sum()} of {len(pairs)}",
                    f"{100 * np.array(row['scores'])[:, -1].mean():.1f}",
                    f"{np.mean(row['seconds']):.1f}",
                ]
            )
    return lines


def _at_the_end(kept):
    """Return a row for each way, beside fresh nets of 50 epochs."""
    lines = []
    for epochs in (50, 10):
        for way in WAYS:
            if (epochs, way) == (50, "fresh"):
                continue
            cells = [way, str(epochs)]
            for strategy in STRATEGIES:
                ends = [
                    np.array(kept[f"{strategy}, {key}"]["scores"])[:, -1]
                    for key in (f"{epochs} epochs, {way}", "50 epochs, fresh")
                ]
                pair = paired_difference(*ends)
                points = (100 * end for end in (pair.mean, *pair.interval))
                cells.append(with_interval(*points))
            lines.append(cells)
    return lines


def _area(scores):
    scores = 100 * np.array(scores)
    return np.trapezoid(scores, axis=1) / (scores.shape[1] - 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if not given.table:
        kept = _kept.read(RESULTS)
        for name, strategy in STRATEGIES.items():
            for epochs in (50, 10):
                for way, warm_start in WAYS.items():
                    key = f"{name}, {epochs} epochs, {way}"
                    if len(kept.get(key, {"seconds": ()})["seconds"]) >= given.seeds:
                        continue
                    runs = [
                        run(strategy, warm_start, epochs, seed)
                        for seed in range(given.seeds)
                    ]
                    scores, seconds = map(list, zip(*runs))
                    kept[key] = {"scores": scores, "seconds": seconds}
                    _kept.write(RESULTS, kept, depth=1)
                    print(key, flush=True)
    _kept.print_tables(tables(), 38)


if __name__ == "__main__":
    main()
