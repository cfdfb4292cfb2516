"""Ask for samples drawn by their squared distance to all that are labeled."""

from math import log

from skactive.base import EmbeddingStrategy
from skactive.selection import kmeans_plusplus


class KMeansPlusPlusSampling(EmbeddingStrategy):
    """Ask for samples drawn by their squared distance to what is labeled or drawn.

    As k-means++ draws its first centers [1]_, with the labeled samples as centers drawn
    already. Where :class:`CoreSet` takes the farthest sample, the farthest is only the
    likeliest here: many samples at some distance together outweigh one far away.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which distances are taken, such as the last
        hidden layer of a net or a PCA; "estimator" is the model of the learner. None
        takes the features as they are: scale them first, or the one with the largest
        unit decides.
    greedy : bool, default=False
        Whether 2 + ln(n) samples, rounded down, are drawn for each one asked for, of
        which the one is taken that leaves the smallest sum of squared distances.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and the drawing.

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
    BADGE : Draws the same way from gradients of a model.
    LCMD : Splits the part of the pool with the largest such sum, without drawing.
    skactive.selection.kmeans_plusplus : The drawing, as a function.

    Notes
    -----
    With nothing labeled, the first sample is drawn uniformly. Once all samples of the
    pool coincide with labeled or drawn ones, the rest are drawn uniformly.

    The answer to ``query(5)`` is the beginning of the answer to ``query(10)``; if
    `greedy`, only where as many are tried for both, as for 8 and 20.

    It loses to random sampling on pools with outliers, whose squared distances are
    large, though by less than :class:`CoreSet`; with features of unequal scale; and
    with many labels, when what is left to learn is the border between classes.

    Cost: O(n_pool * n * d), most of the draws many at a time; if `greedy`, one product
    of the pool with 2 + ln(n) samples for each one asked for. Memory: 32 bytes per
    sample of the pool beside the embedded pool, and blocks of some megabytes; if
    `greedy`, 12 more for each sample that is tried. float32, memory maps and CSR are
    worked on as they are.

    References
    ----------
    .. [1] D. Arthur and S. Vassilvitskii. "k-means++: the advantages of careful
       seeding." SODA 2007.

    Examples
    --------
    Of three samples at distances 1, 2 and 3, they are drawn in 1, 4 and 9 of 14 cases:

    >>> import numpy as np
    >>> from skactive.diversity import KMeansPlusPlusSampling
    >>> drawn = np.zeros(3)
    >>> for seed in range(140):
    ...     strategy = KMeansPlusPlusSampling(random_state=seed)
    ...     drawn[strategy.fit([[0.0]], [0], [[1.0], [2.0], [3.0]]).query(1)] += 1
    >>> drawn.argsort()
    array([0, 1, 2])
    """

    _covers = True

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "greedy": ["boolean"],
    }

    def __init__(self, embedding=None, *, greedy=False, random_state=None):
        super().__init__(embedding, random_state=random_state)
        self.greedy = greedy

    def _select(self, Z, n, *, Z_labeled, random_state):
        return kmeans_plusplus(
            Z,
            n,
            Z_labeled=Z_labeled,
            n_tries=2 + int(log(n)) if self.greedy else 1,
            random_state=random_state,
        )
