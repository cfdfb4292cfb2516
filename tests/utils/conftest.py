"""A terminal to write on."""

import io
from types import SimpleNamespace

import pytest

from skactive.utils import _line


class Terminal(io.StringIO):
    """A stderr that can be written over, and the time that its lines are told."""

    def __init__(self):
        super().__init__()
        self.clock = [1000.0]

    def isatty(self):
        return True

    @property
    def text(self):
        return self.getvalue()

    def lines(self):
        return self.text.replace("\r", "\n").splitlines()


@pytest.fixture
def terminal(monkeypatch):
    terminal = Terminal()
    # Not those of all: pytest puts its own stderr back before a test is called.
    monkeypatch.setattr(_line, "sys", SimpleNamespace(stderr=terminal))
    now = SimpleNamespace(monotonic=lambda: terminal.clock[0])
    monkeypatch.setattr(_line, "time", now)
    return terminal
