"""What larger batches cost in accuracy: the table of the user guide.

Digits, a logistic regression on scaled features, 20 labels to begin with and 200 to
choose, in batches of several sizes. Split, start and model of a seed are the same for
all sizes and strategies, so differences are taken seed by seed. It takes some minutes
on one core; a size is written down as it ends, so the command can be stopped and given
again::

    python tests/measurements/batch_sizes.py

``--table`` prints the table from the file in ``tests/measurements/results``.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from skactive.benchmark import benchmark_strategies
from skactive.compose import StochasticBatch, TopThenDiverse
from skactive.diversity import BADGE, RandomSampling
from skactive.uncertainty import MarginSampling

RESULTS = Path(__file__).parent / "results" / "batch_sizes.json"
SIZES = 100, 50, 20, 10, 5
SEEDS = 20
AT = 120, 220
STRATEGIES = {
    "random": RandomSampling(),
    "margin": MarginSampling(),
    "drawn": StochasticBatch(MarginSampling()),
    "weighted k-means": TopThenDiverse(MarginSampling()),
    "k-center": TopThenDiverse(MarginSampling(), picking="k_center"),
    "BADGE": BADGE(),
}


def measured(size):
    """Return the accuracies of all strategies, seed by seed, at some label counts."""
    X, y = load_digits(return_X_y=True)
    result = benchmark_strategies(
        STRATEGIES,
        {"digits": (X / 16, y)},
        n_initial=20,
        batch_size=size,
        budget=200,
        seeds=SEEDS,
    )
    assert not result.failures
    found = {}
    for name in STRATEGIES:
        runs = result.select("digits", name)
        found[name] = {
            str(n): [
                round(float(run.scores[list(run.n_labeled).index(n)]), 4)
                for run in (runs[seed] for seed in range(SEEDS))
            ]
            for n in AT
        }
    return found


def written(sizes):
    """Return what is kept, a line for each strategy."""
    blocks = []
    for size, found in sizes.items():
        lines = (f"{json.dumps(name)}: {json.dumps(found[name])}" for name in found)
        blocks.append(f' "{size}": {{\n  ' + ",\n  ".join(lines) + "}")
    return "{\n" + ",\n".join(blocks) + "}\n"


def table(sizes):
    """Print accuracies, and how many seeds are ahead of margin with batches of 5."""
    for n in map(str, AT):
        print(f"{n} labels")
        best = np.array(sizes["5"]["margin"][n])
        for name in STRATEGIES:
            cells = []
            for size in sorted(sizes, key=int):
                scores = np.array(sizes[size][name][n])
                wins, losses = (scores > best).sum(), (scores < best).sum()
                error = (scores - best).std(ddof=1) / np.sqrt(SEEDS)
                cells.append(
                    f"{size}: {scores.mean():.4f} {(scores - best).mean():+.4f}"
                    f"±{error:.4f} {wins}/{losses}"
                )
            print(f"  {name:17s}", "  ".join(cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    sizes = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for size in () if given.table else SIZES:
        if str(size) not in sizes:
            sizes[str(size)] = measured(size)
            RESULTS.write_text(written(sizes), "utf-8")
    table(sizes)


if __name__ == "__main__":
    main()
