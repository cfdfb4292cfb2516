"""Several people who answer: nothing is lost, and nothing depends on the order."""

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_validate

from skactive import ActiveLearner
from skactive.exceptions import StopAsking
from skactive.oracles import (
    BestValue,
    CommitteeOracle,
    DawidSkene,
    IntervalThreshold,
    NoisyOracle,
    SimulatedOracle,
    WeightedMajority,
    average,
    everybody,
    majority,
    one_at_random,
)

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NAMED = np.array(["setosa", "versicolor", "virginica"])[Y]
ROWS = np.random.RandomState(0).permutation(150)
ASKS = [everybody, one_at_random, BestValue(), IntervalThreshold()]
AGGREGATES = [majority, WeightedMajority(), DawidSkene()]
NAMES = ["everybody", "one", "value", "IEthresh"]


def people(y=Y, noise=(0.05, 0.4, 0.4), **more):
    return {
        name: NoisyOracle(y, noise=share, random_state=k, **more)
        for k, (name, share) in enumerate(zip(("Ada", "Ben", "Cy"), noise, strict=True))
    }


class Counting:
    """Tells the truth, and remembers what it was asked; may fail, stop, be paid."""

    def __init__(self, y=Y, fail=(), stop_after=None, price=None):
        self.y, self.fail, self.stop_after = y, list(fail), stop_after
        self.asked = []
        if price is not None:
            self.price, self.cost_ = price, 0.0

    def __call__(self, rows, X_rows):
        if self.fail and self.fail.pop(0):
            raise ConnectionError("line is dead")
        assert X_rows is None or (np.asarray(X_rows) == X[rows]).all()
        if (
            self.stop_after is not None
            and len(self.asked) + len(rows) > self.stop_after
        ):
            left = self.stop_after - len(self.asked)
            self.asked += list(rows[:left])
            raise StopAsking(answers=list(self.y[rows[:left]]))
        self.asked += list(rows)
        if hasattr(self, "price"):
            self.cost_ += self.price * len(rows)
        return self.y[rows]


# ------------------------------------------------------------- people who never err


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=["majority", "weights", "EM"])
@pytest.mark.parametrize("ask", ASKS, ids=NAMES)
@pytest.mark.parametrize("y", [Y, NAMED], ids=["numbers", "names"])
def test_a_committee_that_never_errs_is_the_truth(ask, aggregate, y):
    committee = CommitteeOracle(
        [SimulatedOracle(y)] * 3, ask=ask, aggregate=aggregate, random_state=0
    )
    one = ActiveLearner(budget=30, oracle=SimulatedOracle(y), random_state=0).fit(X)
    other = ActiveLearner(budget=30, oracle=committee, random_state=0).fit(X)
    assert_array_equal(one.queried_indices_, other.queried_indices_)
    assert one.labels_.tolist() == other.labels_.tolist()
    assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert one.cost_ == other.cost_ and one.history_["cost"] == other.history_["cost"]
    assert other.history_["n_revised"] == [0] * 4
    assert committee(ROWS).dtype == SimulatedOracle(y)(ROWS).dtype


# ----------------------------------------------------------------- whom and what


def test_votes_are_a_long_table():
    oracle = CommitteeOracle(people(NAMED, abstain=0.2), cost=[3, 1, 1])
    answers = oracle(ROWS[:40], X[ROWS[:40]])
    votes = oracle.votes_
    assert votes.dtype.names == ("row", "who", "answer", "cost") and len(votes) == 120
    ada = votes[votes["who"] == "Ada"]
    assert ada["row"].tolist() == ROWS[:40].tolist() and set(ada["cost"]) == {3.0}
    assert 0 < sum(answer is None for answer in ada["answer"]) < 20
    assert oracle.cost_ == votes["cost"].sum() == 200 and oracle.n_asked_ == 40
    assert sum(answer is None for answer in answers) < 5
    assert {type(answer) for answer in answers} <= {str, type(None)}
    assert max(oracle.reliability_, key=oracle.reliability_.get) == "Ada"


def test_who_is_asked_and_what_is_drawn_go_by_row():
    def answers(rows, size, seed=0):
        oracle = CommitteeOracle(people(), ask=one_at_random, random_state=seed)
        parts = np.array_split(rows, range(size, len(rows), size))
        told = dict(zip(rows, np.concatenate([oracle(part) for part in parts])))
        return [told[row] for row in range(150)], dict(
            oracle.votes_[["row", "who"]].tolist()
        )

    one, other = answers(ROWS, 7), answers(ROWS[::-1], 20)
    assert one == other
    assert one != answers(ROWS, 7, seed=1)


