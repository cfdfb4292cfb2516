"""The store: whole files or none, locks, and what is refused."""

import importlib.util
import json
import os
from dataclasses import fields
from functools import partial
from itertools import pairwise
from urllib.parse import quote

import numpy as np
import pytest

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._describe import describe
from skactive.benchmark._record import RunRecord
from skactive.benchmark._store import Busy, RunStore
from skactive.diversity import CoreSet, RandomSampling
from skactive.testing import all_strategies

TORCH = importlib.util.find_spec("torch") is not None
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
    with pytest.raises(ValueError, match=r"other configuration \(budget: 24 in the st"):
        benchmark_strategies(
            [], toy.data, store=tmp_path, **{**toy.settings, "seeds": 1, "budget": 16}
        )
    with pytest.raises(ValueError, match=r"configuration \(fingerprint of the data: "):
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


# --------------------------------------------------- other defaults and versions


def with_default(value):
    """Return a class of one name and place whose default is another."""

    def __init__(self, radius=value):
        self.radius = radius
        RandomSampling.__init__(self)

    members = {"__init__": __init__, "__module__": "mine", "__qualname__": "Mine"}
    return type("Mine", (RandomSampling,), members)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (0.6, 0, r"strategy\.radius: 0\.6 in the store, 0 now"),
        (None, "auto", r"strategy\.radius: None in the store, 'auto' now"),
        ((3, 4), (3, 5), r"strategy\.radius\[1\]: 4 in the store, 5 now"),
        (0.6, CoreSet(), r"strategy\.radius: 0\.6 in the store, CoreSet\(\) now"),
    ],
    ids=["number", "none", "tuple", "strategy"],
)
def test_a_store_of_other_defaults_is_refused_and_told_apart(
    before, now, words, tmp_path, toy
):
    settings = {**toy.settings, "seeds": 1, "budget": 8, "store": tmp_path}
    old = benchmark_strategies({"Mine": with_default(before)()}, toy.data, **settings)
    assert not old.failures
    again = benchmark_strategies({"Mine": with_default(before)()}, toy.data, **settings)
    toy.assert_same(old, again)
    with pytest.raises(ValueError, match=words):
        benchmark_strategies({"Mine": with_default(now)()}, toy.data, **settings)


@pytest.mark.parametrize("cls", all_strategies(deep=TORCH, numbers=True))
def test_every_default_of_a_strategy_is_in_the_configuration(cls):
    def keys(words, part):
        for name, value in part.get_params(deep=False).items():
            assert name in words, f"{type(part).__name__}.{name}"
            if hasattr(value, "get_params") and not isinstance(value, type):
                keys(words[name], value)

    keys(describe(cls()), cls())


def test_another_version_is_refused_by_its_number(tmp_path, toy, monkeypatch):
    settings = {**toy.settings, "seeds": 1, "budget": 8, "store": tmp_path}
    benchmark_strategies([], toy.data, **settings)
    monkeypatch.setattr("skactive.benchmark._versions.__version__", "99.0")
    with pytest.raises(ValueError, match=r"\(skactive: .* in the store, 99.0 now\)"):
        benchmark_strategies([], toy.data, **settings)


# ------------------------------------------------------------- files that were edited


def edited(path, **changes):
    """Write a run with other values in its place, as a person would."""
    with np.load(path) as file:
        arrays = dict(file)
    head = json.loads(str(arrays.pop("head")))
    for name, value in changes.items():
        if name in arrays:
            arrays[name] = value(arrays[name])
        else:
            head[name] = value(head[name])
    np.savez_compressed(path, head=json.dumps(head), **arrays)


def raised(scores):
    return scores + 0.01


@pytest.mark.parametrize(
    "changes",
    [
        {"scores": raised},
        {"queried": lambda rows: rows[::-1]},
        {"n_labeled": lambda n: n + 1},
        {"scores": lambda scores: scores.astype(np.float32)},
        {"cost": lambda _: np.arange(4.0)},
        {"seed": lambda _: 7},
        {"strategy": lambda _: "Mine"},
        {"config": lambda config: {**config, "budget": 1}},
        {"config_hash": lambda _: "other"},
        {"versions": lambda versions: {**versions, "skactive": "9"}},
    ],
    ids=lambda changes: f"{next(iter(changes))}",
)
def test_a_run_that_was_edited_is_refused_with_what_to_do(changes, tmp_path, toy):
    settings = {**toy.settings, "seeds": 1, "budget": 8, "store": tmp_path}
    first = benchmark_strategies([], toy.data, **settings)
    path = tmp_path / "toy" / "MarginSampling" / "seed-0.npz"
    edited(path)  # nothing changed: packed again
    toy.assert_same(BenchmarkResult.load(tmp_path), first)
    edited(path, **changes)
    for ask in (
        lambda: BenchmarkResult.load(tmp_path),
        lambda: benchmark_strategies([], toy.data, **settings),
    ):
        with pytest.raises(ValueError, match=r"seed-0.*was changed.*Delete it, and"):
            ask()
    path.unlink()
    toy.assert_same(benchmark_strategies([], toy.data, **settings), first)


def test_a_run_of_before_checksums_is_read(tmp_path):
    store = RunStore(tmp_path)
    store.write(record())
    path = store.path("d", "s", 0)
    with np.load(path) as file:
        arrays = dict(file)
    head = json.loads(str(arrays.pop("head")))
    del head["checksum"]
    np.savez_compressed(path, head=json.dumps(head), **arrays)
    assert store.find("d", "s", 0, "hash").seed == 0


def test_a_damaged_run_is_refused_wherever_it_is_damaged(tmp_path):
    store = RunStore(tmp_path)
    store.write(record())
    path = store.path("d", "s", 0)
    whole = path.read_bytes()
    damaged = [whole[:n] for n in range(0, len(whole), 97)]
    for n in range(0, len(whole), 41):
        flipped = bytearray(whole)
        flipped[n] ^= 0xFF
        damaged.append(bytes(flipped))
    damaged += [b"", b"not a run", b"PK\x03\x04", whole[::-1]]
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            found = store.find("d", "s", 0)
        except ValueError as error:
            assert "seed-0.npz" in str(error) and "Use the version" not in str(error)
            assert "Delete it" in str(error)
            refused += 1
        else:  # a byte that means nothing, such as a date
            assert found.decisions_equal(record()) and found.config_hash == "hash"
    assert refused > 0.6 * len(damaged)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "null", '{"dataset": "d"}', "\x00", '"words"']
)
def test_a_failure_that_was_edited_is_refused(text, tmp_path):
    store = RunStore(tmp_path)
    store.write_failure(failure(3))
    (path,) = tmp_path.rglob("*.failed.json")
    path.write_text(text)
    with pytest.raises(ValueError, match="does not tell of a run that.*Delete it"):
        list(store.failures())


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
