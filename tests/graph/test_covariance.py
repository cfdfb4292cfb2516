"""The Gaussian field: worked vectors, dense algebra, and mistakes made elsewhere."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import KNNAffinity, normalize_affinity
from skactive.graph import _covariance as module
from skactive.graph._covariance import GaussianField
from skactive.graph._eigenpairs import smallest_eigenpairs

TAU, GAMMA = np.sqrt(0.1), 0.1


def affinity(edges, n):
    W = sparse.lil_array((n, n))
    for i, j, weight in edges:
        W[i, j] = W[j, i] = weight
    return W.tocsr()


FOUR = affinity([(0, 1, 1), (0, 2, 0.5), (1, 2, 0.25), (2, 3, 2)], 4)
PATH = affinity([(0, 1, 1), (1, 2, 2), (2, 3, 1)], 4)


def knn(n, seed=0, d=3, k=6):
    Z = np.random.RandomState(seed).standard_normal((n, d))
    return KNNAffinity(k, metric="euclidean", affinity="gaussian").fit_transform(Z)


def dense_covariance(W, labeled=()):
    """Return the covariance by the formula, one label after another."""
    S = normalize_affinity(W).toarray()
    covariance = np.linalg.inv((1 + TAU**2) * np.eye(len(S)) - S)
    for q in labeled:
        c = covariance[:, q]
        covariance = covariance - np.outer(c, c) / (GAMMA**2 + c[q])
    return covariance


def field(W, labeled=(), rank=10**6, **kwargs):
    pairs = smallest_eigenpairs(W, rank, **kwargs)
    return GaussianField(*pairs, labeled, tau=TAU, gamma=GAMMA)


def v_opt(columns):
    return columns.sq_norm / columns.noisy_variance


def sigma_opt(columns):
    return columns.total**2 / columns.noisy_variance


# ------------------------------------------------------------------ worked vectors


def test_posterior_of_four_nodes():
    columns = field(FOUR, [0, 3]).columns([0, 1, 2, 3])
    expected = [0.0099492151, 0.9279572491, 0.9300963793, 0.0099573763]
    np.testing.assert_allclose(columns.variance, expected, atol=1e-9, rtol=0)
    assert dense_covariance(FOUR, [0, 3])[1, 2] == pytest.approx(0.1160731696, abs=1e-9)
    expected = [0.9324810881, 0.9346099596]
    np.testing.assert_allclose(v_opt(columns)[1:3], expected, atol=1e-9, rtol=0)
    expected = [1.1798981870, 1.1887072148]
    np.testing.assert_allclose(sigma_opt(columns)[1:3], expected, atol=1e-9, rtol=0)


def test_posterior_mean_of_four_nodes():
    mean = field(FOUR, [0, 3]).mean(np.eye(2))
    expected = [[0.6985750702, 0.0979105160], [0.3103281483, 0.7845587116]]
    np.testing.assert_allclose(mean[1:3], expected, atol=1e-9, rtol=0)


def test_prior_sums_of_four_nodes():
    expected = [28.7976843643, 26.9097718694, 32.8476596305, 29.1698701780]
    found = sigma_opt(field(FOUR).columns(slice(None)))
    np.testing.assert_allclose(found, expected, atol=1e-9, rtol=0)


def test_v_opt_is_the_fall_of_the_trace():
    W = knn(40)
    before = dense_covariance(W, [3, 8])
    scores = v_opt(field(W, [3, 8]).columns(np.arange(40)))
    for k in (0, 3, 17):
        after = dense_covariance(W, [3, 8, k])
        assert scores[k] == pytest.approx(np.trace(before) - np.trace(after), abs=1e-9)


def test_full_rank_is_the_dense_covariance():
    W, labeled = knn(50), [4, 9, 30]
    covariance = dense_covariance(W, labeled)
    columns = field(W, labeled, rank=50).columns(slice(None))
    np.testing.assert_allclose(columns.variance, np.diag(covariance), atol=1e-8)
    expected = (covariance**2).sum(axis=0)
    np.testing.assert_allclose(columns.sq_norm, expected, atol=1e-8)
    np.testing.assert_allclose(columns.total, covariance.sum(axis=0), atol=1e-8)


# ------------------------------------------------------------------------- updates


def test_labels_one_by_one_are_labels_all_at_once():
    W = knn(80)
    columns = field(W, [5], rank=30).columns(np.arange(20, 60))
    for k in (3, 17, 3, 38):
        columns.label(k)
    at_once = field(W, [5, 23, 37, 23, 58], rank=30).columns(np.arange(20, 60))
    for name in ("variance", "sq_norm", "total", "middle", "precision"):
        actual, expected = getattr(columns, name), getattr(at_once, name)
        np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9)


def test_a_very_uncertain_prior_does_not_eat_the_digits():
    """The first label lowers squared norms by ten orders of magnitude."""
    pairs = smallest_eigenpairs(knn(60), 60)
    settings = {"tau": 1e-4, "gamma": 0.1}
    columns = GaussianField(*pairs, **settings).columns(slice(None))
    columns.label(7)
    columns.label(31)
    expected = GaussianField(*pairs, [7, 31], **settings).columns(slice(None))
    np.testing.assert_allclose(columns.sq_norm, expected.sq_norm, rtol=1e-6)


def test_columns_leave_the_field_alone():
    a_field = field(knn(30), [2], rank=10)
    before = [a_field.precision.copy(), a_field.vectors.copy()]
    a_field.columns(slice(None)).label(4)
    np.testing.assert_array_equal(a_field.precision, before[0])
    np.testing.assert_array_equal(a_field.vectors, before[1])


def test_blocks_of_rows_are_as_good_as_all(monkeypatch):
    a_field = field(knn(50), [2], rank=10)
    whole = a_field.columns(slice(None))
    monkeypatch.setattr(module, "BLOCK_ROWS", 7)
    parts = a_field.columns(slice(None))
    np.testing.assert_allclose(parts.sq_norm, whole.sq_norm, rtol=1e-12)
    np.testing.assert_allclose(parts.variance, whole.variance, rtol=1e-12)


# -------------------------------------------- mistakes of other implementations


def test_sums_do_not_change_with_the_signs_of_eigenvectors():
    """Not sums over spectral coordinates, which change when a vector is turned."""
    eigenvalues, vectors = smallest_eigenpairs(FOUR, 3)
    expected = None
    for signs in np.ndindex(2, 2, 2):
        turned = vectors * (1 - 2 * np.array(signs))
        columns = GaussianField(eigenvalues, turned, [0], tau=TAU, gamma=GAMMA).columns(
            slice(None)
        )
        found = [v_opt(columns), sigma_opt(columns)]
        expected = found if expected is None else expected
        np.testing.assert_allclose(found, expected, atol=1e-10)


def test_only_candidates_are_scored():
    columns = field(knn(30), [0]).columns(np.array([4, 9, 2]))
    everyone = field(knn(30), [0]).columns(slice(None))
    assert v_opt(columns).shape == (3,)
    np.testing.assert_allclose(v_opt(columns), v_opt(everyone)[[4, 9, 2]], rtol=1e-12)


def test_a_class_without_labels_has_mean_zero_and_small_units_stay_exact():
    """No division by the norm of a column, and no absolute tolerance."""
    a_field = field(FOUR, [0, 3])
    Y = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    mean = a_field.mean(Y)
    np.testing.assert_array_equal(mean[:, 2], 0)
    np.testing.assert_allclose(a_field.mean(1e-12 * Y), 1e-12 * mean, rtol=1e-12)


def test_a_node_without_edges_is_finite_and_known_to_nobody():
    W = sparse.block_diag([FOUR, sparse.csr_array((1, 1))], format="csr")
    columns = field(W, [0]).columns(slice(None))
    alone = 1 / (1 + TAU**2)
    assert columns.variance[4] == pytest.approx(alone)
    assert columns.total[4] == pytest.approx(alone)
    without = field(FOUR, [0]).columns(slice(None))
    np.testing.assert_allclose(columns.sq_norm[:4], without.sq_norm, rtol=1e-10)


def test_units_of_the_affinity_do_not_matter():
    W = knn(40)
    plain = field(W, [1], rank=15).columns(slice(None))
    scaled = field(1e6 * W, [1], rank=15).columns(slice(None))
    np.testing.assert_allclose(scaled.sq_norm, plain.sq_norm, rtol=1e-8)


def test_order_of_the_nodes_does_not_matter():
    W = knn(40)
    order = np.random.RandomState(0).permutation(40)
    plain = field(W, [1], rank=15).columns(slice(None))
    shuffled = field(W[order][:, order], np.flatnonzero(order == 1), rank=15)
    found = shuffled.columns(slice(None)).sq_norm
    np.testing.assert_allclose(found, plain.sq_norm[order], rtol=1e-8)
