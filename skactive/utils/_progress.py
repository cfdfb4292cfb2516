"""How far a run or a long pass over samples is, for what shows it."""

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

from skactive.utils._line import Line

#: Samples between two reports of what counts them one by one.
STEP = 1024

_TOLD = ContextVar("told", default=None)


@contextmanager
def progress(listener=None):
    """Show a bar: the labels of a learner, its score, the time left.

    Within the block, a learner that spends its budget writes one line to stderr: a bar,
    its labels, the score if ``fit`` was given ``X_val, y_val``, the time left, and what
    it is at: the epoch of a net that trains, how much of a long pass over the pool is
    done. :func:`~skactive.benchmark.benchmark_strategies` says which of its runs is
    done. Nothing has to be installed for it.

    Parameters
    ----------
    listener : callable or None, default=None
        None: the bar. A function hears of long passes alone, and nothing is written:
        ``listener(done, total)``, both in samples; ``done`` rises to ``total``, and
        starts again with the next pass. Scores and embeddings of a pool of more than
        one block report after each of them, :class:`~skactive.nets.ImageReader` and
        :class:`~skactive.nets.ModuleEmbedding` after each 1,024 samples.

    Yields
    ------
    None

    Notes
    -----
    A terminal and a notebook have one line that is written over; a file has one per
    round. What this thread begins is reported; other threads and worker processes say
    nothing. A strategy may pass over a pool several times a round. An error of the
    listener ends the pass. The time left takes what is to come for as slow as what was
    done, that of people who answer included.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skactive import ActiveLearner, progress
    >>> X, y = load_iris(return_X_y=True)
    >>> learner = ActiveLearner(GaussianNB(), budget=50, random_state=0)
    >>> with progress():  # a line such as [#############-------] 40 of 60 labels, ...
    ...     learner = learner.fit(X, y, X_val=X, y_val=y)

    A function of your own, for passes over large pools:

    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.uncertainty import MarginSampling
    >>> X = np.random.RandomState(0).normal(size=(100_000, 2))
    >>> strategy = MarginSampling(LogisticRegression())
    >>> strategy = strategy.fit(X[:9], X[:9, 0] > 0, X)
    >>> with progress(lambda done, total: print(done, "of", total)):
    ...     rows = strategy.query()
    65536 of 100000
    100000 of 100000
    """
    token = _TOLD.set(_Told(listener))
    try:
        yield
    finally:
        _TOLD.reset(token)


class _Told:
    """A listener, and the part of a pass over blocks that is under way."""

    def __init__(self, listener):
        self.line = Line() if listener is None else None
        self.listener, self.start, self.total = listener or self.write, 0, None

    def write(self, done, total):
        """Write how far a pass is, behind what a run has reached if there is one."""
        text = f"{done:,} of {total:,} samples"
        if self.line.head is not None:
            self.line.at(text)
        else:
            sys.stderr.write(text + "\r\n"[done == total])
            sys.stderr.flush()


@contextmanager
def run_line(wanted=False):
    """Yield what a run calls with what it has reached, or None if it is not to tell.

    A run within another is a detail of it. ``wanted``: there is a line in any case.
    """
    told = _TOLD.get()
    line = told.line if told is not None else None
    if line is not None and line.head is not None:
        yield lambda text, keep=False: line.at(text)
        return
    if line is None and wanted:
        line = Line()
    try:
        yield line and line.reached
    finally:
        if line is not None:
            line.end()


def step_done(name, done, total):
    """Say which step of a long one is done, such as an epoch, if a run is shown."""
    told = _TOLD.get()
    if told is not None and told.line is not None:
        told.line.at(f"{name} {done:,} of {total:,}")


def reported(blocks, total):
    """Yield blocks of a pass over a pool, and report each when it is done with."""
    told = _TOLD.get()
    if told is None or told.total is not None:  # within another pass
        yield from blocks
        return
    try:
        for block in blocks:
            told.start, told.total = block.start, total
            yield block
            told.listener(block.stop, total)
    finally:
        told.start, told.total = 0, None


def counter(total):
    """Return what is called with the number of samples done since, from any thread."""
    told, lock, done = _TOLD.get(), Lock(), 0
    if told is None or total <= STEP:
        return lambda n: None
    start, whole = told.start, told.total or total

    def count(n):
        nonlocal done
        with lock:
            before, done = done, done + n
            last = done == total and told.total is None
            if last or done // STEP > before // STEP:
                told.listener(min(start + done, whole), whole)

    return count
