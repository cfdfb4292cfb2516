"""NetSegmenter: trains on masks, with the manners of a scikit-learn estimator."""

import pickle
import subprocess
import sys
from copy import deepcopy

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from torch import nn
from torch.nn import functional as F

from skactive.metrics._mean_iou import mean_iou
from skactive.nets import HorizontalFlip, ImageShift, NetClassifier, NetSegmenter
from skactive.nets.modules import UNet

pytestmark = pytest.mark.deep


def squares(n=12, size=12, channels=1, seed=0):
    """Bright squares on a dark ground, and where they are."""
    rng = np.random.RandomState(seed)
    y = np.zeros((n, size, size), np.uint8)
    for mask, (i, j) in zip(y, rng.randint(0, size - 5, (n, 2))):
        mask[i : i + 5, j : j + 5] = 1
    X = y[:, None] + rng.normal(0, 0.3, (n, channels, size, size))
    return X.astype(np.float32), y


X, Y = squares()


def segmenter(module=None, **settings):
    small = {"module__width": 4} if module is None else {}
    same = {"max_epochs": 3, "schedule": None, "random_state": 0}
    settings = {**same, **small, **settings}
    return NetSegmenter(module, **settings)


@pytest.fixture(scope="module")
def fitted():
    return segmenter(max_epochs=25).fit(X, Y)


class Pixelwise(nn.Module):
    """A linear model of each pixel."""

    def __init__(self, in_channels, n_classes):
        super().__init__()
        self.head = nn.Conv2d(in_channels, n_classes, 1)

    def forward(self, X):
        return self.head(X)


# ------------------------------------------------------------------------- predictions


def test_it_learns_and_says_so_in_every_form(fitted):
    X_new, y_new = squares(6, seed=1)
    masks = fitted.predict(X_new)
    assert masks.shape == y_new.shape and masks.dtype == fitted.classes_.dtype
    assert fitted.score(X_new, y_new) == mean_iou(y_new, masks) > 0.9
    proba = fitted.predict_proba(X_new)
    assert proba.shape == (6, 2, 12, 12) and proba.dtype == np.float32
    assert proba.sum(axis=1) == pytest.approx(np.ones(y_new.shape))
    assert_array_equal(fitted.classes_[proba.argmax(axis=1)], masks)
    assert fitted.transform(X_new).shape == (6, 16)
    assert fitted.get_feature_names_out().shape == (16,)
    assert fitted.sample_shape_ == (1, 12, 12) and fitted.n_features_in_ == 1


def test_it_is_neither_classifier_nor_regressor(fitted):
    assert not is_classifier(fitted) and not is_regressor(fitted)


@pytest.mark.parametrize("size", [1, 3, 12])
def test_predictions_do_not_depend_on_their_chunks(fitted, size):
    other = segmenter(max_epochs=25, iterator_valid__batch_size=size).fit(X, Y)
    assert [len(p) for p in other.iter_proba(X[:7])] == {
        1: [1] * 7,
        3: [3, 3, 1],
        12: [7],
    }[size]
    proba = other.predict_proba(X[:7])
    assert proba == pytest.approx(fitted.predict_proba(X[:7]), abs=1e-5)
    assert_array_equal(proba, np.concatenate(list(other.iter_proba(X[:7]))))
    # Nor on what else is asked for.
    assert proba[2:5] == pytest.approx(other.predict_proba(X[2:5]), abs=1e-5)
    assert_array_equal(other.predict(X[:7]), fitted.predict(X[:7]))


