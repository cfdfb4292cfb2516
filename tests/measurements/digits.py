"""Strategies on scikit-learn's digits beside random sampling: tables of seven pages.

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
import warnings
from pathlib import Path

import _kept
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skactive.benchmark import benchmark_strategies
from skactive.compose import StrategySchedule
from skactive.disagreement import (
    QueryByCommittee,
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)
from skactive.diversity import (
    CLUE,
    CoreSet,
    DiscriminativeSampling,
    DropQuery,
    Falcun,
    MaxHerding,
    ProbCover,
    TypiClust,
    UncertaintyHerding,
)
from skactive.exceptions import UnsuitedWarning
from skactive.lookahead import ExpectedErrorReduction, ExpectedModelChange
from skactive.metrics import paired_difference
from skactive.uncertainty import (
    QUIRE,
    ContrastiveAL,
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
COVER, DOUBT = MaxHerding(), MarginSampling()
ALONE = {"margin": DOUBT, "MaxHerding": COVER}


def schedules(*numbers):
    """Return schedules that change from coverage to margins at numbers of labels."""
    steps = [("cover", COVER), ("doubt", DOUBT)]
    return {f"cover, doubt from {n} on": StrategySchedule(steps, at=n) for n in numbers}


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
    "covering": (
        MODEL,
        {
            "margin": MarginSampling(),
            "TypiClust": TypiClust(),
            "ProbCover, 10 classes": ProbCover(n_classes=10),
            "MaxHerding": MaxHerding(),
            "UncertaintyHerding": UncertaintyHerding(),
            "UncertaintyHerding, auto": UncertaintyHerding(
                temperature="auto", radius="auto"
            ),
            "ContrastiveAL": ContrastiveAL(),
            "ContrastiveAL, 10 neighbors": ContrastiveAL(n_neighbors=10),
        },
        (10, 10, 150),
    ),
    "clusters": (
        MODEL,
        {
            "margin": MarginSampling(),
            "CLUE": CLUE(),
            "DropQuery": DropQuery(),
            "Falcun": Falcun(),
        },
        (20, 20, 80),
    ),
    "lookahead": (
        MODEL,
        {
            "margin": MarginSampling(),
            "ExpectedErrorReduction": ExpectedErrorReduction(),
            "ExpectedModelChange": ExpectedModelChange(),
            "QUIRE": QUIRE(),
        },
        (20, 20, 80),
    ),
    "schedules, 10 at a time": (MODEL, ALONE | schedules(20, 40, 60), (10, 10, 90)),
    "schedules, 40 at a time": (MODEL, ALONE | schedules(90), (10, 40, 280)),
}
TO_60 = [("to 60 labels", 0, 6), ("from 70", 6, None)]
#: Parts of the curves that are shown by themselves: a title, and rounds.
PARTS = {
    "discriminator": TO_60,
    "covering": TO_60,
}
#: What else strategies are compared with.
BASES = {
    "clusters": "margin",
    "lookahead": "margin",
    "schedules, 10 at a time": "MaxHerding",
    "schedules, 40 at a time": "MaxHerding",
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
    return _kept.read(RESULTS)


def areas(curves, begin=0, end=None):
    """Return the area under each curve, or under a part of it."""
    curves = np.asarray(curves)[:, begin:end]
    return np.trapezoid(curves, axis=1) / (curves.shape[1] - 1)


def beside(own, other):
    """Return cells: the difference in points with its interval, and how often above."""
    found = paired_difference(own, other)
    low, high = (100 * end for end in found.interval)
    return [
        f"{100 * found.mean:+.1f} ({low:+.1f} to {high:+.1f})",
        f"{found.wins} of {found.n}",
    ]


def row(curves, key, parts, bases):
    """Return cells: mean accuracy of each part, and differences to what is a base."""
    cells = [key]
    for part in parts:
        own = areas(curves[key], *part)
        cells.append(f"{own.mean():.3f}")
        for base in bases:
            same = key == base or key == "random"
            cells += ["", ""] if same else beside(own, areas(curves[base], *part))
    return cells


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    shown = {}
    for name, curves in kept().items():
        bases = ["random", BASES[name]] if name in BASES else ["random"]
        header = ["asked by"]
        for title, *_ in PARTS.get(name, [("", 0, None)]):
            end = f", {title}" if title else ""
            header.append(f"accuracy{end}")
            for base in bases:
                header += [f"minus {base}{end}", f"above it{end}"]
        parts = [part for _, *part in PARTS.get(name, [("", 0, None)])]
        shown[name] = header, [row(curves, key, parts, bases) for key in curves]
    return shown


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=SETTINGS, help="settings; all")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore", UnsuitedWarning)  # what it says is measured
    for name in [] if given.table else given.only:
        found = {**kept(), name: measured(name, given.seeds, given.store, given.jobs)}
        _kept.write(RESULTS, {k: found[k] for k in SETTINGS if k in found})
    _kept.print_tables(tables(), 26)


if __name__ == "__main__":
    main()
