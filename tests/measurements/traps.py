"""Traps: who is fooled, and by the trap? Numbers of the page on data sets.

Each strategy beside the one that it is compared with, on a fresh draw for each seed,
with the trap and with the trap turned off; rows, start and model of a seed are the same
for both. Seeds begin at 20, so that they are not those by which the traps were made::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/traps.py

A few minutes on one core for 20 seeds; settings that are in the file of results with as
many seeds are not run again. ``--table`` prints what pages show from that file.
"""

import argparse
import warnings
from pathlib import Path

import _kept
import numpy as np
from _tables import with_interval
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from skactive import ActiveLearner
from skactive.datasets import (
    make_diverging_sine,
    make_honeypot,
    make_isolated_class,
    make_long_tail,
    make_noisy_region,
    make_redundant_pool,
)
from skactive.diversity import CoreSet, RandomSampling
from skactive.metrics import area_under_learning_curve, paired_difference
from skactive.uncertainty import EntropySampling, MarginSampling

RESULTS = Path(__file__).parent / "results" / "traps.json"
FIRST_SEED = 20
ASK = {
    "RandomSampling": RandomSampling(),
    "EntropySampling": EntropySampling(),
    "MarginSampling": MarginSampling(),
    "CoreSet": CoreSet(),
}
LINEAR = LogisticRegression()
#: Of a linear model after it, radial basis functions make one that is unsure where it
#: has seen nothing.
RADIAL = make_pipeline(Nystroem(), LogisticRegression())
TEN = {"n_initial": 10, "batch_size": 10, "budget": 60}
TWENTY = {"n_initial": 20, "batch_size": 10, "budget": 80}
MANY = {"n_initial": 20, "batch_size": 20, "budget": 100}
NEAREST = KNeighborsClassifier(1)
#: Generator, what turns the trap off, model and labels, by trap.
TRAPS = {
    "honeypot": (make_honeypot, {"honeypot_share": 0}, LINEAR, TEN),
    "noisy_region": (make_noisy_region, {"noise": 0}, KNeighborsClassifier(5), TWENTY),
    "redundant_pool": (
        make_redundant_pool,
        {"n_unique": 1200, "copies": 1},
        LINEAR,
        MANY,
    ),
    "diverging_sine": (make_diverging_sine, {"spread": 5, "power": 1}, NEAREST, TEN),
    "isolated_class": (make_isolated_class, {"n_isolated": 0}, LINEAR, TEN),
    "long_tail": (make_long_tail, {"imbalance": 1}, LINEAR, TEN),
}
FOOLED = {
    "honeypot": ("EntropySampling", "MarginSampling"),
    "noisy_region": ("EntropySampling", "MarginSampling"),
    "redundant_pool": ("MarginSampling",),
    "diverging_sine": ("CoreSet",),
    "isolated_class": ("MarginSampling", "CoreSet"),
    "long_tail": ("CoreSet", "MarginSampling"),
}
PUBLISHED = {
    "honeypot": {"n_classes": 2, "radius": 3, "honeypot": (0, 4)},
    "diverging_sine": {"n_samples": 200, "spread": 5, "power": 1, "noise": 0.3},
}


def settings():
    """Return generator, its parameters, model, labels and strategies, by name."""
    found = {}
    for trap, (make, off, model, labels) in TRAPS.items():
        who = ("RandomSampling", *FOOLED[trap])
        found[trap] = make, {}, model, labels, who
        found[f"{trap}, off"] = make, off, model, labels, who
        if trap in PUBLISHED:
            published = make, PUBLISHED[trap], model, labels
            found[f"{trap}, as published"] = *published, who
        if trap in ("isolated_class", "noisy_region", "diverging_sine"):
            found[f"{trap}, radial"] = make, {}, RADIAL, labels, who
    return found


