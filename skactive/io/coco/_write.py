"""Queries and answers as files of COCO."""

import numpy as np

from skactive.io._classes import Classes
from skactive.io._files import to_json, write_text
from skactive.io._ids import checked_ids, checked_rows, short
from skactive.io._sizes import sizes_of
from skactive.io.coco._file import UNANSWERED
from skactive.io.coco._rle import encode_rle, rle_bounds
from skactive.utils._boxes import as_boxes
from skactive.utils._dense_answers import MaskAnswers, kind_of
from skactive.utils._labels import _is_absent


def write_query(
    path,
    rows,
    predictions=None,
    *,
    ids,
    sizes,
    classes,
    file_names=None,
    overwrite=False,
):
    """Write a query as a file of COCO, for tools that import such files.

    Images are in the order of the query.

    Parameters
    ----------
    path : str or path-like
        The file.
    rows : array-like of int of shape (n,)
        What ``query`` returned.
    predictions : array-like of dict or of masks of shape (n,) or None, default=None
        What ``predict`` says of them, for people to correct. Where "scores" are in
        them, each box has a "score".
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples. Strings are the file names of the images, integers their
        ids.
    sizes : tuple (height, width) or array-like of shape (n_samples, 2)
        Of all images, in pixels.
    classes : list of str or dict of str to int
        Names by class number, or a number for each name.
    file_names : array-like of str of shape (n_samples,) or None, default=None
        Of all images, where ``ids`` are integers.
    overwrite : bool, default=False
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False.
    ValueError
        If rows, ids or sizes do not fit, or a class has no name.

    See Also
    --------
    read_boxes : Reads the answers.

    Notes
    -----
    The file says that it is a query, and is refused where answers are read: its images
    would be taken for empty ones, or predictions for answers. What a tool exports does
    not say so.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import coco
    >>> path = Path(tempfile.mkdtemp()) / "query.json"
    >>> names = ["a.png", "b.png", "c.png"]
    >>> coco.write_query(path, [2, 0], ids=names, sizes=(30, 40), classes=["buoy"])
    >>> coco.read_boxes(path, ids=names)
    Traceback (most recent call last):
        ...
    ValueError: ...query.json' is a query as it was written, ...
    """
    classes, images = Classes(classes), _images(rows, ids, sizes, file_names)
    annotations = []
    if predictions is not None:
        annotations = _annotations(predictions, images, classes)
    _write(path, images, annotations, classes, UNANSWERED, overwrite)


def write(path, rows, y, *, ids, sizes, classes, file_names=None, overwrite=False):
    """Write boxes or masks as a file of COCO.

    Parameters
    ----------
    path : str or path-like
        The file.
    rows : array-like of int of shape (n,)
        Samples that have an answer.
    y : array-like of dict or of masks of shape (n,)
        Their answers. Boxes are one annotation each, with "iscrowd" where the answer
        has that; of a mask, each class is one, in runs. One number that is not in
        ``classes``, such as 255, may mark pixels without a label: nothing is written
        of them.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples. Strings are the file names of the images, integers their
        ids.
    sizes : tuple (height, width) or array-like of shape (n_samples, 2)
        Of all images, in pixels.
    classes : list of str or dict of str to int
        Names by class number, or a number for each name. Categories have the ids 1, 2,
        and so on, in this order.
    file_names : array-like of str of shape (n_samples,) or None, default=None
        Of all images, where ``ids`` are integers.
    overwrite : bool, default=False
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False.
    ValueError
        If rows, ids, sizes or answers do not fit, an answer is missing, or a class has
        no name.

    See Also
    --------
    read_boxes : The way back.
    read_masks : The way back.
    write_query : Writes images that are to be answered.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import coco
    >>> path = Path(tempfile.mkdtemp()) / "answers.json"
    >>> y = [{"boxes": [[5, 6, 25, 16]], "labels": ["buoy"]}]
    >>> names = ["a.png", "b.png"]
    >>> coco.write(path, [1], y, ids=names, sizes=(30, 40), classes=["buoy"])
    >>> rows, y = coco.read_boxes(path, ids=names)
    >>> rows.tolist(), y[0]["boxes"].tolist()
    ([1], [[5.0, 6.0, 25.0, 16.0]])
    """
    classes, images = Classes(classes), _images(rows, ids, sizes, file_names)
    annotations = _annotations(y, images, classes)
    _write(path, images, annotations, classes, "Answers", overwrite)


