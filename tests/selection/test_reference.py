"""Coverage of one reference: the function that all parts raise is the same."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skactive.selection import max_coverage, max_herding
from skactive.selection._reference import cover_reference, herd_reference


@pytest.fixture
def Z():
    return np.random.RandomState(0).rand(80, 3)


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("kernel", ["rbf", "laplace", "cauchy", "top_hat"])
def test_with_the_rows_for_a_reference_it_is_herding(Z, kernel, normalize):
    settings = {"kernel": kernel, "normalize": normalize, "radius": 0.5}
    expected, gains = max_herding(
        Z[5:], 9, Z_labeled=Z[:5], random_state=0, return_gains=True, **settings
    )
    picks, same = herd_reference(
        Z[5:], 9, reference=Z[5:], Z_labeled=Z[:5], random_state=0, **settings
    )
    assert_array_equal(picks, expected)
    np.testing.assert_allclose(same, gains, atol=1e-12)


def test_gains_add_up_to_what_is_covered(Z):
    rows, reference = Z[:20], Z[20:]
    weights = np.arange(60.0)
    picks, gains = herd_reference(
        rows, 6, reference=reference, weights=weights, normalize=False, radius=0.4
    )
    sq = ((reference[:, None] - rows[picks]) ** 2).sum(axis=2)
    value = weights @ np.exp(-sq / 0.4**2).max(axis=1) / 60
    assert gains.sum() == pytest.approx(value)
    first = np.exp(-((reference[:, None] - rows) ** 2).sum(axis=2) / 0.4**2)
    assert picks[0] == np.argmax(weights @ first)


def test_weights_that_are_all_zero_count_alike(Z):
    alike, _ = herd_reference(Z, 5, reference=Z, random_state=0)
    zeros, _ = herd_reference(Z, 5, reference=Z, weights=np.zeros(80), random_state=0)
    assert_array_equal(zeros, alike)


@pytest.mark.parametrize("labeled", [0, 3])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_balls_cover_as_a_graph_says(Z, labeled, kind):
    rows, reference, known = Z[:20], Z[20:70], Z[70 : 70 + labeled]

    def near(A):
        return ((A[:, None] - reference) ** 2).sum(axis=2) <= 0.4**2

    covered = near(known).any(axis=0)
    expected, share = max_coverage(
        sparse.csr_array(near(rows)),
        4,
        covered=covered,
        random_state=0,
        return_coverage=True,
    )
    picks, gains = cover_reference(
        kind(rows),
        4,
        reference=kind(reference),
        radius=0.4,
        Z_labeled=kind(known) if labeled else None,
        normalize=False,
        random_state=0,
    )
    assert_array_equal(picks, expected)
    assert gains.sum() + covered.sum() == pytest.approx(50 * share)


def test_once_all_is_covered_the_farthest_follow():
    rows = np.array([[0.0], [1.0], [2.0], [50.0], [9.0]])
    picks, gains = cover_reference(
        rows, 5, reference=rows[:3], radius=1.0, normalize=False, random_state=0
    )
    assert picks[:3].tolist() == [1, 3, 4]
    assert gains.tolist() == [3, 0, 0, 0, 0]
    assert sorted(picks) == list(range(5))


def test_widths_must_agree(Z):
    with pytest.raises(ValueError, match="features"):
        herd_reference(Z, 2, reference=Z[:, :2])
