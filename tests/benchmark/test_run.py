"""One run: splits that all strategies share, scores, validation, regression."""

import json
import pickle
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.datasets import load_diabetes, make_regression
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC
from sklearn.utils import Bunch

from skactive.benchmark import benchmark_strategies
from skactive.benchmark._run import Data, Task, execute, split
from skactive.uncertainty import EntropySampling


def test_runs_of_a_seed_differ_only_in_what_they_choose(result):
    for seed in range(5):
        runs = [result.select("toy", s)[seed] for s in result.strategies]
        for run in runs[1:]:
            assert_array_equal(run.test, runs[0].test)
            assert_array_equal(run.queried_by_round[0], runs[0].queried_by_round[0])
            assert_array_equal(run.n_labeled, [9, 17, 25, 33])
            assert run.scores[0] == runs[0].scores[0]
            assert not np.array_equal(run.queried, runs[0].queried)
        assert not set(runs[0].test) & set(runs[0].queried)
    starts = {tuple(r.queried[:9]) for r in result.select("toy", "CoreSet").values()}
    assert len(starts) == 5


def test_validation_labels_are_paid_from_the_budget(toy):
    result = benchmark_strategies([], toy.data, validation=8, **toy.settings)
    for run in result.runs:
        assert len(run.validation) == 8
        assert_array_equal(run.n_labeled, [17, 25, 33])
        assert len(run.queried) == 25
        assert len(run.validation_scores) == 3
        assert not set(run.validation) & (set(run.queried) | set(run.test))
    first, second = (result.select("toy", s)[0] for s in result.strategies)
    assert_array_equal(first.validation, second.validation)
    share = benchmark_strategies(
        [], toy.data, validation=1 / 3, **{**toy.settings, "seeds": 1}
    )
    assert_array_equal(share.runs[0].validation, first.validation)


def test_scores_are_those_of_the_model_on_the_test_part(result, toy):
    run = result.select("toy", "EntropySampling")[3]
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    for n, score in zip(run.n_labeled, run.scores):
        rows = run.queried[:n]
        model.fit(toy.X[rows], toy.y[rows])
        assert_allclose(
            model.score(toy.X[run.test], toy.y[run.test]), score, atol=1e-12
        )


def test_an_official_test_part_serves_every_seed(toy):
    bunch = Bunch(
        data=toy.X[:200],
        target=toy.y[:200],
        test_data=toy.X[200:],
        test_target=toy.y[200:],
        name="t",
    )
    result = benchmark_strategies([], bunch, **{**toy.settings, "seeds": 2})
    assert all(run.predictions.shape == (4, 100) for run in result.runs)
    assert all(run.test.size == 0 for run in result.runs)


def test_regression(toy):
    data = {"diabetes": load_diabetes(return_X_y=True)}
    result = benchmark_strategies(
        ["CoreSet"], data, Ridge(), **{**toy.settings, "seeds": 2}
    )
    assert result.strategies == ["RandomSampling", "CoreSet"]
    run = result.runs[0]
    assert run.config["scoring"] == "bounded_r2"
    assert_allclose(run.score("bounded_r2"), run.scores)
    assert np.all(run.score("neg_mean_absolute_error") < 0)
    assert_allclose(run.scores, 1 / (2 - run.score("r2")))
    again = result.rescore(Ridge())  # by the same name
    assert_allclose(again.runs[0].scores, run.scores)


