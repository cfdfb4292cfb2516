"""VAAL: what it asks for, and that it has the manners of every strategy."""

import pickle
import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skactive import ActiveLearner
from skactive.deep import VAAL
from skactive.nets import VAEEmbedding
from skactive.nets.modules import MLPVAE, VAE, Discriminator
from skactive.testing import strategy_checks

pytestmark = pytest.mark.deep

SMALL = {"latent_dim": 4, "autoencoder__width": 4, "autoencoder__n_iterations": 4}
STRATEGY = VAAL().set_params(**SMALL)

OURS = dict(strategy_checks(STRATEGY))


def make(preset="default", **settings):
    return VAAL.from_preset(preset, **{**SMALL, "random_state": 0, **settings})


def tables(n=20, n_pool=30, d=6, seed=0):
    rng = np.random.RandomState(seed)
    return rng.normal(size=(n, d)), np.arange(n) % 2, rng.normal(0.5, 1, (n_pool, d))


def images(n=12, n_pool=17, shape=(1, 8, 8), dtype=np.float32, seed=0):
    rng = np.random.RandomState(seed)
    X = rng.randint(256, size=(n + n_pool, *shape)).astype(dtype)
    return X[:n], np.arange(n) % 2, X[n:]


# --------------------------------------------------------------- manners of all


@pytest.mark.parametrize("name", OURS)
def test_contract(name):
    OURS[name](STRATEGY)


def test_no_contract_check_is_lost():
    assert len(OURS) >= 40


@parametrize_with_checks([STRATEGY])
def test_scikit_learn(estimator, check):
    check(estimator)


# ------------------------------------------------------------ what it asks for


def test_digits_that_no_label_shows_come_first():
    """Three digits are missing from the labeled set, other ones for each seed."""
    X, y = load_digits(return_X_y=True)
    aucs = []
    for seed, missing in enumerate(
        [(7, 8, 9), (0, 1, 2), (3, 4, 5), (1, 6, 8), (2, 5, 9)]
    ):
        new = np.isin(y, missing)
        known = np.random.RandomState(seed).permutation(np.flatnonzero(~new))[:200]
        pool = np.setdiff1d(np.arange(len(y)), known)
        strategy = VAAL(
            autoencoder=VAEEmbedding(width=16, n_iterations=120, lr=1e-3),
            discriminator=partial(Discriminator, hidden=(128, 128)),
            random_state=seed,
        )
        strategy.fit(X[known], y[known], X[pool])
        aucs.append(roc_auc_score(new[pool], strategy.score_samples(X[pool])))
    assert np.mean(aucs) >= 0.8


def test_the_lowest_answers_of_the_discriminator_are_asked_for():
    X, y, X_pool = tables()
    strategy = make().fit(X, y, X_pool)
    logits = strategy.net_.predict_logits(torch.tensor(X_pool))
    np.testing.assert_array_equal(strategy.query(7), np.argsort(logits)[:7])
    labeled = 1 / (1 + np.exp(-logits.astype(float)))
    np.testing.assert_allclose(strategy.score_samples(X_pool), 1 - labeled, atol=1e-6)


def test_certain_answers_are_still_ranked():
    """Probabilities of 1 - 1e-9 and of 1 - 1e-12 are one number in float32."""
    X, y, X_pool = tables()
    strategy = make(autoencoder__n_iterations=30).fit(X, y, X_pool)
    with torch.no_grad():
        last = strategy.net_.discriminator.layers[-1]
        last.weight *= 100
        last.bias -= 10_000
    assert (strategy.score_samples(X_pool) == 1).all()
    logits = strategy.net_.predict_logits(torch.tensor(X_pool))
    np.testing.assert_array_equal(strategy.query(5), np.argsort(logits)[:5])


def test_labels_are_never_read():
    class Poison:
        def __eq__(self, other):
            raise AssertionError("a label was read")

        __hash__ = None

    X, y, X_pool = tables()
    expected = make().fit(X, y, X_pool).query(5)
    poison = np.array([Poison() for _ in y], dtype=object)
    for labels in (poison, y[::-1], ["only"] * len(y)):
        np.testing.assert_array_equal(make().fit(X, labels, X_pool).query(5), expected)


