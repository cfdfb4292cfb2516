"""Vectors by hand, the definition by loops, and the numbers of two other programs."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import make_scorer

from skactive.metrics import _mean_average_precision, mean_average_precision
from skactive.metrics._mean_average_precision import box_iou

INTERPOLATIONS = ("area", "coco", "voc07")
MATCHINGS = ("coco", "voc")
THRESHOLDS = np.linspace(0.5, 0.95, 10)


def image(boxes, labels=0, scores=None):
    """Return the dict of one image; one label stands for all."""
    boxes = np.reshape(boxes, (-1, 4))
    labels = np.full(len(boxes), labels) if np.ndim(labels) == 0 else np.array(labels)
    answer = {"boxes": boxes, "labels": labels}
    return answer if scores is None else {**answer, "scores": np.array(scores)}


ONE = [0, 0, 10, 10]
Y = [image([ONE, [20, 0, 30, 10]]), image([ONE])]
P = [
    image(
        [ONE, [0, 0, 10, 9.2], [40, 40, 50, 50], [20, 0, 30, 8.2]],
        scores=[0.9, 0.8, 0.7, 0.6],
    ),
    image([[0, 0, 10, 5.2]], scores=[0.5]),
]


def as_objects(images):
    """Return dicts in a 1-d object array."""
    y = np.empty(len(images), dtype=object)
    y[:] = images
    return y


def overlap(a, b):
    """Return the intersection over union of two boxes, in plain Python."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (a, b)]
    union = sum(areas) - width * height
    return width * height / union if union > 0 else 0.0


def right_or_wrong(y_true, y_pred, label, threshold, matching, max_boxes):
    """Return [(score, right?), ...] best first, and the number of true boxes."""
    ranking, n_true = [], 0
    for true, pred in zip(y_true, y_pred):
        boxes = [b for b, k in zip(true["boxes"], true["labels"]) if k == label]
        found = zip(pred["boxes"], pred["labels"], pred["scores"])
        found = [(score, box) for box, k, score in found if k == label]
        found = sorted(found, key=lambda one: -one[0])[:max_boxes]
        n_true += len(boxes)
        taken = set()
        for score, box in found:
            best, at = -1.0, None
            for i, other in enumerate(boxes):
                value = overlap(box, other)
                if matching == "coco" and i not in taken and value >= best:
                    best, at = value, i
                if matching == "voc" and value > best:
                    best, at = value, i
            right = best >= threshold - 1e-9 and at not in taken
            taken |= {at} if right else set()
            ranking.append((score, right))
    return sorted(ranking, key=lambda one: -one[0]), n_true


def by_loops(y_true, y_pred, label, threshold, interpolation, matching, max_boxes=100):
    """Return the average precision of one class at one threshold; None: no truth."""
    ranking, n_true = right_or_wrong(
        y_true, y_pred, label, threshold, matching, max_boxes
    )
    if not n_true:
        return None
    points, hits = [], 0
    for i, (_, right) in enumerate(ranking):
        hits += right
        points.append((hits / n_true, hits / (i + 1)))
    if interpolation == "area":
        area, before = 0.0, 0.0
        for i, (recall, _) in enumerate(points):
            area += (recall - before) * max(p for _, p in points[i:])
            before = recall
        return area
    n = {"coco": 101, "voc07": 11}[interpolation]
    recalls = np.linspace(0, 1, 101) if n == 101 else [k / 10 for k in range(11)]
    highest = [max([p for r, p in points if r >= at], default=0.0) for at in recalls]
    return sum(highest) / n


# ------------------------------------------------------------------------ vectors


@pytest.mark.parametrize(
    "threshold, expected",
    [
        (0.5, (0.733333, 0.734653, 0.745455)),
        (0.75, (0.5, 0.5, 0.5)),
        (0.85, (0.333333, 0.336634, 0.363636)),
    ],
)
def test_vector(threshold, expected):
    for interpolation, value in zip(INTERPOLATIONS, expected):
        found = mean_average_precision(
            Y, P, iou_thresholds=threshold, interpolation=interpolation
        )
        assert found == pytest.approx(value, abs=1e-6)