def test_equal_images_have_equal_answers(fitted):
    """On one thread: torch's convolutions of several round by the place in a batch."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        proba = fitted.predict_proba(X[[0, 1, 0]])
    finally:
        torch.set_num_threads(before)
    assert_array_equal(proba[0], proba[2])


@pytest.mark.parametrize("shape", [(9, 14), (13, 11), (8, 1)])
def test_images_of_any_size(shape):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(4, 2, *shape)).astype(np.float32)
    y = (X[:, 0] > 0).astype(int)
    net = segmenter(batch_size=4).fit(X, y)
    assert net.predict(X).shape == y.shape
    assert net.predict_proba(X).shape == (4, 2, *shape)
    with pytest.raises(ValueError, match="was fitted on samples of"):
        net.predict(X[:, :, :-1])


# ----------------------------------------------------------------------------- training


def test_training_is_what_a_plain_loop_does():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        module = Pixelwise(1, 2)
    y = Y.copy()
    y[:, :3] = 255
    net = segmenter(module, batch_size=12, max_epochs=5, lr=0.01, class_weight=[1, 3])
    proba = net.fit(X, y).predict_proba(X)
    module = deepcopy(module)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        loss = F.cross_entropy(
            module(torch.tensor(X)),
            torch.tensor(y).long(),
            weight=torch.tensor([1.0, 3.0]),
            ignore_index=255,
        )
        loss.backward()
        optimizer.step()
    expected = module(torch.tensor(X)).softmax(1).detach().numpy()
    assert proba == pytest.approx(expected, abs=1e-5)
    assert net.net_.history_[-1, "train_loss"] == pytest.approx(loss.item(), abs=1e-5)


def test_pixels_without_a_label_teach_nothing():
    y = Y.astype(int)
    y[:, 6:] = 255
    nets = []
    for strange in (0, 9):
        changed = np.where(y == 255, -7, y) if strange else y
        net = segmenter(Pixelwise, ignore_index=-7 if strange else 255)
        nets.append(net.fit(X, changed))
    assert_array_equal(nets[0].classes_, [0, 1])
    assert_array_equal(*(net.predict_proba(X) for net in nets))
    predicted = nets[0].predict(X)
    assert nets[0].score(X, y) == mean_iou(y[:, :6], predicted[:, :6])


def test_partly_labeled_and_wholly_ignored_masks_train():
    y = np.full(Y.shape, 255, np.uint8)
    y[0, :6, :6] = Y[0, :6, :6]
    y[1, 3] = Y[1, 3]
    net = segmenter(batch_size=2).fit(X, y)  # five batches hold no label at all
    assert np.isfinite(net.predict_proba(X)).all()
    assert np.isfinite(net.net_.history_[:, "train_loss"]).all()


def test_class_weights_follow_the_labeled_pixels():
    y = np.repeat([0, 1, 2, 255], [90, 9, 1, 44]).reshape(1, 12, 12)
    net = segmenter(Pixelwise).fit(X[:1], y)
    weights = net.net_.criterion_.weight.tolist()
    assert weights == pytest.approx([0.219795, 0.695051, 2.085154], abs=5e-7)
    assert (
        segmenter(Pixelwise, class_weight=None).fit(X[:1], y).net_.criterion_.weight
        is None
    )
    given = segmenter(Pixelwise, class_weight=np.array([1, 0, 3])).fit(X[:1], y)
    assert given.net_.criterion_.weight.tolist() == [1, 0, 3]
    by_criterion = segmenter(Pixelwise, criterion__weight=[1, 2, 3]).fit(X[:1], y)
    assert by_criterion.net_.criterion_.weight.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "wanted, match",
    [
        ([1, 2, 3], r"must hold 2 numbers.*got \[1, 2, 3\]"),
        ([1, -1], "must hold 2 numbers of 0 or more"),
        ([1, np.nan], "must hold 2 numbers of 0 or more"),
        ([1, np.inf], "must hold 2 numbers of 0 or more"),
        (["a", "b"], "must hold 2 numbers"),
        ([0, 0], "is 0 for all classes"),
    ],
)
def test_class_weights_that_cannot_be_are_refused(wanted, match):
    with pytest.raises(ValueError, match=f"class_weight.*{match}"):
        segmenter(class_weight=wanted).fit(X, Y)


def test_class_weights_are_for_the_cross_entropy():
    def loss(output, y):
        return F.cross_entropy(output, y)

    assert segmenter(criterion=loss).fit(X, Y).score(X, Y) >= 0  # "sqrt" is a default
    with pytest.raises(ValueError, match="class_weight is for criterion=None"):
        segmenter(criterion=loss, class_weight=[1, 2]).fit(X, Y)
    with pytest.raises(ValueError, match="class_weight is for criterion=None"):
        segmenter(criterion__weight=[1, 2], class_weight=[1, 2]).fit(X, Y)


def test_the_index_that_torch_ignores_is_not_to_be_set():
    with pytest.raises(ValueError, match="criterion__ignore_index.* ignore_index=255"):
        segmenter(criterion__ignore_index=255).fit(X, Y)
    for criterion in (nn.CrossEntropyLoss(ignore_index=0), nn.NLLLoss(ignore_index=0)):
        with pytest.raises(ValueError, match="criterion__ignore_index=0.*positions"):
            segmenter(criterion=criterion).fit(X, Y)
    with pytest.raises(ValueError, match="criterion__ignore_index=1.*positions"):
        segmenter(criterion=F.cross_entropy, criterion__ignore_index=1).fit(X, Y)


@pytest.mark.parametrize(
    "settings",
    [{"precision": "bf16"}, {"channels_last": False}, {"augment": HorizontalFlip()}],
    ids=str,
)
def test_ways_to_train(settings):
    net = segmenter(max_epochs=25, **settings).fit(X, Y)
    assert net.score(X, Y) > 0.9
    assert net.predict_proba(X).dtype == np.float32


def test_pixels_in_bytes_are_divided():
    bright = (255 * (X - X.min()) / (X.max() - X.min())).astype(np.uint8)
    bright[0, 0, 0, 0] = 255
    seen = []

    def watch(X, y):
        seen.append((X.min().item(), X.max().item()))
        return X, y

    net = segmenter(augment=watch).fit(bright, Y)
    assert np.min(seen) >= 0 and np.max(seen) == 1
    assert_array_equal(
        net.predict(bright), net.predict(bright.astype(np.float32) / 255)
    )


def test_augmentation_moves_both_and_only_in_training():
    seen = []

    def watch(X, y):
        X, y = HorizontalFlip()(X, y)
        seen.append((X, y))
        return X, y

    bright = Y[:, None].astype(np.float32)
    net = segmenter(augment=watch).fit(bright, Y)
    assert all(torch.equal(X[:, 0] > 0.5, y == 1) for X, y in seen)
    n_seen = len(seen)
    net.predict(bright)
    assert len(seen) == n_seen == 6


@pytest.mark.parametrize(
    "augment",
    [lambda X: X, nn.Identity().forward, ImageShift()],
    ids=["function", "method", "object"],
)
def test_an_augmentation_of_images_alone_is_refused(augment):
    with pytest.raises(TypeError, match=r"augment\(X, y\).*would change images alone"):
        segmenter(augment=augment).fit(X, Y)
    with pytest.raises(ValueError, match="must return images and targets"):
        segmenter(augment=lambda X, y=None: X).fit(X, Y)


def test_one_class_trains_and_is_predicted():
    net = segmenter().fit(X, np.full(Y.shape, 4))
    assert_array_equal(net.classes_, [4])
    assert (net.predict(X) == 4).all() and (net.predict_proba(X) == 1).all()


# ------------------------------------------------------------------------------ classes


def test_declared_classes_may_have_gaps_and_lack_pixels():
    y = np.where(Y == 1, 40, 7)
    net = segmenter(max_epochs=25, classes=[40, 7, 12]).fit(X, y)
    assert_array_equal(net.classes_, [7, 12, 40])
    assert net.predict_proba(X).shape[1] == 3
    assert net.score(X, y) > 0.7
    assert set(np.unique(net.predict(X))) == {7, 40}


def test_many_classes_beyond_a_byte():
    y = Y.astype(int) * 70_000
    net = segmenter(max_epochs=25).fit(X, y)
    assert_array_equal(net.classes_, [0, 70_000])
    assert net.score(X, y) > 0.9


@pytest.mark.parametrize(
    "y, settings, error, match",
    [
        (np.where(Y == 1, 5, 0), {"classes": [0, 1]}, ValueError, "row 0 holds 5"),
        (Y / 1.0, {}, ValueError, "row 0 holds float64"),
        (Y[:, :-1], {}, ValueError, r"row 0 has uint8 of shape \(11, 12\)"),
        ([*Y[:-1], Y[0, :5]], {}, ValueError, "row 11 has"),
        (Y[:-1], {}, ValueError, "one mask for each of 12 images"),
        (Y[:, 0, 0], {}, ValueError, "one mask for each of 12 images"),
        (np.full(Y.shape, 255), {}, ValueError, "All pixels of all 12 masks are 255"),
        (Y, {"ignore_index": 0.5}, ValueError, "'ignore_index'"),
        (Y, {"class_weight": "balanced"}, ValueError, "'class_weight'"),
        (Y, {"module__wdth": 3}, Exception, "wdth"),
        (Y, {"modul__width": 3}, Exception, "modul__width"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(y, settings, error, match):
    with pytest.raises(error, match=match):
        segmenter(**settings).fit(X, y)


def test_images_that_are_none_are_refused():
    with pytest.raises(ValueError, match=r"X\[:, None\]"):
        segmenter().fit(X[:, 0], Y)


def test_modules_that_return_no_maps_are_refused():
    with pytest.raises(ValueError, match="one map per class"):
        segmenter(nn.Sequential(nn.Flatten(), nn.Linear(144, 2))).fit(X, Y)
    with pytest.raises(ValueError, match=r"maps of \(6, 6\) pixels for images of \(12"):
        segmenter(nn.Conv2d(1, 2, 2, stride=2)).fit(X, Y)


def test_a_failing_fit_leaves_the_last_one(fitted):
    net = deepcopy(fitted)
    with pytest.raises(ValueError, match="holds float64"):
        net.fit(X, Y / 1.0)
    assert_array_equal(net.predict(X), fitted.predict(X))


def test_weights_of_samples_are_refused(fitted):
    with pytest.raises(ValueError, match="without sample_weight"):
        fitted.score(X, Y, sample_weight=np.ones(12))


# ------------------------------------------------------------------------------ manners


def test_one_seed_one_net_and_others_differ():
    first, second, other = (
        segmenter(random_state=seed, augment=HorizontalFlip()).fit(X, Y)
        for seed in (0, 0, 1)
    )
    assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))


def test_the_state_of_torch_is_put_back():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    net = segmenter(augment=HorizontalFlip()).fit(X, Y)
    list(net.iter_proba(X))
    assert torch.equal(torch.rand(3), expected)


def test_clones_and_pickles(fitted):
    cloned = clone(fitted)
    assert not hasattr(cloned, "net_") and cloned.get_params() == fitted.get_params()
    again = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    # Both here: the fixture may have been trained with another number of threads.
    proba = cloned.fit(X, Y).predict_proba(X)
    assert_array_equal(proba, clone(fitted).fit(X, Y).predict_proba(X))
    np.testing.assert_allclose(proba, fitted.predict_proba(X), atol=1e-3)


def test_weights_in_a_file(fitted, tmp_path):
    fitted.save_params(tmp_path / "net.pt")
    again = segmenter().load_params(tmp_path / "net.pt")
    assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))
    assert_array_equal(again.classes_, fitted.classes_)
    assert_array_equal(again.transform(X), fitted.transform(X))
    assert again.score(X, Y) == fitted.score(X, Y)
    with pytest.raises(ValueError, match="do not fit the module, UNet"):
        segmenter(module__width=6).load_params(tmp_path / "net.pt")


def test_files_of_other_nets_are_refused(fitted, tmp_path):
    labels = NetClassifier(max_epochs=1).fit(X, Y[:, 5, 5])
    labels.save_params(tmp_path / "classes.pt")
    fitted.save_params(tmp_path / "masks.pt")
    with pytest.raises(ValueError, match="save_params of NetClassifier, not"):
        segmenter().load_params(tmp_path / "classes.pt")
    with pytest.raises(ValueError, match="save_params of NetSegmenter, not"):
        NetClassifier().load_params(tmp_path / "masks.pt")


def test_nothing_is_written_into_what_was_given(tmp_path):
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", Y)
    on_disk = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "Xy"]
    net = segmenter(augment=HorizontalFlip()).fit(*on_disk)
    expected = segmenter(augment=HorizontalFlip()).fit(X, Y).predict_proba(X)
    assert_array_equal(net.predict_proba(on_disk[0]), expected)
    assert net.score(*on_disk) == net.score(X, Y)
    X_given, y_given = X.copy(), Y.copy()
    segmenter(augment=HorizontalFlip()).fit(X_given, y_given).predict(X_given)
    assert_array_equal(X_given, X)
    assert_array_equal(y_given, Y)


def test_masks_of_every_container_train_alike(fitted):
    expected = segmenter().fit(X, Y).predict_proba(X)
    objects = np.empty(len(Y), dtype=object)
    objects[:] = list(Y)
    for y in (list(Y), objects, Y.astype(np.int64), torch.tensor(Y), Y.astype(bool)):
        assert_array_equal(segmenter().fit(X, y).predict_proba(X), expected)
    for y in (list(Y), objects):
        assert fitted.score(X, y) == fitted.score(X, Y)


def test_a_warm_start_goes_on():
    net = segmenter(warm_start=True).fit(X, Y)
    losses = [net.net_.history_[0, "train_loss"]]
    losses.append(net.fit(X, Y).net_.history_[0, "train_loss"])
    assert losses[1] < losses[0]
    with pytest.raises(ValueError, match=r"has the classes \[0, 1\]"):
        net.fit(X, Y + 1)


def test_searches_and_folds_take_it():
    search = GridSearchCV(segmenter(), {"module__width": [2, 4]}, cv=2).fit(X, Y)
    assert search.best_params_["module__width"] in (2, 4)
    assert search.predict(X).shape == Y.shape
    scores = cross_val_score(segmenter(max_epochs=25), X, Y, cv=3)
    assert scores.shape == (3,) and scores.mean() > 0.6
    assert cross_val_predict(segmenter(), X, Y, cv=3).shape == Y.shape
    scores = cross_val_score(segmenter(), X, list(Y), cv=3)
    assert np.isfinite(scores).all()


def test_a_step_before_it():
    double = FunctionTransformer(lambda X: 2 * X)
    piped = make_pipeline(double, segmenter()).fit(X, Y)
    alone = segmenter().fit(2 * X, Y)
    assert_array_equal(piped.predict(X), alone.predict(2 * X))
    assert piped.score(X, Y) == alone.score(2 * X, Y)


def test_the_default_module_is_a_u_net(fitted):
    assert isinstance(fitted.net_.module_, UNet)
    assert fitted.net_.module_.head.out_channels == 2
    X2, y2 = squares(channels=3)
    assert segmenter().fit(X2, y2).net_.module_.encoder[0][0].in_channels == 3


def test_a_fresh_process_says_the_same(fitted, tmp_path):
    code = (
        "import pickle, sys, numpy as np\n"
        "net, X, proba = pickle.load(open(sys.argv[1], 'rb'))\n"
        "np.testing.assert_allclose(net.predict_proba(X), proba, atol=1e-6)\n"
    )
    path = tmp_path / "net.pickle"
    path.write_bytes(pickle.dumps((fitted, X, fitted.predict_proba(X))))
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
