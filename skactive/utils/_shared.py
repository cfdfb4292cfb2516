"""What the rounds of a run share: made from samples and parameters, not from labels."""

import joblib


class Shared:
    """What is made once for a run and serves all of its rounds.

    The learner makes one for each run, and gives it to strategies with the pool. It
    owns one X, so that X is in no key. What was not asked for during a round and the
    one before is forgotten; copies and pickles begin without anything.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        All samples of the run, by reference.
    seed : int or None, default=None
        Seeds what is made without labels, in every round alike. None: each strategy
        has its own.
    keep : bool, default=True
        Whether anything is kept. What is made has the same seed and learns from the
        same rows if not.

    Examples
    --------
    >>> from skactive.utils._shared import Shared
    >>> shared = Shared([[1.0], [2.0]])
    >>> shared.get("total", lambda: sum(row[0] for row in shared.X))
    3.0
    >>> shared.get("total", lambda: "not called")
    3.0
    """

    def __init__(self, X, seed=None, keep=True):
        self.X, self.seed, self.keep = X, seed, keep
        self.frozen = ()  # fitted embeddings that the user gave, and nobody refits
        self._kept, self._used, self._round = {}, {}, 0

    def __getstate__(self):
        return {**vars(self), "_kept": {}, "_used": {}, "frozen": ()}

    def begin_round(self, keep, frozen=(), number=None):
        """Forget what served neither of the last two rounds.

        Parameters
        ----------
        keep : bool
            As above, from now on.
        frozen : sequence of FrozenEstimator, default=()
            Embeddings that stay as they are, known by their identity.
        number : int or None, default=None
            Of the round: by hand, a round may ask many times. None: the next one.
        """
        self.keep, self.frozen = keep, frozen
        self._round = self._round + 1 if number is None else number
        stale = [key for key, used in self._used.items() if used < self._round - 1]
        for key in self._kept if not keep else stale:
            self._used.pop(key, None)
        self._kept = {key: self._kept[key] for key in self._used}

    def get(self, key, make):
        """Return what is kept under a key, or make it.

        Parameters
        ----------
        key : hashable or None
            Says what it is made from, but for X. None: it is not kept.
        make : callable
            Makes it, without arguments.

        Returns
        -------
        made : object
            Not to be written to, but by who made it.
        """
        if key is None or not self.keep:
            return make()
        if key not in self._kept:
            self._kept[key] = make()
        self._used[key] = self._round
        return self._kept[key]

    def key_of(self, embedding):
        """Return the key of a fitted embedding, or None if it may change.

        Parameters
        ----------
        embedding : transformer or None
            One that :meth:`get` made, a frozen one, or None for the features.

        Returns
        -------
        key : tuple or None
            For what is made from embedded samples.
        """
        if embedding is None:
            return ("features",)
        if any(embedding is one for one in self.frozen):
            # The key keeps it alive: a number of an object may be given to a later one.
            return ("frozen", embedding)
        found = (key for key, value in self._kept.items() if value is embedding)
        return next(found, None)


def content_key(kind, estimator):
    """Return a key for what an unfitted estimator makes, or None if it has none.

    Parameters
    ----------
    kind : str
        What is made.
    estimator : estimator object
        With all of its parameters, seeds among them.

    Returns
    -------
    key : tuple or None
        None for what cannot be pickled, such as a lambda.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from skactive.utils._shared import content_key
    >>> content_key("embedding", PCA(2)) == content_key("embedding", PCA(2))
    True
    >>> content_key("embedding", PCA(2)) == content_key("embedding", PCA(3))
    False
    """
    try:
        return (kind, joblib.hash(estimator))
    except Exception:  # pickling raises errors of all kinds
        return None
