"""VGG with batch normalization."""

from torch import nn


class VGG(nn.Module):
    """Classify images by plain stacks of convolutions, VGG16-BN by default.

    Stages of 3 x 3 convolutions, each followed by batch normalization and ReLU, and
    each stage by a max pooling that halves the image; then average pooling to a grid
    and two wide linear layers [1]_. This is the task net of VAAL [2]_.

    Parameters
    ----------
    in_channels : int
        Channels of an image.
    n_classes : int
        Number of logits.
    width : int, default=64
        Channels of the first stage. The next ones have 2, 4, 8 and again 8 times as
        many.
    blocks : sequence of int, default=(2, 2, 3, 3, 3)
        Convolutions in each stage.
    grid : int, default=7
        The last map is averaged over `grid` x `grid` cells. With 1 the net has a
        quarter of the parameters, and on images up to 32 x 32, whose last map is a
        single pixel that 7 would only repeat, it can compute the same functions.
    hidden : int, default=4096
        Width of the two linear layers before the last.
    dropout : float, default=0.5
        Dropout rate of these two layers.

    Attributes
    ----------
    stages : Sequential
        The stages; ``stages.0`` is the first.
    neck : Sequential
        From the last map to the embedding.
    head : Linear
        From the embedding to the logits.
    tap_names : tuple of str
        The stages, as names for :class:`Taps`.

    Notes
    -----
    The default has 134,309,962 parameters for 10 classes, 0.54 GB, and takes 433
    million multiply-accumulates on a 32 x 32 image.

    Poolings round sizes up, so that images may have any size. For sides that are
    multiples of 32 the net is the published one; for others its maps keep the last
    row and column, which the published one drops.

    Convolutions start Kaiming-normal by their fan out, linear layers normal with
    standard deviation 0.01, biases at 0. That deviation suits the published width; with
    a `hidden` of 64 the net hardly learns in its first few hundred steps.

    References
    ----------
    .. [1] K. Simonyan and A. Zisserman. "Very deep convolutional networks for
       large-scale image recognition." ICLR 2015.
    .. [2] S. Sinha, S. Ebrahimi and T. Darrell. "Variational adversarial active
       learning." ICCV 2019.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import VGG
    >>> net = VGG(in_channels=3, n_classes=10, width=8, grid=1, hidden=32)
    >>> X = torch.zeros(2, 3, 28, 28)
    >>> net(X).shape, net.embed(X).shape
    (torch.Size([2, 10]), torch.Size([2, 32]))
    """

    def __init__(
        self,
        in_channels,
        n_classes,
        width=64,
        blocks=(2, 2, 3, 3, 3),
        grid=7,
        hidden=4096,
        dropout=0.5,
    ):
        super().__init__()
        if len(blocks) == 0 or min(blocks) < 1:
            raise ValueError(
                f"blocks must give each stage one layer or more, got {blocks!r}."
            )
        stages, n_in = [], in_channels
        for k, n_layers in enumerate(blocks):
            n_out = width * min(2**k, 8)
            stages.append(_stage(n_in, n_out, n_layers))
            n_in = n_out
        self.stages = nn.Sequential(*stages)
        self.neck = nn.Sequential(
            nn.AdaptiveAvgPool2d(grid),
            nn.Flatten(),
            nn.Linear(n_in * grid**2, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
        )
        self.head = nn.Linear(hidden, n_classes)
        self.tap_names = tuple(f"stages.{k}" for k in range(len(blocks)))
        self.apply(_initialize)

    def embed(self, X):
        """Return what the last layer sees.

        Parameters
        ----------
        X : Tensor of shape (n, in_channels, height, width)
            Images.

        Returns
        -------
        Z : Tensor of shape (n, hidden)
            Output of the last linear layer but one.
        """
        return self.neck(self.stages(X))

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


def _stage(n_in, n_out, n_layers):
    layers = []
    for _ in range(n_layers):
        conv = nn.Conv2d(n_in, n_out, 3, padding=1)
        layers += [conv, nn.BatchNorm2d(n_out), nn.ReLU()]
        n_in = n_out
    return nn.Sequential(*layers, nn.MaxPool2d(2, ceil_mode=True))


def _initialize(layer):
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    elif isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.zeros_(layer.bias)
