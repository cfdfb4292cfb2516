"""Joint models beside a clean retraining, where answers are masks or boxes."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.diversity import RandomSampling

pytest.importorskip("torch", reason="torch is not installed")

from skactive.deep import LL4AL, TaskAwareViT
from skactive.nets import NetDetector, NetSegmenter

pytestmark = pytest.mark.deep

SMALL = {"max_epochs": 2, "batch_size": 4}


def images(kind):
    """Squares on noise, none or one in an image, and a net for them."""
    rng = np.random.RandomState(0)
    X = rng.normal(0, 0.1, (20, 1, 16, 16)).astype(np.float32)
    masks, boxes = np.zeros((20, 16, 16), np.uint8), np.empty(20, dtype=object)
    for k in range(20):
        n = k % 2
        X[k, 0, 4:10, 4:10] += n
        masks[k, 4:10, 4:10] = n
        boxes[k] = {"boxes": [[4, 4, 10, 10]] * n, "labels": ["square"] * n}
    if kind == "masks":
        net = NetSegmenter(module__width=2, module__depth=2, **SMALL)
        return Bunch(data=X, target=masks, name=kind), net
    net = NetDetector(module__width=4, classes=["square"], **SMALL)
    return Bunch(data=X, target=boxes, name=kind), net


@pytest.mark.parametrize("kind", ["masks", "boxes"])
def test_four_corners_are_run_stored_and_read(kind, tmp_path):
    data, net = images(kind)
    settings = {"n_initial": 4, "batch_size": 3, "budget": 6, "seeds": 1}
    strategies = [RandomSampling(), LL4AL(), TaskAwareViT()]
    result = benchmark_strategies(strategies, data, net, store=tmp_path, **settings)
    assert result.failures == []
    joint = ("LL4AL", "TaskAwareViT")
    own = [f"{name} (its own model)" for name in joint]
    chance = [f"RandomSampling (model of {name})" for name in joint]
    assert set(result.strategies) == {"RandomSampling", *joint, *own, *chance}
    tests = {tuple(run.test) for run in result.runs}
    assert len(tests) == 1  # all are scored on the same images
    areas = result.areas()[kind]
    read = BenchmarkResult.load(tmp_path).areas()[kind]
    assert read.keys() == areas.keys()
    for name, of_seeds in areas.items():
        assert np.isfinite(of_seeds).all()
        np.testing.assert_array_equal(read[name], of_seeds)
    # The same net on the same decisions, by the score that it calls its own.
    for judge in (result, BenchmarkResult.load(tmp_path, data=result.data)):
        again = judge.rescore(net).areas()[kind]
        for name in ("RandomSampling", *joint):
            np.testing.assert_array_equal(again[name], areas[name])
