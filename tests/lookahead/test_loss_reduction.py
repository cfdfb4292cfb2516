"""The loss were the probable labels right: on paper, by loops, and at the ends."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import (
    load_breast_cancer,
    make_classification,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive.lookahead import MaximumLossReduction, loss_reduction
from skactive.uncertainty import LeastConfidenceSampling, MarginSampling


def test_losses_on_paper():
    proba = (np.array([[0.8, -0.3, 0.1]] * 2) + 1) / 2
    assert_allclose(loss_reduction(proba, [1, 2]), [1.0, 0.9])


def test_no_label_and_all_labels():
    proba = [[0.9, 0.2], [0.9, 0.2], [0.0, 0.0], [1.0, 1.0]]
    assert_allclose(loss_reduction(proba, [0, 2, 0, 2]), [1.1, 0.9, 0, 0], atol=1e-15)
    assert loss_reduction(np.float32([[0.5, 0.5]]), [1]).dtype == np.float32


def test_losses_agree_with_loops():
    rng = np.random.RandomState(0)
    proba, counts = rng.uniform(size=(50, 6)), rng.randint(7, size=50)
    expected = []
    for p, m in zip(proba, counts, strict=True):
        y = np.full(6, -1)
        y[np.argsort(-p)[:m]] = 1
        expected.append(sum(max(0, (1 - a * (2 * q - 1)) / 2) for a, q in zip(y, p)))
    assert_allclose(loss_reduction(proba, counts), expected)


def test_a_number_for_each_sample():
    for counts in (1, [1], [[1, 1]]):
        with pytest.raises(ValueError, match="one number for each of 2 samples"):
            loss_reduction([[0.1, 0.2], [0.3, 0.4]], counts)


def test_numbers_of_labels_are_predicted_from_sorted_shares():
    X = np.random.RandomState(0).standard_normal((120, 3))
    y = (X > 0).astype(int)
    strategy = MaximumLossReduction(random_state=0).fit(X[:60], y[:60], X[60:])

    def shares(p):
        best = np.sort(p, axis=1)[:, ::-1]
        return best / best.sum(axis=1)[:, None]

    known, pool = (strategy.estimator_.predict_proba(Z) for Z in (X[:60], X[60:]))
    counting = LogisticRegression(max_iter=1000).fit(shares(known), y[:60].sum(axis=1))
    counts = counting.predict(shares(pool))
    assert len(np.unique(counts)) > 1  # else it would be known without a model
    assert_allclose(strategy.score_samples(X[60:]), loss_reduction(pool, counts))


def test_the_labels_chosen_are_those_of_the_sample_itself():
    """An older code of a peer indexed samples in the place of labels: all counted."""
    proba = [[0.1, 0.9, 0.2], [0.9, 0.1, 0.2], [0.2, 0.1, 0.9]]
    assert_allclose(loss_reduction(proba, [1, 1, 1]), [0.4] * 3)
    assert_allclose(loss_reduction(proba, [3, 3, 3]), [1.8] * 3)


@pytest.mark.parametrize("name", ["made", "tumors"])
@pytest.mark.parametrize(
    "model",
    [make_pipeline(StandardScaler(), LogisticRegression()), RandomForestClassifier(9)],
    ids=["logistic", "forest"],
)
def test_with_one_label_it_asks_as_margin_sampling_does(name, model):
    X, y = (
        make_classification(300, 6, n_informative=4, random_state=0)
        if name == "made"
        else load_breast_cancer(return_X_y=True)
    )
    asked = [
        cls(model, random_state=0).fit(X[:60], y[:60], X[60:]).query(len(X) - 60)
        for cls in (MaximumLossReduction, MarginSampling)
    ]
    assert_array_equal(*asked)


def test_with_one_class_for_each_sample_it_is_least_confidence():
    X, y = make_classification(
        200, 6, n_informative=4, n_redundant=0, n_classes=3, random_state=0
    )
    asked = [
        cls(random_state=0).fit(X[:60], y[:60], X[60:]).query(30)
        for cls in (MaximumLossReduction, LeastConfidenceSampling)
    ]
    assert_array_equal(*asked)


@pytest.mark.filterwarnings("ignore:Label .* is present:UserWarning")
@pytest.mark.parametrize("value", [0, 1])
def test_labels_that_are_nowhere_or_everywhere(value):
    X = np.random.RandomState(0).standard_normal((30, 2))
    y = np.full((20, 3), value)
    strategy = MaximumLossReduction(random_state=0).fit(X[:20], y, X[20:])
    assert strategy.count_model_ is None
    assert_array_equal(strategy.score_samples(X[20:]), 0)
    assert len(strategy.query(4)) == 4


@pytest.mark.filterwarnings("ignore:Label .* is present:UserWarning")
def test_samples_without_any_probability_have_finite_scores():
    """Their shares would be 0 divided by 0."""
    X = np.array([[-1.0], [-2.0], [1.0], [2.0]])
    y = np.array([[0, 0], [0, 0], [1, 0], [1, 0]])
    forest = RandomForestClassifier(5, bootstrap=False)
    strategy = MaximumLossReduction(forest).fit(X, y, 3 * X)
    assert strategy.count_model_ is not None
    assert_array_equal(strategy.score_samples(3 * X), 0)
