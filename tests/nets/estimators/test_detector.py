"""NetDetector: trains on boxes, with the manners of a scikit-learn estimator."""

import pickle
from copy import deepcopy
from functools import partial

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from torch import nn

from skactive import ActiveLearner
from skactive.deep import LL4AL, VAAL
from skactive.diversity import CoreSet, RandomSampling
from skactive.metrics import aulc_scorer, mean_average_precision
from skactive.nets import HorizontalFlip, ImageShift, NetDetector, VAEEmbedding
from skactive.nets.estimators._task import BOXES
from skactive.nets.modules import CenterNet
from skactive.uncertainty import EntropySampling, MarginSampling

pytestmark = pytest.mark.deep


def squares(n=12, seed=0):
    """Squares of two kinds, none to two in an image, and where they are."""
    rng = np.random.RandomState(seed)
    X, y = rng.normal(0, 0.1, (n, 1, 32, 32)).astype(np.float32), []
    for k, image in enumerate(X):
        found, labels = [], []
        for kind in ["bright", "dark"][: k % 3]:
            i, j = rng.randint(0, 20, 2)
            image[0, i : i + 10, j : j + 10] += 1 if kind == "bright" else -1
            found.append([j, i, j + 10, i + 10])
            labels.append(kind)
        y.append({"boxes": found, "labels": labels})
    return X, y


X, Y = squares()


def detector(module=None, **settings):
    small = {"module__width": 8} if module is None else {}
    return NetDetector(
        module, **{"max_epochs": 3, "random_state": 0, **small, **settings}
    )


def same(found, others):
    """Tell whether two answers are the same to the bit."""
    return all(
        a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)
        for a, b in zip(found, others, strict=True)
    )


@pytest.fixture(scope="module")
def fitted():
    return detector(max_epochs=80, module__width=16).fit(X, Y)


def test_it_learns_and_answers_in_the_form_of_y(fitted):
    found = fitted.predict(X)
    assert found.shape == (len(X),) and found.dtype == object
    for each in found:
        m = len(each["boxes"])
        assert each["boxes"].shape == (m, 4) and each["boxes"].dtype == np.float32
        assert each["labels"].shape == each["scores"].shape == (m,)
        assert each["probas"].shape == (m, 2)
        assert np.all(np.diff(each["scores"]) <= 0)
    assert fitted.classes_.tolist() == ["bright", "dark"]
    assert fitted.score(X, Y) == mean_average_precision(Y, found) > 0.9
    assert fitted.transform(X).shape == (12, 48)
    assert not is_classifier(fitted) and not is_regressor(fitted)


def test_the_same_seed_gives_the_same_bits():
    nets = [detector(random_state=seed).fit(X, Y) for seed in (0, 0, 1)]
    answers = [net.set_params(score_threshold=0.0).predict(X) for net in nets]
    assert same(answers[0], answers[1]) and not same(answers[0], answers[2])
    before = torch.random.get_rng_state()
    detector().fit(X, Y).predict(X)
    assert torch.equal(before, torch.random.get_rng_state())


def test_clone_pickle_and_weights(fitted, tmp_path):
    again = pickle.loads(pickle.dumps(fitted))
    assert same(again.predict(X), fitted.predict(X))
    assert clone(fitted).get_params() == fitted.get_params()
    fitted.save_params(tmp_path / "net.pt")
    other = clone(fitted).load_params(tmp_path / "net.pt")
    assert same(other.predict(X), fitted.predict(X))


@pytest.mark.parametrize("size", [1, 5, 12])
def test_a_prediction_does_not_depend_on_its_batch(size):
    settings = {"max_epochs": 20, "module__width": 16, "score_threshold": 0.2}
    net = detector(**settings).fit(X, Y)
    other = detector(iterator_valid__batch_size=size, **settings).fit(X, Y)
    for a, b in zip(other.predict(X), net.predict(X), strict=True):
        assert_array_equal(a["labels"], b["labels"])
        np.testing.assert_allclose(a["boxes"], b["boxes"], atol=1e-3)


def test_inputs_are_left_alone():
    images, targets = X.copy(), deepcopy(Y)
    images.flags.writeable = False
    detector(augment=HorizontalFlip()).fit(images, targets).predict(images)
    assert_array_equal(images, X)
    assert targets == Y


def test_containers_of_y_are_alike():
    as_objects = np.empty(len(Y), dtype=object)
    as_objects[:] = Y
    arrays = [{k: np.asarray(v) for k, v in each.items()} for each in Y]
    nets = [detector().fit(X, y) for y in (Y, as_objects, tuple(arrays))]
    answers = [net.set_params(score_threshold=0.0).predict(X) for net in nets]
    assert same(answers[0], answers[1]) and same(answers[0], answers[2])


