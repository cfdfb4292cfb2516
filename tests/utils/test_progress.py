"""How far a long pass is."""

import threading

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from skactive import progress
from skactive.diversity import CoreSet
from skactive.uncertainty import MarginSampling
from skactive.utils import _pool, _progress
from skactive.utils._pool import Pool
from skactive.utils._progress import counter, run_line, step_done

X = np.random.RandomState(0).normal(size=(100, 3))
y = (X[:, 0] > 0).astype(int)


@pytest.fixture
def blocks_of_40(monkeypatch):
    monkeypatch.setattr(_pool, "block_size", lambda X: 40)
    monkeypatch.setattr(_progress, "STEP", 10)


def told(act):
    seen = []
    with progress(lambda *news: seen.append(news)):
        act()
    return seen


def test_scores_and_embeddings_report_each_block(blocks_of_40):
    whole = [(40, 100), (80, 100), (100, 100)]
    strategy = MarginSampling(LogisticRegression()).fit(X[:20], y[:20], X)
    assert told(lambda: strategy.query()) == whole
    embedding = FunctionTransformer(np.abs)
    assert told(lambda: CoreSet(embedding).fit(X)) == whole
    learned = [(39, 98), (78, 98), (98, 98)]  # of what is left beside two labels
    known = Pool(X, np.delete(np.arange(100), [3, 50]))
    strategy.fit(X[:20], y[:20], known)
    assert told(lambda: strategy.query()) == learned


def test_one_block_is_short_and_no_listener_hears_nothing(capsys):
    strategy = MarginSampling(LogisticRegression()).fit(X[:20], y[:20], X)
    assert told(lambda: strategy.query()) == []
    strategy.query()
    assert capsys.readouterr() == ("", "")


def test_without_a_listener_a_line_is_written_on_stderr(blocks_of_40, capsys):
    with progress():
        list(Pool(np.zeros(4000)).blocks(1999))
    out, err = capsys.readouterr()
    lines = "1,999 of 4,000 samples\r3,998 of 4,000 samples\r4,000 of 4,000 samples\n"
    assert (out, err) == ("", lines)


def test_a_pass_within_a_run_is_a_detail_of_its_line(blocks_of_40, terminal):
    def read():
        list(Pool(X).blocks())

    with progress(), run_line() as write:
        write("first")
        terminal.clock[0] += 1
        read()
        with run_line() as inner:  # a learner of a strategy, or of a benchmark
            terminal.clock[0] += 1
            inner("a run within")
        step_done("epoch", 1, 2)  # at once: a terminal is not to be flooded
        terminal.clock[0] += 1
        step_done("epoch", 2, 2)
        write("second")
    assert [line.rstrip() for line in terminal.lines()] == [
        "first",
        "first | 40 of 100 samples",
        "first | a run within",
        "first | epoch 2 of 2",
        "second",
        "second",
    ]
    assert terminal.text.endswith("second\n")


def test_runs_and_steps_are_silent_where_nobody_looks(capsys):
    with run_line() as write:
        assert write is None
    with run_line(wanted=True) as write:
        write("told")
    step_done("epoch", 1, 2)
    with progress(lambda done, total: None), run_line() as write:
        assert write is None
        step_done("epoch", 1, 2)
    assert capsys.readouterr() == ("", "told\n")


def test_an_error_leaves_the_line_and_the_next_run_has_its_own(capsys):
    with progress():
        for name in "ab":
            with pytest.raises(KeyboardInterrupt), run_line() as write:
                write(name)
                raise KeyboardInterrupt
    assert capsys.readouterr().err == "a\nb\n"


def test_what_is_counted_within_a_block_belongs_to_the_whole(blocks_of_40):
    def read():
        for block in Pool(X).blocks():
            count = counter(len(block.X))
            for _ in block.X:
                count(1)

    assert told(read) == [(n, 100) for n in (10, 20, 30, 40, 40, 50, 60, 70, 80)] + [
        (80, 100),
        (90, 100),
        (100, 100),
        (100, 100),
    ]
    alone = told(lambda: [count(7) for count in [counter(21)] for _ in range(3)])
    assert alone == [(14, 21), (21, 21)]
    assert told(lambda: counter(10)(10)) == []


def test_threads_of_one_pass_are_counted_together(blocks_of_40):
    def read():
        count = counter(40)
        parts = [threading.Thread(target=count, args=(10,)) for _ in range(4)]
        [part.start() for part in parts]
        [part.join() for part in parts]

    assert told(read) == [(10, 40), (20, 40), (30, 40), (40, 40)]


def test_an_error_ends_the_pass_and_the_next_begins_anew(blocks_of_40):
    def stop(done, total):
        raise RuntimeError("enough")

    with progress(stop), pytest.raises(RuntimeError, match="enough"):
        list(Pool(X).blocks())
    seen = []
    with progress(lambda *news: seen.append(news)):
        with pytest.raises(ValueError, match="broken"):
            for _ in Pool(X).blocks():
                raise ValueError("broken")
        list(Pool(X).blocks())
        with progress(lambda *news: None):
            list(Pool(X).blocks())
    assert seen == [(40, 100), (80, 100), (100, 100)]
