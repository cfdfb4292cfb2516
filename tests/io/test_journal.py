"""The journal: on disk before it counts, of these samples, by one process."""

import copy
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import skactive
from skactive import ActiveLearner
from skactive.io import Journal
from skactive.io import _known_samples as known_samples

X = np.random.RandomState(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)


def answer(row, value=1, call=0):
    line = {"event": "answer", "row": row, "answer": value, "call": call}
    return {**line, "who": None, "round": 0, "cost": 1, "seconds": None}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "answers.jsonl"


# -------------------------------------------------------------------- on disk


def test_lines_are_on_disk_before_write_returns(path, monkeypatch):
    journal = Journal(path)
    journal.open(X)
    seen = []
    real = os.fsync

    def fsync(fd):
        real(fd)
        seen.append(path.read_bytes().count(b"\n"))

    monkeypatch.setattr(os, "fsync", fsync)
    journal.write([answer(3), answer(4)])
    assert seen == [3]  # the header and both, when they were synced
    journal.write([])
    assert path.read_bytes().count(b"\n") == 3


def test_a_cut_line_is_dropped_and_said_wherever_it_is_cut(path):
    journal = Journal(path)
    journal.open(X)
    header = len(path.read_bytes())
    journal.write([answer(3), answer(4)])
    whole = path.read_bytes()
    journal.close()
    first = whole.index(b"\n", header) + 1
    for end in range(1, len(whole)):
        path.write_bytes(whole[:end])
        expected = [] if end < first else [3]
        if end in (header, first):
            assert [e["row"] for e in journal.open(X)] == expected
        else:
            with pytest.warns(UserWarning, match="cut off in the middle"):
                assert [e["row"] for e in journal.open(X)] == expected
        journal.write([answer(9)])
        journal.close()
        assert [e["row"] for e in journal.open(X)] == [*expected, 9]
        journal.close()


def test_what_is_no_json_is_refused_before_a_byte_is_written(path):
    journal = Journal(path)
    journal.open(X)
    before = path.read_bytes()
    for value in (1j, {1, 2}, float("nan"), np.arange(2), b"x"):
        with pytest.raises(ValueError, match="holds what JSON knows"):
            journal.write([answer(3), answer(4, value)])
    assert path.read_bytes() == before


# --------------------------------------------------------------- of these samples

KINDS = {
    "array": X,
    "frame": pd.DataFrame(X, columns=list("abc")),
    "mixed": pd.DataFrame({"a": X[:, 0], "b": [f"t{k}" for k in range(40)]}),
    "sparse": sparse.csr_array(np.round(X)),
    "texts": [f"text {k}" for k in range(40)],
    "images": np.arange(40 * 12, dtype=np.uint8).reshape(40, 1, 3, 4),
    "ragged": [np.full((k % 3 + 1, 2), k) for k in range(40)],
}


def turned(X, order):
    if isinstance(X, list):
        return [X[k] for k in order]
    return X.iloc[order] if hasattr(X, "iloc") else X[order]


@pytest.mark.parametrize("kind", KINDS)
def test_samples_are_known_again(path, kind):
    data = KINDS[kind]
    journal = Journal(path)
    journal.open(data)
    journal.write([answer(5)])
    journal.close()
    assert len(Journal(path).open(copy.deepcopy(data))) == 1
    order = np.random.RandomState(1).permutation(40)
    with pytest.raises(ValueError, match="or the same in another order.*pass ids"):
        Journal(path).open(turned(data, order))
    with pytest.raises(ValueError, match="is of 40 samples, and X has 39"):
        Journal(path).open(turned(data, np.arange(39)))


def test_two_rows_in_each_others_place_are_noticed_if_one_was_answered(path):
    large = np.random.RandomState(0).normal(size=(5000, 2))
    journal = Journal(path)
    journal.open(large)
    looked_at = np.unique(np.linspace(0, 4999, known_samples.LOOKED_AT).astype(int))
    rows = np.setdiff1d(np.arange(5000), looked_at)[[10, 20, 30]]
    journal.write([answer(int(rows[0]))])
    journal.close()
    swapped = large.copy()
    swapped[rows[:2]] = large[rows[1::-1]]
    with pytest.raises(ValueError, match=f"another sample than that of row {rows[0]}"):
        Journal(path).open(swapped)
    swapped = large.copy()
    swapped[rows[1:]] = large[rows[:0:-1]]  # none of them has an answer
    assert len(Journal(path).open(swapped)) == 1


