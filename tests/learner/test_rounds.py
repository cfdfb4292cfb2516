"""Rounds: oracles that fail or stop, starts of one class, what ends a run."""

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.exceptions import StopAsking
from skactive.oracles import NoisyOracle
from skactive.stopping import Budget, TargetScore

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


class FailingOracle:
    def __init__(self, fail_at):
        self.calls, self.fail_at = 0, fail_at

    def __call__(self, rows, X_rows):
        self.calls += 1
        if self.calls == self.fail_at:
            raise ConnectionError("the annotator went home")
        return Y_IRIS[rows]


def test_the_oracle_is_shown_the_rows_it_is_asked_about():
    def oracle(rows, X_rows):
        assert_array_equal(X_rows, X_IRIS[rows])
        return Y_IRIS[rows]

    learner = ActiveLearner(oracle=oracle, budget=15, batch_size=5).fit(X_IRIS)
    assert learner.labeled_mask_.sum() == 25
    assert learner.termination_condition_ == "budget"


def test_abstentions_are_paid_and_not_asked_again():
    oracle = NoisyOracle(Y_IRIS, abstain=0.5, random_state=0)
    learner = ActiveLearner(oracle=oracle, budget=40, random_state=0).fit(X_IRIS)
    assert len(learner.queried_indices_) == 50
    assert len(set(learner.queried_indices_)) == 50
    assert 10 < learner.labeled_mask_.sum() < 40
    assert len(learner.estimators_) == learner.n_iter_ + 1
    assert np.all(np.diff(learner.history_["n_labeled"]) > 0)


def test_an_oracle_that_never_answers():
    learner = ActiveLearner(oracle=lambda rows, X: [None] * len(rows), budget=5)
    with pytest.raises(ValueError, match="None of the 15 rows"):
        learner.fit(X_IRIS)


@pytest.mark.parametrize("fail_at", [1, 2, 4])
def test_an_oracle_that_fails_loses_nothing(fail_at):
    whole = ActiveLearner(
        oracle=lambda rows, X: Y_IRIS[rows], budget=40, random_state=0
    ).fit(X_IRIS)
    learner = ActiveLearner(oracle=FailingOracle(fail_at), budget=40, random_state=0)
    with pytest.raises(ConnectionError, match="went home"):
        learner.fit(X_IRIS)
    assert learner.labeled_mask_.sum() == 10 * (fail_at - 1)
    n_known = np.sum([label is not None for label in learner.labels_])
    assert n_known == 10 * (fail_at - 1)
    learner.resume()
    assert_array_equal(learner.queried_indices_, whole.queried_indices_)
    assert learner.history_["n_labeled"] == whole.history_["n_labeled"]
    assert_array_equal(learner.predict(X_IRIS), whole.predict(X_IRIS))


def test_after_a_failure_one_may_go_on_by_hand():
    learner = ActiveLearner(oracle=FailingOracle(3), budget=40, random_state=0)
    with pytest.raises(ConnectionError):
        learner.fit(X_IRIS)
    rows = learner.query(5)
    assert learner.teach(rows, Y_IRIS[rows]).labeled_mask_.sum() == 25


@pytest.mark.parametrize("answer", [[0], [0] * 11, 0])
def test_a_wrong_number_of_answers_is_refused(answer):
    calls = []

    def oracle(rows, X_rows):
        calls.append(rows)
        return Y_IRIS[rows] if len(calls) < 3 else answer

    learner = ActiveLearner(oracle=oracle, budget=40, random_state=0)
    with pytest.raises(ValueError, match="10 rows were asked for"):
        learner.fit(X_IRIS)
    assert learner.labeled_mask_.sum() == 20


def test_an_oracle_that_gives_up_keeps_its_last_answers():
    def oracle(rows, X_rows):
        if len(asked) >= 20:
            raise StopAsking("enough", answers=[*Y_IRIS[rows[:3]], None])
        asked.extend(rows)
        return Y_IRIS[rows]

    asked = []
    learner = ActiveLearner(oracle=oracle, budget=40, random_state=0).fit(X_IRIS)
    assert learner.termination_condition_ == "oracle"
    assert learner.history_["n_labeled"] == [10, 20, 23]
    assert len(learner.queried_indices_) == 24
    learner.set_params(oracle=None)
    with pytest.raises(ValueError, match="no oracle to resume"):
        learner.resume()


