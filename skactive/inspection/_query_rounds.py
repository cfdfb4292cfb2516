"""The rounds of a QueryDisplay one by one: small pictures, or a film."""

from pathlib import Path

import numpy as np

from skactive.inspection._plotting import axes_or_new, grid_or_new

#: Small pictures in one figure if nothing is said, and those side by side.
MOST, COLUMNS = 12, 4

_NEW = {"facecolor": "none", "edgecolor": "tab:red", "linewidth": 1.3, "s": 80}

#: Who writes which files, and what to do where that is not there.
PILLOW = (".gif", ".png", ".webp")
FFMPEG = (".mp4", ".m4v", ".mov", ".mkv", ".avi", ".webm")
REMEDIES = {
    "pillow": "pip install pillow",
    "ffmpeg": "install the program ffmpeg (conda install ffmpeg; apt install ffmpeg), "
    "or save a .gif, which Pillow writes",
}


def plot_rounds(display, rounds, axes, cmap):
    """Draw one small picture for each round; ``QueryDisplay.plot_rounds``."""
    rounds = _checked_rounds(rounds, display._n_rounds)
    n_columns = len(rounds) if axes is not None else min(COLUMNS, len(rounds))
    n_rows = -(-len(rounds) // n_columns)
    size = (2.5 * n_columns + 0.8, 2.5 * n_rows + 0.3)
    display.axes_ = grid_or_new(axes, n_rows, n_columns, size)
    display.figure_ = display.axes_[0, 0].figure
    asked = []
    for k, panel in enumerate(display.axes_.flat):
        if k >= len(rounds):
            panel.set_axis_off()
            continue
        asked = _draw_round(display, panel, rounds[k], cmap) or asked
    display.colorbar_ = display._colorbar(asked, display.axes_.ravel().tolist())
    return display


def animate(display, filename, ax, cmap, interval):
    """Show the rounds one after another; ``QueryDisplay.animate``."""
    ax = axes_or_new(ax)  # says what to install where matplotlib is missing
    from matplotlib.animation import FuncAnimation

    writer = None if filename is None else _writer_of(filename)
    display.figure_ = ax.figure
    asked = _draw_round(display, ax, display._n_rounds, cmap)
    display.colorbar_ = display._colorbar(asked, ax)
    limits = ax.get_xlim(), ax.get_ylim()

    def draw(k):
        ax.clear()
        _draw_round(display, ax, k, cmap)
        display._legend()
        ax.set(xlim=limits[0], ylim=limits[1])
        return ax.collections

    film = FuncAnimation(
        display.figure_,
        draw,
        frames=display._n_rounds + 1,
        init_func=lambda: draw(0),
        interval=interval,
        repeat_delay=2 * interval,
    )
    if filename is not None:
        film.save(filename, writer=writer, fps=1000 / interval)
    return film


def _draw_round(display, ax, k, cmap):
    """Draw what was known after a round, and ring what is new."""
    display.ax_ = ax
    asked = display._draw(cmap, until=k)
    new = np.asarray(display.labeled_iter) == k
    if k > 0:
        ax.scatter(*display.embedding[new].T, **_NEW)
    known = np.asarray(display.labeled_iter)
    n_known = int(np.sum((known >= 0) & (known <= k)))
    ax.set_title(f"round {k}: {n_known} labels", fontsize="medium")
    ax.set(xticks=[], yticks=[])
    return asked


def _checked_rounds(rounds, n_rounds):
    """Return which rounds are drawn, as integers."""
    if rounds is None:
        n = min(MOST, n_rounds + 1)
        return np.linspace(0, n_rounds, n).round().astype(int)
    rounds = np.asarray(rounds)
    whole = rounds.ndim == 1 and rounds.size and rounds.dtype.kind in "iu"
    if not whole or rounds.min() < 0 or rounds.max() > n_rounds:
        raise ValueError(
            f"rounds must be whole numbers from 0, the beginning, to {n_rounds}, the "
            f"last round; got {rounds.tolist()!r}."
        )
    return rounds


def _writer_of(filename):
    """Return the name of the writer of a file, or say what to install."""
    from matplotlib.animation import writers

    ending = Path(filename).suffix.lower()
    if ending not in PILLOW + FFMPEG:
        raise ValueError(
            f"animate cannot write {ending or 'a file without an ending'}; take one of "
            f"{', '.join(PILLOW + FFMPEG)}."
        )
    writer = "pillow" if ending in PILLOW else "ffmpeg"
    if not writers.is_available(writer):
        raise ImportError(
            f"animate needs {writer} to write {ending}, and it is not there: "
            f"{REMEDIES[writer]}."
        )
    return writer
