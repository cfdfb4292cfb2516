"""BALD and PowerBALD: vectors by hand, and committees of all kinds."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.compose import StochasticBatch
from skactive.disagreement import (
    BALD,
    EPIG,
    BatchBALD,
    PowerBALD,
    QueryByCommittee,
    kl_to_consensus,
    vote_entropy,
)
from skactive.exceptions import TopBatchWarning

# Three members judge three samples.
FIRST = np.array([[0.9, 0.5, 0.8], [0.1, 0.5, 0.2], [0.5, 0.5, 0.6]])
C1 = np.stack([FIRST, 1 - FIRST], axis=2)
SCORES = [0.245376138, 0, 0.132984471]
ALL = pytest.mark.parametrize("cls", [BALD, PowerBALD, BatchBALD, EPIG])


class TalkingCommittee(GaussianNB):
    """Speaks for three members, whose beliefs are looked up by the first feature."""

    def predict_proba_members(self, X):
        return C1[:, np.asarray(X)[:, 0].astype(int)]


X_LABELED, Y_LABELED = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
X_POOL = np.array([[0.0], [1.0], [2.0]])


@pytest.fixture
def data():
    X, y = make_classification(
        120, 6, n_informative=4, n_redundant=0, n_classes=3, random_state=0
    )
    return X[:40], y[:40], X[40:]


def test_scores_worked_out_by_hand():
    strategy = BALD(TalkingCommittee()).fit(X_LABELED, Y_LABELED, X_POOL)
    assert_allclose(strategy.score_samples(X_POOL), SCORES, atol=5e-10)
    assert_array_equal(strategy.query(3), [0, 2, 1])


def test_a_committee_at_the_end_of_a_pipeline_sees_transformed_samples():
    plus_one = StandardScaler().fit([[0.0], [2.0]])  # takes 1 away
    model = make_pipeline(FrozenEstimator(plus_one), TalkingCommittee())
    strategy = BALD(model).fit(X_LABELED, Y_LABELED, X_POOL + 1)
    assert_allclose(strategy.score_samples(X_POOL + 1), SCORES, atol=5e-10)


def test_bald_is_the_divergence_from_the_consensus(data):
    X, y, X_pool = data
    for model in (RandomForestClassifier(7), LogisticRegression()):
        committee = QueryByCommittee(
            model, n_members=5, disagreement=kl_to_consensus, random_state=0
        ).fit(X, y, X_pool)
        strategy = BALD(model, n_members=5, random_state=0).fit(X, y, X_pool)
        scores = strategy.score_samples(X_pool)
        assert_array_equal(scores, committee.score_samples(X_pool))
        assert scores.min() >= 0
        assert scores.max() <= np.log(3)


def test_power_bald_draws_in_proportion_to_the_scores():
    counts = np.zeros(3)
    for seed in range(300):
        strategy = PowerBALD(TalkingCommittee(), random_state=seed)
        strategy.fit(X_LABELED, Y_LABELED, X_POOL)
        picks = strategy.query(3)
        assert picks[2] == 1  # no member doubts the others here
        counts[picks[0]] += 1
    share = SCORES[0] / sum(SCORES)
    assert abs(counts[0] / 300 - share) < 4 * np.sqrt(share * (1 - share) / 300)


def test_a_large_beta_is_bald():
    strategy = PowerBALD(TalkingCommittee(), beta=np.inf, random_state=0)
    assert_array_equal(strategy.fit(X_LABELED, Y_LABELED, X_POOL).query(3), [0, 2, 1])


@ALL
def test_sparse_pools_and_memory_maps_give_the_same_answer(cls, data, tmp_path):
    X, y, X_pool = data
    np.save(tmp_path / "pool.npy", X_pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    model = RandomForestClassifier(7, max_depth=3)
    expected = cls(model, random_state=0).fit(X, y, X_pool).query(9)
    strategy = cls(model, random_state=0).fit(X, y, mapped)
    assert_array_equal(strategy.query(9), expected)
    strategy = cls(model, random_state=0)
    strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    assert_array_equal(strategy.query(9), expected)


@ALL
def test_members_that_agree_leave_everything_to_chance(cls):
    X = np.zeros((6, 2))
    firsts = set()
    for seed in range(12):
        strategy = cls(RandomForestClassifier(4), random_state=seed)
        picks = strategy.fit(X, [0, 0, 0, 1, 1, 1], np.zeros((9, 2))).query(9)
        assert_array_equal(np.sort(picks), np.arange(9))
        firsts.add(picks[0])
    assert len(firsts) > 3


@ALL
def test_the_learner_lends_its_model(cls, data):
    X, y, _ = data
    learner = ActiveLearner(
        RandomForestClassifier(5), cls(), n_initial=10, budget=6, random_state=0
    ).fit(X, y)
    forest = learner.strategy_.estimator_.estimators_
    assert learner.strategy_.members_[0] is forest[0]
    assert len(set(learner.queried_indices_.tolist())) == 16


@ALL
def test_what_cannot_be_a_committee_is_refused(cls, data):
    X, y, X_pool = data
    with pytest.raises(ValueError, match="needs a classifier"):
        cls(Ridge()).fit(X, y, X_pool)
    with pytest.raises(ValueError, match=f"{cls.__name__} needs members with predict"):
        cls(Perceptron()).fit(X, y, X_pool)
    frozen = FrozenEstimator(LogisticRegression().fit(X, y))
    with pytest.raises(ValueError, match="copies of it would all be the same"):
        cls(make_pipeline(StandardScaler(), frozen)).fit(X, y, X_pool)
    with pytest.raises(ValueError, match="n_members' parameter of"):
        cls(n_members=1).fit(X, y, X_pool)
    with pytest.raises(TypeError, match="n_members' parameter of"):
        cls(n_members=2.5).fit(X, y, X_pool)


def test_a_power_of_zero_is_refused(data):
    X, y, X_pool = data
    strategy = PowerBALD(RandomForestClassifier(3), beta=0)
    with pytest.raises(ValueError, match="'beta' parameter of"):
        strategy.fit(X, y, X_pool)


BALD_BY_COMMITTEE = QueryByCommittee(disagreement=kl_to_consensus)


def name(strategy):
    return type(strategy).__name__


@pytest.mark.parametrize("strategy", [BALD(), EPIG(), BALD_BY_COMMITTEE], ids=name)
def test_the_best_scores_are_a_batch_to_be_warned_of(strategy, data):
    strategy.set_params(random_state=0).fit(*data)
    with pytest.warns(TopBatchWarning, match="batches take .*StochasticBatch") as said:
        strategy.query(2)
        strategy.query(3)
    # Python shows a message once per place: it must not hold what differs by round.
    assert str(said[0].message) == str(said[1].message)
    assert {each.filename for each in said} == {__file__}
    learner = ActiveLearner(strategy=strategy, n_initial=20, budget=4, batch_size=4)
    with pytest.warns(TopBatchWarning):
        learner.fit(data[0], data[1])


@pytest.mark.filterwarnings("error")
def test_no_warning_where_nothing_better_could_be_done(data):
    for strategy in (BALD(), EPIG(), BALD_BY_COMMITTEE):
        strategy.set_params(random_state=0).fit(*data).query(1)
        strategy.query(len(data[2]))  # all of the pool: nothing was chosen
    others = [PowerBALD(), BatchBALD(), StochasticBatch(BALD())]
    for strategy in [*others, QueryByCommittee(disagreement=vote_entropy)]:
        strategy.set_params(random_state=0).fit(*data).query(4)
