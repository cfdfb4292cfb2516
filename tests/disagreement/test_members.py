"""One rule for committees: what each strategy of this folder accepts, and hears."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.disagreement import (
    BALD,
    EPIG,
    BatchBALD,
    PowerBALD,
    QueryByCommittee,
    kl_to_consensus,
    vote_entropy,
)

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
    nn = pytest.importorskip("torch.nn")
    nets = pytest.importorskip("skactive.nets")
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