def bbox_of(box):
    """Return [left, top, width, height] of corners."""
    left, top, right, bottom = (float(each) for each in box)
    return [left, top, right - left, bottom - top]


def _write(path, images, annotations, classes, description, overwrite):
    if classes.names is None:
        raise ValueError("Categories have names: pass classes, names by class number.")
    content = {
        "info": {"description": description, "contributor": "skactive"},
        "licenses": [],
        "images": images,
        "categories": [
            {"id": n, "name": name, "supercategory": ""}
            for n, name in enumerate(classes.names, 1)
        ],
        "annotations": [
            {
                "id": n,
                **each,
                "category_id": classes.names.index(each["category_id"]) + 1,
            }
            for n, each in enumerate(annotations, 1)
        ],
    }
    write_text(path, to_json(content), overwrite)


def _images(rows, ids, sizes, file_names):
    """Return the entries of images, in the order of rows."""
    names = checked_ids(ids, owner="a file of COCO")
    rows = checked_rows(rows, len(names))
    numbered = any(isinstance(name, int) for name in names)
    if numbered and file_names is None:
        raise ValueError(
            "ids are integers, and tools look for pictures by name: pass file_names, "
            "one for each sample."
        )
    files = checked_ids(
        names if file_names is None else file_names, len(names), "file_names"
    )
    sides = sizes_of(sizes, len(names))
    return [
        {
            "id": names[row] if numbered else row + 1,
            "file_name": str(files[row]),
            "width": sides[row][1],
            "height": sides[row][0],
        }
        for row in rows
    ]


def _annotations(y, images, classes):
    """Return the annotations of all images; the category is a name yet."""
    if len(y) != len(images):
        raise ValueError(f"There are {len(images)} rows and {len(y)} answers.")
    masks, found = kind_of(y) is MaskAnswers, []
    for answer, image in zip(y, images):
        where = f"The answer to {image['file_name']!r}"
        if _is_absent(answer):
            raise ValueError(
                f"{where} is missing, and an image without annotations would be an "
                "empty one. Leave out rows that were skipped."
            )
        of_one = _of_mask if masks else _of_boxes
        for each in of_one(answer, image, classes, where):
            found.append({"image_id": image["id"], **each})
    return found


def _of_boxes(answer, image, classes, where):
    """Yield an annotation for each box."""
    answer = as_boxes(answer, where, (image["height"], image["width"]))
    crowd = np.broadcast_to(answer.get("iscrowd", 0), answer["labels"].shape)
    scores = answer.get("scores", [None] * len(crowd))
    for box, label, aside, score in zip(
        answer["boxes"], answer["labels"].tolist(), crowd, scores
    ):
        bbox = bbox_of(box)
        each = {
            "category_id": classes.name(label, where),
            "bbox": bbox,
            "area": bbox[2] * bbox[3],
            "iscrowd": int(aside),
            "segmentation": [],
        }
        yield each if score is None else {**each, "score": float(score)}


def _of_mask(mask, image, classes, where):
    """Yield an annotation for each class in a mask."""
    mask, size = np.asarray(mask), (image["height"], image["width"])
    if mask.shape != size or mask.dtype.kind not in "iub":
        raise ValueError(
            f"{where} is a mask of {mask.dtype} of shape {mask.shape}; it must hold "
            f"integers, and its image has the size {size}."
        )
    numbers = np.unique(mask).tolist()
    strange = [number for number in numbers if number not in classes.numbers]
    if len(strange) > 1:
        raise ValueError(
            f"{where} holds {short(strange)}, for which classes has no name. One such "
            "number may mark pixels without a label; name the others."
        )
    for number in numbers:
        if number not in strange:
            part = mask == number
            yield {
                "category_id": classes.name(number, where),
                "segmentation": encode_rle(part),
                "bbox": rle_bounds(part),
                "area": int(part.sum()),
                "iscrowd": 0,
            }
