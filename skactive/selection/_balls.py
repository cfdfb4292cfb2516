"""Balls of one radius around rows: who is inside, as a graph or a block at a time."""

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import row_norms

from skactive.selection._coverage import GraphBalls
from skactive.selection._distances import (
    CENTERS,
    DOUBT,
    Rows,
    nearest_sq_all,
    pairwise_sq,
)

# Rows and columns of one tile of products, some megabytes.
TILE = (1024, 4096)
# Bytes that an entry of the graph takes while the graph is built.
ENTRY_BYTES = 16
# From this many rows it is estimated how many entries the graph will have.
ESTIMATE_ROWS = 200
# From this many rows it is estimated how pure balls are.
PURITY_ROWS = 2000


def scaled_rows(Z, normalize, *, like=None, name="Z"):
    """Rows with Euclidean distances, scaled to length one first if wanted.

    Rows of zeros stay zeros: at distance 1 from all that were scaled, and 0 from each
    other.
    """
    rows = Rows(Z, "cosine" if normalize else "euclidean", like=like, name=name)
    if normalize:
        rows.sq[row_norms(Z) == 0] = 0
    return rows


def find_balls(rows, sq_radius, memory_budget, rng):
    """Return the balls of all rows, as a graph if the budget allows it."""
    if len(rows) ** 2 * ENTRY_BYTES > memory_budget:
        balls = StreamedBalls(rows, sq_radius)
        some = rng.choice(len(rows), min(ESTIMATE_ROWS, len(rows)), replace=False)
        n_entries = balls.covering(some).sum() / len(some) * len(rows)
        if n_entries * ENTRY_BYTES > memory_budget:
            return balls
    W = ball_graph(rows, sq_radius)
    return GraphBalls(W, W)


def ball_graph(rows, sq_radius):
    """Symmetric CSR of bool: which rows are within the radius of which, or the same."""
    n_rows, (high, wide) = len(rows), TILE
    stripes = []
    for start in range(0, n_rows, high):
        part = slice(start, min(start + high, n_rows))
        block, i, j = rows.take(part), [], []
        # The other half is known by symmetry.
        for left in range(start, n_rows, wide):
            side = slice(left, min(left + wide, n_rows))
            mask = _within(
                block, rows.sq[part], rows.take(side), rows.sq[side], sq_radius
            )
            flat = np.flatnonzero(mask)
            row, column = np.divmod(flat, mask.shape[1])
            row, column = row.astype(np.int32), (column + left).astype(np.int32)
            above = column > row + start
            i.append(row[above])
            j.append(column[above])
        i, j = np.concatenate(i), np.concatenate(j)
        shape = (part.stop - start, n_rows)
        stripes.append(sparse.csr_array((np.ones(len(i), dtype=bool), (i, j)), shape))
    upper = sparse.vstack(stripes, format="csr")
    del stripes
    W = upper + sparse.csr_array(upper.T)
    return sparse.csr_array(W + sparse.eye_array(n_rows, dtype=bool, format="csr"))


class StreamedBalls:
    """Balls whose graph would be too large: distances are computed when asked for."""

    def __init__(self, rows, sq_radius):
        self.rows, self.sq_radius = rows, sq_radius
        self.shape = (len(rows), len(rows))

    def inside(self, row):
        """The rows in the ball of `row`."""
        hits = [mask.any(axis=1) for mask in self._masks(np.array([row]))]
        hits = np.concatenate(hits)
        hits[row] = True
        return np.flatnonzero(hits)

    def covering(self, points):
        """For each row, how many of `points` are in its ball."""
        counts = np.zeros(len(self.rows), dtype=np.intp)
        for start in range(0, len(points), TILE[1]):
            some = points[start : start + TILE[1]]
            counts += np.concatenate([m.sum(axis=1) for m in self._masks(some)])
        return counts

    def _masks(self, points):
        rows = self.rows
        others, others_sq = rows.take(points), rows.sq[points]
        for start in range(0, len(rows), TILE[0]):
            part = slice(start, min(start + TILE[0], len(rows)))
            yield _within(
                rows.take(part), rows.sq[part], others, others_sq, self.sq_radius
            )


def covered_by(rows, centers, sq_radius):
    """Which rows are within the radius of any of `centers`."""
    covered = np.zeros(len(rows), dtype=bool)
    for start in range(0, len(centers), TILE[1]):
        some = slice(start, start + TILE[1])
        others, others_sq = centers.take(some), centers.sq[some]
        for part in rows.parts():
            block, block_sq = rows.take(part), rows.sq[part]
            mask = _within(block, block_sq, others, others_sq, sq_radius)
            covered[part] |= mask.any(axis=1)
    return covered


