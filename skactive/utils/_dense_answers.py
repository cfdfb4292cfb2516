"""Answers that are no single value: a mask, or the boxes in an image."""

import numpy as np

from skactive.utils._answers import Answers
from skactive.utils._boxes import as_boxes
from skactive.utils._labels import _is_absent, _object_array


def as_objects(values):
    """Return answers as a 1-d object array, one to an entry, views of what they were.

    numpy alone would stack masks of equal shape, and lists of equal length.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind == "O" and values.ndim == 1:
        return values
    return _object_array(list(values))


def kind_of(y):
    """Return the class of dense answers that values are, or None.

    Told by the first that is present: a dict has boxes, an array of two axes is a mask.
    """
    if not hasattr(y, "__iter__"):
        y = np.asarray(y)
    ndim = getattr(y, "ndim", None)
    if ndim is not None and ndim != 1:
        return MaskAnswers if ndim == 3 else None
    first = next((value for value in y if not _is_absent(value)), None)
    if isinstance(first, dict):
        return BoxAnswers
    dense = hasattr(first, "dtype") and getattr(first, "ndim", 0) == 2
    return MaskAnswers if dense else None


def plain_masks(y):
    """Return masks as numpy arrays in an object array; None where one is absent.

    They may be tensors, masked arrays, or floats some of which are all NaN.
    """
    if getattr(getattr(y, "dtype", None), "kind", "") == "f":
        y = _from_floats(y)
    return as_objects([_plain(mask, k) for k, mask in enumerate(y)])


class MaskAnswers(Answers):
    """Each answer is a mask: the class of each pixel of an image.

    One array (n_samples, height, width), or as many arrays (height, width) in a list or
    an object array; a model is given masks in the same way. Absent are None, in one
    array of floats a mask of NaN, and with a ``missing_label`` a mask that is nothing
    else. A mask that is unknown in part is an answer.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._dense_answers import MaskAnswers
    >>> answers = MaskAnswers(missing_label=255)
    >>> y = answers.read(np.array([[[0, 1]], [[255, 255]], [[1, 255]]]), 3)
    >>> answers.missing(y).tolist()
    [False, True, False]
    >>> answers.present(y[[0, 2]]).shape
    (2, 1, 2)
    """

    one = "one mask, an array of integers of shape (height, width)"
    #: Whether masks came as one array; None before the first came.
    stacked = None

    def read(self, y, n_samples):
        _check_marker(self.missing_label)
        if y is None:
            return np.full(n_samples, None, dtype=object)
        if getattr(y, "ndim", 1) not in (1, 3):
            raise ValueError(
                "y must hold one mask per sample, as one array of shape (n_samples, "
                f"height, width) or a list of arrays; got the shape {np.shape(y)}."
            )
        if len(y) != n_samples:
            raise ValueError(f"There are {n_samples} samples and {len(y)} masks.")
        return self._opened(y)

    def each(self, answers, n_rows):
        ndim = getattr(answers, "ndim", 1 if isinstance(answers, (list, tuple)) else 0)
        if ndim == 2 and n_rows == 1:
            raise ValueError(
                "One mask was given for a list of one row: put it into a list, [mask]."
            )
        if ndim not in (1, 3) or len(answers) != n_rows:
            got = f"{len(answers)}" if ndim in (1, 3) else f"shape {np.shape(answers)}"
            raise ValueError(
                f"{n_rows} rows were asked for and the answer holds {got}; give one "
                "mask per row, in the same order, None for those skipped."
            )
        return self._opened(answers)

    def missing(self, y):
        return np.array([self._is_missing(mask) for mask in y], dtype=bool)

    def keep(self, y):
        kept = np.array(y, dtype=object, copy=True)
        kept[self.missing(kept)] = self.missing_label  # a marker has no size to keep
        return kept

    def natural(self, y):
        return y

    def present(self, values):
        one_size = len({mask.shape for mask in values}) == 1
        return np.stack(list(values)) if self.stacked and one_size else values

    def check(self, values, beside=(), *, matched=True):
        for k, mask in enumerate(values):
            if getattr(mask, "ndim", None) != 2 or mask.dtype.kind not in "iub":
                raise ValueError(
                    f"An answer is {self.one}; number {k} is {_described(mask)}. "
                    "Class numbers in floats become integers by mask.astype(int)."
                )

    def warn_of_markers(self, y):
        """A complete y of masks is taken as it is."""

    def to_json(self, value):
        if self._is_missing(value):
            return None
        flat = np.asarray(value).ravel()
        starts = np.flatnonzero(np.r_[True, flat[1:] != flat[:-1]])[: len(flat)]
        lengths = np.diff(np.r_[starts, len(flat)])
        return {
            "shape": list(np.shape(value)),
            "dtype": np.asarray(value).dtype.name,
            "values": flat[starts].tolist(),
            "lengths": lengths.tolist(),
        }

    def from_json(self, value):
        if value is None:
            return self.missing_label
        flat = np.repeat(value["values"], value["lengths"])
        return flat.reshape(value["shape"]).astype(value["dtype"])

    def _opened(self, y):
        """Return masks one by one, and remember whether they were one array."""
        if self.stacked is None:
            self.stacked = getattr(y, "ndim", 1) == 3
        return plain_masks(y)

    def _is_missing(self, mask):
        if _is_absent(mask) or _shows_nothing(mask):
            return True
        marked = not _is_absent(self.missing_label)
        return marked and bool(np.all(np.asarray(mask) == self.missing_label))


class BoxAnswers(Answers):
    """Each answer holds the boxes in an image and their labels.

    ``{"boxes": (m, 4), "labels": (m,)}`` in a list or an object array, corners in
    pixels: left, top, right, bottom, the last two exclusive. None is absent; no boxes
    (m = 0) is an answer.

    Examples
    --------
    >>> from skactive.utils._dense_answers import BoxAnswers
    >>> answers = BoxAnswers()
    >>> y = answers.read([{"boxes": [], "labels": []}, None], 2)
    >>> answers.missing(y).tolist()
    [False, True]
    """

    one = 'the boxes of one image, {"boxes": (m, 4), "labels": (m,)}'

    def read(self, y, n_samples):
        if not _is_absent(self.missing_label):
            raise ValueError(
                f"missing_label={self.missing_label!r}: absent boxes are None, and no "
                'boxes are {"boxes": [], "labels": []}. Leave missing_label=None.'
            )
        if y is None:
            return np.full(n_samples, None, dtype=object)
        if len(y) != n_samples:
            raise ValueError(f"There are {n_samples} samples and {len(y)} answers.")
        return as_objects(y)

    def each(self, answers, n_rows):
        if isinstance(answers, dict):
            raise ValueError(
                "The boxes of one image were given for a list of rows: put them into a "
                "list, [boxes]."
            )
        if len(answers) != n_rows:
            raise ValueError(
                f"{n_rows} rows were asked for and the answer holds {len(answers)}; "
                "give the boxes of each row, in the same order, None for those skipped."
            )
        return as_objects(answers)

    def missing(self, y):
        return np.array([_is_absent(boxes) for boxes in y], dtype=bool)

    def keep(self, y):
        return np.array(y, dtype=object, copy=True)

    def natural(self, y):
        return y

    def present(self, values):
        return values

    def check(self, values, beside=(), *, matched=True):
        for k, boxes in enumerate(values):
            as_boxes(boxes, f"Answer {k}")

    def warn_of_markers(self, y):
        """A complete y of boxes is taken as it is."""

    def to_json(self, value):
        if _is_absent(value):
            return None
        parts = {name: np.asarray(part) for name, part in value.items()}
        kinds = {name: part.dtype.str for name, part in parts.items()}
        return {name: p.tolist() for name, p in parts.items()} | {"dtypes": kinds}

    def from_json(self, value):
        if value is None:
            return None
        # No number is rounded on its way through a file.
        kinds = value.get("dtypes", {})
        boxes = {
            name: np.asarray(part, dtype=kinds.get(name))
            for name, part in value.items()
            if name != "dtypes"
        }
        checked = as_boxes(boxes, "An answer")
        return {**boxes, "boxes": boxes["boxes"].reshape(checked["boxes"].shape)}


def _check_marker(marker):
    whole = isinstance(marker, (int, np.integer)) and not isinstance(marker, bool)
    if not whole and not _is_absent(marker):
        raise ValueError(
            f"missing_label={marker!r}: masks hold integers. Pass the number of which "
            "an absent mask is full, such as 255, or None if absent masks are None."
        )


def _from_floats(y):
    """Return masks of integers where floats are needed to hold absent ones."""
    absent = np.isnan(y).reshape(len(y), -1).all(axis=1)
    if not absent.any():
        return list(y)  # refused later, as floats
    masks = []
    for k, mask in enumerate(y):
        if not absent[k] and not np.array_equal(mask, np.rint(mask)):
            raise ValueError(
                f"Mask {k} holds {mask[mask != np.rint(mask)][0]}, which is no class "
                "number. A mask of NaN is absent; others hold whole numbers, and "
                "ignore_index where a pixel has no label."
            )
        masks.append(None if absent[k] else mask.astype(np.int64))
    return masks


def _shows_nothing(mask):
    """Tell whether all of a mask is NaN, or hidden by a masked array."""
    if isinstance(mask, np.ma.MaskedArray):
        return bool(mask.size and np.ma.getmaskarray(mask).all())
    floats = getattr(getattr(mask, "dtype", None), "kind", "") == "f"
    return floats and mask.size > 0 and bool(np.isnan(mask).all())


def _plain(mask, k):
    if hasattr(mask, "detach"):
        return mask.detach().cpu().numpy()
    if not isinstance(mask, np.ma.MaskedArray):
        return mask
    hidden = np.ma.getmaskarray(mask)
    if hidden.any() and not hidden.all():
        raise ValueError(
            f"Mask {k} is hidden in part by a masked array. Write ignore_index where a "
            "pixel has no label, as by y.filled(255)."
        )
    return None if hidden.all() else mask.data


def _described(value):
    if hasattr(value, "dtype"):
        return f"an array of {value.dtype} of shape {value.shape}"
    return f"of type {type(value).__name__}"
