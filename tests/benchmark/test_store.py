"""The store: whole files or none, locks, and what is refused."""

import json
import os
from functools import partial

import numpy as np
import pytest

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._store import Busy, RunStore


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
