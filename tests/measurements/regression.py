"""Which strategy lowers the error of a regressor? The table of the user guide.

Eighteen tables, at most 2,500 rows of each, 40 % of them to test on; features are
standardized in the pipeline and in the embeddings. 20 labels to begin with, 80 more in
batches of 10, half of that on tables of fewer than 300 rows. Models: a ridge, a forest
of 50 trees, a Gaussian process. Split, start and model of a seed are the same for all
strategies; those of scikit-activeml are given the same fitted model and standardized
samples. What is averaged over the labels is the root mean squared error, and what is
compared are its ratios to random sampling.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/measurements/regression.py --model ridge --store regression-runs

Each finished run is kept in the store, so the command can be stopped and given again.
``--table`` prints the table from the file in ``tests/measurements/results``.
"""

import argparse
import warnings
from pathlib import Path

import _kept
import numpy as np
from scipy.stats import ttest_1samp
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import QueryStrategy, disagreement, diversity, lookahead
from skactive.benchmark import benchmark_strategies
from skactive.datasets import list_datasets, load_dataset

RESULTS = Path(__file__).parent / "results" / "regression.json"
MOST_ROWS, FEW_ROWS = 2500, 300
KERNEL = ConstantKernel() * RBF(5.0) + WhiteKernel(0.1)
MODELS = {
    "ridge": Ridge(),
    "forest": RandomForestRegressor(50, max_features=1 / 3),
    "GP": GaussianProcessRegressor(KERNEL, normalize_y=True),
}


class Unscaled(RegressorMixin, BaseEstimator):
    """What the learner's model predicts, of samples that were standardized before."""

    def __init__(self, scaler, model):
        self.scaler = scaler
        self.model = model

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return self.model.predict(self.scaler.inverse_transform(X))


class Peer(QueryStrategy):
    """Ask as a strategy of scikit-activeml, of the model that the learner has fitted.

    Its pool is given standardized samples; models that it fits itself are bare.
    """

    def __init__(self, name, method=None, estimator=None, random_state=None):
        self.name = name
        self.method = method
        self.estimator = estimator
        self.random_state = random_state

    def _fit(self, X, y, X_pool):
        self._labeled = X, y

    def _query(self, n):
        from skactiveml import pool, regressor

        (X, y), X_pool = self._labeled, np.asarray(self._X_pool)
        settings = {} if self.method is None else {"method": self.method}
        strategy = getattr(pool, self.name)(
            random_state=np.random.RandomState(self._query_seed), **settings
        )
        scaler = StandardScaler().fit(np.concatenate([X, X_pool]))
        X_all = scaler.transform(np.concatenate([X, X_pool]))
        y_all = np.concatenate([y, np.full(len(X_pool), np.nan)])
        bare = self.estimator.estimator[-1]  # out of the frozen pipeline
        fitted = Unscaled(scaler, self.estimator).fit(X_all, y_all)
        fitted = regressor.SklearnRegressor(FrozenEstimator(fitted))
        own = regressor.SklearnRegressor(bare)
        ask = {
            "GreedySamplingX": {},
            "GreedySamplingTarget": {"reg": fitted, "fit_reg": False},
            "QueryByCommittee": {"ensemble": members(bare), "fit_ensemble": True},
            "ExpectedModelChangeMaximization": {"reg": own},
        }[self.name]
        if self.name == "GreedySamplingTarget":
            fitted.fit(X_all[: len(y)], y)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picks = strategy.query(X_all, y_all, batch_size=n, **ask)
        return np.asarray(picks) - len(X)


def members(model):
    """Return a committee as scikit-activeml takes one: ten bags, or a forest."""
    from skactiveml.regressor import SklearnRegressor
    from sklearn.base import clone
    from sklearn.ensemble import BaggingRegressor

    model = clone(model)
    if not isinstance(model, RandomForestRegressor):
        model = BaggingRegressor(model, random_state=0)
    return SklearnRegressor(model)


def strategies(model):
    """Return strategies by name; those that look at distances standardize."""
    scaled = StandardScaler()
    found = {
        "random": diversity.RandomSampling(),
        "LCMD": diversity.LCMD(scaled),
        "CoreSet": diversity.CoreSet(scaled),
    }
    for folder, name, settings in (
        (diversity, "GreedySampling", {"embedding": scaled}),
        (disagreement, "QueryByCommittee", {}),
        (disagreement, "BatchVariance", {}),
        (lookahead, "VarianceReduction", {}),
        (lookahead, "ExpectedModelChange", {"embedding": scaled}),
    ):
        found[name] = getattr(folder, name)(**settings)
    if model != "ridge":
        del found["ExpectedModelChange"]  # it is for linear models
    peers = {
        "GSx": Peer("GreedySamplingX"),
        "iGS": Peer("GreedySamplingTarget", "GSi"),
        "GSy": Peer("GreedySamplingTarget", "GSy"),
        "QBC": Peer("QueryByCommittee"),
    }
    if model == "ridge":
        peers["EMCM"] = Peer("ExpectedModelChangeMaximization")
    return found | {f"{name} of the peer": peer for name, peer in peers.items()}


def data():
    """Return all tables by name, as features and labels."""
    found = {}
    for name in list_datasets():
        if name.startswith("tabular_regression/"):
            bunch = load_dataset(name)
            X, y = np.asarray(bunch.data), np.asarray(bunch.target)
            found[name] = X[:MOST_ROWS].astype(float), y[:MOST_ROWS].astype(float)
    return found


