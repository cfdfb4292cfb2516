"""How much rows resemble many others, without a matrix of similarities."""

import warnings

import numpy as np
from sklearn.utils.extmath import row_norms

from skactive.exceptions import UnsuitedWarning

# Standardized tables had mean directions of up to this length, and densities that took
# from what scores alone were worth; as they come, most had 0.5 and more.
SCATTERED = 0.3


def mean_direction(Z):
    """Return the mean of rows, each scaled to length one first.

    The mean of the cosines of a row with many others is the numerator of its cosine
    with their mean direction.

    Parameters
    ----------
    Z : ndarray or CSR matrix of shape (n_rows, n_columns)
        The rows; one of zeros counts as zeros.

    Returns
    -------
    direction : ndarray of shape (n_columns,)
        At most of length one.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._density import mean_direction
    >>> mean_direction(np.array([[2.0, 0.0], [0.0, 0.5]])).tolist()
    [0.5, 0.5]
    """
    return (_inverse_norms(Z) @ Z) / Z.shape[0]


def mean_cosines(Z, direction):
    """Return the mean cosine of each row with the rows of a mean direction.

    Parameters
    ----------
    Z : ndarray or CSR matrix of shape (n_rows, n_columns)
        The rows.
    direction : ndarray of shape (n_columns,)
        What :func:`mean_direction` returned for the others.

    Returns
    -------
    density : ndarray of shape (n_rows,)
        From 0 to 1: a mean below zero counts as zero.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._density import mean_cosines
    >>> rows = np.array([[3.0, 0.0], [0.0, -1.0], [0.0, 0.0]])
    >>> mean_cosines(rows, np.array([0.5, 0.5])).tolist()
    [0.5, 0.0, 0.0]
    """
    return np.maximum((Z @ direction) * _inverse_norms(Z), 0)


def warn_if_scattered(owner, direction, stacklevel):
    """Warn if the rows behind a mean direction point everywhere.

    Parameters
    ----------
    owner : strategy
        Who weighs by densities.
    direction : ndarray of shape (n_columns,)
        What :func:`mean_direction` returned.
    stacklevel : int
        How far the caller's caller is: 2 is who calls this.
    """
    if np.linalg.norm(direction) < SCATTERED:
        warnings.warn(
            f"{type(owner).__name__} weighs samples by their mean cosine to the pool, "
            "and those of this pool point in all directions, as centered columns do: "
            "densities say little. Pass an embedding of positive columns, such as "
            "MinMaxScaler(), or take the scores alone, as by MarginSampling().",
            UnsuitedWarning,
            stacklevel=stacklevel,
        )


def _inverse_norms(Z):
    norms = row_norms(Z)
    return np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
