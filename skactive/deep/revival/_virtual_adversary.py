"""How much do labels on a graph change if representations are perturbed a little?"""

import warnings

import numpy as np
import torch
from scipy import sparse
from sklearn.utils import Bunch

from skactive.nets import virtual_adversarial

# A divergence below this is rounding: no perturbation has been found.
NOTHING = 1e-12
DOUBLINGS = 5
# Bytes that the differences along the edges of one block may take.
BUDGET = 2**24
# Number of rows from which the typical distance of neighbors is estimated.
SAMPLE = 250


def graph_adversary(
    logits, X, rows, eps, *, xi=None, n_power=1, symmetrize=True, start=None
):
    """Move the representations of some nodes so that labels on the graph change most.

    All rows are moved at once, to maximize the sum of their divergences: neighbors add
    to each other's effect. To move one row at a time, pass ``rows`` of length one.

    Parameters
    ----------
    logits : callable
        From features of all nodes to logits of all nodes, as tensors. It is frozen.
    X : Tensor of shape (n_nodes, n_features)
        Features.
    rows : Tensor of int of shape (n_rows,)
        Nodes that are moved; the others, the labeled ones, stay.
    eps : float
        Length of the step of each row. It is doubled, up to five times and with a
        warning, while nothing changes: the softmax is saturated.
    xi, n_power, symmetrize
        As in :func:`~skactive.nets.virtual_adversarial`.
    start : Tensor or None, default=None
        Where power iteration starts, of a shape that broadcasts to ``X[rows]``. None:
        Gaussian numbers from torch's generator.

    Returns
    -------
    found : Bunch
        ``kl``, Tensor of shape (n_rows,); ``perturbation``, Tensor of shape (n_rows,
        n_features); ``flipped``, Tensor of bool of shape (n_rows,), whether the most
        probable class is another one; ``eps``, the length that was used.

    Notes
    -----
    ``n_power + 2`` passes over the graph and `n_power` backward, one more with
    `symmetrize`, and one to look for flips.
    """
    X = X.detach()

    def of_rows(moved):
        return logits(X.index_copy(0, rows, moved))[rows]

    clean = X[rows]
    start = torch.randn_like(clean) if start is None else start
    for doubling in range(DOUBLINGS + 1):
        found = virtual_adversarial(
            of_rows,
            clean,
            eps * 2**doubling,
            xi=xi,
            n_power=n_power,
            symmetrize=symmetrize,
            start=start,
        )
        if len(rows) == 0 or found.smoothness.max() >= NOTHING:
            break
    if doubling:
        warnings.warn(
            f"No perturbation of length {eps:.3g} changes a label: the probabilities "
            f"are saturated. It was doubled {doubling} times, to "
            f"{eps * 2**doubling:.3g}. Train the propagator for fewer epochs, or raise "
            "eps.",
            UserWarning,
            stacklevel=2,
        )
    with torch.no_grad():
        before = of_rows(clean).argmax(dim=1)
        after = of_rows(clean + found.perturbation).argmax(dim=1)
    return Bunch(
        kl=found.smoothness,
        perturbation=found.perturbation,
        flipped=before != after,
        eps=eps * 2**doubling,
    )


