"""Spreading with alpha so near 1 that what is common to all nodes hides the rest."""

import numpy as np

from skactive.graph._solve import attainable, solve_columns

# Where 1 - alpha is smaller the common term is taken out: measured on digits, float32
# is right down to 1e-5 and wrong at 1e-6; float64 slips at 1e-10, is lost at 1e-12.
NEAR_ONE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 2e-10}
MAX_ITER = 10_000


def near_one(alpha, dtype):
    """Tell whether the common term must be solved for apart."""
    return 1 - alpha < NEAR_ONE[np.dtype(dtype)] * (1 - 1e-6)


def solve_apart(
    S, seeds, roots, components, alpha, rtol, max_iter, begin, solver, memory
):
    """Return Z and a report, the common term by its formula, the rest by iteration.

    Along the roots of the degrees of a component, ``(I - alpha S)^-1`` is a division
    by ``1 - alpha``, which multiplies what rounding does there. The seeds are freed of
    it before they are solved for, and it is added at the end.

    Parameters
    ----------
    S : CSR array of shape (n_nodes, n_nodes)
        Symmetrically normalized affinity, of float64.
    seeds : ndarray of shape (n_nodes, n_classes)
        Right-hand sides.
    roots : ndarray of shape (n_nodes,)
        Roots of the degrees.
    components : ndarray of int of shape (n_nodes,)
        The component of each node.
    alpha, rtol, max_iter, begin, solver, memory
        As of solve_columns; None for the first two is 1e-6 and 10,000.

    Returns
    -------
    Z : ndarray of float64 of shape (n_nodes, n_classes)
        The solution.
    report : SolverReport
        Of the rest.
    """
    roots = roots.astype(np.float64)
    volumes = np.bincount(components, roots**2)
    volumes[volumes == 0] = 1

    def along(Y):
        parts = np.zeros((len(volumes), Y.shape[1]))
        np.add.at(parts, components, roots[:, None] * Y)
        return roots[:, None] * (parts / volumes[:, None])[components]

    seeds = seeds.astype(np.float64)
    common = along(seeds)
    if begin is not None:
        begin = begin.astype(np.float64)
        begin -= along(begin)
    rest, report = solve_columns(
        S,
        seeds - common,
        alpha,
        attainable(rtol, np.float64, 0.5),
        MAX_ITER if max_iter is None else max_iter,
        begin,
        solver,
        memory,
    )
    rest -= along(rest)
    return rest + common / (1 - alpha), report
