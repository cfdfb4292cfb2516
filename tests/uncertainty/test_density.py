"""InformationDensity against the n x n matrix of similarities."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from skactive.uncertainty import InformationDensity, entropy, least_confidence, margin
from skactive.utils import embed


def indifferent(proba):
    """Leaves the density alone."""
    return np.ones(len(proba))


@pytest.fixture
def data():
    rng = np.random.RandomState(0)
    X = rng.gamma(1.0, size=(100, 6))
    y = (X[:, 0] > X[:, 1]).astype(int)
    return X[:30], y[:30], X[30:]


def test_density_by_hand():
    X_pool = [[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    strategy = InformationDensity(uncertainty=indifferent)
    strategy.fit([[1.0, 0.0], [0.0, 1.0]], [0, 1], X_pool)
    expected = [0.569035594, 0.804737854, 0.569035594]
    assert_allclose(strategy.score_samples(X_pool), expected, atol=5e-10)


@pytest.mark.parametrize("beta", [0, 0.5, 1.0, 3])
@pytest.mark.parametrize("uncertainty", [entropy, margin, least_confidence])
def test_scores_agree_with_the_matrix_of_similarities(data, beta, uncertainty):
    X, y, X_pool = data
    strategy = InformationDensity(uncertainty=uncertainty, beta=beta)
    scores = strategy.fit(X, y, X_pool).score_samples(X_pool)
    density = cosine_similarity(X_pool).mean(axis=1)
    proba = LogisticRegression().fit(X, y).predict_proba(X_pool)
    assert_allclose(scores, uncertainty(proba) * density**beta, rtol=1e-12)


def test_negative_similarity_counts_as_none():
    X_pool = np.array([[1.0, 0.0], [2.0, 0.1], [-3.0, 0.0]])
    strategy = InformationDensity(uncertainty=indifferent, beta=0.5)
    scores = strategy.fit([[1.0, 0], [0, 1]], [0, 1], X_pool).score_samples(X_pool)
    assert scores[2] == 0
    assert (scores[:2] > 0).all()


def test_a_sample_of_zeros_has_no_density():
    X_pool = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    strategy = InformationDensity(uncertainty=indifferent)
    scores = strategy.fit([[1.0, 0], [0, 1]], [0, 1], X_pool).score_samples(X_pool)
    # Means over three samples: (1 + 0 + c) / 3 with c = cos 45 degrees.
    c = np.sqrt(0.5)
    assert_allclose(scores, [(1 + c) / 3, 0, (1 + c) / 3])


def test_beta_zero_is_the_uncertainty_alone():
    X_pool = np.array([[0.0, 0.0], [1.0, 2.0]])
    strategy = InformationDensity(beta=0).fit([[1.0, 0], [0, 1]], [0, 1], X_pool)
    proba = strategy.estimator_.predict_proba(X_pool)
    assert_array_equal(strategy.score_samples(X_pool), margin(proba))
    strategy.set_params(uncertainty=entropy)
    assert_array_equal(strategy.score_samples(X_pool), entropy(proba))


def test_scores_do_not_depend_on_the_company(data):
    X, y, X_pool = data
    strategy = InformationDensity().fit(X, y, X_pool)
    scores = strategy.score_samples(X_pool)
    alone = [strategy.score_samples(X_pool[i : i + 1])[0] for i in range(len(X_pool))]
    assert_allclose(alone, scores, rtol=1e-13)


def test_only_the_mean_direction_is_kept(data):
    X, y, X_pool = data
    large = np.tile(X_pool, (100, 1))
    strategy = InformationDensity().fit(X, y, large)
    assert strategy.mean_direction_.shape == (6,)
    strategy._drop_pool()
    assert len(pickle.dumps(strategy)) < 5000 < large.nbytes


def test_without_a_pool_the_labeled_samples_are_the_reference(data):
    X, y, X_pool = data
    strategy = InformationDensity(uncertainty=indifferent).fit(X, y)
    expected = cosine_similarity(X_pool, X).mean(axis=1)
    assert_allclose(strategy.score_samples(X_pool), expected)


def test_the_lonely_sample_is_passed_over():
    X, y = [[1.0, 0, 1], [0, 1.0, 1]], [0, 1]
    X_pool = [[1.0, 1, 0], [1.0, 1, 3], [1.0, 0, 3], [0, 1.0, 3]]
    strategy = InformationDensity(uncertainty=margin).fit(X, y, X_pool)
    proba = strategy.estimator_.predict_proba(X_pool)
    assert_allclose(margin(proba)[:2], 1)
    assert strategy.query(1) == [1]


def test_sparse_scores_equal_dense_scores(data):
    X, y, X_pool = (
        np.where(part > 1, part, 0) if part.ndim > 1 else part for part in data
    )
    dense = InformationDensity().fit(X, y, X_pool).score_samples(X_pool)
    for container in (sparse.csr_array, sparse.csr_matrix, sparse.csc_array):
        strategy = InformationDensity().fit(container(X), y, container(X_pool))
        assert_allclose(strategy.score_samples(container(X_pool)), dense, rtol=1e-6)
        assert isinstance(strategy.mean_direction_, np.ndarray)


def test_float32_stays_float32(data):
    X, y, X_pool = data
    X, X_pool = X.astype(np.float32), X_pool.astype(np.float32)
    strategy = InformationDensity().fit(X, y, X_pool)
    assert strategy.mean_direction_.dtype == np.float32
    expected = cosine_similarity(X_pool).mean(axis=1)
    assert_allclose(strategy._density(embed(None, X_pool)), expected, rtol=1e-5)


def test_images_are_flattened_for_the_density(data):
    _, y, _ = data
    images = np.random.RandomState(1).randint(0, 255, (50, 1, 4, 4)).astype(np.uint8)
    flatten = FunctionTransformer(lambda A: A.reshape(len(A), -1) / 255.0)
    model = make_pipeline(flatten, LogisticRegression())
    strategy = InformationDensity(model, uncertainty=indifferent)
    strategy.fit(images[:30], y, images[30:])
    expected = cosine_similarity(images[30:].reshape(20, -1)).mean(axis=1)
    assert_allclose(strategy.score_samples(images[30:]), expected, rtol=1e-5)


def test_the_embedding_is_the_space_of_the_density(data):
    X, y, X_pool = data
    strategy = InformationDensity(uncertainty=indifferent, embedding=PCA(2))
    scores = strategy.fit(X, y, X_pool).score_samples(X_pool)
    Z = PCA(2).fit(np.concatenate([X, X_pool])).transform(X_pool)
    expected = np.maximum(cosine_similarity(Z).mean(axis=1), 0)
    assert_allclose(scores, expected, atol=1e-12)
    frozen = InformationDensity(embedding=FrozenEstimator(PCA(2).fit(X)))
    assert frozen.fit(X, y, X_pool).embedding_ is frozen.embedding


def test_texts_in_a_data_frame_need_an_embedding():
    X = pd.DataFrame({"size": [1.0, 2, 3, 4], "kind": list("abab")})
    encode = make_column_transformer(
        (OneHotEncoder(), ["kind"]), remainder="passthrough"
    )
    model = make_pipeline(encode, LogisticRegression())
    y = [0, 1, 0, 1]
    with pytest.raises(ValueError, match=r"X_pool holds strings.*pass an embedding"):
        InformationDensity(model).fit(X, y, X)
    strategy = InformationDensity(model, embedding=encode).fit(X, y, X)
    assert sorted(strategy.query(4)) == [0, 1, 2, 3]


@pytest.mark.parametrize("beta", [-1, np.nan, np.inf, "1"])
def test_a_senseless_beta_is_refused(data, beta):
    with pytest.raises(ValueError, match="beta' parameter of"):
        InformationDensity(beta=beta).fit(*data)


def test_uncertainty_must_be_a_function(data):
    with pytest.raises(TypeError, match="uncertainty' parameter of"):
        InformationDensity(uncertainty="entropy").fit(*data)


def test_uncertainty_must_give_one_number_per_sample(data):
    strategy = InformationDensity(uncertainty=lambda proba: proba).fit(*data)
    with pytest.raises(ValueError, match="one number per sample"):
        strategy.query(1)