def test_all_may_abstain_and_that_is_paid():
    oracle = CommitteeOracle([lambda rows, X: [None] * len(rows)] * 2, cost=2)
    answers = oracle([3, 4])
    assert answers.tolist() == [None, None] and answers.dtype == object
    assert oracle.cost_ == 8 and oracle.revise([3]).tolist() == [None]
    assert oracle.confidence([3]).tolist() == [1.0]
    assert oracle.reliability_ == {"0": 0.5, "1": 0.5}
    learner = ActiveLearner(oracle=oracle, budget=400, random_state=0)
    with pytest.raises(ValueError, match="None of the .* rows asked for was given"):
        learner.fit(X)


def test_an_ask_of_ones_own_and_one_that_waits():
    def second_opinion(votes, rows):
        """Ask Ada, and Ben once she has answered anything at all."""
        if "Ada" not in votes["who"]:
            return [["Ada"], *[[] for _ in rows[1:]]]
        return [["Ben"] for _ in rows]

    oracle = CommitteeOracle({"Ada": Counting(), "Ben": Counting()}, ask=second_opinion)
    oracle([5, 6, 7])
    assert list(zip(oracle.votes_["row"], oracle.votes_["who"])) == [
        (5, "Ada"), (6, "Ben"), (7, "Ben")
    ]  # fmt: skip
    silent = CommitteeOracle([Counting()], ask=lambda votes, rows: [[] for _ in rows])
    assert silent([5]).tolist() == [None]


def test_wrong_returns_of_ask_and_aggregate_are_named():
    with pytest.raises(ValueError, match="ask named 'Cy'"):
        CommitteeOracle([Counting()], ask=lambda votes, rows: ["Cy"] * len(rows))([1])
    for returned in (
        ([0], [1.0]),
        ([0, None], [1.0, 1.0]),
        ([0, 1], [1.0, np.nan]),
        ([0, 1], [1.0, -1.0]),
    ):
        oracle = CommitteeOracle([Counting()], aggregate=lambda votes, c, r=returned: r)
        with pytest.raises(ValueError, match="aggregate must return.*in votes_"):
            oracle([1, 2])
        assert len(oracle.votes_) == 2  # nothing that was said is lost
        oracle.set_params(aggregate=majority)
        assert oracle([1, 2]).tolist() == Y[[1, 2]].tolist()
        assert len(oracle.annotators[0].asked) == 2


def test_an_aggregate_of_ones_own_is_given_the_classes():
    seen = []

    def first(votes, classes):
        seen.append(classes.tolist())
        rows = np.unique(votes["row"])
        return [votes["answer"][votes["row"] == row][0] for row in rows], np.ones(
            len(rows)
        )

    oracle = CommitteeOracle(people(NAMED), aggregate=first, classes=[*set(NAMED), "x"])
    assert (oracle(ROWS) == people(NAMED)["Ada"](ROWS)).all()
    assert seen[-1] == ["setosa", "versicolor", "virginica", "x"]


def test_numbers_are_averaged_for_a_regressor():
    y = X @ [1.0, -1.0, 2.0, 0.0]
    three = [NoisyOracle(y, scale=1.0, random_state=k) for k in range(9)]
    oracle = CommitteeOracle(three, aggregate=average)
    error = oracle(np.arange(150)) - y
    assert 0.2 < error.std() < 0.45  # a third of that of one
    ActiveLearner(Ridge(), oracle=oracle, budget=20, random_state=0).fit(X)
    with pytest.raises(ValueError, match="pass aggregate=average"):
        CommitteeOracle(three)([0])


# ------------------------------------------------------------ errors, and who stops


def test_an_error_of_one_loses_nothing_that_others_said():
    first, second = Counting(), Counting(fail=[True])
    oracle = CommitteeOracle([first, second], cost=1)
    learner = ActiveLearner(oracle=oracle, budget=40, random_state=0)
    with pytest.raises(ConnectionError):
        learner.fit(X)
    assert oracle.cost_ == learner.cost_ == 10 and len(first.asked) == 10
    learner.resume()
    assert len(first.asked) == len(set(first.asked)) == len(second.asked)
    assert len(learner.queried_indices_) == len(first.asked)
    assert oracle.cost_ == learner.cost_ == 2 * len(first.asked)


