"""Lists of images, as in ImageSets/Main of VOC: a query, a split."""

import numpy as np

from skactive.io._files import read_text, write_text
from skactive.io._ids import Rows, checked_rows
from skactive.io.voc._names import image_names


def read_image_set(path, ids):
    """Read a list of images.

    Parameters
    ----------
    path : str or path-like
        The file, such as ``ImageSets/Main/train.txt``: a name on each line.
    ids : array-like of int or str of shape (n_samples,)
        Names of all samples, of the pictures with or without their endings.

    Returns
    -------
    rows : ndarray of intp of shape (n,)
        The samples, in the order of the file.

    Raises
    ------
    ValueError
        If a line is no name, or a name is there twice or not among ``ids``. The
        message names the line.

    See Also
    --------
    write_image_set : The way back.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import voc
    >>> path = Path(tempfile.mkdtemp()) / "train.txt"
    >>> _ = path.write_text("harbor_07\\nharbor_02\\n")
    >>> names = ["harbor_02.jpg", "harbor_07.jpg"]
    >>> voc.read_image_set(path, names).tolist()
    [1, 0]
    """
    by_name, rows = Rows(image_names(ids, "voc.read_image_set")), []
    for n, line in enumerate(read_text(path).splitlines(), 1):
        words, where = line.split(), f"Line {n} of {str(path)!r}"
        if len(words) > 1:
            raise ValueError(
                f"{where} holds {line!r}, more than a name. Files such as "
                "dog_train.txt say for each image whether a class is in it; give the "
                "list of all, such as train.txt."
            )
        if words:
            rows.append(by_name.row_of(words[0], where))
    return np.array(rows, dtype=np.intp)


def write_image_set(path, rows, *, ids, overwrite=False):
    """Write a list of images, such as those of a query, for tools that know VOC.

    Parameters
    ----------
    path : str or path-like
        The file, such as ``ImageSets/Main/round_03.txt``.
    rows : array-like of int of shape (n,)
        What ``query`` returned; the file has its order.
    ids : array-like of int or str of shape (n_samples,)
        Names of the pictures of all samples, written without their endings.
    overwrite : bool, default=False
        Whether it may take the place of a file.

    Raises
    ------
    FileExistsError
        If there is such a file and ``overwrite`` is False.
    ValueError
        If rows and ids do not fit, or a name holds a blank or a folder.

    See Also
    --------
    read_image_set : The way back.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skactive.io import voc
    >>> path = Path(tempfile.mkdtemp()) / "round_03.txt"
    >>> voc.write_image_set(path, [1, 0], ids=["harbor_02.jpg", "harbor_07.jpg"])
    >>> path.read_text().split()
    ['harbor_07', 'harbor_02']
    """
    names = image_names(ids, "voc.write_image_set")
    names = [names[row] for row in checked_rows(rows, len(names))]
    for name in names:
        if len(name.split()) != 1 or name != name.strip():
            raise ValueError(
                f"{name!r} holds a blank, and in lists of VOC a name ends there. "
                "Rename the picture."
            )
    lines = [f"{name}\n" for name in names]
    write_text(path, "".join(lines), overwrite)
