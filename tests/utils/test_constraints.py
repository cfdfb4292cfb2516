"""What a parameter may be."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner, compose
from skactive.compose import PartitionedSampling, StrategySchedule
from skactive.diversity import CoreSet
from skactive.oracles import (
    CommitteeOracle,
    DawidSkene,
    IntervalThreshold,
    SimulatedOracle,
)
from skactive.stopping import AnyOf, StablePredictions
from skactive.uncertainty import MarginSampling
from skactive.utils._constraints import number, whole


@pytest.mark.parametrize("value", [1, np.int64(1), 7])
def test_whole_numbers_are_taken(value):
    assert whole(1).is_satisfied_by(value)


@pytest.mark.parametrize("value", [0, True, 1.0, "1", None, np.nan])
def test_what_is_no_whole_number_of_the_range_is_not(value):
    assert not whole(1).is_satisfied_by(value)


@pytest.mark.parametrize("value", [0, -1, True, np.inf, np.nan, "1", None])
def test_what_is_no_number_of_the_range_is_not(value):
    assert not number(0).is_satisfied_by(value)


def test_ends_belong_where_they_are_said_to():
    assert number(0, 1, "both").is_satisfied_by(1)
    assert not number(0, 1, "left").is_satisfied_by(1)
    assert number(0, None, "right").is_satisfied_by(np.inf)
    assert whole(1, 3).is_satisfied_by(3) and not whole(1, 3).is_satisfied_by(4)


X, y = load_iris(return_X_y=True)


def learn(**parameters):
    return ActiveLearner(LogisticRegression(), budget=2, **parameters).fit(X, y)


# A class passes for what its instances are: it has their methods, and can be called.
CLASSES = {
    "ActiveLearner, strategy": lambda: learn(strategy=MarginSampling),
    "ActiveLearner, oracle": lambda: learn(oracle=SimulatedOracle),
    "ActiveLearner, stopping": lambda: learn(stopping=StablePredictions),
    "AnyOf": lambda: learn(stopping=AnyOf([StablePredictions])),
    "StrategySchedule": lambda: learn(
        strategy=StrategySchedule([("a", CoreSet()), ("b", MarginSampling)])
    ),
    "StrategySchedule, alone": lambda: StrategySchedule(
        [("a", CoreSet()), ("b", MarginSampling)]
    ).fit(X, y, X),
    "PartitionedSampling, final": lambda: PartitionedSampling(final=CoreSet).fit(X, y),
    "CommitteeOracle": lambda: CommitteeOracle({"Ada": SimulatedOracle}).__call__([0]),
    "CommitteeOracle, ask": lambda: CommitteeOracle(
        [SimulatedOracle(y)], ask=IntervalThreshold
    ).__call__([0]),
    "CommitteeOracle, aggregate": lambda: CommitteeOracle(
        [SimulatedOracle(y)], aggregate=DawidSkene
    ).__call__([0]),
}


@pytest.mark.parametrize("call", CLASSES.values(), ids=CLASSES)
def test_a_class_in_the_place_of_its_instance_is_refused(call):
    with pytest.raises(TypeError, match=r"must be an instance, such as \w+\(\); got"):
        call()


COMPOSERS = {
    name: cls
    for name, cls in vars(compose).items()
    if "strategy" in getattr(cls, "_parameter_constraints", ())
}


@pytest.mark.parametrize("composer", COMPOSERS.values(), ids=COMPOSERS)
@pytest.mark.parametrize("inside_a_learner", [False, True])
def test_composers_refuse_the_class_of_a_strategy(composer, inside_a_learner):
    strategy = composer(MarginSampling)
    with pytest.raises(TypeError, match=r"'strategy' .* such as MarginSampling\(\)"):
        if inside_a_learner:
            learn(strategy=strategy)
        else:
            strategy.fit(X, y, X)


def test_composers_are_found():
    assert len(COMPOSERS) > 8
