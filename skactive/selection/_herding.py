"""Herding: rows that resemble as much as possible of the rest, each something new."""

from numbers import Integral, Real

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state

from skactive.selection._balls import scaled_rows
from skactive.selection._checks import check_n, check_rows, check_same_space
from skactive.selection._distances import (
    CENTERS,
    DOUBT,
    _by_difference,
    blas_threads,
    nearest_sq_all,
)

# Gains that differ by less than this many rounding units of the whole are equal.
TIE = 16
# The radius is small if its square is below this multiple of a doubtful one.
STEEP = 1000


def _rbf(t):
    return np.exp(np.negative(t, out=t), out=t)


def _laplace(t):
    np.sqrt(t, out=t)
    return _rbf(t)


def _cauchy(t):
    t += 1
    return np.reciprocal(t, out=t)


def _top_hat(t):
    return np.less_equal(t, 1).astype(t.dtype)


#: Similarity as a function of ``(distance / radius) ** 2``, computed in place.
KERNELS = {"rbf": _rbf, "laplace": _laplace, "cauchy": _cauchy, "top_hat": _top_hat}


class Herding:
    """Gains of all rows, kept up to date while rows are picked.

    The gain of row i is ``sum_j w_j max(k_ij - best_j, 0)`` over the reference rows j,
    ``best_j`` being the similarity of j to the nearest row labeled or picked. A pick p
    changes only the terms of those j that are more like p than like any before, its
    Voronoi cell; from each gain the change of these terms is subtracted. The cells of
    b picks hold about ``n_reference * (1 + 1/2 + ... + 1/b)`` rows, so b picks cost a
    few passes instead of b.
    """

    def __init__(self, rows, reference, weights, kernel, radius, centers, rank):
        self.rows, self.reference, self.weights = rows, reference, weights
        self.kernel, self.sq_radius = KERNELS[kernel], radius**2
        self.rank = rank
        # Squared distances below this have lost too many digits. It matters where
        # similarity falls steeply over such distances.
        eps = np.finfo(rows.sq.dtype).eps
        self.doubt = 2 * DOUBT * eps * rows.sq.max()
        self.exact = kernel == "laplace" or self.sq_radius < STEEP * self.doubt
        self.best = np.zeros(len(reference), dtype=rows.sq.dtype)
        if centers is not None:
            self.best = self.kernel(
                nearest_sq_all(reference, centers) / self.best.dtype.type(radius**2)
            )
        with blas_threads(None):
            self.gains = self._gains(np.flatnonzero(weights > 0), np.inf)
        self.tie = TIE * eps * weights.sum(dtype=np.float64)

    def pick(self, n):
        """Return n distinct rows and what each of them gained."""
        picks, gained = np.empty(n, dtype=np.intp), np.empty(n)
        for k in range(n):
            ties = np.flatnonzero(self.gains >= self.gains.max() - self.tie)
            pick = ties[np.argmin(self.rank[ties])]
            picks[k], gained[k] = pick, max(self.gains[pick], 0)
            self.gains[pick] = -np.inf
            if k + 1 < n:
                self._cover(pick)
        return picks, gained

    def _cover(self, pick):
        """Bring `best` and the gains up to date after a pick."""
        one = slice(pick, pick + 1)
        center = self.rows.take(one)
        like = np.empty_like(self.best)
        for part in self.reference.parts():
            like[part] = self._similarities(
                self.reference, part, center, self.rows.sq[one]
            )[0]
        cell = np.flatnonzero((like > self.best) & (self.weights > 0))
        if len(cell):
            self.gains -= self._gains(cell, like[cell])
        np.maximum(self.best, like, out=self.best)

    def _gains(self, at, upper):
        """Gains over the reference rows `at`, similarities counted up to `upper`."""
        rows, reference = self.rows, self.reference
        upper = np.broadcast_to(np.asarray(upper, dtype=self.best.dtype), len(at))
        gains = np.zeros(len(rows))
        # Held in slices, so that all reference rows are never held at once.
        for start in range(0, len(at), 8 * CENTERS):
            some = at[start : start + 8 * CENTERS]
            centers, centers_sq = reference.take(some), reference.sq[some]
            low, high = self.best[some, None], upper[start : start + len(some), None]
            w = self.weights[some]
            for part in rows.parts():
                for i in range(0, len(some), CENTERS):
                    s = slice(i, i + CENTERS)
                    K = self._similarities(rows, part, centers[s], centers_sq[s])
                    np.clip(K, low[s], high[s], out=K)
                    K -= low[s]
                    gains[part] += w[s] @ K
        return gains

    def _similarities(self, rows, part, centers, centers_sq):
        """Kernel between `centers` and a slice of rows, (n_centers, n_rows)."""
        # Products are scaled after they are made: a block need not be copied for it.
        block = rows.take(part) if rows.scale is None else rows.Z[part]
        G = centers @ block.T
        G = G.toarray() if sparse.issparse(G) else G
        if rows.scale is None:
            G *= -2
        else:
            G *= -2 * rows.scale[part]
        G += rows.sq[part]
        G += centers_sq[:, None]
        if self.exact:
            self._compute_anew(G, rows, part, centers)
        np.maximum(G, 0, out=G)
        G *= G.dtype.type(1 / self.sq_radius)
        return self.kernel(G)

    def _compute_anew(self, sq, rows, part, centers):
        """Replace the squared distances of rows that (nearly) coincide."""
        near = np.flatnonzero(sq.min(axis=0) <= self.doubt)
        if len(near):
            i, j = np.nonzero(sq[:, near] <= self.doubt)
            block = rows.take(part.start + near)
            sq[i, near[j]] = _by_difference(block, j, centers, i)


