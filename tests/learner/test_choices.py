"""Which rows are asked for: without a model, and while others hold some."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import euclidean_distances

from skactive import ActiveLearner
from skactive.diversity import LCMD, CoreSet, KMeansSampling, MaxHerding, TypiClust
from skactive.exceptions import PoolExhaustedWarning
from skactive.testing import all_strategies

# One of each kind.
SOME = {
    "MarginSampling",
    "BADGE",
    "TypiClust",
    "ProbCover",
    "BatchBALD",
    "RandomSampling",
}
SOME |= {"CoreSet", "StochasticBatch", "PoolSubsampling", "ExpectedErrorReduction"}

X_DIGITS, Y_DIGITS = load_digits(return_X_y=True)
X_DIGITS = X_DIGITS / 16
X_IRIS, Y_IRIS = load_iris(return_X_y=True)
X_IRIS = (X_IRIS - X_IRIS.mean(axis=0)) / X_IRIS.std(axis=0)


def partial(y, n_labeled, seed=0):
    """Return y as floats with all but some labels missing."""
    out = np.full(len(y), np.nan)
    rows = np.random.RandomState(seed).permutation(len(y))[:n_labeled]
    out[rows] = y[rows]
    return out


@pytest.mark.parametrize("first", [None, KMeansSampling()], ids=["random", "kmeans"])
def test_labels_of_one_class_leave_a_way_to_ask(first):
    y = np.full(150, np.nan)
    y[:10] = Y_IRIS[:10]  # all of class 0
    learner = ActiveLearner(
        LogisticRegression(), initial_strategy=first, random_state=0
    ).fit(X_IRIS, y)
    assert learner.termination_condition_ == "no_oracle"
    with pytest.raises(NotFittedError):
        learner.predict(X_IRIS)
    by = "at random" if first is None else "by KMeansSampling"
    with pytest.warns(UserWarning, match=f"all 10 labels are 0.*chosen {by}"):
        rows = learner.query(6)
    with pytest.warns(UserWarning, match="no model to ask"):
        assert_array_equal(learner.query(6), rows)
    assert len(set(rows)) == 6 and rows.min() >= 10
    learner.teach(rows[:2], [0, 0])  # still of one class
    learner.teach([60, 120], [1, 2])
    assert_array_equal(learner.estimator_.classes_, [0, 1, 2])
    assert len(learner.query(4)) == 4  # and no warning


def test_queries_without_a_model_are_as_well_mannered_as_others():
    y = np.full(150, np.nan)
    y[:10] = 0
    learner = ActiveLearner(random_state=0).fit(X_IRIS, y)
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="at least 1"):
        learner.query(0)
    with pytest.warns(PoolExhaustedWarning), pytest.warns(UserWarning, match="model"):
        assert len(learner.query(500)) == 140


# ------------------------------------------------------------- rows that others hold


@pytest.mark.parametrize(
    "strategy",
    [s for s in all_strategies() if s.__name__ in SOME],
    ids=lambda s: s.__name__,
)
def test_rows_that_others_hold_are_not_asked_for(strategy):
    learner = ActiveLearner(LogisticRegression(), strategy(), random_state=0)
    learner.fit(X_IRIS, partial(Y_IRIS, 12))
    held = learner.query(8)
    rows = learner.query(8, exclude=held)
    assert len(rows) == 8 and not set(rows) & set(held)
    assert_array_equal(learner.query(8), held)
    among = np.arange(100, 150)
    assert set(learner.query(8, among=among, exclude=held)) <= set(among) - set(held)
    with pytest.warns(PoolExhaustedWarning):
        left = learner.query(200, exclude=held)
    assert len(left) == 150 - 12 - 8
    with pytest.warns(PoolExhaustedWarning):
        assert len(learner.query(3, among=held, exclude=held)) == 0


@pytest.mark.parametrize("strategy", [CoreSet, TypiClust, MaxHerding, LCMD])
def test_what_others_hold_is_covered(strategy):
    """Without that, much of the next rows is what others have already."""
    learner = ActiveLearner(LogisticRegression(), strategy(), random_state=0)
    learner.fit(X_DIGITS, partial(Y_DIGITS, 20))
    first = learner.query(10)
    near = euclidean_distances(X_DIGITS[first], X_DIGITS)
    near[:, learner.labeled_mask_] = np.inf
    held = np.unique(near.argsort(axis=1)[:, 1])  # the neighbor of each
    answer = learner.query(10, exclude=held)
    known = np.r_[np.flatnonzero(learner.labeled_mask_), held]
    rest = np.setdiff1d(np.arange(len(X_DIGITS)), known)
    seeded = clone(learner.strategy_).fit(
        X_DIGITS[known], Y_DIGITS[known], X_DIGITS[rest]
    )
    if strategy in (CoreSet, LCMD):  # the others draw, or are moved by rounding
        assert_array_equal(answer, rest[seeded.query(10)])
    kept = len(set(answer) & set(first))
    passed_over = learner.query(10, among=np.setdiff1d(rest, held))
    assert kept <= len(set(passed_over) & set(first))
    if strategy is not TypiClust:  # whose clusters are others altogether
        assert kept < len(set(passed_over) & set(first))


def test_rows_before_a_model():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, [0] * 3 + [None] * 147)
    with pytest.warns(UserWarning, match="no model to ask"):
        assert set(learner.query(5, among=range(7, 20), exclude=[9])) <= set(
            range(7, 20)
        )


def test_rows_that_are_none_are_refused():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, partial(Y_IRIS, 12))
    for bad in ([150], [-1], [0.5], np.ones(150, dtype=bool)):
        for name in ("exclude", "among"):
            with pytest.raises(ValueError, match=name):
                learner.query(3, **{name: bad})
