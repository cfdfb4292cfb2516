"""The most doubtful label: on paper, and with one label as a margin."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_breast_cancer, load_digits, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.uncertainty import (
    BinMin,
    MarginSampling,
    bin_min,
    entropy,
    mean_label_entropy,
)

P = np.array([[0.9, 0.2, 0.6], [0.5, 0.5, 0.1], [0.51, 0.99, 0.02]])


def test_the_most_doubtful_label_decides():
    assert_allclose(bin_min(P), [-0.2, 0, -0.02], atol=1e-15)


def test_the_order_is_that_of_the_highest_entropy():
    nearest = (1 + bin_min(P)) / 2
    highest = entropy(np.c_[nearest, 1 - nearest])
    assert_allclose(highest, [0.673012, 0.693147, 0.692947], atol=1e-6)


def test_mean_entropy_on_paper_and_of_distributions():
    assert_allclose(mean_label_entropy(P), [0.499499, 0.570459, 0.282329], atol=1e-6)
    both = np.stack([1 - P, P], axis=2).reshape(-1, 2)
    assert_allclose(mean_label_entropy(P), entropy(both).reshape(3, 3).mean(axis=1))


def test_what_is_certain_has_no_entropy():
    sure = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    for dtype in (np.float32, np.float64):
        scores = mean_label_entropy(sure.astype(dtype))
        assert_array_equal(scores, [0, 0, 0])
        assert not np.signbit(scores).any() and scores.dtype == dtype
        assert_array_equal(bin_min(sure.astype(dtype)), [-1, -1, -1])


def test_one_label_has_the_entropy_of_two_classes_to_the_bit():
    p = np.random.RandomState(0).uniform(size=(500, 1))
    assert_array_equal(mean_label_entropy(p), entropy(np.c_[1 - p, p]))


def test_the_mean_of_a_forest_is_its_own_probability():
    """So that the entropy of its mean is that of the ensemble as one model."""
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((60, 3)), rng.randint(2, size=(60, 2))
    forest = RandomForestClassifier(7, max_depth=3, random_state=0).fit(X, y)
    trees = [np.stack(t.predict_proba(X))[:, :, 1].T for t in forest.estimators_]
    strategy = BinMin(forest).fit(X, y, X)
    answered = RandomForestClassifier(7, max_depth=3, random_state=0).fit(X, y)
    answered = np.stack([p[:, 1] for p in answered.predict_proba(X)], axis=1)
    assert_allclose(np.mean(trees, axis=0), answered)
    assert strategy.score_samples(X).shape == (60,)


def two_classes(name):
    if name == "made":
        return make_classification(300, 6, n_informative=4, random_state=0)
    if name == "tumors":
        return load_breast_cancer(return_X_y=True)
    X, y = load_digits(return_X_y=True)
    return X[y < 2], np.array(["zero", "one"])[y[y < 2]]


@pytest.mark.parametrize("name", ["made", "tumors", "digits"])
@pytest.mark.parametrize(
    "model",
    [make_pipeline(StandardScaler(), LogisticRegression()), RandomForestClassifier(9)],
    ids=["logistic", "forest"],
)
def test_with_one_label_it_asks_as_margin_sampling_does(name, model):
    """The whole pool, sure samples and the many ties of a forest included."""
    X, y = two_classes(name)
    asked = [
        cls(model, random_state=0).fit(X[:60], y[:60], X[60:]).query(len(X) - 60)
        for cls in (BinMin, MarginSampling)
    ]
    assert_array_equal(*asked)


@pytest.mark.filterwarnings("ignore:A column-vector:Warning")
def test_a_column_of_labels_is_one_label():
    X, y = two_classes("made")
    one = BinMin(random_state=0).fit(X[:60], y[:60], X[60:])
    column = BinMin(random_state=0).fit(X[:60], y[:60, None], X[60:])
    assert_array_equal(column.query(9), one.query(9))


def test_no_label_and_all_labels_are_sets_like_others():
    X = np.random.RandomState(0).standard_normal((30, 2))
    y = np.zeros((20, 2), dtype=int)
    y[X[:20, 0] > 0] = 1
    asked = BinMin().fit(X[:20], y, X[20:]).query(1)[0]
    assert (
        asked
        == np.abs(BinMin().fit(X[:20], y[:, 0], X[20:]).score_samples(X[20:])).argmin()
    )