def max_herding(
    Z,
    n,
    *,
    Z_labeled=None,
    weights=None,
    kernel="rbf",
    radius=1.0,
    normalize=True,
    n_reference=5000,
    random_state=None,
    return_gains=False,
):
    """Pick rows that together resemble as much as possible of all rows.

    Greedy for the generalized coverage [1]_: the mean over all rows of their similarity
    to the nearest row labeled or picked, weighted if wanted [2]_.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Rows to pick from.
    n : int
        How many, between 1 and `n_rows`.
    Z_labeled : {ndarray, CSR} of shape (n_labeled, n_features) or None, default=None
        Rows whose surroundings are covered already.
    weights : array-like of shape (n_rows,) or None, default=None
        How much it is worth to cover each row, 0 or more. None, or all zero: all alike.
    kernel : {"rbf", "laplace", "cauchy", "top_hat"}, default="rbf"
        Similarity of rows at distance r: ``exp(-(r/radius)**2)``, ``exp(-r/radius)``,
        ``1 / (1 + (r/radius)**2)``, or 1 up to the radius and 0 beyond.
    radius : float, default=1.0
        Distance at which rows stop being similar.
    normalize : bool, default=True
        Whether to scale each row to length one, so that distances are between 0 and
        2. A row of zeros stays as it is, at distance 1 from all others.
    n_reference : int or None, default=5000
        In a larger pool, the mean is taken over this many rows, drawn at random. None:
        over all rows.
    random_state : int, RandomState instance or None, default=None
        Draws the reference and decides among equal gains.
    return_gains : bool, default=False
        Whether to return the gain of each pick too.

    Returns
    -------
    positions : ndarray of shape (n,), dtype=intp
        Distinct rows of `Z` in the order picked. Once nothing is gained, the rest
        follow in random order.
    gains : ndarray of shape (n,)
        By how much each pick raised the coverage. Only if `return_gains`.

    Raises
    ------
    ValueError
        If a parameter is out of range, a row is not finite, or widths or lengths
        differ.

    Notes
    -----
    Exact over the reference: a pick changes only the terms of the rows it is nearest
    to, and only these are computed again. About ``1 + log(n)`` passes of
    ``2 * n_rows * n_reference * n_features`` operations in all, where the plain form
    needs `n`. Memory: ``n_reference`` rows, and blocks of some megabytes; no matrix of
    similarities is kept. Gains are differences of sums in the precision of `Z`:
    in float32, gains that differ by less than about 2e-6 of the whole are ties.

    References
    ----------
    .. [1] W. Bae, J. Noh and D. J. Sutherland. "Generalized Coverage for More Robust
       Low-Budget Active Learning." ECCV 2024. arXiv:2407.12212.
    .. [2] W. Bae, G. L. Oliveira and D. J. Sutherland. "Uncertainty Herding: One Active
       Learning Method for All Label Budgets." ICLR 2025. arXiv:2412.20644.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.selection import max_herding
    >>> Z = np.array([[0.0], [1.0], [2.0], [5.0]])
    >>> positions, gains = max_herding(Z, 2, normalize=False, return_gains=True)
    >>> positions, gains.round(4)
    (array([1, 3]), array([0.4339, 0.25  ]))
    """
    Z = check_rows(Z)
    n = check_n(n, Z.shape[0])
    check_herding(kernel, radius, n_reference)
    weights = _check_weights(weights, Z.shape[0])
    rng = check_random_state(random_state)
    rank = rng.permutation(Z.shape[0])

    rows, centers = scaled_rows(Z, normalize), None
    Z_labeled = check_same_space(Z_labeled, Z)
    if Z_labeled is not None:
        centers = scaled_rows(Z_labeled, normalize, like=rows, name="Z_labeled")
    reference = rows
    if n_reference is not None and n_reference < len(rows):
        drawn = np.sort(rng.choice(len(rows), n_reference, replace=False))
        reference = scaled_rows(Z[drawn], normalize, like=rows)
        weights = weights[drawn]
    if not weights.any():
        weights = np.ones(len(weights))
    weights = (weights / len(weights)).astype(Z.dtype)
    herding = Herding(rows, reference, weights, kernel, float(radius), centers, rank)
    positions, gains = herding.pick(n)
    return (positions, gains) if return_gains else positions


def check_herding(kernel, radius, n_reference):
    """Refuse settings that mean nothing."""
    if kernel not in KERNELS:
        raise ValueError(f"kernel must be one of {tuple(KERNELS)}, got {kernel!r}.")
    if not isinstance(radius, Real) or not 0 < radius < np.inf:
        raise ValueError(f"radius must be a number above 0, got {radius!r}.")
    if n_reference is None:
        return
    whole = isinstance(n_reference, Integral) and not isinstance(n_reference, bool)
    if not whole or n_reference < 1:
        raise ValueError(
            f"n_reference must be 1 or more, or None for all rows; got {n_reference!r}."
        )


def _check_weights(weights, n_rows):
    if weights is None:
        return np.ones(n_rows)
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (n_rows,):
        raise ValueError(
            f"weights must hold one number for each of the {n_rows} rows, got shape "
            f"{weights.shape}."
        )
    bad = np.flatnonzero(~(weights >= 0) | np.isinf(weights))
    if len(bad):
        raise ValueError(
            f"weights must be finite and not negative; weights[{bad[0]}] is "
            f"{weights[bad[0]]}."
        )
    return weights
