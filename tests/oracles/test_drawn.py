"""What a panel shows: texts without their markup, pictures, what a function prints."""

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from skactive.oracles import ShowImage, ShowText
from skactive.oracles._drawn import drawn, let_go

widgets = pytest.importorskip("ipywidgets")

TABLE = pd.DataFrame({"age": [30, 40], "city": ["Rome", "<Oslo>"]})


@pytest.mark.parametrize(
    ("show", "x", "expected"),
    [
        (None, "one <two>", "row 1\none &lt;two&gt;"),
        (None, TABLE.iloc[1], "age: 40\ncity: &lt;Oslo&gt;"),
        (ShowText(["city"]), TABLE.iloc[1], "row 1\ncity: &lt;Oslo&gt;"),
        (None, np.array([1.5, 2.5]), "[1.5 2.5]"),
        (None, sparse.csr_matrix([[0.0, 2.5]]), "2.5"),
        (None, [["a", "b"]], "a"),
    ],
)
def test_texts(show, x, expected):
    value = drawn(widgets, show, 1, x).value
    assert expected in value and "<Oslo>" not in value


@pytest.mark.parametrize(
    ("show", "x"),
    [
        (None, np.eye(5)),
        (None, np.ones((3, 5, 7))),
        (None, np.eye(5).tolist()),
        (ShowImage((8, 8)), np.arange(64.0)),
    ],
)
def test_pictures(show, x):
    plt = pytest.importorskip("matplotlib.pyplot")
    before = plt.get_fignums()
    shown = drawn(widgets, show, 1, x)
    assert bytes(shown.value).startswith(b"\x89PNG") and plt.get_fignums() == before
    assert shown.layout.align_self == "flex-start"  # not stretched to the page


def test_a_picture_is_drawn_where_one_wants_it():
    plt = pytest.importorskip("matplotlib.pyplot")
    figure, ax = plt.subplots()
    drawn(widgets, ShowImage(ax=ax), 4, np.eye(5))
    assert ax.get_title() == "row 4"
    plt.close(figure)


def test_what_a_function_shows_is_kept_in_a_widget_and_its_error_is_raised():
    seen = []
    assert isinstance(
        drawn(widgets, lambda *given: seen.append(given), 1, "x"), widgets.Output
    )
    assert seen == [(1, "x")]
    with pytest.raises(ZeroDivisionError):
        drawn(widgets, lambda row, x: 1 / 0, 1, "x")


def test_a_widget_is_let_go_with_its_parts():
    from ipywidgets.widgets import widget

    before = len(widget._instances)
    let_go([widgets.Button(), widgets.HTML("x"), drawn(widgets, None, 1, "x")])
    assert len(widget._instances) == before


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "skactive\[plot\]"'):
        drawn(widgets, None, 1, np.eye(5))
