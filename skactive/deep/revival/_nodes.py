"""Samples as nodes: their labels, the edges between them, votes of neighbors."""

import numpy as np
from scipy import sparse
from sklearn.utils import assert_all_finite, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from skactive.graph._normalize import check_affinity
from skactive.utils import as_labels, is_missing
from skactive.utils._dense_answers import kind_of


def encode_labels(y):
    """Return the classes, sorted, and labels as positions among them.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Labels, none of them missing.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        The labels, sorted.
    codes : ndarray of int of shape (n_samples,)
        Positions in `classes`.
    """
    if kind_of(y) is not None:
        raise ValueError(
            "y holds masks or boxes, and a node of the graph carries one class. Pass "
            "one class per sample, or take LL4AL or TaskAwareViT, which learn from "
            "masks and boxes."
        )
    if np.ndim(y) == 1 and is_missing(y).any():
        assert_all_finite(np.asarray(y), input_name="y")  # scikit-learn's error first
        raise ValueError(
            f"y holds {is_missing(y).sum()} missing labels: unlabeled samples go "
            "into X_pool. ActiveLearner does so."
        )
    y = column_or_1d(as_labels(y), warn=True)
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    return np.unique(y, return_inverse=True)


def make_graph(affinity, Z):
    """Return the edges between all nodes, without self-loops.

    Parameters
    ----------
    affinity : transformer
        Fitted in place.
    Z : ndarray of shape (n_nodes, n_columns)
        Representations of the nodes.

    Returns
    -------
    W : CSR array of shape (n_nodes, n_nodes)
        Symmetric, without negative numbers.
    """
    W = check_affinity(affinity.fit_transform(Z))
    if W.shape[0] != len(Z):
        raise ValueError(
            f"affinity must return one row and one column for each of the {len(Z)} "
            f"samples; got shape {W.shape}."
        )
    if W.diagonal().any():
        W = W.copy()
        W.setdiag(0)
        W.eliminate_zeros()
    return W


def vote(edges, votes):
    """Return the average vote of the neighbors, weighted by the edges to them.

    Parameters
    ----------
    edges : sparse matrix of shape (n_samples, n_nodes)
        From new samples to nodes.
    votes : ndarray of shape (n_nodes, n_classes)
        Distributions of the nodes; zeros abstain.

    Returns
    -------
    proba : ndarray of shape (n_samples, n_classes)
        Rows sum to one; uniform where there is no vote.
    """
    votes = sparse.csr_array(edges) @ votes
    total = votes.sum(axis=1, keepdims=True)
    uniform = np.full_like(votes, 1 / votes.shape[1])
    return np.divide(votes, total, out=uniform, where=total > 0)
