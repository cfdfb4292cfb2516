"""Words and hashes of a configuration and of data, the same in every process."""

import hashlib
import json
import re
import sys
from functools import partial

import numpy as np
from scipy import sparse

from skactive.utils._fingerprint import hash_of_arrays

# Where an object lies, in its repr().
ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


def describe(part):
    """Return a part of a configuration in words that are the same in every process.

    What decides a run is in the words, and where an object lies in memory is not.
    """
    return _describe(part, ())


def _describe(part, inside):
    """Describe a part; ``inside`` are the ids of the parts that it is a part of."""
    if part is None or isinstance(part, (bool, int, float, str)):
        return part
    if id(part) in inside:
        return f"{_qualified(type(part))} (within itself)"
    inside = (*inside, id(part))
    if hasattr(part, "get_params") and not isinstance(part, type):
        params = part.get_params(deep=False)
        return {"class": _qualified(type(part)), **_by_name(params, inside)}
    if isinstance(part, np.generic):
        return part.item()
    if isinstance(part, dict):
        return {str(key): _describe(value, inside) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_describe(value, inside) for value in part]
    if isinstance(part, (set, frozenset)):  # in an order that hashes of strings give
        return sorted((_describe(value, inside) for value in part), key=repr)
    if _is_array(part):
        return {"array": fingerprint(part)}
    if isinstance(part, (np.random.RandomState, np.random.Generator)):
        return _describe_generator(part)
    if callable(part) and hasattr(part, "__qualname__"):
        return _describe_function(part, inside)
    return _describe_object(part, inside)


def _by_name(params, inside):
    return {name: _describe(value, inside) for name, value in sorted(params.items())}


def _is_array(part):
    """Tell what repr() shortens: arrays, tensors, frames and sparse matrices."""
    if isinstance(part, type):
        return False
    return sparse.issparse(part) or hasattr(part, "__array__")


def _describe_generator(part):
    """Describe a source of random numbers by where it stands."""
    if part is np.random.mtrand._rand:
        return "numpy.random"
    bits = getattr(part, "bit_generator", None)
    state = part.get_state(legacy=False) if bits is None else bits.state
    return {"class": _qualified(type(part)), "state": hash_of(_describe(state, ()))}


def _describe_function(part, inside):
    """Describe a function by its name, and by its code where the name is not enough."""
    owner = getattr(part, "__self__", None)
    if owner is not None and not isinstance(owner, (type, type(re))):
        name = f"{_qualified(type(owner))}.{part.__name__}"
        return {"method": name, "of": _describe(owner, inside)}
    name, code = _qualified(part), getattr(part, "__code__", None)
    if code is None or "<" not in part.__qualname__:
        return name
    cells = part.__closure__ or ()
    known = [_describe(_content(cell), inside) for cell in cells]
    defaults = [part.__defaults__, part.__kwdefaults__]
    words = [_describe_code(code), known, _describe(defaults, inside)]
    return {"function": name, "code": hash_of(words)}


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # a name that is not bound yet
        return None


def _describe_code(code):
    """Describe what a function does; where it stands in its file does not matter."""
    constants = [
        _describe_code(each) if hasattr(each, "co_code") else _describe(each, ())
        for each in code.co_consts
    ]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames)]


def _describe_object(part, inside):
    """Describe what has no parameters to be asked for."""
    if isinstance(part, partial):
        return {
            "partial": _describe(part.func, inside),
            "args": _describe(part.args, inside),
            "keywords": _describe(part.keywords, inside),
        }
    if hasattr(part, "dist") and hasattr(part, "kwds"):  # a distribution of scipy
        name = _qualified(type(part.dist))
        return {"class": name, **_by_name({"args": part.args, **part.kwds}, inside)}
    text = repr(part)
    if not ADDRESS.search(text):
        return text
    if hasattr(part, "__dict__"):
        return {"class": _qualified(type(part)), **_by_name(vars(part), inside)}
    return ADDRESS.sub("", text)


def fingerprint(*arrays):
    """Return a short hash of arrays, data frames or sparse matrices."""
    return hash_of_arrays(arrays, describe)


def n_bytes(rows):
    """Return about how much memory samples or labels take."""
    if isinstance(rows, list | tuple):
        return sys.getsizeof(rows) + sum(map(n_bytes, rows))
    if sparse.issparse(rows):
        rows = rows.data
    if hasattr(rows, "estimated_size"):  # polars
        return rows.estimated_size()
    return getattr(rows, "nbytes", None) or sys.getsizeof(rows)


def hash_of(config):
    """Return a short hash of a configuration made of JSON values."""
    text = json.dumps(config, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _qualified(thing):
    return f"{thing.__module__}.{thing.__qualname__}"
