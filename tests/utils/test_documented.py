"""Boxes of diagrams link to pages that there are."""

import importlib
import inspect
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from skactive import ActiveLearner
from skactive.diversity import CoreSet
from skactive.testing._discovery import walk_modules
from skactive.utils._documented import PAGES, public_name

TORCH = find_spec("torch") is not None
API_PAGE = Path(__file__).parents[2] / "docs" / "api.rst"


def documented():
    """Return the dotted names of docs/api.rst, of which each has a page."""
    module, names = None, set()
    for line in API_PAGE.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\.\. currentmodule:: (\S+)", line):
            module = found[1]
        elif found := re.fullmatch(r"   ([\w.]+)", line):
            names.add(f"{module}.{found[1]}")
    return names


def estimators():
    """Return all classes of skactive that have scikit-learn's diagram."""
    found = {
        value
        for module in walk_modules(deep=TORCH)
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, BaseEstimator)
        and value.__module__ == module.__name__
    }
    return sorted(found, key=lambda cls: f"{cls.__module__}.{cls.__name__}")


PAGES_THERE_ARE = documented()


@pytest.mark.parametrize("cls", estimators(), ids=lambda cls: cls.__name__)
def test_the_link_of_a_class_is_a_page_and_a_private_one_has_none(cls):
    link = cls._get_doc_link(object.__new__(cls)) if not inspect.isabstract(cls) else ""
    name = public_name(cls)
    endings = [page for page in PAGES_THERE_ARE if page.endswith(f".{cls.__name__}")]
    if inspect.isabstract(cls):
        assert name is None or name in PAGES_THERE_ARE
    elif endings:
        assert link == f"{PAGES}/{name}.html" and name in PAGES_THERE_ARE
    else:
        assert link == ""
    if name is not None:
        module, _, attribute = name.rpartition(".")
        assert getattr(importlib.import_module(module), attribute) is cls


def test_the_boxes_of_a_diagram_link_to_both_libraries():
    learner = ActiveLearner(LogisticRegression(), CoreSet("raw"))
    for diagram in (learner._repr_html_(), make_pipeline(learner)._repr_html_()):
        links = re.findall(r'href="([^"#]*)"', diagram)
        assert f"{PAGES}/skactive.ActiveLearner.html" in links
        assert f"{PAGES}/skactive.diversity.CoreSet.html" in links
        assert any("sklearn.linear_model.LogisticRegression" in link for link in links)


def test_a_class_of_a_user_has_no_page_here():
    class Own(CoreSet):
        """Asks as CoreSet does."""

    assert Own()._get_doc_link() == ""
    assert "ActiveLearner.html" not in Own()._repr_html_()
