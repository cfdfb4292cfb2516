"""How far virtual labels are believed."""

import numpy as np
import pytest

from skactive.deep.revival._virtual_labels import believed, propagate

pytestmark = pytest.mark.deep


class Told:
    """A propagator that says what it is told to."""

    def __init__(self, proba, **attributes):
        self.proba_ = proba
        vars(self).update(attributes)

    def fit(self, Z, W, rows, y, n_classes):
        self.seen = rows.tolist(), list(y), n_classes


def test_the_first_nodes_are_the_labeled_ones():
    told = Told(np.full((4, 2), 0.5), reached_=np.array([True, True, True, False]))
    proba, reached = propagate(told, np.zeros((4, 3)), None, [1, 0], 2)
    assert told.seen == ([0, 1], [1, 0], 2)
    assert proba.shape == (4, 2) and reached.tolist() == [True, True, True, False]


def test_one_that_does_not_say_what_it_reached_reaches_all():
    _, reached = propagate(Told([[1.0], [1.0]]), np.zeros((2, 3)), None, [0], 1)
    assert reached.tolist() == [True, True]


@pytest.mark.parametrize("proba", [np.ones((3, 2)), np.full((4, 2), np.inf)])
def test_answers_of_another_shape_or_not_finite_are_refused(proba):
    with pytest.raises(ValueError, match=r"the 4 nodes .* the 2 classes; got shape"):
        propagate(Told(proba), np.zeros((4, 3)), None, [0, 1], 2)


PROBA = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [1.0, 0.0]])


def test_sure_labels_count_by_the_rarity_of_their_class():
    """Given 0 and 0; virtual 0, none (a tie says nothing), 1, 0.

    Of six labels, the tie going to the first class, five are of class 0 and one of
    class 1: weights of 6 / (2 * 5) and 6 / (2 * 1).
    """
    rows, winners, weights = believed(PROBA, np.ones(4, bool), np.array([0, 0]), 1.0)
    assert rows.tolist() == [0, 2, 3] and winners.tolist() == [0, 1, 0]
    np.testing.assert_allclose(weights, [0.6, 3.0, 0.6])
    halved = believed(PROBA, np.ones(4, bool), np.array([0, 0]), 0.5)[2]
    np.testing.assert_allclose(halved, weights / 2)


def test_what_is_not_trusted_counts_nothing():
    trusted = np.array([False, True, True, True])
    assert believed(PROBA, trusted, np.array([0, 1]), 1.0)[0].tolist() == [2, 3]
    for trusted, weight in ((np.zeros(4, bool), 1.0), (np.ones(4, bool), 0.0)):
        rows, winners, weights = believed(PROBA, trusted, np.array([0, 1]), weight)
        assert len(rows) == len(winners) == len(weights) == 0
