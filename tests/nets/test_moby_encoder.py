"""An encoder that learns without labels, and whom it may be handed to."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from skactive import ActiveLearner
from skactive.diversity import CoreSet, RandomSampling
from skactive.nets import MoBYEncoder, NetClassifier

pytestmark = pytest.mark.deep


def blobs(n=60):
    rng = np.random.RandomState(0)
    y = np.arange(n) % 3
    return 2.0 * np.eye(3, 4)[y] + rng.standard_normal((n, 4)), y


def encoder(**settings):
    net = NetClassifier(max_epochs=3, batch_size=16)
    return MoBYEncoder(net, proj_dim=16, random_state=0).set_params(**settings)


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api")
def test_scikit_learn_finds_no_fault():
    results = check_estimator(encoder(), on_skip=None, on_fail=None)
    assert [r["check_name"] for r in results if r["status"] == "failed"] == []
    assert len(results) >= 40


def test_labels_are_ignored_and_the_caller_keeps_the_generator():
    X, y = blobs()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    Z = encoder().fit(X).transform(X)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(encoder().fit(X, y).transform(X), Z)
    other = encoder(random_state=1).fit(X).transform(X)
    assert Z.shape == (60, 64) and not np.array_equal(other, Z)


def test_history_and_copies():
    X, _ = blobs()
    fitted = encoder(estimator__max_epochs=20, estimator__lr=0.01).fit(X)
    losses = fitted.history_["contrastive_loss"]
    assert len(losses) == 20 and losses[-1] < 0.9 * losses[0]
    assert fitted.history_["key_momentum"][0] > 0.99
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.transform(X), fitted.transform(X))
    assert not hasattr(clone(fitted), "estimator_")


def test_pickled_encoder_does_not_carry_the_samples():
    small, large = (
        encoder(estimator__batch_size=600, queue_size=16).fit(blobs(n)[0])
        for n in (60, 600)
    )
    # 540 more samples of four floats would be 8,640 bytes.
    assert abs(len(pickle.dumps(large)) - len(pickle.dumps(small))) < 2000


def test_trained_once_it_serves_any_strategy_and_model():
    X, y = load_digits(return_X_y=True)
    X, y = (X[:300] / 16).astype(np.float32).reshape(-1, 1, 8, 8), y[:300]
    net = NetClassifier(max_epochs=2, module__width=8, module__blocks=(1, 1))
    trained = FrozenEstimator(MoBYEncoder(net, random_state=0).fit(X))
    model = make_pipeline(trained, LogisticRegression(max_iter=500))
    for strategy in (RandomSampling(), CoreSet(trained)):
        learner = ActiveLearner(model, strategy, budget=10, random_state=0).fit(X, y)
        assert learner.labeled_mask_.sum() == 20
        assert learner.predict(X).shape == (300,)


def test_cold_start_learns_from_the_pool_itself():
    X, _ = blobs()
    picks = CoreSet(encoder()).fit(X).query(5)
    assert len(set(picks)) == 5


@pytest.mark.parametrize("n", [1, 2, 17])
def test_any_number_of_samples_is_enough(n):
    X, _ = blobs()
    assert encoder().fit_transform(X[:n]).shape == (n, 64)


def test_nan_and_settings_out_of_range_are_refused():
    X, _ = blobs()
    with pytest.raises(ValueError, match="temperature"):
        encoder(temperature=0).fit(X)
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        encoder().fit(X)
