"""Ask for one typical sample from each part of the pool."""

from skactive.base import EmbeddingStrategy
from skactive.selection import kmeans_representatives


class KMeansSampling(EmbeddingStrategy):
    """Ask for the first batch: what is nearest the centers of n clusters of the pool.

    The pool is cut by k-means into as many clusters as samples are asked for, and
    each is represented by one member: typical samples from everywhere, when there is no
    model to consult. Labels are not looked at, so that it asks at the same centers
    again: after the first batch take another strategy, as by
    :class:`~skactive.compose.StrategySchedule`. This is the plain
    form, on the whole pool; the paper [1]_ clusters the most uncertain samples,
    weighted by their uncertainty, as :class:`~skactive.compose.TopThenDiverse` does.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which they are clustered; "estimator" is the model
        of the learner. None takes the features as they are: scale them first, or the
        one with the largest unit decides.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and the clustering.

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
    CoreSet : Ask for the samples farthest from all that are labeled.
    skactive.selection.kmeans_representatives : The picking, as a function.

    Notes
    -----
    It loses to random sampling after the first batch, or is no better
    (:ref:`defaults`), as labeled samples are ignored and the centers hardly move, and
    typical samples are seldom at the border between classes.

    Larger clusters come first. The answer to ``query(5)`` is *not* the beginning of
    the answer to ``query(10)``: five clusters are other clusters than ten. If the
    pool has fewer distinct samples than were asked for, the farthest of the rest
    follow.

    Cost: O(n_pool * n * n_features) for each of at most 30 moves of the centers, and
    two working copies of a dense embedded pool, in its own precision.

    References
    ----------
    .. [1] F. Zhdanov. "Diverse mini-batch Active Learning." 2019. arXiv:1901.05954.

    Examples
    --------
    >>> from skactive.diversity import KMeansSampling
    >>> X_pool = [[0.0], [1.0], [2.0], [9.0]]
    >>> KMeansSampling(random_state=0).fit(X_pool).query(2)
    array([1, 3])
    """

    def _select(self, Z, n, *, Z_labeled, random_state):
        return kmeans_representatives(Z, n, random_state=random_state)
