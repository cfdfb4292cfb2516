"""Solve (I - alpha S) Z = B for many columns at once."""

import warnings
from numbers import Real
from typing import NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array

from skactive.graph._normalize import check_affinity

# Columns that share one pass over the graph: more do not fit in the cache.
MAX_COLUMNS = 32


class SolverReport(NamedTuple):
    """The outcome for each column."""

    n_iter: np.ndarray
    residuals: np.ndarray
    converged: np.ndarray


def solve_spreading(
    S,
    B,
    alpha=0.99,
    *,
    rtol=None,
    max_iter=None,
    Z0=None,
    solver="cg",
    memory_budget=2**27,
):
    """Solve ``(I - alpha S) Z = B`` for all columns of B at once.

    Parameters
    ----------
    S : CSR array of shape (n_nodes, n_nodes)
        Symmetrically normalized affinity: ``normalize_affinity(W)``. For
        ``solver="power"`` any matrix without negative numbers whose powers stay
        bounded, such as the random-walk normalization.
    B : array-like of shape (n_nodes, n_columns)
        Right-hand sides, such as the seeds of each class.
    alpha : float, default=0.99
        How far labels flow, above 0 and below 1.
    rtol : float or None, default=None
        A column is done when the norm of its residual is at most `rtol` times the
        norm of its right-hand side. None: 1e-6 in float64, 1e-5 in float32, where no
        less is tried for than rounding leaves, ``2.4e-8 (1 + alpha) / (1 - alpha)``.
        0: exactly `max_iter` iterations are done, without a test.
    max_iter : int or None, default=None
        Most iterations. None: one and a half times what theory allows.
    Z0 : array-like of shape (n_nodes, n_columns) or None, default=None
        Where to begin.
    solver : {"cg", "chebyshev", "power"}, default="cg"
        Conjugate gradients; the Chebyshev iteration, which is linear in B and gives
        the same bits however columns are grouped; or the fixed iteration ``Z <- alpha
        S Z + B`` from ``Z = B``.
    memory_budget : int, default=2**27
        Bytes that five copies of the columns in work may take; at least one column
        is worked on.

    Returns
    -------
    Z : ndarray of shape (n_nodes, n_columns)
        Of float32 if S is, of float64 otherwise.
    report : tuple
        Named fields `n_iter` and `residuals` (relative norms, recomputed from Z) and
        `converged`, each an array of shape (n_columns,).

    Raises
    ------
    ValueError
        If alpha is not between 0 and 1, or shapes do not fit.

    Warns
    -----
    ConvergenceWarning
        If a column did not reach `rtol`; the message has the largest residual.

    Notes
    -----
    ``I - alpha S`` is symmetric and positive definite with eigenvalues from ``1 -
    alpha`` to ``1 + alpha`` whatever the graph: the number of iterations does not grow
    with it. Conjugate gradients need at most 121 iterations at alpha = 0.99 for a
    residual of 1e-6, less where the graph has clusters; "chebyshev" needs 103 and the
    fixed iteration 1375. An iteration costs O(n_edges * n_columns). Stopped after t
    iterations, nodes more than t - 1 edges away from a seed are still exactly zero.

    References
    ----------
    .. [1] D. Zhou, O. Bousquet, T. N. Lal, J. Weston and B. Schölkopf. "Learning with
       Local and Global Consistency." NIPS 2003.

    Examples
    --------
    >>> from skactive.graph import normalize_affinity, solve_spreading
    >>> S = normalize_affinity([[0.0, 1.0], [1.0, 0.0]])
    >>> Z, report = solve_spreading(S, [[1.0], [0.0]], alpha=0.5)
    >>> Z.round(4).ravel(), bool(report.converged.all())
    (array([1.3333, 0.6667]), True)
    """
    if solver not in SOLVERS:
        raise ValueError(f"solver must be one of {tuple(SOLVERS)}, got {solver!r}.")
    check_alpha(alpha)
    S = check_affinity(S, symmetric=solver != "power")
    B = check_array(B, dtype=S.dtype, input_name="B")
    if B.shape[0] != S.shape[0]:
        raise ValueError(
            f"B has {B.shape[0]} rows, but there are {S.shape[0]} nodes: one row for "
            "each node."
        )
    if Z0 is not None:
        Z0 = check_array(Z0, dtype=S.dtype, input_name="Z0")
        if Z0.shape != B.shape:
            raise ValueError(f"Z0 must have the shape of B, {B.shape}; got {Z0.shape}.")
    rtol = attainable(rtol, S.dtype, alpha)
    if max_iter is None:
        max_iter = iteration_limit(alpha, rtol, solver)
    return solve_columns(S, B, alpha, rtol, max_iter, Z0, solver, memory_budget)