def test_vector_over_thresholds():
    value = mean_average_precision(Y, P, iou_thresholds="coco")
    assert value == pytest.approx(0.474455, abs=1e-6)
    assert value == mean_average_precision(Y, P, iou_thresholds=THRESHOLDS)
    some = [0.85, 0.5]
    single = [mean_average_precision(Y, P, iou_thresholds=t) for t in some]
    assert mean_average_precision(Y, P, iou_thresholds=some) == np.mean(single)


def test_more_thresholds_than_bits():
    many = np.linspace(0.01, 1, 100)
    true = [image([ONE])] * 100
    pred = [image([0, 0, 10, k / 10], scores=[k]) for k in range(1, 101)]
    expected = (np.arange(100, 0, -1) / 100).mean()
    for order in (many, many[::-1]):
        value = mean_average_precision(
            true, pred, iou_thresholds=order, interpolation="area"
        )
        assert value == pytest.approx(expected, abs=1e-12)


def test_matching_rules():
    true = [image([ONE, [0, 2, 10, 12]])]
    pred = [image([[0, 0, 10, 10.5], [0, 0, 10, 11]], scores=[0.9, 0.8])]
    expected = np.array([[0.952381, 0.708333], [0.909091, 0.75]])
    iou = box_iou(pred[0]["boxes"], true[0]["boxes"])
    assert iou == pytest.approx(expected, abs=1e-6)
    assert mean_average_precision(true, pred) == 1
    for interpolation, value in [("area", 0.5), ("coco", 51 / 101), ("voc07", 6 / 11)]:
        found = mean_average_precision(
            true, pred, interpolation=interpolation, matching="voc"
        )
        assert found == pytest.approx(value)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_equal_scores_rank_in_order(interpolation):
    wrong, right = [40, 40, 50, 50], ONE
    params = {"interpolation": interpolation}
    for first, value in [((wrong, right), 0.5), ((right, wrong), 1)]:
        one = [image(first, scores=[0.5, 0.5])]
        assert mean_average_precision([image([ONE])], one, **params) == value
        # ... and of the images: the same, spread over two.
        two = [image([box], scores=[0.5]) for box in first]
        true = [image([ONE]) if box is right else image([]) for box in first]
        assert mean_average_precision(true, two, **params) == value


def test_of_equal_overlaps_coco_takes_the_last_and_voc_the_first():
    """The first detection lies midway; the second overlaps only one true box."""
    true = [image([[0, 0, 10, 10], [0, 4, 10, 14]])]
    midway = [0, 2, 10, 12]
    for second, coco, voc in [([0, 0, 10, 9], 1, 0.5), ([0, 5, 10, 14], 0.5, 1)]:
        pred = [image([midway, second], scores=[0.9, 0.8])]
        for matching, value in [("coco", coco), ("voc", voc)]:
            found = mean_average_precision(
                true, pred, matching=matching, interpolation="area"
            )
            assert found == value


def test_nothing_found_is_zero():
    nothing = [image([], scores=[])] * 2
    assert mean_average_precision(Y, nothing) == 0
    assert mean_average_precision(Y, nothing, average=None).tolist() == [0]


def test_no_truth_is_nan_with_a_warning():
    empty = [image([])] * 2
    assert np.isnan(mean_average_precision(empty, P, average=None)).tolist() == [True]
    for true, pred in [(empty, P), (empty, [image([], scores=[])] * 2), ([], [])]:
        with pytest.warns(UndefinedMetricWarning, match="no true box"):
            assert np.isnan(mean_average_precision(true, pred))


def test_a_class_that_is_only_predicted_is_left_out():
    pred = [*P[:1], image([*P[1]["boxes"], ONE], labels=[0, 7], scores=[0.5, 0.99])]
    assert mean_average_precision(Y, pred) == mean_average_precision(Y, P)
    by_class = mean_average_precision(Y, pred, average=None)
    assert by_class[0] == mean_average_precision(Y, P) and np.isnan(by_class[1])


@pytest.mark.parametrize("scale", [1, 0.1, 1 / 3, 1e-3])
@pytest.mark.parametrize("shift", [0, 0.1, 100.3])
def test_threshold_reached_exactly(scale, shift):
    """IoU .55 counts at .55 wherever the box lies, and a millionth less does not."""
    for percent in range(5, 100, 5):
        for less, expected in [(0, 1), (1e-6, 0)]:
            true, pred = (
                np.array([0, 0, 10, side]) * scale + shift
                for side in (10, percent / 10 - 10 * less)
            )
            value = mean_average_precision(
                [image(true)], [image(pred, scores=[1])], iou_thresholds=percent / 100
            )
            assert value == expected


