"""Covariance of a Gaussian field on a graph, in its smoothest directions."""

import numpy as np
from scipy import linalg

# Rows of vectors that are multiplied at once, some megabytes.
BLOCK_ROWS = 8192
# Recompute when squared norms fell by this factor: differences have then lost digits.
STALE = 1e-3


class GaussianField:
    """A Gaussian field on the nodes of a graph, some of them observed with noise.

    The prior covariance is ``(I - S + tau² I)^-1``, restricted to the span of given
    eigenvectors of ``I - S``. Observing a node changes it, whatever the observation.

    Parameters
    ----------
    eigenvalues : ndarray of shape (rank,)
        Eigenvalues of ``I - S``.
    vectors : ndarray of shape (n, rank)
        Orthonormal eigenvectors.
    labeled : ndarray of int of shape (n_labeled,), default=()
        Observed nodes.
    tau : float
        Square root of what is added to each eigenvalue.
    gamma : float
        Standard deviation of the noise of an observation.

    Attributes
    ----------
    precision : ndarray of shape (rank, rank)
        Inverse of the covariance in the coordinates of `vectors`.
    """

    def __init__(self, eigenvalues, vectors, labeled=(), *, tau, gamma):
        self.vectors = vectors
        self.labeled = np.asarray(labeled, dtype=np.intp)
        self.gamma = gamma
        observed = vectors[self.labeled]
        self.precision = (
            np.diag(eigenvalues + tau**2) + observed.T @ observed / gamma**2
        )

    def mean(self, Y):
        """Return the posterior mean given what was observed.

        Parameters
        ----------
        Y : ndarray of shape (n_labeled, n_classes)
            Observations of the labeled nodes.

        Returns
        -------
        mean : ndarray of shape (n, n_classes)
            One row per node.
        """
        seen = self.vectors[self.labeled].T @ Y / self.gamma**2
        return self.vectors @ linalg.solve(self.precision, seen, assume_a="pos")

    def columns(self, nodes):
        """Return the :class:`Columns` of the covariance that belong to some nodes.

        Parameters
        ----------
        nodes : ndarray of int or slice
            Candidates for a label.

        Returns
        -------
        columns : Columns
            May be changed; the field does not change with them.
        """
        return Columns(
            self.vectors[nodes],
            self.precision.copy(),
            self.vectors.sum(axis=0),
            self.gamma,
        )


class Columns:
    """Variance, squared norm and sum of columns of a covariance, label by label.

    Column k is ``V C V_k`` with orthonormal V. Its norm is that of ``C V_k``; its sum
    is the product of ``C V_k`` with the column sums of V, not with ones: eigenvectors
    have no sign of their own.

    Parameters
    ----------
    rows : ndarray of shape (n_candidates, rank)
        Rows of V that belong to the candidates. Not written to.
    precision : ndarray of shape (rank, rank)
        Inverse of C. Written to.
    totals : ndarray of shape (rank,)
        Column sums of V, over all nodes.
    gamma : float
        Standard deviation of the noise of a label.

    Attributes
    ----------
    variance : ndarray of shape (n_candidates,)
        Diagonal entry of each column.
    sq_norm : ndarray of shape (n_candidates,)
        Squared norm of each column, over all nodes.
    total : ndarray of shape (n_candidates,)
        Sum of each column, over all nodes.
    """

    def __init__(self, rows, precision, totals, gamma):
        self.rows = rows
        self.precision = precision
        self.totals = totals
        self.gamma = gamma
        self._compute()

    @property
    def noisy_variance(self):
        """Variance of what a label of each candidate would say."""
        return self.gamma**2 + self.variance

    def label(self, k):
        """Observe candidate k: one rank-one update of everything.

        Parameters
        ----------
        k : int
            Position among the candidates.

        Notes
        -----
        O(n_candidates rank + rank²): two products of the rows with a vector.
        """
        row = self.rows[k]
        c = self.middle @ row
        noisy = self.gamma**2 + row @ c
        covariance, product = (self.rows @ np.column_stack([c, self.middle @ c])).T
        share = covariance / noisy
        self.variance -= share * covariance
        self.sq_norm += share * (share * (c @ c) - 2 * product)
        self.total -= share * (self.totals @ c)
        self.middle -= np.outer(c, c / noisy)
        self.precision += np.outer(row, row) / self.gamma**2
        if self.sq_norm.max() < STALE * self._scale:
            self._compute()

    def _compute(self):
        identity = np.eye(len(self.precision))
        self.middle = linalg.solve(self.precision, identity, assume_a="pos")
        n = len(self.rows)
        self.variance, self.sq_norm = np.empty(n), np.empty(n)
        for start in range(0, n, BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            product = self.rows[part] @ self.middle
            self.variance[part] = np.einsum("ij,ij->i", product, self.rows[part])
            self.sq_norm[part] = np.einsum("ij,ij->i", product, product)
        self.total = self.rows @ (self.middle @ self.totals)
        self._scale = self.sq_norm.max(initial=0)
