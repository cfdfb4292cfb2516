"""PenaltyMatrixDisplay: numbers in their cells, and what they are called."""

import numpy as np
import pytest

from skactive.inspection import PenaltyMatrixDisplay
from skactive.metrics import pairwise_penalty_matrix

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(scope="module")
def scores():
    rng = np.random.RandomState(0)
    gains = np.array([0, 0.1, 0.2])[:, None, None]
    return rng.rand(6, 4) + gains + 0.02 * rng.randn(3, 6, 4)


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
