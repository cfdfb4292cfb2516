"""Displays: the numbers they hold, what they draw, and what they refuse."""

import sys

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.datasets import load_digits, make_blobs, make_regression
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.inspection import LearningCurveDisplay, QueryDisplay
from skactive.uncertainty import MarginSampling

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:400] / 16, y[:400], X[400:800] / 16, y[400:800]


@pytest.fixture(scope="module")
def seeds(digits):
    learners = {"random": RandomSampling(), "margin": MarginSampling()}
    return {
        name: [
            ActiveLearner(strategy=strategy, budget=20, random_state=seed).fit(
                *digits[:2]
            )
            for seed in range(3)
        ]
        for name, strategy in learners.items()
    }


# ------------------------------------------------------------- LearningCurveDisplay

SCORES = np.array([[0.5, 0.6, 0.9], [0.7, 0.8, 0.9], [0.6, 0.7, 0.6]])


def vertices(band):
    """Return the lower and the upper edge of a band at x = 10, 20, 40."""
    points = band.get_paths()[0].vertices
    at = [points[points[:, 0] == x, 1] for x in (10, 20, 40)]
    return np.array([a.min() for a in at]), np.array([a.max() for a in at])


@pytest.mark.parametrize(
    ("band", "low", "high"),
    [
        # Standard deviations (n - 1) are .1, .1 and sqrt(.03) around .6, .7, .8.
        ("std", [0.5, 0.6, 0.8 - 0.03**0.5], [0.7, 0.8, 0.8 + 0.03**0.5]),
        (
            "sem",
            [0.6 - 0.1 / 3**0.5, 0.7 - 0.1 / 3**0.5, 0.7],
            [0.6 + 0.1 / 3**0.5, 0.7 + 0.1 / 3**0.5, 0.9],
        ),
        ("range", [0.5, 0.6, 0.6], [0.7, 0.8, 0.9]),
    ],
)
def test_line_is_the_mean_and_band_its_spread_over_seeds(band, low, high):
    display = LearningCurveDisplay(n_labeled=[[10, 20, 40]], scores=[SCORES])
    display.plot(band=band)
    assert display.lines_[0].get_xdata().tolist() == [10, 20, 40]
    assert display.lines_[0].get_ydata() == pytest.approx([0.6, 0.7, 0.8])
    drawn = vertices(display.bands_[0])
    assert drawn[0] == pytest.approx(low)
    assert drawn[1] == pytest.approx(high)


def test_one_seed_or_no_band_shades_nothing():
    one = LearningCurveDisplay(n_labeled=[[10, 20, 40]], scores=[SCORES[0]]).plot()
    assert one.bands_ == [None]
    none = LearningCurveDisplay(n_labeled=[[10, 20, 40]], scores=[SCORES])
    assert none.plot(band=None).bands_ == [None]


def test_several_learners_share_axes_and_the_legend_counts_their_runs(seeds, digits):
    display = LearningCurveDisplay.from_learner(seeds, *digits[2:])
    assert display.plot() is display
    assert display.ax_.get_xlabel() == "labels"
    assert display.ax_.get_ylabel() == "accuracy"
    legend = display.ax_.get_legend()
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["random (3 runs)", "margin (3 runs)"]
    assert legend.get_title().get_text() == "mean ± std"
    assert display.lines_[0].get_color() != display.lines_[1].get_color()


def test_scores_are_those_of_every_round_of_every_seed(seeds, digits):
    display = LearningCurveDisplay.from_learner(seeds, *digits[2:])
    for name, scores in zip(display.names, display.scores, strict=True):
        expected = [list(one.staged_score(*digits[2:])) for one in seeds[name]]
        assert scores.tolist() == expected
    assert [n.tolist() for n in display.n_labeled] == [[10, 20, 30]] * 2


def test_one_learner_a_list_and_a_pipeline_are_named_by_their_strategy(seeds, digits):
    X, y, X_test, y_test = digits
    one = LearningCurveDisplay.from_learner(seeds["margin"][0], X_test, y_test)
    many = LearningCurveDisplay.from_learner(seeds["random"], X_test, y_test)
    pipe = make_pipeline(StandardScaler(), ActiveLearner(budget=10)).fit(X, y)
    piped = LearningCurveDisplay.from_learner(pipe, X_test, y_test)
    assert one.names == ["MarginSampling"] and one.scores[0].shape == (1, 3)
    assert many.names == ["RandomSampling"] and many.scores[0].shape == (3, 3)
    assert piped.names == ["MarginSampling"]
    assert piped.scores[0][0, -1] == pipe.score(X_test, y_test)


def test_axis_names_what_is_scored(seeds, digits):
    def label(learner, data, **params):
        display = LearningCurveDisplay.from_learner(learner, *data, **params)
        return display.plot().ax_.get_ylabel()

    def my_score(estimator, X, y):
        return 0.5

    margin = seeds["margin"][0]
    assert label(margin, digits[2:], scoring="neg_log_loss") == "neg log loss"
    assert label(margin, digits[2:], scoring=my_score) == "my_score"
    data = make_regression(60, 3, random_state=0)
    assert label(ActiveLearner(Ridge(), budget=10).fit(*data), data) == "$R^2$"


