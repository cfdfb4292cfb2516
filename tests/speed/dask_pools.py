"""Ask about a pool of dask and one of parquet, and watch memory and time.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/speed/dask_pools.py FOLDER [thousand rows]

Writes files of 512 columns of float32 (a million rows are 2 GB) to a folder: one for
np.memmap, one of parquet. Margins of a linear model are asked for, 100 at a time, with
the file mapped, as parquet, and as a dask array whose partitions map it, by threads of
this process and by a cluster of two worker processes. All in turn, in one run: wall
seconds of fit and query, their ratio to those of the mapped file, the peak of anonymous
memory of this process above what it had before, and whether the answer is the same.
"dask, loaded" is what a dask array was before: all of it in this process.
"""

import sys
import time
from itertools import pairwise
from pathlib import Path

import dask
import dask.array as da
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, LocalCluster
from large_pools import SLICE, Peak, labels, write
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.datasets import ParquetDataset
from skactive.uncertainty import MarginSampling

N_LABELED, ASKED, REPEATS = 200, 100, 3


def mapped_part(path, start, stop):
    return np.asarray(np.load(path, mmap_mode="r")[start:stop])


def as_dask(path, n, d):
    # Partitions of 65,536 rows and of 128 MB: the blocks of a mapped file are smaller.
    part = dask.delayed(mapped_part)
    edges = [*range(0, n, SLICE), n]
    return da.concatenate(
        [
            da.from_delayed(part(str(path), a, b), (b - a, d), np.float32)
            for a, b in pairwise(edges)
        ]
    )


def as_parquet(path, X):
    schema = pa.schema([("x", pa.list_(pa.float32(), X.shape[1]))])
    with pq.ParquetWriter(path, schema, compression="none") as file:
        for start in range(0, len(X), SLICE):
            rows = np.ascontiguousarray(X[start : start + SLICE])
            lists = pa.FixedSizeListArray.from_arrays(rows.ravel(), X.shape[1])
            file.write_table(pa.table({"x": lists}, schema), SLICE)
    return ParquetDataset(path)


def ask(pool, L, y):
    strategy = MarginSampling(LogisticRegression(), random_state=0)
    return strategy.fit(L, y, pool).query(ASKED)


def learn(X, y):
    return (
        ActiveLearner(n_initial=N_LABELED, budget=200, batch_size=100, random_state=0)
        .fit(X, y)
        .queried_indices_
    )


def measured(cases, *more):
    seconds, found = {name: [] for name in cases}, {}
    for turn in range(REPEATS + 1):
        for name, pool in cases.items():
            with Peak() as peak:
                start = time.perf_counter()
                answer = pool(*more)
                used = time.perf_counter() - start
            if turn:  # the first warms up
                seconds[name].append(used)
                least = found.get(name, (0,))[0]
                found[name] = max(least, peak.megabytes), answer
    first = next(iter(cases))
    for name, (megabytes, answer) in found.items():
        ratio = np.median(np.divide(seconds[name], seconds[first]))
        same = np.array_equal(answer, found[first][1])
        print(
            f"  {name}: {np.median(seconds[name]):.2f} s, x {ratio:.2f}, "
            f"{megabytes:.0f} MB, {'same' if same else 'OTHER'} rows",
            flush=True,
        )


def main(folder, thousands="500"):
    n, path = int(float(thousands) * 1000), Path(folder) / "pool.npy"
    write(path, n)
    X = np.load(path, mmap_mode="r")
    y, d = labels(X), X.shape[1]
    parquet = as_parquet(Path(folder) / "pool.parquet", X)
    pool = as_dask(path, n, d)
    L, y_L = np.array(X[:N_LABELED]), y[:N_LABELED]
    print(f"{n:,} x {d}, {X.nbytes / 2**20:.0f} MB; a query:")
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):

        def on_cluster(ask, *more):
            with client.as_current(), dask.config.set(scheduler=client):
                return ask(*more)

        cases = {
            "mapped": lambda ask, *more: ask(X, *more),
            "parquet": lambda ask, *more: ask(parquet, *more),
            "dask, threads": lambda ask, *more: ask(pool, *more),
            "dask, cluster": lambda ask, *more: on_cluster(ask, pool, *more),
        }
        loaded = {"dask, loaded": lambda ask, *more: ask(pool.compute(), *more)}
        measured({**cases, **loaded}, ask, L, y_L)
        print("a learner, two rounds of 100:")
        measured(cases, learn, y)


if __name__ == "__main__":
    main(*sys.argv[1:])
