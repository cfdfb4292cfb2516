"""What MLP, ResNet and VGG have in common: sizes, counts, precision, copies."""

import copy
import pickle

import pytest
import torch
from torch import nn

from skactive.nets.modules import MLP, VGG, ResNet

SMALL_VGG = {"width": 4, "grid": 1, "hidden": 16}
IMAGE_NETS = {
    "resnet": lambda: ResNet(3, 5, width=4, blocks=(1, 2)),
    "vgg": lambda: VGG(3, 5, **SMALL_VGG),
}
NETS = {
    "mlp": (lambda: MLP(7, 5, hidden=(16, 8), dropout=0.2), (7,)),
    **{name: (make, (3, 16, 16)) for name, make in IMAGE_NETS.items()},
}


def count(module):
    return sum(p.numel() for p in module.parameters())


def on_meta(make):
    """Build without memory or random numbers, for the sake of the count."""
    with torch.device("meta"):
        return make()


@pytest.fixture(params=NETS)
def case(request):
    """A seeded net and a batch for it."""
    make, shape = NETS[request.param]
    torch.manual_seed(0)
    return make(), torch.randn(6, *shape)


@pytest.mark.parametrize(
    "make, n_parameters",
    [
        (lambda: VGG(3, 10), 134_309_962),
        (lambda: VGG(3, 10, grid=1), 134_309_962 - (49 - 1) * 512 * 4096),
        (lambda: ResNet(3, 10, width=64, blocks=(2, 2, 2, 2)), 11_173_962),
        # By hand: 4*16+16 + 16*8+8 + 8*3+3.
        (lambda: MLP(4, 3, hidden=(16, 8)), 243),
        (lambda: MLP(4, 3, hidden=()), 15),
        # SRAAL's classifier on half of a latent of 200.
        (lambda: MLP(100, 100, hidden=(1024, 256)), 391_524),
    ],
)
def test_parameters_are_as_many_as_published_or_counted(make, n_parameters):
    assert count(on_meta(make)) == n_parameters


def test_logits_are_the_head_of_the_embedding(case):
    net, X = case
    net.eval()
    Z = net.embed(X)
    assert Z.ndim == 2 and Z.shape[1] == net.head.in_features
    assert torch.equal(net(X), net.head(Z))
    assert net(X).shape == (6, 5)


def test_a_batch_of_one_agrees_with_a_batch_of_many_in_eval(case):
    net, X = case
    net.eval()
    torch.testing.assert_close(net(X[:1]), net(X)[:1], rtol=1e-4, atol=1e-5)


def test_gradient_reaches_every_parameter(case):
    net, X = case
    for layer in net.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    # A start at N(0, 0.01) leaves gradients of the first layers near zero, not zero.
    nn.functional.cross_entropy(net(X), torch.arange(6) % 5).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, name


def test_the_seed_of_torch_decides_the_weights(case):
    make = {MLP: NETS["mlp"], ResNet: NETS["resnet"], VGG: NETS["vgg"]}[type(case[0])]
    flat = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        flat.append(nn.utils.parameters_to_vector(make[0]().parameters()))
    assert torch.equal(flat[0], flat[1])
    assert not torch.equal(flat[0], flat[2])


def test_copies_and_pickles_compute_the_same(case):
    net, X = case
    net.eval()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert torch.equal(other(X), net(X))
        assert other.tap_names == net.tap_names


def test_bfloat16_autocast_stays_near_float32(case):
    net, X = case
    net.eval()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low = net(X)
    assert low.dtype == torch.bfloat16
    exact = net(X)
    assert (low.float() - exact).abs().max() <= 0.05 * exact.abs().max()


def test_double_precision_is_kept(case):
    net, X = case
    assert net.double()(X.double()).dtype == torch.float64


def test_taps_name_layers(case):
    net, _ = case
    assert net.tap_names
    assert set(net.tap_names) <= {name for name, _ in net.named_modules()}


@pytest.mark.parametrize("make", IMAGE_NETS.values(), ids=IMAGE_NETS)
@pytest.mark.parametrize("size", [(8, 8), (9, 13), (28, 28), (33, 8), (1, 1)])
def test_images_of_any_size_are_taken(make, size):
    net = make().eval()
    logits = net(torch.zeros(2, 3, *size))
    assert logits.shape == (2, 5)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("make", IMAGE_NETS.values(), ids=IMAGE_NETS)
def test_channels_last_computes_the_same(make):
    torch.manual_seed(0)
    net, X = make().eval(), torch.randn(4, 3, 9, 13)
    logits = net(X)
    net = net.to(memory_format=torch.channels_last)
    again = net(X.to(memory_format=torch.channels_last))
    torch.testing.assert_close(again, logits, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("blocks", [(), (1, 0)])
@pytest.mark.parametrize("net", [ResNet, VGG])
def test_a_stage_without_layers_is_refused(net, blocks):
    with pytest.raises(ValueError, match="blocks must give each stage"):
        net(3, 2, blocks=blocks)
