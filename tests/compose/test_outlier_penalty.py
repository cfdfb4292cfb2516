"""OutlierPenalty: rank of the score less rank of the outlyingness."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import rankdata
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.compose import OutlierPenalty
from skactive.diversity import CoreSet
from skactive.uncertainty import EntropySampling, MarginSampling

RNG = np.random.RandomState(0)
X = RNG.standard_normal((20, 3))
Y = (X[:, 0] > 0).astype(int)
POOL = RNG.standard_normal((50, 3))


class FirstColumn(ScoreStrategy):
    """Ask for what is large in the first column."""

    def score_samples(self, X):
        return np.asarray(X)[:, 0]


def test_by_hand():
    """Scores 3, 2, 1, 0; on a line at 100, 1, 0, 2, so that the first is far out."""
    pool = np.array([[3.0, 100], [2, 1], [1, 0], [0, 2]])
    strategy = OutlierPenalty(
        FirstColumn(), weight=1, n_neighbors=1, standardize=False, embedding=None
    ).fit(np.array([[0.0, 1.5], [1, 1.5]]), [0, 1], pool)
    # Ranks of the scores: 4, 3, 2, 1. Nearest neighbors are at 98.04, 1.12, 1.41, .5.
    assert_array_equal(rankdata(strategy.outlier_scores_), [4, 2, 3, 1])
    assert strategy.query(4)[0] == 1  # 3 - 2; the others have 0, -1 and 0
    assert strategy.query(4)[-1] == 2


@pytest.mark.parametrize("weight", [0, 0.5, 1, 3])
def test_it_is_the_difference_of_ranks(weight):
    strategy = OutlierPenalty(FirstColumn(), weight=weight).fit(X, Y, POOL)
    ranks = rankdata(POOL[:, 0]) - weight * rankdata(strategy.outlier_scores_)
    asked = strategy.query(50)
    assert (np.diff(ranks[asked]) <= 1e-9).all()
    if weight == 0:
        assert_array_equal(asked, FirstColumn().fit(X, Y, POOL).query(50))


def test_scores_of_any_sign_and_scale_are_alike():
    class Monotone(FirstColumn):
        def score_samples(self, X):
            return np.exp(9 * np.asarray(X)[:, 0])

    plain = OutlierPenalty(FirstColumn(), random_state=0).fit(X, Y, POOL)
    other = OutlierPenalty(Monotone(), random_state=0).fit(X, Y, POOL)
    assert_array_equal(plain.query(50), other.query(50))


def test_an_outlier_with_the_best_score_is_pushed_back():
    X0 = X * [1, 0, 0]  # the model knows nothing of the other columns
    model = LogisticRegression().fit(X0, Y)
    pool = POOL.copy()
    pool[9] = [-model.intercept_[0] / model.coef_[0, 0], 60, 60]
    scores = EntropySampling(LogisticRegression())
    assert scores.fit(X0, Y, pool).query(1) == [9]
    strategy = OutlierPenalty(scores).fit(X0, Y, pool)
    assert strategy.outlier_scores_.argmax() == 9
    assert strategy.query(50).tolist().index(9) > 20


def test_in_a_learner_and_a_search():
    strategy = OutlierPenalty(detector=IsolationForest(n_estimators=5))
    learner = ActiveLearner(GaussianNB(), strategy, n_initial=6, budget=6)
    grid = {"strategy__weight": [0, 1], "strategy__detector__n_estimators": [3, 5]}
    search = GridSearchCV(learner.set_params(random_state=0), grid, cv=2)
    search.fit(POOL, POOL[:, 0] > 0)
    assert set(search.best_params_) == set(grid)
    inner = search.best_estimator_.strategy_.strategy_
    assert isinstance(inner.estimator_.estimator, GaussianNB)


def test_positions_within_are_kept():
    strategy = OutlierPenalty(MarginSampling()).fit(X, Y, POOL)
    ranked = strategy.query(50)
    among = np.array([1, 5, 9, 13])
    expected = ranked[np.isin(ranked, among)][:3]
    assert_array_equal(strategy.query(3, among=among), expected)
    assert not np.isin(strategy.query(5, exclude=ranked[:5]), ranked[:5]).any()


def test_what_has_no_scores_is_refused():
    with pytest.raises(TypeError, match="strategy' parameter of OutlierPenalty"):
        OutlierPenalty(CoreSet()).fit(X, Y, POOL)
    with pytest.raises(ValueError, match="weight' parameter of OutlierPenalty"):
        OutlierPenalty(weight=-1).fit(X, Y, POOL)
