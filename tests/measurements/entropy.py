"""Why is entropy so good, and can we do better? The table of the user guide.

Ways to ask by what one model says, on 34 tables and three sets of images as 50
principal components, at most 2,000 training rows of each, with a logistic regression on
scaled features: 20 labels to begin with, 100 more in batches of 10, or half of these on
tables of fewer than 300 rows. Split, start and model of a seed are the same for all, so
that differences are taken seed by seed.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/entropy.py --seeds 20 --jobs 2 --store entropy-runs

Each finished run is kept in the store, so the command can be stopped and given again.
``--only NAME ...`` runs some of the ways, and puts them beside those in the file: seeds
are paired whenever they were run, and ``--data NAME ...`` some of the data sets. What
predicts a loss takes most of the time: it was run with ten of the twenty seeds, and on
13 of the 26 tables of two classes.
``--table`` prints the table from the file in ``tests/measurements/results``, with
intervals of 95 % by drawing tables again.
"""

import argparse
import warnings
from pathlib import Path

import _kept
import numpy as np
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning

from skactive.benchmark import benchmark_strategies
from skactive.compose import OutlierFilter, TopThenDiverse
from skactive.datasets import list_datasets, load_dataset
from skactive.diversity import RandomSampling
from skactive.diversity._temperature import _folds, held_out_temperature, soften
from skactive.selection import top_n
from skactive.uncertainty import (
    EntropySampling,
    LeastConfidenceSampling,
    MarginSampling,
    entropy,
)
from skactive.utils import seeded_clone
from skactive.utils._models import unfrozen

RESULTS = Path(__file__).parent / "results" / "entropy.json"
MOST_ROWS, FEW_ROWS = 2000, 300
IMAGES = "mnist_small", "fashion_mnist_small", "cifar10_small"
#: Tables of three classes or more; the others have two.
MORE_CLASSES = tuple(
    f"al_survey2021/{name}"
    for name in ("d31", "glass", "iris", "r15", "seeds", "thyroid", "vehicle", "wine")
)


class CalibratedEntropy(EntropySampling):
    """Ask by the entropy at the temperature at which held-out samples are as sure."""

    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        rng = np.random.RandomState(self._query_seed)
        self.temperature_ = held_out_temperature(
            self.estimator_, X, y, None, self._fit_seed, rng
        )

    def score_samples(self, X):
        """Return the entropy of softened probabilities."""
        return entropy(soften(self._predict_proba(X), self.temperature_))


class PredictedLoss(EntropySampling):
    """Ask for the largest loss that a forest predicts; no net is needed.

    It learns the log loss of each labeled sample under a copy of the model that has not
    seen it. Losses of samples that were trained on would say which these are.
    """

    weight_of_entropy = 0.0

    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        rng = np.random.RandomState(self._query_seed)
        loss = self._taught(held_out_losses(self.estimator_, X, y, rng), rng)
        forest = RandomForestRegressor(30, min_samples_leaf=3, random_state=rng)
        self.forest_ = forest.fit(X, loss)

    def _taught(self, loss, rng):
        return loss

    def _query(self, n):
        X, w = np.asarray(self._X_pool), self.weight_of_entropy
        ranks = (1 - w) * rankdata(self.forest_.predict(X))
        ranks += w * rankdata(self.score_samples(X))
        return top_n(ranks, n, random_state=self._query_random_state())


class EntropyAndLoss(PredictedLoss):
    """Ask by the mean of two ranks, of the entropy and of a predicted loss."""

    weight_of_entropy = 0.5


class EntropyAndShuffledLoss(EntropyAndLoss):
    """Ask by the same where losses are dealt to labeled samples at random."""

    def _taught(self, loss, rng):
        return rng.permutation(loss)


def held_out_losses(estimator, X, y, rng):
    """Return the log loss of each sample under a copy that was fitted without it."""
    X, y = np.asarray(X), np.asarray(y)
    fold, loss = _folds(y, rng), np.empty(len(y))
    for k in range(fold.max() + 1):
        rest, out = fold != k, np.flatnonzero(fold == k)
        # A class that the copy has not seen has no column, and no probability.
        p = np.zeros(len(out))
        if len(np.unique(y[rest])) > 1:
            model = seeded_clone(unfrozen(estimator), 0).fit(X[rest], y[rest])
            proba = model.predict_proba(X[out])
            p = (proba * (y[out][:, None] == model.classes_)).sum(axis=1)
        loss[out] = -np.log(np.maximum(p, 1e-3))
    return loss


