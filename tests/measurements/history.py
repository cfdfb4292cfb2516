"""What training, changes and reconstruction tell: the tables of three user guides.

On the digits, as images, with a small multilayer perceptron of scikit-learn, some eight
minutes on one core. Each finished run is kept in the store, so the command can be
stopped and given again::

    python tests/measurements/history.py --store history-runs --seeds 10

``--data cifar10_small --device cuda`` takes a ResNet and the images of that name from
the folder in ``SKACTIVE_DATA``; ``--tiny`` shows that everything runs, on little. The
result is added to what is in ``tests/measurements/results``, unless ``--tiny``.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch

from skactive.benchmark import benchmark_strategies
from skactive.datasets import load_dataset
from skactive.deep import ReconstructionSampling
from skactive.nets import HistoryRecorder, NetClassifier, VAEEmbedding
from skactive.uncertainty import (
    AugmentationConsistency,
    EntropySampling,
    HistorySampling,
)

RESULTS = Path(__file__).parent / "results"


class PermutedHistory(HistorySampling):
    """Ask as HistorySampling does whose forest is told at random what has a label."""

    def _flags(self, unlabeled):
        return np.random.RandomState(self._query_seed).permutation(unlabeled)


def flat(X):
    """Return images as rows."""
    return np.asarray(X).reshape(len(X), -1)


def data(name, tiny):
    """Return images with channels first, and their labels."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        X = (X.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
        return Bunch(data=X[:300], target=y[:300]) if tiny else Bunch(data=X, target=y)
    found = load_dataset(name)
    for part in ("", "test_"):
        X = found[f"{part}data"].transpose(0, 3, 1, 2)
        keep = slice(200 if tiny else None)
        found[f"{part}data"] = np.ascontiguousarray(X[keep])
        found[f"{part}target"] = found[f"{part}target"][keep]
    return found


def model(name, device, tiny):
    """Return the model that all strategies share."""
    if name == "digits":
        net = MLPClassifier(
            (32,), learning_rate_init=0.01, max_iter=20 if tiny else 100
        )
        return make_pipeline(FunctionTransformer(flat), net)
    settings = {"max_epochs": 2, "module__width": 4} if tiny else {"max_epochs": 30}
    recorder = ("history_recorder", HistoryRecorder())
    if device != "cpu":
        settings["precision"] = "bf16"
    classes = range(10)
    return NetClassifier(
        callbacks=[recorder], device=device, classes=classes, **settings
    )


def strategies(name, device, tiny):
    """Return the strategies by name."""
    own = {"n_trees": 10 if tiny else 100, "n_passes": 10 if tiny else 100}
    named = {
        "entropy": EntropySampling(),
        "history": HistorySampling(**own),
        "history, cross-fitted": HistorySampling(cross_fit=True, **own),
        "history, early": HistorySampling(moments="early", **own),
        "history, last snapshot": HistorySampling(moments=[-1], **own),
        "history, permuted labels": PermutedHistory(**own),
    }
    # A mirrored digit is none.
    changes = ["shift", "rotation", "scale", "brightness", "contrast", "noise"]
    changes = changes if name == "digits" else ["flip", *changes]
    for measure in ("mutual_information", "variance", "variation", "kl"):
        named[f"consistency, {measure}"] = AugmentationConsistency(
            measure=measure, augmentations=changes
        )
    named["consistency, noise alone"] = AugmentationConsistency(augmentations=["noise"])
    steps = 3 if tiny else 200 if name == "digits" else 2000
    width = 8 if name == "digits" else 32
    coder = VAEEmbedding(width=width, lr=1e-3, n_iterations=steps, device=device)
    for form, settings in {
        "labeled": {},
        "labeled, normalized": {"normalize": True},
        "relative": {"relative": True},
        "all": {"learn_from": "all"},
    }.items():
        named[f"reconstruction, {form}"] = ReconstructionSampling(
            autoencoder=coder, **settings
        )
    return named


def told_apart(found, estimator, named, seeds, n_labeled):
    """Return what forests see, by strategy: areas, and correlations with entropy."""
    table = {}
    for name, strategy in named.items():
        if not isinstance(strategy, HistorySampling):
            continue
        auc, correlation = [], []
        for seed in range(seeds):
            order = np.random.RandomState(seed).permutation(len(found.target))
            known, pool = order[:n_labeled], order[n_labeled:]
            strategy.set_params(estimator=estimator, random_state=seed)
            strategy.fit(found.data[known], found.target[known], found.data[pool])
            auc.append(strategy.oob_auc_)
            correlation.append(strategy.entropy_correlation_)
        strategy.set_params(estimator=None, random_state=None)
        table[name] = {
            "oob auc": np.round(auc, 3).tolist(),
            "correlation with entropy": np.round(correlation, 3).tolist(),
        }
    return table


