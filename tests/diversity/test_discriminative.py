"""DiscriminativeSampling: what tells labeled from pool, in mini-queries."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse, stats
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from skactive.diversity import DiscriminativeSampling
from skactive.diversity._discriminative import _default_discriminator


def blobs(*centers, n=20, seed=0):
    rng = np.random.RandomState(seed)
    return np.concatenate([c + 0.3 * rng.standard_normal((n, 2)) for c in centers])


class FirstFeature(ClassifierMixin, BaseEstimator):
    """Takes the first feature for the probability; remembers what it was taught."""

    taught = []

    def fit(self, X, y):
        self.taught.append((X, y))
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.stack([1 - X[:, 0], X[:, 0]], axis=1)


class Logit(FirstFeature):
    """Takes the first feature for the logit; its probabilities are all 1.0."""

    def decision_function(self, X):
        return X[:, 0]

    def predict_proba(self, X):
        return super().predict_proba(1 / (1 + np.exp(-X)))


@pytest.fixture(autouse=True)
def nothing_taught():
    FirstFeature.taught.clear()


def fitted(X, X_pool, **params):
    params = {"random_state": 0, **params}
    return DiscriminativeSampling(**params).fit(X, np.zeros(len(X)), X_pool)


# --------------------------------------------------------------------- what is asked


@pytest.mark.parametrize("seed", range(3))
def test_labels_of_one_blob_ask_for_the_other(seed):
    X, X_pool = blobs([0, 0], seed=seed), blobs([0, 0], [5, 5], seed=seed + 9)
    asked = fitted(X, X_pool, random_state=seed).query(8)
    assert (asked >= 20).all()


def test_labels_in_the_middle_ask_all_around_by_default():
    """A linear discriminator would look in one direction."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    ring = 4 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X, X_pool = blobs([0, 0]), np.concatenate([blobs([0, 0], seed=1), ring])
    asked = fitted(X, X_pool).query(12)
    assert (asked >= 20).all()
    quadrants = set(((asked - 20) // 10).tolist())
    assert quadrants == {0, 1, 2, 3}


def test_mini_queries_spread_over_what_one_query_does_not():
    # In the direction of the discriminator, the second blob is beyond the first.
    X, X_pool = blobs([0, 0]), blobs([0, 0], [5, 0], [9, 0], seed=1)
    linear = LogisticRegression(class_weight="balanced")
    once = fitted(X, X_pool, discriminator=linear, n_mini_queries=1).query(10)
    assert (once >= 40).all()
    often = fitted(X, X_pool, n_mini_queries=10).query(10)
    assert {1, 2} <= set((often // 20).tolist())


def test_mini_queries_move_picks_to_the_labeled_side():
    X, X_pool = np.zeros((3, 2)), np.linspace(0, 1, 8).reshape(4, 2)
    strategy = fitted(X, X_pool, discriminator=FirstFeature(), n_mini_queries=2)
    assert strategy.query(4).tolist() == [3, 2, 1, 0]
    (rows, of_pool), (rows_2, of_pool_2) = FirstFeature.taught
    assert of_pool.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert_array_equal(rows, np.concatenate([X, X_pool]))
    assert of_pool_2.tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert_array_equal(rows_2[3:], X_pool[[3, 2, 0, 1]])


def test_sure_samples_are_ranked_by_logit_not_by_probability():
    X_pool = np.array([[50.0], [80.0], [60.0], [90.0], [70.0]])
    strategy = fitted([[0.0]], X_pool, discriminator=Logit(), n_mini_queries=1)
    assert strategy.query(5).tolist() == [3, 1, 4, 2, 0]


def test_a_classifier_with_probabilities_alone_is_ranked_by_them():
    X, X_pool = blobs([0, 0]), blobs([0, 0], [5, 5], seed=1)
    asked = fitted(X, X_pool, discriminator=GaussianNB()).query(10)
    assert (asked >= 20).all()


def test_equal_samples_are_asked_for_by_lot():
    firsts = {
        int(fitted([[0.0]], np.ones((6, 1)), random_state=seed).query(1)[0])
        for seed in range(20)
    }
    assert len(firsts) > 2


def test_beta_draws_by_the_published_law():
    p = np.array([0.98, 1.0, 0.99])
    expected = np.exp((p - 1) / 0.01)
    strategy = fitted(
        [[0.0]], p[:, None], discriminator=FirstFeature(), n_mini_queries=1, beta=100
    )
    firsts = []
    for seed in range(600):
        strategy._query_seed = seed
        firsts.append(strategy.query(1)[0])
    counts = np.bincount(firsts, minlength=3)
    law = 600 * expected / expected.sum()
    assert stats.chisquare(counts, law).pvalue > 0.001


# ----------------------------------------------------- faults of the published code


def test_weights_make_up_for_the_larger_pool():
    """The published weights were both 1, so the ratio of 1 to 10 stood."""
    X, X_pool = blobs([0, 0], n=10), blobs([0, 0], [2, 2], n=50, seed=1)
    rows, of_pool = np.concatenate([X, X_pool]), np.repeat([0, 1], [10, 100])
    ours = _default_discriminator(rows).set_params(nystroem__random_state=0)
    ours.fit(rows, of_pool)
    by_hand = LogisticRegression(class_weight={0: 110 / 20, 1: 110 / 200})
    by_hand.set_params(max_iter=1000).fit(ours[:-1].transform(rows), of_pool)
    assert_allclose(ours[-1].coef_, by_hand.coef_)
    assert_allclose(ours[-1].intercept_, by_hand.intercept_)


def test_all_of_the_pool_is_asked_about_and_not_the_sampled_negatives_alone():
    rng = np.random.RandomState(0)
    X_pool = rng.uniform(0, 0.5, size=(200, 1))
    X_pool[77] = 0.9
    for seed in range(5):
        strategy = fitted(
            [[0.0]],
            X_pool,
            discriminator=FirstFeature(),
            random_state=seed,
        )
        assert strategy.query(1)[0] == 77
    assert [len(y) for _, y in FirstFeature.taught] == [11] * 5
    # Unless it is trained on the whole pool.
    fitted([[0.0]], X_pool, discriminator=FirstFeature(), negatives=None).query(1)
    assert len(FirstFeature.taught[-1][1]) == 201
    # More than there are negatives, in one go.
    strategy.set_params(n_mini_queries=1).fit([[0.0]], [0], X_pool)
    assert_array_equal(strategy.query(60), np.argsort(-X_pool[:, 0])[:60])


def test_fewer_samples_than_mini_queries_are_asked_for_one_by_one():
    """The published loop took a step of 0 and never moved."""
    X_pool = np.linspace(0, 1, 30)[:, None]
    strategy = fitted([[0.0]], X_pool, discriminator=FirstFeature())
    assert strategy.query(3).tolist() == [29, 28, 27]
    assert len(FirstFeature.taught) == 3


@pytest.mark.parametrize(("n", "n_mini", "trainings"), [(20, 10, 10), (11, 10, 6)])
def test_mini_queries_are_rounded_up(n, n_mini, trainings):
    X_pool = np.linspace(0, 1, 30)[:, None]
    asked = fitted(
        [[0.0]], X_pool, discriminator=FirstFeature(), n_mini_queries=n_mini
    ).query(n)
    assert len(set(asked)) == n
    assert len(FirstFeature.taught) == trainings


# -------------------------------------------------------------------- negatives, peer


def test_negatives_are_drawn_anew_for_each_mini_query():
    X_pool = np.linspace(0, 1, 300)[:, None]
    fitted(
        [[0.0]], X_pool, discriminator=FirstFeature(), n_mini_queries=3, negatives=20
    ).query(3)
    sizes = [np.bincount(y).tolist() for _, y in FirstFeature.taught]
    assert sizes == [[1, 20], [2, 40], [3, 60]]
    drawn = [set(X[y == 1][:, 0]) for X, y in FirstFeature.taught]
    assert not drawn[0] <= drawn[1]
    FirstFeature.taught.clear()
    strategy = fitted(
        [[0.0]], X_pool, discriminator=FirstFeature(), n_mini_queries=1, negatives=None
    )
    strategy.query(2)
    assert np.bincount(FirstFeature.taught[0][1]).tolist() == [1, 300]


def test_refitted_after_each_pick_it_asks_as_scikit_activeml_does():
    pool = pytest.importorskip("skactiveml.pool")
    classifier = pytest.importorskip("skactiveml.classifier")
    X = np.random.RandomState(0).standard_normal((60, 4))
    y = np.full(60, np.nan)
    y[:8] = 0
    model = LogisticRegression(class_weight="balanced", tol=1e-10, max_iter=1000)
    theirs = pool.DiscriminativeAL(greedy_selection=False, random_state=0).query(
        X, y, discriminator=classifier.SklearnClassifier(model), batch_size=12
    )
    ours = fitted(
        X[:8], X[8:], discriminator=model, n_mini_queries=12, negatives=None
    ).query(12)
    assert_array_equal(ours + 8, theirs)


# ---------------------------------------------------------------------- all manners


@pytest.mark.parametrize("n_mini_queries", [1, 3, 100])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_whole_pool_is_asked_for_once_each(dtype, n_mini_queries):
    X_pool = blobs([0, 0], [3, 3], n=4).astype(dtype)
    asked = fitted(X_pool[:1], X_pool, n_mini_queries=n_mini_queries).query(8)
    assert sorted(asked) == list(range(8))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_features_that_do_not_vary_are_no_reason_to_fail(dtype):
    X_pool = np.ones((9, 3), dtype=dtype)
    assert sorted(fitted(X_pool[:2], X_pool).query(9)) == list(range(9))


def test_with_nothing_labeled_the_first_mini_query_is_drawn():
    X_pool = blobs([0, 0], [5, 5])
    strategy = DiscriminativeSampling(n_mini_queries=4)
    halves = set()
    for seed in range(10):
        asked = strategy.set_params(random_state=seed).fit(X_pool).query(4)
        assert len(set(asked)) == 4
        # The second mini-query asks for the blob that the first was not drawn from.
        assert (asked[0] < 20) != (asked[1] < 20)
        halves.add(bool(asked[0] < 20))
    assert halves == {True, False}


def test_sparse_pool_is_asked_about():
    X, X_pool = np.abs(blobs([0, 0])), np.abs(blobs([0, 0], [5, 5], seed=1))
    csr = fitted(X, X_pool).fit(
        sparse.csr_array(X), np.zeros(20), sparse.csr_array(X_pool)
    )
    assert (csr.query(10) >= 20).all()


def test_blocks_do_not_change_the_answer(monkeypatch):
    X, X_pool = blobs([0, 0]), blobs([1, 0], [2, 2], seed=1)
    model = LogisticRegression()
    whole = fitted(X, X_pool, discriminator=model).query(20)
    monkeypatch.setattr("skactive.diversity._discriminative.BLOCK", 7 * 8 * 512 - 1)
    assert_array_equal(fitted(X, X_pool, discriminator=model).query(20), whole)


def test_the_embedding_is_what_the_discriminator_sees():
    X_pool = np.linspace(0, 1, 8).reshape(4, 2)
    flip = FunctionTransformer(np.negative)
    strategy = fitted([[0.0, 0.0]], X_pool, discriminator=Logit(), embedding=flip)
    assert strategy.query(4).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"n_mini_queries": 0}, ValueError, "'n_mini_queries' parameter of"),
        ({"n_mini_queries": 2.0}, TypeError, "'n_mini_queries' parameter of"),
        ({"negatives": 0}, ValueError, "'negatives' parameter of"),
        ({"negatives": True}, TypeError, "'negatives' parameter of"),
        ({"beta": 0}, ValueError, "parameter of"),
        ({"beta": float("nan")}, ValueError, "parameter of"),
        ({"beta": "100"}, TypeError, "beta' parameter of"),
        ({"discriminator": NearestNeighbors()}, ValueError, "must be a classifier"),
        (
            {"discriminator": LinearSVC(), "beta": 100},
            ValueError,
            "has no predict_proba. Take another",
        ),
    ],
)
def test_bad_parameters_are_refused(params, error, match):
    with pytest.raises(error, match=match):
        DiscriminativeSampling(**params).fit([[0.0]], [0], [[1.0]])
