"""TorchvisionDetector, against what the models of torchvision return themselves."""

import pickle
from collections import OrderedDict
from functools import partial

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from torch import nn
from torchvision.models.detection import FCOS, RetinaNet
from torchvision.models.detection.anchor_utils import (
    AnchorGenerator,
    DefaultBoxGenerator,
)
from torchvision.models.detection.retinanet import RetinaNetHead
from torchvision.models.detection.ssd import SSD

from skactive import ActiveLearner
from skactive.deep import LL4AL
from skactive.diversity import PPAL, CoreSet
from skactive.nets import HorizontalFlip, NetDetector
from skactive.nets.modules import CenterNet, Taps, TorchvisionDetector
from skactive.uncertainty import EntropySampling, MarginSampling

pytestmark = pytest.mark.deep
KINDS = ("fcos", "retinanet", "ssd")


class Backbone(nn.Module):
    """Maps at an eighth and a sixteenth of the size."""

    def __init__(self, in_channels=3, width=32):
        super().__init__()
        self.fine = nn.Sequential(
            *conv(in_channels, 16, 4), *conv(16, width, 2), *conv(width, width, 1)
        )
        self.coarse = nn.Sequential(*conv(width, width, 2))
        self.out_channels = width

    def forward(self, X):
        fine = self.fine(X)
        return OrderedDict(fine=fine, coarse=self.coarse(fine))


def conv(n_in, n_out, stride):
    layer = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
    return layer, nn.BatchNorm2d(n_out), nn.ReLU(inplace=True)


def make(kind, n_classes=2, in_channels=3, size=32, **settings):
    backbone = Backbone(in_channels)
    one = {"image_mean": [0.0], "image_std": [1.0]} if in_channels == 1 else {}
    if kind == "ssd":
        backbone.out_channels = [32, 32]
        boxes = DefaultBoxGenerator([[2], [2]], scales=[0.3, 0.6, 0.9])
        return SSD(backbone, boxes, (size, size), n_classes + 1, **one, **settings)
    sizes, ratios = ((8,), (16,)), ((1.0,),) * 2
    if kind == "retinanet":
        sizes, ratios = ((8, 12), (16, 24)), ((0.5, 1.0, 2.0),) * 2
        norm = partial(nn.GroupNorm, 8)  # without, it learns for long
        settings["head"] = RetinaNetHead(32, 6, n_classes, norm)
    kind = {"fcos": FCOS, "retinanet": RetinaNet}[kind]
    anchors = AnchorGenerator(sizes, ratios)
    settings = {"min_size": size, "anchor_generator": anchors, **one, **settings}
    return kind(backbone, n_classes, **settings)


def adapted(kind, **settings):
    """Return an adapter; its weights are drawn when it is made."""
    return TorchvisionDetector(make(kind, **settings))


