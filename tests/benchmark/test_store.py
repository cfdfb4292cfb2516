"""The store: whole files or none, locks, and what is refused."""

import json
import os
from dataclasses import fields
from functools import partial
from itertools import pairwise
from urllib.parse import quote

import numpy as np
import pytest

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._record import RunRecord
from skactive.benchmark._store import Busy, RunStore
from skactive.diversity import CoreSet

ARRAYS = [
    entry.name for entry in fields(RunRecord) if entry.init and entry.type is np.ndarray
]


def test_a_store_gives_back_what_was_written(result, tmp_path, toy):
    stored = benchmark_strategies(
        ["CoreSet", "entropy"], toy.data, store=tmp_path, **toy.settings
    )
    toy.assert_same(stored, result)
    loaded = BenchmarkResult.load(tmp_path)
    toy.assert_same(loaded, stored)
    assert loaded.runs[0].config == json.loads(json.dumps(stored.runs[0].config))
    assert loaded.runs[0].versions["scikit-learn"]
    assert not list(tmp_path.rglob("*.part"))


def test_a_run_in_the_making_is_left_to_who_is_at_it(tmp_path):
    store = RunStore(tmp_path)
    claim = partial(store.claim, "d", "s", 0, wait=False)
    with claim(), pytest.raises(Busy), claim():
        pass
    with store.claim("d", "s", 0, wait=False):
        pass


def test_a_store_with_another_configuration_is_refused(tmp_path, toy):
    benchmark_strategies([], toy.data, store=tmp_path, **{**toy.settings, "seeds": 1})
    with pytest.raises(ValueError, match="another configuration"):
        benchmark_strategies(
            [], toy.data, store=tmp_path, **{**toy.settings, "seeds": 1, "budget": 16}
        )
    with pytest.raises(ValueError, match="another configuration"):
        benchmark_strategies(
            [],
            {"toy": (toy.X + 1, toy.y)},
            store=tmp_path,
            **{**toy.settings, "seeds": 1},
        )


def test_a_store_of_another_format_is_refused(tmp_path, toy):
    benchmark_strategies([], toy.data, store=tmp_path, **{**toy.settings, "seeds": 1})
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


def test_a_full_disk_keeps_what_was_finished(tmp_path, monkeypatch, toy):
    written = []
    replace = os.replace

    def full(source, target):
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left.*finished are kept"):
        benchmark_strategies(
            [], toy.data, store=tmp_path, **{**toy.settings, "seeds": 3}
        )
    monkeypatch.undo()
    assert len(list(tmp_path.rglob("*.npz"))) == 3
    assert not list(tmp_path.rglob("*.part"))
    again = benchmark_strategies(
        [], toy.data, store=tmp_path, **{**toy.settings, "seeds": 3}
    )
    assert len(again.runs) == 6


# ------------------------------------------------------------ one file at a time


def record(dataset="d", strategy="s", seed=0, config_hash="hash"):
    none = np.array([])
    return RunRecord(
        dataset=dataset,
        strategy=strategy,
        seed=seed,
        config={},
        config_hash=config_hash,
        versions={},
        selected_by=strategy,
        trained_by="estimator",
        **dict.fromkeys(ARRAYS, none),
    )


def failure(seed):
    return {"dataset": "d", "strategy": "s", "seed": seed, "error": "no luck"}


def test_names_of_any_kind_become_names_of_files(tmp_path):
    store = RunStore(tmp_path / "made" / "deep")
    path = store.path("al_survey/iris é", "a|b: 100 %", 12)
    assert path.name == "seed-12.npz"
    assert path.parents[2] == store.folder
    store.write(record("al_survey/iris é", "a|b: 100 %", 12))
    assert path.exists()
    (found,) = store
    assert (found.dataset, found.strategy) == ("al_survey/iris é", "a|b: 100 %")


def test_runs_come_by_name_and_seeds_by_number(tmp_path):
    store = RunStore(tmp_path)
    for name, seed in (("b", 2), ("a", 10), ("a", 9), ("b", 1)):
        store.write(record(name, "s", seed))
    assert [(r.dataset, r.seed) for r in store] == [
        ("a", 9),
        ("a", 10),
        ("b", 1),
        ("b", 2),
    ]


def test_a_run_that_is_not_there_is_none_and_another_configuration_is_refused(
    tmp_path,
):
    store = RunStore(tmp_path)
    assert store.find("d", "s", 0) is None
    store.write(record(config_hash="one"))
    assert store.find("d", "s", 0).config_hash == "one"
    assert store.find("d", "s", 0, "one").seed == 0
    with pytest.raises(ValueError, match="another configuration.*Name another store"):
        store.find("d", "s", 0, "two")


def test_a_failure_is_told_until_the_run_succeeds(tmp_path):
    store = RunStore(tmp_path)
    for seed in (10, 9):
        store.write_failure(failure(seed))
    assert list(store.failures()) == [failure(9), failure(10)]
    assert list(store) == []
    store.write(record(seed=9))
    assert list(store.failures()) == [failure(10)]