def test_thresholds_are_not_those_of_float32():
    true = [image(np.array(ONE, dtype=np.float32))]
    pred = [image(np.array([0, 0, 10, 8], dtype=np.float32), scores=[1])]
    assert mean_average_precision(true, pred, iou_thresholds=0.8) == 1


def test_recalls_of_voc_are_fractions():
    """3 of 10 found is recall .3, which 3 * .1 in floats is not."""
    true = [image([[0, 20 * i, 10, 20 * i + 10] for i in range(10)])]
    for n in range(1, 11):
        pred = [image(true[0]["boxes"][:n], scores=np.arange(n, 0, -1))]
        value = mean_average_precision(true, pred, interpolation="voc07")
        assert value == pytest.approx((n + 1) / 11)


def test_only_the_best_boxes_of_each_image_and_class_count():
    true = [image([ONE, ONE], labels=[0, 1]), image([ONE])]
    far = [[50, 50, 60, 60]] * 2
    pred = [
        image([ONE, *far, ONE], labels=[0, 0, 0, 1], scores=[0.1, 0.3, 0.2, 0.05]),
        image([ONE], scores=[0.15]),
    ]
    by_class = mean_average_precision(
        true, pred, max_boxes=2, average=None, interpolation="area"
    )
    assert by_class.tolist() == [1 / 2 * 1 / 3, 1]
    every = mean_average_precision(
        true, pred, max_boxes=3, average=None, interpolation="area"
    )
    assert every.tolist() == [1 / 2, 1]
    # 101 detections of equal score: the last one, which is right, does not count.
    many = [image([*far * 50, ONE], scores=[0.5] * 101)]
    assert mean_average_precision([image([ONE])], many) == 0
    assert mean_average_precision([image([ONE])], many, max_boxes=101) > 0


def test_labels_choose_classes_and_their_order():
    true = [image([ONE, ONE], labels=["b", "a"])]
    pred = [image([ONE], labels=["a"], scores=[0.5])]
    assert mean_average_precision(true, pred, average=None).tolist() == [1, 0]
    found = mean_average_precision(true, pred, labels=["b", "c", "a"], average=None)
    assert found[[0, 2]].tolist() == [0, 1] and np.isnan(found[1])
    assert mean_average_precision(true, pred, labels=["a", "c"]) == 1
    assert mean_average_precision(true, pred, labels=["b"]) == 0


def test_overlaps():
    boxes = [ONE, [5, 5, 15, 15], [10, 0, 20, 10], [3, 3, 3, 3], [3, 3, 3, 9]]
    expected = [[overlap(a, b) for b in boxes] for a in boxes]
    assert box_iou(boxes, boxes) == pytest.approx(np.array(expected))
    assert box_iou(boxes, boxes)[0].tolist() == [1, 25 / 175, 0, 0, 0]
    assert box_iou([], boxes).shape == (0, 5) and box_iou([], []).shape == (0, 0)


# --------------------------------------------------------------------- properties

sides = st.integers(0, 6)
corners = st.tuples(sides, sides, st.integers(1, 4), st.integers(1, 4)).map(
    lambda c: [c[0], c[1], c[0] + c[2], c[1] + c[3]]
)
labeled = st.tuples(corners, st.sampled_from([0, 1, 2]))
scored = st.tuples(corners, st.sampled_from([0, 1, 2, 3]), st.integers(0, 5))


@st.composite
def pairs(draw, least=0):
    """Draw truth and predictions for a few images with many overlaps and ties."""
    y_true, y_pred = [], []
    for _ in range(draw(st.integers(1, 3))):
        true = draw(st.lists(labeled, min_size=least, max_size=5))
        pred = draw(st.lists(scored, max_size=7))
        y_true.append(image([b for b, _ in true], [k for _, k in true]))
        boxes, labels = [b for b, *_ in pred], [k for _, k, _ in pred]
        y_pred.append(image(boxes, labels, [s for *_, s in pred]))
    return y_true, y_pred