STRATEGIES = {
    "random": RandomSampling(),
    "entropy": EntropySampling(),
    "margin": MarginSampling(),
    "least confidence": LeastConfidenceSampling(),
    "entropy, calibrated": CalibratedEntropy(),
    "entropy, then k-center": TopThenDiverse(EntropySampling(), picking="k_center"),
    "entropy, then k-means": TopThenDiverse(EntropySampling()),
    "entropy without outliers": OutlierFilter(EntropySampling()),
    "predicted loss": PredictedLoss(),
    "entropy and predicted loss": EntropyAndLoss(),
    "the same, losses shuffled": EntropyAndShuffledLoss(),
}


def data():
    """Return all data sets by name, as features and labels."""
    found = {}
    tables = [name for name in list_datasets() if name.startswith("al_survey2021/")]
    for name in [*tables, *IMAGES]:
        bunch = load_dataset(name)
        X, y = np.asarray(bunch.data), np.asarray(bunch.target)
        X, y = X[: MOST_ROWS * 4 // 3], y[: MOST_ROWS * 4 // 3]
        if name in IMAGES:
            X = X.reshape(len(X), -1).astype(np.float32) / 255
            X = PCA(50, random_state=0).fit_transform(X)
        found[name] = X, y
        assert (len(np.unique(y)) > 2) == (name in (*MORE_CLASSES, *IMAGES))
    return found


def measured(strategies, chosen, seeds, jobs, store):
    """Return the areas under the curves of accuracy, by data set and strategy."""
    found, areas = data(), {}
    found = {name: each for name, each in found.items() if name in (chosen or found)}
    for small in (True, False):
        names = [name for name in found if (len(found[name][1]) < FEW_ROWS) == small]
        if not names:
            continue
        sizes = {"n_initial": 10, "batch_size": 5, "budget": 50} if small else {}
        result = benchmark_strategies(
            strategies,
            {name: found[name] for name in names},
            seeds=seeds,
            n_jobs=jobs,
            store=store and Path(store) / str(small),
            verbose=True,
            **sizes,
        )
        for failure in result.failures:
            print(failure)
        for name, measured in result.areas().items():
            areas[name] = {
                key: np.round(measured[key], 4).tolist() for key in strategies
            }
    return areas


def kept():
    """Return what was measured so far."""
    return _kept.read(RESULTS)


def in_order(areas, order):
    """Return what is kept, the strategies of each data set in their order."""
    return {
        name: {key: found[key] for key in order if key in found}
        for name, found in areas.items()
    }


def compared(areas, names, base="entropy"):
    """Return differences to one way of asking in points, by the others.

    Each has its mean over data sets; an interval of 95 % by drawing data sets again; on
    how many of these it is ahead and behind; and in which share of runs. Seeds are
    taken in pairs, as many as both were run with.
    """
    found = {}
    for key in dict.fromkeys(key for name in names for key in areas[name]):
        pairs = []
        for name in [name for name in names if key in areas[name]]:
            one, other = areas[name][key], areas[name][base]
            n = min(len(one), len(other))
            pairs.append(100 * np.subtract(one[:n], other[:n]))
        means, runs = np.array([each.mean() for each in pairs]), np.concatenate(pairs)
        rng, n = np.random.RandomState(0), len(means)
        drawn = means[rng.randint(n, size=(2000, n))].mean(axis=1)
        found[key] = {
            "means": means,
            "sd": runs.std(ddof=min(1, len(runs) - 1)),
            "interval": np.quantile(drawn, [0.025, 0.975]),
            "ahead": int((means > 0).sum()),
            "behind": int((means < 0).sum()),
            "runs ahead": (runs > 0).mean(),
            "runs behind": (runs < 0).mean(),
            "seeds": len(pairs[0]),
        }
    return found


def parts_of(areas):
    """Return names of the data sets, by the table that they are in."""
    two = [name for name in areas if name not in (*MORE_CLASSES, *IMAGES)]
    return {
        "tables of two classes": two,
        "tables of more classes": list(MORE_CLASSES),
        "images": list(IMAGES),
    }


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    areas = kept()
    return {
        title: (HEADER, lines_of(compared(areas, names)))
        for title, names in parts_of(areas).items()
    }


def numbers():
    """Return what sentences of the user guide say, by name."""
    areas = kept()
    parts = parts_of(areas)
    two, more, images = (compared(areas, names) for names in parts.values())
    found = {
        "margin apart in runs": apart_from(two["margin"], 20),
        "margin apart at most": points(np.abs(two["margin"]["means"]).max(), 1),
        "random behind on tables of two classes": of(two["random"], "behind"),
        "margin behind on tables of more classes": of(more["margin"], "behind"),
        "margin, largest loss there": points(-more["margin"]["means"].min(), 1),
        "k-means ahead on images": of(images["entropy, then k-means"], "ahead"),
        "k-means ahead there": of(more["entropy, then k-means"], "ahead"),
    }
    for name in ("d31", "r15"):
        pair = compared(areas, [f"al_survey2021/{name}"])
        found[f"margin ahead on {name}"] = points(pair["margin"]["means"][0])
        found[f"entropy behind random on {name}"] = points(pair["random"]["means"][0])
    everywhere = compared(areas, list(areas))
    spread = everywhere["entropy, then k-means"]
    found["k-means, largest loss"] = points(-spread["means"].min(), 1)
    ringnorm = compared(areas, ["al_survey2021/ringnorm"])["entropy, then k-center"]
    found["k-center behind on ringnorm"] = points(-ringnorm["means"][0], 1)
    found["k-center on ringnorm, seeds"] = (
        f"{round(ringnorm['runs behind'] * ringnorm['seeds'])} of {ringnorm['seeds']}"
    )
    pair = "entropy and predicted loss", "the same, losses shuffled"
    names = [name for name in areas if pair[0] in areas[name]]
    apart = {name: {key: areas[name][key] for key in pair} for name in names}
    row = compared(apart, names, pair[1])[pair[0]]
    low, high = row["interval"]
    found["losses or shuffled losses"] = (
        f"{row['means'].mean():.2f} points ({low:+.1f} to {high:+.1f})"
    )
    found["data sets with predicted losses"] = str(len(names))
    return found


def apart_from(row, n_seeds):
    """Return in how many runs a way was not equal to entropy, of how many."""
    n_runs = n_seeds * len(row["means"])
    return f"{round((row['runs ahead'] + row['runs behind']) * n_runs)} of the {n_runs}"


def of(row, which):
    """Return on how many data sets a way was ahead or behind, of how many."""
    return f"{row[which]} of {len(row['means'])}"


def points(number, digits=0):
    """Return a difference as it is said in a sentence."""
    return f"{number:.{digits}f}"


HEADER = ["asked by", "minus entropy", "data sets", "runs", "seeds"]


def lines_of(found):
    """Return rows of a table: the difference, and how often ahead and behind."""
    lines = []
    for key, row in found.items():
        if key == "entropy":
            continue
        low, high = row["interval"]
        means = row["means"]
        # Of a few data sets each is shown, and an interval would say nothing.
        between = ", ".join(f"{each:+.1f}" for each in means)
        if len(means) > 5:
            between = f"{low:+.1f} to {high:+.1f}"
        if len(means) == 1:
            between = f"sd {row['sd']:.1f}"
        ahead, behind = round(100 * row["runs ahead"]), round(100 * row["runs behind"])
        lines.append(
            [
                key,
                f"{means.mean():+.1f} ({between})",
                f"{row['ahead']} : {row['behind']}",
                f"{ahead} % : {behind} %",
                str(row["seeds"]),
            ]
        )
    return lines


def shown(tables):
    """Print tables."""
    for title, (header, lines) in tables.items():
        print(f"\n{title}")
        for line in [header, *lines]:
            print("  " + "".join(f"{cell:28}" for cell in line).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--only", nargs="*", default=STRATEGIES, help="ways to run")
    parser.add_argument("--data", nargs="*", help="data sets; all")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    # The regression is fitted for as long as it is by default.
    warnings.simplefilter("ignore", ConvergenceWarning)
    if not given.table:
        areas = kept()
        chosen = {key: STRATEGIES[key] for key in given.only}
        new = measured(chosen, given.data, given.seeds, given.jobs, given.store)
        for name, found in new.items():
            areas[name] = {**areas.get(name, {}), **found}
        _kept.write(RESULTS, in_order(areas, STRATEGIES))
    shown(tables())


if __name__ == "__main__":
    main()
