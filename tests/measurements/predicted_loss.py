"""Does LL4AL predict losses, and do nets of numbers gain by it? For a user guide.

"digits": 300 labeled digits as rows, ``NetClassifier(max_epochs=40)``. Three orders of
the pool, by the predicted loss, by the entropy of the same net and by chance: the rank
correlation with the true loss, the area under the ROC curve of finding the net's
errors, and the mean true loss of the first 50.

Tables of numbers: 1,000 of 2,500 rows at most are for testing; a net of two layers of
64, 100 epochs, 50 labels to begin with and 200 more in batches of 50. What is kept is
the root mean squared error of each round in standard deviations of the test labels.

Seeds are paired in both. Some minutes on one core::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE SKACTIVE_DATA=...
    python tests/measurements/predicted_loss.py --data digits kin8nm

Seeds that are in the file of results already are not run again. ``--table`` prints the
tables from the file in ``tests/measurements/results``.
"""

import argparse
import warnings
from pathlib import Path

import _kept
import numpy as np
import torch
from scipy.stats import entropy, spearmanr
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.datasets import load_dataset
from skactive.deep import LL4AL
from skactive.diversity import RandomSampling
from skactive.metrics import paired_difference
from skactive.nets import NetClassifier, NetRegressor

RESULTS = Path(__file__).parent / "results" / "predicted_loss.json"
ORDERS = "predicted loss", "entropy", "random"
WAYS = {
    "random": lambda net: ActiveLearner(net, RandomSampling()),
    "LL4AL": lambda net: ActiveLearner(None, LL4AL(net)),
    "LL4AL (paper)": lambda net: ActiveLearner(None, LL4AL.from_preset("paper", net)),
}


def orders(seed):
    """Return by order: correlation, area under the ROC curve, loss of the first 50."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    rows = np.random.RandomState(seed).permutation(len(X))
    known, pool = rows[:300], rows[300:]
    strategy = LL4AL(NetClassifier(max_epochs=40), random_state=seed)
    strategy.fit(X[known], y[known], X[pool])
    proba, _, predicted = strategy.predict_all(X[pool])
    losses = -np.log(proba[np.arange(len(pool)), y[pool]])
    mistaken = proba.argmax(axis=1) != y[pool]
    chance = np.random.RandomState(seed).uniform(size=len(pool))
    scores = dict(zip(ORDERS, (predicted, entropy(proba, axis=1), chance)))
    found = {}
    for name, each in scores.items():
        numbers = (
            spearmanr(each, losses)[0],
            roc_auc_score(mistaken, each),
            losses[np.argsort(-each)[:50]].mean(),
        )
        found[name] = [round(float(number), 4) for number in numbers]
    return found


def errors(table, seed):
    """Return by way of asking the error of each round."""
    X, y = load_dataset(f"tabular_regression/{table}", return_X_y=True)
    rows = np.random.RandomState(seed).permutation(len(y))[:2500]
    X, y = X[rows], y[rows]
    found = {}
    for name, way in WAYS.items():
        net = NetRegressor(module__hidden=(64, 64), max_epochs=100, lr=0.003)
        learner = way(make_pipeline(StandardScaler(), net))
        learner.set_params(n_initial=50, budget=200, batch_size=50, random_state=seed)
        models = learner.fit(X[1000:], y[1000:]).estimators_
        residuals = [model.predict(X[:1000]) - y[:1000] for model in models]
        scaled = [np.sqrt(np.mean(r**2)) / y[:1000].std() for r in residuals]
        found[name] = [round(float(error), 4) for error in scaled]
    return found


def read():
    """Return numbers by data and name, a list for each seed."""
    return _kept.read(RESULTS)


def said(pair, digits=2):
    """Return a paired difference with its interval, as text."""
    low, high = pair.interval
    return f"{pair.mean:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    shown = {}
    for data, rows in read().items():
        if data == "digits":
            header = ["order", "correlation", "AUC", "loss of the first 50"]
            lines = [
                [name, *(f"{each:.2f}" for each in np.mean(rows[name], axis=0))]
                for name in rows
            ]
        else:
            header = ["labels", *map(str, range(50, 251, 50)), "mean, minus random's"]
            lines = []
            for name in rows:
                line = [name, *(f"{each:.2f}" for each in np.mean(rows[name], axis=0))]
                same = name == "random"
                lines.append([*line, "" if same else said(behind(rows, name), 3)])
        shown[data] = header, lines
    return shown


def behind(rows, name):
    """Return by how much the mean error of a way is above that of random sampling."""
    return paired_difference(*(np.mean(rows[key], axis=1) for key in (name, "random")))


def numbers():
    """Return what sentences of the user guide say, by name."""
    found = {}
    rows = np.array([read()["digits"][name] for name in ORDERS])
    for k, what in enumerate(("correlation", "AUC", "loss")):
        for other in (1, 2):
            pair = paired_difference(rows[0, :, k], rows[other, :, k])
            found[f"{what} beside {ORDERS[other]}"] = said(pair)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", nargs="+", default=["digits", "kin8nm"])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    found = read()
    for data in () if given.table else given.data:
        rows = found.setdefault(data, {k: [] for k in (ORDERS, WAYS)[data != "digits"]})
        for seed in range(len(rows["random"]), given.seeds):
            new = orders(seed) if data == "digits" else errors(data, seed)
            for name in rows:
                rows[name].append(new[name])
            _kept.write(RESULTS, found)
            print(data, seed, new, flush=True)
    _kept.print_tables(tables(), 26)


if __name__ == "__main__":
    main()
