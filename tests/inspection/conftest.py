"""Fitted learners to draw, and figures closed after each test."""

import pytest
from sklearn.datasets import load_digits, make_blobs

from skactive import ActiveLearner
from skactive.diversity import RandomSampling
from skactive.uncertainty import MarginSampling


@pytest.fixture(autouse=True)
def close_figures():
    """Leave no figure open for the next test."""
    plt = pytest.importorskip("matplotlib.pyplot")
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


@pytest.fixture(scope="module")
def blobs():
    X, y = make_blobs(150, centers=3, random_state=0)
    return X, y, ActiveLearner(budget=30, random_state=0).fit(X, y)