def test_flipped_boxes_lie_on_flipped_images():
    images = torch.arange(8.0).reshape(1, 1, 2, 4)
    y = torch.tensor([[[0.0, 0, 1, 2, 1], [-1, -1, -1, -1, -1]]])
    flipped, moved = HorizontalFlip(p=1.0)(images, y)
    assert flipped[0, 0, 0].tolist() == [3, 2, 1, 0]
    assert moved[0, 0].tolist() == [3, 0, 4, 2, 1]
    assert moved[0, 1, 4] == -1


@pytest.mark.parametrize(
    "change, match",
    [
        ({"boxes": [[5, 5, 5, 9]], "labels": ["dark"]}, "Row 1: box 0.*is empty"),
        ({"boxes": [[5, 9, 8, 5]], "labels": ["dark"]}, "Row 1: box 0.*is empty"),
        ({"boxes": [[5, 5, np.nan, 9]], "labels": ["dark"]}, "Row 1.*not finite"),
        ({"boxes": [[5, 5, 40, 9]], "labels": ["dark"]}, "Row 1.*outside the image"),
        ({"boxes": [[5, 5, 8, 9]], "labels": []}, "Row 1: 1 boxes need"),
        ({"boxes": [[5, 5, 8]], "labels": ["dark"]}, r"Row 1.*shape \(m, 4\)"),
    ],
)
def test_boxes_that_are_none_are_named(change, match):
    y = [Y[0], change, *Y[2:]]
    with pytest.raises(ValueError, match=match):
        detector().fit(X, y)


def test_what_is_no_answer_is_refused():
    with pytest.raises(TypeError, match=r"Row 0 must be a dict.*a\[:, :4\]"):
        detector().fit(X, [np.zeros((2, 5))] * 12)
    with pytest.raises(ValueError, match="boxes of each of 12 images"):
        detector().fit(X, Y[:5])
    with pytest.raises(ValueError, match="None of the 12 images has a box"):
        detector().fit(X, [{"boxes": [], "labels": []}] * 12)
    with pytest.raises(ValueError, match=r"Gray images are X\[:, None\]"):
        detector(CenterNet).fit(X[:, 0], Y)
    with pytest.raises(ValueError, match="not among classes"):
        detector(classes=["bright", "green"]).fit(X, Y)
    for augment in (lambda X: X, ImageShift()):
        with pytest.raises(TypeError, match="augment of a NetDetector takes"):
            detector(augment=augment).fit(X, Y)


class NoDetector(nn.Module):
    def __init__(self, in_channels, n_classes):
        super().__init__()
        self.layer = nn.Conv2d(in_channels, n_classes, 1)

    def forward(self, X):
        return self.layer(X)


def test_a_module_that_is_no_detector_is_told_what_it_lacks():
    with pytest.raises(ValueError, match="has no losses and no decode.*CenterNet"):
        detector(NoDetector).fit(X, Y)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_found_objects_and_what_the_net_sees_of_them(precision):
    net = detector(precision=precision).fit(X, Y)
    plain, found = net.predict(X), net.predict_with_features(X)
    assert sum(len(each["boxes"]) for each in found) > 20
    widths = [each.pop("features").shape for each in found]
    assert widths == [(len(each["boxes"]), 8) for each in plain]
    assert same(found, plain)
    # Not of the rest of the batch, and not of nothing.
    Z = [net.predict_with_features(X[k : k + 1])[0]["features"] for k in range(12)]
    again = net.predict_with_features(X)
    assert all(np.array_equal(z, each["features"]) for z, each in zip(Z, again))
    assert Z[0].dtype == np.float32 and len(np.unique(Z[0], axis=0)) > 5
    nothing = net.set_params(score_threshold=1.0).predict_with_features(X[:1])
    assert nothing[0]["features"].shape == (0, 8)


class Bare(CenterNet):
    """A detector as they were before features."""

    forward_with_features = None


def test_a_module_without_features_says_so_before_it_is_fitted():
    for module in (Bare, partial(Bare, width=8), Bare(1, 2, 8)):
        assert not hasattr(detector(module), "predict_with_features")
    for module in (None, CenterNet, partial(CenterNet, width=8), CenterNet(1, 2, 8)):
        assert hasattr(detector(module), "predict_with_features")
    # Of a function nothing is known before it has built something.
    net = detector(lambda in_channels, n_classes: Bare(in_channels, n_classes, 8))
    assert hasattr(net, "predict_with_features")
    assert not hasattr(net.fit(X, Y), "predict_with_features")
    assert net.predict(X).shape == (12,)


