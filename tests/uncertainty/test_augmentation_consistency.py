"""AugmentationConsistency: what the model says of changed samples."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from skactive import ActiveLearner
from skactive.uncertainty import AugmentationConsistency
from skactive.uncertainty._augmentation_consistency import MEASURES, inconsistency
from skactive.utils import _pool

TWO = [[[0.8, 0.2]], [[0.6, 0.4]]]
THREE = [[[0.7, 0.2, 0.1]], [[0.1, 0.8, 0.1]], [[0.6, 0.3, 0.1]]]

FLAT = FunctionTransformer(lambda X: np.asarray(X, dtype=float).reshape(len(X), -1))


def model():
    return make_pipeline(FLAT, StandardScaler(), LogisticRegression())


@pytest.fixture(scope="module")
def digits():
    images, y = load_digits(return_X_y=True)
    X = (images.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    return X[:60], y[:60], X[60:160]


@pytest.fixture
def table():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((90, 5)) * [1, 10, 100, 1, 1]
    return X[:30], (X[:30, 0] > 0).astype(int), X[30:]


# ------------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    "measure, two, three",
    [
        ("variance", 0.02, 0.137778),
        ("mutual_information", 0.024157, 0.168699),
        ("variation", 0, 0.333333),
        ("kl", 0.8 * np.log(8 / 6) + 0.2 * np.log(2 / 4), 0.555845),
    ],
)
def test_measures_by_hand(measure, two, three):
    assert_allclose(inconsistency(TWO, measure), [two], atol=5e-7)
    assert_allclose(inconsistency(THREE, measure), [three], atol=5e-7)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_identical_views_score_exactly_zero(measure, dtype):
    proba = np.random.RandomState(0).dirichlet(np.ones(7), 200).astype(dtype)
    assert (inconsistency([proba] * 7, measure) == 0).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_certain_and_opposite_views_are_finite_and_largest(measure):
    sure = np.array([[1.0, 0.0]])
    score = inconsistency([sure, sure[:, ::-1]], measure)
    assert np.isfinite(score).all() and score > inconsistency(TWO, measure)


def test_what_is_no_distribution_is_refused():
    with pytest.raises(ValueError, match="does not sum to 1"):
        inconsistency([[[0.5, 0.6]], [[0.5, 0.5]]])


# -------------------------------------------------------------------- views


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps what it was asked about, and is the surer the higher the first number."""

    def fit(self, X, y):
        self.classes_, self.seen_ = np.array([0, 1]), []
        return self

    def predict_proba(self, X):
        self.seen_.append(X)
        p = 1 / (1 + np.exp(-np.asarray(X, dtype=float).reshape(len(X), -1)[:, 0]))
        return np.stack([p, 1 - p], axis=1)


def seen(strategy, X):
    strategy.estimator_.seen_.clear()
    strategy.score_samples(X)
    return list(strategy.estimator_.seen_)


def test_the_first_view_is_the_sample_and_the_others_differ(table):
    X, y, X_pool = table
    strategy = AugmentationConsistency(Recorder(), n_views=4, random_state=0)
    first, *others = seen(strategy.fit(X, y, X_pool), X_pool)
    assert_array_equal(first, X_pool)
    assert len(others) == 3
    for k, view in enumerate(others):
        assert (view != X_pool).any()
        assert not any(np.array_equal(view, other) for other in others[:k])


def test_images_are_mirrored_in_every_second_view(digits):
    X, y, X_pool = digits
    strategy = AugmentationConsistency(Recorder(), augmentations=["flip"])
    views = seen(strategy.fit(X, y, X_pool), X_pool[:1])
    for view, mirrored in zip(views, (False, True, False, True, False)):
        assert_array_equal(view, X_pool[:1, ..., ::-1] if mirrored else X_pool[:1])


def test_all_samples_are_changed_alike(table):
    X, y, X_pool = table
    strategy = AugmentationConsistency(Recorder(), augmentations=["noise"])
    first, *others = seen(strategy.fit(X, y, X_pool), X_pool)
    for view in others:
        assert_allclose(view - first, np.tile(view[0] - first[0], (len(first), 1)))


