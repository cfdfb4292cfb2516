"""How far a long pass over samples is, for whoever listens."""

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock

#: Samples between two reports of what counts them one by one.
STEP = 1024

_TOLD = ContextVar("told", default=None)


@contextmanager
def progress(listener=None):
    """Be told how far long passes over a pool are.

    Within the block, scores and embeddings of a pool of more than one block report
    after each of them, and :class:`~skactive.nets.ImageReader` and
    :class:`~skactive.nets.ModuleEmbedding` after each 1,024 samples.

    Parameters
    ----------
    listener : callable or None, default=None
        Called as ``listener(done, total)``, both in samples; ``done`` rises to
        ``total``, and starts again with the next pass. None: a line on stderr.

    Yields
    ------
    None

    Notes
    -----
    Passes that this thread begins are reported; worker processes say nothing. A
    strategy may pass over a pool several times a round. An error of the listener ends
    the pass.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive import progress
    >>> from skactive.uncertainty import MarginSampling
    >>> X = np.random.RandomState(0).normal(size=(100_000, 2))
    >>> strategy = MarginSampling(LogisticRegression())
    >>> strategy = strategy.fit(X[:9], X[:9, 0] > 0, X)
    >>> with progress(lambda done, total: print(done, "of", total)):
    ...     rows = strategy.query()
    65536 of 100000
    100000 of 100000
    """
    token = _TOLD.set(_Told(_write_line if listener is None else listener))
    try:
        yield
    finally:
        _TOLD.reset(token)


class _Told:
    """A listener, and the part of a pass over blocks that is under way."""

    def __init__(self, listener):
        self.listener, self.start, self.total = listener, 0, None


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


def _write_line(done, total):
    sys.stderr.write(f"{done:,} of {total:,} samples" + "\r\n"[done == total])
    sys.stderr.flush()