def test_one_class_declared_classes_and_none_found():
    one = [{"boxes": [[4, 4, 9, 9]], "labels": [7]}] * 12
    assert detector().fit(X, one).classes_.tolist() == [7]
    empty = [{"boxes": [], "labels": []}] * 12
    net = detector(classes=[3, 5], score_threshold=1.0).fit(X, empty)
    found = net.predict(X)
    assert all(len(each["boxes"]) == 0 for each in found)
    strategy = EntropySampling(net, random_state=0)  # a pool in which nothing is found
    y = [{"boxes": [[4, 4, 9, 9]], "labels": [3]}] * 12
    assert len(set(strategy.fit(X, y, X).query(3))) == 3


def test_the_training_loss_is_the_mean_over_images():
    net = detector(batch_size=12, max_epochs=1, schedule=None).fit(X, Y)
    maps = torch.randn(4, 6, 8, 8, generator=torch.manual_seed(0))
    y = torch.full((4, 2, 5), -1.0)
    y[0, 0] = torch.tensor([4.0, 4, 12, 12, 1])
    loss, each = BOXES.losses(net.net_, maps, y)
    expected = net.net_.module_.losses(maps, y)
    torch.testing.assert_close(each, expected.detach())
    torch.testing.assert_close(loss, expected.mean())


@pytest.mark.parametrize(
    "strategy",
    [
        EntropySampling(),
        EntropySampling(aggregate="mean", empty="highest"),
        MarginSampling(aggregate=0.5),
        RandomSampling(),
        CoreSet("estimator"),
        VAAL(autoencoder=VAEEmbedding(width=4, n_iterations=3)),
        LL4AL(),
    ],
    ids=lambda strategy: f"{type(strategy).__name__}",
)
def test_learners_ask_for_images(strategy):
    learner = ActiveLearner(
        detector(classes=["bright", "dark"]),
        strategy,
        n_initial=3,
        budget=4,
        batch_size=2,
        random_state=0,
    ).fit(X, Y)
    assert len(set(learner.queried_indices_)) == 7
    assert len(list(learner.staged_score(X, Y))) == 3
    again = pickle.loads(pickle.dumps(learner))
    assert same(again.predict(X[:2]), learner.predict(X[:2]))
    assert not hasattr(learner, "classes_")


def test_a_joint_sampler_predicts_boxes():
    learner = ActiveLearner(
        strategy=LL4AL(detector()), n_initial=6, budget=2, batch_size=2, random_state=0
    ).fit(X, Y)
    assert learner.predict(X).shape == (12,)
    assert learner.score(X, Y) >= 0


def test_boxes_by_hand():
    known = [each if k < 4 else None for k, each in enumerate(Y)]
    net = detector(classes=["bright", "dark"])
    learner = ActiveLearner(net, EntropySampling(), random_state=0).fit(X, known)
    rows = learner.query(2)
    learner.teach(rows, [Y[rows[0]], None])  # one is skipped
    learner.teach(int(rows[1]), Y[rows[1]])
    assert learner.labeled_mask_.sum() == 6
    again = ActiveLearner(net, EntropySampling(), random_state=0)
    again.fit(X, learner.labels_)
    assert_array_equal(again.query(3), learner.query(3))
    with pytest.raises(ValueError, match="the answer holds 1; give the boxes"):
        learner.teach(learner.query(2), Y[8])
    with pytest.raises(ValueError, match="is empty"):
        learner.teach(learner.query(1), [{"boxes": [[5, 5, 5, 9]], "labels": ["dark"]}])
    assert learner.labeled_mask_.sum() == 6


def test_searches_and_folds_take_it():
    assert len(cross_val_score(detector(), X, Y, cv=2)) == 2
    learner = ActiveLearner(
        detector(max_epochs=1, classes=["bright", "dark"]),
        n_initial=3,
        budget=2,
        batch_size=2,
        random_state=0,
    )
    grid = {"strategy": [EntropySampling(), RandomSampling()]}
    search = GridSearchCV(learner, grid, scoring=aulc_scorer, cv=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.real_data
def test_blood_cells_are_found(data_dir):
    with np.load(data_dir / "bccd.npz") as arrays:
        kept = np.flatnonzero(arrays["split"] == 0)[::14]
        images = arrays["images"][kept].transpose(0, 3, 1, 2)
        offsets, boxes = arrays["offsets"], arrays["boxes"]
        labels = arrays["labels"]
        y = [
            {part: all_[offsets[k] : offsets[k + 1]] for part, all_ in parts}
            for parts in [(("boxes", boxes), ("labels", labels))]
            for k in kept
        ]
    net = NetDetector(max_epochs=25, lr=0.01, precision="bf16", random_state=0)
    assert net.fit(images, y).score(images, y) > 0.2
