"""Folders of pictures, and what is said about them, as images and answers."""

import os
from pathlib import Path

import numpy as np
from sklearn.utils import Bunch

from skactive.datasets._dense import resize_images
from skactive.utils._boxes import as_boxes
from skactive.utils._dense_answers import as_objects
from skactive.utils._pictures import read_mask, read_picture

#: What the name of a picture ends in.
ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".webp"}


def load_image_folder(folder, *, unlabeled=None):
    """List the pictures of a folder that has a sub-folder for each class.

    No picture is opened: the data are paths, which :class:`~skactive.nets.ImageReader`
    reads when a model or an embedding looks at them.

    Parameters
    ----------
    folder : str or path-like
        A folder whose sub-folders are classes, with pictures at any depth in them; or
        one of pictures alone, which have no class.
    unlabeled : str or None, default=None
        The sub-folder of pictures that have no class yet, such as ``"unlabeled"``;
        ``"."`` are those that lie in the folder itself. None: there are none.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        ``data``, an array of objects (n,), paths as str, sorted within each class;
        ``target``, int64 of shape (n,), numbers of classes, or an object array with
        None where there is no class yet, or None where there are no sub-folders;
        ``target_names``, those of the sub-folders, sorted; ``names``, paths within the
        folder, with ``/``; ``task``, "classification".

    Raises
    ------
    FileNotFoundError
        If there is no such folder, no picture in it or in the sub-folder of a class, or
        no sub-folder `unlabeled`. With `unlabeled`, a class may be empty.
    ValueError
        If pictures lie beside the sub-folders and `unlabeled` does not say what they
        are.

    See Also
    --------
    skactive.nets.ImageReader : Reads these paths within a model.
    load_mask_folder : Images with masks, read at once.
    load_box_folder : Images with boxes, read at once.

    Notes
    -----
    Files count as pictures by their ending, such as ``.jpg`` or ``.PNG``; others, and
    those whose name begins with a dot, are passed over. Links to files and to
    sub-folders of classes are followed, links to folders further down are not.

    Cost: one listing of the folders; about 200 bytes a picture.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from PIL import Image
    >>> from skactive.datasets import load_image_folder
    >>> home = Path(tempfile.mkdtemp())
    >>> for name in ("cat/a.png", "cat/b.png", "dog/a.png"):
    ...     (home / name).parent.mkdir(exist_ok=True)
    ...     Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(home / name)
    >>> found = load_image_folder(home)
    >>> found.names, found.target.tolist(), found.target_names
    (['cat/a.png', 'cat/b.png', 'dog/a.png'], [0, 0, 1], ['cat', 'dog'])
    """
    folder = Path(folder)
    classes = {p.name: _below(p) for p in sorted(folder.iterdir()) if _is_class(p)}
    loose = sorted(p for p in folder.iterdir() if _is_picture(p) and not p.is_dir())
    waiting = _waiting(folder, unlabeled, classes, loose)
    empty = [name for name, paths in classes.items() if not paths]
    nothing = not waiting and len(empty) == len(classes)
    if nothing or (empty and unlabeled is None):
        where = folder if nothing else folder / empty[0]
        raise FileNotFoundError(f"There is no picture in {where}.")
    y = [k for k, paths in enumerate(classes.values()) for _ in paths]
    paths = [path for each in classes.values() for path in each] + waiting
    target = np.array(y, dtype=np.int64)
    if waiting:
        target = as_objects([*y, *[None] * len(waiting)]) if classes else None
    return Bunch(
        data=np.array([str(path) for path in paths], dtype=object),
        target=target,
        target_names=list(classes),
        names=[path.relative_to(folder).as_posix() for path in paths],
        task="classification",
    )


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


def _waiting(folder, unlabeled, classes, loose):
    """Return the pictures without a class; their sub-folder is no class any more."""
    if unlabeled in (None, "."):
        if loose and classes and unlabeled is None:
            raise ValueError(
                f"{len(loose)} pictures, the first {loose[0].name}, lie in {folder} "
                f"beside its sub-folders, such as {next(iter(classes))}. Move them to "
                'the sub-folder of their class, or pass unlabeled=".".'
            )
        return loose
    if unlabeled not in classes:
        raise FileNotFoundError(
            f"unlabeled={unlabeled!r}, but {folder} has no such sub-folder. It has: "
            f"{', '.join(classes) or 'none'}."
        )
    return _waiting(folder, None, classes, loose) + classes.pop(unlabeled)


def _below(folder):
    """Return the pictures at any depth in a folder, sorted."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in files]
    return sorted(path for path in found if _is_picture(path))


def _is_picture(path):
    return path.suffix.lower() in ENDINGS and not path.name.startswith(".")


def _is_class(path):
    return path.is_dir() and not path.name.startswith(".")


def _found(folder):
    """Return the pictures of a folder, by their names; there is one at least."""
    files = _pictures(folder)
    if not files:
        raise FileNotFoundError(f"There is no picture in {folder}.")
    return files


def _pictures(folder):
    """Return the files of a folder that are pictures, by their names, sorted."""
    paths = [path for path in Path(folder).iterdir() if _is_picture(path)]
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
