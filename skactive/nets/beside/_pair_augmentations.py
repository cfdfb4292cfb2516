"""Change images and what is in them alike, batch by batch."""

import torch


class HorizontalFlip:
    """Mirror images, and their masks or boxes with them, each with probability `p`.

    For ``augment`` of :class:`~skactive.nets.NetSegmenter` and
    :class:`~skactive.nets.NetDetector`.

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
        """Return images and targets, some of them mirrored.

        Parameters
        ----------
        X : Tensor of shape (n, channels, height, width)
            Images.
        y : Tensor of int of shape (n, height, width), or of float of shape (n, m, 5)
            Masks; or boxes as corners in pixels and class.

        Returns
        -------
        X, y : Tensor
            Of the same shapes.
        """
        mirrored = torch.rand(len(X)) < self.p
        for_X, for_y = mirrored.to(X.device), mirrored.to(y.device)
        X = torch.where(for_X[:, None, None, None], X.flip(-1), X)
        flipped = y.flip(-1)
        if y.is_floating_point():
            left, right = X.shape[-1] - y[..., 2], X.shape[-1] - y[..., 0]
            flipped = torch.stack([left, y[..., 1], right, y[..., 3], y[..., 4]], -1)
        return X, torch.where(for_y[:, None, None], flipped, y)
