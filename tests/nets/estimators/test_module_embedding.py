"""A frozen net of any library, as a transformer."""

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn
from torchvision.models import resnet18

from skactive.diversity import CoreSet
from skactive.nets import ModuleEmbedding, NetClassifier, VAEEmbedding
from skactive.utils import needs_labels
from skactive.utils._fitting import learns_nothing

pytestmark = pytest.mark.deep


def images(n=10, size=16):
    rng = np.random.RandomState(0)
    return rng.randint(256, size=(n, 3, size, size)).astype(np.uint8)


@pytest.fixture(scope="module")
def resnet():
    torch.manual_seed(0)
    return resnet18(weights=None)


def state(module):
    """Return all that may change in a module."""
    return {
        "weights": {k: v.clone() for k, v in module.state_dict().items()},
        "modes": [m.training for m in module.modules()],
        "grads": [p.requires_grad for p in module.parameters()],
        "strides": [p.stride() for p in module.parameters()],
        "hooks": [len(m._forward_hooks) for m in module.modules()],
    }


def assert_same_state(one, other):
    assert one["weights"].keys() == other["weights"].keys()
    for k, v in one["weights"].items():
        assert torch.equal(v, other["weights"][k]), k
    for key in ("modes", "grads", "strides", "hooks"):
        assert one[key] == other[key], key


@parametrize_with_checks([ModuleEmbedding(nn.Identity())])
def test_scikit_learn(estimator, check):
    check(estimator)


def test_a_net_of_torchvision_gives_what_its_layer_gives(resnet):
    X = images()
    Z = ModuleEmbedding(resnet, "avgpool", batch_size=4).fit_transform(X)
    with torch.no_grad():
        net = copy.deepcopy(resnet).eval()
        net.fc = nn.Identity()
        wanted = net(torch.from_numpy(X) / 255).numpy()
    assert Z.dtype == np.float32 and Z.shape == (10, 512)
    assert_allclose(Z, wanted, rtol=1e-4, atol=1e-5)


