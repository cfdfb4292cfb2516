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
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from torch import nn

from skactive import ActiveLearner
from skactive.diversity import CoreSet, RandomSampling
from skactive.nets import MoBYEncoder, NetClassifier, NetRegressor

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


def fixed_outputs():
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 10))


@pytest.mark.parametrize("classes", [None, np.arange(10), ["ant", "bee"]])
def test_number_of_outputs_does_not_matter(classes):
    X, _ = blobs()
    for module in (fixed_outputs, fixed_outputs()):
        net = NetClassifier(module, classes=classes, max_epochs=2)
        fitted = MoBYEncoder(net, proj_dim=16, random_state=0).fit(X)
        assert fitted.transform(X).shape == (60, 6)
        assert fitted.estimator_.predict_proba(X).shape == (60, 10)


def test_a_net_of_numbers_is_an_encoder_too():
    X, _ = blobs()
    net = NetRegressor(max_epochs=3, batch_size=16, criterion=nn.L1Loss)
    fitted = encoder(estimator=net).fit(X)
    one = encoder(estimator=NetClassifier(max_epochs=3, batch_size=16)).fit(X)
    np.testing.assert_array_equal(fitted.transform(X), one.transform(X))
    twin = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(twin.transform(X), fitted.transform(X))


def test_declared_classes_are_outputs_of_the_net():
    X, _ = blobs()
    fitted = encoder(estimator__classes=[3, 5, 7]).fit(X)
    assert fitted.estimator_.predict_proba(X).shape == (60, 3)


def test_pipeline_scales_before_the_net():
    X, _ = blobs()
    net = NetClassifier(max_epochs=2, batch_size=16)
    model = encoder(estimator=make_pipeline(StandardScaler(), net)).fit(10 * X)
    Z = model.transform(10 * X)
    assert Z.shape == (60, 64) == (60, len(model.get_feature_names_out()))
    assert not hasattr(model.estimator[0], "mean_")
    net.set_params(random_state=model.estimator_[-1].random_state)
    scaled = StandardScaler().fit_transform(10 * X)
    direct = encoder(estimator=net, random_state=None).fit_transform(scaled)
    np.testing.assert_array_equal(Z, direct)


def test_warm_start_and_what_is_no_net_are_refused():
    X, _ = blobs()
    with pytest.raises(ValueError, match="Pass a net with warm_start=False"):
        encoder(estimator__warm_start=True).fit(X)
    with pytest.raises(TypeError, match="NetClassifier"):
        encoder(estimator=make_pipeline(StandardScaler(), LogisticRegression())).fit(X)


def test_nan_and_settings_out_of_range_are_refused():
    X, _ = blobs()
    with pytest.raises(ValueError, match="temperature"):
        encoder(temperature=0).fit(X)
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN.\nNetClassifier"):
        encoder().fit(X)
