"""The images asked for, best first, with position, score and what is in them."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.diversity import CoreSet
from skactive.inspection import QueryDisplay, QueryImagesDisplay
from skactive.uncertainty import EntropySampling

plt = pytest.importorskip("matplotlib.pyplot")

X = np.random.RandomState(0).rand(12, 3, 6, 8)
Y = np.arange(12) % 2
MASKS = np.random.RandomState(1).randint(0, 3, (12, 6, 8)).astype(np.uint8)
BOXES = [{"boxes": [[0, 0, 3, 2]], "labels": [k % 2]} for k in range(12)]
MODEL = make_pipeline(
    FunctionTransformer(lambda X: X.reshape(len(X), -1)), LogisticRegression()
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def titles(display):
    return [ax.get_title() for ax in display.axes_.flat if ax.get_title()]


def test_a_learner_shows_what_it_asks_for_with_scores():
    known = np.where(np.arange(12) < 6, Y, None)
    learner = ActiveLearner(MODEL, EntropySampling(), random_state=0).fit(X, known)
    rows = learner.query(4)
    display = QueryDisplay.from_images(learner, X, n=4).plot()
    assert isinstance(display, QueryImagesDisplay)
    assert_array_equal(display.rows, rows)
    scores = learner.strategy_.score_samples(X[rows])
    assert_allclose(display.scores, scores)
    assert np.all(np.diff(scores) <= 0)  # best first
    expected = [f"{k}: row {r}\n{s:.3g}" for k, r, s in zip("1234", rows, scores)]
    assert titles(display) == expected
    low, high = X[rows].min(), X[rows].max()
    for ax, row in zip(display.axes_.flat, rows):
        picture = np.asarray(ax.images[0].get_array())
        assert_allclose(picture, (X[row].transpose(1, 2, 0) - low) / (high - low))


def test_a_strategy_counts_in_its_pool_and_may_have_no_scores():
    strategy = CoreSet(random_state=0).fit(X[:2], None, X[2:])
    display = QueryDisplay.from_images(strategy, X[2:], n=7).plot()
    assert_array_equal(display.rows, strategy.query(7))
    assert display.scores is None and len(titles(display)) == 7
    assert display.axes_.shape == (2, 5)
    empty = display.axes_.ravel()[7:]
    assert not any(ax.axison or ax.images for ax in empty)


def test_masks_lie_over_the_images_and_boxes_around_things():
    masks = list(MASKS)
    masks[3] = None
    masks[4] = np.where(np.arange(8) < 4, 1, 255) * np.ones((6, 1), dtype=int)
    display = QueryDisplay.from_images([3, 4], X, masks, classes=[0, 1, 2]).plot()
    first, second = display.axes_.flat
    assert first.get_xlabel() == "no answer" and len(first.images) == 1
    over = np.asarray(second.images[1].get_array())
    assert (over[:, :4, 3] == 0.45).all() and (over[:, 4:, 3] == 0).all()
    assert [t.get_text() for t in display.legend_.get_texts()] == ["0", "1", "2"]
    display = QueryDisplay.from_images([3, 4], X, BOXES).plot()
    assert [len(ax.patches) for ax in display.axes_.flat] == [1, 1]


@pytest.mark.parametrize(
    "y", [Y, Y.tolist(), np.array(list("ab") * 6), [*Y[:-1].tolist(), None]]
)
def test_labels_are_written_below(y):
    display = QueryDisplay.from_images([0, 1, 11], X, y).plot()
    last = "no answer" if y[-1] is None else str(y[11])
    below = [ax.get_xlabel() for ax in display.axes_.flat]
    assert below == [str(y[0]), str(y[1]), last]
    assert display.legend_ is None


def test_images_of_several_sizes_and_a_mask_of_another():
    images = np.empty(3, dtype=object)
    images[:] = [np.zeros((4, 5)), np.ones((3, 6, 2)), np.ones((8, 8, 3))]
    masks = [np.zeros((4, 5), int), None, np.ones((4, 4), int)]
    display = QueryDisplay.from_images([2, 0], images, masks).plot()
    assert display.axes_[0, 0].images[1].get_extent() == [-0.5, 7.5, 7.5, -0.5]
    display.figure_.canvas.draw()


def test_given_axes_are_drawn_on():
    figure, axes = plt.subplots(4, 2)
    display = QueryDisplay.from_images(np.arange(8), X).plot(axes)
    assert display.figure_ is figure and axes[3, 1].get_title() == "8: row 7"
    with pytest.raises(ValueError, match="pass 3"):
        QueryDisplay.from_images([1, 2, 3], X).plot(axes)


@pytest.mark.parametrize(
    "asked, more, match",
    [
        ([], {}, "a list of at least one position"),
        ([0.5], {}, "a list of at least one position"),
        (Y == 1, {}, "a list of at least one position"),
        ([12], {}, r"\[12\] were asked for, and X holds 12 images"),
        ([-1], {}, "the X_pool of the strategy"),
        ([1], {"y": Y[:5]}, "12 images and 5 answers"),
    ],
)
def test_what_does_not_fit_is_refused(asked, more, match):
    with pytest.raises(ValueError, match=match):
        QueryDisplay.from_images(asked, X, **more)


def test_samples_that_are_no_images_are_refused():
    with pytest.raises(ValueError, match="X must hold images"):
        QueryDisplay.from_images([0], X.reshape(12, -1))


def test_matplotlib_is_loaded_when_something_is_drawn():
    code = (
        "import sys, numpy as np; from skactive.inspection import QueryDisplay;"
        "QueryDisplay.from_images([0], np.zeros((1, 4, 4)));"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
