"""StochasticBatch: the strategy scores, the rule draws."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from skactive import ActiveLearner
from skactive.compose import StochasticBatch
from skactive.disagreement import BALD, PowerBALD
from skactive.diversity import CoreSet
from skactive.selection import power_sample, softmax_sample
from skactive.uncertainty import EntropySampling, MarginSampling


@pytest.fixture
def data():
    X, y = make_classification(150, 5, random_state=0)
    return X[:40], y[:40], X[40:]


def test_infinite_beta_asks_as_the_strategy_does(data):
    X, y, X_pool = data
    batch = StochasticBatch(MarginSampling(GaussianNB()), beta=np.inf, random_state=0)
    batch.fit(X, y, X_pool)
    expected = MarginSampling(GaussianNB()).fit(X, y, X_pool)
    assert_array_equal(batch.query(9), expected.query(9))
    assert_array_equal(batch.strategy_.score_samples(X), expected.score_samples(X))


def test_a_batch_is_drawn_from_the_scores(data):
    batch = StochasticBatch(
        EntropySampling(GaussianNB()), sample=softmax_sample, beta=3.0, random_state=0
    ).fit(*data)
    rng = np.random.RandomState(batch._query_seed)
    scores = batch.strategy_.score_samples(data[2])
    expected = softmax_sample(scores, 9, beta=3.0, random_state=rng)
    assert_array_equal(batch.query(9), expected)
    assert set(expected) != set(np.argsort(-scores)[:9])


def test_bald_drawn_by_power_is_power_bald(data):
    # The law is the same; the seeds of the committees are not.
    forest = RandomForestClassifier(5, random_state=0, max_depth=3)
    batch = StochasticBatch(BALD(forest), sample=power_sample, random_state=None)
    batch.fit(*data)
    power = PowerBALD(forest).fit(*data)
    power._query_seed = batch._query_seed
    assert_array_equal(batch.query(20), power.query(20))


def test_the_learner_lends_its_model_to_the_inner_strategy(data):
    X, y, _ = data
    batch = StochasticBatch(EntropySampling())
    learner = ActiveLearner(GaussianNB(), batch, n_initial=10, budget=5, random_state=0)
    learner.fit(X, y)
    inner = learner.strategy_.strategy_.estimator_
    assert isinstance(inner.estimator, GaussianNB)
    assert len(set(learner.queried_indices_.tolist())) == 15


def test_its_settings_are_searched_through_the_learner(data):
    X, y, _ = data
    learner = ActiveLearner(
        GaussianNB(), StochasticBatch(EntropySampling()), budget=5, random_state=0
    )
    search = GridSearchCV(learner, {"strategy__beta": [1.0, np.inf]}, cv=2).fit(X, y)
    assert search.best_params_["strategy__beta"] in (1.0, np.inf)


def test_bad_input_is_refused(data):
    with pytest.raises(ValueError, match="strategy' parameter of"):
        StochasticBatch(CoreSet()).fit(*data)
    with pytest.raises(TypeError, match="sample' parameter of"):
        StochasticBatch(sample="power").fit(*data)
    with pytest.raises(ValueError, match="'beta' parameter of"):
        StochasticBatch(beta=-1.0).fit(*data)
