"""The smallest eigenvalues of a graph and their vectors."""

from functools import partial
from inspect import signature

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
from sklearn.utils import check_random_state

from skactive.graph._normalize import normalize_affinity

# Up to this many nodes all eigenpairs cost less than a few by iteration.
DENSE_NODES = 400
# Before scipy 1.17, ARPACK continues from a random state of its own.
TAKES_RNG = "rng" in signature(eigsh).parameters
# Steps of a look at how the eigenvalues are spread, and by how many standard
# deviations of what it finds more are let through than are wanted.
LOOKS = 150
SURE = 3
# The value of the filter at the largest eigenvalue, where that takes no more products.
AMPLIFIED = 1e3
MOST_DEGREE = 100
# Vectors that an iteration holds, of each that is wanted, and how often it restarts
# from the best before the filter is given up.
KEPT = 1.5
RESTARTS = 100


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
    solver, O(n³) and 32 n² bytes; otherwise by Lanczos iteration with a Chebyshev
    filter [1]_: some 2 rank steps of O(n rank), each with 10 to 50 products of
    O(nnz), and 40 n rank bytes. Residuals ``‖(I - S) v - λ v‖`` are below 1e-9.

    References
    ----------
    .. [1] Y. Zhou and Y. Saad. "A Chebyshev-Davidson Algorithm for Large Symmetric
       Eigenproblems." SIAM Journal on Matrix Analysis and Applications 29 (2007):
       954-971.
    """
    n = W.shape[0]
    rank = min(rank, n)
    S = normalize_affinity(W.astype(np.float64), kind="symmetric")
    known = _component_vectors(W.astype(np.float64), rank)
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
    """Return the largest eigenvalues of S beside the known ones, and vectors.

    Lanczos iteration on a polynomial of S, by which what is not looked for lies between
    -1 and 1 and the rest far above: its steps are few, and few are what a step costs
    beyond its products with S, which is most.
    """
    n = S.shape[0]
    known_T = sparse.csr_array(known.T)
    rng = check_random_state(random_state)
    start = rng.standard_normal(n)
    # Where nodes are duplicates of each other, the iteration ends early and restarts
    # from a random vector of its own.
    seed = rng.randint(2**31)
    cut, top = _cut(S, known, known_T, n_more, rng)
    for degree, most in ((_degree(cut, top), RESTARTS), (1, None)):
        product = partial(_chebyshev, S, known, known_T, cut, degree)
        try:
            found, vectors = eigsh(
                LinearOperator((n, n), matvec=product, dtype=np.float64),
                k=n_more,
                which="LA",
                v0=start,
                ncv=min(n, int(KEPT * n_more) + 20),
                maxiter=most if degree > 1 else None,
                **({"rng": np.random.default_rng(seed)} if TAKES_RNG else {}),
            )
        except ArpackNoConvergence:
            if degree == 1:
                raise
            continue
        if degree == 1 or found.min() > 1:  # as many as are wanted are above the cut
            break
    return np.array([v @ (S @ v) for v in vectors.T]), vectors


def _cut(S, known, known_T, n_more, rng):
    """Return a number that some more than n_more eigenvalues exceed, and the largest.

    The weights of a quadrature say how many there are: on average each vector has the
    same share in a random one. -1 if that is not certain.
    """
    v = rng.standard_normal(S.shape[0])
    v -= known @ (known_T @ v)
    v /= linalg.norm(v)
    before, beta, diagonal, beside = np.zeros_like(v), 0.0, [], []
    for _ in range(LOOKS):
        w = S @ v - beta * before
        w -= known @ (known_T @ w)
        diagonal.append(w @ v)
        w -= diagonal[-1] * v
        beta = linalg.norm(w)
        if beta < 1e-10:
            break
        beside.append(beta)
        before, v = v, w / beta
    nodes, turned = linalg.eigh_tridiagonal(diagonal, beside[: len(diagonal) - 1])
    count = np.cumsum(S.shape[0] * turned[0, ::-1] ** 2)
    enough = np.searchsorted(count, n_more + SURE * np.sqrt(2 * n_more))
    # A quadrature may count one node too many.
    return nodes[::-1][enough + 1] if enough + 1 < len(nodes) else -1.0, nodes[-1]


def _degree(cut, top):
    """Return the degree at which the polynomial is AMPLIFIED at the largest value."""
    if not -1 < cut < top:
        return 1
    growth = np.arccosh(1 + 2 * (top - cut) / (cut + 1))
    return int(np.clip(np.arccosh(AMPLIFIED) / growth, 1, MOST_DEGREE))


def _chebyshev(S, known, known_T, cut, degree, v):
    """Return the polynomial of S that is at most 1 from -1 to cut, applied to v.

    Known vectors are sent to -1, the lower end of the spectrum of S, before.
    """
    if degree == 1:
        return S @ v - 2 * (known @ (known_T @ v))
    middle, half = (cut - 1) / 2, (cut + 1) / 2

    def scaled(v):
        w = S @ v
        w -= 2 * (known @ (known_T @ v))
        w -= middle * v
        w /= half
        return w

    before, now = v, scaled(v)
    for _ in range(degree - 1):
        w = scaled(now)
        w *= 2
        w -= before
        before, now = now, w
    return now


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
