"""Stopping criteria: sequences worked out by hand, and runs of the learner."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import cohen_kappa_score, r2_score
from sklearn.pipeline import make_pipeline

from skactive import ActiveLearner
from skactive.diversity import LCMD
from skactive.stopping import (
    AllOf,
    AnyOf,
    Budget,
    Spending,
    StablePredictions,
    StableValues,
    StoppingCriterion,
    TargetScore,
)

X_VAL, Y_VAL = np.zeros((4, 1)), np.array([0, 0, 1, 1])


class FakeLearner(ClassifierMixin, BaseEstimator):
    """A learner whose counts, scores and predictions are given, round by round."""

    def __init__(self, *, n_labeled=(), scores=(), predictions=()):
        self.rounds = {"n": n_labeled, "score": scores, "predict": predictions}
        self.classes_ = np.array([0, 1])
        self.history_ = {"n_labeled": []}
        self.k = -1

    def next_round(self):
        self.k += 1
        if self.rounds["n"]:
            self.history_["n_labeled"].append(self.rounds["n"][self.k])

    def fit(self, X, y):
        return self

    def score(self, X, y):
        assert X is X_VAL and y is Y_VAL
        return self.rounds["score"][self.k]

    def predict(self, X):
        return np.asarray(self.rounds["predict"][self.k])[np.asarray(X)[:, 0]]


def answers_of(criterion, learner, n_rounds, **samples):
    """Return what a criterion says in each round."""
    criterion.reset()
    said = []
    for _ in range(n_rounds):
        learner.next_round()
        said.append(criterion.update(learner, **samples))
    return said


def rows(n):
    return np.arange(n)[:, np.newaxis]


# --------------------------------------------------------------------------- Budget


def test_budget_stops_at_the_count_and_not_before():
    learner = FakeLearner(n_labeled=[5, 15, 19, 20, 31])
    assert answers_of(Budget(20), learner, 5) == [False, False, False, True, True]


@pytest.mark.parametrize("price", [0.5, 3.0])
def test_budget_counts_labels_whatever_they_cost(price):
    X, y = load_digits(return_X_y=True)
    learner = ActiveLearner(
        LogisticRegression(),
        n_initial=10,
        batch_size=5,
        budget=100 * price,
        cost=lambda rows, X_rows, answers: np.full(len(rows), price),
        stopping=Budget(20),
        random_state=0,
    ).fit(X[:200] / 16, y[:200])
    assert learner.termination_condition_ == "stopping"
    assert learner.history_["n_labeled"] == [10, 15, 20]
    assert learner.cost_ == 20 * price


# ------------------------------------------------------------------------- Spending


def spending_learner(amount, **params):
    settings = {"n_initial": 10, "batch_size": 5, "random_state": 0, **params}
    return ActiveLearner(LogisticRegression(), stopping=Spending(amount), **settings)


X_DIGITS, Y_DIGITS = load_digits(return_X_y=True)
X_DIGITS = X_DIGITS[:200] / 16
Y_DIGITS = Y_DIGITS[:200]


def test_spending_stops_at_the_amount_of_known_prices_the_start_included():
    learner = spending_learner(50, budget=1000)
    learner.fit(X_DIGITS, Y_DIGITS, cost=np.full(200, 2.5))
    assert learner.termination_condition_ == "stopping"
    assert learner.history_["cost"] == [25, 37.5, 50] and learner.cost_ == 50


def test_spending_stops_at_the_amount_of_prices_told_afterwards():
    learner = spending_learner(
        21, budget=1000, cost=lambda rows, X_rows, answers: 1 + (answers > 4)
    )
    learner.fit(X_DIGITS, Y_DIGITS)
    assert learner.termination_condition_ == "stopping"
    assert learner.history_["cost"][-1] >= 21 > learner.history_["cost"][-2]


def test_without_prices_each_answer_costs_one():
    learner = spending_learner(20, budget=100).fit(X_DIGITS, Y_DIGITS)
    assert learner.history_["n_labeled"] == learner.history_["cost"] == [10, 15, 20]


def test_prices_that_are_added_up_reach_the_amount_in_spite_of_rounding():
    learner = FakeLearner()
    learner.history_["cost"] = [sum([0.1] * 10)]
    assert learner.history_["cost"][0] < 1
    assert Spending(1).reset().update(learner)
    assert not Spending(1.001).reset().update(learner)


def test_corrections_are_paid_for_too():
    y = np.where(np.arange(200) < 20, Y_DIGITS, -1)
    learner = spending_learner(41, budget=100, missing_label=-1).fit(
        X_DIGITS, y, cost=np.full(200, 2.0)
    )
    assert learner.cost_ == 40
    learner.teach([0], [int(y[0])], relabel="replace", cost=2.0)
    learner.teach([20], [int(Y_DIGITS[20])], cost=2.0)
    assert learner.history_["cost"] == [40, 44]
    assert Spending(43).reset().update(learner)


@pytest.mark.parametrize("amount", [0, -1.0, np.nan, "much", np.inf])
def test_amounts_that_are_none_are_refused(amount):
    with pytest.raises(ValueError, match="'amount' parameter of Spending"):
        Spending(amount).reset()


# ---------------------------------------------------------------------- TargetScore


def test_target_score_stops_in_the_round_that_reaches_it():
    learner = FakeLearner(scores=[0.5, 0.79, 0.8, 0.7])
    criterion = TargetScore(0.8)
    said = answers_of(criterion, learner, 4, X_val=X_VAL, y_val=Y_VAL)
    assert said == [False, False, True, False]
    assert criterion.scores_ == [0.5, 0.79, 0.8, 0.7]


def test_patience_asks_for_rounds_in_a_row():
    learner = FakeLearner(scores=[0.9, 0.9, 0.1, 0.9, 0.9, 0.9, 0.9])
    criterion = TargetScore(0.8, patience=3)
    said = answers_of(criterion, learner, 7, X_val=X_VAL, y_val=Y_VAL)
    assert said == [False] * 5 + [True, True]


def test_scores_below_zero_can_be_a_target():
    learner = FakeLearner(scores=[-3.0, -0.5])
    said = answers_of(TargetScore(-1.0), learner, 2, X_val=X_VAL, y_val=Y_VAL)
    assert said == [False, True]


def test_scoring_may_be_a_function_or_a_name():
    learner = FakeLearner(predictions=[[0, 0, 0, 1], [0, 0, 1, 1]])
    samples = {"X_val": rows(4), "y_val": Y_VAL}
    named = TargetScore(0.8, scoring="accuracy")
    assert answers_of(named, learner, 2, **samples) == [False, True]
    assert named.scores_ == [0.75, 1.0]
    learner.k = -1
    called = TargetScore(3, scoring=lambda est, X, y: 4 * np.mean(est.predict(X) == y))
    assert answers_of(called, learner, 2, **samples) == [True, True]
    assert called.scores_ == [3.0, 4.0]


@pytest.mark.parametrize("samples", [{}, {"X": X_VAL}, {"X_val": X_VAL}])
def test_target_score_without_a_validation_set_says_where_to_pass_it(samples):
    with pytest.raises(ValueError, match="pass X_val and y_val to fit"):
        answers_of(TargetScore(0.8), FakeLearner(scores=[1]), 1, **samples)


def test_a_score_that_is_nan_is_an_error():
    with pytest.raises(ValueError, match="NaN"):
        answers_of(
            TargetScore(0.8), FakeLearner(scores=[np.nan]), 1, X_val=X_VAL, y_val=Y_VAL
        )


# ---------------------------------------------------------------- StablePredictions

# Ten samples; between rounds 3, 1, 0, 1, 0, 0 of them change.
CHANGING = [
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 0, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 0, 1, 1, 1, 1, 1],
    [1, 1, 1, 1, 0, 1, 1, 1, 1, 0],
    [1, 1, 1, 1, 0, 1, 1, 1, 1, 0],
    [1, 1, 1, 1, 0, 1, 1, 1, 1, 0],
]


@pytest.mark.parametrize(
    ("agreement", "n_in_a_row", "expected"),
    [
        (0.9, 1, [False, False, True, True, True, True, True]),
        (0.9, 3, [False, False, False, False, True, True, True]),
        (0.95, 1, [False, False, False, True, False, True, True]),
        (0.95, 2, [False, False, False, False, False, False, True]),
        (0.95, 3, [False] * 7),
    ],
)
def test_agreement_has_to_be_reached_in_a_row(agreement, n_in_a_row, expected):
    criterion = StablePredictions(agreement, rounds=n_in_a_row)
    said = answers_of(criterion, FakeLearner(predictions=CHANGING), 7, X=rows(10))
    assert said == expected
    assert criterion.agreements_ == [0.7, 0.9, 1.0, 0.9, 1.0, 1.0]


def test_kappa_is_that_worked_out_by_hand_and_that_of_scikit_learn():
    criterion = StablePredictions(0.99, rounds=1, statistic="kappa")
    answers_of(criterion, FakeLearner(predictions=CHANGING), 3, X=rows(10))
    # Round 1: 5 and 8 ones. By chance .5*.8 + .5*.2 = .5; (.7 - .5) / (1 - .5) = .4.
    # Round 2: 8 and 9 ones. By chance .8*.9 + .2*.1 = .74; (.9 - .74) / .26 = 8/13.
    assert criterion.agreements_ == pytest.approx([0.4, 8 / 13])
    rng = np.random.RandomState(0)
    for _ in range(20):
        before, now = rng.randint(4, size=(2, 30))
        now = np.where(rng.rand(30) < 0.6, before, now)
        words = np.array(["a", "b", "c", "d"])
        answers_of(
            criterion, FakeLearner(predictions=words[[before, now]]), 2, X=rows(30)
        )
        assert criterion.agreements_ == pytest.approx([cohen_kappa_score(before, now)])


def test_a_constant_model_is_stable_by_agreement_and_never_by_kappa():
    learner = FakeLearner(predictions=[[1, 1, 1]] * 5)
    agreeing = answers_of(StablePredictions(rounds=2), learner, 5, X=rows(3))
    assert agreeing == [False, False, True, True, True]
    learner.k = -1
    by_kappa = StablePredictions(rounds=2, statistic="kappa")
    assert answers_of(by_kappa, learner, 5, X=rows(3)) == [False] * 5
    assert by_kappa.agreements_ == [0.0] * 4


def test_validation_samples_are_predicted_if_there_are_any():
    learner = FakeLearner(predictions=[[0, 0, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0]])
    criterion = StablePredictions(1.0, rounds=1)
    said = answers_of(criterion, learner, 3, X=rows(4), X_val=np.array([[0], [1]]))
    assert said == [False, False, True]
    assert criterion.agreements_ == [0.5, 1.0]


def test_predictions_are_compared_on_the_same_few_samples_in_every_round():
    class Recording(FakeLearner):
        def predict(self, X):
            seen.append(X[:, 0].tolist())
            return np.zeros(len(X))

    def run(**params):
        seen.clear()
        answers_of(StablePredictions(**params), Recording(), 3, X=rows(500))
        return list(seen)

    seen = []
    first = run(max_samples=20)
    assert first[0] == first[1] == first[2]
    assert len(set(first[0])) == 20
    assert run(max_samples=20) == first
    assert run(max_samples=20, random_state=1) != first
    unseeded = run(max_samples=20, random_state=None)
    assert unseeded[0] == unseeded[1] != first[0]
    assert run(max_samples=500)[0] == list(range(500))


def test_regressors_are_refused():
    learner = FakeLearner(predictions=[[0.1, 0.2]])
    del learner.classes_
    with pytest.raises(ValueError, match="use StableValues, or TargetScore for a reg"):
        answers_of(StablePredictions(), learner, 1, X=rows(2))


def test_samples_to_predict_are_needed():
    with pytest.raises(ValueError, match="pass X or X_val"):
        answers_of(StablePredictions(), FakeLearner(predictions=[[0]]), 1)


# --------------------------------------------------------------------- StableValues


class FakeRegressor(RegressorMixin, BaseEstimator):
    """A learner whose predictions are given, round by round."""

    def __init__(self, *, predictions=()):
        self.predictions, self.k = predictions, -1

    def next_round(self):
        self.k += 1

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.asarray(self.predictions[self.k])[np.asarray(X)[:, 0]]


def shares(*predictions, **samples):
    criterion = StableValues()
    samples = samples or {"X": rows(len(predictions[0]))}
    answers_of(
        criterion, FakeRegressor(predictions=predictions), len(predictions), **samples
    )
    return criterion.shares_


def test_shares_on_paper():
    assert shares([1, 2, 3, 4], [1, 2, 3, 5]) == pytest.approx([0.885714], abs=1e-6)
    assert shares([1.0, 2, 3], [1.0, 2, 3]) == [1.0]
    # Moved by 2, which is more than their deviation: 1 - 4 / (2 / 3).
    assert shares([1.0, 2, 3], [3.0, 4, 5]) == pytest.approx([-5.0])


def test_shares_have_no_unit_and_are_the_r2_of_the_round_before():
    rng = np.random.RandomState(0)
    before, now = rng.standard_normal((2, 30))
    expected = r2_score(now, before)
    assert shares(before, now) == pytest.approx([expected])
    moved = shares(1e6 * before + 1e7, 1e6 * now + 1e7)
    assert moved == pytest.approx([expected])


@pytest.mark.parametrize("constant", [0.0, 2.0, 0.1, 1e9])
def test_a_model_that_says_the_same_of_all_is_never_stable(constant):
    same = [constant] * 5
    assert shares(same, same, same) == [0.0, 0.0]
    assert shares(list(range(5)), same) == [0.0]
    almost = np.full(5, constant) * (1 + np.array([0, 1, -1, 0, 1]) * 2e-16)
    assert shares(almost, almost) == [0.0]


def test_the_least_stable_of_several_outputs_counts():
    before = np.array([[1.0, 1], [2, 2], [3, 3], [4, 4]])
    now = before + [[0, 0], [0, 0], [0, 0], [0, 1]]
    assert shares(before, now) == pytest.approx([0.885714], abs=1e-6)
    now[:, 0] = 7.0
    assert shares(before, now) == [0.0]


def test_shares_have_to_be_reached_in_a_row():
    still, moved = [1.0, 2, 3, 4], [1.0, 2, 3, 5]
    said = [still, still, moved, moved, moved, still]
    learner = FakeRegressor(predictions=said)
    stopping = StableValues(0.99, rounds=2)
    assert answers_of(stopping, learner, 6, X=rows(4)) == [False] * 4 + [True, False]
    learner.k = -1
    assert answers_of(StableValues(0.8, rounds=3), learner, 6, X=rows(4))[3]


def test_values_are_those_of_validation_samples_and_of_few():
    near = {"X": rows(4), "X_val": np.array([[0], [1], [2]])}
    assert shares([1, 2, 3, 4], [1, 2, 3, 5], **near) == [1.0]
    criterion = StableValues(max_samples=2)
    rng = np.random.RandomState(0)
    learner = FakeRegressor(predictions=rng.standard_normal((3, 50)))
    answers_of(criterion, learner, 3, X=rows(50))
    assert len(criterion._before) == 2
    with pytest.raises(ValueError, match="StableValues needs samples"):
        answers_of(StableValues(), FakeRegressor(), 1)


def test_a_run_of_a_regressor_ends_when_its_values_are_stable():
    rng = np.random.RandomState(0)
    X = rng.standard_normal((300, 5))
    y = X @ np.arange(5.0) + 0.1 * rng.standard_normal(300)
    learner = ActiveLearner(
        Ridge(), LCMD(), budget=200, stopping=StableValues(0.999), random_state=0
    ).fit(X, y)
    assert learner.termination_condition_ == "stopping"
    assert learner.history_["n_labeled"][-1] < 100


# ------------------------------------------------------- refused before a label is paid


@pytest.mark.parametrize("join", [False, True])
@pytest.mark.parametrize(
    ("model", "stopping", "message"),
    [
        (Ridge(), StablePredictions(), "use StableValues"),
        (make_pipeline(Ridge()), StablePredictions(), "use StableValues"),
        (LogisticRegression(), StableValues(), "use StablePredictions"),
        (make_pipeline(LogisticRegression()), StableValues(), "use StablePredictions"),
        (None, StableValues(), "use StablePredictions"),
        (Ridge(), TargetScore(0.5), "pass X_val and y_val to fit"),
    ],
    ids=["Ridge", "pipeline", "logistic", "pipeline of it", "default", "no validation"],
)
def test_what_cannot_be_served_is_refused_before_a_label_is_paid(
    model, stopping, message, join
):
    asked = []

    def oracle(rows, X_rows):
        asked.extend(rows)
        return np.arange(len(rows)) % 2

    stopping = Budget(50) | (stopping & Budget(5)) if join else stopping
    learner = ActiveLearner(model, stopping=stopping, oracle=oracle)
    with pytest.raises(ValueError, match=message):
        learner.fit(X_DIGITS)
    assert asked == []


def test_a_criterion_that_is_no_subclass_is_asked_nothing_before():
    class Duck(BaseEstimator):
        def reset(self):
            return self

        def update(self, learner, **samples):
            return True

    for stopping in (Duck(), AnyOf([Duck()])):
        learner = ActiveLearner(stopping=stopping, random_state=0)
        learner.fit(X_DIGITS, Y_DIGITS)
        assert learner.termination_condition_ == "stopping"


# ----------------------------------------------------------------- joining with | &


class Scripted(StoppingCriterion):
    def __init__(self, script):
        self.script = script

    def reset(self):
        self.k_ = -1
        return super().reset()

    def update(self, learner, *, X=None, X_val=None, y_val=None):
        self.k_ += 1
        return self.script[self.k_]


A, B = [False, True, False, True], [True, True, False, False]


@pytest.mark.parametrize("swap", [False, True])
def test_either_and_both(swap):
    a, b = (Scripted(B), Scripted(A)) if swap else (Scripted(A), Scripted(B))
    learner = FakeLearner()
    assert answers_of(a | b, learner, 4) == [True, True, False, True]
    assert answers_of(a & b, learner, 4) == [False, True, False, False]


def test_every_member_is_updated_in_every_round():
    a, b = Scripted([True] * 3), Scripted([False] * 3)
    for joined in (a | b, b | a, a & b, b & a):
        answers_of(joined, FakeLearner(), 3)
        assert [member.k_ for member in joined.criteria] == [2, 2]


def test_members_hear_of_all_samples():
    heard = []

    class Listening(StoppingCriterion):
        def update(self, learner, **samples):
            heard.append(samples)
            return False

    answers_of(
        Listening() | (Listening() & Listening()),
        FakeLearner(),
        1,
        X=1,
        X_val=2,
        y_val=3,
    )
    assert heard == [{"X": 1, "X_val": 2, "y_val": 3}] * 3


def test_joining_takes_apart_what_is_joined_alike_and_nothing_else():
    a, b, c = Budget(1), Budget(2), Budget(3)
    assert (a | b | c).criteria == [a, b, c]
    assert (a & (b & c)).criteria == [a, b, c]
    mixed = a | b & c
    assert isinstance(mixed, AnyOf)
    assert isinstance(mixed.criteria[1], AllOf)
    with pytest.raises(TypeError, match="unsupported operand"):
        a | 3


@pytest.mark.parametrize("criteria", [[], [Budget(3), "no"], [None], 3])
def test_joining_nothing_or_something_else_is_refused(criteria):
    for joined in (AnyOf(criteria), AllOf(criteria)):
        with pytest.raises(ValueError, match="criteri"):
            joined.reset()


# ----------------------------------------------------------------- manners of all

EVERY = [
    Budget(20),
    Spending(12.5),
    StableValues(0.9, rounds=2),
    TargetScore(0.9, patience=2),
    StablePredictions(0.9, rounds=2),
    Budget(20) | TargetScore(0.9),
    StablePredictions(0.9) & (Budget(20) | TargetScore(0.9)),
]


@pytest.mark.parametrize("criterion", EVERY, ids=repr)
def test_criteria_clone_and_pickle(criterion):
    for copy in (clone(criterion), pickle.loads(pickle.dumps(criterion))):
        assert repr(copy) == repr(criterion)
        assert copy is not criterion


def test_a_clone_of_joined_criteria_shares_no_state():
    joined = TargetScore(0.9) | Budget(5)
    answers_of(
        joined, FakeLearner(n_labeled=[1], scores=[1.0]), 1, X_val=X_VAL, y_val=Y_VAL
    )
    assert not hasattr(clone(joined).criteria[0], "scores_")
    assert pickle.loads(pickle.dumps(joined)).criteria[0].scores_ == [1.0]


@pytest.mark.parametrize(
    ("criterion", "learner"),
    [
        (TargetScore(0.8, patience=2), FakeLearner(scores=[0.9, 0.9, 0.9])),
        (StablePredictions(rounds=1), FakeLearner(predictions=[[0, 1, 1, 0]] * 3)),
    ],
    ids=["TargetScore", "StablePredictions"],
)
def test_reset_forgets_earlier_rounds(criterion, learner):
    samples = {"X": rows(4), "X_val": X_VAL.astype(int), "y_val": Y_VAL}
    if isinstance(criterion, TargetScore):
        samples["X_val"] = X_VAL
    expected = [False, True]
    assert answers_of(criterion, learner, 2, **samples) == expected
    learner.k = -1
    assert answers_of(criterion, learner, 2, **samples) == expected


def test_a_criterion_that_was_never_reset_begins_by_itself():
    learner = FakeLearner(scores=[0.9])
    learner.next_round()
    assert TargetScore(0.8).update(learner, X_val=X_VAL, y_val=Y_VAL)


@pytest.mark.parametrize(
    "criterion",
    [
        Budget(0),
        Budget(2.5),
        TargetScore("high"),
        TargetScore(np.nan),
        TargetScore(0.9, patience=0),
        StablePredictions(0),
        StablePredictions(1.1),
        StablePredictions(rounds=0),
        StablePredictions(statistic="fleiss"),
        StablePredictions(max_samples=0),
    ],
    ids=repr,
)
def test_parameters_out_of_range_are_refused_before_the_first_round(criterion):
    with pytest.raises(ValueError, match="parameter of"):
        criterion.reset()


# ------------------------------------------------------------------- in the learner


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[::2] / 16, y[::2], X[1::2] / 16, y[1::2]


def test_learner_stops_at_the_first_round_that_reaches_the_target(digits):
    X, y, X_val, y_val = digits
    learner = ActiveLearner(budget=150, stopping=TargetScore(0.8), random_state=0)
    learner.fit(X, y, X_val=X_val, y_val=y_val)
    scores = learner.history_["score"]
    assert learner.termination_condition_ == "stopping"
    assert scores[-1] >= 0.8 > max(scores[:-1])


def test_learner_stops_when_predictions_were_stable_three_times(digits):
    X, y, _, _ = digits
    stopping = StablePredictions(0.9, rounds=3)
    learner = ActiveLearner(budget=150, stopping=stopping, random_state=0).fit(X, y)
    assert learner.termination_condition_ == "stopping"
    staged = list(learner.staged_predict(X))
    same = [np.mean(a == b) for a, b in pairwise(staged)]
    reached = [share >= 0.9 for share in same]
    assert reached[-3:] == [True] * 3
    assert not any(all(reached[i : i + 3]) for i in range(len(reached) - 3))
    assert not hasattr(stopping, "agreements_")  # the learner worked on a clone


def test_one_criterion_serves_many_runs_alike(digits):
    X, y, _, _ = digits
    learner = ActiveLearner(budget=60, stopping=Budget(35) & Budget(25), random_state=0)
    counts = [learner.fit(X, y).history_["n_labeled"] for _ in range(2)]
    assert counts == [[10, 20, 30, 40]] * 2


def test_stopping_works_for_regressors_by_score():
    X = np.random.RandomState(0).randn(100, 4)
    y = X @ np.array([1.0, 2.0, -1.0, 0.5])
    learner = ActiveLearner(Ridge(1e-6), stopping=TargetScore(0.99), random_state=0)
    learner.fit(X, y, X_val=X, y_val=y)
    assert learner.termination_condition_ == "stopping"
    learner.set_params(stopping=StablePredictions())
    with pytest.raises(ValueError, match="TargetScore for a regressor"):
        learner.fit(X, y)


def test_learner_without_validation_set_is_told_so(digits):
    X, y, _, _ = digits
    learner = ActiveLearner(LogisticRegression(), stopping=TargetScore(0.9))
    with pytest.raises(ValueError, match="pass X_val and y_val to fit"):
        learner.fit(X, y)
