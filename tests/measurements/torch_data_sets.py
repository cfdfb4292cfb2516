"""Measure nets on a data set of torch: how memory grows, how often an item is read.

Run by hand:

    python tests/measurements/torch_data_sets.py [WAY KIND [N]]

Items are made of their positions, 800 images of 3 x 64 x 64 floats, 39 MB in all.
"""

import resource
import subprocess
import sys

import numpy as np
import torch
from torch.utils.data import Dataset

from skactive.deep import DFAL, LL4AL
from skactive.nets import NetClassifier
from skactive.uncertainty import MarginSampling

N, EPOCHS = int(sys.argv[3]) if len(sys.argv) > 3 else 800, 2


class Made(Dataset):
    """Images of noise with a label, and how often each was made."""

    def __init__(self, n=N):
        self.reads = np.zeros(n, int)

    def __len__(self):
        return len(self.reads)

    def __getitem__(self, i):
        self.reads[i] += 1
        made = torch.Generator().manual_seed(int(i))
        return torch.rand(3, 64, 64, generator=made) + i % 2, int(i) % 2


def net():
    """Return a small net."""
    return NetClassifier(module__width=4, max_epochs=EPOCHS, random_state=0)


def ask(strategy):
    """Return what has a strategy ask a pool in the data set."""
    few = Made(64)

    def asked(data):
        strategy.fit(few, np.arange(64) % 2, data).query(10)

    return asked


def fit(data):
    """Train on all of the data set."""
    net().fit(data, np.arange(N) % 2)


def predict(data):
    """Predict all of the data set, by a net that knows a part."""
    few = Made(64)
    model = net().fit(few, np.arange(64) % 2)
    model.predict_proba(data)


WAYS = {
    "fit": fit,
    "predict_proba": predict,
    "margin": ask(MarginSampling(net())),
    "LL4AL, subset=200": ask(LL4AL(net(), subset=200)),
    "DFAL, subset=20": ask(DFAL(net(), subset=20)),
}


def measure(name, as_array):
    """Print by how much memory grows, and how often items are read."""
    data = Made()
    given = data
    if as_array:
        given = np.empty((N, 3, 64, 64), np.float32)
        for k in range(N):
            given[k] = data[k][0]
    fit_small = net().fit(Made(64), np.arange(64) % 2)  # what torch itself needs
    fit_small.predict_proba(Made(256))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    data.reads[:] = 0
    WAYS[name](given)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    reads = np.sort(data.reads)
    kind = "array" if as_array else "data set"
    print(
        f"{name:20} {kind:9} +{grown:4.0f} MB, items read {reads[0]} to {reads[-2]} "
        f"times, the first {data.reads[0]}",
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(sys.argv[1], sys.argv[2] == "array")
    else:  # peak memory is that of a process
        for name in WAYS:
            for kind in ("array", "data set"):
                subprocess.run([sys.executable, __file__, name, kind], check=True)
