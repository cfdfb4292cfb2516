"""Time the training of TaskAwareViT against plain training on as many images.

    python tests/speed/bottleneck.py [repeats]

"plain" is a NetClassifier on labeled samples and pool together, all with labels: as
many images in as many steps. "none" is TaskAwareViT without its bottleneck, so that
what is above it is the bottleneck alone. All run in turns, so that a busy machine slows
them alike. Processor seconds are counted: medians, and medians of paired ratios.
"""

import sys
import time

import numpy as np
import torch

from skactive.deep import TaskAwareViT
from skactive.nets import NetClassifier

CASES = {
    "images 3 x 32 x 32, ResNet of width 16": (256, {"max_epochs": 2}),
    "images 3 x 32 x 32, ResNet of width 32": (
        128,
        {"max_epochs": 2, "module__width": 32},
    ),
}
# As many samples in a step as the released code has, 128, where the net is small.
HALF = 64


def seconds(estimator, X, y, **pool):
    start = time.process_time()
    estimator.fit(X, y, **pool)
    return time.process_time() - start


def measure(n, settings, repeats):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((2 * n, 3, 32, 32)).astype(np.float32)
    y = rng.randint(10, size=2 * n)
    net = NetClassifier(random_state=0, **settings)
    known, pool = {"X": X[:n], "y": y[:n]}, X[n:]
    runs = {"plain": lambda: seconds(net.set_params(batch_size=2 * HALF), X, y)}
    for mode in ("none", "sample", "channel"):
        runs[mode] = lambda mode=mode: seconds(
            TaskAwareViT(
                net.set_params(batch_size=HALF), detach=False, bottleneck=mode
            ),
            **known,
            X_pool=pool,
        )
    times = {name: [] for name in runs}
    for repeat in range(repeats + 1):
        for name, run in runs.items():
            spent = run()
            if repeat > 0:  # the first warms up
                times[name].append(spent)
    return {name: np.array(values) for name, values in times.items()}


def main(repeats=7):
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, 1 thread")
    for name, (n, settings) in CASES.items():
        times = measure(n, settings, repeats)
        print(f"{name}: plain {np.median(times['plain']):.3f} s", end="")
        for arm in ("none", "sample", "channel"):
            print(f", {arm} x {np.median(times[arm] / times['plain']):.3f}", end="")
        for arm in ("sample", "channel"):
            ratio = np.median(times[arm] / times["none"])
            print(f", {arm} / none {ratio:.3f}", end="")
        print(flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
