"""CriticalDifferenceDisplay: names, ranks, bars, and the note below."""

import numpy as np
import pytest

from skactive.inspection import CriticalDifferenceDisplay
from skactive.metrics import critical_difference_ranks

plt = pytest.importorskip("matplotlib.pyplot")


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
