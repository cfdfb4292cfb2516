"""max_herding: by hand, and against a form that keeps all similarities."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import pairwise_distances

from skactive.selection import _distances, _herding, max_herding
from skactive.selection._balls import scaled_rows
from skactive.selection._herding import Herding

LINE = np.array([[0.0], [1.0], [2.0], [5.0]])
SIMILARITY = {
    "rbf": lambda t: np.exp(-(t**2)),
    "laplace": lambda t: np.exp(-t),
    "cauchy": lambda t: 1 / (1 + t**2),
    "top_hat": lambda t: (t <= 1).astype(float),
}


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def unit(Z):
    norms = np.linalg.norm(Z, axis=1, keepdims=True)
    return Z / np.where(norms > 0, norms, 1)


def naive(Z, n, Z_labeled=None, weights=None, kernel="rbf", radius=1.0):
    """Gains from the whole matrix of similarities, anew at each pick.

    Two rows that are each other's nearest often gain the same: ties are the rule, and
    decided by the same lot.
    """
    rank = np.random.RandomState(0).permutation(len(Z))
    w = np.ones(len(Z)) if weights is None else weights
    K = SIMILARITY[kernel](pairwise_distances(Z) / radius)
    best = np.zeros(len(Z))
    if Z_labeled is not None:
        best = SIMILARITY[kernel](pairwise_distances(Z, Z_labeled) / radius).max(axis=1)
    picks, gained = [], []
    for _ in range(n):
        gains = (np.maximum(K - best, 0) * w).mean(axis=1)
        gains[picks] = -1
        ties = np.flatnonzero(gains >= gains.max() - 1e-14)
        picks.append(int(ties[np.argmin(rank[ties])]))
        gained.append(gains.max())
        best = np.maximum(best, K[picks[-1]])
    return picks, gained


def line_gains(weights):
    rows = scaled_rows(LINE, False)
    herding = Herding(rows, rows, weights / 4, "rbf", 1.0, None, np.arange(4))
    first = herding.gains.copy()
    herding.gains[1] = -np.inf
    herding._cover(1)
    return first, herding.gains


def test_gains_of_four_points_on_a_line():
    first, second = line_gains(np.ones(4))
    expected = [0.346548770, 0.433939749, 0.346579622, 0.250030881]
    np.testing.assert_allclose(first, expected, atol=1e-9)
    expected = [0.158030140, -np.inf, 0.158060964, 0.249999972]
    np.testing.assert_allclose(second, expected, atol=1e-9)


def test_weighted_gains_of_four_points_on_a_line():
    first, second = line_gains(np.array([0.2, 0.9, 0.4, 1.0]))
    expected = [0.134604438, 0.280181944, 0.183719509, 0.250012366]
    np.testing.assert_allclose(first, expected, atol=1e-9)
    expected = [0.031606028, -np.inf, 0.063242880, 0.249999972]
    np.testing.assert_allclose(second, expected, atol=1e-9)


@pytest.mark.parametrize("kernel", ["rbf", "laplace", "cauchy"])
@pytest.mark.parametrize("labeled", [0, 1, 12])
@pytest.mark.parametrize("weighted", [False, True])
def test_picks_are_those_of_the_naive_form(kernel, labeled, weighted):
    Z, Z_labeled = gaussian(150, 5), gaussian(labeled, 5, seed=1)
    weights = np.random.RandomState(2).uniform(size=150) if weighted else None
    Z_labeled = Z_labeled if labeled else None
    expected, gained = naive(Z, 60, Z_labeled, weights, kernel, 1.7)
    positions, gains = max_herding(
        Z,
        60,
        Z_labeled=Z_labeled,
        weights=weights,
        kernel=kernel,
        radius=1.7,
        normalize=False,
        random_state=0,
        return_gains=True,
    )
    assert positions.tolist() == expected
    np.testing.assert_allclose(gains, gained, rtol=1e-9, atol=1e-15)


def test_top_hat_gains_as_much_as_the_naive_form():
    # Many rows gain alike: which of them is picked is a matter of chance.
    Z = gaussian(80, 2)
    gains = max_herding(
        Z, 5, kernel="top_hat", radius=0.8, normalize=False, return_gains=True
    )[1]
    assert gains[0] == pytest.approx((pairwise_distances(Z) <= 0.8).mean(axis=1).max())


@pytest.mark.parametrize("bytes_", [1, 7 * 40, 2**21])
@pytest.mark.parametrize("centers", [1, 7, 256])
def test_picks_do_not_depend_on_the_blocks(bytes_, centers, monkeypatch):
    Z = gaussian(90, 5)
    expected = naive(unit(Z), 30)[0]
    monkeypatch.setattr(_distances, "BLOCK_BYTES", bytes_)
    monkeypatch.setattr(_herding, "CENTERS", centers)
    assert max_herding(Z, 30, random_state=0).tolist() == expected


def test_float32_gains_those_of_float64():
    Z, weights = gaussian(300, 8), np.random.RandomState(1).uniform(size=300)
    # One order of near ties for both.
    options = {"weights": weights, "random_state": 0, "return_gains": True}
    a = max_herding(Z, 50, **options)[1]
    b = max_herding(Z.astype(np.float32), 50, **options)[1]
    np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("kernel", ["rbf", "laplace", "top_hat"])
@pytest.mark.parametrize("normalize", [False, True])
def test_equal_rows_in_float32_leave_nothing_to_gain(kernel, normalize):
    Z = np.repeat(gaussian(4, 50), 5, axis=0).astype(np.float32)
    positions, gains = max_herding(
        Z, 20, kernel=kernel, radius=1e-3, normalize=normalize, return_gains=True
    )
    assert sorted(positions) == list(range(20))
    assert sorted(positions[:4] // 5) == [0, 1, 2, 3]
    assert gains.tolist() == [pytest.approx(0.25)] * 4 + [0] * 16


def test_rows_of_one_direction_are_one_row_when_normalized():
    Z = gaussian(40, 4)
    lengths = np.random.RandomState(1).uniform(0.01, 100, size=(40, 1))
    expected = max_herding(Z, 20, random_state=0)
    answer = max_herding(Z * lengths, 20, random_state=0)
    np.testing.assert_array_equal(answer, expected)
    assert max_herding(Z, 20, random_state=0).tolist() == naive(unit(Z), 20)[0]


def test_a_row_of_zeros_is_at_distance_one():
    Z = gaussian(30, 3)
    Z[4] = 0
    assert max_herding(Z, 30, random_state=0).tolist() == naive(unit(Z), 30)[0]


def test_sparse_rows_are_picked_as_dense_ones():
    Z = np.where(gaussian(70, 8) > 0.5, gaussian(70, 8, seed=1), 0)
    dense = max_herding(Z, 15, Z_labeled=Z[:2], random_state=0)
    csr = sparse.csr_array(Z)
    answer = max_herding(csr, 15, Z_labeled=csr[:2], random_state=0)
    np.testing.assert_array_equal(answer, dense)


def test_rows_mapped_from_a_file_are_picked_as_those_in_memory(tmp_path):
    Z = gaussian(70, 8).astype(np.float32)
    np.save(tmp_path / "rows.npy", Z)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    expected = max_herding(Z, 9, random_state=0)
    np.testing.assert_array_equal(max_herding(mapped, 9, random_state=0), expected)


def test_fewer_picks_are_the_beginning_of_more():
    Z = gaussian(60, 4)
    every = max_herding(Z, 60, n_reference=30, random_state=0)
    assert sorted(every) == list(range(60))
    for n in (1, 7, 31):
        few = max_herding(Z, n, n_reference=30, random_state=0)
        np.testing.assert_array_equal(few, every[:n])


def test_a_reference_stands_for_all():
    Z = gaussian(2000, 3)
    exact = max_herding(Z, 20, n_reference=None, return_gains=True)[1].sum()
    K = np.exp(-(pairwise_distances(unit(Z)) ** 2))
    for seed in range(3):
        positions = max_herding(Z, 20, n_reference=500, random_state=seed)
        assert K[positions].max(axis=0).mean() > 0.99 * exact


def test_nothing_to_gain_is_picked_by_lot():
    Z = np.ones((6, 3))
    lasts = {max_herding(Z, 6, random_state=seed)[-1] for seed in range(60)}
    assert lasts == set(range(6))
    firsts = {max_herding(Z, 1, Z_labeled=Z, random_state=s)[0] for s in range(60)}
    assert firsts == set(range(6))


def test_weights_of_zero_are_weights_of_one():
    Z = gaussian(30, 4)
    a = max_herding(Z, 10, weights=np.zeros(30), random_state=0)
    np.testing.assert_array_equal(a, max_herding(Z, 10, random_state=0))


def test_rows_without_weight_need_no_cover():
    Z = np.vstack([np.zeros((9, 1)), np.ones((1, 1)) * 50])
    weights = np.array([0.0] * 9 + [1.0])
    assert max_herding(Z, 1, weights=weights, normalize=False).tolist() == [9]


@pytest.mark.parametrize(
    ("kwargs", "match"),
    [
        ({"kernel": "linear"}, "kernel must be one of"),
        ({"radius": 0}, "above 0, got 0"),
        ({"radius": np.nan}, "above 0, got nan"),
        ({"radius": "auto"}, "above 0, got 'auto'"),
        ({"n_reference": 0}, "1 or more"),
        ({"n_reference": 2.5}, "1 or more"),
        ({"weights": [1.0]}, "each of the 4 rows"),
        ({"weights": [1.0, -1.0, 0, 0]}, r"weights\[1\] is -1.0"),
        ({"weights": [1.0, 1.0, np.nan, 0]}, r"weights\[2\] is nan"),
        ({"n": 5}, "between 1 and 4"),
        ({"Z_labeled": [[1.0, 2.0]]}, "same embedding"),
        ({"Z": [[1.0], [np.nan]]}, r"Z\[1\] holds NaN"),
    ],
)
def test_bad_arguments_are_refused(kwargs, match):
    with pytest.raises(ValueError, match=match):
        max_herding(**{"Z": LINE, "n": 1, **kwargs})
