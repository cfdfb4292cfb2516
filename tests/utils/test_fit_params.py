"""Arguments of fit for models other than the first."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.utils._fit_params import cut_to_rows, params_of, takes, weight_name

W = np.arange(4.0)
STEP = "logisticregression__sample_weight"
FLAT = LogisticRegression()
PIPE = make_pipeline(StandardScaler(), LogisticRegression())
NEST = make_pipeline(StandardScaler(), PIPE)
SEARCH = GridSearchCV(PIPE, {})


@pytest.mark.parametrize("name", ["sample_weight", STEP])
@pytest.mark.parametrize(
    "model, key",
    [(FLAT, "sample_weight"), (PIPE, STEP), (NEST, f"pipeline__{STEP}")],
)
def test_weights_reach_the_last_step_under_its_name(model, key, name):
    (found,) = params_of(model, {name: W}, 4, "Asking").items()
    assert found[0] == key
    assert_array_equal(found[1], W)
    assert takes(model, key)


def test_a_search_takes_what_its_model_does():
    assert takes(SEARCH, STEP) and not takes(SEARCH, "sample_weight")


def test_what_has_no_rows_was_meant_for_the_other_model():
    assert params_of(FLAT, {"epochs": 3, "names": ["a"], "by": "a"}, 4, "A") == {}


def test_a_frozen_model_is_not_fitted_again():
    assert params_of(FrozenEstimator(FLAT), {"sample_weight": W}, 4, "A") == {}


def test_a_model_that_cannot_heed_weights_is_refused_in_words():
    with pytest.raises(ValueError, match=r"Asking trains KNeigh.* no sample_weight"):
        params_of(KNeighborsClassifier(), {STEP: W}, 4, "Asking")


def test_rows_are_cut_and_the_rest_is_kept():
    found = cut_to_rows(np.zeros((4, 1)), {"w": W, "k": 2}, [3, 3])
    assert_array_equal(found["w"], [3, 3])
    assert found["k"] == 2
    assert cut_to_rows(np.zeros((4, 1)), None, [0]) == {}


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (FLAT, "sample_weight"),
        (PIPE, STEP),
        (NEST, f"pipeline__{STEP}"),
        (KNeighborsClassifier(), None),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), None),
        (GridSearchCV(FLAT, {}), "sample_weight"),
        (GridSearchCV(KNeighborsClassifier(), {}), None),
    ],
    ids=["flat", "pipeline", "nested", "none", "piped none", "search", "search none"],
)
def test_what_a_model_calls_the_weights_of_samples(model, name):
    assert weight_name(model) == name