@pytest.mark.parametrize("kind", ["table", "digits"])
def test_scores_do_not_depend_on_blocks(kind, request, monkeypatch):
    X, y, X_pool = request.getfixturevalue(kind)
    strategy = AugmentationConsistency(model(), random_state=0).fit(X, y, X_pool)
    whole, best = strategy.score_samples(X_pool), strategy.query(10)
    parts = [
        strategy.score_samples(X_pool[i : i + 7]) for i in range(0, len(X_pool), 7)
    ]
    assert_allclose(np.concatenate(parts), whole, atol=1e-9)
    monkeypatch.setattr(_pool, "BLOCK_ROWS", 9)
    assert_array_equal(strategy.query(10), best)


def test_images_of_two_sizes_are_changed_by_the_same_angle():
    images = [np.ones((1, 8, 8)), np.ones((1, 8, 6)), np.ones((1, 8, 8))]
    X = np.empty(3, dtype=object)
    X[:] = images
    drawn = []

    def record(X, rng):
        drawn.append((X.shape, rng.uniform()))
        return X

    strategy = AugmentationConsistency(
        Recorder(), augmentations=["shift", record, "noise"], n_views=2
    )
    scores = strategy.fit(X, [0, 1, 0], X).score_samples(X)
    assert {shape[1:] for shape, _ in drawn} == {(1, 8, 8), (1, 8, 6)}
    assert len({number for _, number in drawn}) == 1
    assert scores.shape == (3,) and scores[0] == scores[2]


@pytest.mark.parametrize("kind", ["table", "digits"])
def test_the_seed_decides(kind, request):
    X, y, X_pool = request.getfixturevalue(kind)

    def scores(seed):
        strategy = AugmentationConsistency(model(), random_state=seed)
        return strategy.fit(X, y, X_pool).score_samples(X_pool)

    assert_array_equal(scores(0), scores(0))
    assert (scores(0) != scores(1)).any()


@pytest.mark.parametrize("measure", MEASURES)
def test_what_lies_near_the_boundary_is_asked_for(measure):
    rng = np.random.RandomState(0)
    X = rng.uniform(-5, 5, size=(200, 1))
    strategy = AugmentationConsistency(measure=measure, n_views=20, random_state=0)
    asked = strategy.fit(X, (X[:, 0] > 0).astype(int), X).query(10)
    assert np.abs(X[asked]).max() < 1.5


def test_uint8_images_stay_so(digits):
    X, y, X_pool = (a if a.ndim == 1 else (255 * a).astype(np.uint8) for a in digits)
    strategy = AugmentationConsistency(Recorder()).fit(X, y, X_pool)
    assert {view.dtype for view in seen(strategy, X_pool)} == {np.dtype(np.uint8)}


# --------------------------------------------------------------- containers


def test_words_in_a_frame_reach_the_model(table):
    X, y, X_pool = table

    def frame(X):
        columns = dict(zip("abcde", X.T))
        return pd.DataFrame({**columns, "word": np.where(X[:, 1] > 0, "u", "v")})

    encode = make_column_transformer(
        (StandardScaler(), list("abcde")), (OneHotEncoder(), ["word"])
    )
    chain = make_pipeline(encode, LogisticRegression())
    strategy = AugmentationConsistency(chain, random_state=0)
    scores = strategy.fit(frame(X), y, frame(X_pool)).score_samples(frame(X_pool))
    assert (scores > 0).all()


def test_integers_are_changed_as_floats(table):
    X, y, X_pool = (a.astype(int) for a in table)
    kept = AugmentationConsistency(random_state=0).fit(X, y, X_pool)
    cast = AugmentationConsistency(random_state=0).fit(X * 1.0, y, X_pool * 1.0)
    assert_allclose(kept.score_samples(X_pool), cast.score_samples(X_pool * 1.0))


