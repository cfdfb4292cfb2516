"""Fully connected classifier for tables."""

from itertools import pairwise

from torch import nn


class MLP(nn.Module):
    """Classify rows of a table by fully connected layers.

    Each hidden layer is Linear - ReLU - Dropout. Weights start as torch draws them.

    Parameters
    ----------
    n_features : int
        Columns of the table.
    n_classes : int
        Number of logits.
    hidden : sequence of int, default=(64,)
        Width of each hidden layer. Empty: a linear model, embedded in its input.
    dropout : float, default=0.0
        Dropout rate of the hidden units.

    Attributes
    ----------
    hidden : Sequential
        The hidden layers; ``hidden.0`` is the first.
    head : Linear
        From the embedding to the logits.
    tap_names : tuple of str
        The hidden layers, as names for :class:`Taps`.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import MLP
    >>> net = MLP(n_features=4, n_classes=3, hidden=(16, 8))
    >>> X = torch.zeros(5, 4)
    >>> net(X).shape, net.embed(X).shape
    (torch.Size([5, 3]), torch.Size([5, 8]))
    >>> net.tap_names
    ('hidden.0', 'hidden.1')
    """

    def __init__(self, n_features, n_classes, hidden=(64,), dropout=0.0):
        super().__init__()
        self.n_features = n_features
        widths = [n_features, *hidden]
        self.hidden = nn.Sequential(
            *(
                nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(dropout))
                for n_in, n_out in pairwise(widths)
            )
        )
        self.head = nn.Linear(widths[-1], n_classes)
        self.tap_names = tuple(f"hidden.{k}" for k in range(len(hidden)))

    def embed(self, X):
        """Return what the last layer sees.

        Parameters
        ----------
        X : Tensor of shape (n, n_features)
            Rows.

        Returns
        -------
        Z : Tensor of shape (n, hidden[-1])
            Output of the last hidden layer.

        Raises
        ------
        ValueError
            If `X` has another shape. Linear layers alone would take the last axis of
            an image for its features.
        """
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise ValueError(
                f"MLP was built for X of shape (n, {self.n_features}), got "
                f"{tuple(X.shape)}. Flatten the samples, or build it with their width."
            )
        return self.hidden(X)

    def forward(self, X):
        """Return the logits.

        Parameters
        ----------
        X : Tensor of shape (n, n_features)
            Rows.

        Returns
        -------
        logits : Tensor of shape (n, n_classes)
            ``head(embed(X))``.
        """
        return self.head(self.embed(X))
