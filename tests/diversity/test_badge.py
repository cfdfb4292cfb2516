"""BADGE: the law of its draws, and what it looks at."""

import warnings

import numpy as np
import pytest
from scipy import sparse, stats
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import BADGE
from skactive.testing import MockClassifier

PROBA = [[0.6, 0.3, 0.1], [0.5, 0.5, 0], [0.1, 0.1, 0.8], [1, 0, 0]]
E = np.array([[1.0, 0], [0, 2], [1, 1], [3, 3]])


class MockNet(MockClassifier):
    """Fixed probabilities, and an embedding: what follows the first feature."""

    def transform(self, X):
        return np.asarray(X, dtype=float)[:, 1:]


def fitted(proba, E, seed=0, **params):
    X = np.column_stack([np.arange(len(E)), E])
    model = FrozenEstimator(MockNet(proba).fit())
    return BADGE(model, random_state=seed, **params).fit(X[:1], [0], X)


def blobs(n=300, d=6, seed=0):
    X, y = make_blobs(n, d, centers=4, cluster_std=3.0, random_state=seed)
    X /= X.std()
    return X[:40], y[:40], X[40:]


@pytest.mark.parametrize(
    ("bias", "law"),
    [
        (False, [0.354231975, 0, 0.332288401, 0.313479624]),
        (True, [0.309333333, 0, 0.357333333, 0.333333333]),
    ],
)
def test_first_the_longest_then_by_squared_distance(bias, law):
    n_draws = 1500
    seconds = np.zeros(4)
    for seed in range(n_draws):
        first, second = fitted(PROBA, E, seed, bias=bias).query(2)
        assert first == 1
        seconds[second] += 1
    others = [0, 2, 3]
    expected = n_draws * np.array(law)[others]
    expected *= n_draws / expected.sum()  # the law is written with nine digits
    assert seconds[1] == 0
    assert stats.chisquare(seconds[others], expected).pvalue > 0.001


