"""MaxHerding and UncertaintyHerding: what they see, and how far they trust a model."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from skactive import ActiveLearner
from skactive.diversity import MaxHerding, UncertaintyHerding
from skactive.selection import max_herding
from skactive.uncertainty import entropy, margin


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def problem(n_labeled=20, n_pool=100, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n_labeled + n_pool, 4))
    y = (X[:, 0] + 0.5 * rng.standard_normal(len(X)) > 0).astype(int)
    return X[:n_labeled], y[:n_labeled], X[n_labeled:]


class FirstFeatureClassifier(ClassifierMixin, BaseEstimator):
    """The first feature is the probability of the second class; fits are counted."""

    fits = []

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.fits.append(len(X))
        return self

    def predict_proba(self, X):
        p = np.asarray(X)[:, 0]
        return np.column_stack([1 - p, p])


# ------------------------------------------------------------------- MaxHerding


def test_asks_for_what_the_pool_resembles():
    X_pool = [[0.0], [1.0], [2.0], [5.0]]
    strategy = MaxHerding(normalize=False)
    assert strategy.fit(X_pool).query(2).tolist() == [1, 3]
    # A label at 1 leaves the far sample to be covered first.
    assert strategy.fit([[1.0]], [0], X_pool).query(1).tolist() == [3]


def test_passes_its_parameters_on():
    X, y, X_pool = problem()
    params = {"kernel": "laplace", "radius": 0.3, "normalize": False, "n_reference": 50}
    strategy = MaxHerding(random_state=0, **params).fit(X, y, X_pool)
    rng = strategy._query_random_state()
    expected = max_herding(X_pool, 9, Z_labeled=X, random_state=rng, **params)
    np.testing.assert_array_equal(strategy.query(9), expected)


def test_default_similarity_is_far_from_flat():
    # The peer's kernel is 0.99 between any two rows of length one in 512 dimensions.
    Z = gaussian(200, 512)
    gains = max_herding(Z, 1, return_gains=True)[1]
    assert gains[0] < 0.2


def test_asks_typical_samples_and_not_odd_ones():
    X_pool = np.vstack([0.1 * gaussian(50, 2), 0.1 * gaussian(30, 2) + 5, [[90, -90]]])
    asked = MaxHerding(normalize=False, random_state=0).fit(X_pool).query(2)
    assert asked[0] < 50 <= asked[1] < 80


@pytest.mark.parametrize("strategy", [MaxHerding(), UncertaintyHerding()])
@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"kernel": "linear"}, "kernel' parameter of"),
        ({"radius": -1.0}, "radius' parameter of"),
        ({"n_reference": 0}, "n_reference' parameter of"),
    ],
)
def test_bad_parameters_are_refused(strategy, params, match):
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match=match):
        type(strategy)(**params).fit(X, y, X_pool)


# ----------------------------------------------------------- UncertaintyHerding

PAPER = {"temperature": "auto", "radius": "auto"}


def test_without_labels_it_is_max_herding():
    _, _, X_pool = problem()
    strategy = UncertaintyHerding(random_state=0).fit(X_pool)
    expected = MaxHerding(random_state=0).fit(X_pool).query(9)
    np.testing.assert_array_equal(strategy.query(9), expected)
    assert strategy.radius_ == 1.0 and strategy.estimator_ is None
    strategy = UncertaintyHerding(**PAPER, random_state=0).fit(X_pool)
    np.testing.assert_array_equal(strategy.query(9), expected)


def test_by_default_probabilities_are_believed_and_no_copies_are_trained():
    X, y, X_pool = problem()
    FirstFeatureClassifier.fits.clear()
    strategy = UncertaintyHerding(FirstFeatureClassifier(), random_state=0)
    strategy.fit(np.abs(X) / np.abs(X).max(), y, np.abs(X_pool) / np.abs(X_pool).max())
    assert FirstFeatureClassifier.fits == [len(X)]
    assert (strategy.temperature_, strategy.radius_) == (1.0, 1.0)


@pytest.mark.parametrize("uncertainty", [None, entropy, margin])
def test_weights_are_what_the_model_doubts(uncertainty):
    X, y, X_pool = problem()
    strategy = UncertaintyHerding(
        LogisticRegression(),
        uncertainty=uncertainty,
        temperature=2.5,
        radius=0.7,
        random_state=0,
    ).fit(X, y, X_pool)
    logits = strategy.estimator_.decision_function(X_pool) / 2.5
    proba = np.column_stack([1 / (1 + np.exp(logits)), 1 / (1 + np.exp(-logits))])
    expected = max_herding(
        X_pool,
        9,
        Z_labeled=X,
        weights=(uncertainty or margin)(proba),
        radius=0.7,
        random_state=strategy._query_random_state(),
    )
    np.testing.assert_array_equal(strategy.query(9), expected)


def test_with_a_small_radius_the_most_uncertain_are_asked_for():
    X, y, X_pool = problem()
    strategy = UncertaintyHerding(
        LogisticRegression(), temperature=1.0, radius=1e-4, random_state=0
    ).fit(X, y, X_pool)
    doubts = margin(strategy.estimator_.predict_proba(X_pool))
    np.testing.assert_array_equal(strategy.query(10), np.argsort(-doubts)[:10])


def test_reach_is_the_smallest_distance_of_two_labels():
    X_pool = np.arange(0.0, 10.0, 0.25)[:, None]
    strategy = UncertaintyHerding(normalize=False, radius="auto")
    strategy.fit([[1.0], [1.0], [3.0], [9.0]], [0, 1, 0, 1], X_pool)
    assert strategy.radius_ == 2.0
    # Labels nearer than neighbors in the pool would leave each sample alone.
    strategy.fit([[1.0], [1.001], [9.0]], [0, 1, 0], X_pool)
    assert strategy.radius_ == pytest.approx(0.25)
    # Two places are needed for a distance.
    strategy.fit([[1.0], [1.0]], [0, 1], X_pool)
    assert strategy.radius_ == 1.0


def test_reach_is_taken_between_samples_of_length_one():
    X = [[3.0, 0.0], [0.0, 0.1], [-5.0, 0.0]]
    strategy = UncertaintyHerding(radius="auto").fit(X, [0, 1, 0], X)
    assert strategy.radius_ == pytest.approx(np.sqrt(2))


def test_default_model_sees_the_embedded_samples():
    X, y, X_pool = problem()
    X, X_pool = X * [1, 1000, 1, 1], X_pool * [1, 1000, 1, 1]
    a = UncertaintyHerding(embedding=StandardScaler(), **PAPER, random_state=0)
    a.fit(X, y, X_pool)
    scaler = a.embedding_
    b = UncertaintyHerding(**PAPER, random_state=0)
    b.fit(scaler.transform(X), y, scaler.transform(X_pool))
    np.testing.assert_array_equal(a.query(9), b.query(9))
    assert a.temperature_ == b.temperature_


def test_given_model_sees_samples_as_they_come():
    X, y, X_pool = problem()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    strategy = UncertaintyHerding(model, embedding=StandardScaler(), random_state=0)
    asked = strategy.fit(X * 9 + 5, y, X_pool * 9 + 5).query(5)
    assert len(set(asked)) == 5
    np.testing.assert_allclose(
        strategy.estimator_.predict_proba(X_pool * 9 + 5),
        model.fit(X, y).predict_proba(X_pool),
    )


def test_a_frozen_model_is_asked_and_copies_of_it_are_trained():
    X, y, _ = problem(n_labeled=60)
    X = np.random.RandomState(1).uniform(size=X.shape)
    model = FirstFeatureClassifier().fit(X, y)
    FirstFeatureClassifier.fits.clear()
    strategy = UncertaintyHerding(FrozenEstimator(model), **PAPER).fit(X, y, X)
    assert FirstFeatureClassifier.fits == [48] * 5
    assert strategy.estimator_.estimator is model
    FirstFeatureClassifier.fits.clear()
    UncertaintyHerding(FrozenEstimator(model), temperature=1.0).fit(X, y, X)
    assert FirstFeatureClassifier.fits == []
    UncertaintyHerding(FrozenEstimator(model), **PAPER).fit(
        np.vstack([X, X]), np.concatenate([y, y]), X
    )
    assert FirstFeatureClassifier.fits == [96]


def test_serves_a_learner_with_its_own_model():
    X, y, _ = problem(n_labeled=120)
    learner = ActiveLearner(
        LogisticRegression(),
        UncertaintyHerding(**PAPER),
        n_initial=10,
        budget=20,
        batch_size=5,
        random_state=0,
    ).fit(X, y)
    # The model of the learner is asked; the default would be a plain one.
    assert isinstance(learner.strategy_.estimator_, FrozenEstimator)
    assert len(learner.queried_indices_) == len(set(learner.queried_indices_))


def test_a_model_without_probabilities_is_refused_before_it_is_trained():
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match="predict_proba"):
        UncertaintyHerding(LinearSVC()).fit(X, y, X_pool)


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"temperature": 0}, ValueError, "temperature' parameter of"),
        ({"temperature": "cold"}, ValueError, "temperature' parameter of"),
        ({"radius": "large"}, ValueError, "radius' parameter of"),
        ({"uncertainty": "margin"}, TypeError, "'uncertainty' parameter of"),
    ],
)
def test_bad_settings_are_refused(params, error, match):
    X, y, X_pool = problem()
    with pytest.raises(error, match=match):
        UncertaintyHerding(**params).fit(X, y, X_pool)


def test_labeled_samples_without_labels_are_refused():
    X, _, X_pool = problem()
    with pytest.raises(ValueError, match="needs y"):
        UncertaintyHerding().fit(X, None, X_pool)
