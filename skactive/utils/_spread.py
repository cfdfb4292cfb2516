"""Posterior covariance of a pool, and what it is once a label more is known."""

import numpy as np
from scipy.linalg.blas import dger

#: Scores that differ by a smaller share than this differ by rounding, and tie.
TIES = 1e-10

#: Labels for which there is room at once.
ROOM = 64


class Deviations:
    """The covariance ``Z @ Z.T`` of the values at the samples of a pool.

    Parameters
    ----------
    Z : ndarray of shape (n_samples, K)
        Such as the deviations of K members from their mean, over the root of K.
    noise : float
        Variance of the error of one label, at least 0.

    Attributes
    ----------
    variance : ndarray of float64 of shape (n_samples,)
        What is uncertain now: the diagonal.

    Notes
    -----
    A column and a label cost O(n K). ``Z`` is kept as a copy in double precision.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._spread import Deviations
    >>> spread = Deviations(np.array([[1.0, 0.0], [1.0, 1.0]]), noise=1.0)
    >>> e = spread.learn(0)
    >>> spread.variance
    array([0.5, 1.5])
    """

    def __init__(self, Z, noise):
        self.Z = np.array(Z, dtype=np.float64, order="C")
        self.noise = float(noise)
        self.variance = np.einsum("ij,ij->i", self.Z, self.Z)

    def covariance(self, others):
        """Return the columns of the covariance at some positions."""
        return self.Z @ self.Z[others].T

    def learn(self, i):
        """Take the label of sample i for known; return by what it changed the rest.

        Returns
        -------
        e : ndarray of shape (n_samples,)
            The covariance is less by ``outer(e, e)`` than it was.
        """
        z = self.Z[i].copy()
        sq = z @ z
        if sq == 0:
            return np.zeros(len(self.Z))
        column = self.Z @ z
        # Z times the root of 1 - z z' / (z'z + noise), which is of rank one as well.
        shrink = (1 - np.sqrt(self.noise / (sq + self.noise))) / sq
        self.Z = less_outer(self.Z, shrink * column, z)
        self.variance = np.einsum("ij,ij->i", self.Z, self.Z)
        return column / np.sqrt(sq + self.noise)


class KernelDeviations:
    """The covariance ``kernel - V.T @ V`` of a pool, of which columns are made.

    Parameters
    ----------
    between : callable
        ``between(others)`` returns the prior covariance of all samples with those at
        some positions, a new array of shape (n_samples, len(others)).
    variance : ndarray of shape (n_samples,)
        The prior variance.
    V : ndarray of shape (n_labeled, n_samples)
        What labels are known to take away.
    noise : float
        Variance of the error of one label, at least 0.

    Attributes
    ----------
    variance : ndarray of float64 of shape (n_samples,)
        What is uncertain now.

    Notes
    -----
    A column costs one of the kernel and O(n n_labeled). The matrix of the pool is
    never made.
    """

    def __init__(self, between, variance, V, noise):
        self._between, self.noise = between, float(noise)
        self._V, self._n_known = V, len(V)
        left = variance - np.einsum("ij,ij->j", V, V)
        self.variance = np.maximum(left, 0)

    def covariance(self, others):
        """Return the columns of the covariance at some positions."""
        V = self._V[: self._n_known]
        columns = self._between(others)
        columns -= V.T @ V[:, others]
        return columns

    def learn(self, i):
        """Take the label of sample i for known; return by what it changed the rest."""
        whole = self.variance[i] + self.noise
        if whole <= 0:
            return np.zeros(len(self.variance))
        e = self.covariance([i])[:, 0] / np.sqrt(whole)
        if self._n_known == len(self._V):
            self._V = np.concatenate([self._V, np.empty((ROOM, len(e)))])
        self._V[self._n_known] = e
        self._n_known += 1
        self.variance = np.maximum(self.variance - e * e, 0)
        return e


def less_outer(A, u, v):
    """Return ``A - outer(u, v)``, in place where the rows of A lie one by one.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._spread import less_outer
    >>> less_outer(np.ones((2, 2)), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([[ 0.,  1.],
           [-1.,  1.]])
    """
    return dger(-1.0, v, u, a=A.T, overwrite_a=True).T


def greedy_batch(scores, learn, n, *, allowed, held=(), random_state):
    """Return positions, each the best once those before it count as labeled.

    Parameters
    ----------
    scores : callable
        Returns how much each sample is wanted now, shape (n_samples,).
    learn : callable
        ``learn(i)`` takes the label of sample i for known.
    n : int
        How many, at most as many as are allowed.
    allowed : ndarray of bool of shape (n_samples,)
        Which may be asked for.
    held : ndarray of int, default=()
        Positions that count as labeled from the start.
    random_state : RandomState
        Puts samples in the order in which they win ties.

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Distinct, best first; the first m of them are the answer to m.
    """
    for i in held:
        learn(i)
    rank = random_state.permutation(len(allowed))
    left, picks = allowed.copy(), []
    while len(picks) < n:
        worth = np.where(left, scores(), -np.inf)
        best = worth.max()
        tied = np.flatnonzero(left & (worth >= best - TIES * abs(best)))
        pick = tied[np.argmin(rank[tied])]
        picks.append(pick)
        left[pick] = False
        if len(picks) < n:
            learn(pick)
    return np.array(picks, dtype=np.intp)
