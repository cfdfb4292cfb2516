"""ReconstructionSampling: what an autoencoder of the labeled samples cannot rebuild."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from skactive import ActiveLearner
from skactive.deep import ReconstructionSampling
from skactive.nets import VAEEmbedding
from skactive.nets.modules import VAE
from skactive.testing import strategy_checks

pytestmark = pytest.mark.deep

TINY = VAEEmbedding(latent_dim=4, width=4, n_iterations=4)
STRATEGY = ReconstructionSampling(autoencoder=TINY)

OURS = dict(strategy_checks(STRATEGY))


def make(learn_from="labeled", **settings):
    return clone(STRATEGY).set_params(
        learn_from=learn_from, **{"random_state": 0, **settings}
    )


def tables(n=20, n_pool=30, d=6, seed=0):
    rng = np.random.RandomState(seed)
    return rng.normal(size=(n, d)), np.arange(n) % 2, rng.normal(0.5, 1, (n_pool, d))


def digits(missing=7, n_labeled=150, n_pool=400):
    """Return labeled digits without one class, and a pool with all of them."""
    X, y = load_digits(return_X_y=True)
    X = (X.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
    order = np.random.RandomState(0).permutation(len(y))
    known = order[y[order] != missing][:n_labeled]
    pool = np.setdiff1d(order, known)[:n_pool]
    return X[known], y[known], X[pool], y[pool]


# --------------------------------------------------------------- manners of all


@pytest.mark.parametrize("name", OURS)
def test_contract(name):
    OURS[name](STRATEGY)


def test_no_contract_check_is_lost():
    assert len(OURS) >= 34


@parametrize_with_checks([STRATEGY])
def test_scikit_learn(estimator, check):
    check(estimator)


# ------------------------------------------------------------ what it asks for


@pytest.fixture(scope="module")
def trained():
    X, y, X_pool, y_pool = digits()
    X, X_pool = X.reshape(-1, 64), X_pool.reshape(-1, 64)
    settings = {"latent_dim": 16, "width": 8, "lr": 1e-3, "beta": 0.1}
    coder = VAEEmbedding(**settings, n_iterations=400)
    strategy = ReconstructionSampling(autoencoder=coder, random_state=0)
    return strategy.fit(X, y, X_pool), X, X_pool, y_pool


def test_the_class_that_no_label_shows_is_rebuilt_worst(trained):
    strategy, _, X_pool, y_pool = trained
    scores = strategy.score_samples(X_pool)
    means = [scores[y_pool == c].mean() for c in range(10)]
    assert np.argmax(means) == 7
    assert np.isin(strategy.query(20), np.flatnonzero(y_pool == 7)).mean() > 0.4


def test_copies_of_labeled_samples_are_rebuilt_best(trained):
    strategy, X, X_pool, _ = trained
    copies, others = strategy.score_samples(X), strategy.score_samples(X_pool)
    assert np.median(copies) < np.quantile(others, 0.3)


def test_a_score_does_not_depend_on_what_it_is_batched_with(trained):
    strategy, _, X_pool, _ = trained
    whole = strategy.score_samples(X_pool)
    some = np.concatenate([strategy.score_samples(part) for part in (X_pool[:7],)])
    assert_allclose(some, whole[:7], rtol=1e-5)
    X = torch.as_tensor(X_pool)
    assert_allclose(strategy.net_.errors(X, 13)[0], strategy.net_.errors(X)[0], 1e-5)


def test_the_error_is_the_mean_squared_error_of_decoded_means():
    X, y, X_pool = tables()
    strategy = make().fit(X, y, X_pool)
    net = strategy.net_
    scaled = (torch.tensor(X_pool) - net.shift) * net.scale
    with torch.no_grad():
        mu, log_var = net.vae.encode(scaled.float())
        decoded = net.vae.decode(mu)
    error = (decoded - scaled).square().mean(dim=1).numpy()
    assert_allclose(strategy.score_samples(X_pool), error, rtol=1e-5)
    assert_array_equal(strategy.query(5), np.argsort(-error)[:5])
    variance = scaled.var(dim=1, correction=0).numpy()
    strategy.set_params(normalize=True)
    assert_allclose(
        strategy.score_samples(X_pool), error / (variance + 1e-3), rtol=1e-5
    )
    kl = 0.5 * (log_var.exp() - 1 - log_var + mu**2).sum(dim=1).numpy()
    strategy.set_params(normalize=False, error="elbo")
    assert_allclose(strategy.score_samples(X_pool), 3 * error + kl, rtol=1e-5)


def test_relative_is_the_difference_of_two_autoencoders():
    X, y, X_pool = tables()
    alone = make().fit(X, y, X_pool)
    of_all = make("all").fit(X, y, X_pool)
    both = make(relative=True).fit(X, y, X_pool)
    assert alone.net_of_all_ is None
    expected = alone.score_samples(X_pool) - of_all.score_samples(X_pool)
    assert_allclose(both.score_samples(X_pool), expected, atol=1e-6)
    # Both see samples in one scale, that of all.
    assert_array_equal(alone.net_.scale, of_all.net_.scale)


def test_a_constant_image_has_a_finite_score():
    X = np.zeros((6, 1, 8, 8), np.float32)
    X[0, 0, 4] = 1
    strategy = make(normalize=True).fit(X, np.arange(6) % 2, X)
    assert np.isfinite(strategy.score_samples(X)).all()


def test_all_samples_need_no_label():
    X, y, X_pool = tables()
    strategy = make("all").fit(X_pool)
    assert strategy.query(4).shape == (4,)
    with pytest.raises(ValueError, match="y"):
        make().fit(X_pool)
    both = np.concatenate([X, X_pool])
    assert_allclose(
        make("all").fit(X, y, X_pool).net_.scale,
        1 / both.std(axis=0),
        rtol=1e-6,
    )


def test_labels_are_not_read():
    X, y, X_pool = tables()
    expected = make().fit(X, y, X_pool).query(5)
    assert_array_equal(make().fit(X, y[::-1], X_pool).query(5), expected)


def test_uint8_images_are_scaled_by_255():
    rng = np.random.RandomState(0)
    X = rng.randint(256, size=(12, 1, 8, 8)).astype(np.uint8)
    strategy = make().fit(X, np.arange(12) % 2, X)
    assert_allclose(strategy.net_.scale, 1 / 127.5)
    with pytest.raises(ValueError, match="fitted on images of uint8"):
        strategy.score_samples(X / 255)
    with pytest.raises(ValueError, match="X holds uint8 and X_pool float64"):
        make().fit(X, np.arange(12) % 2, X / 255)


def test_the_given_autoencoder_is_copied_and_its_seed_heeded():
    X, y, X_pool = tables()
    given = clone(TINY).set_params(random_state=3)

    def asked(seed):
        strategy = make(autoencoder=given, random_state=seed)
        return strategy.fit(X, y, X_pool).score_samples(X_pool)

    assert_array_equal(asked(None), asked(None))
    assert not hasattr(given, "net_")
    assert (asked(0) != asked(1)).any()


# ------------------------------------------------------------------- refusals


def test_relative_needs_an_autoencoder_of_labeled_samples():
    with pytest.raises(ValueError, match="learn_from='all' trains no other"):
        make("all", relative=True).fit(*tables())


def test_wrong_settings_are_refused_before_a_label_is_paid():
    paid = []
    for wrong in (
        {"learn_from": "pool"},
        {"autoencoder": LogisticRegression()},
        {"autoencoder": VAEEmbedding(batch_size=0)},
        {"error": "mae"},
    ):
        learner = ActiveLearner(
            LogisticRegression(),
            ReconstructionSampling(**wrong),
            oracle=lambda *a: paid.append(a),
        )
        with pytest.raises(ValueError, match=next(iter(wrong)) + "|batch_size"):
            learner.fit(tables()[0])
    assert paid == []


def test_an_autoencoder_that_cannot_decode_is_refused():
    class Blind(torch.nn.Module):
        def encode(self, X):
            return X, X

    coder = clone(TINY).set_params(vae=Blind())
    with pytest.raises(TypeError, match="no method decode"):
        make(autoencoder=coder).fit(*tables())


def test_an_autoencoder_of_another_size_is_refused():
    class Wide(VAE):
        def decode(self, Z):
            return super().decode(Z)[..., :-1]

    X = np.zeros((6, 1, 8, 8), np.float32)
    coder = clone(TINY).set_params(vae=Wide(1, 8, 4, width=4))
    with pytest.raises(ValueError, match="they must be the same"):
        make(autoencoder=coder).fit(X, np.arange(6) % 2, X)


def test_in_a_learner():
    X, y, _, _ = digits(n_labeled=60)
    flat = X.reshape(len(X), -1)
    learner = ActiveLearner(
        LogisticRegression(), make(), n_initial=20, budget=20, random_state=0
    )
    learner.fit(flat, y)
    assert len(learner.queried_indices_) == 40
