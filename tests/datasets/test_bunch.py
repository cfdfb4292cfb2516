"""The one shape in which every data set is answered."""

import numpy as np

from skactive.datasets._bunch import answer

DATA, TARGET = np.arange(6.0).reshape(3, 2), np.array([0, 1, 0])


def test_fields_that_were_not_given_are_there_and_say_nothing():
    found = answer("name", DATA, TARGET, descr="told")
    assert dict(found) == {
        "data": DATA,
        "target": TARGET,
        "target_names": None,
        "feature_names": None,
        "test_data": None,
        "test_target": None,
        "name": "name",
        "task": "classification",
        "DESCR": "told",
    }
    assert found.data is DATA and found.target is TARGET


def test_names_become_a_list_of_plain_strings():
    found = answer(
        "n",
        DATA,
        TARGET,
        descr="",
        target_names=np.array(["no", "yes"]),
        feature_names=(0, "width"),
    )
    assert found.target_names == ["no", "yes"]
    assert found.feature_names == ["0", "width"]
    assert {type(name) for name in found.target_names} == {str}


def test_a_test_part_and_further_fields_are_kept():
    found = answer("n", DATA, TARGET, descr="", test=(DATA[:1], [1]), in_trap=TARGET)
    assert found.test_data.tolist() == [[0, 1]] and found.test_target == [1]
    assert found.in_trap is TARGET


def test_a_pair_is_what_was_given():
    X, y = answer("n", DATA, TARGET, descr="", test=(DATA, TARGET), return_X_y=True)
    assert X is DATA and y is TARGET
