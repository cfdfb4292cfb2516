"""Autoencoders of one's own: of doubles, and those that call ``view``."""

import numpy as np
import pytest
import torch
from torch import nn

from skactive.deep import SRAAL, VAAL
from skactive.nets import VAEEmbedding
from skactive.nets.modules import MLP, Discriminator

pytestmark = pytest.mark.deep

rng = np.random.RandomState(0)
IMAGES = rng.normal(size=(12, 1, 8, 8)).astype(np.float32)
y = np.arange(12) % 3


class Coder(nn.Module):
    """An autoencoder of images, as it stands in a tutorial."""

    def __init__(self, latent_dim=4, flat="view", first=None):
        super().__init__()
        self.first = first or nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 3))
        n_columns = self.first(torch.zeros(1, 1, 8, 8)).numel()
        self.mu = nn.Linear(n_columns, latent_dim)
        self.log_var = nn.Linear(n_columns, latent_dim)
        self.decode = nn.Linear(latent_dim, 64)
        self.flat = flat

    def encode(self, X):
        H = self.first(X).relu()
        H = H.view(len(X), -1) if self.flat == "view" else H.flatten(1)
        return self.mu(H), self.log_var(H)

    def forward(self, X):
        mu, log_var = self.encode(X)
        Z = mu + torch.randn_like(mu) * (log_var / 2).exp()
        return self.decode(Z).view(X.shape), Z, mu, log_var


def coder(vae, **settings):
    given = {"latent_dim": 4, "n_iterations": 3, "random_state": 0, **settings}
    return VAEEmbedding(vae=vae, **given)


def embedded(coder, **settings):
    return coder.fit(IMAGES).transform(IMAGES)


def by_vaal(coder, **settings):
    strategy = VAAL(autoencoder=coder, random_state=0, **settings)
    return strategy.fit(IMAGES, y, IMAGES).score_samples(IMAGES)


def by_sraal(coder, **settings):
    def doubt(model, X):
        return np.linspace(0, 1, len(X))

    strategy = SRAAL(
        autoencoder=coder,
        split_latent=False,
        indicator=doubt,
        random_state=0,
        **settings,
    )
    return strategy.fit(IMAGES, y, IMAGES).score_samples(IMAGES)


ASKED = [embedded, by_vaal, by_sraal]


@pytest.mark.parametrize("ask", ASKED)
def test_a_coder_that_calls_view_is_trained_in_the_plain_layout(ask):
    given = ask(coder(Coder()))
    plain = ask(coder(Coder(), channels_last=False))
    assert np.isfinite(given).all()
    torch.manual_seed(0)
    same = Coder()
    np.testing.assert_array_equal(
        ask(coder(same)), ask(coder(same, channels_last=False))
    )
    assert given.shape == plain.shape


def test_who_takes_the_layout_keeps_it():
    assert coder(Coder(flat="flatten")).fit(IMAGES).net_.channels_last
    assert not coder(Coder()).fit(IMAGES).net_.channels_last
    assert not VAEEmbedding(n_iterations=1).fit(IMAGES[:, 0, 0]).net_.channels_last
    # torch crashes on these in that layout, with its process
    strided = nn.Conv2d(1, 16, 1, stride=2)
    coded = coder(Coder(flat="flatten", first=strided)).fit(IMAGES)
    assert not coded.net_.channels_last


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("ask", ASKED)
def test_a_coder_may_be_of_doubles(ask, precision, fused):
    torch.manual_seed(0)
    single = Coder()
    double = Coder().double()
    double.load_state_dict(single.state_dict())
    settings = {} if ask is embedded else {"fused": fused}
    scores = ask(coder(double, precision=precision), **settings)
    reference = ask(coder(single), **settings)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all() and scores.shape == reference.shape


def test_doubles_learn_what_singles_learn():
    torch.manual_seed(0)
    single = Coder()
    double = Coder().double()
    double.load_state_dict(single.state_dict())
    histories = [coder(vae).fit(IMAGES).history_ for vae in (single, double)]
    # The first loss of reconstruction, but for the noise, which has other digits.
    of_kl = [history["kl"][0] for history in histories]
    assert of_kl[0] == pytest.approx(of_kl[1], rel=0.05)


@pytest.mark.parametrize("part", ["discriminator", "target_learner"])
def test_what_is_trained_beside_may_be_of_doubles(part):
    makes = {
        "discriminator": lambda n: Discriminator(n).double(),
        "target_learner": lambda n, n_classes: MLP(n, n_classes).double(),
    }
    assert np.isfinite(by_sraal(coder(Coder()), **{part: makes[part]})).all()
    if part == "discriminator":
        assert np.isfinite(by_vaal(coder(Coder()), **{part: makes[part]})).all()


def test_an_augmentation_may_return_doubles():
    given = coder(Coder(), augment=lambda batch: batch.double())
    plain = coder(given.vae)
    np.testing.assert_array_equal(embedded(given), embedded(plain))
