"""Where the source of a documented name is, in the repository."""

import importlib
import inspect
from pathlib import Path

import skactive

ROOT = Path(skactive.__file__).resolve().parents[1]


def source_url(repository, release, module, name):
    """Return the address of the lines that define a name, None if there are none.

    Parameters
    ----------
    repository : str
        Address of the repository.
    release : str
        The version of the pages: a release has a tag, anything else is on main.
    module : str
        Where the name is imported from.
    name : str
        The name in it, with dots for what belongs to a class.
    """
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    found = inspect.unwrap(getattr(found, "fget", found))
    try:
        path = Path(inspect.getsourcefile(found)).resolve()
        lines, first = inspect.getsourcelines(found)
    except (TypeError, OSError):  # data, or an attribute that fit sets
        return None
    if not path.is_relative_to(ROOT / "skactive"):  # inherited from another package
        return None
    tree = "main" if "dev" in release else f"v{release}"
    here = path.relative_to(ROOT).as_posix()
    return f"{repository}/blob/{tree}/{here}#L{first}-L{first + len(lines) - 1}"
