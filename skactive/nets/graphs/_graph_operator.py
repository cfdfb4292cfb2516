"""Normalized affinities that multiply tensors: ``operator @ H``, with gradients."""

import warnings

import numpy as np
import torch
from scipy import sparse

# A node whose similarities to all others sum to less counts as isolated: in float32
# they would be rounding errors.
ISOLATED = 1e-4


class CosineOperator:
    """Cosine affinity of all pairs of nodes, as a product that never forms it.

    With similarities ``S = B @ B.T``, ``M`` the same with an empty diagonal, and
    degrees ``d``, the column sums of ``M``, it is ``M @ diag(1 / d) + I``. Applied to
    ``H`` that is ``B @ (B.T @ G) - G + H`` where ``G = H / d``: O(n * width) time and
    memory instead of O(n ** 2).

    Parameters
    ----------
    Z : ndarray of shape (n_nodes, n_columns)
        Rows of length one or zero: see :func:`unit_rows`.
    dtype : torch.dtype, default=torch.float32
        Floats of the products.
    device : str or torch.device, default="cpu"
        Where products are computed.

    Notes
    -----
    Similarities must not be negative, or degrees could be zero. So negative products
    are left out: ``S[i, j] = sum_k max(Z[i, k] * Z[j, k], 0)``, which is the cosine
    wherever ``Z`` has no negative numbers. ``B`` holds the positive parts of ``Z`` and,
    if there are any, the negative parts.

    An isolated node, one that resembles no other, or a row of zeros, keeps only its
    edge to itself.
    """

    def __init__(self, Z, *, dtype=torch.float32, device="cpu"):
        basis = np.asarray(Z, dtype=np.float64)
        if (basis < 0).any():
            basis = np.hstack([np.maximum(basis, 0), np.maximum(-basis, 0)])
        # A row of zeros gets -1.
        degrees = basis @ basis.sum(axis=0) - 1
        inverse = np.zeros_like(degrees)
        np.divide(1, degrees, out=inverse, where=degrees > ISOLATED)
        settings = {"dtype": dtype, "device": device}
        self.basis = torch.tensor(basis, **settings)
        self.inverse_degrees = torch.tensor(inverse[:, None], **settings)

    @property
    def shape(self):
        """The number of nodes, twice."""
        return (len(self.basis),) * 2

    def __matmul__(self, H):
        G = self.inverse_degrees * H
        return self.basis @ (self.basis.T @ G) - G + H


class _Product(torch.autograd.Function):
    """Sparse times dense; torch's own gradient was measured 7 to 30 times slower."""

    @staticmethod
    def forward(ctx, H, forth, back):
        ctx.back = back
        return forth @ H

    @staticmethod
    def backward(ctx, gradient):
        return ctx.back @ gradient.contiguous(), None, None


class SparseOperator:
    """A scipy sparse matrix that multiplies tensors, with gradients.

    Parameters
    ----------
    A : sparse matrix of shape (n_nodes, n_nodes)
        The normalized affinity, used unchanged.
    dtype : torch.dtype, default=torch.float32
        Floats of the products.
    device : str or torch.device, default="cpu"
        Where products are computed.
    """

    def __init__(self, A, *, dtype=torch.float32, device="cpu"):
        A = sparse.csr_array(A)
        self.shape = A.shape
        self._forth = _csr_tensor(A, dtype, device)
        self._back = _csr_tensor(A.T.tocsr(), dtype, device)

    def __matmul__(self, H):
        return _Product.apply(H, self._forth, self._back)


def _csr_tensor(A, dtype, device):
    with warnings.catch_warnings():
        # Warnings that CSR is in beta, and that scipy's indices are not checked again.
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(
            torch.from_numpy(A.indptr.astype(np.int64)),
            torch.from_numpy(A.indices.astype(np.int64)),
            torch.tensor(A.data, dtype=dtype),
            A.shape,
            device=device,
        )


def unit_rows(Z):
    """Return rows scaled to length one, in float64; rows of zeros stay."""
    Z = np.asarray(Z, dtype=np.float64)
    # Divided by the largest number first, whose square could overflow.
    for length in (np.abs(Z).max(axis=1), None):
        length = np.linalg.norm(Z, axis=1) if length is None else length
        Z = Z / np.where(length > 0, length, 1)[:, None]
    return Z


def with_self_loops(W):
    """Return ``W @ diag(1 / d) + I``, with d the column sums of W without diagonal.

    Every column sums to 2, or to 1 where a node has no edges.

    Parameters
    ----------
    W : sparse matrix of shape (n_nodes, n_nodes)
        Affinity without negative numbers.

    Returns
    -------
    A : CSR array of shape (n_nodes, n_nodes)
        The operator of the graph convolution.
    """
    W = sparse.coo_array(W)
    off = W.row != W.col
    W = sparse.csr_array((W.data[off], (W.row[off], W.col[off])), shape=W.shape)
    degrees = np.asarray(W.sum(axis=0)).ravel()
    inverse = np.zeros_like(degrees, dtype=np.float64)
    np.divide(1, degrees, out=inverse, where=degrees > 0)
    return sparse.csr_array(W @ sparse.diags_array(inverse)) + sparse.eye_array(
        W.shape[0], format="csr"
    )


def as_operator(A, *, dtype=torch.float32, device="cpu"):
    """Return a normalized affinity as an object that multiplies tensors with ``@``.

    Parameters
    ----------
    A : sparse matrix, ndarray, Tensor or operator, of shape (n_nodes, n_nodes)
        Not normalized here. A tensor or operator is returned unchanged.
    dtype : torch.dtype, default=torch.float32
        Floats of the products.
    device : str or torch.device, default="cpu"
        Where products are computed.

    Returns
    -------
    operator : object with ``shape`` and ``@``
        What a graph convolution multiplies by.
    """
    if sparse.issparse(A):
        A = SparseOperator(A, dtype=dtype, device=device)
    elif isinstance(A, np.ndarray):
        A = torch.tensor(A, dtype=dtype, device=device)
    if len(A.shape) != 2 or A.shape[0] != A.shape[1]:
        raise ValueError(
            f"A graph needs a row and a column for each node; got shape "
            f"{tuple(A.shape)}."
        )
    return A
