"""Farthest-first traversal that looks only at rows that could be the farthest."""

import numpy as np

from skactive.selection._distances import (
    CENTERS,
    blas_threads,
    nearest_sq,
    nearest_sq_all,
)

# Rows that share one matrix product when they are brought up to date.
STALE_ROWS = 512


class FarthestFirst:
    """Picks of the farthest row, with lazily updated distances.

    `bound[i]` is the squared distance of row i to the nearest of the labeled rows and
    the first `seen[i]` picks. Later picks can only lower it, so it is an upper bound;
    it is exact once ``seen[i] == n_picked``. Picked rows have bound -1. Where the
    distances to the labeled rows are known, they are given as `known`.
    """

    def __init__(self, rows, centers, n_outliers, rng, known=None):
        self.rows = rows
        self.n_outliers = n_outliers
        # One order decides all ties, however the rows are cut into blocks.
        self.rank = rng.permutation(len(rows))
        self.order = np.empty(len(rows), dtype=np.intp)
        self.n_picked = 0
        self.seen = np.zeros(len(rows), dtype=np.int32)
        if centers is not None:
            self.bound = nearest_sq_all(rows, centers) if known is None else known
            self._forget_copies_of_zero(len(centers.zeros) > 0)
        else:
            self.bound = np.full(len(rows), np.inf, dtype=rows.sq.dtype)
            self._forget_copies_of_zero()
            self._take(self._first(-rows.sq_to_mean(), self.rank))

    @property
    def picked(self):
        """Positions of the rows picked so far, in order."""
        return self.order[: self.n_picked]

    def pick(self, n):
        """Pick until there are n rows."""
        with blas_threads(1):
            while self.n_picked < n:
                if self.bound.max() <= 0:
                    self._fill(n)
                else:
                    self._pick_from_block(n)

    def radius_sq(self):
        """Largest squared distance of a row not picked, outliers apart."""
        if self.n_picked == len(self.rows) or self.bound.max() <= 0:
            return 0.0
        top, _, _, i = self._farthest()
        return self.bound[top[i]]

    def _fill(self, n):
        """Take rows at distance 0 from a center, in random order."""
        rest = np.flatnonzero(self.bound >= 0)
        rest = rest[np.argsort(self.rank[rest])][: n - self.n_picked]
        for row in rest:
            self._take(row)

    def _pick_from_block(self, n):
        top, block, threshold, i = self._farthest()
        far, rank, sq = self.bound[top], self.rank[top], self.rows.sq[top]
        seen = self.n_picked
        while True:
            self._take(top[i])
            far[i] = -1
            if block is None or self.n_outliers or self.n_picked == n:
                break
            new = nearest_sq(block, sq, block[i : i + 1], sq[i : i + 1])
            np.minimum(far, new, out=far)
            seen = self.n_picked
            i = self._first(far, rank)
            # No row outside the block has ever been as far as the threshold.
            if far[i] < threshold:
                break
        self.bound[top] = far
        self.seen[top] = seen

    def _farthest(self):
        """The rows with the largest bounds, and which of them is to be picked next.

        Returns
        -------
        top : positions of rows that are up to date
        block : those rows, or None if they are too many to be held at once
        threshold : every row outside `top` is nearer than this
        i : the row to pick is ``top[i]``
        """
        n_left = len(self.rows) - self.n_picked
        skip = min(self.n_outliers, n_left - 1)
        size = min(max(self.rows.block_rows, skip + 1), n_left)
        while True:
            cut = len(self.rows) - size
            threshold = np.partition(self.bound, cut)[cut]
            top = np.flatnonzero(self.bound >= threshold)
            top = top[np.argsort(self.seen[top], kind="stable")]
            block = self._bring_up_to_date(top)
            i = self._first(self.bound[top], self.rank[top], skip)
            if self.bound[top[i]] >= threshold:
                return top, block, threshold, i

    def _bring_up_to_date(self, top):
        """Compare the rows `top`, the longest unseen first, to all picks."""
        rows = self.rows
        # Ties and outliers can make them many; then no block is kept.
        block = rows.take(top) if len(top) <= 2 * rows.block_rows else None
        seen = self.seen[top]
        for first in range(seen[0], self.n_picked, CENTERS):
            picks = self.order[first : min(first + CENTERS, self.n_picked)]
            centers, centers_sq = rows.take(picks), rows.sq[picks]
            n_stale = np.searchsorted(seen, first + len(picks))
            for start in range(0, n_stale, STALE_ROWS):
                part = slice(start, start + STALE_ROWS)
                at, old = top[part], max(0, seen[start] - first)
                some = rows.take(at) if block is None else block[part]
                sq = nearest_sq(some, rows.sq[at], centers[old:], centers_sq[old:])
                self.bound[at] = np.minimum(self.bound[at], sq)
        self.seen[top] = self.n_picked
        return block

    def _forget_copies_of_zero(self, labeled=False):
        """Rows without a direction are duplicates: only one of them counts.

        Otherwise they would be as far from each other as from the rows with a
        direction. The one that counts is the one that wins ties.
        """
        zeros = self.rows.zeros
        if len(zeros):
            copies = self.rank[zeros] > self.rank[zeros].min()
            self.bound[zeros[copies | labeled]] = 0

    def _take(self, row):
        self.order[self.n_picked] = row
        self.n_picked += 1
        self.bound[row] = -1

    @staticmethod
    def _first(values, rank, skip=0):
        """Where the largest value is, with `skip` larger ones skipped; ties by rank."""
        if skip:
            return np.lexsort((rank, -values))[skip]
        i = values.argmax()
        tied = np.flatnonzero(values == values[i])
        return i if len(tied) == 1 else tied[rank[tied].argmin()]
