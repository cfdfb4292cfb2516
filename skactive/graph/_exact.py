"""Exact neighbors: products in blocks, and a fast look for the largest in each row."""

import threading

import numpy as np
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.utils.extmath import row_norms

CACHE = 2**25  # bytes
FEW_ROWS = 256  # with fewer, a matrix product is slow

# float64 rows are searched in float32 from this many features on, where it pays;
# SPARE more neighbors than asked for are looked at again in float64.
MANY_FEATURES = 16
SPARE = 8

# Of the columns, one piece of so many shows how large the largest are; of FEW_COLUMNS
# twice as many.
PIECE = 16
EVERY = 16
FEW_COLUMNS = 8192
# Entries that are compared at once, so that what comes out stays in the cache.
STRIP = 2**20

# Columns that are looked at where more rows than asked for are the same to a product.
ALIKE = 64


def exact_neighbors(X, others, k, skip_self, metric, memory_budget, n_jobs):
    """Return indices and distances, each (n_rows, k), nearest first.

    For the cosine, rows have length one or zero. With ``skip_self``, ``others`` is
    ``X``, and no row is a neighbor of itself.
    """
    n_rows, n_others = X.shape[0], others.shape[0]
    products = _Products(X, others, metric, skip_self)
    # Twice: products, and as much again for groups, gathered columns and rows.
    per_row = 2 * X.dtype.itemsize * n_others
    block = min(n_rows, max(1, int(memory_budget / per_row)))
    # Products that stay in the cache are searched faster.
    block = min(block, max(FEW_ROWS, int(CACHE / per_row)))

    def one(start):
        rows = np.arange(start, min(start + block, n_rows))
        if products.coarse is None:
            found = largest_columns(products.of(rows), k)
            lists = sorted_by_distance(X[rows], others, found, metric, memory_budget)
        else:
            lists = _looked_at_twice(
                products, X, others, rows, k, metric, memory_budget
            )
        _settle_ties(products, X, others, rows, lists, metric, memory_budget)
        return lists

    parts = Parallel(n_jobs=n_jobs, require="sharedmem")(
        delayed(one)(start) for start in range(0, n_rows, block)
    )
    indices, distances = (np.concatenate(part) for part in zip(*parts))
    return indices, distances


class _Products:
    """``<x, y> - |y|^2 / 2`` for a block of rows x and all y: largest is nearest."""

    def __init__(self, X, others, metric, skip_self):
        self.skip_self = skip_self
        self.rooms = threading.local()
        A, B = X, others
        if metric == "euclidean" and not sparse.issparse(X):
            center = others.mean(axis=0)  # centered, fewer digits are lost
            A, B = X - center, others - center
        self.sq = row_norms(A, squared=True)
        other_sq = self.sq if others is X else row_norms(B, squared=True)
        self.half_sq = other_sq / 2 if metric == "euclidean" else None
        self.A, self.B = A, B.T.tocsr() if sparse.issparse(B) else B.T
        self.coarse = None
        longest = np.sqrt(max(self.sq.max(), other_sq.max()))
        wide = A.dtype == np.float64 and A.shape[1] >= MANY_FEATURES
        if wide and not sparse.issparse(A) and 1e-15 < longest < 1e15:
            self.coarse = A.astype(np.float32), self.B.astype(np.float32)
            # What rounding can do to a product of the longest rows, twice over.
            terms = A.shape[1] + 4
            self.error = 3 * terms * np.finfo(np.float32).eps * longest**2

    def of(self, rows, coarse=False):
        """Return the products; they are overwritten by the next call of the thread."""
        A, B = self.coarse if coarse else (self.A, self.B)
        if sparse.issparse(A):
            G = (A[rows] @ B).toarray()
        else:
            G = np.matmul(A[rows], B, out=self._room(len(rows), A.dtype))
        if self.half_sq is not None:
            G -= self.half_sq.astype(G.dtype)
        if self.skip_self:
            G[np.arange(len(rows)), rows] = -np.inf
        return G

    def _room(self, n_rows, dtype):
        """Return an array to write products to, the same in each call of a thread.

        Fresh pages of memory cost a quarter of what the product does.
        """
        room = vars(self.rooms).get(dtype.name)
        if room is None or len(room) < n_rows:
            room = np.empty((n_rows, self.B.shape[1]), dtype)
            setattr(self.rooms, dtype.name, room)
        return room[:n_rows]


def _settle_ties(products, X, others, rows, lists, metric, memory_budget):
    """Choose again, in place, among near duplicates that rounding has chosen among.

    The product of a row and a near duplicate is that of the row with itself, except
    for rounding, which differs in blocks of other sizes. So the distances to the first
    k + ALIKE of them are computed exactly.
    """
    indices, distances = lists
    k, n_others = indices.shape[1], others.shape[0] - products.skip_self
    sq = products.sq[rows]
    half = distances[:, -1] if metric == "cosine" else distances[:, -1] ** 2 / 2
    noise = rounding(X) * sq
    again = np.flatnonzero((half <= noise) & (sq > 0))
    if k == n_others or not len(again):
        return
    own = sq if metric == "cosine" else sq / 2
    G = products.of(rows[again])
    np.minimum(G, (own - noise)[again, None].astype(G.dtype), out=G)
    found = largest_columns(G, min(k + ALIKE, n_others))
    best = sorted_by_distance(X[rows[again]], others, found, metric, memory_budget)
    indices[again], distances[again] = best[0][:, :k], best[1][:, :k]


def rounding(X):
    """Return what rounding may do to a product of rows, as a share of it."""
    return (4 + np.sqrt(X.shape[1])) * np.finfo(X.dtype).eps


