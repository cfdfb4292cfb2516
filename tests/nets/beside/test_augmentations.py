"""Views of samples: what may change, and what may not."""

import pickle

import pytest
import torch

from skactive.nets import ColumnNoise, ColumnSwap, ImageDistortion, ImageShift
from skactive.nets.beside._augmentations import _blur, _hue_turns, default_views

pytestmark = pytest.mark.deep

IMAGES = (ImageShift(), ImageDistortion())
TABLES = (ColumnNoise(), ColumnSwap())


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize("view", IMAGES, ids=lambda view: type(view).__name__)
@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (5, 9, 17)])
def test_images_keep_their_shape_and_range(view, shape):
    X = torch.rand(40, *shape) * 3 - 1
    before = X.clone()
    Y = view(X)
    assert Y.shape == X.shape and Y.dtype == X.dtype
    assert not torch.equal(Y, X) and torch.equal(X, before)
    assert X.min() - 1e-5 <= Y.min() and Y.max() <= X.max() + 1e-5


@pytest.mark.parametrize("view", TABLES, ids=lambda view: type(view).__name__)
@pytest.mark.parametrize("n", [1, 2, 30])
def test_tables_keep_their_shape(view, n):
    X = torch.randn(n, 4)
    before = X.clone()
    assert view(X).shape == X.shape
    assert torch.equal(X, before)


@pytest.mark.parametrize("view", IMAGES + TABLES, ids=lambda view: type(view).__name__)
def test_one_seed_one_view_and_pickled_the_same(view):
    X = torch.rand(9, 3, 8, 8) if view in IMAGES else torch.rand(9, 5)
    answers = []
    for each in (view, pickle.loads(pickle.dumps(view))):
        torch.manual_seed(3)
        answers.append(each(X))
    assert torch.equal(*answers)


def test_shifted_images_are_windows_of_the_padded_one():
    X = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3).expand(300, 1, 3, 3)
    padded = torch.nn.functional.pad(X[0, 0], (1, 1, 1, 1))
    windows = {
        tuple(padded[i : i + 3, j : j + 3].flatten().tolist())
        for i in range(3)
        for j in range(3)
    }
    seen = {tuple(row) for row in ImageShift()(X).flatten(1).tolist()}
    assert seen == windows


def test_color_is_mirrored_and_gray_is_not():
    ramp = torch.arange(1.0, 5.0).expand(200, 1, 4, 4)
    inner = slice(1, -1)

    def rising(X):
        return (X[:, 0, 1, inner].diff(dim=1) > 0)[:, 0]

    assert rising(ImageShift()(ramp)).all()
    share = rising(ImageShift()(ramp.expand(200, 3, 4, 4))).float().mean()
    assert 0.35 < share < 0.65
    assert rising(ImageShift(flip=False)(ramp.expand(200, 3, 4, 4))).all()
    share = rising(ImageShift(flip=True)(ramp)).float().mean()
    assert 0.35 < share < 0.65


def test_noise_is_in_units_of_the_column():
    X = torch.randn(4000, 2) * torch.tensor([1.0, 100.0])
    noise = ColumnNoise(0.1)(X) - X
    torch.testing.assert_close(
        noise.std(dim=0) / X.std(dim=0), torch.full((2,), 0.1), rtol=0.1, atol=0
    )
    constant = torch.full((5, 2), 7.0)
    assert torch.equal(ColumnNoise()(constant), constant)


def test_swapped_numbers_come_from_their_column():
    X = torch.arange(40.0).reshape(20, 2)
    Y = ColumnSwap(1.0)(X)
    assert torch.isin(Y[:, 0], X[:, 0]).all() and torch.isin(Y[:, 1], X[:, 1]).all()
    assert torch.equal(ColumnSwap(0.0)(X), X)


def test_share_of_swapped_numbers():
    X = torch.randn(3000, 3)
    assert (ColumnSwap(0.3)(X) != X).float().mean() == pytest.approx(0.3, abs=0.03)


def test_the_whole_image_is_the_largest_part():
    view = ImageDistortion(scale=(1.0, 1.0))
    ramp = torch.linspace(0, 1, 32).expand(64, 1, 32, 32).contiguous()
    # Of the full area only the aspect is drawn, so that no more than a quarter goes.
    part = view._part(ramp)
    assert part.amin(dim=(1, 2, 3)).max() < 0.25
    small = ImageDistortion(scale=(0.05, 0.05))._part(ramp)
    spread = small.amax(dim=(1, 2, 3)) - small.amin(dim=(1, 2, 3))
    assert spread.max() < 0.35


def test_turns_of_hue_are_turns_about_gray():
    turns = _hue_turns(torch.zeros(6, 3, 2, 2), 0.1)
    torch.testing.assert_close(
        turns @ turns.transpose(1, 2), torch.eye(3).expand(6, 3, 3)
    )
    torch.testing.assert_close(turns @ torch.ones(3), torch.ones(6, 3))
    assert (turns - torch.eye(3)).abs().max() > 0.01


def test_blur_keeps_the_mean_of_what_is_flat_and_lowers_the_peak():
    flat = torch.full((20, 1, 8, 8), 0.7)
    torch.testing.assert_close(_blur(flat, 1.0), flat)
    peak = torch.zeros(20, 1, 9, 9)
    peak[:, :, 4, 4] = 1
    blurred = _blur(peak, 1.0)
    assert (blurred.amax(dim=(1, 2, 3)) < 1).any()
    torch.testing.assert_close(blurred.sum(dim=(1, 2, 3)), torch.ones(20))
    assert _blur(peak, 0.0) is peak


def test_default_views_suit_the_shape():
    assert [type(view) for view in default_views((4,))] == [ColumnNoise, ColumnSwap]
    kinds = [type(view) for view in default_views((1, 8, 8))]
    assert kinds == [ImageShift, ImageDistortion]
    with pytest.raises(ValueError, match="weak= and strong="):
        default_views((8, 8))