def local_adversary(
    Z,
    W,
    proba,
    rows,
    *,
    eps=None,
    bandwidth=None,
    n_neighbors=10,
    symmetrize=True,
    negligible=1e-4,
):
    """Move each row where an average of its neighbors' labels changes most.

    For labels that do not depend on features once the graph is built. The average
    ``q(r) = sum_j a_j(r) p_j / sum_j a_j(r)`` does: its weights are
    ``a_j(r) = exp(-|x + r - x_j|^2 / h^2)``. The direction is the first eigenvector of
    its Fisher information, found among the gradients of the classes.

    Parameters
    ----------
    Z : ndarray of shape (n_nodes, n_columns)
        Representations of the nodes.
    W : CSR array of shape (n_nodes, n_nodes)
        Its entries say which nodes are neighbors; their values are ignored.
    proba : ndarray of shape (n_nodes, n_classes)
        Their labels, as distributions.
    rows : ndarray of int of shape (n_rows,)
        Nodes that are moved, one at a time.
    eps : float or None, default=None
        Length of the step. None: half the median distance to the last neighbor, of
        up to 250 rows.
    bandwidth : float or None, default=None
        h. None: half the distance to the last neighbor.
    n_neighbors : int, default=10
        Only this many nearest neighbors are averaged over.
    symmetrize : bool, default=True
        Try the opposite direction too and take the worse one. False: only the one that
        leads towards the neighbors.
    negligible : float, default=1e-4
        Rows whose divergence cannot be larger, wherever they are moved, are not moved:
        their neighbors agree.

    Returns
    -------
    found : Bunch
        ``kl``, ``flipped``, arrays of shape (n_rows,), and ``perturbation``, of shape
        (n_rows, n_columns); ``eps``. Zero for a node without neighbors, or whose
        neighbors agree.

    Notes
    -----
    With l and u the smallest and the largest probability among the neighbors, no
    average is farther from another than ``sum_c u_c log(u_c / l_c)``. Where that is not
    negligible: O(n_neighbors^2 n_columns + n_classes^3) for a row, no gradients.
    """
    rows = np.asarray(rows)
    W = sparse.csr_array(W)
    if eps is None:
        eps = _typical_distance(Z, W, rows, n_neighbors) / 2
    found = Bunch(
        kl=np.zeros(len(rows)),
        flipped=np.zeros(len(rows), dtype=bool),
        perturbation=np.zeros((len(rows), Z.shape[1]), dtype=Z.dtype),
        eps=eps,
    )
    moved = np.flatnonzero(_disagreement(W[rows], proba) > negligible)
    # Blocks of rows with similar numbers of neighbors need little padding.
    moved = moved[np.argsort(np.diff(W.indptr)[rows[moved]], kind="stable")]
    for part in _blocks(np.diff(W.indptr)[rows[moved]], Z.shape[1]):
        at = moved[part]
        found.kl[at], found.flipped[at], found.perturbation[at] = _worst_step(
            Z, W, proba, rows[at], eps, bandwidth, n_neighbors, symmetrize
        )
    return found


