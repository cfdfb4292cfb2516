"""Whose model a strategy asks."""

import pytest
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from skactive.base import QueryStrategy
from skactive.compose import (
    OutlierFilter,
    PoolSubsampling,
    StochasticBatch,
    StrategySchedule,
    TopThenDiverse,
)
from skactive.diversity import CoreSet, RandomSampling, UncertaintyHerding
from skactive.learner._lending import (
    check_strategy,
    hand_over,
    lend_settings,
    of_one_column,
    own_model,
    parts,
)
from skactive.uncertainty import EntropySampling, MarginSampling


def test_defaults_follow_the_kind_of_model():
    model, strategy, joint = parts(None, None)
    assert isinstance(model, LogisticRegression) and not joint
    assert isinstance(strategy, MarginSampling)
    assert isinstance(parts(Ridge(), None)[1], RandomSampling)
    assert isinstance(parts(None, CoreSet())[0], LogisticRegression)


def test_the_model_inside_a_strategy_is_found_however_deep():
    model = GaussianNB()
    strategy = PoolSubsampling(EntropySampling(model))
    assert own_model(strategy) is model
    assert parts(None, strategy)[0] is model
    assert own_model(CoreSet(PCA())) is None
    assert own_model("margin") is None


def test_a_model_is_lent_to_those_that_have_none():
    lent, own = LogisticRegression(), GaussianNB()
    strategy = PoolSubsampling(StochasticBatch(EntropySampling()))
    hand_over(strategy, lent, overwrite=False)
    assert strategy.strategy.strategy.estimator is lent
    given = PoolSubsampling(EntropySampling(own))
    hand_over(given, lent, overwrite=False)
    assert given.strategy.estimator is own
    hand_over(given, lent, overwrite=True)
    assert given.strategy.estimator is lent


def test_the_word_estimator_becomes_the_model():
    model = PCA()
    strategy = CoreSet("estimator")
    hand_over(strategy, model, overwrite=False)
    assert strategy.embedding is model


def test_what_cannot_be_asked_is_refused_at_any_depth():
    for strategy in (EntropySampling(), PoolSubsampling(EntropySampling())):
        with pytest.raises(ValueError, match="predict_proba"):
            check_strategy(strategy, LinearSVC(), overwrite=False)
    check_strategy(EntropySampling(GaussianNB()), LinearSVC(), overwrite=False)
    with pytest.raises(ValueError, match="has no transform"):
        check_strategy(CoreSet("estimator"), LogisticRegression(), overwrite=False)


class NetSampler(MarginSampling):
    """Ask as MarginSampling does; a stand-in for what trains a net of its own."""

    trains_a_net = True

    def _takes_settings_of(self, estimator):
        return self.estimator is None and isinstance(estimator, GaussianNB)


def test_who_trains_a_net_of_its_own_takes_settings_and_nothing_fitted():
    net = GaussianNB(var_smoothing=0.5).fit([[0.0], [1.0]], [0, 1])
    for strategy in (NetSampler(), PoolSubsampling(NetSampler())):
        lend_settings(strategy, net)
        hand_over(strategy, FrozenEstimator(net), overwrite=False)
        lent = getattr(strategy, "strategy", strategy).estimator
        assert lent.var_smoothing == 0.5 and not hasattr(lent, "classes_")
    own = NetSampler(GaussianNB())
    lend_settings(own, net)
    assert own.estimator.var_smoothing == 1e-9
    other = NetSampler()
    lend_settings(other, LogisticRegression())
    assert other.estimator is None


@pytest.mark.parametrize(
    "strategy",
    [
        UncertaintyHerding(estimator=GaussianNB()),
        OutlierFilter(CoreSet(), detector="energy", estimator=GaussianNB()),
        StrategySchedule([("a", CoreSet()), ("b", MarginSampling(GaussianNB()))]),
        StrategySchedule(
            [("a", CoreSet()), ("b", UncertaintyHerding(estimator=GaussianNB()))]
        ),
    ],
    ids=["beside an embedding", "of a detector", "in a step", "both"],
)
def test_a_model_that_was_given_anywhere_predicts_and_is_not_replaced(strategy):
    assert isinstance(parts(None, strategy)[0], GaussianNB)


def test_steps_and_defaults_are_lent_to():
    lent = LogisticRegression()
    strategy = StrategySchedule()
    hand_over(strategy, lent, overwrite=False)
    assert strategy.get_params()["doubt__estimator"] is lent
    strategy = StrategySchedule([("a", CoreSet("estimator")), ("b", EntropySampling())])
    hand_over(PoolSubsampling(strategy), PCA(), overwrite=False)
    assert isinstance(strategy.get_params()["a__embedding"], PCA)
    assert isinstance(strategy.get_params()["b__estimator"], PCA)


def test_a_strategy_of_one_column_is_found_inside_others():
    margin = MarginSampling()
    assert of_one_column(margin) is margin
    assert of_one_column(PoolSubsampling(margin)) is margin
    assert isinstance(of_one_column(TopThenDiverse()), QueryStrategy)
    for strategy in (None, RandomSampling(), CoreSet(), PoolSubsampling(CoreSet())):
        assert of_one_column(strategy) is None


def test_the_default_strategy_for_rows_of_several_labels_needs_no_model():
    forest = RandomForestClassifier()
    assert isinstance(parts(forest, None)[1], MarginSampling)
    assert isinstance(parts(forest, None, in_columns=True)[1], RandomSampling)
    assert parts(forest, MarginSampling(), in_columns=True)[1] is not None
