"""How a picture gets into a task: within it, or as an address on the server."""

import base64
import os
import struct
import zlib
from pathlib import PurePath
from urllib.parse import quote

import numpy as np

#: Values of a pixel, and how a PNG calls it.
COLORS = {1: 0, 2: 4, 3: 2, 4: 6}
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def local_file_url(path, root=None):
    """Return the address under which the tool serves a file of its own disk.

    Parameters
    ----------
    path : str or path-like
        The file.
    root : str or path-like, default=None
        What the server has as LOCAL_FILES_DOCUMENT_ROOT. None: ``path`` is relative to
        it.

    Returns
    -------
    url : str
        "/data/local-files/?d=...", with the path relative to ``root``, quoted.

    Raises
    ------
    ValueError
        If the file is not below ``root``, or ``path`` is absolute and ``root`` None.

    See Also
    --------
    to_tasks : Does this for all pictures that are paths.

    Notes
    -----
    Nothing is looked up on the disk. The server answers 404 until a "local files"
    storage of the project covers the folder, which may not be ``root`` itself. Do not
    synchronize that storage: it makes a second task of every file.

    Cost: negligible.

    Examples
    --------
    >>> from skactive.io.label_studio import local_file_url
    >>> local_file_url("/srv/files/imgs/no. 1.png", root="/srv/files")
    '/data/local-files/?d=imgs/no.%201.png'
    """
    path = PurePath(path)
    if root is None:
        if path.is_absolute():
            raise ValueError(
                f"{str(path)!r} is absolute: pass root, the folder that the server "
                "knows as LOCAL_FILES_DOCUMENT_ROOT"
            )
        inner = PurePath(os.path.normpath(path))
    else:
        full = os.path.abspath(os.path.join(root, path))
        inner = PurePath(os.path.relpath(full, os.path.abspath(root)))
    if ".." in inner.parts or not inner.parts or inner.is_absolute():
        raise ValueError(f"{str(path)!r} is not below root={str(root)!r}")
    return f"/data/local-files/?d={quote(inner.as_posix())}"


def picture_to_uri(picture):
    """Return a small picture as text that a browser shows.

    Parameters
    ----------
    picture : array-like of shape (height, width), (height, width, c) or \
            (c, height, width)
        Gray, or of c = 1 to 4 channels: gray, gray and alpha, red green blue, and with
        alpha. Integers of 0 to 255, floats of 0 to 1, or booleans.

    Returns
    -------
    uri : str
        "data:image/png;base64,...", some 1.3 bytes for each byte of the PNG.

    Raises
    ------
    ValueError
        If the shape is no picture's, or could be read in two ways, or values are out
        of range.

    See Also
    --------
    to_tasks : Does this for all pictures that are arrays.

    Notes
    -----
    Cost: O(pixels), some 50 ms for a million.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.io.label_studio import picture_to_uri
    >>> picture_to_uri(np.eye(8))[:32]
    'data:image/png;base64,iVBORw0KGg'
    """
    pixels = _pixels(np.asarray(picture))
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), dtype=np.uint8)  # 0: no filter
    rows[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, COLORS[channels], 0, 0, 0)
    png = SIGNATURE + _chunk(b"IHDR", head)
    png += _chunk(b"IDAT", zlib.compress(rows.tobytes())) + _chunk(b"IEND", b"")
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def picture_size(picture):
    """Return (height, width) of a picture that is an array."""
    return _channels_last(np.asarray(picture)).shape[:2]


def _chunk(name, data):
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def _channels_last(picture):
    """Return a picture with its channels on the last axis."""
    if picture.ndim == 2 and picture.size:
        return picture[:, :, None]
    if picture.ndim == 3 and picture.size:
        first, last = (picture.shape[axis] in COLORS for axis in (0, 2))
        if first and last:
            raise ValueError(
                f"a picture of shape {picture.shape} may have its channels first or "
                "last: write it as a file and give its path"
            )
        if first or last:
            return np.moveaxis(picture, 0, -1) if first else picture
    raise ValueError(
        "a picture is an array (height, width), or with 1 to 4 channels on the first "
        f"or last axis; got the shape {picture.shape}. Flat rows become pictures by "
        "reshape"
    )


def _pixels(picture):
    """Return a picture as bytes of shape (height, width, channels)."""
    picture = _channels_last(picture)
    kind = picture.dtype.kind
    if kind == "b":
        return picture.astype(np.uint8) * 255
    top = {"f": 1, "i": 255, "u": 255}.get(kind)
    if top is None:
        raise ValueError(f"a picture holds numbers, not {picture.dtype}")
    if not ((picture >= 0) & (picture <= top)).all():
        low, high = picture.min(), picture.max()
        raise ValueError(
            f"a picture of {picture.dtype} holds values of 0 to {top}; got {low} to "
            f"{high}. Undo its scaling"
        )
    return np.rint(picture * (255 // top)).astype(np.uint8)
