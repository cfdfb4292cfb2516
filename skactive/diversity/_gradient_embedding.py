"""Gradients of the last layer as pairs of factors: the long rows are never built.

The gradient of the cross-entropy of a sample, with respect to the weights of the last
layer, is the product ``a ⊗ e`` of what the loss says about the outputs, a, and of what
the layer sees, e. Lengths and products need the factors alone::

    |g|² = |a|² |e|²        g_i . g_j = (a_i . a_j) (e_i . e_j)
"""

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import row_norms

from skactive.selection._d2 import Space
from skactive.selection._distances import BLOCK_BYTES, DOUBT

# Rows of one block: with 256 centers their products take 2 MB in single precision.
BLOCK_ROWS = 2048


def loss_gradient(proba):
    """Gradient of the cross-entropy by the outputs, where the label is the prediction.

    Parameters
    ----------
    proba : ndarray of float32 or float64 of shape (n_samples, n_classes)
        Checked class probabilities.

    Returns
    -------
    A : ndarray of shape (n_samples, n_classes)
        ``proba`` minus one at the most probable class (the first of several).
    """
    A = proba.copy()
    at = proba.argmax(axis=1)[:, None]
    np.put_along_axis(A, at, 0, axis=1)
    # p - 1 is minus the sum of the others, which keeps the digits of a p near one.
    np.put_along_axis(A, at, -A.sum(axis=1, keepdims=True), axis=1)
    return A


class GradientRows(Space):
    """Rows ``a ⊗ e`` of which only the factors are kept.

    Parameters
    ----------
    A : ndarray of shape (n_rows, n_classes)
        Gradients by the outputs.
    E : {ndarray, CSR} of shape (n_rows, n_features)
        What the last layer sees; its dtype is worked in.
    bias : bool, default=False
        Whether `E` has one more column, of ones, as the bias of the layer sees.

    Notes
    -----
    8 bytes per row beside the factors in float32, and blocks of some megabytes.
    """

    def __init__(self, A, E, *, bias=False):
        self.E, self.dtype = E, E.dtype
        self.A = A.astype(E.dtype, copy=False)
        self.bias = E.dtype.type(bias)
        self.e_sq = row_norms(E, squared=True) + self.bias
        self.sq_length = row_norms(self.A, squared=True) * self.e_sq
        bad = np.flatnonzero(~np.isfinite(self.sq_length))
        if len(bad):
            raise ValueError(
                f"The embedding of sample {bad[0]} holds NaN, an infinity, or numbers "
                f"too large to be squared in {E.dtype}: clean or rescale the samples."
            )

    def __len__(self):
        return len(self.A)

    def blocks(self, at, of):
        # Not of full matrices, since a slice of a memory map is read when it is used.
        for start in range(0, len(self), BLOCK_ROWS):
            part = slice(start, min(start + BLOCK_ROWS, len(self)))
            yield part, self._sq(part, at, of)

    def among(self, at):
        return self._sq(at, at, self)

    def _sq(self, part, at, of):
        """Squared distances of shape (len(at), rows of `part`)."""
        E, A, centers, centers_A = self.E[part], self.A[part], of.E[at], of.A[at]
        sq = centers @ E.T
        sq = sq.toarray() if sparse.issparse(sq) else sq
        sq += self.bias
        sq *= centers_A @ A.T
        sq *= -2
        both = of.sq_length[at][:, None] + self.sq_length[part]
        sq += both
        # Where gradients nearly coincide the sum has lost its digits.
        j, i = np.nonzero(sq < DOUBT * np.finfo(sq.dtype).eps * both)
        step = max(1, BLOCK_BYTES // (8 * E.shape[1]))
        e_sq = self.e_sq[part]
        for k in range(0, len(i), step):
            some = slice(k, k + step)
            sq[j[some], i[some]] = _by_difference(
                E, A, e_sq, i[some], centers, centers_A, j[some]
            )
        return np.maximum(sq, 0, out=sq)


def _by_difference(E, A, e_sq, i, centers, centers_A, j):
    """Squared length of ``(a - b) ⊗ e + b ⊗ (e - f)``, the difference of gradients."""
    e, b = E[i], centers_A[j]
    off_a, off_e = A[i] - b, e - centers[j]
    if sparse.issparse(e):
        cross = np.asarray(e.multiply(off_e).sum(axis=1)).ravel()
    else:
        cross = np.einsum("ij,ij->i", e, off_e)
    cross *= np.einsum("ij,ij->i", off_a, b)
    own = row_norms(off_a, squared=True) * e_sq[i]
    return own + row_norms(b, squared=True) * row_norms(off_e, squared=True) + 2 * cross