@pytest.mark.parametrize(
    "other",
    [X.astype("f"), pd.DataFrame(X), sparse.csr_array(X), np.r_[X[:-1], X[:1]], X[::-1],
     np.c_[X, X], X[:, ::-1], X + 1e-12],
)  # fmt: skip
def test_another_dtype_or_container_is_another_table(path, other):
    Journal(path).open(X)
    with pytest.raises(ValueError, match="other samples.*dtype or container"):
        Journal(path).open(other)
    assert Journal(path).open(np.asfortranarray(X)) == []  # the same in other memory


def test_appended_samples_need_names(path):
    Journal(path).open(X)
    with pytest.raises(ValueError, match="is of 40 samples, and X has 41.*pass ids"):
        Journal(path).open(np.r_[X, X[:1]])


def test_names_find_their_rows_in_a_sorted_filtered_or_longer_table(path):
    names = np.array([f"n{k}" for k in range(40)])
    journal = Journal(path, names)
    journal.open(X)
    journal.write([answer(5), answer(30)])
    journal.close()
    order = np.random.RandomState(1).permutation(40)
    more = np.r_[names, ["new"]]
    for rows, ids in [
        (order, names[order]),
        (order, pd.Series(names[order], index=order)),
        (order[:39], [n for n in names if n != "n7"]),
        (np.r_[order, 0], more),
    ]:
        events = Journal(path, ids).open(X[rows])
        assert [list(ids)[e["row"]] for e in events] == ["n5", "n30"]
    with pytest.raises(ValueError, match="Line 3 .* is about 'n30', which is not amo"):
        Journal(path, names[:30]).open(X[:30])


def test_names_are_numbers_or_words_and_differ(path):
    journal = Journal(path, np.arange(40) * 10)
    journal.open(X)
    journal.write([answer(5)])
    assert journal.events()[0]["id"] == 50
    journal.close()
    for ids, match in [
        (np.arange(39), r"one name for each of 40 samples; got 39"),
        ([1.5] * 40, "integers or strings; got 1.5"),
        ([True] * 40, "integers or strings; got True"),
        ([*range(39), 7], "7 is that of rows 7 and 39"),
        (np.arange(40)[:, None], r"shape \(40, 1\)"),
    ]:
        with pytest.raises(ValueError, match=match):
            Journal(path, ids).open(X)
    with pytest.raises(ValueError, match="written by names of samples.*without ids"):
        Journal(path).open(X)


def test_samples_without_a_face_need_names(path):
    class Thing:
        pass

    things = [Thing() for _ in range(40)]
    with pytest.raises(ValueError, match="type Thing again. Pass ids"):
        Journal(path).open(things)
    Journal(path.with_name("b"), range(40)).open(things)


# ------------------------------------------------------------------ other files


@pytest.mark.parametrize(
    "text, match",
    [
        ("id,label\n3,cat\n", "Line 1 of .* is no event"),
        ("id,label", "is no journal: it begins with"),
        ('{"a": 1}\n', "no journal of format 1"),
        ('{"journal": 99}\n', "no journal of format 1"),
        ("[1]\n", "Line 1 .* is no event"),
        ("\x00" * 200, "no journal"),
    ],
)
def test_files_of_others_are_left_alone(path, text, match):
    path.write_text(text)
    with pytest.raises(ValueError, match=match):
        Journal(path).open(X)
    assert path.read_text() == text


def test_a_spoiled_line_is_named(path):
    journal = Journal(path)
    journal.open(X)
    journal.write([answer(3), answer(4)])
    journal.close()
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[1][:20] + "\n" + lines[2])
    with pytest.raises(ValueError, match="Line 2 of .*restore the line"):
        Journal(path).open(X)


@pytest.mark.parametrize("other", ['"x"', "40", "-1", "3.0", "null", "[3]", "true"])
@pytest.mark.parametrize("ids", [None, range(40)])
def test_a_line_on_no_sample_is_named(path, other, ids):
    journal = Journal(path, ids)
    journal.open(X)
    journal.write([answer(3)])
    journal.close()
    path.write_text(path.read_text().replace('"id": 3', f'"id": {other}'))
    wanted = "row in 0..39" if ids is None else "among ids"
    with pytest.raises(ValueError, match=f"Line 2 of .* is not (a )?{wanted}"):
        Journal(path, ids).open(X)


