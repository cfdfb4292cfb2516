"""What the displays need of matplotlib: axes, steps of color, plain numbers."""

import sys

import numpy as np
import pytest

from skactive.inspection._plotting import (
    as_it_is,
    axes_or_new,
    colors_of_rounds,
    plain_numbers,
)

plt = pytest.importorskip("matplotlib.pyplot")


def test_given_axes_are_taken_and_no_figure_is_made():
    _, ax = plt.subplots()
    assert axes_or_new(ax) is ax
    assert len(plt.get_fignums()) == 1


def test_without_axes_a_figure_is_made_for_each_call():
    one, two = axes_or_new(None), axes_or_new(None)
    assert one.figure is not two.figure
    assert one.figure.get_layout_engine() is not None


@pytest.mark.parametrize("given", [False, True])
def test_without_matplotlib_the_extra_is_named(given, monkeypatch):
    ax = plt.subplots()[1] if given else None
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r'pip install "skactive\[plot\]"'):
        axes_or_new(ax)


@pytest.mark.parametrize("n_rounds", [1, 3, 20])
def test_few_rounds_are_steps_from_one_end_of_the_colors_to_the_other(n_rounds):
    colors = colors_of_rounds("viridis", n_rounds)
    assert n_rounds == colors.N
    whole = plt.get_cmap("viridis")
    np.testing.assert_allclose(colors(0.0), whole(0.0))
    if n_rounds > 1:
        np.testing.assert_allclose(colors(1.0), whole(1.0))


@pytest.mark.parametrize("n_rounds", [0, 21])
def test_no_round_and_many_rounds_have_the_whole_map(n_rounds):
    whole = plt.get_cmap("plasma")
    assert colors_of_rounds(whole, n_rounds) is whole
    assert colors_of_rounds("plasma", n_rounds).N == whole.N


def test_a_map_of_ones_own_is_cut_in_steps_too():
    assert colors_of_rounds(plt.get_cmap("gray"), 4).N == 4


def test_counts_are_written_in_full_and_only_at_one_two_and_five():
    ax = plt.subplots()[1]
    ax.plot([10, 1000], [0, 1])
    ax.set_xscale("log")
    plain_numbers(ax.xaxis)
    ax.figure.canvas.draw()
    words = [label.get_text() for label in ax.get_xticklabels()]
    low, high = ax.get_xlim()
    ticks = [t for t in ax.get_xticks() if low <= t <= high]
    assert ticks == [10, 20, 50, 100, 200, 500, 1000]
    assert {"10", "20", "50", "100", "200", "500", "1000"} <= set(words)


def test_a_short_range_has_no_words_between_the_counts():
    # Less than a decade, and matplotlib would write 3 and 4 as powers.
    ax = plt.subplots()[1]
    ax.plot([10, 45], [0, 1])
    ax.set_xscale("log")
    plain_numbers(ax.xaxis)
    ax.figure.canvas.draw()
    assert len(ax.get_xticks(minor=True))
    assert not any(label.get_text() for label in ax.get_xticklabels(minor=True))


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain name", "plain name"),
        ("$a_b$", r"\$a_b\$"),
        ("5 $", r"5 \$"),
        ("_hidden", " _hidden"),
        ("a_b", "a_b"),
    ],
)
def test_a_text_is_drawn_letter_by_letter(text, shown):
    assert as_it_is(text) == shown
