"""What the displays need of matplotlib, loaded when something is drawn."""

import numpy as np

# Okabe and Ito's, told apart by those who see no red or no green; without their yellow,
# which is faint on white.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#000000")
# As many that no common divisor repeats a color with its marker before 84 lines.
MARKERS = "os^vD<>PX*hp"


def axes_or_new(ax):
    """Return the given axes, or those of a new figure."""
    plt = _pyplot()
    return plt.subplots(layout="constrained")[1] if ax is None else ax


def grid_or_new(axes, n_rows, n_columns, size):
    """Return the given axes as a grid, or those of a new figure of this size."""
    plt = _pyplot()
    if axes is None:
        kind = {"squeeze": False, "figsize": size, "layout": "constrained"}
        return plt.subplots(n_rows, n_columns, **kind)[1]
    axes = np.asarray(axes, dtype=object)
    if axes.size != n_rows * n_columns:
        raise ValueError(
            f"ax holds {axes.size} axes, and {n_rows} rows of {n_columns} pictures are "
            f"drawn; pass {n_rows * n_columns}, or ax=None."
        )
    return axes.reshape(n_rows, n_columns)


def _pyplot():
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            'Drawing needs matplotlib: pip install "skactive[plot]".'
        ) from error
    return plt


def line_style(k):
    """Return color and marker of line ``k``; no color where the user chose a cycle."""
    from matplotlib import rcParams, rcParamsDefault

    style = {"marker": MARKERS[k % len(MARKERS)], "markersize": 4}
    if rcParams["axes.prop_cycle"] == rcParamsDefault["axes.prop_cycle"]:
        style["color"] = COLORS[k % len(COLORS)]
    return style


def spelled_out(line_kwargs):
    """Return what a line is given under its full names: ``color`` for ``c``."""
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.lines import Line2D

    return normalize_kwargs(line_kwargs, Line2D)


def colors_of_rounds(cmap, n_rounds):
    """Return a color map in as many steps as there are rounds, if they are few."""
    from matplotlib import colormaps

    cmap = colormaps[cmap] if isinstance(cmap, str) else cmap
    return cmap.resampled(n_rounds) if 0 < n_rounds <= 20 else cmap


def plain_numbers(axis):
    """Write 10, 20, 50, 100 on a logarithmic axis: label counts, not powers."""
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(ScalarFormatter())
    axis.set_minor_formatter(NullFormatter())


def as_it_is(text):
    """Return a text that matplotlib draws letter by letter.

    Between two dollar signs it sees a formula, and a legend leaves out what begins
    with an underscore.
    """
    text = text.replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text
