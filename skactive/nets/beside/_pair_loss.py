"""Which of two samples has the larger loss?"""

import torch

PAIR_LOSSES = ("margin", "bce", "mse")


def pair_loss(predicted, target, *, kind="margin", margin=1.0, ties="mask"):
    """Return the loss of predicting which of two samples has the larger loss.

    Parameters
    ----------
    predicted, target : Tensor of shape (n,)
        Predicted and true losses, in random order: the first is paired with the last
        and so on. Of an odd number the one in the middle has no partner and is ignored.
        No gradient flows into `target`.
    kind : {"margin", "bce", "mse"}
        Hinge with a margin, logistic loss of the difference, or squared error of the
        value itself, which compares nothing.
    margin : float
        By how much the larger must be ahead, for "margin".
    ties : {"mask", "paper"}
        Leave pairs of equal losses out, or treat the second as the larger.

    Returns
    -------
    loss : Tensor
        Mean over pairs (for "mse": samples) whose losses are finite; 0 if there are
        none.
    """
    _check_rows(predicted, target)
    target = target.detach()
    if kind == "mse":
        finite = torch.isfinite(target)
        squares = (predicted - torch.where(finite, target, 0.0)).square()
        return _mean_of(squares, finite)
    ahead, larger, keep = _pairs(predicted, target)
    if ties == "paper":
        first, second = _halves(target)
        keep = torch.isfinite(first) & torch.isfinite(second)
    if kind == "margin":
        sign = torch.where(larger, 1.0, -1.0)
        return _mean_of(torch.relu(margin - sign * ahead), keep)
    losses = torch.nn.functional.binary_cross_entropy_with_logits(
        ahead, larger.to(ahead.dtype), reduction="none"
    )
    return _mean_of(losses, keep)


def count_ranked(predicted, target):
    """Return how many pairs are ranked correctly, and how many are not tied."""
    _check_rows(predicted, target)
    ahead, larger, keep = _pairs(predicted.detach(), target.detach())
    # A predicted tie is a miss for either order.
    right = torch.where(larger, ahead > 0, ahead < 0) & keep
    return right.sum(), keep.sum()


def _check_rows(predicted, target):
    if predicted.ndim != 1 or predicted.shape != target.shape:
        raise ValueError(
            "Predicted and true losses must be one number per sample, both of shape "
            f"(n,); got {tuple(predicted.shape)} and {tuple(target.shape)}, which "
            "would broadcast."
        )


def _halves(values):
    half = len(values) // 2
    return values[:half], values.flip(0)[:half]


def _pairs(predicted, target):
    """Return lead of the first, whether it should lead, and which pairs count."""
    (a, b), (first, second) = _halves(predicted), _halves(target)
    finite = torch.isfinite(first) & torch.isfinite(second)
    return a - b, first > second, finite & (first != second)


def _mean_of(losses, keep):
    # Without any pair still part of the graph, so that backward gives zeros.
    return (losses * keep).sum() / keep.sum().clamp(min=1)
