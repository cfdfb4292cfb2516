"""Do entropy and the predicted loss of LL4AL ask better together? For a user guide.

MNIST as 50 principal components, as in ``entropy.py``, and an MLP: 20 labels to begin
with, 100 more in batches of 10; ``--data`` takes other names. A loss module is trained
beside the net and never changes it (``detach_epoch=0``), so that in each round all ways
of asking have the same net for the same labels, and differ in nothing but what they ask
for. Some two minutes on one core for ten seeds::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/entropy_ll4al.py --seeds 10

Seeds that are in the file of results already are not run again.

``--table`` prints the differences to entropy from the file in
``tests/measurements/results``.
"""

import argparse
import sys
from pathlib import Path

import _kept
import numpy as np
from scipy.stats import rankdata
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.deep import LL4AL
from skactive.nets import NetClassifier
from skactive.selection import top_n
from skactive.uncertainty import entropy

sys.path.insert(0, str(Path(__file__).parent))
from entropy import (
    HEADER,
    IMAGES,
    compared,
    data,
    in_order,
    lines_of,
    shown,
)

RESULTS = Path(__file__).parent / "results" / "entropy_ll4al.json"


class Asking(LL4AL):
    """Ask by numbers that are made of probabilities and predicted losses."""

    def _best(self, X, n, random_state):
        proba, _, losses = self.predict_all(X)
        scores = self.numbers(proba, losses, random_state)
        return top_n(scores, n, random_state=random_state)


class Chance(Asking):
    """Ask at random."""

    def numbers(self, proba, losses, rng):
        return rng.permutation(len(losses))


class Entropy(Asking):
    """Ask for the highest entropy."""

    def numbers(self, proba, losses, rng):
        return entropy(proba)


class Loss(Asking):
    """Ask for the largest predicted loss."""

    def numbers(self, proba, losses, rng):
        return losses


class EntropyAndLoss(Asking):
    """Ask by the mean of both ranks."""

    def numbers(self, proba, losses, rng):
        return rankdata(entropy(proba)) + rankdata(losses)


class EntropyAndShuffledLoss(Asking):
    """Ask by the mean of the rank of the entropy and of one drawn at random."""

    def numbers(self, proba, losses, rng):
        return rankdata(entropy(proba)) + rng.permutation(len(losses))


WAYS = {
    "random": Chance,
    "entropy": Entropy,
    "predicted loss": Loss,
    "entropy and predicted loss": EntropyAndLoss,
    "the same, losses shuffled": EntropyAndShuffledLoss,
}


def area(way, X, y, seed):
    """Return the mean accuracy over the curve of one run."""
    X, X_test, y, y_test = train_test_split(
        X, y, test_size=0.25, random_state=seed, stratify=y
    )
    net = make_pipeline(StandardScaler(), NetClassifier(classes=np.unique(y)))
    learner = ActiveLearner(
        strategy=way(net, detach_epoch=0),
        n_initial=20,
        batch_size=10,
        budget=100,
        keep_estimators=False,
        random_state=seed,
    ).fit(X, y, X_val=X_test, y_val=y_test)
    curve = learner.history_["score"]
    return np.trapezoid(curve) / (len(curve) - 1)


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    areas = _kept.read(RESULTS)
    return {"MNIST": (HEADER, lines_of(compared(areas, list(areas))))}


def numbers():
    """Return what sentences of the user guide say, by name."""
    (areas,) = _kept.read(RESULTS).values()
    loss, both, chance = (
        100 * np.array(areas[key])
        for key in (
            "predicted loss",
            "entropy and predicted loss",
            "the same, losses shuffled",
        )
    )
    alone = loss - 100 * np.array(areas["entropy"])
    return {
        "loss behind entropy": f"{np.sum(alone < 0)} of {len(alone)}",
        "both behind chance": f"{np.sum(both < chance)} of {len(both)}",
        "both minus chance": f"{np.mean(chance - both):.1f}",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--data", nargs="*", default=IMAGES[:1])
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if not given.table:
        found = data()
        areas = _kept.read(RESULTS)
        for name in given.data:
            kept = areas.setdefault(name, {key: [] for key in WAYS})
            for seed in range(len(kept["random"]), given.seeds):
                new = {key: area(way, *found[name], seed) for key, way in WAYS.items()}
                for key, value in new.items():
                    kept[key].append(round(value, 4))
                _kept.write(RESULTS, in_order(areas, WAYS))
                print(name, seed, new, flush=True)
    shown(tables())


if __name__ == "__main__":
    main()
