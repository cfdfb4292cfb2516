"""LearningCurveDisplay: the numbers it holds, what it draws, what it refuses."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import make_regression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.inspection import LearningCurveDisplay

plt = pytest.importorskip("matplotlib.pyplot")


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
    assert display.lines_[0].get_marker() != display.lines_[1].get_marker()
    # What is drawn into the same axes later looks like none of them; words go first.
    more = display.plot(display.ax_, line_kwargs={"c": "red"}).lines_
    assert [line.get_color() for line in more] == ["red", "red"]
    assert len({line.get_marker() for line in display.ax_.lines}) == 4


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


class Priced(BaseEstimator):
    def __init__(self, cost):
        self.history_ = {"n_labeled": [10, 20, 30], "cost": cost}

    def stages(self):
        for value in (0.0, 0.5, 1.0):
            stage = Priced(None)
            stage.score = lambda X, y, value=value: value
            yield stage


def test_curves_over_costs_are_shown_where_all_of_them_are():
    seeds = [Priced([10, 20, 40]), Priced([10, 30, 50])]
    display = LearningCurveDisplay.from_learner(seeds, None, None, x="cost")
    assert display.n_labeled[0].tolist() == [10, 20, 30, 40]
    assert display.scores[0][0] == pytest.approx([0, 0.5, 0.75, 1])
    assert display.scores[0][1] == pytest.approx([0, 0.25, 0.5, 0.75])
    assert display.plot().ax_.get_xlabel() == "cost"
    display.x_name = "boxes"
    assert display.plot().ax_.get_xlabel() == "boxes"
    apart = [Priced([1, 2, 3]), Priced([4, 5, 6])]
    with pytest.raises(ValueError, match="no costs in common: one begins at 4"):
        LearningCurveDisplay.from_learner(apart, None, None, x="cost")
    with pytest.raises(ValueError, match="x must be"):
        LearningCurveDisplay.from_learner(seeds, None, None, x="rounds")


def test_cross_validated_learners_are_drawn_over_costs(digits):
    X, y = digits[:2]
    results = cross_validate(
        ActiveLearner(budget=20, random_state=0),
        X,
        y,
        cv=2,
        params={"cost": np.full(len(y), 0.5)},
        return_estimator=True,
        return_indices=True,
    )
    display = LearningCurveDisplay.from_cv_results(results, X, y, x="cost")
    assert display.n_labeled[0].tolist() == [5, 10, 15, 20, 25]
