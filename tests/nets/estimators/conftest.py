"""Data that the tests of this folder share."""

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return ((X - X.mean(0)) / X.std(0)).astype(np.float32), y


@pytest.fixture(scope="module")
def digits():
    """200 images of 8 x 8 pixels as bytes, and their digits."""
    X, y = load_digits(return_X_y=True)
    return (X[:200] * 15).astype(np.uint8).reshape(-1, 1, 8, 8), y[:200]
