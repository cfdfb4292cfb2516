"""Ask for samples drawn at random: the floor that every strategy must beat."""

from skactive.base import QueryStrategy


class RandomSampling(QueryStrategy):
    """Ask for samples drawn at random from the pool.

    The baseline of active learning, and a hard one: it wastes nothing on outliers,
    follows the distribution of the pool, and its labeled set can serve any other
    model or evaluation without bias. Compare everything with it, on paired seeds.

    Drawn without replacement, uniformly. The answer to ``query(5)`` is the beginning
    of the answer to ``query(10)``.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Seed of the drawing.

    Attributes
    ----------
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    CoreSet : Ask for the samples farthest from all that are labeled.
    KMeansSampling : Ask for one sample from each part of the pool.

    Notes
    -----
    Samples are never looked at, so anything of known length is accepted. Cost:
    O(n_pool) per query, whatever the features; memory ``8 * n_pool`` bytes.

    Random wins early, while the model is too poor to know what it does not know, and
    on pools in which most samples are equally useful.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.diversity import RandomSampling
    >>> X_pool = np.arange(10.0).reshape(10, 1)
    >>> RandomSampling(random_state=0).fit(X_pool).query(3)
    array([9, 4, 2])
    """

    def __init__(self, *, random_state=None):
        self.random_state = random_state

    def _query(self, n):
        return self._query_random_state().permutation(self.n_pool_)[:n]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.no_validation = True
        return tags
