"""Rounds one by one: nothing of later rounds is seen in an earlier picture."""

import numpy as np
import pytest
from PIL import Image

from skactive import ActiveLearner
from skactive.inspection import QueryDisplay
from skactive.inspection._query_rounds import FFMPEG, PILLOW

plt = pytest.importorskip("matplotlib.pyplot")


def colored(ax):
    """Return the rows drawn as queries, in the order of the color bar's rounds."""
    found = [c for c in ax.collections if c.get_array() is not None]
    return np.sort(np.concatenate([[], *[np.asarray(c.get_array()) for c in found]]))


def test_each_picture_holds_the_rounds_until_then(blobs):
    X, _, learner = blobs
    display = QueryDisplay.from_learner(learner, X).plot_rounds()
    assert display.axes_.shape == (1, 4)
    rounds = learner.labeled_iter_
    for k, ax in enumerate(display.axes_.flat):
        expected = np.sort(rounds[(rounds > 0) & (rounds <= k)])
        assert colored(ax).tolist() == expected.tolist()
        assert ax.get_title() == f"round {k}: {10 + 10 * k} labels"
        assert ax.collections[0].get_offsets().shape[0] == np.sum(
            (rounds < 0) | (rounds > k)
        )
    new = display.axes_[0, 2].collections[-1].get_offsets()
    assert np.array_equal(new, X[rounds == 2])
    assert display.colorbar_.get_ticks().tolist() == [1, 2, 3]


def test_rounds_may_be_chosen_and_axes_given(blobs):
    X, _, learner = blobs
    display = QueryDisplay.from_learner(learner, X)
    axes = plt.subplots(2)[1]
    display.plot_rounds([3, 1], axes)
    assert [ax.get_title()[:7] for ax in axes] == ["round 3", "round 1"]
    assert len(colored(axes[0])) == 30 and len(colored(axes[1])) == 10
    with pytest.raises(ValueError, match="ax holds 2 axes"):
        display.plot_rounds([0, 1, 2], axes)


@pytest.mark.parametrize("rounds", [[4], [-1], [], [0.5], 2], ids=repr)
def test_rounds_that_were_not_are_refused(blobs, rounds):
    display = QueryDisplay.from_learner(blobs[2], blobs[0])
    with pytest.raises(ValueError, match="from 0, the beginning, to 3"):
        display.plot_rounds(rounds)


def test_of_many_rounds_twelve_are_drawn(blobs):
    X, y, _ = blobs
    learner = ActiveLearner(budget=20, batch_size=1, random_state=0).fit(X, y)
    display = QueryDisplay.from_learner(learner, X).plot_rounds()
    drawn = [ax.get_title() for ax in display.axes_.flat if ax.get_title()]
    assert len(drawn) == 12
    assert drawn[0].startswith("round 0:") and drawn[-1].startswith("round 20:")


def test_learner_that_has_not_asked_has_one_picture(blobs):
    X, y, _ = blobs
    learner = ActiveLearner().fit(X, np.where(np.arange(len(y)) < 12, y, np.nan))
    display = QueryDisplay.from_learner(learner, X).plot_rounds()
    assert display.axes_.shape == (1, 1) and display.colorbar_ is None


def test_film_has_one_frame_for_each_round(blobs, tmp_path):
    X, y, learner = blobs
    display = QueryDisplay.from_learner(learner, X, y)
    ax = plt.subplots(figsize=(2, 2))[1]
    film = display.animate(tmp_path / "run.gif", ax)
    with Image.open(tmp_path / "run.gif") as image:
        assert image.format == "GIF" and image.n_frames == 4
    limits = ax.get_xlim()
    film._func(1)  # one frame by itself
    assert colored(ax).tolist() == [1] * 10
    assert ax.get_xlim() == limits


@pytest.mark.filterwarnings("ignore:Animation was deleted:UserWarning")
@pytest.mark.parametrize("ending", [PILLOW[0], PILLOW[-1], *FFMPEG])
def test_writers_that_are_not_there_are_named(blobs, monkeypatch, tmp_path, ending):
    from matplotlib import animation

    monkeypatch.setattr(animation.writers, "is_available", lambda name: False)
    display = QueryDisplay.from_learner(blobs[2], blobs[0])
    advice = "pip install pillow" if ending in PILLOW else "install .*ffmpeg.*a .gif"
    with pytest.raises(ImportError, match=advice):
        display.animate(tmp_path / f"run{ending}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["run", "run.txt", "run.html"])
def test_other_endings_are_refused(blobs, name):
    display = QueryDisplay.from_learner(blobs[2], blobs[0])
    with pytest.raises(ValueError, match="animate cannot write.*.gif"):
        display.animate(name)
