"""What a journal costs: fifty calls of teach with ten answers and a fit each."""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner

N_ROWS, N_CALLS, N_ANSWERS = 10_000, 50, 10


def samples(n_columns):
    """Return 10,000 rows and their classes."""
    rng = np.random.RandomState(0)
    X = rng.standard_normal((N_ROWS, n_columns))
    return X, (X[:, :5] @ rng.standard_normal((5, 10))).argmax(axis=1)


def begin(X, y, journal=None):
    """Return a learner with 50 labels."""
    start = np.full(N_ROWS, np.nan)
    start[:50] = y[:50]
    learner = ActiveLearner(
        LogisticRegression(), journal=journal, keep_estimators=False, random_state=0
    )
    return learner.fit(X, start)


def teach(learner, y, k):
    """Return the seconds that call k took."""
    rows = np.arange(50 + k * N_ANSWERS, 50 + (k + 1) * N_ANSWERS)
    start = time.perf_counter()
    learner.teach(rows, y[rows], who="Ada")
    return time.perf_counter() - start


class Teach:
    """By hand, with and without a journal on disk."""

    params = ([20, 64], [False, True])
    param_names = ("n_columns", "journal")
    number, repeat = 1, 5

    def setup(self, n_columns, journal):
        X, self.y = samples(n_columns)
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "answers.jsonl" if journal else None
        self.learner = begin(X, self.y, path)

    def teardown(self, n_columns, journal):
        self.folder.cleanup()

    def time_teach(self, n_columns, journal):
        for k in range(N_CALLS):
            teach(self.learner, self.y, k)


class JournalShare:
    """How many times as long a call takes with a journal; at most 1.2 is wanted.

    Calls with and without one come by turns, so that both see the same machine. The
    median waits for the disk as often as not: see what ``folder`` is on.
    """

    unit = "times"
    params = ([20, 64],)
    param_names = ("n_columns",)

    def setup(self, n_columns):
        self.X, self.y = samples(n_columns)

    def track_ratio(self, n_columns):
        medians = self.medians()
        return medians[1] / medians[0]

    def medians(self, folder=None):
        """Return the median seconds of a call without and with a journal."""
        with tempfile.TemporaryDirectory(dir=folder) as folder:
            paths = None, Path(folder) / "answers.jsonl"
            learners = [begin(self.X, self.y, path) for path in paths]
            seconds = [
                [teach(learner, self.y, k) for learner in learners]
                for k in range(N_CALLS)
            ]
        return np.median(seconds, axis=0)


if __name__ == "__main__":
    share = JournalShare()
    for name in sys.argv[1:] or [None]:
        for n_columns in (20, 64):
            share.setup(n_columns)
            without, with_one = np.median(
                [share.medians(name) for _ in range(5)], axis=0
            )
            print(
                f"{name}, {n_columns} columns: {without:.2f} ms without, "
                f"{with_one:.2f} ms with a journal, {with_one / without:.2f} times"
            )
