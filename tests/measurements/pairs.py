"""Runs in pairs: small numbers of the pages on measuring, the learner and benchmarks.

Four parts, each a minute or less on one core:

* ``digits``: margin and random sampling as on the page on measuring, ten seeds.
* ``prices``: margins, and margins for the money, at the prices of
  ``examples/compose/plot_costs.py``, ten seeds.
* ``joint``: the toy of the page on benchmarks, labels spread over the pool, ten seeds.
* ``intervals``: how often an interval of 95 % misses the mean of normal differences,
  2,000 draws: ``paired_difference``, and the plain percentiles of the bootstrap::

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/pairs.py

``--only`` measures some of them. ``--table`` prints what pages show from the file in
``tests/measurements/results``.
"""

import argparse
from pathlib import Path

import _kept
import numpy as np
from _tables import with_interval
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.semi_supervised import LabelSpreading

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.benchmark import benchmark_strategies
from skactive.compose import CostAware
from skactive.diversity import RandomSampling
from skactive.metrics import (
    area_under_learning_curve,
    labels_to_reach,
    on_common_range,
    paired_difference,
    staged_scores,
)
from skactive.uncertainty import MarginSampling, margin

RESULTS = Path(__file__).parent / "results" / "pairs.json"
SEEDS, DRAWS = range(10), 2000
X, Y = load_digits(return_X_y=True)
X = X / 16


def digits():
    """Return curves of random and margin sampling, as the page makes them."""
    X_train, X_test, y_train, y_test = train_test_split(X, Y, random_state=0)
    found = {}
    for name, strategy in (("random", RandomSampling()), ("margin", MarginSampling())):
        for seed in SEEDS:
            learner = ActiveLearner(strategy=strategy, budget=90, random_state=seed)
            learner.fit(X_train, y_train)
            curve = staged_scores(learner, X_test, y_test)[1]
            found.setdefault(name, []).append(np.round(curve, 4).tolist())
    return found


def price(X):
    """Return prices that grow with the ink, and are about 1 on average."""
    return (X.sum(axis=1) / MEAN_INK) ** 4


MEAN_INK = X.sum(axis=1).mean()


def prices():
    """Return areas over labels and over costs, on the range of both strategies."""
    asked = {
        "margin": MarginSampling(),
        "for the money": CostAware(MarginSampling(), cost=price),
    }
    found = {name: {"n_labeled": [], "cost": []} for name in asked}
    for seed in SEEDS:
        pool, test, y_pool, y_test = train_test_split(
            X, Y, train_size=600, random_state=seed
        )
        learners = [
            ActiveLearner(
                LogisticRegression(max_iter=60, tol=0.01),
                strategy,
                n_initial=20,
                batch_size=15,
                budget=60,
                random_state=seed,
            ).fit(pool, y_pool, cost=price(pool))
            for strategy in asked.values()
        ]
        for x in ("n_labeled", "cost"):
            curves = [staged_scores(one, test, y_test, x=x) for one in learners]
            for name, curve in zip(asked, on_common_range(*curves)):
                found[name][x].append(round(area_under_learning_curve(*curve), 4))
    return found


