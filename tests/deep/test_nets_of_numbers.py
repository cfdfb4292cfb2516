"""Strategies around a net that predicts numbers: which serve it, which say no."""

import pickle
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_regressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator
from skorch import NeuralNetRegressor

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling
from skactive.deep import (
    DFAL,
    LL4AL,
    REVIVAL,
    SRAAL,
    VAAL,
    CoreGCN,
    JointReconstruction,
    MoBYv2AL,
    ReconstructionSampling,
    TaskAwareViT,
    UncertainGCN,
)
from skactive.disagreement import BALD
from skactive.diversity import BADGE, LCMD, CoreSet, GradientLCMD
from skactive.nets import NetClassifier, NetRegressor, VAEEmbedding
from skactive.nets.modules import MLP
from skactive.uncertainty import EntropySampling, HistorySampling, MarginSampling

pytestmark = pytest.mark.deep

X, Y = load_diabetes(return_X_y=True)
X = StandardScaler().fit_transform(X)[:120].astype(np.float32)
Y = 1e5 * Y[:120]
NET = NetRegressor(module__hidden=(7,), max_epochs=3)
PLAIN = NeuralNetRegressor(
    MLP, module__n_features=10, module__n_classes=1, max_epochs=2, lr=1e-12, verbose=0
)
PIPELINE = make_pipeline(StandardScaler(), NET)


def coder():
    return VAEEmbedding(latent_dim=2, width=4, n_iterations=2)


def learner(model, strategy, **settings):
    given = {"n_initial": 20, "budget": 10, "batch_size": 5, "random_state": 0}
    return ActiveLearner(model, strategy, **{**given, **settings})


SERVES = {
    "LL4AL": LL4AL(),
    "JointReconstruction": JointReconstruction(),
    "VAAL": VAAL(autoencoder=coder()),
    "ReconstructionSampling": ReconstructionSampling(autoencoder=coder()),
    "UncertainGCN": UncertainGCN(max_epochs=2),
    "CoreGCN": CoreGCN("estimator", max_epochs=2),
    "CoreSet": CoreSet("estimator"),
    "LCMD": LCMD("estimator"),
    "a part of LL4AL": PoolSubsampling(LL4AL(), max_pool=50),
}


@pytest.mark.parametrize("net", [NET, PIPELINE], ids=["net", "pipeline"])
@pytest.mark.parametrize("name", SERVES)
def test_who_serves_a_net_of_numbers(name, net):
    fitted = learner(net, clone(SERVES[name])).fit(X, Y)
    assert fitted.history_["n_labeled"] == [20, 25, 30]
    assert len(np.unique(fitted.queried_indices_)) == 30
    assert is_regressor(fitted) and np.isfinite(fitted.predict(X)).all()
    again = learner(net, clone(SERVES[name])).fit(X, Y)
    assert_array_equal(again.queried_indices_, fitted.queried_indices_)
    hidden = np.where(np.isin(np.arange(120), fitted.queried_indices_), Y, -Y)
    blind = learner(net, clone(SERVES[name])).fit(X, hidden)  # decision 15
    assert_array_equal(blind.queried_indices_, fitted.queried_indices_)


REFUSES = {
    "TaskAwareViT": TaskAwareViT,
    "MoBYv2AL": MoBYv2AL,
    "REVIVAL": REVIVAL,
    "DFAL": DFAL,
    "SRAAL": partial(SRAAL, autoencoder=coder()),
    "BADGE": BADGE,
    "BALD": BALD,
    "GradientLCMD": GradientLCMD,
    "EntropySampling": EntropySampling,
    "MarginSampling": MarginSampling,
    "HistorySampling": HistorySampling,
}
MODELS = {
    "net": NET,
    "skorch": PLAIN,
    "pipeline": PIPELINE,
    "plain pipeline": make_pipeline(StandardScaler(), PLAIN),
    "ridge": Ridge(),
}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", REFUSES)
def test_who_needs_classes_says_so_before_a_label_is_paid(name, model):
    paid = []

    def oracle(rows, samples):
        paid.append(rows)
        return Y[rows]

    model, make = MODELS[model], REFUSES[name]
    words = "(?s)needs a classifier.*LCMD, CoreSet.*LL4AL beside"
    ways = [(model, make()), (model, PoolSubsampling(make()))]
    if not isinstance(model, Ridge):
        ways.append((None, make(estimator=model)))
    for own, strategy in ways:
        with pytest.raises(ValueError, match=words):
            learner(own, strategy, oracle=oracle).fit(X)
    assert not paid
    with pytest.raises(ValueError, match=words):
        make(estimator=model).fit(X[:20], Y[:20], X[20:])


#: Nets that are not of the kind of the learner's model.
MIXED = {
    "no net": (Ridge(), LL4AL(), "numbers.*NetClassifier.*Pass.*NetRegressor"),
    "within": (
        TransformedTargetRegressor(NET),
        LL4AL(),
        "numbers.*NetClassifier.*Pass.*NetRegressor",
    ),
    "classes inside": (Ridge(), LL4AL(NetClassifier()), "numbers.*Pass.*NetRegressor"),
    "numbers inside": (
        LogisticRegression(),
        LL4AL(NET),
        "classes.*Pass.*NetClassifier",
    ),
    "warm": (clone(NET).set_params(warm_start=True), LL4AL(), "without warm_start"),
    "warm inside": (
        None,
        LL4AL(clone(NET).set_params(warm_start=True)),
        "has warm_start=True",
    ),
    "a loss": (NET, LL4AL(loss=lambda o, y: (o[:, 0] - y) ** 2), "has a criterion"),
    "not a net": (None, LL4AL(Ridge()), "plain skorch"),
}


