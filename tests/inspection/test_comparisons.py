"""Displays of penalty matrices and of ranks: what they hold and what they draw."""

import sys

import numpy as np
import pytest

from skactive.inspection import CriticalDifferenceDisplay, PenaltyMatrixDisplay
from skactive.metrics import critical_difference_ranks, pairwise_penalty_matrix

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def scores():
    rng = np.random.RandomState(0)
    gains = np.array([0, 0.1, 0.2])[:, None, None]
    return rng.rand(6, 4) + gains + 0.02 * rng.randn(3, 6, 4)


# ------------------------------------------------------------- PenaltyMatrixDisplay

MATRIX = [[0, 0.25, 0], [1.5, 0, 0.75], [0, 0.125, 0]]
NAMES = ["random", "margin", "core set"]


def texts(display):
    return [
        [None if text is None else text.get_text() for text in row]
        for row in display.text_
    ]


def test_numbers_stand_in_their_cells_and_column_means_below():
    display = PenaltyMatrixDisplay(matrix=MATRIX, names=NAMES).plot()
    assert texts(display) == [
        [None, "0.25", "0.00"],
        ["1.50", None, "0.75"],
        ["0.00", "0.12", None],
        ["0.50", "0.12", "0.25"],
    ]
    for (i, j), text in np.ndenumerate(display.text_):
        assert text is None or text.get_position() == (j, i)
    assert display.im_.get_array().tolist() == [*MATRIX, [0.5, 0.125, 0.25]]


def test_rows_and_columns_are_named_and_the_title_says_the_direction():
    display = PenaltyMatrixDisplay(matrix=MATRIX, names=NAMES).plot()
    ax = display.ax_
    assert [label.get_text() for label in ax.get_xticklabels()] == NAMES
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows == [*NAMES, "column mean"]
    assert "row beats the column" in ax.get_title()


def test_light_numbers_on_dark_cells():
    display = PenaltyMatrixDisplay(matrix=MATRIX, names=NAMES).plot()
    assert display.text_[1, 0].get_color() == "white"
    assert display.text_[0, 2].get_color() == "black"


def test_colors_end_at_the_largest_entry_or_where_told():
    display = PenaltyMatrixDisplay(matrix=MATRIX, names=NAMES)
    assert display.plot().im_.get_clim() == (0, 1.5)
    assert display.plot(vmax=4).im_.get_clim() == (0, 4)
    nothing = PenaltyMatrixDisplay(matrix=np.zeros((2, 2)), names="ab")
    assert nothing.plot().im_.get_clim() == (0, 1)


def test_matrix_from_scores_is_that_of_the_metric(scores):
    display = PenaltyMatrixDisplay.from_scores(
        [scores, scores], names=NAMES, alpha=0.01, correction="holm", checkpoints=[1, 2]
    )
    expected = pairwise_penalty_matrix(
        [scores, scores], alpha=0.01, correction="holm", checkpoints=[1, 2]
    )
    assert expected.sum() > 0
    assert display.matrix.tolist() == expected.tolist()
    assert display.plot().text_[2, 0].get_text() == f"{expected[2, 0]:.2f}"


def test_matrix_from_a_result_is_its_own():
    class Result:
        strategies = ["a", "b"]

        def penalty_matrix(self, *, alpha=0.05):
            return np.array([[0, alpha], [0, 0]])

    display = PenaltyMatrixDisplay.from_result(Result(), alpha=0.5)
    assert display.names == ["a", "b"]
    assert display.matrix.tolist() == [[0, 0.5], [0, 0]]


@pytest.mark.parametrize(
    ("matrix", "names"),
    [
        (MATRIX, ["a", "b"]),
        ([[0, 1, 0], [0, 0, 0]], ["a", "b"]),
        (np.zeros((0, 0)), []),
    ],
)
def test_a_matrix_that_does_not_fit_its_names_is_refused(matrix, names):
    with pytest.raises(ValueError, match="must be square"):
        PenaltyMatrixDisplay(matrix=matrix, names=names).plot()


# -------------------------------------------------------- CriticalDifferenceDisplay


