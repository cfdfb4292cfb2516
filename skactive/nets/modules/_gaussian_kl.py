"""Divergence of a latent from the prior."""

import torch


def gaussian_kl(mu, log_var):
    """Return the KL divergence of a diagonal Gaussian from the standard one.

    Parameters
    ----------
    mu : Tensor of shape (n, latent_dim)
        Means.
    log_var : Tensor of shape (n, latent_dim)
        Logarithms of the variances.

    Returns
    -------
    kl : Tensor of shape (n, latent_dim)
        Kullback-Leibler divergence of each coordinate, 0 or more, in float32 or
        better. Papers differ in what they do next: sum over all, mean over samples of
        the sum over coordinates, or mean over all.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import gaussian_kl
    >>> gaussian_kl(torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2))
    tensor([[0.5000, 0.0000]])
    """
    dtype = torch.promote_types(mu.dtype, torch.float32)
    mu, log_var = mu.to(dtype), log_var.to(dtype)
    # expm1 keeps the digits of a variance near 1.
    return 0.5 * (torch.expm1(log_var) - log_var + mu**2)
