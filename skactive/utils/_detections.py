"""What a model says of images, a block at a time, and blocks that may be changed."""

from itertools import chain, groupby

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier, is_regressor

from skactive._sklearn import _num_samples
from skactive.utils._dense_answers import BoxAnswers
from skactive.utils._models import chained, has_method, predictions, steps_and_last
from skactive.utils._rows import row_block, take_rows
from skactive.utils._units import CHUNK, units_kind

#: Of what is held at once, a block of images takes one of so many parts, as it is
#: copied, converted and predicted.
SHARE = 8


def detections(model, X, *, probas=False, features=False):
    """Return the boxes that a model finds in each sample, checked.

    Parameters
    ----------
    model : estimator object
        Fitted; ``predict`` returns a dict for each sample.
    X : array-like of shape (n_samples, ...)
        Samples.
    probas : bool, default=False
        Whether "probas" are needed.
    features : bool, default=False
        Whether "features" are needed: ``predict_with_features`` is asked.

    Returns
    -------
    found : list of dict
        "boxes" of shape (m, 4) and "scores" of shape (m,) as float64, the highest
        first, "labels" of shape (m,), and maybe "probas" of shape (m, n_classes) and
        "features" of shape (m, n_columns).

    Raises
    ------
    TypeError
        If an answer is no such dict.
    ValueError
        If lengths differ or a number is not finite.

    Examples
    --------
    >>> from skactive.utils._detections import detections
    >>> class Finder:
    ...     def predict(self, X):
    ...         box = {"boxes": [[0, 0, 2, 2]], "labels": [1], "scores": [0.5]}
    ...         return [box for x in X]
    >>> detections(Finder(), [[[0.0]]])[0]["boxes"]
    array([[0., 0., 2., 2.]])
    """
    name = "predict_with_features" if features else "predict"
    answers = _with_features(model, X) if features else model.predict(X)
    if len(answers) != _num_samples(X):
        raise ValueError(
            f"{name} of {model!r} returned {len(answers)} answers for "
            f"{_num_samples(X)} samples."
        )
    keys = ["boxes", "labels", "scores"]
    keys += [
        key for key, wanted in (("probas", probas), ("features", features)) if wanted
    ]
    return [_checked(found, keys, model, name) for found in answers]


def _with_features(model, X):
    """Ask the last step of a pipeline, which has no such method of its own."""
    steps, last = steps_and_last(model)
    return last.predict_with_features(chained(steps).transform(X) if steps else X)


def _checked(found, keys, model, name):
    if not isinstance(found, dict) or not set(keys) <= set(found):
        got = list(found) if isinstance(found, dict) else type(found).__name__
        raise TypeError(
            f"{name} of {model!r} must return a dict with {', '.join(keys)} for each "
            f"image, got {got}."
        )
    parts = {key: np.asarray(found[key]) for key in keys}
    m = len(parts["labels"])
    if m == 0:
        parts["boxes"] = np.empty((0, 4))
    shapes = {"boxes": (m, 4), "scores": (m,), "probas": (m, ...), "features": (m, ...)}
    for key, shape in shapes.items():
        if key not in parts:
            continue
        part = parts[key] = parts[key].astype(float)
        right = part.shape == shape or (shape[-1] is ... and part.shape[:1] == (m,))
        if not right or not np.isfinite(part).all():
            raise ValueError(
                f"{name} of {model!r} returned {m} labels and {key!r} of shape "
                f"{part.shape}, {np.sum(~np.isfinite(part))} of which are not finite; "
                "each label needs its own."
            )
    order = np.argsort(-parts["scores"], kind="stable")
    return {key: part[order] for key, part in parts.items()}


def iter_detections(model, X, *, rows=None, features=False):
    """Yield the boxes that a model finds in each sample, asking for a block at a time.

    Parameters
    ----------
    model : estimator object
        Fitted; it predicts boxes.
    X : array-like of shape (n_samples, ...)
        Samples.
    rows : ndarray of int or None, default=None
        Those that are asked about, in this order. None: all.
    features : bool, default=False
        Whether "features" are needed.

    Yields
    ------
    found : dict
        Of one sample, as :func:`detections` returns them.

    Examples
    --------
    >>> from skactive.utils._detections import iter_detections
    >>> class Finder:
    ...     def predict(self, X):
    ...         box = {"boxes": [[0, 0, 2, 2]], "labels": [1]}
    ...         return [{**box, "scores": [x]} for x in X]
    >>> found = iter_detections(Finder(), [0.1, 0.2, 0.3], rows=[2, 0])
    >>> [each["scores"].tolist() for each in found]
    [[0.3], [0.1]]
    """
    for block in _blocks(X, lambda first: SHARE * first.nbytes, rows):
        yield from detections(model, block, features=features)


