"""Images and masks that change alike."""

import pickle

import pytest
import torch

from skactive.nets import HorizontalFlip

pytestmark = pytest.mark.deep


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def pair(n=200):
    """Images whose first channel is the mask."""
    y = torch.randint(0, 5, (n, 4, 6))
    return torch.stack([y.float(), torch.rand(n, 4, 6)], dim=1), y


def test_masks_move_with_their_images():
    X, y = pair()
    before = X.clone(), y.clone()
    new_X, new_y = HorizontalFlip()(X, y)
    assert torch.equal(new_X[:, 0], new_y.float())
    assert torch.equal(X, before[0]) and torch.equal(y, before[1])
    assert new_X.dtype == X.dtype and new_y.dtype == y.dtype
    flipped = (new_X == X.flip(-1)).flatten(1).all(1)
    kept = (new_X == X).flatten(1).all(1)
    assert torch.all(flipped ^ kept)
    assert 70 < flipped.sum() < 130


@pytest.mark.parametrize("p, same", [(0, True), (0.0, True), (1, False), (1.0, False)])
def test_all_or_none(p, same):
    X, y = pair(5)
    new_X, new_y = HorizontalFlip(p)(X, y)
    assert torch.equal(new_X, X if same else X.flip(-1))
    assert torch.equal(new_y, y if same else y.flip(-1))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int64])
def test_masks_of_any_integers(dtype):
    X, y = pair(3)
    assert HorizontalFlip()(X, y.to(dtype))[1].dtype == dtype


def test_one_seed_one_answer_and_pickled_the_same():
    X, y = pair()
    answers = []
    for flip in (HorizontalFlip(), pickle.loads(pickle.dumps(HorizontalFlip()))):
        torch.manual_seed(3)
        answers.append(flip(X, y)[1])
    assert torch.equal(*answers)
    assert repr(HorizontalFlip(0.25)) == "HorizontalFlip(p=0.25)"


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="p is a probability"):
        HorizontalFlip(p)
