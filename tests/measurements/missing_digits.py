"""What does a strategy ask for where classes are missing? Tables of three user guides.

Digits as by ``deep_defaults.py``: 597 for testing, which are not used here, 200 labels
of seven digits, other ones in each seed, and a pool of 1,000 that has all ten; rows of
64 numbers, or images. Or the labels are the first of the file. Each strategy
is fitted once. What is kept is the area under the ROC curve of its ranking, missing
digits against others, and which share of the first 100 samples it asks for is missing::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/missing_digits.py --seeds 10

It takes six minutes on one core. What is in the file of results already is not run
again. ``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import sys
import warnings
from functools import partial
from pathlib import Path

import _kept
import numpy as np
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from skactive.deep import SRAAL, VAAL, CoreGCN, UncertainGCN, uncertainty_indicator
from skactive.diversity import CoreSet, RandomSampling
from skactive.graph import KNNAffinity
from skactive.metrics import paired_difference
from skactive.nets import NetClassifier, VAEEmbedding
from skactive.nets.modules import Discriminator
from skactive.uncertainty import MarginSampling

sys.path.insert(0, str(Path(__file__).parent))
from deep_defaults import N_MISSING, N_TEST, split

RESULTS = Path(__file__).parent / "results" / "missing_digits.json"
N_LABELED, N_ASKED = 200, 100
FIRST = ", first of the file"
SMALL = {
    "autoencoder": VAEEmbedding(width=16, n_iterations=120, lr=1e-3),
    "discriminator": partial(Discriminator, hidden=(128, 128)),
}
OF_RELEASED = {
    "autoencoder__width": 16,
    "autoencoder__n_iterations": 120,
    "autoencoder__lr": 1e-3,
    "discriminator": SMALL["discriminator"],
}
ON_NET = " on a net"


class Indicator(MarginSampling):
    """Ask by the indicator of SRAAL alone."""

    def score_samples(self, X):
        return self._scores(X, uncertainty_indicator)


def sraal(estimator=None, **settings):
    """Return SRAAL with small nets, and the net of the page unless told otherwise."""
    return SRAAL(estimator or NetClassifier(), **{**SMALL, **settings})


def of_tables():
    """Return what is asked on rows of 64 numbers, by page and name."""
    net, near = NetClassifier(), KNNAffinity()
    vaal = {
        "VAAL": VAAL(**SMALL),
        f"VAAL{FIRST}": VAAL(**SMALL),
        f"margin of the net{FIRST}": MarginSampling(net),
        "VAAL, released losses": VAAL.from_preset("released", **OF_RELEASED),
    }
    state = {
        "SRAAL": sraal(),
        "SRAAL, ``stl_weight=1``": sraal(stl_weight=1),
        "SRAAL, ``stl_weight=0``": sraal(stl_weight=0),
        "SRAAL, ``split_latent=False``": sraal(split_latent=False),
        "SRAAL, of LogisticRegression": sraal(LogisticRegression(max_iter=1000)),
        "the indicator alone": Indicator(net),
    }
    return {
        "random": {
            "random": RandomSampling(),
            "margin of the net": MarginSampling(net),
        },
        "gcn": {
            f"{each.__name__}{where}, {graph}": each(affinity=affinity)
            for each in (UncertainGCN, CoreGCN)
            for where in ("", ON_NET)
            for graph, affinity in (("all pairs", None), ("nearest neighbors", near))
        }
        | {"CoreSet": CoreSet(), f"CoreSet{ON_NET}": CoreSet()},
        "vaal": vaal,
        "sraal": state,
    }


def strategies():
    """Return what is measured, by kind of data and name."""
    on_tables = {k: v for found in of_tables().values() for k, v in found.items()}
    images = {
        "VAAL, images": VAAL(**SMALL),
        "VAAL, images, released losses": VAAL.from_preset("released", **OF_RELEASED),
        "margin of the net, images": MarginSampling(NetClassifier()),
    }
    return {"table": on_tables, "images": images}


def first_of_the_file(seed):
    """Return the same pool and labels, but that labels are those that come first."""
    X, y = load_digits(return_X_y=True)
    X, rng = (X / 16).astype(np.float32), np.random.RandomState(seed)
    rows, new = rng.permutation(len(X)), rng.permutation(10)[:N_MISSING]
    rows = np.sort(rows[N_TEST:])
    labeled = rows[~np.isin(y[rows], new)][:N_LABELED]
    pool = np.setdiff1d(rows, labeled)
    return (X[labeled], y[labeled]), (X[pool], y[pool]), new


def run(kind, name, strategy, seed):
    """Return the area under the ROC curve, None without a ranking, and the share."""
    if name.endswith(FIRST):
        (X, y), (X_pool, y_pool), new = first_of_the_file(seed)
    else:
        ((X, y), (X_pool, y_pool), _), new = split(kind, N_LABELED, True, seed)
    missing = np.isin(y_pool, new)
    if ON_NET in name:
        net = NetClassifier(random_state=seed).fit(X, y)
        strategy = clone(strategy).set_params(embedding=FrozenEstimator(net))
    strategy.set_params(random_state=seed).fit(X, y, X_pool)
    asked = strategy.query(N_ASKED)
    if isinstance(strategy, UncertainGCN):
        scores = -strategy.proba_
    elif isinstance(strategy, (SRAAL, VAAL, MarginSampling)):
        scores = strategy.score_samples(X_pool)
    else:
        scores = None
    auc = None if scores is None else round(float(roc_auc_score(missing, scores)), 4)
    return auc, round(float(missing[asked].mean()), 4)


def read():
    """Return areas and shares by name, one per seed."""
    return _kept.read(RESULTS)


def pair_of(found, name, other, key="auc"):
    """Return a paired difference over the seeds, in points."""
    return paired_difference(*(100 * np.array(found[k][key]) for k in (name, other)))


def beside(found, name, other, key="auc"):
    """Return that difference and its interval, as text."""
    pair = pair_of(found, name, other, key)
    low, high = pair.interval
    return f"{pair.mean:+.1f} ({low:+.1f} to {high:+.1f})"


def _lines(found, names, other):
    lines = []
    for name in names:
        if name not in found:
            continue
        areas, shares = found[name]["auc"], found[name]["share"]
        own = name not in (other, "random")
        comparable = own and name.endswith(FIRST) == other.endswith(FIRST)
        lines.append(
            [
                name,
                "" if None in areas else f"{np.mean(areas):.3f}",
                f"{100 * np.mean(shares):.0f} %",
                beside(found, name, other, "share") if comparable else "",
            ]
        )
    return lines


def tables():
    """Return the tables of the user guide by name."""
    found, pages = read(), of_tables()
    header = ["asked by", "AUC", "missing among 100", "minus the margin's, in points"]
    margin = "margin of the net"
    on_images = [f"{margin}, images", *(k for k in found if k.startswith("VAAL, im"))]
    first = [f"{margin}{FIRST}", f"VAAL{FIRST}"]
    of_vaal = ["random", margin, *(k for k in pages["vaal"] if not k.endswith(FIRST))]
    shown = {
        "vaal": _lines(found, of_vaal, margin),
        "vaal, first": _lines(found, first, first[0]),
        "vaal, images": _lines(found, on_images, on_images[0]),
        "sraal": _lines(found, ["random", margin, "VAAL", *pages["sraal"]], margin),
        "gcn": _lines(found, ["random", margin, *pages["gcn"]], margin),
    }
    return {name: (header, lines) for name, lines in shown.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="", help="beginning of names; all")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    found = read()
    for kind, chosen in () if given.table else strategies().items():
        for name, strategy in chosen.items():
            row = found.setdefault(name, {"auc": [], "share": []})
            if not name.startswith(given.only):
                continue
            for seed in range(len(row["auc"]), given.seeds):
                for key, value in zip(row, run(kind, name, strategy, seed)):
                    row[key].append(value)
            kept = {k: v for k, v in found.items() if v["auc"]}
            _kept.write(RESULTS, kept, depth=1)
            print(name, row, flush=True)
    _kept.print_tables(tables(), 42)


if __name__ == "__main__":
    main()
