"""Which pool does a latent come from?"""

from torch import nn


class Discriminator(nn.Module):
    """Predict from a latent vector which of two pools its sample is in.

    Linear layers with ReLU between them [1]_. The output is a logit: losses are exact
    with ``binary_cross_entropy_with_logits`` where a sigmoid would saturate, and
    ``torch.sigmoid`` makes it a probability.

    Parameters
    ----------
    latent_dim : int
        Dimension of a latent vector.
    hidden : sequence of int, default=(512, 512)
        Width of each hidden layer. The default is that of VAAL's released code, with
        280,065 parameters on 32 latent dimensions; the paper and SRAAL [2]_ have four
        hidden layers.

    Attributes
    ----------
    layers : Sequential
        All layers.

    Notes
    -----
    Weights start Kaiming-normal by their fan in, biases at 0.

    References
    ----------
    .. [1] S. Sinha, S. Ebrahimi and T. Darrell. "Variational adversarial active
       learning." ICCV 2019.
    .. [2] B. Zhang, L. Li, S. Yang, S. Wang, Z.-J. Zha and Q. Huang. "State-relabeling
       adversarial active learning." CVPR 2020.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import Discriminator
    >>> Discriminator(latent_dim=32)(torch.zeros(5, 32)).shape
    torch.Size([5])
    """

    def __init__(self, latent_dim, hidden=(512, 512)):
        super().__init__()
        layers, n_in = [], latent_dim
        for n_out in hidden:
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
            n_in = n_out
        self.layers = nn.Sequential(*layers, nn.Linear(n_in, 1))
        self.apply(_initialize)

    def forward(self, Z):
        """Return the logits.

        Parameters
        ----------
        Z : Tensor of shape (n, latent_dim)
            Latent vectors.

        Returns
        -------
        logits : Tensor of shape (n,)
            One number per vector. One axis only: against targets of shape (n,), a
            column of logits would broadcast to n x n.
        """
        return self.layers(Z).squeeze(1)


def _initialize(layer):
    if isinstance(layer, nn.Linear):
        nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(layer.bias)
