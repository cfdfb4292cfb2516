"""Does a deep strategy earn its cost where classes are missing from the labels?

Digits as images of 8 x 8 (``digits``) and MNIST averaged to 14 x 14 (``mnist``). Half
of the images are the pool, half test; 100 labels to begin with, none of them of the
last two classes, then three rounds of 20. The net is a ``NetClassifier`` at its
defaults, trained from scratch in each round, the same for all strategies. What counts
is the outcome: the accuracy on the test images, and on those of the missing classes,
after each round; and how many of the labels that were asked for are of them::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/missing_class.py --jobs 2 --store missing-class-runs

Each finished run is kept in the store, so the command can be stopped and given again.
Without ``--store`` the tables are printed from ``tests/measurements/results``.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.datasets import load_dataset
from skactive.deep import (
    DFAL,
    LL4AL,
    SRAAL,
    VAAL,
    CoreGCN,
    MoBYv2AL,
    TaskAwareViT,
)
from skactive.diversity import (
    CoreSet,
    DiscriminativeSampling,
    RandomSampling,
    TypiClust,
    UncertaintyHerding,
)
from skactive.nets import NetClassifier, VAEEmbedding
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "missing_class.json"
MISSING = (8, 9)
N_LABELED, BATCH, ROUNDS = 100, 20, 3


def images(name):
    """Return images of one channel between 0 and 1, and their classes."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        return X.reshape(-1, 1, 8, 8).astype(np.float32) / 16, y
    bunch = load_dataset("mnist_small")
    X = np.asarray(bunch.data, dtype=np.float32).reshape(-1, 14, 2, 14, 2) / 255
    return X.mean(axis=(2, 4))[:, None], np.asarray(bunch.target).astype(int)


def strategies():
    """Return what is compared, by name."""
    autoencoder = VAEEmbedding(width=16, n_iterations=400)
    return {
        "random": RandomSampling(),
        "margin": MarginSampling(),
        "CoreSet": CoreSet("estimator"),
        "TypiClust": TypiClust("estimator"),
        "UncertaintyHerding": UncertaintyHerding(embedding="estimator"),
        "DiscriminativeSampling": DiscriminativeSampling("estimator"),
        "VAAL": VAAL(autoencoder=autoencoder),
        "SRAAL": SRAAL(autoencoder=autoencoder),
        "LL4AL": LL4AL(NetClassifier()),
        "TaskAwareViT": TaskAwareViT(NetClassifier()),
        "TaskAwareViT, paper": TaskAwareViT.from_preset("paper", NetClassifier()),
        "MoBYv2AL": MoBYv2AL(NetClassifier()),
        "CoreGCN": CoreGCN("estimator"),
        "DFAL": DFAL(),
    }


def run(data, name, seed):
    """Return the outcome after each round, and the seconds of a query."""
    import torch

    torch.set_num_threads(1)
    X, y = images(data)
    X, X_test, y, y_test = train_test_split(
        X, y, test_size=0.5, random_state=seed, stratify=y
    )
    there = np.flatnonzero(~np.isin(y, MISSING))
    rows = np.random.RandomState(seed).permutation(there)[:N_LABELED]
    labeled = np.zeros(len(y), dtype=bool)
    labeled[rows] = True
    learner = ActiveLearner(
        NetClassifier(),
        strategies()[name],
        budget=ROUNDS * BATCH,
        batch_size=BATCH,
        random_state=seed,
    )
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner.fit(X, y, labeled=labeled)
    seconds = time.perf_counter() - start
    of_missing = np.isin(y_test, MISSING)
    asked = np.isin(y[learner.queried_indices_], MISSING).reshape(ROUNDS, BATCH)
    right = [stage.predict(X_test) == y_test for stage in learner.stages()]
    return {
        "accuracy": [round(float(r.mean()), 4) for r in right],
        "of missing": [round(float(r[of_missing].mean()), 4) for r in right],
        "asked": asked.sum(axis=1).tolist(),
        "seconds": round(seconds, 1),
    }


def kept(store, data, name, seed):
    """Return a run of the store, made if it is not there."""
    path = Path(store) / f"{data}-{name.replace(', ', '-')}-{seed}.json"
    if not path.exists():
        found = run(data, name, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), "utf-8")
    return data, name, json.loads(path.read_text("utf-8"))


def measured(given):
    """Return all runs by data set and strategy."""
    names = given.only or list(strategies())
    todo = [
        (data, name, seed)
        for seed in range(given.seeds)
        for data in given.data
        for name in names
    ]
    runs = Parallel(given.jobs)(delayed(kept)(given.store, *each) for each in todo)
    found = {}
    for data, name, each in runs:
        of = found.setdefault(data, {}).setdefault(name, {})
        for key, value in each.items():
            of.setdefault(key, []).append(value)
    return found


def tables():
    """Return a table for each data set: means over seeds, differences to random."""
    header = ["asked by", "of the missing, of 20 in the first round", "accuracy"]
    header += ["of the missing classes", "accuracy minus random", "seconds"]
    found = {}
    for data, by_name in json.loads(RESULTS.read_text("utf-8")).items():
        rows = []
        chance = np.array([a[-1] for a in by_name["random"]["accuracy"]])
        for name, of in by_name.items():
            last = np.array([a[-1] for a in of["accuracy"]])
            gaps = 100 * (last - chance)
            half = 1.96 * gaps.std(ddof=1) / np.sqrt(len(gaps)) if len(gaps) > 1 else 0
            rows.append(
                [
                    name,
                    f"{np.mean([a[0] for a in of['asked']]):.1f}",
                    f"{100 * last.mean():.1f}",
                    f"{100 * np.mean([a[-1] for a in of['of missing']]):.1f}",
                    "" if name == "random" else f"{gaps.mean():+.1f} ± {half:.1f}",
                    f"{np.median(of['seconds']):.0f}",
                ]
            )
        found[data] = (header, rows)
    return found


def main():
    """Run what is missing, write the results and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--data", nargs="+", default=["digits", "mnist"])
    parser.add_argument("--only", nargs="*", help="names of strategies")
    given = parser.parse_args()
    if given.store:
        lines = []
        for data, by_name in measured(given).items():
            of = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in by_name.items()]
            lines.append(f" {json.dumps(data)}: {{\n" + ",\n".join(of) + "}")
        RESULTS.write_text("{\n" + ",\n".join(lines) + "}\n", "utf-8")
    for data, (header, rows) in tables().items():
        print(data, *header, sep=" | ")
        for row in rows:
            print(*row, sep=" | ")


if __name__ == "__main__":
    main()
