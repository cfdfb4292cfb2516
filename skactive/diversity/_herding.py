"""Ask for what resembles most of the pool, or most of what the model is unsure of."""

from copy import copy, deepcopy

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils import get_tags

from skactive._sklearn import StrOptions
from skactive.base import EmbeddingStrategy, ModelStrategy
from skactive.diversity._temperature import held_out_temperature, soften
from skactive.selection import max_herding
from skactive.selection._balls import nearest_other, scaled_rows, subset
from skactive.selection._checks import check_rows
from skactive.selection._herding import KERNELS
from skactive.utils import check_probabilities, fit_with_pool, seeded_clone
from skactive.utils._constraints import number, whole
from skactive.utils._models import refuse_dense, unfrozen
from skactive.utils._shared_steps import seen_once

# From this many samples of the pool it is estimated how near neighbors are.
NEIGHBOR_ROWS = 1000


class MaxHerding(EmbeddingStrategy):
    """Ask for the samples that resemble most of what is not yet covered in the pool.

    Each pick raises the generalized coverage most: the mean over the pool of the
    similarity to the nearest sample labeled or picked [1]_. It asks for typical samples
    from everywhere, dense regions first; only positions count, not what a model
    believes. Made for the first labels, when there is no model worth asking.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which they are compared, best one that was
        learned without labels; "estimator" is the model of the learner. None takes
        the features as they are: scale them first, or the one with the largest unit
        decides.
    kernel : {"rbf", "laplace", "cauchy", "top_hat"}, default="rbf"
        Similarity at distance r: ``exp(-(r/radius)**2)``, ``exp(-r/radius)``,
        ``1 / (1 + (r/radius)**2)``, or 1 up to the radius and 0 beyond.
    radius : float, default=1.0
        Distance at which samples stop being similar. The default is for samples of
        length one, whose distances are between 0 and 2.
    normalize : bool, default=True
        Whether to scale each embedded sample to length one first. A sample of zeros
        stays as it is, at distance 1 from all others.
    n_reference : int or None, default=5000
        In a larger pool, the mean is taken over this many samples, drawn at random; all
        can still be asked for. None: over all.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding and the reference, and decides among equal gains.

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
    UncertaintyHerding : The same, weighted by the uncertainty of the model.
    ProbCover : The same with a ball in place of a similarity.
    skactive.selection.max_herding : The picking, as a function.

    Notes
    -----
    Loses to random when there are many labels, as it never visits the border between
    classes, and where all distances are similar: with a kernel that is nearly constant
    every sample resembles every other.

    Cost: about ``2 * n_pool * R * d * (1 + log(n))`` operations for R reference samples
    and d columns, where one look at all pairs per pick would be ``n`` passes. Memory
    beside the embedded pool: ``4 * R * d + 32 * n_pool`` bytes in float32, and blocks
    of some megabytes. CSR is taken, blocks of it become dense similarities. The
    answer to ``query(5)`` is the beginning of the answer to ``query(10)``.

    References
    ----------
    .. [1] W. Bae, J. Noh and D. J. Sutherland. "Generalized Coverage for More Robust
       Low-Budget Active Learning." ECCV 2024. arXiv:2407.12212.

    Examples
    --------
    >>> from skactive.diversity import MaxHerding
    >>> X_pool = [[0.0], [1.0], [2.0], [5.0]]
    >>> MaxHerding(normalize=False).fit(X_pool).query(2)
    array([1, 3])
    """

    _covers = True

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "kernel": [StrOptions(set(KERNELS))],
        "normalize": ["boolean"],
        "n_reference": [whole(1), None],
        "radius": [number(0)],
    }

    def __init__(
        self,
        embedding=None,
        *,
        kernel="rbf",
        radius=1.0,
        normalize=True,
        n_reference=5000,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.kernel = kernel
        self.radius = radius
        self.normalize = normalize
        self.n_reference = n_reference

    def _select(self, Z, n, *, Z_labeled, random_state):
        return max_herding(
            Z,
            n,
            Z_labeled=Z_labeled,
            kernel=self.kernel,
            radius=self.radius,
            normalize=self.normalize,
            n_reference=self.n_reference,
            random_state=random_state,
        )


class UncertaintyHerding(EmbeddingStrategy):
    """Ask for the samples that resemble most of what the model is uncertain about.

    As :class:`MaxHerding`, but each sample of the pool counts as much as the model is
    unsure of it [1]_. The paper adapts two things to the number of labels, as "auto"
    does here. Probabilities are softened until copies of the model are as accurate on
    held-out samples as they claim: with few labels all samples are then equally
    uncertain. And similarity reaches only as far as the two nearest labels are apart:
    with many labels each sample stands for itself. By default both stay as they are:
    :ref:`defaults` has what that does on tables.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``, which takes samples as they come; a
        pipeline may hold the preprocessing. None: ``LogisticRegression()`` on the
        embedded samples, or the model of the :class:`~skactive.ActiveLearner` that the
        strategy serves. One that is already fitted comes wrapped in
        :class:`sklearn.frozen.FrozenEstimator`.
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which they are compared; "estimator" is the model
        of the learner. None takes the features as they are, also if ``estimator`` is a
        pipeline that scales them.
    uncertainty : callable or None, default=None
        A function of class probabilities of shape (n_samples, n_classes) that returns
        one number per sample, 0 or more, such as those of
        :mod:`skactive.uncertainty`. None: the margin, one minus the difference between
        the two highest.
    temperature : "auto" or float, default=1.0
        Probabilities become ``softmax(log(p) / temperature)``. "auto": the temperature
        of 1.0, 1.1, ..., 19.9 with the smallest expected calibration error (15 bins) on
        held-out labeled samples, predicted by copies of the model. These copies are
        trained from scratch, also if ``estimator`` is frozen: five with less than 100
        labels, one beyond. A number trains none; 1.0 takes the probabilities as they
        are.
    kernel : {"rbf", "laplace", "cauchy", "top_hat"}, default="rbf"
        Similarity, as in :class:`MaxHerding`.
    radius : "auto" or float, default=1.0
        Distance at which samples stop being similar. "auto": the smallest distance
        above 0 between two labeled samples, but no less than the 1 % quantile of the
        distances of neighbors in the pool; 1.0 with less than two distinct labeled
        samples.
    normalize : bool, default=True
        Whether to scale each embedded sample to length one first.
    n_reference : int or None, default=5000
        In a larger pool, the mean is taken over this many samples, drawn at random; all
        can still be asked for. None: over all.
    random_state : int, RandomState instance or None, default=None
        Seeds estimator and embedding, the held-out samples and the reference, and
        decides among equal gains.

    Attributes
    ----------
    estimator_ : classifier or None
        The fitted model; None if nothing is labeled.
    embedding_ : transformer or None
        The fitted embedding.
    temperature_ : float
        By which probabilities are softened; 19.9 if no copy could be trained on two
        classes.
    radius_ : float
        How far similarity reaches.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    MaxHerding : The same without a model.
    skactive.selection.max_herding : The picking, as a function.

    Notes
    -----
    With nothing labeled it is :class:`MaxHerding`. Beside :class:`ALFAMix`, the choice
    when unsure. As published: ``temperature="auto", radius="auto"``.

    Loses to random where the embedding says nothing about the classes, and where
    labels are noisy near the border once they are many. Wrongly confident models are
    softened as a whole, not where they are wrong.

    Cost: one fit of the model, that of the copies (see `temperature`), one
    ``predict_proba`` on the pool, and a query of :class:`MaxHerding` with its memory,
    and ``24 * n_pool * n_classes`` bytes. A radius of "auto" adds the neighbors of
    1,000 samples of the pool. ``query(5)`` is the beginning of ``query(10)``.

    References
    ----------
    .. [1] W. Bae, G. L. Oliveira and D. J. Sutherland. "Uncertainty Herding: One Active
       Learning Method for All Label Budgets." ICLR 2025. arXiv:2412.20644.

    Examples
    --------
    The model is sure of both ends and unsure about the middle:

    >>> from skactive.diversity import UncertaintyHerding
    >>> X_pool = [[0.1], [1.9], [2.0], [2.1], [3.9]]
    >>> strategy = UncertaintyHerding(normalize=False, radius=0.5)
    >>> strategy.fit([[0.0], [4.0]], ["cat", "dog"], X_pool).query(1)
    array([2])
    """

    response_method = "predict_proba"

    _covers = True

    takes_columns = False
    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "estimator": ModelStrategy._parameter_constraints["estimator"],
        "uncertainty": [callable, None],
        "temperature": [number(0), StrOptions({"auto"})],
        "kernel": [StrOptions(set(KERNELS))],
        "normalize": ["boolean"],
        "n_reference": [whole(1), None],
        "radius": [number(0), StrOptions({"auto"})],
    }

    def __init__(
        self,
        estimator=None,
        *,
        embedding=None,
        uncertainty=None,
        temperature=1.0,
        kernel="rbf",
        radius=1.0,
        normalize=True,
        n_reference=5000,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.estimator = estimator
        self.uncertainty = uncertainty
        self.temperature = temperature
        self.kernel = kernel
        self.radius = radius
        self.normalize = normalize
        self.n_reference = n_reference

    # The model is handled as in every strategy that asks one.
    _predict_proba = ModelStrategy._predict_proba
    _params_of = ModelStrategy._params_of

    def _check_estimator(self, estimator):
        refuse_dense(self, estimator)
        ModelStrategy._check_estimator(self, estimator)

    def _fit(self, X, y, X_pool):
        if X is not None and y is None:
            raise ValueError("UncertaintyHerding needs y, the labels of X.")
        if self.estimator is not None:
            self._check_estimator(self.estimator)
        super()._fit(X, y, X_pool)
        self.estimator_, self.temperature_ = None, 1.0
        self.radius_ = 1.0 if self.radius == "auto" else float(self.radius)
        if X is not None:
            self._fit_model(X, y, X_pool)
            if self.radius == "auto":
                self.radius_ = _reach(
                    self._Z_labeled,
                    self._Z_pool,
                    self.normalize,
                    self._query_random_state(),
                )

    def _embed(self, X, name):
        self._proba, fitted = None, isinstance(self.estimator, FrozenEstimator)
        if name == "X_pool" and fitted and self.embedding_ is not None:
            seen = seen_once(self.estimator, self.embedding_, X, self)
            if seen is not None:  # the embedding is a part of the model
                Z, self._proba = seen
                return Z
        return super()._embed(X, name)

    def _drop_pool(self):
        super()._drop_pool()
        self._proba = None

    def _fit_model(self, X, y, X_pool):
        estimator = self.estimator
        if estimator is None:
            estimator, X, X_pool = LogisticRegression(), self._Z_labeled, self._Z_pool
        seed, self.temperature_ = self._fit_seed, self.temperature
        params = self._params_of(estimator, y)
        self.estimator_ = fit_with_pool(
            seeded_clone(estimator, seed), X, y, X_pool, **params
        )
        if self.temperature == "auto":
            rng = self._query_random_state()
            self.temperature_ = held_out_temperature(
                estimator,
                X,
                y,
                X_pool,
                seed,
                rng,
                self._params_of(unfrozen(estimator), y),
            )

    def _select(self, Z, n, *, Z_labeled, random_state):
        return max_herding(
            Z,
            n,
            Z_labeled=Z_labeled,
            weights=None if self.estimator_ is None else self._doubts(Z),
            kernel=self.kernel,
            radius=self.radius_,
            normalize=self.normalize,
            n_reference=self.n_reference,
            random_state=random_state,
        )

    def _query_within(self, n, allowed, held):
        if self.estimator is None or self.estimator_ is None:
            return super()._query_within(n, allowed, held)
        asked = copy(self)  # which is shown those alone that may be asked for
        asked._proba = self._proba_of_pool()[allowed]
        return super(UncertaintyHerding, asked)._query_within(n, allowed, held)

    def _proba_of_pool(self):
        seen = self._proba
        return self._predict_proba(self._X_pool) if seen is None else seen

    def _doubts(self, Z):
        own = self.estimator is None
        proba = self._predict_proba(Z) if own else self._proba_of_pool()
        proba = soften(check_probabilities(proba), self.temperature_)
        if self.uncertainty is not None:
            return self.uncertainty(proba)
        if proba.shape[1] == 1:
            return np.zeros(len(proba))
        second, first = np.partition(proba, -2, axis=1)[:, -2:].T
        return 1 - (first - second)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.estimator is not None:
            # Estimator and embedding read the same samples: only what both take.
            space = deepcopy(tags.input_tags)
            tags.input_tags = deepcopy(get_tags(self.estimator).input_tags)
            for name in ("sparse", "allow_nan", "string"):
                both = getattr(tags.input_tags, name) and getattr(space, name)
                setattr(tags.input_tags, name, both)
        return tags


def _reach(Z_labeled, Z_pool, normalize, rng):
    """Smallest distance above 0 of two labeled rows, floored by that of neighbors."""
    labeled = scaled_rows(check_rows(Z_labeled), normalize, name="X")
    between = nearest_other(labeled, labeled)
    if not np.isfinite(between).any():
        return 1.0
    radius = between.min()
    if Z_pool is not None:
        pool = scaled_rows(check_rows(Z_pool), normalize, name="X_pool")
        some = np.sort(rng.permutation(len(pool))[:NEIGHBOR_ROWS])
        within = nearest_other(subset(pool, some), pool)
        within = within[np.isfinite(within)]
        if len(within):
            radius = max(radius, np.quantile(within, 0.01))
    return float(radius)
