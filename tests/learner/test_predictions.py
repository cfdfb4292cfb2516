"""Predictions over all classes, of the last round and of those before."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits, load_iris, make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    KFold,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB

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
