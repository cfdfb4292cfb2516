"""
=====================================
Deep strategies on a part of CIFAR-10
=====================================

Strategies on real images, small enough for one core: 2,000 images, 200 of them labeled
at the start, two rounds of 100 more, accuracy on 1,000 test images. It reads
``cifar10_small.npz`` from the folder that the environment variable ``SKACTIVE_DATA``
names, so this page does not run it::

    python examples/deep/cifar10_subset.py MoBYv2AL

Seconds of CPU time on one core of a machine that was busy with other things:
Random 7, LL4AL 7, UncertainGCN 11, CoreGCN 11, TaskAwareViT 12, VAAL 19 and MoBYv2AL,
which does most work in each step, 41.
"""

# %%
# Without a name, all are run. Nets and epochs are far smaller than is
# good for accuracy, and one run tells nothing about which strategy is better: this is
# for a first look, and a template to copy from.
import sys
import time

import numpy as np
import torch

from skactive import ActiveLearner
from skactive.datasets import load_dataset
from skactive.deep import (
    LL4AL,
    VAAL,
    CoreGCN,
    MoBYv2AL,
    TaskAwareViT,
    UncertainGCN,
)
from skactive.diversity import RandomSampling
from skactive.nets import ImageShift, NetClassifier, VAEEmbedding


def make_net():
    """Return a ResNet with 8 to 32 channels."""
    return NetClassifier(
        module__width=8,
        max_epochs=6,
        batch_size=32,
        lr=0.01,
        augment=ImageShift(pad=4),
    )


# %%
# LL4AL, TaskAwareViT and MoBYv2AL train a net of their own, which also predicts. The
# others select for a net that is trained on the labels alone; those on graphs use its
# embedding.
SMALL = VAEEmbedding(width=8, n_iterations=50)
STRATEGIES = {
    "Random": lambda: ActiveLearner(make_net(), RandomSampling()),
    "LL4AL": lambda: ActiveLearner(strategy=LL4AL(make_net())),
    "VAAL": lambda: ActiveLearner(make_net(), VAAL(autoencoder=SMALL)),
    "TaskAwareViT": lambda: ActiveLearner(strategy=TaskAwareViT(make_net())),
    "MoBYv2AL": lambda: ActiveLearner(strategy=MoBYv2AL(make_net())),
    "UncertainGCN": lambda: ActiveLearner(make_net(), UncertainGCN("estimator")),
    "CoreGCN": lambda: ActiveLearner(make_net(), CoreGCN("estimator")),
}


def load():
    """Return images with the channels first, in bytes, and their classes."""
    try:
        data = load_dataset("cifar10_small")
    except FileNotFoundError as error:
        raise SystemExit(str(error)) from None  # it names SKACTIVE_DATA and the file
    X, X_test = (data[part].transpose(0, 3, 1, 2) for part in ("data", "test_data"))
    return (
        np.ascontiguousarray(X[:2000]),
        data.target[:2000],
        np.ascontiguousarray(X_test[:1000]),
        data.test_target[:1000],
    )


def main(names):
    """Run each strategy; print the accuracy of each round and the seconds."""
    unknown = [name for name in names if name not in STRATEGIES]
    if unknown:
        raise SystemExit(f"Unknown: {unknown[0]}. Known: {', '.join(STRATEGIES)}.")
    torch.set_num_threads(1)
    X, y, X_test, y_test = load()
    for name in names or STRATEGIES:
        start = time.process_time()
        learner = STRATEGIES[name]().set_params(
            n_initial=200, batch_size=100, budget=200, random_state=0
        )
        scores = learner.fit(X, y).staged_score(X_test, y_test)
        seconds = time.process_time() - start
        rounds = zip(learner.history_["n_labeled"], scores)
        words = ", ".join(f"{score:.3f} with {n}" for n, score in rounds)
        print(f"{name}: accuracy {words} labels; {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
