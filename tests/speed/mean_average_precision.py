"""Mean average precision against pycocotools and faster-coco-eval.

    pip install pycocotools faster-coco-eval torchmetrics
    SKACTIVE_DATA=... python tests/speed/mean_average_precision.py [repeats]

Ten thresholds, the 72 test images and all 364 of the blood cells, with 30 detections
each, made of the true boxes. Times are process CPU seconds, the median of runs in turn
in one process, and each begins with the same dicts of boxes. What is not
installed is left out.
"""

import contextlib
import io
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from skactive.metrics import mean_average_precision


def read(parts):
    """Return the true boxes of the images in some parts of the data."""
    with np.load(Path(os.environ["SKACTIVE_DATA"]) / "bccd.npz") as data:
        rows = np.flatnonzero(np.isin(data["split"], parts))
        boxes, labels, ends = data["boxes"], data["labels"], data["offsets"]
        parts = [slice(ends[row], ends[row + 1]) for row in rows]
        return [{"boxes": boxes[one], "labels": labels[one]} for one in parts]


def detect(y_true, seed=0):
    """Return true boxes moved, missed and made up, 30 in each image."""
    rng = np.random.RandomState(seed)
    y_pred = []
    for one in y_true:
        rows = np.flatnonzero(rng.rand(len(one["boxes"])) < 0.9)
        boxes = one["boxes"][rows] + rng.standard_normal((len(rows), 4))
        corner = rng.uniform(0, 90, size=(30 - len(rows), 2))
        other = np.hstack([corner, corner + rng.uniform(8, 30, size=corner.shape)])
        labels = np.append(one["labels"][rows], rng.randint(3, size=len(other)))
        scores = np.append(rng.beta(4, 2, len(rows)), rng.beta(2, 4, len(other)))
        boxes = np.vstack([boxes, other]).astype(np.float32)
        y_pred.append({"boxes": boxes, "labels": labels, "scores": scores})
    return y_pred


def ours(y_true, y_pred):
    """Return the number of this library."""
    return mean_average_precision(y_true, y_pred, iou_thresholds="coco")


def entries(y):
    """Yield boxes as COCO keeps them."""
    for i, one in enumerate(y):
        corners = one["boxes"].astype(float)
        boxes = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]]).tolist()
        scores = one.get("scores", np.zeros(len(boxes))).tolist()
        for box, label, score in zip(boxes, one["labels"].tolist(), scores):
            entry = {"image_id": i + 1, "category_id": label + 1, "bbox": box}
            yield {**entry, "area": box[2] * box[3], "iscrowd": 0, "score": score}


def with_coco(COCO, COCOeval):
    """Return a function that asks one of the two programs, all sizes of boxes alone."""

    def evaluate(y_true, y_pred):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": i + 1} for i in range(len(y_true))],
            "annotations": [{**e, "id": i + 1} for i, e in enumerate(entries(y_true))],
            "categories": [{"id": k + 1, "name": str(k)} for k in range(3)],
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(list(entries(y_pred))), "bbox")
        evaluation.params.areaRng = [[0, 1e10]]
        evaluation.params.areaRngLbl = ["all"]
        evaluation.params.maxDets = [100]
        evaluation.evaluate()
        evaluation.accumulate()
        return float(np.mean(evaluation.eval["precision"]))

    return evaluate


def with_torchmetrics(backend):
    """Return a function that asks one of the two programs through torchmetrics."""
    import torch
    from torchmetrics.detection import MeanAveragePrecision

    torch.set_num_threads(1)

    def evaluate(y_true, y_pred):
        metric = MeanAveragePrecision(backend=backend)
        y_pred, y_true = (
            [{key: torch.as_tensor(v) for key, v in one.items()} for one in y]
            for y in (y_pred, y_true)
        )
        metric.update(y_pred, y_true)
        return float(metric.compute()["map"])

    return evaluate


def methods():
    """Yield name and function of all that is installed."""
    yield "skactive", ours
    with contextlib.suppress(ImportError):
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval

        yield "pycocotools", with_coco(COCO, COCOeval)
    with contextlib.suppress(ImportError):
        from faster_coco_eval import COCO, COCOeval_faster

        yield "faster-coco-eval", with_coco(COCO, COCOeval_faster)
    for backend in ("pycocotools", "faster_coco_eval"):
        with contextlib.suppress(ImportError):
            yield f"torchmetrics, {backend}", with_torchmetrics(backend)


def main(repeats=7):
    """Print the table."""
    row = "{:<32}{:>7}{:>10}{:>8}{:>10}"
    print(row.format("program", "images", "cpu s", "ratio", "mAP"))
    for parts in ([2], [0, 1, 2]):
        y_true = read(parts)
        y_pred = detect(y_true)
        times, values = {}, {}
        for _ in range(repeats):
            for name, method in methods():
                start = time.process_time()
                with contextlib.redirect_stdout(io.StringIO()):
                    values[name] = method(y_true, y_pred)
                times.setdefault(name, []).append(time.process_time() - start)
        medians = {name: statistics.median(taken) for name, taken in times.items()}
        for name, taken in medians.items():
            ratio = taken / medians["skactive"]
            numbers = f"{taken:.4f}", f"{ratio:.1f}", f"{values[name]:.6f}"
            print(row.format(name, len(y_true), *numbers), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