@pytest.mark.parametrize("verb", ["open", "write"])
def test_a_file_that_may_only_be_read(path, monkeypatch, verb):
    """As root may write to all files, the refusal of the system is played."""
    journal = Journal(path)
    journal.open(X)
    journal.write([answer(3)])
    refusal = PermissionError(13, "Permission denied", str(path))

    def refuse(*_, **__):
        raise refusal

    if verb == "write":
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(PermissionError, match="Nothing of this call was written"):
            journal.write([answer(4)])
    else:
        journal.close()
        monkeypatch.setattr("builtins.open", refuse)
        with pytest.raises(PermissionError, match="Permission denied.*answers.jsonl"):
            journal.open(X)
        assert not journal.is_open
    monkeypatch.undo()
    assert len(Journal(path).to_frame()) == 1


def test_a_folder_that_is_not_there_and_one_in_place_of_the_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Journal(tmp_path / "none" / "a").open(X)
    with pytest.raises((IsADirectoryError, PermissionError)):
        Journal(tmp_path).open(X)


def test_a_closed_journal_writes_nothing(path):
    journal = Journal(path)
    with pytest.raises(ValueError, match="is not open"):
        journal.write([answer(1)])
    journal.open(X)
    assert journal.is_open
    for twin in (copy.deepcopy(journal), pickle.loads(pickle.dumps(journal))):
        assert not twin.is_open and twin.path == path


# ------------------------------------------------------------------ one process

CHILD = """
import sys, time
import numpy as np
from skactive.io import Journal
X = np.random.RandomState(0).normal(size=(40, 3))
journal = Journal(sys.argv[1])
try:
    journal.open(X)
except BlockingIOError as error:
    print("refused", error)
else:
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def child(path, seconds):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_do_not_mix(path):
    journal = Journal(path)
    journal.open(X)
    with child(path, 0) as other:
        assert "refused Another process has Journal" in other.stdout.read()
    journal.write([answer(1)])
    journal.close()
    with child(path, 60) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(BlockingIOError, match="answers of two would mix"):
            Journal(path).open(X)
        assert len(Journal(path).to_frame()) == 1  # reading is free
        other.kill()
    assert len(Journal(path).open(X)) == 1


def test_the_last_to_open_it_in_a_process_has_it(path):
    one, other = Journal(path), Journal(os.path.relpath(path))
    one.open(X)
    other.open(X)
    assert other.is_open and not one.is_open
    other.write([answer(1)])


KILLING = Path(__file__).parents[1] / "measurements" / "kill_sessions.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_kill_at_any_moment_loses_nothing_confirmed():
    """A few here; the script says what it looks at, and is for hundreds."""
    run = subprocess.run(
        [sys.executable, str(KILLING), "--kills", "5"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(skactive.__file__).parents[1])},
    )
    assert run.stdout.endswith("faults: 0\n") and run.returncode == 0, run
    said = re.findall("kills: 5, confirmed: ([0-9]+)", run.stdout)
    assert len(said) == 2 and all(int(n) > 0 for n in said), run.stdout


# ---------------------------------------------------------------------- a table


def test_a_table_shows_what_stands_or_all(path):
    names = [f"n{k}" for k in range(40)]
    learner = ActiveLearner(journal=Journal(path, names), random_state=0).fit(X)
    learner.teach([3, 4, 5], [Y[3], Y[4], None], who="Ada")
    learner.teach([6], [Y[6]], who="Ben", cost=[7.5])
    learner.teach([4], [1 - Y[4]], relabel="replace", who="Ben")
    learner.forget([3])
    learner.teach([8], [Y[8]])
    learner.undo()
    frame = Journal(path, names).to_frame()
    assert frame["id"].tolist() == ["n4", "n5", "n6"]
    assert frame["who"].tolist() == ["Ben", "Ada", "Ben"]
    assert frame["event"].tolist() == ["answer", "skip", "answer"]
    assert frame["answer"].tolist()[0] == 1 - Y[4] and frame["cost"].tolist()[2] == 7.5
    assert str(frame["time"].dt.tz) == "UTC"
    everything = Journal(path).to_frame(history=True)
    kinds = everything["event"].value_counts().to_dict()
    assert kinds["answer"] == 5 and kinds["undo"] == kinds["forget"] == 1


def test_an_empty_journal_is_an_empty_table(path):
    Journal(path).open(X)
    assert Journal(path).to_frame().empty
    assert "id" in Journal(path).to_frame()


def test_the_first_line_says_what_the_file_is(path):
    Journal(path).open(X)
    head = json.loads(path.read_text().splitlines()[0])
    assert head["journal"] == 1 and head["n_samples"] == 40
