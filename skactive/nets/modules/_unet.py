"""U-Net for small images."""

import torch
from torch import nn
from torch.nn import functional as F


class UNet(nn.Module):
    """Give each pixel of an image a class, by a U-Net of any width and depth.

    An encoder halves the image and doubles the channels from level to level; a decoder
    goes back, and is shown at each size what the encoder saw there [1]_. Unlike the
    published net, convolutions are padded and followed by batch normalization, so that
    the output has the size of the image. An image whose sides are no multiples of
    ``2 ** (depth - 1)`` is padded by its edge, and the output cut.

    Parameters
    ----------
    in_channels : int
        Channels of an image.
    n_classes : int
        Number of maps of logits.
    width : int, default=16
        Channels of the first level.
    depth : int, default=3
        Number of sizes, the image's own included.
    dropout : float, default=0.0
        Share of the channels that are silenced in training, on the way from the
        smallest size back to that of the image: there, not in all levels, dropout does
        least harm [2]_.

    Attributes
    ----------
    encoder : ModuleList
        Levels that keep their size; the image is halved between them.
    decoder : ModuleList
        Levels on the way back, the smallest first.
    head : Conv2d
        From the last level to logits.
    tap_names : tuple of str
        The levels of the encoder, as names for :class:`Taps`.

    Notes
    -----
    Cost of one forward pass with the default depth, in multiply-accumulates per pixel
    of the image: about ``95 * width ** 2``.

    References
    ----------
    .. [1] O. Ronneberger, P. Fischer and T. Brox. "U-Net: Convolutional Networks for
       Biomedical Image Segmentation." MICCAI 2015. arXiv:1505.04597.
    .. [2] A. Kendall, V. Badrinarayanan and R. Cipolla. "Bayesian SegNet: Model
       Uncertainty in Deep Convolutional Encoder-Decoder Architectures for Scene
       Understanding." BMVC 2017. arXiv:1511.02680.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import UNet
    >>> net = UNet(in_channels=3, n_classes=4)
    >>> X = torch.zeros(2, 3, 30, 41)
    >>> net(X).shape, net.embed(X).shape
    (torch.Size([2, 4, 30, 41]), torch.Size([2, 64]))
    """

    def __init__(self, in_channels, n_classes, width=16, depth=3, dropout=0.0):
        super().__init__()
        if depth < 1:
            raise ValueError(f"depth must be at least 1, got {depth}.")
        widths = [width * 2**k for k in range(depth)]
        self.encoder = nn.ModuleList(
            _double(n_in, n_out) for n_in, n_out in zip([in_channels, *widths], widths)
        )
        down = list(zip(widths[1:], widths))[::-1]
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(n_in, n_out, 2, stride=2) for n_in, n_out in down
        )
        self.decoder = nn.ModuleList(_double(2 * n, n) for _, n in down)
        self.dropout = nn.Dropout2d(dropout)
        self.head = nn.Conv2d(width, n_classes, 1)
        self.tap_names = tuple(f"encoder.{k}" for k in range(depth))

    def maps(self, X):
        """Return what the head sees, and the deepest map.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        features : Tensor of shape (n, width, height', width')
            Of the size of the padded image.
        deepest : Tensor of shape (n, width * 2 ** (depth - 1), ...)
            The last level of the encoder.
        """
        H, skipped = self._padded(X), []
        for level in self.encoder[:-1]:
            skipped.append(level(H))
            H = F.max_pool2d(skipped[-1], 2)
        deepest = H = self.encoder[-1](H)
        for up, level in zip(self.up, self.decoder):
            H = level(torch.cat([skipped.pop(), up(self.dropout(H))], dim=1))
        return (H if self.decoder else self.dropout(H)), deepest

    def embed(self, X):
        """Return one row per image: the mean over pixels of the deepest map.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        Z : Tensor of shape (n, width * 2 ** (depth - 1))
            The embedding.
        """
        H = self._padded(X)
        for level in self.encoder[:-1]:
            H = F.max_pool2d(level(H), 2)
        return self.encoder[-1](H).mean(dim=(2, 3))

    def forward(self, X):
        """Return the logits of each pixel.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        logits : Tensor of shape (n, n_classes, height, width)
            One map per class.
        """
        return self._cut(self.head(self.maps(X)[0]), X)

    def forward_with_embedding(self, X):
        """Return ``forward(X)`` and ``embed(X)`` by one pass.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        logits : Tensor of shape (n, n_classes, height, width)
            One map per class.
        Z : Tensor of shape (n, width * 2 ** (depth - 1))
            The embedding.
        """
        H, deepest = self.maps(X)
        return self._cut(self.head(H), X), deepest.mean(dim=(2, 3))

    def _padded(self, X):
        multiple = 2 ** (len(self.encoder) - 1)
        right, bottom = (-X.shape[-1]) % multiple, (-X.shape[-2]) % multiple
        if not (right or bottom):
            return X
        return F.pad(X, (0, right, 0, bottom), mode="replicate")

    def _cut(self, logits, X):
        return logits[..., : X.shape[-2], : X.shape[-1]]


def _double(n_in, n_out):
    """Two 3 x 3 convolutions, each with batch normalization and ReLU."""
    layers = []
    for n in (n_in, n_out):
        # The batch normalization that follows has a bias of its own.
        conv = nn.Conv2d(n, n_out, 3, padding=1, bias=False)
        layers += [conv, nn.BatchNorm2d(n_out), nn.ReLU()]
    return nn.Sequential(*layers)