def test_presets_are_settings_that_can_be_overruled():
    X, y, X_pool = tables()

    def settings(**given):
        net = make(autoencoder__n_iterations=1, **given).fit(X, y, X_pool).net_
        return net.recon_reduction, net.kl_reduction, net.fused

    assert settings() == ("sum_per_sample", "batch_mean", True)
    assert settings(preset="released") == ("mean", "sum", False)
    mixed = {"autoencoder__kl_reduction": "mean", "fused": True}
    assert settings(preset="released", **mixed) == ("mean", "mean", True)
    assert settings(fused=False)[2] is False


@pytest.mark.parametrize("name", ["elbo", "official", "paper"])
def test_presets_of_other_names_are_refused(name):
    with pytest.raises(ValueError, match=f"'{name}' of VAAL; .* 'default', 'released'"):
        VAAL.from_preset(name)


# ----------------------------------------------------- the method and its autoencoder


def latent_of(strategy):
    net = strategy.fit(*tables()).net_
    return net.vae.mu.out_features, net.beta, net.discriminator.layers[0].in_features


def test_the_latent_of_the_method_goes_before_that_of_the_autoencoder():
    part = VAEEmbedding(6, beta=0.5, width=4, n_iterations=1)
    assert latent_of(VAAL(autoencoder=part)) == (6, 0.5, 6)
    assert latent_of(VAAL(3, beta=2, autoencoder=part)) == (3, 2, 3)
    assert latent_of(VAAL(autoencoder=part).set_params(latent_dim=5)) == (5, 0.5, 5)
    assert (part.latent_dim, part.beta) == (6, 0.5) and not hasattr(part, "net_")


def test_the_defaults_are_those_of_the_autoencoder():
    coder = VAAL()._coder()
    assert coder.get_params() == VAEEmbedding().get_params()
    assert (coder.latent_dim, coder.beta) == (32, 1.0)


def test_seeds_of_the_autoencoder_are_read_if_there_is_no_other():
    def scores(random_state, part_random_state):
        strategy = make(random_state=random_state)
        strategy.set_params(autoencoder__random_state=part_random_state)
        return strategy.fit(*tables()).score_samples(tables()[2])

    np.testing.assert_array_equal(scores(None, 7), scores(None, 7))
    assert not np.allclose(scores(None, 7), scores(None, 8))
    np.testing.assert_array_equal(scores(3, 7), scores(3, None))


def test_only_an_autoencoder_is_taken_for_one():
    with pytest.raises(ValueError, match="'autoencoder' .* instance of"):
        VAAL(autoencoder=PCA(2)).fit(*tables())


def test_reference_networks_have_the_published_sizes():
    with torch.device("meta"):
        vae = VAEEmbedding(width=128)._build_vae((3, 32, 32))
        discriminator = Discriminator(32)
    sizes = [sum(p.numel() for p in m.parameters()) for m in (vae, discriminator)]
    assert sizes == [22_835_139, 280_065]


# ----------------------------------------------------------------- what goes in


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 9, 6), (2, 2, 5)])
@pytest.mark.parametrize("preset", ["default", "released"])
def test_images_of_any_size_and_channels(shape, preset):
    X, y, X_pool = images(shape=shape)
    strategy = make(preset=preset).fit(X, y, X_pool)
    assert strategy.sample_shape_ == shape
    answer = strategy.query(5)
    assert len(set(answer.tolist())) == 5
    np.testing.assert_array_equal(strategy.query(5), answer)


def test_images_are_seen_from_minus_one_to_one():
    X, y, X_pool = images(dtype=np.uint8)
    X[0, 0, 0, :2] = 0, 255
    seen = []
    flip = lambda batch: seen.append(batch) or batch  # noqa: E731
    scores = []
    for dtype, divisor in ((np.uint8, 1), (np.float32, 255), (np.float32, 1)):
        given = [
            part.astype(dtype) / divisor if divisor > 1 else part.astype(dtype)
            for part in (X, X_pool)
        ]
        strategy = make(autoencoder__augment=flip).fit(given[0], y, given[1])
        scores.append(strategy.score_samples(given[1]))
    low, high = min(b.min() for b in seen), max(b.max() for b in seen)
    assert low.item() == pytest.approx(-1) and high.item() == pytest.approx(1)
    for other in scores[1:]:
        np.testing.assert_allclose(other, scores[0], rtol=1e-3)


