"""Whom to ask for the money, where people err: the tables of the user guide.

Digits, half of them for testing, a logistic regression, 10 rows to begin with and then
10 at a time. Three people are right on .6, .6 and .95 of the rows, wrong answers being
any other digit; they cost 1, 1 and 1 a vote, or 1, 1 and 3. A run spends 300 units of
money, the beginning included; the person who never errs costs 1 a row. Split, start,
model and mistakes of a seed are the same for all policies, so differences are taken
seed by seed. It takes ten minutes on one core; each seed is written down as it ends,
so the command can be stopped and given again::

    python tests/measurements/crowds.py

``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.oracles import (
    BestValue,
    CommitteeOracle,
    DawidSkene,
    IntervalThreshold,
    NoisyOracle,
    SimulatedOracle,
    everybody,
    majority,
    one_at_random,
)
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "crowds.json"
SEEDS = 10
MONEY = 300
GRID = tuple(range(25, MONEY + 1, 25))
RIGHT = 0.6, 0.6, 0.95
PRICES = {"1:1:1": (1, 1, 1), "1:1:3": (1, 1, 3)}
STRATEGIES = {"random": RandomSampling(), "margin": MarginSampling()}
PERFECT = "never errs"
POLICIES = {
    "one at random": (one_at_random, majority),
    "all, majority": (everybody, majority),
    "all, Dawid-Skene": (everybody, DawidSkene()),
    "IEthresh": (IntervalThreshold(bound="t"), majority),
    "IEthresh, Beta": (IntervalThreshold(), majority),
    "best value": (BestValue(), majority),
}


def run_of(policy, strategy, prices, seed):
    """Return accuracies, and numbers of rows, at the amounts of GRID; None before."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(
        X / 16, y, test_size=0.5, random_state=seed, stratify=y
    )
    people = [
        NoisyOracle(y, noise=1 - p, random_state=100 * seed + k)
        for k, p in enumerate(RIGHT)
    ]
    oracle = SimulatedOracle(y)
    if policy != PERFECT:
        ask, aggregate = POLICIES[policy]
        oracle = CommitteeOracle(
            people, ask=ask, aggregate=aggregate, cost=prices, random_state=seed
        )
    learner = ActiveLearner(
        LogisticRegression(max_iter=200),
        STRATEGIES[strategy],
        oracle=oracle,
        budget=MONEY,
        classes=range(10),
        random_state=seed,
    )
    learner.fit(X, X_val=X_test, y_val=y_test)
    cost, rows, score = (learner.history_[k] for k in ("cost", "n_labeled", "score"))
    return [
        None
        if money < cost[0]
        else [
            round(float(np.interp(money, cost, score)), 4),
            round(float(np.interp(money, cost, rows))),
        ]
        for money in GRID
    ]


def runs(seed):
    """Return all runs of a seed by name."""
    found = {}
    for strategy in STRATEGIES:
        found[f"{PERFECT}/{strategy}"] = run_of(PERFECT, strategy, None, seed)
        for paid, prices in PRICES.items():
            for policy in POLICIES:
                name = f"{policy}/{strategy}/{paid}"
                found[name] = run_of(policy, strategy, prices, seed)
    return found


def written(seeds):
    """Return what is kept, a line for each run."""
    blocks = []
    for seed, found in seeds.items():
        lines = (f"{json.dumps(name)}: {json.dumps(found[name])}" for name in found)
        blocks.append(f' "{seed}": {{\n  ' + ",\n  ".join(lines) + "}")
    return "{\n" + ",\n".join(blocks) + "}\n"


def mean_curve(seeds, name, what=0):
    """Return the mean over seeds at each amount of GRID, NaN where one has none."""
    curves = [
        [np.nan if at is None else at[what] for at in found[name]]
        for found in seeds.values()
    ]
    return np.mean(curves, axis=0)


def table(seeds):
    """Print accuracies at 100 and 300, and the price of a perfect oracle's accuracy."""
    for strategy in STRATEGIES:
        best = mean_curve(seeds, f"{PERFECT}/{strategy}")
        goal = best[GRID.index(100)]
        print(f"{strategy}: who never errs {goal:.3f} at 100, {best[-1]:.3f} at 300")
        for paid in PRICES:
            one = [f[f"one at random/{strategy}/{paid}"][-1][0] for f in seeds.values()]
            for policy in POLICIES:
                name = f"{policy}/{strategy}/{paid}"
                mean, rows = mean_curve(seeds, name), mean_curve(seeds, name, 1)
                gain = np.array([f[name][-1][0] for f in seeds.values()]) - one
                reached = np.flatnonzero(mean >= goal)
                print(
                    f"  {paid} {policy:17s} at 100 {mean[GRID.index(100)]:.3f}"
                    f" at 300 {mean[-1]:.3f} rows {rows[-1]:.0f}"
                    f" ahead of one at random {(gain > 0).sum()}/{(gain < 0).sum()}"
                    f" {gain.mean():+.3f}±{gain.std(ddof=1) / np.sqrt(len(gain)):.3f}"
                    f" reaches it at {GRID[reached[0]] if len(reached) else None}"
                )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    seeds = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for seed in () if given.table else range(SEEDS):
        if str(seed) not in seeds:
            seeds[str(seed)] = runs(seed)
            RESULTS.write_text(written(seeds), "utf-8")
    table(seeds)


if __name__ == "__main__":
    main()