def test_an_encoder_that_was_trained_here_embeds_as_it_does():
    X, y = images(30), np.arange(30) % 3
    net = NetClassifier(module__width=4, max_epochs=2, random_state=0).fit(X, y)
    module = net.net_.module_
    Z = ModuleEmbedding(module, "embed").fit_transform(X)
    assert_allclose(Z, net.transform(X), rtol=1e-4, atol=1e-5)
    logits = ModuleEmbedding(module).fit_transform(X)
    assert_array_equal(logits.argmax(axis=1), net.predict(X))
    coder = VAEEmbedding(latent_dim=4, width=4, n_iterations=4).fit(X)
    mean = ModuleEmbedding(
        coder.net_.vae, lambda module, batch: module.encode(batch * 2 - 1)[0]
    )
    assert_allclose(mean.fit_transform(X), coder.transform(X), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("layout", [True, False])
@pytest.mark.parametrize("output", [None, "avgpool", "layer1.0.bn1", "_forward_impl"])
def test_the_module_given_is_never_changed(resnet, output, layout):
    resnet.train()
    resnet.bn1.eval()
    before = state(resnet)
    embedding = ModuleEmbedding(resnet, output, channels_last=layout)
    embedding.fit(images()).transform(images())
    assert_same_state(state(resnet), before)
    assert embedding.module is resnet
    assert not any(m.training for m in embedding.module_.modules())
    assert not any(p.requires_grad for p in embedding.module_.parameters())


def test_training_goes_on_without_the_fitted_copy():
    module = nn.Linear(3, 2)
    X = np.random.RandomState(0).rand(5, 3).astype(np.float32)
    embedding = ModuleEmbedding(module).fit(X)
    before = embedding.transform(X)
    with torch.no_grad():
        module.weight.add_(1)
    assert_array_equal(embedding.transform(X), before)
    assert not np.allclose(embedding.fit(X).transform(X), before)


def test_a_clone_has_the_module_itself_and_a_pickle_a_copy(resnet):
    X = images(4)
    embedding = ModuleEmbedding(resnet, "avgpool").set_output(transform="default")
    nested = make_pipeline(embedding, PCA(2))
    assert clone(nested)[0].module is resnet
    twin = clone(embedding.fit(X))
    assert twin.module is resnet and not hasattr(twin, "module_")
    assert twin.get_params() == embedding.get_params()
    assert twin._sklearn_output_config == {"transform": "default"}
    with pytest.raises(NotFittedError):
        twin.transform(X)
    stored = io.BytesIO(pickle.dumps(embedding))
    assert_array_equal(pickle.load(stored).transform(X), embedding.transform(X))


def test_labels_are_not_needed_and_nothing_is_learned(resnet):
    embedding = ModuleEmbedding(resnet)
    assert not needs_labels(embedding) and learns_nothing(embedding)
    assert not get_tags(embedding).target_tags.required
    Z = [ModuleEmbedding(resnet).fit(images(n)).transform(images(3)) for n in (1, 9)]
    assert_array_equal(*Z)


class Noisy(nn.Module):
    def forward(self, X):
        return X.flatten(1) + torch.rand(len(X), 1)


def test_generators_are_left_alone_and_noise_is_the_same():
    X = np.zeros((6, 2), np.float32)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    embedding = ModuleEmbedding(Noisy()).fit(X)
    first = embedding.transform(X)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(1)
    assert_array_equal(embedding.transform(X), first)


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_rows_do_not_depend_on_the_batch(resnet, batch_size):
    X = images()
    whole = ModuleEmbedding(resnet, "avgpool").fit_transform(X)
    parts = ModuleEmbedding(resnet, "avgpool", batch_size=batch_size).fit(X)
    assert_allclose(parts.transform(X), whole, rtol=1e-4, atol=1e-5)
    assert_allclose(parts.transform(X[3:5]), whole[3:5], rtol=1e-4, atol=1e-5)


def test_a_layer_before_one_that_works_in_place(resnet):
    X = images()
    Z = ModuleEmbedding(resnet, "layer1.0.bn1").fit_transform(X)
    assert (Z < 0).any()  # a ReLU in place follows


def test_precision_and_doubles(resnet):
    X = images()
    exact = ModuleEmbedding(resnet, "avgpool").fit_transform(X)
    half = ModuleEmbedding(resnet, "avgpool", precision="bf16").fit_transform(X)
    assert half.dtype == np.float32 and not np.array_equal(half, exact)
    assert np.abs(half - exact).max() < 0.05 * np.abs(exact).max()
    double = ModuleEmbedding(copy.deepcopy(resnet).double(), "avgpool")
    assert_allclose(double.fit_transform(X), exact, rtol=1e-3, atol=1e-4)


class Viewing(nn.Module):
    """Does not run in channels-last format."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, X):
        X = self.conv(X)
        return X.view(len(X), -1)


@pytest.mark.parametrize(
    "module, X",
    [
        (Viewing(), images()),
        (nn.Sequential(nn.Embedding(9, 4), nn.Flatten()), np.arange(8).reshape(4, 2)),
        (nn.Sequential(nn.Conv1d(2, 3, 3)), np.ones((4, 2, 7), np.float32)),
        (nn.TransformerEncoderLayer(8, 2, batch_first=True), np.ones((4, 5, 8))),
        (nn.utils.parametrizations.weight_norm(nn.Linear(3, 2)), np.ones((4, 3))),
        (torch.compile(nn.Linear(3, 2), backend="eager"), np.ones((4, 3))),
        (torch.fx.symbolic_trace(nn.Linear(3, 2)), np.ones((4, 3))),
        (nn.Linear(3, 2), [[1, 2, 3], [4, 5, 6]]),
        (nn.Flatten(), [torch.ones(3, 4, 4), torch.zeros(3, 4, 4)]),
    ],
)
def test_modules_and_samples_of_many_kinds(module, X):
    embedding = ModuleEmbedding(module)
    Z = embedding.fit_transform(X)
    assert Z.dtype == np.float32 and Z.ndim == 2 and len(Z) == len(X)
    assert embedding.get_feature_names_out()[0] == "moduleembedding0"
    assert len(embedding.get_feature_names_out()) == Z.shape[1]


def test_threads_share_a_fitted_embedding(resnet):
    X = images(40)
    embedding = ModuleEmbedding(resnet, "layer1", batch_size=2).fit(X)
    wanted = [embedding.transform(X[k : k + 10]) for k in range(0, 40, 10)]
    with ThreadPoolExecutor(4) as pool:
        parts = [X[k : k + 10] for k in range(0, 40, 10)] * 3
        for k, Z in enumerate(pool.map(embedding.transform, parts)):
            assert_array_equal(Z, wanted[k % 4])


@pytest.mark.parametrize(
    "module, words",
    [
        (nn.Linear, "Pass an instance, with its trained weights"),
        (resnet18, "must be a torch.nn.Module; got <function"),
        (None, "must be a torch.nn.Module; got None"),
        ("resnet18", "must be a torch.nn.Module; got 'resnet18'"),
        (NetClassifier(), "the module is net.net_.module_"),
    ],
)
def test_what_is_no_module_is_refused(module, words):
    with pytest.raises(TypeError, match=words):
        ModuleEmbedding(module).fit(images())


@pytest.mark.parametrize(
    "output, words",
    [
        ("pool", "has no layer or method of that name. Its layers: conv1, bn1"),
        ("", "output='', and ResNet has no layer"),
        ("inplanes", "output='inplanes', and ResNet has no layer or method"),
        (lambda module, batch: module(batch)[:, 0], r"gave \(1,\). Name a layer"),
        (lambda module, batch: {"a": batch}, "gave dict"),
        (lambda module, batch: None, "gave NoneType"),
        (lambda module, batch: 1 / 0, "fails on a sample.*ZeroDivisionError"),
    ],
)
def test_an_output_that_is_not_there_is_refused_in_fit(resnet, output, words):
    with pytest.raises(ValueError, match=words):
        ModuleEmbedding(resnet, output).fit(images())


def test_faults_of_module_and_samples_are_said_in_words(resnet):
    with pytest.raises(ValueError, match=r"a Linear, fails on a sample of shape \(3,"):
        ModuleEmbedding(nn.Linear(7, 2)).fit(images())
    with pytest.raises(ValueError, match="lazy and has weights that were never made"):
        ModuleEmbedding(nn.LazyLinear(2)).fit(images())
    with pytest.raises(ValueError, match="The 'output' parameter"):
        ModuleEmbedding(resnet, 3).fit(images())
    with pytest.raises(ValueError, match="device='tpu9'"):
        ModuleEmbedding(resnet, device="tpu9").fit(images())
    embedding = ModuleEmbedding(resnet).fit(images())
    with pytest.raises(ValueError, match=r"was fitted on samples of shape \(3, 16, 16"):
        embedding.transform(images(size=8))
    with pytest.raises(ValueError, match="fit was given images as uint8"):
        embedding.transform(images().astype(np.float32))


def test_it_serves_as_an_embedding(resnet):
    X, X_pool = images(6), images(20)
    strategy = CoreSet(ModuleEmbedding(resnet, "avgpool"), random_state=0)
    picks = strategy.fit(X, np.zeros(6), X_pool).query(5)
    alone = CoreSet(ModuleEmbedding(resnet, "avgpool"), random_state=0)
    assert_array_equal(alone.fit(X, None, X_pool).query(5), picks)
    assert strategy.embedding.module is resnet


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_scripts_are_taken_and_what_cannot_be_copied_is_said():
    X = np.ones((4, 3), np.float32)
    module = nn.Linear(3, 2)
    scripted = ModuleEmbedding(torch.jit.script(module)).fit_transform(X)
    assert_allclose(scripted, ModuleEmbedding(module).fit_transform(X), rtol=1e-5)
    module = nn.utils.weight_norm(nn.Linear(3, 2))
    module(torch.ones(1, 3))
    with pytest.raises(ValueError, match="a Linear, cannot be copied, and the one"):
        ModuleEmbedding(module).fit(X)
