"""UtilityDisplay: scores of the plane, the border, and what was asked for."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_moons
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import CoreSet, RandomSampling
from skactive.inspection import UtilityDisplay
from skactive.uncertainty import EntropySampling, MarginSampling

plt = pytest.importorskip("matplotlib.pyplot")

X, y = make_moons(150, noise=0.2, random_state=0)


def fitted(strategy=None, model=None, y=y, **params):
    settings = {"n_initial": 6, "budget": 12, "batch_size": 4, "random_state": 0}
    model = LogisticRegression() if model is None else model
    return ActiveLearner(model, strategy, **{**settings, **params}).fit(X, y)


def offsets(ax):
    return [np.asarray(c.get_offsets()) for c in ax.collections]


def rows_drawn(display):
    """Return the points of the last scatter, which is of what is asked for."""
    return offsets(display.ax_)[-1]


def test_scores_and_border_are_those_of_the_round():
    learner = fitted(EntropySampling())
    display = UtilityDisplay.from_learner(learner, X, y, round=2, grid_resolution=12)
    grid = np.column_stack([display.xx0.ravel(), display.xx1.ravel()])
    model = learner.estimators_[1]
    p = model.predict_proba(grid)
    entropy = -(p * np.log(p)).sum(axis=1)
    # Of any unit: the order of the points is what counts.
    assert np.corrcoef(display.scores.ravel(), entropy)[0, 1] == pytest.approx(1)
    assert display.predicted.ravel().tolist() == model.predict(grid).tolist()
    display.plot()
    assert np.array_equal(rows_drawn(display), X[display.asked])
    assert set(display.asked) == set(np.flatnonzero(learner.labeled_iter_ == 2))
    assert len(display.boundary_) == 1 and display.surface_ is not None
    assert display.ax_.get_title() == "EntropySampling, round 2: 10 labels, 4 asked for"


def test_every_sample_is_pool_or_labeled_and_classes_are_markers():
    learner = fitted(MarginSampling())
    display = UtilityDisplay.from_learner(learner, X, y, grid_resolution=8)
    display.plot(colorbar=True, cmap="magma", asked_kw={"s": 7}, pool_kw={"s": 1})
    pool, first, second, asked = [
        part for part in offsets(display.ax_) if part.shape[0] and len(part.shape) == 2
    ][-4:]
    known = learner.labeled_iter_ < 3
    known &= learner.labeled_iter_ >= 0
    assert np.array_equal(pool, X[~known])
    assert np.array_equal(first, X[known & (y == 0)])
    assert np.array_equal(second, X[known & (y == 1)])
    assert display.ax_.collections[-1].get_sizes().tolist() == [7]
    assert len(asked) == 4 and display.colorbar_ is not None


def test_strategy_without_scores_shows_what_it_asked_for_alone():
    display = UtilityDisplay.from_learner(fitted(CoreSet()), X, y, grid_resolution=8)
    display.plot(colorbar=True)
    assert display.scores is None and display.surface_ is None
    assert display.colorbar_ is None
    assert len(rows_drawn(display)) == 4 and len(display.boundary_) == 1


def test_by_hand_needs_no_y_and_shows_what_comes_next():
    start = np.where(np.arange(len(y)) < 12, y, np.nan)
    learner = fitted(MarginSampling(), y=start)
    display = UtilityDisplay.from_learner(learner, X, grid_resolution=8)
    assert display.title == "MarginSampling, round 1: 12 labels, 4 to ask for"
    rows = learner.query()
    assert display.asked.tolist() == rows.tolist()
    learner.teach(rows, y[rows])
    display = UtilityDisplay.from_learner(learner, X, grid_resolution=8)
    assert display.title == "MarginSampling, round 1: 12 labels, 4 asked for"
    display = UtilityDisplay.from_learner(learner, X, round=2, grid_resolution=8)
    assert display.title == "MarginSampling, round 2: 16 labels, 4 to ask for"


@pytest.mark.parametrize("seed", [None, np.random.RandomState(0)], ids=["None", "rs"])
def test_seed_that_is_gone_is_said(seed):
    learner = fitted(RandomSampling(), random_state=seed)
    with pytest.warns(
        UserWarning, match="RandomSampling, fitted again, asks for .*seed twice"
    ):
        UtilityDisplay.from_learner(learner, X, y, grid_resolution=4)


def test_pipeline_has_the_plane_of_its_learner():
    pipe = make_pipeline(StandardScaler(), ActiveLearner(budget=10, random_state=0))
    display = UtilityDisplay.from_learner(pipe.fit(X, y), X, y, grid_resolution=4)
    assert np.allclose(display.samples, pipe[:-1].transform(X))


def test_more_columns_need_a_projection():
    data, target = load_iris(return_X_y=True)
    learner = ActiveLearner(budget=10, random_state=0).fit(data, target)
    make = UtilityDisplay.from_learner
    with pytest.raises(ValueError, match=r"4 columns.*projection="):
        make(learner, data, target)
    for projection in ((2, 3), PCA(2).fit(data)):
        display = make(learner, data, target, projection=projection, grid_resolution=9)
        assert display.scores.shape == (9, 9)
        assert len(display.plot().boundary_) in (1, 3)


def test_regressor_has_scores_or_picks_and_no_border():
    learner = fitted(model=Ridge(), y=X[:, 0] * 2.5)
    display = UtilityDisplay.from_learner(learner, X, X[:, 0] * 2.5, grid_resolution=4)
    assert display.plot().boundary_ == [] and len(rows_drawn(display)) == 4


def test_from_strategy_asks_and_scores():
    strategy = MarginSampling(random_state=0).fit(X[:20], y[:20], X[20:])
    display = UtilityDisplay.from_strategy(
        strategy, X[:20], y[:20], X[20:], n=3, grid_resolution=6
    )
    assert display.asked.tolist() == (20 + strategy.query(3)).tolist()
    grid = np.column_stack([display.xx0.ravel(), display.xx1.ravel()])
    assert np.array_equal(display.scores.ravel(), strategy.score_samples(grid))
    assert display.plot().title == "MarginSampling: 20 labels, 3 to ask for"
    with pytest.raises(ValueError, match="pool of 130 samples, and X_pool has 129"):
        UtilityDisplay.from_strategy(strategy, X[:20], y[:20], X[21:])


def test_data_that_do_not_fit_are_refused():
    learner = fitted(MarginSampling())
    make = UtilityDisplay.from_learner
    with pytest.raises(ValueError, match="150 rows, and X has 149"):
        make(learner, X[1:], y)
    with pytest.raises(ValueError, match="150 rows, and y has 149"):
        make(learner, X, y[1:])
    with pytest.raises(ValueError, match="simulation, and keeps no labels: pass the y"):
        make(learner, X)
    with pytest.raises(TypeError, match="LogisticRegression has no labeled_iter_"):
        make(LogisticRegression().fit(X, y), X, y)
