"""The benchmark: paired, resumable, replayable, and the same however it is run."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import ClassifierMixin
from sklearn.datasets import load_diabetes, load_iris, make_classification
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import Bunch

from skactive import QueryStrategy
from skactive.base import ScoreStrategy
from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._benchmark import _Runs
from skactive.benchmark._record import describe, fingerprint, hash_of
from skactive.benchmark._run import Task
from skactive.benchmark._store import Busy, RunStore
from skactive.diversity import CoreSet, RandomSampling
from skactive.uncertainty import EntropySampling, InformationDensity, entropy, margin

X, Y = make_classification(
    300, n_informative=4, n_classes=3, n_clusters_per_class=1, random_state=0
)
DATA = {"toy": (X, Y)}
SMALL = {"n_initial": 9, "batch_size": 8, "budget": 24, "seeds": 5}


def assert_same(one, other):
    assert len(one.runs) == len(other.runs)
    for a, b in zip(one.runs, other.runs):
        assert (a.dataset, a.strategy, a.seed) == (b.dataset, b.strategy, b.seed)
        assert a.decisions_equal(b)


@pytest.fixture(scope="module")
def result():
    return benchmark_strategies(["CoreSet", "entropy"], DATA, **SMALL)


# -------------------------------------------------------------------- the design


def test_chance_and_margin_are_always_on(result):
    assert result.strategies == [
        "RandomSampling",
        "MarginSampling",
        "CoreSet",
        "EntropySampling",
    ]
    no_proba = benchmark_strategies([], DATA, LinearSVC(), **{**SMALL, "seeds": 1})
    assert no_proba.strategies == ["RandomSampling"]


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


class CopyOfRandom(RandomSampling):
    """Ask what RandomSampling asks."""


def test_a_copy_of_chance_differs_from_it_by_exactly_zero():
    result = benchmark_strategies([CopyOfRandom()], DATA, **SMALL)
    areas = result.areas()["toy"]
    assert_array_equal(areas["CopyOfRandom"], areas["RandomSampling"])
    difference = result.differences()["toy"]["CopyOfRandom"]
    assert difference.mean == 0 and tuple(difference.interval) == (0, 0)
    assert (difference.wins, difference.ties, difference.losses) == (0, 5, 0)
    assert "random within noise" in result.report()


def test_validation_labels_are_paid_from_the_budget():
    result = benchmark_strategies([], DATA, validation=8, **SMALL)
    for run in result.runs:
        assert len(run.validation) == 8
        assert_array_equal(run.n_labeled, [17, 25, 33])
        assert len(run.queried) == 25
        assert len(run.validation_scores) == 3
        assert not set(run.validation) & (set(run.queried) | set(run.test))
    first, second = (result.select("toy", s)[0] for s in result.strategies)
    assert_array_equal(first.validation, second.validation)
    share = benchmark_strategies([], DATA, validation=1 / 3, **{**SMALL, "seeds": 1})
    assert_array_equal(share.runs[0].validation, first.validation)


def test_scores_are_those_of_the_model_on_the_test_part(result):
    run = result.select("toy", "EntropySampling")[3]
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    for n, score in zip(run.n_labeled, run.scores):
        rows = run.queried[:n]
        model.fit(X[rows], Y[rows])
        assert_allclose(model.score(X[run.test], Y[run.test]), score, atol=1e-12)


def test_an_official_test_part_serves_every_seed():
    bunch = Bunch(
        data=X[:200], target=Y[:200], test_data=X[200:], test_target=Y[200:], name="t"
    )
    result = benchmark_strategies([], bunch, **{**SMALL, "seeds": 2})
    assert all(run.predictions.shape == (4, 100) for run in result.runs)
    assert all(run.test.size == 0 for run in result.runs)


def test_regression():
    data = {"diabetes": load_diabetes(return_X_y=True)}
    result = benchmark_strategies(["CoreSet"], data, Ridge(), **{**SMALL, "seeds": 2})
    assert result.strategies == ["RandomSampling", "CoreSet"]
    run = result.runs[0]
    assert run.config["scoring"] == "r2"
    assert_allclose(run.score("r2"), run.scores)
    assert np.all(run.score("neg_mean_absolute_error") < 0)


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


def test_a_joint_sampler_is_trained_once_a_round_on_its_own_decisions(tmp_path):
    tree, few = DecisionTreeClassifier(), {**SMALL, "seeds": 1}
    CountingSampler.trained.clear()
    result = benchmark_strategies(
        {"s": CountingSampler()}, DATA, tree, store=tmp_path, **few
    )
    rounds = result.select("toy", "s")[0].n_labeled.tolist()
    assert CountingSampler.trained == 2 * rounds  # its own decisions, those of chance
    # A store that lacks them is completed, by the same models.
    own = next(tmp_path.glob("toy/*own*/seed-0.npz"))
    before = result.select("toy", "s (its own model)")[0]
    own.unlink()
    again = benchmark_strategies(
        {"s": CountingSampler()}, DATA, tree, store=tmp_path, **few
    )
    assert again.select("toy", "s (its own model)")[0].decisions_equal(before)
    assert CountingSampler.trained == 3 * rounds


def test_a_joint_sampler_is_judged_four_ways():
    tree = DecisionTreeClassifier()
    result = benchmark_strategies([JointSampler()], DATA, tree, **SMALL)
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
            model = GaussianNB().fit(X[rows], Y[rows])
            assert_allclose(model.score(X[run.test], Y[run.test]), score)
    assert "told apart from selection" in result.report()


# ------------------------------------------------------- the same, however it is run


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_the_result_does_not_depend_on_n_jobs_or_backend(result, backend):
    with joblib.parallel_config(backend=backend):
        parallel = benchmark_strategies(["CoreSet", "entropy"], DATA, n_jobs=2, **SMALL)
    assert_same(parallel, result)


def test_the_result_is_the_same_on_dask(result):
    distributed = pytest.importorskip("distributed", reason="needs the tests extra")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        parallel = benchmark_strategies(["CoreSet", "entropy"], DATA, **SMALL)
    assert_same(parallel, result)


# ---------------------------------------------------------------------- the store


def test_a_store_gives_back_what_was_written(result, tmp_path):
    stored = benchmark_strategies(["CoreSet", "entropy"], DATA, store=tmp_path, **SMALL)
    assert_same(stored, result)
    loaded = BenchmarkResult.load(tmp_path)
    assert_same(loaded, stored)
    assert loaded.runs[0].config == json.loads(json.dumps(stored.runs[0].config))
    assert loaded.runs[0].versions["scikit-learn"]
    assert not list(tmp_path.rglob("*.part"))


def test_a_finished_run_is_not_repeated(tmp_path, monkeypatch):
    benchmark_strategies([], DATA, store=tmp_path, **{**SMALL, "seeds": 2})
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.npz")}
    assert len(before) == 4
    calls = []
    from skactive.benchmark import _benchmark

    execute = _benchmark.execute
    monkeypatch.setattr(
        _benchmark, "execute", lambda *args: calls.append(args) or execute(*args)
    )
    more = benchmark_strategies([], DATA, store=tmp_path, **{**SMALL, "seeds": 3})
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


def test_killed_and_started_again_it_ends_with_the_same_result(tmp_path):
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
    assert_same(resumed, whole(tmp_path / "undisturbed"))


def test_two_processes_on_one_store_share_the_work(tmp_path):
    processes = [start(tmp_path / "shared") for _ in range(2)]
    told = [p.communicate()[1] for p in processes]
    assert [p.returncode for p in processes] == [0, 0], told
    shared = BenchmarkResult.load(tmp_path / "shared")
    assert len(shared.runs) == 24
    whole(tmp_path / "alone")
    assert_same(shared, BenchmarkResult.load(tmp_path / "alone"))
    assert all("[24/24]" in text for text in told)


def test_a_run_in_the_making_is_left_to_who_is_at_it(tmp_path):
    store = RunStore(tmp_path)
    claim = partial(store.claim, "d", "s", 0, wait=False)
    with claim(), pytest.raises(Busy), claim():
        pass
    with store.claim("d", "s", 0, wait=False):
        pass


def test_a_store_with_another_configuration_is_refused(tmp_path):
    benchmark_strategies([], DATA, store=tmp_path, **{**SMALL, "seeds": 1})
    with pytest.raises(ValueError, match="another configuration"):
        benchmark_strategies(
            [], DATA, store=tmp_path, **{**SMALL, "seeds": 1, "budget": 16}
        )
    with pytest.raises(ValueError, match="another configuration"):
        benchmark_strategies(
            [], {"toy": (X + 1, Y)}, store=tmp_path, **{**SMALL, "seeds": 1}
        )


def test_a_store_of_another_format_is_refused(tmp_path):
    benchmark_strategies([], DATA, store=tmp_path, **{**SMALL, "seeds": 1})
    path = next(tmp_path.rglob("*.npz"))
    with np.load(path) as file:
        arrays = dict(file)
    head = {**json.loads(str(arrays.pop("head"))), "format": 99}
    np.savez_compressed(path, head=json.dumps(head), **arrays)
    with pytest.raises(ValueError, match="has format 99"):
        BenchmarkResult.load(tmp_path)
    path.write_bytes(b"not a run")
    with pytest.raises(ValueError, match=r"not a run of skactive|pickle"):
        BenchmarkResult.load(tmp_path)


def test_a_full_disk_keeps_what_was_finished(tmp_path, monkeypatch):
    written = []
    replace = os.replace

    def full(source, target):
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left.*finished are kept"):
        benchmark_strategies([], DATA, store=tmp_path, **{**SMALL, "seeds": 3})
    monkeypatch.undo()
    assert len(list(tmp_path.rglob("*.npz"))) == 3
    assert not list(tmp_path.rglob("*.part"))
    again = benchmark_strategies([], DATA, store=tmp_path, **{**SMALL, "seeds": 3})
    assert len(again.runs) == 6


# --------------------------------------------------------------------------- replay


def test_another_metric_comes_from_the_store_alone(tmp_path):
    benchmark_strategies(["entropy"], DATA, store=tmp_path, **{**SMALL, "seeds": 2})
    loaded = BenchmarkResult.load(tmp_path)
    run = loaded.select("toy", "EntropySampling")[1]
    expected = [
        balanced_accuracy_score(Y[run.test], run.classes[p]) for p in run.predictions
    ]
    assert_allclose(run.score("balanced_accuracy"), expected)
    losses = [log_loss(Y[run.test], proba) for proba in run.probabilities]
    assert_allclose(run.score("neg_log_loss"), np.negative(losses), rtol=1e-5)
    assert_allclose(run.score("accuracy"), run.scores)
    _, scores = loaded.curve("toy", "EntropySampling", scoring="f1_macro")
    assert scores.shape == (2, 4)


def test_another_model_is_trained_on_the_same_decisions(tmp_path):
    small = {**SMALL, "seeds": 2}
    benchmark_strategies(["CoreSet"], DATA, GaussianNB(), store=tmp_path, **small)
    loaded = BenchmarkResult.load(tmp_path, data=DATA)
    same = loaded.rescore(GaussianNB())
    for a, b in zip(loaded.runs, same.runs):
        assert a.decisions_equal(b)
    other = loaded.rescore(LogisticRegression(), scoring="f1_macro")
    run = other.select("toy", "CoreSet")[1]
    assert_array_equal(run.queried, loaded.select("toy", "CoreSet")[1].queried)
    rows = np.sort(run.queried[:17])
    model = LogisticRegression().fit(X[rows], Y[rows])
    assert_array_equal(run.classes[run.predictions[1]], model.predict(X[run.test]))
    with pytest.raises(ValueError, match="not those of the runs"):
        BenchmarkResult.load(tmp_path, data={"toy": (X + 1, Y)}).rescore(GaussianNB())


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


def test_a_strategy_that_fails_is_recorded_and_the_others_finish(tmp_path):
    FailsInSeedOne.calls = 0
    small = {**SMALL, "seeds": 3}
    result = benchmark_strategies([FailsInSeedOne()], DATA, store=tmp_path, **small)
    assert len(result.runs) == 8
    (failure,) = result.failures
    assert failure["seed"] == 1 and failure["error"] == "RuntimeError: no luck"
    assert "_query" in failure["traceback"]
    assert "1 run(s) failed" in result.report()
    assert len(BenchmarkResult.load(tmp_path).failures) == 1
    assert set(result.select("toy", "FailsInSeedOne")) == {0, 2}
    assert result.differences()["toy"]["FailsInSeedOne"].n == 2
    again = benchmark_strategies([FailsInSeedOne()], DATA, store=tmp_path, **small)
    assert len(again.runs) == 9 and not again.failures
    assert not BenchmarkResult.load(tmp_path).failures


@pytest.mark.parametrize(
    "change, error, match",
    [
        ({"strategies": ["margni"]}, ValueError, "Near: MarginSampling"),
        ({"strategies": [3]}, TypeError, "needs fit and query"),
        ({"strategies": [CoreSet(), CoreSet()]}, ValueError, "several strategies"),
        ({"datasets": "digit"}, ValueError, "digits"),
        ({"datasets": {"toy": 3}}, TypeError, "must be a name, a Bunch"),
        ({"datasets": [(X, Y)]}, ValueError, "Give the data set a name"),
        ({"datasets": []}, ValueError, "no data set"),
        ({"datasets": {"t": (X, np.eye(3)[Y])}}, ValueError, "1-d"),
        ({"datasets": {"t": (X, np.where(Y, np.nan, 0))}}, ValueError, "every label"),
        ({"budget": 1000}, ValueError, "225 rows besides the 75 to test on"),
        ({"budget": 0}, ValueError, "budget must be"),
        ({"seeds": 0}, ValueError, "seeds must be"),
        ({"seeds": [1, 1]}, ValueError, "distinct"),
        ({"validation": 24}, ValueError, "leave nothing"),
        ({"scoring": "acuracy"}, ValueError, "scoring"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(change, error, match):
    given = {"strategies": [], "datasets": DATA, **SMALL, **change}
    with pytest.raises(error, match=match):
        benchmark_strategies(given.pop("strategies"), given.pop("datasets"), **given)


@pytest.mark.deep
def test_a_deep_strategy_is_found_by_its_name():
    strategies = {"loss": "ll4al"}
    result = benchmark_strategies(
        strategies, {"toy": (X[:120], Y[:120])}, **{**SMALL, "seeds": 1, "budget": 8}
    )
    assert not result.failures
    assert "loss (its own model)" in result.strategies


def test_there_is_no_store(tmp_path):
    with pytest.raises(ValueError, match="no store"):
        BenchmarkResult.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds no run"):
        BenchmarkResult.load(tmp_path)


# ----------------------------------------------------------- hashes and the report


def test_a_configuration_is_described_alike_in_every_process():
    one = InformationDensity(uncertainty=margin, embedding=CoreSet())
    text = json.dumps(describe(one), sort_keys=True)
    assert "0x" not in text and "skactive.uncertainty._margin.margin" in text
    assert hash_of(describe(one)) != hash_of(
        describe(InformationDensity(uncertainty=entropy, embedding=CoreSet()))
    )
    assert describe(np.float64(2)) == 2.0
    assert fingerprint(X) == fingerprint(X.copy()) != fingerprint(X + 1)
    data = Bunch(name="d", fingerprint="f")
    tasks = [
        Task(data, "s", EntropySampling(), GaussianNB(), seed, {}, "s")
        for seed in (0, 1)
    ]
    assert tasks[0].config_hash != tasks[1].config_hash


def test_the_report_says_what_was_found(result, tmp_path):
    text = result.report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert (tmp_path / "report.md").read_text() == text
    assert (tmp_path / "toy.png").stat().st_size > 10_000
    assert (tmp_path / "penalties.png").exists()
    for name in result.strategies:
        assert name in text and f"<td>{name}</td>" in page
    assert "<table>" in page and "| area |" in text
    assert "one, 9 labels" in text
    few = benchmark_strategies([], DATA, **{**SMALL, "seeds": 3})
    assert "too few seeds (3) to say" in few.report()


def test_results_are_shown_as_pictures(result):
    display = result.curves("toy").plot()
    assert len(display.lines_) == 4
    matrix = result.penalty_matrix()
    assert matrix.shape == (4, 4)
    assert_array_equal(np.diag(matrix), 0)
    assert "4 strategies" in repr(result)
    import matplotlib.pyplot as plt

    plt.close("all")


def test_the_command(tmp_path):
    command = [sys.executable, "-m", "skactive.benchmark"]
    options = "--dataset iris --strategies random CoreSet --seeds 5 --n-initial 6"
    options += f" --budget 12 --batch-size 6 --store {tmp_path}"
    done = subprocess.run(
        [*command, *options.split()], capture_output=True, text=True, check=True
    )
    assert "[15/15]" in done.stderr
    assert "| CoreSet |" in done.stdout
    again = subprocess.run(
        [*command, "report", str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "| CoreSet |" in again.stdout
    assert Path(tmp_path / "report" / "report.html").exists()
    wrong = subprocess.run(
        [*command, "--dataset", "iriss"], capture_output=True, text=True
    )
    assert wrong.returncode == 2 and "iris" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_runs_are_told_as_they_finish(capsys):
    _Runs(None, None, True)._say(("d", "s", 3), {"error": ""}, 1, 2)
    assert capsys.readouterr().err.rstrip() == "[1/2] d, s, seed 3: failed"
