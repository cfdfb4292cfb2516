"""Time the training of LL4AL against plain training of the same net.

    python tests/speed/ll4al_training.py [repeats]

Both train from the same seed, in turns, so that a busy machine slows both; medians of
the repeats and of their paired ratios are printed.
"""

import sys
import time

import numpy as np
import torch

from skactive.deep import LL4AL
from skactive.nets import NetClassifier

CASES = {
    "table 1000 x 20, MLP": ((20,), {"max_epochs": 10}),
    "images 500 x 1 x 16 x 16, ResNet": ((1, 16, 16), {"max_epochs": 2}),
    "images 500 x 3 x 32 x 32, ResNet": ((3, 32, 32), {"max_epochs": 2}),
    "images 128 x 3 x 32 x 32, ResNet of width 64": (
        (3, 32, 32),
        {"max_epochs": 1, "module__width": 64, "module__blocks": (1, 1, 1, 1)},
    ),
}


def seconds(estimator, X, y):
    start = time.perf_counter()
    estimator.fit(X, y)
    return time.perf_counter() - start


def measure(shape, settings, n, repeats):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, *shape)).astype(np.float32)
    y = rng.randint(10, size=n)
    net = NetClassifier(batch_size=64, **settings)
    arms = {
        "plain": lambda: NetClassifier(**net.get_params()).set_params(random_state=0),
        # Attached throughout is the dearer phase; published is a mix.
        "paper": lambda: LL4AL.from_preset("paper", net, random_state=0),
        "attached": lambda: LL4AL(net, detach_epoch=None, random_state=0),
    }
    times = {name: [] for name in arms}
    for repeat in range(repeats + 1):
        for name, make in arms.items():
            spent = seconds(make(), X, y)
            if repeat > 0:  # the first warms up
                times[name].append(spent)
    return {name: np.array(values) for name, values in times.items()}


def main(repeats=7):
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    for name, (shape, settings) in CASES.items():
        n = int(name.split()[1])
        times = measure(shape, settings, n, repeats)
        plain = times.pop("plain")
        print(f"{name}: plain {np.median(plain):.3f} s", end="")
        for arm, values in times.items():
            print(f", {arm} x {np.median(values / plain):.3f}", end="")
        print(flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
