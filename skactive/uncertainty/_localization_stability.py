"""Localization stability: do boxes stay where they are when the image gets noise?"""

import numpy as np

from skactive._sklearn import StrOptions
from skactive.base import ScoreStrategy
from skactive.metrics._mean_average_precision import box_iou
from skactive.utils._constraints import number, whole
from skactive.utils._detections import DetectorsOnlyMixin, detections, image_blocks
from skactive.utils._units import without_gaps


def stability(boxes, scores, copies):
    """Return how well boxes are found again in copies of an image.

    Parameters
    ----------
    boxes : ndarray of shape (m, 4)
        Those found in the image; one or more.
    scores : ndarray of shape (m,)
        Their scores, the weights of the mean.
    copies : list of ndarray of shape (m_k, 4)
        Boxes found in each copy.

    Returns
    -------
    stability : float
        From 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._localization_stability import stability
    >>> box = np.array([[0.0, 0.0, 10.0, 10.0]])
    >>> copies = [box, box / 2, box[:0]]
    >>> round(stability(box, np.array([0.9]), copies), 6)  # (1 + .25 + 0) / 3
    0.416667
    """
    best = [box_iou(boxes, found).max(axis=1, initial=0) for found in copies]
    weights = scores if scores.sum() > 0 else None
    return float(np.average(np.mean(best, axis=0), weights=weights))


class LocalizationStability(DetectorsOnlyMixin, ScoreStrategy):
    """Ask for images in which boxes are uncertain and move when there is noise.

    Noise of growing strength is added to copies of an image. A box that the model is
    sure of is found again in each copy, at the same place [1]_. The score is the
    uncertainty of the least certain box, minus the mean overlap of boxes with those
    found in the copies.

    Parameters
    ----------
    estimator : estimator object, default=None
        A model that predicts boxes, such as :class:`~skactive.nets.NetDetector`. None:
        the model of the :class:`~skactive.ActiveLearner` that the strategy serves. One
        that is already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    n_copies : int, default=6
        Copies of each image.
    step : float, default=8.0
        Noise of copy *k* is Gaussian, with a standard deviation of *k* times this, in
        gray values of 255. Of images in floats, white is taken to be 1, and a gray
        value 1/255; for others, scale it: by 255 for floats up to 255.
    max_reference : int, default=30
        Boxes of an image that are looked for in the copies, those of highest score.
    empty : {"lowest", "median", "highest"}, default="median"
        Where an image ranks in which no box is found: with the lowest, the median or
        the highest score of the images scored together.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, the noise, and the order of ties.

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
    CALD : Changes images in other ways, and compares classes, too.
    EntropySampling : Of boxes, how uncertain their classes are.

    Notes
    -----
    For reference boxes of scores p_j, let S_j be the mean over copies of the largest
    overlap (intersection over union) with any box found there, 0 if none is. The score
    is max_j (1 - p_j) - sum_j p_j S_j / sum_j p_j, between -1 and 1.

    All images get the same noise, so that scores can be compared and do not depend on
    the order of images. Images of uint8 stay so, cut at 0 and 255; floats are not cut.
    A published script gives images without boxes the score 0, in the middle of the
    range, so that they are neither first nor last; here ``empty`` says where they are.

    Cost: one fit, ``n_copies + 1`` predictions of the pool, in blocks, and for *m*
    boxes of an image O(n_copies * max_reference * m). Memory: a block of copies, some
    64 MB, and ``8 * n_pool`` bytes.

    It loses to random sampling when the model has seen so few labels that its boxes are
    spurious, and on images whose noise it was trained to ignore.

    References
    ----------
    .. [1] C.-C. Kao, T.-Y. Lee, P. Sen and M.-Y. Liu. Localization-aware active
       learning for object detection. ACCV 2018. arXiv:1801.05124.

    Examples
    --------
    A model that takes all pixels above a half for one object:

    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator
    >>> from skactive.uncertainty import LocalizationStability
    >>> class Threshold(BaseEstimator):
    ...     def fit(self, X, y):
    ...         self.fitted_ = True
    ...         return self
    ...     def predict(self, X):
    ...         return [self.find(np.argwhere(x[0] > 0.5)[:, ::-1]) for x in X]
    ...     def find(self, at):
    ...         boxes = [[*at.min(0), *at.max(0) + 1]] if len(at) else np.empty((0, 4))
    ...         m = len(boxes)
    ...         return {"boxes": boxes, "labels": [1] * m, "scores": [0.9] * m}
    >>> X = np.zeros((3, 1, 16, 16))
    >>> for image, gray in zip(X, (0.55, 1.0, 0.6)):
    ...     image[0, 4:6, 4:6] = gray
    >>> y = [{"boxes": [[4, 4, 6, 6]], "labels": [1]}]
    >>> strategy = LocalizationStability(Threshold(), random_state=0)
    >>> strategy.fit(X[:1], y, X).query(3)
    array([0, 2, 1])
    """

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "n_copies": [whole(1)],
        "step": [number(0)],
        "max_reference": [whole(1)],
        "empty": [StrOptions({"lowest", "median", "highest"})],
    }

    def __init__(
        self,
        estimator=None,
        *,
        n_copies=6,
        step=8.0,
        max_reference=30,
        empty="median",
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.n_copies = n_copies
        self.step = step
        self.max_reference = max_reference
        self.empty = empty

    blockwise = False  # the noise is drawn block by block, and images lack boxes

    def score_samples(self, X):
        """Return how uncertain boxes are, minus how well they are found again.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Images of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Between -1 and 1; higher is more worth a label.
        """
        scores = [self._score_block(block) for block in image_blocks(X, self)]
        return without_gaps(np.concatenate(scores), self.empty)

    def _score_block(self, X):
        found = detections(self.estimator_, X)
        rng = self._query_random_state()
        copies = []
        for k in range(1, self.n_copies + 1):
            noise = rng.standard_normal(X.shape[1:]) * (k * self.step)
            noisy = detections(self.estimator_, _with_noise(X, noise))
            copies.append([each["boxes"] for each in noisy])
        scores = np.full(len(X), np.nan)
        for i, of_image in enumerate(found):
            p = of_image["scores"][: self.max_reference]
            if len(p):
                boxes = of_image["boxes"][: self.max_reference]
                kept = stability(boxes, p, [copy[i] for copy in copies])
                scores[i] = (1 - p).max() - kept
        return scores


def _with_noise(X, noise):
    """Return images with noise in gray values of 255 added to each."""
    if X.dtype == np.uint8:
        return np.clip(np.rint(X + noise.astype(np.float32)), 0, 255).astype(np.uint8)
    return X + (noise / 255).astype(X.dtype)
