"""BatchOfScores: whose scores, and of which model."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.naive_bayes import GaussianNB

from skactive import ActiveLearner, QueryStrategy
from skactive.compose import StochasticBatch, TopThenDiverse
from skactive.diversity import CoreSet
from skactive.uncertainty import EntropySampling

BOTH = [StochasticBatch, TopThenDiverse]


@pytest.fixture
def data():
    X, y = make_classification(150, 5, random_state=0)
    return X[:40], y[:40], X[40:]


class Nearest(QueryStrategy):
    """Scores without being a ScoreStrategy."""

    def score_samples(self, X):
        return -np.abs(np.asarray(X)[:, 0])

    def _query(self, n):
        return np.arange(n)


@pytest.mark.parametrize("cls", BOTH)
def test_whatever_has_score_samples_gives_the_scores(cls, data):
    strategy = cls(Nearest(), random_state=0).fit(*data)
    assert_array_equal(strategy._scores(), -np.abs(data[2][:, 0]))
    assert len(set(strategy.query(5))) == 5


@pytest.mark.parametrize("cls", BOTH)
def test_what_gives_no_scores_is_refused(cls, data):
    with pytest.raises(ValueError, match="strategy' parameter of"):
        cls(CoreSet()).fit(*data)


@pytest.mark.parametrize("given", [None, EntropySampling()], ids=["None", "entropy"])
@pytest.mark.parametrize("cls", BOTH)
def test_the_model_of_the_learner_is_asked(cls, given, data):
    X, y, _ = data
    learner = ActiveLearner(GaussianNB(), cls(given), budget=5, random_state=0)
    learner.fit(X, y)
    asked = learner.strategy_.strategy_.estimator_.estimator
    assert asked is learner.estimators_[-2]


@pytest.mark.parametrize("cls", BOTH)
def test_a_model_of_its_own_is_kept_and_sees_the_weights(cls, data):
    X, y, _ = data
    w = np.where(y == 0, 1e-9, 1.0)
    own = cls(EntropySampling(GaussianNB()))
    learner = ActiveLearner(strategy=own, estimator=GaussianNB(), budget=5)
    learner.set_params(random_state=0).fit(X, y, sample_weight=w)
    inner = learner.strategy_.strategy_
    assert (inner.estimator_.predict(X) != 0).all()
    assert "_fit_params" not in vars(inner)


@pytest.mark.parametrize("cls", BOTH)
def test_the_pool_is_dropped_inside_too(cls, data):
    strategy = cls(EntropySampling(GaussianNB())).fit(*data)
    strategy._drop_pool()
    assert strategy._X_pool is None and strategy.strategy_._X_pool is None


@pytest.mark.parametrize("cls", BOTH)
def test_with_nothing_labeled_a_strategy_that_can_is_asked(cls, data):
    strategy = cls(Nearest(), random_state=0).fit(data[2])
    assert len(set(strategy.query(5))) == 5
    assert strategy.strategy_.n_pool_ == len(data[2])
