"""From samples to rows of a matrix."""

import inspect

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from skactive import ActiveLearner
from skactive.testing import all_strategies
from skactive.utils import embed, fit_embedding

ALL_WITH_AN_EMBEDDING = [
    cls for cls in all_strategies() if "embedding" in inspect.signature(cls).parameters
]

X = np.array([[0.0, 1.0], [2.0, 3.0], [1.0, 5.0]])
X_POOL = np.array([[4.0, 4.0], [8.0, 2.0]])


class WantsBoth(TransformerMixin, BaseEstimator):
    """Learns from labels, and from the pool."""

    def fit(self, X, y, X_pool=None):
        self.given_ = len(X), list(y), X_pool
        return self

    def transform(self, X):
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


def test_no_embedding_stays_none():
    assert fit_embedding(None, X) is None


@pytest.mark.parametrize(
    "labeled, pool, rows",
    [(X, X_POOL, np.vstack([X, X_POOL])), (X, None, X), (None, X_POOL, X_POOL)],
)
def test_all_samples_are_learned_from_where_no_labels_are_needed(labeled, pool, rows):
    fitted = fit_embedding(StandardScaler(), labeled, None, pool)
    assert_array_equal(fitted.mean_, rows.mean(axis=0))


def test_labeled_samples_are_learned_from_where_labels_are_needed():
    fitted = fit_embedding(WantsBoth(), X, [0, 1, 1], X_POOL)
    assert fitted.given_ == (3, [0, 1, 1], X_POOL)


def test_labels_that_are_needed_and_missing_are_asked_for():
    with pytest.raises(ValueError, match="needs labels.*FrozenEstimator"):
        fit_embedding(LinearDiscriminantAnalysis(), None, None, X_POOL)


def test_the_seed_reaches_the_copy_only():
    pca = PCA(1, random_state=3)
    assert fit_embedding(pca, X).random_state == 3
    assert fit_embedding(pca, X, seed=0).random_state != 3
    assert pca.random_state == 3 and not hasattr(pca, "components_")


def test_a_frozen_embedding_is_used_as_it_is():
    frozen = FrozenEstimator(StandardScaler().fit(X))
    assert fit_embedding(frozen, None, None, X_POOL, seed=0) is frozen
    with pytest.raises(NotFittedError):
        fit_embedding(FrozenEstimator(StandardScaler()), X)


@pytest.mark.parametrize(
    "dtype, expected",
    [
        (bool, np.float32),
        (np.uint8, np.float32),
        (np.int16, np.float32),
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.int32, np.float64),
        (np.float64, np.float64),
        (object, np.float64),
    ],
)
def test_small_numbers_become_single_precision(dtype, expected):
    Z = embed(None, np.array([[0, 1], [1, 1]]).astype(dtype))
    assert Z.dtype == expected and Z.tolist() == [[0, 1], [1, 1]]


def test_floats_are_not_copied():
    assert np.shares_memory(embed(None, X), X)


def test_more_than_two_axes_are_flattened():
    images = np.arange(24.0).reshape(2, 3, 2, 2)
    assert_array_equal(embed(None, images), images.reshape(2, 12))


def test_other_sparse_formats_become_csr():
    Z = embed(None, sparse.coo_array(X))
    assert Z.format == "csr" and Z.toarray().tolist() == X.tolist()


def test_an_embedding_is_applied():
    scaler = StandardScaler().fit(X)
    assert_array_equal(embed(scaler, X_POOL), scaler.transform(X_POOL))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_by_name(bad):
    with pytest.raises(ValueError, match="Input X_pool contains"):
        embed(None, np.array([[0.0, bad]]), input_name="X_pool")


def test_texts_need_an_embedding():
    frame = pd.DataFrame({"size": [1.0], "color": ["red"]})
    with pytest.raises(ValueError, match="X_pool holds strings.*ColumnTransformer"):
        embed(None, frame, input_name="X_pool")


class Weighted(WantsBoth):
    """Notes the weights it is given."""

    def fit(self, X, y, sample_weight=None, X_pool=None):
        self.weights_ = sample_weight
        return super().fit(X, y, X_pool)


W = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("name", ["sample_weight", "logisticregression__sample_weight"])
def test_weights_reach_an_embedding_that_learns_from_labels(name):
    fitted = fit_embedding(Weighted(), X, [0, 1, 1], X_POOL, params={name: W})
    assert_array_equal(fitted.weights_, W)
    steps = make_pipeline(StandardScaler(), Weighted())
    fitted = fit_embedding(steps, X, [0, 1, 1], X_POOL, params={name: W})
    assert_array_equal(fitted[-1].weights_, W)


def test_weights_are_not_given_where_they_are_not_taken_or_not_known():
    fit_embedding(WantsBoth(), X, [0, 1, 1], X_POOL, params={"sample_weight": W})
    scaler = fit_embedding(StandardScaler(), X, None, X_POOL, params={"k": W})
    weighted = fit_embedding(
        StandardScaler(), X, [0, 1, 1], X_POOL, params={"sample_weight": W}
    )
    assert_array_equal(weighted.mean_, scaler.mean_)


@pytest.mark.parametrize("cls", ALL_WITH_AN_EMBEDDING, ids=lambda cls: cls.__name__)
def test_weights_of_a_learner_reach_the_embedding_of_every_strategy(cls):
    rng = np.random.RandomState(0)
    Z, y, w = rng.normal(size=(60, 3)), np.arange(60) % 3, rng.uniform(1, 2, 60)
    learner = ActiveLearner(
        LogisticRegression(), cls(embedding=Weighted()), budget=5, random_state=0
    ).fit(Z, y, sample_weight=w)
    given = learner.strategy_.embedding_.weights_
    assert len(given) == 10 and np.isin(given, w).all()


@pytest.mark.parametrize(
    "labeled, pool", [(X, X_POOL), (None, X_POOL), (X[:0], X_POOL)]
)
def test_an_embedding_that_learns_nothing_is_shown_one_sample(labeled, pool):
    seen = []
    count = FunctionTransformer(lambda rows: [seen.append(len(rows)), rows][1])
    fitted = fit_embedding(make_pipeline(count, Normalizer()), labeled, None, pool)
    assert seen == [1]
    assert_array_equal(fitted.transform(X), Normalizer().transform(X))
    seen.clear()
    fit_embedding(make_pipeline(count, PCA(1)), X, None, X_POOL)
    assert seen == [5]
