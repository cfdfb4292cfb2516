"""The tables of the page on streams are those of the results that were measured."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "measurements" / "streams.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("streams", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_stream_was_measured_with_ten_seeds(script):
    found = json.loads(script.RESULTS.read_text("utf-8"))
    runs = [(run["stream"], run["gate"], run["seed"]) for run in found["runs"]]
    assert len(set(runs)) == len(runs) == 3 * 8 * 10


def test_no_gate_of_ours_overspent(script):
    found = json.loads(script.RESULTS.read_text("utf-8"))
    ours = [run for run in found["runs"] if run["gate"].endswith("Gate")]
    assert ours and max(run["labels"] for run in ours) <= 139
