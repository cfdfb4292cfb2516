"""Virtual labels: what a propagator predicts for all nodes, and how it is weighted."""

import numpy as np

from skactive.graph import class_weights, entropy_weights


def propagate(propagator, Z, W, y, n_classes):
    """Fit a propagator to the first nodes, the labeled ones.

    Parameters
    ----------
    propagator : object
        Fitted in place.
    Z : ndarray of shape (n_nodes, n_columns)
        Representations of the nodes.
    W : CSR array of shape (n_nodes, n_nodes)
        The graph.
    y : ndarray of int of shape (n_labeled,)
        Classes of the first nodes.
    n_classes : int
        How many classes there are.

    Returns
    -------
    proba : ndarray of shape (n_nodes, n_classes)
        Distributions of all nodes.
    reached : ndarray of bool of shape (n_nodes,)
        Which of them a label reaches; all, if the propagator has no ``reached_``.
    """
    propagator.fit(Z, W, np.arange(len(y)), y, n_classes)
    proba = np.asarray(propagator.proba_)
    if proba.shape != (len(Z), n_classes) or not np.isfinite(proba).all():
        raise ValueError(
            f"proba_ of {propagator!r} must hold finite numbers, a row for each of the "
            f"{len(Z)} nodes and a column for each of the {n_classes} classes; got "
            f"shape {proba.shape}."
        )
    return proba, getattr(propagator, "reached_", np.ones(len(Z), dtype=bool))


def believed(virtual_labels, trusted, y, virtual_weight):
    """Return which nodes a model learns from, with which labels and weights.

    A virtual label is weighted by one minus its relative entropy and by one over the
    frequency of its class, given labels included.

    Parameters
    ----------
    virtual_labels : ndarray of shape (n_nodes, n_classes)
        Distributions.
    trusted : ndarray of bool of shape (n_nodes,)
        The others get weight 0.
    y : ndarray of int of shape (n_labeled,)
        Classes of the given labels.
    virtual_weight : float
        Weight of all virtual labels.

    Returns
    -------
    rows : ndarray of int of shape (n_used,)
        Nodes with a weight above 0.
    winners : ndarray of int of shape (n_used,)
        Their most probable classes.
    weights : ndarray of float of shape (n_used,)
        Their weights.
    """
    weights = entropy_weights(virtual_labels) * virtual_weight
    weights[~trusted] = 0
    rows = np.flatnonzero(weights)
    winners = virtual_labels.argmax(axis=1)
    if len(rows) > 0:
        every = np.concatenate([y, winners])
        weights *= class_weights(every, virtual_labels.shape[1])[winners]
    return rows, winners[rows], weights[rows]
