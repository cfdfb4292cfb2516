"""CALD: does a detector say the same of a changed image?"""

from collections import Counter

import numpy as np
from scipy.special import rel_entr, softmax

from skactive._sklearn import StrOptions
from skactive.base import ModelStrategy
from skactive.metrics._mean_average_precision import box_iou
from skactive.selection import top_n
from skactive.uncertainty._changed_images import CHANGES
from skactive.utils._constraints import number, whole
from skactive.utils._dense_answers import BoxAnswers, kind_of
from skactive.utils._detections import DetectorsOnlyMixin, detections, image_blocks
from skactive.utils._units import without_gaps


def jensen_shannon(p, q):
    """Return the Jensen-Shannon divergence in nats, of rows made to sum to 1.

    Examples
    --------
    >>> from skactive.uncertainty._cald import jensen_shannon
    >>> jensen_shannon([[0.8, 0.2]], [[0.6, 0.4]]).round(6)
    array([0.024157])
    """
    p, q = (_normalized(np.asarray(rows, dtype=float)) for rows in (p, q))
    middle = (p + q) / 2
    divergence = (rel_entr(p, middle) + rel_entr(q, middle)).sum(axis=1) / 2
    return np.maximum(divergence, 0)  # rounding


def consistency(boxes, probas, found, found_probas):
    """Return how alike boxes are to those found in a changed image.

    Parameters
    ----------
    boxes : ndarray of shape (m, 4)
        Boxes of the image, where they should be in the changed one.
    probas : ndarray of shape (m, n_classes)
        Probabilities of their classes.
    found, found_probas : ndarrays
        Boxes found in the changed image, any number of them.

    Returns
    -------
    consistency : ndarray of shape (m,)
        From 0, where nothing was found, to 2.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.uncertainty._cald import consistency
    >>> box, part = np.array([[0, 0, 4, 4]]), np.array([[0, 0, 4, 3]])
    >>> consistency(box, np.array([[0.8, 0.2]]), part, np.array([[0.6, 0.4]])).round(6)
    array([1.43309])
    """
    if len(found) == 0:
        return np.zeros(len(boxes))
    overlap = box_iou(boxes, found)
    partner = overlap.argmax(axis=1)
    p, q = probas, found_probas[partner]
    alike = (1 - jensen_shannon(p, q)) * (p.max(axis=1) + q.max(axis=1)) / 2
    return overlap.max(axis=1) + alike


def most_unlike(vectors, counts, labeled, n_labeled, n):
    """Return n candidates whose classes are unlike those that are labeled, in turn.

    Parameters
    ----------
    vectors : ndarray of shape (n_candidates, n_classes)
        How sure the model is that each class is there.
    counts : ndarray of shape (n_candidates, n_classes)
        How many boxes of each class it finds; they count as labeled once a candidate is
        taken.
    labeled : ndarray of shape (n_classes,)
        Boxes in all labeled images.
    n_labeled : int
        How many these are.
    n : int
        How many to take.

    Returns
    -------
    positions : ndarray of shape (n,)
        The first among equals.
    """
    seen = softmax(vectors, axis=1)
    total, picks = labeled.astype(float), []
    for k in range(n):
        known = softmax(total / (n_labeled + k))[None]
        unlike = jensen_shannon(seen, known)
        unlike[picks] = -1
        picks.append(int(unlike.argmax()))
        total = total + counts[picks[-1]]
    return np.array(picks, dtype=np.intp)


