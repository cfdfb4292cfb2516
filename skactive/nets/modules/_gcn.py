"""Graph convolutions: layers that mix the features of neighboring nodes."""

import torch
from torch import nn
from torch.nn import functional as F

INITS = ("uniform", "glorot")


class GraphConvolution(nn.Module):
    """Map the features of each node linearly, then mix those of neighboring nodes.

    ``operator @ (X @ weight) + bias``.

    Parameters
    ----------
    n_features : int
        Width of the input.
    n_outputs : int
        Width of the output.
    init : {"uniform", "glorot"}, default="uniform"
        "uniform": weights and biases between -1 and 1 over the square root of
        `n_outputs`, as released with [1]_. "glorot": Glorot-uniform weights and
        biases of 0.

    Attributes
    ----------
    weight : Parameter of shape (n_features, n_outputs)
        The weights.
    bias : Parameter of shape (n_outputs,)
        The biases.

    References
    ----------
    .. [1] T. N. Kipf and M. Welling. "Semi-Supervised Classification with Graph
       Convolutional Networks." ICLR 2017. arXiv:1609.02907.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import GraphConvolution
    >>> layer = GraphConvolution(4, 2)
    >>> layer(torch.zeros(5, 4), torch.eye(5)).shape
    torch.Size([5, 2])
    """

    def __init__(self, n_features, n_outputs, init="uniform"):
        super().__init__()
        if init not in INITS:
            raise ValueError(f"init must be one of {INITS}, got {init!r}.")
        self.weight = nn.Parameter(torch.empty(n_features, n_outputs))
        self.bias = nn.Parameter(torch.zeros(n_outputs))
        if init == "glorot":
            nn.init.xavier_uniform_(self.weight)
        else:
            bound = n_outputs**-0.5
            nn.init.uniform_(self.weight, -bound, bound)
            nn.init.uniform_(self.bias, -bound, bound)

    def forward(self, X, operator=None):
        """Return the new features of all nodes.

        Parameters
        ----------
        X : Tensor of shape (n_nodes, n_features)
            Features of all nodes.
        operator : Tensor or object with ``@``, of shape (n_nodes, n_nodes), or None
            The normalized affinity. None: ``X`` has been multiplied by it already.

        Returns
        -------
        H : Tensor of shape (n_nodes, n_outputs)
            New features.
        """
        H = X @ self.weight
        return (H if operator is None else operator @ H) + self.bias


class GCN(nn.Module):
    """Graph convolution, ReLU, dropout, graph convolution.

    The graph convolutional network of [1]_, which sees all nodes of a graph at once.

    Parameters
    ----------
    n_features : int
        Width of the features of a node.
    n_outputs : int, default=1
        How many logits a node has.
    hidden : int, default=128
        Width of the hidden layer.
    dropout : float, default=0.3
        Dropout rate of the hidden layer.
    input_dropout : float, default=0.0
        Dropout rate of the features; if ``propagated``, of those mixed with the
        neighbors'.
    init : {"uniform", "glorot"}, default="uniform"
        See :class:`GraphConvolution`.

    Attributes
    ----------
    first, second : GraphConvolution
        The two layers.

    Notes
    -----
    The operator is anything that multiplies a tensor of shape (n_nodes, k) with ``@``:
    a dense or sparse tensor, or an object that never holds the n_nodes x n_nodes
    numbers. It is not part of the net, which can be applied to other graphs.

    Cost of a pass: O(n_nodes * n_features * hidden), one product of the operator with
    `hidden` columns and one with `n_outputs`. With ``propagated=True`` the first is
    saved.

    References
    ----------
    .. [1] T. N. Kipf and M. Welling. "Semi-Supervised Classification with Graph
       Convolutional Networks." ICLR 2017. arXiv:1609.02907.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import GCN
    >>> X, operator = torch.rand(5, 4), torch.eye(5)
    >>> net = GCN(4, n_outputs=3).eval()
    >>> net(X, operator).shape, net.embed(X, operator).shape
    (torch.Size([5, 3]), torch.Size([5, 131]))
    """

    def __init__(
        self,
        n_features,
        n_outputs=1,
        hidden=128,
        *,
        dropout=0.3,
        input_dropout=0.0,
        init="uniform",
    ):
        super().__init__()
        self.first = GraphConvolution(n_features, hidden, init)
        self.second = GraphConvolution(hidden, n_outputs, init)
        self.dropout = dropout
        self.input_dropout = input_dropout

    def forward(self, X, operator, *, propagated=False):
        """Return the logits of all nodes.

        Parameters
        ----------
        X : Tensor of shape (n_nodes, n_features)
            Features of all nodes.
        operator : Tensor or object with ``@``, of shape (n_nodes, n_nodes)
            The normalized affinity.
        propagated : bool, default=False
            ``X`` is ``operator @ X`` already.

        Returns
        -------
        logits : Tensor of shape (n_nodes, n_outputs)
            Logits of all nodes.
        """
        return self._layers(X, operator, propagated)[1]

    def embed(self, X, operator, *, propagated=False):
        """Return the hidden layer of all nodes, followed by the logits.

        Parameters
        ----------
        X : Tensor of shape (n_nodes, n_features)
            Features of all nodes.
        operator : Tensor or object with ``@``, of shape (n_nodes, n_nodes)
            The normalized affinity.
        propagated : bool, default=False
            ``X`` is ``operator @ X`` already.

        Returns
        -------
        Z : Tensor of shape (n_nodes, hidden + n_outputs)
            The embedding in which :class:`~skactive.deep.CoreGCN` takes distances.
        """
        return torch.cat(self._layers(X, operator, propagated), dim=1)

    def _layers(self, X, operator, propagated):
        if self.input_dropout:
            X = F.dropout(X, self.input_dropout, self.training)
        H = self.first(X, None if propagated else operator).relu()
        H = F.dropout(H, self.dropout, self.training)
        return H, self.second(H, operator)
