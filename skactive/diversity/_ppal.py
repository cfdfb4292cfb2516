"""PPAL: uncertain boxes, those of difficult classes more, in images that differ."""

import numpy as np
from scipy.special import entr

from skactive._sklearn import StrOptions
from skactive.base import ModelStrategy
from skactive.diversity._category_matching import Detections, image_distances
from skactive.metrics._mean_average_precision import box_iou
from skactive.selection import top_n
from skactive.selection._k_medoids import k_medoids
from skactive.utils._boxes import as_boxes
from skactive.utils._constraints import number
from skactive.utils._dense_answers import BoxAnswers, kind_of
from skactive.utils._detections import DetectorsOnlyMixin, iter_detections
from skactive.utils._models import has_method
from skactive.utils._units import without_gaps


def difficulty_weights(quality, *, alpha=0.3, u=0.2):
    """Return the weight of classes: 1 where the quality is 1, 1 + u where it is 0.

    Parameters
    ----------
    quality : array-like of shape (n_classes,)
        How well a class is found, from 0 to 1.
    alpha : float, default=0.3
        At least 0.01. The smaller, the less does it matter how bad a bad class is.
    u : float, default=0.2
        How much more a class weighs that is never found.

    Returns
    -------
    weights : ndarray of shape (n_classes,)
        ``1 + alpha * u * log(1 + (exp(1 / alpha) - 1) * (1 - quality))``.

    Examples
    --------
    >>> from skactive.diversity._ppal import difficulty_weights
    >>> difficulty_weights([0, 0.5, 0.9, 1]).round(6)
    array([1.2     , 1.160514, 1.078551, 1.      ])
    """
    b = np.expm1(1 / alpha)
    return 1 + alpha * u * np.log1p(b * (1 - np.asarray(quality, dtype=float)))


def box_qualities(true, found, xi=0.6):
    """Return how well each true box of an image is found.

    A detection of the same class that overlaps it has the quality
    ``score**xi * IoU**(1 - xi)``. Pairs are made in turn, the best first, and none is
    in two.

    Parameters
    ----------
    true : dict
        "boxes" (m, 4) and "labels" (m,) of an image.
    found : dict
        Those found in it, with "scores".
    xi : float, default=0.6
        From 0 to 1: how much the score counts, beside the overlap.

    Returns
    -------
    quality : ndarray of shape (m,)
        From 0, for a box that is not found, to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.diversity._ppal import box_qualities
    >>> label = np.array(["cat"])
    >>> true = {"boxes": np.array([[0, 0, 4, 4]]), "labels": label}
    >>> half = {"boxes": np.array([[0, 0, 4, 2]]), "labels": label, "scores": [0.8]}
    >>> box_qualities(true, half).round(6)
    array([0.662891])
    """
    best = np.zeros(len(true["labels"]))
    overlap = box_iou(true["boxes"], found["boxes"])
    quality = np.asarray(found["scores"]) ** xi * overlap ** (1 - xi)
    # As objects: numpy does not compare strings and numbers.
    of_true, of_found = (np.asarray(x["labels"]).astype(object) for x in (true, found))
    alike = of_true[:, None] == of_found
    quality = np.where(alike & (overlap > 0), quality, 0)
    while quality.size and quality.max() > 0:
        row, column = np.unravel_index(quality.argmax(), quality.shape)
        best[row] = quality[row, column]
        quality[row], quality[:, column] = 0, 0
    return best


def weighted_entropy(scores, weights):
    """Return the sum of the binary entropies of scores, in nats, times weights.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.diversity._ppal import difficulty_weights, weighted_entropy
    >>> weighted_entropy(np.array([0.5, 0.9]), difficulty_weights([0.5, 0.9])).round(6)
    np.float64(1.155026)
    """
    return np.sum(weights * (entr(scores) + entr(1 - scores)))


