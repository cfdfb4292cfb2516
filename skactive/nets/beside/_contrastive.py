"""Contrastive learning from two views of a sample: loss, key queues, EMA of weights."""

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
        Row i is the positive of row i of `queries`.
    queue : Tensor of shape (m, d)
        Keys of other samples, the negatives, of unit length.
    temperature : float
        Cosines are divided by it. If small, only the most similar negatives count.

    Returns
    -------
    losses : Tensor of shape (n,)
        Minus the log of the softmax probability of the own key among all ``1 + m``;
        ``log(1 + m)`` if all keys look the same.
    """
    own = (queries * keys).sum(dim=1, keepdim=True)
    logits = torch.cat([own, queries @ queue.T], dim=1) / temperature
    return logits.logsumexp(dim=1) - logits[:, 0]


def key_momentum_at(step, n_steps, start=0.99):
    """Return the decay of the EMA, which rises from `start` to 1 by a cosine schedule.

    `step` counts from 0; beyond `n_steps` it is 1.
    """
    share = min(step / max(n_steps, 1), 1.0)
    return 1 - (1 - start) * (1 + cos(pi * share)) / 2


@torch.no_grad()
def follow(followers, leaders, momentum):
    """Move parameters towards others, in place: ``m * follower + (1 - m) * leader``."""
    # As a step along the difference, so that equal weights are not changed by rounding.
    torch._foreach_lerp_(followers, leaders, 1 - momentum)


class KeyQueues(nn.Module):
    """The latest keys of strong and of weak views, and the number of steps.

    Parameters
    ----------
    size : int
        Keys in each of the two queues.
    dim : int
        Length of a key.

    Notes
    -----
    Buffers, so that they move between devices and are saved with the nets. They are
    initialized with random directions. Both queues share one pointer; at the end it
    wraps around, so `size` need not be a multiple of the batch size.
    """

    def __init__(self, size, dim):
        super().__init__()
        for name in ("strong", "weak"):
            self.register_buffer(name, F.normalize(torch.randn(size, dim), dim=1))
        self.register_buffer("pointer", torch.zeros((), dtype=torch.long))
        self.register_buffer("step", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def enqueue(self, strong, weak):
        """Overwrite the oldest keys; of more keys than fit, keep the last."""
        size = len(self.strong)
        skipped = max(len(strong) - size, 0)
        places = torch.arange(skipped, len(strong), device=strong.device)
        places = (self.pointer + places) % size
        self.strong[places], self.weak[places] = strong[skipped:], weak[skipped:]
        self.pointer.copy_((self.pointer + len(strong)) % size)
