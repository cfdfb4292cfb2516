"""Query by committee: ask where the members contradict each other."""

from numbers import Integral

import numpy as np
from sklearn.base import is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_is_fitted

from skactive.base import ScoreStrategy
from skactive.disagreement._measures import vote_entropy
from skactive.disagreement._members import Committee, has_members, thaw


class QueryByCommittee(ScoreStrategy):
    """Ask for samples on which the members of a committee contradict each other.

    A random forest, extra trees, bagging or voting ensemble, also at the end of a
    pipeline, lends its own members. Of any other classifier ``n_members`` copies are
    trained, each with a seed of its own and on a bootstrap sample of the labeled
    samples, redrawn until it holds two classes.

    Parameters
    ----------
    estimator : classifier, default=None
        The ensemble, or the model of which a committee is made; a pipeline may hold
        the preprocessing. None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`: the members
        of an ensemble are asked as they are; of another model new copies are trained
        on the samples that ``fit`` is given.
    n_members : int, default=10
        How many copies are trained, at least 2. An ensemble has its own number.
    disagreement : callable, default=vote_entropy
        A function of class probabilities of shape (n_members, n_samples, n_classes)
        that returns one number per sample: :func:`vote_entropy`,
        :func:`kl_to_consensus`, :func:`consensus_entropy` or one of your own. Members
        without ``predict_proba`` can only vote.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the bootstrap samples, the members (whatever seed
        ``estimator`` holds, so that no two are alike) and the order of ties.

    Attributes
    ----------
    estimator_ : classifier
        The model fitted on all labeled samples.
    members_ : list of classifiers
        The fitted committee. Those lent by an ensemble predict positions in its
        ``classes_``.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.uncertainty.EntropySampling : Asks one model.

    Notes
    -----
    Cost: an ensemble is fitted once and asked once per member. Another model is
    fitted ``n_members + 1`` times. One array of n_members * n_pool * n_classes
    floats is built. The weights of a voting ensemble are left aside: each member has
    one voice. Members that were never shown a class give it probability zero.

    With fully grown trees probabilities are 0 or 1, and the Kullback-Leibler
    divergence is the vote entropy.

    It loses to random sampling when the committee is made of a few labels, so that
    its members differ everywhere; when it is so stable that they differ nowhere and
    chance decides among the ties; and when the best ``n`` are near duplicates. Of
    the measures, :func:`kl_to_consensus` lost most often where copies of a linear
    model were made: on the digits to random sampling in 9 of 10 paired runs, and
    :func:`vote_entropy` in none.

    References
    ----------
    .. [1] H. S. Seung, M. Opper and H. Sompolinsky. Query by committee. COLT 1992.
    .. [2] I. Dagan and S. P. Engelson. Committee-based sampling for training
       probabilistic classifiers. ICML 1995.
    .. [3] A. K. McCallum and K. Nigam. Employing EM and pool-based active learning
       for text classification. ICML 1998.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.disagreement import QueryByCommittee
    >>> X, y = [[0.0], [1.0], [8.0], [9.0]], ["a", "a", "b", "b"]
    >>> forest = RandomForestClassifier(50)
    >>> strategy = QueryByCommittee(forest, random_state=0)
    >>> strategy.fit(X, y, X_pool=[[0.0], [4.5], [9.0]]).query(1)
    array([1])
    """

    def __init__(
        self,
        estimator=None,
        *,
        n_members=10,
        disagreement=vote_entropy,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_members = n_members
        self.disagreement = disagreement

    def _fit(self, X, y, X_pool):
        self._check_parameters()
        if y is not None:
            y = column_or_1d(y)
        super()._fit(X, y, X_pool)
        if has_members(self.estimator_):
            self._committee = Committee.lent_by(self.estimator_)
            self._check_members(self._committee.members)
        else:
            self._committee = Committee.bagged(
                thaw(self.estimator_),
                X,
                y,
                X_pool,
                n_members=self.n_members,
                # Members need seeds also where the user asked for none.
                seed=self._query_seed if self._fit_seed is None else self._fit_seed,
            )
        self.members_ = self._committee.members

    def score_samples(self, X):
        """Return how much the members differ.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Higher is more worth a label.
        """
        check_is_fitted(self)
        if all(hasattr(member, "predict_proba") for member in self.members_):
            return self.disagreement(self._committee.predict_proba(X))
        return self.disagreement(self._committee.votes(X))

    def _check_parameters(self):
        n = self.n_members
        if isinstance(n, (bool, np.bool_)) or not isinstance(n, Integral):
            raise TypeError(f"n_members must be an integer, got {n!r}.")
        if n < 2:
            raise ValueError(f"n_members must be at least 2, got {n}.")
        if not callable(self.disagreement):
            raise TypeError(
                "disagreement must be a function of the members' probabilities, such "
                "as skactive.disagreement.vote_entropy; got "
                f"{self.disagreement!r}."
            )

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        if is_regressor(estimator):
            raise ValueError(
                "QueryByCommittee needs a classifier; committees of regressors are "
                f"not supported, and {estimator!r} is one."
            )
        if has_members(estimator):
            return
        self._check_members([estimator])
        inner = thaw(estimator)
        if isinstance(inner, Pipeline) and isinstance(inner[-1], FrozenEstimator):
            raise ValueError(
                f"The last step of {inner!r} is frozen: copies of it would all be "
                "alike, and never differ. Pass the model unfrozen, or freeze an "
                "ensemble."
            )

    def _check_members(self, members):
        if self.disagreement is vote_entropy:
            return
        for member in members:
            if not hasattr(member, "predict_proba"):
                raise ValueError(
                    f"QueryByCommittee needs members with predict_proba, which "
                    f"{member!r} has not. Take disagreement=vote_entropy, which "
                    "counts predictions, or wrap it in "
                    "sklearn.calibration.CalibratedClassifierCV."
                )
