"""CoreSet against one matrix-vector product per pick, and against scikit-activeml.

Run ``pip install "skactive[peers]"`` and this script
on an otherwise idle machine; it prints the table of docs/speed.rst in about five
minutes. All that stands in one line of the table was timed in one process, in turn.
"""

import argparse
import os
import statistics
import time

# Threads that spin while they wait would steal from the one that works.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
from threadpoolctl import threadpool_limits

from skactive.diversity import CoreSet

N_ROWS = 50_000


def make_data(kind, d, seed=0):
    """Return float32 rows: one Gaussian, or 50 of them."""
    rng = np.random.RandomState(seed)
    Z = rng.standard_normal((N_ROWS, d))
    if kind == "50 blobs":
        Z += rng.uniform(-10, 10, size=(50, d))[rng.randint(50, size=N_ROWS)]
    return Z.astype(np.float32)


def one_product_per_pick(Z, n):
    """Farthest-first from row 0, in float32 and in place: the loop to beat."""
    sq = np.einsum("ij,ij->i", Z, Z)
    nearest = np.full(len(Z), np.inf, dtype=Z.dtype)
    to_pick = np.empty_like(nearest)
    picks = [0]
    for _ in range(n):
        pick = picks[-1]
        np.dot(Z, Z[pick], out=to_pick)
        to_pick *= -2
        to_pick += sq
        to_pick += sq[pick]
        np.minimum(nearest, to_pick, out=nearest)
        nearest[picks] = -1
        picks.append(int(nearest.argmax()))
    return np.array(picks[1:])


def core_set(Z, n):
    """The whole of it, with the validation: fit and query."""
    return CoreSet(random_state=0).fit(Z[:1], [0], Z[1:]).query(n) + 1


def peer_core_set(Z, n):
    """scikit-activeml's."""
    from skactiveml.pool import CoreSet as PeerCoreSet

    y = np.full(len(Z), np.nan)
    y[0] = 0
    return PeerCoreSet(random_state=0).query(Z, y, batch_size=n)


def median_time(function, Z, n, repeats):
    """Seconds, and the answer."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = function(Z, n)
        times.append(time.perf_counter() - start)
    return statistics.median(times), answer


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--picks", type=int, nargs="+", default=[100, 1000])
    # 1000 picks take scikit-activeml a minute and a half per line.
    parser.add_argument("--peer-picks", type=int, nargs="*", default=[100])
    args = parser.parse_args()

    row = "{:<9}{:>5}{:>7}{:>9}{:>12}{:>13}{:>12}{:>11}{:>11}{:>11}"
    names = "data d picks threads CoreSet/s products/s peer/s x-products x-peer same"
    print(row.format(*names.split()), flush=True)
    for kind in ("Gaussian", "50 blobs"):
        for d in (64, 512):
            Z = make_data(kind, d)
            core_set(Z, 10)
            for n in args.picks:
                for threads in args.threads:
                    with threadpool_limits(threads):
                        many = 7 if n <= 100 else 3
                        ours, picks = median_time(core_set, Z, n, many)
                        loop, expected = median_time(one_product_per_pick, Z, n, many)
                        peer = np.nan
                        if n in args.peer_picks:
                            few = 3 if n <= 100 else 1
                            peer, _ = median_time(peer_core_set, Z, n, few)
                    numbers = [f"{ours:.3f}", f"{loop:.3f}", f"{peer:.2f}"]
                    numbers += [f"{loop / ours:.1f}", f"{peer / ours:.0f}"]
                    numbers += [f"{np.mean(picks == expected):.1%}"]
                    print(row.format(kind, d, n, threads, *numbers), flush=True)


if __name__ == "__main__":
    main()
