"""Weights that span more orders of magnitude than a solution can follow."""

import warnings

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

# An edge that is a smaller share of the largest degree carries nothing that a solution
# with a residual of 1e-6 could tell from rounding: its parts are nearly cut off.
TOO_LIGHT = 1e-12


def heavy_parts(W, n_components=None):
    """Return the graph without edges that are too light, if that takes it apart.

    Parameters
    ----------
    W : CSR array of shape (n_nodes, n_nodes)
        Symmetric affinity.
    n_components : int or None, default=None
        Number of its connected components, if it is known.

    Returns
    -------
    heavy : CSR array of shape (n_nodes, n_nodes)
        ``W`` itself if it stays in as many components.
    parts : ndarray of int of shape (n_nodes,) or None
        The component of each node in ``heavy``; None if that is ``W``.
    """
    top = np.asarray(W.sum(axis=1)).max(initial=0)
    light = W.data < TOO_LIGHT * float(top)
    if not light.any():
        return W, None
    if n_components is None:
        n_components = connected_components(W, directed=False)[0]
    heavy = W.copy()
    heavy.data[light] = 0
    heavy.eliminate_zeros()
    n_parts, parts = connected_components(heavy, directed=False)
    return (heavy, parts) if n_parts > n_components else (W, None)


def warn_of_span(W, advice, n_lost=0, stacklevel=3):
    """Warn of a graph whose nodes hang on it by weights of too different sizes.

    Parameters
    ----------
    W : CSR array of shape (n_nodes, n_nodes)
        Symmetric affinity.
    advice : str
        What to do about it, a sentence.
    n_lost : int, default=0
        Nodes that have neighbors, but no weight above zero.
    stacklevel : int, default=3
        As of warnings.warn, counted from here.
    """
    parts = heavy_parts(W)[1]
    if parts is None and not n_lost:
        return
    found = []
    if parts is not None:
        n_off = len(parts) - np.bincount(parts).max()
        found.append(
            f"weights go from {W.data.min():.0e} to {W.data.max():.0e}, and {n_off} of "
            f"{len(parts)} nodes hang on the others by less than {TOO_LIGHT:.0e} of "
            "the largest degree"
        )
    if n_lost:
        found.append(f"{n_lost} nodes have no edge left, all weights being 0")
    warnings.warn(
        "The weights of the graph span too many orders of magnitude: "
        f"{'; '.join(found)}. Such nodes take after one neighbor, or are not reached. "
        f"{advice}",
        UserWarning,
        stacklevel=stacklevel,
    )


def joined_parts(W, u, parts, known):
    """Give parts that nothing has reached the mean of what holds them, in place.

    No current flows through so light edges, so that a part is all at one height. It
    takes after those it is held by most; two that hold each other most are one part.

    Parameters
    ----------
    W : CSR array of shape (n_nodes, n_nodes)
        Symmetric affinity, light edges included.
    u : ndarray of shape (n_nodes, n_classes)
        Heights.
    parts : ndarray of int of shape (n_nodes,)
        The part of each node.
    known : ndarray of bool of shape (n_parts,)
        Whether a part has heights of its own.
    """
    rows = np.repeat(np.arange(W.shape[0]), np.diff(W.indptr))
    columns, weights = W.indices, W.data.astype(np.float64)
    known = known.copy()
    while True:
        out = (parts[rows] != parts[columns]) & ~known[parts[rows]]
        if not out.any():
            return
        rows, columns, weights = rows[out], columns[out], weights[out]
        strongest = np.zeros(len(known))
        np.maximum.at(strongest, parts[rows], weights)
        heaviest = weights == strongest[parts[rows]]
        now = np.zeros(len(known), dtype=bool)
        now[parts[rows[heaviest & known[parts[columns]]]]] = True
        if now.any():
            edge = now[parts[rows]] & known[parts[columns]]
            part = parts[rows[edge]]
            share = weights[edge] / strongest[part]
            sums, total = np.zeros((len(known), u.shape[1])), np.bincount(part, share)
            np.add.at(sums, part, share[:, None] * u[columns[edge]])
            at = np.flatnonzero(now[parts])
            u[at] = sums[parts[at]] / total[parts[at], None]
            known |= now
        else:
            parts, known = _merged(parts, known, rows[heaviest], columns[heaviest])


def _merged(parts, known, rows, columns):
    """Make one part of those that these edges join."""
    ends = parts[rows], parts[columns]
    shape = len(known), len(known)
    joins = sparse.coo_array((np.ones(len(rows)), ends), shape=shape)
    n_parts, new = connected_components(joins, directed=False)
    merged = np.zeros(n_parts, dtype=bool)
    merged[new[known]] = True
    return new[parts], merged


def polished(S, seeds, Z, alpha):
    """Return a solution of spreading whose small entries are right as well.

    A solver stops when the residual of a column is small against its seeds. Where all
    seeds of a class hang by light edges, what reaches the others is smaller than that,
    and yet all there is of the class. The fixed iteration only adds, so that each
    entry is good to some share of itself.

    Parameters
    ----------
    S : CSR array of shape (n_nodes, n_nodes)
        Symmetrically normalized affinity.
    seeds : ndarray of shape (n_nodes, n_classes)
        Right-hand sides.
    Z : ndarray of shape (n_nodes, n_classes)
        The solution of a solver, without negative numbers.
    alpha : float
        How far labels flow.

    Returns
    -------
    Z : ndarray of float64 of shape (n_nodes, n_classes)
        Entries are good to about one in ten thousand.
    """
    S, seeds, Z = (part.astype(np.float64) for part in (S, seeds, Z))
    most = min(10_000, int(np.ceil(np.log(1e-6) / np.log(alpha))))
    for _ in range(most):
        new = S @ Z
        new *= alpha
        new += seeds
        done = np.all(np.abs(new - Z) <= 1e-4 * (1 - alpha) * new)
        Z = new
        if done:
            break
    return Z


def unit_rows(W):
    """Return rows times a power of two each, their largest entry from 1/2 to 1.

    No digit changes, and products of tiny weights do not vanish.
    """
    filled = np.flatnonzero(np.diff(W.indptr))
    tops = np.zeros(W.shape[0], dtype=W.dtype)
    if len(filled):
        tops[filled] = np.maximum.reduceat(W.data, W.indptr[filled])
    exponents = np.frexp(tops)[1]
    if not exponents.any():
        return W
    data = np.ldexp(W.data, np.repeat(-exponents, np.diff(W.indptr)))
    return sparse.csr_array((data, W.indices, W.indptr), shape=W.shape)


def narrowed(values, dtype):
    """Return numbers in this dtype, or as they are if they are beyond its range."""
    if values.dtype == dtype:
        return values
    limits = np.finfo(dtype)
    sizes = np.abs(values[values != 0])
    if len(sizes) and (sizes.max() > limits.max or sizes.min() < limits.tiny):
        return values
    return values.astype(dtype)