def measured(model, names, tables, seeds, jobs, store):
    """Return areas of the error and seconds of a query, by data set and strategy."""
    found, kept = data(), {}
    found = {k: v for k, v in found.items() if not tables or k.split("/")[1] in tables}
    chosen = strategies(model)
    chosen = {key: chosen[key] for key in names or chosen}
    for small in (True, False):
        these = {k: v for k, v in found.items() if (len(v[1]) < FEW_ROWS) == small}
        if not these:
            continue
        sizes = {"n_initial": 10, "batch_size": 5, "budget": 40} if small else {}
        result = benchmark_strategies(
            chosen,
            these,
            make_pipeline(StandardScaler(), MODELS[model]),
            seeds=seeds,
            n_jobs=jobs,
            store=store and Path(store) / model / str(small),
            verbose=True,
            test_size=0.4,
            scoring="neg_root_mean_squared_error",
            **{"n_initial": 20, "batch_size": 10, "budget": 80, **sizes},
        )
        for failure in result.failures:
            print(failure["dataset"], failure["strategy"], failure["error"])
        for name, areas in result.areas().items():
            kept[name] = {
                key: {
                    "error": [float(f"{-each:.5g}") for each in of_seeds],
                    "seconds": float(f"{seconds(result, name, key):.3g}"),
                }
                for key, of_seeds in areas.items()
            }
    return kept


def seconds(result, dataset, strategy):
    """Return the median time of a query."""
    runs = [r for r in result.runs if (r.dataset, r.strategy) == (dataset, strategy)]
    return np.median(np.concatenate([run.query_time[:-1] for run in runs]))


def read():
    """Return the results by model and table."""
    results = {}
    for key, found in _kept.read(RESULTS).items():
        model, _, name = key.partition(": ")
        results.setdefault(model, {})[name] = found
    return results


def ratios_of(tables):
    """Return, by strategy, the logarithms of the errors beside random, and the time."""
    names = dict.fromkeys(key for found in tables.values() for key in found)
    for key in names:
        pairs = [
            np.log(found[key]["error"]) - np.log(found["random"]["error"])
            for found in tables.values()
            if key in found
        ]
        times = [found[key]["seconds"] for found in tables.values() if key in found]
        yield key, pairs, float(np.median(times))


def verdict(pair):
    """Return -1 if a table is better than random, 1 if worse, 0 within noise."""
    if not pair.any():
        return 0
    return int(np.sign(pair.mean())) * int(ttest_1samp(pair, 0).pvalue < 0.05)


def compared(tables):
    """Yield, by strategy: ratio to random, its interval, better, worse, seconds."""
    for key, pairs, time in ratios_of(tables):
        means = np.array([pair.mean() for pair in pairs])
        rng, n = np.random.RandomState(0), len(means)
        drawn = means[rng.randint(n, size=(2000, n))].mean(axis=1)
        low, high = np.exp(np.quantile(drawn, [0.025, 0.975]))
        verdicts = [verdict(pair) for pair in pairs]
        counts = verdicts.count(-1), verdicts.count(1)
        yield key, np.exp(means.mean()), (low, high), *counts, time


def tables():
    """Return a table for each model, for the user guide."""
    header = ["asked by", "error beside random", "better", "worse", "s of a query"]
    return {
        model: (
            header,
            [
                [key, f"{mean:.3f} ({low:.2f} to {high:.2f})", *counts, f"{time:.4f}"]
                for key, mean, (low, high), *counts, time in compared(found)
                if key != "random"
            ],
        )
        for model, found in read().items()
    }


def numbers():
    """Return what sentences of the user guide say, by name."""
    found = {}
    for model, of_model in read().items():
        found[f"tables, {model}"] = str(len(of_model))
        for key, mean, (low, high), better, worse, _ in compared(of_model):
            n = sum(key in each for each in of_model.values())
            found[f"{key} beside random, {model}"] = (
                f"{mean:.2f} ({low:.2f} to {high:.2f})"
            )
            found[f"{key} better, {model}"] = f"{better} of {n}"
            found[f"{key} worse, {model}"] = f"{worse} of {n}"
    ratios = {
        name.partition("/")[2]: float(np.exp(np.mean(pair)))
        for (key, pairs, _) in ratios_of(read()["ridge"])
        if key == "LCMD"
        for name, pair in zip(read()["ridge"], pairs)
    }
    low, next_low, third, *_ = sorted(ratios, key=ratios.get)
    for place, table in zip(("lowest", "second", "third"), (low, next_low, third)):
        found[f"LCMD, {place} ratio"] = f"{ratios[table]:.2f} on {table}"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=MODELS)
    parser.add_argument("--only", default="", help="names of strategies, by commas")
    parser.add_argument("--tables", default="", help="names of tables, by commas")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time")
    parser.add_argument("--store", help="folder for finished runs")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    if not given.table:
        only = [
            [name for name in said.split(",") if name]
            for said in (given.only, given.tables)
        ]
        found = measured(given.model, *only, given.seeds, given.jobs, given.store)
        kept = read()
        for name, row in kept.get(given.model, {}).items():
            if only[1] and name not in found:
                found[name] = row
            elif only[0] and name in found:
                found[name] = {**row, **found[name]}
        models = {**kept, given.model: found}
        flat = {f"{m}: {name}": row for m in models for name, row in models[m].items()}
        _kept.write(RESULTS, flat)
    for model, (_, rows) in tables().items():
        print(f"{model}, {len(read()[model])} tables")
        for key, *cells in rows:
            print(f"  {key:26}", *cells, sep="  ")


if __name__ == "__main__":
    main()
