"""From what a node is worth to each class to distributions that say the same."""

import numpy as np
from scipy import sparse

# Potentials are compared to the lowest one, unless it is so many times the usual one
# that what is usual would be lost in rounding.
UNUSUAL = 1e6


def shares_of_potentials(u, usual):
    """Return ``1 / n_classes + u / (n_classes K)``, in the order of u in each row.

    Parameters
    ----------
    u : ndarray of shape (n_nodes, n_classes)
        Potentials; rows have a sum of about zero.
    usual : ndarray of bool of shape (n_nodes,)
        Rows that say what is usual.

    Returns
    -------
    shares : ndarray of shape (n_nodes, n_classes)
        Not negative. K is minus the least potential, but at most a million times what
        is usual; a row with less has its own K.
    """
    n_classes = u.shape[1]
    lows = np.maximum(-u.min(axis=1, initial=0), 0)
    K = lows.max(initial=0)
    if K == 0:
        return np.full_like(u, 1 / n_classes)
    seen = lows[usual & (lows > 0)]
    if len(seen):
        K = min(K, UNUSUAL * np.median(seen))
    scale = np.maximum(lows, K).astype(u.dtype)[:, None]
    shares = u / scale if np.any(lows > K) else u / (n_classes * scale)
    if np.any(lows > K):
        shares /= n_classes
    shares += 1 / n_classes
    np.maximum(shares, 0, out=shares)
    return led_by(shares, u.argmax(axis=1))


def led_by(shares, winners):
    """Lift, in place, winners that rounding has put level with another class."""
    rows = np.flatnonzero(shares.argmax(axis=1) != winners)
    if len(rows):
        top = shares[rows].max(axis=1)
        shares[rows, winners[rows]] = top * (1 + 8 * np.finfo(shares.dtype).eps)
    return shares


def as_narrow_as(shares, dtype):
    """Return distributions in this dtype, or as they are if leads would be lost."""
    if shares.dtype == dtype:
        return shares
    narrow = shares.astype(dtype)
    if shares.shape[1] > 1:
        lead, left = (_leads(each) for each in (shares, narrow))
        if np.any((lead > 0) & (left <= 0)):
            return shares
    return narrow


def _leads(shares):
    second, first = np.partition(shares, -2, axis=1)[:, -2:].T
    return first - second


def taken_after_neighbors(values, flow, W, lost):
    """Give rows that are zero by rounding what flows to them, in place.

    Parameters
    ----------
    values : ndarray of shape (n_nodes, n_classes)
        What nodes are worth to each class.
    flow : ndarray of shape (n_nodes, n_classes)
        What flows from them to their neighbors.
    W : CSR array of shape (n_nodes, n_nodes)
        Symmetric affinity.
    lost : ndarray of bool of shape (n_nodes,)
        Rows of zeros that a label has reached.
    """
    lost = lost.copy()
    limits = np.finfo(values.dtype)
    while lost.any():
        rows = np.flatnonzero(lost)
        sent = _what_comes(W[rows], flow)
        found = sent.any(axis=1)
        if not found.any():
            return
        at = rows[found]
        # Above zero, and too little to tell its neighbors anything new.
        values[at] = flow[at] = sent[found] * (limits.tiny / limits.eps)
        lost[at] = False


def _what_comes(W, flow):
    """Return sums over neighbors of weight times flow, each row up to a factor.

    However small they are: factors are compared by their logarithms.
    """
    heights = flow.max(axis=1)
    with np.errstate(divide="ignore"):
        logs = np.log2(W.data.astype(np.float64))
        logs += np.log2(heights.astype(np.float64))[W.indices]
    filled = np.flatnonzero(np.diff(W.indptr))
    tops = np.full(W.shape[0], -np.inf)
    if len(filled):
        tops[filled] = np.maximum.reduceat(logs, W.indptr[filled])
    tops[np.isinf(tops)] = 0
    weights = np.exp2(logs - np.repeat(tops, np.diff(W.indptr)))
    unit = flow / np.where(heights > 0, heights, 1)[:, None]
    return sparse.csr_array((weights, W.indices, W.indptr), shape=W.shape) @ unit
