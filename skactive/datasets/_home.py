"""Where data are kept: what is downloaded, and the folder of arrays."""

import os
from pathlib import Path

DOWNLOADS = "SKACTIVE_HOME"
ARRAYS = "SKACTIVE_DATA"


def get_data_home(data_home=None):
    """Return the folder that downloads are kept in.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder. None: the one that the environment variable ``SKACTIVE_HOME``
        names, else ``~/skactive_data``.

    Returns
    -------
    data_home : pathlib.Path
        The folder, with ``~`` written out. It is not created before something is
        downloaded.

    See Also
    --------
    fetch_torchvision : Downloads to this folder.

    Examples
    --------
    >>> from skactive.datasets import get_data_home
    >>> get_data_home("some/folder").name
    'folder'
    """
    if data_home is None:
        data_home = os.environ.get(DOWNLOADS) or Path("~", "skactive_data")
    return Path(data_home).expanduser()


def arrays_folder(data_home=None):
    """Return the folder of the npz files as a path; None if none was named."""
    data_home = data_home or os.environ.get(ARRAYS)
    if not data_home:
        return None
    folder = Path(data_home).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is not a folder. Set {ARRAYS}, or data_home, to the folder "
            "that holds the npz files."
        )
    return folder