def tables():
    """Return what the user guide shows: titles of columns and rows, by data set."""
    return {
        name: (
            HEADER,
            lines_of(json.loads((RESULTS / f"history_{name}.json").read_text())),
        )
        for name in ("digits", "cifar10_small")
    }


HEADER = ["chosen by", "area", "minus random", "above it", "AUC", "correlation"]
TOLD = {
    "RandomSampling": "random",
    "MarginSampling": "margin",
    "history, cross-fitted": "the same, cross-fitted",
    "history, early": "the same, early third",
    "history, last snapshot": "the same, end alone",
    "history, permuted labels": "the same, permuted labels",
    "consistency, mutual_information": "consistency, mutual information",
    "consistency, kl": "consistency, divergence",
}


def lines_of(table):
    """Return rows of a table: areas, differences to random, and what forests see."""
    base = dict(zip(table["RandomSampling"]["seeds"], table["RandomSampling"]["areas"]))
    lines = []
    for name, row in table.items():
        areas = dict(zip(row.get("seeds", ()), row.get("areas", ())))
        shared = [seed for seed in areas if seed in base]
        if not shared or name.startswith("reconstruction"):
            continue
        pairs = np.array([100 * (areas[seed] - base[seed]) for seed in shared])
        line = [TOLD.get(name, name), f"{100 * np.mean(row['areas']):.1f}", "", ""]
        if name != "RandomSampling":
            spread = f" (sd {pairs.std(ddof=1):.1f})" if len(pairs) >= 10 else ""
            line[2] = f"{pairs.mean():+.1f}{spread}"
            line[3] = f"{(pairs > 0).sum()} of {len(pairs)}"
        told = row.get("oob auc"), row.get("correlation with entropy")
        lines.append([*line, *("" if t is None else f"{np.mean(t):.2f}" for t in told)])
    return lines


def print_table(table, chance):
    """Print means, mean differences to random, and how often they are above it."""
    base = dict(zip(table[chance]["seeds"], table[chance]["areas"]))
    for name, row in table.items():
        if "areas" not in row:
            continue
        areas = dict(zip(row["seeds"], row["areas"]))
        pairs = [100 * (areas[k] - base[k]) for k in areas if k in base]
        wins = sum(d > 0 for d in pairs)
        spread = np.std(pairs, ddof=1) / np.sqrt(len(pairs)) if len(pairs) > 1 else 0
        told = row.get("oob auc"), row.get("correlation with entropy")
        told = "  ".join(f"{np.mean(t):.2f}" for t in told if t is not None)
        print(
            f"{name:34} {100 * np.mean(row['areas']):5.1f}  {np.mean(pairs):+5.2f} "
            f"+- {spread:4.2f}  {wins}/{len(pairs)}  {told}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="digits")
    parser.add_argument("--store", required=True)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--strategies", nargs="*", help="beginnings of names; all")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args()
    # The perceptron is trained for as long as it is said to be.
    warnings.simplefilter("ignore", ConvergenceWarning)
    kind = given.data, given.device, given.tiny
    found, named = data(given.data, given.tiny), strategies(*kind)
    if given.strategies:
        chosen = tuple(given.strategies)
        named = {name: s for name, s in named.items() if name.startswith(chosen)}
    size = 20 if given.data == "digits" or given.tiny else 250
    result = benchmark_strategies(
        named,
        {given.data: found},
        model(*kind),
        n_initial=size,
        batch_size=size,
        budget=2 * size if given.tiny else 5 * size,
        seeds=given.seeds,
        n_jobs=given.jobs,
        store=given.store,
        verbose=True,
    )
    for failure in result.failures:
        print(failure)
    table = {}
    for name, areas in result.areas()[given.data].items():
        seeds = list(result.select(given.data, name))
        table[name] = {"seeds": seeds, "areas": np.round(areas, 5).tolist()}
    told = told_apart(found, model(*kind), named, min(given.seeds, 10), 3 * size)
    for name, row in told.items():
        table.setdefault(name, {}).update(row)
    print_table(table, result.chance)
    if not given.tiny:
        path = RESULTS / f"history_{given.data}.json"
        # Strategies may have been measured one after the other, on more or fewer seeds.
        kept = json.loads(path.read_text()) if path.exists() else {}
        for name, row in table.items():
            if len(row.get("seeds", ())) >= len(kept.get(name, {}).get("seeds", ())):
                kept[name] = row
        path.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
