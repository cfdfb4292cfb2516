"""What a linear model does not know: its posterior covariance in closed form."""

import numpy as np
from scipy import sparse
from scipy.linalg import cholesky, solve_triangular
from sklearn.linear_model import BayesianRidge, LinearRegression, Ridge, RidgeCV
from sklearn.utils.extmath import row_norms

from skactive.utils._spread import Deviations, KernelDeviations

#: Directions in which labeled samples spread less than this share of the most count as
#: spread so little: of a model without a penalty, nothing would be known there.
FLOOR = 1e-8

#: With more columns, and more than labeled samples, none of d x d is made.
WIDE = 256


#: Models of which the posterior is known in closed form.
LINEAR = (LinearRegression, Ridge, RidgeCV, BayesianRidge)


def penalty(model):
    """Return what a fitted linear model adds to squared weights; None of any other.

    A penalty for each output, or signs that are prescribed, have no such number.

    Examples
    --------
    >>> from sklearn.linear_model import Lasso, Ridge
    >>> from skactive.utils._linear_posterior import penalty
    >>> penalty(Ridge(2.0)), penalty(Lasso())
    (2.0, None)
    """
    if not isinstance(model, LINEAR) or getattr(model, "positive", False):
        return None
    if isinstance(model, LinearRegression):
        return 0.0
    if isinstance(model, BayesianRidge):
        return float(model.lambda_ / model.alpha_)
    alpha = np.unique(model.alpha_ if isinstance(model, RidgeCV) else model.alpha)
    return float(alpha[0]) if len(alpha) == 1 else None


class LinearPosterior:
    """The posterior of a linear model with Gaussian errors, given labeled samples.

    With weights w of the samples, their mean m and ``A = Xc' diag(w) Xc + penalty``,
    ``C(x, u) = noise * (1 / sum(w) + (x - m)' inv(A) (u - m))``: the intercept has no
    penalty.

    Parameters
    ----------
    model : fitted linear model
        One of which ``penalty`` is known.
    Z : ndarray or CSR matrix of float64 of shape (n_labeled, d)
        Labeled samples as the model sees them.
    y : ndarray of shape (n_labeled,) or (n_labeled, n_outputs)
        Their labels.
    scale : float or ndarray of shape (n_outputs,)
        By which each output is divided.
    weights : ndarray of shape (n_labeled,) or None
        Weights of the labeled samples.
    """

    def __init__(self, model, Z, y, scale, weights=None):
        w = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
        self.penalty, self.total = penalty(model), w.sum()
        self.centered = bool(model.fit_intercept)
        d = Z.shape[1]
        self.mean = np.asarray(w @ Z) / self.total if self.centered else np.zeros(d)
        self.wide = d > WIDE and d > len(y)
        spread = self._as_kernel(Z, w) if self.wide else self._as_matrix(Z, w)
        known = spread / (spread + self.penalty) if self.penalty else spread > 0
        free = len(y) - known.sum() - self.centered
        self.noise = noise_of(model, Z, y, w, free, scale)

    def over(self, Z):
        """Return the covariance over a pool, of shape (n_pool, d)."""
        root = np.sqrt(self.noise)
        if self.wide:
            V = self._between_labeled(Z)
            V = solve_triangular(self._L, V, lower=True, overwrite_b=True)
            V *= root
            kernel = self._kernel_of(Z)
            return KernelDeviations(kernel, self._diagonal(Z), V, self.noise)
        rows = np.asarray(Z @ self._root - self.mean @ self._root)
        if self.centered:
            rows = np.column_stack([rows, np.full(len(rows), self.total**-0.5)])
        return Deviations(root * rows, self.noise)

    def _as_matrix(self, Z, w):
        Zc = (Z.toarray() if sparse.issparse(Z) else Z) - self.mean
        values, vectors = np.linalg.eigh(Zc.T @ (w[:, None] * Zc))
        values = np.maximum(values, 0)
        self._root = vectors / np.sqrt(self._floored(values + self.penalty, values))
        return np.where(values > FLOOR * values.max(initial=0), values, 0)

    def _as_kernel(self, Z, w):
        """Prepare what a Gaussian process with a linear kernel would."""
        kept = w > 0  # a sample of no weight tells nothing
        self._labeled, w = Z[kept], w[kept]
        gram = self._products(self._labeled, self._labeled)
        values = np.linalg.eigvalsh(np.sqrt(w)[:, None] * gram * np.sqrt(w))
        values = np.maximum(values, 0)
        self._least = self._floored(np.array([self.penalty]), values)[0]
        self._L = cholesky(gram / self._least + np.diag(1 / w), lower=True)
        return np.where(values > FLOOR * values.max(initial=0), values, 0)

    def _floored(self, penalized, values):
        least = FLOOR * values.max(initial=0)
        return np.maximum(penalized, least if least or self.penalty else 1.0)

    def _products(self, Z, others):
        """Return the inner products of centered samples."""
        products = Z @ others.T
        products = products.toarray() if sparse.issparse(products) else products
        if not self.centered:
            return products
        products -= np.asarray(Z @ self.mean)[:, None]
        products -= np.asarray(others @ self.mean) - self.mean @ self.mean
        return products

    def _between_labeled(self, Z):
        return self._products(self._labeled, Z) / self._least

    def _kernel_of(self, Z):
        def between(others):
            products = self._products(Z, Z[others])
            products *= self.noise / self._least
            products += self.noise * self.centered / self.total
            return products

        return between

    def _diagonal(self, Z):
        sq = row_norms(Z, squared=True) - 2 * np.asarray(Z @ self.mean)
        sq = np.maximum(sq + self.mean @ self.mean, 0) / self._least
        return self.noise * (sq + self.centered / self.total)


def noise_of(model, Z, y, w, free, scale):
    """Return the variance of the error of one label, outputs summed after scaling.

    Where no residual says it, it is the variance of y, or 1: for one linear model it
    is a unit in which all is measured, and changes no order.
    """
    if isinstance(model, BayesianRidge):
        return 1 / float(model.alpha_)
    # Not by predict, which would ask for the names of columns.
    left = (y - (Z @ model.coef_.T + model.intercept_).reshape(y.shape)) / scale
    residual = float((w[:, None] * left.reshape(len(y), -1) ** 2).sum())
    total = float(((y / scale).reshape(len(y), -1).var(axis=0)).sum())
    if free >= 0.5 and residual > 1e-20 * total * len(y):
        return residual / free
    return total if total > 0 else 1.0
