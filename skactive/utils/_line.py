"""One line on stderr that says how far a run is."""

import math
import shutil
import sys
import time

WIDTH = 20  # of a bar
PAUSE = 0.1  # seconds between two details: a terminal is slower than a net of few rows


class Line:
    """A line that is written over where that is possible, else one per piece of news.

    The head is what a run has reached; details, what it is at, stand behind it, and
    only where they can be written over: a log of them would hide the heads.
    """

    def __init__(self):
        self.head, self.length, self.last = None, 0, -math.inf

    def reached(self, text, keep=False):
        """Write a new head; ``keep`` leaves it there, and the next is a line below."""
        self.head = text
        self._write(text, keep=keep or not written_over())
        self.last = time.monotonic()

    def at(self, text):
        """Write a detail behind the head; without a head there is nothing it is of."""
        now = time.monotonic()
        if self.head is None or not written_over() or now < self.last + PAUSE:
            return
        self.last = now
        self._write(f"{self.head} | {text}", keep=False)

    def end(self):
        """Leave the last head where it is."""
        if self.head is not None and written_over():
            self._write(self.head, keep=True)
        self.head = None

    def _write(self, text, keep):
        if not keep:  # a line that is broken over two is not written over
            text = text[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write(text.ljust(self.length) + ("\n" if keep else "\r"))
        sys.stderr.flush()
        self.length = 0 if keep else len(text)


def written_over():
    """Tell whether stderr is a terminal or a notebook, where a line can be replaced."""
    return sys.stderr.isatty() or type(sys.stderr).__module__.startswith("ipykernel")


def bar(share):
    """Return a bar of ASCII letters, which every terminal has."""
    full = math.floor(WIDTH * min(max(share, 0), 1) + 1e-9)
    return f"[{'#' * full}{'-' * (WIDTH - full)}]"


class TimeLeft:
    """What is left, from how long what was done has taken."""

    def __init__(self):
        self.begun = None

    def __call__(self, share):
        """Return ", 12 s left", or nothing where it cannot be told yet."""
        now = time.monotonic()
        if self.begun is None:
            self.begun = now, share
        elapsed, done = now - self.begun[0], share - self.begun[1]
        if done <= 0 or share >= 1:
            return ""
        return f", {in_words(elapsed / done * (1 - share))} left"


def in_words(seconds):
    """Return a time as people say it."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(math.ceil(seconds), 1)} s"