def _looked_at_twice(products, X, others, rows, k, metric, memory_budget):
    """Find some more than k neighbors in float32 and choose among them in float64."""
    G = products.of(rows, coarse=True)
    n_some = min(k + SPARE, G.shape[1] - products.skip_self)
    found = largest_columns(G, n_some)
    # No column left out is larger than this.
    limit = np.take_along_axis(G, found, axis=1).min(axis=1)
    indices, distances = sorted_by_distance(
        X[rows], others, found, metric, memory_budget
    )
    indices, distances = indices[:, :k], distances[:, :k]
    last = distances[:, -1]
    if metric == "cosine":
        kth = np.where(products.sq[rows] > 0, 1 - last, 0)
    else:
        kth = (products.sq[rows] - last**2) / 2
    unsure = kth <= limit + products.error
    if n_some < G.shape[1] - products.skip_self and unsure.any():
        again = rows[unsure]
        found = largest_columns(products.of(again), k)
        indices[unsure], distances[unsure] = sorted_by_distance(
            X[again], others, found, metric, memory_budget
        )
    return indices, distances


def largest_columns(G, k):
    """Return the columns of the k largest entries of each row, in no order.

    Of equal entries the one in the smaller column is taken.

    Parameters
    ----------
    G : ndarray of shape (n_rows, n_columns)
        Without NaN.
    k : int
        At most the number of columns.

    Returns
    -------
    columns : ndarray of intp of shape (n_rows, k)
        Distinct in each row.
    """
    n_rows, n_columns = G.shape
    every = EVERY if n_columns > FEW_COLUMNS else EVERY // 2
    pieces = n_columns // (PIECE * every)
    # So many of the k largest are in some of the columns, but for one row in thousands.
    share = k / every
    likely = int(share + 4 * np.sqrt(share)) + 2
    if pieces * PIECE < 4 * likely:
        return _partitioned(G, k)
    # Pieces from all over, as rows that are alike often stand together.
    some = G[:, : pieces * PIECE * every].reshape(n_rows, pieces, -1)[:, :, :PIECE]
    limit = np.partition(some.reshape(n_rows, -1), -likely, axis=1)[:, -likely]
    strip = max(1, STRIP // n_columns)
    at = [
        np.flatnonzero(limit[i : i + strip, None] <= G[i : i + strip]) + i * n_columns
        for i in range(0, n_rows, strip)
    ]
    row, column = np.divmod(np.concatenate(at), n_columns)
    count = np.bincount(row, minlength=n_rows)
    # Too few have been found, or far too many, as they are the same.
    again = (count < k) | (count > 8 * every * likely)
    keep = ~again[row]
    row, column = row[keep], column[keep]
    count[again] = 0
    place = np.arange(len(row)) - (np.cumsum(count) - count)[row]
    width = max(k, count.max(initial=0))
    columns = np.zeros((n_rows, width), dtype=np.intp)
    entries = np.full((n_rows, width), -np.inf, dtype=G.dtype)
    columns[row, place], entries[row, place] = column, G[row, column]
    # Columns are in ascending order here too.
    found = np.take_along_axis(columns, _partitioned(entries, k), axis=1)
    if again.any():
        found[again] = _partitioned(G[again], k)
    return found


def _partitioned(G, k):
    """Return the columns of the k largest entries, of equals those further left."""
    n_columns = G.shape[1]
    if k == n_columns:
        return np.tile(np.arange(n_columns), (G.shape[0], 1))
    top = np.argpartition(G, n_columns - k, axis=1)[:, n_columns - k :]
    kth = np.take_along_axis(G, top[:, :1], axis=1)
    for row in np.flatnonzero((kth <= G).sum(axis=1) > k):
        above = np.flatnonzero(G[row] > kth[row])
        equal = np.flatnonzero(G[row] == kth[row])[: k - len(above)]
        top[row] = np.concatenate([above, equal])
    return top


def sorted_by_distance(X, others, indices, metric, memory_budget):
    """Return indices and distances, nearest first, equal ones in the order of rows."""
    n_rows, k = indices.shape
    indices = np.sort(indices, axis=1)
    sq = np.empty((n_rows, k), dtype=X.dtype)
    per_row = 4 * X.dtype.itemsize * k * X.shape[1]
    block = max(1, int(min(memory_budget, CACHE) / per_row))
    for start in range(0, n_rows, block):
        rows = slice(start, start + block)
        at = indices[rows]
        if sparse.issparse(X):
            repeated = X[rows][np.repeat(np.arange(at.shape[0]), k)]
            difference = repeated - others[at.ravel()]
            sq[rows] = row_norms(difference, squared=True).reshape(at.shape)
        else:
            difference = others[at] - X[rows][:, None, :]
            sq[rows] = np.einsum("ijk,ijk->ij", difference, difference)
    if metric == "cosine":
        sq[sq <= rounding(X) ** 2] = (
            0  # of one direction: rounded when they were scaled
        )
        sq /= 2  # 1 - cos of two rows of length one
        _distance_of_zeros(sq, X, others, indices)
        distances = sq
    else:
        distances = np.sqrt(sq)
    order = np.argsort(distances, axis=1, kind="stable")
    small = np.int32 if others.shape[0] <= np.iinfo(np.int32).max else np.int64
    indices = np.take_along_axis(indices, order, axis=1).astype(small)
    return indices, np.take_along_axis(distances, order, axis=1)


def _distance_of_zeros(distances, X, others, indices):
    zero, zero_other = row_norms(X) == 0, row_norms(others) == 0
    if zero.any() or zero_other.any():
        distances[zero[:, None] | zero_other[indices]] = 1
