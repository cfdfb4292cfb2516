"""Distances to classes, energies and ranks, by hand and against plain versions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from scipy.stats import rankdata
from sklearn.covariance import LedoitWolf

from skactive.utils._outliers import ClassDistances, energy, shares_below


def plain(Z, y, rows):
    """Invert the shrunk covariance of samples about their class means."""
    means = {c: Z[y == c].mean(axis=0) for c in np.unique(y)}
    rest = np.vstack([z - means[c] for z, c in zip(Z, y) if (y == c).sum() > 1])
    inverse = np.linalg.inv(LedoitWolf(assume_centered=True).fit(rest).covariance_)
    away = rows[:, None] - np.array(list(means.values()))
    return np.sqrt(np.einsum("ijk,kl,ijl->ij", away, inverse, away).min(axis=1))


def blobs(n, d, dtype=np.float64):
    rng = np.random.RandomState(0)
    y = np.arange(n) % 3
    Z = rng.standard_normal((n, d)) * (1 + np.arange(d)) + 5 * y[:, None]
    return Z.astype(dtype), y, (8 * rng.standard_normal((20, d))).astype(dtype)


# More rows than columns, and fewer: the directions are found in two ways.
@pytest.mark.parametrize("n, d", [(40, 5), (12, 30), (6, 6)])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_distances_are_those_of_the_inverse_covariance(n, d, kind):
    Z, y, rows = blobs(n, d)
    found = ClassDistances(kind(Z), y).of(kind(rows))
    assert_allclose(found, plain(Z, y, rows), rtol=1e-7)


def test_single_precision():
    Z, y, rows = blobs(40, 5, np.float32)
    assert_allclose(ClassDistances(Z, y).of(rows), plain(Z, y, rows), rtol=1e-3)


def test_a_class_with_one_sample_is_a_mean_and_no_variance():
    Z, y, rows = blobs(40, 5)
    Z, y = np.vstack([Z, np.full(5, 99.0)]), np.append(y, 7)
    rows = np.vstack([rows, np.full(5, 99.0)])
    found = ClassDistances(Z, y).of(rows)
    assert_allclose(found, plain(Z, y, rows), rtol=1e-7, atol=1e-7)
    assert found[-1] == pytest.approx(0, abs=1e-6)
    assert ClassDistances(Z[:-1], y[:-1]).of(rows[-1:]) > 5


@pytest.mark.parametrize("y", [None, np.arange(12), list("abcdefghijkl")])
def test_without_two_of_a_class_all_are_one_group(y):
    Z, _, rows = blobs(12, 4)
    found = ClassDistances(Z, y).of(rows)
    assert_allclose(found, plain(Z, np.zeros(12), rows), rtol=1e-7)


def test_covariance_that_cannot_be_inverted():
    """A column twice and a constant one: shrinkage gives each direction a variance."""
    rng = np.random.RandomState(0)
    one = rng.standard_normal((50, 1))
    Z = np.hstack([one, one, np.zeros((50, 1))])
    found = ClassDistances(Z).of(np.array([[1.0, 1, 0], [1.0, -1, 0], [0, 0, 1]]))
    assert np.isfinite(found).all()
    assert found[0] < found[1] and found[0] < found[2]


def test_nothing_varies_and_distances_are_plain():
    Z = np.array([[1.0, 1.0], [1.0, 1.0], [5.0, 1.0], [5.0, 1.0]])
    found = ClassDistances(Z, [0, 0, 1, 1]).of(np.array([[1.0, 4.0], [9.0, 1.0]]))
    assert_allclose(found, [3, 4])
    assert_allclose(ClassDistances(Z[:1]).of(Z[2:3]), [4])  # one sample


def test_blocks_do_not_matter(monkeypatch):
    Z, y, rows = blobs(40, 5)
    whole = ClassDistances(Z, y).of(rows)
    monkeypatch.setattr("skactive.utils._outliers.BLOCK_ROWS", 3)
    assert_allclose(ClassDistances(Z, y).of(rows), whole, rtol=1e-12)


def test_energy_by_hand():
    logits = np.log([[1.0, 2.0, 5.0], [0.5, 0.25, 0.25]])
    assert_allclose(energy(logits), [-np.log(8), 0], atol=1e-15)
    assert_allclose(energy(logits - 3), energy(logits) + 3)
    assert np.isfinite(energy(np.array([[1e4, 0.0]]))).all()


def test_energy_of_two_classes_prefers_neither():
    one = np.array([-3.0, 0.0, 3.0, 1e4])
    assert_allclose(energy(one), energy(-one))
    assert_allclose(energy(one)[:3], energy(np.stack([-one, one], 1) / 2)[:3])
    assert energy(one).argmax() == 1


def test_shares_are_middle_ranks():
    values = np.random.RandomState(0).randint(6, size=50).astype(float)
    expected = (rankdata(values) - 0.5) / 50
    assert_allclose(shares_below(values, values), expected)
    assert_allclose(shares_below([-1.0, 9.0], values), [expected.min(), expected.max()])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shares_forgive_rounding(dtype):
    """Equal but for rounding, apart by more, and in between."""
    one = dtype(1)
    values = np.array([0, one, np.nextafter(one, dtype(2)), 2], dtype=dtype)
    shares = shares_below(values, values)
    assert_allclose(shares, [0.125, 0.5, 0.5, 0.875])
    moved = values * (1 + 3 * np.finfo(dtype).eps)
    assert_allclose(shares_below(moved, values), shares, atol=1e-5)
    assert shares_below([1.5], values) == pytest.approx(0.6875, abs=1e-5)
    assert_allclose(shares_below([3, 3, 3], [3, 3]), 0.5)
