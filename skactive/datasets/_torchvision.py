"""Pictures that torchvision knows how to download, as numpy arrays."""

import importlib
from urllib.error import URLError

import numpy as np

from skactive.datasets._bunch import answer
from skactive.datasets._home import get_data_home

# name: (class in torchvision.datasets, where it keeps its files, source and licence)
TORCHVISION = {
    "cifar10": (
        "CIFAR10",
        "cifar-10-batches-py",
        "A. Krizhevsky, Learning multiple layers of features from tiny images, 2009. "
        "Licence: none stated.",
    ),
    "cifar100": (
        "CIFAR100",
        "cifar-100-python",
        "A. Krizhevsky, Learning multiple layers of features from tiny images, 2009. "
        "Licence: none stated.",
    ),
    "fashion_mnist": (
        "FashionMNIST",
        "FashionMNIST/raw",
        "H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, 2017. Licence: MIT.",
    ),
    "mnist": (
        "MNIST",
        "MNIST/raw",
        "Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits. "
        "Licence: none stated.",
    ),
    "svhn": (
        "SVHN",
        "train_32x32.mat and test_32x32.mat",
        "Y. Netzer et al., Reading digits in natural images with unsupervised feature "
        "learning, 2011. Licence: non-commercial use only.",
    ),
}


def fetch_torchvision(name, *, data_home=None, download=True, return_X_y=False):
    """Load pictures through torchvision, downloading them if they are not there.

    Parameters
    ----------
    name : {"cifar10", "cifar100", "fashion_mnist", "mnist", "svhn"}
        Which data set; case and ``-`` or ``_`` do not matter.
    data_home : str or path-like, default=None
        Folder of the files, torchvision's ``root``. None: see :func:`get_data_home`.
    download : bool, default=True
        Fetch what is missing. False reads what is there and never uses the network.
    return_X_y : bool, default=False
        Return ``(data, target)`` in place of a Bunch; the test part is not read.

    Returns
    -------
    pictures : :class:`~sklearn.utils.Bunch`
        ``data`` is uint8 of shape (n, height, width) or (n, height, width, 3),
        ``target`` int64 of shape (n,), ``test_data`` and ``test_target`` the official
        test part, then ``target_names``, ``name``, ``task`` and ``DESCR``. With
        ``return_X_y`` a tuple ``(data, target)``.

    Raises
    ------
    ValueError
        If the name is not one of the five.
    FileNotFoundError
        If ``download=False`` and the files are not there.
    ConnectionError
        If the download failed; the message says where files are expected.

    See Also
    --------
    load_dataset : The same and more, by name.

    Notes
    -----
    Imports torch on use. Sizes on disk, packed: MNIST 11 MB, Fashion-MNIST 30 MB,
    CIFAR-10 and CIFAR-100 170 MB each, SVHN 250 MB.

    Examples
    --------
    >>> from skactive.datasets import fetch_torchvision
    >>> pictures = fetch_torchvision("cifar10")  # doctest: +SKIP
    >>> pictures.data.shape, pictures.test_data.shape  # doctest: +SKIP
    ((50000, 32, 32, 3), (10000, 32, 32, 3))
    """
    key = str(name).lower().replace("-", "_")
    key = {"fashionmnist": "fashion_mnist"}.get(key, key)
    if key not in TORCHVISION:
        raise ValueError(
            f"name must be one of {', '.join(map(repr, TORCHVISION))}, got {name!r}."
        )
    home = get_data_home(data_home)
    train = _read(key, home, download, train=True)
    data, target = _arrays(train)
    test = (None, None)
    if not return_X_y:
        test = _arrays(_read(key, home, download, train=False))
    return answer(
        key,
        data,
        target,
        # Only SVHN keeps no names: its classes are the digits.
        target_names=getattr(train, "classes", range(10)),
        test=test,
        descr=TORCHVISION[key][2],
        return_X_y=return_X_y,
    )


def _read(key, home, download, train):
    """Return torchvision's data set, or an error that says what to do."""
    cls, files, _ = TORCHVISION[key]
    # Imported here and not at the top: loading digits must not load torch.
    try:
        make = getattr(importlib.import_module("torchvision.datasets"), cls)
    except ImportError as error:
        raise ImportError(
            f"{cls} is read by torchvision, which cannot be imported. Install it by: "
            "pip install 'skactive[deep]'"
        ) from error
    part = {"train": train}
    if key == "svhn":
        part = {"split": "train" if train else "test"}
    try:
        return make(root=str(home), download=download, **part)
    # torchvision says RuntimeError for missing and damaged files and for mirrors
    # that do not answer; a full disk or a folder without permission passes through.
    except (RuntimeError, URLError, ConnectionError, TimeoutError) as error:
        if not download:
            raise FileNotFoundError(
                f"{cls} is not in {home}, where its files are expected as {files}. "
                "Pass download=True to fetch it, or data_home if it is elsewhere."
            ) from error
        raise ConnectionError(
            f"{cls} could not be downloaded to {home}: {str(error).strip()} "
            "Without a network, put "
            f"its files there as {files}; download=False reads what is there."
        ) from error


def _arrays(dataset):
    """Return the pictures as (n, height, width[, channels]) and the labels."""
    data = np.asarray(dataset.data, dtype=np.uint8)
    target = dataset.labels if hasattr(dataset, "labels") else dataset.targets
    # SVHN has its channels before the rows.
    if data.ndim == 4 and data.shape[-1] != 3:
        data = np.ascontiguousarray(data.transpose(0, 2, 3, 1))
    return data, np.asarray(target, dtype=np.int64)
