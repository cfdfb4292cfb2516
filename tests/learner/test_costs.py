"""What answers cost: prices known beforehand, told afterwards, taught, or one each."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.base import QueryStrategy
from skactive.compose import PoolSubsampling
from skactive.diversity import CoreSet, RandomSampling
from skactive.exceptions import PoolExhaustedWarning, StopAsking
from skactive.learner._begin import open_run
from skactive.learner._costs import Prices, paid_since
from skactive.oracles import SimulatedOracle
from skactive.testing import all_strategies
from skactive.uncertainty import HistorySampling, MarginSampling
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers
from skactive.utils._prices import checked_prices

X_IRIS, Y_IRIS = load_iris(return_X_y=True)

# Eight rows; a strategy ranks them 7, 6, ..., 1, and row 0 is the beginning.
X8, Y8 = np.arange(8.0).reshape(-1, 1), np.array([0, 1, 0, 1, 0, 1, 0, 1])
START = np.arange(8) == 0
PRICES = np.array([3.0, 1.0, 1.0, 2.0, 9.0, 4.0, 5.0, 7.0])


class Largest(BaseEstimator):
    """Asks for the largest values of the first column."""

    def fit(self, X, y, X_pool):
        self.order_ = np.argsort(-X_pool[:, 0], kind="stable")
        return self

    def query(self, n):
        return self.order_[:n]


def price_of(rows, X_rows, answers):
    return PRICES[rows]


def largest(**params):
    params = {"budget": 10, "batch_size": 2, "random_state": 0, **params}
    model = DummyClassifier(strategy="most_frequent")
    return ActiveLearner(model, Largest(), **params)


class People:
    """An oracle that pays three for each answer, and may be told to fail."""

    cost_ = 0.0

    def __init__(self, y, fail=None):
        self.y, self.fail = y, fail

    def __call__(self, rows, X_rows):
        self.cost_ += 3 * len(rows)
        if self.fail is not None:
            raise self.fail
        return self.y[rows]


# ------------------------------------------------------------- known beforehand


def test_a_known_price_that_does_not_fit_is_passed_over():
    """Of 10: 7 (left 3), not 5, not 4, not 9, but 2 (left 1); then 1; then none."""
    learner = largest().fit(X8, Y8, labeled=START, cost=PRICES)
    assert_array_equal(learner.queried_indices_, [7, 3, 2])
    assert learner.history_["n_labeled"] == [1, 3, 4]
    assert learner.history_["cost"] == [3, 12, 13]  # the start costs 3, beside 10
    assert learner.termination_condition_ == "budget"
    assert learner.cost_ == 13
    assert [stage.cost_ for stage in learner.stages()] == [3, 12, 13]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7])
@pytest.mark.parametrize("budget", [1, 2.5, 8, 10, 11.5, 23, 29, 100])
def test_known_prices_are_never_overspent_and_nothing_that_fits_is_left(
    batch_size, budget
):
    learner = largest(budget=budget, batch_size=batch_size)
    if budget == 100:
        with pytest.warns(PoolExhaustedWarning, match="buys more than the 8 rows"):
            learner.fit(X8, Y8, labeled=START, cost=PRICES)
    else:
        learner.fit(X8, Y8, labeled=START, cost=PRICES)
    spent = PRICES[learner.queried_indices_].sum()
    assert spent <= budget and learner.cost_ == spent + 3
    left = PRICES[~learner.labeled_mask_]
    assert not (left <= budget - spent).any()
    # As if one were asked for at a time: the next best that fits.
    expected, rest = [], budget
    for row in range(7, 0, -1):
        if PRICES[row] <= rest:
            expected.append(row)
            rest -= PRICES[row]
    assert_array_equal(learner.queried_indices_, expected)


def test_the_start_is_a_count_whatever_it_costs():
    learner = largest(n_initial=3, budget=4).fit(X8, Y8, cost=PRICES)
    first = learner.queried_indices_[:3]
    assert learner.history_["n_labeled"][0] == 3
    assert learner.history_["cost"][0] == PRICES[first].sum()
    assert PRICES[learner.queried_indices_[3:]].sum() <= 4


def test_rows_drawn_for_a_second_class_are_paid_and_fit_too():
    y = np.zeros(60, dtype=int)
    y[::6] = 1
    X, prices = np.arange(60.0).reshape(-1, 1), np.where(np.arange(60) % 2, 50.0, 1.0)
    drew = 0
    for seed in range(8):
        learner = ActiveLearner(
            LogisticRegression(), RandomSampling(), n_initial=2, budget=20,
            random_state=seed,
        ).fit(X, y, cost=prices)  # fmt: skip
        after = learner.queried_indices_[2:]
        assert len(after) == 20 and (prices[after] == 1).all()
        drew += learner.history_["n_labeled"][0] > 2
    assert drew > 2


def test_what_is_free_is_bought_with_nothing_left():
    prices = np.where(np.arange(8) > 4, 0.0, 2.0)
    learner = largest(budget=2, batch_size=1).fit(X8, Y8, labeled=START, cost=prices)
    assert_array_equal(learner.queried_indices_, [7, 6, 5, 4])
    assert learner.history_["cost"] == [2, 2, 2, 2, 4]
    prices = np.where(np.arange(8) > 4, 2.0, 0.0)
    learner = largest(budget=2, batch_size=1).fit(X8, Y8, labeled=START, cost=prices)
    assert_array_equal(learner.queried_indices_, [7, 4, 3, 2, 1])


CHEAP_ROWS = np.where(np.arange(150) % 10 == 3, 1.0, 50.0)
STRATEGIES = [
    cls(**({"n_members": 4} if cls.__name__ == "QueryByCommittee" else {}))
    for cls in all_strategies()
    if cls is not HistorySampling  # a linear model has none
]
STRATEGIES += [HistorySampling(AdaBoostClassifier(n_estimators=4), n_trees=10)]
STRATEGIES += [PoolSubsampling(max_pool=8)]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: type(s).__name__)
def test_every_strategy_finds_the_few_rows_that_fit(strategy):
    learner = ActiveLearner(
        LogisticRegression(), strategy, budget=3, batch_size=2, random_state=0
    ).fit(X_IRIS[::2], Y_IRIS[::2], cost=CHEAP_ROWS[1::2])
    assert_array_equal(CHEAP_ROWS[1::2][learner.queried_indices_[10:]], np.ones(3))
    assert len(learner.estimators_) == 3


class RankingModel(QueryStrategy, LogisticRegression):
    """A model that is its own strategy, and ranks by row."""

    def __init__(self, max_iter=100):
        LogisticRegression.__init__(self, max_iter=max_iter)

    def _fit(self, X, y, X_pool):
        self.n_seen_ = None if X_pool is None else len(X_pool)
        LogisticRegression.fit(self, X, y)

    def _query(self, n):
        return np.arange(n)


def test_a_strategy_that_is_the_model_learns_from_rows_that_do_not_fit():
    learner = ActiveLearner(
        strategy=RankingModel(), n_initial=20, budget=5, batch_size=2, random_state=0
    )
    learner.fit(X_IRIS, Y_IRIS, cost=CHEAP_ROWS)
    after = learner.queried_indices_[20:]
    assert_array_equal(CHEAP_ROWS[after], np.ones(5))
    assert_array_equal(after, np.sort(after))
    assert learner.estimator_.n_seen_ == 150 - 25


@pytest.mark.parametrize("known", [True, False])
def test_a_budget_of_three_tenths_buys_three_at_one_tenth(known):
    prices = np.full(8, 0.1)
    learner = largest(budget=0.3, batch_size=1)
    if not known:
        learner.set_params(cost=lambda rows, X_rows, answers: prices[rows])
    learner.fit(X8, Y8, labeled=START, **({"cost": prices} if known else {}))
    assert len(learner.queried_indices_) == 3


@pytest.mark.parametrize("routing", [False, True])
def test_cross_validation_cuts_prices_to_its_folds(routing):
    prices = np.random.RandomState(0).uniform(0.5, 3, size=150)
    learner = ActiveLearner(budget=20.5, random_state=0)
    with sklearn.config_context(enable_metadata_routing=routing):
        results = cross_validate(
            learner, X_IRIS, Y_IRIS, cv=2, params={"cost": prices},
            return_estimator=True, return_indices=True,
        )  # fmt: skip
        search = GridSearchCV(learner, {"batch_size": [5, 10]}, cv=2)
        best = search.fit(X_IRIS, Y_IRIS, cost=prices).best_estimator_
    fitted = [(best, np.arange(150))]
    fitted += zip(results["estimator"], results["indices"]["train"], strict=True)
    for one, rows in fitted:
        paid = prices[rows][one.queried_indices_]
        assert one.cost_ == pytest.approx(paid.sum())
        assert 19 < paid[10:].sum() <= 20.5


def test_in_a_pipeline_prices_are_given_by_the_name_of_the_step():
    pipe = make_pipeline(StandardScaler(), ActiveLearner(budget=5, random_state=0))
    pipe.fit(X_IRIS, Y_IRIS, activelearner__cost=np.full(150, 2.0))
    assert pipe[-1].history_["cost"] == [20, 24]


def test_prices_may_be_a_column_of_a_frame():
    for prices in (pd.Series(PRICES), pd.array(PRICES, "Float64"), PRICES.tolist()):
        learner = largest().fit(X8, Y8, labeled=START, cost=prices)
        assert learner.cost_ == 13


# --------------------------------------------------------------- told afterwards


def test_prices_told_afterwards_may_overspend_by_the_last_batch():
    """Rows 7 and 6 cost 12, of 10; the start cost 3, so that two seemed to fit."""
    learner = largest(cost=price_of).fit(X8, Y8, labeled=START)
    assert_array_equal(learner.queried_indices_, [7, 6])
    assert learner.history_["cost"] == [3, 15] and learner.cost_ == 15
    assert learner.termination_condition_ == "budget"


def test_the_last_batch_is_cut_by_what_answers_cost_so_far():
    """At 2 each, 5 buy two of four, then one more: 5 - 4 = 1 is left, 2 are paid."""
    learner = largest(cost=lambda rows, X, answers: np.full(len(rows), 2), budget=5)
    learner.set_params(batch_size=4).fit(X8, Y8, labeled=START)
    assert learner.history_["n_labeled"] == [1, 3, 4]
    assert learner.history_["cost"] == [2, 6, 8]


def test_what_an_answer_costs_may_depend_on_the_answer():
    seen = []

    def cost(rows, X_rows, answers):
        seen.extend(rows)
        assert_array_equal(X_rows, X8[rows])
        assert isinstance(answers, np.ndarray)
        assert_array_equal(answers, Y8[rows])
        return 1 + answers

    learner = largest(cost=cost, budget=4).fit(X8, Y8, labeled=START)
    assert_array_equal(seen, [0, *learner.queried_indices_])
    assert learner.history_["cost"] == [1, 4, 6]  # 7 and 6, then 5: two for a 1


def test_an_abstention_costs_what_the_callable_says_of_none():
    def oracle(rows, X_rows):
        return [np.nan if row == 7 else float(Y8[row]) for row in rows]

    def cost(rows, X_rows, answers):
        return [0.5 if answer is None else 2 for answer in answers]

    y = np.where(START, 0.0, np.nan)
    learner = largest(oracle=oracle, cost=cost, budget=4.5).fit(X8, y)
    assert_array_equal(learner.queried_indices_, [7, 6, 5])
    assert learner.history_["cost"] == [2, 4.5, 6.5]
    assert learner.history_["n_labeled"] == [1, 2, 3]


def test_what_was_paid_at_last_for_nothing_is_in_the_total():
    def oracle(rows, X_rows):
        return [None if row < 6 else Y8[row] for row in rows]

    learner = largest(oracle=oracle, cost=price_of).set_params(budget=20)
    learner.fit(X8, np.where(START, 0.0, np.nan))
    assert learner.history_["cost"] == [3, 15]  # row 7 and 6
    assert learner.cost_ == 15 + 4 + 9  # row 5 and 4


@pytest.mark.parametrize("kind", [MaskAnswers, BoxAnswers])
def test_answers_of_every_kind_have_prices(kind):
    box = {
        "boxes": np.array([[0, 0, 1, 1.0], [1, 1, 3, 2]]),
        "labels": np.array([0, 1]),
    }
    mask = np.zeros((2, 3), dtype=int)
    one = mask if kind is MaskAnswers else box

    def cost(rows, X_rows, told):
        return [
            1 if t is None else np.size(t) if kind is MaskAnswers else len(t["boxes"])
            for t in told
        ]

    y = np.full(4, None, dtype=object)
    y[0] = one
    run = open_run(X8[:4], y, kind(), has_oracle=True)
    run.price_the_start(cost)
    some = np.full(2, None, dtype=object)
    some[1] = one
    run.ask(np.array([2, 3]), lambda rows, X_rows: some, 1, cost)
    size = 6 if one is mask else 2
    assert run.prices.start == [size] and run.prices.paid == [1, size]


# ------------------------------------------------------------------- one each


@pytest.mark.parametrize("strategy", [MarginSampling(), CoreSet(), RandomSampling()])
@pytest.mark.parametrize("batch_size", [2, 7])
def test_prices_of_one_change_nothing(strategy, batch_size):
    """Not one query, and not one probability."""
    learner = ActiveLearner(
        LogisticRegression(), strategy, n_initial=2, budget=9, batch_size=batch_size,
        random_state=3,
    )  # fmt: skip
    plain = clone(learner).fit(X_IRIS, Y_IRIS)
    known = clone(learner).fit(X_IRIS, Y_IRIS, cost=np.ones(150))
    told = clone(learner).set_params(cost=lambda rows, X, answers: np.ones(len(rows)))
    for other in (known, told.fit(X_IRIS, Y_IRIS)):
        assert_array_equal(other.queried_indices_, plain.queried_indices_)
        assert_array_equal(other.labeled_iter_, plain.labeled_iter_)
        assert_array_equal(other.predict_proba(X_IRIS), plain.predict_proba(X_IRIS))
        assert other.history_["n_labeled"] == plain.history_["n_labeled"]
        assert other.history_["cost"] == plain.history_["cost"]
        assert other.termination_condition_ == plain.termination_condition_
    assert plain.history_["cost"] == plain.history_["n_labeled"]
    assert type(plain.cost_) is int and plain.cost_ == 11


@pytest.mark.parametrize("budget", [2.5, 0, -1.0, np.nan, np.inf, "much"])
def test_a_budget_without_prices_is_a_count(budget):
    with pytest.raises(ValueError, match=r"'budget' parameter of ActiveLearner must"):
        ActiveLearner(budget=budget).fit(X_IRIS, Y_IRIS)
    if budget == 2.5:
        learner = ActiveLearner(budget=budget, random_state=0)
        learner.fit(X_IRIS, Y_IRIS, cost=np.full(150, 0.5))
        assert learner.labeled_mask_.sum() == 15
        ActiveLearner(budget=budget, oracle=People(Y_IRIS), random_state=0).fit(X_IRIS)
    else:
        with pytest.raises(ValueError, match="'budget' parameter"):
            ActiveLearner(budget=budget).fit(X_IRIS, Y_IRIS, cost=np.ones(150))


# ---------------------------------------------------------------------- refused


UNUSABLE = [
    (np.ones(7), r"shape \(7,\)"),
    (np.ones((8, 1)), r"shape \(8, 1\)"),
    (2.0, r"got 2.0, shape \(\)"),
    ([[1], [1, 2], *[[1]] * 6], "several lengths"),
    (np.where(START, -1.0, 1.0), "got -1.0 at entry 0"),
    (np.where(START, np.nan, 1.0), "got nan at entry 0"),
    (np.where(START, np.inf, 1.0), "got inf at entry 0"),
    ([None, *[1] * 7], "got None"),
    (["cheap"] * 8, "got .*cheap.*dtype <U5"),
    (np.array(["1"] * 8, dtype=object), "got '1'"),
    (START, "dtype bool"),
    (np.ma.masked_where(START, np.ones(8)), "some are masked"),
    (np.array([True, *[1] * 7], dtype=object), "got True"),
    (np.full(8, 1j), "dtype complex"),
]


@pytest.mark.parametrize("prices, match", UNUSABLE)
def test_unusable_prices_are_refused_and_an_earlier_fit_stays(prices, match):
    learner = largest().fit(X8, np.where(np.arange(8) < 2, Y8, np.nan))
    before = pickle.dumps(learner)
    said = r"ActiveLearner.fit: cost .* for each of 8 rows; .*"
    with pytest.raises(ValueError, match=said + match):
        learner.fit(X8, Y8, cost=prices)
    assert pickle.dumps(learner) == before


@pytest.mark.parametrize("prices, match", UNUSABLE)
def test_a_callable_that_answers_something_else_writes_nothing_down(prices, match):
    good = [np.ones(1), np.ones(2)]

    def cost(rows, X_rows, answers):
        if good:
            return good.pop(0)
        right_length = not isinstance(prices, float) and len(prices) == 8
        return prices[:2] if right_length else prices

    y = np.where(START, 0.0, np.nan)
    learner = largest(oracle=lambda r, X: Y8[r], cost=cost, budget=5)
    with pytest.raises(ValueError, match=r"ActiveLearner: what cost\(rows.* 2 rows"):
        learner.fit(X8, y)
    assert_array_equal(learner.queried_indices_, [7, 6])
    assert learner.cost_ == 3 and learner.labeled_mask_.sum() == 3
    learner.set_params(cost=price_of).resume()
    assert_array_equal(learner.queried_indices_, [7, 6, 5, 4])
    assert learner.cost_ == 3 + 13


def test_a_callable_that_fails_writes_nothing_down():
    def cost(rows, X_rows, answers):
        raise ZeroDivisionError

    learner = largest(oracle=lambda r, X: Y8[r], cost=cost)
    with pytest.raises(ZeroDivisionError):
        learner.fit(X8)
    assert len(learner.queried_indices_) == 0 and not learner.labeled_mask_.any()


def test_two_sources_of_prices_are_refused():
    learner = largest(cost=price_of)
    with pytest.raises(ValueError, match=r"ActiveLearner was given cost=<function"):
        learner.fit(X8, Y8, cost=PRICES)
    assert not hasattr(learner, "history_")
    y = np.where(START, 0.0, np.nan)
    learner = largest(oracle=lambda r, X: Y8[r], budget=3).fit(X8, y, cost=PRICES)
    learner.set_params(cost=price_of)
    for again in (learner.resume, lambda: learner.teach([1], [1])):
        with pytest.raises(ValueError, match="Leave out one of them"):
            again()
    assert not learner.labeled_mask_[1]


def test_the_parameter_is_a_callable():
    with pytest.raises(ValueError, match="'cost' parameter of ActiveLearner"):
        ActiveLearner(cost=PRICES).fit(X8, Y8)


# ---------------------------------------------------------------------- by hand


def test_an_answer_is_taught_with_its_price():
    y = np.where(np.arange(8) < 2, Y8, np.nan)
    learner = largest().fit(X8, y)
    learner.teach([7, 6], [1, None], cost=[12.5, 3])
    learner.teach(5, 1, cost=4)  # a single answer, a single price
    learner.teach([4], [0])
    assert learner.history_["cost"] == [2, 17.5, 21.5, 22.5]
    known = largest().fit(X8, y, cost=PRICES)
    known.teach([7], [1]).teach([6], [0], cost=[0.5])  # what it did cost
    assert known.history_["cost"] == [4, 11, 11.5]
    told = largest(cost=price_of).fit(X8, y).teach([7], [1]).teach([6], [0], cost=[0.5])
    assert told.history_["cost"] == known.history_["cost"]


@pytest.mark.parametrize(
    "cost", [[1], [1, -1], [1, np.nan], ["a", "b"], [[1, 2]], [True, False], 3]
)
def test_a_price_that_is_none_is_refused_with_its_answers(cost):
    learner = largest().fit(X8, np.where(np.arange(8) < 2, Y8, np.nan))
    before = pickle.dumps(learner)
    with pytest.raises(ValueError, match="ActiveLearner.teach: cost must hold"):
        learner.teach([7, 6], [1, 0], cost=cost)
    assert pickle.dumps(learner) == before


def test_a_query_by_hand_knows_no_budget():
    learner = largest(budget=1).fit(X8, np.where(START, 0.0, np.nan), cost=PRICES)
    assert_array_equal(learner.query(3), [7, 6, 5])


def test_resume_goes_on_with_what_is_left():
    y, oracle = np.where(START, 0.0, np.nan), SimulatedOracle(Y8)
    for more in ({"cost": PRICES}, {}):
        cost = None if more else price_of
        whole = largest(oracle=oracle, cost=cost, batch_size=1, budget=16.5)
        whole.fit(X8, y, **more)
        parts = largest(oracle=oracle, cost=cost, batch_size=1, budget=7)
        parts.fit(X8, y, **more)
        assert_array_equal(parts.queried_indices_, [7])
        parts = pickle.loads(pickle.dumps(parts)).set_params(budget=16.5).resume()
        assert_array_equal(parts.queried_indices_, whole.queried_indices_)
        assert parts.history_["cost"] == whole.history_["cost"]


def test_begun_again_with_its_labels_a_run_knows_what_they_cost():
    y = np.where(np.arange(8) < 2, Y8, np.nan)
    for more in ({"cost": PRICES}, {}):
        learner = largest(cost=None if more else price_of).fit(X8, y, **more)
        learner.teach([7], [1])
        again = clone(learner).set_params(simulate=False)
        again.fit(X8, learner.labels_, **more)
        assert again.cost_ == learner.cost_ == 11
        assert_array_equal(again.query(2), learner.query(2))


# ----------------------------------------------------------------------- people


def test_what_the_people_of_an_oracle_cost_is_added():
    y = np.where(START, 0.0, np.nan)
    learner = largest(oracle=People(Y8), cost=price_of, budget=20).fit(X8, y)
    assert_array_equal(learner.queried_indices_, [7, 6, 5])  # 7 + 5 + 4, and 3 each
    assert learner.history_["cost"] == [3, 21, 28]
    known = largest(oracle=People(Y8), budget=12).fit(X8, y, cost=PRICES)
    assert known.history_["cost"][:2] == [3, 3 + 7 + 5 + 6]
    alone = largest(oracle=People(Y8), budget=8).fit(X8, y)  # in place of one each
    assert alone.history_["cost"] == [0, 6, 9]
    again = People(Y8)
    again(np.arange(4), X8[:4])  # what it cost before is not of this run
    assert clone(alone).set_params(oracle=again).fit(X8, y).cost_ == 9


def test_people_are_paid_whatever_becomes_of_their_answers():
    oracle = People(Y8, StopAsking())
    learner = largest(oracle=oracle, budget=12).fit(X8, np.where(START, 0.0, np.nan))
    assert learner.termination_condition_ == "oracle"
    assert learner.history_["cost"] == [0] and learner.cost_ == 6
    oracle.fail = ConnectionError()
    with pytest.raises(ConnectionError):
        learner.resume()
    assert learner.cost_ == 12
    oracle.fail = None
    learner.resume()  # 12 are spent, and there is no answer
    assert learner.termination_condition_ == "budget"
    learner.set_params(budget=16, batch_size=1).resume()
    assert_array_equal(learner.queried_indices_, [7, 6])  # 15 of 16, and one more
    assert learner.cost_ == 18 and learner.history_["cost"] == [0, 15, 18]


@pytest.mark.parametrize("cost", [np.nan, -1, "a lot", None, True])
def test_people_tell_what_they_cost_in_numbers_that_never_fall(cost):
    class Odd:
        cost_ = cost

    with pytest.raises(ValueError, match=r"Odd.cost_ must be a finite number"):
        paid_since(Odd(), 0)
    Odd.cost_ = 2
    with pytest.raises(ValueError, match=r"was 3 and is 2"):
        paid_since(Odd(), 3)


# -------------------------------------------------------------------- callbacks


@pytest.mark.parametrize("known", [True, False])
def test_callbacks_may_see_more_rounds_than_a_count_would_take(known):
    pytest.importorskip("sklearn.callback")

    class Watch:
        rounds = 0

        def setup(self, estimator, context):
            pass

        def teardown(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
            self.rounds += context.task_name == "round"

    watch, cost = Watch(), np.full(8, 0.1)
    learner = largest(budget=0.5, batch_size=1).set_callbacks(watch)
    if not known:
        learner.set_params(cost=lambda rows, X_rows, answers: cost[rows])
    learner.fit(X8, Y8, labeled=START, **({"cost": cost} if known else {}))
    assert watch.rounds == 6


# ------------------------------------------------------------------- arithmetic


def test_the_arithmetic_of_prices():
    prices = Prices()
    assert prices.counted and prices.total == 0
    prices.start = [1, 1]
    prices.record([1])
    assert prices.counted and prices.total == 3 and type(prices.total) is int
    prices.pending = 6
    assert prices.left(20) == 13 and not prices.counted
    prices.record(prices.with_pending([]))
    assert prices.pending == 6
    prices.record(prices.with_pending([1, 2]))
    assert prices.paid == [1, 4, 5] and prices.pending == 0 and prices.total == 12
    assert prices.left(20) == 10 and prices.left(20, n_first=1) == 11
    assert prices.left(9) == -1
    assert prices.batch_size(10, 10) == 3  # 10/3 on the average
    assert prices.batch_size(10, 2) == 1
    assert Prices().batch_size(10, 2) == 10
    assert_array_equal(prices.buyable(np.arange(2), 0), [])
    assert checked_prices([1, 2], 2, "x").dtype == float


def test_a_longer_ranking_is_asked_for_only_if_something_may_fit():
    asked = []

    def ranking(n):
        asked.append(n)
        return np.arange(n)

    rows = np.arange(100)
    prices = Prices(np.where(rows == 40, 1.0, 5.0))
    assert_array_equal(prices.best(ranking, rows, 10, 4), [40])
    assert asked == [10, 20, 40, 80]
    assert_array_equal(prices.best(ranking, rows[:41], 50, 4), [40])  # all there are
    asked.clear()
    assert_array_equal(prices.best(ranking, rows, 2, 10), [0, 1])
    assert_array_equal(prices.best(ranking, rows[:40], 3, 10), [0, 1])
    assert asked == [2, 3]