def test_columns_of_tables_are_standardized_over_both_sets():
    X, y, X_pool = tables()
    seen = []
    strategy = make(
        autoencoder__augment=lambda batch: seen.append(batch) or batch,
        autoencoder__batch_size=1000,
    )
    big, big_pool = X * 1e4 + 1e6, X_pool * 1e4 + 1e6
    scores = strategy.fit(big, y, big_pool).score_samples(big_pool)
    # As many rows of both sides, with repeats: each pool batch is the pool itself.
    pool = np.unique(seen[1].numpy(), axis=0)
    both = np.vstack([X, X_pool])
    expected = (X_pool - both.mean(0)) / both.std(0)
    np.testing.assert_allclose(np.sort(pool, 0), np.sort(expected, 0), atol=1e-3)
    same = make().fit(X, y, X_pool).score_samples(X_pool)
    np.testing.assert_allclose(scores, same, rtol=1e-2)


def test_constant_images_are_answered():
    X, y, X_pool = np.ones((4, 1, 4, 4)), [0, 1, 0, 1], np.ones((5, 1, 4, 4))
    assert sorted(make().fit(X, y, X_pool).query(5)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("n, n_pool", [(1, 40), (1, 1), (3, 40), (40, 3), (40, 1)])
@pytest.mark.parametrize("preset", ["default", "released"])
def test_sets_smaller_than_a_batch_are_enough(n, n_pool, preset):
    X, y, X_pool = tables(n, n_pool)
    strategy = make(preset, autoencoder__batch_size=16).fit(X, y, X_pool)
    assert len(strategy.query(n_pool)) == n_pool


def test_nets_of_ones_own():
    X, y, X_pool = tables()
    own = MLPVAE(6, 4, (5,))
    before = [p.clone() for p in own.parameters()]
    strategy = make(
        autoencoder__vae=own, discriminator=partial(Discriminator, hidden=(7,))
    )
    strategy.fit(X, y, X_pool)
    assert strategy.net_.vae is not own
    assert all(torch.equal(p, q) for p, q in zip(own.parameters(), before))
    assert strategy.net_.discriminator.layers[0].out_features == 7

    def build(shape, latent_dim):
        return VAE(shape[0], shape[1:], latent_dim, width=3)

    X, y, X_pool = images()
    strategy = make(autoencoder__vae=build).fit(X, y, X_pool)
    assert strategy.net_.vae.encoder[0].out_channels == 3


def test_an_embedding_comes_first():
    X, y, X_pool = images()
    flat = [part.reshape(len(part), -1) for part in (X, X_pool)]
    strategy = make(embedding=PCA(3)).fit(flat[0], y, flat[1])
    assert strategy.sample_shape_ == (3,)
    assert strategy.score_samples(flat[1]).shape == (17,)


# --------------------------------------------------------------------- refusals


def test_pixels_that_are_nan_are_refused():
    X, y, X_pool = images()
    X_pool[3, 0, 2, 2] = np.nan
    with pytest.raises(ValueError, match="X_pool contains NaN"):
        make().fit(X, y, X_pool)
    strategy = make().fit(X, y, X_pool[4:])
    with pytest.raises(ValueError, match="X contains NaN"):
        strategy.score_samples(X_pool)


@pytest.mark.parametrize(
    "shape, remedy",
    [
        ((8, 8, 3), r"transpose\(0, 3, 1, 2\)"),
        ((8, 8), r"X\[:, None\]"),
        ((1, 2, 3, 4), "Pass rows of a table"),
    ],
)
def test_samples_that_are_no_images_are_refused(shape, remedy):
    X, y, X_pool = images(shape=shape)
    with pytest.raises(ValueError, match=remedy):
        make().fit(X, y, X_pool)


def test_other_samples_at_scoring_are_refused():
    X, y, X_pool = images()
    strategy = make().fit(X, y, X_pool)
    with pytest.raises(ValueError, match=r"shape \(1, 16, 16\).*shape \(1, 8, 8\)"):
        strategy.score_samples(np.zeros((2, 1, 16, 16), dtype=np.float32))
    with pytest.raises(ValueError, match="uint8"):
        strategy.score_samples(X_pool.astype(np.uint8))
    with pytest.raises(ValueError, match="features"):
        strategy.score_samples(np.zeros((2, 3, 8, 8), dtype=np.float32))


def test_pools_of_bytes_and_of_floats_are_not_mixed():
    X, y, X_pool = images(dtype=np.uint8)
    with pytest.raises(ValueError, match="in the same way"):
        make().fit(X, y, X_pool / 255)


@pytest.mark.parametrize(
    "settings, error, text",
    [
        ({"autoencoder__batch_size": 1}, ValueError, r"'batch_size'.*\[2, inf\)"),
        ({"n_vae_steps": 0}, ValueError, r"'n_vae_steps' .*\[1, inf\).* Got 0"),
        ({"latent_dim": 2.5}, TypeError, "'latent_dim' .* int .* Got 2.5"),
        ({"autoencoder__n_iterations": 0}, ValueError, "'n_iterations' .* Got 0"),
        ({"beta": -1}, ValueError, "'beta' parameter of VAAL .* Got -1"),
        ({"autoencoder__lr": float("nan")}, ValueError, "'lr' .* VAEEmb.* Got nan"),
        ({"fused": None}, ValueError, "'fused' .* Got None"),
        ({"autoencoder__kl_reduction": "no"}, ValueError, "'kl_reduction' .*'no'"),
        ({"autoencoder__precision": "fp16"}, ValueError, "'precision' .*'fp16'"),
        ({"autoencoder__device": "abacus"}, ValueError, "device='abacus'"),
        ({"autoencoder__vae": lambda shape, d: None}, TypeError, "torch.nn.Module"),
        ({"autoencoder__vae": torch.nn.Linear(6, 4)}, TypeError, "no method encode"),
        ({"autoencoder__lr": 1e30}, FloatingPointError, "not finite in epoch"),
    ],
)
def test_bad_settings_are_refused(settings, error, text):
    X, y, X_pool = tables()
    with pytest.raises(error, match=text):
        make(**settings).fit(X, y, X_pool)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_without_cuda_is_refused():
    X, y, X_pool = tables()
    with pytest.raises(ValueError, match="device='cpu'"):
        make(autoencoder__device="cuda").fit(X, y, X_pool)


def test_a_cold_start_is_refused():
    with pytest.raises(ValueError, match="requires y"):
        make().fit(tables()[2])


def test_sparse_tables_are_refused():
    X, y, X_pool = tables()
    with pytest.raises(TypeError, match="TruncatedSVD"):
        make().fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))