@pytest.mark.parametrize("wrong", [[1], [[1, 2]] * 10, ["odd"] * 10, [np.inf] * 10])
def test_a_wrong_answer_of_one_is_refused_and_ruins_nothing(wrong):
    def errs(rows, X_rows):
        return wrong

    first = Counting(Y.astype(float))
    oracle = CommitteeOracle({"Ada": first, "Ben": errs})
    learner = ActiveLearner(oracle=oracle, budget=20, random_state=0)
    with pytest.raises((ValueError, TypeError), match="annotator 'Ben'"):
        learner.fit(X)
    assert len(oracle.votes_) == 10 and set(oracle.votes_["who"]) == {"Ada"}
    oracle.annotators["Ben"] = Counting(Y.astype(float))
    learner.resume()
    assert learner.termination_condition_ == "budget"
    assert len(first.asked) == len(set(first.asked)) == 30


def test_who_stops_is_asked_no_more_and_others_in_his_place():
    short, long = Counting(stop_after=7), Counting()
    oracle = CommitteeOracle(
        {"Ada": short, "Ben": long},
        ask=lambda votes, rows: [votes.annotators[:1]] * len(rows),
    )
    answers = oracle(ROWS[:10], X[ROWS[:10]])
    assert answers.tolist() == Y[ROWS[:10]].tolist()
    assert len(short.asked) == 7 and len(long.asked) == 3 and oracle.left_ == ["Ada"]
    oracle(ROWS[10:20])
    assert len(short.asked) == 7 and len(long.asked) == 13


def test_when_all_have_stopped_so_does_the_committee():
    oracle = CommitteeOracle([Counting(stop_after=14), Counting(stop_after=18)])
    learner = ActiveLearner(oracle=oracle, budget=40, random_state=0).fit(X)
    assert learner.termination_condition_ == "oracle"
    assert len(learner.queried_indices_) == 18 and learner.labeled_mask_.sum() == 18
    assert oracle.left_ == []  # on resume they are asked again
    for one in oracle.annotators:
        one.stop_after = None
    assert learner.resume().termination_condition_ == "budget"
    assert len(learner.queried_indices_) == 50


def test_a_row_that_is_asked_again_is_asked_anew():
    oracle = CommitteeOracle(people(persistent=False), random_state=0)
    oracle([5, 9])
    oracle([5])
    assert oracle.votes_["row"].tolist() == [5, 9] * 3 + [5] * 3
    told = oracle.votes_["answer"][-3:].tolist()
    assert oracle.revise([5])[0] in told


# ----------------------------------------------------------------------------- money


def test_the_budget_is_in_the_money_of_people():
    oracle = CommitteeOracle(people(), cost={"Ada": 3, "Ben": 1, "Cy": 0.5})
    learner = ActiveLearner(oracle=oracle, budget=100, random_state=0).fit(X)
    assert learner.cost_ == oracle.cost_ == 4.5 * learner.labeled_mask_.sum()
    assert 145 <= oracle.cost_ <= 145 + 4.5
    assert learner.history_["cost"][-1] == oracle.cost_


def test_without_prices_a_budget_counts_rows():
    oracle = CommitteeOracle(people())
    assert not hasattr(oracle, "cost_")
    learner = ActiveLearner(oracle=oracle, budget=20, random_state=0).fit(X)
    assert len(learner.queried_indices_) == 30
    with pytest.raises(AttributeError, match="Pass cost"):
        _ = oracle.cost_
    assert not hasattr(CommitteeOracle(None), "cost_")


def test_people_who_tell_their_own_costs():
    inner = CommitteeOracle(people(), cost=2)
    oracle = CommitteeOracle({"crowd": inner, "expert": Counting(price=5.0)})
    learner = ActiveLearner(oracle=oracle, budget=110, random_state=0).fit(X)
    assert oracle.cost_ == inner.cost_ + oracle.annotators["expert"].cost_
    assert oracle.cost_ == learner.cost_ == 11 * len(learner.queried_indices_)
    assert oracle.votes_["cost"].tolist()[:1] == [6.0]


