"""Labels as codes, for classifiers that take no others."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from skactive.utils import fit_with_pool
from skactive.utils._codes import OnCodes

X, Y = load_iris(return_X_y=True)


class NoGaps(DecisionTreeClassifier):
    """Refuses labels as XGBoost does."""

    def fit(self, X, y, sample_weight=None, eval_set=None):
        classes = np.unique(y)
        if not np.array_equal(classes, np.arange(len(classes))):
            raise ValueError(
                "Invalid classes inferred from unique values of `y`.  Expected: "
                f"{np.arange(len(classes))}, got {classes}"
            )
        self.weights_ = sample_weight
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize("labels", [[0, 2, 7], [3, 4, 5], ["a", "b", "c"]])
def test_labels_with_gaps_are_learned_as_their_positions(labels):
    y = np.array(labels)[Y]
    step = "nogaps__sample_weight"
    flat, nested = NoGaps(), make_pipeline(StandardScaler(), NoGaps())
    for model, key in ((flat, "sample_weight"), (nested, step)):
        fitted = fit_with_pool(model, X, y, **{key: np.ones(len(X))})
        assert_array_equal(fitted.classes_, labels)
        assert_array_equal(fitted.predict(X), y)
        assert_array_equal(np.array(labels)[fitted.predict_proba(X).argmax(1)], y)
        last = fitted[-1] if fitted is not model and model is nested else fitted
        assert len(last.weights_) == len(X) and last.feature_importances_.sum() > 0.99
        assert_array_equal(pickle.loads(pickle.dumps(fitted)).predict(X), y)
        assert get_tags(last).input_tags == get_tags(flat).input_tags


def test_labels_without_gaps_leave_the_model_as_it_is():
    model = NoGaps()
    assert fit_with_pool(model, X, Y) is model


def test_what_codes_cannot_mend_is_refused_as_before():
    with pytest.raises(ValueError, match="Invalid classes"):  # one class is too few
        fit_with_pool(NoGaps(), X[:9], np.full(9, 3))
    with pytest.raises(ValueError, match="Invalid classes"):  # its labels are no codes
        fit_with_pool(NoGaps(), X, 2 * Y, eval_set=[(X, 2 * Y)])
    with pytest.raises(ValueError, match="max_depth"):
        fit_with_pool(DecisionTreeClassifier(max_depth=-1), X, Y)


def test_what_is_not_fitted_has_nothing_to_hand_on():
    assert not hasattr(OnCodes(DecisionTreeClassifier()), "tree_")
