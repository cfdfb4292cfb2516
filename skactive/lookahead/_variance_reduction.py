"""Ask for numbers that would make the predictions of a regressor surer elsewhere."""

import numpy as np

from skactive.base import ModelStrategy
from skactive.utils._constraints import whole
from skactive.utils._posterior_mixin import PosteriorMixin
from skactive.utils._spread import Deviations, less_outer

#: The largest squared correlation whose logarithm is taken: a label without noise
#: would tell infinitely much about itself.
MOST = 1 - 1e-12

#: Correlations that are looked at in one step.
STEP = 2**17


def variance_reduction(covariance, variance, reference_variance, noise):
    """Return by how much each label lowers the variance of references, on average.

    A label of x lowers the variance of the value at u by
    ``C(u, x)**2 / (C(x, x) + noise)``, whatever the label is [1]_. It is also the
    expected squared change of the prediction at u [2]_.

    Parameters
    ----------
    covariance : array-like of shape (n_samples, n_references)
        Posterior covariance of the values at samples and at references.
    variance : array-like of shape (n_samples,)
        Posterior variance of the values at samples.
    reference_variance : array-like of shape (n_references,)
        That of the values at references. It is not used: criteria are called alike.
    noise : float
        Variance of the error of one label, at least 0.

    Returns
    -------
    scores : ndarray of float64 of shape (n_samples,)
        In squared units of y; at least 0.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Notes
    -----
    O(n_samples * n_references) time.

    References
    ----------
    .. [1] D. A. Cohn, Z. Ghahramani and M. I. Jordan. "Active Learning with
       Statistical Models." JAIR 1996.
    .. [2] C. Käding, E. Rodner, A. Freytag, O. Mothes, B. Barz and J. Denzler. "Active
       Learning for Regression Tasks with Expected Model Output Changes." BMVC 2018.

    Examples
    --------
    >>> from skactive.lookahead import variance_reduction
    >>> covariance = [[0.5, 0.0, 0.5], [0.0, 1.0, 1.0], [0.5, 1.0, 1.5]]
    >>> variance = [0.5, 1.0, 1.5]
    >>> variance_reduction(covariance, variance, variance, 1.0).round(6)
    array([0.111111, 0.333333, 0.466667])
    """
    C, v, _ = _checked(covariance, variance, reference_variance)
    return _over(np.einsum("ij,ij->i", C, C) / C.shape[1], v + noise)


