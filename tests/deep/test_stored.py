"""Nets of VAAL and SRAAL in a file that holds no code."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from skactive.deep import SRAAL, VAAL
from skactive.nets import VAEEmbedding

pytestmark = pytest.mark.deep

SMALL = {"latent_dim": 4, "autoencoder": VAEEmbedding(width=4, n_iterations=4)}
SMALL["random_state"] = 0
STRATEGIES = [VAAL(**SMALL), SRAAL(LogisticRegression(), **SMALL)]
LABELS = np.arange(20) % 2


def table():
    return np.random.RandomState(0).normal(3, 5, (60, 6))


def pixels():
    return np.random.RandomState(0).randint(256, size=(60, 3, 8, 8)).astype(np.uint8)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("strategy", STRATEGIES, ids=["VAAL", "SRAAL"])
def test_a_file_of_weights_makes_the_same_strategy(strategy, precision, tmp_path):
    X = table()
    strategy = clone(strategy).set_params(autoencoder__precision=precision)
    strategy.fit(X[:20], LABELS, X[20:]).save_params(tmp_path / "nets.pt")
    torch.load(tmp_path / "nets.pt", weights_only=True)  # refuses all but data
    read = clone(strategy).load_params(tmp_path / "nets.pt")
    np.testing.assert_array_equal(read.score_samples(X), strategy.score_samples(X))
    assert read.history_ == strategy.history_
    assert read.n_features_in_ == 6
    with pytest.raises(ValueError, match="without a pool"):
        read.query(2)
    assert len(read.fit(X[:20], LABELS, X[20:]).query(2)) == 2


def test_images_of_bytes_are_scaled_as_they_were(tmp_path):
    X = pixels()
    strategy = clone(STRATEGIES[0]).fit(X[:20], LABELS, X[20:])
    strategy.save_params(tmp_path / "nets.pt")
    read = clone(strategy).load_params(tmp_path / "nets.pt")
    np.testing.assert_array_equal(read.score_samples(X), strategy.score_samples(X))
    with pytest.raises(ValueError, match="images of uint8"):
        read.score_samples(X.astype(np.float32))


@pytest.mark.parametrize("strategy", STRATEGIES, ids=["VAAL", "SRAAL"])
def test_weights_of_other_nets_are_refused(strategy, tmp_path):
    X = table()
    fitted = clone(strategy).fit(X[:20], LABELS, X[20:])
    fitted.save_params(tmp_path / "nets.pt")
    other = clone(strategy).set_params(autoencoder__width=8).fit(X[:20], LABELS, X[20:])
    scores = other.score_samples(X)
    with pytest.raises(ValueError, match="do not fit the module, MLPVAE"):
        other.load_params(tmp_path / "nets.pt")
    np.testing.assert_array_equal(other.score_samples(X), scores)


def test_a_file_of_another_strategy_is_refused(tmp_path):
    X = table()
    clone(STRATEGIES[0]).fit(X[:20], LABELS, X[20:]).save_params(tmp_path / "nets.pt")
    with pytest.raises(ValueError, match="of VAAL, not by save_params of S"):
        clone(STRATEGIES[1]).load_params(tmp_path / "nets.pt")


def test_an_embedding_is_not_lost_in_silence(tmp_path):
    X = table()
    strategy = VAAL(embedding=PCA(3), **SMALL).fit(X[:20], LABELS, X[20:])
    with pytest.raises(ValueError, match="embedding was fitted too"):
        strategy.save_params(tmp_path / "nets.pt")
    assert not (tmp_path / "nets.pt").exists()
