"""ExpectedErrorReduction: numbers on paper, and the model trained again and again."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.cross_decomposition import PLSRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.lookahead import ExpectedErrorReduction, ModelChange, _error_reduction
from skactive.lookahead._error_reduction import expected_risk, kernel_width
from skactive.selection import _distances
from skactive.uncertainty import QUIRE

K = np.array([[1, 0.5, 0.1], [0.5, 1, 0.4], [0.1, 0.4, 1]])
COUNTS = np.array([[1, 0.2], [0.5, 0.5], [0.1, 0.8]])


def problem(n=60, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.standard_normal((n, 4))
    return X[:10], np.arange(10) % n_classes, X[10:]


def parzen(X, y, Z, n_classes, gamma):
    counts = rbf_kernel(Z, X, gamma=gamma) @ np.eye(n_classes)[y]
    return counts / counts.sum(axis=1, keepdims=True)


def risk_by_training_again(X, y, X_pool, loss, gamma):
    n_classes = len(np.unique(y))
    proba = parzen(X, y, X_pool, n_classes, gamma)
    risk = np.zeros(len(X_pool))
    for i, x in enumerate(X_pool):
        for c in range(n_classes):
            p = parzen(np.vstack([X, x]), np.append(y, c), X_pool, n_classes, gamma)
            own = 1 - p.max(1) if loss == "zero_one" else -(p * np.log(p)).sum(1)
            risk[i] += proba[i, c] * own.mean()
    return risk


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("zero_one", [0.222727273, 0.248491704, 0.224310777]),
        ("log", [0.492131657, 0.516973844, 0.479515967]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_risk_on_paper(loss, expected, dtype):
    k, counts = K.astype(dtype), COUNTS.astype(dtype)
    risk = expected_risk(k, counts, counts, loss)
    tolerance = 1e-9 if dtype == np.float64 else 1e-6
    np.testing.assert_allclose(risk, expected, atol=tolerance)


@pytest.mark.parametrize("loss", ["log", "zero_one"])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_order_is_that_of_training_again(monkeypatch, loss, n_classes, size):
    monkeypatch.setattr(_distances, "MAX_BLOCK_ROWS", size)
    monkeypatch.setattr(_error_reduction, "BLOCK_BYTES", 1)
    X, y, X_pool = problem(30, n_classes)
    strategy = ExpectedErrorReduction(loss=loss, gamma=0.4).fit(X, y, X_pool)
    risk = risk_by_training_again(X, y, X_pool, loss, 0.4)
    assert strategy.query(20).tolist() == np.argsort(risk).tolist()


def test_references_that_no_label_reaches_are_uniform():
    far = np.zeros((2, 3))
    k = np.array([[0.0, 0.0], [0.5, 0.0]])
    log = expected_risk(k, far, far, "log")
    np.testing.assert_allclose(log, [np.log(3), np.log(3) / 2])
    zero_one = expected_risk(k, far, far, "zero_one")
    np.testing.assert_allclose(zero_one, [2 / 3, 1 / 3])


def test_labels_that_are_far_from_the_pool_are_met():
    X, y, X_pool = problem()
    strategy = ExpectedErrorReduction(gamma=1e4, random_state=0).fit(X, y, X_pool)
    assert sorted(strategy.query(50)) == list(range(50))


def test_few_references_are_drawn_by_the_seed():
    X, y, X_pool = problem()
    asked = {
        seed: ExpectedErrorReduction(n_references=3, random_state=seed)
        .fit(X, y, X_pool)
        .query(5)
        .tolist()
        for seed in (0, 0, 1, 2)
    }
    assert len({tuple(a) for a in asked.values()}) > 1


def test_single_precision_sparse_and_mapped_pools_are_asked_alike(tmp_path):
    X, y, X_pool = problem()
    strategy = ExpectedErrorReduction(random_state=0)
    dense = strategy.fit(X, y, X_pool).query(10).tolist()
    single = np.float32(X_pool)
    assert strategy.fit(np.float32(X), y, single).query(10).tolist() == dense
    assert np.shares_memory(strategy._Z_pool, single)
    csr = strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    assert csr.query(10).tolist() == dense
    np.save(tmp_path / "pool.npy", X_pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    assert strategy.fit(X, y, mapped).query(10).tolist() == dense


@pytest.mark.parametrize("loss", ["log", "zero_one"])
def test_copies_zeros_and_one_class_are_asked_once_each(loss):
    X, y, X_pool = problem()
    X_pool[:20], X_pool[20:30] = 0, X[0]
    for labels in (y, np.zeros(10)):
        strategy = ExpectedErrorReduction(loss=loss, random_state=0)
        assert sorted(strategy.fit(X, labels, X_pool).query(50)) == list(range(50))
    alike = np.zeros((20, 4))
    firsts = {
        int(ExpectedErrorReduction(random_state=s).fit(X, y, alike).query()[0])
        for s in range(9)
    }
    assert len(firsts) > 3  # at random among equals


def test_width_by_hand():
    Z = np.array([[0.0, 1.0], [2.0, 1.0]])
    assert kernel_width(Z, 8) == pytest.approx(2 * 8 ** (1 / 3) / 1.0)
    assert kernel_width(sparse.csr_array(Z), 8) == pytest.approx(4.0)
    assert kernel_width(np.ones((3, 2)), 8) == 1


def test_features_too_small_for_their_squares_are_refused():
    X, y, X_pool = problem()
    tiny = np.float32(1e-20)
    small = [(X * tiny).astype(np.float32), y, (X_pool * tiny).astype(np.float32)]
    with pytest.raises(ValueError, match="float32 cannot hold.*Rescale"):
        ExpectedErrorReduction().fit(*small)
    with pytest.raises(ValueError, match="float32 cannot hold.*Rescale"):
        ExpectedErrorReduction(gamma=1e40).fit(*small)
    plain = ExpectedErrorReduction(random_state=0).fit(X, y, X_pool).query(9)
    double = ExpectedErrorReduction(random_state=0).fit(X * 1e-20, y, X_pool * 1e-20)
    assert double.query(9).tolist() == plain.tolist()


@pytest.mark.parametrize(
    ("params", "match"),
    [
        ({"loss": "squared"}, "loss' parameter of"),
        ({"gamma": 0}, "parameter of"),
        ({"gamma": "scale"}, "parameter of"),
        ({"n_references": 0}, "parameter of"),
        ({"n_references": 2.5}, "parameter of"),
    ],
)
def test_bad_parameters_are_refused(params, match):
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match=match):
        ExpectedErrorReduction(**params).fit(X, y, X_pool)


@pytest.mark.parametrize("cls", [ExpectedErrorReduction, ModelChange, QUIRE])
def test_whole_numbers_that_a_regressor_embeds_by_are_no_classes(cls):
    X, _, X_pool = problem()
    values = np.arange(10) * 3
    scaled = make_pipeline(StandardScaler(), PLSRegression())
    for embedding in (PLSRegression(), scaled):
        refusal = rf"(?s){cls.__name__} .*its embedding .*is a regressor"
        with pytest.raises(ValueError, match=refusal):
            cls(embedding).fit(X, values, X_pool)
        cls(embedding).fit(X, values % 2, X_pool).query(2)  # as in PLS-DA
