"""Ask for the samples farthest from all that are labeled."""

from skactive._sklearn import StrOptions
from skactive.base import EmbeddingStrategy
from skactive.selection import k_center_greedy
from skactive.selection._nearest_labeled import NearestLabeled
from skactive.utils._constraints import number


class CoreSet(EmbeddingStrategy):
    """Ask for the samples farthest from all that are labeled or asked for.

    Greedy k-center: each pick is the sample whose nearest labeled or picked sample is
    farthest away, so that no sample of the pool stays far from a label [1]_. The
    radius that remains is at most twice what the best choice could reach. Only
    positions count, not what a model believes; with nothing labeled, the first pick
    is the sample nearest the mean.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which distances are taken, such as the last
        hidden layer of a net or a PCA; "estimator" is the model of the learner, as
        published. None takes the features as they are: scale them first, or the one
        with the largest unit decides.
    metric : {"euclidean", "cosine"}, default="euclidean"
        Distance between samples. A sample whose features are all zero is at cosine
        distance 1 from every other sample, except that such samples are duplicates of
        each other.
    outlier_share : float, default=0.0
        Share of the pool, from 0 to below 1, that is regarded as outliers: at each pick
        that many of the farthest samples are skipped.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and decides among exactly equal distances.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    RobustCoreSet : The best picks in place of greedy ones, for pools of thousands.
    KMeansSampling : Ask for one typical sample from each part of the pool.
    skactive.selection.k_center_greedy : The picking, as a function.

    Notes
    -----
    Loses to random where the farthest samples are the strangest: on pools with
    outliers (raise `outlier_share`), with few labels per class, with features of
    unequal scale, and in spaces in which all distances are alike.

    Cost: at most one product of the pool with each pick, most of it saved by looking
    only at samples that could be the farthest; `outlier_share` costs more per pick.
    Memory: beside the embedded pool, 32 bytes per sample if that is float32 (it stays
    so), 64 if float64, and blocks of 2 MB. The answer to ``query(5)`` is the beginning
    of the answer to ``query(10)``.

    The paper also gives a mixed-integer program that improves on the greedy picks:
    :class:`RobustCoreSet`. This is the greedy part.

    References
    ----------
    .. [1] O. Sener and S. Savarese. "Active Learning for Convolutional Neural
       Networks: A Core-Set Approach." ICLR 2018. arXiv:1708.00489.

    Examples
    --------
    >>> from skactive.diversity import CoreSet
    >>> X_pool = [[1.0], [4.0], [9.0], [10.0]]
    >>> CoreSet().fit([[0.0]], [0], X_pool).query(2)
    array([3, 1])
    """

    _covers = True

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "metric": [StrOptions({"cosine", "euclidean"})],
        "outlier_share": [number(0, 1, closed="left")],
    }

    def __init__(
        self,
        embedding=None,
        *,
        metric="euclidean",
        outlier_share=0.0,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.metric = metric
        self.outlier_share = outlier_share

    def _query(self, n):
        nearest = self._kept_of_run("nearest", self._nearest, self.metric)
        if nearest is None:
            return super()._query(n)
        return nearest.farthest(
            n,
            self._labeled_of_run,
            self._pool.positions,
            self._n_outliers(self.n_pool_),
            self._query_random_state(),
        )

    def _nearest(self, Z):
        return NearestLabeled(Z, self.metric)

    def _n_outliers(self, n_rows):
        # Rounded first, as 0.29 * 100 is a little less than 29.
        return int(round(self.outlier_share * n_rows, 9))

    def _select(self, Z, n, *, Z_labeled, random_state):
        return k_center_greedy(
            Z,
            n,
            Z_labeled=Z_labeled,
            metric=self.metric,
            n_outliers=self._n_outliers(Z.shape[0]),
            random_state=random_state,
        )
