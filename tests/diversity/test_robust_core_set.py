"""RobustCoreSet: the strategy around the integer program."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.spatial.distance import cdist
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling
from skactive.diversity import CoreSet, RobustCoreSet
from skactive.exceptions import SolverLimitWarning


def gaussian(n, d, seed=0):
    return np.random.RandomState(seed).standard_normal((n, d))


def planted(n=60, n_far=3):
    X_pool = gaussian(n, 2, seed=1)
    X_pool[:n_far] = 50 * gaussian(n_far, 2, seed=2)
    return gaussian(4, 2), X_pool


def radius_of(X, X_pool, asked, n_outliers=0):
    near = cdist(X_pool, np.vstack([X, X_pool[asked]])).min(axis=1)
    return np.sort(near)[len(near) - 1 - n_outliers]


@pytest.mark.parametrize(
    ("n_outliers", "counted"), [(3, 3), (0.05, 3), (0.0667, 4), (0.0, 0), (0, 0)]
)
def test_outliers_are_a_number_or_a_share(n_outliers, counted):
    X, X_pool = planted()
    strategy = RobustCoreSet(n_outliers=n_outliers, random_state=0)
    asked = strategy.fit(X, None, X_pool).query(4)
    assert strategy.radius_ == pytest.approx(radius_of(X, X_pool, asked, counted))
    assert (asked < 3).any() == (counted == 0)
    assert strategy.gap_ == 0 and strategy.lower_bound_ == strategy.radius_
    greedy = CoreSet(outlier_share=counted / 60, random_state=0).fit(X, None, X_pool)
    expected = radius_of(X, X_pool, greedy.query(4), counted)
    assert strategy.greedy_radius_ == pytest.approx(expected)


def test_a_share_is_rounded_down_to_samples():
    # 0.29 * 100 is 28.999999999999996 in floating point; 29 is meant.
    X_pool = np.arange(1.0, 101.0)[:, None]
    for share in (0.29, 0.299):
        strategy = RobustCoreSet(n_outliers=share).fit([[0.0]], [0], X_pool)
        strategy.query(1)
        assert strategy.radius_ == 24  # 0 covers 1 to 23, and 47 covers 24 to 71


@pytest.mark.parametrize("n_outliers", [5, 9])
def test_outliers_alone_are_refused(n_outliers):
    strategy = RobustCoreSet(n_outliers=n_outliers)
    with pytest.raises(ValueError, match=r"n_outliers=\d\) takes all 5 samples"):
        strategy.fit([[0.0]], [0], np.arange(5.0)[:, None])
    strategy.fit([[0.0]], [0], np.arange(20.0)[:, None])
    with pytest.raises(ValueError, match="takes all 5 samples that may be asked"):
        strategy.query(2, among=np.arange(5))


def test_the_last_outliers_can_be_asked_for_by_a_share():
    X, y = gaussian(24, 2), np.arange(24) % 2
    learner = ActiveLearner(
        LogisticRegression(),
        RobustCoreSet(n_outliers=0.9),
        n_initial=4,
        budget=20,
        batch_size=7,
        random_state=0,
    ).fit(X, y)
    assert sorted(learner.queried_indices_) == list(range(24))


class Counts(TransformerMixin, BaseEstimator):
    """Counts how often any copy of it is fitted."""

    calls = []

    def fit(self, X, y=None):
        self.calls.append(len(X))
        self.fitted_ = True
        return self

    def transform(self, X):
        return X


def test_a_large_pool_is_refused_before_anything_is_computed():
    Counts.calls.clear()
    strategy = RobustCoreSet(Counts(), max_pool=30)
    with pytest.raises(ValueError) as error:
        strategy.fit([[0.0]], [0], np.arange(31.0)[:, None])
    words = str(error.value)
    assert "max_pool=30" in words and "has 31" in words
    assert "PoolSubsampling(RobustCoreSet()" in words and "CoreSet(out" in words
    assert Counts.calls == []
    assert len(strategy.fit([[0.0]], [0], np.arange(30.0)[:, None]).query(2)) == 2
    with pytest.raises(ValueError, match="max_pool=2000 samples; this one has 2001"):
        RobustCoreSet().fit(np.zeros((2001, 1)))


@pytest.mark.parametrize(
    "strategy",
    [RobustCoreSet(max_pool=89), RobustCoreSet(n_outliers=90)],
    ids=["too large", "outliers alone"],
)
def test_no_label_is_paid_for_a_pool_that_is_refused(strategy):
    paid = []

    def oracle(rows, X_rows):
        paid.extend(rows)
        return np.asarray(rows) % 2

    model, X = LogisticRegression(), gaussian(100, 2)
    settings = {"n_initial": 10, "budget": 5, "oracle": oracle, "random_state": 0}
    with pytest.raises(ValueError, match="max_pool=89|takes all 90 samples"):
        ActiveLearner(model, strategy, **settings).fit(X)
    assert paid == []
    enough = RobustCoreSet(max_pool=90, n_outliers=80)
    ActiveLearner(model, enough, **settings).fit(X)
    assert len(paid) == 15


def test_what_the_refusal_advises_works():
    X, X_pool = gaussian(4, 2), gaussian(300, 2, seed=1)
    part = PoolSubsampling(RobustCoreSet(max_pool=50), max_pool=50, random_state=0)
    asked = part.fit(X, None, X_pool).query(5)
    assert np.isin(asked, part.positions_).all()
    radius = part.strategy_.radius_
    chosen = np.searchsorted(part.positions_, asked)
    assert radius == pytest.approx(radius_of(X, X_pool[part.positions_], chosen))


def test_a_solver_that_stops_is_heard():
    X, X_pool = planted()
    strategy = RobustCoreSet(time_limit=0, random_state=0).fit(X, None, X_pool)
    with pytest.warns(SolverLimitWarning, match=r"gap of \d+\.\d+%.*node_limit=100"):
        asked = strategy.query(6)
    assert strategy.radius_ == strategy.greedy_radius_
    assert 0 <= strategy.lower_bound_ < strategy.radius_
    assert 0 < strategy.gap_ <= 1
    assert len(set(asked)) == 6


def test_what_is_known_of_a_query_is_known_after_it():
    X, X_pool = planted()
    strategy = RobustCoreSet().fit(X, None, X_pool)
    for name in ("radius_", "lower_bound_", "gap_", "greedy_radius_"):
        with pytest.raises(AttributeError, match=f"{name} yet: .* after query"):
            getattr(strategy, name)
    strategy.query(3)
    wide = strategy.radius_
    strategy.query(9)
    assert strategy.radius_ < wide
    assert not hasattr(pickle.loads(pickle.dumps(strategy)), "radius_")
    assert not hasattr(strategy.fit(X, None, X_pool), "radius_")


def test_excluded_samples_are_taken_for_labeled():
    X, X_pool = planted()
    strategy = RobustCoreSet(n_outliers=3, random_state=0).fit(X, None, X_pool)
    held = strategy.query(4)
    more = strategy.query(4, exclude=held)
    rest = np.setdiff1d(np.arange(60), held)
    known = np.vstack([X, X_pool[held]])
    radius = radius_of(known, X_pool[rest], np.searchsorted(rest, more), 3)
    assert strategy.radius_ == pytest.approx(radius)
    alone = RobustCoreSet(n_outliers=3, random_state=0).fit(known, None, X_pool[rest])
    assert_array_equal(rest[alone.query(4)], more)


def test_only_samples_that_may_be_asked_for_are_covered():
    X, X_pool = planted()
    among = np.arange(10, 40)
    strategy = RobustCoreSet(n_outliers=0.1, random_state=0).fit(X, None, X_pool)
    asked = strategy.query(3, among=among)
    radius = radius_of(X, X_pool[among], asked - 10, 3)
    assert strategy.radius_ == pytest.approx(radius)


def test_distances_are_taken_in_the_embedding():
    X, X_pool = gaussian(4, 2), gaussian(50, 2, seed=1)
    scale = StandardScaler().fit(np.vstack([X, X_pool]))
    plain = RobustCoreSet(random_state=0)
    expected = plain.fit(scale.transform(X), None, scale.transform(X_pool)).query(5)
    X[:, 0] *= 100
    X_pool[:, 0] *= 100
    scaled = RobustCoreSet(StandardScaler(), random_state=0).fit(X, None, X_pool)
    assert_array_equal(scaled.query(5), expected)


@pytest.mark.parametrize(
    "params",
    [
        {"n_outliers": -1},
        {"n_outliers": 1.0},
        {"n_outliers": True},
        {"n_outliers": float("nan")},
        {"n_outliers": None},
        {"max_pool": 0},
        {"node_limit": 0},
        {"node_limit": 2.5},
        {"time_limit": -1},
        {"time_limit": float("nan")},
    ],
    ids=lambda params: "-".join(f"{k}={v}" for k, v in params.items()),
)
def test_bad_parameters_are_refused(params):
    name = next(iter(params))
    with pytest.raises((ValueError, TypeError), match=f"{name}' parameter of"):
        RobustCoreSet(**params).fit([[0.0]], [0], [[1.0]])
