"""VAE and MLPVAE: exact sizes, published counts and starts, the latent, the KL."""

import copy
import math

import pytest
import torch
from torch import nn

from skactive.nets.modules import MLP, MLPVAE, VAE, gaussian_kl

CASES = {
    "image": (lambda **kw: VAE(3, (9, 13), latent_dim=6, width=4, **kw), (3, 9, 13)),
    "table": (lambda **kw: MLPVAE(7, latent_dim=6, hidden=(16, 8), **kw), (7,)),
}


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(params=CASES)
def case(request):
    """A seeded autoencoder and a batch for it."""
    make, shape = CASES[request.param]
    torch.manual_seed(0)
    return make(), torch.randn(5, *shape)


def test_the_reference_has_the_published_parameters():
    with torch.device("meta"):
        vae = VAE(3, 32)
    assert count(vae) == 22_835_139
    assert count(vae.encoder) == 11_020_032
    assert count(vae.mu) + count(vae.log_var) == 262_208
    assert count(vae.decoder) == 11_552_899


def test_the_reference_has_the_published_maps():
    with torch.device("meta"):
        vae = VAE(3, 32)
        X, sides = torch.zeros(1, 3, 32, 32), []
        for layer in vae.encoder:
            X = layer(X)
            sides += [X.shape[1:]] if isinstance(layer, nn.Conv2d) else []
        Z, back = torch.zeros(1, 32), []
        for layer in vae.decoder:
            Z = layer(Z)
            back += (
                [] if isinstance(layer, (nn.BatchNorm2d, nn.ReLU)) else [Z.shape[1:]]
            )
    assert sides == [(128, 16, 16), (256, 8, 8), (512, 4, 4), (1024, 2, 2)]
    assert X.shape == (1, 4096)
    assert back == [
        (16384,),
        (1024, 4, 4),
        (512, 8, 8),
        (256, 16, 16),
        (128, 32, 32),
        (3, 32, 32),
    ]


def test_half_a_latent_decoded_gives_the_published_parameters_of_sraal():
    with torch.device("meta"):
        vae = VAE(3, 32, latent_dim=200, decoded_dim=100)
        classifier = MLP(100, 100, hidden=(1024, 256))
    assert count(vae) + count(classifier) == 25_717_367


@pytest.mark.parametrize(
    "channels, size, n_stages",
    [
        (1, (28, 28), 3),
        (1, (8, 8), 2),
        (3, (32, 32), 4),
        (3, (33, 47), 4),
        (2, (9, 13), 2),
        (1, (31, 16), 3),
        (4, (2, 5), 1),
        (1, (3, 3), 1),
        (3, (64, 64), 5),
        (1, (127, 70), 5),
    ],
)
def test_the_output_has_the_size_of_the_input(channels, size, n_stages):
    vae = VAE(channels, size, latent_dim=3, width=2)
    convolutions = [m for m in vae.encoder if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == n_stages
    X = torch.randn(2, channels, *size)
    reconstruction, Z, mu, log_var = vae(X)
    assert reconstruction.shape == X.shape
    assert Z.shape == mu.shape == log_var.shape == (2, 3)


@pytest.mark.parametrize("n_stages", [1, 2, 3])
def test_stages_may_be_chosen(n_stages):
    vae = VAE(1, (9, 11), width=2, n_stages=n_stages)
    X = torch.randn(2, 1, 9, 11)
    assert vae(X)[0].shape == X.shape
    assert vae.mu.in_features == 2 * 2 ** (n_stages - 1) * math.prod(
        side // 2**n_stages for side in (9, 11)
    )


def test_channels_stop_growing_at_eight_times_the_width():
    vae = VAE(1, 128, width=2)
    widths = [m.out_channels for m in vae.encoder if isinstance(m, nn.Conv2d)]
    assert widths == [2, 4, 8, 16, 16, 16]


@pytest.mark.parametrize("n_stages", [0, 4])
def test_stages_that_leave_no_pixel_are_refused(n_stages):
    with pytest.raises(ValueError, match=r"9 x 13 pixels can be halved 3 times"):
        VAE(1, (9, 13), n_stages=n_stages)


def test_an_image_one_pixel_high_is_refused():
    with pytest.raises(ValueError, match="halved 0 times.*use MLPVAE"):
        VAE(1, (1, 20))


@pytest.mark.parametrize("decoded_dim", [0, 7])
def test_more_or_less_than_the_latent_cannot_be_decoded(case, decoded_dim):
    make = CASES["table" if isinstance(case[0], MLPVAE) else "image"][0]
    with pytest.raises(ValueError, match="between 1 and latent_dim=6"):
        make(decoded_dim=decoded_dim)


@pytest.mark.parametrize("wrong", [(3, 18, 26), (3, 13, 9), (1, 9, 13), (3, 117), ()])
def test_images_of_another_size_are_refused(wrong):
    """The released code flattens 2 images of twice the side to a batch of 8."""
    vae = CASES["image"][0]()
    with pytest.raises(ValueError, match=r"shape \(3, 9, 13\), got"):
        vae(torch.zeros(2, *wrong))


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match=r"MLPVAE was built .* \(7,\), got \(8,\)"):
        MLPVAE(7)(torch.zeros(2, 8))