def test_a_run_that_cannot_be_dumped_leaves_nothing_behind(tmp_path):
    store = RunStore(tmp_path)
    broken = record()
    broken.config = {"not json": object()}
    with pytest.raises(TypeError, match="JSON"):
        store.write(broken)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_store_that_cannot_be_made_says_where(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"cannot be created.*Name a folder"):
        RunStore(tmp_path / "file" / "store")


def test_claims_of_different_runs_do_not_meet(tmp_path):
    store = RunStore(tmp_path)
    with store.claim("d", "s", 0, wait=False), store.claim("d", "s", 1, wait=False):
        pass
    assert list(store) == [] and list(store.failures()) == []


# ------------------------------------------------------------ names of any kind

HOSTILE = [
    "..",
    ".",
    "",
    "a/../../b",
    "/",
    "\x00",
    "a.",
    "a ",
    "CON",
    "nul.x",
    "x" * 300,
]
HOSTILE += [
    "a\\b",
    "\u00e9",
    "e\u0301",
    "Margin",
    "margin",
    "\n",
    "策略",
    "%2E%2E",
    "seed-0.npz",
]


def test_hostile_names_of_strategies_and_data_stay_inside_and_are_found(tmp_path):
    store = RunStore(tmp_path / "store")
    store.make_folders(HOSTILE, HOSTILE)
    wanted = [*zip(HOSTILE, HOSTILE), *pairwise(HOSTILE)]
    for dataset, strategy in wanted:
        store.write(record(dataset, strategy))
    for dataset, strategy in wanted:
        path = store.path(dataset, strategy, 0)
        assert path.parents[2] == store.folder
        assert path.resolve().parents[2] == store.folder.resolve()
        found = store.find(dataset, strategy, 0, "hash")
        assert (found.dataset, found.strategy) == (dataset, strategy)
    again = RunStore(tmp_path / "store")
    assert sorted((r.dataset, r.strategy) for r in again) == sorted(wanted)
    assert [p.name for p in tmp_path.iterdir()] == ["store"]
    # Also on a system to which upper and lower case are the same.
    files = [p.as_posix().lower() for p in tmp_path.rglob("*.npz") if p.is_file()]
    assert len(set(files)) == len(wanted)


def test_hostile_names_fail_and_are_locked_in_their_places(tmp_path):
    store = RunStore(tmp_path / "store")
    for name in HOSTILE:
        store.write_failure({**failure(0), "dataset": name, "strategy": name})
        claim = partial(store.claim, name, name, 1, wait=False)
        with claim(), pytest.raises(Busy), claim():
            pass
    assert sorted(f["strategy"] for f in store.failures()) == sorted(HOSTILE)
    assert [p.name for p in tmp_path.iterdir()] == ["store"]


def test_a_benchmark_of_hostile_names_is_resumed_and_reported(tmp_path, toy):
    names = ["..", "a/b", "a b", "A b", "x|y", "", "$\\frac{$"]
    strategies = {name: CoreSet() for name in names}
    data = dict.fromkeys(["..", "penalties", "ranks", "x/y", "x y"], toy.data["toy"])
    small = {"n_initial": 9, "batch_size": 8, "budget": 8, "seeds": 1}
    first = benchmark_strategies(strategies, data, store=tmp_path / "s", **small)
    assert not first.failures
    times = {p: p.stat().st_mtime_ns for p in (tmp_path / "s").rglob("*.npz")}
    assert len(times) == 9 * 5
    again = benchmark_strategies(strategies, data, store=tmp_path / "s", **small)
    toy.assert_same(first, again)
    assert all(p.stat().st_mtime_ns == t for p, t in times.items())
    loaded = BenchmarkResult.load(tmp_path / "s")
    assert set(loaded.strategies) == {"RandomSampling", "MarginSampling", *names}
    loaded.report(tmp_path / "r")
    assert len(list((tmp_path / "r").glob("*.png"))) == 6  # one a data set, and ranks
    page = (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    assert "<td>x|y</td>" in page
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r", "s"]


def test_a_store_of_before_is_read_and_continued(tmp_path):
    names = ["a.", "CON", "y" * 180, "Margin", "margin"]
    store = RunStore(tmp_path)
    for name in names:  # as older versions wrote them
        path = tmp_path / quote(name, safe="") / quote(name, safe="") / "seed-0.npz"
        path.parent.mkdir(parents=True)
        record(name, name).dump(path)
    assert {r.strategy for r in store} == set(names)
    for name in names:
        assert store.find(name, name, 0, "hash").strategy == name
        store.write(record(name, name, 1))
    assert len(list(tmp_path.iterdir())) == len(names)


def test_what_lies_beside_the_runs_is_no_run(tmp_path):
    store = RunStore(tmp_path)
    store.write(record())
    folder = store.path("d", "s", 0).parent
    for name in ("seed-0 (copy).npz", "seed-x.npz", "seed-.failed.json", "notes.txt"):
        (folder / name).write_text("")
    assert len(list(store)) == 1 and list(store.failures()) == []


def test_a_run_of_another_name_is_not_taken_for_one(tmp_path):
    store = RunStore(tmp_path)
    store.write(record("d", "s"))
    store.path("d", "s", 0).parent.rename(tmp_path / "d" / "t")
    with pytest.raises(ValueError, match="holds a run of 's' on 'd', and not of 't'"):
        store.find("d", "t", 0)
