"""Variational autoencoders for images and for tables."""

import math
from itertools import pairwise
from numbers import Integral

import torch
from torch import nn

# Beyond these a variance under- or overflows in a few steps of a diverging run.
LOG_VAR_RANGE = (-10.0, 10.0)


class _GaussianAutoencoder(nn.Module):
    """Base of the autoencoders: two heads, a latent, and a check of the input.

    A subclass sets `input_shape`, `encoder`, `mu`, `log_var` and `decoder`.
    """

    def _set_latent(self, latent_dim, decoded_dim):
        self.decoded_dim = latent_dim if decoded_dim is None else decoded_dim
        if not 1 <= self.decoded_dim <= latent_dim:
            raise ValueError(
                f"decoded_dim must be between 1 and latent_dim={latent_dim}, got "
                f"{decoded_dim}."
            )

    def encode(self, X):
        """Return the mean and the log-variance of the latent.

        Parameters
        ----------
        X : Tensor of shape ``(n, *input_shape)``
            Samples.

        Returns
        -------
        mu : Tensor of shape (n, latent_dim)
            Means.
        log_var : Tensor of shape (n, latent_dim)
            Logarithms of the variances, clamped to [-10, 10].

        Raises
        ------
        ValueError
            If samples have another shape than the autoencoder was built for.
        """
        if tuple(X.shape[1:]) != self.input_shape:
            raise ValueError(
                f"{type(self).__name__} was built for samples of shape "
                f"{self.input_shape}, got {tuple(X.shape[1:])}. Build it for that "
                "shape, or resize the samples."
            )
        rows = self.encoder(X)
        return self.mu(rows), self.log_var(rows).clamp(*LOG_VAR_RANGE)

    def sample(self, mu, log_var):
        """Draw a latent by reparametrization: gradients reach mean and variance.

        Parameters
        ----------
        mu : Tensor of shape (n, latent_dim)
            Means.
        log_var : Tensor of shape (n, latent_dim)
            Logarithms of the variances.

        Returns
        -------
        Z : Tensor of shape (n, latent_dim)
            ``mu + noise * exp(log_var / 2)``, with noise from torch's generator.
        """
        return mu + torch.randn_like(mu) * torch.exp(0.5 * log_var)

    def decode(self, Z):
        """Return the samples that latents are decoded to.

        Parameters
        ----------
        Z : Tensor of shape (n, latent_dim)
            Latents, of which the first `decoded_dim` coordinates are used.

        Returns
        -------
        reconstruction : Tensor of shape ``(n, *input_shape)``
            Samples, of any range: there is no output activation.
        """
        return self.decoder(Z[:, : self.decoded_dim])

    def forward(self, X):
        """Encode, sample and decode.

        Parameters
        ----------
        X : Tensor of shape ``(n, *input_shape)``
            Samples.

        Returns
        -------
        reconstruction : Tensor of shape ``(n, *input_shape)``
            Samples decoded from `Z`.
        Z : Tensor of shape (n, latent_dim)
            Latents, drawn again in each call, also in eval mode.
        mu : Tensor of shape (n, latent_dim)
            Their means.
        log_var : Tensor of shape (n, latent_dim)
            Logarithms of their variances.
        """
        mu, log_var = self.encode(X)
        Z = self.sample(mu, log_var)
        return self.decode(Z), Z, mu, log_var


