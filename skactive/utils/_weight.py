"""How much it is to send: bytes of what is pickled."""

import pickle

#: Bytes sent in all below which nobody needs a warning.
HEAVY = 100_000_000


class _Count:
    """A file that only counts what is written to it."""

    def __init__(self):
        self.n_bytes = 0

    def write(self, data):
        self.n_bytes += memoryview(data).nbytes


def pickled_bytes(value):
    """Return how many bytes a value has when it is pickled; 0 if pickle cannot.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils._weight import pickled_bytes
    >>> 8000 < pickled_bytes(np.zeros(1000)) < 9000
    True
    """
    count = _Count()
    try:
        pickle.Pickler(count, protocol=5).dump(value)
    except Exception:  # who sends it may know how; if not, it says so
        return 0
    return count.n_bytes
