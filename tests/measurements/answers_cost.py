"""What do masks and boxes cost, and how alike are frames? Counts of two data sets.

It reads ``camvid.npz`` and ``bccd.npz`` from the folder in the environment variable
``SKACTIVE_DATA``, all of their train parts, and draws random pairs of frames with seed
0. A few seconds::

    python tests/measurements/answers_cost.py

``--table`` prints what pages show from the file in ``tests/measurements/results``.
"""

import json
import sys
from pathlib import Path

import _kept
import numpy as np
from scipy.ndimage import label

from skactive.datasets import load_dataset

RESULTS = Path(__file__).parent / "results" / "answers_cost.json"


def regions(mask):
    """Return how many connected regions of one class a mask has, without the void."""
    classes = np.unique(mask)
    return sum(label(mask == k)[1] for k in classes[classes != 255])


def border(mask):
    """Return how many pixels are of another class than the right or the lower one."""
    below = mask[1:, :-1] != mask[:-1, :-1]
    right = mask[:-1, 1:] != mask[:-1, :-1]
    return int((below | right).sum())


def spread(values):
    """Return mean, standard deviation, tenth and ninetieth percentile."""
    values = np.asarray(values, dtype=float)
    return [float(values.mean()), float(values.std()), *np.percentile(values, (10, 90))]


def measured():
    """Return counts of masks, boxes and pixels."""
    camvid, bccd = load_dataset("camvid"), load_dataset("bccd")
    frames = camvid.data.astype(np.int16)
    pairs = np.random.RandomState(0).randint(len(frames), size=(1000, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return {
        "CamVid, regions": spread([regions(mask) for mask in camvid.target]),
        "CamVid, border": spread([border(mask) for mask in camvid.target]),
        "CamVid, neighbors": float(np.abs(frames[1:] - frames[:-1]).mean()),
        "CamVid, random pairs": float(
            np.mean([np.abs(frames[i] - frames[j]).mean() for i, j in pairs])
        ),
        "BCCD, boxes": spread([len(answer["boxes"]) for answer in bccd.target]),
    }


def numbers():
    """Return what the user guide says in sentences, by name."""
    said = {}
    for name, found in _kept.read(RESULTS).items():
        if isinstance(found, float):
            said[name] = f"{found:.0f}"
            continue
        digits = 0 if found[0] > 50 else 1
        mean, deviation, low, high = found
        said[name] = f"{mean:.{digits}f} ± {deviation:.{digits}f}"
        said[f"{name}, tenth and ninetieth"] = f"{low:.0f} and {high:.0f}"
    return said


if __name__ == "__main__":
    if sys.argv[1:] != ["--table"]:
        RESULTS.write_text(json.dumps(measured(), indent=1) + "\n", "utf-8")
    for name, text in numbers().items():
        print(f"{name}: {text}")
