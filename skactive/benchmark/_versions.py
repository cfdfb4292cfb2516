"""Versions of what a result depends on."""

import platform

import numpy as np
import scipy
import sklearn

from skactive import __version__

#: Those without which a run is another one: their defaults and answers may move.
MADE_BY = ("skactive", "scikit-learn")


def versions():
    """Return the versions of what a result depends on."""
    return {
        "skactive": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }
