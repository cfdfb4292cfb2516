"""What to ask a regressor: the table of the user guide.

Six tables, 1,500 rows (at most two thirds) as the pool and 1,000 as test, columns and
targets standardized on the pool; 20 random labels, then 8 batches of 10. Split, start
and model of a seed are the same for all strategies, so that differences are taken seed
by seed. What is kept is the root mean squared error, the mean of that with 30, 40, ...
100 labels.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE SKACTIVE_DATA=...
    python tests/measurements/posterior.py --models ridge --seeds 10

Each finished run is kept in ``tests/measurements/results/posterior.json``, so the
command can be stopped and given again. ``--table`` prints the table.
"""

import argparse
import json
import warnings
from pathlib import Path

import _kept
import numpy as np
from scipy.stats import ttest_rel
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.datasets import load_dataset
from skactive.disagreement import BatchVariance, QueryByCommittee
from skactive.diversity import LCMD, CoreSet, RandomSampling
from skactive.lookahead import VarianceReduction, expected_information

RESULTS = Path(__file__).parent / "results" / "posterior.json"
TABLES = "abalone", "cal.housing", "casp", "cpu.act", "kin8nm", "stock"
STRATEGIES = {
    "random": RandomSampling(),
    "LCMD": LCMD(),
    "CoreSet": CoreSet(),
    "variance, top": QueryByCommittee(),
    "BatchVariance": BatchVariance(),
    "VarianceReduction": VarianceReduction(),
    "expected information": VarianceReduction(criterion=expected_information),
}


def model_of(name, d, seed):
    """Return the regressor of a name."""
    if name == "forest":
        return RandomForestRegressor(50, max_features=1 / 3, random_state=seed)
    if name == "process":
        return GaussianProcessRegressor(
            RBF(np.sqrt(d)) + WhiteKernel(0.1), random_state=seed
        )
    return Ridge()


def run(table, model, strategy, seed):
    """Return the mean error of one run."""
    X, y = load_dataset(table, return_X_y=True)
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    rows = np.random.RandomState(seed).permutation(len(X))
    n_pool = min(1500, 2 * len(X) // 3)
    pool, test = rows[:n_pool], rows[n_pool : n_pool + 1000]
    scaler = StandardScaler().fit(X[pool])
    Z, y = scaler.transform(X), (y - y[pool].mean()) / y[pool].std()
    learner = ActiveLearner(
        model_of(model, X.shape[1], seed),
        STRATEGIES[strategy],
        n_initial=20,
        budget=80,
        batch_size=10,
        random_state=seed,
    )
    learner.fit(Z[pool], y[pool])
    staged = list(learner.staged_predict(Z[test]))[1:]
    return float(np.mean([np.sqrt(np.mean((p - y[test]) ** 2)) for p in staged]))


def read():
    """Return the errors by table, model and strategy, one per seed."""
    return _kept.read(RESULTS)


def of_both(results, table, model, strategy):
    """Return the errors of a strategy and of random sampling, seed by seed."""
    own, control = (
        results.get("|".join([table, model, name]), {}) for name in (strategy, "random")
    )
    seeds = sorted(own.keys() & control.keys())
    return tuple(np.array([each[s] for s in seeds]) for each in (own, control))


def _line(results, model, strategy):
    cells, better, worse = [], 0, 0
    for table in TABLES:
        own, control = of_both(results, table, model, strategy)
        differs = strategy != "random" and ttest_rel(own, control).pvalue < 0.05
        better += differs and own.mean() < control.mean()
        worse += differs and own.mean() > control.mean()
        cells.append(f"**{own.mean():.3f}**" if differs else f"{own.mean():.3f}")
    counts = ["", ""] if strategy == "random" else [str(better), str(worse)]
    return [SAID.get(strategy, strategy), *cells, *counts]


SAID = {
    "variance, top": "QueryByCommittee",
    "expected information": "the same, of the information",
}


def tables():
    """Return the tables of the user guide by model: titles of columns, and rows."""
    results = read()
    models = sorted({key.split("|")[1] for key in results})
    header = ["strategy", *TABLES, "better", "worse"]
    return {
        model: (header, [_line(results, model, strategy) for strategy in STRATEGIES])
        for model in models
    }


def main():
    """Run what is missing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="*", default=["ridge"])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    results = read()
    if args.table:
        for model, (header, lines) in tables().items():
            print(model)
            for line in [header, *lines]:
                print("  " + "".join(f"{cell:30}" for cell in line[:1]), *line[1:])
        return
    warnings.simplefilter("ignore")
    for seed in range(args.seeds):
        for model in args.models:
            for table in TABLES:
                for strategy in STRATEGIES:
                    kept = results.setdefault("|".join([table, model, strategy]), {})
                    if str(seed) not in kept:
                        kept[str(seed)] = round(run(table, model, strategy, seed), 6)
            RESULTS.write_text(json.dumps(results, indent=0, sort_keys=True) + "\n")
            print(f"seed {seed}, {model}", flush=True)


if __name__ == "__main__":
    main()
