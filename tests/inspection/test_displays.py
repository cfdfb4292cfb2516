"""What all displays have in common: given axes, saved pictures, no matplotlib."""

import sys

import numpy as np
import pytest

from skactive.inspection import (
    CriticalDifferenceDisplay,
    LearningCurveDisplay,
    PenaltyMatrixDisplay,
    QueryDisplay,
)

plt = pytest.importorskip("matplotlib.pyplot")

MATRIX = [[0, 0.25, 0], [1.5, 0, 0.75], [0, 0.125, 0]]
NAMES = ["random", "margin", "core set"]


def ranked(**params):
    return CriticalDifferenceDisplay(
        ranks=[3.25, 1.5, 3.75, 1.5],
        names=["random", "margin", "core set", "entropy"],
        **params,
    )


def test_given_axes_are_drawn_on(seeds, digits):
    figure, axes = plt.subplots(1, 2)
    curves = LearningCurveDisplay.from_learner(seeds, *digits[2:]).plot(axes[0])
    queries = QueryDisplay.from_learner(seeds["margin"][0], digits[0]).plot(axes[1])
    assert curves.ax_ is axes[0] and queries.ax_ is axes[1]
    assert curves.figure_ is queries.figure_ is figure


def test_missing_matplotlib_names_the_extra(blobs, monkeypatch):
    X, _, learner = blobs
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    curve = LearningCurveDisplay(n_labeled=[[1, 2]], scores=[[0, 1]])
    for display in (curve, QueryDisplay.from_learner(learner, X)):
        with pytest.raises(ImportError, match=r'pip install "skactive\[plot\]"'):
            display.plot()


@pytest.mark.parametrize(
    "display",
    [PenaltyMatrixDisplay(matrix=MATRIX, names=NAMES), ranked()],
    ids=["matrix", "ranks"],
)
def test_drawn_on_given_axes_and_returned(display):
    figure, (left, right) = plt.subplots(1, 2)
    size = figure.get_size_inches().tolist()
    assert display.plot(right) is display
    assert display.ax_ is right and display.figure_ is figure
    assert not left.texts and right.texts
    assert figure.get_size_inches().tolist() == size
    figure.canvas.draw()
    assert display.plot().figure_ is not figure


@pytest.mark.parametrize(
    "display",
    [PenaltyMatrixDisplay(matrix=MATRIX, names=NAMES), ranked()],
    ids=["matrix", "ranks"],
)
def test_without_matplotlib_the_error_says_what_to_install(display, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"skactive\[plot\]"):
        display.plot()


@pytest.mark.parametrize("n", [3, 8])
def test_nothing_is_cut_off_a_saved_picture(n):
    names = [f"QuiteALongStrategyName{i}" for i in range(n)]
    rng = np.random.RandomState(0)
    for display in (
        PenaltyMatrixDisplay(matrix=rng.rand(n, n), names=names),
        CriticalDifferenceDisplay(
            ranks=rng.permutation(n) + 1.0, names=names, groups=[(0, 1), (1, 2)]
        ),
    ):
        display.plot()
        display.figure_.canvas.draw()
        page = display.figure_.bbox
        labels = [*display.ax_.texts, *display.ax_.get_xticklabels()]
        for text in [*labels, *display.ax_.get_yticklabels()]:
            box = text.get_window_extent()
            assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, text.get_text()
            assert page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, text.get_text()
