"""Strategies on masks and boxes, in pairs: the tables of the user guide.

It reads ``camvid.npz`` and ``bccd.npz`` from the folder in the environment variable
``SKACTIVE_DATA``: the official train part to choose from, the official test part for
scores. CamVid is taken at 60 x 80 pixels, every second one; ``--large`` takes all. Each
finished run is kept in the store, so the command can be stopped and given again, also
with more seeds or strategies. A run takes one to five minutes on one core::

    python tests/measurements/dense.py bccd --store dense-runs --seeds 3

``--device cuda`` trains on a GPU, which several runs can share (``--jobs``).

What is paid for is images; what they cost is summed up afterwards from what was asked
for. On BCCD an image costs its boxes, and one without boxes 1. On CamVid it costs the
boundaries in its mask, pixels whose right or lower neighbor is of another class, which
stand for the clicks of polygons.

``--table`` prints what is in the store, runs nothing, and writes areas over images and
over cost, and what an image cost, to a file in ``tests/measurements/results``. Areas
over cost are taken where all runs of a seed are.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.datasets import load_dataset
from skactive.deep import LL4AL, SRAAL, VAAL, TaskAwareViT
from skactive.disagreement import PowerBALD
from skactive.diversity import PPAL, CoreSet, ForegroundRandomSampling
from skactive.nets import (
    DropoutCommittee,
    HorizontalFlip,
    NetDetector,
    NetSegmenter,
    VAEEmbedding,
)
from skactive.uncertainty import CALD, EntropySampling, LocalizationStability

RESULTS = Path(__file__).parent / "results"


def data(name, *, large=False):
    """Return images with the channels first, as nets take them, and what is in them."""
    found = load_dataset(name)
    step = 2 if name == "camvid" and not large else 1
    parts = {}
    for part in ("", "test_"):
        X, y = found[f"{part}data"], found[f"{part}target"]
        X = np.ascontiguousarray(X[:, ::step, ::step].transpose(0, 3, 1, 2))
        parts[f"{part}data"] = X
        parts[f"{part}target"] = y[:, ::step, ::step] if name == "camvid" else y
    return Bunch(name=name, task=found.task, **parts)


def model(name, device):
    """Return the net that all strategies share."""
    shared = {
        "device": device,
        "augment": HorizontalFlip(),
        "precision": "bf16",
        "classes": range(11 if name == "camvid" else 3),
    }
    if name == "camvid":
        return NetSegmenter(max_epochs=50, **shared)
    return NetDetector(max_epochs=40, **shared)


def shrunk(X):
    """Return images of 30 x 40 pixels, which VAAL looks at."""
    n, channels, height, width = X.shape
    blocks = X.reshape(n, channels, 30, height // 30, 40, width // 40)
    return blocks.mean(axis=(3, 5)).astype(np.uint8)


def strategies(name, device):
    """Return the strategies by name."""
    small = VAEEmbedding(width=8, n_iterations=50, device=device)
    shrink = FunctionTransformer(shrunk)
    named = {
        "CoreSet on transform": CoreSet("estimator"),
        "foreground at random": ForegroundRandomSampling(),
        # As published, in that they change the net.
        "LL4AL": LL4AL(detach_epoch=0.6),
        "TaskAwareViT": TaskAwareViT(
            detach=False, bottleneck="sample", milestones=None
        ),
        "VAAL": VAAL(autoencoder=small, embedding=shrink),
    }
    for how in ("mean", "sum", "max", 0.1):
        word = f"entropy, {'most uncertain tenth' if how == 0.1 else how}"
        named[word] = EntropySampling(aggregate=how)
    if name == "bccd":
        named["CALD"] = CALD()
        named["localization stability"] = LocalizationStability()
        named["PPAL"] = PPAL()
    else:
        named["SRAAL"] = SRAAL(autoencoder=small, embedding=shrink, stl_weight=0)
        dropout = clone(model(name, device)).set_params(module__dropout=0.2)
        named["PowerBALD"] = PowerBALD(DropoutCommittee(dropout, n_members=8))
    return named


def boxes(rows, X_rows, answers):
    """Return what images cost whose boxes are drawn one by one."""
    return np.array([max(1, len(answer["boxes"])) for answer in answers], dtype=float)


def boundary(rows, X_rows, answers):
    """Return the length of the boundaries in masks, in pixels."""
    masks = np.asarray(answers)
    below = masks[:, 1:, :-1] != masks[:, :-1, :-1]
    right = masks[:, :-1, 1:] != masks[:, :-1, :-1]
    return np.maximum(1.0, (below | right).sum(axis=(1, 2)))


COSTS = {"bccd": ("boxes", boxes), "camvid": ("pixels of boundary", boundary)}


def table_of(result, dataset):
    """Return areas over images and over cost, and what an image cost, by strategy."""
    unit, _ = COSTS[dataset]
    table = {}
    for x, what in (("n_labeled", "images"), ("cost", unit)):
        for name, areas in result.areas(x=x)[dataset].items():
            rounded = np.round(areas, 5).tolist()
            table.setdefault(name, {})[f"area over {what}"] = rounded
    for name, row in table.items():
        runs = result.select(dataset, name)
        paid = [run.cost[-1] - run.cost[0] for run in runs.values()]
        images = [run.n_labeled[-1] - run.n_labeled[0] for run in runs.values()]
        row["seeds"] = list(runs)
        row[f"{unit} per image"] = round(float(sum(paid) / sum(images)), 2)
    return table


#: What pages call the rows, in their order.
SHOWN = {
    "RandomSampling": "random",
    "foreground at random": "foreground at random",
    "entropy, sum": "entropy, sum",
    "entropy, mean": "entropy, mean",
    "entropy, max": "entropy, max",
    "entropy, most uncertain tenth": "entropy, most uncertain tenth",
    "PowerBALD": "PowerBALD, dropout",
    "CoreSet on transform": "core-set on ``transform``",
    "CALD": "CALD",
    "localization stability": "localization stability",
    "PPAL": "PPAL",
    "VAAL": "VAAL on 30 x 40 pixels",
    "SRAAL": "SRAAL on 30 x 40 pixels",
    "LL4AL": "LL4AL, then the same net",
    "TaskAwareViT": "TaskAwareViT, then the same net",
    "LL4AL (its own model)": "LL4AL, its own net",
    "RandomSampling (model of LL4AL)": "random, LL4AL's net",
    "TaskAwareViT (its own model)": "TaskAwareViT, its own net",
    "RandomSampling (model of TaskAwareViT)": "random, TaskAwareViT's net",
}
CHANCE = "RandomSampling"
TABLES = {"boxes": "bccd", "masks": "camvid", "larger masks": "camvid_large"}


def read(table):
    """Return areas by strategy, and the names of the columns of a kept table."""
    found = json.loads((RESULTS / f"dense_{table}.json").read_text("utf-8"))
    over = [column for column in found[CHANCE] if column.startswith("area over")]
    each = next(column for column in found[CHANCE] if column.endswith("per image"))
    return found, over, each


def gaps(found, who, other, column):
    """Return differences in points, of each seed that both have."""
    areas, base = (dict(zip(found[k]["seeds"], found[k][column])) for k in (who, other))
    return np.array([100 * (areas[k] - base[k]) for k in areas if k in base])


def minus(found, who, other, column):
    """Return differences in points, of each seed that both have, as text."""
    return ", ".join(
        f"{gap + 0:.1f}" for gap in np.round(gaps(found, who, other, column), 1)
    )


def rows(table):
    """Return header and rows of a page: areas, differences, and what an image cost."""
    found, over, each = read(table)
    header = ["strategy"]
    for column in over:
        header += [column.removeprefix("area "), "minus random"]
    lines = []
    for who, name in SHOWN.items():
        if who not in found:
            continue
        cells = [name]
        for column in over:
            cells.append(f"{100 * np.mean(found[who][column]):.1f}")
            same = who == CHANCE
            cells.append("" if same else minus(found, who, CHANCE, column))
        lines.append([*cells, f"{found[who][each]:.1f}"])
    return [*header, each], lines


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    return {name: rows(table) for name, table in TABLES.items()}


def numbers():
    """Return what the user guide says in sentences: own nets beside random ones."""
    said = {}
    for name, table in TABLES.items():
        found, over, _ = read(table)
        said[f"{name}, seeds"] = str(len(found[CHANCE]["seeds"]))
        for who in ("LL4AL", "TaskAwareViT"):
            own, base = f"{who} (its own model)", f"{CHANCE} (model of {who})"
            for column in over if own in found else ():
                key = f"{name}, {who}, {column.removeprefix('area ')}"
                said[key] = minus(found, own, base, column)
    return said


def print_table(table, chance):
    """Print means, and differences to random sampling, seed by seed."""
    columns = list(table[chance])
    for column in columns[:2]:
        print(f"{column}, times 100; minus random; {columns[-1]}")
        base = dict(zip(table[chance]["seeds"], table[chance][column]))
        for name, row in table.items():
            areas = dict(zip(row["seeds"], row[column]))
            pairs = [100 * (areas[k] - base[k]) for k in areas if k in base]
            mean = 100 * np.mean(list(areas.values()))
            differences = np.round(pairs, 1).tolist()
            print(f"{name:40} {mean:5.1f}  {differences}  {row[columns[-1]]:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", choices=["bccd", "camvid"])
    parser.add_argument("--store", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--strategies", nargs="*", help="some of the names; all")
    parser.add_argument("--large", action="store_true", help="CamVid at 120 x 160")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    found = data(given.dataset, large=given.large)
    if given.table:
        result = BenchmarkResult.load(given.store, data={given.dataset: found})
    else:
        named = strategies(given.dataset, given.device)
        wanted = given.strategies or list(named)
        result = benchmark_strategies(
            {name: named[name] for name in wanted},
            {given.dataset: found},
            model(given.dataset, given.device),
            n_initial=20,
            batch_size=20,
            budget=40,
            seeds=given.seeds,
            n_jobs=given.jobs,
            store=given.store,
            verbose=True,
        )
    result = result.with_costs(COSTS[given.dataset][1])
    table = table_of(result, given.dataset)
    RESULTS.mkdir(exist_ok=True)
    size = "_large" if given.large else ""
    path = RESULTS / f"dense_{given.dataset}{size}.json"
    path.write_text(json.dumps(table, indent=1) + "\n")
    print_table(table, result.chance)


if __name__ == "__main__":
    main()
