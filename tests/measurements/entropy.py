"""Why is entropy so good, and can we do better? The table of the user guide.

Seven ways to ask by what one model says, on 34 tables and three sets of images as 50
principal components, at most 2,000 training rows of each, with a logistic regression on
scaled features: 20 labels to begin with, 100 more in batches of 10, or half of these on
tables of fewer than 300 rows. Split, start and model of a seed are the same for all, so
that differences are taken seed by seed.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/entropy.py --seeds 20 --jobs 2 --store entropy-runs

Each finished run is kept in the store, so the command can be stopped and given again.
``--table`` prints the table from the file in ``tests/measurements/results``, with
intervals of 95 % by drawing tables again.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning

from skactive.benchmark import benchmark_strategies
from skactive.compose import OutlierFilter, TopThenDiverse
from skactive.datasets import list_datasets, load_dataset
from skactive.diversity import RandomSampling
from skactive.diversity._temperature import held_out_temperature, soften
from skactive.uncertainty import (
    EntropySampling,
    LeastConfidenceSampling,
    MarginSampling,
    entropy,
)

RESULTS = Path(__file__).parent / "results" / "entropy.json"
MOST_ROWS, FEW_ROWS = 2000, 300
IMAGES = "mnist_small", "fashion_mnist_small", "cifar10_small"


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


STRATEGIES = {
    "random": RandomSampling(),
    "entropy": EntropySampling(),
    "margin": MarginSampling(),
    "least confidence": LeastConfidenceSampling(),
    "entropy, calibrated": CalibratedEntropy(),
    "entropy, then k-center": TopThenDiverse(EntropySampling(), picking="k_center"),
    "entropy, then k-means": TopThenDiverse(EntropySampling()),
    "entropy without outliers": OutlierFilter(EntropySampling()),
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
    return found


def measured(seeds, jobs, store):
    """Return the areas under the curves of accuracy, by data set and strategy."""
    found, areas = data(), {}
    for small in (True, False):
        names = [name for name in found if (len(found[name][1]) < FEW_ROWS) == small]
        sizes = {"n_initial": 10, "batch_size": 5, "budget": 50} if small else {}
        result = benchmark_strategies(
            STRATEGIES,
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
                key: np.round(each, 4).tolist() for key, each in measured.items()
            }
    return areas


def written(areas):
    """Return what is kept, a line for each strategy on each data set."""
    blocks = []
    for name, found in areas.items():
        lines = (f"{json.dumps(key)}: {json.dumps(found[key])}" for key in found)
        blocks.append(f" {json.dumps(name)}: {{\n  " + ",\n  ".join(lines) + "}")
    return "{\n" + ",\n".join(blocks) + "}\n"


def table(areas):
    """Print differences to entropy: their mean, interval, and who is ahead."""
    for title, names in (
        ("tables", [name for name in areas if name not in IMAGES]),
        ("images", [name for name in areas if name in IMAGES]),
    ):
        print(f"{len(names)} {title}")
        for key in STRATEGIES:
            pairs = [
                100 * np.subtract(areas[name][key], areas[name]["entropy"])
                for name in names
            ]
            means = np.array([each.mean() for each in pairs])
            rng, n = np.random.RandomState(0), len(means)
            drawn = means[rng.randint(n, size=(2000, n))].mean(axis=1)
            low, high = np.quantile(drawn, [0.025, 0.975])
            ahead, behind = (means > 0).sum(), (means < 0).sum()
            seeds = np.concatenate(pairs)
            print(
                f"  {key:26} {means.mean():+5.2f} [{low:+.2f}, {high:+.2f}]  ahead on "
                f"{ahead}, behind on {behind}; in {np.mean(seeds > 0):.0%} of runs "
                f"ahead, in {np.mean(seeds < 0):.0%} behind"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    # The regression is fitted for as long as it is by default.
    warnings.simplefilter("ignore", ConvergenceWarning)
    if not given.table:
        areas = measured(given.seeds, given.jobs, given.store)
        RESULTS.write_text(written(areas), "utf-8")
    table(json.loads(RESULTS.read_text("utf-8")))


if __name__ == "__main__":
    main()
