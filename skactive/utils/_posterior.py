"""What a regressor does not know of a pool: its posterior covariance."""

import numpy as np
from scipy import sparse
from scipy.linalg import solve_triangular
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import WhiteKernel

from skactive.utils._embedding import embed
from skactive.utils._ensembles import ENSEMBLES, NumberCommittee
from skactive.utils._linear_posterior import LINEAR, LinearPosterior, penalty
from skactive.utils._models import chained, steps_and_last
from skactive.utils._pool import naming_rows
from skactive.utils._spread import Deviations, KernelDeviations

#: The share of their mean variance that counts as noise of a committee's labels.
COMMITTEE_NOISE = 0.1

#: Members that differ by no more units in the last place than this agree.
ROUNDING = 64

#: Rows of which the kernel is asked at once where only its diagonal is wanted.
DIAGONAL = 64


def posterior_of(model, X, y, X_pool=None, *, n_members, seed, params=None):
    """Return what a fitted regressor does not know, given labeled samples.

    Linear models and Gaussian processes have a posterior in closed form; of a forest,
    bagging or a voting ensemble it is how members differ, and of any other regressor
    how copies do that are trained on bootstrap samples.

    Parameters
    ----------
    model : fitted regressor
        Frozen models, searches and pipelines are opened.
    X : array-like of shape (n_labeled, ...)
        Labeled samples, as they are given to ``model``.
    y : array-like of shape (n_labeled,) or (n_labeled, n_outputs)
        Finite numbers.
    X_pool : Pool or array-like, default=None
        Shown to copies whose ``fit`` takes it.
    n_members : int
        How many copies are trained.
    seed : int
        Of the copies.
    params : dict, default=None
        Arguments of fit beside X and y, such as ``sample_weight``.

    Returns
    -------
    posterior : object
        ``over(pool, noise=None)`` returns the covariance over a pool,
        :class:`Deviations` or :class:`KernelDeviations`.
    """
    y = np.asarray(y, dtype=np.float64)
    scale = unit_of(y)
    steps, last = steps_and_last(model)
    if isinstance(last, GaussianProcessRegressor):
        return ProcessPosterior(chained(steps), last, scale)
    if penalty(last) is not None:
        Z = _numbers(chained(steps), X)
        leaves = {key.rpartition("__")[2]: v for key, v in (params or {}).items()}
        weights = leaves.get("sample_weight")
        return ClosedPosterior(
            chained(steps), LinearPosterior(last, Z, y, scale, weights)
        )
    settings = {"n_members": n_members, "seed": seed, "params": params}
    return MembersPosterior(NumberCommittee.of(model, X, y, X_pool, **settings), scale)


def needs_copies(model):
    """Tell whether what a regressor does not know is told by bagged copies of it."""
    last = steps_and_last(model)[1]
    if hasattr(last, "refit") and hasattr(last, "estimator"):  # a search, not fitted
        return needs_copies(last.estimator)
    if isinstance(last, GaussianProcessRegressor):
        return False
    closed = isinstance(last, LINEAR) and not getattr(last, "positive", False)
    return not closed and not isinstance(last, ENSEMBLES)


def unit_of(y):
    """Return what predictions are divided by: with several outputs, their spread.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._posterior import unit_of
    >>> unit_of(np.array([1.0, 5.0])), unit_of(np.array([[1.0, 3.0], [5.0, 3.0]]))
    (1.0, array([2., 1.]))
    """
    if y.ndim == 1:
        return 1.0
    spread = y.std(axis=0)
    # An output that is always the same has no unit of its own.
    return np.where(spread > 0, spread, 1.0)


class ClosedPosterior:
    """A linear model behind the steps of a pipeline."""

    def __init__(self, steps, linear):
        self.steps, self.linear = steps, linear

    def over(self, pool, noise=None):
        """Return the covariance over a pool."""
        Z = _of_blocks(pool, lambda X: _numbers(self.steps, X))
        return _with_noise(self.linear.over(Z), noise)


