"""EPIG: ask for labels that say something about predictions that matter."""

import numpy as np

from skactive.base import ScoreStrategy
from skactive.disagreement._members import CommitteeMixin
from skactive.utils import check_probabilities, shannon_entropy
from skactive.utils._constraints import whole
from skactive.utils._pool import Pool, reads_pools
from skactive.utils._rows import take_rows, with_rows

# Bytes of the joint probabilities that are looked at in one step.
STEP_BYTES = 2**24


def predictive_information(proba, proba_target):
    """Return what each label says about the labels of targets, on average.

    Members of a committee are plausible answers. The label of a sample supports some of
    them, and so the labels that they predict elsewhere. It is the mutual information of
    the two labels, averaged over the targets [1]_.

    Parameters
    ----------
    proba : array-like of shape (n_members, n_samples, n_classes)
        Class probabilities of each member for the samples that may be asked for.
    proba_target : array-like of shape (n_members, n_targets, n_classes)
        Those of the same members for samples on which predictions should be good.

    Returns
    -------
    scores : ndarray of float32 or float64 of shape (n_samples,)
        In nats: at least 0 and at most the BALD score,
        :func:`~skactive.disagreement.kl_to_consensus`.

    Raises
    ------
    ValueError
        If a row is no distribution, if there is no target, or if members or classes
        differ in number.

    Notes
    -----
    O(n_samples * n_targets * n_classes² * n_members) time by matrix products, in steps
    of 48 MB, or of 3 products with all targets where these are larger.

    References
    ----------
    .. [1] F. Bickford Smith, A. Kirsch, S. Farquhar, Y. Gal, A. Foster and T.
       Rainforth. "Prediction-Oriented Bayesian Active Learning." AISTATS 2023.
       arXiv:2304.08151.

    Examples
    --------
    Members differ about both samples, but only about the first as about the target:

    >>> from skactive.disagreement import predictive_information
    >>> member_1 = [[0.9, 0.1], [0.9, 0.1]]
    >>> member_2 = [[0.9, 0.1], [0.1, 0.9]]
    >>> member_3 = [[0.1, 0.9], [0.9, 0.1]]
    >>> member_4 = [[0.1, 0.9], [0.1, 0.9]]
    >>> target = [[[0.8, 0.2]], [[0.8, 0.2]], [[0.2, 0.8]], [[0.2, 0.8]]]
    >>> members = [member_1, member_2, member_3, member_4]
    >>> predictive_information(members, target).round(6)
    array([0.12009, 0.     ])
    """
    proba = check_probabilities(proba, ndim=3)
    target = check_probabilities(proba_target, ndim=3).astype(proba.dtype, copy=False)
    n_members, n_targets, n_classes = target.shape
    if (n_members, n_classes) != (proba.shape[0], proba.shape[2]) or not n_targets:
        raise ValueError(
            "proba and proba_target must hold the same members and classes, and one "
            f"target or more; got the shapes {proba.shape} and {target.shape}."
        )
    scores = shannon_entropy(proba.mean(axis=0))
    scores += shannon_entropy(target.mean(axis=0)).mean()
    T = target.reshape(n_members, -1) / proba.dtype.type(n_members)
    step = max(1, STEP_BYTES // (T.shape[1] * n_classes * T.itemsize))
    for start in range(0, len(scores), step):
        some = slice(start, start + step)
        Q = proba[:, some].reshape(n_members, -1)
        # Rows: sample and its class. Columns: target and its class.
        joint = (Q.T @ T).reshape(-1, n_classes * T.shape[1])
        scores[some] -= shannon_entropy(joint) / n_targets
    return np.maximum(scores, 0)


class EPIG(CommitteeMixin, ScoreStrategy):
    """Ask what says most about targets; in batches of many classes it loses to random.

    :class:`BALD` asks for what tells members apart, even where no prediction depends on
    it. The expected predictive information gain counts only what a label says about
    the labels of target samples, those on which predictions should be good [1]_.

    Parameters
    ----------
    estimator : classifier, default=None
        An ensemble, a :class:`~skactive.nets.DropoutCommittee`, or a model of which
        copies are trained, as in :class:`BALD`.
    n_members : int, default=10
        How many copies are trained, at least 2. Ensembles have their own number.
    X_target : array-like of shape (n_targets, ...) or None, default=None
        Unlabeled samples of the kind to be predicted later. None: ``n_targets`` drawn
        from the pool, which takes the pool for representative.
    n_targets : int, default=100
        How many are drawn from the pool, if it holds so many.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members, the targets drawn and
        the order of ties.

    Attributes
    ----------
    estimator_ : classifier
        The model fitted on all labeled samples.
    members_ : list of classifiers
        The fitted committee. A model that answers for all members is the only entry.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    predictive_information : The score.
    skactive.compose.StochasticBatch : Draws batches by the scores of any strategy.

    Notes
    -----
    It loses to random sampling with members from a few labels, whose disagreement means
    little; and in batches of near duplicates, for each sample is scored by itself. If
    more than one is asked for, ``query`` warns: wrap it in
    :class:`~skactive.compose.StochasticBatch` (:ref:`defaults`).
    Where all of the pool matters, it is :class:`BALD` at a higher price.

    Cost: that of BALD, and a product O(n_pool * n_targets * C² * K).

    Memory: ``8 K (n_pool + 2 n_targets) (C + 3)`` bytes above the input for K members
    and C classes in double precision, half of that in single, steps of 48 MB, and what
    one member needs to answer.

    References
    ----------
    .. [1] F. Bickford Smith, A. Kirsch, S. Farquhar, Y. Gal, A. Foster and T.
       Rainforth. "Prediction-Oriented Bayesian Active Learning." AISTATS 2023.
       arXiv:2304.08151.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.disagreement import EPIG
    >>> X, y = [[0.0], [1.0], [8.0], [9.0]], ["a", "a", "b", "b"]
    >>> strategy = EPIG(RandomForestClassifier(50), X_target=[[4.2]], random_state=0)
    >>> strategy.fit(X, y, X_pool=[[0.0], [4.4], [9.0]]).query(1)
    array([1])
    """

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "n_members": [whole(2)],
        "n_targets": [whole(1)],
    }

    _draws_batches = "StochasticBatch(EPIG())"

    def __init__(
        self,
        estimator=None,
        *,
        n_members=10,
        X_target=None,
        n_targets=100,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.X_target = X_target
        self.n_targets = n_targets

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        target = self.X_target
        if target is None:
            target = self._drawn_targets(X if self.n_pool_ == 0 else X_pool)
        self._target_proba = self._committee.predict_proba(target)

    def _drawn_targets(self, X):
        X = with_rows(X)  # to CSR: other sparse formats have no rows
        n_samples = X.shape[0] if hasattr(X, "shape") else len(X)
        if n_samples <= self.n_targets:
            return take_rows(X, np.arange(n_samples)) if isinstance(X, Pool) else X
        rng = np.random.RandomState(self._query_seed)
        return take_rows(X, rng.choice(n_samples, self.n_targets, replace=False))

    def score_samples(self, X):
        """Return what each label says about the labels of the targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            In nats, from 0 to the BALD score; higher is more worth a label.
        """
        return predictive_information(self._members_proba(X), self._target_proba)
