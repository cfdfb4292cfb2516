"""Step sizes that rise and fall once in a training."""

import math

import torch
from skorch.callbacks import LRScheduler


class OneCycle:
    """Return the share of the step size at a step: up to 1, and down to nothing.

    A cosine up from a 25th in the first 30 % of the steps and down in the others
    [1]_, as in :class:`torch.optim.lr_scheduler.OneCycleLR`, whose steps after the last
    would be an error.

    References
    ----------
    .. [1] L. N. Smith and N. Topin. "Super-convergence: very fast training of neural
       networks using large learning rates." 2018. arXiv:1708.07120.

    Examples
    --------
    >>> from skactive.nets.estimators._schedule import OneCycle
    >>> [round(OneCycle(10)(step), 2) for step in (0, 2, 6, 9, 12)]
    [0.04, 1.0, 0.39, 0.0, 0.0]
    """

    FIRST, LAST, RISE = 1 / 25, 1e-5, 0.3

    def __init__(self, n_steps):
        self.n_steps = n_steps

    def __call__(self, step):
        top = max(1.0, self.RISE * self.n_steps - 1)
        if step <= top:
            return self._between(self.FIRST, 1.0, step / top)
        rest = max(1.0, self.n_steps - 1 - top)
        return self._between(1.0, self.LAST, min(1.0, (step - top) / rest))

    @staticmethod
    def _between(start, end, share):
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


def with_schedule(callbacks, schedule, n_samples, batch_size, max_epochs):
    """Return callbacks with a schedule of the step size among them."""
    if schedule is None or callbacks == "disable":
        return callbacks
    if any(isinstance(_callback(c), LRScheduler) for c in callbacks or ()):
        raise ValueError(
            "callbacks holds a learning-rate scheduler of your own: pass schedule=None "
            "beside it."
        )
    n_steps = max_epochs * -(-n_samples // batch_size)
    cycle = LRScheduler(
        torch.optim.lr_scheduler.LambdaLR,
        lr_lambda=OneCycle(n_steps),
        step_every="batch",
    )
    return [*(callbacks or ()), ("schedule", cycle)]


def _callback(given):
    return given[1] if isinstance(given, tuple) else given
