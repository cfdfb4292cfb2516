"""A short hash of samples, whatever holds them."""

import hashlib

import numpy as np
from scipy import sparse


def hash_of_arrays(arrays, describe):
    """Return a short hash of arrays, data frames or sparse matrices.

    Parameters
    ----------
    arrays : iterable of array-like
        What is hashed: dtypes, shapes, names of columns and values.
    describe : callable
        Returns what is hashed of an object in an array of objects that is neither a
        string nor a number.

    Returns
    -------
    digest : str
        Sixteen hexadecimal digits.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._fingerprint import hash_of_arrays
    >>> hash_of_arrays([np.arange(3)], repr)
    '7b36b57ac44bbed5'
    """
    digest = hashlib.sha256()
    for array in arrays:
        for part in _parts_of(array):
            if isinstance(part, str):
                digest.update(part.encode("utf-8", "backslashreplace"))
                continue
            digest.update(f"{part.dtype}{part.shape}".encode())
            if part.dtype.kind in ("O", "T"):
                text = repr(_plain_values(part, describe))
                digest.update(text.encode("utf-8", "backslashreplace"))
            else:
                digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


def _parts_of(array):
    """Yield the arrays that a container is made of, and words about it."""
    if sparse.issparse(array):
        yield from _parts_of_sparse(array)
    elif hasattr(array, "column_names"):  # of Arrow
        yield repr(list(array.column_names))
        yield from (np.asarray(array[name]) for name in array.column_names)
    elif hasattr(array, "columns"):
        yield repr(list(array.columns))
        yield from (np.asarray(array[name]) for name in array.columns)
    else:
        yield _as_array(array)
        if np.ma.is_masked(array):
            yield np.ma.getmaskarray(array)


def _parts_of_sparse(array):
    """Yield what a sparse matrix holds: the same in every format."""
    array = array.tocsr() if array.ndim == 2 else array.reshape(1, -1).tocsr()
    if not array.has_canonical_format:
        array = array.copy()  # what was given is left as it is
        array.sum_duplicates()
    small = max(*array.shape, array.nnz) < 2**31  # the type of indices is by the way
    kind = np.int32 if small else np.int64
    yield array.data
    yield from (part.astype(kind, copy=False) for part in (array.indices, array.indptr))
    # Columns behind the last entry are in none of the three. Where there are none, no
    # word is added, so that stores of before know their data again.
    if array.shape[1] != array.indices.max(initial=-1) + 1:
        yield repr(tuple(int(n) for n in array.shape))


def _as_array(array):
    if hasattr(array, "detach"):  # a tensor, on whatever device
        array = array.detach().cpu()
    try:
        return np.asarray(array)
    except ValueError:  # rows of unequal shapes
        return np.fromiter(array, dtype=object, count=len(array))


def _plain_values(part, describe):
    """Return the values of an array of objects in words."""
    values = part.tolist()
    flat = part.ravel().tolist()
    plain = all(v is None or isinstance(v, (bool, int, float, str)) for v in flat)
    # repr() shortens arrays among them, and gives the address of other objects.
    return values if plain else [describe(value) for value in flat]
