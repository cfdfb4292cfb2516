"""AnswerDisplay: every pixel and box where it is, in the color of its class."""

import sys

import numpy as np
import pytest

from skactive.inspection import AnswerDisplay

plt = pytest.importorskip("matplotlib.pyplot")
to_rgb = pytest.importorskip("matplotlib.colors").to_rgb
Rectangle = pytest.importorskip("matplotlib.patches").Rectangle

X = np.random.RandomState(0).rand(7, 1, 4, 6)
MASKS = np.random.RandomState(1).randint(0, 3, (7, 4, 6)).astype(np.uint8)
BOXES = [
    {"boxes": [[0, 0, 3, 2], [2, 1, 6, 4]], "labels": ["cat", "dog"]},
    {"boxes": [], "labels": []},
    None,
]
FOUND = [
    {
        "boxes": np.array([[0, 0, 3, 2], [1, 1, 3, 3]], dtype=np.float32),
        "labels": np.array(["dog", "cat"]),
        "scores": np.array([0.75, 0.125]),
    },
    {"boxes": np.empty((0, 4)), "labels": np.empty(0, "U3"), "scores": np.empty(0)},
    {"boxes": [[1, 1, 2, 2]], "labels": ["cat"], "scores": [0.5]},
]


class Model:
    """What the display needs of a fitted model."""

    def __init__(self, answers, **attributes):
        self.answers = answers
        vars(self).update(attributes)

    def predict(self, X):
        self.asked = len(X)
        return self.answers


def shown(ax):
    return np.asarray(ax.images[0].get_array())


def colors_of(display):
    return {
        text.get_text(): to_rgb(patch.get_facecolor())
        for text, patch in zip(
            display.legend_.get_texts(), display.legend_.get_patches(), strict=True
        )
    }


def drawn_boxes(ax):
    return [
        ((*p.get_xy(), p.get_width(), p.get_height()), to_rgb(p.get_edgecolor()))
        for p in ax.patches
        if isinstance(p, Rectangle)
    ]


def test_masks_are_drawn_pixel_by_pixel_below_their_image():
    predicted = MASKS[::-1]
    display = AnswerDisplay.from_predictions(X, MASKS, predicted, rows=[5, 2]).plot()
    assert display.axes_.shape == (3, 2)
    assert [row[0].get_ylabel() for row in display.axes_] == [
        "image",
        "true",
        "predicted",
    ]
    colors = colors_of(display)
    assert list(colors) == ["0", "1", "2"] and len(set(colors.values())) == 3
    for column, row in enumerate([5, 2]):
        image, true, found = (shown(ax) for ax in display.axes_[:, column])
        assert np.argsort(image, axis=None).tolist() == (
            np.argsort(X[row, 0], axis=None).tolist()
        )
        for picture, mask in ((true, MASKS[row]), (found, predicted[row])):
            for label in range(3):
                assert np.allclose(picture[mask == label], colors[str(label)])


@pytest.mark.parametrize("whole", [True, False], ids=["array", "objects"])
def test_pixels_without_a_label_are_white_and_no_class(whole):
    true = MASKS.copy()
    true[0, :2] = 255
    true = true if whole else list(true)
    display = AnswerDisplay.from_predictions(X, true, MASKS).plot()
    assert (shown(display.axes_[1, 0])[:2] == 1).all()
    assert (shown(display.axes_[1, 0])[2:] != 1).any(axis=2).all()
    assert list(colors_of(display)) == ["0", "1", "2"]
    class_too = AnswerDisplay.from_predictions(X, true, MASKS, ignore_index=None).plot()
    assert list(colors_of(class_too)) == ["0", "1", "2", "255"]


def test_boxes_lie_around_their_pixels_with_class_and_score():
    display = AnswerDisplay.from_predictions(X[:3], BOXES, FOUND).plot()
    assert display.axes_.shape == (2, 3)
    color = colors_of(display)
    assert list(color) == ["cat", "dog"]
    true, found = display.axes_
    assert drawn_boxes(true[0]) == [
        ((-0.5, -0.5, 3, 2), color["cat"]),
        ((1.5, 0.5, 4, 3), color["dog"]),
    ]
    assert drawn_boxes(found[0]) == [((-0.5, -0.5, 3, 2), color["dog"])]
    assert [text.get_text() for text in found[0].texts] == ["0.75"]
    assert not drawn_boxes(true[1]) and not drawn_boxes(found[1])
    assert true[2].get_xlabel() == "no answer" and not true[1].get_xlabel()
    assert not true[0].texts  # a true box has no score
    low = display.plot(min_score=0.1)
    assert len(drawn_boxes(low.axes_[1, 0])) == 2


def test_a_mask_that_is_missing_is_no_class():
    display = AnswerDisplay.from_predictions(X[:2], [MASKS[0], None], MASKS[:2]).plot()
    assert not display.axes_[1, 1].images
    assert display.axes_[1, 1].get_xlabel() == "no answer"


