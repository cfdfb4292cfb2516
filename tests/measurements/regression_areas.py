"""Greedy sampling on tables of regression, by three measures of the error.

Six tables, 2,000 rows of each at most, drawn at random; 20 random labels and 8 times 10
more, ten paired seeds. Each run is written to a store as it ends, so the command can be
stopped and given again::

    python tests/measurements/regression_areas.py STORE

writes ``tests/measurements/results/regression_areas.json``, areas by model, measure,
table and strategy, one per seed, and prints what differs from random sampling;
``--table`` prints from that file and runs nothing.
"""

import json
import sys
import warnings
from pathlib import Path

import _kept
import numpy as np
from _tables import with_interval
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.benchmark import benchmark_strategies
from skactive.datasets import load_dataset
from skactive.diversity import LCMD, CoreSet, GreedySampling
from skactive.metrics import paired_difference

RESULTS = Path(__file__).parent / "results" / "regression_areas.json"
TABLES = ("abalone", "cal.housing", "casp", "cpu.act", "kin8nm", "stock")
MODELS = {"ridge": Ridge(), "least squares": LinearRegression()}
MEASURES = ("r2", "neg_root_mean_squared_error", "bounded_r2")
STRATEGIES = {
    "LCMD": LCMD(StandardScaler()),
    "GSx": CoreSet(StandardScaler()),
    "iGS": GreedySampling(embedding=StandardScaler()),
}


def some_rows(table):
    """Return 2,000 rows of a table at most."""
    data = load_dataset(f"tabular_regression/{table}")
    rows = np.random.RandomState(0).permutation(len(data.target))[:2000]
    return np.asarray(data.data)[rows], np.asarray(data.target, dtype=float)[rows]


def measured(store):
    """Return areas by model, measure, table and strategy, and the lowest R²."""
    found = {}
    for name, model in MODELS.items():
        result = benchmark_strategies(
            STRATEGIES,
            {table: some_rows(table) for table in TABLES},
            make_pipeline(StandardScaler(), model),
            n_initial=20,
            batch_size=10,
            budget=80,
            seeds=10,
            store=Path(store) / name.replace(" ", "_"),
        )
        found[name] = {
            measure: {
                table: {who: areas.tolist() for who, areas in each.items()}
                for table, each in result.areas(scoring=measure).items()
            }
            for measure in MEASURES
        }
        found[name]["lowest R2 of random"] = {
            table: min(
                float(run.score("r2").min())
                for run in result.select(table, "RandomSampling").values()
            )
            for table in TABLES
        }
    return found


def kept():
    """Return what was measured, by model, measure, table and strategy."""
    return _kept.read(RESULTS)


def compared(model, measure, who):
    """Return by table the paired difference of a strategy to random sampling."""
    return {
        table: paired_difference(areas[who], areas["RandomSampling"])
        for table, areas in kept()[model][measure].items()
    }


#: What pages call the measures.
WORDS = {
    "r2": ":math:`R^2`",
    "neg_root_mean_squared_error": "root mean squared error",
    "bounded_r2": '``"bounded_r2"``',
}


def measures_compared():
    """Return p-values of LCMD beside random sampling, by each measure."""
    found = kept()
    header = ["model", "table", "lowest :math:`R^2` of random", "LCMD ahead in"]
    header += [f"p by {word}" for word in WORDS.values()]
    rows = []
    for model, measures in found.items():
        for table, lowest in measures["lowest R2 of random"].items():
            pairs = [
                paired_difference(areas["LCMD"], areas["RandomSampling"])
                for areas in (measures[measure][table] for measure in WORDS)
            ]
            wins = [pair.wins for pair in pairs]
            said = [f"{min(wins)} to {max(wins)}", str(min(wins))][len(set(wins)) == 1]
            cells = [model, table, f"{lowest:.1f}", f"{said} of {pairs[0].n}"]
            rows.append([*cells, *(f"{pair.t_p_value:.3f}" for pair in pairs)])
    return header, rows


def numbers():
    """Return what the user guide says in sentences, by name."""
    area = np.mean(kept()["least squares"]["r2"]["cpu.act"]["RandomSampling"])
    return {"area by R2 on cpu.act, least squares": f"{area:.1f}"}


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    shown = {"measures": measures_compared()}
    for model in MODELS:
        for measure in MEASURES:
            found = {who: compared(model, measure, who) for who in STRATEGIES}
            rows = []
            for table, areas in kept()[model][measure].items():
                cells = [table, f"{np.mean(areas['RandomSampling']):.3f}"]
                for who in STRATEGIES:
                    gap = found[who][table]
                    cells.append(
                        f"{with_interval(gap.mean, *gap.interval, 3)}, "
                        f"{gap.wins} of {gap.n}"
                    )
                rows.append(cells)
            header = ["table", "random", *(f"{who} − random" for who in STRATEGIES)]
            shown[f"{model}, {measure}"] = header, rows
    return shown


def show():
    """Print areas of random sampling, and differences to them."""
    for name, (header, rows) in tables().items():
        print(f"\n{name}")
        for cells in [header, *rows]:
            print("".join(f"{cell:38}" for cell in cells).rstrip())
    for model, measures in kept().items():
        print(f"\n{model}, lowest R2 of random:", measures["lowest R2 of random"])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    if sys.argv[1:] != ["--table"]:
        RESULTS.write_text(json.dumps(measured(sys.argv[1]), indent=1), "utf-8")
    show()
