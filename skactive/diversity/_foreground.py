"""Random sampling that prefers images in which the model sees objects."""

import warnings
from numbers import Integral

import numpy as np
from sklearn.base import is_regressor

from skactive.base import ModelStrategy
from skactive.selection import power_sample
from skactive.utils._constraints import number
from skactive.utils._dense_answers import BoxAnswers
from skactive.utils._detections import iter_predictions
from skactive.utils._models import refuse_regressor
from skactive.utils._units import units_kind


class ForegroundRandomSampling(ModelStrategy):
    """Ask for images at random, more often for those with much to see.

    An image is drawn in proportion to the share of its pixels that the model takes for
    foreground, or to one plus the number of boxes that it finds. The baseline that a
    strategy on masks or boxes has to beat: much of what such strategies gain is that
    they ask for fuller images, which cost more to label.

    Parameters
    ----------
    estimator : estimator object, default=None
        A model that predicts masks or boxes, such as
        :class:`~skactive.nets.NetSegmenter`, or classes, when a sample is one pixel.
        None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    background : label, array-like of labels or None, default=None
        Classes of pixels that are no foreground. None: the class that the model
        predicts most often in the pool.
    gamma : float, default=1.0
        Above 0. Shares and counts are taken to this power: the larger, the more does
        foreground matter.
    epsilon : float, default=0.01
        Added to the share of foreground, so that empty images are drawn, too; not to
        counts of boxes. With 0 they are drawn last.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the drawing.

    Attributes
    ----------
    estimator_ : estimator object
        The fitted model.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    RandomSampling : Draws all samples alike.
    skactive.compose.StochasticBatch : Draws by any score.

    Notes
    -----
    Drawn without replacement. The answer to ``query(5)`` is the beginning of the answer
    to ``query(10)``. Which boxes count is up to the model, as by ``score_threshold`` of
    :class:`~skactive.nets.NetDetector`.

    Cost: one fit, one ``predict`` on the pool in blocks, O(n_pool * n_pixels). Memory:
    a count for each class of each image.

    It loses to random sampling where labels are paid by the object or the pixel, and
    where background is what the model confuses: empty images teach what is no object.

    Examples
    --------
    A model of one bright object per image, which it finds by a threshold:

    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator
    >>> from skactive.diversity import ForegroundRandomSampling
    >>> class Threshold(BaseEstimator):
    ...     def fit(self, X, y):
    ...         self.fitted_ = True
    ...         return self
    ...     def predict(self, X):
    ...         return (np.asarray(X)[:, 0] > 0.5).astype(np.uint8)
    >>> X = np.zeros((6, 1, 8, 8))
    >>> X[4:, 0, :4, :4] = 1
    >>> y = X[:, 0].astype(np.uint8)
    >>> strategy = ForegroundRandomSampling(Threshold(), gamma=5, random_state=0)
    >>> sorted(strategy.fit(X[:1], y[:1], X).query(2).tolist())
    [4, 5]
    """

    response_method = "predict"

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "background": [Integral, str, "array-like", None],
        "gamma": [number(0)],
        "epsilon": [number(0, closed="left")],
    }

    def __init__(
        self,
        estimator=None,
        *,
        background=None,
        gamma=1.0,
        epsilon=0.01,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.background = background
        self.gamma = gamma
        self.epsilon = epsilon

    def _check_estimator(self, estimator):
        if is_regressor(estimator):
            refuse_regressor(self, estimator)
        super()._check_estimator(estimator)
        if self.background is not None and units_kind(estimator) is BoxAnswers:
            raise ValueError(
                f"background={self.background!r} of ForegroundRandomSampling names "
                f"classes of pixels, and {estimator!r} predicts boxes, all of which "
                "are foreground. Leave it at None."
            )

    def _query(self, n):
        seen = [_counted(a) for a in iter_predictions(self.estimator_, self._X_pool)]
        if isinstance(seen[0], dict):
            weights = self.epsilon + foreground_shares(seen, self._background_of(seen))
        else:
            weights = 1.0 + np.array(seen)
        seed = self._query_random_state()
        return power_sample(weights, n, beta=self.gamma, random_state=seed)

    def _background_of(self, seen):
        if self.background is None:
            return None
        given = np.atleast_1d(np.asarray(self.background, dtype=object)).tolist()
        known = {label for counts in seen for label in counts}
        known |= set(np.asarray(getattr(self.estimator_, "classes_", [])).tolist())
        if not known & set(given):
            warnings.warn(
                f"ForegroundRandomSampling: background={self.background!r} is no class "
                f"of the model, which knows {sorted(known, key=str)}: all is "
                "foreground.",
                stacklevel=4,
            )
        return given


def foreground_shares(counts, background=None):
    """Return the share of pixels in each image that are of no background class.

    Parameters
    ----------
    counts : list of dict
        For each image, the number of pixels of each class in it.
    background : list of labels or None, default=None
        None: the class of most pixels in all images, the lowest among equals.

    Returns
    -------
    shares : ndarray of shape (n_samples,)
        From 0 to 1; 0 for an image without pixels.

    Examples
    --------
    >>> from skactive.diversity._foreground import foreground_shares
    >>> foreground_shares([{0: 6, 1: 2}, {1: 4, 2: 4}])
    array([0.25, 1.  ])
    """
    if background is None:
        total = {}
        for of_image in counts:
            for label, number_ in of_image.items():
                total[label] = total.get(label, 0) + number_
        most = max(total.values())
        background = [min(label for label in total if total[label] == most)]
    shares = []
    for of_image in counts:
        size = sum(of_image.values())
        behind = sum(of_image.get(label, 0) for label in set(background))
        shares.append((size - behind) / size if size else 0.0)
    return np.array(shares)


def _counted(answer):
    """Return the number of boxes in an answer, or of pixels of each of its classes."""
    if isinstance(answer, dict):
        return len(answer["boxes"])
    mask = np.asarray(answer)
    if mask.dtype == np.uint8:  # as most masks are: faster than sorting
        counts = np.bincount(mask.ravel())
        labels = np.flatnonzero(counts)
        return dict(zip(labels.tolist(), counts[labels].tolist()))
    labels, counts = np.unique(mask, return_counts=True)
    return dict(zip(labels.tolist(), counts.tolist()))
