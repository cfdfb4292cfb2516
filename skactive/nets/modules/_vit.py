"""Attention between the samples of a batch."""

from math import sqrt

import torch
from torch import nn

MODES = ("sample", "channel")


class ViTBottleneck(nn.Module):
    """Let the embeddings of a batch attend to one another before the last layer.

    The visual-transformer bottleneck of task-aware active learning [1]_: encoder
    layers between the embedding of a net and its last layer. Each layer is, for tokens
    ``X`` as rows, ``A = softmax(scale * Q K')`` with linear queries and keys,
    ``Z = A X + X``, and ``Z + W2 relu(W1 Z)``. There are no values, no positions and no
    normalization.

    Parameters
    ----------
    width : int
        Columns of the embedding.
    mode : {"sample", "channel"}, default="sample"
        What a token is. "sample": a sample, so that samples attend to samples, in any
        number and any order. "channel": a column of the batch, as in the released
        code; weights then belong to positions in the batch, whose size is fixed.
    batch_size : int or None, default=None
        Rows of a batch; needed for "channel".
    n_heads : int, default=1
        Heads of the attention. It must divide the width of a token.
    depth : int, default=1
        Number of layers. 0: embeddings are left unchanged.
    scale : float or None, default=None
        Factor of the dot products. None: one over the root of the width of a head
        for samples; 1 for channels, as released.

    Attributes
    ----------
    layers : ModuleList
        The layers.

    Notes
    -----
    Weights start Xavier-uniform. Works in the precision of its own weights, also under
    autocast. Cost on n samples of width d, in multiply-accumulates per layer:
    ``4 * n * d**2 + 2 * n**2 * d``; with a context of m rows, ``n * m`` in place of
    ``n**2``. For channels n and d are exchanged, and with a context every sample costs
    as much as a batch.

    References
    ----------
    .. [1] R. Caramalau, B. Bhattarai and T.-K. Kim. "Visual transformer for task-aware
       active learning." arXiv:2106.03801, 2021.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import ViTBottleneck
    >>> bottleneck = ViTBottleneck(width=16)
    >>> Z = torch.rand(5, 16)
    >>> bottleneck(Z).shape, bottleneck.attention(Z).shape
    (torch.Size([5, 16]), torch.Size([5, 5]))
    """

    def __init__(
        self,
        width,
        *,
        mode="sample",
        batch_size=None,
        n_heads=1,
        depth=1,
        scale=None,
    ):
        super().__init__()
        if mode not in MODES:
            raise ValueError(f"mode must be one of {MODES}, got {mode!r}.")
        if mode == "channel" and batch_size is None:
            raise ValueError(
                'mode="channel" has weights per position in a batch: pass batch_size.'
            )
        self.mode = mode
        self.batch_size = batch_size
        token = width if mode == "sample" else batch_size
        if depth > 0 and token % n_heads:
            raise ValueError(
                f"n_heads={n_heads} must divide the width of a token, {token}."
            )
        if scale is None:
            scale = sqrt(n_heads / token) if mode == "sample" else 1.0
        self.layers = nn.ModuleList(
            _EncoderLayer(token, n_heads, scale) for _ in range(depth)
        )

    def forward(self, Z, context=None):
        """Return embeddings after attention to others.

        Parameters
        ----------
        Z : Tensor of shape (n, width)
            Embeddings.
        context : Tensor of shape (m, width) or None, default=None
            None: the rows of `Z` attend to one another. Otherwise each attends to
            itself and to the context alone, so that no row depends on another. For
            channels, each is the first in a batch of which the context is the rest.

        Returns
        -------
        Z : Tensor of shape (n, width)
            New embeddings.

        Raises
        ------
        ValueError
            For channels, if there are no weights for a batch of that size.
        """
        if not self.layers:
            return Z
        with self._own_precision(Z):
            Z, context = self._cast(Z), self._cast(context)
            if self.mode == "channel":
                return self._over_channels(Z, context)
            for layer in self.layers:
                Z, context = (
                    layer(Z, context),
                    None if context is None else layer(context),
                )
            return Z

    def attention(self, Z):
        """Return how much tokens attend to one another in the first layer.

        Parameters
        ----------
        Z : Tensor of shape (n, width)
            Embeddings.

        Returns
        -------
        A : Tensor of shape (n, n) or (width, width)
            Mean over heads; rows sum to one. Samples attend to samples, or channels to
            channels.
        """
        if not self.layers:
            raise ValueError("There is no attention without a layer: depth is 0.")
        with self._own_precision(Z):
            Z = self._cast(Z)
            if self.mode == "channel":
                Z = self._checked(Z).T
            return self.layers[0].weights(Z)[0].mean(dim=-3)

    def _over_channels(self, Z, context):
        if context is None:
            X = self._checked(Z).T
            for layer in self.layers:
                X = layer(X)
            return X.T
        # The attention of one batch is width x width: limit the batches held at a time.
        n_at_once = max(1, 2**23 // Z.shape[1] ** 2)
        return torch.cat([self._beside(part, context) for part in Z.split(n_at_once)])

    def _beside(self, Z, context):
        rest = context.T.expand(len(Z), -1, -1)
        X = self._checked(torch.cat([Z[:, :, None], rest], dim=2), axis=2)
        for layer in self.layers:
            X = layer(X)
        return X[:, :, 0]

    def _checked(self, X, axis=0):
        if X.shape[axis] != self.batch_size:
            raise ValueError(
                f'mode="channel" has weights for batches of {self.batch_size} samples, '
                f'got {X.shape[axis]}. Fill up the batch, or take mode="sample".'
            )
        return X

    def _cast(self, Z):
        return None if Z is None else Z.to(self.layers[0].query_key.weight.dtype)

    @staticmethod
    def _own_precision(Z):
        return torch.autocast(Z.device.type, enabled=False)


class _EncoderLayer(nn.Module):
    """Attention without values, then two linear maps, each with a residual."""

    def __init__(self, width, n_heads, scale):
        super().__init__()
        self.n_heads = n_heads
        self.scale = scale
        self.query_key = nn.Linear(width, 2 * width)
        self.hidden = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        for linear in (self.query_key, self.hidden, self.out):
            nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(self.query_key.bias)
        for linear in (self.hidden, self.out):
            nn.init.normal_(linear.bias, std=1e-6)

    def forward(self, X, context=None):
        Z = self._mix(X, context) + X
        return Z + self.out(torch.relu(self.hidden(Z)))

    def weights(self, X, context=None):
        """Return the attention, split by heads on an axis before the rows.

        Two parts, over tokens and over the context; rows of both together sum to one.
        Without a context the tokens are all of X, with one only the row itself.
        """
        queries, keys = map(self._by_head, self.query_key(X).chunk(2, dim=-1))
        if context is None:
            return (self.scale * queries @ keys.mT).softmax(dim=-1), None
        known = self._by_head(self.query_key(context).chunk(2, dim=-1)[1])
        own = (queries * keys).sum(dim=-1, keepdim=True)
        both = torch.cat([own, queries @ known.mT], dim=-1)
        return (self.scale * both).softmax(dim=-1).split([1, known.shape[-2]], dim=-1)

    def _mix(self, X, context):
        A, A_context = self.weights(X, context)
        values = self._by_head(X)
        if context is None:
            mixed = A @ values
        else:
            mixed = A * values + A_context @ self._by_head(context)
        return mixed.transpose(-3, -2).flatten(-2)

    def _by_head(self, X):
        return X.unflatten(-1, (self.n_heads, -1)).transpose(-3, -2)
