"""What every public docstring owes its reader."""

import inspect
import re
from importlib.util import find_spec

import pytest

from skactive.base import QueryStrategy
from skactive.testing import all_strategies
from skactive.testing._discovery import walk_modules

# Rooms that need the extra deep are looked at where it is installed.
TORCH = find_spec("torch") is not None

# Codes of numpydoc.validate that are not asked for.
IGNORED = {
    "ES01": "a summary that says it all needs no second paragraph",
    "RT02": "what is returned has a name, as in scikit-learn",
    "SA01": "not everything has a relative",
    "EX01": "asked of classes and functions below; a method is shown with its class",
}
# ... and not of this name.
IGNORED_FOR = {
    "skactive.selection.top_n": {"SS05": "takes the noun Positions for a verb"},
}


def public_names():
    """Yield (dotted name, object) of what the public modules export."""
    for module in walk_modules(deep=TORCH):
        if "._" not in module.__name__:
            for name in getattr(module, "__all__", ()):
                if not name.startswith("_"):
                    yield f"{module.__name__}.{name}", getattr(module, name)


def with_methods(names):
    """Yield the names and, below each class, those of its own public methods."""
    for name, value in names:
        yield name
        if inspect.isclass(value):
            for key, member in vars(value).items():
                kinds = (property, classmethod, staticmethod)
                if not key.startswith("_") and (
                    callable(member) or isinstance(member, kinds)
                ):
                    yield f"{name}.{key}"


PUBLIC = dict(public_names())
DESCRIBED = {
    name: value
    for name, value in PUBLIC.items()
    if inspect.isclass(value) or inspect.isfunction(value)
}
STRATEGIES = all_strategies(deep=TORCH, boxes=True, numbers=True)


def faults(name):
    """Return what numpydoc finds wrong with one docstring."""
    validate = pytest.importorskip("numpydoc.validate").validate
    ignored = {**IGNORED, **IGNORED_FOR.get(name, {})}
    return [(c, text) for c, text in validate(name)["errors"] if c not in ignored]


@pytest.mark.parametrize("name", sorted(with_methods(DESCRIBED.items())))
def test_docstring_is_in_numpydoc_style(name):
    assert faults(name) == []


@pytest.mark.parametrize("name", sorted(DESCRIBED))
def test_class_and_function_have_an_example(name):
    doc = inspect.getdoc(DESCRIBED[name])
    assert "\nExamples\n--------\n" in doc, f"{name} shows no example"
    assert ">>> " in doc.partition("\nExamples\n")[2]


@pytest.mark.parametrize("name", sorted(IGNORED_FOR))
def test_an_exception_is_still_needed(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    assert name in PUBLIC
    assert set(IGNORED_FOR[name]) <= {code for code, _ in validate(name)["errors"]}


def parameters_without_a_row(cls):
    """Return the constructor parameters that the docstring does not describe."""
    section = inspect.getdoc(cls).partition("\nParameters\n----------\n")[2]
    section = re.split(r"\n\w[\w ]*\n-+\n", section)[0]
    rows = re.findall(r"^(\w+(?:, \w+)*) : \S", section, flags=re.MULTILINE)
    described = {name for row in rows for name in row.split(", ")}
    return [name for name in inspect.signature(cls).parameters if name not in described]


@pytest.mark.parametrize("cls", STRATEGIES, ids=lambda cls: cls.__name__)
def test_every_constructor_parameter_has_a_row(cls):
    assert parameters_without_a_row(cls) == []


@pytest.mark.parametrize("cls", STRATEGIES, ids=lambda cls: cls.__name__)
def test_strategy_begins_with_ask(cls):
    assert inspect.getdoc(cls).startswith("Ask ")


@pytest.mark.parametrize("cls", STRATEGIES, ids=lambda cls: cls.__name__)
def test_strategy_says_when_random_wins(cls):
    text = " ".join(inspect.getdoc(cls).split())
    assert re.search(r"(?i)\bloses? to random|random (sampling )?wins", text)


@pytest.mark.parametrize("cls", STRATEGIES, ids=lambda cls: cls.__name__)
def test_strategy_says_what_it_costs(cls):
    assert re.search(r"\b[Cc]osts?\b|\bO\(", inspect.getdoc(cls))


# ------------------------------------------------------------- guards on the guards


class Undocumented(QueryStrategy):
    """Take a sample and say little.

    Parameters
    ----------
    width : int, default=1
        How wide.

    Attributes
    ----------
    depth : int
        Not a parameter.
    """

    def __init__(self, width=1, *, depth=2):
        self.width = width
        self.depth = depth

    def _query(self, n):
        return list(range(n))


def test_a_missing_row_is_seen():
    assert parameters_without_a_row(Undocumented) == ["depth"]


def test_numpydoc_sees_a_missing_row(monkeypatch):
    monkeypatch.setattr("skactive.base.Undocumented", Undocumented, raising=False)
    assert "PR01" in {code for code, _ in faults("skactive.base.Undocumented")}


def test_many_names_are_looked_at():
    """A walk that finds nothing would let everything pass."""
    assert len(DESCRIBED) >= 40
    assert len(list(with_methods(DESCRIBED.items()))) > len(DESCRIBED)
