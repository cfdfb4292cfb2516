"""The divergence of a diagonal Gaussian from the standard one."""

from math import log

import pytest
import torch

from skactive.nets.modules import gaussian_kl

pytestmark = pytest.mark.deep


def test_worked_by_hand():
    mu = torch.tensor([[0.0, 1.0, 0.0, -2.0]])
    log_var = torch.tensor([[0.0, 0.0, log(4.0), log(0.5)]])
    # (var - log var - 1 + mu^2) / 2
    expected = [0.0, 0.5, (4 - log(4) - 1) / 2, (0.5 + log(2) - 1 + 4) / 2]
    torch.testing.assert_close(gaussian_kl(mu, log_var)[0], torch.tensor(expected))


def test_torch_says_the_same():
    generator = torch.Generator().manual_seed(0)
    mu, log_var = torch.randn(2, 5, 3, generator=generator)
    ours = torch.distributions.Normal(mu, (log_var / 2).exp())
    prior = torch.distributions.Normal(0.0, 1.0)
    expected = torch.distributions.kl_divergence(ours, prior)
    torch.testing.assert_close(gaussian_kl(mu, log_var), expected)


def test_digits_near_the_prior_are_kept():
    """Of exp(x) - 1 - x nothing would be left in float32."""
    kl = gaussian_kl(torch.zeros(1, 1), torch.full((1, 1), 1e-3))
    assert kl.item() == pytest.approx(0.25e-6, rel=0.05)


@pytest.mark.parametrize(
    "given, answer",
    [(torch.bfloat16, torch.float32), (torch.float64, torch.float64)],
)
def test_half_the_bits_are_raised_and_double_stays(given, answer):
    zeros = torch.zeros(2, 2, dtype=given)
    assert gaussian_kl(zeros, zeros).dtype == answer
