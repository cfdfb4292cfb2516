"""Covariance of a Gaussian field on a graph, in its smoothest directions."""

from inspect import signature

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.utils import check_random_state

from skactive.graph._normalize import normalize_affinity

# Up to this many nodes all eigenpairs cost less than a few by iteration.
DENSE_NODES = 400
# Rows of vectors that are multiplied at once, some megabytes.
BLOCK_ROWS = 8192
# Before scipy 1.17, ARPACK continues from a random state of its own.
TAKES_RNG = "rng" in signature(eigsh).parameters
# Recompute when squared norms fell by this factor: differences have then lost digits.
STALE = 1e-3


def smallest_eigenpairs(W, rank, random_state=None):
    """Return the smallest eigenvalues of ``I - S`` and their eigenvectors.

    ``S`` is the symmetric normalization of an affinity. Each connected component with
    an edge has one eigenvalue 0, and its vector is known: square roots of degrees.
    Those are known, and only the others are searched for, as iterations do not reliably
    find a multiple eigenvalue as often as it occurs.

    Parameters
    ----------
    W : CSR matrix of shape (n, n)
        Symmetric affinity, not negative, diagonal zero.
    rank : int
        How many pairs; all n if there are no more.
    random_state : int, RandomState instance or None, default=None
        Where the iteration starts. The answer does not depend on it, except for signs
        and the choice of a basis where eigenvalues coincide.

    Returns
    -------
    eigenvalues : ndarray of float64 of shape (min(rank, n),)
        Between 0 and 2, ascending.
    vectors : ndarray of float64 of shape (n, min(rank, n))
        Orthonormal columns.

    Notes
    -----
    Of more components than `rank`, the largest are kept. A node without an edge has
    eigenvalue 1. Up to 400 nodes, or for a third of all pairs and more, by a dense
    solver, O(n³) and 32 n² bytes; otherwise by Lanczos iteration, O(nnz + n rank) per
    step and 40 n rank bytes.
    """
    n = W.shape[0]
    rank = min(rank, n)
    S = normalize_affinity(W.astype(np.float64), kind="symmetric")
    known = _component_vectors(W, rank)
    n_known, n_more = known.shape[1], rank - known.shape[1]
    parts = [known.toarray()]
    eigenvalues = np.zeros(rank)
    if n_more:
        if n <= DENSE_NODES or 3 * rank > n:
            # Known vectors are sent to -1, the lower end of the spectrum of S.
            deflated = S.toarray() - 2 * (known @ known.T).toarray()
            found, vectors = linalg.eigh(deflated, subset_by_index=[n - n_more, n - 1])
        else:
            found, vectors = _by_iteration(S, known, n_more, random_state)
        order = np.argsort(-found)
        eigenvalues[n_known:] = np.maximum(1 - found[order], 0)
        parts.append(vectors[:, order])
    return eigenvalues, np.hstack(parts)


def _by_iteration(S, known, n_more, random_state):
    n = S.shape[0]
    deflated = LinearOperator(
        (n, n), matvec=lambda v: S @ v - 2 * (known @ (known.T @ v)), dtype=np.float64
    )
    rng = check_random_state(random_state)
    start = rng.standard_normal(n)
    # Where nodes are duplicates of each other, the iteration ends early and restarts
    # from a random vector of its own.
    more = {"rng": np.random.default_rng(rng.randint(2**31))} if TAKES_RNG else {}
    return eigsh(deflated, k=n_more, which="LA", v0=start, **more)


def _component_vectors(W, rank):
    """Return a CSR matrix with one unit vector per component, largest first."""
    degree = np.asarray(W.sum(axis=1), dtype=np.float64).ravel()
    n_components, component = connected_components(W, directed=False)
    volume = np.bincount(component, degree, n_components)
    sizes = np.bincount(component, minlength=n_components)
    largest = np.argsort(-sizes, kind="stable")
    largest = largest[volume[largest] > 0][:rank]
    column = np.full(n_components, -1)
    column[largest] = np.arange(len(largest))
    rows = np.flatnonzero(column[component] >= 0)
    values = np.sqrt(degree[rows] / volume[component[rows]])
    place = (rows, column[component[rows]])
    return sparse.csr_array((values, place), shape=(W.shape[0], len(largest)))


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
