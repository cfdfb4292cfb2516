"""When the model of a stream learns, from what, and what is said before it can."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier, SGDRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skactive.base import ScoreStrategy
from skactive.stream import QuantileGate, RandomGate, StreamLearner

RNG = np.random.RandomState(0)
X = RNG.standard_normal((200, 4))
Y = (X[:, 0] + 0.3 * RNG.standard_normal(200) > 0).astype(int)


class CountedNB(GaussianNB):
    """Tells how it was taught."""

    calls = []

    def fit(self, X, y, sample_weight=None):
        self.calls.append(("fit", len(y)))
        return super().fit(X, y, sample_weight)

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        self.calls.append(("partial_fit", len(y)))
        return super().partial_fit(X, y, classes, sample_weight)


class CountedTree(DecisionTreeClassifier):
    """Tells on how much it was fitted."""

    calls = []

    def fit(self, X, y, sample_weight=None):
        self.calls.append(("fit", len(y)))
        return super().fit(X, y, sample_weight)


@pytest.fixture(autouse=True)
def fresh_counts():
    CountedNB.calls.clear()
    CountedTree.calls.clear()


def taught(learner, n, step=1):
    learner.decide(X[:20])
    learner.teach(X[:20], Y[:20])
    for k in range(20, n, step):
        learner.teach(X[k : k + step], Y[k : k + step])
    return learner


def test_a_fresh_copy_is_fitted_on_all_that_is_kept():
    learner = taught(StreamLearner(CountedTree(), refit_every=5), 37)
    assert CountedTree.calls == [("fit", n) for n in (20, 25, 30, 35)]
    assert learner.history_["n_labeled"] == [20, 25, 30, 35]
    assert learner.history_["n_seen"] == [20] * 4


def test_a_window_is_first_in_first_out():
    learner = taught(StreamLearner(CountedTree(), max_labeled=30), 60)
    assert CountedTree.calls[0] == ("fit", 20) and CountedTree.calls[-1] == ("fit", 30)
    expected = DecisionTreeClassifier(random_state=0)
    learner = taught(
        StreamLearner(DecisionTreeClassifier(random_state=0), max_labeled=30), 60
    )
    expected.fit(X[30:60], Y[30:60])
    np.testing.assert_array_equal(learner.predict(X), expected.predict(X))


def test_step_by_step_if_classes_are_known():
    learner = taught(StreamLearner(CountedNB(), classes=[0, 1], refit_every=4), 40)
    assert CountedNB.calls == [("partial_fit", n) for n in (20, 4, 4, 4, 4, 4)]
    same = GaussianNB().partial_fit(X[:20], Y[:20], classes=[0, 1])
    for k in range(20, 40, 4):
        same.partial_fit(X[k : k + 4], Y[k : k + 4])
    np.testing.assert_array_equal(learner.predict_proba(X), same.predict_proba(X))


@pytest.mark.parametrize(
    "settings", [{}, {"classes": [0, 1], "incremental": False}], ids=["auto", "False"]
)
def test_anew_where_classes_are_unknown_or_steps_are_not_wanted(settings):
    taught(StreamLearner(CountedNB(), **settings), 23)
    assert [n for n in CountedNB.calls if n[0] == "fit"] == [
        ("fit", n) for n in (20, 21, 22, 23)
    ]


def test_a_complete_y_tells_all_classes():
    StreamLearner(CountedNB(), random_state=0).fit(X, Y)
    assert {name for name, _ in CountedNB.calls} == {"partial_fit"}


def test_a_regressor_steps_without_classes():
    learner = StreamLearner(SGDRegressor(), random_state=0)
    learner = learner.fit(X, X[:, 0], labeled=np.arange(200) < 50)
    learner.teach(X[50:60], X[50:60, 0])
    assert learner.estimator_.t_ > 61


def test_a_pipeline_is_fitted_anew():
    pipe = make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss"))
    learner = taught(StreamLearner(pipe, classes=[0, 1], random_state=0), 25)
    assert learner.estimator_[0].n_samples_seen_ == 25


def test_the_strategy_sees_the_model_of_now():
    learner = StreamLearner(SGDClassifier(loss="log_loss"), classes=[0, 1])
    learner = taught(learner, 40)
    assert learner.strategy_.estimator_.estimator is learner.estimator_
    before = learner.score_samples(X)
    learner.teach(X[40:60], Y[40:60])
    assert not np.array_equal(before, learner.score_samples(X))


def test_one_class_is_no_model_yet():
    """On a stream whose second class comes late nothing is overspent meanwhile."""
    learner = StreamLearner(
        LogisticRegression(), gate=QuantileGate(0.1, random_state=0), random_state=0
    )
    zeros = X[Y == 0]
    for k in range(90):
        ask = learner.decide(zeros[k : k + 1])
        learner.teach(zeros[k : k + 1][ask], np.zeros(ask.sum(), int))
    assert learner.n_seen_ == 90 and not hasattr(learner, "estimator_")
    assert learner.gate_.n_seen_ == 70 and 6 <= learner.gate_.n_spent_ <= 8
    with pytest.raises(NotFittedError, match="all 27 labels kept are 0"):
        learner.predict(X)
    learner.teach(X[Y == 1][:1], [1])
    assert set(learner.predict(X)) == {0, 1}


def test_a_window_that_shows_one_class_leaves_the_model_as_it_is():
    learner = taught(StreamLearner(LogisticRegression(), max_labeled=5), 30)
    zeros = X[Y == 0]
    learner.teach(zeros[:4], [0] * 4)
    before = learner.predict_proba(X)
    learner.teach(zeros[4:20], [0] * 16)
    np.testing.assert_array_equal(before, learner.predict_proba(X))
    assert learner.classes_.tolist() == [0, 1]
    learner.teach(X[Y == 1][:1], [1])
    assert not np.array_equal(before, learner.predict_proba(X))


def test_too_few_of_a_class_is_no_model_yet():
    """Calibration by five folds wants five of each class."""
    model = CalibratedClassifierCV(LinearSVC(), cv=5)
    learner = StreamLearner(model, n_initial=6, random_state=0)
    order = np.r_[np.flatnonzero(Y == 0)[:30], np.flatnonzero(Y == 1)[:3]]
    learner.teach(X[order], Y[order])
    with pytest.raises(NotFittedError, match="(?s)33 labels.*5"):
        learner.predict(X)
    assert learner.decide(X[:50]).sum() == 5  # by chance
    rest = np.flatnonzero(Y == 1)[3:6]
    learner.teach(X[rest], Y[rest])
    assert set(learner.predict(X)) == {0, 1}


def test_before_the_first_model_is_told_how_many_are_missing():
    learner = StreamLearner()
    with pytest.raises(NotFittedError, match="Call fit, or decide and teach"):
        learner.predict(X)
    learner.decide(X[:3])
    learner.teach(X[:3], [0, 1, 0])
    with pytest.raises(NotFittedError, match="3 labels.*3 arrivals.*n_initial=20"):
        learner.predict(X)


def test_an_error_of_the_model_leaves_labels_books_and_model_as_they_were():
    learner = taught(StreamLearner(LogisticRegression()), 30)
    before = learner.predict_proba(X), learner.history_["n_labeled"].copy()
    bad = X[30:32].copy()
    bad[1, 2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        learner.teach(bad, Y[30:32])
    np.testing.assert_array_equal(before[0], learner.predict_proba(X))
    assert learner.history_["n_labeled"] == before[1]
    learner.teach(X[30:31], Y[30:31])
    expected = LogisticRegression().fit(X[:31], Y[:31])
    np.testing.assert_array_equal(expected.predict_proba(X), learner.predict_proba(X))


class Broken(ScoreStrategy):
    """Ask for what cannot be scored."""

    answer = None

    def score_samples(self, X):
        return self.answer(X)


@pytest.mark.parametrize(
    "answer, error, words",
    [
        (lambda X: np.full(len(X), np.nan), ValueError, "finite score"),
        (lambda rows: np.where(rows[:, 0] == X[4, 0], np.inf, 1), ValueError, "inf"),
        (lambda X: np.ones((len(X), 2)), RuntimeError, r"shape \(1,\)"),
        (lambda X: 0.5, RuntimeError, r"shape \(1,\)"),
    ],
    ids=["NaN", "the last", "columns", "scalar"],
)
def test_a_strategy_that_scores_badly_is_caught_before_the_books_change(
    answer, error, words
):
    learner = taught(StreamLearner(LogisticRegression(), Broken()), 20)
    learner.strategy_.answer = answer
    with pytest.raises(error, match=words):
        learner.decide(X[:5])
    assert learner.n_seen_ == 20 and learner.gate_.n_seen_ == 0


def test_regressors_by_chance():
    learner = StreamLearner(Ridge(), gate=RandomGate(0.2), random_state=0)
    learner.fit(X, X @ [1.0, 2, 3, 4])
    assert learner.asked_.sum() == 20 + 36
    assert learner.prequential_score_ > 0.9 and learner.score(X, X @ [1, 2, 3, 4]) > 0.9
    assert list(learner.history_) == ["n_seen", "n_labeled"]
    assert not hasattr(learner, "classes_")