def expected_information(covariance, variance, reference_variance, noise):
    """Return what each label says about labels of references, on average.

    The mutual information of two labels is ``-log(1 - r**2) / 2``, with their
    correlation r: the expected predictive information gain [1]_ for numbers.

    Parameters
    ----------
    covariance : array-like of shape (n_samples, n_references)
        Posterior covariance of the values at samples and at references.
    variance : array-like of shape (n_samples,)
        Posterior variance of the values at samples.
    reference_variance : array-like of shape (n_references,)
        That of the values at references.
    noise : float
        Variance of the error of one label, at least 0.

    Returns
    -------
    scores : ndarray of float64 of shape (n_samples,)
        In nats, at least 0. A reference that a label without noise determines counts
        as 13.8.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Notes
    -----
    O(n_samples * n_references) time.

    References
    ----------
    .. [1] F. Bickford Smith, A. Kirsch, S. Farquhar, Y. Gal, A. Foster and T.
       Rainforth. "Prediction-Oriented Bayesian Active Learning." AISTATS 2023.
       arXiv:2304.08151.

    Examples
    --------
    >>> from skactive.lookahead import expected_information
    >>> covariance = [[0.5, 0.0, 0.5], [0.0, 1.0, 1.0], [0.5, 1.0, 1.5]]
    >>> variance = [0.5, 1.0, 1.5]
    >>> expected_information(covariance, variance, variance, 1.0).round(6)
    array([0.031129, 0.085138, 0.123071])
    """
    C, v, u = _checked(covariance, variance, reference_variance)
    scores = np.empty(len(v))
    step = max(1, STEP // len(u))
    for start in range(0, len(v), step):
        some = slice(start, start + step)
        sq = _over(C[some] ** 2, (v[some] + noise)[:, None])
        sq = np.minimum(_over(sq, u + noise), MOST)
        np.log1p(np.negative(sq, out=sq), out=sq)
        scores[some] = -0.5 * sq.mean(axis=1)
    return scores


class VarianceReduction(PosteriorMixin, ModelStrategy):
    """Ask a regressor for labels that would make it surer of the rest of the pool.

    What is uncertain by itself may say nothing about other samples. Here a label counts
    by what it does to predictions for samples drawn from the pool: how much of their
    variance it takes away [1]_, or how much it tells about their labels [2]_. In a
    batch each sample is chosen as if the labels of those before it were known.

    Parameters
    ----------
    estimator : regressor, default=None
        Linear models and Gaussian processes in closed form, forests, bagging and voting
        ensembles by their members, any other by 10 copies that are trained on bootstrap
        samples: as in :class:`~skactive.disagreement.BatchVariance`. None: ``Ridge()``,
        or the model of the :class:`~skactive.ActiveLearner` that the strategy serves.
    n_references : int, default=500
        How many samples of the pool, drawn at random, stand for what is to be
        predicted; all of them if the pool has fewer.
    criterion : callable, default=variance_reduction
        :func:`variance_reduction`, :func:`expected_information`, or a function that is
        called in the same way and returns one finite number per sample.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members, the references and the
        order of ties.

    Attributes
    ----------
    estimator_ : regressor
        The model fitted on all labeled samples.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.disagreement.BatchVariance : Does not look at the rest of the pool.
    skactive.diversity.LCMD : Looks at where samples lie, and needs no regressor.
    skactive.disagreement.EPIG : The information of labels that are classes.

    Notes
    -----
    No model is trained again for a candidate. For linear models and Gaussian processes
    the scores are what training again on each candidate, with each label that it may
    have, would give: published as expected model variance reduction and, by its other
    name, expected output change. A test compares them to nine digits. For committees
    they are those of a Gaussian with the covariance of the members.

    It loses to random where the model's posterior is wrong: with a linear model where
    the truth is not, and with few trees. Features are not scaled: put a
    ``StandardScaler`` in the pipeline. With several outputs each is divided by the
    standard deviation of its labels, and covariances are added up. Where members agree
    everywhere chance decides, with a warning. ``exclude`` counts as labeled. Noise is
    estimated as by :class:`~skactive.disagreement.BatchVariance`.

    The default model is ``Ridge()``, which takes sparse matrices and several outputs;
    noise is a common factor of its scores, and does not change their order.

    Cost: one fit (or 11, with copies), then for the first sample O(n_pool K²) by
    :func:`variance_reduction` with K members or d + 1 columns of a linear model,
    however many references there are; O(n_pool n_references (K + 1)) by another
    criterion; O(n_pool (L² + n_references (L + d))) for a Gaussian process with L
    labels. Each further sample of a batch costs O(n_pool K), or
    O(n_pool (n_references + L)).

    On 1,500 samples of 20 columns with 100 labels, 10 picks took 4 milliseconds with
    ``Ridge``, 15 with a forest of 50 trees and 33 with a Gaussian process, beside the
    fit of the model; by :func:`expected_information` 50 to 93.

    Memory: ``24 n_pool K`` bytes above the input; by another criterion than
    :func:`variance_reduction` ``8 n_pool n_references`` more; of a Gaussian process
    ``8 n_pool (3 L + 2 b + d + 64 + 3 n_references)``. CSR is taken where the estimator
    takes it.

    References
    ----------
    .. [1] D. A. Cohn, Z. Ghahramani and M. I. Jordan. "Active Learning with
       Statistical Models." JAIR 1996.
    .. [2] F. Bickford Smith, A. Kirsch, S. Farquhar, Y. Gal, A. Foster and T.
       Rainforth. "Prediction-Oriented Bayesian Active Learning." AISTATS 2023.
       arXiv:2304.08151.

    Examples
    --------
    A sample alone is the most uncertain; one among many says more about the pool:

    >>> from sklearn.gaussian_process import GaussianProcessRegressor
    >>> from sklearn.gaussian_process.kernels import RBF
    >>> from skactive.lookahead import VarianceReduction
    >>> process = GaussianProcessRegressor(RBF(1.0, "fixed"), alpha=0.1)
    >>> X, y, X_pool = [[0.0]], [0.3], [[9.0], [2.4], [2.5], [2.6]]
    >>> VarianceReduction(process, random_state=0).fit(X, y, X_pool).query(1)
    array([2])
    """

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "n_references": [whole(1)],
        "criterion": [callable],
    }

    def __init__(
        self,
        estimator=None,
        *,
        n_references=500,
        criterion=variance_reduction,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_references = n_references
        self.criterion = criterion

    def _gain(self, spread, random_state):
        size = min(self.n_references, self.n_pool_)
        at = random_state.choice(self.n_pool_, size, replace=False)
        if self.criterion is variance_reduction and isinstance(spread, Deviations):
            gain = _Reduction(spread, at)
        else:
            gain = _Gain(self, spread, at)
        return gain.scores, gain.learn


class _Gain:
    """A criterion of the covariance with references, which is kept up to date."""

    def __init__(self, owner, spread, at):
        self.owner, self.spread, self.at = owner, spread, at
        self.C = spread.covariance(at)

    def scores(self):
        v = self.spread.variance
        owner, noise = self.owner, self.spread.noise
        answer = np.asarray(owner.criterion(self.C, v, v[self.at], noise))
        if answer.shape != v.shape or not np.isfinite(answer).all():
            raise ValueError(
                f"criterion={owner.criterion!r} of {type(owner).__name__} must return "
                f"one finite number per sample, an array of shape {v.shape}; got shape "
                f"{answer.shape}."
            )
        return answer

    def learn(self, i):
        e = self.spread.learn(i)
        self.C = less_outer(self.C, e, e[self.at])


class _Reduction:
    """The mean reduction of variance by deviations, without the covariance."""

    def __init__(self, spread, at):
        self.spread, self.at = spread, at
        Z = spread.Z
        of_references = Z[at].T @ Z[at] / len(at)
        # The mean squared covariance with references.
        self.sq = np.einsum("ij,ij->i", Z @ of_references, Z)

    def scores(self):
        return _over(self.sq, self.spread.variance + self.spread.noise)

    def learn(self, i):
        Z = self.spread.Z
        whole = self.spread.variance[i] + self.spread.noise
        to_references = Z[self.at] @ Z[i] / np.sqrt(whole if whole > 0 else 1)
        along = Z @ (Z[self.at].T @ to_references)  # before it is known
        e = self.spread.learn(i)
        change = e * (e * (to_references @ to_references) - 2 * along)
        self.sq = np.maximum(self.sq + change / len(self.at), 0)


def _over(part, whole):
    """Divide; where there is no variance there is nothing to gain."""
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _checked(covariance, variance, reference_variance):
    C, v, u = (
        np.asarray(a, dtype=np.float64)
        for a in (covariance, variance, reference_variance)
    )
    if C.ndim != 2 or not C.shape[1] or C.shape != v.shape + u.shape:
        raise ValueError(
            "covariance must have a row for each sample and a column for each "
            f"reference, one at least; got the shape {C.shape} for variances of shapes "
            f"{v.shape} and {u.shape}."
        )
    return C, v, u
