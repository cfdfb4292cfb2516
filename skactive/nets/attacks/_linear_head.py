"""Boundaries of linear logits in closed form: no gradients, no torch, no steps."""

import numpy as np
from scipy.special import log_softmax

# At most this many numbers are held at once, besides input and output.
CHUNK = 2**22


def linear_radius(z, W, norm=2):
    """Return the exact distance to the nearest boundary of linear logits.

    Parameters
    ----------
    z : ndarray of shape (n, n_classes)
        Logits, ``X @ W.T + b``.
    W : ndarray of shape (n_classes, d)
        Weights.
    norm : {1, 2, inf}, default=2
        The norm that measures distances.

    Returns
    -------
    radius : ndarray of shape (n,)
        Minimum over classes k of ``(z_best - z_k) / |W_k - W_best|``, in the dual norm;
        infinite if all classes have the same weights.
    best, target : ndarray of int of shape (n,)
        The class with the largest logit, and the one beyond the nearest boundary; the
        same if there is none.

    Notes
    -----
    O(n_classes² d + n n_classes), for any samples.
    """
    n_classes = len(W)
    steep = _norms_of_differences(W, {1: np.inf, 2: 2, np.inf: 1}[norm])
    best = z.argmax(axis=1)
    radius, target = np.empty(len(z)), np.empty(len(z), np.intp)
    size = max(1, CHUNK // n_classes)
    for start in range(0, len(z), size):
        rows = slice(start, start + size)
        lead = z[rows].max(axis=1, keepdims=True) - z[rows]
        slope = steep[best[rows]]
        distance = np.full(lead.shape, np.inf)
        np.divide(lead, slope, out=distance, where=slope > 1e-12)
        target[rows] = distance.argmin(axis=1)
        radius[rows] = distance.min(axis=1)
    target = np.where(np.isinf(radius), best, target)
    return radius, best, target


def linear_step(radius, best, target, W, norm=2):
    """Return the perturbations of `linear_radius`, of shape (n, d)."""
    w = W[target] - W[best]
    if norm == np.inf:
        unit = np.sign(w)
    elif norm == 1:
        at = np.abs(w).argmax(axis=1)[:, None]
        unit = np.zeros_like(w)
        np.put_along_axis(unit, at, np.sign(np.take_along_axis(w, at, 1)), 1)
    else:
        unit = w / np.linalg.norm(w, axis=1, keepdims=True)
    return radius[:, None] * unit


def linear_smoothness(z, W, eps):
    """Return the largest change of the probabilities of linear logits at a radius.

    The direction is exact for small radii: the first eigenvector of the Fisher
    information, found among combinations of the rows of `W`.

    Parameters
    ----------
    z : ndarray of shape (n, n_classes)
        Logits, ``H @ W.T + b``.
    W : ndarray of shape (n_classes, d)
        Weights.
    eps : float
        Radius in the space of the features.

    Returns
    -------
    smoothness : ndarray of shape (n,)
        Kullback-Leibler divergence to the probabilities at `eps` in that direction or
        against it, whichever is larger; 0 where probabilities cannot change.
    a : ndarray of shape (n, n_classes)
        The perturbation is ``a @ W``, of norm `eps`, or zero.

    Notes
    -----
    O(n n_classes³), independent of d: one small eigenproblem per sample.
    """
    z, W = np.asarray(z, np.float64), np.asarray(W, np.float64)
    W = W - W.mean(axis=0)  # adds a constant to the logits, and loses no digits
    K = W @ W.T
    n_classes = len(W)
    smoothness, a = np.empty(len(z)), np.empty((len(z), n_classes))
    size = max(1, CHUNK // n_classes**2)
    for start in range(0, len(z), size):
        rows = slice(start, start + size)
        smoothness[rows], a[rows] = _smoothness(z[rows], K, eps)
    return smoothness, a


def fisher_root(log_proba):
    """Return S of shape (n, C, C) with ``S @ S.T`` = diag(p) - p p.T.

    The distance of a probability from 1 is the sum of the others, even if it is rounded
    to 1; so saturated samples keep their direction.
    """
    p = np.exp(log_proba)
    root = np.sqrt(p)
    S = -p[:, :, None] * root[:, None, :]
    k = np.arange(p.shape[1])
    others = np.tile(p[:, None, :], (1, p.shape[1], 1))
    others[:, k, k] = 0
    S[:, k, k] = root * others.sum(axis=2)
    return S


def leading_combination(log_proba, K):
    """Return a with ``a.T @ K @ a`` = 1, for which ``a @ J`` is the first eigenvector.

    ``K`` holds the products of the rows of the Jacobian J of the logits, one matrix for
    all samples or one for each. Rows are zero where nothing changes.
    """
    S = fisher_root(log_proba)
    # Squares of saturated samples would underflow; the scale does not matter.
    scale = np.abs(S).max(axis=(1, 2), keepdims=True)
    S = np.divide(S, scale, out=np.zeros_like(S), where=scale > 0)
    _, vectors = np.linalg.eigh(S.transpose(0, 2, 1) @ K @ S)
    a = (S @ vectors[:, :, -1:])[:, :, 0]
    length = np.sqrt(np.maximum(np.einsum("ni,ni->n", a, _times(a, K)), 0))[:, None]
    return np.divide(a, length, out=np.zeros_like(a), where=length > 1e-12)


def divergence(log_p, z):
    """Return KL(p || softmax(z)) of each row."""
    change = log_p - log_softmax(z, axis=1)
    return np.maximum((np.exp(log_p) * change).sum(axis=1), 0)


def _smoothness(z, K, eps):
    log_p = log_softmax(z, axis=1)
    a = eps * leading_combination(log_p, K)
    shift = a @ K
    plus, minus = divergence(log_p, z + shift), divergence(log_p, z - shift)
    return np.maximum(plus, minus), np.where(plus >= minus, 1, -1)[:, None] * a


def _times(a, K):
    return a @ K if K.ndim == 2 else (a[:, None, :] @ K)[:, 0]


def _norms_of_differences(W, q):
    return np.stack([np.linalg.norm(W - row, ord=q, axis=1) for row in W])
