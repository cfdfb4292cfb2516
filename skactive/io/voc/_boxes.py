"""Boxes in files of VOC, one XML file for each image."""

from pathlib import Path

import numpy as np

from skactive.io._classes import Classes
from skactive.io._files import refuse_existing, write_text
from skactive.io._ids import Rows, checked_ids, checked_rows
from skactive.io._sizes import sizes_of
from skactive.io.voc._names import ENDINGS, image_names
from skactive.io.voc._xml import (
    number_of,
    parse_file,
    serialized,
    size_of,
    text_of,
    to_xml,
)
from skactive.utils._boxes import as_boxes
from skactive.utils._dense_answers import as_objects
from skactive.utils._labels import _is_absent

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read_boxes(folder, ids, *, classes=None, difficult="keep", one_based=True):
    """Read the boxes in images from files of Pascal VOC.

    Parameters
    ----------
    folder : str or path-like
        The folder ``Annotations``, of which all files ``*.xml`` are read, or one file.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, those of ``fit``: of the pictures, with or without their
        endings. The file ``harbor_07.xml`` is about ``harbor_07`` or
        ``harbor_07.jpg``.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, or a number for each name: labels are numbers then.
        None: labels are the names.
    difficult : {"keep", "drop"}, default="keep"
        What becomes of objects that are marked as difficult, which VOC does not score:
        in the answer, which has an array "difficult", or left out.
    one_based : bool, default=True
        Whether pixels are counted from 1 and the last one is inside the box, as VOC
        has it. False: corners are as they are here, from 0, the last two exclusive, as
        some tools write them, Label Studio among them.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that have a file, in the order of its name. A file without objects
        is an answer: somebody looked, and there is nothing. A sample without a file has
        none.
    y : ndarray of dict of shape (n,)
        "boxes", float32 (m, 4), left, top, right, bottom in pixels from 0, the last
        two exclusive, "labels" (m,), and "difficult", bool (m,).

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder, or no XML in it.
    ValueError
        If a file is no XML, declares a document type, or is of another format; if an
        image is not among ``ids``, a class not among ``classes``, or a box empty, not
        finite or more than a pixel outside of its image; or if pixels are counted from
        0 though ``one_based`` is True. The message names the file and the object.

    See Also
    --------
    write_boxes : The way back.

    Notes
    -----
    Boxes of parts of an object, such as the head of a person, are passed over.

    Cost: O(objects), about half a millisecond for a file of seven.

    References
    ----------
    .. [1] Everingham et al. "The Pascal visual object classes (VOC) challenge." IJCV
       2010.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import voc
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "harbor_07.xml").write_text('''
    ... <annotation>
    ...   <size><width>640</width><height>480</height><depth>3</depth></size>
    ...   <object><name>buoy</name><difficult>0</difficult><bndbox>
    ...     <xmin>101</xmin><ymin>41</ymin><xmax>180</xmax><ymax>120</ymax>
    ...   </bndbox></object>
    ... </annotation>''')
    >>> rows, y = voc.read_boxes(folder, ids=["harbor_06.jpg", "harbor_07.jpg"])
    >>> rows.tolist(), y[0]["boxes"].tolist(), y[0]["labels"].tolist()
    ([1], [[100.0, 40.0, 180.0, 120.0]], ['buoy'])
    """
    if difficult not in ("keep", "drop"):
        raise ValueError(
            f"difficult must be one of ['keep', 'drop'], got {difficult!r}."
        )
    by_name = Rows(image_names(ids, "voc.read_boxes"))
    classes, rows, y = Classes(classes), [], []
    for path in _files(Path(folder)):
        rows.append(by_name.row_of(path.stem, repr(str(path))))
        y.append(_answer(path, classes, difficult == "drop", one_based))
    return np.array(rows, dtype=np.intp), as_objects(y)