def check_alpha(alpha):
    """Refuse an alpha for which there is no solution."""
    if not isinstance(alpha, Real) or not 0 < alpha < 1:
        raise ValueError(
            f"alpha must be above 0 and below 1, got {alpha!r}. Near 1 labels flow far."
        )


def attainable(rtol, dtype, alpha):
    """Return the tolerance to stop at: no smaller than rounding leaves."""
    single = dtype == np.float32
    if rtol is None:
        rtol = 1e-5 if single else 1e-6
    if not isinstance(rtol, Real) or rtol < 0:
        raise ValueError(f"rtol must be a number, at least 0; got {rtol!r}.")
    if rtol == 0:
        return 0.0
    eps = np.finfo(dtype).eps
    return max(float(rtol), 0.2 * eps * (1 + alpha) / (1 - alpha))


def iteration_limit(alpha, rtol, solver):
    """Return one and a half times the number of iterations theory asks for."""
    if rtol == 0:
        raise ValueError("rtol=0 asks for exactly max_iter iterations: pass max_iter.")
    if solver == "power":
        bound = np.log(rtol) / np.log(alpha)
    else:
        root = np.sqrt((1 + alpha) / (1 - alpha))
        # What conjugate gradients bound is an error in a norm of their own; residuals
        # may be larger by the root of the condition number.
        grown = root if solver == "cg" else 1
        bound = np.log(2 * grown / rtol) / -np.log((root - 1) / (root + 1))
    return max(1, int(np.ceil(1.5 * bound)))


def solve_columns(S, B, alpha, rtol, max_iter, Z0, solver, memory_budget):
    """Solve in groups of columns; alpha may be 1 where S has no eigenvalue 1."""
    n, n_columns = B.shape
    width = int(memory_budget / (5 * max(n, 1) * B.itemsize))
    width = min(max(width, 1), MAX_COLUMNS)
    Z = np.empty_like(B, order="C")
    n_iter = np.zeros(n_columns, dtype=np.intp)
    residuals = np.zeros(n_columns)
    for start in range(0, n_columns, width):
        part = slice(start, start + width)
        begin = None if Z0 is None else Z0[:, part]
        Z[:, part], n_iter[part], residuals[part] = _solve_group(
            S, np.ascontiguousarray(B[:, part]), alpha, rtol, max_iter, begin, solver
        )
    converged = residuals <= rtol
    if rtol > 0 and not converged.all():
        warnings.warn(
            f"{np.sum(~converged)} of {n_columns} columns did not converge in "
            f"{max_iter} iterations: the largest relative residual is "
            f"{residuals.max():.1e}, wanted was {rtol:.1e}. Raise max_iter or rtol, "
            "or lower alpha.",
            ConvergenceWarning,
            stacklevel=3,
        )
    return Z, SolverReport(n_iter, residuals, converged)


