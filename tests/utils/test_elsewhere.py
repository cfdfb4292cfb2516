"""A public name that is looked for in the wrong place."""

import copy
import importlib
import pickle
import subprocess
import sys
from importlib.util import find_spec

import pytest

import skactive
import skactive.diversity
import skactive.uncertainty
from skactive.utils._elsewhere import hint, not_found, places

WRONG = [
    ("skactive", "MarginSampling", "from skactive.uncertainty import MarginSampling"),
    ("skactive", "entropy", "from skactive.uncertainty import entropy"),
    ("skactive", "NetClassifier", "from skactive.nets import NetClassifier"),
    ("skactive", "TargetScore", "from skactive.stopping import TargetScore"),
    ("skactive", "UNet", "from skactive.nets.modules import UNet"),
    ("skactive.uncertainty", "CoreSet", "from skactive.diversity import CoreSet"),
    ("skactive.diversity", "ActiveLearner", "from skactive import ActiveLearner"),
    # Spelled otherwise.
    ("skactive", "ActiveLerner", "from skactive import ActiveLearner"),
    ("skactive", "Marginsampling", "from skactive.uncertainty import MarginSampling"),
    ("skactive.diversity", "coreset", "from skactive.diversity import CoreSet"),
    ("skactive.diversity", "Badge", "from skactive.diversity import BADGE"),
    # There twice: both.
    ("skactive", "read_masks", "skactive.io.coco import .* skactive.io.voc import"),
]
each_wrong = pytest.mark.parametrize(("module", "name", "line"), WRONG)


@each_wrong
def test_an_import_says_from_where(module, name, line):
    with pytest.raises(ImportError, match=rf"cannot import name '{name}'.*'?{line}"):
        exec(f"from {module} import {name}")


@each_wrong
def test_an_attribute_says_from_where(module, name, line):
    found = importlib.import_module(module)
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'. .*{line}"):
        getattr(found, name)
    # No crash where the question is whether it is there.
    assert not hasattr(found, name)
    assert getattr(found, name, 3) == 3


def test_each_line_imports():
    assert len(places()) > 200
    wrong = [
        f"{module}.{name}"
        for name, modules in places().items()
        for module in modules
        # See the next test: torch takes long to load.
        if not module.startswith(("skactive.nets", "skactive.deep"))
        and not hasattr(importlib.import_module(module), name)
    ]
    assert wrong == []


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_lines_for_nets_import():
    there = [name for name, paths in places().items() if "skactive.nets" in paths]
    assert len(there) > 10
    nets = importlib.import_module("skactive.nets")
    assert set(there) <= set(nets.__all__)
    with pytest.raises(ImportError, match=r"Write 'from skactive\.deep import VAAL'"):
        exec("from skactive.nets import VAAL")
    with pytest.raises(ImportError, match=r"from skactive\.nets import NetClassifier"):
        exec("from skactive.deep import NetClassifier")


@pytest.mark.parametrize("name", ["attic", "setup_module", "x", "_margin", "__path"])
@pytest.mark.parametrize("module", ["skactive", "skactive.lookahead"])
def test_what_is_nowhere_has_no_hint(module, name):
    found = importlib.import_module(module)
    with pytest.raises(AttributeError, match=f"no attribute '{name}'$"):
        getattr(found, name)


def test_files_of_the_package_are_still_imported():
    exec("from skactive import _sklearn, _gates, uncertainty")
    exec("from skactive.uncertainty import _margin, margin")
    exec("from skactive.uncertainty import *")
    assert isinstance(not_found("skactive", "uncertainty"), AttributeError)
    assert not str(not_found("skactive", "uncertainty")).endswith("?")


def test_modules_and_strategies_are_copied_as_before():
    strategy = skactive.uncertainty.MarginSampling()
    copied = pickle.loads(pickle.dumps(copy.deepcopy(strategy)))
    assert copied.get_params() == strategy.get_params()


def test_without_source_the_error_is_the_usual_one(monkeypatch, tmp_path):
    monkeypatch.setattr("skactive.utils._elsewhere.PACKAGE", tmp_path)
    places.cache_clear()
    try:
        assert hint("MarginSampling") == ""
        with pytest.raises(AttributeError, match="no attribute 'MarginSampling'$"):
            skactive.MarginSampling  # noqa: B018
    finally:
        places.cache_clear()


def test_looking_loads_no_torch():
    code = (
        "import sys, skactive\n"
        "try:\n"
        "    from skactive import NetClassifier\n"
        "except ImportError as error:\n"
        "    assert 'skactive.nets' in str(error), error\n"
        "else:\n"
        "    raise SystemExit('it was found')\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
