"""QUIRE: numbers on paper, and the definition with a matrix of the whole pool."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.exceptions import UnsuitedWarning
from skactive.lookahead import ExpectedErrorReduction
from skactive.selection import _distances
from skactive.uncertainty import QUIRE, _quire
from skactive.uncertainty._quire import PoolRidge, kernel_width, signs


def problem(n=60, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, 4))
    return X[:10], np.arange(10) % n_classes, X[10:]


def losses(X, y, X_pool, gamma=0.5, alpha=1.0):
    X, X_pool = np.asarray(X, dtype=float), np.asarray(X_pool, dtype=float)
    classes, codes = np.unique(y, return_inverse=True)
    ridge = PoolRidge(X_pool, X, signs(codes, len(classes)), gamma, alpha, 1)
    return ridge.losses()


def test_losses_on_paper():
    X, y, X_pool = [[0.0], [5.0]], [0, 1], [[0.5], [2.0], [3.5]]
    expected = [2.289671692, 1.566656289, 1.692480148]
    np.testing.assert_allclose(losses(X, y, X_pool), expected, atol=1e-9)
    assert QUIRE(gamma=0.5).fit(X, y, X_pool).query(1).tolist() == [1]
    np.testing.assert_allclose(
        losses([[0.0], [3.0]], y, [[1.0], [2.0]]), 1.852102930, atol=1e-9
    )


@pytest.mark.parametrize("n_classes", [2, 3])
def test_losses_are_those_of_the_published_definition(n_classes):
    """The largest, over labels of s, of the smallest y'Ly over all other labels."""
    X, y, X_pool = problem(30, n_classes)
    every = np.vstack([X, X_pool])
    L = np.linalg.inv(rbf_kernel(every, gamma=0.3) + 0.7 * np.eye(30))
    expected = np.full(20, -np.inf)
    for s in range(20):
        known = np.r_[np.arange(10), 10 + s]
        rest = np.setdiff1d(np.arange(30), known)
        A = L[np.ix_(known, known)] - L[np.ix_(known, rest)] @ np.linalg.solve(
            L[np.ix_(rest, rest)], L[np.ix_(rest, known)]
        )
        for c in range(n_classes):
            t = np.r_[np.where(y == c, 1, -1), 1]
            expected[s] = max(expected[s], t @ A @ t)
    actual = losses(X, y, X_pool, gamma=0.3, alpha=0.7)
    np.testing.assert_allclose(actual, expected, rtol=1e-10)


def test_a_batch_is_that_of_learning_its_own_predictions():
    X, y, X_pool = problem()
    strategy = QUIRE(gamma=0.3).fit(X, y, X_pool)
    known, codes, left, picks = X, list(y), list(range(50)), []
    for _ in range(12):
        left = [i for i in range(50) if i not in picks]
        best = left[np.argmin(losses(known, codes, X_pool[left], gamma=0.3))]
        K = rbf_kernel(known, gamma=0.3) + np.eye(len(known))
        targets = signs(np.array(codes), 3)
        k = rbf_kernel(X_pool[[best]], known, gamma=0.3)
        codes.append(int((k @ np.linalg.solve(K, targets)).argmax()))
        known = np.vstack([known, X_pool[best]])
        picks.append(best)
    assert strategy.query(12).tolist() == picks


@pytest.mark.parametrize("size", [1, 7, 50])
def test_blocks_change_nothing(monkeypatch, size):
    X, y, X_pool = problem()
    whole = QUIRE().fit(X, y, X_pool).query(50)
    monkeypatch.setattr(_distances, "MAX_BLOCK_ROWS", size)
    monkeypatch.setattr(_quire, "BLOCK_BYTES", 1)
    assert QUIRE().fit(X, y, X_pool).query(50).tolist() == whole.tolist()


def test_other_samples_of_the_pool_do_not_matter():
    X, y, X_pool = problem()
    np.testing.assert_allclose(
        losses(X, y, X_pool)[:5], losses(X, y, X_pool[:5]), rtol=1e-10
    )


