"""The model that REVIVAL trains on virtual labels, or the graph in its place."""

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier
from torch import nn

from skactive.deep import REVIVAL
from skactive.nets import NetClassifier
from skactive.nets.modules import MLP

pytestmark = pytest.mark.deep


def blobs(n=60, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % n_classes
    return 3.0 * np.eye(n_classes, 4)[y] + rng.standard_normal((n, 4)), y


def quick(**settings):
    return NetClassifier(**{"max_epochs": 3, "batch_size": 16, **settings})


def fitted(n_labeled=12, **settings):
    X, y = blobs()
    strategy = REVIVAL(**{"random_state": 0, **settings})
    return strategy.fit(X[:n_labeled], y[:n_labeled], X[n_labeled:])


def test_the_graph_predicts_as_its_neighbors():
    X, y = load_digits(return_X_y=True)
    strategy = REVIVAL().fit(X[:60], y[:60], X_pool=X[60:700])
    assert is_classifier(strategy)
    proba = strategy.predict_proba(X[700:900])
    edges = strategy.affinity_.transform(X[700:900] / _length(X[700:900])).toarray()
    votes = np.vstack([np.eye(10)[y[:60]], strategy.virtual_labels_])
    expected = edges @ votes / edges.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(proba, expected, rtol=1e-9, atol=1e-12)
    assert strategy.score(X[700:], y[700:]) > 0.8


def _length(X):
    return np.linalg.norm(X, axis=1, keepdims=True)


def test_a_row_without_neighbors_is_uniform():
    strategy = REVIVAL().fit(np.eye(4)[:2], [0, 1], np.eye(4)[2:3])
    np.testing.assert_array_equal(strategy.predict_proba(np.eye(4)[3:]), 0.5)


@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(5),
        quick(),
        make_pipeline(StandardScaler(), quick()),
        NeuralNetClassifier(MLP, criterion=nn.CrossEntropyLoss, max_epochs=2),
    ],
    ids=lambda estimator: " ".join(repr(estimator).split())[:30],
)
def test_any_model_that_takes_weights_is_trained(estimator):
    strategy = fitted(estimator=estimator)
    X, _ = blobs()
    assert strategy.predict(X).shape == (60,)
    np.testing.assert_array_equal(strategy.predict(X), strategy.estimator_.predict(X))
    np.testing.assert_allclose(strategy.predict_proba(X).sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("oversample", [None, 10])
def test_virtual_labels_are_trained_on_by_their_weights(oversample):
    """A linear model repeats what is written down here by hand."""
    strategy = fitted(
        estimator=LogisticRegression(), propagator="sgc", eps=0.2, oversample=oversample
    )
    X, y = blobs()
    proba = strategy.virtual_labels_
    winners = proba.argmax(axis=1)
    weights = 1 + (proba * np.log(proba)).sum(axis=1) / np.log(3)
    share = np.bincount(np.concatenate([y[:12], winners]))
    weights *= 60 / 3 / share[winners]
    weights[strategy.unstable_] = 0
    assert (np.sum(weights > 0) < 48) == (oversample is not None)
    weights *= 12 / np.sum(weights > 0)
    labels = np.concatenate([y[:12], winners])
    alone = LogisticRegression(random_state=0)
    alone.fit(X, labels, sample_weight=np.concatenate([np.ones(12), weights]))
    np.testing.assert_allclose(
        strategy.predict_proba(X), alone.predict_proba(X), atol=1e-4
    )


@pytest.mark.parametrize("estimator", [LogisticRegression(), quick()])
def test_weight_zero_is_the_model_alone(estimator):
    strategy = fitted(estimator=estimator, virtual_weight=0)
    X, y = blobs()
    seed = strategy.estimator_.random_state
    alone = clone(estimator).set_params(random_state=seed).fit(X[:12], y[:12])
    np.testing.assert_array_equal(strategy.predict_proba(X), alone.predict_proba(X))


def test_a_model_without_weights_is_refused_unless_it_does_without():
    for estimator in (KNeighborsClassifier(), make_pipeline(KNeighborsClassifier())):
        with pytest.raises(ValueError, match="virtual_weight=0"):
            fitted(estimator=estimator)
    assert fitted(estimator=KNeighborsClassifier(), virtual_weight=0).query(2).size == 2


def test_probabilities_are_there_if_the_model_has_them():
    assert hasattr(REVIVAL(), "predict_proba")
    assert not hasattr(REVIVAL(RidgeClassifier()), "predict_proba")
    assert not hasattr(fitted(estimator=RidgeClassifier()), "predict_proba")
