"""``__all__`` of each module = what it defines in public = what docs/api.rst lists."""

import importlib
import inspect
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from skactive.testing import all_strategies
from skactive.testing._discovery import walk_modules

# Rooms that need the extra deep are looked at where it is installed.
TORCH = find_spec("torch") is not None

API_PAGE = Path(__file__).parents[1] / "docs" / "api.rst"

# Public to strategies inside the package, and free to change: no page of its own.
NOT_IN_THE_API = {"skactive.utils"}

MODULES = {m.__name__: m for m in walk_modules(deep=TORCH) if "._" not in m.__name__}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_all_is_sorted_and_importable(name):
    module = MODULES[name]
    names = module.__all__
    assert list(names) == sorted(names)
    assert len(names) == len(set(names))
    for each in names:
        assert getattr(module, each) is not None
    assert set(names) <= set(dir(module))


@pytest.mark.parametrize("name", sorted(MODULES))
def test_all_hides_nothing_public(name):
    """Classes and functions made in a public file are exported or private."""
    module = MODULES[name]
    made_here = {
        key
        for key, value in vars(module).items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == name
        and not key.startswith("_")
    }
    assert made_here <= set(module.__all__)


def test_the_front_door_opens_every_room():
    import skactive

    rooms = ("base", "learner", "testing", "uncertainty", "diversity", "benchmark")
    for room in rooms:
        assert getattr(skactive, room) is importlib.import_module(f"skactive.{room}")
    public = {name.split(".")[1] for name in MODULES if "." in name}
    assert public <= set(dir(skactive))
    with pytest.raises(AttributeError, match="no attribute 'attic'"):
        skactive.attic  # noqa: B018


def names_on_the_page(text):
    """Return the dotted names in the autosummary tables of a page."""
    module, listed = "", []
    in_table = False
    for line in text.splitlines():
        here = re.match(r"\.\. (?:currentmodule|module):: (\S+)", line)
        module = here.group(1) if here else module
        if line.startswith(".. autosummary::"):
            in_table = True
        elif line and not line.startswith(" "):
            in_table = False
        elif in_table and re.fullmatch(r"   [\w.]+", line):
            listed.append(f"{module}.{line.strip()}")
    return listed


def test_names_are_read_off_a_page():
    page = (
        ".. currentmodule:: a\n\n.. autosummary::\n   :toctree: g/\n\n   One\n"
        "   b.Two\n"
        "\nText\n   not_a_name\n\n.. currentmodule:: c\n.. autosummary::\n\n   three\n"
    )
    assert names_on_the_page(page) == ["a.One", "a.b.Two", "c.three"]


def resolve(name):
    """Return the object behind a dotted name."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def test_the_api_page_lists_exactly_the_public_names():
    if not API_PAGE.exists():
        pytest.skip("docs/api.rst is not part of an installed package")
    listed = names_on_the_page(API_PAGE.read_text(encoding="utf-8"))
    if not TORCH:
        listed = [n for n in listed if n.split(".")[1] not in ("deep", "nets")]
    assert len(listed) == len(set(listed)), "a name is listed twice"
    # By object: what is exported by two modules needs one place on the page.
    on_page = {id(resolve(name)) for name in listed}
    public = {
        f"{module}.{name}": id(getattr(MODULES[module], name))
        for module in MODULES
        for name in MODULES[module].__all__
        if module not in NOT_IN_THE_API and not name.startswith("_")
    }
    assert not [name for name, value in public.items() if value not in on_page]
    assert not [name for name in listed if id(resolve(name)) not in public.values()]


def test_every_strategy_found_has_a_public_name():
    exported = {
        getattr(module, name) for module in MODULES.values() for name in module.__all__
    }
    assert set(all_strategies(deep=TORCH, boxes=True, numbers=True)) <= exported
