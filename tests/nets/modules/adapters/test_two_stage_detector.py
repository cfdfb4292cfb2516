"""TwoStageDetector, against what a Faster R-CNN of torchvision returns itself."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from torch import nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.ops import MultiScaleRoIAlign

from skactive import ActiveLearner
from skactive.deep import LL4AL
from skactive.diversity import PPAL, CoreSet
from skactive.nets import HorizontalFlip, NetDetector
from skactive.nets.modules import Taps, TwoStageDetector
from skactive.uncertainty import EntropySampling, LocalizationStability

pytestmark = pytest.mark.deep


class Backbone(nn.Module):
    """Maps at an eighth and a sixteenth of the size; the second stage sees one."""

    out_channels = 16

    def __init__(self, in_channels=3):
        super().__init__()
        self.fine = nn.Sequential(*conv(in_channels, 16, 4), *conv(16, 16, 2))
        self.coarse = nn.Sequential(*conv(16, 16, 2))

    def forward(self, X):
        fine = self.fine(X)
        return {"coarse": self.coarse(fine), "fine": fine}


def conv(n_in, n_out, stride):
    layer = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
    return layer, nn.BatchNorm2d(n_out), nn.ReLU(inplace=True)


def make(n_classes=2, size=32, **settings):
    few = {"rpn_batch_size_per_image": 32, "box_batch_size_per_image": 32}
    settings = {"box_roi_pool": MultiScaleRoIAlign(["fine"], 3, 2), **few, **settings}
    head, predictor = TwoMLPHead(16 * 9, 64), FastRCNNPredictor(64, n_classes + 1)
    return FasterRCNN(
        Backbone(),
        box_head=head,
        box_predictor=predictor,
        min_size=size,
        rpn_post_nms_top_n_train=100,
        rpn_anchor_generator=AnchorGenerator(((16, 24), (8, 12)), ((1.0,),) * 2),
        **settings,
    )


def adapted(**settings):
    return TwoStageDetector(make(**settings))


def excited(**settings):
    """Return an adapter of a model that finds many boxes, of all classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = adapted(**settings)
        heads = net.model.roi_heads
        for layer in (heads.box_head.fc6, heads.box_head.fc7):
            nn.init.kaiming_normal_(layer.weight)
        nn.init.normal_(heads.box_predictor.cls_score.weight, std=4.0)
        heads.box_predictor.bbox_pred.weight.data *= 20
    return net.eval()


def images(n=3, size=(40, 52), channels=3):
    return torch.rand(n, channels, *size, generator=torch.manual_seed(1))


def targets():
    """Two boxes, none, and one, as NetDetector hands them over."""
    y = torch.full((3, 2, 5), -1.0)
    y[0, 0] = torch.tensor([3.0, 5, 17, 21, 1])
    y[0, 1] = torch.tensor([20.0, 8, 45, 33, 0])
    y[2, 0] = torch.tensor([10.0, 10, 30, 22, 0])
    return y


@pytest.mark.parametrize("size", [40, 64])
@pytest.mark.parametrize("threshold", [0.05, 0.4])
def test_what_is_found_is_what_torchvision_finds(size, threshold):
    net, X = excited(size=size), images()
    settings = {"score_thresh": threshold, "nms_thresh": 0.4}
    vars(net.model.roi_heads).update(settings, detections_per_img=9999)
    with torch.no_grad():
        # One by one: proposals near the last rank change places by rounding.
        expected = [net.model([image])[0] for image in X]
        alone = [net.forward_with_features(image[None]) for image in X]
    maps, features = (torch.cat(parts) for parts in zip(*alone))
    settings = {"score_threshold": threshold, "iou_threshold": 0.4}
    found = net.decode(maps, (40, 52), features=features, max_boxes=9999, **settings)
    plain = net.decode(maps, (40, 52), max_boxes=7, **settings)
    assert sum(len(each["boxes"]) for each in found) > 10
    assert len({label for each in found for label in each["labels"].tolist()}) == 2
    predictor = net.model.roi_heads.box_predictor.cls_score
    for ours, theirs, bare in zip(found, expected, plain, strict=True):
        assert_array_equal(ours["labels"], theirs["labels"] - 1)
        np.testing.assert_allclose(ours["scores"], theirs["scores"], rtol=1e-4)
        np.testing.assert_allclose(ours["boxes"], theirs["boxes"], atol=1e-3)
        at = ours["probas"][torch.arange(len(ours["labels"])), ours["labels"]]
        assert_array_equal(at, ours["scores"])
        # What the second stage sees is what it says the class from.
        said = predictor(ours.pop("features")).softmax(dim=1)[:, 1:].detach()
        np.testing.assert_allclose(said, ours["probas"], atol=1e-5)
        assert bare.keys() == ours.keys()
        assert all(torch.equal(bare[name], ours[name][:7]) for name in ours)


@pytest.mark.parametrize("size", [40, 64])
def test_losses_are_those_of_torchvision_for_one_image(size):
    net, X, y = excited(size=size), images(), targets()
    net.train().model.backbone.eval()  # as alone: statistics are not of the batch
    torch.manual_seed(0)
    # One by one: which proposals are drawn depends on their number, and so on rounding.
    losses = torch.cat([net.losses(net(X[k : k + 1]), y[k : k + 1]) for k in range(3)])
    torch.manual_seed(0)
    alone = []
    for image, each in zip(X, y, strict=True):
        each = each[each[:, 4] >= 0]
        target = {"boxes": each[:, :4], "labels": each[:, 4].long() + 1}
        alone.append(sum(net.model([image], [target]).values()))
    torch.testing.assert_close(losses, torch.stack(alone))
    assert (losses > 0).all()
    with pytest.raises(RuntimeError, match="losses in training mode"):
        net.eval().losses(net(X), y)