@settings(deadline=None)
@given(pairs(), st.integers(1, 8), st.sampled_from([0.2, 0.5, 2 / 3, 1]))
def test_equals_loops(pair, max_boxes, threshold):
    for interpolation in INTERPOLATIONS:
        for matching in MATCHINGS:
            params = {"interpolation": interpolation, "matching": matching}
            params["max_boxes"] = max_boxes
            expected = [
                by_loops(*pair, label, threshold, **params) for label in range(4)
            ]
            found = mean_average_precision(
                *pair,
                iou_thresholds=[threshold],
                labels=range(4),
                average=None,
                **params,
            )
            expected = np.array(expected, dtype=float)
            assert found == pytest.approx(expected, nan_ok=True)


@given(pairs(), st.sampled_from([1, 2, 5, 9]))
def test_blocks_of_pairs_change_nothing(pair, size):
    whole = mean_average_precision(*pair, average=None, iou_thresholds="coco")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_mean_average_precision, "BLOCK", size)
        parts = mean_average_precision(*pair, average=None, iou_thresholds="coco")
    assert np.array_equal(whole, parts, equal_nan=True)


@given(pairs(least=1), st.randoms(use_true_random=False), st.sampled_from([0.25, 8]))
def test_invariances(pair, random, factor):
    y_true, y_pred = pair
    # Distinct scores, so that the order of the images decides nothing.
    n = sum(len(one["scores"]) for one in y_pred)
    scores = iter(random.sample(range(n), n))
    y_pred = [
        {**one, "scores": [next(scores) for _ in one["scores"]]} for one in y_pred
    ]
    for matching in MATCHINGS:
        params = {"iou_thresholds": "coco", "matching": matching}
        value = mean_average_precision(y_true, y_pred, **params)
        assert 0 <= value <= 1
        order = random.sample(range(len(y_true)), len(y_true))
        shuffled = [y_true[i] for i in order], [y_pred[i] for i in order]
        assert mean_average_precision(*shuffled, **params) == value
        known = mean_average_precision(y_true, y_pred, labels=range(9), **params)
        assert known == value
        scaled = [
            [{**one, "boxes": one["boxes"] * factor} for one in y]
            for y in (y_true, y_pred)
        ]
        assert mean_average_precision(*scaled, **params) == value
        arrays = as_objects(y_true), as_objects(y_pred)
        assert mean_average_precision(*arrays, **params) == value
        named = [
            [{**one, "labels": [f"c{k}" for k in one["labels"]]} for one in y]
            for y in (y_true, y_pred)
        ]
        assert mean_average_precision(*named, **params) == value


@given(pairs(least=1))
def test_a_perfect_prediction_is_one(pair):
    y_true, _ = pair
    for one in y_true:  # of equal boxes the VOC rule takes the first twice
        _, rows = np.unique(one["boxes"], axis=0, return_index=True)
        one.update(boxes=one["boxes"][rows], labels=one["labels"][rows])
    y_pred = [{**one, "scores": np.arange(len(one["labels"]))} for one in y_true]
    for interpolation in INTERPOLATIONS:
        for matching in MATCHINGS:
            value = mean_average_precision(
                y_true,
                y_pred,
                iou_thresholds=[0.5, 1],
                interpolation=interpolation,
                matching=matching,
            )
            assert value == pytest.approx(1)


# -------------------------------------------------------------------------- input


def test_input_is_not_written_into():
    true, pred = (image([ONE]), image([[0, 0, 10, 8]], scores=[0.5]))
    for one in (true, pred):
        for array in one.values():
            array.flags.writeable = False
    mean_average_precision([true], [pred])


def test_boxes_without_area_may_be_predicted_and_are_wrong():
    pred = [image([[3, 3, 3, 3], ONE], scores=[0.9, 0.8]), image([], scores=[])]
    value = mean_average_precision(Y, pred, interpolation="area")
    assert value == pytest.approx(1 / 3 * 1 / 2)


def test_other_keys_are_not_read():
    extra = [{**one, "area": 3, "iscrowd": np.zeros(len(one["boxes"]))} for one in Y]
    assert mean_average_precision(extra, P) == mean_average_precision(Y, P)


BAD = image([[0, 0, 10, 10], [5, 5, 3, 9]])


