"""One rule for committees: what each strategy of this folder accepts, and hears."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingRegressor,
    RandomForestRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skactive import ActiveLearner
from skactive.disagreement import (
    BALD,
    EPIG,
    BatchBALD,
    PowerBALD,
    QueryByCommittee,
    kl_to_consensus,
    prediction_variance,
    vote_entropy,
)
from skactive.exceptions import TopBatchWarning

STRATEGIES = [QueryByCommittee, BALD, PowerBALD, BatchBALD, EPIG]
ALL = pytest.mark.parametrize("cls", STRATEGIES)
NAMES = np.array(["ant", "bee", "cow"])


class TalkingCommittee(GaussianNB):
    """Speaks for three members, the answer of each worked out from one model."""

    def predict_proba_members(self, X):
        proba = self.predict_proba(X)
        flat = np.full_like(proba, 1 / proba.shape[1])
        return np.stack([proba, flat, proba[:, ::-1]])


@pytest.fixture(params=["0, 1, 2", "5, 10, 15", "names"])
def data(request):
    X, y = make_classification(
        90, 5, n_informative=4, n_redundant=0, n_classes=3, random_state=0
    )
    y = {"0, 1, 2": y, "5, 10, 15": 5 * y + 5, "names": NAMES[y]}[request.param]
    return X[:40], y[:40], X[40:]


@ALL
def test_a_model_that_speaks_for_members_is_heard_at_once(cls, data):
    X, y, X_pool = data
    scaled = make_pipeline(StandardScaler(), TalkingCommittee()).fit(X, y)
    Z = scaled[0].transform(X_pool)
    cases = (TalkingCommittee(), X_pool), (scaled, Z), (FrozenEstimator(scaled), Z)
    for model, seen in cases:
        strategy = cls(model, random_state=0).fit(X, y, X_pool)
        (member,) = strategy.members_
        expected = member.predict_proba_members(seen)
        assert_allclose(strategy._committee.predict_proba(X_pool), expected)
        assert len(set(strategy.query(50).tolist())) == 50


def test_measures_are_taken_of_what_it_says(data):
    X, y, X_pool = data
    proba = TalkingCommittee().fit(X, y).predict_proba_members(X_pool)
    for measure in (vote_entropy, kl_to_consensus):
        strategy = QueryByCommittee(TalkingCommittee(), disagreement=measure)
        scores = strategy.fit(X, y, X_pool).score_samples(X_pool)
        assert_array_equal(scores, measure(proba))


@pytest.mark.deep
@ALL
def test_a_net_with_dropout_is_a_committee(cls, data):
    from torch import nn

    from skactive import nets

    X, y, X_pool = data
    X, X_pool = X.astype(np.float32), X_pool.astype(np.float32)
    module = nn.Sequential(
        nn.Linear(5, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3)
    )
    net = nets.NetClassifier(module, max_epochs=1)
    committee = nets.DropoutCommittee(net, n_members=4)
    strategy = cls(committee, random_state=0).fit(X, y, X_pool)
    expected = strategy.estimator_.predict_proba_members(X_pool)
    assert expected.shape == (4, 50, 3)
    assert_array_equal(strategy._committee.predict_proba(X_pool), expected)
    assert_array_equal(strategy.query(7), strategy.query(7))


@ALL
def test_models_fitted_elsewhere_are_a_committee(cls, data):
    X, y, X_pool = data
    models = [
        LogisticRegression().fit(X, y),
        GaussianNB().fit(X[10:], y[10:]),
        make_pipeline(StandardScaler(), GaussianNB()).fit(X, y),
    ]
    expected = [model.predict_proba(X_pool) for model in models]
    scaler = FrozenEstimator(models[2][0])
    frozen = [FrozenEstimator(model) for model in models[:2]]
    frozen.append(make_pipeline(scaler, FrozenEstimator(models[2][1])))
    voting = VotingClassifier([(str(i), model) for i, model in enumerate(frozen)])
    for model in (voting, FrozenEstimator(voting.fit(X, y))):
        strategy = cls(model, random_state=0).fit(X, y, X_pool)
        assert_allclose(strategy._committee.predict_proba(X_pool), expected)
        assert len(set(strategy.query(50).tolist())) == 50


def test_models_fitted_elsewhere_may_vote(data):
    X, y, X_pool = data
    models = [LogisticRegression().fit(X, y), GaussianNB().fit(X, y)]
    voting = VotingClassifier(
        [(str(i), FrozenEstimator(m)) for i, m in enumerate(models)]
    )
    strategy = QueryByCommittee(voting).fit(X, y, X_pool)
    votes = strategy._committee.votes(X_pool)
    for vote, model in zip(votes, models):
        assert_array_equal(model.classes_[vote.argmax(axis=1)], model.predict(X_pool))


def test_a_class_that_no_label_shows_is_refused(data):
    X, y, X_pool = data
    seen = y != y[0]
    model = FrozenEstimator(GaussianNB().fit(X, y))
    voting = VotingClassifier([("a", model), ("b", LogisticRegression())])
    with pytest.raises(ValueError, match="must be among the labeled samples"):
        BALD(voting).fit(X[seen], y[seen], X_pool)


@ALL
@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_of_models_is_refused_with_a_way_out(cls, kind, data):
    models = kind([LogisticRegression(), GaussianNB()])
    with pytest.raises(TypeError, match=r"(?s)not a (list|tuple).*VotingClassifier"):
        cls(models).fit(*data)


# ------------------------------------------------------------- numbers

REGRESSORS = {
    "forest": RandomForestRegressor(6),
    "bagging": make_pipeline(StandardScaler(), BaggingRegressor(Ridge(), 6)),
    "copies": DecisionTreeRegressor(max_depth=3),
    "voting": VotingRegressor([("a", Ridge()), ("b", KNeighborsRegressor(3))]),
}
EVERY = pytest.mark.parametrize("name", REGRESSORS)


def table(n=30, n_pool=50):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n + n_pool, 4))
    return X[:n], X[:n, 0] + np.sin(3 * X[:n, 1]), X[n:]


@EVERY
def test_regressors_are_compared_by_their_variance(name):
    X, y, X_pool = table()
    strategy = QueryByCommittee(REGRESSORS[name], n_members=6, random_state=0)
    scores = strategy.fit(X, y, X_pool).score_samples(X_pool)
    F = strategy._committee.predict(X_pool)
    assert F.shape == (len(strategy.members_), 50)
    assert_allclose(scores, F.var(axis=0))
    assert (scores > 0).any()
    assert strategy.query(1)[0] in np.flatnonzero(scores == scores.max())
    named = QueryByCommittee(
        REGRESSORS[name], n_members=6, disagreement=prediction_variance, random_state=0
    )
    assert_array_equal(named.fit(X, y, X_pool).score_samples(X_pool), scores)


@EVERY
def test_a_regressor_is_asked_in_a_learner(name):
    X, y, _ = table()
    strategy = QueryByCommittee()
    learner = ActiveLearner(
        REGRESSORS[name], strategy, n_initial=6, budget=6, random_state=0
    )
    learner.fit(X, y)
    again = pickle.loads(pickle.dumps(clone(learner).fit(X, y)))
    assert_array_equal(learner.queried_indices_, again.queried_indices_)


def test_a_batch_of_the_largest_variances_comes_with_advice():
    strategy = QueryByCommittee(REGRESSORS["forest"], random_state=0).fit(*table())
    with pytest.warns(TopBatchWarning, match="BatchVariance"):
        strategy.query(3)


def test_units_of_outputs_do_not_matter():
    X, y, X_pool = table()
    Y = np.c_[y, 1e6 * X[:, 2], np.ones(30)]
    strategy = QueryByCommittee(BaggingRegressor(Ridge(1e-9), 6), random_state=0)
    scores = strategy.fit(X, Y, X_pool).score_samples(X_pool)
    assert_allclose(
        strategy.fit(X, Y * [1, 1e-6, 1], X_pool).score_samples(X_pool), scores
    )
    F = strategy._committee.predict(X_pool) / [y.std(), X[:, 2].std(), 1]
    assert_allclose(scores, F.var(axis=0).sum(axis=1), atol=1e-12)


@EVERY
def test_one_value_leaves_it_to_chance_with_one_warning(name):
    X, _, X_pool = table()
    strategy = QueryByCommittee(REGRESSORS[name], random_state=0)
    strategy.fit(X, np.full(30, 0.3), X_pool)
    with pytest.warns(UserWarning, match="picked at random") as caught:
        strategy.query(1)
    assert len(caught) == 1
    with pytest.warns(UserWarning, match="picked at random"):
        strategy.query(1, exclude=[3, 4])


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_numbers_that_are_not_finite_are_refused(bad):
    X, y, X_pool = table()
    model = FrozenEstimator(REGRESSORS["forest"].fit(X, y))
    for labels in (np.r_[y[:-1], bad], np.c_[y, np.r_[y[:-1], bad]]):
        with pytest.raises(ValueError, match="NaN|infinite|missing"):
            QueryByCommittee(model).fit(X, labels, X_pool)


def test_a_strategy_serves_classes_after_numbers():
    X, y, X_pool = table()
    strategy = QueryByCommittee(Ridge(), random_state=0).fit(X, y, X_pool)
    strategy.set_params(estimator=Perceptron()).fit(X, y > 0, X_pool)
    fresh = QueryByCommittee(Perceptron(), random_state=0).fit(X, y > 0, X_pool)
    assert_array_equal(strategy.query(5), fresh.query(5))


def test_the_default_measure_of_classes_is_the_vote():
    X, y, X_pool = table()
    named = QueryByCommittee(disagreement=vote_entropy, random_state=0)
    picks = QueryByCommittee(random_state=0).fit(X, y > 0, X_pool).query(9)
    assert_array_equal(named.fit(X, y > 0, X_pool).query(9), picks)


@pytest.mark.parametrize("cls", [BALD, PowerBALD, BatchBALD, EPIG])
def test_the_others_refuse_regressors_and_say_what_serves(cls):
    with pytest.raises(ValueError, match=f"{cls.__name__} needs a classifier.*serve"):
        cls(Ridge()).fit(*table())