class PPAL(DetectorsOnlyMixin, ModelStrategy):
    """Ask for images of uncertain boxes, in which different objects are found.

    First the images are ranked by the entropy of the scores of their boxes, where
    classes that the model finds badly weigh more [1]_. Among the best, those are taken
    that stand for many others: two images are alike if objects of the same class look
    alike to the model.

    Parameters
    ----------
    estimator : estimator object, default=None
        A model that predicts boxes and has ``predict_with_features``, such as
        :class:`~skactive.nets.NetDetector`. None: the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    xi : float, default=0.6
        From 0 to 1: how much scores count, beside overlaps, when it is measured how
        well a class is found.
    alpha : float, default=0.3
        At least 0.01. The larger, the more does it matter how bad a bad class is.
    u : float, default=0.2
        At least 0. A class that is never found weighs ``1 + u``, one that is found
        perfectly 1.
    delta : float, default=4.0
        At least 1. So many times the number of images asked for are candidates. With 1,
        uncertainty alone decides.
    score_threshold : float, default=0.05
        From 0 to 1. Boxes of a lower score do not count, nor those that the model does
        not return.
    use_labeled : bool, default=True
        Whether candidates that are most like a labeled image stand for nothing. With
        False labeled images are not looked at, as in the paper.
    empty : {"lowest", "median", "highest"}, default="median"
        Where an image ranks in which no box is found: with the least, the median or the
        most uncertain of the images scored together.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the order of ties.

    Attributes
    ----------
    estimator_ : estimator object
        The fitted model.
    class_quality_ : dict
        How well each class is found in the labeled images, from 0 to 1. Only classes of
        labeled boxes are in it.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    CoreSet : Looks at one row for each image.
    skactive.uncertainty.EntropySampling : The sum alone, all classes alike.

    Notes
    -----
    The weight of a class of quality q is ``1 + alpha u log(1 + b (1 - q))``, with
    ``b = exp(1 / alpha) - 1``, and the score of an image the sum of weight times binary
    entropy over its boxes. The quality of a true box is ``score**xi * IoU**(1 - xi)``
    of the detection that is paired with it, 0 if there is none; that of a class is the
    mean over its labeled boxes.

    In the paper it is a running mean over the steps of training. Here the model is
    asked about the labeled images once it is trained. If it is trained for long, it has
    memorized them: all qualities and all weights come near to 1, and what is left is
    the plain sum of entropies. A class without a labeled box
    gets the mean quality of the others, and 1 if there are none; in the published code
    a class looks the harder the longer it is absent.

    The distance of two images is that from each object to the nearest of the same class
    in the other, in cosines of features, 2 where there is none; the mean weighted by
    scores, of both directions. Images without boxes are alike, and at 2 from all
    others; the published code takes them for copies of all others, and the k-th boxes
    of two images for copies of each other. Candidates are clustered by k-medoids, from
    a greedy k-center start; nothing is drawn but ties of scores. Answers are in order
    of uncertainty.

    Cost: one fit, one prediction of the pool, of the labeled images and of the
    candidates, in blocks; O(c (c + L) m² d) for c = ``delta * n`` candidates, L labeled
    images, m boxes of an image, d features. Memory: ``8 * c * (c + n)`` bytes, and the
    features of candidates and labeled images.

    It loses to random sampling while the model has seen so few labels that its boxes
    are spurious, and where labels are paid by the box: a sum asks for full images.

    References
    ----------
    .. [1] C. Yang, L. Huang and E. J. Crowley. Plug and play active learning for object
       detection. CVPR 2024. arXiv:2211.11612.

    Examples
    --------
    A model that takes all pixels above a half for one object, the surer the brighter,
    and sees its width and height:

    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator
    >>> from skactive.diversity import PPAL
    >>> class Threshold(BaseEstimator):
    ...     def fit(self, X, y):
    ...         self.fitted_ = True
    ...         return self
    ...     def predict(self, X):
    ...         return self.predict_with_features(X)
    ...     def predict_with_features(self, X):
    ...         return [self.find(x[0], np.argwhere(x[0] > 0.5)) for x in X]
    ...     def find(self, x, at):
    ...         low, high = at.min(0)[::-1], at.max(0)[::-1] + 1
    ...         found = {"boxes": [[*low, *high]], "labels": [1], "scores": [x.max()]}
    ...         return {**found, "features": [high - low]}
    >>> X = np.zeros((4, 1, 16, 16))
    >>> for image, gray, width in zip(X, (0.9, 0.6, 0.6, 0.7), (4, 4, 4, 12)):
    ...     image[0, 4:8, :width] = gray
    >>> y = [{"boxes": [[0, 4, 4, 8]], "labels": [1]}]

    The first two of the pool are more uncertain, but like the labeled one:

    >>> PPAL(Threshold(), random_state=0).fit(X[:1], y, X[1:]).query(1)
    array([2])
    """

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "xi": [number(0, 1, "both")],
        "alpha": [number(0.01, closed="left")],
        "u": [number(0, closed="left")],
        "delta": [number(1, closed="left")],
        "score_threshold": [number(0, 1, "both")],
        "use_labeled": ["boolean"],
        "empty": [StrOptions({"lowest", "median", "highest"})],
    }

    def __init__(
        self,
        estimator=None,
        *,
        xi=0.6,
        alpha=0.3,
        u=0.2,
        delta=4.0,
        score_threshold=0.05,
        use_labeled=True,
        empty="median",
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.xi = xi
        self.alpha = alpha
        self.u = u
        self.delta = delta
        self.score_threshold = score_threshold
        self.use_labeled = use_labeled
        self.empty = empty

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        if not has_method(estimator, "predict_with_features"):
            raise ValueError(
                f"PPAL compares what the model sees of each object, and {estimator!r} "
                "has no predict_with_features, which returns what predict does, with "
                '"features" of shape (m, n_columns) for m boxes. A NetDetector has it '
                "if its module has forward_with_features, as CenterNet of "
                "skactive.nets.modules, TwoStageDetector, and TorchvisionDetector of "
                "an FCOS or RetinaNet. LocalizationStability and CALD need predict "
                "alone."
            )

    def _fit(self, X, y, X_pool):
        if kind_of(y) is not BoxAnswers:
            raise TypeError(
                "PPAL measures how well labeled boxes are found: y must hold a dict "
                '{"boxes": (m, 4), "labels": (m,)} for each image.'
            )
        super()._fit(X, y, X_pool)
        self._labeled, found_well = [], {}
        for k, found in enumerate(self._found(X, features=self.use_labeled)):
            true = as_boxes(y[k], f"Row {k} of y")
            quality = box_qualities(true, found, self.xi)
            for label, q in zip(true["labels"].tolist(), quality.tolist()):
                found_well.setdefault(label, []).append(q)
            if self.use_labeled:
                self._labeled.append(found)
        self.class_quality_ = {c: float(np.mean(q)) for c, q in found_well.items()}

    def _query(self, n):
        scores = np.array([self._score(found) for found in self._found(self._X_pool)])
        scores = without_gaps(scores, self.empty)
        n_candidates = min(int(np.ceil(self.delta * n - 1e-9)), len(scores))
        seed = self._query_random_state()
        candidates = top_n(scores, n_candidates, random_state=seed)
        if n_candidates == n:
            return candidates
        found = list(self._found(self._X_pool, rows=candidates, features=True))
        _check_widths([*found, *self._labeled], self.estimator_)
        all_ = Detections(found)
        D = np.array([image_distances(one, all_) for one in found])
        to_labeled = None
        if self.use_labeled:
            labeled = Detections(self._labeled)
            to_labeled = np.array(
                [image_distances(one, labeled).min() for one in found]
            )
        return candidates[k_medoids((D + D.T) / 2, n, to_labeled=to_labeled)]

    def _found(self, X, **asked):
        """Yield what is found in each image, as far as it counts."""
        for found in iter_detections(self.estimator_, X, **asked):
            scores = found["scores"]
            if len(scores) and not (scores.min() >= 0 and scores.max() <= 1):
                raise ValueError(
                    f"PPAL takes scores for probabilities, from 0 to 1; "
                    f"{self.estimator_!r} returned {scores.min():.4g} to "
                    f"{scores.max():.4g}."
                )
            counts = scores >= self.score_threshold
            yield {name: part[counts] for name, part in found.items()}

    def _score(self, found):
        if not len(found["labels"]):
            return np.nan
        known = self.class_quality_
        other = np.mean(list(known.values())) if known else 1.0
        quality = [known.get(label, other) for label in found["labels"].tolist()]
        weights = difficulty_weights(quality, alpha=self.alpha, u=self.u)
        return weighted_entropy(found["scores"], weights)


def _check_widths(found, model):
    shapes = {each["features"].shape[1:] for each in found if len(each["labels"])}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise ValueError(
            f"predict_with_features of {model!r} must return as many features for each "
            f"box, of shape (m, n_columns); got boxes of the shapes {sorted(shapes)}."
        )