def test_sparse_rows_and_texts_need_functions_of_their_own(table):
    X, y, X_pool = table
    with pytest.raises(ValueError, match="sparse rows.*augmentations=.*make X dense"):
        AugmentationConsistency().fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    texts = ["red apple", "blue sky", "red rose", "blue sea"]
    chain = make_pipeline(TfidfVectorizer(), LogisticRegression())
    with pytest.raises(ValueError, match="list of other kinds.*augmentations="):
        AugmentationConsistency(chain).fit(texts, [0, 1, 0, 1], texts)

    def half(X, rng):
        return [text.split()[rng.randint(2)] for text in X]

    own = AugmentationConsistency(chain, augmentations=[half], random_state=0)
    assert own.fit(texts, [0, 1, 0, 1], texts).query(2).shape == (2,)

    def fade(X, rng):
        return X * rng.uniform()

    own = AugmentationConsistency(augmentations=[fade], random_state=0)
    found = own.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool)).query(5)
    assert_array_equal(found, own.fit(X, y, X_pool).query(5))


# ------------------------------------------------------------------- errors


def wider(X, rng):
    return np.concatenate([X, X], axis=-1)


def fewer(X, rng):
    return X[:-1]


def halved(X, rng):
    return X.astype(np.float16)


def listed(X, rng):
    return X.tolist()


def nothing(X, rng):
    return None


@pytest.mark.parametrize("wrong", [wider, fewer, halved, listed, nothing])
@pytest.mark.parametrize("kind", ["table", "digits"])
def test_what_changes_shape_or_dtype_is_named(wrong, kind, request):
    X, y, X_pool = request.getfixturevalue(kind)
    strategy = AugmentationConsistency(model(), augmentations=["noise", wrong])
    match = f"augmentation {wrong.__name__} of AugmentationConsistency was given shape"
    with pytest.raises(ValueError, match=match):
        strategy.fit(X, y, X_pool).query(1)
    paid = []

    def oracle(rows, X_rows):
        paid.extend(rows)
        return np.zeros(len(rows))

    learner = ActiveLearner(model(), strategy, oracle=oracle, budget=5)
    with pytest.raises(ValueError, match=match):
        learner.fit(X_pool)
    assert paid == []


@pytest.mark.parametrize(
    "params, match",
    [
        ({"n_views": 1}, r"'n_views'.*\[2, inf\).*Got 1"),
        ({"augmentations": []}, r"list of one or more.*got \[\]"),
        ({"augmentations": "noise"}, "must be an array-like.*Got 'noise'"),
        ({"augmentations": ["noise", "blur"]}, "some of flip, .*got 'blur'"),
        (
            {"augmentations": ["rotation"]},
            "'rotation'.*not suit rows of numbers; these",
        ),
        ({"augmentations": [3]}, "callables; got 3"),
    ],
)
def test_wrong_settings_are_refused_in_words(table, params, match):
    with pytest.raises((ValueError, TypeError), match=match):
        AugmentationConsistency(**params).fit(*table)


def test_channels_at_the_end_are_refused(digits):
    X, y, X_pool = (np.moveaxis(a, 1, -1) if a.ndim == 4 else a for a in digits)
    with pytest.raises(ValueError, match=re.escape("got samples of shape (8, 8, 1)")):
        AugmentationConsistency(model()).fit(X, y, X_pool)


def test_tokens_are_no_images():
    X = np.random.RandomState(0).randint(9, size=(20, 4, 6))
    strategy = AugmentationConsistency(model()).fit(X, np.arange(20) % 2, X)
    with pytest.raises(TypeError, match="uint8 .* or of floats; got int64"):
        strategy.query(1)


def test_in_a_learner_the_model_of_the_learner_is_asked(digits):
    X, y, _ = digits
    strategy = AugmentationConsistency(augmentations=["shift", "noise"])
    learner = ActiveLearner(model(), strategy, n_initial=20, budget=10, random_state=0)
    learner.fit(X, y)
    assert isinstance(learner.strategy_.estimator_, FrozenEstimator)
    assert learner.labeled_iter_.max() >= 1
