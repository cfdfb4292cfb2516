"""Predicted boxes as COCO's scoring server takes them: a flat list."""

import numpy as np

from skactive.io._classes import Classes
from skactive.io._files import read_json, to_json, write_text
from skactive.io._ids import checked_ids, checked_rows, short
from skactive.io.coco._file import CocoFile
from skactive.io.coco._rle import is_number
from skactive.io.coco._write import bbox_of
from skactive.utils._boxes import as_boxes
from skactive.utils._dense_answers import as_objects


def write_predictions(path, rows, y, *, ids, like, classes=None, overwrite=False):
    """Write predicted boxes as a list that COCO's tools score.

    Parameters
    ----------
    path : str or path-like
        The file.
    rows : array-like of int of shape (n,)
        Which samples.
    y : array-like of dict of shape (n,)
        What ``predict`` says of them: "boxes", "labels" and "scores".
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, as in :func:`read_boxes`.
    like : str or path-like
        The file of COCO with the images and categories, whose ids are used.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, where labels are numbers.
    overwrite : bool, default=False
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False.
    ValueError
        If a sample is not among the images of ``like``, a class not among its
        categories, or a box has no score or is faulty.

    See Also
    --------
    read_predictions : The way back.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import coco
    >>> folder = Path(tempfile.mkdtemp())
    >>> true = [{"boxes": [[5, 6, 25, 16]], "labels": ["buoy"]}]
    >>> more = {"ids": ["a.png"]}
    >>> coco.write(
    ...     folder / "true.json", [0], true, sizes=(30, 40), classes=["buoy"], **more
    ... )
    >>> found = [{"boxes": [[5, 6, 24, 16]], "labels": ["buoy"], "scores": [0.9]}]
    >>> like = folder / "true.json"
    >>> coco.write_predictions(folder / "found.json", [0], found, like=like, **more)
    >>> (folder / "found.json").read_text()
    '[{"image_id": 1, "category_id": 1, "bbox": [5.0, 6.0, 19.0, 10.0], "score": 0.9}]'
    """
    file, classes = CocoFile(like), Classes(classes)
    ids = checked_ids(ids, owner="coco.write_predictions")
    image_of = dict(file.rows(ids, "coco.write_predictions"))
    rows = checked_rows(rows, len(ids))
    number_of = {name: key for key, name in file.categories.items()}
    if len(y) != len(rows):
        raise ValueError(f"There are {len(rows)} rows and {len(y)} predictions.")
    entries = []
    for row, answer in zip(rows, y):
        where = f"The prediction of row {row}"
        if row not in image_of:
            raise ValueError(f"{where}: {ids[row]!r} is no image of {file.path!r}.")
        answer = as_boxes(answer, where, file.size(image_of[row]))
        scores = np.asarray(answer.get("scores"), dtype=float)
        if scores.shape != answer["labels"].shape or not np.isfinite(scores).all():
            raise ValueError(f'{where} needs finite "scores", one for each box.')
        for box, label, score in zip(
            answer["boxes"], answer["labels"].tolist(), scores
        ):
            name = classes.name(label, where)
            if name not in number_of:
                raise ValueError(f"{where}: {name!r} is no category of {file.path!r}.")
            entries.append(
                {
                    "image_id": image_of[row],
                    "category_id": number_of[name],
                    "bbox": bbox_of(box),
                    "score": float(score),
                }
            )
    write_text(path, to_json(entries), overwrite)


def read_predictions(path, ids, *, like, classes=None):
    """Read predicted boxes from a list as COCO's tools score it.

    Parameters
    ----------
    path : str or path-like
        The file, a list of dicts with "image_id", "category_id", "bbox", "score".
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, as in :func:`read_boxes`.
    like : str or path-like
        The file of COCO with the images and categories whose ids are meant.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number; None: labels are the names.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that are among the images of ``like``, in its order.
    y : ndarray of dict of shape (n,)
        "boxes", "labels" and "scores" of each, in descending order of scores; none
        where nothing was found.

    Raises
    ------
    ValueError
        If the file is of another format, or an entry is faulty.

    See Also
    --------
    write_predictions : The way back.
    skactive.metrics.mean_average_precision : Scores them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import coco
    >>> folder = Path(tempfile.mkdtemp())
    >>> none = [{"boxes": [], "labels": []}]
    >>> like = folder / "images.json"
    >>> coco.write(like, [0], none, ids=["a.png"], sizes=(30, 40), classes=["buoy"])
    >>> _ = (folder / "found.json").write_text(
    ...     '[{"image_id": 1, "category_id": 1, "bbox": [5, 6, 19, 10], "score": 0.9}]'
    ... )
    >>> rows, y = coco.read_predictions(folder / "found.json", ["a.png"], like=like)
    >>> y[0]["labels"].tolist(), y[0]["scores"].tolist()
    (['buoy'], [0.9])
    """
    file, classes = CocoFile(like), Classes(classes)
    entries = read_json(path)
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise ValueError(
            f"{str(path)!r} is no list of predictions, but {short(entries)}. Files of "
            "images and annotations are read by read_boxes."
        )
    of_image = {image: [] for image in file.images}
    for n, entry in enumerate(entries):
        where = f"{str(path)!r}: prediction {n}"
        file.check_links(where, entry)
        if not is_number(entry.get("score")):
            raise ValueError(f"{where} needs a finite score; got {short(entry)}.")
        of_image[entry["image_id"]].append((where, entry))
    rows, y = [], []
    for row, image in file.rows(ids, "coco.read_predictions"):
        found = sorted(of_image[image], key=lambda each: -each[1]["score"])
        labels = [classes.label(file.category(each), where) for where, each in found]
        scores = np.array([each["score"] for _, each in found], dtype=float)
        rows.append(row)
        labels = classes.as_array(labels)
        y.append(file.boxes(image, found, labels, scores=scores))
    return np.array(rows, dtype=np.intp), as_objects(y)
