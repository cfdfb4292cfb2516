"""Samples and labels of any container that a learner is fitted on."""

import numpy as np
from scipy import sparse

from skactive._sklearn import _num_samples
from skactive.utils._answers import Answers
from skactive.utils._dense_answers import kind_of
from skactive.utils._label_sets import NumberRowAnswers, in_columns
from skactive.utils._rows import take_rows

TAKEN = (
    "an array, a list of rows, a data frame of pandas, polars or pyarrow, or a sparse "
    "matrix of scipy"
)


def as_rows(X, name):
    """Return samples in a container whose rows can be taken, as the learner does.

    Parameters
    ----------
    X : array-like, data frame or sparse matrix of shape (n_samples, ...)
        Arrays, lists and frames are returned as they are, sparse matrices as CSR and
        tables of Arrow as data frames of pandas.
    name : str
        What to call them in a message.

    Returns
    -------
    X : container of n_samples rows
        The same samples.

    Raises
    ------
    TypeError
        If rows cannot be taken of it; the message says what to convert it to.
    """
    kind = f"{type(X).__module__.partition('.')[0]}.{type(X).__name__}"
    if isinstance(X, np.matrix):
        raise TypeError(f"{name}: X is a numpy.matrix; pass np.asarray(X).")
    if sparse.issparse(X):
        if X.ndim != 2:
            raise TypeError(
                f"{name}: X is a sparse array with {X.ndim} axis; it needs 2."
            )
        return X if X.format == "csr" else X.tocsr()
    if hasattr(X, "column_names") and hasattr(X, "to_pandas"):
        return _as_pandas(X, name, kind)
    if hasattr(X, "collect") and not hasattr(X, "shape"):
        raise TypeError(f"{name}: X is a {kind}, not yet computed; pass X.collect().")
    if hasattr(X, "compute") and hasattr(X, "dask"):
        raise TypeError(f"{name}: X is a {kind}, not yet computed; pass X.compute().")
    try:
        if _num_samples(X):
            take_rows(X, np.array([0]))
    except Exception as error:
        raise TypeError(
            f"{name}: rows cannot be taken of X, a {kind} ({error}). Convert it to "
            f"{TAKEN}."
        ) from error
    return X


def _as_pandas(X, name, kind):
    try:
        return X.to_pandas()
    except ImportError as error:
        raise TypeError(
            f"{name}: X is a {kind}, whose rows are taken through pandas, which is not "
            "installed: pip install pandas, or pass a data frame of polars or an array."
        ) from error


def as_targets(y, n_samples, name):
    """Return complete labels in the dtype that they have by nature.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        Whatever the learner takes for labels.
    n_samples : int
        How many there must be.
    name : str
        What to call the data in a message.

    Returns
    -------
    y : ndarray of shape (n_samples,) or (n_samples, n_columns)
        The labels, or masks or boxes. Of several columns, integers if all are 0 or 1.

    Raises
    ------
    ValueError
        If there are not as many, they have another shape, or some are missing.
    """
    if kind_of(y) is not None:
        return _complete(kind_of(y)(), y, n_samples, name)
    if in_columns(y):
        y = _complete(NumberRowAnswers(), y, n_samples, name)
        return y.astype(np.int64) if np.isin(y, (0, 1)).all() else y
    shape = _shape(y)
    if sparse.issparse(y) or len(shape) not in (1, 2) or shape[1:] not in ((), (1,)):
        kind = "a sparse matrix of " if sparse.issparse(y) else ""
        raise ValueError(f"{name}: y must be 1-d, got {kind}the shape {shape}.")
    if shape[0] != n_samples:
        raise ValueError(
            f"{name}: X and y have different lengths, {n_samples} and {shape[0]}."
        )
    answers = Answers()
    y = answers.read(y, n_samples)
    n_missing = int(np.sum(answers.missing(y)))
    if n_missing:
        raise ValueError(
            f"{name}: a benchmark is a simulation and needs every label, and "
            f"{n_missing} are missing."
        )
    return answers.natural(y)


def _complete(answers, y, n_samples, name):
    """Return complete answers that are no single values, or refuse them."""
    try:
        opened = answers.read(y, n_samples)
        n_missing = int(np.sum(answers.missing(opened)))
        if n_missing:
            raise ValueError(
                "a benchmark is a simulation and needs every answer, and "
                f"{n_missing} are missing."
            )
        answers.check(opened)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {error}") from error
    return answers.present(opened)


def _shape(y):
    try:
        return tuple(np.shape(y))
    except ValueError:  # a list of lists of unequal lengths
        return (len(y), "?")