def test_ties_for_the_first_are_drawn():
    proba = [[0.6, 0.4], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    firsts = [fitted(proba, np.ones((4, 2)), seed).query(1)[0] for seed in range(600)]
    counts = np.bincount(firsts, minlength=4)
    assert counts[0] == 0
    assert stats.chisquare(counts[1:]).pvalue > 0.001


def test_a_sample_of_which_the_model_is_certain_is_never_first():
    proba = [[1, 0], [0.99, 0.01], [0, 1]]
    E = np.array([[50.0, 50.0], [1.0, 0.0], [-70.0, 0.0]])
    assert fitted(proba, E).query(1).tolist() == [1]


@pytest.mark.parametrize(
    ("proba", "E"),
    [
        ([[1, 0], [0, 1], [1, 0], [1, 0]], np.eye(4)),
        ([[0.5, 0.5]] * 4, np.zeros((4, 3))),
        ([[1.0]] * 4, np.eye(4)),
    ],
    ids=["certain", "zeros", "one class"],
)
def test_without_any_gradient_it_draws_at_random_and_says_so(proba, E):
    firsts = []
    for seed in range(400):
        with pytest.warns(UserWarning, match="All gradients of the pool are zero"):
            asked = fitted(proba, E, seed).query(4)
        assert sorted(asked) == [0, 1, 2, 3]
        firsts.append(asked[0])
    assert stats.chisquare(np.bincount(firsts, minlength=4)).pvalue > 0.001


def test_the_bias_tells_samples_of_zeros_apart():
    proba = [[0.9, 0.1], [0.5, 0.5], [0.1, 0.9]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fitted(proba, np.zeros((3, 2)), bias=True).query(1).tolist() == [1]


def test_tied_samples_are_asked_for_once_each():
    """A peer asked for 46 different samples of 50 on such data."""
    X, y, _ = blobs()
    X_pool = np.repeat(X[:3], 10, axis=0)
    for dtype in (np.float32, np.float64):
        strategy = BADGE(random_state=0).fit(X, y, X_pool.astype(dtype))
        asked = strategy.query(30)
        assert sorted(asked) == list(range(30))
        assert sorted(asked[:3] // 10) == [0, 1, 2]


def test_few_are_the_beginning_of_many():
    X, y, X_pool = blobs()
    strategy = BADGE(random_state=0).fit(X, y, X_pool)
    many = strategy.query(100)
    for n in (1, 2, 17, 60):
        np.testing.assert_array_equal(strategy.query(n), many[:n])


def gradients(model, E, X_pool):
    """Dense gradients of a fitted classifier, sample by sample."""
    proba = model.predict_proba(X_pool)
    proba[np.arange(len(proba)), proba.argmax(axis=1)] -= 1
    return np.einsum("ic,id->icd", proba, E).reshape(len(E), -1)


@pytest.mark.parametrize("frozen", [False, True])
def test_of_a_pipeline_it_takes_what_the_last_step_sees(frozen):
    X, y, X_pool = blobs()
    X[:, 0] *= 1000
    X_pool[:, 0] *= 1000
    pipe = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    longest = gradients(pipe, pipe[0].transform(X_pool), X_pool)
    raw = gradients(pipe, X_pool, X_pool)
    expected = (longest**2).sum(axis=1).argmax()
    assert expected != (raw**2).sum(axis=1).argmax()
    model = FrozenEstimator(pipe) if frozen else pipe
    assert BADGE(model).fit(X, y, X_pool).query(1).tolist() == [expected]


def test_of_a_search_it_takes_what_the_best_one_sees():
    X, y, X_pool = blobs()
    pipe = make_pipeline(PCA(3, svd_solver="full"), LogisticRegression())
    search = GridSearchCV(pipe, {"logisticregression__C": [0.1, 1]}, cv=2).fit(X, y)
    inside = FrozenEstimator(search.best_estimator_)
    a = BADGE(FrozenEstimator(search), random_state=0).fit(X, y, X_pool).query(9)
    b = BADGE(inside, random_state=0).fit(X, y, X_pool).query(9)
    np.testing.assert_array_equal(a, b)


def test_sparse_and_mapped_pools_are_asked_as_dense_ones(tmp_path):
    X, y, X_pool = blobs()
    X_pool.tofile(tmp_path / "pool")
    mapped = np.memmap(tmp_path / "pool", X_pool.dtype, mode="r", shape=X_pool.shape)
    model = FrozenEstimator(LogisticRegression().fit(X, y))
    expected = BADGE(model, random_state=0).fit(X, y, X_pool).query(20)
    asked = BADGE(model, random_state=0).fit(X, y, mapped).query(20)
    np.testing.assert_array_equal(asked, expected)
    csr = sparse.csr_array(X_pool)
    asked = BADGE(model, random_state=0).fit(sparse.csr_array(X), y, csr).query(20)
    np.testing.assert_array_equal(asked, expected)


def test_serves_a_learner_with_the_model_of_the_learner():
    X, y, X_pool = blobs()
    X, y = np.vstack([X, X_pool]), np.r_[y, np.resize(y, len(X_pool))]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    learner = ActiveLearner(
        model, BADGE(), n_initial=30, budget=10, batch_size=5, random_state=0
    ).fit(X, y)
    asked_in = np.bincount(learner.labeled_iter_[learner.labeled_iter_ >= 0])
    assert asked_in.tolist() == [30, 5, 5]
    seen_by = learner.strategy_.estimator_.estimator
    assert isinstance(seen_by, type(model)), "the pipeline of the learner"


def test_batches_are_more_spread_than_those_of_the_longest_gradients():
    X, y, X_pool = blobs(n=1000)
    model = LogisticRegression().fit(X, y)
    G = gradients(model, X_pool, X_pool)
    asked = BADGE(FrozenEstimator(model), random_state=0).fit(X, y, X_pool).query(30)
    longest = np.argsort(-(G**2).sum(axis=1))[:30]

    def volume(rows):
        K = G[rows] @ G[rows].T
        return np.linalg.slogdet(np.eye(30) + K / np.trace(K))[1]

    assert volume(asked) > volume(longest)


def test_bad_bias_is_refused():
    with pytest.raises(TypeError, match="bias' parameter of"):
        BADGE(bias="yes").fit([[0.0], [1.0]], [0, 1], [[0.5]])


def test_a_model_without_probabilities_is_refused():
    from sklearn.svm import LinearSVC

    with pytest.raises(ValueError, match="predict_proba"):
        BADGE(LinearSVC()).fit([[0.0], [1.0]], [0, 1], [[0.5]])


def test_probabilities_that_are_none_are_refused():
    with pytest.raises(ValueError, match="Row 1 of the class probabilities"):
        fitted([[0.5, 0.5], [0.9, 0.9]], np.eye(2)).query(1)


def test_of_a_net_it_takes_what_the_last_layer_sees():
    pytest.importorskip("torch")
    from skactive.nets import NetClassifier

    X, y, X_pool = blobs()
    X, X_pool = X.astype(np.float32), X_pool.astype(np.float32)
    net = NetClassifier(max_epochs=2, random_state=0).fit(X, y)
    G = gradients(net, net.transform(X_pool), X_pool)
    expected = (G**2).sum(axis=1).argmax()
    # Inside a pipeline there is no asking for both at once.
    scaled = make_pipeline(StandardScaler(with_mean=False, with_std=False), net)
    scaled[0].fit(X)
    for model in (net, scaled):
        asked = BADGE(FrozenEstimator(model), random_state=0).fit(X, y, X_pool).query(9)
        assert asked[0] == expected
        assert len(set(asked)) == 9
