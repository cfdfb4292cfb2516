"""Where does each strategy earn its cost? The record, in two tables.

The first: all strategies of tables of classes and of numbers, each with its defaults,
on 34 tables, three sets of images as 50 principal components, texts as sparse TF-IDF,
and six tables of numbers; at most 2,000 rows of each, half of them to test on. 20
random labels and 80 more in batches of 10 (of fewer than 300 rows: 10, and half of the
rest of the pool at most, in batches of 5). A logistic regression or a ridge on scaled
columns predicts. Split, start and model of a seed are the same for all strategies.

The second: strategies that train a net, and those that they are compared with, where
the labels or the pool are not as they should be (``_record_conditions.py``).

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/record.py --jobs 2

Finished runs are kept in the folder ``--store`` at once, and in the files of results
after each data set, so the command can be stopped and given again, also with more
seeds, or for some of the strategies and data sets. ``--table`` prints the tables.
``--check 5`` runs five cells again, drawn at random, and compares them to the bit;
``--signs 30`` runs thirty that are better or worse than random with other seeds.
"""

import argparse
import shutil
import sys
import tracemalloc
import warnings
from dataclasses import fields
from pathlib import Path

import _record_conditions as conditions
import _record_said as said
import numpy as np
from _record_menu import data, design, model, names_of_sets, seeds_of, strategies
from _record_store import Record, told_failures
from sklearn.exceptions import ConvergenceWarning

from skactive.benchmark import BenchmarkResult, RunRecord, benchmark_strategies
from skactive.benchmark._describe import describe
from skactive.benchmark._menu import as_data
from skactive.benchmark._run import Task
from skactive.exceptions import UnsuitedWarning
from skactive.metrics import area_under_learning_curve

RESULTS = Path(__file__).parent / "results"
TABLE, SIGNS = RESULTS / "record.json", RESULTS / "record_signs.json"
ALWAYS = "RandomSampling", "MarginSampling"
#: On these sets memory is measured, of strategies for classes and for numbers.
OF_MEMORY = "mnist_small", "tabular_regression/cpu.act"


def settings_of(name, one):
    """Return what all runs on a data set have in common."""
    return {
        "fingerprint": one.fingerprint,
        "rows": len(one.y),
        "model": describe(model(name)),
        **design(name, len(one.y)),
    }


def wanted(record, name, only, most):
    """Return the strategies to run on a data set, by seeds that are not kept yet."""
    found = {}
    for strategy in strategies(name):
        if only and strategy not in only:
            continue
        kept = record.seeds(name, strategy)
        missing = [seed for seed in seeds_of(name, strategy, most) if seed not in kept]
        if missing and "error" not in record.runs.get(name, {}).get(strategy, {}):
            found.setdefault(tuple(missing), []).append(strategy)
    return found


def run_set(record, one, todo, jobs, store):
    """Run on a data set what is not kept yet, and keep it."""
    record.know(one.name, settings_of(one.name, one))
    for seeds, names in todo.items():
        result = compared(one, [*ALWAYS, *names], seeds, jobs, store)
        for run in result.runs:
            if run.trained_by == "estimator":  # and not by what asks
                keep(record, run)
        for strategy, error in told_failures(result.failures).items():
            if strategy in names:
                record.fail(one.name, strategy, error)
    record.write()
    shutil.rmtree(store)


def compared(one, names, seeds, jobs=None, store=None):
    """Return the result of strategies on a data set."""
    menu = strategies(one.name)
    return benchmark_strategies(
        {name: menu[name] for name in dict.fromkeys(names) if name in menu},
        {one.name: (one.X, one.y)},
        model(one.name),
        seeds=list(seeds),
        n_jobs=jobs,
        store=store,
        verbose=sys.stderr.isatty(),
        **design(one.name, len(one.y)),
    )


def area_of(run):
    """Return the area under the curve, rounded as it is kept."""
    return float(f"{area_under_learning_curve(run.n_labeled, run.scores):.6g}")


def keep(record, run):
    """Keep a run."""
    record.know(run.strategy, run.config["strategy"])
    first = run.n_labeled[0]
    kept = {
        "area": area_of(run),
        "seconds": float(f"{np.median(run.query_time[:-1]):.2g}"),
        "took": float(f"{run.query_time.sum() + run.fit_time.sum():.3g}"),
        "asked": run.queried[first:],
    }
    record.add(run.dataset, run.strategy, run.seed, kept, run.queried[:first])


def measure_memory(record):
    """Keep what a strategy needs at most in order to ask once, in MB."""
    for name in OF_MEMORY:
        if name not in record.runs:
            continue
        X, y = data(name)
        fitted = model(name).fit(X[:100], y[:100])
        for strategy, one in strategies(name).items():
            known = record.strategies.get(strategy, {})
            if not known or "MB" in known:
                continue
            if hasattr(one, "estimator"):
                one.set_params(estimator=fitted)
            if hasattr(one, "random_state"):
                one.set_params(random_state=0)
            tracemalloc.start()
            one.fit(X[:100], y[:100], X[100:1100]).query(10)
            known["MB"] = float(f"{tracemalloc.get_traced_memory()[1] / 1e6:.2g}")
            tracemalloc.stop()
    record.write()