class SpreadLabels(ClassifierMixin, BaseEstimator):
    """Labels spread over the pool: the model of the page on benchmarks."""

    def fit(self, X, y, X_pool):
        y = np.append(y, np.full(len(X_pool), -1))
        self.model_ = LabelSpreading(gamma=2).fit(np.vstack([X, X_pool]), y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


class SpreadingSampler(ClassifierMixin, ScoreStrategy):
    """Ask where two classes meet, by labels that were spread."""

    def _default_estimator(self):
        return SpreadLabels()

    def score_samples(self, X):
        return margin(self._predict_proba(X))

    def predict(self, X):
        return self.estimator_.predict(X)

    @property
    def classes_(self):
        return self.estimator_.classes_


def joint():
    """Return areas of the runs of a joint sampler, by the name of the run."""
    result = benchmark_strategies(
        [SpreadingSampler()],
        {"digits": (X, Y)},
        n_initial=20,
        batch_size=20,
        budget=40,
        seeds=SEEDS,
    )
    areas = result.areas()["digits"]
    return {name: np.round(area, 4).tolist() for name, area in areas.items()}


def intervals():
    """Return how often both intervals miss 0, by the number of pairs."""
    found = {}
    for n in (5, 7, 10, 20):
        rng = np.random.RandomState(n)
        missed = np.zeros(2)
        for _ in range(DRAWS):
            d = rng.randn(n)
            means = d[rng.randint(n, size=(2000, n))].mean(axis=1)
            plain = np.quantile(means, [0.025, 0.975])
            ours = paired_difference(d, np.zeros(n), n_bootstrap=2000).interval
            missed += [low > 0 or high < 0 for low, high in (plain, ours)]
        found[str(n)] = dict(zip(("plain", "ours"), (missed / DRAWS).tolist()))
    return found


PARTS = {"digits": digits, "prices": prices, "joint": joint, "intervals": intervals}


def kept():
    """Return what was measured, by part."""
    return _kept.read(RESULTS)


def said_of_digits(curves):
    """Return what the page on measuring says."""
    n_labeled = np.arange(10, 101, 10)
    areas = {
        name: np.array([area_under_learning_curve(n_labeled, one) for one in runs])
        for name, runs in curves.items()
    }
    pair = paired_difference(areas["margin"], areas["random"])
    gaps = 100 * (areas["margin"] - areas["random"])
    ends = (100 * end for end in (pair.mean, *pair.interval))
    said = {
        "margin above random": f"{pair.wins} of {pair.n}",
        "margin ahead of random": with_interval(*ends),
        "deviation of the differences": f"{gaps.std(ddof=1):.1f}",
        "the least difference": f"{gaps.min():+.1f}",
    }
    for name, runs in curves.items():
        needed = [labels_to_reach(n_labeled, one, 0.8) for one in runs]
        said[f"labels of {name}"] = f"{np.median(needed):.0f}"
        far = [labels_to_reach(n_labeled, one, 0.9) for one in runs]
        said[f"{name} too short"] = f"{np.isinf(far).sum()} of {len(far)}"
    return said


def said_of_prices(areas):
    """Return how far margins for the money are ahead, over both axes."""
    said = {}
    for x, word in (("n_labeled", "labels"), ("cost", "money")):
        pair = paired_difference(*(areas[k][x] for k in ("for the money", "margin")))
        ends = (100 * end for end in (pair.mean, *pair.interval))
        said[f"for the money, over {word}"] = with_interval(*ends)
        said[f"for the money above, over {word}"] = f"{pair.wins} of {pair.n}"
    return said


def numbers():
    """Return what the user guide says in sentences, by name."""
    found = kept()
    said = {**said_of_digits(found["digits"]), **said_of_prices(found["prices"])}
    areas = {name: np.array(area) for name, area in found["joint"].items()}
    chance = areas["RandomSampling"]
    for word, name in (
        ("the training gives", "RandomSampling (model of SpreadingSampler)"),
        ("the questions give", "SpreadingSampler"),
    ):
        pair = paired_difference(areas[name], chance)
        said[word] = with_interval(*(100 * e for e in (pair.mean, *pair.interval)))
    return said


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    found = kept()
    mean = {name: f"{np.mean(area):.3f}" for name, area in found["joint"].items()}
    joint = [
        ["logistic regression", mean["RandomSampling"], mean["SpreadingSampler"]],
        [
            "label spreading",
            mean["RandomSampling (model of SpreadingSampler)"],
            mean["SpreadingSampler (its own model)"],
        ],
    ]
    missed = [
        [n, *(f"{100 * row[how]:.1f} %" for how in ("plain", "ours"))]
        for n, row in found["intervals"].items()
    ]
    return {
        "joint": (["trained by", "asked by random", "asked by the sampler"], joint),
        "intervals": (
            ["seeds", "plain percentiles miss", ":func:`paired_difference` misses"],
            missed,
        ),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=PARTS, help="parts; all")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    for name in [] if given.table else given.only:
        found = {**kept(), name: PARTS[name]()}
        _kept.write(RESULTS, {k: found[k] for k in PARTS if k in found})
        print(name, flush=True)
    for header, rows in tables().values():
        for cells in [header, *rows]:
            print("  " + "".join(f"{cell:26}" for cell in cells).rstrip())
    for name, text in numbers().items():
        print(f"{name}: {text}")


if __name__ == "__main__":
    main()
