"""History sampling: which samples were learned as those without a label are?"""

import warnings

import numpy as np
from scipy.stats import spearmanr
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier

from skactive._sklearn import StrOptions
from skactive.base import ModelStrategy
from skactive.selection import top_n
from skactive.uncertainty._history_features import history_features, snapshots_of
from skactive.uncertainty._past import (
    SERVES,
    check_turns,
    kind_of_past,
    past_of,
    train_with_past,
)
from skactive.utils import shannon_entropy
from skactive.utils._constraints import whole
from skactive.utils._fit_params import cut_to_rows
from skactive.utils._fitting import MAX_SEED
from skactive.utils._models import ClassesOnlyMixin
from skactive.utils._pool import reads_pools
from skactive.utils._rows import take_rows, with_rows


class LabeledOrNot:
    """A random forest that tells rows with a label from rows without.

    Parameters
    ----------
    forest : RandomForestClassifier
        With ``oob_score=True``.
    F : ndarray of shape (n_rows, n_features)
        Features of rows.
    unlabeled : ndarray of bool of shape (n_rows,)
        Which of them have no label.

    Attributes
    ----------
    own_scores : ndarray of shape (n_rows,)
        How surely each row has no label, by trees that have not seen it.
    auc : float
        How well these tell both kinds apart: 0.5 is chance, 1 always right.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from skactive.uncertainty._history import LabeledOrNot
    >>> forest = RandomForestClassifier(30, oob_score=True, random_state=0)
    >>> F = np.repeat([[0.0], [1.0]], 20, axis=0)
    >>> told = LabeledOrNot(forest, F, F[:, 0] > 0.5)
    >>> told.auc, told.scores(F[[0, -1]]).tolist()
    (1.0, [0.0, 1.0])
    """

    def __init__(self, forest, F, unlabeled):
        with warnings.catch_warnings():  # a small forest may have seen a row in all
            warnings.filterwarnings("ignore", message="Some inputs do not have OOB")
            self.forest = forest.fit(F, unlabeled)
        votes = forest.oob_decision_function_
        own, known = votes[:, 1], votes.sum(axis=1) > 0.5  # 0 or NaN without a vote
        self.own_scores = own if known.all() else np.where(known, own, self.scores(F))
        self.auc = float(roc_auc_score(unlabeled, self.own_scores))

    def scores(self, F):
        """Return how surely each row has no label."""
        return self.forest.predict_proba(F)[:, 1]


