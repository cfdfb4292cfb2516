"""Does the predicted loss of a net of numbers help it? The table of the user guide.

Tables of 2,500 rows at most, of which 1,000 are for testing; 50 labels to begin with,
200 more in batches of 50, ten seeds. Split and start of a seed are the same for all.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE SKACTIVE_DATA=...
    python tests/measurements/nets_of_numbers.py kin8nm
"""

import sys
import warnings

import numpy as np
from scipy.stats import ttest_rel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.datasets import load_dataset
from skactive.deep import LL4AL
from skactive.diversity import RandomSampling
from skactive.nets import NetRegressor

SEEDS = 10
WAYS = {
    "random": lambda net: ActiveLearner(net, RandomSampling()),
    "LL4AL, its own net": lambda net: ActiveLearner(None, LL4AL(net, detach_epoch=0.6)),
}


def errors(way, X, y, X_test, y_test, seed):
    """Return the root mean squared error of each round, in standard deviations."""
    net = NetRegressor(module__hidden=(64, 64), max_epochs=100, lr=0.003)
    learner = WAYS[way](make_pipeline(StandardScaler(), net))
    learner.set_params(n_initial=50, budget=200, batch_size=50, random_state=seed)
    models = learner.fit(X, y).estimators_
    residuals = [model.predict(X_test) - y_test for model in models]
    return [np.sqrt(np.mean(r**2)) / y_test.std() for r in residuals]


def main(tables):
    warnings.simplefilter("ignore")
    for table in tables:
        data = load_dataset(f"tabular_regression/{table}", return_X_y=True)
        curves = {way: [] for way in WAYS}
        for seed in range(SEEDS):
            rows = np.random.RandomState(seed).permutation(len(data[1]))[:2500]
            X, y = data[0][rows], data[1][rows]
            for way, of_way in curves.items():
                of_way.append(errors(way, X[1000:], y[1000:], X[:1000], y[:1000], seed))
        report(table, curves)


def report(table, curves):
    """Print the mean over the rounds, the last round, and the paired difference."""
    base = np.mean(curves["random"], axis=1)
    for way, of_way in curves.items():
        mean, last = np.mean(of_way, axis=1), np.array(of_way)[:, -1]
        line = f"{table:10} {way:22} {mean.mean():.4f} {last.mean():.4f}"
        if way != "random":
            better, p = int((mean < base).sum()), ttest_rel(mean, base).pvalue
            line += (
                f" {np.exp(np.log(mean / base).mean()):.3f} {better}/{SEEDS} p={p:.3f}"
            )
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
