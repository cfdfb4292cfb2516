"""Batches of labeled samples beside batches of the pool."""

import torch


class PairedBatches:
    """Endless pairs of batches, equally long, from labeled samples and from the pool.

    Each side is shuffled, used up, and shuffled again. A side with fewer samples than a
    batch repeats them within the batch, each as often as any other, give or take one:
    labels are few in the beginning, and a loader that drops incomplete batches would
    never return one.

    Parameters
    ----------
    X, X_pool : Tensor of shape (n, ...) and (n_pool, ...)
        The two sides. Neither may be empty.
    batch_size : int
        Samples per batch from each side.

    Notes
    -----
    Drawn from torch's generator. A pair costs one indexing per side, and every
    ``n / batch_size`` pairs one permutation.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets._pool import PairedBatches
    >>> X, X_pool = PairedBatches(torch.zeros(3, 2), torch.ones(50, 2), 8).draw()
    >>> X.shape, X_pool.shape
    (torch.Size([8, 2]), torch.Size([8, 2]))
    """

    def __init__(self, X, X_pool, batch_size):
        for name, side in (("labeled set", X), ("pool", X_pool)):
            if len(side) == 0:
                raise ValueError(f"The {name} is empty: there is nothing to pair.")
        self.sides = [(X, _RowStream(len(X))), (X_pool, _RowStream(len(X_pool)))]
        self.batch_size = batch_size

    def draw(self):
        """Return the next batch of labeled samples and the next of the pool."""
        return tuple(side[rows.take(self.batch_size)] for side, rows in self.sides)

    def __len__(self):
        """Return how many pairs show every sample of the longer side once."""
        longer = max(len(side) for side, _ in self.sides)
        return -(-longer // self.batch_size)


class _RowStream:
    """Permutations of the rows 0 .. n - 1, one after the other."""

    def __init__(self, n):
        self.n = n
        self.left = torch.empty(0, dtype=torch.long)

    def take(self, k):
        parts, missing = [self.left[:k]], k - len(self.left)
        self.left = self.left[k:]
        while missing > 0:
            shuffled = torch.randperm(self.n)
            parts.append(shuffled[:missing])
            self.left = shuffled[missing:]
            missing -= self.n
        return torch.cat(parts)
