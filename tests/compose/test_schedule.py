"""StrategySchedule: whose turn it is, and what is refused."""

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skactive import ActiveLearner, QueryStrategy
from skactive.compose import OutlierFilter, PoolSubsampling, StrategySchedule
from skactive.diversity import CoreSet, MaxHerding, RandomSampling, TypiClust
from skactive.testing import parametrize_with_checks
from skactive.uncertainty import EntropySampling, MarginSampling
from skactive.utils._pool import Pool, reads_pools

X, Y = make_classification(200, 6, n_informative=4, n_classes=3, random_state=0)
POOL = X[60:]


def schedule(**params):
    steps = [
        ("cover", CoreSet()),
        ("mix", RandomSampling()),
        ("doubt", EntropySampling()),
    ]
    params = {"at": [20, 40], "random_state": 0, **params}
    return StrategySchedule(steps, **params)


# The second step of the default, from the first label on, through the contract.
@parametrize_with_checks([StrategySchedule(at=1)])
def test_contract_of_a_later_step(strategy, check):
    check(strategy)


# -------------------------------------------------------------------- whose turn it is


@pytest.mark.parametrize(
    "n, step", [(1, "cover"), (19, "cover"), (20, "mix"), (39, "mix"), (40, "doubt")]
)
def test_labels_decide(n, step):
    strategy = schedule().fit(X[:n], Y[:n] if n > 1 else [0], POOL)
    assert strategy.step_ == step
    kinds = {"cover": CoreSet, "mix": RandomSampling, "doubt": EntropySampling}
    assert isinstance(strategy.strategy_, kinds[step])
    assert len(set(strategy.query(7).tolist())) == 7


def test_answers_are_those_of_the_step():
    strategy = schedule().fit(X[:10], Y[:10], POOL)
    expected = CoreSet().fit(X[:10], Y[:10], POOL).query(6)
    assert_array_equal(strategy.query(6), expected)
    strategy.fit(X[:40], Y[:40], POOL)
    expected = EntropySampling().fit(X[:40], Y[:40], POOL).query(6)
    assert_array_equal(strategy.query(6), expected)


def test_with_nothing_labeled_the_first_has_its_turn():
    strategy = schedule().fit(POOL)
    assert strategy.step_ == "cover"
    assert_array_equal(strategy.query(4), CoreSet().fit(POOL).query(4))


def test_classes_decide():
    strategy = schedule(by="classes", at=[2, 3])
    for n_classes, step in [(1, "cover"), (2, "mix"), (3, "doubt")]:
        some = np.flatnonzero(n_classes > Y)[:50]
        assert strategy.fit(X[some], Y[some], POOL).step_ == step
    names = np.array(["cat", "dog", None])[np.arange(60) % 2]
    assert strategy.fit(X[:60], names, POOL).step_ == "mix"
    with pytest.raises(ValueError, match="by='classes' .* take by='labels'"):
        strategy.fit(X[:9], np.eye(9)[:, :3], POOL)


