"""Strategies on masks and boxes, in pairs: the tables of the user guide.

It reads ``camvid.npz`` and ``bccd.npz`` from the folder in the environment variable
``SKACTIVE_DATA``: the official train part to choose from, the official test part for
scores. CamVid is taken at 60 x 80 pixels, every second one. Every finished run is kept
in the store, so the command can be stopped and given again, also with more seeds or
strategies. A run takes one to five minutes on one core::

    python tests/measurements/dense.py bccd --store dense-runs --seeds 3

``--table`` prints what is in the store, runs nothing, and writes the areas to a file in
``tests/measurements/results``.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.datasets import load_dataset
from skactive.deep import LL4AL, VAAL
from skactive.diversity import CoreSet, ForegroundRandomSampling
from skactive.nets import HorizontalFlip, NetDetector, NetSegmenter, VAEEmbedding
from skactive.uncertainty import CALD, EntropySampling, LocalizationStability

RESULTS = Path(__file__).parent / "results"


def data(name):
    """Return images with the channels first, as nets take them, and what is in them."""
    found = load_dataset(name)
    step = 2 if name == "camvid" else 1
    parts = {}
    for part in ("", "test_"):
        X, y = found[f"{part}data"], found[f"{part}target"]
        X = np.ascontiguousarray(X[:, ::step, ::step].transpose(0, 3, 1, 2))
        parts[f"{part}data"] = X
        parts[f"{part}target"] = y[:, ::step, ::step] if name == "camvid" else y
    return Bunch(name=name, task=found.task, **parts)


def model(name, n_classes):
    """Return the net that all strategies share."""
    shared = {
        "augment": HorizontalFlip(),
        "precision": "bf16",
        "classes": range(n_classes),
    }
    if name == "camvid":
        return NetSegmenter(max_epochs=50, **shared)
    return NetDetector(max_epochs=40, **shared)


def shrunk(X):
    """Return images of 30 x 40 pixels, which VAAL looks at."""
    n, channels, height, width = X.shape
    blocks = X.reshape(n, channels, 30, height // 30, 40, width // 40)
    return blocks.mean(axis=(3, 5)).astype(np.uint8)


def strategies(name):
    """Return the strategies by name."""
    small = VAEEmbedding(width=8, n_iterations=50)
    named = {
        "CoreSet on transform": CoreSet("estimator"),
        "foreground at random": ForegroundRandomSampling(),
        "LL4AL": LL4AL(),
        "VAAL": VAAL(autoencoder=small, embedding=FunctionTransformer(shrunk)),
    }
    for how in ("mean", "sum", "max", 0.1):
        word = f"entropy, {'most uncertain tenth' if how == 0.1 else how}"
        named[word] = EntropySampling(aggregate=how)
    if name == "bccd":
        named["CALD"] = CALD()
        named["localization stability"] = LocalizationStability()
    return named


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", choices=["bccd", "camvid"])
    parser.add_argument("--store", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--strategies", nargs="*", help="some of the names; all")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if given.table:
        result = BenchmarkResult.load(given.store)
    else:
        named = strategies(given.dataset)
        wanted = given.strategies or list(named)
        found = data(given.dataset)
        n_classes = 11 if given.dataset == "camvid" else 3
        result = benchmark_strategies(
            {name: named[name] for name in wanted},
            {given.dataset: found},
            model(given.dataset, n_classes),
            n_initial=20,
            batch_size=20,
            budget=40,
            seeds=given.seeds,
            store=given.store,
            verbose=True,
        )
    areas = result.areas()[given.dataset]
    table = {name: np.round(values, 5).tolist() for name, values in areas.items()}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"dense_{given.dataset}.json"
    path.write_text(json.dumps(table, indent=1) + "\n")
    chance = areas["RandomSampling"]
    for name, values in areas.items():
        n = min(len(values), len(chance))
        difference = np.round(100 * (values[:n] - chance[:n]), 1)
        print(f"{name:40} {100 * values.mean():5.1f}  {difference.tolist()}")


if __name__ == "__main__":
    main()
