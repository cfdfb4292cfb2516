"""REVIVAL and its parts over 30 starts of three data sets: tables of the user guide.

Digits, MNIST as 50 principal components, and pendigits, standardized; at most 2,000
rows of each, drawn once. For each start half of them are the pool, and half to test on.
10 random labels to begin with, 40 more in batches of 5. The model that is judged is
``SparseLabelSpreading()`` for all, so that only the questions differ. Everything is
paired: start k has the same split, first labels and seed for all. The net on the graph
takes ten times as long as the rest, and is asked on the digits alone. Each finished run
is kept in the store, so the command can be stopped and given again::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE SKACTIVE_DATA=...
    python tests/measurements/revival.py --store revival-runs --jobs 2

``--table`` runs nothing and prints what ``tests/measurements/results`` has.
"""

import argparse
import json
from pathlib import Path

import _kept
import numpy as np
import torch
from joblib import Parallel, delayed
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from skactive.benchmark import benchmark_strategies
from skactive.datasets import load_dataset
from skactive.deep import REVIVAL, LGCPropagator
from skactive.diversity import RandomSampling, VOpt
from skactive.graph import SparseLabelSpreading
from skactive.metrics import paired_difference
from skactive.nets import NetClassifier
from skactive.uncertainty import EntropySampling, MarginSampling
from skactive.utils import seeded_clone

RESULTS = Path(__file__).parent / "results" / "revival.json"
MOST_ROWS = 2000
DESIGN = {"n_initial": 10, "batch_size": 5, "budget": 40, "test_size": 0.5}
NAMES = ("digits", "mnist_small", "pendigits")
#: Ways that are asked on the digits alone.
DEAR = ("gcn", "gcn, adversary", "paper")
#: Differences between two ways to ask: what it is called, the way with it, without it.
PARTS = [
    ("adversary that proposes 10 n", "adversary", "REVIVAL"),
    ("adversary that proposes 30 n", "adversary, 30 n", "REVIVAL"),
    ("adversary on ``sgc``", "sgc, adversary", "sgc"),
    ("adversary on ``gcn``", "gcn, adversary", "gcn"),
    ("entropy after the adversary", "adversary", "adversary alone"),
    ("LocalMax", "REVIVAL", "no LocalMax"),
    ("sharper distributions", "REVIVAL", "entropy and LocalMax"),
    ("``sgc`` for ``lgc``", "sgc", "REVIVAL"),
    ("``sgc`` and adversary for ``lgc``", "sgc, adversary", "REVIVAL"),
    ("``gcn`` for ``lgc``", "gcn", "REVIVAL"),
    ("``gcn`` and adversary for ``lgc``", "gcn, adversary", "REVIVAL"),
    ("``REVIVAL()`` for entropy", "REVIVAL", "entropy"),
    ("``REVIVAL()`` for ``VOpt()``", "REVIVAL", "VOpt"),
    ('``from_preset("paper")`` for it', "paper", "REVIVAL"),
    ("its own model", "REVIVAL (its own model)", "REVIVAL"),
]


class Asks(REVIVAL):
    """REVIVAL that does not predict: the benchmark runs it once, and not four times."""

    @property
    def predict(self):
        raise AttributeError("it only asks")


def asks(preset="default", **settings):
    """Return REVIVAL for its questions alone; the model that it is lent stays as is."""
    return Asks.from_preset(preset, virtual_weight=0.0, **settings)


def strategies():
    """Return what is compared, by name. Of REVIVAL() the own model is judged, too."""
    return {
        "random": RandomSampling(),
        "margin": MarginSampling(),
        "entropy": EntropySampling(SparseLabelSpreading()),
        "entropy and LocalMax": asks(propagator=LGCPropagator(sharpness=1.0)),
        "VOpt": VOpt(),
        "REVIVAL": REVIVAL(),
        "adversary": asks(oversample=10),
        "adversary, 30 n": asks(oversample=30),
        "adversary alone": asks(limitator=None),
        "no LocalMax": asks(diversity="none"),
        "sgc": asks(propagator="sgc", oversample=None),
        "sgc, adversary": asks(propagator="sgc", oversample=10),
        "gcn": asks(propagator="gcn", oversample=None),
        "gcn, adversary": asks(propagator="gcn", oversample=10),
        "paper": asks("paper"),
    }


def models():
    """Return by name: a model for 50 random labels of digits, and what it is beside."""
    linear, net = LogisticRegression(max_iter=1000), NetClassifier()
    through = REVIVAL(net, embedding="estimator")
    graph = "the graph itself, ``REVIVAL()``"
    of_linear, of_net = "``REVIVAL(LogisticRegression())``", "``REVIVAL(net)``"
    return {
        "logistic regression": (linear, None),
        of_linear: (REVIVAL(linear), "logistic regression"),
        "the same, ``oversample=10``": (REVIVAL(linear, oversample=10), of_linear),
        "``NetClassifier()``": (net, None),
        of_net: (REVIVAL(net), "``NetClassifier()``"),
        f"{of_net}, ``oversample=10``": (REVIVAL(net, oversample=10), of_net),
        '``REVIVAL(net, embedding="estimator")``': (through, of_net),
        graph: (REVIVAL(), None),
        '``REVIVAL(propagator="sgc")``': (REVIVAL(propagator="sgc"), graph),
    }


