"""Samples in widgets of a notebook."""

import html
import io

import numpy as np
from sklearn.base import clone

from skactive.oracles._shows import ShowImage, ShowText


def drawn(widgets, show, row, x):
    """Return a widget in which a sample is shown.

    Parameters
    ----------
    widgets : module
        ipywidgets.
    show : callable or None
        ``show(row, x)``; None: pictures are drawn, the rest is text.
    row : int
        The row.
    x : object
        The sample.

    Returns
    -------
    widget : ipywidgets.Widget
        A picture, a text, or what ``show`` prints and draws.
    """
    if show is None:
        show = ShowImage() if np.ndim(x) in (2, 3) and _numbers(x) else ShowText()
    if isinstance(show, ShowText):
        said = []
        clone(show).set_params(output_fn=said.append)(row, x)
        text = html.escape("\n".join(said))
        return widgets.HTML(f"<div style='white-space: pre-wrap'>{text}</div>")
    if isinstance(show, ShowImage):
        layout = widgets.Layout(align_self="flex-start", max_width="100%")
        return widgets.Image(value=_png(show, row, x), format="png", layout=layout)
    output, errors = widgets.Output(), []
    with output:  # keeps errors to itself
        try:
            show(row, x)
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return output


def _png(show, row, x):
    """Return a picture as the bytes of a file, drawn without a window."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'Pictures are drawn with matplotlib: pip install "skactive[plot]".'
        ) from error
    ax = show.ax
    if ax is None:
        ax = Figure(figsize=(4, 4), layout="constrained").add_subplot()
    ShowImage(show.shape, cmap=show.cmap, ax=ax)(row, x)
    file = io.BytesIO()
    ax.figure.savefig(file, format="png")
    return file.getvalue()


def _numbers(x):
    return (
        np.asarray(x.detach().cpu() if hasattr(x, "detach") else x).dtype.kind in "uifb"
    )


def let_go(widgets):
    """Let go of widgets, which are kept for ever otherwise, and of their parts."""
    for widget in widgets:
        for part in (widget.layout, getattr(widget, "style", None), widget):
            if part is not None:
                part.close()
