"""What it weighs to send something."""

import pickle

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from skactive.utils._weight import pickled_bytes


def test_bytes_are_those_of_a_pickle():
    model = KNeighborsClassifier().fit(np.zeros((500, 8)), np.arange(500) % 2)
    assert pickled_bytes(model) == len(pickle.dumps(model, protocol=5))


def test_what_pickle_cannot_write_weighs_nothing():
    assert pickled_bytes(lambda: None) == 0