def test_single_precision_is_not_copied_and_asks_the_same():
    X, y, X_pool = problem()
    strategy = QUIRE(random_state=0).fit(X, y, X_pool)
    single = np.float32(X_pool)
    other = QUIRE(random_state=0).fit(np.float32(X), y, single)
    assert np.shares_memory(other._Z_pool, single)
    assert other.query(10).tolist() == strategy.query(10).tolist()


def test_sparse_and_mapped_pools_are_asked_as_dense_ones(tmp_path):
    X, y, X_pool = problem()
    dense = QUIRE().fit(X, y, X_pool).query(10).tolist()
    csr = QUIRE().fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    assert csr.query(10).tolist() == dense
    np.save(tmp_path / "pool.npy", X_pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    assert QUIRE().fit(X, y, mapped).query(10).tolist() == dense


def test_copies_zeros_and_one_class_are_asked_once_each():
    X, y, X_pool = problem()
    X_pool[:20], X_pool[20:30] = 0, X[0]
    for labels in (y, np.zeros(10)):
        asked = QUIRE(random_state=0).fit(X, labels, X_pool).query(50)
        assert sorted(asked) == list(range(50))
    alike = np.zeros((20, 4))
    firsts = {int(QUIRE(random_state=s).fit(X, y, alike).query()[0]) for s in range(9)}
    assert len(firsts) > 3  # at random among equals
    assert QUIRE().fit(X, y, alike).gamma_ == 1


def test_width_is_one_over_the_spread_and_the_embedding_decides():
    X, y, X_pool = problem()
    assert kernel_width(X_pool) == pytest.approx(1 / X_pool.var(axis=0).sum())
    csr = sparse.csr_array(X_pool)
    assert kernel_width(csr) == pytest.approx(kernel_width(X_pool))
    unit = [1, 100, 1, 1]
    scaled = QUIRE(StandardScaler()).fit(X * unit, y, X_pool * unit)
    plain = QUIRE(StandardScaler()).fit(X, y, X_pool)
    assert scaled.query(9).tolist() == plain.query(9).tolist()
    assert QUIRE().fit(X * unit, y, X_pool * unit).gamma_ < 1e-3 < scaled.gamma_


@pytest.mark.parametrize("cls", [QUIRE, ExpectedErrorReduction])
def test_more_than_two_classes_are_warned_of(cls):
    with pytest.warns(UnsuitedWarning, match="made for two classes.*Margin") as said:
        cls().fit(*problem())
        cls().fit(*problem(n_classes=4))
    assert len({str(each.message) for each in said}) == 1
    assert {each.filename for each in said} == {__file__}
    X, _, X_pool = problem(n_classes=4)
    learner = ActiveLearner(strategy=cls(), n_initial=8, budget=4, batch_size=2)
    with pytest.warns(UnsuitedWarning):
        learner.fit(np.vstack([X, X_pool]), np.arange(60) % 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n_classes in (1, 2):
            cls().fit(*problem(n_classes=n_classes)).query(2)


def test_features_too_small_for_their_squares_are_refused():
    X, y, X_pool = problem()
    small = [np.float32(X * 1e-20), y, np.float32(X_pool * 1e-20)]
    with pytest.raises(ValueError, match="float32 cannot hold.*Rescale"):
        QUIRE().fit(*small)
    with pytest.raises(ValueError, match="float32 cannot hold.*Rescale"):
        QUIRE(gamma=1e40).fit(*small)
    plain = QUIRE().fit(X, y, X_pool).query(9).tolist()
    assert QUIRE().fit(X * 1e-20, y, X_pool * 1e-20).query(9).tolist() == plain


@pytest.mark.parametrize("name", ["gamma", "alpha"])
@pytest.mark.parametrize("value", [0, -1.0, np.nan, np.inf, "scale", True])
def test_bad_parameters_are_refused(name, value):
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match=f"'{name}' parameter of"):
        QUIRE(**{name: value}).fit(X, y, X_pool)