class ProcessPosterior:
    """A Gaussian process of scikit-learn behind the steps of a pipeline."""

    def __init__(self, steps, process, scale):
        self.steps, self.process = steps, process
        deviation = np.asarray(process._y_train_std, dtype=np.float64)
        # One kernel serves all outputs; this is its unit in those of y.
        self.unit = float(np.sum((deviation / scale) ** 2))

    def over(self, pool, noise=None):
        """Return the covariance over a pool."""
        Z = _of_blocks(pool, self._seen)
        kernel, unit = self.process.kernel_, self.unit
        variance, white = prior_variance(kernel, Z)
        V = kernel(self.process.X_train_, Z)
        V = solve_triangular(self.process.L_, V, lower=True, overwrite_b=True)
        V *= np.sqrt(unit)
        estimated = unit * (float(np.mean(self.process.alpha)) + white)

        def between(others):
            columns = kernel(Z, Z[others])
            columns *= unit
            return columns

        spread = KernelDeviations(between, unit * variance, V, estimated)
        return _with_noise(spread, noise)

    def _seen(self, X):
        X = X if self.steps is None else self.steps.transform(X)
        if self.process.kernel_.requires_vector_input:
            return embed(None, X).astype(np.float64, copy=False)
        return np.asarray(X)


class MembersPosterior:
    """A committee, whose members differ where they know little."""

    def __init__(self, committee, scale):
        self.committee, self.scale = committee, scale

    def over(self, pool, noise=None):
        """Return the covariance over a pool."""
        spread = Deviations(_of_blocks(pool, self._deviations), 0.0)
        spread.noise = COMMITTEE_NOISE * float(spread.variance.mean())
        return _with_noise(spread, noise)

    def _deviations(self, X):
        answers = self.committee.predict(X)
        return member_deviations(answers, self.scale)


def member_deviations(answers, scale=1.0):
    """Return members' deviations from their mean, over the root of their number.

    Parameters
    ----------
    answers : ndarray of shape (n_members, n_samples) or with outputs last
        Predictions.
    scale : float or ndarray of shape (n_outputs,), default=1.0
        By which outputs are divided.

    Returns
    -------
    Z : ndarray of float64 of shape (n_samples, n_members * n_outputs)
        Differences that are rounding count as none.

    Examples
    --------
    >>> from skactive.utils._posterior import member_deviations
    >>> Z = member_deviations([[1.0, 4.0], [3.0, 4.0]])
    >>> (Z @ Z.T).round(6)
    array([[1., 0.],
           [0., 0.]])
    """
    answers = np.asarray(answers)
    eps = np.finfo(answers.dtype).eps if answers.dtype.kind == "f" else 0.0
    answers = answers.astype(np.float64, copy=False)
    alike = np.ptp(answers, axis=0) <= ROUNDING * eps * np.abs(answers).max(axis=0)
    away = (answers - answers.mean(axis=0)) / scale / np.sqrt(len(answers))
    away[:, alike] = 0
    return np.moveaxis(away, 1, 0).reshape(answers.shape[1], -1)


def prior_variance(kernel, Z):
    """Return the prior variance of values, and that of the noise in a kernel.

    ``kernel.diag`` has both. Noise is what a kernel has between a sample and itself,
    and not between it and its copy.

    Returns
    -------
    variance : ndarray of shape (n_samples,)
        Of values without noise.
    white : float
        Mean variance of the noise that WhiteKernels in the kernel make.
    """
    diagonal = np.asarray(kernel.diag(Z), dtype=np.float64)
    if not any(isinstance(v, WhiteKernel) for v in _all_kernels(kernel)):
        return diagonal, 0.0
    variance = np.empty(len(Z))
    for start in range(0, len(Z), DIAGONAL):
        some = Z[start : start + DIAGONAL]
        variance[start : start + DIAGONAL] = kernel(some, some.copy()).diagonal()
    return variance, float(np.mean(diagonal - variance))


def _all_kernels(kernel):
    return [kernel, *kernel.get_params(deep=True).values()]


def _numbers(steps, X):
    return embed(steps, X).astype(np.float64, copy=False)


def _of_blocks(pool, see):
    """Return what becomes of a pool, looked at block by block."""
    parts = []
    for block in pool.blocks(slices=False):
        with naming_rows(pool, block):
            parts.append(see(block.X))
    if len(parts) == 1:
        return parts[0]
    if any(map(sparse.issparse, parts)):
        return sparse.vstack(parts, format="csr")
    return np.concatenate(parts)


def _with_noise(spread, noise):
    if noise is not None:
        spread.noise = float(noise)
    return spread
