"""By hand: ask, teach, skip, be refused, go on."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.exceptions import PoolExhaustedWarning
from skactive.testing import all_strategies
from skactive.uncertainty import HistorySampling

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


def test_query_and_teach():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, partial(Y_IRIS, 12))
    assert learner.termination_condition_ == "no_oracle"
    assert learner.classes_.dtype.kind == "i"
    rows = learner.query(5)
    assert_array_equal(learner.query(5), rows)
    assert not learner.labeled_mask_[rows].any()
    margins = np.sort(learner.predict_proba(X_IRIS), axis=1)
    margins = 1 - (margins[:, -1] - margins[:, -2])
    margins[learner.labeled_mask_] = -1
    assert_array_equal(rows, np.argsort(-margins, kind="stable")[:5])
    learner.teach(rows, Y_IRIS[rows])
    assert_array_equal(learner.labeled_iter_[rows], 1)
    assert learner.labeled_mask_.sum() == 17
    assert len(learner.query()) == 10
    refit = ActiveLearner(random_state=0).fit(X_IRIS, learner.labels_)
    assert_array_equal(refit.predict(X_IRIS), learner.predict(X_IRIS))


def test_a_whole_interactive_run_equals_the_simulation():
    simulated = ActiveLearner(budget=30, random_state=5).fit(X_DIGITS, Y_DIGITS)
    asked = ActiveLearner(
        budget=30, random_state=5, oracle=lambda rows, X: Y_DIGITS[rows]
    ).fit(X_DIGITS)
    assert_array_equal(asked.queried_indices_, simulated.queried_indices_)
    assert_array_equal(asked.predict(X_DIGITS), simulated.predict(X_DIGITS))
    start = np.full(len(X_DIGITS), np.nan)
    rows = simulated.queried_indices_[:10]
    start[rows] = Y_DIGITS[rows]
    taught = ActiveLearner(random_state=5).fit(X_DIGITS, start)
    for _ in range(3):
        rows = taught.query(10)
        taught.teach(rows, Y_DIGITS[rows])
    assert_array_equal(taught.queried_indices_, simulated.queried_indices_[10:])


@pytest.mark.parametrize(
    "labels",
    [
        ["a", "b", None, None, "a", None],
        pd.Series(["a", "b", None, None, "a", None]),
        pd.Series(["a", "b", None, None, "a", None], dtype="string"),
        pd.Categorical(["a", "b", None, None, "a", None]),
        pd.array([3, 7, None, None, 3, None], dtype="Int64"),
        np.array([3, 7, np.nan, np.nan, 3, np.nan]),
        [True, False, None, None, True, None],
    ],
    ids=["list", "series", "string", "categorical", "Int64", "float", "bool"],
)
def test_absent_labels_of_every_kind(labels):
    X = np.array([[0.0], [5.0], [2.8], [4.0], [1.0], [9.0]])
    learner = ActiveLearner(random_state=0).fit(X, pd.Series(labels))
    assert_array_equal(learner.labeled_mask_, [True, True, False, False, True, False])
    kinds = {str: "U", bool: "b"}
    assert learner.classes_.dtype.kind == kinds.get(type(labels[0]), "i")
    assert_array_equal(learner.query(1), [2])
    learner.teach([2], [labels[0]])
    assert learner.predict([[2.8]])[0] == labels[0]


def test_minus_one_is_a_class_unless_declared_missing():
    y = np.where(Y_IRIS == 0, -1, 1)
    assert_array_equal(ActiveLearner(budget=5).fit(X_IRIS, y).classes_, [-1, 1])
    y[20:] = -1
    y[60:65] = 1
    learner = ActiveLearner(missing_label=-1)
    y_semi = np.where(np.arange(150) % 5 == 0, Y_IRIS, -1)
    learner.fit(X_IRIS, y_semi)
    assert_array_equal(learner.classes_, [0, 1, 2])
    assert learner.labeled_mask_.sum() == 30
    rows = learner.query(2)
    learner.teach(rows, [-1, Y_IRIS[rows[1]]])
    assert learner.labeled_mask_.sum() == 31
    assert_array_equal(learner.labels_[rows], [-1, Y_IRIS[rows[1]]])


def test_a_skipped_row_is_not_asked_again_but_may_be_taught():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, partial(Y_IRIS, 12))
    rows = learner.query(3)
    learner.teach(rows, [None, Y_IRIS[rows[1]], None])
    assert learner.labeled_mask_.sum() == 13
    assert not set(rows[[0, 2]]) & set(learner.query(135))
    learner.teach([rows[0]], [Y_IRIS[rows[0]]])
    assert learner.labeled_iter_[rows[0]] == 2
    n_models = len(learner.estimators_)
    learner.teach([rows[2]], [None])  # nothing new, nothing to fit
    assert len(learner.estimators_) == n_models == learner.n_iter_ + 1


def test_an_exhausted_pool_gives_what_is_left_with_a_warning():
    learner = ActiveLearner(random_state=0, simulate=False)
    learner.fit(X_IRIS, partial(Y_IRIS, 147))
    with pytest.warns(PoolExhaustedWarning):
        rows = learner.query(10)
    assert len(rows) == 3
    learner.teach(rows, Y_IRIS[rows])
    with pytest.warns(PoolExhaustedWarning):
        assert learner.query(1).shape == (0,)


def test_a_model_that_fails_keeps_the_labels_it_was_taught():
    X, y = X_IRIS, Y_IRIS
    learner = ActiveLearner(LogisticRegression(), random_state=0)
    learner.fit(X, partial(y, 20))
    rows = learner.query(3)
    learner.set_params(estimator__C=-1.0)
    with pytest.raises(ValueError) as info:
        learner.teach(rows, y[rows])
    if hasattr(info.value, "__notes__"):  # Python 3.11
        assert "fit(X, learner.labels_)" in info.value.__notes__[0]
    labels = learner.labels_
    assert_array_equal(labels[rows].astype(int), y[rows])
    learner.set_params(estimator__C=1.0).fit(X, labels)
    assert learner.labeled_mask_.sum() == 23


def test_new_classes_may_turn_up_unless_they_were_declared():
    y = np.where(Y_IRIS < 2, Y_IRIS, np.nan).astype(float)
    y[30:50] = y[80:100] = np.nan
    learner = ActiveLearner(random_state=0).fit(X_IRIS, y)
    assert_array_equal(learner.classes_, [0, 1])
    learner.teach([140], [2])
    assert_array_equal(learner.classes_, [0, 1, 2])
    assert learner.predict_proba(X_IRIS).shape == (150, 3)
    declared = ActiveLearner(classes=[0, 1], random_state=0).fit(X_IRIS, y)
    with pytest.raises(ValueError, match=r"\[2\] is not among classes"):
        declared.teach([35, 140], [0, 2])
    assert not declared.labeled_mask_[[35, 140]].any()
    with pytest.raises(ValueError, match=r"\[1\] is not among classes"):
        ActiveLearner(classes=[0, 2]).fit(X_IRIS, y)


@pytest.mark.parametrize(
    "rows, labels, match",
    [
        ([0], [1], "already labeled"),
        ([150], [1], r"0\.\.149"),
        ([-1], [1], r"0\.\.149"),
        ([1, 1], [1, 1], "named twice"),
        ([1, 2], [1], "2 rows were asked for and the answer holds 1"),
        ([1.5], [1], "integers"),
    ],
)
def test_teach_refuses_before_anything_is_taken_in(rows, labels, match):
    y = np.where(np.arange(150) % 10 == 0, Y_IRIS, np.nan)
    learner = ActiveLearner(random_state=0).fit(X_IRIS, y)
    before = pickle.dumps((learner.labels_, learner.n_iter_, learner.history_))
    with pytest.raises(ValueError, match=match):
        learner.teach(rows, labels)
    assert before == pickle.dumps((learner.labels_, learner.n_iter_, learner.history_))


def test_teach_refuses_labels_of_another_kind():
    learner = ActiveLearner().fit([[0.0], [1.0], [2.0]], ["a", "b", None])
    with pytest.raises(TypeError, match="mixes strings"):
        learner.teach([2], [1])
    assert learner.labeled_mask_.sum() == 2


def test_an_interactive_learner_survives_pickling():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, partial(Y_IRIS, 12))
    again = pickle.loads(pickle.dumps(learner))
    rows = learner.query(4)
    assert_array_equal(again.query(4), rows)
    assert_array_equal(
        again.teach(rows, Y_IRIS[rows]).query(4),
        learner.teach(rows, Y_IRIS[rows]).query(4),
    )


STRATEGIES = [
    cls(**({"n_members": 4} if cls.__name__ == "QueryByCommittee" else {}))
    for cls in all_strategies()
    if cls is not HistorySampling  # a linear model has none
]
STRATEGIES += [HistorySampling(AdaBoostClassifier(n_estimators=4), n_trees=10)]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: type(s).__name__)
def test_work_taken_up_again_asks_for_the_rows_that_would_have_come_next(strategy):
    """Whether the rounds are remembered or were forgotten between two sessions."""
    learner = ActiveLearner(
        LogisticRegression(), strategy, batch_size=4, random_state=0
    ).fit(X_IRIS, partial(Y_IRIS, 20))
    for n in (4, 3):
        rows = learner.query(n)
        learner.teach(rows, Y_IRIS[rows])
        again = clone(learner).fit(X_IRIS, learner.labels_)
        assert_array_equal(again.query(4), learner.query(4))
        assert_array_equal(again.predict(X_IRIS), learner.predict(X_IRIS))


def test_habits_of_other_libraries_are_answered_in_words():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, partial(Y_IRIS, 20))
    with pytest.raises(TypeError, match=r"query takes the number of rows, got ndarray"):
        learner.query(X_IRIS)
    rows = learner.query(3)
    mask = np.zeros(150, dtype=bool)
    mask[rows] = True
    with pytest.raises(ValueError, match=r"got bool. Pass np.flatnonzero\(mask\)"):
        learner.teach(mask, Y_IRIS)
    with pytest.raises(ValueError, match=r"One-hot answers .* y.argmax\(axis=1\)"):
        learner.teach(rows, np.eye(3)[Y_IRIS[rows]])
    with pytest.raises(ValueError, match=r"'strategy'.*MarginSampling\(\)"):
        ActiveLearner(strategy="margin").fit(X_IRIS, Y_IRIS)
