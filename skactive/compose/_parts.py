"""A pool cut into parts, and one question asked about each of them."""

import warnings
from functools import partial
from itertools import pairwise

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend
from scipy import sparse

from skactive._sklearn import _num_samples
from skactive.utils._dask import is_dask
from skactive.utils._faults import first_not_finite
from skactive.utils._pool import Pool
from skactive.utils._rows import take_rows, with_rows
from skactive.utils._weight import HEAVY, pickled_bytes

# Most rows of a part that n_parts="auto" makes, and fewest parts.
PART_ROWS = 100_000
LEAST_PARTS = 4
# Neighbors that stay together when parts are dealt, so that a file is read in runs.
RUN_ROWS = 1024
# Runs of one part, at least, in a pool that is large enough.
RUNS = 16


def number_of_parts(n_parts, pool):
    """Return how many parts there are, none of them empty.

    "auto" looks at the rows alone: were it to look at workers or at free memory, a
    seed would not decide the answer. Of a collection of dask its partitions are the
    parts, and stay where they are.
    """
    n_rows = len(pool)
    if is_dask(pool):
        n_parted = int(np.count_nonzero(np.diff(pool.X.edges)))
        if n_parts not in ("auto", n_parted):
            raise ValueError(
                f"n_parts is {n_parts}, and the parts of a dask collection are its "
                f'partitions, {n_parted} with rows. Leave n_parts="auto", or cut the '
                "collection otherwise, by its rechunk or repartition."
            )
        return n_parted
    if n_parts == "auto":
        n_parts = max(LEAST_PARTS, -(-n_rows // PART_ROWS))
    return min(n_parts, n_rows)


def cut(n_rows, n_parts):
    """Return the parts as ranges of rows, one after the other.

    Examples
    --------
    >>> from skactive.compose._parts import cut
    >>> cut(5, 2)
    [range(0, 3), range(3, 5)]
    """
    edges = -(-np.arange(n_parts + 1) * n_rows // n_parts)
    return [range(int(a), int(b)) for a, b in pairwise(edges)]


def deal(n_rows, n_parts, rng):
    """Return parts of runs of rows drawn at random; the rows of each ascend.

    What is proven of coverage holds for random parts, and a file may be sorted.
    """
    run = min(RUN_ROWS, max(1, n_rows // (RUNS * n_parts)))
    starts = rng.permutation(-(-n_rows // run)) * run
    parts = []
    for mine in np.array_split(starts, n_parts):
        rows = (np.sort(mine)[:, None] + np.arange(run)).ravel()
        parts.append(rows[rows < n_rows])
    return [part for part in parts if len(part)]


def rows_of(X, rows):
    """Return some rows of a pool, without a copy where they are a slice of an array."""
    if isinstance(X, Pool):
        if X.positions is not None:
            some = slice(rows.start, rows.stop) if isinstance(rows, range) else rows
            rows = X.positions[some]
        X = X.X
    if isinstance(rows, range):
        if isinstance(X, np.ndarray) or (sparse.issparse(X) and X.format == "csr"):
            return X[rows.start : rows.stop]
        rows = np.arange(rows.start, rows.stop)
    return take_rows(with_rows(X), rows)


def ask_parts(ask, X, parts, n, n_jobs):
    """Return ``ask(rows, positions, n)`` of each part, in the order of the parts.

    Calls depend on their arguments alone, so an engine may repeat one whose worker
    has died. An error of one part says which, and is raised once. ``parts`` is None for
    a pool that lies with dask, which does the work then.
    """
    if parts is None:
        return X.X.ask_each(X, partial(_asked_by_dask, ask, n))
    warn_of_weight(ask, X, len(parts), n_jobs)
    return Parallel(n_jobs=n_jobs)(
        # A tuple travels with the task. An array of its own joblib would leave with one
        # worker of dask, and the part would be lost with it.
        delayed(_asked)(ask, (rows_of(X, rows), rows), n, f"{i} of {len(parts)}")
        for i, rows in enumerate(parts, 1)
    )


def _asked_by_dask(ask, n, stretch):
    positions = range(stretch.start, stretch.start + len(stretch))
    return _asked(ask, (stretch.rows(), positions), n, stretch.which)


def _asked(ask, part, n, which):
    X, positions = part
    try:
        return ask(X, positions, n)
    except Exception as error:
        bad = first_not_finite(X)
        if bad is not None:
            raise ValueError(
                f"Row {positions[bad]} of the pool, in part {which}, holds NaN or "
                f"infinity: {error}"
            ) from error
        if hasattr(error, "add_note"):  # from Python 3.11 on
            error.add_note(
                f"In part {which} of the pool, from row {positions[0]} to row "
                f"{positions[-1]}."
            )
        raise


def warn_of_weight(ask, X, n_parts, n_jobs):
    """Warn if it costs more to send the model to all parts than to send the pool."""
    backend, _ = get_active_backend()
    if effective_n_jobs(n_jobs) == 1 or getattr(backend, "supports_sharedmem", False):
        return
    size, pool = pickled_bytes(ask) * n_parts, _bytes_of(X)
    if size > HEAVY and (pool is None or size > pool):
        warnings.warn(
            f"What is sent to the {n_parts} parts takes {size / 1e6:.0f} MB in all, "
            f"{'' if pool is None else f'and the pool {pool / 1e6:.0f} MB'}: does the "
            "model carry its training data, as nearest neighbors, SVC and Gaussian "
            "processes do? Take fewer parts, or the threading backend.",
            UserWarning,
            stacklevel=2,
        )


def _bytes_of(X):
    if isinstance(X, Pool):
        whole = _bytes_of(X.X)
        return None if whole is None else whole * len(X) // max(1, _num_samples(X.X))
    if sparse.issparse(X):
        return X.data.nbytes
    nbytes = getattr(X, "nbytes", None)
    return int(nbytes) if nbytes is not None else None
