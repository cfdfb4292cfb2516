"""Names: of strategies, found by discovery, and of data sets, by pattern."""

import importlib.util

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.utils import Bunch

from skactive.benchmark._menu import as_data, matching_names, near_names, strategy_named
from skactive.benchmark._run import Data
from skactive.datasets import load_dataset

ROWS, LABELS = np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])


@pytest.fixture(autouse=True)
def no_npz_files(monkeypatch):
    monkeypatch.delenv("SKACTIVE_DATA", raising=False)


@pytest.mark.parametrize(
    "name, full",
    [
        ("MarginSampling", "MarginSampling"),
        ("margin", "MarginSampling"),
        ("Margin Sampling", "MarginSampling"),
        ("least-confidence", "LeastConfidenceSampling"),
        ("core_set", "CoreSet"),
        ("QBC", "QueryByCommittee"),
        ("density", "InformationDensity"),
    ],
)
def test_a_strategy_is_found_in_any_spelling_and_built_anew(name, full):
    found = strategy_named(name)
    assert type(found).__name__ == full
    assert strategy_named(name) is not found


def test_an_unknown_strategy_is_answered_with_those_near_and_with_all():
    with pytest.raises(ValueError) as caught:
        strategy_named("corset")
    text = str(caught.value)
    assert "no strategy called 'corset'. Similar: CoreSet" in text
    assert "BADGE" in text
    # The deep ones were looked at, too, or it is said how to have them.
    deep = importlib.util.find_spec("torch") is not None
    assert ("LL4AL" if deep else "pip install 'skactive[deep]'") in text


def test_near_names_are_at_most_three_and_none_is_said():
    menu = ["MarginSampling", "Margins", "Marginal", "Imagining"]
    near = near_names("margin", menu).split(", ")
    assert near[0] == "MarginSampling" and len(near) == 3
    assert near_names("zzz", menu) == "none"


def test_a_name_without_a_pattern_is_taken_as_it_is():
    assert matching_names("no such name") == ["no such name"]


@pytest.mark.parametrize(
    "pattern, names",
    [
        ("breast*", ["breast_cancer"]),
        ("?ris", ["iris"]),
        ("[di]*i[sg]*s", ["digits"]),
    ],
)
def test_a_pattern_stands_for_the_names_that_fit(pattern, names):
    assert matching_names(pattern) == names


def test_a_pattern_that_fits_nothing_is_refused():
    with pytest.raises(ValueError, match=r"name that fits 'qq\*'"):
        matching_names("qq*")


def test_data_that_are_ready_are_left_alone():
    data = Data("d", ROWS, LABELS, "hash")
    assert as_data(data) is data


def test_a_pair_needs_a_name():
    data = as_data((ROWS, LABELS), "mine")
    assert data.name == "mine" and data.X is ROWS
    assert data.y.tolist() == LABELS.tolist()
    assert data.X_test is None and data.y_test is None
    with pytest.raises(ValueError, match="Give the data set a name"):
        as_data((ROWS, LABELS))


def test_a_bunch_brings_its_name_and_its_test_part():
    bunch = Bunch(data=ROWS, target=LABELS, name="own")
    plain = as_data(bunch)
    assert plain.name == "own" and plain.X_test is None
    assert as_data(bunch, "other").name == "other"
    bunch.update(test_data=ROWS[:1], test_target=["a"])
    tested = as_data(bunch)
    assert tested.X_test.tolist() == [[0, 1]] and tested.y_test.tolist() == ["a"]
    assert tested.fingerprint != plain.fingerprint


def test_a_name_is_loaded():
    data = as_data("iris")
    assert data.name == "iris"
    np.testing.assert_array_equal(data.X, load_dataset("iris").data)
    assert as_data("iris", "flowers").name == "flowers"


@pytest.mark.parametrize(
    "X", [sparse.csr_array(ROWS), pd.DataFrame(ROWS), ROWS.reshape(4, 2, 1)]
)
def test_rows_of_any_container_are_counted(X):
    assert as_data((X, LABELS), "d").X is X
    with pytest.raises(ValueError, match="d: X and y have different lengths"):
        as_data((X, LABELS[:3]), "d")


def test_lists_are_counted_as_well():
    assert as_data((ROWS.tolist(), ["a", "b", "b", "a"]), "d").y.tolist() == list(
        "abba"
    )
    with pytest.raises(ValueError, match="different lengths"):
        as_data((ROWS.tolist(), ["a"]), "d")


@pytest.mark.parametrize(
    "value, error, message",
    [
        (3, TypeError, r"a pair \(X, y\); got int"),
        ((ROWS, LABELS, LABELS), TypeError, "got tuple"),
        ((ROWS, np.eye(3)), ValueError, "d: There are 4 samples and 3 rows of y"),
        ((ROWS, ["a", None, "b", None]), ValueError, "every label, and 2 are missing"),
        ((ROWS, [0.0, np.nan, 1, 1]), ValueError, "every label, and 1 are missing"),
    ],
)
def test_what_is_no_data_set_is_refused(value, error, message):
    with pytest.raises(error, match=message):
        as_data(value, "d")
