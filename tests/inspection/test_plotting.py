"""What the displays need of matplotlib: axes, steps of color, plain numbers."""

import sys

import numpy as np
import pytest

from skactive.inspection._plotting import (
    COLORS,
    as_it_is,
    axes_or_new,
    colors_of_rounds,
    line_style,
    plain_numbers,
    spelled_out,
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


# What is seen without the cones for red, or for green, in linear light (Machado et al.
# 2009); each row sums to 1, so that grey stays grey.
SEEN = {
    "all": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


def nearest_pair(colors, seen):
    """Return the least distance (CIELAB) of two colors to an eye of this kind."""
    from matplotlib.colors import to_rgb

    rgb = np.array([to_rgb(color) for color in colors])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ np.transpose(SEEN[seen]), 0, 1)
    to_xyz = [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.95],
    ]
    white = np.sum(to_xyz, axis=1)
    xyz = linear @ np.transpose(to_xyz) / white
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    lab = np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1
    )
    apart = np.linalg.norm(lab[:, None] - lab, axis=-1)
    return apart[np.triu_indices(len(colors), 1)].min()


@pytest.mark.parametrize("seen", SEEN)
def test_colors_can_be_told_apart_by_the_color_blind(seen):
    default = plt.rcParamsDefault["axes.prop_cycle"].by_key()["color"][: len(COLORS)]
    assert nearest_pair(COLORS, seen) > 10
    if seen != "all":
        assert nearest_pair(default, seen) < nearest_pair(COLORS, seen)


def test_no_two_of_many_lines_look_alike():
    styles = [line_style(k) for k in range(84)]
    assert len({(style["color"], style["marker"]) for style in styles}) == 84
    assert len({style["marker"] for style in styles[:12]}) == 12


def test_colors_that_the_user_chose_are_kept():
    with plt.rc_context({"axes.prop_cycle": plt.cycler(color=["red"])}):
        assert "color" not in line_style(0)


def test_short_names_of_a_style_are_spelled_out():
    assert spelled_out({"c": "red", "ms": 9}) == {"color": "red", "markersize": 9}
    assert spelled_out(None) == {}