@pytest.mark.parametrize(
    "true, pred, params, message",
    [
        (Y, P[:1], {}, "y_true has 2 images and y_pred 1"),
        (as_objects([Y[0], None]), P, {}, 'Row 1 of y_true is None.*"boxes": \\[\\]'),
        (Y, Y, {}, r"Row 0 of y_pred has no 'scores', only \['boxes', 'labels'\]"),
        ([Y[0], BAD], P, {}, "Row 1 of y_true: box 1 has corners out of order.*width"),
        (
            Y,
            [P[0], {**BAD, "scores": [0, 1]}],
            {},
            "Row 1 of y_pred: box 1 has corners",
        ),
        ([Y[0], image([3, 3, 3, 9])], P, {}, "Row 1 of y_true: box 0 has no area"),
        ([Y[0], image([0, 0, np.inf, 9])], P, {}, "Row 1 .* not finite"),
        (
            Y,
            [P[0], image(ONE, scores=[np.nan])],
            {},
            "Row 1 .* score that is not finite",
        ),
        (
            Y,
            [P[0], image(ONE, scores=[1, 2])],
            {},
            r"Row 1 .*scores .*\(1,\), got \(2,\)",
        ),
        (Y, [P[0], image(ONE, [0, 1], [1])], {}, r"labels must have shape \(1,\)"),
        ([{**Y[0], "boxes": ONE}, Y[1]], P, {}, r"boxes must have shape \(m, 4\), got"),
        (
            [{**Y[0], "iscrowd": [0, 1]}, Y[1]],
            P,
            {},
            "Row 0 .*'iscrowd'.*take them out",
        ),
        ([{**Y[0], "difficult": [0, 1]}, Y[1]], P, {}, "'difficult'"),
        (Y, [P[0], image([ONE], "a", [1])], {}, "of one kind"),
        ([image([ONE], "a")] * 2, P, {}, "of one kind"),
        (Y, P, {"labels": ["a"]}, "of one kind"),
        (Y, P, {"labels": [0, 0]}, "different"),
        (Y, P, {"iou_thresholds": 0}, "above 0 and at most 1, got 0"),
        (Y, P, {"iou_thresholds": [0.5, 1.1]}, "iou_thresholds"),
        (Y, P, {"iou_thresholds": []}, "iou_thresholds"),
        (Y, P, {"iou_thresholds": "voc"}, 'iou_thresholds must be "coco"'),
        (Y, P, {"iou_thresholds": np.nan}, "iou_thresholds"),
        (Y, P, {"interpolation": "voc"}, "interpolation must be one of"),
        (Y, P, {"matching": "area"}, "matching must be one of"),
        (Y, P, {"average": "micro"}, "average must be one of"),
        (Y, P, {"max_boxes": 0}, "max_boxes must be an integer above 0, got 0"),
        (Y, P, {"max_boxes": 2.5}, "max_boxes"),
    ],
)
def test_bad_input_is_refused(true, pred, params, message):
    with pytest.raises(ValueError, match=message):
        mean_average_precision(true, pred, **params)


@pytest.mark.parametrize(
    "true, message",
    [
        (Y[0], "y_true is the dict of one image; put it into a list"),
        ([Y[0], np.ones((1, 5))], "Row 1 of y_true must be a dict .*got ndarray"),
        ([Y[0], image([ONE], 0.5)], "Row 1 of y_true: labels .*float64"),
        ([Y[0], image([ONE], np.array([None]))], "Row 1 of y_true: labels .*object"),
    ],
)
def test_wrong_kinds_are_refused(true, message):
    with pytest.raises(TypeError, match=message):
        mean_average_precision(true, P)


def test_tensors_are_read():
    """As torchvision has them, with the keys that it adds and an image of nothing."""
    torch = pytest.importorskip("torch")
    y_true, y_pred = (
        [{key: torch.as_tensor(value) for key, value in one.items()} for one in y]
        for y in ([*Y, image([], [])], [*P, image([], [], [])])
    )
    crowd = [torch.zeros(len(one["boxes"])) for one in y_true]
    y_true = [{**one, "iscrowd": each} for one, each in zip(y_true, crowd)]
    assert mean_average_precision(y_true, y_pred) == mean_average_precision(Y, P)
    crowd[1] += 1
    with pytest.raises(ValueError, match="Row 1 of y_true has boxes marked 'iscrowd'"):
        mean_average_precision(y_true, y_pred)


