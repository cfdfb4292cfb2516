"""Time a learner on a large pool against the same loop by hand, and watch its memory.

    export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
    python tests/speed/large_pools.py [repeats]
    python tests/speed/large_pools.py memory FILE [million rows]

The loop by hand knows which rows are labeled, scores all rows in slices of 65,536 and
takes the least margins among the others; it checks nothing. Model, batches and rounds
are the same. Both take turns in one process; processor seconds are counted, and the
medians of the repeats and of their paired ratios are printed.

"memory" writes a file of 512 columns of float32 (a million rows are 2 GB), runs a
learner on it by ``np.memmap``, and prints the peak of anonymous memory above what the
process had before: pages of the file do not count, as the system takes them back.
"""

import sys
import threading
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.uncertainty import MarginSampling

# Rows, columns, rounds.
CASES = [(100_000, 512, 10), (1_000_000, 32, 10), (1_000_000, 128, 3)]
N_INITIAL, BATCH, SLICE = 50, 10, 65_536


def problem(n, d):
    rng = np.random.RandomState(0)
    X = np.empty((n, d), dtype=np.float32)
    for start in range(0, n, SLICE):
        stop = min(start + SLICE, n)
        X[start:stop] = rng.standard_normal((stop - start, d))
    return X, labels(X)


def labels(X):
    y = np.zeros(len(X), dtype=int)
    for k in range(2):
        y += X[:, k] > 0
    return y


def by_hand(X, y, rounds):
    known = np.zeros(len(X), dtype=bool)
    known[np.random.RandomState(0).choice(len(X), N_INITIAL, replace=False)] = True
    margins = np.empty(len(X))
    for _ in range(rounds):
        model = LogisticRegression().fit(X[known], y[known])
        for start in range(0, len(X), SLICE):
            proba = model.predict_proba(X[start : start + SLICE])
            top = np.partition(proba, -2, axis=1)
            margins[start : start + SLICE] = top[:, -1] - top[:, -2]
        margins[known] = np.inf
        known[np.argpartition(margins, BATCH)[:BATCH]] = True
    return LogisticRegression().fit(X[known], y[known])


def by_learner(X, y, rounds):
    return ActiveLearner(
        LogisticRegression(),
        MarginSampling(),
        n_initial=N_INITIAL,
        budget=BATCH * rounds,
        batch_size=BATCH,
        random_state=0,
    ).fit(X, y)


def seconds(function, *arguments):
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def anonymous_bytes():
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("RssAnon:")[2].split()[0])


class Peak:
    """The most anonymous memory while a block of code runs, above what there was."""

    def __enter__(self):
        self.before = self.most = anonymous_bytes()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self):
        while not self._ended.wait(0.002):
            self.most = max(self.most, anonymous_bytes())

    def __exit__(self, *error):
        self._ended.set()
        self._thread.join()
        self.megabytes = (self.most - self.before) / 2**20


def write(path, n, d=512):
    rng = np.random.RandomState(0)
    X = np.lib.format.open_memmap(path, "w+", np.float32, (n, d))
    few = rng.standard_normal((SLICE, d)).astype(np.float32)
    for start in range(0, n, SLICE):  # the same rows, moved: cheap to make
        part = X[start : start + SLICE]
        part[:] = few[: len(part)] + np.float32(0.001 * (start // SLICE))
    X.flush()


def memory(path, millions="2"):
    write(path, int(float(millions) * 1e6))
    X = np.load(path, mmap_mode="r")
    y = labels(X)
    by_learner(X[:1000], y[:1000], 1)  # what is loaded once
    for name, run in (("by hand", by_hand), ("learner", by_learner)):
        with Peak() as peak:
            used = seconds(run, X, y, 2)
        print(f"{name}: {peak.megabytes:.0f} MB, {used:.1f} s", flush=True)


def main(repeats=5):
    for n, d, rounds in CASES:
        X, y = problem(n, d)
        times = np.array(
            [
                (seconds(by_learner, X, y, rounds), seconds(by_hand, X, y, rounds))
                for _ in range(repeats + 1)
            ]
        )[1:]  # the first warms up
        own, least = np.median(times, axis=0)
        ratio = np.median(times[:, 0] / times[:, 1])
        print(
            f"{n:,} x {d}: {own:.2f} s, by hand {least:.2f} s, x {ratio:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        memory(*sys.argv[2:])
    else:
        main(*map(int, sys.argv[1:]))
