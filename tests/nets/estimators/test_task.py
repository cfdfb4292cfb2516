"""What outputs mean: losses, probabilities and batches of classes and of masks."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from skactive.nets import HorizontalFlip
from skactive.nets.estimators._task import (
    CLASSES,
    IGNORED,
    MASKS,
    NUMBERS,
    first_tensor,
)

pytestmark = pytest.mark.deep


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def net(criterion=None, n_outputs=3, **more):
    criterion = nn.CrossEntropyLoss() if criterion is None else criterion
    module = nn.Identity()
    return SimpleNamespace(
        criterion_=criterion, n_outputs=n_outputs, module_=module, **more
    )


def masks(n=4, n_classes=3, ignored=0.3):
    y = torch.randint(0, n_classes, (n, 5, 6))
    y[torch.rand(y.shape) < ignored] = IGNORED
    return torch.randn(n, n_classes, 5, 6, requires_grad=True), y


# -------------------------------------------------------------------- loss of masks


@pytest.mark.parametrize("dtype", [torch.int16, torch.int32, torch.int64])
@pytest.mark.parametrize("weight", [None, torch.tensor([0.5, 2.0, 1.0])])
def test_the_loss_is_torchs_own_with_what_is_ignored(dtype, weight):
    output, y = masks()
    loss = MASKS.loss(net(nn.CrossEntropyLoss(weight)), output, y.to(dtype))
    expected = F.cross_entropy(output, y, weight, ignore_index=IGNORED)
    # Sums are taken in another order than torch's.
    torch.testing.assert_close(loss, expected, rtol=1e-6, atol=0)
    other = torch.where(y == IGNORED, 255, y)
    expected = F.cross_entropy(output, other, weight, ignore_index=255)
    torch.testing.assert_close(loss, expected, rtol=1e-6, atol=0)


def test_two_images_by_hand():
    """The mean over pixels is not the mean over images: 1 and 16 valid pixels."""
    output = torch.zeros(2, 2, 4, 4)
    output[0, 0] = np.log(3.0)  # probabilities .75, .25
    y = torch.full((2, 4, 4), IGNORED)
    y[0, 0, 0] = 1
    y[1] = 0
    loss = MASKS.loss(net(n_outputs=2), output, y).item()
    assert loss == pytest.approx((np.log(4) + 16 * np.log(2)) / 17)
    each = MASKS.loss(net(nn.CrossEntropyLoss(reduction="none")), output, y)
    assert each.tolist() == pytest.approx([np.log(4), np.log(2)])
    assert loss != pytest.approx(each.mean().item(), abs=0.1)


def test_losses_of_images_are_means_over_valid_pixels():
    output, y = masks()
    y[2] = IGNORED
    each = MASKS.loss(net(nn.CrossEntropyLoss(reduction="none")), output, y)
    expected = [F.cross_entropy(o[None], m[None]).item() for o, m in zip(output, y)]
    assert np.isnan(expected[2]) and each[2] == 0
    expected[2] = 0
    assert each.tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    "criterion",
    [
        nn.CrossEntropyLoss(),
        nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 3.0])),
        nn.CrossEntropyLoss(label_smoothing=0.1),
        nn.CrossEntropyLoss(reduction="sum"),
    ],
)
def test_a_batch_without_a_labeled_pixel_has_no_loss_and_no_gradient(criterion):
    output, y = masks()
    loss = MASKS.loss(net(criterion), output, torch.full_like(y, IGNORED))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(output.grad, torch.zeros_like(output))


def test_a_batch_of_classes_that_weigh_nothing_has_no_loss_either():
    output, y = masks()
    y[y > 0] = IGNORED
    criterion = nn.CrossEntropyLoss(torch.tensor([0.0, 1.0, 1.0]))
    loss = MASKS.loss(net(criterion), output, y)
    loss.backward()
    assert loss.item() == 0 and torch.equal(output.grad, torch.zeros_like(output))
    y[0, 0, 0] = 1
    assert MASKS.loss(net(criterion), output, y).item() == pytest.approx(
        F.cross_entropy(output[:1, :, 0, 0], y[:1, 0, 0]).item()
    )


def test_maps_of_another_size_than_the_image_are_refused():
    output, y = masks()
    with pytest.raises(ValueError, match=r"Identity returns maps of \(3, 6\) pixels"):
        MASKS.loss(net(), output[:, :, :3], y)


def test_a_criterion_that_returns_no_number_is_refused():
    output, y = masks()
    with pytest.raises(ValueError, match="must return one number"):
        MASKS.loss(net(lambda output, y: output.mean(dim=(1, 2, 3))), output, y)


# ------------------------------------------------------------------ outputs of maps


def test_outputs_that_are_maps_become_floats():
    output = torch.zeros(2, 3, 4, 5, dtype=torch.bfloat16)
    for given in (output, (output, 1), {"logits": output}, {"out": output, "aux": 0}):
        checked = MASKS.checked(net(), given, 2)
        assert checked.shape == (2, 3, 4, 5) and checked.dtype == torch.float32


@pytest.mark.parametrize(
    "bad, got",
    [
        (torch.zeros(2, 3), r"shape \(2, 3\)"),
        (torch.zeros(2, 4, 5, 5), r"shape \(2, 4, 5, 5\)"),
        (torch.zeros(1, 3, 5, 5), r"shape \(1, 3, 5, 5\)"),
        (torch.zeros(3, 5, 5), r"shape \(3, 5, 5\)"),
        ({"maps": torch.zeros(2, 3, 5, 5)}, "an object of type dict"),
        (None, "an object of type NoneType"),
    ],
)
def test_other_outputs_are_refused(bad, got):
    match = rf"Identity must return one map per class.*got {got}.*module__<name>=3"
    with pytest.raises(ValueError, match=match):
        MASKS.checked(net(), bad, 2)


def test_probabilities_of_pixels_sum_to_one():
    output = torch.randn(2, 3, 4, 5)
    proba = MASKS.probabilities(net(), output)
    assert proba.dtype == torch.float32
    torch.testing.assert_close(proba.sum(1), torch.ones(2, 4, 5))
    torch.testing.assert_close(proba, output.softmax(1))


@pytest.mark.parametrize(
    "shape, size, expected",
    [((3, 10, 10), 64, 64), ((3, 1024, 2048), 64, 2), ((3, 9999, 9999), 64, 1)],
)
def test_maps_of_one_batch_fit_into_64_megabytes(shape, size, expected):
    assert MASKS.batch_size(net(n_outputs=4), shape, size) == expected
    assert CLASSES.batch_size(net(), shape, size) == size


# ------------------------------------------------------------------- pairs of a batch


def test_images_and_masks_are_augmented_together():
    y = torch.randint(0, 3, (6, 4, 5)).to(torch.int16)
    X = y[:, None].float()
    new_X, new_y = MASKS.augmented(net(augment=HorizontalFlip(1.0)), X, y)
    assert torch.equal(new_X, X.flip(-1)) and torch.equal(new_y, y.flip(-1))


def test_samples_of_the_pool_come_along_without_a_mask():
    X, y = torch.randn(5, 1, 4, 4), torch.zeros(2, 4, 4, dtype=torch.int16)
    seen = []

    def augment(X, y):
        seen.append(y)
        return X, y

    new_X, new_y = MASKS.augmented(net(augment=augment), X, y)
    assert len(new_X) == 5 and torch.equal(new_y, y)
    assert seen[0].dtype == y.dtype and (seen[0][2:] == IGNORED).all()


@pytest.mark.parametrize(
    "augment, match",
    [
        (lambda X, y: X, r"images and targets, \(X, y\).*returned shape"),
        (lambda X, y: [X, y], "returned an object of type list"),
        (lambda X, y: (X, y, y), "object of type tuple"),
        (lambda X, y: (X[:1], y[:1]), "as many samples.*images"),
        (lambda X, y: (X, y[:1]), "as many samples.*targets"),
        (lambda X, y: (X.numpy(), y), "images, a tensor.*ndarray"),
        (lambda X, y: (X, None), "targets, a tensor.*NoneType"),
    ],
)
def test_what_is_no_pair_of_a_batch_is_refused(augment, match):
    X, y = torch.randn(3, 1, 4, 4), torch.zeros(3, 4, 4, dtype=torch.int16)
    with pytest.raises(ValueError, match=match):
        MASKS.augmented(net(augment=augment), X, y)


# ------------------------------------------------------------------------- classes


def test_the_task_of_classes_is_what_it_was():
    output, y = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    assert CLASSES.checked(net(), output, 4) is output
    proba = CLASSES.probabilities(net(), output)
    assert proba.dtype == torch.float64
    torch.testing.assert_close(proba, output.double().softmax(1))
    X = torch.randn(4, 2)
    new_X, new_y = CLASSES.augmented(net(augment=lambda X: -X), X, y)
    assert torch.equal(new_X, -X) and new_y is y


def test_the_first_tensor_is_what_counts():
    X = torch.zeros(2)
    for given in (X, (X, 3), {"logits": X, "out": 0}, {"out": X}, ({"out": X}, 1)):
        assert first_tensor(given) is X
    strange = {"boxes": X}
    assert first_tensor(strange) is strange


# -------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("criterion", [nn.MSELoss(), nn.L1Loss(), nn.HuberLoss()])
def test_the_loss_of_a_sample_is_the_mean_over_its_numbers(criterion):
    output, y = torch.randn(5, 3, requires_grad=True), torch.randn(5, 3)
    loss, losses = NUMBERS.losses(net(criterion, device="cpu"), output, y)
    expected = [criterion(o, t) for o, t in zip(output, y)]
    torch.testing.assert_close(losses, torch.stack(expected))
    torch.testing.assert_close(loss, losses.mean())
    assert loss.requires_grad and not losses.requires_grad


def test_one_number_may_come_without_a_column():
    flat = torch.arange(4.0)
    assert NUMBERS.checked(net(n_outputs=1), flat, 4).shape == (4, 1)
    assert NUMBERS.checked(net(n_outputs=1), (flat[:, None], 0), 4).shape == (4, 1)
    for output, n_outputs in [
        (flat, 2),
        (torch.zeros(4, 3), 2),
        (torch.zeros(3, 1), 1),
    ]:
        with pytest.raises(ValueError, match=f"shape .4, {n_outputs}. for 4 samples"):
            NUMBERS.checked(net(n_outputs=n_outputs), output, 4)
    with pytest.raises(ValueError, match="name one 'logits'"):
        NUMBERS.checked(net(n_outputs=1), {"value": flat}, 4)


def test_numbers_are_no_classes():
    assert CLASSES.of_classes and MASKS.of_classes and not NUMBERS.of_classes