def test_resume_spends_a_raised_budget():
    learner = ActiveLearner(oracle=lambda r, X: Y_IRIS[r], budget=10, random_state=0)
    learner.fit(X_IRIS)
    learner.set_params(budget=30).resume()
    whole = ActiveLearner(oracle=lambda r, X: Y_IRIS[r], budget=30, random_state=0).fit(
        X_IRIS
    )
    assert_array_equal(learner.queried_indices_, whole.queried_indices_)
    assert learner.resume().labeled_mask_.sum() == 40


def test_stopping_ends_the_run():
    learner = ActiveLearner(budget=90, stopping=Budget(35), random_state=0)
    learner.fit(X_DIGITS, Y_DIGITS)
    assert learner.history_["n_labeled"][-1] == 40
    assert learner.termination_condition_ == "stopping"
    learner.set_params(stopping=TargetScore(0.75) | Budget(1000), budget=500)
    learner.fit(
        X_DIGITS[:900], Y_DIGITS[:900], X_val=X_DIGITS[900:], y_val=Y_DIGITS[900:]
    )
    assert learner.history_["score"][-1] >= 0.75
    assert max(learner.history_["score"][:-1]) < 0.75
    assert learner.termination_condition_ == "stopping"


def test_callbacks_of_scikit_learn_watch_and_stop():
    callback = pytest.importorskip("sklearn.callback")

    class StopAfter:
        def __init__(self, n):
            self.n, self.curve = n, []

        def setup(self, estimator, context):
            pass

        def teardown(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
            if context.task_name != "round":
                return False
            self.curve.append(fitted_estimator.score(X, y))
            return len(self.curve) == self.n

    watch = StopAfter(3)
    assert isinstance(watch, callback.FitCallback)
    learner = ActiveLearner(budget=90, random_state=0).set_callbacks(watch)
    X_val, y_val = X_DIGITS[900:], Y_DIGITS[900:]
    learner.fit(X_DIGITS[:900], Y_DIGITS[:900], X_val=X_val, y_val=y_val)
    assert learner.termination_condition_ == "callback"
    assert learner.n_iter_ == 2
    assert watch.curve == learner.history_["score"]


def test_a_start_of_one_class_draws_on_and_pays_for_it():
    y = np.zeros(60, dtype=int)
    y[::12] = 1
    X = np.arange(60.0).reshape(-1, 1)
    for seed in range(1, 20):
        learner = ActiveLearner(
            strategy=RandomSampling(),
            n_initial=2,
            budget=40,
            batch_size=10,
            random_state=seed,
        ).fit(X, y)
        assert learner.labeled_mask_.sum() == 42
        n_start = np.sum(learner.labeled_iter_ == 0)
        assert learner.history_["n_labeled"][0] == n_start
        start = y[learner.queried_indices_[:n_start]]
        if n_start > 2:  # it stopped at the first sample of the second class
            assert len(set(start[:-1])) == 1 and start[-1] != start[0]
            break
    else:
        pytest.fail("no seed began with one class")


def test_a_model_that_is_content_with_one_class_draws_no_more():
    X = np.arange(60.0).reshape(-1, 1)
    y = (X[:, 0] > 57).astype(int)
    learner = ActiveLearner(
        DecisionTreeClassifier(),
        RandomSampling(),
        n_initial=2,
        budget=3,
        random_state=0,
    ).fit(X, y)
    assert learner.history_["n_labeled"][0] == 2
    assert_array_equal(learner.classes_, [0, 1])
    assert learner.predict_proba(X).shape == (60, 2)


def test_data_of_one_class_end_in_the_words_of_the_estimator():
    with pytest.raises(ValueError, match="class"):
        ActiveLearner(budget=10).fit(X_IRIS, np.zeros(150))


# ------------------------------------------------- interrupted, or over too early


def test_resume_asks_the_oracle_that_is_set_now():
    by_hand = ActiveLearner(budget=10, random_state=0).fit(X_IRIS, partial(Y_IRIS, 12))
    asked = []

    def oracle(rows, X_rows):
        asked.extend(rows)
        return Y_IRIS[rows]

    by_hand.set_params(oracle=oracle).resume()
    assert len(asked) == 10 and by_hand.labeled_mask_.sum() == 22
    assert by_hand.termination_condition_ == "budget"
    learner = ActiveLearner(oracle=FailingOracle(2), budget=20, random_state=0)
    with pytest.raises(ConnectionError):
        learner.fit(X_IRIS)
    asked.clear()
    learner.set_params(oracle=oracle).resume()
    assert len(asked) == 20


@pytest.mark.parametrize("error", [KeyboardInterrupt, ConnectionError])
@pytest.mark.parametrize("at", [1, 3])
def test_an_interrupted_run_says_so(error, at):
    calls = []

    def oracle(rows, X_rows):
        calls.append(len(rows))
        if len(calls) == at:
            raise error
        return Y_IRIS[rows]

    learner = ActiveLearner(oracle=oracle, budget=40, random_state=0)
    with pytest.raises(error):
        learner.fit(X_IRIS)
    assert learner.termination_condition_ == "interrupted"
    assert learner.labeled_mask_.sum() == 10 * (at - 1)
    assert learner.resume().termination_condition_ == "budget"
    assert learner.labeled_mask_.sum() == 50


def test_a_simulation_that_is_interrupted_forgets_the_labels_all_the_same():
    class Interrupted(LogisticRegression):
        def fit(self, X, y):
            if len(y) == 30:
                raise KeyboardInterrupt
            return super().fit(X, y)

    learner = ActiveLearner(Interrupted(), budget=40, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        learner.fit(X_IRIS, Y_IRIS)
    assert learner.termination_condition_ == "interrupted"
    assert learner.history_["n_labeled"] == [10, 20]
    assert learner._run is None


@pytest.mark.parametrize("n_answers", [0, 2])
def test_an_oracle_that_stops_before_anything_can_be_fitted(n_answers):
    """No label, or labels of one class: fit ends quietly, and answers are kept."""

    def oracle(rows, X_rows):
        raise StopAsking("the office closes", answers=["cat"] * n_answers)

    learner = ActiveLearner(oracle=oracle, random_state=0).fit(X_IRIS)
    assert learner.termination_condition_ == "oracle"
    assert learner.labeled_mask_.sum() == n_answers
    assert sorted(learner.labels_[learner.labeled_mask_]) == ["cat"] * n_answers
    with pytest.raises(sklearn.exceptions.NotFittedError):
        learner.predict(X_IRIS)
    names = np.array(["cat", "dog", "cow"])[Y_IRIS]
    learner.set_params(oracle=lambda rows, X_rows: names[rows], budget=10).resume()
    assert learner.termination_condition_ == "budget"
    assert learner.labeled_mask_.sum() == 20


def test_after_an_oracle_that_stopped_early_one_may_teach():
    def oracle(rows, X_rows):
        raise StopAsking

    learner = ActiveLearner(oracle=oracle, random_state=0).fit(X_IRIS)
    learner.teach([3], [None])  # a skip is no label
    assert not hasattr(learner, "estimator_")
    learner.teach([0, 60, 120], Y_IRIS[[0, 60, 120]])
    assert learner.score(X_IRIS, Y_IRIS) > 0.6


@pytest.mark.parametrize(
    "answers, match",
    [
        (lambda rows: np.eye(3)[Y_IRIS[rows]], r"shape \(10, 3\)"),
        (lambda rows: [[y] for y in Y_IRIS[rows]], "one class"),
        (lambda rows: [{"label": y} for y in Y_IRIS[rows]], "one class"),
    ],
)
def test_answers_of_another_kind_ruin_nothing(answers, match):
    calls = []

    def oracle(rows, X_rows):
        calls.append(rows)
        return Y_IRIS[rows] if len(calls) < 3 else answers(rows)

    learner = ActiveLearner(oracle=oracle, budget=40, random_state=0)
    with pytest.raises(ValueError, match=match):
        learner.fit(X_IRIS)
    assert learner.labeled_mask_.sum() == 20
    learner.set_params(oracle=lambda rows, X_rows: Y_IRIS[rows]).resume()
    assert learner.labeled_mask_.sum() == 50
    ActiveLearner(simulate=False).fit(X_IRIS, learner.labels_)


@pytest.mark.parametrize("wrong", [np.inf, "much", [1.0]])
def test_numbers_that_are_none_ruin_nothing(wrong):
    calls = []

    def oracle(rows, X_rows):
        calls.append(rows)
        answers = list(X_rows[:, 0])
        return answers if len(calls) < 3 else [wrong, *answers[1:]]

    learner = ActiveLearner(Ridge(), oracle=oracle, budget=40, random_state=0)
    with pytest.raises(ValueError, match=r"infinity|one finite number"):
        learner.fit(X_IRIS)
    assert learner.labeled_mask_.sum() == 20
    learner.set_params(oracle=lambda rows, X_rows: X_rows[:, 0]).resume()
    assert learner.labeled_mask_.sum() == 50
