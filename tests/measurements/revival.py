"""REVIVAL and its ablations, in pairs: the tables of the user guide.

The model that is judged is ``SparseLabelSpreading()`` for all, on rows it has not seen;
what a joint sampler predicts by itself is among the lines too. Every finished run is
kept in the store, so the command can be stopped and given again, also with more seeds
or strategies::

    python tests/measurements/revival.py digits --store revival-digits
    python tests/measurements/revival.py cifar10_small --store revival-cifar10

``cifar10_small.npz`` is read from the folder in the environment variable
``SKACTIVE_DATA``. Its images are embedded once, without labels: whitened patches of 6x6
pixels, their similarity to 256 centroids added up over quadrants (Coates, Lee and Ng,
AISTATS 2011), and 64 principal components. ``--table`` runs nothing.
"""

import argparse

import numpy as np
import torch
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch.nn import functional as F

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.datasets import load_dataset
from skactive.deep import REVIVAL, LGCPropagator
from skactive.diversity import VOpt
from skactive.graph import SparseLabelSpreading
from skactive.uncertainty import EntropySampling

DESIGNS = {
    "digits": {"n_initial": 10, "batch_size": 5, "budget": 40},
    "cifar10_small": {"n_initial": 100, "batch_size": 100, "budget": 400},
}
SEEDS = {"digits": 10, "cifar10_small": 3}


def strategies():
    """Return what is compared, by name; random and margin come by themselves."""
    return {
        "REVIVAL": REVIVAL(),
        "no adversary": REVIVAL(oversample=None),
        "no limitator": REVIVAL(limitator=None),
        "no LocalMax": REVIVAL(diversity="none"),
        "twice, no LocalMax": REVIVAL.from_preset("figure"),
        "sgc": REVIVAL(propagator="sgc"),
        "gcn": REVIVAL(propagator="gcn"),
        "gcn, no adversary": REVIVAL(propagator="gcn", oversample=None),
        "paper": REVIVAL.from_preset("paper"),
        "entropy": EntropySampling(SparseLabelSpreading()),
        "entropy + LocalMax": REVIVAL(
            oversample=None, propagator=LGCPropagator(sharpness=1.0)
        ),
        "VOpt": VOpt(),
    }


def digits():
    """Return the digits of scikit-learn, between 0 and 1."""
    X, y = load_digits(return_X_y=True)
    return (X / 16).astype(np.float32), y


def cifar10_small():
    """Return the images as rows of 64 numbers, found without labels."""
    data = load_dataset("cifar10_small")
    images = [data.data, data.test_data]
    images = [torch.from_numpy(part.transpose(0, 3, 1, 2) / 255.0) for part in images]
    images = [part.float() for part in images]
    embed = _patch_features(images[0])
    train, test = (embed(part) for part in images)
    pca = PCA(64, whiten=False, random_state=0).fit(train)
    data.data, data.test_data = pca.transform(train), pca.transform(test)
    return data


def _patch_features(images, size=6, n_centroids=256, n_patches=40_000):
    """Return a function from images to similarities with centroids of patches."""
    rng = np.random.RandomState(0)
    which = torch.from_numpy(rng.randint(len(images), size=n_patches))
    top, left = rng.randint(images.shape[-1] - size + 1, size=(2, n_patches))
    rows, columns = (
        torch.from_numpy(at)[:, None] + torch.arange(size) for at in (top, left)
    )
    patches = images[which[:, None, None], :, rows[:, :, None], columns[:, None]]
    patches = _even(patches.permute(0, 3, 1, 2).flatten(1))
    mean, cov = patches.mean(0), torch.cov(patches.T)
    values, vectors = torch.linalg.eigh(cov)
    whiten = vectors @ torch.diag((values.clamp_min(0) + 0.1).rsqrt()) @ vectors.T
    kmeans = MiniBatchKMeans(n_centroids, batch_size=4096, n_init=1, random_state=0)
    kmeans.fit(((patches - mean) @ whiten).numpy())
    centroids = torch.from_numpy(kmeans.cluster_centers_)

    def embed(images):
        parts = []
        for batch in images.split(100):
            seen = _even(F.unfold(batch, size).transpose(1, 2))
            far = torch.cdist((seen - mean) @ whiten, centroids)
            near = (far.mean(dim=2, keepdim=True) - far).clamp_min(0)
            side = batch.shape[-1] - size + 1
            near = near.transpose(1, 2).reshape(len(batch), n_centroids, side, side)
            parts.append(F.adaptive_avg_pool2d(near, 2).flatten(1))
        return torch.cat(parts).numpy()

    return embed


def _even(patches):
    """Return patches of mean zero and one contrast."""
    patches = patches - patches.mean(dim=-1, keepdim=True)
    return patches / (patches.var(dim=-1, keepdim=True) + 1e-3).sqrt()


def table(result, dataset):
    """Yield the lines of a reStructuredText table: mean accuracy, area, difference."""
    runs = {
        name: list(result.select(dataset, name).values()) for name in result.strategies
    }
    n_labeled = runs["RandomSampling"][0].n_labeled
    shown = [
        i for i, n in enumerate(n_labeled) if n % (2 * n_labeled[0]) == 0 or i == 0
    ]
    if shown[-1] != len(n_labeled) - 1:
        shown.append(len(n_labeled) - 1)
    header = ["strategy", *(str(n_labeled[i]) for i in shown), "area", "minus random"]
    rows = [[*header, "seeds"]]
    for name, each in runs.items():
        mean = np.mean([run.scores for run in each], axis=0)
        areas = [100 * _area(run) for run in each]
        row = [name, *(f"{100 * mean[i]:.1f}" for i in shown), f"{np.mean(areas):.1f}"]
        rows.append([*row, _difference(each, runs["RandomSampling"]), str(len(each))])
    widths = [max(map(len, column)) for column in zip(*rows)]
    line = "  ".join("=" * width for width in widths)
    texts = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths)) for row in rows]
    yield from (line, texts[0], line, *texts[1:], line)


def _difference(runs, chance):
    """Return mean and standard error of the area above that of chance."""
    chance = {run.seed: run for run in chance}
    gaps = [100 * (_area(run) - _area(chance[run.seed])) for run in runs]
    if not any(gaps):
        return ""
    error = np.std(gaps, ddof=1) / np.sqrt(len(gaps)) if len(gaps) > 1 else np.nan
    return f"{np.mean(gaps):+.1f} ± {error:.1f}"


def _area(run):
    n = run.n_labeled
    return np.trapezoid(run.scores, n) / (n[-1] - n[0])


def main():
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", choices=list(DESIGNS))
    parser.add_argument("--store")
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--strategies", nargs="*", help="default: all")
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = args.store or f"revival-{args.dataset}"
    if args.table:
        result = BenchmarkResult.load(store)
    else:
        chosen = strategies()
        if args.strategies is not None:
            chosen = {name: chosen[name] for name in args.strategies}
        data = {"digits": digits, "cifar10_small": cifar10_small}[args.dataset]()
        result = benchmark_strategies(
            chosen,
            {args.dataset: data},
            SparseLabelSpreading(),
            seeds=args.seeds or SEEDS[args.dataset],
            store=store,
            verbose=True,
            **DESIGNS[args.dataset],
        )
    print("\n".join(table(result, args.dataset)))
    for failure in result.failures:
        print(failure["strategy"], failure["seed"], failure["error"])


if __name__ == "__main__":
    main()
