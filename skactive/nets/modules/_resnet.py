"""Residual network for small images."""

from torch import nn


class ResNet(nn.Module):
    """Classify small images by a residual network of any width and depth.

    The form made for 32 x 32 images [1]_: a 3 x 3 stem that keeps the size and no
    pooling before the first block. Stages of basic blocks follow, each stage but the
    first halving the image and doubling the channels, then global average pooling, so
    images may have any size, also one that changes. Weights start as torch draws them.

    Parameters
    ----------
    in_channels : int
        Channels of an image.
    n_classes : int
        Number of logits.
    width : int, default=16
        Channels of the first stage.
    blocks : sequence of int, default=(1, 1, 1)
        Blocks in each stage. The default has 8 layers with weights on the longest
        path; ``width=64, blocks=(2, 2, 2, 2)`` is the ResNet-18 that papers on active
        learning train on CIFAR.

    Attributes
    ----------
    stem : Sequential
        Convolution, batch normalization and ReLU.
    stages : Sequential
        The stages; ``stages.0`` is the first.
    head : Linear
        From the embedding to the logits.
    tap_names : tuple of str
        The stages, as names for :class:`Taps`.

    Notes
    -----
    Cost of one forward pass, in multiply-accumulates per pixel of the image: about
    ``18 * width ** 2`` for each block of any stage. The default takes 12.5 million on
    a 32 x 32 image, ResNet-18 555 million.

    In training, batch normalization needs more than one value per channel: a batch of
    one sample fails where the last stage has a single pixel.

    References
    ----------
    .. [1] K. He, X. Zhang, S. Ren and J. Sun. "Deep residual learning for image
       recognition." CVPR 2016.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import ResNet
    >>> net = ResNet(in_channels=1, n_classes=10)
    >>> X = torch.zeros(2, 1, 28, 28)
    >>> net(X).shape, net.embed(X).shape
    (torch.Size([2, 10]), torch.Size([2, 64]))
    >>> net.tap_names
    ('stages.0', 'stages.1', 'stages.2')
    """

    def __init__(self, in_channels, n_classes, width=16, blocks=(1, 1, 1)):
        super().__init__()
        if len(blocks) == 0 or min(blocks) < 1:
            raise ValueError(
                f"blocks must give each stage one block or more, got {blocks!r}."
            )
        self.stem = nn.Sequential(
            _conv3x3(in_channels, width), nn.BatchNorm2d(width), nn.ReLU()
        )
        stages, n_in = [], width
        for k, n_blocks in enumerate(blocks):
            n_out = width * 2**k
            layers = [_BasicBlock(n_in, n_out, stride=1 if k == 0 else 2)]
            layers += [_BasicBlock(n_out, n_out) for _ in range(n_blocks - 1)]
            stages.append(nn.Sequential(*layers))
            n_in = n_out
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(n_in, n_classes)
        self.tap_names = tuple(f"stages.{k}" for k in range(len(blocks)))

    def embed(self, X):
        """Return what the last layer sees.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        Z : Tensor of shape (n, d)
            Mean over pixels of the last stage, ``d = width * 2 ** (len(blocks) - 1)``.
        """
        return self.stages(self.stem(X)).mean(dim=(2, 3))

    def forward(self, X):
        """Return the logits.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        logits : Tensor of shape (n, n_classes)
            ``head(embed(X))``.
        """
        return self.head(self.embed(X))


class _BasicBlock(nn.Module):
    """Two 3 x 3 convolutions and a shortcut, projected where the shape changes."""

    def __init__(self, n_in, n_out, stride=1):
        super().__init__()
        self.residual = nn.Sequential(
            _conv3x3(n_in, n_out, stride),
            nn.BatchNorm2d(n_out),
            nn.ReLU(),
            _conv3x3(n_out, n_out),
            nn.BatchNorm2d(n_out),
        )
        self.shortcut = nn.Identity()
        if stride != 1 or n_in != n_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out)
            )
        self.relu = nn.ReLU()

    def forward(self, X):
        return self.relu(self.residual(X) + self.shortcut(X))


def _conv3x3(n_in, n_out, stride=1):
    # The batch normalization that follows has a bias of its own.
    return nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
