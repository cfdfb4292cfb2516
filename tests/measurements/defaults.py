"""Do the defaults that were changed pick better? The tables of the user guide.

Fourteen tables that no default was chosen on, 2,000 rows of each at most, drawn at
random, half of them to test on; 20 random labels and 80 more in batches of ten, ten
seeds; a logistic regression behind a ``StandardScaler``. Split, start and model of a
seed are the same for all strategies. What is compared is the area under the curve of
the accuracy over the labels, in points.

Columns are standardized beforehand, so that all strategies look at the same numbers;
and those that look at the features themselves run once more on columns as they come.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/defaults.py --store defaults-runs --jobs 2

Each finished run is kept in the store, so the command can be stopped and given again.
``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import warnings
from pathlib import Path

import _kept
import numpy as np
from scipy.stats import ttest_1samp
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from skactive.benchmark import benchmark_strategies
from skactive.compose import StochasticBatch
from skactive.datasets import load_dataset
from skactive.disagreement import BALD, EPIG, PowerBALD
from skactive.diversity import (
    ALFAMix,
    DiscriminativeSampling,
    KMeansSampling,
    RandomSampling,
    TypiClust,
    UncertaintyHerding,
)
from skactive.exceptions import UnsuitedWarning
from skactive.lookahead import ExpectedErrorReduction, ExpectedModelChange
from skactive.uncertainty import (
    QUIRE,
    ContrastiveAL,
    InformationDensity,
    MarginSampling,
    entropy,
    margin,
)

RESULTS = Path(__file__).parent / "results" / "defaults.json"
MOST_ROWS, SEEDS = 2000, 10
DESIGN = {"n_initial": 20, "batch_size": 10, "budget": 80, "test_size": 0.5}
# Chosen before any run.
TWO_CLASSES = (
    "al_survey2021/clean1",
    "al_survey2021/ionosphere",
    "al_survey2021/mammographic",
    "al_survey2021/phishing",
    "al_survey2021/twonorm",
    "tabular_classification/credit.g",
    "tabular_classification/kr.vs.kp",
)
MORE_CLASSES = (
    "al_survey2021/r15",
    "tabular_classification/balance.scale",
    "tabular_classification/cmc",
    "tabular_classification/ecoli",
    "tabular_classification/nursery",
    "tabular_classification/optdigits",
    "tabular_classification/vowel",
)
TABLES = TWO_CLASSES + MORE_CLASSES
# Those that look at the features as they are, not by the model.
ON_COLUMNS = {
    **{
        f"ContrastiveAL, {k} neighbor{'s' * (k > 1)}": ContrastiveAL(n_neighbors=k)
        for k in (10, 5, 3, 1)
    },
    "InformationDensity, entropy": InformationDensity(uncertainty=entropy),
    "InformationDensity, margin": InformationDensity(uncertainty=margin),
    "InformationDensity, margin, 0 to 1": InformationDensity(
        uncertainty=margin, embedding=MinMaxScaler()
    ),
    "UncertaintyHerding, auto": UncertaintyHerding(temperature="auto", radius="auto"),
    "UncertaintyHerding, 1": UncertaintyHerding(temperature=1.0, radius=1.0),
    "ExpectedModelChange, features": ExpectedModelChange(
        embedding=FunctionTransformer()
    ),
    "ExpectedModelChange, last step": ExpectedModelChange(),
    "KMeansSampling": KMeansSampling(),
    "QUIRE": QUIRE(),
    "ExpectedErrorReduction": ExpectedErrorReduction(),
    "TypiClust": TypiClust(),
}
BY_VIEW = {
    "standardized": {
        "random": RandomSampling(),
        "margin": MarginSampling(),
        "BALD": BALD(),
        "PowerBALD": PowerBALD(),
        "EPIG": EPIG(),
        "StochasticBatch(EPIG())": StochasticBatch(EPIG()),
        "DiscriminativeSampling, 10": DiscriminativeSampling(negatives=10),
        "DiscriminativeSampling, all": DiscriminativeSampling(negatives=None),
        "ALFAMix": ALFAMix(),
        **ON_COLUMNS,
    },
    "as they come": {
        "random": RandomSampling(),
        "margin": MarginSampling(),
        **ON_COLUMNS,
        "TypiClust, standardized": TypiClust(StandardScaler()),
    },
}
# What to take when unsure.
UNSURE = ("ALFAMix", "UncertaintyHerding, 1", "UncertaintyHerding, auto")
# What a row of the table compares: before, after.
CHANGES = (
    ("BALD", "PowerBALD"),
    ("EPIG", "StochasticBatch(EPIG())"),
    ("ContrastiveAL, 10 neighbors", "ContrastiveAL, 5 neighbors"),
    ("ContrastiveAL, 10 neighbors", "ContrastiveAL, 3 neighbors"),
    ("ContrastiveAL, 10 neighbors", "ContrastiveAL, 1 neighbor"),
    ("InformationDensity, entropy", "InformationDensity, margin"),
    ("InformationDensity, margin", "InformationDensity, margin, 0 to 1"),
    ("UncertaintyHerding, auto", "UncertaintyHerding, 1"),
    ("DiscriminativeSampling, 10", "DiscriminativeSampling, all"),
    ("ExpectedModelChange, features", "ExpectedModelChange, last step"),
    ("TypiClust", "TypiClust, standardized"),
)


def data(name, view):
    """Return features and labels of a table."""
    bunch = load_dataset(name)
    X, y = np.asarray(bunch.data, dtype=float), np.asarray(bunch.target)
    rows = np.random.RandomState(0).permutation(len(y))[:MOST_ROWS]
    X, y = X[rows], y[rows]
    X = X[:, X.std(axis=0) > 0]
    return (StandardScaler().fit_transform(X) if view == "standardized" else X), y


def measured(tables, only, seeds, jobs, store):
    """Return the areas in points, by view, table and strategy, one for each seed."""
    kept = {}
    for view, strategies in BY_VIEW.items():
        result = benchmark_strategies(
            {key: strategies[key] for key in strategies if not only or key in only},
            {name: data(name, view) for name in tables},
            make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
            seeds=seeds,
            n_jobs=jobs,
            store=store and Path(store) / view.replace(" ", "_"),
            verbose=True,
            scoring="accuracy",
            **DESIGN,
        )
        for failure in result.failures:
            print(failure["dataset"], failure["strategy"], failure["error"])
        kept[view] = {
            name: {key: (100 * each).round(3).tolist() for key, each in areas.items()}
            for name, areas in result.areas().items()
        }
    return kept


def read(path):
    """Return the areas by view, table and strategy, and the settings."""
    found = _kept.read(path)
    settings, kept = found.pop("settings"), {}
    for key, areas in found.items():
        view, _, name = key.partition(": ")
        kept.setdefault(view, {})[name] = {k: np.array(v) for k, v in areas.items()}
    return kept, settings


def over_tables(pairs, n_draws=4000):
    """Return the mean of differences, and its interval: tables drawn, then seeds."""
    pairs, rng = np.asarray(pairs), np.random.RandomState(0)
    n_tables, n_seeds = pairs.shape
    rows = rng.randint(n_tables, size=(n_draws, n_tables, 1))
    seeds = rng.randint(n_seeds, size=(n_draws, n_tables, n_seeds))
    means = pairs[rows, seeds].mean(axis=(1, 2))
    return pairs.mean(), *np.quantile(means, [0.025, 0.975])


def verdicts(pairs):
    """Return on how many tables it is better, within noise, and worse."""
    signs = [
        int(np.sign(pair.mean())) * (pair.std() > 0 and ttest_1samp(pair, 0)[1] < 0.05)
        for pair in pairs
    ]
    return signs.count(1), signs.count(0), signs.count(-1)


def compared(found, one, other):
    """Return mean, interval and verdicts of one strategy minus another."""
    pairs = [areas[one] - areas[other] for areas in found.values()]
    return (*over_tables(pairs), *verdicts(pairs))


def cells(found, one, other):
    """Return a comparison in words: the difference, its interval, and tables."""
    mean, low, high, *counts = compared(found, one, other)
    return [f"{mean:+.2f} ({low:+.2f} to {high:+.2f})", " / ".join(map(str, counts))]


def beside_random(found, one, tables=TABLES):
    """Return the mean difference of a strategy to random sampling, and its interval."""
    found = {name: areas for name, areas in found.items() if name in tables}
    return cells(found, one, "random")[0] if found else ""


def tables(path=RESULTS):
    """Return the tables of the user guide, by name."""
    kept, settings = read(path)
    columns = [f"points, {settings['seeds']} seeds", "better / noise / worse"]
    header = ["before", "after", *columns, "before − random", "after − random"]
    found = {}
    for view, areas in kept.items():
        there = set.intersection(*map(set, areas.values()))
        changes = [pair for pair in CHANGES if there.issuperset(pair)]
        found[view] = (
            header,
            [
                [
                    *pair,
                    *cells(areas, *reversed(pair)),
                    *(beside_random(areas, who).partition(" ")[0] for who in pair),
                ]
                for pair in changes
            ],
        )
        found[f"{view}, beside margins"] = (
            ["strategy", *columns],
            [[who, *cells(areas, who, "margin")] for who in UNSURE if who in there],
        )
        found[f"{view}, beside random"] = (
            ["strategy", *columns, "two classes", "more classes"],
            [
                [
                    who,
                    *cells(areas, who, "random"),
                    beside_random(areas, who, TWO_CLASSES),
                    beside_random(areas, who, MORE_CLASSES),
                ]
                for who in BY_VIEW[view]
                if who in there and who != "random"
            ],
        )
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="names of strategies, by semicolons")
    parser.add_argument("--tables", default="", help="names of tables, by commas")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--results", default=RESULTS, type=Path, help="file to write")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if not given.table:
        for known in (ConvergenceWarning, UnsuitedWarning):
            warnings.simplefilter("ignore", known)
        only = [name.strip() for name in given.only.split(";") if name]
        names = [name for name in given.tables.split(",") if name] or TABLES
        kept = measured(names, only, given.seeds, given.jobs, given.store)
        settings = {**DESIGN, "most_rows": MOST_ROWS, "seeds": given.seeds}
        flat = {f"{view}: {k}": kept[view][k] for view in kept for k in kept[view]}
        _kept.write(given.results, {"settings": settings, **flat})
    for name, (header, rows) in tables(given.results).items():
        print(f"\n{name}: {', '.join(header)}")
        for row in rows:
            print("  ", *row, sep="  ")


if __name__ == "__main__":
    main()
