"""The robust core-set against greedy picks: tables of the user guide.

Pools are eight blobs in five dimensions, of which one sample in a hundred is moved far
out; ten samples that were not moved are labeled, and twenty are asked for. A run is one
pool and is written down as it ends, so the command can be stopped and given again::

    python tests/measurements/robust_core_set.py

The first table takes ten pools of 500 samples, the second one pool of each size, in a
process of its own, whose memory is read at its end. ``--table`` prints both from the
file in ``tests/measurements/results`` and runs nothing.
"""

import argparse
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import make_blobs

from skactive.diversity import CoreSet, RobustCoreSet
from skactive.exceptions import SolverLimitWarning

RESULTS = Path(__file__).parent / "results" / "robust_core_set.json"
N_ASKED, N_LABELED, SHARE = 20, 10, 0.01
SIZES = 200, 500, 1000, 2000


def planted(n_pool, seed):
    """Return labeled samples, a pool, and which of the pool are planted outliers."""
    rng = np.random.RandomState(seed)
    X, _ = make_blobs(
        n_pool + N_LABELED,
        n_features=5,
        centers=8,
        center_box=(-5, 5),
        random_state=rng,
    )
    labeled, pool = X[:N_LABELED], X[N_LABELED:]
    odd = np.arange(n_pool) < SHARE * n_pool
    directions = rng.standard_normal((odd.sum(), 5))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    pool[odd] = 40 * directions
    return labeled, pool, odd


def radius(labeled, pool, asked, n_outliers):
    """Covering radius by all distances, the farthest samples apart."""
    centers = np.vstack([labeled, pool[asked]])
    far = np.linalg.norm(pool[:, None] - centers[None], axis=2).min(axis=1)
    return float(np.sort(far)[len(far) - 1 - n_outliers])


def measured(n_pool, seed):
    """Return what greedy picks and the program reach on one pool."""
    import resource  # there is none on Windows

    labeled, pool, odd = planted(n_pool, seed)
    n_outliers = int(odd.sum())
    strategies = {
        "greedy": CoreSet(random_state=0),
        "greedy_share": CoreSet(outlier_share=SHARE, random_state=0),
        "robust": RobustCoreSet(n_outliers=n_outliers, random_state=0),
    }
    found = {"n_pool": n_pool, "seed": seed}
    for name, strategy in strategies.items():
        strategy.fit(labeled, None, pool)
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SolverLimitWarning)  # the gap is kept
            asked = strategy.query(N_ASKED)
        found[name] = {
            "radius": round(radius(labeled, pool, asked, n_outliers), 4),
            "odd": int(odd[asked].sum()),
            "seconds": round(time.perf_counter() - begin, 3),
        }
    found["robust"]["gap"] = round(strategies["robust"].gap_, 4)
    # Kilobytes on Linux.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found["peak_mb"] = round(peak / 1024)
    return found


NAMES = {
    "greedy": "CoreSet",
    "greedy_share": "CoreSet, outlier_share=0.01",
    "robust": "RobustCoreSet",
}


def kept():
    """Return all runs."""
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else []


def of_500():
    """Return the runs of the first table."""
    return [run for run in kept() if run["n_pool"] == 500]


def span(values, form, unit=""):
    """Return the smallest and the largest of some numbers, as text."""
    low, high = (f"{end:{form}}" for end in (min(values), max(values)))
    return (low if low == high else f"{low} to {high}") + unit


def tables():
    """Return what the user guide shows: titles of columns and rows, by name."""
    rows = []
    best = np.array([run["robust"]["radius"] for run in of_500()])
    for name, title in NAMES.items():
        radii = np.array([run[name]["radius"] for run in of_500()])
        odd = [run[name]["odd"] for run in of_500()]
        saved = span(100 * (1 - best / radii), ".0f", " %")
        rows.append(
            [
                title,
                f"{radii.mean():.2f}",
                span(radii, ".2f"),
                span(odd, "d"),
                "" if name == "robust" else saved,
            ]
        )
    header = ["asked by", "radius, mean", "from and to", "moved samples asked for"]
    sizes = [
        [
            f"{run['n_pool']:,}",
            f"{run['robust']['seconds']:.1f}",
            f"{run['robust']['gap']:.2f}",
            run["peak_mb"],
        ]
        for run in sorted(kept(), key=lambda run: run["n_pool"])
        if run["seed"] == 0
    ]
    return {
        "ten pools": ([*header, "RobustCoreSet is smaller by"], rows),
        "sizes": (["samples", "seconds", "gap", "MB of the process"], sizes),
    }


def numbers():
    """Return in how many pools the radius was proven the smallest."""
    runs = of_500()
    proven = sum(run["robust"]["gap"] == 0 for run in runs)
    return {"proven": f"{proven} of {len(runs)}"}


def show():
    """Print the tables."""
    for header, rows in tables().values():
        for cells in [header, *rows]:
            print("".join(f"{cell!s:30}" for cell in cells).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--one", type=int, nargs=2, metavar=("N_POOL", "SEED"))
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measured(*given.one)))
        return
    runs = kept()
    wanted = [(500, seed) for seed in range(10)] + [(n, 0) for n in SIZES]
    done = {(run["n_pool"], run["seed"]) for run in runs}
    for one in [] if given.table else dict.fromkeys(wanted):
        if one in done:
            continue
        command = [sys.executable, __file__, "--one", *map(str, one)]
        runs.append(json.loads(subprocess.check_output(command)))
        lines = ",\n ".join(map(json.dumps, runs))
        RESULTS.write_text(f"[{lines}]\n", "utf-8")
    show()


if __name__ == "__main__":
    main()