def test_money_spent_on_answers_that_were_refused_is_spent():
    paid = Counting(price=5.0)
    paid.y = np.full(150, np.inf)
    oracle = CommitteeOracle([paid])
    with pytest.raises(ValueError, match="infinity"):
        oracle([1, 2])
    assert oracle.cost_ == 10 and len(oracle.votes_) == 0


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"annotators": []}, "annotators must be one callable"),
        ({"annotators": Counting()}, "'annotators' parameter"),
        ({"annotators": [3]}, "got 3"),
        ({"cost": [1, 2]}, "cost must be"),
        ({"cost": np.nan}, "got nan"),
        ({"cost": -1}, "got -1"),
        ({"ask": "all"}, "'ask' parameter"),
        ({"aggregate": None}, "'aggregate' parameter"),
        ({"aggregate": WeightedMajority({"Ada": 0})}, "sum to 0"),
        ({"aggregate": WeightedMajority({"Eve": 1})}, "Eve"),
        ({"ask": BestValue(-1)}, "n_trial"),
        ({"weigh": 2}, "weigh"),
        ({"random_state": -1}, "random_state"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-",
)
def test_what_is_wrong_is_refused_before_anyone_is_asked(settings, match):
    three = {"Ada": Counting(), "Ben": Counting(), "Cy": Counting()}
    oracle = CommitteeOracle(**{"annotators": three, **settings})
    with pytest.raises(ValueError, match=match):
        ActiveLearner(oracle=oracle, random_state=0).fit(X)
    assert not any(one.asked for one in three.values())


@pytest.mark.parametrize("rows", [[-1], [0.5], [[0]], ["a"]], ids=str)
def test_what_are_no_rows_is_refused(rows):
    with pytest.raises(ValueError, match="rows must"):
        CommitteeOracle([Counting()])(rows)
    assert len(CommitteeOracle([Counting()])([])) == 0


# ------------------------------------------------------------- manners of an estimator


def test_it_pickles_with_all_it_knows():
    oracle = CommitteeOracle(people(), ask=BestValue(12), cost=1, random_state=None)
    oracle(ROWS[:20])
    for other in (pickle.loads(pickle.dumps(oracle)), copy.deepcopy(oracle)):
        assert (other.votes_ == oracle.votes_).all() and other.cost_ == oracle.cost_
        one = copy.deepcopy(oracle)
        assert one(ROWS[20:40]).tolist() == other(ROWS[20:40]).tolist()
        assert (one.votes_ == other.votes_).all()


@pytest.mark.parametrize(
    "form", [dict, lambda d: list(d.values())], ids=["dict", "list"]
)
def test_a_clone_knows_nothing(form):
    oracle = CommitteeOracle(form(people()), ask=BestValue(12), cost=1, weigh=True)
    oracle(ROWS[:20])
    other = clone(oracle)
    assert len(other.votes_) == 0 and other.n_asked_ == 0 and other.cost_ == 0
    first = next(iter(other.annotators.values() if form is dict else other.annotators))
    assert first.n_asked_ == 0
    assert other.ask is not oracle.ask and other.ask.n_trial == 12 and other.weigh
    plain = clone(CommitteeOracle([Counting()], ask=everybody))
    assert plain.ask is everybody


class Seer:
    """Answers by the sample alone, so that folds may be numbered as they like."""

    def __init__(self, shift):
        self.shift = shift

    def __call__(self, rows, X_rows):
        return (np.asarray(X_rows)[:, 2] > self.shift).astype(int)


def test_it_is_cross_validated_and_searched():
    class ByShift(Seer):  # made here: workers cannot import tests
        pass

    oracle = CommitteeOracle(
        [ByShift(-0.3), ByShift(0.0), ByShift(2.0)], ask=BestValue(3)
    )
    learner = ActiveLearner(
        LogisticRegression(), oracle=oracle, budget=20, random_state=0
    )

    def right(model, X, y=None):
        return float((model.predict(X) == (X[:, 2] > 0)).mean())

    mixed = X[ROWS]
    found = cross_validate(learner, mixed, scoring=right, cv=3, return_estimator=True)
    assert found["test_score"].min() > 0.8 and len(oracle.votes_) == 0
    costs = [len(one.oracle.votes_) for one in found["estimator"]]
    assert costs == [3 * 3 + 27] * 3
    search = GridSearchCV(
        learner,
        {"oracle__ask__n_trial": [1, 4]},
        scoring=right,
        cv=2,
        error_score="raise",
    ).fit(mixed)
    assert search.best_params_["oracle__ask__n_trial"] in (1, 4)
    assert len(search.best_estimator_.oracle.votes_) > 0