def test_the_latent_is_drawn_from_its_mean_and_variance():
    torch.manual_seed(0)
    mu = torch.tensor([1.0, -2.0, 0.0]).expand(40_000, 3)
    log_var = torch.tensor([0.0, math.log(4.0), -2.0]).expand(40_000, 3)
    Z = CASES["table"][0]().sample(mu, log_var)
    std = torch.tensor([1.0, 2.0, math.exp(-1.0)])
    # Five standard errors.
    assert ((Z.mean(0) - mu[0]).abs() < 5 * std / math.sqrt(40_000)).all()
    assert ((Z.std(0) / std - 1).abs() < 5 / math.sqrt(80_000)).all()
    assert torch.corrcoef(Z.T).triu(1).abs().max() < 5 / math.sqrt(40_000)


def test_gradients_go_through_the_draw():
    mu = torch.zeros(4, 3, requires_grad=True)
    log_var = torch.full((4, 3), math.log(4.0), requires_grad=True)
    Z = CASES["table"][0]().sample(mu, log_var)
    Z.sum().backward()
    assert torch.equal(mu.grad, torch.ones(4, 3))
    # dz / dlog_var = noise * std / 2, and noise * std = z - mu.
    torch.testing.assert_close(log_var.grad, Z.detach() / 2)


def test_log_variances_are_clamped(case):
    vae, X = case
    nn.init.zeros_(vae.log_var.weight)
    with torch.no_grad():
        vae.log_var.bias.copy_(torch.tensor([-1e4, -10.5, -9.0, 0.0, 9.0, 1e4]))
    log_var = vae.encode(X)[1]
    assert log_var[0].tolist() == [-10.0, -10.0, -9.0, 0.0, 9.0, 10.0]


def test_the_whole_is_its_parts(case):
    vae, X = case
    vae.eval()
    torch.manual_seed(1)
    reconstruction, Z, mu, log_var = vae(X)
    torch.manual_seed(1)
    assert torch.equal(vae.encode(X)[0], mu)
    assert torch.equal(vae.encode(X)[1], log_var)
    assert torch.equal(vae.sample(mu, log_var), Z)
    assert torch.equal(vae.decode(Z), reconstruction)


def test_only_the_decoded_half_of_the_latent_is_read(case):
    make = CASES["table" if isinstance(case[0], MLPVAE) else "image"][0]
    vae, Z = make(decoded_dim=2).eval(), torch.randn(4, 6)
    before = vae.decode(Z)
    Z[:, 2:] += 1
    assert torch.equal(vae.decode(Z), before)
    Z[:, 1] += 1
    assert not torch.equal(vae.decode(Z), before)


def test_the_output_has_no_bounds(case):
    """No output function: a pixel may be rebuilt as anything."""
    vae, _ = case
    vae.eval()
    Z = 1e3 * torch.randn(20, 6)
    assert vae.decode(Z).min() < -1 and vae.decode(Z).max() > 1
    assert isinstance(vae.decoder[-1], (nn.ConvTranspose2d, nn.Linear))


def test_gradient_reaches_every_parameter(case):
    vae, X = case
    reconstruction, _, mu, log_var = vae(X)
    loss = ((reconstruction - X) ** 2).sum() + gaussian_kl(mu, log_var).sum()
    loss.backward()
    for name, parameter in vae.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, name


def test_a_batch_of_one_agrees_with_a_batch_of_many_in_eval(case):
    vae, X = case
    vae.eval()
    torch.testing.assert_close(vae.encode(X[:1])[0], vae.encode(X)[0][:1])


def test_a_batch_of_one_cannot_normalize_a_single_value_in_training():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        MLPVAE(7)(torch.zeros(1, 7))