def data_of(name):
    """Return features and labels of at most 2,000 rows of a data set."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        return (X / 16).astype(np.float32), y
    table = "tabular_classification/pendigits"
    bunch = load_dataset(table if name == "pendigits" else name)
    X, y = np.asarray(bunch.data), np.asarray(bunch.target)
    rows = np.random.RandomState(0).permutation(len(y))[:MOST_ROWS]
    X, y = X[rows], y[rows]
    if name == "pendigits":
        X = StandardScaler().fit_transform(X)
    else:
        X = PCA(50, random_state=0).fit_transform(X.reshape(len(X), -1) / 255)
    return X.astype(np.float32), y


def asked(names, chosen, seeds, jobs, store):
    """Return areas in points by data set, way to ask and start."""
    areas = {}
    for name in names:
        result = benchmark_strategies(
            {k: chosen[k] for k in chosen if name == "digits" or k not in DEAR},
            {name: data_of(name)},
            SparseLabelSpreading(),
            seeds=list(seeds),
            n_jobs=jobs,
            store=store and Path(store) / name,
            verbose=True,
            **DESIGN,
        )
        for failure in result.failures:
            print(name, failure["strategy"], failure["seed"], failure["error"])
        found = areas.setdefault(name, {})
        for run in result.runs:
            n = run.n_labeled
            area = np.trapezoid(run.scores, n) / (n[-1] - n[0])
            found.setdefault(run.strategy, {})[run.seed] = round(100 * area, 3)
    return areas


def trained(seeds, jobs, store):
    """Return accuracies in percent by model and start."""
    folder = Path(store) / "models"
    folder.mkdir(parents=True, exist_ok=True)
    paths = {seed: folder / f"{seed}.json" for seed in seeds}
    todo = [delayed(train_all)(*each) for each in paths.items() if not each[1].exists()]
    Parallel(n_jobs=jobs)(todo)
    read = {seed: json.loads(path.read_text("utf-8")) for seed, path in paths.items()}
    return {name: {seed: read[seed][name] for seed in read} for name in models()}


def train_all(seed, path):
    """Write what all models reach with 50 random labels of the digits."""
    torch.set_num_threads(1)
    X, y = data_of("digits")
    pool, test = train_test_split(np.arange(len(y)), test_size=0.5, random_state=seed)
    labeled, rest = pool[:50], pool[50:]
    accuracy = {}
    for name, (model, _) in models().items():
        model = seeded_clone(model, seed)
        beside = {"X_pool": X[rest]} if isinstance(model, REVIVAL) else {}
        model.fit(X[labeled], y[labeled], **beside)
        accuracy[name] = round(100 * model.score(X[test], y[test]), 3)
    path.write_text(json.dumps(accuracy), "utf-8")


def read():
    """Return settings, areas by data set, way to ask and start, and accuracies."""
    kept = _kept.read(RESULTS)
    return kept.pop("settings"), kept, kept.pop("models")


def difference(with_it, without):
    """Return what two ways differ by, over the starts that both have."""
    seeds = [seed for seed in with_it if seed in without]
    return paired_difference(*([each[s] for s in seeds] for each in (with_it, without)))


def _said(with_it, without):
    """Return a difference and its interval as text."""
    if not with_it or not without:
        return "\\-"
    found = difference(with_it, without)
    low, high = found.interval
    fewer = f", {found.n} starts" if found.n < max(len(with_it), len(without)) else ""
    return f"{found.mean:+.1f} ({low:+.1f} to {high:+.1f}{fewer})"


def tables():
    """Return the tables of the user guide by name."""
    _, areas, accuracies = read()
    names, means = list(areas), []
    for found in areas.values():
        means.append(f"{np.mean(list(found['random'].values())):.1f}")
    ways = dict.fromkeys(way for found in areas.values() for way in found)
    starts = [
        [way, *(_said(areas[k].get(way), areas[k]["random"]) for k in names)]
        for way in ways
        if way != "random"
    ]
    parts = [
        [what, *(_said(areas[k].get(a), areas[k].get(b)) for k in names)]
        for what, a, b in PARTS
    ]
    trained = []
    for name, (_, base) in models().items():
        of_seeds = accuracies[name]
        row = [name, f"{np.mean(list(of_seeds.values())):.1f}"]
        trained.append([*row, _said(of_seeds, accuracies.get(base)), base or ""])
    return {
        "starts": (["asked by", *names], [["random", *means], *starts]),
        "parts": (["with it minus without it", *names], parts),
        "models": (["model", "accuracy", "difference", "from"], trained),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--only", nargs="+", help="names of ways to ask; default: all")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", default="revival-runs", help="for finished runs")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if not given.table:
        chosen = strategies()
        chosen = {name: chosen[name] for name in given.only or chosen}
        chosen.setdefault("random", RandomSampling())
        seeds = range(given.seeds)
        areas = asked(given.data, chosen, seeds, given.jobs, given.store)
        accuracies = trained(seeds, given.jobs, given.store)
        settings = {"seeds": given.seeds, "most rows": MOST_ROWS, **DESIGN}
        found = {"settings": settings, **areas, "models": accuracies}
        _kept.write(RESULTS, found)
    for name, (header, rows) in tables().items():
        print(name, *header, sep="  ")
        for first, *cells in rows:
            print(f"  {first:40}", *cells, sep="  ")


if __name__ == "__main__":
    main()
