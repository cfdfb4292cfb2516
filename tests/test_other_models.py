"""What is given for a model: things that are none, and models of other libraries."""

import inspect
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import load_digits, make_classification
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import IsolationForest, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import (
    GridSearchCV,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
    TunedThresholdClassifierCV,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from skactive import ActiveLearner
from skactive.base import ModelStrategy, ScoreStrategy
from skactive.disagreement import BALD, QueryByCommittee
from skactive.diversity import ALFAMix, CoreSet, DropQuery, UncertaintyHerding
from skactive.lookahead import ExpectedModelChange
from skactive.testing import all_strategies
from skactive.uncertainty import MarginSampling

X, y = make_classification(150, 6, n_informative=4, n_classes=3, random_state=0)
ASKING = [
    cls for cls in all_strategies() if "estimator" in inspect.signature(cls).parameters
]
SERVE_NUMBERS = [ExpectedModelChange, QueryByCommittee]  # as well as classes
NO_MODELS = [
    PCA(),
    make_pipeline(StandardScaler(), PCA()),
    KMeans(3),
    make_pipeline(StandardScaler(), KMeans(3)),
    DBSCAN(),
    IsolationForest(),
    GaussianMixture(2),
    LogisticRegression,
    PCA,
    "LogisticRegression",
    len,
    3,
]


class Counting:
    """An oracle that counts what was paid."""

    def __init__(self):
        self.n_paid = 0

    def __call__(self, rows, X_rows):
        self.n_paid += len(rows)
        return y[rows]


def refusal(model, strategy, **settings):
    """Return the words that a learner refuses by, at no cost."""
    oracle = Counting()
    settings = {"budget": 5, "oracle": oracle, "random_state": 0, **settings}
    learner = ActiveLearner(model, strategy, **settings)
    with pytest.raises((ValueError, TypeError)) as caught:
        learner.fit(X)
    assert oracle.n_paid == 0, caught.value
    return str(caught.value)


@pytest.mark.parametrize("value", NO_MODELS, ids=lambda value: repr(value)[:30])
def test_a_learner_refuses_what_is_no_model(value):
    words = refusal(value, CoreSet())
    assert "ActiveLearner" in words and "'estimator'" in words and repr(value) in words


@pytest.mark.parametrize("value", [*NO_MODELS, Ridge()], ids=lambda v: repr(v)[:30])
@pytest.mark.parametrize("cls", ASKING, ids=lambda cls: cls.__name__)
def test_a_strategy_refuses_what_is_no_model(cls, value):
    words = [refusal(LogisticRegression(), cls(estimator=value))]
    if not (cls in SERVE_NUMBERS and isinstance(value, Ridge)):  # y may be numbers
        with pytest.raises((ValueError, TypeError)) as caught:
            cls(estimator=value).fit(X[:40], y[:40], X[40:])
        words.append(str(caught.value))
    for said in words:
        assert cls.__name__ in said and "estimator" in said and repr(value) in said


@pytest.mark.parametrize("name", ["strategy", "initial_strategy", "stopping"])
def test_a_class_is_no_object(name):
    settings = {"strategy": None, name: MarginSampling}
    words = refusal(LogisticRegression(), **settings)
    assert f"'{name}' parameter of ActiveLearner" in words and "instance" in words
    with pytest.raises(TypeError, match="'embedding' parameter of CoreSet.*PCA()"):
        CoreSet(PCA).fit(X)


def test_who_needs_no_method_may_still_ask_a_model_of_any_kind():
    class Odd(ScoreStrategy):
        def score_samples(self, X):
            return -self.estimator_.score_samples(X)

    Odd(IsolationForest(random_state=0)).fit(X[:30], y[:30], X[30:]).query(2)


class Centroids(ClassifierMixin, BaseEstimator):
    """A classifier of somebody's own; linear, if it is asked to write that down."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.means_ = np.array([X[y == label].mean(axis=0) for label in self.classes_])
        return self

    def predict(self, X):
        # The nearest mean, as a linear rule.
        logits = X @ self.means_.T - (self.means_**2).sum(axis=1) / 2
        return self.classes_[logits.argmax(axis=1)]


class LinearCentroids(Centroids):
    """The same, with its weights."""

    def fit(self, X, y):
        super().fit(X, y)
        self.coef_ = self.means_
        self.intercept_ = -(self.means_**2).sum(axis=1) / 2
        return self


@pytest.mark.parametrize(
    "model",
    [
        SVC(),
        GaussianNB(),
        Centroids(),
        make_pipeline(StandardScaler(), Centroids()),
        GridSearchCV(Centroids(), {}, cv=2),
        VotingClassifier([("one", LogisticRegression())]),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_cannot_be_linear_is_refused_before_a_label_is_paid(model):
    assert "linear" in refusal(model, ALFAMix())


@pytest.mark.parametrize(
    "model",
    [
        LinearCentroids(),
        make_pipeline(StandardScaler(), LinearCentroids()),
        GridSearchCV(LinearCentroids(), {}, cv=2),
        RidgeClassifier(),
        LinearDiscriminantAnalysis(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_may_be_linear_is_asked(model):
    oracle = Counting()
    learner = ActiveLearner(model, ALFAMix(), n_initial=30, budget=5, oracle=oracle)
    learner.set_params(random_state=0).fit(X)
    assert oracle.n_paid == 35


def test_a_linear_kernel_on_two_classes_is_linear():
    two = (y > 0).astype(int)
    ALFAMix(SVC(kernel="linear")).fit(X[:40], two[:40], X[40:]).query(2)


def test_gblinear_is_linear_and_other_boosters_are_not():
    xgboost = pytest.importorskip("xgboost", reason="xgboost is not installed")
    assert "linear" in refusal(xgboost.XGBClassifier(), ALFAMix())
    # With another base_score, or more classes, its weights are not all it predicts by.
    two = (y > 0).astype(int)
    linear = xgboost.XGBClassifier(booster="gblinear", base_score=0.5, n_jobs=1)
    learner = ActiveLearner(linear, ALFAMix(), n_initial=30, budget=5, random_state=0)
    assert learner.fit(X, two).labeled_mask_.sum() == 35


@pytest.mark.parametrize(
    "model",
    [
        VotingClassifier([("one", LogisticRegression())]),
        StackingClassifier([("one", LogisticRegression())], cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_body_whose_head_cannot_be_asked_is_refused_before_a_label_is_paid(model):
    assert "last layer" in refusal(model, DropQuery())


def imbalanced():
    """Return what the pipelines of imbalanced-learn are made of."""
    over = pytest.importorskip(
        "imblearn.over_sampling", reason="imbalanced-learn is not installed"
    )
    from imblearn.pipeline import make_pipeline

    return over, make_pipeline


@pytest.mark.parametrize("cls", [CoreSet, UncertaintyHerding])
def test_steps_that_transform_nothing_are_named(cls):
    make = partial(cls, embedding="estimator")
    over, imbalanced_pipeline = imbalanced()
    sampled = imbalanced_pipeline(over.SMOTE(), LogisticRegression())
    words = refusal(sampled, make())
    assert "'smote', SMOTE, only draws samples for training" in words
    idle = Pipeline([("idle", "passthrough"), ("none", None), ("end", GaussianNB())])
    words = refusal(idle, make())
    assert "'idle' is 'passthrough'; 'none' is None" in words
    assert "step before" not in refusal(GaussianNB(), make())


def test_steps_that_transform_nothing_are_passed_over():
    over, imbalanced_pipeline = imbalanced()
    sampler = over.RandomOverSampler(random_state=0)
    bend = FunctionTransformer(np.sinh)
    end = LogisticRegression()
    models = [
        make_pipeline(bend, end),
        Pipeline([("idle", "passthrough"), ("bend", bend), ("end", end)]),
        Pipeline([("none", None), ("bend", bend), ("end", end)]),
        imbalanced_pipeline(sampler, bend, end),
        imbalanced_pipeline(bend, sampler, end),
        imbalanced_pipeline(bend, imbalanced_pipeline(sampler, end)),
        GridSearchCV(imbalanced_pipeline(bend, sampler, end), {}, cv=2),
    ]
    asked = [
        ActiveLearner(model, CoreSet("estimator"), n_initial=30, random_state=0)
        .set_params(budget=5)
        .fit(X, y)
        .queried_indices_
        for model in models
    ]
    for rows in asked[1:]:
        assert_array_equal(rows, asked[0])


N = 60
SPLITTERS = {
    "a list of splits": list(StratifiedKFold(2).split(X[:N], y[:N])),
    "predefined": PredefinedSplit(np.arange(N) % 2),
    "repeated": RepeatedStratifiedKFold(n_splits=2, n_repeats=1),
    "shuffled": StratifiedShuffleSplit(2, random_state=0),
    "a numpy integer": np.int64(2),
    "None": None,
}


@pytest.mark.parametrize("cv", SPLITTERS.values(), ids=SPLITTERS)
def test_folds_of_any_kind_serve_a_committee(cv):
    two = (y > 0).astype(int)
    for model in (
        CalibratedClassifierCV(LinearSVC(), cv=cv),
        StackingClassifier([("one", GaussianNB())], cv=StratifiedKFold(2)),
        TunedThresholdClassifierCV(LogisticRegression(), cv=cv),
    ):
        strategy = QueryByCommittee(model, n_members=2, random_state=0)
        assert len(strategy.fit(X[:N], two[:N], X[N:]).query(3)) == 3


def test_one_left_out_and_a_share_serve_a_committee():
    two = (y > 0).astype(int)
    tuned = TunedThresholdClassifierCV(LogisticRegression(), cv=0.5)
    stacked = StackingClassifier([("one", GaussianNB())], cv=LeaveOneOut())
    for model in (tuned, stacked):
        strategy = QueryByCommittee(model, n_members=2, random_state=0)
        assert len(strategy.fit(X[:30], two[:30], X[30:]).query(3)) == 3


@pytest.mark.parametrize("name", ["SMOTE", "BorderlineSMOTE", "SMOTEENN", "nested"])
@pytest.mark.parametrize("cls", [QueryByCommittee, BALD])
def test_bootstraps_keep_the_neighbors_of_samplers(cls, name):
    over, imbalanced_pipeline = imbalanced()
    from imblearn.combine import SMOTEENN

    sampler = SMOTEENN() if name == "SMOTEENN" else getattr(over, name, over.SMOTE)()
    model = imbalanced_pipeline(sampler, LogisticRegression())
    if name == "nested":
        model = imbalanced_pipeline(StandardScaler(), model)
    rows = np.concatenate(
        [np.flatnonzero(y == label)[:n] for label, n in enumerate([6, 20, 20])]
    )
    for seed in range(5):
        cls(model, n_members=3, random_state=seed).fit(X[rows], y[rows], X).query(2)


def test_equal_classes_too_small_to_be_sampled_stay_equal():
    over, imbalanced_pipeline = imbalanced()
    model = imbalanced_pipeline(over.SMOTE(), LogisticRegression())
    rows = np.concatenate([np.flatnonzero(y == label)[:4] for label in range(3)])
    for seed in range(5):
        strategy = QueryByCommittee(model, n_members=3, random_state=seed)
        strategy.fit(X[rows], y[rows], X).query(2)


def test_a_bootstrap_that_no_sampler_can_use_says_what_to_set():
    over, imbalanced_pipeline = imbalanced()
    model = imbalanced_pipeline(over.ADASYN(n_neighbors=3), LogisticRegression())
    rows = np.concatenate(
        [np.flatnonzero(y == label)[:n] for label, n in enumerate([6, 20, 20])]
    )
    with pytest.raises(ValueError, match=r"(?s)member.*bootstrap.*RandomOverSampler"):
        for seed in range(10):
            QueryByCommittee(model, random_state=seed).fit(X[rows], y[rows], X)


def test_a_start_too_small_for_a_sampler_is_drawn_on_or_says_what_to_set():
    over, imbalanced_pipeline = imbalanced()
    model = imbalanced_pipeline(over.SMOTE(k_neighbors=2), LogisticRegression())
    n_first = []
    for seed in range(8):
        learner = ActiveLearner(model, n_initial=10, budget=20, random_state=seed)
        learner.fit(X, y > 0)
        n_first.append((learner.labeled_iter_ == 0).sum())
    assert min(n_first) == 10 < max(n_first)
    model.set_params(smote__k_neighbors=40)
    learner = ActiveLearner(model, n_initial=8, budget=20, random_state=0)
    with pytest.raises(ValueError, match=r"Raise n_initial.*k_neighbors of SMOTE"):
        learner.fit(X, y)


@pytest.mark.parametrize("strategy", [MarginSampling(), QueryByCommittee(n_members=3)])
def test_xgboost_begins_with_any_classes(strategy):
    """Of ten digits a start of ten labels shows some, and a bootstrap fewer."""
    xgboost = pytest.importorskip("xgboost", reason="xgboost is not installed")
    digits, labels = load_digits(return_X_y=True)
    model = xgboost.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1)
    for seed in range(20 if isinstance(strategy, MarginSampling) else 3):
        learner = ActiveLearner(model, strategy, budget=10, random_state=seed)
        learner.fit(digits[:500], labels[:500])
        assert (learner.labeled_iter_ == 0).sum() == 10
        assert learner.predict_proba(digits[500:]).shape == (len(digits) - 500, 10)
        assert learner.score(digits[500:], labels[500:]) > 0.1


def test_all_that_ask_a_model_are_walked():
    assert {cls for cls in all_strategies() if issubclass(cls, ModelStrategy)} <= set(
        ASKING
    )
