"""Batches drawn by the scores of any strategy."""

from skactive.compose._batch_of_scores import BatchOfScores
from skactive.selection import softrank_sample
from skactive.utils._constraints import number


class StochasticBatch(BatchOfScores):
    """Ask for a batch drawn at random, high scores of another strategy more often.

    The best scores of a pool often belong to near duplicates. Drawn, a batch
    spreads over all that is worth a label, for one random number per sample [1]_.

    Parameters
    ----------
    strategy : strategy with ``score_samples``, default=None
        Gives the scores. None: :class:`~skactive.uncertainty.EntropySampling` asking
        the model of the :class:`~skactive.ActiveLearner` that it serves; without a
        learner, ``LogisticRegression()``, images flattened.
    sample : callable, default=softrank_sample
        A function ``sample(scores, n, *, beta, random_state)`` that returns positions:
        :func:`~skactive.selection.softrank_sample`, which fits scores of either sign,
        :func:`~skactive.selection.power_sample` for scores of 0 and more, as BALD,
        entropy and EPIG give, or :func:`~skactive.selection.softmax_sample`.
    beta : float, default=1.0
        Above 0. Infinity takes the best scores, small values come close to drawing
        uniformly.
    random_state : int, RandomState instance or None, default=None
        Seeds the strategy, with all its parts, and the drawing.

    Attributes
    ----------
    strategy_ : strategy
        The fitted strategy.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.disagreement.PowerBALD : BALD with ``power_sample``, ready made.

    Notes
    -----
    It loses to random sampling where the scores do, though by less, and to the strategy
    itself where one sample at a time is asked for. In a large pool of which little is
    worth a label, most of a batch is drawn from the rest: a larger ``beta`` helps.

    Cost: the scores of the pool, and O(n_pool log n_pool) for the drawing, with
    ``40 n_pool`` bytes.

    References
    ----------
    .. [1] A. Kirsch, S. Farquhar, P. Atighehchian, A. Jesson, F. Branchaud-Charron and
       Y. Gal. "Stochastic Batch Acquisition: A Simple Baseline for Deep Active
       Learning." TMLR 2023. arXiv:2106.12059.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from skactive.compose import StochasticBatch
    >>> from skactive.uncertainty import MarginSampling
    >>> X, y = load_digits(return_X_y=True)
    >>> strategy = StochasticBatch(MarginSampling(GaussianNB()), random_state=0)
    >>> strategy.fit(X[:50], y[:50], X_pool=X[50:]).query(10).shape
    (10,)
    """

    _parameter_constraints = {
        **BatchOfScores._parameter_constraints,
        "sample": [callable],
        "beta": [number(0, closed="right")],
    }

    def __init__(
        self, strategy=None, *, sample=softrank_sample, beta=1.0, random_state=None
    ):
        self.strategy = strategy
        self.sample = sample
        self.beta = beta
        self.random_state = random_state

    def _query(self, n):
        rng = self._query_random_state()
        return self.sample(self._scores(), n, beta=self.beta, random_state=rng)