class CALD(DetectorsOnlyMixin, ModelStrategy):
    """Ask for images of which the model says something else once they are changed.

    Each image is mirrored, cut out, shrunk and turned. A box is consistent if a box is
    found at the place to which it moves, with the same classes [1]_. Neither perfect
    consistency teaches something, nor complete chaos: asked for are images that have
    a box near a value between. Of somewhat more of them than needed, those are taken
    whose classes are unlike the labeled ones.

    Parameters
    ----------
    estimator : estimator object, default=None
        A model that predicts boxes with "probas", such as
        :class:`~skactive.nets.NetDetector`. None: the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    beta : float, default=1.3
        The consistency, between 0 and 2, of the boxes that are wanted most.
    oversample : float, default=1.2
        At least 1. So many times the number of images asked for are candidates, of
        which those are taken that have other classes. With 1, classes decide on the
        order alone.
    augmentations : list of {"flip", "cutout", "resize", "rotation"}, \
            default=("flip", "cutout", "resize", "rotation")
        How images are changed: mirrored left to right; a rectangle of a third of height
        and width grayed, at one random place in all of them; shrunk to eight tenths, in
        a gray frame, so that all images keep their size; turned by five degrees.
    max_reference : int, default=50
        Boxes of an image that are looked for in changed ones, those of highest score.
    empty : {"lowest", "median", "highest"}, default="median"
        Where an image ranks in which no box is found: with the least, the median or the
        most wanted of the images scored together.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, the place of the rectangle, and the
        order of ties.

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
    LocalizationStability : Adds noise, and looks at places alone.

    Notes
    -----
    A box of class probabilities p is compared with the box of largest overlap in the
    changed image, of probabilities q: C = IoU + (1 - JS) (max p + max q) / 2, with the
    Jensen-Shannon divergence JS of p and q in nats; C = 0 where no box is found. The
    value of an image is the mean over changes of its least abs(C - beta), and those of
    lowest value are the candidates. A box that is cut out by more than half, or turned
    out of the image, is not compared.

    Candidates are taken in turn: the one with the largest JS between softmaxes of the
    mean number of boxes of each class in labeled images, and of the highest score of
    each class in the candidate, averaged over its changes. Its own boxes then count as
    labeled. In the code published with the paper they do not, images without boxes are
    taken before all others, and of 41 to 49 boxes some count twice.

    Cost: one fit, one prediction of the pool for each augmentation and one more, in
    blocks, O(m²) for *m* boxes of an image, and O(n²) for *n* images asked for. Memory:
    a block of changed images, some 64 MB, and a number for each image and class.

    It loses to random sampling when the model was trained with the same augmentations,
    which make it consistent everywhere, and while it has seen too few labels to find
    objects at all.

    References
    ----------
    .. [1] W. Yu, S. Zhu, T. Yang and C. Chen. Consistency-based active learning for
       object detection. CVPR Workshops 2022. arXiv:2103.10374.

    Examples
    --------
    A model that takes all pixels above a half for one object, the surer the brighter:

    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator
    >>> from skactive.uncertainty import CALD
    >>> class Threshold(BaseEstimator):
    ...     def fit(self, X, y):
    ...         self.fitted_ = True
    ...         return self
    ...     def predict(self, X):
    ...         return [self.find(x[0], np.argwhere(x[0] > 0.5)) for x in X]
    ...     def find(self, x, at):
    ...         box = [*at.min(0)[::-1], *at.max(0)[::-1] + 1]
    ...         p = x.max()
    ...         return {"boxes": [box], "labels": [1], "scores": [p], "probas": [[p]]}
    >>> X = np.zeros((3, 1, 16, 16))
    >>> for image, gray in zip(X, (0.6, 0.8, 1.0)):
    ...     image[0, 4:12, 4:12] = gray
    >>> y = [{"boxes": [[4, 4, 12, 12]], "labels": [1]}]
    >>> CALD(Threshold(), random_state=0).fit(X[:1], y, X).query(3)
    array([0, 1, 2])
    """

    _parameter_constraints = {
        **ModelStrategy._parameter_constraints,
        "beta": [number(0, closed="left")],
        "oversample": [number(1, closed="left")],
        "augmentations": ["array-like"],
        "max_reference": [whole(1)],
        "empty": [StrOptions({"lowest", "median", "highest"})],
    }

    def __init__(
        self,
        estimator=None,
        *,
        beta=1.3,
        oversample=1.2,
        augmentations=("flip", "cutout", "resize", "rotation"),
        max_reference=50,
        empty="median",
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.beta = beta
        self.oversample = oversample
        self.augmentations = augmentations
        self.max_reference = max_reference
        self.empty = empty

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        names = list(self.augmentations)
        if not names or not set(names) <= set(CHANGES):
            raise ValueError(
                f"augmentations of CALD must be some of {', '.join(CHANGES)}; got "
                f"{names}."
            )

    def _fit(self, X, y, X_pool):
        if kind_of(y) is not BoxAnswers:
            raise TypeError(
                "CALD counts the classes of labeled boxes: y must hold a dict "
                '{"boxes": (m, 4), "labels": (m,)} for each image.'
            )
        super()._fit(X, y, X_pool)
        self._labeled = Counter()
        for answer in y:
            self._labeled.update(np.asarray(answer["labels"]).tolist())
        self._n_labeled = len(y)

    def _query(self, n):
        looks = [
            look
            for X in image_blocks(self._X_pool, self, n_axes=3)
            for look in self._look(X)
        ]
        values, vectors, counts = zip(*looks)
        scores = without_gaps(-np.array(values), self.empty)
        seed = self._query_random_state()
        n_candidates = min(int(np.ceil(self.oversample * n - 1e-9)), len(scores))
        candidates = top_n(scores, n_candidates, random_state=seed)
        classes = list(np.asarray(getattr(self.estimator_, "classes_", [])).tolist())
        classes = list(dict.fromkeys([*classes, *self._labeled, *_keys(vectors)]))
        classes = classes or [None]  # nothing is labeled, nor seen
        tables = [
            np.array([[each[c] for c in classes] for each in some], dtype=float)
            for some in (
                [vectors[i] for i in candidates],
                [counts[i] for i in candidates],
                [self._labeled],
            )
        ]
        picks = most_unlike(tables[0], tables[1], tables[2][0], self._n_labeled, n)
        return candidates[picks]

    def _look(self, X):
        """Return of each image its value, its classes by score, and by number."""
        views = [(detections(self.estimator_, X, probas=True), None)]
        for name in self.augmentations:
            images, moved = CHANGES[name](X, self._query_random_state())
            views.append((detections(self.estimator_, images, probas=True), moved))
        return [
            self._of_image([(found[i], moved) for found, moved in views])
            for i in range(len(X))
        ]

    def _of_image(self, views):
        reference, values = views[0][0], []
        top = slice(self.max_reference)
        for found, moved in views[1:]:
            boxes, kept = moved(reference["boxes"][top])
            if kept.any():
                probas = reference["probas"][top][kept]
                C = consistency(boxes[kept], probas, found["boxes"], found["probas"])
                values.append(np.abs(C - self.beta).min())
        vector = Counter()
        for found, _ in views:
            best = {}
            for label, score in zip(found["labels"].tolist(), found["scores"]):
                best[label] = max(score, best.get(label, 0))
            vector.update({c: score / len(views) for c, score in best.items()})
        counts = Counter(reference["labels"].tolist())
        return np.mean(values) if values else np.nan, vector, counts


def _normalized(rows):
    total = rows.sum(axis=1, keepdims=True)
    even = np.full_like(rows, 1 / rows.shape[1])
    return np.divide(rows, total, out=even, where=total > 0)


def _keys(counters):
    return sorted({key for each in counters for key in each}, key=str)
