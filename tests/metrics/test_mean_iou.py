"""Vectors by hand, loops over pixels, and properties of the number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import confusion_matrix, jaccard_score, make_scorer

from skactive.metrics import _mean_iou, mean_iou, pixel_confusion_matrix

Y = np.array([[[0, 0, 1], [1, 2, 255]], [[0, 1, 1], [255, 255, 1]]])
P = np.array([[[0, 1, 1], [1, 1, 0]], [[0, 1, 0], [2, 2, 1]]])
N = [[2, 1, 0], [1, 4, 0], [0, 1, 0]]
IOU = [1 / 2, 4 / 7, 0]
NAMES = np.array(["void", "sky", "car", "tree"])


def as_objects(masks):
    """Return masks in a 1-d object array, whatever their shapes."""
    y = np.empty(len(masks), dtype=object)
    for row, mask in enumerate(masks):
        y[row] = mask
    return y


def by_loops(y_true, y_pred, labels, ignore_index=255):
    """Return the IoU of each class, pixel by pixel; None where it is not defined."""
    values = []
    for label in labels:
        both = either = 0
        for true, pred in zip(y_true, y_pred):
            for t, p in zip(np.ravel(true).tolist(), np.ravel(pred).tolist()):
                if t != ignore_index:
                    both += t == label and p == label
                    either += t == label or p == label
        values.append(both / either if either else None)
    return values


def test_vector():
    assert pixel_confusion_matrix(Y, P).tolist() == N
    assert mean_iou(Y, P, average=None) == pytest.approx(IOU)
    assert mean_iou(Y, P) == pytest.approx(0.357143, abs=1e-6)
    assert mean_iou(Y, P, average="frequency") == pytest.approx(0.484127, abs=1e-6)
    counts = pixel_confusion_matrix(Y, P)
    assert np.trace(counts) / counts.sum() == pytest.approx(0.666667, abs=1e-6)
    recalls = np.diag(counts) / counts.sum(axis=1)
    assert recalls.mean() == pytest.approx(0.488889, abs=1e-6)


def test_it_is_not_the_mean_over_images():
    images = [mean_iou(Y[[row]], P[[row]]) for row in (0, 1)]
    assert images == pytest.approx([0.333333, 0.583333], abs=1e-6)
    assert np.mean(images) == pytest.approx(0.458333, abs=1e-6)


def test_a_class_never_seen_is_left_out():
    labels = [0, 1, 2, 3]
    assert mean_iou(Y, P, labels=labels) == mean_iou(Y, P)
    by_class = mean_iou(Y, P, labels=labels, average=None)
    assert np.isnan(by_class[3]) and by_class[:3] == pytest.approx(IOU)
    frequency = mean_iou(Y, P, labels=labels, average="frequency")
    assert frequency == mean_iou(Y, P, average="frequency")


def test_a_class_that_is_only_predicted_counts_zero():
    true, pred = [[[0, 0, 0, 0]]], [[[0, 0, 0, 9]]]
    assert mean_iou(true, pred) == (3 / 4 + 0) / 2
    assert mean_iou(true, pred, average="frequency") == 3 / 4
    assert mean_iou(true, pred, average=None).tolist() == [3 / 4, 0]


def test_what_is_predicted_in_ignored_pixels_does_not_count():
    pred = np.where(Y == 255, 77, P)
    assert pixel_confusion_matrix(Y, pred).tolist() == N
    assert pixel_confusion_matrix(Y, pred, labels=[0, 1, 2]).tolist() == N
    assert mean_iou(Y, pred) == mean_iou(Y, P)


def test_ignore_index_predicted_is_wrong_and_no_class():
    true, pred = [[[0, 0, 0, 1]]], [[[0, 0, 255, 1]]]
    for labels in (None, [0, 1]):
        assert mean_iou(true, pred, labels=labels, average=None).tolist() == [2 / 3, 1]
        assert mean_iou(true, pred, labels=labels) == pytest.approx(5 / 6)
        frequency = mean_iou(true, pred, labels=labels, average="frequency")
        assert frequency == pytest.approx(3 / 4 * 2 / 3 + 1 / 4)
        counts = pixel_confusion_matrix(true, pred, labels)
        assert counts.tolist() == [[2, 0, 1], [0, 1, 0], [0, 0, 0]]
    # In pixels that do not count it is as good as anything.
    assert pixel_confusion_matrix([[[255, 1]]], [[[255, 1]]]).tolist() == [[1]]


@pytest.mark.parametrize("ignore_index", [None, -1, 7])
def test_other_ignored_values(ignore_index):
    true = np.where(Y == 255, ignore_index if ignore_index is not None else 3, Y)
    found = mean_iou(true, P, ignore_index=ignore_index, average=None)
    expected = IOU if ignore_index is not None else [2 / 5, 4 / 7, 0, 0]
    assert found == pytest.approx(expected)


CONTAINERS = {
    "uint8": lambda y: y.astype(np.uint8),
    "int8": lambda y: np.where(y == 255, -1, y).astype(np.int8),
    "strided": lambda y: np.repeat(y, 2, axis=2)[:, :, ::2],
    "nested lists": lambda y: y.tolist(),
    "list": list,
    "tuple": tuple,
    "1-d objects": as_objects,
    "3-d objects": lambda y: y.astype(object),
    "far apart": lambda y: np.where(y == 255, 255, y * 2**60 - 2**61),
    "strings": lambda y: NAMES[np.where(y == 255, 0, y + 1)],
    "string objects": lambda y: NAMES[np.where(y == 255, 0, y + 1)].astype(object),
}


@pytest.mark.parametrize("other", ["same", "list"])
@pytest.mark.parametrize("kind", CONTAINERS)
def test_containers(kind, other):
    true, pred = CONTAINERS[kind](Y), CONTAINERS[kind](P)
    pred = pred if other == "same" else list(pred)
    # Strings keep the order by being named in it.
    labels = NAMES[1:] if "string" in kind else None
    ignore_index = {"int8": -1}.get(kind, "void" if "string" in kind else 255)
    params = {"labels": labels, "ignore_index": ignore_index}
    assert pixel_confusion_matrix(true, pred, **params).tolist() == N
    assert mean_iou(true, pred, **params) == pytest.approx(np.mean(IOU))


def test_strings_need_no_ignored_value():
    assert mean_iou([[["a", "b"]]], [[["a", "a"]]], average=None).tolist() == [0.5, 0]


def test_booleans_are_two_classes():
    true, pred = np.array([[[True, False, True]]]), np.array([[[True, True, True]]])
    assert mean_iou(true, pred, average=None) == pytest.approx([0, 2 / 3])


def test_images_of_different_size():
    true = [Y[0], Y[1, :1], Y[1, 1:]]
    pred = [P[0], P[1, :1], P[1, 1:]]
    for container in (list, as_objects):
        assert pixel_confusion_matrix(container(true), container(pred)).tolist() == N


def test_large_images_come_in_blocks(monkeypatch):
    rng = np.random.RandomState(0)
    true, pred = rng.randint(5, size=(2, 7, 30, 20))
    whole = pixel_confusion_matrix(true, pred)
    expected = confusion_matrix(true.ravel(), pred.ravel())
    assert whole.tolist() == expected.tolist()
    for size in (1, 20, 50, 599, 600, 1300):  # a line, some lines, some images
        monkeypatch.setattr(_mean_iou, "BLOCK", size)
        assert pixel_confusion_matrix(true, pred).tolist() == whole.tolist()
        pred[5, 2, 3] = 9
        with pytest.raises(ValueError, match="Row 5 of y_pred holds 9"):
            pixel_confusion_matrix(true, pred, range(5))
        pred[5, 2, 3] = 4
        whole = pixel_confusion_matrix(true, pred)


def test_input_is_not_written_into():
    true, pred = Y.copy(), P.copy()
    true.flags.writeable = pred.flags.writeable = False
    mean_iou(true, pred)


def masks(shape=(2, 3, 4), values=(0, 1, 2, 3, 255)):
    """Draw masks as flat lists."""
    size = int(np.prod(shape))
    flat = st.lists(st.sampled_from(values), min_size=size, max_size=size)
    return flat.map(lambda values: np.array(values).reshape(shape))


@given(masks(), masks())
def test_equals_loops(y_true, y_pred):
    y_true[0, 0, 0] = 0
    labels = [3, 0, 2, 1]
    expected = by_loops(y_true, y_pred, labels)
    found = mean_iou(y_true, y_pred, labels=labels, average=None)
    assert [None if np.isnan(v) else v for v in found] == expected
    seen = [v for v in expected if v is not None]
    assert mean_iou(y_true, y_pred) == pytest.approx(np.mean(seen))


@given(masks(values=(0, 1, 2)), masks(values=(0, 1, 2)))
def test_equals_the_jaccard_score_of_all_pixels(y_true, y_pred):
    flat = y_true.ravel(), y_pred.ravel()
    for ours, theirs in [("macro", "macro"), ("frequency", "weighted")]:
        expected = jaccard_score(*flat, average=theirs)
        assert mean_iou(y_true, y_pred, average=ours) == pytest.approx(expected)


@given(masks(), masks(), st.permutations([0, 1]), st.sampled_from([1, 2, 3]))
def test_invariances(y_true, y_pred, order, factor):
    y_true[0, 0, 0] = 0
    value = mean_iou(y_true, y_pred)
    assert 0 <= value <= 1
    assert mean_iou(y_true[order], y_pred[order]) == value
    assert mean_iou(y_true, y_pred, labels=range(9)) == value
    larger = (np.kron(y, np.ones((1, factor, factor), int)) for y in (y_true, y_pred))
    assert mean_iou(*larger) == pytest.approx(value)
    assert mean_iou(y_true, y_true) == 1
    renamed = (np.where(y == 255, 255, 100 - y) for y in (y_true, y_pred))
    assert mean_iou(*renamed) == pytest.approx(value)


@pytest.mark.parametrize("average", ["macro", "frequency", None])
def test_nothing_that_counts_is_nan_with_a_warning(average):
    void = np.full_like(Y, 255)
    for true, pred in [(void, P), (Y[:0], P[:0]), (list(void), list(P)), ([], [])]:
        with pytest.warns(UndefinedMetricWarning, match="no pixel counts"):
            value = mean_iou(true, pred, labels=[0, 1], average=average)
        assert np.isnan(value).all() and np.shape(value) == (() if average else (2,))
        assert (
            pixel_confusion_matrix(true, pred, labels=[0, 1]).tolist() == [[0] * 2] * 2
        )
    with pytest.warns(UndefinedMetricWarning):
        assert np.isnan(mean_iou(void, P))


@pytest.mark.parametrize(
    "true, pred, params, message",
    [
        (Y, P[:1], {}, "y_true has 2 masks and y_pred 1"),
        (Y, P[:, :, :2], {}, r"Row 0: .*\(2, 3\) .*\(2, 2\)\. Predict at the size"),
        (list(Y), [P[0], P[1].T], {}, r"Row 1: .*\(2, 3\)"),
        (Y[0], P[0], {}, "y_true .*Put a single mask into a list"),
        (Y, P[None], {}, r"y_pred .*y_proba\.argmax\(axis=1\)"),
        (Y.ravel(), P.ravel(), {}, "sequence of 2-d arrays"),
        (Y, [P[0], P], {}, r"Row 1 of y_pred .*argmax\(axis=1\)"),
        (Y[0].tolist(), P, {}, "Row 0 of y_true .*Put a single mask into a list"),
        (as_objects([Y[0], None]), P, {}, "Row 1 of y_true is None"),
        (Y, P, {"labels": [0, 1]}, r"Row 0 of y_true holds 2, .*labels, \[0, 1\]"),
        (Y % 2, P, {"labels": [0, 1]}, "Row 1 of y_pred holds 2"),
        (Y, P, {"labels": [0, 1, 2, 255]}, "labels holds ignore_index=255"),
        (Y, P, {"labels": [0, 1, 1]}, "different"),
        (Y, P, {"labels": ["0", "1", "2"]}, "of one kind"),
        (Y, P.astype(str), {}, "of one kind"),
        (Y, P.astype(str), {"labels": [0, 1, 2]}, "of one kind"),
        (Y, P, {"ignore_index": "void"}, "No number equals ignore_index='void'"),
        (Y, P, {"average": "micro"}, "average must be one of"),
    ],
)
def test_bad_input_is_refused(true, pred, params, message):
    with pytest.raises(ValueError, match=message):
        mean_iou(true, pred, **params)


@pytest.mark.parametrize("container", [np.asarray, list, as_objects])
def test_floats_are_refused(container):
    for true, pred, name in [(Y, P * 1.0, "y_pred"), (Y * 1.0, P, "y_true")]:
        with pytest.raises(TypeError, match=f"{name} .*argmax.*astype"):
            mean_iou(container(true), container(pred))
    with pytest.raises(TypeError, match="y_true must hold classes"):
        mean_iou([[[1, None]]], [[[1, 1]]])


@pytest.mark.parametrize(
    "true, pred, params, message",
    [
        (Y, None, {}, "y_pred must be masks, got None"),
        (
            np.ma.masked_equal(Y, 255),
            P,
            {},
            r"y_true is a masked array.*\.filled\(255\)",
        ),
        (list(np.ma.masked_equal(Y, 255)), P, {}, "y_true is a masked array"),
        (Y, P, {"ignore_index": [255]}, r"ignore_index must be .*got \[255\]"),
        (Y, P, {"ignore_index": 254.5}, "ignore_index must be"),
    ],
)
def test_wrong_kinds_are_refused(true, pred, params, message):
    with pytest.raises(TypeError, match=message):
        mean_iou(true, pred, **params)


def test_tensors_are_read():
    torch = pytest.importorskip("torch")
    true, pred = torch.as_tensor(Y), torch.as_tensor(P)
    assert mean_iou(true, pred) == mean_iou(list(true), list(pred)) == mean_iou(Y, P)


def test_it_makes_a_scorer():
    class Model(BaseEstimator):
        def fit(self, X, y):
            return self

        def predict(self, X):
            return P

    assert make_scorer(mean_iou)(Model(), None, Y) == pytest.approx(np.mean(IOU))


@pytest.mark.real_data
def test_masks_of_camvid(data_dir):
    with np.load(data_dir / "camvid.npz") as data:
        y = data["labels"][:20]
    pred = np.roll(y, 3, axis=2)
    pred[pred == 255] = 0
    valid = y != 255
    theirs = jaccard_score(y[valid], pred[valid], average="macro")
    assert mean_iou(y, pred) == pytest.approx(theirs)
    assert mean_iou(list(y), as_objects(pred)) == mean_iou(y, pred)