# ------------------------------------------------------------------------ state

SCRIPT = """
import numpy as np
from skactive.deep import VAAL
from skactive.nets import VAEEmbedding
rng = np.random.RandomState(0)
X, X_pool = rng.rand(9, 1, 8, 8), rng.rand(20, 1, 8, 8)
part = VAEEmbedding(width=4, n_iterations=4)
strategy = VAAL(latent_dim=4, autoencoder=part, random_state=3)
print(strategy.fit(X, np.zeros(9), X_pool).query(20).tolist())
"""


def test_one_seed_is_one_answer_in_a_fresh_process(capsys):
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True
    )
    exec(SCRIPT, {})
    assert capsys.readouterr().out == run.stdout


def test_without_a_seed_two_fits_differ():
    X, y, X_pool = tables()
    scores = [
        make(random_state=None).fit(X, y, X_pool).score_samples(X_pool) for _ in "ab"
    ]
    assert not np.allclose(*scores)


def test_the_generators_of_torch_are_left_alone():
    X, y, X_pool = images()
    before = torch.get_rng_state()
    make().fit(X, y, X_pool).query(3)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_warm_start_goes_on_and_a_cold_one_begins_anew():
    X, y, X_pool = tables()
    cold, warm = make(), make(warm_start=True)
    first = cold.fit(X, y, X_pool).score_samples(X_pool)
    np.testing.assert_array_equal(cold.fit(X, y, X_pool).score_samples(X_pool), first)
    np.testing.assert_array_equal(warm.fit(X, y, X_pool).score_samples(X_pool), first)
    assert not np.allclose(warm.fit(X, y, X_pool).score_samples(X_pool), first)
    # Settings of the training are those of now: without steps, weights stay.
    weights = [w.clone() for w in warm.net_.vae.parameters()]
    warm.set_params(autoencoder__lr=0.0).fit(X, y, X_pool)
    assert all(map(torch.equal, warm.net_.vae.parameters(), weights))
    with pytest.raises(ValueError, match="architecture has changed"):
        warm.set_params(autoencoder__width=8).fit(X, y, X_pool)
    # Other samples need another net.
    assert warm.fit(X[:, :5], y, X_pool[:, :5]).sample_shape_ == (5,)


