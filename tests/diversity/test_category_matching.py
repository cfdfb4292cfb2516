"""Distances of images by the objects in them, against a slow reference."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skactive.diversity._category_matching import Detections, image_distances


def image(labels, scores, features):
    features = np.reshape(features, (len(labels), -1 if len(labels) else 0))
    return {
        "labels": np.array(labels),
        "scores": np.asarray(scores, dtype=float),
        "features": features.astype(float),
    }


E = np.eye(2)
A = image([0, 1], [0.9, 0.6], E)
NOTHING = image([], [], [])


def distance(a, b):
    there, back = (
        image_distances(a, Detections([b])),
        image_distances(b, Detections([a])),
    )
    assert there.shape == (1,)
    assert there == back
    return there.item()


def test_by_hand():
    # The k-th box of one image is no copy of the k-th of the other.
    assert distance(A, image([0, 1], [0.8, 0.8], E[::-1])) == 1
    assert distance(A, image([0, 0], [0.8, 0.8], E)) == 0.65
    assert distance(A, A) == 0
    assert distance(A, image([1, 0, 0], [0.3, 0.2, 0.1], [E[1], E[0], E[0]])) == 0
    assert distance(A, image([2], [0.5], [E[0]])) == 2  # no class in common
    assert distance(image([0], [1], [E[0]]), image([0], [1], [-E[0]])) == 2


def test_images_without_objects_are_alike_and_far_from_all_others():
    assert distance(NOTHING, NOTHING) == 0
    assert distance(NOTHING, A) == 2
    many = Detections([A, NOTHING, A, NOTHING])
    assert_array_equal(image_distances(NOTHING, many), [2, 0, 2, 0])
    assert_array_equal(image_distances(A, many), [0, 2, 0, 2])
    assert_array_equal(image_distances(A, Detections([NOTHING] * 3)), [2, 2, 2])
    assert_array_equal(image_distances(NOTHING, Detections([NOTHING] * 3)), [0, 0, 0])


def test_objects_without_a_direction():
    zero = image([0], [0.5], [[0, 0]])
    assert distance(zero, zero) == 0
    assert distance(zero, image([0], [0.5], [E[0]])) == 1
    assert distance(image([0, 0], [0, 0], E), A) == pytest.approx(
        distance(image([0, 0], [0.5, 0.5], E), A)
    )  # scores of 0 weigh alike


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e30, 1e200])
def test_lengths_do_not_matter(scale):
    b = image([0, 1, 1], [0.8, 0.5, 0.2], [[1, 2], [3, 1], [-1, 1]])
    far = {**b, "features": b["features"] * scale}
    assert distance(A, far) == pytest.approx(distance(A, b))
    assert distance(b, far) == 0


def slow(a, b):
    """The same by loops, from the definition."""

    def one_way(a, b):
        total = 0
        for label, score, z in zip(a["labels"], a["scores"], a["features"]):
            cosines = [
                z @ w / np.linalg.norm(z) / np.linalg.norm(w)
                for other, w in zip(b["labels"], b["features"])
                if other == label
            ]
            total += score * (1 - max(cosines, default=-1))
        return total / a["scores"].sum()

    return (one_way(a, b) + one_way(b, a)) / 2


@pytest.mark.parametrize("names", [["a", "b", "c"], [3, 1, 2]])
def test_against_loops(names):
    rng = np.random.RandomState(0)
    images = []
    for m in rng.randint(1, 7, 9):
        labels = [names[k] for k in rng.randint(0, 3, m)]
        images.append(image(labels, rng.uniform(0.05, 1, m), rng.randn(m, 4)))
    everything = Detections([*images[:4], NOTHING, *images[4:]])
    for one in images:
        found = np.delete(image_distances(one, everything), 4)
        assert_allclose(found, [slow(one, other) for other in images], atol=2e-9)
