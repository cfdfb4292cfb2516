"""An affinity from neighbor lists found elsewhere."""

import numpy as np
from sklearn.utils import check_array

from skactive.graph._edges import (
    check_weighting,
    directed,
    edge_weights,
    local_scale,
    median_gamma,
    symmetrized,
)


def affinity_from_neighbors(
    indices,
    distances,
    *,
    metric="cosine",
    affinity="cosine",
    gamma=3.0,
    symmetrize="sum",
):
    """Return the symmetric affinity of neighbor lists found elsewhere.

    Parameters
    ----------
    indices : array-like of int of shape (n_nodes, k)
        The neighbors of each node, nearest first. A negative number stands for none.
        A node in its own list is ignored.
    distances : array-like of shape (n_nodes, k)
        Distances to them, at least 0: Euclidean, or one minus the cosine.
    metric : {"cosine", "euclidean"}, default="cosine"
        What the distances are.
    affinity : str, default="cosine"
        Weight of an edge, as of :class:`KNNAffinity`.
    gamma : float or "median", default=3.0
        Exponent of "cosine" or width of "rbf".
    symmetrize : str, default="sum"
        How two directions become one, as of :class:`KNNAffinity`.

    Returns
    -------
    W : CSR array of shape (n_nodes, n_nodes)
        Symmetric, without negative numbers, its diagonal empty; float32 if the
        distances are, float64 otherwise.

    Raises
    ------
    ValueError
        If shapes differ, an index is no node, or a distance is NaN or negative.

    Examples
    --------
    >>> from skactive.graph import affinity_from_neighbors
    >>> W = affinity_from_neighbors([[1], [0], [1]], [[0.0], [0.0], [0.5]])
    >>> W.toarray()
    array([[0.   , 2.   , 0.   ],
           [2.   , 0.   , 0.125],
           [0.   , 0.125, 0.   ]])
    """
    check_weighting(metric, affinity, gamma, symmetrize)
    indices, distances = _check_neighbors(indices, distances)
    own = indices == np.arange(len(indices))[:, None]
    indices = np.where(own, -1, indices)
    gamma = median_gamma(distances, metric) if gamma == "median" else gamma
    scale = local_scale(distances, metric) if affinity == "self_tuning" else None
    weights = edge_weights(indices, distances, metric, affinity, gamma, scale)
    return symmetrized(directed(indices, weights, len(indices)), symmetrize)


def _check_neighbors(indices, distances):
    indices = check_array(indices, dtype=np.int64, input_name="indices")
    distances = check_array(
        distances,
        dtype=[np.float64, np.float32],
        ensure_all_finite=False,
        input_name="distances",
    )
    if indices.shape != distances.shape:
        raise ValueError(
            f"indices and distances must have one shape; got {indices.shape} and "
            f"{distances.shape}."
        )
    if indices.max() >= len(indices):
        raise ValueError(
            f"indices name node {indices.max()}, but there are {len(indices)} rows, "
            "one for each node."
        )
    real = distances[indices >= 0]
    if np.isnan(real).any() or (real < -1e-6).any() or np.isinf(real).any():
        raise ValueError(
            "distances to neighbors must be finite and not negative. Mark neighbors "
            "that do not exist with the index -1."
        )
    return indices, np.where(indices < 0, np.inf, np.maximum(distances, 0))