def test_losses_are_kept_by_epoch():
    X, y, X_pool = tables(n_pool=40)
    schedule = VAEEmbedding(max_epochs=3, batch_size=16, width=4)
    strategy = VAAL(4, autoencoder=schedule).fit(X, y, X_pool)
    assert sorted(strategy.history_) == [
        "adversarial",
        "discriminator",
        "kl",
        "reconstruction",
    ]
    assert all(len(losses) == 3 for losses in strategy.history_.values())


# ------------------------------------------------------------------ in the loop


def learner(**settings):
    return ActiveLearner(
        LogisticRegression(),
        make(**settings),
        n_initial=6,
        budget=6,
        batch_size=3,
        random_state=0,
    )


def problem(n=80, d=6):
    rng = np.random.RandomState(0)
    X = rng.normal(size=(n, d))
    return X, (X[:, 0] > 0).astype(int)


def test_a_learner_asks_it_and_predicts_by_its_own_estimator():
    X, y = problem()
    fitted = learner().fit(X, y)
    assert isinstance(fitted.estimator_, LogisticRegression)
    assert len(fitted.queried_indices_) == 12
    again = clone(fitted).fit(X, y)
    np.testing.assert_array_equal(again.queried_indices_, fitted.queried_indices_)


def test_a_pickled_learner_does_not_carry_the_pool():
    y = np.arange(4000) % 2
    X = np.random.RandomState(0).normal(size=(4000, 6)) + y[:, None]
    fitted = learner().fit(X, y)
    text = pickle.dumps(fitted)
    few = pickle.dumps(learner().fit(X[:100], y[:100]))
    # What grows with the rows is an account of who was asked when, not the features.
    assert len(text) - len(few) < X.nbytes / 3
    copy = pickle.loads(text)
    np.testing.assert_array_equal(copy.predict(X), fitted.predict(X))
    np.testing.assert_array_equal(
        copy.strategy_.score_samples(X), fitted.strategy_.score_samples(X)
    )
    assert copy.strategy_.net_.vae_optimizer is None


def search(n_jobs=None):
    grid = {"strategy__latent_dim": [2, 5], "strategy__autoencoder__width": [2]}
    return GridSearchCV(learner(), grid, cv=2, n_jobs=n_jobs).fit(*problem())


def test_the_width_of_the_latent_is_grid_searched():
    found = search()
    best = found.best_estimator_.strategy_.net_.vae
    assert best.mu.out_features == found.best_params_["strategy__latent_dim"]
    assert best.encoder[0].out_features == 8 * 2


@pytest.mark.slow
def test_a_grid_search_in_two_processes_finds_the_same(fresh_workers):
    """Slow, as each process loads torch anew."""
    scores = [search(n_jobs).cv_results_["mean_test_score"] for n_jobs in (None, 2)]
    np.testing.assert_array_equal(*scores)


def test_data_frames_keep_their_columns():
    X, y = problem()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    fitted = make().fit(frame[:20], y[:20], frame[20:])
    np.testing.assert_array_equal(fitted.feature_names_in_, list("abcdef"))
    with pytest.raises(ValueError, match="feature names"):
        fitted.score_samples(frame[list("bacdef")])
