"""What comes with scikit-learn is passed on as it is."""

import numpy as np
import pytest
from sklearn import datasets

from skactive.datasets import load_dataset
from skactive.datasets._bundled import BUNDLED, load_bundled

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


@pytest.mark.parametrize(
    "name, shape, n_classes, task",
    [
        ("digits", (1797, 64), 10, "classification"),
        ("iris", (150, 4), 3, "classification"),
        ("wine", (178, 13), 3, "classification"),
        ("breast_cancer", (569, 30), 2, "classification"),
        ("diabetes", (442, 10), None, "regression"),
    ],
)
def test_what_comes_with_scikit_learn_is_passed_on(name, shape, n_classes, task):
    found = load_dataset(name)
    own = getattr(datasets, f"load_{name}")()
    assert set(found) == FIELDS
    np.testing.assert_array_equal(found.data, own.data)
    np.testing.assert_array_equal(found.target, own.target)
    assert found.data.shape == shape
    assert (found.name, found.task) == (name, task)
    names = found.target_names
    assert names is None if n_classes is None else len(names) == n_classes
    assert len(found.feature_names) == shape[1]
    assert all(type(each) is str for each in found.feature_names)
    assert f"load_{name}" in found.DESCR and own.DESCR in found.DESCR


@pytest.mark.parametrize("name", list(BUNDLED))
def test_a_pair_is_data_and_target_alone(name):
    X, y = load_bundled(name, return_X_y=True)
    own = BUNDLED[name][0]()
    np.testing.assert_array_equal(X, own.data)
    np.testing.assert_array_equal(y, own.target)


def test_targets_are_numbers_of_classes_unless_the_task_is_regression():
    for name, (_, task) in BUNDLED.items():
        y = load_bundled(name).target
        assert (task == "classification") == np.array_equal(
            np.unique(y), np.arange(len(np.unique(y)))
        )
