"""suspect_labels: labels that models do not expect that have not seen them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skactive import ActiveLearner
from skactive.inspection import suspect_labels

X, Y = load_iris(return_X_y=True)


def test_losses_are_those_of_cross_validation():
    folds = StratifiedKFold(5, shuffle=True, random_state=3)
    proba = cross_val_predict(GaussianNB(), X, Y, cv=folds, method="predict_proba")
    found = suspect_labels(GaussianNB(), X, Y, random_state=3)
    expected = -np.log(proba[np.arange(150), Y])
    assert_allclose(found.loss, expected, rtol=1e-9)
    assert_array_equal(found.rows, np.argsort(-expected, kind="stable"))
    assert_array_equal(found.expected, proba.argmax(axis=1)[found.rows])
    given = suspect_labels(GaussianNB(), X, Y, cv=folds, random_state=0)
    assert_allclose(given.loss, expected)


def test_slips_come_first():
    digits, truth = load_digits(return_X_y=True)
    digits, truth = digits[:500] / 16, truth[:500]
    rng = np.random.RandomState(0)
    slips = rng.choice(500, 20, replace=False)
    y = truth.copy()
    y[slips] = (y[slips] + rng.randint(1, 10, size=20)) % 10
    found = suspect_labels(LogisticRegression(), digits, y, random_state=0)
    assert np.isin(found.rows[:20], slips).sum() >= 17
    right = found.expected[:20] == truth[found.rows[:20]]
    assert right.sum() >= 16


@pytest.mark.parametrize("missing", [None, np.nan, "none"], ids=str)
def test_missing_labels_are_passed_over(missing):
    y = Y.astype(object)
    y[::3] = missing
    label = "none" if missing == "none" else None
    found = suspect_labels(GaussianNB(), X, y, missing_label=label, random_state=0)
    known = np.arange(150) % 3 > 0
    assert_array_equal(np.sort(found.rows), np.flatnonzero(known))
    assert_array_equal(np.isnan(found.loss), ~known)
    alone = suspect_labels(GaussianNB(), X[known], Y[known], random_state=0)
    assert_allclose(found.loss[known], alone.loss)


def test_labels_of_a_learner_and_their_names():
    names = np.array(["setosa", "versicolor", "virginica"])[Y]
    y = np.where(np.arange(150) % 4 == 0, names, None)
    learner = ActiveLearner(GaussianNB()).fit(X, y)
    found = suspect_labels(GaussianNB(), X, learner.labels_, random_state=0)
    assert_array_equal(np.sort(found.rows), np.arange(0, 150, 4))
    assert set(found.expected) <= set(names)


def test_a_class_of_one_cannot_be_checked():
    y = Y.copy()
    y[7] = 9
    for cv in (5, StratifiedKFold(2, shuffle=True, random_state=0)):
        if cv == 5:
            found = suspect_labels(GaussianNB(), X, y, cv=cv, random_state=0)
            assert 7 not in found.rows and np.isnan(found.loss[7])
            assert len(found.rows) == 149
    with pytest.raises(ValueError, match="No label could be checked: no class"):
        suspect_labels(GaussianNB(), X[:4], [0, 1, 2, 3])


def test_two_of_a_class_are_enough():
    found = suspect_labels(LogisticRegression(), X[[0, 1, 60, 61]], [0, 0, 1, 1])
    assert len(found.rows) == 4


def test_probabilities_of_zero_are_finite():
    tree = DecisionTreeClassifier(random_state=0)
    found = suspect_labels(tree, X, Y, random_state=0)
    assert np.isfinite(found.loss).all() and found.loss.max() > 100


def test_numbers_by_their_absolute_error():
    data, target = load_diabetes(return_X_y=True)
    target = target.copy()
    target[11] = 3000
    found = suspect_labels(Ridge(), data, target, cv=4, random_state=0)
    assert found.rows[0] == 11
    folds = KFold(4, shuffle=True, random_state=0)
    expected = np.abs(cross_val_predict(Ridge(), data, target, cv=folds) - target)
    assert_allclose(found.loss, expected)


def test_containers():
    pd = pytest.importorskip("pandas")
    model = MultinomialNB()
    expected = suspect_labels(model, X, Y, random_state=0)
    frame, column = pd.DataFrame(X), pd.Series(Y)
    csr, lists = sparse.csr_array(X), X.tolist()
    for data, y in [(frame, column), (csr, Y), (lists, Y.tolist())]:
        found = suspect_labels(model, data, y, random_state=0)
        assert_allclose(found.loss, expected.loss, rtol=1e-5)


def test_seeds():
    one, two = (suspect_labels(GaussianNB(), X, Y, random_state=s) for s in (0, 1))
    assert (one.loss != two.loss).any()
    again = suspect_labels(GaussianNB(), X, Y, random_state=0)
    assert_array_equal(one.loss, again.loss)


@pytest.mark.parametrize(
    "model, params, words",
    [
        (FrozenEstimator(GaussianNB()), {}, "is frozen, and has seen the labels"),
        (LinearSVC(), {}, "needs a classifier with predict_proba, or a regressor"),
        (GaussianNB(), {"cv": 1}, "cv of suspect_labels must be"),
        (GaussianNB(), {"cv": True}, "cv of suspect_labels must be"),
        (GaussianNB(), {"cv": "5"}, "cv of suspect_labels must be"),
    ],
    ids=["frozen", "no probabilities", "one", "bool", "word"],
)
def test_what_cannot_be_is_refused(model, params, words):
    with pytest.raises(ValueError, match=words):
        suspect_labels(model, X, Y, **params)


def test_too_few_labels_and_lengths():
    with pytest.raises(ValueError, match="two labels or more, got 1"):
        suspect_labels(GaussianNB(), X[:3], [1, None, None])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        suspect_labels(GaussianNB(), X, Y[:-1])
    groups = GroupKFold(2)
    with pytest.raises(ValueError, match="groups"):
        suspect_labels(GaussianNB(), X, Y, cv=groups)


def test_labels_of_several_columns_are_looked_at_one_by_one():
    X, Y = np.arange(12.0)[:, None], np.arange(24).reshape(12, 2) % 3 // 2
    with pytest.raises(ValueError, match="Check the columns one by one: y"):
        suspect_labels(GaussianNB(), X, Y)
