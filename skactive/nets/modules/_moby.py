"""From features to the space in which two views of a sample are compared."""

from torch import nn


class MoBYHead(nn.Module):
    """Map features to the space of a contrastive loss: MoBY's projector or predictor.

    As released with MoBYv2AL [1]_, one linear layer. With two layers or more, as in
    MoBY itself [2]_, there are batch normalization and ReLU between them.

    Parameters
    ----------
    n_features : int
        Columns of the input.
    n_outputs : int, default=128
        Columns of the output.
    n_layers : int, default=1
        Number of linear layers, 1 or more.
    hidden : int, default=4096
        Width between the layers.

    Attributes
    ----------
    layers : Sequential
        The layers.

    Notes
    -----
    The output has no fixed length: to compare two outputs, divide each by its
    norm. With ``n_layers=2`` and the default width, 128 features and 128 outputs take
    1.1 million parameters.

    References
    ----------
    .. [1] R. Caramalau, B. Bhattarai, D. Stoyanov and T.-K. Kim. "MoBYv2AL:
       Self-supervised Active Learning for Image Classification." BMVC 2022.
       arXiv:2301.01531.
    .. [2] Z. Xie et al. "Self-Supervised Learning with Swin Transformers." 2021.
       arXiv:2105.04553.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import MoBYHead
    >>> projector, predictor = MoBYHead(64, 32), MoBYHead(32, 32)
    >>> predictor(projector(torch.zeros(5, 64))).shape
    torch.Size([5, 32])
    """

    def __init__(self, n_features, n_outputs=128, n_layers=1, hidden=4096):
        super().__init__()
        if n_layers < 1:
            raise ValueError(f"n_layers must be 1 or more, got {n_layers!r}.")
        layers, width = [], n_features
        for _ in range(n_layers - 1):
            # The batch normalization that follows has a bias of its own.
            layers += [nn.Linear(width, hidden, bias=False)]
            layers += [nn.BatchNorm1d(hidden), nn.ReLU()]
            width = hidden
        self.layers = nn.Sequential(*layers, nn.Linear(width, n_outputs))

    def forward(self, Z):
        """Return the features in which views are compared.

        Parameters
        ----------
        Z : Tensor of shape (n, n_features)
            Features.

        Returns
        -------
        U : Tensor of shape (n, n_outputs)
            Not normalized.
        """
        return self.layers(Z)
