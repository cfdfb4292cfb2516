"""One function that loads any data set, by name."""

import re
from difflib import get_close_matches

from skactive.datasets._arrays import SOURCES, find_arrays, load_arrays
from skactive.datasets._bundled import BUNDLED, load_bundled
from skactive.datasets._diverging_sine import make_diverging_sine
from skactive.datasets._home import ARRAYS, arrays_folder
from skactive.datasets._honeypot import make_honeypot
from skactive.datasets._isolated_class import make_isolated_class
from skactive.datasets._long_tail import make_long_tail
from skactive.datasets._noisy_region import make_noisy_region
from skactive.datasets._redundant_pool import make_redundant_pool
from skactive.datasets._torchvision import TORCHVISION, fetch_torchvision

TRAPS = {
    "diverging_sine": make_diverging_sine,
    "honeypot": make_honeypot,
    "isolated_class": make_isolated_class,
    "long_tail": make_long_tail,
    "noisy_region": make_noisy_region,
    "redundant_pool": make_redundant_pool,
}


def load_dataset(
    name, *, data_home=None, download=True, random_state=0, return_X_y=False
):
    """Load a data set by name, always in the same shape.

    Parameters
    ----------
    name : str
        A name that :func:`list_datasets` lists. Case does not matter, and ``-``,
        ``.`` and ``_`` are the same. A table may be named without its file
        (``"vehicle"`` for ``"al_survey2021/vehicle"``) if only one file has it; the
        names of scikit-learn's own data sets and of the traps come first.
    data_home : str or path-like, default=None
        Folder of the files. None: for npz files the one that ``SKACTIVE_DATA`` names,
        for torchvision the one of :func:`get_data_home`.
    download : bool, default=True
        Only for torchvision: fetch what is missing.
    random_state : int, RandomState instance or None, default=0
        Only for the traps, which are drawn: the same name is the same data unless
        you say otherwise.
    return_X_y : bool, default=False
        Return ``(data, target)`` in place of a Bunch.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        With these fields, None where there is nothing to say:

        data : ndarray of shape (n_samples, ...)
            Values as their source has them: the digits are 0 to 16 and pictures are
            uint8; nothing is scaled.
        target : ndarray of shape (n_samples,)
            Class numbers, or float values for regression.
        target_names, feature_names : list of str or None
            The names of the classes and of the columns.
        test_data, test_target : ndarray or None
            The official test part, if there is one; for a trap a fresh draw of what
            can be learned.
        name : str
            The full name.
        task : {"classification", "regression", "detection", "segmentation"}
            What it is for. ``target`` of detection holds a dict of boxes for each
            image, that of segmentation masks; both have ``validation_data`` and
            ``validation_target`` where there is such a part, and names of the images,
            ``names``, ``test_names``. Frames of one video have names that begin alike.
        DESCR : str
            Source and licence.

        With ``return_X_y`` a tuple ``(data, target)``.

    Raises
    ------
    ValueError
        If the name is unknown (the message lists similar ones) or fits several
        tables.
    FileNotFoundError
        If the name belongs to an npz file and no folder was named or the file is not
        in it; if a download is missing and ``download=False``.
    ConnectionError
        If a download failed.

    See Also
    --------
    list_datasets : All names.

    Notes
    -----
    An npz file is not read whole: a table costs its own size. torch is imported for
    torchvision's data sets only.

    Examples
    --------
    >>> from skactive.datasets import load_dataset
    >>> digits = load_dataset("digits")
    >>> digits.data.shape, float(digits.data.max()), digits.test_data is None
    ((1797, 64), 16.0, True)
    >>> X, y = load_dataset("Long-Tail", return_X_y=True)
    >>> X.shape == (len(y), 10)
    True
    >>> load_dataset("digitz")
    Traceback (most recent call last):
        ...
    ValueError: There is no data set 'digitz'. Similar: 'digits'...
    """
    key = _key(name)
    if key in BUNDLED:
        return load_bundled(key, return_X_y)
    if key in TRAPS:
        return TRAPS[key](random_state=random_state, return_X_y=return_X_y)
    if key in TORCHVISION:
        return fetch_torchvision(
            key, data_home=data_home, download=download, return_X_y=return_X_y
        )
    folder = arrays_folder(data_home)
    found = find_arrays(folder) if folder else {}
    full = _full_name(key, name, found, folder)
    return load_arrays(*found[full], return_X_y=return_X_y)


def list_datasets(data_home=None):
    """Return the names of all data sets that can be loaded, and where they are from.

    Parameters
    ----------
    data_home : str or path-like, default=None
        Folder of npz files. None: the one that ``SKACTIVE_DATA`` names; if it names
        none, npz files are left out.

    Returns
    -------
    names : dict of str to str
        For each name "scikit-learn", "generated", "torchvision" (downloaded on first
        use), or the npz file.

    Raises
    ------
    FileNotFoundError
        If the folder that was named does not exist.

    See Also
    --------
    load_dataset : Loads what has a name here.

    Examples
    --------
    >>> from skactive.datasets import list_datasets
    >>> names = list_datasets()
    >>> names["digits"], names["honeypot"], names["cifar10"]
    ('scikit-learn', 'generated', 'torchvision')
    """
    names = dict.fromkeys(BUNDLED, "scikit-learn")
    names.update(dict.fromkeys(TRAPS, "generated"))
    names.update(dict.fromkeys(TORCHVISION, "torchvision"))
    folder = arrays_folder(data_home)
    if folder:
        for name, (path, _) in find_arrays(folder).items():
            names[name] = path.name
    return names


def _key(name):
    """Return a name in the one spelling that names are compared in."""
    key = re.sub(r"[-. ]", "_", str(name).lower())
    return {"fashionmnist": "fashion_mnist"}.get(key, key)


def _full_name(key, name, found, folder):
    """Return the one name in the folder that is meant, or say what was wrong."""
    full = [each for each in found if _key(each) == key]
    if not full:
        full = [each for each in found if _key(each.partition("/")[2]) == key]
    if len(full) == 1:
        return full[0]
    if full:
        raise ValueError(
            f"{name!r} is in several files. Say which: {', '.join(map(repr, full))}."
        )
    file = key.partition("/")[0]
    if file in SOURCES and not any(_key(each).startswith(file) for each in found):
        raise FileNotFoundError(
            f"{name!r} is read from {file}.npz"
            + (f", which is not in {folder}." if folder else ".")
            + f" Set {ARRAYS}, or data_home, to the folder that holds the file."
        )
    raise ValueError(_unknown(name, key, found, folder))


def _unknown(name, key, found, folder):
    """Return the error message for an unknown name."""
    known = {each: each for each in [*BUNDLED, *TRAPS, *TORCHVISION]}
    for each in found:
        known[_key(each)] = known[_key(each.partition("/")[2]) or _key(each)] = each
    near = list(dict.fromkeys(known[k] for k in get_close_matches(key, known, n=5)))
    text = f"There is no data set {name!r}."
    if near:
        text += f" Similar: {', '.join(map(repr, near))}."
    text += " skactive.datasets.list_datasets() lists all names"
    if folder is None:
        return text + f"; those of npz files only once {ARRAYS} is set to their folder."
    return text + "."
