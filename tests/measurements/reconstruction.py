"""Is what cannot be rebuilt, or how it was learned, worth a label? Two user guides.

Digits as rows of 64 numbers, 20 random labels and 60 more in batches of 20, judged by
an MLP of 32 hidden units that is trained for itself, so that ways of asking differ in
nothing but what they ask for. Split, start and net of a seed are the same for all::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/reconstruction.py --seeds 10

Runs that are in the file of results already are not run again.

``--table`` prints the table from the file in ``tests/measurements/results``.
"""

import argparse
from pathlib import Path

import _kept
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.deep import JointReconstruction, ReconstructionSampling
from skactive.diversity import RandomSampling
from skactive.nets import NetClassifier, VAEEmbedding
from skactive.uncertainty import EntropySampling, HistorySampling, MarginSampling

RESULTS = Path(__file__).parent / "results" / "reconstruction.json"
CODER = VAEEmbedding(width=8, lr=1e-3, n_iterations=100)
NET = NetClassifier(module__hidden=(32,), classes=range(10))
COMMON = {
    "random": RandomSampling(),
    "entropy": EntropySampling(),
    "margin": MarginSampling(),
}
REBUILDING = {
    "autoencoder of labeled samples": ReconstructionSampling(autoencoder=CODER),
    "the same, relative": ReconstructionSampling(autoencoder=CODER, relative=True),
    "autoencoder of all samples": ReconstructionSampling(
        autoencoder=CODER, learn_from="all"
    ),
    "decoder on the net": JointReconstruction(detach_epoch=0.6),
    "the same, net unchanged": JointReconstruction(),
}
LEARNING = {
    "history": HistorySampling(n_trees=100),
    "history and inner layer": HistorySampling(n_trees=100, inner_layer=True),
}


def area(strategy, seed):
    """Return the mean accuracy over the curve of one run."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(
        (X / 16).astype(np.float32), y, test_size=0.25, random_state=seed, stratify=y
    )
    learner = ActiveLearner(
        NET, strategy, n_initial=20, batch_size=20, budget=60, random_state=seed
    ).fit(X, y, X_val=X_test, y_val=y_test)
    curve = learner.history_["score"]
    return round(float(np.trapezoid(curve)) / (len(curve) - 1), 4)


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    areas = _kept.read(RESULTS)
    lines = []
    for way, found in areas.items():
        pairs = 100 * np.subtract(found, areas["random"])
        line = [way, f"{100 * np.mean(found):.1f}", "", ""]
        if way != "random":
            line[2] = f"{pairs.mean():+.1f} (sd {pairs.std(ddof=1):.1f})"
            line[3] = f"{(pairs > 0).sum()} of {len(pairs)}"
        lines.append(line)
    header, shown = ["asked by", "area", "minus random", "above it"], {}
    for name, ways in (("rebuilding", REBUILDING), ("learning", LEARNING)):
        chosen = {*COMMON, *ways}
        shown[name] = header, [line for line in lines if line[0] in chosen]
    return shown


def numbers():
    """Return what sentences of the user guide say, by name."""
    areas = _kept.read(RESULTS)
    random, margin, history, inner = (
        np.array(areas[key])
        for key in ("random", "margin", "history", "history and inner layer")
    )
    below = {way: int(np.sum(areas[way] < random)) for way in REBUILDING}
    n = len(random)
    return {
        "fewest seeds below random": f"{min(below.values())} of {n}",
        "entropy below random": f"{np.sum(areas['entropy'] < random)} of {n}",
        "history above random": f"{np.sum(history > random)} of {n}",
        "history above margin": f"{np.sum(history > margin)} of {n}",
        "inner layer below history": f"{np.sum(inner < history)} of {n}",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--history", action="store_true", help="HistorySampling, too")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if not given.table:
        areas = _kept.read(RESULTS)
        chosen = {**COMMON, **REBUILDING, **(LEARNING if given.history else {})}
        for seed in range(given.seeds):
            for way, strategy in chosen.items():
                if len(areas.setdefault(way, [])) == seed:
                    areas[way].append(area(strategy, seed))
            _kept.write(RESULTS, areas)
            print(seed, flush=True)
    _kept.print_tables(tables(), 34)


if __name__ == "__main__":
    main()