def test_areas_over_r2_far_below_zero_say_so(toy):
    X, y = make_regression(200, 12, noise=20, random_state=0)
    settings = {"n_initial": 11, "batch_size": 2, "budget": 10, "seeds": 5}
    result = benchmark_strategies([], {"few": (X, y)}, LinearRegression(), **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        area = result.areas()["few"]["RandomSampling"]
    assert area.min() > 0 and area.max() < 1
    for asked in (result.areas, result.differences):
        with pytest.warns(UserWarning, match="R² falls to"):
            asked(scoring="r2")
    by_r2 = benchmark_strategies(
        [], {"few": (X, y)}, LinearRegression(), scoring="r2", **settings
    )
    with pytest.warns(UserWarning, match="R² falls to"):
        by_r2.areas()


# ------------------------------------------------------------ the parts, by hand


def data(y, name="d", **parts):
    y = np.asarray(y)
    return Data(name, np.arange(len(y), dtype=float)[:, None], y, "hash", **parts)


def design(**changes):
    return {"test_size": 0.25, "n_validation": 0, "scoring": "accuracy", **changes}


@pytest.mark.parametrize(
    "kind", ["array", "view", "list", "arrays", "words", "csr", "pandas", "polars"]
)
def test_data_say_how_large_they_are(kind):
    table = np.zeros((20, 100))
    X = {
        "array": lambda: table,
        "view": lambda: table[:],
        "list": table.tolist,
        "arrays": lambda: list(table),
        "words": lambda: ["a" * 800] * 20,
        "csr": lambda: csr_array(table + 1),
        "pandas": lambda: pytest.importorskip("pandas").DataFrame(table),
        "polars": lambda: pytest.importorskip("polars").DataFrame(table),
    }[kind]()
    one = Data("d", X, np.arange(20), "hash")
    assert 16_000 < sys.getsizeof(one) < 100_000  # dask looks at this
    assert sys.getsizeof(replace(one, X_test=X, y_test=one.y)) > 32_000


def test_what_goes_to_a_worker_beside_the_data_is_small():
    rows = np.random.RandomState(0).randn(2000, 20)
    one = Data("d", rows, np.arange(2000) % 2, "hash")
    spending = {"n_initial": 10, "batch_size": 10, "budget": 20}
    task = Task(
        one, "s", EntropySampling(), GaussianNB(), 0, {**design(), **spending}, "s"
    )
    apart = task.with_data(None)
    assert len(pickle.dumps(apart)) < 5_000 and task.data is one
    assert apart.config_hash == task.config_hash
    (record,) = execute(task)
    (again,) = execute(apart.with_data(one))
    assert again.decisions_equal(record)
    decisions = record.without_predictions()
    assert len(pickle.dumps(decisions)) < len(pickle.dumps(record)) - 12_000
    rescored = Task(one, "r", None, GaussianNB(), 0, task.design, "s")
    (one_way,), (other,) = execute(rescored, record), execute(rescored, decisions)
    assert one_way.decisions_equal(other)


def test_the_test_part_follows_the_classes_of_a_classifier():
    y = np.repeat([0, 1], [30, 10])
    rows = split(data(y), GaussianNB(), 0, design())
    assert_array_equal(np.bincount(rows.y_test), [8, 2])  # a quarter of 30 and of 10
    assert_array_equal(rows.X_test[:, 0], rows.test)
    assert_array_equal(rows.y_test, y[rows.test])
    assert sorted([*rows.pool, *rows.test]) == list(range(40))


@pytest.mark.parametrize(
    "y, test_size",
    [
        (np.repeat([0, 1], [39, 1]), 10),  # a class of one row
        (np.arange(40) % 20, 5),  # fewer test rows than classes
    ],
)
def test_classes_that_cannot_be_followed_are_split_by_chance(y, test_size):
    rows = split(data(y), GaussianNB(), 0, design(test_size=test_size))
    assert len(rows.test) == test_size
    assert sorted([*rows.pool, *rows.test]) == list(range(40))


def test_a_split_belongs_to_its_seed_and_not_to_the_model():
    y = np.arange(40) % 2
    one, again = (split(data(y), m, 3, design()) for m in (GaussianNB(), SVC()))
    assert_array_equal(one.test, again.test)
    assert_array_equal(one.pool, again.pool)
    other = split(data(y), GaussianNB(), 4, design())
    assert not np.array_equal(one.test, other.test)


def test_rows_for_validation_leave_the_pool_and_not_the_test_part():
    y = np.arange(40) % 2
    plain = split(data(y), GaussianNB(), 0, design())
    rows = split(data(y), GaussianNB(), 0, design(n_validation=4))
    assert_array_equal(rows.test, plain.test)
    assert len(rows.validation) == 4
    assert sorted([*rows.pool, *rows.validation]) == sorted(plain.pool)


def test_an_official_test_part_leaves_all_rows_in_the_pool():
    official = data([0, 1, 0], X_test=np.ones((2, 1)), y_test=np.array([1, 0]))
    rows = split(official, GaussianNB(), 0, design())
    assert_array_equal(rows.pool, [0, 1, 2])
    assert rows.test.size == 0
    assert rows.X_test is official.X_test and rows.y_test is official.y_test


def task(**changes):
    given = {
        "data": data([0, 1]),
        "strategy": "mine",
        "selector": EntropySampling(),
        "model": GaussianNB(),
        "seed": 3,
        "design": design(),
        "selected_by": "mine",
    }
    return Task(**{**given, **changes})


def test_a_task_is_described_whole_and_named_by_its_key():
    one = task()
    assert one.key == ("d", "mine", 3)
    assert one.config["strategy"]["class"].endswith("EntropySampling")
    assert one.config["trained_by"] == "estimator"
    assert one.config["test_size"] == 0.25 and one.config["fingerprint"] == "hash"
    json.dumps(one.config)


@pytest.mark.parametrize(
    "changes",
    [
        {"data": Data("d", None, None, "another hash")},
        {"selector": EntropySampling(GaussianNB())},
        {"model": GaussianNB(var_smoothing=1e-3)},
        {"seed": 4},
        {"design": design(test_size=0.5)},
        {"selected_by": "RandomSampling"},
        {"trained_by": "mine"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whatever_changes_a_run_changes_its_hash(changes):
    assert task(**changes).config_hash != task().config_hash
    assert task().config_hash == task().config_hash


def test_a_rare_class_may_be_missing_from_the_first_labels():
    # One row of class 2 is in the pool, and most starts do without it.
    y = np.r_[np.arange(38) % 2, 2, 2]
    budget = design(n_initial=4, batch_size=4, budget=4)
    n_missing = 0
    for seed in range(4):
        (run,) = execute(task(data=data(y), design=budget, seed=seed))
        assert run.probabilities.shape == (2, 10, 3)
        assert_allclose(run.probabilities.sum(axis=2), 1, rtol=1e-6)
        for n, proba in zip(run.n_labeled, run.probabilities):
            missing = [k for k in range(3) if k not in y[run.queried[:n]]]
            assert not proba[:, missing].any()
            n_missing += len(missing)
    assert n_missing


def test_decisions_of_another_run_are_replayed_round_by_round():
    design_ = design(n_initial=4, batch_size=4, budget=8, n_validation=2)
    rows = np.random.RandomState(0).standard_normal((40, 2))
    y = (rows[:, 0] > 0).astype(int)
    given = Data("d", rows, y, "hash")
    (first,) = execute(task(data=given, design=design_))
    (again,) = execute(task(data=given, design=design_, selector=None), first)
    assert again.decisions_equal(first)
    assert again.fit_time.tolist() == again.query_time.tolist() == [0, 0, 0]
    assert again.n_labeled.tolist() == [6, 10, 14]


# ------------------------------------------------------------ classes of the test part


def official(y, y_test, strategy=None):
    """Run on data with an official test part; the samples tell the class."""
    y, y_test = np.asarray(y), np.asarray(y_test)
    rng = np.random.RandomState(0)
    classes = {c: 3.0 * i for i, c in enumerate(np.union1d(y, y_test).tolist())}
    X, X_test = (
        np.array([[classes[c], 0] for c in part.tolist()]) + rng.randn(len(part), 2) / 4
        for part in (y, y_test)
    )
    bunch = Bunch(data=X, target=y, test_data=X_test, test_target=y_test, name="t")
    small = {"n_initial": 10, "batch_size": 5, "budget": 5, "seeds": 1}
    result = benchmark_strategies([], bunch, **small)
    assert not result.failures, result.failures[0]["traceback"]
    return result.runs[0], y_test


TWO = [0, 2] * 20
WORDS = np.array(["ant", "bee", "cat", "dog"])


@pytest.mark.parametrize(
    "y, y_test",
    [
        (TWO, [0, 1, 2, 0] * 5),  # between
        (TWO, [0, 2, 3, 0] * 5),  # above
        (TWO, [-1, 0, 2, 0] * 5),  # below
        (TWO, [5, 6, 7, 8] * 5),  # nothing but others
        (TWO, np.array([0, 1, 2, 0] * 5, dtype=float)),
        (TWO, np.array([0, 1, 2, 0] * 5, dtype=np.uint8)),
        (np.array(TWO, dtype=float), [0, 1, 2, 0] * 5),
        (WORDS[TWO], WORDS[[0, 1, 2, 0] * 5]),
        (WORDS[TWO], WORDS[[0, 2, 3, 0] * 5]),
        (WORDS[TWO], np.array(["aardvark", "ant", "cat"] * 6)),
        (np.array([False, True] * 20), np.array([False, True, True, False] * 5)),
        (TWO, [0, 2, 2, 0] * 5),
    ],
)
def test_stored_scores_are_those_of_the_day_whatever_the_test_part_holds(y, y_test):
    run, y_test = official(y, y_test)
    assert_allclose(run.score("accuracy"), run.scores)
    assert_array_equal(run.classes[run.y_test], y_test)
    assert set(run.classes.tolist()) == {*np.unique(y).tolist(), *y_test.tolist()}
    assert run.probabilities.shape[2] == len(run.classes)
    assert_allclose(run.probabilities.sum(axis=2), 1, rtol=1e-6)


def test_runs_of_before_with_such_a_test_part_are_not_taken_for_these():
    def config(y_test):
        part = {"X_test": np.zeros((len(y_test), 1)), "y_test": np.array(y_test)}
        return task(data=data([0, 2, 0, 2], **part)).config

    assert "only_tested" not in config([0, 2, 2])
    assert config([0, 1, 3])["only_tested"] == [1, 3]
    values = data([0, 2], X_test=np.zeros((1, 1)), y_test=np.array([1]))
    regression = task(data=values, model=Ridge(), design=design(scoring="r2"))
    assert "only_tested" not in regression.config


def test_a_model_that_came_trained_may_know_more_classes():
    rng = np.random.RandomState(0)
    y = np.arange(60) % 3
    X = y[:, None] + rng.randn(60, 1) / 5
    wide = FrozenEstimator(GaussianNB().fit(X, y))
    two = y != 1
    given = {"d": (X[two], y[two])}
    small = {"n_initial": 6, "batch_size": 5, "budget": 5, "seeds": 1}
    result = benchmark_strategies([], given, wide, **small)
    assert not result.failures, result.failures[0]["traceback"]
    for run in result.runs:
        assert run.classes.tolist() == [0, 1, 2]
        assert_allclose(run.score("accuracy"), run.scores)