def run(make, parameters, model, labels, strategy, seed):
    """Return area, share of labels in the trap, and how many samples differ."""
    trap = make(random_state=seed, return_X_y=False, **parameters)
    learner = ActiveLearner(model, ASK[strategy], random_state=seed, **labels)
    learner.fit(trap.data, trap.target)
    scores = [m.score(trap.test_data, trap.test_target) for m in learner.stages()]
    asked = learner.queried_indices_
    return [
        round(area_under_learning_curve(learner.history_["n_labeled"], scores), 4),
        round(float(trap.in_trap[asked].mean()), 4),
        len(set(trap.get("group", np.arange(len(trap.data)))[asked].tolist())),
    ]


def kept():
    """Return what was measured, by setting and strategy."""
    return _kept.read(RESULTS)


def areas(found, who):
    """Return the areas of a strategy, one for each seed."""
    return np.array(found[who])[:, 0]


def compared(found, one, other):
    """Return how far a strategy is ahead of another, with an interval over seeds."""
    return paired_difference(areas(found, one), areas(found, other))


def row(found, one, other, first):
    """Return cells: areas, their difference in points, and how often it is below 0."""
    pair = compared(found, one, other)
    low, high = (100 * end for end in pair.interval)
    return [
        *first,
        f"{areas(found, one).mean():.3f}",
        f"{areas(found, other).mean():.3f}",
        f"{100 * pair.mean:+.1f} ({low:+.1f} to {high:+.1f})",
        f"{pair.losses} of {pair.n}",
    ]


def rows(found, traps):
    """Return a row for each trap and strategy, with the trap and without."""
    lines = []
    for trap in traps:
        for who in FOOLED[trap]:
            if (trap, who) == ("isolated_class", "CoreSet"):
                continue  # the page says in a sentence that it is not fooled
            pair = (who, "RandomSampling")
            if trap == "long_tail":  # it is random that this one fools
                pair = ("RandomSampling", who)
            lines.append(row(found[trap], *pair, [trap, who]))
            lines.append(
                row(found[f"{trap}, off"], *pair, [trap, "the same, trap off"])
            )
    return lines


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    found = kept()
    header = ["trap", "strategy", "its area", "random's", "difference", "worse in"]
    tail = ["trap", "random against", "random's area", "other's", *header[-2:]]
    most = [trap for trap in TRAPS if trap != "long_tail"]
    return {
        "traps": (header, rows(found, most)),
        "long tail": (tail, rows(found, ["long_tail"])),
    }


def numbers():
    """Return what the user guide says in sentences, by name."""
    said = {}
    for name, by in kept().items():
        for who, runs in by.items():
            inside, different = np.array(runs)[:, 1], np.array(runs)[:, 2]
            said[f"{name}, {who} in the trap"] = f"{100 * inside.mean():.0f} %"
            said[f"{name}, {who} different"] = f"{different.mean():.0f}"
            found = f"{(inside > 0).sum()} of {len(runs)}"
            said[f"{name}, {who} found it"] = found
            said[f"{name}, {who} area"] = f"{areas(by, who).mean():.3f}"
            if who != "RandomSampling":
                pair = compared(by, who, "RandomSampling")
                ends = (100 * end for end in (pair.mean, *pair.interval))
                said[f"{name}, {who} ahead"] = with_interval(*ends)
                said[f"{name}, {who} worse"] = f"{pair.losses} of {pair.n}"
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore")  # fewer labels than components of Nystroem
    seeds = range(FIRST_SEED, FIRST_SEED + given.seeds)
    for name, (*how, strategies) in ({} if given.table else settings()).items():
        found = kept()
        if min(map(len, found.get(name, {"": ()}).values())) >= given.seeds:
            continue
        found[name] = {w: [run(*how, w, seed) for seed in seeds] for w in strategies}
        _kept.write(RESULTS, found)
        print(name, flush=True)
    for header, lines in tables().values():
        for cells in [header, *lines]:
            print("  " + "".join(f"{cell:26}" for cell in cells).rstrip())
    for name, text in numbers().items():
        print(f"{name}: {text}")


if __name__ == "__main__":
    main()