def write_boxes(
    folder, rows, y, *, ids, sizes, classes=None, one_based=True, overwrite=False
):
    """Write the boxes in images as files of Pascal VOC.

    Parameters
    ----------
    folder : str or path-like
        Where the files go, such as ``Annotations``; it is made if it is not there.
    rows : array-like of int of shape (n,)
        Samples that have an answer.
    y : array-like of dict of shape (n,)
        Their boxes, cut at the border of the image; "difficult" is written where the
        answer has it.
    ids : array-like of int or str of shape (n_samples,)
        Names of the pictures of all samples. The file has this name without its
        ending; ``<filename>`` has it, with ``.jpg`` where there is no ending.
    sizes : tuple (height, width) or array-like of shape (n_samples, 2)
        Of all images, in pixels.
    classes : list of str, dict of str to int, or None, default=None
        Names by class number, or a number for each name. None: labels are the names.
    one_based : bool, default=True
        As in :func:`read_boxes`.
    overwrite : bool, default=False
        Whether files may take the place of others.

    Raises
    ------
    FileExistsError
        If there is a file of such a name and ``overwrite`` is False. No file is
        written then.
    ValueError
        If rows, ids, sizes or answers do not fit, an answer is missing, or a class has
        no name. No file is written then.

    See Also
    --------
    read_boxes : The way back.

    Notes
    -----
    Corners that are whole are written as integers, others as they are: tools that
    expect integers may refuse these. Round them first.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import voc
    >>> folder = Path(tempfile.mkdtemp())
    >>> y = [{"boxes": [[100, 40, 180, 120]], "labels": ["buoy"]}]
    >>> voc.write_boxes(folder, [0], y, ids=["harbor_07"], sizes=(480, 640))
    >>> "<xmin>101</xmin>" in (folder / "harbor_07.xml").read_text()
    True
    """
    ids, classes = checked_ids(ids, owner="voc.write_boxes"), Classes(classes)
    names = image_names(ids, "voc.write_boxes")
    rows, folder = checked_rows(rows, len(names)), Path(folder)
    sides = sizes_of(sizes, len(names))
    if len(y) != len(rows):
        raise ValueError(f"There are {len(rows)} rows and {len(y)} answers.")
    files = {}
    for row, answer in zip(rows, y):
        picture = str(ids[row])
        if not picture.lower().endswith(ENDINGS):
            picture += ".jpg"
        root = _element(answer, picture, sides[row], classes, one_based)
        path = folder / f"{names[row]}.xml"
        files[path] = serialized(root, f"The answer to {names[row]!r}")
        refuse_existing(path, overwrite)
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        write_text(path, text, overwrite)


def _files(folder):
    if not folder.is_dir():
        return [folder]
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".xml")
    if not files:
        raise FileNotFoundError(f"There is no file *.xml in {str(folder)!r}.")
    return files


def _answer(path, classes, drop, one_based):
    """Return the boxes in one file."""
    file = repr(str(path))
    root = parse_file(path)
    size, objects = size_of(root, file), []
    for n, element in enumerate(root.findall("object")):
        where = f"{file}: object {n}"
        name = text_of(element, "name", where)
        marked = _flag(element, "difficult", where)
        box = _corners(element, where, one_based)
        as_boxes({"boxes": [box], "labels": [0]}, where, size)
        if not (drop and marked):
            objects.append((box, classes.label(name, where), marked))
    boxes, labels, marks = zip(*objects) if objects else ((), (), ())
    answer = as_boxes({"boxes": boxes, "labels": classes.as_array(labels)}, file)
    return answer if drop else {**answer, "difficult": np.array(marks, dtype=bool)}


def _corners(element, where, one_based):
    """Return left, top, right, bottom of an object, not of its parts."""
    box = element.find("bndbox")
    if box is None:
        raise ValueError(f"{where} has no <bndbox>. Draw its box, or delete it.")
    left, top, right, bottom = (number_of(box, key, where) for key in CORNERS)
    if not one_based:
        return [left, top, right, bottom]
    if min(left, top) < 0.5:
        raise ValueError(
            f"{where}: xmin is {left:g} and ymin is {top:g}, but VOC counts pixels "
            "from 1. The file counts from 0: pass one_based=False."
        )
    return [left - 1, top - 1, right, bottom]


def _flag(element, key, where):
    text = (element.findtext(key) or "0").strip() or "0"
    if text not in ("0", "1"):
        raise ValueError(f"{where}: <{key}> is 0 or 1, got {text!r}.")
    return text == "1"


def _element(answer, picture, size, classes, one_based):
    """Return the root element of the file of an answer."""
    where = f"The answer to {picture!r}"
    if _is_absent(answer):
        raise ValueError(
            f"{where} is missing, and a file without objects would be an answer. Leave "
            "out rows that were skipped."
        )
    answer = as_boxes(answer, where, size)
    cut = np.clip(answer["boxes"], 0, [size[1], size[0]] * 2)
    answer = as_boxes({**answer, "boxes": cut}, f"{where}, cut at its border")
    marks = np.broadcast_to(answer.get("difficult", 0), answer["labels"].shape)
    objects = []
    for box, label, mark in zip(answer["boxes"], answer["labels"].tolist(), marks):
        left, top, right, bottom = (float(each) for each in box)
        corners = [left + one_based, top + one_based, right, bottom]
        shown = [str(int(c)) if c.is_integer() else repr(c) for c in corners]
        described = {
            "name": classes.name(label, where),
            "pose": "Unspecified",
            "truncated": 0,
            "difficult": int(mark),
            "bndbox": dict(zip(CORNERS, shown)),
        }
        objects.append(("object", described))
    content = [
        ("filename", picture),
        ("size", {"width": size[1], "height": size[0], "depth": 3}),
        ("segmented", 0),
        *objects,
    ]
    return to_xml("annotation", content)