def excited(kind, **settings):
    """Return an adapter of a model that finds many boxes, of all classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = adapted(kind, **settings)
        for layer in net.model.head.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        for layer in net.model.head.classification_head.modules():
            if isinstance(layer, nn.Conv2d) and layer.out_channels % 32:
                layer.weight.data *= 9
    return net.eval()


def images(n=3, size=(40, 52), channels=3, seed=1):
    return torch.rand(n, channels, *size, generator=torch.manual_seed(seed))


def targets():
    """Two boxes, none, and one, as NetDetector hands them over."""
    y = torch.full((3, 2, 5), -1.0)
    y[0, 0] = torch.tensor([3.0, 5, 17, 21, 1])
    y[0, 1] = torch.tensor([20.0, 8, 45, 33, 0])
    y[2, 0] = torch.tensor([10.0, 10, 30, 22, 0])
    return y


def as_torchvision(y, background):
    return [
        {
            "boxes": each[each[:, 4] >= 0, :4],
            "labels": each[each[:, 4] >= 0, 4].long() + background,
        }
        for each in y
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "size, channels, in_channels", [(40, 3, 3), (64, 3, 3), (40, 1, 3), (40, 1, 1)]
)
@pytest.mark.parametrize("threshold", [0.05, 0.45])
def test_what_is_found_is_what_torchvision_finds(
    kind, size, channels, in_channels, threshold
):
    net = excited(kind, size=size, in_channels=in_channels)
    settings = {
        "score_thresh": threshold,
        "nms_thresh": 0.4,
        "detections_per_img": 9999,
    }
    vars(net.model).update(settings, topk_candidates=25)
    X = images(channels=channels)
    with torch.no_grad():
        expected = net.model(list(X))
        found = net.decode(
            net(X),
            (40, 52),
            score_threshold=threshold,
            iou_threshold=0.4,
            max_boxes=30,
        )
    assert sum(len(each["boxes"]) for each in found) > 10
    assert len({label for each in found for label in each["labels"].tolist()}) == 2
    for ours, theirs in zip(found, expected, strict=True):
        some = (theirs["boxes"][:, :2] < theirs["boxes"][:, 2:]).all(dim=1)
        theirs = {name: part[some][:30] for name, part in theirs.items()}
        assert_array_equal(ours["labels"], theirs["labels"] - net.background)
        np.testing.assert_allclose(ours["scores"], theirs["scores"], rtol=1e-5)
        np.testing.assert_allclose(ours["boxes"], theirs["boxes"], atol=1e-3)
        assert ours["probas"].shape == (len(ours["boxes"]), 2)
        if kind != "fcos":  # scores of FCOS have the centerness in them
            at = ours["probas"][torch.arange(len(ours["labels"])), ours["labels"]]
            assert_array_equal(at, ours["scores"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [40, 64])
def test_losses_are_those_of_torchvision_for_one_image(kind, size):
    net, X, y = excited(kind, size=size), images(), targets()
    losses = net.losses(net(X), y)
    net.model.train().backbone.eval()  # as alone: statistics are not of the batch
    theirs = as_torchvision(y, net.background)
    alone = [
        sum(net.model([image], [target]).values())
        for image, target in zip(X, theirs, strict=True)
    ]
    torch.testing.assert_close(losses, torch.stack(alone))
    if kind == "retinanet":  # the others weigh images by their positive anchors
        batch = sum(net.model(list(X), theirs).values())
        torch.testing.assert_close(losses.mean(), batch)


@pytest.mark.parametrize("kind", ["fcos", "ssd"])
def test_the_batch_of_torchvision_weighs_images_by_their_anchors(kind):
    net, X, y = excited(kind, size=40), images(), targets()
    X, y = X[[0, 2]], y[[0, 2]]
    losses = net.losses(net(X), y).tolist()
    net.model.train().backbone.eval()
    batch = sum(net.model(list(X), as_torchvision(y, net.background)).values()).item()
    # A weighted mean, of weights that do not depend on what the model says.
    assert min(losses) < batch < max(losses)
    assert batch != pytest.approx(np.mean(losses), rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_reach_all_weights_and_nothing_is_nan(kind):
    net = adapted(kind, size=40).train()
    net.losses(net(images()), targets()).mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())
    net.zero_grad()
    empty = net.losses(net(images()), torch.full((3, 1, 5), -1.0))
    assert empty.shape == (3,) and torch.isfinite(empty).all()
    assert (empty == 0).all() == (kind == "ssd")
    empty.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_the_same_in_any_batch(kind):
    net, X = excited(kind, size=40), images()
    with torch.no_grad():
        together = net(X)
        alone = torch.cat([net(X[k : k + 1]) for k in range(3)])
        torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)
        maps, Z = net.forward_with_embedding(X)
        assert torch.equal(maps, together) and torch.equal(Z, net.embed(X))
    assert Z.shape == (3, 64)


@pytest.mark.parametrize("kind", ["fcos", "retinanet"])
@pytest.mark.parametrize("size", [40, 64])
def test_features_are_those_of_the_cell_of_the_anchor(kind, size):
    """So that the last layer says of them what was said of the object."""
    net, X = excited(kind, size=size), images()
    last = net.model.head.classification_head.cls_logits
    around = torch.ones_like(last.weight)
    around[..., 1, 1] = 0
    last.weight.data[around == 1] = 0  # a cell is told from its neighbors
    with torch.no_grad():
        maps, features = net.forward_with_features(X)
        assert torch.equal(maps, net(X))
        # At the end of the scores, so that low ones of all levels come too.
        settings = {"score_threshold": 0.0, "max_boxes": 200}
        found = net.decode(maps, (40, 52), features=features, **settings)
        plain = net.decode(maps, (40, 52), **settings)
    per_anchor, bias = last.weight[..., 1, 1].detach(), last.bias.detach()
    for ours, theirs in zip(found, plain, strict=True):
        seen = ours.pop("features")
        assert seen.shape == (len(ours["labels"]), 32) and len(seen) > 30
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
        said = (seen @ per_anchor.T + bias).sigmoid().reshape(len(seen), -1, 2)
        off = (said - ours["probas"][:, None]).abs().amax(dim=2).amin(dim=1)
        assert off.max() < 1e-5


def test_ssd_has_no_features_that_could_be_compared():
    net = adapted("ssd")
    assert not hasattr(net, "forward_with_features")
    with pytest.raises(ValueError, match="(?s)PPAL.*no predict_with_f.*RetinaNet"):
        ActiveLearner(detector(module=net), PPAL()).fit(X, Y)
    assert "features" not in net.decode(net.eval()(images()), (40, 52))[0]


@pytest.mark.parametrize("kind", ["fcos", "retinanet"])
def test_ppal_compares_what_is_found(kind):
    learner = ActiveLearner(
        detector(kind, max_epochs=1, classes=["bright", "dark"], score_threshold=0.0),
        PPAL(), n_initial=3, budget=4, batch_size=2, random_state=0,
    ).fit(X, Y)  # fmt: skip
    assert len(set(learner.queried_indices_)) == 7
    widths = {
        each["features"].shape[1]
        for each in learner.estimator_.predict_with_features(X)
    }
    assert widths == {32}


@pytest.mark.parametrize("kind", KINDS)
def test_taps_are_the_levels(kind):
    net = adapted(kind, size=64)
    with Taps(net, net.tap_names) as taps:
        net(images(2, size=(64, 64)))
    assert [tuple(h.shape) for h in taps.outputs] == [(2, 32, 8, 8), (2, 32, 4, 4)]


@pytest.mark.parametrize("kind", KINDS)
def test_anchors_are_not_rounded_in_bfloat16(kind):
    # A step of 8 pixels is not a multiple of what 8 bits hold above 2048.
    net, X = adapted(kind, size=32), images(1, size=(32, 2600))
    places = slice(sum(net.columns), None)
    with torch.no_grad():
        exact = net(X)[..., places]
        with torch.autocast("cpu", torch.bfloat16):
            maps = net(X)
    torch.testing.assert_close(maps[..., places], exact, rtol=0, atol=0)


def test_several_sizes_of_training_images():
    """The model draws a size for each image; boxes follow."""
    net = adapted("fcos", size=[32, 64]).train()
    torch.manual_seed(0)
    maps = net(images(8))
    heights = maps[:, 0, -2].tolist()
    assert {round(40 * each) for each in heights} == {32, 64}
    assert torch.isfinite(net.losses(maps[:3], targets())).all()


def test_channels_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="2 channels, and image_mean of the model 3"):
        adapted("fcos")(images(channels=2))
    net = TorchvisionDetector(make("fcos", in_channels=1)).eval()
    net.model.transform = adapted("fcos").model.transform
    with pytest.raises(ValueError, match="not take images of 1 .* 3 numbers make .*3"):
        net(images(channels=1))


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


def detector(kind="fcos", module=None, **settings):
    module = partial(adapted, kind) if module is None else module
    return NetDetector(module, **{"max_epochs": 2, "random_state": 0, **settings})


def same(found, others):
    return all(
        a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)
        for a, b in zip(found, others, strict=True)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_squares_of_both_kinds(kind, tmp_path):
    net = detector(kind, max_epochs=60, score_threshold=0.1).fit(X, Y)
    assert net.score(X, Y) > 0.6
    assert {label for each in net.predict(X) for label in each["labels"]} == {
        "bright",
        "dark",
    }
    again = pickle.loads(pickle.dumps(net))
    assert same(again.predict(X), net.predict(X))
    net.save_params(tmp_path / "net.pt")
    other = clone(net).load_params(tmp_path / "net.pt")
    assert same(other.predict(X), net.predict(X))
    assert net.transform(X).shape == (12, 64)


def test_seeds_and_instances():
    nets = [detector(random_state=seed).fit(X, Y) for seed in (0, 0, 1)]
    answers = [net.set_params(score_threshold=0.0).predict(X) for net in nets]
    assert same(answers[0], answers[1]) and not same(answers[0], answers[2])
    module = adapted("fcos")
    before = {name: w.clone() for name, w in module.state_dict().items()}
    net = detector(module=module).fit(X, Y)
    assert clone(net).fit(X, Y).predict(X).shape == (12,)
    after = module.state_dict()
    assert all(torch.equal(after[name], w) for name, w in before.items())


@pytest.mark.parametrize("settings", [{"precision": "bf16"}, {"channels_last": False}])
@pytest.mark.parametrize("kind", KINDS)
def test_settings_of_the_shell(kind, settings):
    as_bytes = (X.clip(0, 1) * 255).astype(np.uint8)
    net = detector(kind, augment=HorizontalFlip(), **settings).fit(as_bytes, Y)
    assert np.isfinite(net.net_.history_[:, "train_loss"]).all()
    assert net.predict(as_bytes).shape == (12,)


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_classes_is_checked(kind):
    for n_classes in (1, 3):
        module = adapted(kind, n_classes=n_classes)
        with pytest.raises(ValueError, match=f"built for {n_classes} classes, and.*2"):
            detector(module=module).fit(X, Y)
    module = adapted(kind, n_classes=3)
    detector(module=module, classes=["bright", "dark", "green"]).fit(X, Y)


def test_the_number_of_classes_of_other_detectors_is_checked():
    with pytest.raises(ValueError, match="CenterNet was built for 1 classes"):
        detector(module=CenterNet(1, n_classes=1, width=8)).fit(X, Y)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "strategy",
    [EntropySampling(), MarginSampling(), CoreSet("estimator"), LL4AL()],
    ids=lambda strategy: type(strategy).__name__,
)
def test_learners_ask_for_images(kind, strategy):
    learner = ActiveLearner(
        detector(kind, max_epochs=1, classes=["bright", "dark"], score_threshold=0.01),
        strategy,
        n_initial=3,
        budget=4,
        batch_size=2,
        random_state=0,
    ).fit(X, Y)
    assert len(set(learner.queried_indices_)) == 7
    assert len(list(learner.staged_score(X, Y))) == 3
