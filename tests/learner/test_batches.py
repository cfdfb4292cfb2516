"""Batches of one size, of a list, or of a rule."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.exceptions import PoolExhaustedWarning
from skactive.learner import GrowingBatch
from skactive.learner._batches import batch_size_of

X, Y = make_classification(300, 5, random_state=0)


def run_with(batch_size, **params):
    params = {"n_initial": 5, "budget": 100, "random_state": 0, **params}
    learner = ActiveLearner(GaussianNB(), RandomSampling(), batch_size=batch_size)
    return learner.set_params(**params)


def sizes(batch_size, **params):
    return np.diff(run_with(batch_size, **params).fit(X, Y).history_["n_labeled"])


@pytest.mark.parametrize(
    "batch_size, expected",
    [
        (40, [40, 40, 20]),
        ([10, 20, 30], [10, 20, 30, 30, 10]),
        (np.array([60]), [60, 40]),
        (GrowingBatch(), [10, 15, 22, 33, 20]),
        (GrowingBatch(3, factor=2, most=20), [3, 6, 12, 20, 20, 20, 19]),
        (GrowingBatch(30, factor=1), [30, 30, 30, 10]),
        (lambda learner: 20 * (learner.n_iter_ + 1), [20, 40, 40]),
        (lambda learner: np.int64(len(learner.classes_) * 30), [60, 40]),
    ],
    ids=["one", "list", "array", "growing", "bounded", "constant", "rule", "numpy"],
)
def test_sizes_of_the_rounds(batch_size, expected):
    assert_array_equal(sizes(batch_size), expected)


def test_a_factor_that_explodes():
    assert GrowingBatch(10, factor=1e300)(Stub(n_iter_=9)) == 10**9


class Stub:
    """What a rule sees of a learner."""

    def __init__(self, **seen):
        vars(self).update(seen)


def test_growth_after_poor_rounds_by_hand():
    """Gains per label: .01, .001, 0 (nothing new), -.01, .02."""
    history = {
        "n_labeled": [10, 20, 30, 30, 40, 50],
        "score": [0.5, 0.6, 0.61, 0.7, 0.6, 0.8],
    }
    seen = Stub(n_iter_=5, history_=history)
    assert GrowingBatch(8, factor=2, min_gain=0.005)(seen) == 32
    assert GrowingBatch(8, factor=2, min_gain=0.015)(seen) == 64
    assert GrowingBatch(8, factor=2, min_gain=0)(seen) == 16
    assert GrowingBatch(8, factor=2, min_gain=-1)(seen) == 8


def test_gains_are_those_of_the_validation_set():
    batch = GrowingBatch(10, factor=2, min_gain=1.0)  # nothing gains so much
    learner = run_with(batch).fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    assert_array_equal(np.diff(learner.history_["n_labeled"]), [10, 20, 40, 30])
    learner.set_params(batch_size__min_gain=-1.0, batch_size__first=50)
    learner.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
    assert_array_equal(np.diff(learner.history_["n_labeled"]), [50, 50])


def test_prices_cut_a_batch_as_before():
    def two(rows, X_rows, answers):
        return np.full(len(rows), 2.0)

    assert_array_equal(sizes([10, 40], cost=two, budget=60), [10, 20])


def test_by_hand_and_when_resumed():
    y = Y.astype(float)
    y[5:] = np.nan
    learner = run_with([2, 4, 8]).fit(X, y)
    for n in (2, 4, 8, 8):
        rows = learner.query()
        assert len(rows) == n
        learner.teach(rows, Y[rows])
    assert len(learner.query(3)) == 3

    def oracle(rows, X_rows):
        return Y[rows]

    learner = run_with(GrowingBatch(4, factor=2), oracle=oracle, budget=12).fit(X)
    learner.set_params(budget=60).resume()
    assert_array_equal(np.diff(learner.history_["n_labeled"]), [4, 8, 16, 32])


def test_more_than_the_pool_has():
    with pytest.warns(PoolExhaustedWarning, match="n_initial . budget is 1005"):
        learner = run_with([100, 500], budget=1000).fit(X, Y)
    assert learner.labeled_mask_.all()


def test_rules_are_searched_and_cloned():
    learner = run_with(GrowingBatch(5), budget=20)
    assert clone(learner).batch_size.first == 5
    grid = {"batch_size__factor": [1, 2], "strategy": [RandomSampling()]}
    search = GridSearchCV(learner, grid, cv=2, n_jobs=2).fit(X, Y)
    assert search.best_params_["batch_size__factor"] in (1, 2)
    search = GridSearchCV(learner, {"batch_size": [5, [2, 4], GrowingBatch()]}, cv=2)
    search.fit(X, Y)


@pytest.mark.parametrize("bad", [0, -1, 2.5, True, "10", None])
def test_one_number_that_is_no_count(bad):
    with pytest.raises((ValueError, TypeError), match="batch_size' parameter of"):
        run_with(bad).fit(X, Y)


@pytest.mark.parametrize(
    "bad", [[], [0], [5, -1], [1.5], [[3, 4]], [True], ["a"]], ids=str
)
def test_lists_that_are_no_counts(bad):
    with pytest.raises(ValueError, match="must hold whole numbers of at least 1"):
        run_with(bad).fit(X, Y)


@pytest.mark.parametrize("bad", [0, 2.5, None, True, "3"])
def test_rules_that_return_no_count(bad):
    with pytest.raises(ValueError, match=r"must return a whole number .* returned"):
        run_with(lambda learner: bad).fit(X, Y)


@pytest.mark.parametrize(
    "rule, words",
    [
        (GrowingBatch(0), "'first' parameter of GrowingBatch"),
        (GrowingBatch(factor=0.5), "'factor' parameter of GrowingBatch"),
        (GrowingBatch(most=0), "'most' parameter of GrowingBatch"),
        (GrowingBatch(min_gain=0.1), "pass X_val and y_val to fit, or min_gain=None"),
        ([5, 0], "batch_size"),
    ],
    ids=["first", "factor", "most", "no scores", "list"],
)
def test_refused_before_a_label_is_paid_for(rule, words):
    def oracle(rows, X_rows):
        raise AssertionError("asked")

    with pytest.raises(ValueError, match=words):
        run_with(rule, oracle=oracle).fit(X)


def test_a_class_is_no_rule():
    with pytest.raises(TypeError, match=r"such as GrowingBatch\(\); got the class"):
        run_with(GrowingBatch).fit(X, Y)


def test_a_number_is_what_it_is():
    assert batch_size_of(Stub(batch_size=7, n_iter_=3)) == 7
    assert batch_size_of(Stub(batch_size=(7, 9), n_iter_=0)) == 7
