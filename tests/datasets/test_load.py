"""One door, one shape; errors that know the neighborhood."""

import subprocess
import sys

import numpy as np
import pytest

from skactive.datasets import list_datasets, load_dataset, make_honeypot
from skactive.datasets._load import TRAPS

FIELDS = {
    "data",
    "target",
    "target_names",
    "feature_names",
    "test_data",
    "test_target",
    "name",
    "task",
    "DESCR",
}


@pytest.fixture(autouse=True)
def no_npz_files(monkeypatch):
    monkeypatch.delenv("SKACTIVE_DATA", raising=False)


@pytest.mark.parametrize("name", ["Breast-Cancer", "breast cancer", "BREAST_CANCER"])
def test_case_and_separators_do_not_matter(name):
    assert load_dataset(name).name == "breast_cancer"


@pytest.mark.parametrize("name", sorted(TRAPS))
def test_a_trap_has_all_the_fields_and_is_the_same_each_time(name):
    found = load_dataset(name)
    assert set(found) > FIELDS
    X, y = load_dataset(name, return_X_y=True)
    np.testing.assert_array_equal(found.data, X)
    np.testing.assert_array_equal(found.target, y)
    other, _ = load_dataset(name, random_state=1, return_X_y=True)
    assert other.shape != X.shape or not np.array_equal(other, X)


def test_a_trap_by_name_is_the_trap_by_function():
    X, _ = make_honeypot(random_state=5)
    np.testing.assert_array_equal(X, load_dataset("honeypot", random_state=5).data)


def test_every_listed_name_that_needs_no_file_loads():
    names = list_datasets()
    assert set(names.values()) == {"scikit-learn", "generated", "torchvision"}
    for name, where in names.items():
        if where != "torchvision":
            assert load_dataset(name).name == name


@pytest.mark.parametrize(
    "name, near", [("digitz", "'digits'"), ("honeypots", "'honeypot'")]
)
def test_an_unknown_name_lists_the_near_ones(name, near):
    with pytest.raises(ValueError) as caught:
        load_dataset(name)
    text = str(caught.value)
    assert near in text and "list_datasets()" in text and "SKACTIVE_DATA" in text


def test_a_name_near_to_nothing_still_says_where_to_look():
    with pytest.raises(ValueError, match=r"no data set 'qqqqq'\. skactive.datasets"):
        load_dataset("qqqqq")


def test_loading_digits_loads_no_torch():
    code = (
        "import sys; from skactive.datasets import load_dataset, list_datasets;"
        "load_dataset('digits'); load_dataset('honeypot'); list_datasets();"
        "print([m for m in ('torch', 'torchvision', 'skorch') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert run.stdout.strip() == "[]"
