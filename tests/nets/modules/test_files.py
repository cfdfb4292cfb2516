"""Each architecture stands alone: torch, the standard library, and nothing else."""

import ast
import importlib
import inspect
import re
import sys
from pathlib import Path

import pytest

from skactive.nets import modules

FOLDER = Path(modules.__file__).parent
FILES = sorted(path for path in FOLDER.glob("_*.py") if path.name != "__init__.py")


def imported(path):
    """Return the roots of what a file imports."""
    roots = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add("skactive" if node.level else node.module.partition(".")[0])
    return roots


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_needs_torch_and_nothing_else(path):
    others = imported(path) - {"torch"}
    assert others <= set(sys.stdlib_module_names)


def test_there_are_files_to_look_at():
    assert {"_mlp", "_resnet", "_vgg", "_vae", "_taps"} <= {p.stem for p in FILES}


@pytest.mark.parametrize("name", modules.__all__)
def test_docstrings_are_in_numpydoc_style(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    value = getattr(modules, name)
    assert "\nExamples\n--------\n" in inspect.getdoc(value)
    names = [f"skactive.nets.modules.{name}"]
    if inspect.isclass(value):
        own = [base for base in value.__mro__ if base.__module__.startswith("skactive")]
        names += [
            f"{names[0]}.{key}"
            for base in own
            for key in vars(base)
            if not key.startswith("_")
        ]
    # As in tests/test_docstrings.py.
    ignored = {"ES01", "RT02", "SA01", "EX01"}
    for each in names:
        errors = validate(each)["errors"]
        assert not [error for error in errors if error[0] not in ignored], each


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_classes_are_exported_or_private(path):
    module = importlib.import_module(f"skactive.nets.modules.{path.stem}")
    made_here = {
        key
        for key, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__
        and not re.match("_", key)
    }
    assert made_here and made_here <= set(modules.__all__)