def test_seeds_with_other_counts_are_interpolated_where_all_of_them_have_been():
    class Fake(BaseEstimator):
        def __init__(self, n_labeled, scores):
            self.history_ = {"n_labeled": n_labeled}
            self.stage_scores = scores

        def stages(self):
            for value in self.stage_scores:
                stage = Fake(None, None)
                stage.score = lambda X, y, value=value: value
                yield stage

    seeds = [Fake([10, 20, 40], [0.0, 0.5, 0.9]), Fake([12, 30, 50], [0.2, 0.8, 1.0])]
    display = LearningCurveDisplay.from_learner(seeds, None, None)
    assert display.n_labeled[0].tolist() == [12, 20, 30, 40]
    # By hand: 12 is a fifth of the way from 10 to 20, 20 is 8/18 from 12 to 30, ...
    assert display.scores[0][0] == pytest.approx([0.1, 0.5, 0.7, 0.9])
    assert display.scores[0][1] == pytest.approx([0.2, 0.2 + 0.6 * 8 / 18, 0.8, 0.9])
    assert display.plot().ax_.get_ylabel() == "score"
    apart = [Fake([10, 20], [0, 1]), Fake([30, 40], [0, 1])]
    with pytest.raises(ValueError, match="no numbers of labels in common"):
        LearningCurveDisplay.from_learner(apart, None, None)


@pytest.mark.parametrize("as_dict", [False, True])
def test_cross_validated_learners_are_scored_on_their_own_test_folds(digits, as_dict):
    X, y = digits[:2]
    results = cross_validate(
        ActiveLearner(budget=10, random_state=0),
        X,
        y,
        cv=KFold(4),
        return_estimator=True,
        return_indices=True,
    )
    given = {"a": results, "b": results} if as_dict else results
    display = LearningCurveDisplay.from_cv_results(given, X, y)
    assert display.names == (["a", "b"] if as_dict else ["MarginSampling"])
    for scores in display.scores:
        assert scores[:, -1].tolist() == results["test_score"].tolist()
    legend = display.plot().ax_.get_legend()
    assert "(4 runs)" in legend.get_texts()[0].get_text()


@pytest.mark.parametrize("missing", ["return_estimator", "return_indices"])
def test_cv_results_without_learners_or_folds_say_what_to_ask_for(digits, missing):
    wanted = {"return_estimator": True, "return_indices": True, missing: False}
    X, y = digits[:2]
    results = cross_validate(ActiveLearner(budget=10), X, y, cv=3, **wanted)
    for given in (results, {"name": results}):
        with pytest.raises(ValueError, match="return_indices=True"):
            LearningCurveDisplay.from_cv_results(given, X, y)


def test_logarithmic_axis_is_written_in_plain_numbers(seeds, digits):
    display = LearningCurveDisplay.from_learner(seeds, *digits[2:])
    display.plot(xscale="log", line_kwargs={"linestyle": "--"})
    assert display.ax_.get_xscale() == "log"
    assert display.lines_[0].get_linestyle() == "--"
    display.figure_.canvas.draw()
    texts = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert {"10", "20"} <= set(texts)


def test_given_axes_are_drawn_on(seeds, digits):
    figure, axes = plt.subplots(1, 2)
    curves = LearningCurveDisplay.from_learner(seeds, *digits[2:]).plot(axes[0])
    queries = QueryDisplay.from_learner(seeds["margin"][0], digits[0]).plot(axes[1])
    assert curves.ax_ is axes[0] and queries.ax_ is axes[1]
    assert curves.figure_ is queries.figure_ is figure


def test_unusable_curves_are_refused(digits):
    display = LearningCurveDisplay(n_labeled=[[1, 2]], scores=[[0, 1]])
    with pytest.raises(ValueError, match="band"):
        display.plot(band="iqr")
    display.names = ["a", "b"]
    with pytest.raises(ValueError, match="one entry per curve"):
        display.plot()
    with pytest.raises(ValueError, match="no learner"):
        LearningCurveDisplay.from_learner({}, *digits[2:])
    with pytest.raises(TypeError, match="has no stages"):
        LearningCurveDisplay.from_learner(LogisticRegression(), *digits[2:])


# --------------------------------------------------------------------- QueryDisplay


def drawn_points(ax):
    """Return the points of all scatters, those of the legend (empty) left out."""
    parts = [c.get_offsets() for c in ax.collections if len(c.get_offsets())]
    return [np.asarray(part) for part in parts]


@pytest.fixture(scope="module")
def blobs():
    X, y = make_blobs(150, centers=3, random_state=0)
    return X, y, ActiveLearner(budget=30, random_state=0).fit(X, y)


