"""Logistic regression on averaged features as the propagator."""

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from skactive.deep import SGCPropagator

pytestmark = pytest.mark.deep

PAIRS = sparse.csr_array(np.kron(np.eye(2), [[0.0, 1.0], [1.0, 0.0]]))


def test_smoothed_logistic_regression_says_what_its_model_says():
    rng = np.random.RandomState(0)
    for n_classes in (2, 3):
        y = np.arange(24) % n_classes
        Z = 2 * np.eye(n_classes, 4)[y] + rng.standard_normal((24, 4))
        W = SGCPropagator.default_affinity().fit_transform(Z)
        model = SGCPropagator().fit(Z, W, np.arange(12), y[:12], n_classes)
        proba = model._logits(torch.tensor(Z)).softmax(1).numpy()
        np.testing.assert_allclose(proba, model.proba_, rtol=1e-9)


@pytest.mark.parametrize("hops", [1, 2])
def test_features_of_a_pair_are_their_mean(hops):
    """With a loop at each node the average is 1/2 and 1/2, however often taken."""
    Z = np.array([[0.0, 2.0], [0.0, 4.0], [6.0, 0.0], [2.0, 0.0]])
    fitted = SGCPropagator(hops=hops, C=1.0).fit(Z, PAIRS, [0, 2], [0, 1], 2)
    means = np.array([[0.0, 3.0], [0.0, 3.0], [4.0, 0.0], [4.0, 0.0]])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(means[[0, 2]], [0, 1])
    np.testing.assert_allclose(fitted.proba_, model.predict_proba(means), atol=1e-9)
    assert fitted.reached_.all()


def test_weaker_regularization_is_surer():
    sure = [
        SGCPropagator(C=C).fit(np.eye(4), PAIRS, [0, 2], [0, 1], 2).proba_.max()
        for C in (1.0, 100.0)
    ]
    assert sure[0] + 0.1 < sure[1]


@pytest.mark.parametrize("name", ["hops", "C"])
def test_bad_settings_are_named_with_their_value(name):
    with pytest.raises(ValueError, match=f"'{name}' .* SGCPropagator .* Got 0 "):
        SGCPropagator(**{name: 0}).fit(np.eye(4), PAIRS, [0, 2], [0, 1], 2)