def test_gradients_reach_all_weights_and_nothing_is_nan():
    net = adapted(size=40).train()
    net.losses(net(images()), targets()).mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())
    empty = net.losses(net(images()), torch.full((3, 1, 5), -1.0))
    assert empty.shape == (3,) and torch.isfinite(empty).all()


def test_an_image_is_the_same_in_any_batch():
    net, X = excited(size=40), images()
    with torch.no_grad():
        together = net(X)
        alone = torch.cat([net(X[k : k + 1]) for k in range(3)])
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)
        maps, Z = net.forward_with_embedding(X)
        assert torch.equal(maps, together) and torch.equal(Z, net.embed(X))
        with Taps(net, net.tap_names) as taps:
            net(X)
    assert Z.shape == (3, 32)
    assert [tuple(h.shape) for h in taps.outputs] == [(3, 16, 4, 4), (3, 16, 8, 8)]


def test_sizes_are_not_rounded_in_bfloat16():
    net, X = adapted(size=300), images(1, size=(301, 417))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        maps = net(X)
    assert maps[0, :4].tolist() == [300, 415, 301, 417]


def test_several_sizes_of_training_images():
    """The model draws a size for each image; boxes follow."""
    net = adapted(size=[32, 64]).train()
    torch.manual_seed(0)
    maps = net(images(8))
    assert {int(each) for each in maps[:, 0]} == {32, 64}
    assert torch.isfinite(net.losses(maps[:3], targets())).all()


def squares(n=12, seed=0):
    """Squares of two kinds, none to two in an image, and where they are."""
    rng = np.random.RandomState(seed)
    X, y = rng.normal(0.5, 0.05, (n, 1, 32, 32)).astype(np.float32), []
    for k, image in enumerate(X):
        found, labels = [], []
        for kind in ["bright", "dark"][: k % 3]:
            i, j = rng.randint(0, 20, 2)
            image[0, i : i + 10, j : j + 10] += 0.4 if kind == "bright" else -0.4
            found.append([j, i, j + 10, i + 10])
            labels.append(kind)
        y.append({"boxes": found, "labels": labels})
    return X, y


X, Y = squares()


def detector(module=adapted, **settings):
    return NetDetector(module, **{"max_epochs": 2, "random_state": 0, **settings})


def same(found, others):
    return all(
        a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)
        for a, b in zip(found, others, strict=True)
    )


def test_it_learns_squares_of_both_kinds(tmp_path):
    net = detector(max_epochs=100, score_threshold=0.1).fit(X, Y)
    assert net.score(X, Y) > 0.6
    found = net.predict(X)
    assert {label for each in found for label in each["labels"]} == {"bright", "dark"}
    again = pickle.loads(pickle.dumps(net))
    assert same(again.predict(X), found)
    net.save_params(tmp_path / "net.pt")
    other = clone(net).load_params(tmp_path / "net.pt")
    assert same(other.predict(X), found)
    assert same([net.predict(X[k : k + 1])[0] for k in range(12)], found)
    assert net.transform(X).shape == (12, 32)
    larger = [image[:, :24] for image in X[:2]] + [np.zeros((1, 40, 60), np.float32)]
    assert same(net.predict(larger)[:1], net.predict(larger[:1]))


def test_the_same_seed_gives_the_same_bits():
    nets = [detector(random_state=seed).fit(X, Y) for seed in (0, 0, 1)]
    answers = [net.set_params(score_threshold=0.0).predict(X) for net in nets]
    assert same(answers[0], answers[1]) and not same(answers[0], answers[2])


@pytest.mark.parametrize("settings", [{"precision": "bf16"}, {"channels_last": False}])
def test_settings_of_the_shell(settings):
    as_bytes = (X.clip(0, 1) * 255).astype(np.uint8)
    net = detector(augment=HorizontalFlip(), **settings).fit(as_bytes, Y)
    assert np.isfinite(net.net_.history_[:, "train_loss"]).all()
    assert net.predict(as_bytes).shape == (12,)


def test_the_number_of_classes_is_checked():
    """Built for as many as y has, torchvision would take class 0 for background."""
    for n_classes in (1, 3):
        with pytest.raises(ValueError, match=f"{n_classes} classes, and.*R-CNN.*=3"):
            detector(adapted(n_classes=n_classes)).fit(X, Y)


@pytest.mark.parametrize(
    "strategy",
    [
        EntropySampling(),
        CoreSet("estimator"),
        LL4AL(),
        PPAL(),
        LocalizationStability(),
    ],
    ids=lambda strategy: type(strategy).__name__,
)
def test_learners_ask_for_images(strategy):
    learner = ActiveLearner(
        detector(max_epochs=1, classes=["bright", "dark"], score_threshold=0.01),
        strategy, n_initial=3, budget=4, batch_size=2, random_state=0,
    ).fit(X, Y)  # fmt: skip
    assert len(set(learner.queried_indices_)) == 7
    assert len(list(learner.staged_score(X, Y))) == 3