def _typical_distance(Z, W, rows, n_neighbors):
    """Return the median distance to the last neighbor, 0 if no sample has one."""
    rows = rows[np.diff(W.indptr)[rows] > 0]
    rows = rows[:: -(-len(rows) // SAMPLE) or 1]
    rows = rows[np.argsort(np.diff(W.indptr)[rows], kind="stable")]
    reach = [
        _reach(*_nearest(Z, W, rows[part], n_neighbors)[2:])
        for part in _blocks(np.diff(W.indptr)[rows], Z.shape[1])
    ]
    return float(np.median(np.concatenate(reach))) if reach else 0.0


def _disagreement(edges, proba):
    """Return a bound of the divergence between any two averages of neighbors."""
    bound, tiny = np.zeros(edges.shape[0]), np.finfo(np.float64).tiny
    some = np.flatnonzero(np.diff(edges.indptr))
    for part in np.array_split(some, 1 + edges.nnz * proba.shape[1] // 2**22):
        if len(part) == 0:
            continue
        begin, end = edges.indptr[part[0]], edges.indptr[part[-1] + 1]
        near = proba[edges.indices[begin:end]]
        starts = edges.indptr[part] - begin
        low = np.maximum(np.minimum.reduceat(near, starts), tiny)
        high = np.maximum(np.maximum.reduceat(near, starts), tiny)
        bound[part] = np.einsum("ij,ij->i", high, np.log(high / low))
    return bound


def _blocks(degree, n_columns):
    """Yield slices of rows, ascending in degree, that fit the budget together."""
    begin = 0
    while begin < len(degree):
        end = begin + 1
        size = max(1, BUDGET // (8 * max(n_columns, 1)))
        while end < len(degree) and (end + 1 - begin) * degree[end] <= size:
            end += 1
        yield slice(begin, end)
        begin = end


def _nearest(Z, W, rows, k):
    """Return the nearest neighbors of each row, padded to the same number of slots.

    Neighbors, x_j - x_i, its squared length, and which slots are not padding.
    """
    degree = np.diff(W.indptr)[rows]
    slot = np.arange(degree.max(initial=0))
    held = slot < degree[:, None]
    near = W.indices[np.where(held, W.indptr[rows][:, None] + slot, 0)]
    offset = Z[near] - Z[rows][:, None]
    sq = np.einsum("mkd,mkd->mk", offset, offset).astype(np.float64)
    sq[~held] = np.inf
    if len(slot) > k:
        best = np.argpartition(sq, k - 1, axis=1)[:, :k]
        near, sq = (np.take_along_axis(each, best, axis=1) for each in (near, sq))
        offset = np.take_along_axis(offset, best[:, :, None], axis=1)
        held = np.isfinite(sq)
    offset[~held] = 0
    return near, offset, sq, held


def _reach(sq, held):
    """Return the distance to the last neighbor, 0 where all are at the same place."""
    return np.sqrt(np.where(held, sq, 0).max(axis=1))


def _worst_step(Z, W, proba, rows, eps, bandwidth, n_neighbors, symmetrize):
    """Return divergence, flip and step of each row of a block.

    Features enter only by the inner products of offsets, one matrix for each row.
    """
    near, offset, sq, held = _nearest(Z, W, rows, n_neighbors)
    products = (offset @ offset.transpose(0, 2, 1)).astype(np.float64)
    h = bandwidth or _reach(sq, held) / 2
    h = np.broadcast_to(np.where(np.asarray(h) > 0, h, 1.0), len(rows))[:, None]
    p = proba[near]

    def average(change):
        exponent = (change - sq) / h**2  # minus infinity where there is no neighbor
        weight = np.exp(exponent - exponent.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        return weight, (weight[:, None] @ p)[:, 0]

    weight, q = average(0.0)
    # Gradients of the classes over the square root of q, as sums of offsets.
    root = np.sqrt(np.maximum(q, np.finfo(np.float64).tiny))[:, None]
    A = weight[:, :, None] * (p - q[:, None]) / (root * h[:, :, None] ** 2)
    size = np.abs(A).max(axis=(1, 2), keepdims=True)
    A = np.divide(A, size, out=np.zeros_like(A), where=size > NOTHING)
    _, vectors = np.linalg.eigh(A.transpose(0, 2, 1) @ products @ A)
    a = (A @ vectors[:, :, -1:])[:, :, 0]
    along = (products @ a[:, :, None])[:, :, 0]
    # An eigenvector has no sign; this one leads towards the neighbors.
    sign = np.where(along.sum(axis=1) < 0, -1.0, 1.0)
    length = np.sqrt(np.maximum(np.einsum("mk,mk->m", a, along), 0))
    flat = length <= NOTHING
    scale = np.divide(sign, length, out=np.zeros_like(length), where=~flat)[:, None]
    a, along = scale * a, scale * along

    _, ahead = average(2 * eps * along)
    kl, flipped = _divergence(q, ahead), ahead.argmax(1) != q.argmax(1)
    if symmetrize:
        _, back = average(-2 * eps * along)
        other = _divergence(q, back)
        a[other > kl] *= -1
        kl = np.maximum(kl, other)
        flipped |= back.argmax(1) != q.argmax(1)
    kl[flat], flipped[flat] = 0, False
    return kl, flipped, eps * (a[:, None] @ offset)[:, 0]


def _divergence(p, q):
    tiny = np.finfo(np.float64).tiny
    change = np.log(np.maximum(p, tiny)) - np.log(np.maximum(q, tiny))
    return np.maximum(np.einsum("ij,ij->i", p, change), 0)
