"""The benchmark: paired, resumable, and the same however it is run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib._parallel_backends import ThreadingBackend
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skactive import QueryStrategy, progress
from skactive.base import ScoreStrategy
from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.diversity import CoreSet, RandomSampling

# As many rows as the toy data have; what is refused is never looked at closely.
X, Y = np.zeros((300, 2)), np.arange(300) % 3


# -------------------------------------------------------------------- the design


def test_chance_and_margin_are_always_on(result, toy):
    assert result.strategies == [
        "RandomSampling",
        "MarginSampling",
        "CoreSet",
        "EntropySampling",
    ]
    no_proba = benchmark_strategies(
        [], toy.data, LinearSVC(), **{**toy.settings, "seeds": 1}
    )
    assert no_proba.strategies == ["RandomSampling"]


class CopyOfRandom(RandomSampling):
    """Ask what RandomSampling asks."""


def test_a_copy_of_chance_differs_from_it_by_exactly_zero(toy):
    result = benchmark_strategies([CopyOfRandom()], toy.data, **toy.settings)
    areas = result.areas()["toy"]
    assert_array_equal(areas["CopyOfRandom"], areas["RandomSampling"])
    difference = result.differences()["toy"]["CopyOfRandom"]
    assert difference.mean == 0 and tuple(difference.interval) == (0, 0)
    assert (difference.wins, difference.ties, difference.losses) == (0, 5, 0)
    copy = result.compare("CopyOfRandom", "random")
    assert copy.overall.mean == 0 and copy.differences["toy"] == difference


class JointSampler(ClassifierMixin, ScoreStrategy):
    """Ask what its own classifier is unsure of."""

    def _default_estimator(self):
        return GaussianNB()

    def score_samples(self, X):
        return -self.estimator_.predict_proba(X).max(axis=1)

    @property
    def classes_(self):
        return self.estimator_.classes_

    def predict(self, X):
        return self.estimator_.predict(X)


class CountingSampler(JointSampler):
    """Ask as JointSampler does, and count how often it is trained."""

    trained = []

    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self.trained.append(len(y))


def test_a_joint_sampler_is_trained_once_a_round_on_its_own_decisions(toy, tmp_path):
    tree, few = DecisionTreeClassifier(), {**toy.settings, "seeds": 1}
    CountingSampler.trained.clear()
    result = benchmark_strategies(
        {"s": CountingSampler()}, toy.data, tree, store=tmp_path, **few
    )
    rounds = result.select("toy", "s")[0].n_labeled.tolist()
    assert CountingSampler.trained == 2 * rounds  # its own decisions, those of chance
    # A store that lacks them is completed, by the same models.
    own = next(tmp_path.glob("toy/*own*/seed-0.npz"))
    before = result.select("toy", "s (its own model)")[0]
    own.unlink()
    again = benchmark_strategies(
        {"s": CountingSampler()}, toy.data, tree, store=tmp_path, **few
    )
    assert again.select("toy", "s (its own model)")[0].decisions_equal(before)
    assert CountingSampler.trained == 3 * rounds


def test_a_joint_sampler_is_judged_four_ways(toy):
    tree = DecisionTreeClassifier()
    result = benchmark_strategies([JointSampler()], toy.data, tree, **toy.settings)
    own = "JointSampler (its own model)"
    chance = "RandomSampling (model of JointSampler)"
    assert result.strategies[-3:] == ["JointSampler", own, chance]
    clean, joint, on_chance, plain = (
        result.select("toy", name)[2]
        for name in ("JointSampler", own, chance, "RandomSampling")
    )
    assert_array_equal(joint.queried, clean.queried)
    assert_array_equal(on_chance.queried, plain.queried)
    assert clean.trained_by == plain.trained_by == "estimator"
    assert joint.trained_by == on_chance.trained_by == "JointSampler"
    for run in (joint, on_chance):
        for n, score in zip(run.n_labeled, run.scores):
            rows = np.sort(run.queried[:n])
            model = GaussianNB().fit(toy.X[rows], toy.y[rows])
            assert_allclose(model.score(toy.X[run.test], toy.y[run.test]), score)
    assert "told apart from selection" in result.report()


# ------------------------------------------------------- the same, however it is run


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_the_result_does_not_depend_on_n_jobs_or_backend(result, backend, toy):
    with joblib.parallel_config(backend=backend):
        parallel = benchmark_strategies(
            ["CoreSet", "entropy"], toy.data, n_jobs=2, **toy.settings
        )
    toy.assert_same(parallel, result)


class AllAtTheEnd(ThreadingBackend):
    """Hands over nothing before all is done, as ray does."""

    supports_return_generator = False


class LooksAtTheStore(QueryStrategy):
    """Ask for the first rows, and count the runs in a store."""

    def __init__(self, *, store=None, random_state=None):
        self.store = store
        self.random_state = random_state

    def _query(self, n):
        self.seen.append(len(list(Path(self.store).rglob("*.npz"))))
        return np.arange(n)

    seen = []


@pytest.mark.parametrize("backend", ["all_at_the_end", "multiprocessing"])
def test_a_backend_that_hands_over_all_at_the_end_serves(
    result, backend, toy, tmp_path, capsys
):
    joblib.register_parallel_backend("all_at_the_end", AllAtTheEnd)
    LooksAtTheStore.seen.clear()
    with joblib.parallel_config(backend=backend):
        parallel = benchmark_strategies(
            ["CoreSet", "entropy"], toy.data, n_jobs=2, verbose=True, **toy.settings
        )
        looking = [LooksAtTheStore(store=str(tmp_path))]
        few = {**toy.settings, "seeds": 3, "n_jobs": 2}
        benchmark_strategies(looking, toy.data, store=tmp_path, **few)
    toy.assert_same(parallel, result)
    assert "[20/20]" in capsys.readouterr().err
    assert len(list(tmp_path.rglob("*.npz"))) == 9
    if backend == "all_at_the_end":  # which shares this process
        assert max(LooksAtTheStore.seen) >= 5, "the store fills as runs end"


def test_a_bar_counts_the_runs_and_says_what_the_last_one_reached(toy, capsys):
    class Fails(QueryStrategy):
        """Ask in vain."""

        def _query(self, n):
            raise RuntimeError("no luck")

    settings = {**toy.settings, "seeds": [1]}
    strategies = {"chance": RandomSampling(), "broken": Fails()}

    def told(**verbose):
        capsys.readouterr()
        found = benchmark_strategies(strategies, toy.data, **settings, **verbose)
        return found, capsys.readouterr().err.splitlines()

    found, lines = told(verbose=True)
    assert lines[0] == "[--------------------] [0/3]" and len(lines) == 4
    record = found.runs[0]
    reached = f"{record.n_labeled[-1]} labels, score {record.scores[-1]:.3f}"
    name = f"[######--------------] [1/3] {record.dataset}, chance, seed 1: "
    assert lines[1] == name + reached
    assert any("broken, seed 1: failed" in line for line in lines)
    assert lines[-1].startswith(f"[{'#' * 20}] [3/3]")
    with progress():  # the learners of the runs are details of its line
        within = told()[1]
    assert [line.partition(",")[0] for line in within] == [
        line.partition(",")[0] for line in lines
    ]
    assert told()[1] == []


class CountsItsPickles:
    """Samples that count how often they are sent somewhere."""

    n_pickles = 0

    def __init__(self, X):
        self.X = X

    def __len__(self):
        return len(self.X)

    def __getitem__(self, rows):
        return self.X[rows]

    def __reduce__(self):
        CountsItsPickles.n_pickles += 1
        return np.asarray, (self.X,)

    @property
    def shape(self):
        return self.X.shape


def test_on_dask_the_result_is_the_same_and_the_data_are_shipped_once(result, toy):
    distributed = pytest.importorskip("distributed", reason="needs the tests extra")
    CountsItsPickles.n_pickles = 0
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        parallel = benchmark_strategies(
            ["CoreSet", "entropy"], toy.data, **toy.settings
        )
        counting = {"toy": (CountsItsPickles(toy.X), toy.y)}
        benchmark_strategies(["CoreSet"], counting, **toy.settings)
    toy.assert_same(parallel, result)
    assert CountsItsPickles.n_pickles <= 2, "of 15 runs"


def test_on_ray_the_result_is_the_same_and_the_data_are_shipped_once(toy):
    ray = pytest.importorskip("ray", reason="ray is not installed")
    from ray.util.joblib import register_ray

    settings = {**toy.settings, "seeds": 2}
    serial = benchmark_strategies([], toy.data, **settings)
    counting = {"toy": (CountsItsPickles(toy.X), toy.y)}
    CountsItsPickles.n_pickles = 0
    register_ray()
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        with joblib.parallel_config(backend="ray", n_jobs=2):
            parallel = benchmark_strategies([], counting, **settings)
    finally:
        ray.shutdown()
    for strategy in serial.strategies:
        for seed, run in serial.select("toy", strategy).items():
            other = parallel.select("toy", strategy)[seed]
            assert_array_equal(other.queried, run.queried)
    assert CountsItsPickles.n_pickles <= 2, "of 4 runs"


# ---------------------------------------------------------------------- the store


def test_a_finished_run_is_not_repeated(tmp_path, monkeypatch, toy):
    benchmark_strategies([], toy.data, store=tmp_path, **{**toy.settings, "seeds": 2})
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.npz")}
    assert len(before) == 4
    calls = []
    from skactive.benchmark import _benchmark

    execute = _benchmark.execute
    monkeypatch.setattr(
        _benchmark, "execute", lambda *args: calls.append(args) or execute(*args)
    )
    more = benchmark_strategies(
        [], toy.data, store=tmp_path, **{**toy.settings, "seeds": 3}
    )
    assert [args[0].seed for args in calls] == [2, 2]
    assert len(more.runs) == 6
    assert all(p.stat().st_mtime_ns == t for p, t in before.items())


SCRIPT = """
import sys
from sklearn.datasets import load_iris
from skactive.benchmark import benchmark_strategies
benchmark_strategies(
    ["CoreSet", "entropy"], {"iris": load_iris(return_X_y=True)}, n_initial=6,
    batch_size=3, budget=45, seeds=6, store=sys.argv[1], verbose=True,
)
"""


def start(store):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(store)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )


def whole(store):
    return benchmark_strategies(
        ["CoreSet", "entropy"],
        {"iris": load_iris(return_X_y=True)},
        n_initial=6,
        batch_size=3,
        budget=45,
        seeds=6,
        store=store,
    )


def test_killed_and_started_again_it_ends_with_the_same_result(tmp_path, toy):
    process = start(tmp_path / "killed")
    while not len(list((tmp_path / "killed").rglob("*.npz"))) >= 5:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = {p: p.stat().st_mtime_ns for p in (tmp_path / "killed").rglob("*.npz")}
    assert 5 <= len(done) < 24
    resumed = whole(tmp_path / "killed")
    assert all(p.stat().st_mtime_ns == t for p, t in done.items())
    toy.assert_same(resumed, whole(tmp_path / "undisturbed"))


def test_two_processes_on_one_store_share_the_work(tmp_path, toy):
    processes = [start(tmp_path / "shared") for _ in range(2)]
    told = [p.communicate()[1] for p in processes]
    assert [p.returncode for p in processes] == [0, 0], told
    shared = BenchmarkResult.load(tmp_path / "shared")
    assert len(shared.runs) == 24
    whole(tmp_path / "alone")
    toy.assert_same(shared, BenchmarkResult.load(tmp_path / "alone"))
    assert all("[24/24]" in text for text in told)


# --------------------------------------------------------------------- bad input


class FailsInSeedOne(QueryStrategy):
    """Ask in vain, now and then."""

    def __init__(self, *, random_state=None):
        self.random_state = random_state

    def _query(self, n):
        if FailsInSeedOne.calls == 3:
            FailsInSeedOne.calls += 1
            raise RuntimeError("no luck")
        FailsInSeedOne.calls += 1
        return np.arange(n)

    calls = 0


def test_a_strategy_that_fails_is_recorded_and_the_others_finish(tmp_path, toy):
    FailsInSeedOne.calls = 0
    small = {**toy.settings, "seeds": 3}
    result = benchmark_strategies([FailsInSeedOne()], toy.data, store=tmp_path, **small)
    assert len(result.runs) == 8
    (failure,) = result.failures
    assert failure["seed"] == 1 and failure["error"] == "RuntimeError: no luck"
    assert "_query" in failure["traceback"]
    assert "1 run(s) failed" in result.report()
    assert len(BenchmarkResult.load(tmp_path).failures) == 1
    assert set(result.select("toy", "FailsInSeedOne")) == {0, 2}
    assert result.differences()["toy"]["FailsInSeedOne"].n == 2
    again = benchmark_strategies([FailsInSeedOne()], toy.data, store=tmp_path, **small)
    assert len(again.runs) == 9 and not again.failures
    assert not BenchmarkResult.load(tmp_path).failures


@pytest.mark.parametrize(
    "change, error, match",
    [
        ({"strategies": ["margni"]}, ValueError, "Similar: MarginSampling"),
        ({"strategies": [3]}, TypeError, "needs fit and query"),
        ({"strategies": [CoreSet(), CoreSet()]}, ValueError, "several strategies"),
        ({"datasets": "digit"}, ValueError, "digits"),
        ({"datasets": {"toy": 3}}, TypeError, "must be a name, a Bunch"),
        ({"datasets": [(X, Y)]}, ValueError, "Give the data set a name"),
        ({"datasets": []}, ValueError, "no data set"),
        ({"datasets": {"t": (X, np.eye(3)[Y[:-1]])}}, ValueError, "rows of y"),
        ({"datasets": {"t": (X, np.where(Y, np.nan, 0))}}, ValueError, "every label"),
        ({"budget": 1000}, ValueError, "225 rows besides the 75 to test on"),
        ({"budget": 0}, ValueError, "budget must be"),
        ({"seeds": 0}, ValueError, "seeds must be"),
        ({"seeds": [1, 1]}, ValueError, "distinct"),
        ({"validation": 24}, ValueError, "leave nothing"),
        ({"scoring": "acuracy"}, ValueError, "scoring"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(change, error, match, toy):
    given = {"strategies": [], "datasets": toy.data, **toy.settings, **change}
    with pytest.raises(error, match=match):
        benchmark_strategies(given.pop("strategies"), given.pop("datasets"), **given)


@pytest.mark.deep
def test_a_deep_strategy_is_found_by_its_name(toy):
    pytest.importorskip("torch")
    strategies = {"loss": "ll4al"}
    result = benchmark_strategies(
        strategies,
        {"toy": (toy.X[:120], toy.y[:120])},
        **{**toy.settings, "seeds": 1, "budget": 8},
    )
    assert not result.failures
    assert "loss (its own model)" in result.strategies
