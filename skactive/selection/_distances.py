"""Squared distances a block at a time: float32 stays float32, nothing n by d is made.

They come from matrix products, ``a.a + b.b - 2 a.b``, which lose digits in two cases.
If the rows lie far from the origin, each block is shifted on its way. If two rows
(nearly) coincide, their distance is computed again as a sum of squared differences;
identical rows are therefore at distance exactly 0.
"""

from functools import cache

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import row_norms
from threadpoolctl import ThreadpoolController

METRICS = ("euclidean", "cosine")

# Bytes of one block of rows: about the second-level cache of one core.
BLOCK_BYTES = 2**21
# Rows have a cost of their own, and a block meets 256 centers at once.
MAX_BLOCK_ROWS = 2048
# At most this many centers meet a block in one matrix product.
CENTERS = 256
# Up to this many centers, matrix-vector products are faster than one product.
MATRIX_CENTERS = 4
# From this many centers on, a product is worth more than one thread.
THREADED_CENTERS = 16
# From this many rows it is estimated where the pool lies.
SHIFT_ROWS = 1024
# Below this multiple of the rounding unit a distance has lost too many digits.
DOUBT = 64


class Rows:
    """The rows of `Z` as a metric sees them.

    Both metrics are squared Euclidean distances here: of the rows, or of the rows
    scaled to length one, where it is twice the cosine distance.
    A row of zeros has no direction; its cosine distance to every row is 1. `zeros` are
    the positions of such rows.
    """

    def __init__(self, Z, metric, *, like=None, name="Z"):
        self.Z = Z
        self.scale = self.shift = None
        self.zeros = ()
        if metric == "cosine":
            norms = row_norms(Z)
            self._check_finite(norms, name)
            self.scale = 1 / np.where(norms > 0, norms, 1)
            self.sq = np.ones(len(norms), dtype=Z.dtype)
            self.zeros = np.flatnonzero(norms == 0)
            return
        self.shift = _useful_shift(Z) if like is None else like.shift
        if self.shift is None:
            self.sq = row_norms(Z, squared=True)
        else:
            blocks = map(self.take, self.parts())
            self.sq = np.concatenate([row_norms(b, squared=True) for b in blocks])
        self._check_finite(self.sq, name)

    def __len__(self):
        return self.Z.shape[0]

    @property
    def block_rows(self):
        """How many rows one block holds."""
        width = self.Z.shape[1]
        if sparse.issparse(self.Z):
            # A stored entry is a number and its column.
            width = 1 + 2 * self.Z.nnz // max(1, self.Z.shape[0])
        size = self.Z.dtype.itemsize * width
        return min(max(BLOCK_BYTES // max(size, 1), 16), MAX_BLOCK_ROWS)

    def parts(self):
        """Slices that cover all rows, in order."""
        step = self.block_rows
        return [slice(i, min(i + step, len(self))) for i in range(0, len(self), step)]

    def take(self, where):
        """A block of rows (slice or positions), shifted or scaled; only to be read."""
        block = self.Z[where]
        if self.shift is not None:
            return np.subtract(
                block, self.shift, out=None if isinstance(where, slice) else block
            )
        if self.scale is None:
            return block
        if sparse.issparse(block):
            block = block.copy()
            block.data *= np.repeat(self.scale[where], np.diff(block.indptr))
            return block
        return block * self.scale[where, None]

    def sq_to_mean(self):
        """Squared distance of every row to the mean row, up to a constant."""
        total = np.zeros(self.Z.shape[1])
        for part in self.parts():
            total += np.asarray(self.take(part).sum(axis=0)).ravel()
        mean = (total / len(self)).astype(self.Z.dtype)
        dots = [np.asarray(self.take(part) @ mean).ravel() for part in self.parts()]
        return self.sq - 2 * np.concatenate(dots)

    def _check_finite(self, numbers, name):
        bad = np.flatnonzero(~np.isfinite(numbers))
        if len(bad):
            raise ValueError(
                f"{name}[{bad[0]}] holds NaN, an infinity, or numbers too large to be "
                f"squared in {self.Z.dtype}: clean or rescale the rows first."
            )


class SomeRows(Rows):
    """Some of the rows of others, which are not copied.

    Parameters
    ----------
    rows : Rows
        All rows.
    at : ndarray of int of shape (n_rows,)
        Positions of some.
    """

    def __init__(self, rows, at):
        self.rows, self.at = rows, at
        self.Z, self.sq = rows.Z, rows.sq[at]
        self.zeros = np.flatnonzero(np.isin(at, rows.zeros)) if len(rows.zeros) else ()

    def __len__(self):
        return len(self.at)

    def take(self, where):
        return self.rows.take(self.at[where])


def _useful_shift(Z):
    """The mean of a sample of rows, or None if shifting by it would gain little."""
    if sparse.issparse(Z):
        return None  # it would fill the zeros
    # Any shift leaves distances what they are, so a sample will do.
    sample = Z[:: -(-len(Z) // SHIFT_ROWS)]
    with np.errstate(over="ignore", invalid="ignore"):
        shift = sample.mean(axis=0)
        # False for rows that are not finite: they are refused when they are squared.
        useful = shift @ shift > 0.75 * row_norms(sample, squared=True).mean()
    return shift if useful else None


def pairwise_sq(block, block_sq, centers, centers_sq):
    """Squared distances, shape (n_centers, n_block), exact where rows coincide."""
    sq = _products(centers, block)
    sq *= -2
    sq += block_sq
    sq += centers_sq[:, None]
    doubt = DOUBT * np.finfo(sq.dtype).eps
    near = np.flatnonzero(sq.min(axis=0) <= doubt * (block_sq + centers_sq.max()))
    if len(near):
        limit = doubt * (block_sq[near] + centers_sq[:, None])
        i, j = np.nonzero(sq[:, near] <= limit)
        sq[i, near[j]] = _by_difference(block, near[j], centers, i)
    return sq


def nearest_sq(block, block_sq, centers, centers_sq):
    """Squared distance of each row of a block to the nearest center."""
    return pairwise_sq(block, block_sq, centers, centers_sq).min(axis=0)


def nearest_sq_all(rows, centers, at=None):
    """Squared distance of all `rows` to the nearest of `centers`, or of those `at`."""
    at = np.arange(len(centers)) if at is None else np.asarray(at)
    best = np.full(len(rows), np.inf, dtype=rows.sq.dtype)
    with blas_threads(1 if len(at) < THREADED_CENTERS else None):
        for i in range(0, len(at), CENTERS):
            some = at[i : i + CENTERS]
            block, block_sq = centers.take(some), centers.sq[some]
            for part in rows.parts():
                sq = nearest_sq(rows.take(part), rows.sq[part], block, block_sq)
                np.minimum(best[part], sq, out=best[part])
    return best


def blas_threads(limit):
    """Limit matrix products to this many threads; None keeps the caller's limit.

    Small products gain little from a second thread, and on a busy machine each may wait
    for it until the scheduler starts it: a hundred times as long as it takes itself.
    """
    return _threadpools().limit(limits=limit, user_api="blas")


@cache
def _threadpools():
    return ThreadpoolController()


def _products(centers, block):
    if sparse.issparse(block):
        if centers.shape[0] == 1:
            return (block @ centers.toarray().ravel())[None]
        return (centers @ block.T).toarray()
    if len(centers) > MATRIX_CENTERS:
        return centers @ block.T
    # Zeros: BLAS may multiply what it finds there by 0, and warn of a NaN.
    out = np.zeros((len(centers), len(block)), dtype=block.dtype)
    for row, center in zip(out, centers, strict=True):
        np.dot(block, center, out=row)
    return out


def _by_difference(block, i, centers, j):
    sq = np.empty(len(i), dtype=block.dtype)
    step = max(1, BLOCK_BYTES // (8 * block.shape[1]))
    for k in range(0, len(i), step):
        part = slice(k, k + step)
        difference = block[i[part]] - centers[j[part]]
        if sparse.issparse(difference):
            sq[part] = row_norms(difference, squared=True)
        else:
            sq[part] = np.einsum("ij,ij->i", difference, difference)
    return sq
