"""Drawing by squared distance, in any space whose rows can tell their distances."""

from abc import ABC, abstractmethod

import numpy as np

from skactive.selection._distances import (
    CENTERS,
    THREADED_CENTERS,
    Rows,
    blas_threads,
    pairwise_sq,
)

# How many rows are proposed at once, at least and at most.
LEAST_TRIES, MOST_TRIES = 16, 256


class Space(ABC):
    """Rows that can tell their squared distances, a block at a time.

    `sq_length` is the squared distance of each row to the origin of the space, up to
    a constant: the longest row comes first where nothing is picked yet.
    """

    @abstractmethod
    def __len__(self):
        """How many rows."""

    @abstractmethod
    def blocks(self, at, of):
        """Yield slices of all rows, and squared distances to the rows `at` of `of`.

        The distances have shape (len(at), rows in the slice) and may be written into.
        Rows that coincide are at distance 0.
        """

    @abstractmethod
    def among(self, at):
        """Squared distances of the rows `at` to each other."""

    def nearest_sq(self, at=None, of=None):
        """Squared distance of each row to the nearest of the rows `at` of `of`."""
        return self.nearest(at, of, owners=False)[0]

    def nearest(self, at=None, of=None, *, owners=True):
        """Squared distance to the nearest of the rows `at` of `of`, and which it is."""
        of = self if of is None else of
        at = np.arange(len(of)) if at is None else np.asarray(at, dtype=np.intp)
        best = np.full(len(self), np.inf, dtype=self.dtype)
        owner = np.zeros(len(self), dtype=np.intp) if owners else None
        with blas_threads(1 if len(at) < THREADED_CENTERS else None):
            for start in range(0, len(at), CENTERS):
                for part, sq in self.blocks(at[start : start + CENTERS], of):
                    if not owners:
                        np.minimum(best[part], sq.min(axis=0), out=best[part])
                        continue
                    which = sq.argmin(axis=0)
                    new = sq[which, np.arange(sq.shape[1])]
                    nearer = new < best[part]
                    best[part][nearer] = new[nearer]
                    owner[part][nearer] = start + which[nearer]
        return best, owner


class Points(Space):
    """Rows of a matrix and their squared Euclidean distances."""

    def __init__(self, Z, *, like=None, name="Z"):
        self.rows = Rows(
            Z, "euclidean", like=None if like is None else like.rows, name=name
        )
        self.dtype = Z.dtype

    def __len__(self):
        return len(self.rows)

    @property
    def sq_length(self):
        """Squared distance to the mean row, up to a constant."""
        return self.rows.sq_to_mean()

    def blocks(self, at, of):
        rows = self.rows
        centers, centers_sq = of.rows.take(at), of.rows.sq[at]
        for part in rows.parts():
            yield (
                part,
                pairwise_sq(rows.take(part), rows.sq[part], centers, centers_sq),
            )

    def among(self, at):
        block, block_sq = self.rows.take(at), self.rows.sq[at]
        return pairwise_sq(block, block_sq, block, block_sq)


def draw_by_distance(space, n, picks, sq, rng):
    """Draw more rows, in proportion to the squared distance to those drawn.

    Many rows are proposed at a time from the distances `sq` as they are, and each is
    kept with the probability by which its distance has fallen since: as distances only
    fall, this has the distribution of one draw after the other, in far fewer passes.

    Parameters
    ----------
    space : Space
    n : how many there should be in the end, `picks` included
    picks : list of rows drawn already
    sq : squared distance of each row to the nearest drawn one (or labeled one); it is
        written into
    rng : RandomState

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        `picks` and the rows drawn after them, all distinct. Once all distances are 0,
        the rest are drawn uniformly.
    """
    picks = list(picks)
    sq[picks] = 0
    n_tries = LEAST_TRIES
    while len(picks) < n:
        if sq.max() <= 0:
            rest = np.setdiff1d(np.arange(len(space)), picks)
            return np.r_[picks, rng.permutation(rest)[: n - len(picks)]].astype(np.intp)
        new = _draw(space, sq, n_tries, rng)[: n - len(picks)]
        picks += new
        if len(picks) < n:
            np.minimum(sq, space.nearest_sq(new), out=sq)
            # No row is picked twice, whatever rounding makes of its distance to itself.
            sq[picks] = 0
        n_tries = 2 * n_tries if 2 * len(new) > n_tries else n_tries // 2
        n_tries = min(max(n_tries, LEAST_TRIES), MOST_TRIES)
    return np.array(picks, dtype=np.intp)


def _propose(sq, n_tries, rng):
    """Draw rows in proportion to their distances, with repetition."""
    mass = np.cumsum(sq, dtype=np.float64)
    # The product may round up to the total mass, beyond the last row that has any.
    tries = np.searchsorted(mass, rng.uniform(size=n_tries) * mass[-1], side="right")
    return np.minimum(tries, np.flatnonzero(sq)[-1])


def _draw(space, sq, n_tries, rng):
    """Draw some rows, at least one, as if `sq` were updated after each of them."""
    tries = _propose(sq, n_tries, rng)
    keep = rng.uniform(size=n_tries)
    between = space.among(tries)
    then = sq[tries]
    now, new = then.copy(), []
    for i, row in enumerate(tries):
        if keep[i] * then[i] < now[i]:
            new.append(row)
            np.minimum(now, between[i], out=now)
            now[tries == row] = 0
    return new


def draw_greedily(space, n, picks, sq, rng, n_tries):
    """Draw as `draw_by_distance`, each pick the best of some tries.

    Of `n_tries` rows drawn in proportion to their distances, the one is taken that
    leaves the smallest sum of distances. One product of the rows with the tries for
    each pick.
    """
    picks = list(picks)
    sq[picks] = 0
    while len(picks) < n:
        if sq.max() <= 0:
            return draw_by_distance(space, n, picks, sq, rng)
        tries = _propose(sq, n_tries, rng)
        left = np.empty((len(tries), len(space)), dtype=sq.dtype)
        for part, block in space.blocks(tries, space):
            np.minimum(block, sq[part], out=left[:, part])
        best = left.sum(axis=1, dtype=np.float64).argmin()
        picks.append(tries[best])
        sq[:] = left[best]
        sq[picks] = 0
    return np.array(picks, dtype=np.intp)
