"""Whom to ask for the money, where people err: the tables of the user guide.

Digits, half of them for testing, a logistic regression, 10 rows to begin with and then
10 at a time. Three people are right on .6, .6 and .95 of the rows, wrong answers being
any other digit; they cost 1, 1 and 1 a vote, or 1, 1 and 3. A run spends 300 units of
money, the beginning included; the person who never errs costs 1 a row. Split, start,
model and mistakes of a seed are the same for all policies, so differences are taken
seed by seed. It takes ten minutes on one core; each seed is written down as it ends,
so the command can be stopped and given again::

    python tests/measurements/crowds.py
    python tests/measurements/crowds.py --merging

The second takes 100 crowds of three people, right on as many rows as those above, has
them answer rows of two or ten classes alike, and keeps which share of the rows has the
right label, of ``majority`` and of ``DawidSkene()``.

``--table`` prints the tables from the file in ``tests/measurements/results``.
"""

import argparse
import json
from pathlib import Path

import _kept
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.metrics import paired_difference
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
MERGED = RESULTS.with_name("crowds_merging.json")
#: Classes and rows.
MERGING = (2, 50), (2, 200), (10, 400)
CROWDS = 100
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


def mean_curve(seeds, name, what=0):
    """Return the mean over seeds at each amount of GRID, NaN where one has none."""
    curves = [
        [np.nan if at is None else at[what] for at in found[name]]
        for found in seeds.values()
    ]
    return np.mean(curves, axis=0)


def merged(n_classes, n_rows):
    """Return by way of merging the share of right labels, one for each crowd."""
    shares = {"majority": [], "Dawid-Skene": []}
    for seed in range(CROWDS):
        y = np.random.RandomState(seed).randint(n_classes, size=n_rows)
        people = [
            NoisyOracle(y, noise=1 - p, random_state=100 * seed + k)
            for k, p in enumerate(RIGHT)
        ]
        for name, aggregate in zip(shares, (majority, DawidSkene())):
            oracle = CommitteeOracle(people, aggregate=aggregate, random_state=seed)
            found = np.asarray(oracle(np.arange(n_rows)))
            shares[name].append(round(float(np.mean(found == y)), 4))
    return shares


def read():
    """Return the runs by seed."""
    return _kept.read(RESULTS)


def beside(seeds, name, other):
    """Return the difference in points of two policies at the end, and its interval."""
    ends = [[100 * of[key][-1][0] for of in seeds.values()] for key in (name, other)]
    return paired_difference(*ends)


def said(pair):
    """Return a difference with its interval, as text."""
    low, high = pair.interval
    return f"{pair.mean:+.1f} ({low:+.1f} to {high:+.1f})"


def labels_for(seeds, name, strategy):
    """Return how many right labels give the accuracy of a policy at its end."""
    best, goal = mean_curve(seeds, f"{PERFECT}/{strategy}"), mean_curve(seeds, name)[-1]
    known = np.isfinite(best)
    best, grid = best[known], np.array(GRID)[known]
    stop = int(np.flatnonzero(best >= goal)[0]) + 1
    return f"{np.interp(goal, best[:stop], grid[:stop]):.0f}"


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    seeds, shown = read(), {}
    header = ["whom to ask"]
    for strategy in STRATEGIES:
        header += [strategy, "minus one at random"]
    for paid in PRICES:
        lines = []
        for policy in (*POLICIES, PERFECT):
            names = {
                strategy: f"{policy}/{strategy}" + f"/{paid}" * (policy != PERFECT)
                for strategy in STRATEGIES
            }
            line = [policy]
            for strategy, name in names.items():
                one = f"one at random/{strategy}/{paid}"
                labels = labels_for(seeds, name, strategy)
                line.append(f"{mean_curve(seeds, name)[-1]:.3f} ({labels})")
                line.append("" if name == one else said(beside(seeds, name, one)))
            rows = mean_curve(seeds, names["random"], 1)[-1]
            lines.append([*line, f"{rows:.0f}"])
        shown[f"prices {paid}"] = [*header, "rows"], lines
    merging = json.loads(MERGED.read_text("utf-8"))
    lines = []
    for name, found in merging.items():
        means = [f"{100 * np.mean(each):.1f} %" for each in found.values()]
        points = [100 * np.array(each) for each in found.values()]
        lines.append([name, *means, said(paired_difference(*points[::-1]))])
    shown["merging"] = ["", *next(iter(merging.values())), "difference"], lines
    return shown


def numbers():
    """Return what sentences of the user guide say, by name."""
    seeds, found = read(), {}
    gains = [
        beside(seeds, f"{policy}/margin/{paid}", f"{policy}/random/{paid}")
        for paid in PRICES
        for policy in POLICIES
    ]
    beyond = sum(pair.interval[0] > 0 for pair in gains)
    found["margin ahead of random"] = f"{beyond} of {len(gains)}"
    least = min(gains, key=lambda pair: pair.mean)
    found["margin ahead of random, least"] = said(least)
    pair = beside(seeds, "best value/margin/1:1:1", "one at random/margin/1:1:1")
    found["best value ahead, margin"] = f"{pair.wins} of {pair.n}"
    for strategy in STRATEGIES:
        best = mean_curve(seeds, f"{PERFECT}/{strategy}")
        goal = best[GRID.index(100)]
        costs = [
            np.flatnonzero(mean_curve(seeds, f"{policy}/{strategy}/1:1:1") >= goal)
            for policy in POLICIES
        ]
        costs = [GRID[each[0]] for each in costs if len(each)]
        found[f"least money, {strategy}"] = str(min(costs)) if costs else "> 300"
    return found


def show():
    """Print tables and numbers."""
    _kept.print_tables(tables(), 23)
    print(numbers())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--merging", action="store_true")
    given = parser.parse_args()
    seeds = read()
    if given.merging:
        found = {f"{c} classes, {n} rows": merged(c, n) for c, n in MERGING}
        _kept.write(MERGED, found, depth=1)
    for seed in () if given.table or given.merging else range(SEEDS):
        if str(seed) not in seeds:
            seeds[str(seed)] = runs(seed)
            _kept.write(RESULTS, seeds)
    show()


if __name__ == "__main__":
    main()
