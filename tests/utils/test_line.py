"""One line that is written over."""

from types import SimpleNamespace

import pytest

from skactive.utils import _line
from skactive.utils._line import Line, TimeLeft, bar, in_words, written_over


def test_a_terminal_has_one_line_and_every_letter_of_the_longer_is_gone(terminal):
    line = Line()
    line.at("a detail of nothing")
    line.reached("a long head")
    line.reached("short")
    terminal.clock[0] += 1
    line.at("detail")
    line.end()
    assert terminal.text == (
        "a long head\rshort      \rshort | detail\rshort         \n"
    )


def test_a_file_has_a_line_for_each_head_and_no_details(capsys):
    line = Line()
    line.reached("a long head")
    line.last = -10.0
    line.at("detail")
    line.reached("short")
    line.end()
    assert capsys.readouterr().err == "a long head\nshort\n"


def test_what_must_be_read_stays(terminal):
    line = Line()
    line.reached("failed", keep=True)
    line.reached("next")
    assert terminal.text == "failed\nnext\r"


def test_a_line_is_cut_where_a_terminal_would_break_it(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    line = Line()
    line.reached("x" * 50)
    line.reached("x" * 50, keep=True)
    assert terminal.text == "x" * 19 + "\r" + "x" * 50 + "\n"


def test_a_notebook_is_written_over_too(monkeypatch):
    stream = type("OutStream", (), {"isatty": lambda self: False})
    monkeypatch.setattr(_line, "sys", SimpleNamespace(stderr=stream()))
    assert not written_over()
    stream.__module__ = "ipykernel.iostream"
    assert written_over()


@pytest.mark.parametrize(
    "share, full", [(-0.1, 0), (0, 0), (0.999, 19), (1, 20), (1.3, 20), (0.15, 3)]
)
def test_a_bar_is_full_only_at_the_end(share, full):
    assert bar(share) == "[" + "#" * full + "-" * (20 - full) + "]"


def test_the_time_left_is_told_from_the_second_news_on(terminal):
    left = TimeLeft()
    terminal.clock[0] = 100.0
    assert left(0.2) == ""
    terminal.clock[0] = 130.0
    assert left(0.5) == ", 50 s left"  # .3 took 30 s
    terminal.clock[0] = 180.0
    assert left(1) == ""
    assert [in_words(t) for t in (0.2, 59.4, 119, 150, 7201)] == [
        "1 s",
        "60 s",
        "119 s",
        "2 min",
        "2 h",
    ]
