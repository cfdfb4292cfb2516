"""What does skactive cost beside bare torch on a GPU? Ratios of one run.

A ResNet-18 in bfloat16 and channels-last on images of CIFAR-10: training in batches of
128 with crops and mirroring, and the probabilities of a pool. The bare loop holds the
images on the device, skactive is given a NumPy array of bytes. Each is timed five
times, in turns, after one warm-up; medians::

    python tests/measurements/cuda_speed.py --device cuda

The result is in ``tests/measurements/results/cuda_speed.json``; without ``--device``
the table is printed from there.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import _kept
import numpy as np
import torch
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.modules import ResNet

sys.path.insert(0, str(Path(__file__).parent))
from cifar10 import crop_and_flip, images

RESULTS = Path(__file__).parent / "results" / "cuda_speed.json"
SETTINGS = {"width": 64, "blocks": (2, 2, 2, 2)}
BATCH = 128


def fitted(X, y, device, epochs):
    """Return a net of this library."""
    return NetClassifier(
        ResNet,
        **{f"module__{key}": value for key, value in SETTINGS.items()},
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        optimizer__weight_decay=5e-4,
        lr=0.1,
        max_epochs=epochs,
        batch_size=BATCH,
        augment=crop_and_flip,
        precision="bf16",
        device=device,
        random_state=0,
    ).fit(X, y)


def trained_bare(X, y, device, epochs):
    """Return a module that a plain loop has trained, data being on the device."""
    module = ResNet(3, 10, **SETTINGS).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(module.parameters(), 0.1, 0.9, weight_decay=5e-4)
    loss_of = nn.CrossEntropyLoss()
    X, y = torch.from_numpy(X).to(device), torch.from_numpy(y).to(device)
    module.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(X), device=device).split(BATCH):
            batch = crop_and_flip(X[rows].float().div(255))
            batch = batch.contiguous(memory_format=torch.channels_last)
            with torch.autocast(device, torch.bfloat16):
                output = module(batch)
            loss = loss_of(output.float(), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return module


def probabilities_bare(module, X, device):
    """Return the probabilities of images, in batches of 1,024."""
    module.eval()
    parts = []
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
        for batch in torch.from_numpy(X).to(device).split(1024):
            batch = batch.float().div(255)
            batch = batch.contiguous(memory_format=torch.channels_last)
            parts.append(module(batch).float().softmax(dim=1).cpu())
    return torch.cat(parts).numpy()


def timed(function, device):
    """Return what a function returns, and its seconds."""
    if device != "cpu":
        torch.cuda.synchronize()
    start = time.perf_counter()
    found = function()
    if device != "cpu":
        torch.cuda.synchronize()
    return found, time.perf_counter() - start


def measured(device, n, n_pool, epochs, repeats):
    """Return the median seconds of each."""
    data = images()
    X, y = data["data"][:n], np.asarray(data["target"][:n]).astype(np.int64)
    pool = data["data"][:n_pool]
    times = {key: [] for key in ("fit", "bare fit", "proba", "bare proba")}
    for repeat in range(repeats + 1):
        net, a = timed(lambda: fitted(X, y, device, epochs), device)
        module, b = timed(lambda: trained_bare(X, y, device, epochs), device)
        _, c = timed(lambda net=net: net.predict_proba(pool), device)
        _, d = timed(lambda m=module: probabilities_bare(m, pool, device), device)
        if repeat:  # the first one warms up
            for kept, seconds in zip(times.values(), (a, b, c, d)):
                kept.append(seconds)
    return {
        "device": torch.cuda.get_device_name() if device != "cpu" else "cpu",
        "torch": torch.__version__,
        "images": n,
        "epochs": epochs,
        "pool": len(pool),
        **{key: float(f"{np.median(of):.3g}") for key, of in times.items()},
    }


def tables():
    """Return the table of the user guide."""
    found = _kept.read(RESULTS)
    header = ["", "skactive, s", "bare torch, s", "ratio"]
    names = {
        "fit": f"{found['epochs']} epochs of {found['images']:,} images",
        "proba": f"probabilities of {found['pool']:,} images",
    }
    rows = [
        [
            words,
            f"{found[key]:.2f}",
            f"{found['bare ' + key]:.2f}",
            f"{found[key] / found['bare ' + key]:.2f}",
        ]
        for key, words in names.items()
    ]
    return {found["device"]: (header, rows)}


def main():
    """Measure, if a device is given, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device")
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--pool", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    if given.device:
        sizes = given.images, given.pool, given.epochs, given.repeats
        found = measured(given.device, *sizes)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for device, (header, rows) in tables().items():
        print(device, *header, sep=" | ")
        for row in rows:
            print(*row, sep=" | ")


if __name__ == "__main__":
    main()
