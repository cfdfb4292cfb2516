"""Active learning on a graph of MNIST, from one label per class to ten.

The table of the user guide's page on strategies that ask by a graph. It reads
``mnist_small.npz`` from the folder in the environment variable ``SKACTIVE_DATA``:
10,000 images to choose from, 2,000 to test on, as 50 principal components found
without labels. Every finished run is kept in the store::

    python tests/measurements/mnist_graph.py --store mnist-graph-runs
"""

import argparse

import numpy as np
from sklearn.decomposition import PCA

from skactive.benchmark import benchmark_strategies
from skactive.datasets import load_dataset
from skactive.diversity import SigmaOpt, VOpt
from skactive.graph import SparseLabelSpreading
from skactive.lookahead import MCVOpt, ModelChange
from skactive.uncertainty import EntropySampling

SHOWN = (10, 20, 30, 50, 100)


def images():
    """Return the images as rows of 50 numbers."""
    data = load_dataset("mnist_small")
    train, test = (
        part.reshape(len(part), -1) / np.float32(255)
        for part in (data.data, data.test_data)
    )
    pca = PCA(50, random_state=0).fit(train)
    data.data, data.test_data = pca.transform(train), pca.transform(test)
    return data


def main():
    """Run what is missing, then print mean accuracies and paired differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="mnist-graph-runs")
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    strategies = [EntropySampling(), VOpt(), SigmaOpt(), MCVOpt(), ModelChange()]
    result = benchmark_strategies(
        strategies,
        {"mnist_small": images()},
        SparseLabelSpreading(),
        n_initial=10,
        batch_size=10,
        budget=90,
        seeds=args.seeds,
        store=args.store,
        verbose=True,
    )
    areas = result.areas()["mnist_small"]
    chance = np.array(areas["RandomSampling"])
    print("strategy", *SHOWN, "area", "minus random")
    for name in result.strategies:
        runs = result.select("mnist_small", name).values()
        mean = 100 * np.mean([run.scores for run in runs], axis=0)
        n_labeled = next(iter(runs)).n_labeled
        shown = [f"{mean[np.flatnonzero(n_labeled == n)[0]]:.1f}" for n in SHOWN]
        gap = 100 * (np.array(areas[name]) - chance)
        error = gap.std(ddof=1) / np.sqrt(len(gap))
        area = 100 * np.mean(areas[name])
        print(name, *shown, f"{area:.1f}", f"{gap.mean():+.1f} ± {error:.1f}")


if __name__ == "__main__":
    main()
