"""Does it pay to choose, where an answer is a set of labels? A table of the user guide.

Three sets: pictures of one digit or two, side by side, made of scikit-learn's digits;
which of eight things a street scene of CamVid shows on 200 pixels or more, from the
folder in ``SKACTIVE_DATA``; and ``make_multilabel_classification``. 20 random labels,
then 80 in batches of 10, the micro-averaged F1 on the test part averaged over the nine
points. Data, start and model of a seed are the same for all, so that differences are
taken seed by seed::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/label_sets.py --seeds 20 --model logistic
    python tests/measurements/label_sets.py --seeds 10 --model forest
    python tests/measurements/label_sets.py --seeds 10 --unsaid

Each finished run is written down as it ends, so the command can be stopped and given
again. ``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import json
import warnings
from functools import cache
from pathlib import Path

import _kept
import numpy as np
from scipy import stats
from sklearn.base import clone
from sklearn.datasets import load_digits, make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.base import ScoreStrategy
from skactive.compose import TopThenDiverse
from skactive.datasets import load_dataset
from skactive.diversity import CoreSet, RandomSampling
from skactive.lookahead import MaximumLossReduction
from skactive.uncertainty import (
    CVIRS,
    BinMin,
    LabelCardinalityInconsistency,
    mean_label_entropy,
)
from skactive.utils._label_probabilities import LabelSetsMixin

RESULTS = Path(__file__).parent / "results" / "label_sets.json"
UNSAID = RESULTS.with_name("label_sets_unsaid.json")
N_INITIAL, BATCH, N_ROUNDS = 20, 10, 8
N_POOL, N_TEST = 1000, 500


class MeanLabelEntropy(LabelSetsMixin, ScoreStrategy):
    """Ask by the mean entropy of the labels."""

    def score_samples(self, X):
        """Return the mean entropy of the labels."""
        return mean_label_entropy(self._label_probabilities(X))


STRATEGIES = {
    "random": RandomSampling(),
    "BinMin": BinMin(),
    "LCI": LabelCardinalityInconsistency(),
    "soft LCI": LabelCardinalityInconsistency(soft=True),
    "CVIRS": CVIRS(),
    "MMC": MaximumLossReduction(),
    "mean entropy": MeanLabelEntropy(),
    "core-set": CoreSet(StandardScaler()),
    "top 10b by entropy, then k-center": TopThenDiverse(
        MeanLabelEntropy(), embedding=StandardScaler(), factor=10, picking="k_center"
    ),
}

#: Of a forest, those that look at it.
LOOKS_AT_FOREST = ["random", "BinMin", "LCI", "CVIRS", "MMC", "mean entropy"]

MODELS = {
    "logistic": make_pipeline(
        StandardScaler(), OneVsRestClassifier(LogisticRegression())
    ),
    "forest": RandomForestClassifier(25),
}


def digit_pairs(seed):
    """Pictures of one digit, or of two side by side; which digits they show."""
    rng = np.random.RandomState(seed)
    X, y = load_digits(return_X_y=True)
    order = rng.permutation(len(X))
    parts = []
    for rows, n in ((order[:1200], N_POOL), (order[1200:], N_TEST)):
        left, right = rng.choice(rows, (2, n))
        two = rng.uniform(size=n) < 0.65
        halves = (
            X[left].reshape(n, 8, 8),
            X[right].reshape(n, 8, 8) * two[:, None, None],
        )
        labels = np.zeros((n, 10), dtype=int)
        labels[np.arange(n), y[left]] = 1
        labels[np.flatnonzero(two), y[right][two]] = 1
        parts += [np.concatenate(halves, axis=2).reshape(n, -1) / 16, labels]
    return parts


@cache
def scenes():
    """Return pictures of 12 x 16 pixels as components, and what they show."""
    bunch = load_dataset("camvid")
    things = [2, 4, 5, 6, 7, 8, 9, 10]  # without sky, building and road, nearly always
    parts = []
    for images, masks in (
        (bunch.data, bunch.target),
        (bunch.test_data, bunch.test_target),
    ):
        small = np.asarray(images, dtype=float).reshape(-1, 12, 10, 16, 10, 3)
        seen = [[(mask == c).sum() >= 200 for c in things] for mask in masks]
        parts.append(small.mean(axis=(2, 4)).reshape(len(small), -1) / 255)
        parts.append(np.array(seen, dtype=int))
    space = PCA(30, random_state=0).fit(parts[0])
    return space.transform(parts[0]), parts[1], space.transform(parts[2]), parts[3]


def street_scenes(seed):
    """Which of eight things are seen, of 30 principal components of small pictures."""
    X, y, X_test, y_test = scenes()
    rows = np.random.RandomState(seed).permutation(len(X))[:350]
    return X[rows], y[rows], X_test, y_test


def made(seed):
    """Counts of words of documents with some of eight topics."""
    X, y = make_multilabel_classification(
        N_POOL + N_TEST, 20, n_classes=8, n_labels=2, random_state=seed
    )
    return X[:N_POOL], y[:N_POOL], X[N_POOL:], y[N_POOL:]


DATA = {
    "digit pairs": digit_pairs,
    "street scenes": street_scenes,
    "made documents": made,
}


def measured(strategy, model, data, seed):
    """Return the micro F1 averaged over one run."""
    X, y, X_test, y_test = data
    known = np.random.RandomState(seed).permutation(len(X))[:N_INITIAL]
    scores = []
    for k in range(N_ROUNDS + 1):
        fitted = clone(model).fit(X[known], y[known])
        scores.append(
            f1_score(y_test, fitted.predict(X_test), average="micro", zero_division=0)
        )
        if k == N_ROUNDS:
            return float(np.mean(scores))
        asking = clone(strategy).set_params(random_state=seed)
        names = asking.get_params()
        for name in ("estimator", "strategy__estimator"):
            if name in names:
                asking.set_params(**{name: FrozenEstimator(fitted)})
        rest = np.setdiff1d(np.arange(len(X)), known)
        asking.fit(X[known], y[known], X[rest])
        known = np.concatenate([known, rest[asking.query(BATCH)]])


def run(name, n_seeds, sets, found):
    """Measure what is not yet in the results, and write each run down."""
    for seed in range(n_seeds):
        model = MODELS[name]
        if name == "forest":
            model = clone(model).set_params(random_state=seed)
        for data_name in sets:
            areas, data = found.setdefault(name, {}).setdefault(data_name, {}), None
            for key in LOOKS_AT_FOREST if name == "forest" else STRATEGIES:
                kept = areas.setdefault(key, [])
                if len(kept) > seed:
                    continue
                data = DATA[data_name](seed) if data is None else data
                kept.append(round(measured(STRATEGIES[key], model, data, seed), 4))
                _kept.write(RESULTS, found, depth=3)
        print(f"{name}: seed {seed} is done", flush=True)


def difference(areas, key):
    """Return in points of F1 how far a strategy is from random, with its interval."""
    away = 100 * np.subtract(areas[key], areas["random"])
    half = stats.t.ppf(0.975, len(away) - 1) * stats.sem(away)
    return away.mean(), away.mean() - half, away.mean() + half


def table(sets):
    """Return titles of columns and rows of one model, as the user guide has them."""
    header, rows = ["chosen by", *sets], []
    rows.append(
        ["random", *(f"{100 * np.mean(a['random']):.1f}" for a in sets.values())]
    )
    for key in next(iter(sets.values())):
        if key == "random":
            continue
        cells = []
        for areas in sets.values():
            mean, low, high = difference(areas, key)
            sure = "" if low <= 0 <= high else " \\*"
            cells.append(f"{mean:+.1f} ({low:+.1f}, {high:+.1f}){sure}")
        rows.append([key, *cells])
    return header, rows


def tables():
    """Return what the user guide shows: titles of columns and rows, by model."""
    found = _kept.read(RESULTS)
    return {name: table(sets) for name, sets in found.items()}


def numbers():
    """Return what sentences of the user guide say: shares without a predicted label."""
    found = json.loads(UNSAID.read_text("utf-8"))
    return {
        f"without a label, {model}, {data}": f"{100 * np.mean(shares):.0f} %"
        for model, sets in found.items()
        for data, shares in sets.items()
    }


def unsaid(n_seeds):
    """Measure for which share of test samples no label at all is predicted."""
    found = {}
    for name, model in MODELS.items():
        for data_name in DATA:
            shares = found.setdefault(name, {}).setdefault(data_name, [])
            for seed in range(n_seeds):
                X, y, X_test, _ = DATA[data_name](seed)
                known = np.random.RandomState(seed).permutation(len(X))[:60]
                if "random_state" in model.get_params():
                    model = clone(model).set_params(random_state=seed)
                none = ~clone(model).fit(X[known], y[known]).predict(X_test).any(axis=1)
                shares.append(round(float(none.mean()), 4))
    _kept.write(UNSAID, found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--model", choices=list(MODELS), default="logistic")
    parser.add_argument("--data", nargs="+", choices=list(DATA), default=list(DATA))
    parser.add_argument("--unsaid", action="store_true", help="samples without a label")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    if given.unsaid:
        warnings.simplefilter("ignore")
        unsaid(given.seeds)
    found = _kept.read(RESULTS)
    if not (given.table or given.unsaid):
        warnings.simplefilter("ignore")  # of labels that no labeled sample has
        run(given.model, given.seeds, given.data, found)
    _kept.print_tables(tables(), 36)
    print(numbers())


if __name__ == "__main__":
    main()
