"""Find what there is by walking the package; nothing is registered anywhere."""

import importlib
import inspect
import pkgutil

from skactive.base import QueryStrategy

# They load torch, which takes seconds and may not be installed.
DEEP_FOLDERS = ("deep", "nets")


def walk_modules(package="skactive", *, deep=False):
    """Import and yield a package and all modules below it, in alphabetical order.

    Parameters
    ----------
    package : str, default="skactive"
        Dotted name of the package to begin with.
    deep : bool, default=False
        Enter the folders that load torch.

    Yields
    ------
    module : module
        The package itself first, then the modules below it.
    """
    module = importlib.import_module(package)
    yield module
    below = sorted(pkgutil.iter_modules(getattr(module, "__path__", ())), key=_name)
    for info in below:
        if deep or info.name not in DEEP_FOLDERS:
            yield from walk_modules(f"{package}.{info.name}", deep=deep)


def _name(info):
    return info.name


def all_strategies(*, deep=False, boxes=False, numbers=False):
    """Return every public strategy that can be used as it is.

    Parameters
    ----------
    deep : bool, default=False
        Also those in folders that load torch.
    boxes : bool, default=False
        Also those that serve no model but one that predicts boxes.
    numbers : bool, default=False
        Also those that serve no model but a regressor.

    Returns
    -------
    strategies : list of classes
        Concrete subclasses of :class:`~skactive.QueryStrategy` whose name does not
        begin with an underscore, in alphabetical order.

    Notes
    -----
    All shallow modules of skactive are imported, about a second of work.

    Examples
    --------
    >>> from skactive.testing import all_strategies
    >>> "RandomSampling" in [strategy.__name__ for strategy in all_strategies()]
    True
    """
    found = {
        value
        for module in walk_modules(deep=deep)
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, QueryStrategy)
        and not inspect.isabstract(value)
        and not value.__name__.startswith("_")
        and value.__module__.startswith("skactive.")
        and (boxes or not getattr(value, "needs_boxes", False))
        and (numbers or not getattr(value, "needs_numbers", False))
    }
    return sorted(found, key=lambda strategy: strategy.__name__)
