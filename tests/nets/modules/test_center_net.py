"""CenterNet: targets drawn by hand, losses per image, and what is decoded."""

import numpy as np
import pytest
import torch

from skactive.nets.modules import CenterNet, Taps

pytestmark = pytest.mark.deep


@pytest.fixture
def net():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return CenterNet(in_channels=1, n_classes=2, width=8).eval()


def boxes(*rows, m=3):
    target = torch.full((1, m, 5), -1.0)
    for k, row in enumerate(rows):
        target[0, k] = torch.tensor(row)
    return target


def perfect(net, target, cells=(8, 8)):
    """Return the maps that say exactly what a target holds."""
    true = net._cells(target, cells)
    heat = net._drawn(true, (len(target), 2, *cells))
    logits = torch.where(heat == 1, 20.0, -20.0)
    rest = torch.zeros(len(target), 4, *cells)
    at = (true["image"], slice(None), true["i"], true["j"])
    rest[at] = torch.cat([true["place"], true["size"]], dim=1)
    return torch.cat([logits, rest], dim=1)


def test_where_a_box_is_by_hand(net):
    true = net._cells(boxes([4, 8, 12, 24, 1]), (8, 8))
    # The center (8, 16) is the corner of cell (4, 2); sizes are 2 and 4 cells.
    assert (true["i"].item(), true["j"].item(), true["label"].item()) == (4, 2, 1)
    assert true["place"].tolist() == [[0, 0]]
    assert true["size"].exp()[0].tolist() == pytest.approx([2, 4])
    heat = net._drawn(true, (1, 2, 8, 8))
    assert heat[0, 0].max() == 0 and heat[0, 1, 4, 2] == 1
    # A Gaussian of .3 cells along the width and .36 along the height.
    assert heat[0, 1, 4, 3].item() == pytest.approx(np.exp(-1 / (2 * 0.3**2)))
    assert heat[0, 1, 5, 2].item() == pytest.approx(np.exp(-1 / (2 * 0.36**2)))


def test_a_box_that_is_found_is_decoded(net):
    target = boxes([4, 8, 12, 24, 1], [17, 3, 30, 9, 0])
    (found,) = net.decode(perfect(net, target), (32, 32), score_threshold=0.5)
    order = np.argsort(found["labels"].numpy())
    expected = [[17, 3, 30, 9], [4, 8, 12, 24]]
    np.testing.assert_allclose(found["boxes"][order].numpy(), expected, atol=1e-4)
    assert found["probas"].shape == (2, 2)
    best = found["probas"].max(dim=1).values
    np.testing.assert_array_equal(best.numpy(), found["scores"].numpy())


def test_losses_are_of_single_images(net):
    target = torch.cat([boxes([4, 8, 12, 24, 1]), boxes(), boxes([0, 0, 9, 9, 0])])
    maps = net(torch.randn(3, 1, 32, 32, generator=torch.manual_seed(1)))
    together = net.losses(maps, target)
    alone = torch.cat(
        [net.losses(maps[k : k + 1], target[k : k + 1]) for k in range(3)]
    )
    torch.testing.assert_close(together, alone)
    assert together.shape == (3,) and torch.isfinite(together).all()
    right = net.losses(perfect(net, target), target)
    assert (right < 0.02).all() and (right < together).all()


def test_a_loss_by_hand(net):
    """One box, heat of a half everywhere, places and sizes of zero."""
    target = boxes([4, 8, 12, 24, 1])
    wanted = net._drawn(net._cells(target, (8, 8)), (1, 2, 8, 8))
    loss = net.losses(torch.zeros(1, 6, 8, 8), target).item()
    focal = 0.25 * np.log(2) * ((1 - wanted) ** 4)[wanted < 1].sum().item()
    focal += 0.25 * np.log(2)  # at the center
    assert loss == pytest.approx(focal + np.log(2) + np.log(4), rel=1e-5)


def test_gradients_of_images_without_boxes(net):
    maps = torch.zeros(2, 6, 8, 8, requires_grad=True)
    net.losses(maps, torch.full((2, 1, 5), -1.0)).sum().backward()
    assert torch.isfinite(maps.grad).all() and maps.grad[:, 2:].abs().max() == 0


def test_boxes_overlap_by_class(net):
    maps = perfect(net, boxes([4, 8, 12, 24, 1], [4, 8, 12, 24, 0]))
    (found,) = net.decode(maps, (32, 32), score_threshold=0.5)
    assert sorted(found["labels"].tolist()) == [0, 1]
    near = perfect(net, boxes([4, 8, 12, 24, 1], [4, 8, 14, 32, 1]))
    for threshold, n in ((0.5, 1), (0.9, 2)):
        settings = {"score_threshold": 0.5, "iou_threshold": threshold}
        (found,) = net.decode(near, (32, 32), **settings)
        assert len(found["boxes"]) == n


def test_nothing_and_too_much(net):
    (found,) = net.decode(torch.full((1, 6, 8, 8), -20.0), (32, 32))
    assert found["boxes"].shape == (0, 4) and found["probas"].shape == (0, 2)
    maps = torch.randn(1, 6, 8, 8, generator=torch.manual_seed(0))
    (found,) = net.decode(maps, (32, 32), score_threshold=0.0, max_boxes=5)
    assert len(found["boxes"]) <= 5
    assert found["boxes"].min() >= 0 and found["boxes"].max() <= 32


@pytest.mark.parametrize("size", [(32, 32), (30, 41), (5, 7)])
def test_sizes_that_strides_do_not_divide(net, size):
    X = torch.zeros(2, 1, *size)
    maps, Z = net.forward_with_embedding(X)
    assert maps.shape == (2, 6, -(-size[0] // 4), -(-size[1] // 4))
    assert Z.shape == (2, 24) and torch.equal(Z, net.embed(X))
    assert torch.equal(maps, net(X))


@pytest.mark.parametrize("size", [(32, 32), (30, 41)])
def test_features_are_what_the_last_layer_saw_of_an_object(net, size):
    X = torch.randn(2, 1, *size, generator=torch.manual_seed(0))
    maps, features = net.forward_with_features(X)
    assert torch.equal(maps, net(X)) and features.shape == (2, 8, *maps.shape[2:])
    settings = {"score_threshold": 0.0, "iou_threshold": 0.1}
    plain = net.decode(maps, size, **settings)
    found = net.decode(maps, size, features=features, **settings)
    for each, same in zip(found, plain, strict=True):
        Z = each.pop("features")
        assert Z.shape == (len(each["boxes"]), 8) and Z.dtype == torch.float32
        assert all(torch.equal(each[name], same[name]) for name in same)
        heat = net.head(Z[:, :, None, None])[:, :2, 0, 0].sigmoid()
        torch.testing.assert_close(heat, each["probas"])
    (nothing,) = net.decode(
        maps[:1], size, score_threshold=1.0, features=features[:1].bfloat16()
    )
    assert nothing["features"].shape == (0, 8)
    assert nothing["features"].dtype == torch.float32


def test_taps_are_layers(net):
    with Taps(net, net.tap_names) as taps:
        net(torch.zeros(2, 1, 32, 32))
    assert [tuple(out.shape) for out in taps.outputs] == [(2, 8, 8, 8), (2, 16, 4, 4)]
