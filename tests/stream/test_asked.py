"""Which models, strategies and gates serve a stream, and what is said of others."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from skactive.compose import DensityWeighted
from skactive.disagreement import QueryByCommittee
from skactive.diversity import CoreSet, RandomSampling
from skactive.stream import (
    PeriodicGate,
    QuantileGate,
    RandomGate,
    StreamLearner,
    VariableGate,
)
from skactive.stream._asked import lent, parts, scoring_strategies
from skactive.testing import all_strategies
from skactive.uncertainty import EntropySampling, MarginSampling

RNG = np.random.RandomState(0)
X, Y = RNG.standard_normal((60, 3)), np.arange(60) % 2


def test_defaults():
    model, strategy, gate = parts(None, None, None)
    assert isinstance(model, LogisticRegression)
    assert isinstance(strategy, MarginSampling) and isinstance(gate, QuantileGate)
    model, strategy, gate = parts(Ridge(), None, None)
    assert strategy is None and isinstance(gate, RandomGate)
    assert parts(None, None, RandomGate())[1] is None
    assert isinstance(parts(None, EntropySampling(GaussianNB()), None)[0], GaussianNB)


def test_the_names_are_those_of_all_strategies_that_score():
    names = scoring_strategies().split(", ")
    found = [
        s.__name__ for s in all_strategies(numbers=True) if hasattr(s, "score_samples")
    ]
    assert set(names) == set(found)
    assert "MarginSampling" in names and "CoreSet" not in names


@pytest.mark.parametrize(
    "learner, words",
    [
        (StreamLearner(strategy=CoreSet()), "CoreSet compares.*Take one of.*BALD"),
        (StreamLearner(strategy=RandomSampling()), "no score_samples.*MarginSampling"),
        (StreamLearner(Ridge(), gate=QuantileGate()), "no strategy that gives.*Random"),
        (StreamLearner(Ridge(), MarginSampling()), "needs a classifier|predict_proba"),
        (StreamLearner(LinearSVC(), MarginSampling()), "predict_proba"),
        (StreamLearner(KMeans()), "a clusterer"),
        (StreamLearner(PCA()), "fit.*predict"),
        (StreamLearner(strategy="margin"), "must be a strategy"),
        (StreamLearner(strategy=MarginSampling), "MarginSampling"),
        (StreamLearner(gate=QuantileGate), "QuantileGate"),
        (StreamLearner(gate=0.1), "'gate' parameter"),
        (StreamLearner(gate=QuantileGate(2)), "'budget' parameter of QuantileGate"),
        (StreamLearner(n_initial=0), "'n_initial' parameter"),
        (StreamLearner(refit_every=0), "'refit_every' parameter"),
        (StreamLearner(max_labeled=0), "'max_labeled' parameter"),
        (StreamLearner(incremental="yes"), "'incremental' parameter"),
        (StreamLearner(incremental=True), "incremental=True needs.*partial_fit"),
        (StreamLearner(DensityWeighted()), "fit.*predict|no strategy"),
    ],
    ids=lambda value: None if isinstance(value, str) else repr(value)[:60],
)
def test_what_cannot_serve_is_refused_before_anything_is_asked(learner, words):
    for begin in (
        lambda: learner.fit(X, Y),
        lambda: learner.decide(X[:1]),
        lambda: learner.teach(X[:1], Y[:1]),
    ):
        with pytest.raises((ValueError, TypeError), match=f"(?s){words}"):
            begin()
        assert not hasattr(learner, "gate_") and not hasattr(learner, "n_seen_")


def test_step_by_step_needs_all_classes():
    learner = StreamLearner(GaussianNB(), incremental=True)
    with pytest.raises(ValueError, match="incremental=True needs classes="):
        learner.decide(X[:1])
    assert StreamLearner(GaussianNB(), incremental=True, classes=[0, 1]).decide(X[:1])


@pytest.mark.parametrize("gate", [RandomGate(), PeriodicGate()], ids=repr)
def test_a_blind_gate_asks_no_strategy(gate):
    """A model without probabilities will do then."""
    learner = StreamLearner(LinearSVC(), gate=gate, random_state=0).fit(X, Y)
    assert learner.asked_.sum() >= 24
    assert not hasattr(learner, "strategy_") and not hasattr(learner, "score_samples")


def test_a_strategy_is_lent_the_model_of_the_learner():
    model = LogisticRegression().fit(X, Y)
    strategy = lent(QueryByCommittee(n_members=3), model, False, X, Y, 0)
    assert isinstance(strategy.estimator_, FrozenEstimator)
    assert strategy.estimator_.estimator is model
    own = lent(EntropySampling(GaussianNB()), model, False, X, Y, 0)
    assert isinstance(own.estimator_, GaussianNB)
    taken = lent(EntropySampling(GaussianNB()), model, True, X, Y, 0)
    assert taken.estimator_.estimator is model


def test_scores_out_of_the_range_of_a_gate_are_refused_before_the_books_change():
    """Entropies of many classes exceed 1."""
    rng = np.random.RandomState(0)
    X_many, y_many = rng.standard_normal((80, 2)), np.arange(80) % 8
    learner = StreamLearner(
        None, EntropySampling(), VariableGate(random_state=0), random_state=0
    ).fit(X_many, y_many, labeled=np.ones(80, bool))
    with pytest.raises(ValueError, match="Set highest"):
        learner.decide(X_many)
    assert learner.n_seen_ == 0 and learner.gate_.n_seen_ == 0