def _solve_group(S, B, alpha, rtol, max_iter, Z0, solver):
    norms = np.sqrt(dots(B, B))
    targets = rtol * norms
    n_iter = np.zeros(B.shape[1], dtype=np.intp)
    if Z0 is None:
        Z = B.copy() if solver == "power" else np.zeros_like(B)
    else:
        Z = np.array(Z0, order="C")
    # The residual that is updated shrinks below the true one in the end; then the
    # columns restart from where they are.
    for _ in range(4):
        R = B - _apply(S, Z, alpha) if Z.any() else B.copy()
        residuals = np.sqrt(dots(R, R))
        columns = np.flatnonzero((residuals > targets) & (n_iter < max_iter))
        if not len(columns):
            break
        left = max_iter - int(n_iter[columns].min())
        SOLVERS[solver](S, alpha, R, Z, columns, targets, left, n_iter)
    else:
        R = B - _apply(S, Z, alpha)
        residuals = np.sqrt(dots(R, R))
    relative = np.divide(residuals, norms, out=np.zeros_like(norms), where=norms > 0)
    Z[:, norms == 0] = 0
    return Z, n_iter, relative


def _apply(S, Z, alpha):
    Q = S @ Z
    Q *= -alpha
    Q += Z
    return Q


def dots(A, B):
    """Return the dot products of the columns, long sums in float64."""
    n, rows = len(A), 1024
    whole = n - n % rows
    shape = (-1, rows, A.shape[1])
    parts = np.einsum("bij,bij->bj", A[:whole].reshape(shape), B[:whole].reshape(shape))
    rest = np.einsum("ij,ij->j", A[whole:], B[whole:])
    return parts.sum(axis=0, dtype=np.float64) + rest


def _conjugate_gradients(S, alpha, R, Z, columns, targets, max_iter, n_iter):
    """Add to the columns of Z, in place, what their residuals R ask for."""
    R, X = R[:, columns], np.zeros((len(Z), len(columns)), dtype=Z.dtype)
    P, rs = R.copy(), dots(R, R)
    live = np.ones(len(columns), dtype=bool)
    for _ in range(max_iter):
        Q = _apply(S, P, alpha)
        step = _ratio(rs, dots(P, Q), live).astype(Z.dtype)
        X += P * step
        Q *= step
        R -= Q
        n_iter[columns[live]] += 1
        old, rs = rs, dots(R, R)
        live &= np.sqrt(rs) > targets[columns]
        if 2 * live.sum() <= len(live):
            # Columns that are done leave the block, so that they cost nothing more.
            done = ~live
            Z[:, columns[done]] += X[:, done]
            columns, X, R, P = columns[live], X[:, live], R[:, live], P[:, live]
            rs, old, live = rs[live], old[live], live[live]
            if not len(columns):
                return
        P *= _ratio(rs, old, live).astype(Z.dtype)
        P += R
    Z[:, columns] += X


def _ratio(a, b, live):
    """Return a / b where there is work left, 0 elsewhere."""
    return np.divide(a, b, out=np.zeros_like(a), where=live & (b > 0))


def _chebyshev(S, alpha, R, Z, columns, targets, max_iter, n_iter):
    """The same by the Chebyshev iteration on [1 - alpha, 1 + alpha]."""
    if len(columns) < R.shape[1]:
        R = np.ascontiguousarray(R[:, columns])
    X = np.zeros_like(R)
    D, sigma, rho = R.copy(), 1 / alpha, alpha
    live = np.ones(len(columns), dtype=bool)
    for _ in range(max_iter):
        # A column that is done stands still, so that its bits do not depend on others.
        X += D * live
        R -= _apply(S, D, alpha) * live
        n_iter[columns[live]] += 1
        live &= np.sqrt(dots(R, R)) > targets[columns]
        if not live.any():
            break
        new = 1 / (2 * sigma - rho)
        D *= new * rho
        D += (2 * new / alpha) * R
        rho = new
    Z[:, columns] += X


def _power(S, alpha, R, Z, columns, targets, max_iter, n_iter):
    """The same by the fixed iteration: Z grows by its residual."""
    R = np.ascontiguousarray(R[:, columns])
    X = np.zeros_like(R)
    live = np.ones(len(columns), dtype=bool)
    for _ in range(max_iter):
        X += R * live
        n_iter[columns[live]] += 1
        R = S @ R
        R *= alpha
        live &= np.sqrt(dots(R, R)) > targets[columns]
        if not live.any():
            break
    Z[:, columns] += X


SOLVERS = {"cg": _conjugate_gradients, "chebyshev": _chebyshev, "power": _power}