def test_a_rule_decides_by_what_fit_is_given():
    seen = []

    def rule(X, y, X_pool):
        seen.append((X, y, X_pool))
        return "cover" if y is None or (y == 0).mean() > 0.5 else "doubt"

    strategy = schedule(by=rule)
    assert strategy.fit(POOL).step_ == "cover"
    assert strategy.fit(X[:60], Y[:60], POOL).step_ == "doubt"
    assert seen[0][:2] == (None, None) and seen[1][0] is not None
    assert all(pool is POOL for *_, pool in seen)
    assert strategy.fit(X[:60], np.arange(60) // 40, POOL).step_ == "cover"


def test_a_rule_must_name_a_step():
    def rule(X, y, X_pool):
        return 1

    with pytest.raises(ValueError, match=r"of its steps, \['cover', .* returned 1"):
        schedule(by=rule).fit(X[:9], Y[:9], POOL)


def test_if_labels_are_taken_back_so_is_a_turn():
    strategy = schedule().fit(X[:40], Y[:40], POOL)
    assert strategy.fit(X[:5], Y[:5], POOL).step_ == "cover"


# --------------------------------------------------------------------- in a learner


def learner_with(strategy, **params):
    params = {"n_initial": 10, "budget": 40, "random_state": 0, **params}
    return ActiveLearner(GaussianNB(), strategy, **params)


def test_in_a_learner_each_round_has_its_step():
    turns = []

    class Noted(StrategySchedule):
        def _turn(self, X, y, X_pool):
            turns.append((len(y), super()._turn(X, y, X_pool)))
            return turns[-1][1]

    steps = schedule().steps
    learner = learner_with(Noted(steps, at=[20, 40])).fit(X, Y)
    assert turns == [(10, "cover"), (20, "mix"), (30, "mix"), (40, "doubt")]
    assert isinstance(learner.strategy_.strategy_.estimator_.estimator, GaussianNB)
    assert learner.strategy_.strategy_._X_pool is None
    assert len(pickle.dumps(learner.strategy_.strategy_)) < 20_000


def test_until_the_first_switch_it_is_the_first_step():
    late = schedule(at=[49, 50])
    with pytest.warns(UserWarning, match="'doubt' .* with 50 labels"):
        ours = learner_with(late).fit(X, Y).queried_indices_
    alone = learner_with(CoreSet()).fit(X, Y).queried_indices_
    assert_array_equal(ours, alone)


def test_the_default_asks_the_model_of_the_learner():
    learner = learner_with(StrategySchedule(at=20)).fit(X, Y)
    assert learner.strategy_.step_ == "doubt"
    inner = learner.strategy_.strategy_
    assert isinstance(inner, MarginSampling)
    assert isinstance(inner.estimator_.estimator, GaussianNB)
    assert learner.strategy.steps is None  # what the user gave is left alone


def test_a_model_inside_a_step_is_the_learners():
    strategy = StrategySchedule(
        [("cover", CoreSet()), ("doubt", MarginSampling(GaussianNB()))], at=20
    )
    learner = ActiveLearner(strategy=strategy, budget=30, random_state=0).fit(X, Y)
    assert isinstance(learner.estimator_, GaussianNB)
    assert isinstance(strategy.steps[1][1].estimator, GaussianNB)


def test_the_word_estimator_in_a_step():
    steps = [("cover", CoreSet("estimator")), ("doubt", MarginSampling())]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    learner = ActiveLearner(model, StrategySchedule(steps, at=20), budget=20)
    learner.set_params(random_state=0).fit(X, Y)
    assert learner.strategy_.step_ == "doubt"


class Joint(QueryStrategy):
    """Ask at random, with a model of its own that predicts."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def _fit(self, X, y, X_pool):
        self.model_ = GaussianNB().fit(X, y)

    def _query(self, n):
        return np.arange(n)

    def predict(self, X):
        return self.model_.predict(X)


def test_a_step_that_predicts_only_asks():
    steps = [("cover", CoreSet()), ("joint", Joint())]
    strategy = StrategySchedule(steps, at=20)
    assert not hasattr(strategy, "predict")
    learner = learner_with(strategy).fit(X, Y)
    assert isinstance(learner.estimator_, GaussianNB)
    assert isinstance(learner.strategy_.strategy_, Joint)


@pytest.mark.parametrize(
    "grid",
    [
        {"at": [[15, 25], [20, 30]], "cover__metric": ["euclidean", "cosine"]},
        {"cover": [TypiClust(), CoreSet()], "doubt": [MarginSampling()]},
    ],
    ids=["parameters", "parts"],
)
def test_its_parts_are_searched_by_name(grid):
    grid = {f"strategy__{name}": values for name, values in grid.items()}
    search = GridSearchCV(learner_with(schedule()), grid, cv=2).fit(X, Y)
    assert set(search.best_params_) == set(grid)


def test_parameters_are_set_by_name():
    strategy = schedule()
    strategy.set_params(cover__metric="cosine", doubt=MarginSampling(), at=[3, 4])
    assert strategy.steps[0][1].metric == "cosine"
    assert strategy.get_params()["doubt"] is strategy.steps[2][1]
    assert isinstance(strategy.steps[2][1], MarginSampling)
    copy = clone(strategy)
    assert copy.steps[0][1] is not strategy.steps[0][1]
    assert copy.get_params()["cover__metric"] == "cosine"
    with pytest.raises(ValueError, match="Invalid parameter 'last'"):
        strategy.set_params(last=CoreSet())


def test_seeds_reach_the_steps():
    def asked(seed):
        strategy = StrategySchedule(
            [("any", RandomSampling()), ("doubt", MarginSampling())], random_state=seed
        )
        return strategy.fit(X[:5], Y[:5], POOL).query(30).tolist()

    assert asked(0) == asked(0) != asked(1)
    own = StrategySchedule([("a", RandomSampling(random_state=3)), ("b", CoreSet())])
    assert own.fit(X[:5], Y[:5], POOL).strategy_.random_state == 3


def test_weights_reach_the_model_of_a_step():
    weights = np.where(Y == 0, 1e-9, 1.0)
    model = LogisticRegression()
    steps = [("cover", CoreSet()), ("doubt", MarginSampling(LogisticRegression()))]
    strategy = StrategySchedule(steps, at=20)
    learner = ActiveLearner(model, strategy, n_initial=30, budget=5, random_state=0)
    learner.fit(X, Y, weights)
    assert not (learner.strategy_.strategy_.estimator_.predict(X) == 0).any()


def test_positions_within_are_kept_and_held_rows_covered():
    strategy = schedule().fit(X[:10], Y[:10], POOL)
    held = strategy.query(3)
    expected = CoreSet().fit(X[:10], Y[:10], POOL).query(4, exclude=held)
    assert_array_equal(strategy.query(4, exclude=held), expected)
    assert set(strategy.query(2, among=[5, 9])) == {5, 9}
    assert schedule()._covers
    steps = [("a", MarginSampling()), ("b", EntropySampling())]
    assert not StrategySchedule(steps)._covers
    known = Y.astype(float)
    known[10:] = np.nan
    learner = learner_with(schedule()).fit(X, known)
    held = learner.query(3)
    cover = learner_with(CoreSet()).fit(X, known)
    assert_array_equal(learner.query(4, exclude=held), cover.query(4, exclude=held))


def test_the_pool_is_passed_on_by_reference():
    class Shown(QueryStrategy):
        @reads_pools
        def _fit(self, X, y, X_pool):
            self.shown_ = X_pool

        def _query(self, n):
            return np.arange(n)

    pool = Pool(X, np.arange(60, 200))
    strategy = StrategySchedule([("a", Shown()), ("b", CoreSet())])
    assert strategy.fit(X[:5], Y[:5], pool).strategy_.shown_ is pool


@pytest.mark.parametrize(
    "wrap",
    [
        lambda strategy: PoolSubsampling(strategy, max_pool=50),
        OutlierFilter,
        lambda strategy: StrategySchedule([("x", strategy), ("y", CoreSet())], at=25),
    ],
    ids=["part", "filter", "schedule"],
)
def test_inside_others(wrap):
    inner = StrategySchedule([("a", CoreSet()), ("b", MarginSampling())], at=20)
    learner = learner_with(wrap(inner), budget=20).fit(X, Y)
    part = learner.strategy_.strategy_
    assert part.step_ == "b"
    assert isinstance(part.strategy_.estimator_.estimator, GaussianNB)


# ----------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    "steps, words",
    [
        ([], "must have two strategies or more, got 0"),
        ([("a", CoreSet())], "must have two strategies or more, got 1"),
        ([("a", CoreSet()), ("a", CoreSet())], "'a' is there twice"),
        ([("at", CoreSet()), ("b", CoreSet())], "'at' is the name of a parameter"),
        ([("a__b", CoreSet()), ("b", CoreSet())], "'a__b' is empty or holds two"),
        ([("", CoreSet()), ("b", CoreSet())], "'' is empty"),
        ([CoreSet(), CoreSet()], "pairs of a name and a strategy; got CoreSet"),
        ([("a", CoreSet(), 3), ("b", CoreSet())], "pairs of a name"),
        ([(1, CoreSet()), ("b", CoreSet())], "pairs of a name"),
    ],
    ids=[
        "none",
        "one",
        "twice",
        "parameter",
        "underscores",
        "empty",
        "bare",
        "three",
        "integer",
    ],
)
def test_steps_that_are_none(steps, words):
    strategy = StrategySchedule(steps)
    with pytest.raises(ValueError, match=words):
        strategy.fit(X[:9], Y[:9], POOL)
    with pytest.raises(ValueError, match=words):
        learner_with(strategy).fit(X, Y)


@pytest.mark.parametrize("part", [GaussianNB(), CoreSet, None, "margin"], ids=str)
def test_parts_that_are_no_strategies(part):
    with pytest.raises(TypeError, match="Step 'b' of StrategySchedule must be"):
        StrategySchedule([("a", CoreSet()), ("b", part)]).fit(X[:9], Y[:9], POOL)
    with pytest.raises(TypeError, match="Step 'b' of StrategySchedule must be"):
        learner_with(StrategySchedule([("a", CoreSet()), ("b", part)])).fit(X, Y)


@pytest.mark.parametrize(
    "at, words",
    [
        ([40, 20], "must ascend; with 40 before 20 step 'mix' would never"),
        ([20, 20], "must ascend"),
        ([0, 20], "Step 'cover' of StrategySchedule would never have its turn"),
        (50, r"one number for each step but the first, 2 .* got 50"),
        ([1, 2, 3], "one number for each step"),
        ([], "one number for each step"),
        ([20, np.nan], "must hold whole numbers"),
        ([0.2, 0.4], "must hold whole numbers"),
        ([20, "b"], "must hold whole numbers"),
        ([True, 20], "must hold whole numbers"),
    ],
    ids=[
        "falls",
        "equal",
        "zero",
        "few",
        "many",
        "none",
        "nan",
        "share",
        "word",
        "bool",
    ],
)
def test_numbers_that_leave_a_step_out(at, words):
    with pytest.raises(ValueError, match=words):
        schedule(at=at).fit(X[:9], Y[:9], POOL)


def test_a_model_that_a_later_step_cannot_ask_is_refused_first():
    def oracle(rows, X_rows):
        raise AssertionError("asked")

    steps = [("cover", CoreSet()), ("doubt", MarginSampling())]
    for strategy in (StrategySchedule(steps), StrategySchedule()):
        with pytest.raises(ValueError, match="MarginSampling needs a classifier"):
            ActiveLearner(Ridge(), strategy, oracle=oracle).fit(X)


@pytest.mark.parametrize("wrap", [lambda strategy: strategy, PoolSubsampling])
def test_a_last_step_that_the_budget_does_not_reach_is_warned_of(wrap):
    with pytest.warns(UserWarning, match=r"Step 'doubt' .* 60 labels, .* 49 or fewer"):
        learner_with(wrap(schedule(at=[20, 60]))).fit(X, Y)
    with pytest.warns(UserWarning, match="Step 'mix' .* 50 labels"):
        learner_with(wrap(schedule(at=[50, 60]))).fit(X, Y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learner_with(wrap(schedule(at=[20, 40]))).fit(X, Y)
        learner_with(wrap(schedule(by="classes", at=[2, 3]))).fit(X, Y)
        learner_with(wrap(StrategySchedule())).fit(X, Y)


def test_labels_that_are_given_count_for_what_is_reached():
    labeled = np.arange(len(Y)) < 50
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learner = learner_with(schedule(at=[20, 60])).fit(X, Y, labeled=labeled)
    assert learner.strategy_.step_ == "doubt"


def test_masks_of_a_tree_and_images():
    X8, y8 = load_digits(return_X_y=True)
    images = X8[:80].reshape(-1, 1, 8, 8)
    strategy = StrategySchedule(at=10, random_state=0)
    strategy.fit(images[:20], y8[:20], images[20:])
    assert strategy.step_ == "doubt" and len(strategy.query(5)) == 5
    learner = ActiveLearner(DecisionTreeClassifier(), MaxHerding(), budget=5)
    assert learner.fit(X8[:80], y8[:80]).labeled_mask_.sum() == 15
