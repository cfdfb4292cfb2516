"""Ask for the samples with the smallest covering radius, outliers apart."""

import warnings
from numbers import Integral

from skactive.base import EmbeddingStrategy
from skactive.exceptions import SolverLimitWarning
from skactive.selection._robust import robust_k_center
from skactive.utils._constraints import number, whole
from skactive.utils._kept import LastQuery
from skactive.utils._pool import reads_pools


class RobustCoreSet(EmbeddingStrategy):
    """Ask for the samples that leave the smallest distance to a label, outliers apart.

    The core-set as an integer program [1]_: of all ways to choose n samples, the one
    with the smallest covering radius, which is the largest distance from a sample to
    its nearest labeled or chosen one. The `n_outliers` farthest samples do not count.
    :class:`CoreSet` picks greedily, and its radius may be twice as large.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which distances are taken, such as the last
        hidden layer of a net or a PCA; "estimator" is the model of the learner, as
        published. None takes the features as they are: scale them first, or the one
        with the largest unit decides.
    n_outliers : int or float, default=0.01
        Samples of the pool that may stay far from all labels. An int is how many, a
        float below 1 a share of the pool, rounded down. A pool shrinks as it is
        labeled, and an int does not.
    max_pool : int, default=2000
        Largest pool that is taken.
    node_limit : int, default=100
        Largest number of nodes that the solver opens for one integer program, of which
        there are some ten in a query. Unlike seconds, it leads to the same answer on a
        slow machine as on a fast one.
    time_limit : float or None, default=None
        Seconds for all programs of a query together; 0 leaves the greedy answer. None:
        no such limit, as the answer would depend on the machine.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and decides among exactly equal distances of the greedy
        picks that the search begins with.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    radius_ : float
        Of the last query, as are the next three: the largest distance from a sample of
        the pool to the nearest one labeled or asked for, the outliers apart. None of
        the four is pickled.
    lower_bound_ : float
        No choice of as many samples has a smaller radius.
    gap_ : float
        Share of the radius that another choice might save, at most:
        ``1 - lower_bound_ / radius_``. It is 0 if `radius_` is proven the smallest.
    greedy_radius_ : float
        The radius of as many greedy picks, with the same outliers.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        By ``fit``, if the pool is larger than `max_pool`, before anything is computed,
        or if all its samples are outliers.

    Warns
    -----
    SolverLimitWarning
        From ``query``, if the solver met a limit before the radius was proven the
        smallest. The best samples found are returned; the message has the gap.

    See Also
    --------
    CoreSet : The greedy form, for pools of any size.
    skactive.compose.PoolSubsampling : Asks about a random part of a larger pool.

    Notes
    -----
    Whether n samples cover all others within a radius is decided by
    :func:`scipy.optimize.milp`. The smallest radius is a distance between two samples,
    so these are bisected: first by a greedy cover, which lowers the radius that is
    reached, then by linear programs, which raise the proven bound, and by integer
    programs in between.

    Samples come in the order in which they bring others within the radius; once all
    are, the farthest follow, outliers apart. The answer to ``query(5)`` is *not* the
    beginning of the answer to ``query(10)``. Of several choices with the smallest
    radius any may be returned. Samples excluded from a query are taken for labeled; if
    it may only ask `among` some, only these are covered, and outliers are counted
    among them.

    It loses to random sampling where :class:`CoreSet` does, strange samples apart: with
    few labels per class, and in spaces in which all distances are alike. There is
    nothing to gain from a smaller radius where a model cannot use it: compare first.

    Cost: some thirty linear and integer programs with twice as many variables as
    samples; the last of them are the hard ones, and may take exponential time up to the
    limit. Memory: ``30 * n_pool ** 2`` bytes, and what the solver takes. On one core of
    a shared machine, 20 samples of pools of eight blobs in five dimensions took:

    =======  =======  ============================
    samples  seconds  megabytes of the process
    =======  =======  ============================
    200      0.4      207, nearly all for libraries
    500      0.7      212
    1,000    14       250
    2,000    80       331
    =======  =======  ============================

    Others are harder: 20 of 1,000 normal samples in ten dimensions (seed 0) took 178
    seconds and left a gap of 1.1 %.

    References
    ----------
    .. [1] O. Sener and S. Savarese. "Active Learning for Convolutional Neural
       Networks: A Core-Set Approach." ICLR 2018. arXiv:1708.00489.

    Examples
    --------
    Greedily, 8 would be asked for, which leaves 4 at a distance of 4:

    >>> from skactive.diversity import RobustCoreSet
    >>> X_pool = [[4.0], [6.0], [8.0]]
    >>> strategy = RobustCoreSet().fit([[0.0]], [0], X_pool)
    >>> strategy.query(1)
    array([1])
    >>> strategy.radius_, strategy.greedy_radius_, strategy.gap_
    (2.0, 4.0, 0.0)
    """

    _covers = True

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "n_outliers": [whole(0), number(0, 1, closed="left")],
        "max_pool": [whole(1)],
        "node_limit": [whole(1)],
        "time_limit": [number(0, closed="left"), None],
    }

    def __init__(
        self,
        embedding=None,
        *,
        n_outliers=0.01,
        max_pool=2000,
        node_limit=100,
        time_limit=None,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.n_outliers = n_outliers
        self.max_pool = max_pool
        self.node_limit = node_limit
        self.time_limit = time_limit

    _last = {}

    @reads_pools
    def _fit(self, X, y, X_pool):
        self._check_n_pool(self.n_pool_)
        self._last = LastQuery()
        super()._fit(X, y, X_pool)

    def _select(self, Z, n, *, Z_labeled, random_state):
        cover = robust_k_center(
            Z,
            n,
            Z_labeled=Z_labeled,
            n_outliers=self._count_outliers(Z.shape[0]),
            node_limit=self.node_limit,
            time_limit=self.time_limit,
            random_state=random_state,
        )
        self._last["cover"] = cover
        if cover.stopped:
            warnings.warn(
                f"RobustCoreSet asks for samples of radius {cover.radius:.6g}, and the "
                f"solver stopped when {cover.lower_bound:.6g} was not excluded yet: a "
                f"gap of {cover.gap:.2%}. Raise node_limit={self.node_limit} or "
                f"time_limit={self.time_limit}, or ask a smaller part of the pool.",
                SolverLimitWarning,
                stacklevel=4,
            )
        return cover.positions

    def _count_outliers(self, n_pool):
        """Return how many samples of a pool are outliers."""
        n_outliers = self.n_outliers
        if not isinstance(n_outliers, Integral):
            # Rounded first, as 0.29 * 100 is a little less than 29.
            n_outliers = int(round(n_outliers * n_pool, 9))
        if n_outliers >= n_pool:
            raise ValueError(
                f"RobustCoreSet(n_outliers={self.n_outliers}) takes all {n_pool} "
                "samples that may be asked for as outliers, so nothing is left to "
                "cover. Pass fewer, or a share below 1, which shrinks with the pool."
            )
        return int(n_outliers)

    def _check_n_pool(self, n_pool):
        if n_pool > 0:
            self._count_outliers(n_pool)
        if n_pool > self.max_pool:
            raise ValueError(
                f"RobustCoreSet solves integer programs and takes pools of up to "
                f"max_pool={self.max_pool} samples; this one has {n_pool}. Ask about a "
                f"random part, PoolSubsampling(RobustCoreSet(), max_pool="
                f"{self.max_pool}), or greedily, CoreSet(outlier_share=0.01)."
            )

    def _known(self, name):
        if not self._last:
            raise AttributeError(
                f"{type(self).__name__} has no {name} yet: it is known after query."
            )
        return self._last["cover"]

    @property
    def radius_(self):
        """Covering radius of the last query."""
        return self._known("radius_").radius

    @property
    def lower_bound_(self):
        """What no choice of as many samples can beat."""
        return self._known("lower_bound_").lower_bound

    @property
    def gap_(self):
        """Share of the radius that another choice might save."""
        return self._known("gap_").gap

    @property
    def greedy_radius_(self):
        """Covering radius of as many greedy picks."""
        return self._known("greedy_radius_").greedy_radius