def test_it_makes_a_scorer():
    class Model(BaseEstimator):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return as_objects(P)

    value = make_scorer(mean_average_precision, interpolation="area")(Model(), None, Y)
    assert value == pytest.approx(0.733333, abs=1e-6)


# ----------------------------------------------------------------- other programs


def read_bccd(folder, part=2):
    """Return the boxes of the images of one part: 2 is the test set."""
    with np.load(folder / "bccd.npz") as data:
        rows = np.flatnonzero(data["split"] == part)
        boxes, labels, ends = data["boxes"], data["labels"], data["offsets"]
        parts = [slice(ends[row], ends[row + 1]) for row in rows]
        return [{"boxes": boxes[one], "labels": labels[one]} for one in parts]


def detect(y_true, seed, decimals=6):
    """Return the truth as a poor detector sees it: moved, missed, doubled, made up."""
    rng = np.random.RandomState(seed)
    y_pred = []
    for one in y_true:
        rows = np.flatnonzero(rng.rand(len(one["boxes"])) < 0.85)
        rows = np.concatenate([rows, rng.choice(rows, len(rows) // 3)])
        boxes, labels = one["boxes"][rows].astype(float), one["labels"][rows].copy()
        size = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        boxes += rng.standard_normal(boxes.shape) * size * 0.08
        made_up = rng.uniform(0, 100, size=(6, 2))
        made_up = np.hstack([made_up, made_up + rng.uniform(5, 40, size=(6, 2))])
        boxes = np.vstack([boxes, made_up])
        labels = np.concatenate([labels, rng.randint(3, size=6)])
        swapped = rng.rand(len(labels)) < 0.05
        labels[swapped] = rng.randint(3, size=swapped.sum())
        scores = rng.beta(4, 2, size=len(boxes)) - 0.3 * (np.arange(len(boxes)) > 9)
        y_pred.append(image(boxes, labels, scores.round(decimals)))
    return y_pred


def as_coco(y_true, y_pred):
    """Return truth and results as COCO keeps them: corner, width, height."""

    def entries(y):
        for i, one in enumerate(y):
            boxes = np.asarray(one["boxes"], dtype=float)
            boxes = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
            for k, box in enumerate(boxes.tolist()):
                entry = {"image_id": i + 1, "category_id": int(one["labels"][k]) + 1}
                entry |= {"bbox": box, "area": box[2] * box[3], "iscrowd": 0}
                if "scores" in one:
                    entry["score"] = float(one["scores"][k])
                yield entry

    truth = [{**entry, "id": i + 1} for i, entry in enumerate(entries(y_true))]
    categories = [{"id": k + 1, "name": str(k)} for k in range(3)]
    images = [{"id": i + 1, "height": 120, "width": 160} for i in range(len(y_true))]
    data = {"images": images, "annotations": truth, "categories": categories}
    return {**data, "info": {}}, list(entries(y_pred))


def precision_of(COCO, COCOeval, y_true, y_pred):
    """Return another program's AP, an array of shape (n_thresholds, n_classes)."""
    data, results = as_coco(y_true, y_pred)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = data
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    # thresholds, recalls, classes, areas (all), most boxes (1, 10, 100)
    return np.asarray(evaluation.eval["precision"])[:, :, :, 0, 2].mean(axis=1)


def pycocotools():
    pytest.importorskip("pycocotools")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    return COCO, COCOeval


def faster_coco_eval():
    pytest.importorskip("faster_coco_eval")
    from faster_coco_eval import COCO, COCOeval_faster

    return COCO, COCOeval_faster


@pytest.mark.real_data
@pytest.mark.parametrize("decimals", [6, 1])  # with one there are ties everywhere
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("peer", [pycocotools, faster_coco_eval])
def test_blood_cells_equal_other_programs(data_dir, peer, seed, decimals):
    y_true = read_bccd(data_dir)
    assert len(y_true) == 72
    y_pred = detect(y_true, seed, decimals)
    expected = precision_of(*peer(), y_true, y_pred)
    assert 0.1 < expected.mean() < 0.9
    for threshold, values in zip(THRESHOLDS, expected):
        found = mean_average_precision(
            y_true, y_pred, iou_thresholds=threshold, average=None
        )
        assert found == pytest.approx(values, abs=1e-5)
    value = mean_average_precision(y_true, y_pred, iou_thresholds="coco")
    assert value == pytest.approx(expected.mean(), abs=1e-5)
