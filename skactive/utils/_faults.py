"""What may be wrong with rows: not finite, or fewer than there were."""

import mmap
import os

import numpy as np
from scipy import sparse

from skactive._sklearn import _num_samples


def first_not_finite(X):
    """Return the first row with a number that is not finite; None if there is none.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_samples, ...)
        Samples. Of texts, names or images of several sizes nothing is known.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._faults import first_not_finite
    >>> first_not_finite([[0.0], [np.inf]]), first_not_finite(["a text"])
    (1, None)
    """
    if sparse.issparse(X):
        X = X.tocsr()
        at = np.flatnonzero(~np.isfinite(X.data))
        return int(np.searchsorted(X.indptr, at[0], "right") - 1) if len(at) else None
    try:
        X = np.asarray(X, dtype=float)
    except (TypeError, ValueError):
        return None
    bad = np.flatnonzero(~np.isfinite(X.reshape(len(X), -1)).all(axis=1))
    return int(bad[0]) if len(bad) else None


def length_now(X):
    """Return how many rows there are, of a file that is mapped, as long as it is now.

    To read behind the end of such a file ends the process.
    """
    n = _num_samples(X)
    mapped = isinstance(X, np.memmap) and isinstance(X.base, mmap.mmap) and X.nbytes
    if not mapped or X.filename is None or not X.flags.c_contiguous:
        return n
    try:
        n_bytes = os.path.getsize(X.filename) - X.offset
    except OSError:  # a file that has no name any more is there for whoever has it
        return n
    return min(n, max(0, n_bytes * n // X.nbytes))


def refuse_shorter(X, n_samples):
    """Return how many rows there are now; refuse if there are fewer than there were.

    Parameters
    ----------
    X : container
        Samples, which others may write to.
    n_samples : int
        How many there were when they were passed to fit.

    Raises
    ------
    ValueError
        If there are fewer. More do no harm: those behind the first are not looked at.
    """
    n = length_now(X)
    if n < n_samples:
        raise ValueError(
            f"The {type(X).__name__} of samples has {n} rows now, and had {n_samples} "
            "when it was passed to fit: it was cut while it was in use. Samples may be "
            "appended, but not taken away; call fit again."
        )
    return n
