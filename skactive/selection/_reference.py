"""Picks that cover one sample of the pool, which is the same for all its parts.

A coverage is a sum over points that are to be covered. Were each part of a pool to sum
over its own rows, each would raise another function.
"""

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state

from skactive.selection._balls import TILE, _within, covered_by, scaled_rows
from skactive.selection._checks import check_n, check_rows, check_same_space
from skactive.selection._coverage import GraphBalls, greedy_cover
from skactive.selection._greedy import k_center_greedy
from skactive.selection._herding import Herding, _check_weights, check_herding


def herd_reference(
    Z,
    n,
    *,
    reference,
    Z_labeled=None,
    weights=None,
    kernel="rbf",
    radius=1.0,
    normalize=True,
    random_state=None,
):
    """Pick rows that together resemble as much as possible of other rows.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Rows to pick from.
    n : int
        How many, between 1 and `n_rows`.
    reference : {ndarray, CSR} of shape (n_reference, n_features)
        Rows that are to be covered.
    Z_labeled, kernel, radius, normalize, random_state
        As of :func:`~skactive.selection.max_herding`.
    weights : array-like of shape (n_reference,) or None, default=None
        How much it is worth to cover each row of the reference.

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Distinct rows of `Z` in the order picked.
    gains : ndarray of shape (n,)
        By how much each pick raised the coverage of the reference.
    """
    check_herding(kernel, radius, None)
    rows, goal, centers = _scaled(Z, reference, Z_labeled, normalize)
    n = check_n(n, len(rows))
    weights = _check_weights(weights, len(goal))
    if not weights.any():
        weights = np.ones(len(goal))
    weights = (weights / len(weights)).astype(rows.sq.dtype)
    rank = check_random_state(random_state).permutation(len(rows))
    herding = Herding(rows, goal, weights, kernel, float(radius), centers, rank)
    return herding.pick(n)


def cover_reference(
    Z, n, *, reference, radius, Z_labeled=None, normalize=True, random_state=None
):
    """Pick rows with as many other rows as possible within a radius.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        Rows to pick from.
    n : int
        How many, between 1 and `n_rows`.
    reference : {ndarray, CSR} of shape (n_reference, n_features)
        Rows that are to be covered.
    radius : float
        How far a row covers.
    Z_labeled : {ndarray, CSR} of shape (n_labeled, n_features) or None, default=None
        Rows that cover what is around them already.
    normalize : bool, default=True
        Whether to scale each row to length one first.
    random_state : int, RandomState instance or None, default=None
        Decides among rows that cover equally many.

    Returns
    -------
    positions : ndarray of intp of shape (n,)
        Distinct rows of `Z` in the order picked; once none covers anything new, those
        farthest from all that is labeled or picked.
    gains : ndarray of shape (n,)
        How many rows of the reference each pick covers that none did before.
    """
    rows, goal, centers = _scaled(Z, reference, Z_labeled, normalize)
    n = check_n(n, len(rows))
    rng = check_random_state(random_state)
    rank = rng.permutation(len(rows))
    covered = np.zeros(len(goal), dtype=bool)
    if centers is not None:
        covered = covered_by(goal, centers, radius**2)
    balls = _balls(rows, goal, radius**2)
    picks = np.array(greedy_cover(balls, n, covered.copy(), rank), dtype=np.intp)
    gains = np.zeros(n)
    for k, pick in enumerate(picks):
        inside = balls.inside(pick)
        gains[k] = np.sum(~covered[inside])
        covered[inside] = True
    if len(picks) < n:
        picks = np.r_[picks, _farthest(Z, picks, n, Z_labeled, normalize, rng)]
    return picks, gains


def _scaled(Z, reference, Z_labeled, normalize):
    """Return the three kinds of rows as distances see them."""
    Z = check_rows(Z)
    goal = check_same_space(reference, Z)
    # One shift for all parts, so that they see the same distances.
    goal = scaled_rows(goal, normalize, name="reference")
    rows = scaled_rows(Z, normalize, like=goal)
    Z_labeled = check_same_space(Z_labeled, Z)
    if Z_labeled is None:
        return rows, goal, None
    return rows, goal, scaled_rows(Z_labeled, normalize, like=goal, name="Z_labeled")


def _balls(rows, goal, sq_radius):
    """Return which rows of the reference are within the radius of which rows."""
    high, wide = TILE
    stripes = []
    for start in range(0, len(rows), high):
        part = slice(start, min(start + high, len(rows)))
        block, tiles = rows.take(part), []
        for left in range(0, len(goal), wide):
            side = slice(left, min(left + wide, len(goal)))
            mask = _within(
                block, rows.sq[part], goal.take(side), goal.sq[side], sq_radius
            )
            tiles.append(sparse.csr_array(mask))
        stripes.append(sparse.hstack(tiles, format="csr"))
    W = sparse.vstack(stripes, format="csr")
    return GraphBalls(W, sparse.csr_array(W.T))


def _farthest(Z, picks, n, Z_labeled, normalize, rng):
    """The rest of n rows: those farthest from labels and picks."""
    Z = check_rows(Z)
    known = check_same_space(Z_labeled, Z)
    if len(picks):
        stack = sparse.vstack if sparse.issparse(Z) else np.concatenate
        known = Z[picks] if known is None else stack([known, Z[picks]])
    order = k_center_greedy(
        Z,
        n,
        Z_labeled=known,
        metric="cosine" if normalize else "euclidean",
        random_state=rng,
    )
    return order[~np.isin(order, picks)][: n - len(picks)]
