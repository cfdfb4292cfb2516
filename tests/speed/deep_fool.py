"""Time DeepFool on 500 images in batches against one image at a time.

    python tests/speed/deep_fool.py [n_images]

One process, one thread, the same net, the same images, the same function; the digits of
scikit-learn, and noise of the size of CIFAR-10. Both answers are compared.
"""

import sys
import time

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from skactive.nets import NetClassifier, deep_fool

BATCH = 256


def lenet(n_classes=10):
    """Return LeNet-5 with padding, for digits of 8 x 8."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, n_classes),
    )


def attack(module, X, size):
    """Return radius, steps and target, and the seconds they took."""
    start = time.perf_counter()
    parts = [deep_fool(module, X[i : i + size]) for i in range(0, len(X), size)]
    seconds = time.perf_counter() - start
    return [
        np.concatenate([part[name] for part in parts])
        for name in ("radius", "n_iter", "target")
    ], seconds


def main(n=500):
    torch.set_num_threads(1)
    digits, y = load_digits(return_X_y=True)
    digits = (digits / 16).astype(np.float32)
    images = digits.reshape(-1, 1, 8, 8)
    cases = {
        "digits, MLP of 64": (digits, NetClassifier(max_epochs=20)),
        "digits, LeNet-5": (images, NetClassifier(lenet, max_epochs=20)),
        "digits, ResNet of width 16": (images, NetClassifier(max_epochs=5)),
    }
    print(f"torch {torch.__version__}, {n} images, one thread")
    for name, (X, net) in cases.items():
        net.set_params(random_state=0, channels_last=False).fit(X[:1000], y[:1000])
        module = net.net_.module_
        pool = torch.tensor(X[1000 : 1000 + n])
        attack(module, pool[:50], BATCH)  # warms up
        together, fast = attack(module, pool, BATCH)
        alone, slow = attack(module, pool, 1)
        away = np.abs(together[0] - alone[0]) / alone[0]
        same = np.mean((together[1] == alone[1]) & (together[2] == alone[2]))
        print(
            f"{name}: {fast:.2f} s in batches of {BATCH}, {slow:.2f} s one by one: "
            f"x {slow / fast:.1f}; radii differ by {np.median(away):.0e} in the median "
            f"and {away.max():.0e} at most, steps and targets agree for {same:.1%}; "
            f"{together[1].mean():.2f} steps",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
