"""How large files, functions and constructors may be; the largest are printed."""

import ast
import inspect
from importlib.util import find_spec
from pathlib import Path

import pytest

import skactive
from skactive.testing._discovery import walk_modules

# Rooms that need the extra deep are looked at where it is installed.
TORCH = find_spec("torch") is not None

PACKAGE = Path(skactive.__file__).parent
MOST_LINES, MOST_CODE_LINES, MOST_PARAMETERS = 400, 40, 20

# Documentation for the most part.
LONG_FILES = {"base.py", "stopping.py"}


def code_lines(function):
    """Count the lines of a function that hold code: no docstring, comment or blank.

    The signature counts as one line, however it is wrapped.
    """
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    lines = set()
    for statement in body:
        for node in ast.walk(statement):
            if hasattr(node, "lineno"):
                lines |= {node.lineno, node.end_lineno}
    return 1 + len(lines)


def functions(source):
    """Yield name and code lines of each function and method in a source text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, code_lines(node)


def constructors():
    """Return {class: number of parameters} of what the package makes."""
    found = {}
    for module in walk_modules(deep=TORCH):
        for value in vars(module).values():
            made_here = inspect.isclass(value) and value.__module__ == module.__name__
            if made_here and "__init__" in vars(value):
                kinds = (
                    inspect.Parameter.VAR_POSITIONAL,
                    inspect.Parameter.VAR_KEYWORD,
                )
                given = inspect.signature(value.__init__).parameters.values()
                n = sum(parameter.kind not in kinds for parameter in given) - 1
                found[f"{value.__module__}.{value.__qualname__}"] = n
    return found


def worst(sizes, what):
    """Print the three largest, and return the size of the largest."""
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:3]
    print(f"Most {what}:", *(f"{name} {n}" for name, n in largest), sep="\n  ")
    return largest[0][1]


def test_files_are_rooms():
    sizes = {
        str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
        if str(path.relative_to(PACKAGE)) not in LONG_FILES
    }
    assert worst(sizes, "lines in a file") <= MOST_LINES


def test_functions_fit_on_a_screen():
    sizes = {
        f"{path.relative_to(PACKAGE)}:{name}": n
        for path in PACKAGE.rglob("*.py")
        for name, n in functions(path.read_text("utf-8"))
        if name != "__init__"  # one line for each parameter, counted below
    }
    assert worst(sizes, "code lines in a function") <= MOST_CODE_LINES


def test_constructors_can_be_read():
    pytest.importorskip("torch")
    assert worst(constructors(), "parameters of a constructor") <= MOST_PARAMETERS


def test_what_is_counted():
    source = '''
def f(a,
      b):
    """Say.

    Much.
    """
    # why
    if a:
        return call(
            b,
        )

    return 2
'''
    assert dict(functions(source)) == {"f": 6}
