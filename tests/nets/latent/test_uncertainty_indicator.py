"""SRAAL's indicator of uncertainty, on paper."""

import numpy as np
import pytest

from skactive.deep import uncertainty_indicator

pytestmark = pytest.mark.deep

VECTORS = {
    (1, 0, 0, 0): (0, 0.25),
    (0.7, 0.1, 0.1, 0.1): (0.3, 0.475),
    (0.5, 0.5, 0, 0): (0.833333, 0.875),
    (0.4, 0.3, 0.2, 0.1): (0.76, 0.82),
    (0.7, 0.3, 0, 0): (0.427273, 0.570455),
    (0.9, 0.1): (0.1, 0.55),
    (0.6, 0.4): (0.4, 0.7),
    (0.55, *[0.05] * 9): (0.45, 0.505),
    (0.25,) * 4: (1, 1),
    (0.5, 0.5): (1, 1),
}


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("proba", VECTORS, ids=str)
def test_indicator_on_paper(proba, ddof):
    assert uncertainty_indicator([proba], ddof=ddof) == pytest.approx(
        VECTORS[proba][ddof], abs=1e-6
    )


@pytest.mark.parametrize("n_classes, tied", [(3, 2), (5, 2), (5, 4), (10, 3)])
def test_indicator_of_a_tie(n_classes, tied):
    proba = np.r_[np.full(tied, 1 / tied), np.zeros(n_classes - tied)]
    expected = 1 - (n_classes - tied) / (tied**2 * (n_classes - 1))
    assert uncertainty_indicator([proba]) == pytest.approx(expected)


def test_indicator_follows_its_definition():
    proba = np.random.RandomState(0).dirichlet([0.5] * 5, size=100)
    for row, value in zip(proba, uncertainty_indicator(proba)):
        top, C = max(row), 5
        var = sum((v - 1 / C) ** 2 for v in row) / C
        flat = [top] + [(1 - top) / (C - 1)] * (C - 1)
        least = sum((v - 1 / C) ** 2 for v in flat) / C
        assert value == pytest.approx(1 - least / var * top, rel=1e-9)


def test_indicator_rises_towards_uniform():
    """Rows of one large entry and equal others, mixed with the uniform row."""
    rng = np.random.RandomState(0)
    for _ in range(20):
        C, top = rng.randint(2, 12), rng.uniform(0.5, 1)
        row = np.full(C, (1 - top) / (C - 1))
        row[0] = top
        shares = np.linspace(0, 0.99, 30)[:, None]
        values = uncertainty_indicator((1 - shares) * row + shares / C)
        assert (np.diff(values) > 0).all()


def test_indicator_of_rounded_uniform_rows_is_one():
    noise = 1e-8 * np.random.RandomState(0).normal(size=(5, 10))
    proba = (0.1 + noise).astype(np.float32)
    np.testing.assert_array_equal(uncertainty_indicator(proba), 1)


def test_indicator_stays_between_0_and_1():
    proba = np.random.RandomState(0).dirichlet([0.01] * 4, size=500)
    for ddof in (0, 1):
        values = uncertainty_indicator(proba, ddof=ddof)
        assert values.min() >= 0 and values.max() <= 1


@pytest.mark.parametrize(
    "proba, ddof, text",
    [
        ([[1.0], [1.0]], 0, "one class"),
        ([[0.5, 0.6]], 0, "does not sum to 1"),
        ([[0.5, np.nan]], 0, "holds NaN"),
        ([0.5, 0.5], 0, "must have the shape"),
        ([[0.5, 0.5]], 2, "ddof must be 0 or 1"),
    ],
)
def test_indicator_refuses(proba, ddof, text):
    with pytest.raises(ValueError, match=text):
        uncertainty_indicator(proba, ddof=ddof)
