"""How unlike are two images, by the objects of each class that are found in them?"""

import numpy as np

#: Between what cannot be compared: as far as opposite features.
FARTHEST = 2.0
#: Distances differ by rounding where features are equal.
DIGITS = 9


class Detections:
    """Objects found in some images, sorted by class and then by image.

    Parameters
    ----------
    found : list of dict
        Of each image: "labels" (m,), "scores" (m,) and "features" (m, d).
    """

    def __init__(self, found):
        counts = np.array([len(each["labels"]) for each in found], dtype=np.intp)
        labels = [label for each in found for label in each["labels"].tolist()]
        codes = {label: code for code, label in enumerate(dict.fromkeys(labels))}
        code = np.array([codes[label] for label in labels], dtype=np.intp)
        image = np.repeat(np.arange(len(found)), counts)
        order = np.lexsort((image, code))
        weights = [_shares(each["scores"]) for each in found]
        self.n_images, self.empty = len(found), counts == 0
        self.image = image[order]
        self.weights = np.concatenate([*weights, np.empty(0)])[order]
        self.Z = _directions(
            [each["features"] for each in found if len(each["labels"])]
        )
        self.Z = self.Z[order]
        ends = np.searchsorted(code[order], np.arange(1, len(codes) + 1))
        starts = np.searchsorted(code[order], np.arange(len(codes)))
        #: Where the objects of each label are.
        self.of_label = {
            label: slice(start, end) for label, start, end in zip(codes, starts, ends)
        }


def image_distances(one, others):
    """Return the distance of an image to each of others.

    Each object of one image is compared with the nearest of the same class in the
    other, by the cosine distance of their features; where there is none, it is 2. The
    mean over objects, weighted by their scores, is taken for both images, and the mean
    of the two.

    Parameters
    ----------
    one : dict
        Objects found in the image: "labels" (m,), "scores" (m,), "features" (m, d).
    others : Detections
        Those found in the others.

    Returns
    -------
    distances : ndarray of shape (n_others,)
        From 0 to 2. Two images without objects are alike; one with and one without are
        at 2.

    Notes
    -----
    O(m M d) time and 8 m M bytes, for M objects of the same classes in all others.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.diversity._category_matching import Detections, image_distances
    >>> Z = np.eye(2)
    >>> labels = np.array([0, 1])
    >>> a = {"labels": labels, "scores": np.array([0.9, 0.6]), "features": Z}
    >>> b = {"labels": labels, "scores": np.array([0.8, 0.8]), "features": Z[::-1]}
    >>> c = {"labels": 0 * labels, "scores": np.array([0.8, 0.8]), "features": Z}
    >>> image_distances(a, Detections([a, b, c]))
    array([0.  , 1.  , 0.65])
    """
    labels = np.asarray(one["labels"])
    if len(labels) == 0:
        return np.where(others.empty, 0.0, FARTHEST)
    Z = _directions([one["features"]])
    there = np.full((len(labels), others.n_images), FARTHEST)
    back = np.full(len(others.image), FARTHEST)
    for label, of_one in _rows_of(labels).items():
        where = others.of_label.get(label)
        if where is None:
            continue
        distance = np.clip(1 - Z[of_one] @ others.Z[where].T, 0, FARTHEST)
        back[where] = distance.min(axis=0)
        images, starts = np.unique(others.image[where], return_index=True)
        nearest = np.minimum.reduceat(distance, starts, axis=1)
        there[np.ix_(of_one, images)] = nearest
    there = _shares(one["scores"]) @ there
    back = np.bincount(others.image, others.weights * back, others.n_images)
    back[others.empty] = FARTHEST
    return ((there + back) / 2).round(DIGITS)


def _rows_of(labels):
    rows = {}
    for row, label in enumerate(labels.tolist()):
        rows.setdefault(label, []).append(row)
    return rows


def _shares(scores):
    """Return scores made to sum to 1; all alike if they are all 0."""
    total = scores.sum()
    return (
        scores / total if total > 0 else np.full(len(scores), 1 / max(1, len(scores)))
    )


def _directions(parts):
    """Return features scaled to length 1, in one array.

    Those that are all 0 have no direction: they get one of their own, in a further
    column, so that they are like each other and unlike the rest.
    """
    if not parts:
        return np.empty((0, 1))
    Z = np.concatenate(parts).astype(float)
    largest = np.abs(Z).max(axis=1, keepdims=True)
    Z = np.divide(Z, largest, out=np.zeros_like(Z), where=largest > 0)
    length = np.linalg.norm(Z, axis=1, keepdims=True)
    Z = np.divide(Z, length, out=Z, where=length > 0)
    return np.hstack([Z, length == 0])
