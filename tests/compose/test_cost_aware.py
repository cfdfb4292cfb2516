"""CostAware: what is wanted, for its price."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_validate

from skactive import ActiveLearner
from skactive.base import QueryStrategy, ScoreStrategy
from skactive.compose import (
    CostAware,
    NeighborhoodSampling,
    OutlierFilter,
    PartitionedSampling,
    PoolSubsampling,
    StrategySchedule,
)
from skactive.diversity import LCMD, CoreSet, RandomSampling
from skactive.uncertainty import EntropySampling, MarginSampling
from skactive.utils._pool import reads_pools

X, Y = load_iris(return_X_y=True)
PRICES = np.random.RandomState(0).uniform(0.5, 5, 150)


class ByFirst(ScoreStrategy):
    """Ask for the largest first feature."""

    def score_samples(self, X):
        """Return the first feature."""
        return np.asarray(X)[:, 0]


class FirstCome(QueryStrategy):
    """Ask for what came first, and remember how many it was asked for."""

    asked = []

    def _query(self, n):
        self.asked.append(n)
        return np.arange(n)


def price(X):
    """Return the second feature."""
    return np.asarray(X)[:, 1]


def asked(strategy, pool, n=None, **within):
    pool = np.asarray(pool, dtype=float)
    fitted = strategy.fit([[0.0, 0.0]] * 2, [0, 1], pool)
    return fitted.query(len(pool) if n is None else n, **within).tolist()


# ---------------------------------------------------------------------- worked by hand

#: Scores and prices; the quotients are .3, .8, .6.
THREE = [[0.9, 3.0], [0.8, 1.0], [0.3, 0.5]]


def test_scores_by_prices():
    assert asked(CostAware(ByFirst(), cost=price, by="score"), THREE) == [1, 2, 0]


def test_ranks_by_prices():
    """Shares 1, 3/4, 2/4, 1/4 over 4, 1, 0.5, 1: .25, .75, 1, .25."""
    pool = [[0.9, 4.0], [0.8, 1.0], [0.3, 0.5], [0.1, 1.0]]
    for strategy in (
        CostAware(ByFirst(), cost=price),
        CostAware(FirstCome(), cost=price),
    ):
        order = asked(strategy.set_params(random_state=0), pool)
        assert order[:2] == [2, 1] and sorted(order[2:]) == [0, 3]


def test_a_score_below_zero_keeps_its_place():
    """Divided, -1 by 10 would be above -1 by 1, and above -0.5 by 1."""
    pool = [[-1.0, 10.0], [-1.0, 1.0], [-0.5, 1.0], [-9.0, 1.0]]
    assert asked(CostAware(ByFirst(), cost=price), pool)[:2] == [2, 1]
    with pytest.raises(ValueError, match="position 3.*-9.*by='rank'"):
        asked(CostAware(ByFirst(), cost=price, by="score"), pool)


def test_a_score_of_zero_is_worth_nothing_whatever_it_costs():
    pool = [[0.0, 0.001], [0.1, 100.0]]
    assert asked(CostAware(ByFirst(), cost=price, by="score"), pool) == [1, 0]


@pytest.mark.parametrize(
    "inner, by",
    [
        (ByFirst(), "rank"),
        (ByFirst(), "score"),
        (EntropySampling(), "score"),
        (MarginSampling(), "rank"),
    ],
)
def test_equal_prices_leave_the_order(inner, by):
    pool = X[1::2]
    alone = clone(inner).set_params(random_state=3).fit(X[::2], Y[::2], pool)
    for cost in (None, lambda X: np.full(len(X), 7.5)):
        strategy = CostAware(inner, cost=cost, by=by, random_state=3)
        order = strategy.fit(X[::2], Y[::2], pool).query(75)
        scores = alone.score_samples(pool)
        np.testing.assert_allclose(scores[order], np.sort(scores)[::-1], atol=1e-12)


@pytest.mark.parametrize("inner", [CoreSet(), LCMD(), RandomSampling()])
def test_equal_prices_leave_a_ranking(inner):
    alone = clone(inner).set_params(random_state=0).fit(X[:9], Y[:9], X[9:])
    strategy = CostAware(inner.set_params(random_state=0), cost=None)
    assert_array_equal(strategy.fit(X[:9], Y[:9], X[9:]).query(7), alone.query(7))


@pytest.mark.parametrize("by", ["rank", "score"])
def test_prices_in_another_unit_change_nothing(by):
    pool = [[0.9, 4.0], [0.8, 1.0], [0.3, 0.7]]
    orders = [
        asked(CostAware(ByFirst(), cost=lambda X, k=k: k * price(X), by=by), pool)
        for k in (1, 1e-9, 1e9)
    ]
    assert orders[0] == orders[1] == orders[2] == [1, 2, 0]


def test_equally_worthy_samples_are_drawn_by_the_seed():
    pool = [[1.0, 1.0]] * 20
    orders = [
        asked(CostAware(ByFirst(), cost=price, random_state=seed), pool)
        for seed in (0, 0, 1)
    ]
    assert orders[0] == orders[1] != orders[2]


# --------------------------------------------------------------- strategies of rankings


def test_a_ranking_is_cut_where_it_was_told():
    pool = np.c_[np.arange(50.0), np.r_[np.full(49, 5.0), 1e-9]]
    strategy = CostAware(FirstCome(), cost=price, n_ranked=10)
    FirstCome.asked.clear()
    assert asked(strategy, pool, 3) == [0, 1, 2]  # the cheapest was not ranked
    assert asked(strategy, pool, 12)[-1] != 49 and FirstCome.asked == [10, 12]
    assert asked(strategy.set_params(n_ranked=50), pool, 1) == [49]


def test_a_part_of_the_pool_ranks_no_more_than_it_has():
    part = PoolSubsampling(CoreSet(), max_pool=20, random_state=0)
    strategy = CostAware(part, cost=price).fit(X[:5], Y[:5], X[5:])
    assert np.isin(strategy.query(20), strategy.strategy_.positions_).all()
    with pytest.raises(ValueError, match="21 samples were asked for"):
        strategy.query(21)


@pytest.mark.parametrize("inner", [ByFirst(), CoreSet(), LCMD()])
def test_what_others_label_is_not_asked_for(inner):
    strategy = CostAware(inner, cost=price, random_state=0)
    strategy.fit(X[::30], Y[::30], X[:100])
    held = strategy.query(4)
    among = np.setdiff1d(np.arange(100), held)
    rows = strategy.query(30, exclude=held, among=among)
    assert not np.isin(rows, held).any() and np.isin(rows, among).all()
    few = strategy.query(2, among=[3, 5, 8])
    assert set(few.tolist()) < {3, 5, 8}
    assert strategy._covers is getattr(inner, "_covers", False)


def test_rows_that_others_label_are_covered():
    pool = np.c_[[1.0, 7.0, 10.0, 20.0], np.ones(4)]
    strategy = CostAware(CoreSet(), cost=price).fit([[0.0, 1.0]], [0], pool)
    assert strategy.query(2).tolist() == [3, 2]
    assert strategy.query(1, exclude=[2]).tolist() == [3]
    assert strategy.query(1, exclude=[3, 2]).tolist() == [1]


# ------------------------------------------------------------------- prices and faults

#: What a callable may return that is no price.
NO_PRICES = {
    "zero": (lambda X: np.arange(float(len(X))), "above 0.*got 0.0 at entry 0"),
    "negative": (lambda X: -np.ones(len(X)), "got -1.0 at entry 0"),
    "nan": (lambda X: np.full(len(X), np.nan), "got nan at entry 0"),
    "infinite": (lambda X: np.full(len(X), np.inf), "got inf"),
    "short": (lambda X: np.ones(len(X) - 1), r"rows; got .*shape \(\d+,\)"),
    "a number": (lambda X: 1.0, r"got 1.0, shape \(\)"),
    "columns": (lambda X: np.ones((len(X), 2)), "shape"),
    "words": (lambda X: ["cheap"] * len(X), "dtype <U5"),
    "nothing": (lambda X: None, "got None"),
}
WAYS = {
    "alone": lambda strategy: strategy,
    "in a part": lambda strategy: PoolSubsampling(strategy, max_pool=60),
    "without outliers": OutlierFilter,
    "in a schedule": lambda strategy: StrategySchedule(
        [("first", RandomSampling()), ("then", strategy)], at=14
    ),
}


def no_oracle(rows, X):
    pytest.fail("a label was paid for")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("inner", [MarginSampling(), CoreSet()])
@pytest.mark.parametrize("name", NO_PRICES)
def test_what_is_no_price_is_refused_before_a_label_is_paid_for(name, inner, way):
    cost, words = NO_PRICES[name]
    strategy = WAYS[way](CostAware(inner, cost=cost))
    with pytest.raises(ValueError, match=f"What cost=.* of CostAware returns.*{words}"):
        ActiveLearner(strategy=strategy, oracle=no_oracle).fit(X)
    with pytest.raises(ValueError, match=words):
        CostAware(inner, cost=cost).fit(X[:9], Y[:9], X[9:])


def test_an_error_of_a_callable_is_its_own():
    def broken(X):
        raise KeyError("no such column")

    with pytest.raises(KeyError, match="no such column"):
        ActiveLearner(strategy=CostAware(cost=broken), oracle=no_oracle).fit(X)


@pytest.mark.parametrize("way", WAYS)
def test_prices_of_a_learner_that_has_none_are_refused(way):
    strategy = WAYS[way](CostAware(cost="fit"))
    for told in (None, lambda rows, X, answers: np.ones(len(rows))):
        learner = ActiveLearner(strategy=strategy, oracle=no_oracle, cost=told)
        with pytest.raises(ValueError, match="cost='fit' of CostAware.*cost=prices"):
            learner.fit(X)
    first = ActiveLearner(initial_strategy=strategy, oracle=no_oracle)
    with pytest.raises(ValueError, match="cost='fit' of CostAware"):
        first.fit(X)
    with pytest.raises(ValueError, match="cost='fit' of CostAware"):
        CostAware(cost="fit").fit(X[:9], Y[:9], X[9:])


@pytest.mark.parametrize("cost", ["fit", None])
def test_a_free_row_is_refused_where_it_is_divided_by(cost):
    prices = np.where(np.arange(150) == 70, 0.0, 2.0)
    learner = ActiveLearner(strategy=CostAware(cost=cost), oracle=no_oracle, budget=9)
    with pytest.raises(ValueError, match="above 0.*got 0.0 at entry 70"):
        learner.fit(X, cost=prices)
    ActiveLearner(strategy=CostAware(cost=price), budget=9).fit(X, Y, cost=prices)


@pytest.mark.parametrize("samples", [X.tolist(), list(X)], ids=["lists", "arrays"])
def test_prices_do_not_reach_a_list_and_callables_do(samples):
    with pytest.raises(ValueError, match="X is a list. Pass one array"):
        ActiveLearner(strategy=CostAware(cost="fit"), budget=5).fit(
            samples, Y, cost=PRICES
        )
    learner = ActiveLearner(strategy=CostAware(cost=price), random_state=0, budget=5)
    rows = learner.fit(samples, Y).queried_indices_
    assert_array_equal(rows, learner.fit(X, Y).queried_indices_)


def test_scores_are_needed_to_divide_scores():
    learner = ActiveLearner(strategy=CostAware(CoreSet(), by="score"), oracle=no_oracle)
    with pytest.raises(ValueError, match="by='score'.*CoreSet.*Leave by='rank'"):
        learner.fit(X)


def test_parts_of_a_pool_know_no_prices():
    for inside in (CostAware(), PoolSubsampling(CostAware(cost="fit"))):
        learner = ActiveLearner(
            strategy=PartitionedSampling(inside), oracle=no_oracle, budget=9
        )
        with pytest.raises(ValueError, match="CostAware around PartitionedSampling"):
            learner.fit(X, cost=PRICES)
    around = CostAware(PartitionedSampling(CoreSet(), n_parts=2), cost="fit")
    learner = ActiveLearner(strategy=around, budget=9, random_state=0)
    assert learner.fit(X, Y, cost=PRICES).cost_ > 9
    PartitionedSampling(CostAware(CoreSet(), cost=price)).fit(X[:9], Y[:9], X[9:])


@pytest.mark.parametrize(
    "contain",
    [
        np.asarray,
        lambda X: pd.DataFrame(X, columns=list("abcd")),
        lambda X: np.asfortranarray(X),
    ],
    ids=["array", "frame", "fortran"],
)
def test_a_callable_is_given_samples_as_they_are(contain):
    seen = []

    def cost(samples):
        seen.append(type(samples))
        return np.asarray(samples)[:, 1]

    data = contain(X)
    learner = ActiveLearner(strategy=CostAware(cost=cost), budget=20, random_state=0)
    rows = learner.fit(data, Y).queried_indices_
    assert set(seen) == {type(data)}
    plain = clone(learner).set_params(strategy=CostAware(cost=price))
    assert_array_equal(rows, plain.fit(X, Y).queried_indices_)


def test_csr_and_blocks(monkeypatch):
    def cost(samples):
        return np.asarray(samples[:, 1].todense()).ravel() + 1

    csr = sparse.csr_matrix(X)
    strategy = CostAware(MarginSampling(), cost=cost, random_state=0)
    whole = strategy.fit(csr[::5], Y[::5], csr)
    assert_array_equal(whole.costs_, X[:, 1] + 1)
    order = whole.query(20)
    monkeypatch.setattr("skactive.utils._pool.BLOCK_ROWS", 10)
    cut = clone(strategy).fit(csr[::5], Y[::5], csr)
    assert_array_equal(cut.costs_, whole.costs_)
    assert_array_equal(cut.query(20), order)


# ------------------------------------------------------------------------- in a learner


class Reads(CostAware):
    """Compare prices with what they should be."""

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        assert_array_equal(self.costs_, PRICES[np.asarray(X_pool)[:, -1].astype(int)])


@pytest.mark.parametrize(
    "strategy",
    [
        Reads(MarginSampling(), cost="fit"),
        Reads(CoreSet(), cost="fit"),
        Reads(EntropySampling(), cost=None),
        PoolSubsampling(Reads(CoreSet(), cost="fit"), max_pool=30),
        OutlierFilter(Reads(MarginSampling(), cost="fit")),
        NeighborhoodSampling(Reads(MarginSampling(), cost="fit")),
        StrategySchedule([("a", Reads(cost="fit")), ("b", Reads(CoreSet()))], at=12),
        Reads(PoolSubsampling(CoreSet(), max_pool=30)),
        Reads(Reads(MarginSampling())),
    ],
    ids=str,
)
def test_prices_of_a_learner_are_those_of_the_rows(strategy):
    numbered = np.c_[X, np.arange(150)]
    settings = {"budget": 30, "batch_size": 4, "random_state": 0}
    learner = ActiveLearner(LogisticRegression(max_iter=500), strategy, **settings)
    learner.fit(numbered, Y, cost=PRICES)
    assert len(learner.queried_indices_) > 14
    spent = PRICES[learner.queried_indices_[10:]].sum()
    assert 0 < spent <= 30
    if isinstance(strategy, Reads):
        first = learner.set_params(initial_strategy=Reads(CoreSet(), cost="fit"))
        first.fit(numbered, Y, cost=PRICES)


def test_it_buys_cheaper_rows_and_more_of_them():
    settings = {"budget": 40, "batch_size": 5, "random_state": 0}
    bought = {}
    for strategy in (MarginSampling(), CostAware(MarginSampling(), cost="fit")):
        learner = ActiveLearner(strategy=strategy, **settings).fit(X, Y, cost=PRICES)
        rows = learner.queried_indices_[10:]
        bought[type(strategy).__name__] = len(rows), PRICES[rows].mean()
    (n_alone, alone), (n_aware, aware) = bought.values()
    assert n_aware > 1.3 * n_alone and aware < 0.75 * alone


def test_labels_that_were_never_revealed_change_nothing():
    learner = ActiveLearner(strategy=CostAware(), budget=20, random_state=0)
    rows = learner.fit(X, Y, cost=PRICES).queried_indices_
    hidden = np.setdiff1d(np.arange(150), rows)
    other = Y.copy()
    other[hidden] = np.roll(Y[hidden], 7)
    assert_array_equal(learner.fit(X, other, cost=PRICES).queried_indices_, rows)


def test_by_hand_and_taken_up_again():
    y = np.where(np.arange(150) % 15 == 0, Y, np.nan)
    learner = ActiveLearner(strategy=CostAware(cost="fit"), random_state=0)
    learner.fit(X, y, cost=PRICES)
    rows = learner.query(4)
    assert_array_equal(
        learner.strategy_.costs_, np.delete(PRICES, np.arange(0, 150, 15))
    )
    learner.teach(rows, Y[rows])
    again = clone(learner).fit(X, learner.labels_, cost=PRICES)
    assert_array_equal(again.query(4), learner.query(4))


def test_folds_and_searches_cut_prices():
    learner = ActiveLearner(strategy=CostAware(cost="fit"), budget=15, random_state=0)
    scores = cross_validate(learner, X, Y, cv=3, params={"cost": PRICES})
    assert np.isfinite(scores["test_score"]).all()
    grid = {
        "strategy__by": ["rank", "score"],
        "strategy__strategy": [EntropySampling()],
    }
    search = GridSearchCV(learner, grid, cv=3).fit(X, Y, cost=PRICES)
    assert search.best_params_["strategy__by"] in ("rank", "score")


def test_a_regressor_takes_a_strategy_that_serves_it():
    y = X[:, 0]
    learner = ActiveLearner(Ridge(), CostAware(CoreSet(), cost="fit"), budget=20)
    assert learner.fit(X, y, cost=PRICES).predict(X).dtype.kind == "f"
    with pytest.raises(ValueError, match="needs a classifier"):
        ActiveLearner(Ridge(), CostAware(), oracle=no_oracle).fit(X)


@pytest.mark.deep
def test_a_strategy_that_predicts_predicts():
    from skactive.deep import LL4AL
    from skactive.nets import NetClassifier

    strategy = CostAware(LL4AL(NetClassifier(max_epochs=1)), cost="fit")
    settings = {"budget": 12, "batch_size": 3, "random_state": 0}
    learner = ActiveLearner(strategy=strategy, **settings).fit(X, Y, cost=PRICES)
    assert learner.predict_proba(X).shape == (150, 3)
    assert len(list(learner.stages())) == len(learner.history_["cost"])
