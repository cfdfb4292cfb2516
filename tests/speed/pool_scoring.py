"""Time the scoring of a pool against a bare torch loop over the same encoder.

    python tests/speed/pool_scoring.py [repeats]

The loop runs the same fitted modules in evaluation mode, in batches of 512 (small
samples) or 64, and joins what they return; it checks nothing. Both take turns in one
process and on one thread, so that a busy machine slows both; the medians of the repeats
and of their paired ratios are printed.
"""

import sys
import time
from functools import partial

import numpy as np
import torch

from skactive.deep import LL4AL, VAAL
from skactive.nets import NetClassifier, VAEEmbedding
from skactive.nets.modules import Taps

# Samples, their shape, and settings of the two kinds of net.
CASES = {
    "table 20,000 x 32": (20_000, (32,), {}, {"width": 8}),
    "images 2,000 x 1 x 8 x 8": (
        2_000,
        (1, 8, 8),
        {"module__width": 8},
        {"width": 8},
    ),
    "images 2,000 x 3 x 32 x 32": (2_000, (3, 32, 32), {}, {"width": 32}),
}


def bare(forward, X, size, memory_format):
    """Return what a module says of all rows, by the least there is to do."""
    X = torch.from_numpy(X)
    with torch.inference_mode():
        parts = [
            forward(batch.contiguous(memory_format=memory_format))
            for batch in X.split(size)
        ]
    return torch.cat(parts).numpy()


def arms(shape, X, y, settings, sizes):
    """Yield names, ours, and the bare forward pass of the same encoder."""
    net = NetClassifier(max_epochs=1, random_state=0, **settings).fit(X, y)
    module = net.net_.module_.eval()
    yield (
        "NetClassifier.predict_proba",
        net.predict_proba,
        lambda X: module(X).double().softmax(dim=1),
    )
    yield "NetClassifier.transform", net.transform, module.embed
    joint = LL4AL(NetClassifier(max_epochs=1, **settings), random_state=0).fit(X, y)
    inner = joint.estimator_.net_

    def predicted_loss(X):
        with Taps(inner.module_, inner.taps) as taps:
            inner.module_(X)
        return inner.loss_module_(taps.outputs)

    yield "LL4AL.score_samples", joint.score_samples, predicted_loss
    vaal = VAAL(autoencoder=VAEEmbedding(n_iterations=2, **sizes), random_state=0)
    vaal.fit(X, y, X)
    vae, judge = vaal.net_.vae, vaal.net_.discriminator
    yield "VAAL.score_samples", vaal.score_samples, lambda X: judge(vae.encode(X)[0])


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def main(repeats=9):
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, 1 thread, {repeats} repeats")
    for case, (n, shape, settings, sizes) in CASES.items():
        rng = np.random.RandomState(0)
        pool = rng.standard_normal((n, *shape)).astype(np.float32)
        X, y = pool[:128], np.arange(128) % 10
        images = len(shape) == 3
        layout = torch.channels_last if images else torch.contiguous_format
        for name, ours, forward in arms(shape, X, y, settings, sizes):
            size = 512 if np.prod(shape) < 1000 else 64
            loop = partial(bare, forward, size=size, memory_format=layout)
            times = np.array(
                [(seconds(ours, pool), seconds(loop, pool)) for _ in range(repeats + 1)]
            )[1:]  # the first warms up
            own, least = np.median(times, axis=0)
            ratio = np.median(times[:, 0] / times[:, 1])
            print(
                f"{case:27} {name:28} {own:.4f} s, bare {least:.4f} s, x {ratio:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
