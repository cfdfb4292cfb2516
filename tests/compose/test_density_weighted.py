"""DensityWeighted: scores times mean cosines, for any scores."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import MinMaxScaler

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.compose import DensityWeighted, OutlierFilter, StochasticBatch
from skactive.disagreement import QueryByCommittee
from skactive.diversity import CoreSet
from skactive.exceptions import UnsuitedWarning
from skactive.testing import parametrize_with_checks
from skactive.uncertainty import (
    EntropySampling,
    InformationDensity,
    MarginSampling,
    entropy,
)

RNG = np.random.RandomState(0)
ALL = RNG.gamma(1.0, size=(90, 5))
LABELS = (ALL[:, 0] > ALL[:, 1]).astype(int)
DATA = X, Y, POOL = ALL[:30], LABELS[:30], ALL[30:]


@parametrize_with_checks([DensityWeighted(by_rank=True)])
def test_contract_of_ranks(strategy, check):
    check(strategy)


class FirstColumn(ScoreStrategy):
    """Ask for what is large in the first column; scores may be below zero."""

    def score_samples(self, X):
        return np.asarray(X)[:, 0] - 1


@pytest.mark.parametrize("beta", [0, 0.5, 1.0, 3])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_scores_are_products(beta, kind):
    inner = MarginSampling(LogisticRegression())
    strategy = DensityWeighted(inner, beta=beta).fit(kind(X), Y, kind(POOL))
    density = cosine_similarity(POOL).mean(axis=1)
    expected = inner.fit(X, Y, POOL).score_samples(POOL) * density**beta
    scores = strategy.score_samples(kind(POOL))
    assert_allclose(scores, expected, rtol=1e-6)
    assert_array_equal(strategy.query(60), np.argsort(-scores))


def test_of_entropy_it_is_information_density():
    ours = DensityWeighted(EntropySampling(LogisticRegression()), random_state=0)
    theirs = InformationDensity(
        LogisticRegression(), uncertainty=entropy, random_state=0
    )
    assert_allclose(
        ours.fit(*DATA).score_samples(POOL), theirs.fit(*DATA).score_samples(POOL)
    )
    assert_array_equal(ours.query(60), theirs.query(60))


@pytest.mark.parametrize("cls", [InformationDensity, DensityWeighted])
def test_a_pool_that_points_everywhere_is_warned_of(cls):
    rng = np.random.RandomState(0)
    X, X_pool = np.split(rng.standard_normal((70, 4)), [10])
    y = np.arange(10) % 2
    with pytest.warns(UnsuitedWarning, match="all directions.*MinMaxScaler") as said:
        cls().fit(X, y, X_pool)
        cls().fit(X, y, 9 * X_pool)
    assert len({str(each.message) for each in said}) == 1
    assert {each.filename for each in said} == {__file__}
    learner = ActiveLearner(strategy=cls(), n_initial=10, budget=4, batch_size=2)
    with pytest.warns(UnsuitedWarning):
        learner.fit(X_pool, np.arange(60) % 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cls(beta=0).fit(X, y, X_pool)
        cls(embedding=MinMaxScaler()).fit(X, y, X_pool)
        cls().fit(X, y, X_pool + 5)
        cls().fit(X, y)  # without a pool nothing is asked


def test_an_isolated_sample_of_equal_entropy_comes_later():
    """The model does not look at the third column; there one sample is alone."""
    model = LogisticRegression().fit([[1.0, 0, 0], [0, 1, 0]], [0, 1])
    pool = np.array([[1.0, 1, 0], [1, 1, 3], [1, 1.5, 3], [1.5, 1, 3], [1, 0, 4]])
    inner = EntropySampling(FrozenEstimator(model))
    entropies = inner.fit(X[:, :3], Y, pool).score_samples(pool)
    assert entropies[0] == entropies[1] == entropies.max()
    asked = DensityWeighted(inner).fit(X[:, :3], Y, pool).query(5).tolist()
    assert asked.index(1) < asked.index(0)


def test_scores_below_zero_need_ranks():
    strategy = DensityWeighted(FirstColumn())
    with pytest.raises(ValueError, match="FirstColumn.* below 0, .* by_rank=True"):
        strategy.fit(*DATA).query(1)
    with pytest.raises(ValueError, match="by_rank=True"):
        strategy.score_samples(POOL[POOL[:, 0] < 1])
    strategy = DensityWeighted(FirstColumn(), by_rank=True).fit(*DATA)
    shares = (np.argsort(np.argsort(POOL[:, 0])) + 0.5) / 60
    expected = shares * cosine_similarity(POOL).mean(axis=1)
    assert_allclose(strategy.score_samples(POOL), expected)
    assert_array_equal(strategy.query(60), np.argsort(-expected))
    assert_allclose(strategy.score_samples(POOL[:7]), expected[:7])


def test_without_a_pool_there_are_no_ranks():
    strategy = DensityWeighted(EntropySampling()).fit(X, Y)
    density = cosine_similarity(X).mean(axis=1)
    expected = EntropySampling().fit(X, Y).score_samples(X) * density
    assert_allclose(strategy.score_samples(X), expected)
    with pytest.raises(ValueError, match="pass X_pool to fit, or by_rank=False"):
        strategy.set_params(by_rank=True).fit(X, Y).score_samples(X)


@pytest.mark.parametrize(
    "strategy",
    [
        DensityWeighted(),
        DensityWeighted(QueryByCommittee(n_members=2)),
        StochasticBatch(DensityWeighted()),
        OutlierFilter(DensityWeighted()),
    ],
    ids=["default", "committee", "drawn", "filtered"],
)
def test_in_a_learner(strategy):
    learner = ActiveLearner(GaussianNB(), strategy, n_initial=6, budget=12)
    learner.set_params(random_state=0).fit(ALL, LABELS)
    assert len(set(learner.queried_indices_.tolist())) == 18


def test_its_settings_are_searched_through_the_learner():
    learner = ActiveLearner(GaussianNB(), DensityWeighted(), budget=5, random_state=0)
    grid = {"strategy__beta": [0, 2], "strategy__by_rank": [False, True]}
    search = GridSearchCV(learner, grid, cv=2).fit(ALL, LABELS)
    assert set(search.best_params_) == set(grid)


def test_what_has_no_scores_is_refused():
    with pytest.raises(TypeError, match="strategy' parameter of DensityWeighted"):
        DensityWeighted(CoreSet()).fit(*DATA)
    with pytest.raises(ValueError, match="beta' parameter of DensityWeighted"):
        DensityWeighted(beta=-1).fit(*DATA)
