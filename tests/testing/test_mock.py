"""MockClassifier: what goes in comes out."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

from skactive.testing import MockClassifier

TABLE = [[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [1 / 3, 1 / 3, 1 / 3]]


def test_probabilities_are_looked_up_by_the_first_feature():
    model = MockClassifier(TABLE).fit([[0]], [0])
    proba = model.predict_proba(np.array([[2.0, 9.0], [0.0, -1.0]]))
    np.testing.assert_array_equal(proba, [TABLE[2], TABLE[0]])


def test_predict_takes_the_most_probable_class_and_the_first_among_equals():
    model = MockClassifier(TABLE, classes=["a", "b", "c"]).fit()
    assert model.predict([[0], [1], [2]]).tolist() == ["a", "b", "a"]


def test_classes_are_counted_from_zero_by_default():
    assert MockClassifier(TABLE).fit().classes_.tolist() == [0, 1, 2]


def test_it_is_a_classifier_that_can_be_cloned_and_pickled():
    model = MockClassifier(TABLE).fit()
    assert is_classifier(model)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba([[1]]), [TABLE[1]])
    with pytest.raises(NotFittedError):
        clone(model).predict_proba([[0]])
    np.testing.assert_array_equal(clone(model).fit().predict([[0]]), [0])


def test_fits_of_one_object_are_counted():
    model = MockClassifier(TABLE).fit().fit()
    assert model.n_fits_ == 2 and clone(model).fit().n_fits_ == 1
    FrozenEstimator(model).fit([[0]], [0])
    assert model.n_fits_ == 2


def test_the_answer_is_a_copy_of_the_table():
    model = MockClassifier(TABLE).fit()
    model.predict_proba([[0]])[:] = 7
    np.testing.assert_array_equal(model.predict_proba([[0]]), [TABLE[0]])


@pytest.mark.parametrize("row", [3, -1, 0.5, np.nan])
def test_a_sample_that_is_no_row_of_the_table_is_refused(row):
    with pytest.raises(ValueError, match="between 0 and 2"):
        MockClassifier(TABLE).fit().predict_proba([[row]])


@pytest.mark.parametrize(
    "proba, classes", [([0.5, 0.5], None), (TABLE, [0, 1]), ([[[1.0]]], [0])]
)
def test_a_table_without_one_column_per_class_is_refused(proba, classes):
    with pytest.raises(ValueError, match="one column per class"):
        MockClassifier(proba, classes=classes).fit()
