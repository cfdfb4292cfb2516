"""Masks of VOC: pictures with a palette, in SegmentationClass."""

from pathlib import Path

import numpy as np

from skactive.io._files import refuse_existing
from skactive.io._ids import Rows, checked_rows
from skactive.io.voc._names import image_names
from skactive.utils._dense_answers import as_objects, plain_masks
from skactive.utils._labels import _is_absent
from skactive.utils._pictures import pillow, read_mask


def read_masks(folder, ids, *, n_classes=None, ignore_index=255):
    """Read masks from pictures with a palette, as VOC has them.

    Parameters
    ----------
    folder : str or path-like
        The folder ``SegmentationClass``, of which all files ``*.png`` are read, or one
        file.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, those of ``fit``: of the pictures, with or without their
        endings.
    n_classes : int or None, default=None
        How many classes there are; VOC has 21, background included. Larger numbers
        are refused. None: not checked.
    ignore_index : int, default=255
        What a mask holds where a pixel has no label, as on the border of objects.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples that have a mask, in the order of its name.
    y : ndarray of objects of shape (n,)
        Masks, uint8 (height, width): the numbers, not the colors.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder, or no PNG in it.
    ImportError
        If pillow is not installed.
    ValueError
        If a picture is of colors, of an image that is not among ``ids``, or holds
        other numbers. The message names the file.

    See Also
    --------
    write_masks : The way back.
    skactive.datasets.load_mask_folder : Reads images and masks together.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skactive.io import voc
    >>> folder = tempfile.mkdtemp()
    >>> masks = [np.array([[0, 1, 255]])]
    >>> voc.write_masks(folder, [1], masks, ids=["a.jpg", "b.jpg"])
    >>> rows, y = voc.read_masks(folder, ids=["a.jpg", "b.jpg"])
    >>> rows.tolist(), y[0].tolist()
    ([1], [[0, 1, 255]])
    """
    folder, rows, y = Path(folder), [], []
    by_name = Rows(image_names(ids, "voc.read_masks"))
    files = sorted(folder.glob("*.png")) if folder.is_dir() else [folder]
    if not files:
        raise FileNotFoundError(f"There is no file *.png in {str(folder)!r}.")
    for path in files:
        where = repr(str(path))
        rows.append(by_name.row_of(path.stem, where))
        mask = _read(path)
        numbers = np.setdiff1d(mask, [ignore_index])
        if n_classes is not None and len(numbers) and numbers[-1] >= n_classes:
            raise ValueError(
                f"{where} holds the class {numbers[-1]}, and n_classes={n_classes}. "
                "Give all classes, or correct the mask."
            )
        if len(numbers) and numbers[-1] > 255:
            raise ValueError(f"{where} holds the number {numbers[-1]}, above 255.")
        y.append(mask.astype(np.uint8))
    return np.array(rows, dtype=np.intp), as_objects(y)


def write_masks(folder, rows, y, *, ids, overwrite=False):
    """Write masks as pictures with the palette of VOC.

    Parameters
    ----------
    folder : str or path-like
        Where the files go, such as ``SegmentationClass``; it is made if it is not
        there.
    rows : array-like of int of shape (n,)
        Samples that have an answer.
    y : array-like of masks of shape (n,)
        Their masks, of numbers from 0 to 255.
    ids : array-like of int or str of shape (n_samples,)
        Names of the pictures of all samples.
    overwrite : bool, default=False
        Whether files may take the place of others.

    Raises
    ------
    FileExistsError
        If there is a file of such a name and ``overwrite`` is False. No file is
        written then.
    ImportError
        If pillow is not installed.
    ValueError
        If rows, ids and masks do not fit, or a mask is missing or holds other numbers.
        No file is written then.

    See Also
    --------
    read_masks : The way back.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from skactive.io import voc
    >>> folder = tempfile.mkdtemp()
    >>> voc.write_masks(folder, [0], np.array([[[0, 1], [1, 255]]]), ids=["a.jpg"])
    >>> voc.read_masks(folder, ids=["a.jpg"])[1][0].tolist()
    [[0, 1], [1, 255]]
    """
    names, folder = image_names(ids, "voc.write_masks"), Path(folder)
    rows, Image, masks = checked_rows(rows, len(names)), pillow(), plain_masks(y)
    if len(masks) != len(rows):
        raise ValueError(f"There are {len(rows)} rows and {len(masks)} masks.")
    files = {}
    for row, mask in zip(rows, masks):
        fits = not _is_absent(mask) and np.ndim(mask) == 2 and np.size(mask)
        mask = np.asarray(mask)
        if (
            not fits
            or mask.dtype.kind not in "iub"
            or mask.min() < 0
            or mask.max() > 255
        ):
            raise ValueError(
                f"The answer to {names[row]!r} must be a mask of integers from 0 to "
                "255, of shape (height, width). Leave out rows that were skipped."
            )
        path = folder / f"{names[row]}.png"
        refuse_existing(path, overwrite)
        files[path] = Image.fromarray(np.asarray(mask, dtype=np.uint8))
    folder.mkdir(parents=True, exist_ok=True)
    for path, picture in files.items():
        picture.putpalette(palette().ravel().tolist())
        picture.save(path)


def palette():
    """Return the colors of VOC for the numbers 0 to 255.

    The bits of a number, three at a time, are the high bits of red, green and blue.

    Examples
    --------
    >>> from skactive.io.voc._masks import palette
    >>> palette()[[0, 1, 15, 255]].tolist()
    [[0, 0, 0], [128, 0, 0], [192, 128, 128], [224, 224, 192]]
    """
    numbers, colors = np.arange(256), np.zeros((256, 3), dtype=np.uint8)
    for shift in range(3):
        for channel in range(3):
            bit = numbers >> (3 * shift + channel) & 1
            colors[:, channel] |= (bit << (7 - shift)).astype(np.uint8)
    return colors


def _read(path):
    """Return a mask, whatever is wrong with the picture said with its path."""
    Image = pillow()
    try:
        return read_mask(path)
    except Image.UnidentifiedImageError as error:
        raise ValueError(f"{str(path)!r} is no picture.") from error