def test_every_sample_is_drawn_once_as_pool_beginning_or_query(blobs):
    X, _, learner = blobs
    display = QueryDisplay.from_learner(learner, X).plot()
    pool, asked, start = drawn_points(display.ax_)
    rounds = learner.labeled_iter_
    assert np.array_equal(pool, X[rounds < 0])
    assert np.array_equal(asked, X[rounds > 0])
    assert np.array_equal(start, X[rounds == 0])
    asked_artist = display.ax_.collections[1]
    assert np.array_equal(asked_artist.get_array(), rounds[rounds > 0])
    title = display.ax_.get_title()
    assert title == "10 labels to begin with, 30 asked for in 3 rounds"


def test_color_bar_counts_rounds(blobs):
    X, _, learner = blobs
    display = QueryDisplay.from_learner(learner, X).plot()
    assert display.colorbar_.ax.get_ylabel() == "round"
    assert display.colorbar_.get_ticks().tolist() == [1, 2, 3]


def test_classes_are_markers_and_stand_in_the_legend(blobs):
    X, y, learner = blobs
    words = np.array(["ant", "bee", "cat"])[y]
    display = QueryDisplay.from_learner(learner, X, words).plot()
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["pool", "beginning", "ant", "bee", "cat"]
    assert sum(map(len, drawn_points(display.ax_))) == len(X)
    pools = drawn_points(display.ax_)[:3]
    for label, pool in zip(["ant", "bee", "cat"], pools, strict=True):
        unlabeled = learner.labeled_iter_ < 0
        assert np.array_equal(pool, X[unlabeled & (words == label)])


def test_learner_that_has_not_asked_yet_shows_its_labels(blobs):
    X, y, _ = blobs
    partial = np.where(np.arange(len(y)) < 12, y, np.nan)
    learner = ActiveLearner().fit(X, partial)
    display = QueryDisplay.from_learner(learner, X).plot()
    assert display.colorbar_ is None
    assert display.ax_.get_title().startswith("12 labels to begin with, 0 asked")
    rows = learner.query(2)
    learner.teach(rows, y[rows])
    display = QueryDisplay.from_learner(learner, X).plot()
    assert display.colorbar_.get_ticks().tolist() == [1]


def test_more_than_two_columns_are_projected(digits, seeds):
    X, learner = digits[0], seeds["margin"][0]
    expected = PCA(2, random_state=0).fit_transform(X)
    dense = QueryDisplay.from_learner(learner, X).embedding
    assert np.array_equal(dense, expected)
    images = QueryDisplay.from_learner(learner, X.reshape(-1, 1, 8, 8)).embedding
    assert np.array_equal(images, expected)
    csr = QueryDisplay.from_learner(learner, sparse.csr_array(X)).embedding
    assert np.abs(csr) == pytest.approx(np.abs(expected), abs=1e-6)


def test_embedding_may_be_an_array_or_a_transformer(digits, seeds):
    X, learner = digits[0], seeds["margin"][0]
    given = np.column_stack([np.arange(400), np.arange(400)])
    by_array = QueryDisplay.from_learner(learner, X, embedding=given)
    assert by_array.embedding.tolist() == given.tolist()
    svd = TruncatedSVD(2, random_state=0)
    by_transformer = QueryDisplay.from_learner(learner, X, embedding=svd)
    assert np.array_equal(by_transformer.embedding, svd.fit_transform(X))


def test_pipeline_shows_the_queries_of_its_learner(digits):
    X, y = digits[:2]
    pipe = make_pipeline(StandardScaler(), ActiveLearner(budget=10)).fit(X, y)
    display = QueryDisplay.from_learner(pipe, X)
    assert display.labeled_iter.tolist() == pipe[-1].labeled_iter_.tolist()


def test_data_that_do_not_fit_are_refused(blobs):
    X, y, learner = blobs
    make = QueryDisplay.from_learner
    with pytest.raises(ValueError, match=r"150 rows, and X has 149"):
        make(learner, X[1:])
    with pytest.raises(ValueError, match=r"150 rows, and y has 149"):
        make(learner, X, y[1:])
    with pytest.raises(ValueError, match="two columns"):
        make(learner, X, embedding=np.zeros((150, 3)))
    with pytest.raises(ValueError, match="two columns"):
        make(learner, X[:, :1])
    with pytest.raises(ValueError, match="leave y out"):
        make(learner, X, np.arange(150))
    with pytest.raises(ValueError, match="pass embedding="):
        make(learner, np.array([["a", "b"]] * 150))
    with pytest.raises(TypeError, match="LogisticRegression has no labeled_iter_"):
        make(LogisticRegression(), X)


# ---------------------------------------------------------------- without matplotlib


def test_missing_matplotlib_names_the_extra(blobs, monkeypatch):
    X, _, learner = blobs
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    curve = LearningCurveDisplay(n_labeled=[[1, 2]], scores=[[0, 1]])
    for display in (curve, QueryDisplay.from_learner(learner, X)):
        with pytest.raises(ImportError, match=r'pip install "skactive\[plot\]"'):
            display.plot()
