"""Folders of pictures, and what is said about them, as images and answers."""

from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from skactive.datasets._dense import resize_images
from skactive.utils._boxes import as_boxes
from skactive.utils._dense_answers import as_objects
from skactive.utils._pictures import read_mask, read_picture


def load_box_folder(images, read_boxes, *, size=None):
    """Read images and the boxes in them, which another function reads from files.

    Parameters
    ----------
    images : str or path-like
        A folder of pictures.
    read_boxes : callable
        ``read_boxes(names) -> (rows, y)``, given the names of the files, with their
        endings: which of them have boxes, and these. Such are
        ``lambda names: voc.read_boxes("Annotations", names)`` and the same with
        ``coco.read_boxes`` of :mod:`skactive.io`.
    size : tuple (height, width) or None, default=None
        Images are resized to it, and boxes with them. None: as they are.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        ``data``, uint8 of shape (n, channels, height, width), channels first as nets
        take them, or an object array of such images where sizes differ; ``target``, an
        object array (n,) of dicts of boxes, None where an image has no answer yet;
        ``names``, those of the files, sorted; ``target_names``, the labels found.

    Raises
    ------
    FileNotFoundError
        If there is no picture in ``images``.
    ValueError
        If two pictures have one name but for the ending, a box is not in its image, or
        ``read_boxes`` returns something else or two answers for an image; the message
        names the file.

    See Also
    --------
    resize_images : Resizes later.

    Notes
    -----
    All images are in memory, 3 bytes a pixel.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from skactive.datasets import load_box_folder
    >>> from skactive.io import voc
    >>> home = Path(tempfile.mkdtemp())
    >>> Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(home / "a.png")
    >>> Image.fromarray(np.zeros((10, 10, 3), np.uint8)).save(home / "b.png")
    >>> buoy = {"boxes": [[5, 5, 15, 20]], "labels": ["buoy"]}
    >>> voc.write_boxes(home / "xml", [0], [buoy], ids=["a.png"], sizes=(20, 30))
    >>> found = load_box_folder(home, lambda names: voc.read_boxes(home / "xml", names))
    >>> [image.shape for image in found.data], found.names
    ([(3, 20, 30), (3, 10, 10)], ['a.png', 'b.png'])
    >>> found.target[0]["boxes"].tolist(), found.target[1]
    ([[5.0, 5.0, 15.0, 20.0]], None)
    """
    files = _found(images)
    names = [path.name for path in files.values()]
    X = [read_picture(path, "RGB") for path in files.values()]
    y = _answers(read_boxes(names), names)
    for image, answer, name in zip(X, y, names):
        if answer is not None:
            as_boxes(answer, f"The answer to {name}", image.shape[:2])
    if size is not None:
        X, y = resize_images(X, y, size)
    labels = [each["labels"] for each in y if each is not None and len(each["labels"])]
    X = [image.transpose(2, 0, 1) for image in X]
    alike = len({image.shape for image in X}) == 1
    return Bunch(
        data=np.stack(X) if alike else as_objects(X),
        target=as_objects(y),
        names=names,
        target_names=[str(c) for c in np.unique(np.concatenate(labels))]
        if labels
        else [],
        task="detection",
    )


def load_mask_folder(images, masks, *, size=None, ignore_index=255):
    """Read images and the masks that are stored beside them, by their names.

    Parameters
    ----------
    images : str or path-like
        A folder of pictures.
    masks : str or path-like
        A folder of masks, pictures of one channel or with a palette, whose values are
        class numbers. The mask of ``street.jpg`` is ``street.png``, whatever the
        ending. An image without one is not labeled yet.
    size : tuple (height, width) or None, default=None
        Images and masks are resized to it. None: they must be of one size.
    ignore_index : int, default=255
        What a mask holds where a pixel has no label.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        ``data``, uint8 of shape (n, channels, height, width), channels first as nets
        take them; ``target``, masks, an integer array (n, height, width), or an object
        array with None where there is no mask; ``names``, those of the files without
        their endings, sorted; ``target_names``, the class numbers found.

    Raises
    ------
    FileNotFoundError
        If there is no picture in ``images``.
    ValueError
        If there are masks without an image, a mask is a picture of colors, or sizes
        differ and ``size`` is None; the message names the file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from skactive.datasets import load_mask_folder
    >>> home = Path(tempfile.mkdtemp())
    >>> (home / "images").mkdir(), (home / "masks").mkdir()
    (None, None)
    >>> Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(home / "images" / "a.png")
    >>> Image.fromarray(np.ones((8, 9), np.uint8)).save(home / "masks" / "a.png")
    >>> found = load_mask_folder(home / "images", home / "masks")
    >>> found.data.shape, found.target.shape, found.names
    ((1, 3, 8, 9), (1, 8, 9), ['a'])
    """
    files, beside = _found(images), _pictures(masks)
    lonely = sorted(set(beside) - set(files))
    if lonely:
        raise ValueError(
            f"{len(lonely)} masks have no image of their name, the first "
            f"{beside[lonely[0]].name}."
        )
    X = [read_picture(path, "RGB") for path in files.values()]
    y = [read_mask(beside[name]) if name in beside else None for name in files]
    shapes = {image.shape for image in X}
    if size is None and len(shapes) > 1:
        raise ValueError(
            f"Images differ in size, such as {sorted(shapes)[:2]}: pass size=(height, "
            "width), to which images and masks are resized."
        )
    X, y = resize_images(X, y, X[0].shape[:2] if size is None else size)
    known = [np.unique(mask) for mask in y if mask is not None]
    classes = np.unique(np.concatenate(known)) if known else np.array([], int)
    return Bunch(
        data=X.transpose(0, 3, 1, 2),
        target=y,
        names=list(files),
        target_names=[str(c) for c in classes if c != ignore_index],
        task="segmentation",
    )


def _found(folder):
    """Return the pictures of a folder, by their names; there is one at least."""
    files = _pictures(folder)
    if not files:
        raise FileNotFoundError(f"There is no picture in {folder}.")
    return files


def _pictures(folder):
    """Return the files of a folder that are pictures, by their names, sorted."""
    endings = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".webp"}
    paths = [p for p in Path(folder).iterdir() if p.suffix.lower() in endings]
    found = {}
    for path in sorted(paths):
        if path.stem in found:
            raise ValueError(
                f"{found[path.stem].name} and {path.name} have one name; which is "
                "meant cannot be told."
            )
        found[path.stem] = path
    return found


def _answers(given, names):
    """Return the answer to each image, None where there is none."""
    try:
        rows, answers = given
        pairs = list(zip(rows, answers, strict=True))
    except (TypeError, ValueError) as error:
        raise ValueError(
            "read_boxes(names) must return rows, the numbers of those names that have "
            f"boxes, and as many answers; got {str(given)[:80]}."
        ) from error
    y = [None] * len(names)
    for row, answer in pairs:
        if not 0 <= row < len(names):
            raise ValueError(
                f"read_boxes(names) returned the row {row} of {len(names)} names."
            )
        if y[row] is not None:
            raise ValueError(f"read_boxes(names) answers twice to {names[row]}.")
        y[row] = answer
    return y