def ranked(**params):
    return CriticalDifferenceDisplay(
        ranks=[3.25, 1.5, 3.75, 1.5],
        names=["random", "margin", "core set", "entropy"],
        **params,
    )


def test_names_carry_their_ranks_best_at_the_left():
    display = ranked().plot()
    words = [text.get_text() for text in display.text_]
    assert words == ["3.25  random", "margin  1.50", "3.75  core set", "entropy  1.50"]
    side = [text.get_position()[0] for text in display.text_]
    assert side[1] == side[3] < 1 and side[0] == side[2] > 4
    # The outermost are the highest, so that no line crosses a name.
    height = [-text.get_position()[1] for text in display.text_]
    assert height[1] > height[3] and height[2] > height[0]


def test_no_two_names_share_a_place():
    for n in (2, 3, 7, 12):
        display = CriticalDifferenceDisplay(
            ranks=np.arange(n) + 1.0, names=[str(i) for i in range(n)]
        ).plot()
        assert len({text.get_position() for text in display.text_}) == n


def test_bars_reach_from_the_first_to_the_last_of_a_group_with_a_dot_on_each():
    display = ranked(groups=[(1, 3), (3, 0, 2)]).plot()
    first, second = display.bars_
    assert first.get_xdata().tolist() == [1.5, 1.5]
    assert second.get_xdata().tolist() == [1.5, 3.25, 3.75]
    assert second.get_marker() == "o"
    assert set(first.get_ydata()).isdisjoint(second.get_ydata())


def test_scale_is_all_ranks_and_line_kwargs_reach_the_bars():
    display = ranked(groups=[(1, 3)]).plot(line_kwargs={"color": "red"})
    assert display.ax_.get_xlim() == (1, 4)
    assert display.ax_.get_xticks().tolist() == [1, 2, 3, 4]
    assert display.bars_[0].get_color() == "red"


def drawn_words(display):
    return " | ".join(text.get_text() for text in display.ax_.texts)


def test_critical_difference_is_drawn_at_its_length():
    display = ranked(critical_difference=1.25).plot()
    assert "critical difference 1.25" in drawn_words(display)
    lengths = [np.ptp(line.get_xdata()) for line in display.ax_.lines]
    assert 1.25 in lengths
    assert "critical" not in drawn_words(ranked().plot())


def areas(n_settings, gap):
    rng = np.random.RandomState(0)
    return (
        0.5
        + rng.rand(n_settings, 1) / 5
        + np.array([0, gap, gap])
        + (0.01 * rng.randn(n_settings, 3))
    )


@pytest.mark.parametrize(
    ("n_settings", "gap", "method", "words"),
    [
        (12, 0.1, "wilcoxon-holm", "bars: not separated by Wilcoxon–Holm at 0.05"),
        (12, 0.1, "nemenyi", "bars: not separated by Nemenyi at 0.05"),
        (12, 0.0, "nemenyi", "no difference shown, pairs not compared"),
        (5, 0.1, "wilcoxon-holm", "too few for Wilcoxon–Holm to separate any pair"),
    ],
)
def test_the_note_says_what_the_bars_mean(n_settings, gap, method, words):
    data = areas(n_settings, gap)
    display = CriticalDifferenceDisplay.from_areas(data, names="abc", method=method)
    ranks = critical_difference_ranks(data, method=method)
    assert display.ranks.tolist() == ranks.mean_ranks.tolist()
    assert display.groups == ranks.groups
    assert display.critical_difference == ranks.critical_difference
    text = drawn_words(display.plot())
    assert f"{n_settings} settings, Friedman p = {ranks.p_value:.2g}" in text
    assert words in text


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"ranks": [1, 2], "names": ["a"]}, "one entry per strategy"),
        ({"ranks": [1], "names": ["a"]}, "two or more"),
        ({"ranks": [[1, 2]], "names": ["a"]}, "one entry per strategy"),
        ({"ranks": [1, 2], "names": "ab", "groups": [(0, 2)]}, "from 0 to 1"),
    ],
)
def test_ranks_that_do_not_fit_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        CriticalDifferenceDisplay(**params).plot()


# ---------------------------------------------------------------------------- both


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
