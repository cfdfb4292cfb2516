"""BatchBALD: a batch whose labels say most together."""

import numpy as np

from skactive.base import ModelStrategy
from skactive.disagreement._batch_bald_joint import (
    JointLabels,
    greedy_joint_information,
)
from skactive.disagreement._members import CommitteeMixin
from skactive.utils import check_probabilities
from skactive.utils._constraints import whole

LEAST_CONFIGURATIONS, MOST_CONFIGURATIONS = 1000, 10_000


class BatchBALD(CommitteeMixin, ModelStrategy):
    """Ask for the batch whose labels say most about which committee member is right.

    :class:`BALD` adds up what each label says alone, and so pays for the same answer
    several times. Here each pick is the sample whose label adds most to the labels of
    those before, whatever they will be [1]_.

    Parameters
    ----------
    estimator : classifier, default=None
        An ensemble, a :class:`~skactive.nets.DropoutCommittee`, or a model of which
        copies are trained, as in :class:`BALD`. Their number matters here: take 50 or
        more for a batch of 10.
    n_members : int, default=50
        How many copies are trained, at least 2. Ensembles have their own number.
    n_configurations : int or None, default=None
        How many ways of labeling the picks are looked at: all of them while there are
        no more than this, then this many drawn at random, rounded up to a multiple of
        the members. None: 10 for each member, at least 1,000 and at most 10,000.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members, the drawn labels and
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
    PowerBALD : Drawn instead of computed; for large batches.

    Notes
    -----
    K members are told apart by ``log K`` nats: where they are sure of their answers,
    there is little left to say after 10 to 20 picks, whatever the pool holds, and
    doubling the members is worth two or three picks more. At 95 % of it, or when no
    label adds anything, the rest of the batch is drawn as by :class:`PowerBALD`.
    :meth:`information` shows how far a batch has come.

    It loses to random sampling where :class:`BALD` does: with members from a few
    labels, and in pools with much that is irrelevant. Beyond the 95 % it is
    PowerBALD, at a higher price.

    Cost: for M configurations, K members and C classes, a gain is O(M K C). Gains only
    fall, and information is concave: bounds by old gains, and by configurations merged
    to K, rule out all but a few samples for each pick. The picks are those of computing
    every gain (where labels are drawn: except for the noise of that), so the pool needs
    no pruning.

    Memory: ``4 K n_pool (C + 3) + 40 M K`` bytes above the input and 1 MB (first part,
    where the members answer in double precision: ``12 K n_pool (C + 2)``), and what one
    member needs to answer.

    References
    ----------
    .. [1] A. Kirsch, J. van Amersfoort and Y. Gal. "BatchBALD: Efficient and Diverse
       Batch Acquisition for Deep Bayesian Active Learning." NeurIPS 2019.
       arXiv:1906.08158.

    Examples
    --------
    Of two picks, the second adds less than it would alone:

    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.disagreement import BatchBALD
    >>> X, y = [[0.0], [2.0], [8.0], [9.0]], ["a", "a", "b", "b"]
    >>> X_pool = [[4.9], [5.0], [5.0], [1.9], [8.1], [6.0]]
    >>> strategy = BatchBALD(RandomForestClassifier(100), random_state=0)
    >>> strategy = strategy.fit(X, y, X_pool)
    >>> picks = strategy.query(2)
    >>> strategy.information(picks).round(2)
    array([0.63, 0.78])
    """

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "n_members": [whole(2)],
        "n_configurations": [whole(1), None],
    }

    def __init__(
        self,
        estimator=None,
        *,
        n_members=50,
        n_configurations=None,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.n_configurations = n_configurations

    def information(self, positions):
        """Return what the labels of a batch say about the members, pick after pick.

        Parameters
        ----------
        positions : array-like of int of shape (n,)
            Positions in the pool, such as the answer of ``query``.

        Returns
        -------
        information : ndarray of shape (n,)
            Information in the labels of the first, of the first two, ..., in nats:
            at most ``log(n_members)``, except for the error of drawing labels. It is
            exact while all configurations are looked at.
        """
        proba = self._checked_proba()
        rng = self._query_random_state()
        joint = JointLabels(proba, self._n_configurations(len(proba)), rng)
        gains = []
        for row in np.asarray(positions, dtype=np.intp):
            gains.append(joint.gains(np.array([row]))[0])
            joint.add(row)
        return np.cumsum(gains)

    def _query(self, n):
        proba = self._checked_proba()
        picks, _ = greedy_joint_information(
            proba,
            n,
            n_configurations=self._n_configurations(len(proba)),
            rng=self._query_random_state(),
        )
        return picks

    def _checked_proba(self):
        proba = check_probabilities(self._members_proba(self._X_pool), ndim=3)
        if len(proba) < 2:
            raise ValueError(
                "BatchBALD needs a committee of 2 members or more, and "
                f"{self.estimator_!r} has {len(proba)}."
            )
        return proba.astype(np.float32, copy=False)

    def _n_configurations(self, n_members):
        wanted = self.n_configurations
        if wanted is None:
            wanted = max(10 * n_members, LEAST_CONFIGURATIONS)
            wanted = min(wanted, max(MOST_CONFIGURATIONS, n_members))
        return -(-wanted // n_members) * n_members
