"""What trains a net trains it on a GPU: every shell, on classes, masks and boxes."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.datasets import make_blobs

from skactive import ActiveLearner
from skactive.deep import (
    LL4AL,
    REVIVAL,
    SRAAL,
    VAAL,
    CoreGCN,
    TaskAwareViT,
    UncertainGCN,
)
from skactive.deep.revival._gcn_propagator import GCNPropagator
from skactive.deep.revival._sgc_propagator import SGCPropagator
from skactive.disagreement import BALD
from skactive.diversity import PPAL, CoreSet, ForegroundRandomSampling
from skactive.nets import (
    DropoutCommittee,
    MoBYEncoder,
    ModuleEmbedding,
    NetClassifier,
    NetDetector,
    NetRegressor,
    NetSegmenter,
    VAEEmbedding,
)
from skactive.uncertainty import CALD, EntropySampling, LocalizationStability
from tests.nets.test_joint_on_masks_and_boxes import ANSWERS, NETS
from tests.nets.test_joint_on_masks_and_boxes import X as IMAGES
from tests.nets.test_shells import SHELLS, WEIGHTS, LeNet, Net

DEVICE = "cuda"
pytestmark = [
    pytest.mark.deep,
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available(), reason="needs a CUDA device, there is none"
    ),
]

X, y = make_blobs(24, 4, centers=3, random_state=0)
X = X.astype(np.float32) / 10
PICTURES = np.random.RandomState(0).normal(size=(24, 1, 8, 8)).astype(np.float32)


def coder(device=DEVICE):
    return VAEEmbedding(latent_dim=4, width=4, n_iterations=2, device=device)


def on(device, module=Net, **settings):
    given = {"max_epochs": 2, "random_state": 0, "module": module, **settings}
    return NetClassifier(device=device, **given)


@pytest.fixture(autouse=True)
def the_generator_is_left_alone():
    before = torch.cuda.get_rng_state()
    yield
    assert torch.equal(torch.cuda.get_rng_state(), before)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("samples", ["table", "images"])
@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_trains_and_asks(shell, samples, precision):
    given = X if samples == "table" else PICTURES
    module = Net if samples == "table" else LeNet
    net = on(DEVICE, module, precision=precision, criterion__weight=WEIGHTS)
    answer = SHELLS[shell](net, given, y)
    assert np.isfinite(answer).all()
    if answer.ndim == 1:
        assert len(set(answer.tolist())) == 3


def test_a_trained_net_is_that_of_the_cpu():
    nets = [on(device, NoDropout, max_epochs=20) for device in ("cpu", DEVICE)]
    proba = [net.fit(X, y).predict_proba(X) for net in nets]
    assert_allclose(*proba, atol=1e-3)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_net_of_numbers_is_that_of_the_cpu(columns):
    numbers = 1e5 * X[:, :columns] if columns > 1 else 1e5 * X[:, 0]
    nets = [
        NetRegressor(max_epochs=20, random_state=0, device=device)
        for device in ("cpu", DEVICE)
    ]
    said = [net.fit(X, numbers).predict(X) for net in nets]
    assert_allclose(*said, rtol=1e-2, atol=100)
    copy = pickle.loads(pickle.dumps(nets[1]))
    assert_allclose(copy.predict(X), said[1], atol=1)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_strategies_beside_a_net_of_numbers(precision):
    given = {"max_epochs": 2, "device": DEVICE, "precision": precision}
    for samples in (X, PICTURES):
        for strategy in (LL4AL(), CoreSet("estimator"), VAAL(autoencoder=coder())):
            net, numbers = NetRegressor(**given), 1e5 * X[:, 0]
            learner = ActiveLearner(net, strategy, n_initial=6, budget=4, batch_size=2)
            learner.set_params(random_state=0).fit(samples, numbers)
            assert learner.history_["n_labeled"] == [6, 8, 10]
            assert np.isfinite(learner.predict(samples)).all()


class NoDropout(Net):
    def __init__(self, n_features=4, n_classes=3, end=None):
        super().__init__(n_features, n_classes, end)
        self.drop = torch.nn.Identity()


@pytest.mark.parametrize("kind", NETS)
def test_masks_and_boxes_are_those_of_the_cpu(kind):
    nets = [
        clone(NETS[kind]).set_params(device=device, max_epochs=10)
        for device in ("cpu", DEVICE)
    ]
    scores = [
        net.fit(IMAGES, ANSWERS[kind]).score(IMAGES, ANSWERS[kind]) for net in nets
    ]
    assert abs(scores[0] - scores[1]) < 0.1
    assert_allclose(*(net.transform(IMAGES) for net in nets), rtol=0.1, atol=0.1)
    copy = pickle.loads(pickle.dumps(nets[1]))
    assert_allclose(copy.transform(IMAGES), nets[1].transform(IMAGES), atol=1e-5)


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("strategy", [
    EntropySampling(),
    CoreSet("estimator"),
    ForegroundRandomSampling(),
    LL4AL(),
    TaskAwareViT(),
    VAAL(autoencoder=coder()),
    SRAAL(autoencoder=coder(), stl_weight=0),
    CALD(),
    LocalizationStability(),
    PPAL(),
    BALD(),
], ids=lambda strategy: type(strategy).__name__)  # fmt: skip
def test_strategies_on_masks_and_boxes(strategy, kind):
    name = type(strategy).__name__
    if name in ("SRAAL", "BALD") and kind == "boxes":
        pytest.skip("refused on boxes")
    if name in ("CALD", "LocalizationStability", "PPAL") and kind == "masks":
        pytest.skip("of boxes alone")
    strategy = clone(strategy)
    net = clone(NETS[kind]).set_params(device=DEVICE)
    if name == "BALD":
        net.set_params(module__dropout=0.2)
        strategy.set_params(estimator=DropoutCommittee(net, n_members=2))
    learner = ActiveLearner(net, strategy, n_initial=6, budget=4, batch_size=2)
    learner.set_params(random_state=0).fit(IMAGES, ANSWERS[kind])
    assert learner.history_["n_labeled"] == [6, 8, 10]


@pytest.mark.parametrize("strategy", [
    VAAL(autoencoder=coder()),
    SRAAL(on(DEVICE), autoencoder=coder()),
    UncertainGCN(device=DEVICE),
    CoreGCN(device=DEVICE),
    REVIVAL(on(DEVICE), propagator=GCNPropagator(device=DEVICE)),
    REVIVAL(on(DEVICE), propagator=SGCPropagator(device=DEVICE)),
], ids=str)  # fmt: skip
def test_strategies_with_a_device_of_their_own(strategy):
    strategy = clone(strategy).set_params(random_state=0).fit(X[:12], y[:12], X[12:])
    assert len(set(strategy.query(4).tolist())) == 4


def test_encoders_give_arrays_that_a_cpu_reads():
    for encoder in (coder(), MoBYEncoder(on(DEVICE), random_state=0)):
        Z = encoder.fit(X).transform(X)
        assert isinstance(Z, np.ndarray)
        assert np.isfinite(Z).all()


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_frozen_module_embeds_as_on_the_cpu(precision):
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Flatten())
    X = np.random.RandomState(0).randint(256, size=(9, 3, 8, 8)).astype(np.uint8)
    wanted = ModuleEmbedding(module).fit_transform(X)
    embedding = ModuleEmbedding(module, precision=precision, device="cuda").fit(X)
    assert_allclose(embedding.transform(X), wanted, atol=0.05)
    assert not next(module.parameters()).is_cuda
    assert next(embedding.module_.parameters()).is_cuda


def test_nothing_of_a_net_is_left_in_memory():
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    NetSegmenter(module__width=4, max_epochs=1, device=DEVICE).fit(
        IMAGES, ANSWERS["masks"]
    )
    NetDetector(module__width=4, max_epochs=1, device=DEVICE).fit(
        IMAGES, ANSWERS["boxes"]
    )
    assert torch.cuda.memory_allocated() <= before + 2**20
