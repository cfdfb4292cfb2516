"""Predictions over all classes, of the last round and of those before."""

import copy
import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits, load_iris, make_blobs
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    KFold,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.uncertainty import MarginSampling

X_DIGITS, Y_DIGITS = load_digits(return_X_y=True)
X_DIGITS = X_DIGITS / 16
X_BLOBS, Y_BLOBS = make_blobs(120, centers=3, random_state=0, cluster_std=2.0)
X_IRIS, Y_IRIS = load_iris(return_X_y=True)
X_IRIS = (X_IRIS - X_IRIS.mean(axis=0)) / X_IRIS.std(axis=0)


def test_probabilities_have_a_column_for_every_class():
    X, y = X_DIGITS, Y_DIGITS
    learner = ActiveLearner(
        n_initial=4, budget=1, random_state=0, strategy=MarginSampling(GaussianNB())
    ).fit(X, y)
    known = np.unique(y[learner.labeled_mask_])
    assert len(known) < 10
    proba = learner.predict_proba(X)
    assert proba.shape == (len(X), 10)
    assert_array_equal(np.flatnonzero(proba.max(axis=0) > 0), known)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert_array_equal(learner.classes_[proba.argmax(axis=1)], learner.predict(X))


def test_decision_function_spreads_over_all_classes():
    labeled = np.isin(Y_IRIS, [0, 2]) & (np.arange(150) % 10 == 0)
    learner = ActiveLearner(
        LogisticRegression(), RandomSampling(), budget=1, classes=[0, 1, 2]
    )
    y = np.where(labeled, Y_IRIS, np.nan)
    decision = learner.fit(X_IRIS, y).decision_function(X_IRIS)
    assert decision.shape == (150, 3)
    assert_array_equal(
        learner.classes_[decision.argmax(axis=1)], learner.predict(X_IRIS)
    )


def test_the_curve_of_the_rounds():
    learner = ActiveLearner(budget=30, random_state=0).fit(X_DIGITS, Y_DIGITS)
    scores = list(learner.staged_score(X_DIGITS, Y_DIGITS))
    assert len(scores) == len(learner.estimators_) == 4
    assert scores[-1] == learner.score(X_DIGITS, Y_DIGITS)
    predictions = list(learner.staged_predict(X_DIGITS))
    assert np.mean(predictions[1] == Y_DIGITS) == scores[1]
    stages = list(learner.stages())
    assert [s.labeled_mask_.sum() for s in stages] == [10, 20, 30, 40]
    assert [len(s.queried_indices_) for s in stages] == [10, 20, 30, 40]
    assert [s.history_["n_labeled"][-1] for s in stages] == [10, 20, 30, 40]


def test_stages_of_a_large_pool_hold_no_array_of_it_each():
    n = 100_000
    X, y = np.arange(n, dtype=float)[:, None], np.arange(n) % 2
    learner = ActiveLearner(
        GaussianNB(), RandomSampling(), budget=50, batch_size=5, random_state=0
    ).fit(X, y)
    tracemalloc.start()
    stages = list(learner.stages())
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(stages) == 11 and held < 8 * n
    whole = learner.labeled_iter_
    assert whole.dtype == int
    for k, stage in enumerate(stages):
        for each in (stage, copy.copy(stage), pickle.loads(pickle.dumps(stage))):
            assert each.labeled_iter_.dtype == int
            assert_array_equal(each.labeled_iter_, np.where(whole <= k, whole, -1))
            assert each.labeled_mask_.sum() == len(each.queried_indices_)
        assert [len(s.queried_indices_) for s in stage.stages()] == [
            10 + 5 * i for i in range(k + 1)
        ]
    again = stages[2].fit(X[:100], y[:100])  # a learner like any other
    assert len(again.labeled_iter_) == 100 and again.labeled_mask_.sum() == 60
    assert not hasattr(ActiveLearner(), "labeled_iter_")


def test_without_the_models_of_the_rounds_there_is_no_staged_api():
    learner = ActiveLearner(budget=30, keep_estimators=False).fit(X_DIGITS, Y_DIGITS)
    assert not hasattr(learner, "estimators_")
    assert not hasattr(learner, "staged_predict")
    assert not hasattr(learner, "stages")
    assert learner.predict(X_DIGITS).shape == Y_DIGITS.shape


@pytest.mark.parametrize("absent", [np.nan, -1])
def test_unlabeled_rows_are_never_scored_as_a_class(absent):
    y = Y_BLOBS.astype(float)
    y[::2] = absent
    learner = ActiveLearner(missing_label=None if np.isnan(absent) else absent)
    with pytest.raises(ValueError, match="20 of 40 rows to be scored have no label"):
        cross_validate(learner, X_BLOBS, y, cv=KFold(3), error_score="raise")


def test_logarithms_names_and_containers_are_those_of_the_model():
    learner = ActiveLearner(LogisticRegression(), budget=5, random_state=0)
    learner.fit(X_IRIS, Y_IRIS)
    np.testing.assert_allclose(
        learner.predict_log_proba(X_IRIS), np.log(learner.predict_proba(X_IRIS))
    )
    assert not hasattr(learner, "set_output")
    X = pd.DataFrame(X_IRIS, columns=list("abcd"))
    pipe = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis())
    learner = ActiveLearner(pipe, budget=20, random_state=0)
    learner = learner.set_output(transform="pandas").fit(X, Y_IRIS)
    frame = learner.transform(X)
    assert list(frame.columns) == list(learner.get_feature_names_out())


def test_the_logarithm_of_a_class_that_was_not_seen():
    y = np.where(Y_IRIS < 2, Y_IRIS, np.nan)
    learner = ActiveLearner(LogisticRegression(), classes=[0, 1, 2], random_state=0)
    log_proba = learner.fit(X_IRIS, y).predict_log_proba(X_IRIS)
    assert np.isneginf(log_proba[:, 2]).all() and np.isfinite(log_proba[:, :2]).all()
