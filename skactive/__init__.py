"""Active learning that behaves like scikit-learn."""

import importlib
from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("skactive")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"

_NAMES = {
    "ActiveLearner": "learner",
    "QueryStrategy": "base",
    "progress": "utils._progress",
}
_SUBMODULES = (
    "base",
    "benchmark",
    "compose",
    "datasets",
    "deep",
    "disagreement",
    "diversity",
    "exceptions",
    "graph",
    "inspection",
    "io",
    "learner",
    "lookahead",
    "metrics",
    "nets",
    "oracles",
    "selection",
    "serve",
    "stopping",
    "stream",
    "testing",
    "uncertainty",
    "utils",
)

__all__ = ["ActiveLearner", "QueryStrategy", "__version__", "progress"]


def __getattr__(name):
    # Loaded on first use (PEP 562), so that a script pays for what it asks for.
    if name in _NAMES:
        module = importlib.import_module(f"skactive.{_NAMES[name]}")
        return getattr(module, name)
    if name in _SUBMODULES:
        return importlib.import_module(f"skactive.{name}")
    # Here, not above: utils loads scikit-learn.
    from skactive.utils._elsewhere import not_found

    raise not_found(__name__, name)


def __dir__():
    return sorted({*__all__, *_SUBMODULES})