def purity_radius(rows, labels, purity, rng):
    """Largest radius whose balls hold one label only, for a share of the rows.

    A ball is pure while it ends before the nearest row of another label, so the radius
    is just below a quantile of the distances to those rows: no search is needed.

    Parameters
    ----------
    rows : Rows
        All rows.
    labels : ndarray of int of shape (n_rows,)
        Label, or cluster, of each row.
    purity : float
        Share of the balls that must be pure.
    rng : RandomState
        Draws 2,000 rows to look at, if there are more.

    Returns
    -------
    radius : float or None
        None if there is one label only, so that any radius is pure.
    """
    kinds = np.unique(labels)
    if len(kinds) < 2:
        return None
    some, own, seen = rows, labels, np.arange(len(rows))
    if len(rows) > PURITY_ROWS:
        seen = np.sort(rng.choice(len(rows), PURITY_ROWS, replace=False))
        some, own = subset(rows, seen), labels[seen]
    sq = _sq_to_other_labels(some, own, rows, labels)
    unsure = sq <= DOUBT * np.finfo(sq.dtype).eps * (some.sq + rows.sq.max())
    if unsure.any():  # a product cannot tell such rows apart
        few, few_own = subset(some, unsure), own[unsure]
        exact = np.full(len(few), np.inf, dtype=sq.dtype)
        for kind in kinds:
            to_kind = nearest_sq_all(few, rows, np.flatnonzero(labels == kind))
            np.minimum(exact, to_kind, out=exact, where=few_own != kind)
        sq[unsure] = exact
    # Rounded first: 1 - 0.95 is a little more than 0.05.
    n_impure = min(int(round((1 - purity) * len(sq), 9)), len(sq) - 1)
    limit = np.partition(sq, n_impure)[n_impure]
    return float(np.nextafter(np.sqrt(limit), sq.dtype.type(0)))


def _sq_to_other_labels(some, own, rows, labels):
    """Squared distance of each of `some` to the nearest row of another label."""
    nearest = np.full(len(some), -np.inf, dtype=rows.sq.dtype)
    order = np.argsort(labels, kind="stable")
    for same in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        for start in range(0, len(same), TILE[1]):
            tile = same[start : start + TILE[1]]
            others, others_sq = rows.take(tile), rows.sq[tile]
            for part in some.parts():
                best = _nearness(some.take(part), others, others_sq).max(axis=1)
                away = own[part] != labels[tile[0]]
                np.maximum(nearest[part], best, out=nearest[part], where=away)
    return some.sq - 2 * nearest


def subset(rows, positions):
    """The same rows, only those at `positions`."""
    part = object.__new__(Rows)
    part.Z, part.sq, part.shift = rows.Z[positions], rows.sq[positions], rows.shift
    part.scale = None if rows.scale is None else rows.scale[positions]
    return part


def nearest_other(some, rows):
    """Distance of each of `some` to the nearest row that is not at the same place."""
    best = np.full(len(some), np.inf, dtype=rows.sq.dtype)
    for start in range(0, len(some), CENTERS):
        at = slice(start, start + CENTERS)
        centers, centers_sq = some.take(at), some.sq[at]
        for part in rows.parts():
            sq = pairwise_sq(rows.take(part), rows.sq[part], centers, centers_sq)
            sq[sq <= 0] = np.inf
            np.minimum(best[at], sq.min(axis=1), out=best[at])
    return np.sqrt(best)


def _within(block, block_sq, others, others_sq, sq_radius):
    """Mask of shape (n_block, n_others): which are at most the radius apart."""
    largest = block_sq.max() + others_sq.max()
    if sq_radius <= 4 * DOUBT * np.finfo(block_sq.dtype).eps * largest:
        # Too small a radius for a plain product to tell equal rows from others.
        return pairwise_sq(others, others_sq, block, block_sq) <= sq_radius
    least = (block_sq - sq_radius) / 2
    return least[:, None] <= _nearness(block, others, others_sq)


def _nearness(block, others, others_sq):
    """Products less half the squares, (n_block, n_others): larger where nearer."""
    G = block @ others.T
    G = G.toarray() if sparse.issparse(G) else G
    G -= others_sq / 2
    return G