def test_bfloat16_autocast_runs_both_ways(case):
    vae, X = case
    with torch.autocast("cpu", dtype=torch.bfloat16):
        reconstruction, _, mu, log_var = vae(X)
    ((reconstruction.float() - X) ** 2).sum().backward()
    assert reconstruction.shape == X.shape
    assert gaussian_kl(mu, log_var).dtype == torch.float32
    assert all(torch.isfinite(p.grad).all() for p in vae.decoder.parameters())


def test_channels_last_computes_the_same():
    torch.manual_seed(0)
    vae, X = CASES["image"][0]().eval(), torch.randn(4, 3, 9, 13)
    Z = vae.encode(X)[0]
    reconstruction = vae.decode(Z)
    other = copy.deepcopy(vae).to(memory_format=torch.channels_last)
    again = other.encode(X.to(memory_format=torch.channels_last))[0]
    torch.testing.assert_close(again, Z, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(other.decode(Z), reconstruction, rtol=1e-4, atol=1e-5)


def test_the_seed_of_torch_decides_the_weights(case):
    make = CASES["table" if isinstance(case[0], MLPVAE) else "image"][0]
    flat = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        flat.append(nn.utils.parameters_to_vector(make().parameters()))
    assert torch.equal(flat[0], flat[1])
    assert not torch.equal(flat[0], flat[2])


def test_weights_start_as_in_the_released_code():
    torch.manual_seed(0)
    vae = VAE(3, 32, width=32)
    kaiming = [m for m in vae.encoder if isinstance(m, nn.Conv2d)][1:]
    kaiming.append(vae.decoder[0])
    for layer in kaiming:
        fan_in = layer.weight[0].numel()
        assert layer.weight.std().item() == pytest.approx(
            math.sqrt(2 / fan_in), rel=0.03
        )
        assert layer.weight.abs().max() > 3 * layer.weight.std()  # normal
    assert not vae.decoder[0].bias.any()
    for head in (vae.mu, vae.log_var):
        bound = 1 / math.sqrt(head.in_features)
        assert 0.95 * bound < head.weight.abs().max() <= bound  # torch's own: uniform
        assert head.bias.any()
    for layer in [m for m in vae.decoder if isinstance(m, nn.ConvTranspose2d)][:-1]:
        bound = 1 / math.sqrt(layer.weight[0].numel())
        assert 0.95 * bound < layer.weight.abs().max() <= bound
    norms = [m for m in vae.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len(norms) == 7
    assert all((m.weight == 1).all() and not m.bias.any() for m in norms)


def test_the_one_for_tables_starts_in_the_same_way():
    torch.manual_seed(0)
    vae = MLPVAE(128)
    inner = [m for m in [*vae.encoder, *vae.decoder] if isinstance(m, nn.Linear)]
    assert [m.in_features for m in inner] == [128, 256, 32, 256, 256]
    for linear in inner:
        std = math.sqrt(2 / linear.in_features)
        assert linear.weight.std().item() == pytest.approx(std, rel=0.03)
        assert linear.weight.abs().max() > 3 * std  # normal
    for head in (vae.mu, vae.log_var):
        assert head.weight.abs().max() <= 1 / math.sqrt(head.in_features)
        assert head.bias.any()


@pytest.mark.parametrize(
    "mu, log_var, expected",
    [
        ([[0.0, 0.0]], [[0.0, 0.0]], [0.0, 0.0, 0.0]),
        ([[1.0, 0.0]], [[0.0, 0.0]], [0.5, 0.5, 0.25]),
        (
            [[1.0, -2.0], [0.5, 0.0]],
            [[0.0, math.log(2)], [-1.0, 0.0]],
            [2.962366, 1.481183, 0.740592],
        ),
    ],
)
def test_divergences_of_the_specification(mu, log_var, expected):
    kl = gaussian_kl(torch.tensor(mu), torch.tensor(log_var))
    found = [kl.sum(), kl.sum(1).mean(), kl.mean()]
    assert [float(value) for value in found] == pytest.approx(expected, abs=2e-6)


def test_the_divergence_is_that_of_torch_and_keeps_small_digits():
    torch.manual_seed(0)
    mu, log_var = torch.randn(2, 50, 4).double()
    theirs = torch.distributions.kl_divergence(
        torch.distributions.Normal(mu, (0.5 * log_var).exp()),
        torch.distributions.Normal(0.0, 1.0),
    )
    torch.testing.assert_close(gaussian_kl(mu, log_var), theirs)
    # Near 0 it is log_var ** 2 / 4, which 1 + log_var - exp(log_var) rounds away.
    tiny = gaussian_kl(torch.zeros(1, 1), torch.full((1, 1), 1e-3))
    assert float(tiny) == pytest.approx(0.25e-6, rel=1e-2)