class VAE(_GaussianAutoencoder):
    """Encode images of one size as Gaussian latents and decode them.

    The autoencoder of VAAL [1]_, at any size: 4 x 4 convolutions that halve the image,
    then two linear heads; the decoder has a linear layer and transposed convolutions,
    and restores exactly the size of the input, also an odd one. For 32 x 32 images it
    is the released one, whose decoder begins at twice the size at which the encoder
    ends.

    Parameters
    ----------
    in_channels : int
        Channels of an image.
    image_size : int or tuple of (int, int)
        Height and width of an image, 2 or more.
    latent_dim : int, default=32
        Dimension of the latent.
    width : int, default=128
        Channels after the first convolution. They double with each further one, up to
        8 times as many.
    n_stages : int or None, default=None
        How many convolutions halve the image. None: until 2 or 3 pixels are left of
        the shorter side; 4 for 32 x 32.
    decoded_dim : int or None, default=None
        How many coordinates of the latent, the first ones, are decoded. None: all.
        SRAAL [2]_ decodes half of them and classifies from the others.

    Attributes
    ----------
    input_shape : tuple of (int, int, int)
        Channels, height and width of an image.
    encoder, decoder : Sequential
        From images to rows, and from latents to images.
    mu, log_var : Linear
        From rows to latents.

    Raises
    ------
    ValueError
        If the image is too small for its stages, or `decoded_dim` out of range.

    Notes
    -----
    For 3 x 32 x 32 images and 32 latent dimensions the default has 22,835,139
    parameters. Multiply-accumulates per image: 506 million, of which 102 million to
    encode; they grow with the square of `width`.

    Convolutions and the linear layer of the decoder start Kaiming-normal by their fan
    in, biases at 0. The heads and the transposed convolutions start as torch draws
    them, which is what the released code does.

    References
    ----------
    .. [1] S. Sinha, S. Ebrahimi and T. Darrell. "Variational adversarial active
       learning." ICCV 2019.
    .. [2] B. Zhang, L. Li, S. Yang, S. Wang, Z.-J. Zha and Q. Huang. "State-relabeling
       adversarial active learning." CVPR 2020.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import VAE
    >>> vae = VAE(in_channels=1, image_size=28, latent_dim=8, width=4)
    >>> reconstruction, Z, mu, log_var = vae(torch.zeros(5, 1, 28, 28))
    >>> reconstruction.shape, mu.shape
    (torch.Size([5, 1, 28, 28]), torch.Size([5, 8]))
    """

    def __init__(
        self,
        in_channels,
        image_size,
        latent_dim=32,
        width=128,
        n_stages=None,
        decoded_dim=None,
    ):
        super().__init__()
        self._set_latent(latent_dim, decoded_dim)
        if isinstance(image_size, Integral):
            image_size = (image_size, image_size)
        sizes = _halved(tuple(image_size), n_stages)
        channels = [width * min(2**k, 8) for k in range(len(sizes) - 1)]
        self.input_shape = (in_channels, *sizes[0])

        layers = []
        for n_in, n_out in zip([in_channels, *channels], channels):
            conv = nn.Conv2d(n_in, n_out, 4, stride=2, padding=1, bias=False)
            layers += [conv, nn.BatchNorm2d(n_out), nn.ReLU()]
        self.encoder = nn.Sequential(*layers, nn.Flatten())
        n_flat = channels[-1] * math.prod(sizes[-1])
        self.mu = nn.Linear(n_flat, latent_dim)
        self.log_var = nn.Linear(n_flat, latent_dim)

        start = (channels[-1], *sizes[-2])
        linear = nn.Linear(self.decoded_dim, math.prod(start))
        layers = [linear, nn.Unflatten(1, start)]
        for k in range(len(channels) - 1, 0, -1):
            # An odd side was rounded down by the encoder.
            odd = tuple(side % 2 for side in sizes[k - 1])
            conv = nn.ConvTranspose2d(
                channels[k], channels[k - 1], 4, 2, 1, output_padding=odd, bias=False
            )
            layers += [conv, nn.BatchNorm2d(channels[k - 1]), nn.ReLU()]
        layers.append(nn.ConvTranspose2d(channels[0], in_channels, 1))
        self.decoder = nn.Sequential(*layers)
        self.encoder.apply(_initialize)
        self.decoder.apply(_initialize)


class MLPVAE(_GaussianAutoencoder):
    """Encode rows of a table as Gaussian latents and decode them.

    Hidden layers of Linear, batch normalization and ReLU, mirrored in the decoder.

    Parameters
    ----------
    n_features : int
        Columns of the table.
    latent_dim : int, default=32
        Dimension of the latent.
    hidden : sequence of int, default=(256, 256)
        Width of each hidden layer of the encoder.
    decoded_dim : int or None, default=None
        How many coordinates of the latent, the first ones, are decoded. None: all.

    Attributes
    ----------
    input_shape : tuple of (int,)
        Columns of the table.
    encoder, decoder : Sequential
        From rows to hidden rows, and from latents to rows.
    mu, log_var : Linear
        From hidden rows to latents.

    Notes
    -----
    Weights start as in :class:`VAE`.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import MLPVAE
    >>> reconstruction, Z, mu, log_var = MLPVAE(n_features=10)(torch.zeros(5, 10))
    >>> reconstruction.shape, mu.shape
    (torch.Size([5, 10]), torch.Size([5, 32]))
    """

    def __init__(self, n_features, latent_dim=32, hidden=(256, 256), decoded_dim=None):
        super().__init__()
        self._set_latent(latent_dim, decoded_dim)
        self.input_shape = (n_features,)
        widths = [n_features, *hidden]
        self.encoder = _hidden_layers(widths)
        self.mu = nn.Linear(widths[-1], latent_dim)
        self.log_var = nn.Linear(widths[-1], latent_dim)
        back = [self.decoded_dim, *reversed(hidden)]
        self.decoder = _hidden_layers(back).append(nn.Linear(back[-1], n_features))
        self.encoder.apply(_initialize)
        self.decoder.apply(_initialize)


def _halved(size, n_stages):
    """Return the sizes of the encoder's feature maps, that of the image first."""
    # 4 x 4, stride 2, padding 1 takes a side to its half, rounded down.
    most = int(min(size)).bit_length() - 1
    if n_stages is None:
        n_stages = max(1, most - 1)
    if not 1 <= n_stages <= most:
        raise ValueError(
            f"Images of {size[0]} x {size[1]} pixels can be halved {most} times, not "
            f"n_stages={n_stages}. Pass one stage or more, up to that number; where "
            "none is possible, flatten the samples and use MLPVAE."
        )
    return [tuple(side >> k for side in size) for k in range(n_stages + 1)]


def _hidden_layers(widths):
    layers = []
    for n_in, n_out in pairwise(widths):
        linear = nn.Linear(n_in, n_out, bias=False)
        layers += [linear, nn.BatchNorm1d(n_out), nn.ReLU()]
    return nn.Sequential(*layers)


def _initialize(layer):
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
