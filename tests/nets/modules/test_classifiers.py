"""MLP, ResNet and VGG: sizes, counts, starts, and agreement with torchvision."""

import copy
import math
import pickle

import pytest
import torch
from torch import nn
from torchvision.models import resnet, vgg

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


@pytest.mark.parametrize("shape", [(6, 8), (7,), (6, 1, 7), (2, 3, 7, 7)])
def test_mlp_refuses_what_is_not_its_table(shape):
    with pytest.raises(ValueError, match=r"shape \(n, 7\)"):
        MLP(7, 2)(torch.zeros(shape))


def test_mlp_without_hidden_layers_is_linear():
    net, X = MLP(7, 2, hidden=()), torch.randn(3, 7)
    assert torch.equal(net.embed(X), X)
    assert torch.equal(net(X), X @ net.head.weight.T + net.head.bias)
    assert net.tap_names == ()


def test_dropout_acts_in_training_only():
    torch.manual_seed(0)
    net, X = MLP(7, 2, hidden=(64,), dropout=0.5), torch.randn(3, 7)
    assert not torch.equal(net(X), net(X))
    net.eval()
    assert torch.equal(net(X), net(X))


@pytest.mark.parametrize("blocks", [(), (1, 0)])
@pytest.mark.parametrize("net", [ResNet, VGG])
def test_a_stage_without_layers_is_refused(net, blocks):
    with pytest.raises(ValueError, match="blocks must give each stage"):
        net(3, 2, blocks=blocks)


# ------------------------------------------------------- torchvision as the reference


def load_by_order(module, reference):
    """Give a module the weights of another whose layers are in the same order."""
    theirs = list(reference.state_dict().values())
    names = list(module.state_dict())
    assert len(names) == len(theirs)
    module.load_state_dict(dict(zip(names, theirs)))


def scatter_statistics(module):
    """Let no batch normalization be the identity."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean, std=0.1)
            nn.init.uniform_(layer.running_var, 0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 2)
            nn.init.normal_(layer.bias)


def test_resnet_agrees_with_torchvision_but_for_the_stem():
    torch.manual_seed(0)
    reference = resnet.resnet18(num_classes=10)
    reference.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    reference.maxpool = nn.Identity()
    scatter_statistics(reference)
    net = ResNet(3, 10, width=64, blocks=(2, 2, 2, 2))
    load_by_order(net, reference)
    X = torch.randn(2, 3, 9, 12)
    torch.testing.assert_close(net.eval()(X), reference.eval()(X))


def test_vgg_stages_agree_with_torchvision_where_sides_halve():
    torch.manual_seed(0)
    layout = [[4] * 2, [8] * 2, [16] * 3, [32] * 3, [32] * 3]
    layers = [layer for stage in layout for layer in [*stage, "M"]]
    reference = vgg.make_layers(layers, batch_norm=True)
    scatter_statistics(reference)
    stages = VGG(3, 10, **SMALL_VGG).stages
    load_by_order(stages, reference)
    X = torch.randn(2, 3, 64, 32)
    torch.testing.assert_close(stages.eval()(X), reference.eval()(X))
    # 28: 14, 7, 3, 1 and nothing; rounded up: 14, 7, 4, 2, 1.
    assert stages(torch.zeros(1, 3, 28, 28)).shape == (1, 32, 1, 1)


def test_vgg_neck_and_head_are_those_of_torchvision():
    theirs = on_meta(lambda: vgg.vgg16_bn(num_classes=10))
    ours = on_meta(lambda: VGG(3, 10))
    assert [p.shape for p in ours.state_dict().values()] == [
        p.shape for p in theirs.state_dict().values()
    ]
    assert [type(m) for m in ours.neck[2:]] == [type(m) for m in theirs.classifier[:-1]]
    assert ours.neck[4].p == theirs.classifier[2].p == 0.5


def test_vgg_starts_as_published():
    torch.manual_seed(0)
    net = VGG(3, 10, width=32, grid=1, hidden=256)
    convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 13
    for conv in convolutions[2:]:
        fan_out = conv.out_channels * 9
        assert conv.weight.std().item() == pytest.approx(
            math.sqrt(2 / fan_out), rel=0.03
        )
        assert conv.weight.abs().max() > 3 * conv.weight.std()  # normal, not uniform
        assert not conv.bias.any()
    for linear in (net.neck[2], net.neck[5], net.head):
        assert linear.weight.std().item() == pytest.approx(0.01, rel=0.03)
        assert not linear.bias.any()