def test_only_the_rows_drawn_are_predicted():
    model = Model(MASKS[[3, 1]], classes_=np.arange(5), ignore_index=2)
    display = AnswerDisplay.from_estimator(model, X, MASKS, rows=[3, 1])
    assert model.asked == 2
    assert np.array_equal(display.y_true[0], MASKS[3])
    assert np.array_equal(display.y_pred[1], MASKS[1])
    assert display.ignore_index == 2
    assert list(colors_of(display.plot())) == ["0", "1", "2", "3", "4"]
    few = Model(MASKS[:5])
    assert len(AnswerDisplay.from_estimator(few, X).X) == 5
    assert AnswerDisplay.from_estimator(few, X).plot().axes_.shape == (2, 5)


def test_classes_keep_their_color_whatever_is_drawn():
    inner = Model(None, classes_=np.array(["ant", "cat", "dog"]))
    learner = Model(FOUND[2:], estimator_=inner)
    pipeline = type("Pipe", (), {"steps": [], "__getitem__": lambda self, k: learner})()
    pipeline.predict = learner.predict
    every = AnswerDisplay.from_predictions(
        X[:3], BOXES, FOUND, classes=["ant", "cat", "dog"]
    )
    for one in (learner, pipeline):
        display = AnswerDisplay.from_estimator(one, X[:3], rows=[2]).plot()
        assert colors_of(display) == colors_of(every.plot())


def test_nets_learners_and_pipelines_are_drawn():
    pytest.importorskip("torch")
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    from skactive import ActiveLearner
    from skactive.diversity import RandomSampling
    from skactive.nets import NetDetector, NetSegmenter

    boxes = [{"boxes": [[0, 0, 4, 4]], "labels": ["cell"]}] * 7
    nets = {
        "masks": (NetSegmenter(module__width=2, max_epochs=1), MASKS, 3),
        "boxes": (NetDetector(module__width=4, max_epochs=1), boxes, 2),
    }
    for net, y, n_rows in nets.values():
        learner = ActiveLearner(net, RandomSampling(), n_initial=3, budget=2)
        for model in (net, learner, make_pipeline(FunctionTransformer(), learner)):
            display = AnswerDisplay.from_estimator(model.fit(X, y), X, y, rows=[6, 0])
            assert display.plot().axes_.shape == (n_rows, 2)
            inner = getattr(model, "estimator_", net)
            assert len(display.legend_.get_texts()) == (3 if n_rows == 3 else 1), inner
            display.figure_.canvas.draw()


IMAGES = {
    "gray bytes": (X[:, 0] * 255).astype(np.uint8),
    "colors": np.repeat(X, 3, axis=1),
    "five channels": np.repeat(X, 5, axis=1),
    "far from one": X * 1e6 - 1e5,
    "constant": np.zeros_like(X),
    "switches": X > 0.5,
    "list": X.tolist(),
}


@pytest.mark.parametrize("kind", IMAGES)
def test_images_of_any_kind_are_drawn_between_black_and_white(kind):
    display = AnswerDisplay.from_predictions(IMAGES[kind], None, MASKS).plot()
    picture = shown(display.axes_[0, 0])
    assert picture.shape == ((4, 6, 3) if kind == "colors" else (4, 6))
    assert picture.min() >= 0 and picture.max() <= 1
    display.figure_.canvas.draw()


def test_more_classes_than_colors_are_drawn():
    masks = np.arange(48).reshape(2, 4, 6)
    display = AnswerDisplay.from_predictions(X[:2], None, masks).plot()
    assert len(display.legend_.get_texts()) == 48
    smooth = display.plot(cmap="viridis")
    assert len(set(colors_of(smooth).values())) == 48


def test_given_axes_are_drawn_on_row_by_row():
    figure, axes = plt.subplots(3, 2)
    display = AnswerDisplay.from_predictions(X, MASKS, MASKS, rows=[0, 1])
    assert display.plot(axes.ravel()) is display and display.figure_ is figure
    assert axes[1, 0].get_ylabel() == "true"
    with pytest.raises(ValueError, match=r"ax holds 4 axes, and 3 rows of 2.*pass 6"):
        display.plot(axes[:2])


def test_what_does_not_fit_is_refused():
    make = AnswerDisplay.from_predictions
    with pytest.raises(ValueError, match=r"7 images and \[7, 6\] answers"):
        make(X, MASKS, MASKS[1:])
    with pytest.raises(ValueError, match="neither masks nor boxes"):
        make(X, None, np.zeros(7))
    with pytest.raises(ValueError, match=r"X must hold images.* shape \(24,\)"):
        make(X.reshape(7, -1), None, MASKS)
    for rows in ([], [0.5], 3):
        with pytest.raises(ValueError, match="rows must be a list"):
            make(X, None, MASKS, rows=rows)
    with pytest.raises(TypeError, match="An answer must be a dict"):
        make(X[:3], MASKS[:3], FOUND).plot()


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"skactive\[plot\]"):
        AnswerDisplay.from_predictions(X, MASKS, MASKS).plot()
