"""Deep strategies on a subset of CIFAR-10, in pairs: the table of the user guide.

It reads ``cifar10_small.npz`` from the folder in the environment variable
``SKACTIVE_DATA``: 10,000 images to choose from, 2,000 to test on. Every finished run is
kept in the store, so the command can be stopped and given again, also with more seeds
or strategies. With the default settings a run takes two to ten minutes on one core::

    python tests/measurements/cifar10.py --store cifar10-runs

``--table`` prints what is in the store and runs nothing. ``--published`` trains as
papers do, which needs a GPU: a ResNet-18, 200 epochs, 1,000 labels, and 1,000 more in
one round.
"""

import argparse

import numpy as np
import torch
from skorch.callbacks import LRScheduler
from torch.nn import functional as F
from torch.optim.lr_scheduler import MultiStepLR, OneCycleLR

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.datasets import load_dataset
from skactive.deep import (
    LL4AL,
    SRAAL,
    VAAL,
    CoreGCN,
    MoBYv2AL,
    TaskAwareViT,
    UncertainGCN,
)
from skactive.diversity import CoreSet
from skactive.nets import NetClassifier, VAEEmbedding
from skactive.nets.modules import ResNet

DATASET = "cifar10_small"
EPOCHS = 20


def crop_and_flip(X):
    """Shift each image by up to four pixels and mirror half of them."""
    n, _, height, width = X.shape
    top, left = torch.randint(0, 9, (2, n, 1), device=X.device)
    rows = top + torch.arange(height, device=X.device)
    columns = left + torch.arange(width, device=X.device)
    mirrored = torch.rand(n, 1, device=X.device) < 0.5
    columns = torch.where(mirrored, columns.flip(1), columns)
    image = torch.arange(n, device=X.device)[:, None, None]
    padded = F.pad(X, (4, 4, 4, 4))
    return padded[image, :, rows[:, :, None], columns[:, None]].movedim(3, 1)


def small_resnet(device="cpu"):
    """Return the net that all strategies share: 8 layers, 16 to 64 channels."""
    schedule = LRScheduler(policy=OneCycleLR, max_lr=0.1, total_steps=EPOCHS + 1)
    return NetClassifier(
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        optimizer__nesterov=True,
        optimizer__weight_decay=5e-4,
        criterion__label_smoothing=0.05,
        lr=0.1,
        max_epochs=EPOCHS,
        batch_size=64,
        augment=crop_and_flip,
        callbacks=[("schedule", schedule)],
        precision="bf16",
        device=device,
    )


def resnet_18(device="cuda"):
    """Return the net and the training that papers on active learning have."""
    schedule = LRScheduler(policy=MultiStepLR, milestones=[160], gamma=0.1)
    return NetClassifier(
        ResNet,
        module__width=64,
        module__blocks=(2, 2, 2, 2),
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        optimizer__weight_decay=5e-4,
        lr=0.1,
        max_epochs=200,
        batch_size=128,
        augment=crop_and_flip,
        callbacks=[("schedule", schedule)],
        precision="bf16",
        device=device,
    )


def published(net):
    """Return the deep strategies at published length, by name."""
    autoencoder = VAEEmbedding(
        width=128,
        batch_size=128,
        n_iterations=7812,
        precision="bf16",
        device=net.device,
    )
    return {
        "CoreSet": CoreSet("estimator"),
        "LL4AL": LL4AL(net),
        "LL4AL, paper": LL4AL.from_preset("paper", net),
        "TaskAwareViT": TaskAwareViT(net),
        "TaskAwareViT, paper": TaskAwareViT.from_preset("paper", net, milestones=()),
        "MoBYv2AL": MoBYv2AL(net),
        "VAAL": VAAL(autoencoder=autoencoder),
    }


def strategies(net):
    """Return what is compared, by name; random and margin come by themselves."""
    autoencoder = VAEEmbedding(
        width=16, n_iterations=500, precision="bf16", device=net.device
    )
    return {
        "CoreSet": CoreSet("estimator"),
        "LL4AL": LL4AL(net),
        "VAAL": VAAL(autoencoder=autoencoder),
        "SRAAL": SRAAL(autoencoder=autoencoder),
        "UncertainGCN": UncertainGCN("estimator", device=net.device),
        "CoreGCN": CoreGCN("estimator", device=net.device),
        # The schedule of the net is the only one, so that all are trained alike.
        "TaskAwareViT": TaskAwareViT(net, milestones=()),
        "MoBYv2AL": MoBYv2AL(net),
    }


def images():
    """Return the data with the channels first, in bytes."""
    data = load_dataset(DATASET)
    for part in ("data", "test_data"):
        data[part] = np.ascontiguousarray(data[part].transpose(0, 3, 1, 2))
    return data


def table(result):
    """Yield the lines of a reStructuredText table: mean accuracy, area, difference."""
    chance = result.select(DATASET, "RandomSampling")
    n_labeled = next(iter(chance.values())).n_labeled
    header = ["strategy", *map(str, n_labeled), "area", "minus random", "seeds"]
    rows = [header]
    for name in result.strategies:
        runs = result.select(DATASET, name)
        mean = np.mean([run.scores for run in runs.values()], axis=0)
        row = [name, *(f"{100 * score:.1f}" for score in mean)]
        areas = {seed: 100 * _area(run) for seed, run in runs.items()}
        row.append(f"{np.mean(list(areas.values())):.1f}")
        gaps = [areas[seed] - 100 * _area(chance[seed]) for seed in areas]
        row.append(f"{np.mean(gaps):+.1f} ({min(gaps):+.1f} .. {max(gaps):+.1f})")
        rows.append([*row, str(len(runs))])
    widths = [max(map(len, column)) for column in zip(*rows)]
    line = "  ".join("=" * width for width in widths)
    texts = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths)) for row in rows]
    yield from (line, texts[0], line, *texts[1:], line)


def _area(run):
    n = run.n_labeled
    return np.trapezoid(run.scores, n) / (n[-1] - n[0])


def main():
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="cifar10-runs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--strategies", nargs="*", help="default: all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--published", action="store_true")
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    net = (resnet_18 if args.published else small_resnet)(args.device)
    if args.table:
        result = BenchmarkResult.load(args.store)
    else:
        chosen = (published if args.published else strategies)(net)
        if args.strategies is not None:
            chosen = {name: chosen[name] for name in args.strategies}
        result = benchmark_strategies(
            chosen,
            {DATASET: images()},
            net,
            n_initial=1000,
            batch_size=1000 if args.published else 500,
            budget=1000 if args.published else 2000,
            seeds=args.seeds,
            n_jobs=args.jobs,
            store=args.store,
            verbose=True,
        )
    print("\n".join(table(result)))
    for failure in result.failures:
        print(failure["strategy"], failure["seed"], failure["error"])


if __name__ == "__main__":
    main()
