"""Six strategies on 34 tables: numbers of the page on benchmarks.

The tables of ``al_survey2021``; 20 random labels and 50 more in batches of 10, a
logistic regression of scaled features. Split, start and model of a seed are the same
for all strategies::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE SKACTIVE_DATA=FOLDER
    python tests/measurements/survey.py --store survey

The store is that of ``python -m skactive.benchmark`` with the same settings, which the
page shows. Each finished run is kept there, so the command can be stopped and given
again. ``--table`` prints what the page shows from ``tests/measurements/results``;
``--pictures`` draws its two pictures from the store.
"""

import argparse
from pathlib import Path

import _kept
import numpy as np
from _tables import with_interval
from sklearn.metrics import balanced_accuracy_score, make_scorer

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.datasets import list_datasets, load_dataset
from skactive.metrics import (
    critical_difference_ranks,
    difference_over_datasets,
    paired_difference,
)

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "survey.json"
STATIC = HERE.parents[1] / "docs" / "_static"
NAMES = ["random", "margin", "entropy", "CoreSet", "qbc", "density"]
CHANCE = "RandomSampling"
#: The table with 15 classes, of which few are among the labels of the beginning.
MANY_CLASSES = "al_survey2021/r15"
#: Accuracy of classes that all count the same; where a class is not in the test part of
#: a seed it is left out.
BALANCED = make_scorer(balanced_accuracy_score)


def measured(store, n_seeds, jobs):
    """Return the benchmark of all tables."""
    return benchmark_strategies(
        NAMES,
        [name for name in list_datasets() if name.startswith("al_survey2021/")],
        n_initial=20,
        batch_size=10,
        budget=50,
        seeds=n_seeds,
        n_jobs=jobs,
        store=store,
        verbose=True,
    )


def small(result):
    """Return what pages need of a benchmark."""
    areas = {
        "area": result.areas(),
        "area over the logarithm": result.areas(scale="log"),
        "area of balanced accuracy": result.areas(scoring=BALANCED),
    }
    found = {
        what: {
            table: {who: np.round(area, 8).tolist() for who, area in each.items()}
            for table, each in by.items()
        }
        for what, by in areas.items()
    }
    y = load_dataset(MANY_CLASSES).target
    found["classes found"] = {
        who: [
            [len(set(y[run.queried[: n + 20]])) for n in (0, 10, 20, 30, 40, 50)]
            for run in result.select(MANY_CLASSES, who).values()
        ]
        for who in result.strategies
    }
    found["penalties"] = {
        how: np.round(result.penalty_matrix(correction=rule), 3).tolist()
        for how, rule in (("plain", None), ("Holm", "holm"))
    }
    found["strategies"] = list(result.strategies)
    return found


def kept():
    """Return what was measured."""
    return _kept.read(RESULTS)


def verdicts(areas, who):
    """Return on how many tables a strategy is better, worse, and within noise."""
    found = [paired_difference(each[who], each[CHANCE]) for each in areas.values()]
    better = sum(one.interval[0] > 0 for one in found)
    worse = sum(one.interval[1] < 0 for one in found)
    return better, worse, len(found) - better - worse


def over_tables(areas, who):
    """Return the mean difference to random in points, tables and seeds drawn."""
    pairs = [[each[name] for each in areas.values()] for name in (who, CHANCE)]
    found = difference_over_datasets(*pairs)
    return [100 * end for end in (found.mean, *found.interval)]


def means(areas, strategies):
    """Return mean areas, a row for each table and a column for each strategy."""
    found = [[np.mean(each[s]) for s in strategies] for each in areas.values()]
    return np.round(found, 7)  # areas are kept with eight digits: ties stay ties


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    found = kept()
    areas, strategies = found["area"], found["strategies"]
    values = means(areas, strategies)
    ranks = critical_difference_ranks(values).mean_ranks
    rows = []
    for k in np.argsort(ranks):
        who = strategies[k]
        cells = [who, "", "", "", f"{ranks[k]:.2f}", ""]
        if who != CHANCE:
            cells[1:4] = map(str, verdicts(areas, who))
            cells[5] = with_interval(*over_tables(areas, who))
        rows.append(cells)
    header = ["strategy", "better", "worse", "within noise", "mean rank"]
    return {"tables": ([*header, "difference to random"], rows)}


def numbers():
    """Return what the user guide says in sentences, by name."""
    found = kept()
    areas, strategies = found["area"], found["strategies"]
    noise = [verdicts(areas, who)[2] for who in strategies if who != CHANCE]
    values = means(areas, strategies)
    gaps = values - values[:, [strategies.index(CHANCE)]]
    margin = gaps[:, strategies.index("MarginSampling")]
    core = dict(zip(areas, gaps[:, strategies.index("CoreSet")]))
    on_many = dict(zip(strategies, gaps[list(areas).index(MANY_CLASSES)]))
    said = {
        "within noise": f"{min(noise)} to {max(noise)} of {len(areas)}",
        "margin, median": f"{np.median(margin):+.3f}",
        "margin, most": f"{margin.max():+.3f}",
        "CoreSet on r15": f"{core[MANY_CLASSES]:+.3f}",
        "CoreSet on ringnorm": f"{core['al_survey2021/ringnorm']:+.3f}",
        "seeds": str(len(next(iter(areas.values()))[CHANCE])),
    }
    for who in strategies:
        if who != CHANCE:
            said[f"{who} over tables"] = with_interval(*over_tables(areas, who))
    for who, gap in on_many.items():
        said[f"{who} on r15"] = f"{gap:+.3f}"
        classes = np.mean(found["classes found"][who], axis=0)
        said[f"classes at the end, {who}"] = f"{classes[-1]:.1f}"
        said["classes at the beginning"] = f"{classes[0]:.1f}"
    pair = strategies.index("MarginSampling"), strategies.index(CHANCE)
    for how, matrix in found["penalties"].items():
        said[f"margin over random, {how}"] = f"{np.array(matrix)[pair]:.1f}"
    return said


def groups(what="area"):
    """Return which strategies the tables do not tell apart, by name."""
    found = kept()
    ranks = critical_difference_ranks(means(found[what], found["strategies"]))
    return [[found["strategies"][k] for k in group] for group in ranks.groups]


def draw(store):
    """Draw mean ranks and penalties from the store."""
    import matplotlib.pyplot as plt

    result = BenchmarkResult.load(store)
    result.critical_differences().plot()
    plt.savefig(STATIC / "survey_ranks.png", dpi=100, bbox_inches="tight")
    plt.close()
    result.penalties().plot(vmax=len(result.datasets))
    plt.savefig(STATIC / "survey_penalties.png", dpi=100, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--pictures", action="store_true")
    given = parser.parse_args()
    if given.pictures:
        return draw(given.store)
    if not given.table:
        result = measured(given.store, given.seeds, given.jobs)
        for failure in result.failures:
            print(failure)
        _kept.write(RESULTS, small(result))
    for header, rows in tables().values():
        for cells in [header, *rows]:
            print("  " + "".join(f"{cell:22}" for cell in cells).rstrip())
    for name, text in numbers().items():
        print(f"{name}: {text}")
    for what in ("area", "area over the logarithm", "area of balanced accuracy"):
        print(f"not told apart by {what}: {groups(what)}")


if __name__ == "__main__":
    main()