def kept_run(record, one, strategy, seed, estimator):
    """Return a run as the benchmark has it, of what was asked for."""
    row = record.runs[one.name][strategy]
    start = record.starts[one.name][seed]
    asked = row["asked"][row["seeds"].index(seed)]
    sizes = {**design(one.name, len(one.y)), "n_validation": 0}
    task = Task(one, strategy, None, estimator, seed, sizes, strategy)
    empty = {field.name: np.empty(0) for field in fields(RunRecord) if field.init}
    known = {name: getattr(task, name) for name in ("strategy", "seed", "config")}
    known |= {"dataset": one.name, "config_hash": task.config_hash}
    known |= {"selected_by": strategy, "trained_by": "estimator"}
    queried = np.concatenate([start, asked])
    rounds = range(len(start), len(queried), sizes["batch_size"])
    n_labeled = np.array([*rounds, len(queried)])
    known |= {"versions": record.versions, "queried": queried, "n_labeled": n_labeled}
    return RunRecord(**{**empty, **known})


def replayed(record, name, strategy, estimator, scoring=None):
    """Return the benchmark's result of another model, or metric, on kept decisions."""
    one = as_data(data(name), name)
    runs = [
        kept_run(record, one, strategy, seed, estimator)
        for seed in record.seeds(name, strategy)
    ]
    return BenchmarkResult(runs, data={name: one}).rescore(estimator, scoring=scoring)


def check(record, n, draw):
    """Run some cells again; return those that are not as they were kept."""
    cells = said.cells_of(record)
    rows = np.random.RandomState(draw).permutation(len(cells))[:n]
    other = []
    for name, strategy in (cells[row] for row in rows):
        row = record.runs[name][strategy]
        one = as_data(data(name), name)
        result = compared(one, [strategy], row["seeds"])
        again = result.select(name, strategy)
        same = all(
            np.array_equal(again[seed].queried[again[seed].n_labeled[0] :], asked)
            and area_of(again[seed]) == area
            for seed, asked, area in zip(row["seeds"], row["asked"], row["area"])
        )
        print(f"{name}, {strategy}: {'equal' if same else 'NOT equal'}", flush=True)
        other += [] if same else [(name, strategy)]
    return other


def other_signs(record, n, draw, jobs):
    """Return cells that are better or worse, and their means with other seeds."""
    cells = [cell for cell in said.cells_of(record) if said.verdict(record, *cell)]
    rows = np.random.RandomState(draw).permutation(len(cells))[:n]
    found = []
    for name, strategy in (cells[row] for row in rows):
        one = as_data(data(name), name)
        result = compared(one, [strategy], range(100, 120), jobs)
        base = result.select(name, ALWAYS[0])
        pairs = [
            said.difference(name, area_of(each), area_of(base[seed]))
            for seed, each in result.select(name, strategy).items()
        ]
        before = float(np.mean(said.pairs(record, name, strategy)))
        found.append([name, strategy, round(before, 3), round(np.mean(pairs), 3)])
        print(*found[-1], sep="  ", flush=True)
    return found


def tables(path=TABLE, of_conditions=conditions.RESULTS):
    """Return the tables of the user guide, by name."""
    found = said.tables(Record(path, decisions=False)) if path.exists() else {}
    return found | conditions.tables(of_conditions)


def pictures(path=TABLE):
    """Return the pictures of the user guide, by name."""
    return said.pictures(Record(path, decisions=False))


def numbers():
    """Return what sentences of the user guide say, by name."""
    return said.numbers(Record(TABLE, decisions=False), SIGNS) | conditions.numbers()


def run(given, record):
    """Run what is not kept yet."""
    record.check()
    for name in given.again:
        record.forget(name)
    store = Path(given.store)
    for name in names_of_sets():
        if given.sets and name not in given.sets:
            continue
        todo = wanted(record, name, given.only, given.seeds)
        if not todo:
            continue
        try:
            one = as_data(data(name), name)
        except (ValueError, OSError) as error:  # not at hand: the others go on
            print(f"{name} is left out: {error}", file=sys.stderr)
            record.sets.setdefault(name, {})["missing"] = str(error)
            continue
        run_set(record, one, todo, given.jobs, store / name.replace("/", "_"))
    measure_memory(record)


def parsed():
    """Return what was given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=("table", "conditions"), help="default: both")
    for name, what in (
        ("--only", "names of strategies"),
        ("--sets", "names of data sets"),
        ("--again", "strategies or data sets to forget and to measure once more"),
    ):
        parser.add_argument(name, nargs="*", default=[], help=what)
    parser.add_argument("--seeds", type=int, default=20, help="at most so many")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", default="record-runs", help="for unfinished sets")
    parser.add_argument("--results", default=TABLE, type=Path, help="file to write")
    parser.add_argument("--conditions", default=conditions.RESULTS, type=Path)
    parser.add_argument("--check", type=int, help="so many cells are run again")
    parser.add_argument("--signs", type=int, help="so many cells, with other seeds")
    parser.add_argument("--draw", type=int, default=0, help="which cells these are")
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


def main():
    given = parsed()
    for known in (ConvergenceWarning, UnsuitedWarning):
        warnings.simplefilter("ignore", known)
    record = Record(given.results)
    if given.check:
        sys.exit(bool(check(record, given.check, given.draw)))
    if given.signs:
        said.write_signs(
            SIGNS, other_signs(record, given.signs, given.draw, given.jobs)
        )
    elif not given.table:
        if given.part != "conditions":
            run(given, record)
        if given.part != "table":
            conditions.run(given)
    for title, (header, rows) in tables(given.results, given.conditions).items():
        print(f"\n{title}: {', '.join(map(str, header))}")
        for row in rows:
            print("  ", *row, sep="  ")


if __name__ == "__main__":
    main()
