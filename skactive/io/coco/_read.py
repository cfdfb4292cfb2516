"""Answers in files of COCO."""

import numpy as np

from skactive.io._classes import Classes
from skactive.io._ids import short
from skactive.io.coco._file import CocoFile, is_set_aside
from skactive.utils._dense_answers import as_objects


def read_boxes(path, ids, *, classes=None, crowd="drop", unannotated="answer"):
    """Read the boxes in images from a file of COCO.

    Parameters
    ----------
    path : str or path-like
        The file, with "images", "categories" and "annotations".
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, those of ``fit``. Strings are looked for among the file
        names of the images, integers among their ids.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, or a number for each name: labels are numbers then.
        None: labels are the names. Those of the file never are the numbers of
        categories, which have gaps and differ from tool to tool.
    crowd : {"drop", "keep"}, default="drop"
        What becomes of a box with ``iscrowd`` or ``ignore``, which is around many
        objects or none for sure: left out, or in the answer, which has an array
        "iscrowd" then.
    unannotated : {"answer", "missing"}, default="answer"
        What an image without annotations is. "answer": somebody looked, and there is
        nothing; so COCO has it. "missing": nobody has looked yet, as in an export in
        the middle of the work; it is left out.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that are in the file, in its order.
    y : ndarray of dict of shape (n,)
        "boxes", float32 (m, 4), left, top, right, bottom in pixels, the last two
        exclusive, and "labels" (m,) of each.

    Raises
    ------
    ValueError
        If the file is of another format, or an entry is faulty: an image or an id
        twice, one that is not among ``ids``, an unknown category, a box that is empty,
        not finite or more than a pixel outside; or if it is a query that nobody
        answered. The message names the file and the entry.

    See Also
    --------
    write : The way back.

    Notes
    -----
    Cost: O(annotations), some 25 microseconds each.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> from skactive.io import coco
    >>> path = Path(tempfile.mkdtemp()) / "answers.json"
    >>> _ = path.write_text(json.dumps({
    ...     "images": [
    ...         {"id": 7, "file_name": "b.png", "width": 40, "height": 30},
    ...         {"id": 8, "file_name": "a.png", "width": 40, "height": 30},
    ...     ],
    ...     "categories": [{"id": 90, "name": "buoy"}],
    ...     "annotations": [
    ...         {"id": 1, "image_id": 7, "category_id": 90, "bbox": [5, 6, 20, 10]},
    ...     ],
    ... }))
    >>> rows, y = coco.read_boxes(path, ids=["a.png", "b.png", "c.png"])
    >>> rows.tolist(), y[0]["boxes"].tolist(), y[0]["labels"].tolist()
    ([1, 0], [[5.0, 6.0, 25.0, 16.0]], ['buoy'])
    >>> len(y[1]["boxes"])
    0
    """
    _check_choice("crowd", crowd, ("drop", "keep"))
    file, classes = _opened(path), Classes(classes)
    rows, y = [], []
    for row, image, entries in _looked_at(file, ids, "coco.read_boxes", unannotated):
        if crowd == "drop":
            entries = [each for each in entries if not is_set_aside(each[1])]
        more = {}
        if crowd == "keep":
            more["iscrowd"] = np.array([is_set_aside(e) for _, e in entries], bool)
        labels = [classes.label(file.category(e), where) for where, e in entries]
        rows.append(row)
        y.append(file.boxes(image, entries, classes.as_array(labels), **more))
    return np.array(rows, dtype=np.intp), as_objects(y)


def read_masks(
    path, ids, classes, *, background=None, ignore_index=255, unannotated="answer"
):
    """Read the class of each pixel from a file of COCO.

    Polygons and runs, compressed or not, are painted in the order of the file.

    Parameters
    ----------
    path : str or path-like
        The file, with "images", "categories" and "annotations".
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, those of ``fit``. Strings are looked for among the file
        names of the images, integers among their ids.
    classes : list of str or dict of str to int
        Names by class number, or a number for each name: what masks hold.
    background : str or None, default=None
        The class of pixels that nothing was painted on, one of ``classes``. None: they
        have no label.
    ignore_index : int, default=255
        What a mask holds where a pixel has no label: with ``background=None`` where
        nothing was painted, and under what is marked by ``ignore``. What is marked by
        ``iscrowd`` has its class.
    unannotated : {"answer", "missing"}, default="answer"
        What an image without annotations is. "answer": somebody looked, and all is
        background. "missing": nobody has looked yet; it is left out.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that are in the file, in its order.
    y : ndarray of objects of shape (n,)
        Masks of integers (height, width), uint8 where that is enough. None, a skip,
        where no pixel has a label.

    Raises
    ------
    ValueError
        As in :func:`read_boxes`; and if an annotation has no segmentation, or one of
        another size than its image.

    See Also
    --------
    write : The way back.
    skactive.datasets.load_mask_folder : Reads pictures of masks.

    Notes
    -----
    Cost: O(annotations times pixels), up to some 15 milliseconds for a polygon in an
    image of a million pixels.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> from skactive.io import coco
    >>> path = Path(tempfile.mkdtemp()) / "answers.json"
    >>> _ = path.write_text(json.dumps({
    ...     "images": [{"id": 7, "file_name": "a.png", "width": 4, "height": 2}],
    ...     "categories": [{"id": 1, "name": "sky"}],
    ...     "annotations": [{
    ...         "id": 1, "image_id": 7, "category_id": 1,
    ...         "segmentation": [[0, 0, 3, 0, 3, 1, 0, 1]],
    ...     }],
    ... }))
    >>> rows, y = coco.read_masks(path, ids=["a.png"], classes=["road", "sky"])
    >>> y[0]
    array([[  1,   1,   1, 255],
           [255, 255, 255, 255]], dtype=uint8)
    """
    file, classes = _opened(path), Classes(classes)
    if classes.names is None:
        raise ValueError("Masks hold numbers: pass classes, names by class number.")
    if ignore_index in classes.numbers:
        raise ValueError(
            f"ignore_index={ignore_index} is the number of a class, of "
            f"{classes.name(ignore_index, 'classes')!r}. Choose another."
        )
    unpainted = ignore_index
    if background is not None:
        unpainted = classes.label(background, f"background={background!r}")
    least, most = (f([*classes.numbers, ignore_index]) for f in (min, max))
    dtype = np.uint8 if least >= 0 and most < 256 else np.int64
    rows, y = [], []
    for row, image, entries in _looked_at(file, ids, "coco.read_masks", unannotated):
        rows.append(row)
        mask = np.full(file.size(image), unpainted, dtype=dtype)
        for where, entry in entries:
            label = classes.label(file.category(entry), where)
            label = ignore_index if _only_ignored(entry) else label
            mask[file.mask(image, where, entry)] = label
        y.append(mask if (mask != ignore_index).any() else None)
    return np.array(rows, dtype=np.intp), as_objects(y)


def _opened(path):
    file = CocoFile(path)
    if file.is_query:
        raise ValueError(
            f"{file.path!r} is a query as it was written, and its images have no "
            "answers yet. Give the file that the annotation tool exported."
        )
    return file


def _looked_at(file, ids, owner, unannotated):
    """Yield (row, image id, annotations) of the images that somebody looked at."""
    _check_choice("unannotated", unannotated, ("answer", "missing"))
    for row, image in file.rows(ids, owner):
        entries = file.annotations[image]
        if entries or unannotated == "answer":
            yield row, image, entries


def _only_ignored(entry):
    return bool(entry.get("ignore", 0)) and not entry.get("iscrowd", 0)


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {list(choices)}, got {short(value)}.")
