"""How uncertain a model is of images, from what it says of their pixels."""

import numpy as np
import pytest

from skactive.deep import uncertainty_indicator
from skactive.deep._indicated import checked, mean_over_pixels

pytestmark = pytest.mark.deep


class Maps:
    """Predicts the maps that it is given as samples."""

    def predict_proba(self, X):
        return X


@pytest.mark.parametrize("ddof", [0, 1])
def test_the_mean_over_the_pixels_of_each_image(ddof):
    rng = np.random.RandomState(0)
    maps = rng.dirichlet(np.ones(3), (4, 2, 5)).transpose(0, 3, 1, 2)
    by_hand = [
        np.mean([uncertainty_indicator(p[None], ddof=ddof)[0] for p in one])
        for one in maps.transpose(0, 2, 3, 1).reshape(4, 10, 3)
    ]
    np.testing.assert_allclose(mean_over_pixels(Maps(), maps, ddof=ddof), by_hand)
    larger = np.concatenate([maps, maps], axis=2)
    np.testing.assert_allclose(mean_over_pixels(Maps(), larger, ddof=ddof), by_hand)


def test_of_one_class_a_model_is_certain():
    assert mean_over_pixels(Maps(), np.ones((3, 1, 2, 2))).tolist() == [0, 0, 0]


def test_pixels_without_probabilities_are_refused():
    with pytest.raises(ValueError, match="does not sum to 1"):
        mean_over_pixels(Maps(), np.full((1, 2, 2, 2), 0.4))


@pytest.mark.parametrize("states", [[0.5], [0.5, 2], [[0, 1]], ["a", "b"], [0, np.nan]])
def test_an_indicator_of_ones_own_is_one_number_from_0_to_1(states):
    with pytest.raises(ValueError, match="from 0 to 1 per sample"):
        checked(states, 2)
    assert checked([0, 1], 2).tolist() == [0, 1]
