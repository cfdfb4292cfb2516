"""Change images and their masks alike, batch by batch."""

import torch


class HorizontalFlip:
    """Mirror images, and their masks with them, each with probability `p`.

    For ``augment`` of :class:`~skactive.nets.NetSegmenter`.

    Parameters
    ----------
    p : float, default=0.5
        Probability that an image is mirrored, from 0 to 1.

    Notes
    -----
    Draws from torch's generator, on the CPU, one number per image.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets import HorizontalFlip
    >>> X, y = torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[0, 1]]])
    >>> X, y = HorizontalFlip(p=1.0)(X, y)
    >>> X.flatten().tolist(), y.flatten().tolist()
    ([2.0, 1.0], [1, 0])
    """

    def __init__(self, p=0.5):
        if not 0 <= p <= 1:
            raise ValueError(f"p is a probability, from 0 to 1, got {p}.")
        self.p = p

    def __repr__(self):
        return f"HorizontalFlip(p={self.p})"

    def __call__(self, X, y):
        """Return images and masks, some of them mirrored.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images.
        y : Tensor of shape (n, height, width)
            Masks.

        Returns
        -------
        X, y : Tensor
            Of the same shapes.
        """
        mirrored = torch.rand(len(X)) < self.p
        for_X, for_y = mirrored.to(X.device), mirrored.to(y.device)
        X = torch.where(for_X[:, None, None, None], X.flip(-1), X)
        return X, torch.where(for_y[:, None, None], y.flip(-1), y)
