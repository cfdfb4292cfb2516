"""A decoder that is trained on the embedding of a net, beside it."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.beside._reconstruction import Reconstruction, reconstruction_errors
from skactive.nets.estimators._embedding import forward_with_embedding

pytestmark = pytest.mark.deep


def samples(shape, n=24, seed=0):
    rng = np.random.RandomState(seed)
    return rng.normal(2, 3, (n, *shape)).astype(np.float32), np.arange(n) % 2


def trained(X, y, detach_epoch=0.5, weight=1.0, max_epochs=4, **settings):
    shell = NetClassifier(max_epochs=max_epochs, random_state=0, **settings)
    recipe = Reconstruction(width=2, weight=weight, detach_epoch=detach_epoch)
    return shell._train(X, y, recipe)


def flat_net():
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(6), nn.ReLU(), nn.Linear(6, 2))


@pytest.mark.parametrize("shape", [(5,), (1, 8, 8), (3, 9, 7), (4, 5), (2, 3, 1)])
def test_samples_of_any_shape_are_rebuilt(shape):
    X, y = samples(shape)
    module = None if len(shape) in (1, 3) and min(shape) != 1 else flat_net()
    shell = trained(X, y, module=module)
    error, variance = reconstruction_errors(shell, X)
    assert error.shape == variance.shape == (24,) and np.isfinite(error).all()


def test_errors_by_hand():
    X, y = samples((5,))
    shell = trained(X, y)
    net = shell.net_
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    net._set_training(False)
    with torch.no_grad():
        Z = forward_with_embedding(net.module_, torch.tensor(X))[1]
        decoded = net.decoder_(Z).numpy()
    error, variance = reconstruction_errors(shell, X)
    assert_allclose(error, np.square(decoded - scaled).mean(axis=1), rtol=1e-4)
    assert_allclose(variance, scaled.var(axis=1), rtol=1e-4)


def test_pixels_are_rebuilt_on_the_scale_of_the_net():
    X = np.random.RandomState(0).randint(256, size=(12, 2, 8, 8)).astype(np.uint8)
    net = trained(X, np.arange(12) % 2).net_
    mean = X.mean(axis=(0, 2, 3)) / 255
    assert_allclose(net.shift, mean, rtol=1e-6)
    assert_allclose(net.scale, 255 / X.std(axis=(0, 2, 3)), rtol=1e-6)


def weights_after(detach_epoch, weight, max_epochs=4):
    X, y = samples((5,))
    net = trained(X, y, detach_epoch, weight, max_epochs).net_
    return torch.cat([p.detach().ravel() for p in net.module_.parameters()])


def test_the_error_reaches_the_net_only_in_early_epochs():
    X, y = samples((5,))
    plain = NetClassifier(max_epochs=4, random_state=0).fit(X, y)
    alone = torch.cat([p.detach().ravel() for p in plain.net_.module_.parameters()])
    assert (weights_after(0, 5.0) == alone).all()
    assert (weights_after(None, 0.0) == alone).all()
    for detach_epoch in (1, 0.5, None):
        assert (weights_after(detach_epoch, 5.0) != alone).any()
    assert (weights_after(0.5, 5.0) == weights_after(2, 5.0)).all()
    assert (weights_after(None, 5.0) != weights_after(2, 5.0)).any()


def test_the_decoder_learns_though_the_net_is_detached():
    X, y = samples((5,), n=60)
    terms = trained(X, y, detach_epoch=0, max_epochs=60).net_.terms()
    assert list(terms) == ["task_loss", "reconstruction"]
    assert len(terms["reconstruction"]) == 60
    assert terms["reconstruction"][-1] < 0.8 * terms["reconstruction"][0]


def test_a_constant_column_is_not_divided_by_zero():
    X, y = samples((5,))
    X[:, 1] = 7
    assert np.isfinite(reconstruction_errors(trained(X, y), X)[0]).all()


def test_words_are_refused():
    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.head = nn.Embedding(9, 4), nn.Linear(4, 2)

        def forward(self, X):
            return self.head(self.words(X).mean(dim=1))

    X = np.random.RandomState(0).randint(9, size=(12, 5))
    with pytest.raises(ValueError, match="Words takes integers"):
        trained(X, np.arange(12) % 2, module=Words)


def test_errors_that_are_not_finite_are_named():
    X, y = samples((5,))
    with pytest.raises(FloatingPointError, match="became (nan|inf) in epoch"):
        trained(X, y, lr=1e30)
    shell = trained(X, y)
    with pytest.raises((FloatingPointError, ValueError), match="finite|NaN"):
        reconstruction_errors(shell, np.full((2, 5), 1e38, np.float32))
