"""The file that survives a crash."""

import json
import os

import pytest

from skactive.serve._state import Batch, State, Taken, open_state

OF = {"server": "http://x", "project": 7, "journal": "a.jsonl", "samples": [3, "ab"]}


@pytest.fixture
def state(tmp_path):
    state = open_state(tmp_path / "run.json", OF)
    state.batches += [Batch("r-0", 0, [3, "ü", "\ud800"], 2, True, ["ü"])]
    state.batches += [Batch("r-1", 1, [3, 4], 1)]
    state.taken["ü"] = Taken([[5, "2026", "answered"]], 1.5, ["abc"], False)
    state.taken[3] = Taken([])
    state.since, state.journal_bytes = "2026-11-25T10:00:00Z", 99
    state.save()
    return state


def test_all_of_it_is_read_again(state):
    assert open_state(state.path, OF) == state
    assert open_state(str(state.path), OF) == state
    assert state.asked()[3].name == "r-1" and state.asked()["ü"].name == "r-0"
    assert state.batches[0].left() == [3, "\ud800"]
    assert os.listdir(state.path.parent) == ["run.json"]


@pytest.mark.parametrize("key", OF)
def test_a_state_of_something_else_is_refused(state, key):
    with pytest.raises(ValueError, match=f"of another {key}"):
        open_state(state.path, {**OF, key: "other"})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "null", '{"label_studio_run": 9}', '{"a": 1}', "\x00", "3"]
    + ['{"label_studio_run": 1}', '{"journal": 1, "n_samples": 3}'],
)
def test_what_is_no_state_is_refused_and_kept(tmp_path, text):
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="is no state of a LabelStudioRun"):
        open_state(path, OF)
    assert path.read_text() == text


@pytest.mark.parametrize("place", ["open", "os.fsync", "os.replace"])
def test_a_full_disk_leaves_the_old_one(state, monkeypatch, place):
    old = state.path.read_bytes()
    state.batches.append(Batch("r-2", 2, [5], 1))

    def full(*args):
        raise OSError(28, "No space left on device")

    target = "builtins.open" if place == "open" else place
    with monkeypatch.context() as patch:
        patch.setattr(target, full)
        with pytest.raises(OSError, match=r"No space.*as it was. Make room"):
            state.save()
    assert state.path.read_bytes() == old
    state.save()
    assert len(open_state(state.path, OF).batches) == 3


def test_it_is_on_the_disk_before_it_takes_the_place_of_the_old(state, monkeypatch):
    done = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda n: (done.append("sync"), fsync(n)))
    monkeypatch.setattr(
        os, "replace", lambda a, b: (done.append("replace"), replace(a, b))
    )
    state.save()
    assert done[:2] == ["sync", "replace"]


def test_the_file_can_be_read_by_people(state):
    value = json.loads(state.path.read_text("utf-8", "surrogatepass"))
    assert value["of"] == OF and value["batches"][1]["ids"] == [3, 4]
    assert isinstance(state, State)
