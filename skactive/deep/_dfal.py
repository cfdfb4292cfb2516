"""Ask for the samples nearest to a boundary, found by adversarial perturbation."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from skactive._sklearn import HasMethods, Interval, StrOptions
from skactive.base import ScoreStrategy
from skactive.deep._part_of_pool import part_of_pool
from skactive.nets import NetClassifier
from skactive.nets._input import check_pool_is_finite
from skactive.nets._items import is_read
from skactive.nets.attacks._boundaries import attack, check_boundaries, split
from skactive.nets.estimators._from_skorch import with_net
from skactive.selection import top_n
from skactive.utils import as_labels, fit_with_pool, seeded_clone
from skactive.utils._items import in_memory, shown
from skactive.utils._models import refuse_numbers
from skactive.utils._pool import pool_for, reads_pools

SETTINGS = ("norm", "max_iter", "overshoot", "n_classes", "sign_step", "clip")
SETTINGS += ("space", "batch_size")


class DFAL(ScoreStrategy):
    """Ask for the samples that the smallest perturbation moves to another class.

    DeepFool active learning [1]_. The distance of a sample to the boundary of its class
    cannot be computed for a net; the length of a small adversarial perturbation that
    crosses it is used instead. Each label may be used twice, for the sample and for its
    adversarial example: see :meth:`augment_with_adversarial`.

    Parameters
    ----------
    estimator : estimator object, default=None
        A :class:`~skactive.nets.NetClassifier`, a skorch ``NeuralNetClassifier``, a
        linear classifier of scikit-learn, or a pipeline that ends in one; distances
        are then those after its other steps. None: ``NetClassifier()``, or the model
        of the :class:`~skactive.ActiveLearner` it serves.
    norm : {1, 2, inf}, default=2
        The norm that measures perturbations.
    max_iter : int, default=10
        Steps after which a sample counts as not flipped.
    overshoot : float, default=0.02
        Steps go this fraction beyond the perturbation found, since a curved boundary
        may be approached and never crossed. It is not part of the distance.
    n_classes : int or None, default=None
        Only this many classes, those with the highest logits, are tried for each
        sample, 2 or more; the cost is proportional. None: all.
    sign_step : float or None, default=None
        If given, iterative sign steps of this size in each feature, instead of
        DeepFool.
    clip : tuple of two floats or None, default=None
        Range of the features, such as ``(0, 1)``, that perturbations do not leave.
    space : {"input", "features"}, default="input"
        "features": the distance in the space before the last layer of the net, where
        boundaries are hyperplanes. Exact, without gradients.
    subset : int or None, default=None
        Only this many samples, drawn from the pool, are considered in a query. None:
        all.
    unflipped : {"last", "inf", "keep"}, default="last"
        How samples that `max_iter` steps do not flip are ranked. "last": last, ordered
        by distance. "inf": last, in random order, as published. "keep": as if they had
        been flipped.
    batch_size : int, default=256
        Samples attacked at once.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, the subset, and the order of ties.

    Attributes
    ----------
    estimator_ : estimator object
        The fitted model.
    classes_ : ndarray of shape (n_classes,)
        Its labels, sorted.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    TypeError
        From ``fit``: for any estimator other than those above.
    ValueError
        From ``fit``: for ``space="features"`` with a net whose last layer is not a
        Linear. From ``query``: for `n` above `subset`.

    See Also
    --------
    skactive.uncertainty.MarginSampling : Ask for the smallest difference of the two
        highest probabilities; it needs no gradients.
    skactive.nets.deep_fool : The attack, as a function of tensors.

    Notes
    -----
    The score is minus the distance, for samples that are flipped. Distances have the
    units of the features after the pipeline: scale them first. Pixels in ``uint8`` are
    measured in the range from 0 to 1.

    For linear models the distance to the nearest boundary is exact, after one step,
    unless `clip` or `sign_step` is given. For nets it is the length of the steps,
    without the `overshoot` that takes the sample beyond a boundary: that point lies
    ``1 + overshoot`` times as far, which is an upper bound of the smallest distance, up
    to rounding, and one that is loose where the gradient is small. A flat sample, at
    which the net has no gradient at all, comes last. With a single class there is no
    boundary, and the query is random.

    The published setting is ``overshoot=0, subset=300, unflipped="inf"``.

    Loses to random where classes overlap: samples at the boundary are then noise. And
    on redundant pools, since samples are picked one by one: duplicates are asked for
    together.

    Cost: one training; for each sample usually 2 or 3 steps, each of
    ``n_classes - 1`` backward passes. ``space="features"`` and linear models: one
    prediction of the pool. O(n_pool) memory besides a batch.

    References
    ----------
    .. [1] M. Ducoffe and F. Precioso. "Adversarial Active Learning for Deep Networks:
       a Margin Based Approach." 2018. arXiv:1802.09841.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.deep import DFAL
    >>> X, y = [[-2.0], [-1.0], [1.0], [2.0]], [0, 0, 1, 1]
    >>> strategy = DFAL(LogisticRegression()).fit(X, y, X_pool=[[3.0], [0.5], [-1.5]])
    >>> strategy.query(2)
    array([1, 2])
    >>> bool(np.allclose(strategy.score_samples([[0.5]]), -0.5))
    True
    """

    response_method = None

    takes_columns = False

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"]), None],
        "norm": [Real],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "overshoot": [Interval(Real, 0, None, closed="left")],
        "n_classes": [Interval(Integral, 2, None, closed="left"), None],
        "sign_step": [Interval(Real, 0, None, closed="neither"), None],
        "clip": [tuple, list, None],
        "space": [StrOptions({"input", "features"})],
        "subset": [Interval(Integral, 1, None, closed="left"), None],
        "unflipped": [StrOptions({"last", "inf", "keep"})],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator=None,
        *,
        norm=2,
        max_iter=10,
        overshoot=0.02,
        n_classes=None,
        sign_step=None,
        clip=None,
        space="input",
        subset=None,
        unflipped="last",
        batch_size=256,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.norm = norm
        self.max_iter = max_iter
        self.overshoot = overshoot
        self.n_classes = n_classes
        self.sign_step = sign_step
        self.clip = clip
        self.space = space
        self.subset = subset
        self.unflipped = unflipped
        self.batch_size = batch_size

    def score_samples(self, X):
        """Return minus the distance to the nearest boundary found.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Higher is more worth a label. Samples that are not flipped are far below
            all others, flat ones at the lowest finite number.
        """
        found = self.perturbations(X)
        largest = np.finfo(found.radius.dtype).max
        below = np.sqrt(largest)  # no distance comes near it
        scores = -np.minimum(found.radius, below)
        late = found.status == "max_iter"
        if self.unflipped == "last":
            scores[late] = below * np.maximum(scores[late] - 1, -below / 2)
        elif self.unflipped == "inf":
            scores[late] = -largest
        scores[found.status == "flat"] = -largest
        return scores

    def perturbations(self, X):
        """Return how each sample is moved to another class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        found : Bunch
            ``radius``, norm of the perturbation; ``target``, the label it leads to
            (of a flat sample: its own); ``n_iter``, its steps; ``status``, "flipped",
            "max_iter" or "flat". Arrays of shape (n_samples,).
        """
        check_is_fitted(self)
        found, _ = self._attack(X)
        found.target = self.classes_[found.target]
        return found

    def augment_with_adversarial(self, X, y, *, max_ratio=None):
        """Return labeled samples and, after them, their adversarial examples.

        An adversarial example has the label of the sample that it was made from, its
        parent. It costs no label, and it is not an independent sample: it belongs in
        the same fold of a cross-validation as its parent.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Labeled samples, such as those just asked for.
        y : array-like of shape (n_samples,)
            Their labels.
        max_ratio : float or None, default=None
            Leave out adversarial examples farther away than this multiple of the median
            of those found: the farther, the more likely their true class is another.
            None: keep all.

        Returns
        -------
        X_both : ndarray of shape (n_samples + n_adversaries, ...)
            The samples, then the adversarial examples of those that could be flipped.
        y_both : ndarray of shape (n_samples + n_adversaries,)
            Labels.
        parents : ndarray of int of shape (n_samples + n_adversaries,)
            Row of `X` that each was made from: 0, 1, ... for the samples themselves.

        Raises
        ------
        ValueError
            If perturbations cannot be mapped back to samples: with
            ``space="features"``, or after steps without ``inverse_transform``; for
            images in ``uint8``, since perturbations are smaller than a gray level.
        """
        if self.space == "features":
            raise ValueError(
                "Perturbations in space='features' are not samples. Take "
                "space='input' to make adversarial examples."
            )
        if getattr(X, "dtype", None) == np.uint8 and X.ndim > 2:
            raise ValueError(
                "Perturbations are smaller than a gray level of uint8. Pass images as "
                "float32, divided by 255, to fit and here."
            )
        if max_ratio is not None and not max_ratio > 0:
            raise ValueError(f"max_ratio must be above 0, got {max_ratio!r}.")
        check_is_fitted(self)
        y = as_labels(y)
        check_consistent_length(X, y)
        found, before = self._attack(X, keep=True)
        made = found.status == "flipped"
        if max_ratio is not None and made.any():
            made &= found.radius <= max_ratio * np.median(found.radius[made])
        adversaries = found.X_adv[made]
        if before is not None:
            if not hasattr(before, "inverse_transform"):
                raise ValueError(
                    "Perturbations cannot be mapped back to samples: a step of the "
                    "pipeline before the classifier has no inverse_transform."
                )
            adversaries = before.inverse_transform(adversaries)
        X = check_array(X, allow_nd=True, dtype=[np.float64, np.float32])
        rows = np.arange(len(X))
        return (
            np.concatenate([X, np.asarray(adversaries, X.dtype)]),
            np.concatenate([y, y[made]]),
            np.concatenate([rows, rows[made]]),
        )

    def _default_estimator(self):
        return NetClassifier()

    def _check_estimator(self, estimator):
        refuse_numbers(self, estimator)
        # Refuses a subclass of a net, since what it adds would be lost.
        with_net(estimator)

    @reads_pools
    def _fit(self, X, y, X_pool):
        self._validate_params()
        if self.norm not in (1, 2, np.inf):
            raise ValueError(f"norm must be 1, 2 or inf, got {self.norm!r}.")
        clip = self.clip
        if clip is not None and not (len(clip) == 2 and clip[0] < clip[1]):
            raise ValueError(f"clip must be (low, high), got {clip!r}.")
        estimator = self._wanted_estimator()
        self._check_estimator(estimator)
        if not is_read(X_pool):
            check_pool_is_finite(estimator, pool_for(None, X_pool))
        estimator = seeded_clone(with_net(estimator), self._fit_seed)
        self.estimator_ = fit_with_pool(estimator, X, y, X_pool)
        check_boundaries(self.estimator_, X, self.space)
        self.classes_ = split(self.estimator_)[1].classes_

    def _query(self, n):
        rng = self._query_random_state()
        X_pool = self._pool if is_read(self._pool) else self._X_pool
        rows, X = part_of_pool(X_pool, self.n_pool_, n, self.subset, rng)
        if len(rows) == self.n_pool_:
            return super()._query(n)
        X = pool_for(None, X)
        return rows[top_n(self.score_samples(X), n, random_state=rng)]

    def _attack(self, X, *, keep=False):
        """Return perturbations and the steps of a pipeline before them."""
        if getattr(X, "ndim", 2) != 1:  # for one axis, the model's error is better
            validate_data(self, shown(X), reset=False, skip_check_array=True)
        settings = {name: getattr(self, name) for name in SETTINGS}
        return attack(self.estimator_, in_memory(X), keep=keep, **settings)
