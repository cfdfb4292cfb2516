"""Time a step of MoBYv2AL against a plain step of the same net on the same images.

    python tests/speed/contrastive_step.py [repeats]

In turns and from the same weights, so that a busy machine slows all alike; medians of
paired ratios are printed. "Two views" is a plain step on twice as many images, for two
views of each are what the contrastive branch learns from.
"""

import sys
import time

import numpy as np
import torch
from sklearn.base import clone

from skactive.nets import NetClassifier
from skactive.nets.beside._momentum import Momentum

CASES = {
    "table 64 x 20, MLP": ((20,), {}, {}),
    "images 64 x 1 x 8 x 8, ResNet": ((1, 8, 8), {}, {}),
    "images 64 x 3 x 32 x 32, ResNet": ((3, 32, 32), {}, {}),
    "images 64 x 3 x 32 x 32, ResNet, fused": ((3, 32, 32), {}, {"fused": True}),
}
BRANCH = {
    "contrastive_weight": 0.5,
    "temperature": 0.2,
    "key_momentum": 0.99,
    "queue_size": 1024,
    "proj_dim": 128,
    "head_layers": 1,
    "weak": None,
    "strong": None,
    "fused": None,
}


def nets(shape, settings, branch):
    """Return a plain net, the joint one, and the joint one whose views cost nothing."""
    rng = np.random.RandomState(0)
    X, y = rng.rand(128, *shape).astype(np.float32), np.arange(128) % 10
    net = NetClassifier(max_epochs=1, random_state=0, **settings)
    free = {"weak": lambda X: X + 0, "strong": lambda X: X + 0.1}
    recipes = [Momentum(**{**BRANCH, **branch, **views}) for views in ({}, free)]
    joint = [clone(net)._train(X, y, recipe, X_pool=X).net_ for recipe in recipes]
    return net.fit(X, y).net_, *joint


def measure(shape, settings, branch, repeats):
    plain, joint, free = nets(shape, settings, branch)
    size = plain.batch_size
    X, y = torch.rand(2 * size, *shape), torch.arange(2 * size) % 10
    for net in (plain, joint, free):
        net.notify("on_epoch_begin", dataset_train=None, dataset_valid=None)
    steps = {
        "plain": (plain, (X[:size], y[:size])),
        "two views": (plain, (X, y)),
        "labeled": (joint, (X[:size], y[:size])),
        "pool": (joint, (X[:size], None)),
        "pool, views free": (free, (X[:size], None)),
    }
    times = {name: [] for name in steps}
    for repeat in range(repeats + 1):
        for name, (net, batch) in steps.items():
            net.notify("on_batch_begin", batch=batch, training=True)
            start = time.process_time()
            net.train_step(batch)
            if repeat > 0:  # the first warms up
                times[name].append(time.process_time() - start)
    return {name: np.array(values) for name, values in times.items()}


def main(repeats=25):
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, CPU seconds of one thread")
    for name, (shape, settings, branch) in CASES.items():
        times = measure(shape, settings, branch, repeats)
        plain = times["plain"]
        print(f"{name}: plain {1e3 * np.median(plain):.1f} ms", end="")
        for arm in ("labeled", "pool", "pool, views free", "two views"):
            print(f"; {arm} x {np.median(times[arm] / plain):.2f}", end="")
        beside = np.median(times["labeled"] / plain) - 1
        print(f"; what labeled steps cost more x {beside:.2f}", end="")
        views = np.median(times["pool"] / times["two views"])
        print(f"; pool to two views x {views:.2f}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
