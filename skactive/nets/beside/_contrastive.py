"""What two views of a sample have in common: loss, keys, and the EMA of weights."""

from math import cos, pi

import torch
from torch import nn
from torch.nn import functional as F


def contrastive_loss(queries, keys, queue, temperature=0.2):
    """Return the InfoNCE loss of each query: its own key against the negatives.

    Parameters
    ----------
    queries : Tensor of shape (n, d)
        Rows of unit length.
    keys : Tensor of shape (n, d)
        Row i is what row i of `queries` should find.
    queue : Tensor of shape (m, d)
        Keys of other samples, the negatives, of unit length.
    temperature : float
        Cosines are divided by it. Small: only the most similar others count.

    Returns
    -------
    losses : Tensor of shape (n,)
        Minus the log of the share of the own key among all ``1 + m``; ``log(1 + m)``
        if nothing can be told apart.
    """
    own = (queries * keys).sum(dim=1, keepdim=True)
    logits = torch.cat([own, queries @ queue.T], dim=1) / temperature
    return logits.logsumexp(dim=1) - logits[:, 0]


def key_momentum_at(step, n_steps, start=0.99):
    """Return the decay of the EMA: from `start` to 1, by a cosine schedule.

    `step` counts from 0; beyond `n_steps` it is 1.
    """
    share = min(step / max(n_steps, 1), 1.0)
    return 1 - (1 - start) * (1 + cos(pi * share)) / 2


@torch.no_grad()
def follow(followers, leaders, momentum):
    """Move parameters towards others, in place: ``m * follower + (1 - m) * leader``."""
    # As a step along the difference: where there is none, nothing changes by rounding.
    torch._foreach_lerp_(followers, leaders, 1 - momentum)


class KeyQueues(nn.Module):
    """The latest keys of strong and of weak views, and how often they were asked for.

    Parameters
    ----------
    size : int
        Keys in each of the two queues.
    dim : int
        Length of a key.

    Notes
    -----
    Buffers, so that they move between devices and are stored with the nets. They begin
    with random directions. One pointer serves both queues; at the end it wraps, so that
    `size` need not be a multiple of the batch.
    """

    def __init__(self, size, dim):
        super().__init__()
        for name in ("strong", "weak"):
            self.register_buffer(name, F.normalize(torch.randn(size, dim), dim=1))
        self.register_buffer("pointer", torch.zeros((), dtype=torch.long))
        self.register_buffer("step", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def enqueue(self, strong, weak):
        """Write keys over the oldest; of more than there is room for, the last."""
        size = len(self.strong)
        skipped = max(len(strong) - size, 0)
        places = torch.arange(skipped, len(strong), device=strong.device)
        places = (self.pointer + places) % size
        self.strong[places], self.weak[places] = strong[skipped:], weak[skipped:]
        self.pointer.copy_((self.pointer + len(strong)) % size)