def iter_predictions(model, X):
    """Yield what a model predicts for each sample, asking for a block at a time.

    Parameters
    ----------
    model : estimator object
        Fitted; it predicts classes, masks or boxes.
    X : array-like of shape (n_samples, ...)
        Samples.

    Yields
    ------
    answer : object
        Of one sample: a label, a mask, or a dict of boxes.

    Examples
    --------
    >>> from sklearn.base import BaseEstimator
    >>> from skactive.utils._detections import iter_predictions
    >>> class Segmenter(BaseEstimator):
    ...     def predict(self, X):
    ...         return [[[int(x)]] for x in X]
    >>> list(iter_predictions(Segmenter(), [0.2, 1.5, 2.5]))
    [[[0]], [[1]], [[2]]]
    """
    if is_classifier(model):
        yield from predictions(model, X)
        return
    # A mask is held beside the image that it is of, or what a net makes of that.
    for block in _blocks(X, lambda first: SHARE * first.nbytes):
        yield from model.predict(block)


def image_blocks(X, owner, *, n_axes=2):
    """Yield images as arrays, as many at a time as may be copied.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Images; in a list or an array of objects they may be of different sizes.
    owner : object
        Its class is named in messages.
    n_axes : int, default=2
        Least number of axes, that of the samples included.

    Yields
    ------
    block : ndarray of shape (n_block, ...)
        Of one size, uint8 or floats; not to be written to.

    Raises
    ------
    TypeError
        If they are neither uint8 nor floats.
    ValueError
        If they are sparse, or have too few axes.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._detections import image_blocks
    >>> blocks = image_blocks(np.zeros((3, 1, 8, 8), np.uint8), object())
    >>> [len(block) for block in blocks]
    [1, 2]
    """
    name = type(owner).__name__
    if sparse.issparse(X):
        raise ValueError(f"{name} changes images and needs them dense, not sparse.")
    blocks = _blocks(X, lambda first: SHARE * first.nbytes)
    for block in chain.from_iterable(map(_of_one_size, blocks)):
        if block.dtype != np.uint8 and block.dtype.kind != "f":
            raise TypeError(
                f"{name} changes images, which must be one array of uint8 (0 to 255) "
                f"or of floats; got {block.dtype}."
            )
        if block.ndim < n_axes:
            raise ValueError(
                f"{name} changes images, X of shape (n_samples, ..., height, width); "
                f"got samples of shape {block.shape[1:]}."
            )
        yield block


def _of_one_size(block):
    """Return images as arrays, one for each run of images of one size."""
    if not _are_apart(block):
        return [np.asarray(block)]
    return [np.asarray(list(run)) for _, run in groupby(block, np.shape)]


def _are_apart(block):
    """Tell whether samples are objects of their own, each of its own size."""
    objects = isinstance(block, np.ndarray) and block.dtype.kind == "O"
    return objects or isinstance(block, list)


def _blocks(X, cost, rows=None):
    """Yield the first sample, then as many at a time as take 64 MB by its cost.

    Of samples in a list or an array of objects each has its own.
    """
    n, size, start = _num_samples(X if rows is None else rows), 1, 0
    while start < n:
        stop = min(start + size, n)
        if rows is None:
            block = row_block(X, start, stop)
        else:
            block = take_rows(X, rows[start:stop])
        if _are_apart(block):
            yield from _of_own_costs(block, cost)
        else:
            yield block
        if start == 0:
            first = block[0] if _are_apart(block) else block
            per_sample = cost(np.asarray(first))
        start += size
        size = n if _are_apart(X) else max(1, CHUNK // max(1, per_sample))


def _of_own_costs(block, cost):
    """Yield samples one after the other, as many at a time as take 64 MB."""
    start = taken = 0
    for k, sample in enumerate(block):
        own = cost(np.asarray(sample))
        if k > start and taken + own > CHUNK:
            yield block[start:k]
            start, taken = k, 0
        taken += own
    yield block[start:]


class DetectorsOnlyMixin:
    """Refuses to serve models that do not predict boxes, before a label is paid."""

    #: Discovery leaves it out where labels are classes.
    needs_boxes = True
    takes_columns = False

    response_method = "predict"

    def _check_estimator(self, estimator):
        kind = units_kind(estimator)
        if kind is BoxAnswers:
            return
        fault = "does not have predict"
        if kind is not None:
            fault = "predicts masks"
        elif is_classifier(estimator):
            fault = "is a classifier"
        elif is_regressor(estimator):
            fault = "is a regressor"
        elif has_method(estimator, "predict"):
            return  # a detector of the user's own: its answers are checked
        raise ValueError(
            f"{type(self).__name__} needs a model that predicts boxes, such as "
            f"skactive.nets.NetDetector, and {estimator!r} {fault}."
        )
