"""What was predicted of a sample at several moments, as a row of features."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skactive.uncertainty._history_features import (
    OF_ALL,
    OF_SNAPSHOT,
    history_features,
    snapshots_of,
)


def of_classes(classes, top=0.75):
    """Return a history of one sample, of two classes, that predicts these."""
    return np.where(np.array(classes)[:, None] == np.arange(2), top, 1 - top)[:, None]


def named(F, n_snapshots):
    names = [f"{name} {t}" for t in range(n_snapshots) for name in OF_SNAPSHOT]
    assert F.shape[1] == len(names) + len(OF_ALL)
    return dict(zip([*names, *OF_ALL], F[0].tolist()))


def test_flips_by_hand():
    found = named(history_features(of_classes([0, 0, 1, 1, 0])), 5)
    assert found["n_flips"] == 2
    assert found["last_flip"] == pytest.approx(4 / 5)
    assert found["agreement"] == pytest.approx(3 / 5)


@pytest.mark.parametrize(
    "classes, flips, last, agreement",
    [
        ([1, 1, 1], 0, 0, 1),
        ([0, 1], 1, 1 / 2, 1 / 2),
        ([0, 1, 1, 1], 1, 1 / 4, 3 / 4),
        ([0, 1, 0, 1], 3, 3 / 4, 1 / 2),
    ],
)
def test_more_flips(classes, flips, last, agreement):
    found = named(history_features(of_classes(classes)), len(classes))
    got = found["n_flips"], found["last_flip"], found["agreement"]
    assert_allclose(got, (flips, last, agreement))


def test_all_features_of_a_small_history_by_hand():
    proba = np.array([[[0.5, 0.3, 0.2]], [[0.6, 0.3, 0.1]], [[0.1, 0.8, 0.1]]])
    found = named(history_features(proba), 3)
    assert_allclose([found[f"max_proba {t}"] for t in range(3)], [0.5, 0.6, 0.8])
    assert_allclose(
        [found[f"margin {t}"] for t in range(3)], [0.2, 0.3, 0.7], rtol=1e-6
    )
    assert_allclose(found["entropy 1"], 0.897946, atol=5e-7)
    assert found["slope"] == pytest.approx(0.3)  # from 0.5 to 0.8 over all the time
    assert found["spread"] == pytest.approx(np.std([0.5, 0.6, 0.8]), rel=1e-5)
    assert found["area"] == pytest.approx((0.55 + 0.7) / 2)
    first = 0.6 * np.log(6 / 5) + 0.1 * np.log(1 / 2)
    second = 0.1 * np.log(1 / 6) + 0.8 * np.log(8 / 3)
    assert found["step"] == pytest.approx((first + second) / 2, rel=1e-5)


def test_ten_snapshots_give_thirty_features_and_those_of_all():
    proba = np.random.RandomState(0).dirichlet(np.ones(4), (10, 6))
    F = history_features(proba)
    assert F.shape == (6, 30 + len(OF_ALL)) and F.dtype == np.float32
    # A sample has the same alone.
    assert_allclose(history_features(proba[:, 2:3])[0], F[2], rtol=1e-5)


def test_one_snapshot_has_no_history():
    F = history_features([[[0.6, 0.3, 0.1]]])
    assert_allclose(F, [[0.6, 0.897946, 0.3]], atol=1e-6)


def test_certain_predictions_and_one_class_are_finite():
    sure = of_classes([0, 1, 0], top=1.0)
    assert np.isfinite(history_features(sure)).all()
    assert np.isfinite(history_features(np.ones((3, 2, 1)))).all()


@pytest.mark.parametrize(
    "moments, n, rows",
    [
        ("early", 10, [0, 1, 2]),
        ("middle", 10, [3, 4, 5, 6]),
        ("late", 10, [7, 8, 9]),
        ("all", 3, [0, 1, 2]),
        ("early", 3, [0]),
        ("middle", 3, [1]),
        ("late", 2, [1]),
        ("middle", 2, [0]),
        ("middle", 1, [0]),
        ([-1], 5, [4]),
        ([3, 0, -2], 5, [0, 3]),
        (np.array([1]), 2, [1]),
    ],
)
def test_moments(moments, n, rows):
    assert snapshots_of(moments, n).tolist() == rows


@pytest.mark.parametrize("moments", [[5], [-6], [0.5], [], [[0]], [True]])
def test_moments_that_there_are_none_of(moments):
    with pytest.raises(ValueError, match="moments of HistorySampling are positions"):
        snapshots_of(moments, 5)