@pytest.mark.parametrize("case", MIXED)
def test_a_net_of_another_kind_is_refused_before_a_label_is_paid(case):
    model, strategy, words = MIXED[case]
    paid = []

    def oracle(rows, samples):
        paid.append(rows)
        return Y[rows]

    with pytest.raises((ValueError, TypeError), match=words):
        learner(model, strategy, oracle=oracle).fit(X)
    assert not paid


def test_two_models_of_numbers_go_together():
    fitted = learner(Ridge(), LL4AL(NET)).fit(X, Y)
    assert isinstance(fitted.estimator_, Ridge)
    assert isinstance(fitted.strategy_.estimator_, NetRegressor)


# ------------------------------------------------------------------------------ LL4AL


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api")
def test_scikit_learn_finds_no_fault_in_a_regressor():
    strategy = LL4AL(NetRegressor(lr=0.05, max_epochs=4))
    results = check_estimator(strategy, on_skip=None, on_fail=None)
    assert len(results) >= 50
    assert {r["status"] for r in results if "array_api" not in r["check_name"]} == {
        "passed"
    }


@pytest.mark.parametrize("net", [NET, PLAIN], ids=["net", "skorch"])
def test_alone_it_is_a_regressor(net):
    strategy = LL4AL(net, random_state=0)
    assert is_regressor(strategy) and get_tags(strategy).regressor_tags is not None
    fitted = strategy.fit(X[:60], Y[:60], X[60:])
    assert type(fitted.estimator_) is NetRegressor
    assert not hasattr(fitted, "predict_proba") and not hasattr(fitted, "classes_")
    assert fitted.score(X, Y) == fitted.estimator_.score(X, Y)
    said, Z, losses = fitted.predict_all(X)
    assert_array_equal(said, fitted.predict(X))
    assert (
        said.shape == losses.shape == (120,)
        and Z.shape[1] == fitted.transform(X).shape[1]
    )
    twin = pickle.loads(pickle.dumps(fitted))
    assert_array_equal(twin.score_samples(X), fitted.score_samples(X))
    assert_array_equal(twin.query(5), fitted.query(5))


def test_without_the_pair_loss_it_is_the_net_alone():
    net = NetRegressor(max_epochs=4, random_state=3)
    beside = LL4AL(net).fit(X[:60], Y[:60])
    assert_array_equal(beside.predict(X), net.fit(X[:60], Y[:60]).predict(X))
    trained = LL4AL.from_preset("paper", net).fit(X[:60], Y[:60])
    assert not np.array_equal(trained.predict(X), beside.predict(X))


def test_joint_it_is_trained_once_a_round_and_predicts():
    joint = learner(None, LL4AL(NET)).fit(X, Y)
    assert joint.estimator_ is joint.strategy_ and is_regressor(joint)
    assert joint.score(X, Y) == joint.strategy_.score(X, Y)
    assert np.isfinite(cross_val_score(learner(None, LL4AL(NET)), X, Y, cv=2)).all()


def test_the_loss_is_learned_where_numbers_are_noisy():
    """Where the first feature is large nobody can predict the number."""
    rng = np.random.RandomState(0)
    samples = rng.normal(size=(400, 3)).astype(np.float32)
    noisy = samples[:, 0] > 0
    y = 1e5 * (samples[:, 1] + noisy * rng.normal(0, 2, 400))
    net = NetRegressor(max_epochs=20)
    strategy = LL4AL(net, random_state=0).fit(samples[:250], y[:250])
    losses = strategy.predict_loss(samples[250:])
    where = noisy[250:]
    ranked = (losses[where][:, None] > losses[~where]).mean()
    assert ranked > 0.8
    other = LL4AL(net, random_state=0).fit(samples[:250], y[:250] / 1e5)
    np.testing.assert_allclose(
        other.predict_loss(samples), strategy.predict_loss(samples), atol=1e-3
    )


@pytest.mark.parametrize("width", [1, 2])
def test_several_numbers(width):
    y = np.c_[Y, X[:, 0]][:, :width]
    fitted = LL4AL(NET, random_state=0)
    if width == 1:
        with pytest.warns(UserWarning, match="column-vector"):
            fitted.fit(X[:60], y[:60], X[60:])
    else:
        fitted.fit(X[:60], y[:60], X[60:])
    assert fitted.predict(X).shape == ((120,) if width == 1 else (120, 2))
    assert len(fitted.query(5)) == 5


def test_a_warm_start_continues_and_files_are_read(tmp_path):
    strategy = LL4AL(NET, warm_start=True, random_state=0)
    loss = [strategy.fit(X[:60], Y[:60]).history_["task_loss"][0] for _ in range(3)]
    assert loss[0] > loss[1] > loss[2]
    strategy.save_params(tmp_path / "net.pt")
    read = clone(strategy).load_params(tmp_path / "net.pt")
    assert_array_equal(read.predict(X), strategy.predict(X))
    assert_array_equal(read.score_samples(X), strategy.score_samples(X))


def test_images_have_a_default_module():
    images = np.random.RandomState(0).randint(256, size=(30, 1, 8, 8)).astype(np.uint8)
    y = images.mean(axis=(1, 2, 3))
    fitted = learner(NetRegressor(max_epochs=1), LL4AL(), n_initial=8).fit(images, y)
    assert fitted.predict(images).shape == (30,)
