"""What a learner tells scikit-learn of itself."""

import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.utils import get_tags

from skactive import ActiveLearner
from skactive.oracles import DawidSkene, SimulatedOracle
from skactive.uncertainty import MarginSampling


def test_tags_are_those_of_the_model_and_of_who_answers():
    assert get_tags(ActiveLearner(LinearRegression())).estimator_type == "regressor"
    assert get_tags(ActiveLearner(LogisticRegression())).target_tags.required
    oracle = SimulatedOracle([0, 1])
    assert not get_tags(ActiveLearner(oracle=oracle)).target_tags.required


def test_metadata_go_to_the_model():
    router = ActiveLearner(LogisticRegression()).get_metadata_routing()
    assert list(router._route_mappings) == ["estimator"]


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"strategy": MarginSampling}, "MarginSampling"),
        ({"strategy": "margin"}, "margin"),
        ({"aggregate": DawidSkene}, "DawidSkene"),
        ({"aggregate": "majority"}, "aggregate"),
    ],
    ids=["class", "name", "aggregate", "name-of-aggregate"],
)
def test_what_is_no_part_is_refused_before_a_label_is_paid(settings, match):
    with pytest.raises((TypeError, ValueError), match=match):
        ActiveLearner(LogisticRegression(), **settings).fit([[0.0], [1.0]], [0, 1])
