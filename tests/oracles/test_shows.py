"""What a person is shown: pictures of every layout, texts, rows of tables."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skactive.oracles import ShowImage, ShowText
from skactive.oracles._shows import as_picture

RNG = np.random.RandomState(0)


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [
        ((5, 7), (5, 7)),
        ((1, 5, 7), (5, 7)),
        ((5, 7, 1), (5, 7)),
        ((3, 5, 7), (5, 7, 3)),
        ((5, 7, 3), (5, 7, 3)),
        ((4, 5, 7), (5, 7, 4)),
        ((3, 5, 3), (3, 5, 3)),  # either; taken as it is
    ],
)
@pytest.mark.parametrize("dtype", [np.uint8, float])
def test_pictures_of_every_layout(shape, drawn, dtype):
    assert as_picture((RNG.rand(*shape) * 200).astype(dtype)).shape == drawn


def test_floats_are_stretched_to_what_a_screen_shows():
    picture = as_picture(RNG.normal(size=(3, 5, 7)))
    assert picture.min() == 0 and picture.max() == 1
    unit = RNG.rand(5, 7, 3)
    np.testing.assert_array_equal(as_picture(unit), unit)


@pytest.mark.parametrize(
    ("x", "shape", "match"),
    [
        (np.zeros(64), None, r"of shape \(64,\).*say shape="),
        (np.zeros((2, 5, 7)), None, "1, 3 or 4 channels"),
        (np.zeros(64), (8, 9), "has 64 numbers"),
        (np.array([["a"]]), None, "got <U1"),
    ],
)
def test_what_is_no_picture_is_said(x, shape, match):
    with pytest.raises(ValueError, match=match):
        as_picture(x, shape)


def test_pictures_are_drawn_into_one_figure():
    plt = pytest.importorskip("matplotlib.pyplot")
    before = plt.get_fignums()
    show = ShowImage((8, 8))
    for row in range(3):
        show(row, RNG.rand(64))
    new = set(plt.get_fignums()) - set(before)
    assert len(new) == 1
    ax = plt.figure(new.pop()).axes[0]
    assert ax.get_title() == "row 2" and len(ax.images) == 1
    twin = pickle.loads(pickle.dumps(show))
    assert twin.shape == (8, 8) and clone(show).shape == (8, 8)
    plt.close("all")


def test_pictures_are_drawn_where_one_wants_them():
    plt = pytest.importorskip("matplotlib.pyplot")
    figure, ax = plt.subplots()
    ShowImage(ax=ax)(4, RNG.rand(5, 7, 3))
    assert ax.get_title() == "row 4"
    plt.close(figure)


def test_texts_and_rows_of_tables():
    shown = []
    show = ShowText(output_fn=shown.append)
    show(3, "one\ntwo")
    table = pd.DataFrame({"age": [30, 40], "city": ["Rome", "Oslo"]})
    show(1, table.iloc[1])
    ShowText(["city"], output_fn=shown.append)(1, table.iloc[1])
    assert shown == [
        "row 3\none\ntwo",
        "row 1\nage: 40\ncity: Oslo",
        "row 1\ncity: Oslo",
    ]
    assert clone(ShowText(["city"])).columns == ["city"]
