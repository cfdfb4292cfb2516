"""Ask for numbers where a regressor knows least, once the rest of a batch is known."""

from skactive._sklearn import StrOptions
from skactive.base import ModelStrategy
from skactive.utils._constraints import number, whole
from skactive.utils._posterior_mixin import PosteriorMixin


class BatchVariance(PosteriorMixin, ModelStrategy):
    """Ask a regressor for samples whose values it knows least, one after another.

    The first sample is the one of the largest posterior variance. Its label would also
    tell something about its neighbors, whatever it is: their variance is lowered as if
    it were known, and the next sample is the one of the largest variance then. So a
    batch does not hold near duplicates. For Gaussian posteriors it is, greedily, the
    batch that tells most about the model: BALD for numbers, and maximum determinant
    [1]_.

    Parameters
    ----------
    estimator : regressor, default=None
        Of ``LinearRegression``, ``Ridge``, ``RidgeCV``, ``BayesianRidge`` and
        ``GaussianProcessRegressor`` the posterior is computed in closed form, also at
        the end of a pipeline. A random forest, extra trees, a bagging or voting
        ensemble lends its members, whose differences are the posterior. Of any other
        regressor ``n_members`` copies are trained on bootstrap samples. None:
        ``Ridge()``, or the model of the :class:`~skactive.ActiveLearner` that the
        strategy serves. One that is already fitted comes wrapped in
        :class:`sklearn.frozen.FrozenEstimator`; it should have learned from the samples
        that ``fit`` is given.
    noise : {"estimated"} or float, default="estimated"
        Variance of the error of one label, in squared units of y: with 0 a sample that
        was picked says all about its copies. "estimated": of linear models from their
        residuals, of Gaussian processes what they have learned or were given, and of
        committees a tenth of the mean variance over the pool.
    n_members : int, default=10
        How many copies are trained, at least 2, of a model that is neither an ensemble
        nor one with a closed form.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members and the order of ties.

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
    QueryByCommittee : Takes the largest variances, without regard to each other.
    skactive.lookahead.VarianceReduction : Counts what a label tells about the rest.
    skactive.diversity.LCMD : Looks at where samples lie, and needs no regressor.

    Notes
    -----
    It loses to random where the largest variance belongs to outliers, which a linear
    model takes for the most informative; in tables of many columns that say nothing;
    and with targets of heavy tails, as members differ most where values are large: then
    give logarithms as labels. Features are not scaled: put a ``StandardScaler`` in the
    pipeline. Where members agree everywhere, as after labels that are all the same,
    chance decides, with a warning. With several outputs each is divided by the standard
    deviation of its labels, and covariances are added up. ``exclude`` counts as
    labeled.

    The default model is ``Ridge()``: it takes sparse matrices and several outputs, and
    the order of its picks does not depend on the noise that is estimated, since noise
    and covariance have it as a common factor.

    Cost: one fit, or ``n_members + 1``; for a batch of b, O(n_pool (K + b) b) with
    K members, or d + 1 columns of a linear model, of which O(n_pool d²) is the
    preparation; of a Gaussian process with L labels O(n_pool (L + b) (L + b)). With
    more than 256 columns, and more columns than labels, a linear model is treated like
    a process. Nothing is trained again for a candidate.

    On 1,500 samples of 20 columns with 100 labels, 10 picks took 4 milliseconds with
    ``Ridge``, 15 with a forest of 50 trees and 11 with a Gaussian process, beside the
    fit of the model.

    Memory: ``24 n_pool K`` bytes above the input, of a Gaussian process
    ``8 n_pool (3 L + 2 b + d + 64)``. Nothing grows with the square of the pool. CSR
    is taken where the estimator takes it.

    References
    ----------
    .. [1] D. Holzmüller, V. Zaverkin, J. Kästner and I. Steinwart. "A Framework and
       Benchmark for Deep Batch Active Learning for Regression." JMLR 2023.
       arXiv:2203.09410.

    Examples
    --------
    The second pick is not the neighbor of the first, of the next largest variance:

    >>> from skactive.disagreement import BatchVariance
    >>> X, y = [[-1.0], [0.0], [1.0]], [0.1, 0.0, 0.2]
    >>> strategy = BatchVariance(random_state=0)
    >>> strategy.fit(X, y, X_pool=[[8.9], [9.0], [-6.0], [0.5]]).query(2)
    array([1, 2])
    """

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "noise": [StrOptions({"estimated"}), number(0, None, "left")],
        "n_members": [whole(2)],
    }

    def __init__(
        self, estimator=None, *, noise="estimated", n_members=10, random_state=None
    ):
        super().__init__(estimator, random_state=random_state)
        self.noise = noise
        self.n_members = n_members

    def _gain(self, spread, random_state):
        return (lambda: spread.variance), spread.learn