class HistorySampling(ClassesOnlyMixin, ModelStrategy):
    """Ask for samples that were learned unlike the labeled ones.

    A model learns what is easy first. What it predicted of a sample at several moments
    of its training is a row of features: how sure it was, whether it changed its mind.
    A random forest learns from these to tell labeled samples from the pool, and those
    of the pool that it most surely takes for unlabeled are asked for.

    Parameters
    ----------
    estimator : classifier, default=None
        One that has a history: a booster with ``staged_predict_proba``; a classifier
        with ``partial_fit``, which is trained in ``n_passes``; a
        :class:`~skactive.nets.NetClassifier` or a net of skorch. A pipeline may end in
        it. None: ``MLPClassifier()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. That is trained a
        second time, unless it is a booster, or a net with a
        :class:`~skactive.nets.HistoryRecorder` among its callbacks.
    n_snapshots : int, default=10
        Moments at which predictions are looked at, at even distances up to the end.
    n_passes : int, default=100
        Passes over the labeled samples of a classifier with ``partial_fit``.
    moments : {"all", "early", "middle", "late"} or array-like of int, default="all"
        Which of the snapshots are used: a third of them, or those at positions counted
        from 0. [-1] is the end of training alone.
    cross_fit : bool, default=False
        Train two models, each on half of the labels, and take the history of a labeled
        sample from the one that has not seen its label. Otherwise the forest may tell
        labeled samples by their being memorized.
    inner_layer : bool, default=False
        Look inside a :class:`~skactive.nets.NetClassifier`, too: by how much the input
        of its last layer turned from snapshot to snapshot.
    n_unlabeled : int, default=1000
        How many samples of the pool, drawn at random, the forest learns from. They are
        scored by trees that have not seen them.
    n_trees : int, default=300
        Trees of the forest.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, the forest, what it is shown, and the
        order of ties. None leaves the random states inside ``estimator`` as they are.

    Attributes
    ----------
    estimator_ : classifier
        The model whose history was taken; with ``cross_fit`` the first of two.
    n_snapshots_ : int
        How many snapshots were used.
    oob_auc_ : float
        How well the forest tells labeled samples from the pool, by trees that have not
        seen them: 0.5 is chance. Near 1 without ``cross_fit`` it may only see what was
        memorized. NaN without a pool.
    entropy_correlation_ : float
        Rank correlation (Spearman) of the scores of the pool with the entropy at the
        end of training. Near 1, :class:`EntropySampling` asks for the same.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        If ``estimator`` has no history; the message names what has one. If
        ``cross_fit`` finds fewer than two samples of two classes.

    See Also
    --------
    EntropySampling : The end of training alone, and no forest.
    skactive.diversity.DiscriminativeSampling : Tells labeled from unlabeled by where
        samples lie.

    Notes
    -----
    Features of each snapshot: highest probability, entropy, margin of the two highest.
    Of all together: how often the predicted class changed, when it last did, the share
    of snapshots that predict the last one, slope and standard deviation of the highest
    probability, the mean divergence between snapshots, and the mean highest
    probability; with ``inner_layer``, for another prediction each, cosine distances of
    the embedding of each snapshot to that of the next. The forest has leaves of 5
    samples or more and weighs both kinds alike.
    With fewer than two snapshots the end alone is used, with a warning.

    With ``cross_fit`` samples of the pool that the forest learns from have the history
    of the one model or the other, in turn, and scores are means over both.

    Cost: one fit, or two, ``n_snapshots`` predictions of the pool, and the forest,
    O(n_trees * (n_labeled + n_unlabeled) * log), then n_trees * depth per sample.
    Memory: ``n_snapshots`` times a passes-trained model or a net's weights,
    ``12 * n_snapshots * n_pool`` bytes, and for each sample of a block of the pool
    ``8 * n_snapshots * n_classes``; with ``inner_layer`` 16 for each of its columns.

    It loses to random sampling when the model memorizes the labels, so that the
    forest only sees which these are, and with so few labels that it has nothing to
    learn from. On the digits the end of training alone did as well as the history, and
    the inner layer of a net added nothing: :ref:`history-measured`.

    References
    ----------
    .. [1] D. Rymarczyk et al. "Learning Loss for Active Learning", slides of a seminar,
       in which the history of learning is proposed and not measured in words.
    .. [2] D. Gissin and S. Shalev-Shwartz. "Discriminative Active Learning." 2019.
       arXiv:1907.06347.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skactive.uncertainty import HistorySampling
    >>> X, y = load_iris(return_X_y=True)
    >>> strategy = HistorySampling(random_state=0).fit(X[::5], y[::5], X[1::5])
    >>> strategy.query(3).shape, strategy.n_snapshots_
    ((3,), 10)
    """

    response_method = "predict_proba"

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "n_snapshots": [whole(1)],
        "n_passes": [whole(1)],
        "moments": [StrOptions({"all", "early", "middle", "late"}), "array-like"],
        "cross_fit": ["boolean"],
        "inner_layer": ["boolean"],
        "n_unlabeled": [whole(1)],
        "n_trees": [whole(1)],
    }

    def __init__(
        self,
        estimator=None,
        *,
        n_snapshots=10,
        n_passes=100,
        moments="all",
        cross_fit=False,
        inner_layer=False,
        n_unlabeled=1000,
        n_trees=300,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_snapshots = n_snapshots
        self.n_passes = n_passes
        self.moments = moments
        self.cross_fit = cross_fit
        self.inner_layer = inner_layer
        self.n_unlabeled = n_unlabeled
        self.n_trees = n_trees

    def _default_estimator(self):
        return MLPClassifier()

    def _validate_params(self):
        super()._validate_params()
        snapshots_of(self.moments, self.n_snapshots)

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        if kind_of_past(estimator) is None:
            raise ValueError(
                "HistorySampling needs a classifier that has a history, and "
                f"{estimator!r} has none: {SERVES}."
            )
        if self.inner_layer:
            check_turns(estimator)

    @reads_pools
    def _fit(self, X, y, X_pool):
        estimator = self._wanted_estimator()
        self._check_estimator(estimator)
        rng = np.random.RandomState(self._query_seed)
        folds = _halves(y, rng) if self.cross_fit else np.zeros(len(y), dtype=np.intp)
        pasts = self._train(estimator, X, y, X_pool, folds)
        self.estimator_ = pasts[0].model
        of_labeled = self._of_labeled(pasts, X, folds)
        self.oob_auc_ = self.entropy_correlation_ = np.nan
        self._scores = None
        if self.n_pool_:
            of_pool, entropy = self._of_pool(pasts)
            self._scores = self._compared(of_labeled, of_pool, rng)
            self.entropy_correlation_ = _rank_correlation(self._scores, entropy)

    def _train(self, estimator, X, y, X_pool, folds):
        """Return a model with its past, or two, each trained without a half."""
        lent = isinstance(estimator, FrozenEstimator) and not self.cross_fit
        past = past_of(estimator, self.n_snapshots) if lent else None
        if past is not None:
            return [past]
        params, X = self._params_of(estimator, y), with_rows(X)
        seeds = [self._fit_seed] * 2
        if self.cross_fit and self._fit_seed is not None:
            seeds = np.random.RandomState(self._fit_seed).randint(MAX_SEED, size=2)
        halves = [folds != 0, folds != 1] if self.cross_fit else [folds == 0]
        pasts = []
        for of_half, seed in zip(halves, seeds):
            rows = np.flatnonzero(of_half)
            whole_set = len(rows) == len(y)
            pasts.append(
                train_with_past(
                    estimator,
                    X if whole_set else take_rows(X, rows),
                    y if whole_set else take_rows(y, rows),
                    X_pool,
                    n_snapshots=self.n_snapshots,
                    n_passes=self.n_passes,
                    seed=seed,
                    params=params if whole_set else cut_to_rows(X, params, rows),
                )
            )
        return pasts

    def _features(self, past, X):
        """Return features of samples, and the entropy at the end of training."""
        proba = past.predict_proba(X)
        entropy = shannon_entropy(proba[-1])
        rows = snapshots_of(self.moments, len(proba))
        self.n_snapshots_ = len(rows)
        F = history_features(proba[rows])
        return (np.c_[F, past.turns(X, rows).T] if self.inner_layer else F), entropy

    def _of_labeled(self, pasts, X, folds):
        """Return features of labeled samples, by the models that have not seen them."""
        F = None
        for k, past in enumerate(pasts):
            rows = np.flatnonzero(folds == k)
            part, _ = self._features(past, take_rows(with_rows(X), rows))
            F = np.empty((len(folds), part.shape[1]), part.dtype) if F is None else F
            F[rows] = part
        if self.n_snapshots_ < 2 and isinstance(self.moments, str):
            self._warn_of_short_history()
        return F

    def _of_pool(self, pasts):
        """Return features of the pool by each model, and the mean of last entropies."""
        found = [
            [self._features(past, block.X) for past in pasts]
            for block in self._pool.blocks(slices=False)
        ]
        of_pool = [
            np.concatenate([of_block[k][0] for of_block in found])
            for k in range(len(pasts))
        ]
        entropy = [np.mean([e for _, e in of_block], axis=0) for of_block in found]
        return of_pool, np.concatenate(entropy)

    def _compared(self, of_labeled, of_pool, rng):
        """Return how surely each sample of the pool has no label."""
        rows = rng.permutation(self.n_pool_)[: self.n_unlabeled]
        # In turn by one model or the other, as labeled samples are.
        shown = np.empty((len(rows), of_labeled.shape[1]), of_labeled.dtype)
        for k, F in enumerate(of_pool):
            shown[k :: len(of_pool)] = F[rows[k :: len(of_pool)]]
        F = np.concatenate([of_labeled, shown])
        unlabeled = self._flags(np.repeat([False, True], [len(of_labeled), len(shown)]))
        forest = RandomForestClassifier(
            self.n_trees,
            min_samples_leaf=5,
            # By "balanced", rows are drawn by their weights: with few labels among many
            # samples, no tree is left that has not seen a labeled one.
            class_weight="balanced_subsample",
            oob_score=True,
            random_state=rng.randint(MAX_SEED),
        )
        told = LabeledOrNot(forest, F, unlabeled)
        self.oob_auc_ = told.auc
        scores = np.mean([told.scores(F) for F in of_pool], axis=0)
        scores[rows] = told.own_scores[len(of_labeled) :]
        return scores

    def _flags(self, unlabeled):
        """Return which rows the forest is told to have no label: those without."""
        return unlabeled

    def _warn_of_short_history(self):
        warnings.warn(
            f"HistorySampling sees one moment of the training of {self.estimator_!r}, "
            "the end, and there is no history. Raise n_snapshots, or train longer: by "
            "more stages, epochs or n_passes.",
            UserWarning,
            stacklevel=2,
        )

    def _query(self, n):
        return top_n(self._scores, n, random_state=self._query_random_state())

    def _drop_pool(self):
        super()._drop_pool()
        self._scores = None


def _halves(y, rng):
    """Return the half that each labeled sample is in; each class is in both, if it can.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._history import _halves
    >>> _halves(["a", "b", "a", "b", "b"], np.random.RandomState(0)).tolist()
    [1, 0, 0, 1, 0]
    """
    y = np.asarray(y)
    _, counts = np.unique(y, return_counts=True)
    if (counts >= 2).sum() < 2:
        raise ValueError(
            "cross_fit of HistorySampling trains a model on each half of the labels, "
            "and needs two samples or more of two classes or more. Use cross_fit=False "
            "until there are more labels."
        )
    folds = np.empty(len(y), dtype=np.intp)
    shuffled = rng.permutation(len(y))
    # Members of a class come one after the other, and go to one half and the other.
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    folds[order] = np.arange(len(y)) % 2
    return folds


def _rank_correlation(a, b):
    """Return Spearman's correlation; NaN where one is constant."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    return float(spearmanr(a, b).statistic)
