"""Measure learners on paths of pictures: memory, time, and how often files are read.

Run by hand:

    python tests/measurements/picture_folders.py FOLDER [STRATEGY ...]

It reads ``cifar10_small.npz`` from the folder in the environment variable
``SKACTIVE_DATA`` and writes 2,000 of its pictures as files below FOLDER, once.
"""

import argparse
import os
import resource
import time
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.pipeline import make_pipeline
from torchvision.models import resnet18

from skactive import ActiveLearner
from skactive.datasets import load_dataset, load_image_folder
from skactive.deep import LL4AL, VAAL
from skactive.diversity import BADGE, CoreSet
from skactive.nets import ImageReader, ModuleEmbedding, NetClassifier, VAEEmbedding
from skactive.nets.estimators import _image_reader
from skactive.uncertainty import MarginSampling

N_PICTURES = 2_000
LOOP = {"n_initial": 100, "batch_size": 50, "budget": 100, "random_state": 0}


def strategies(reader):
    """Return the strategies that are measured, by name."""
    coder = VAEEmbedding(width=8, n_iterations=50)
    frozen = make_pipeline(reader, ModuleEmbedding(resnet18(weights=None), "avgpool"))
    return {
        "margin": MarginSampling(),
        "LL4AL": LL4AL(),
        "CoreSet": CoreSet(frozen),
        "BADGE": BADGE(),
        "VAAL": VAAL(autoencoder=coder, embedding=reader),
    }


def write(folder):
    """Write the pictures, each class into a sub-folder, unless they are there."""
    if folder.exists():
        return
    data = load_dataset("cifar10_small")
    for k in range(N_PICTURES):
        path = folder / str(data.target_names[data.target[k]]) / f"{k:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.data[k]).save(path)


def measure(name, pictures):
    """Run one learner; print seconds, the growth of memory and counts of reads."""
    counts, read = Counter(), _image_reader.read_picture

    def counting(path, *args, **kwargs):
        counts[path] += 1
        return read(path, *args, **kwargs)

    _image_reader.read_picture = counting
    reader = ImageReader(32)
    net = NetClassifier(module__width=8, max_epochs=3, random_state=0)
    learner = ActiveLearner(
        make_pipeline(reader, net), strategies(reader)[name], **LOOP
    )
    peak, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.time()
    learner.fit(pictures.data, pictures.target)
    seconds = time.time() - start
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    rounds = len(learner.history_["n_labeled"]) - 1
    never = np.setdiff1d(np.arange(N_PICTURES), learner.queried_indices_)
    pool = np.mean([counts[pictures.data[row]] for row in never]) / rounds
    print(
        f"{name:8} {seconds:6.1f} s  +{grown:5.0f} MB  {rounds} rounds, a picture of "
        f"the pool read {pool:.2f} times a round",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("strategies", nargs="*", default=list(strategies(None)))
    args = parser.parse_args()
    write(args.folder)
    pictures = load_image_folder(args.folder)
    for name in args.strategies:
        if os.fork() == 0:  # peak memory is that of a process
            measure(name, pictures)
            os._exit(0)
        os.wait()
