"""ALFAMix: the closed form against the published step, and what it refuses."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import softmax
from sklearn.datasets import make_blobs
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skactive.diversity import ALFAMix
from skactive.diversity import _alfa_mix as module
from skactive.diversity._alfa_mix import class_means, critical_caps, linear_head


def blobs(n=300, d=6, n_classes=4):
    X, y = make_blobs(n, d, centers=n_classes, cluster_std=4.0, random_state=0)
    X /= X.std()
    return X[:50], y[:50], X[50:]


def turns_as_published(z, W, bias, anchors, cap):
    """Mix feature by feature, with the division, anchor by anchor."""
    logits = W @ z + bias
    best = logits.argmax()
    r = softmax(logits)
    r[best] -= 1
    g = W.T @ r
    for anchor in anchors:
        eps = cap / np.sqrt(len(z))
        alpha = eps * np.linalg.norm(anchor - z) * g
        alpha /= np.linalg.norm(g) * (anchor - z)
        mixed = (1 - alpha) * z + alpha * anchor
        if (W @ mixed + bias).argmax() != best:
            return True
    return False


def test_critical_cap_on_paper():
    cap = critical_caps(
        np.array([[1.0, 2.0]]), np.eye(2), np.zeros(2), np.array([[3.0, 1.0]])
    )
    np.testing.assert_allclose(cap, 0.447213595, atol=1e-9)


@pytest.mark.parametrize("size", [1, 7, 400])
@pytest.mark.parametrize("n_classes", [2, 5])
def test_candidates_are_those_of_the_published_step(monkeypatch, size, n_classes):
    monkeypatch.setattr(module, "BLOCK_ROWS", size)
    rng = np.random.RandomState(0)
    Z, W = rng.standard_normal((120, 8)), rng.standard_normal((n_classes, 8))
    bias, anchors = rng.standard_normal(n_classes), rng.standard_normal((n_classes, 8))
    caps = critical_caps(Z, W, bias, anchors)
    np.testing.assert_allclose(
        critical_caps(sparse.csr_array(Z), W, bias, anchors), caps
    )
    for cap in (0.03125, 0.2, 0.5, 1.0):
        turns = [turns_as_published(z, W, bias, anchors, cap) for z in Z]
        np.testing.assert_array_equal(caps < cap, turns)
        assert 0 < np.sum(turns) < 120


def test_what_cannot_turn_has_no_cap():
    W = np.array([[1.0, 0], [0, 0]])
    anchors = np.array([[0.0, 0], [5, 0]])
    certain, ordinary = [2000.0, 0], [1.0, 0]
    caps = critical_caps(np.array([certain, ordinary]), W, np.zeros(2), anchors)
    assert caps[0] == np.inf
    assert np.isfinite(caps[1])
    # A gradient whose square underflows is one: from 600 to 0, against 600 / sqrt(2).
    nearly = critical_caps(np.array([[600.0, 0]]), W, np.zeros(2), anchors)
    np.testing.assert_allclose(nearly, np.sqrt(2))
    # An anchor that is the sample itself is no direction.
    same = np.array([[1.0, 0]])
    assert critical_caps(same, W, np.zeros(2), same).tolist() == [np.inf]


def test_anchors_are_means_of_classes_and_of_all_where_there_is_none():
    E = np.array([[1.0, 0], [3, 0], [8, 3]])
    means = class_means(E, ["a", "a", "b"], ["a", "b", "c"])
    np.testing.assert_allclose(means, [[2, 0], [8, 3], [4, 1]])
    csr = class_means(sparse.csr_array(E), ["a", "a", "b"], ["a", "b", "c"])
    np.testing.assert_allclose(csr, means)


def test_the_share_grows_until_there_are_more_candidates_than_asked_for():
    strategy = ALFAMix(cap_step=0.25)
    caps = np.array([0.1, 0.2, 0.3, 0.6, np.inf])
    assert strategy._cap(caps, 1) == 0.25  # two are below
    assert strategy._cap(caps, 2) == 0.5
    assert strategy._cap(caps, 3) == 0.75
    assert strategy._cap(caps, 4) == 1.0
    assert strategy._cap(caps, 5) == 1.0
    assert strategy._cap(np.array([0.25, 0.25]), 1) == 0.5  # a share must exceed it


def test_asks_for_candidates_alone_while_there_are_enough():
    X, y, X_pool = blobs()
    strategy = ALFAMix(random_state=0).fit(X, y, X_pool)
    W, bias = strategy.estimator_.coef_, strategy.estimator_.intercept_
    caps = critical_caps(X_pool, W, bias, strategy.anchors_)
    for n in (5, 40):
        asked = strategy.query(n)
        limit = 0.03125
        while (caps < limit).sum() <= n:
            limit += 0.03125
        assert (caps[asked] < limit).all()


def test_where_too_few_turn_the_rest_are_drawn_without_repeats():
    X = np.array([[-1.0, 0], [1, 0]])
    far = np.column_stack([np.full(20, 500.0), np.arange(20)])
    X_pool = np.vstack([far, [[0.001, 0.3]]])
    model = FrozenEstimator(LogisticRegression(C=1e4).fit(X, [0, 1]))
    thirds = set()
    for seed in range(10):
        asked = ALFAMix(model, random_state=seed).fit(X, [0, 1], X_pool).query(12)
        assert asked[0] == 20
        assert len(set(asked)) == 12
        thirds.add(int(asked[2]))
    assert len(thirds) > 1


@pytest.mark.parametrize("make", [np.array, sparse.csr_array])
def test_copies_come_last(make):
    X = make(np.array([[-2.0, 0], [2, 0]]))
    # Near the boundary, a little off, and too far for a turn of the prediction.
    X_pool = make(np.repeat([[0.1, 1], [0.2, -1], [900, 1], [800, 1]], 10, axis=0))
    for seed in range(3):
        strategy = ALFAMix(random_state=seed).fit(X, [0, 1], X_pool)
        for n in (2, 3, 4, 40):
            asked = strategy.query(n)
            assert len(set(asked[:4] // 10)) == min(n, 4)
            assert len(set(asked)) == n
        assert set(strategy.query(2) // 10) == {0, 1}


@pytest.mark.parametrize("n_classes", [2, 4])
def test_heads_of_linear_models_are_found_inside_pipelines(n_classes):
    X, y, X_pool = blobs(n_classes=n_classes)
    for last in (LogisticRegression(), RidgeClassifier()):
        pipe = make_pipeline(StandardScaler(), last).fit(X, y)
        E = pipe[0].transform(X)
        W, bias = linear_head(FrozenEstimator(pipe), X, E)
        logits = pipe[0].transform(X_pool) @ W.T + bias
        said = pipe.predict(X_pool)
        np.testing.assert_array_equal(pipe.classes_[logits.argmax(axis=1)], said)
        asked = ALFAMix(pipe, random_state=0).fit(X, y, X_pool).query(30)
        assert len(set(asked)) == 30


def test_head_of_a_net_is_its_last_layer():
    pytest.importorskip("torch")
    from skactive.nets import NetClassifier

    X, y, X_pool = blobs()
    X, X_pool = X.astype(np.float32), X_pool.astype(np.float32)
    net = make_pipeline(StandardScaler(), NetClassifier(max_epochs=2, random_state=0))
    strategy = ALFAMix(FrozenEstimator(net.fit(X, y)), random_state=0)
    strategy.fit(X, y, X_pool)
    W, bias = strategy._head
    logits = net.transform(X_pool) @ W.T + bias
    np.testing.assert_array_equal(
        net.classes_[logits.argmax(axis=1)], net.predict(X_pool)
    )
    assert strategy.anchors_.shape == (4, W.shape[1])
    assert len(set(strategy.query(20))) == 20


@pytest.mark.parametrize(
    "model", [GaussianNB(), DecisionTreeClassifier(), SVC(kernel="linear")]
)
def test_models_without_a_linear_last_layer_are_refused(model):
    X, y, X_pool = blobs()
    with pytest.raises(ValueError, match="last layer is linear"):
        ALFAMix(model).fit(X, y, X_pool)


@pytest.mark.parametrize("step", [0, -0.1, 1.5, float("nan"), "some", None])
def test_bad_steps_are_refused(step):
    with pytest.raises(ValueError, match="cap_step' parameter of"):
        ALFAMix(cap_step=step).fit([[0.0], [1.0]], [0, 1], [[0.5]])
