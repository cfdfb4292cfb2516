"""Training of graph convolutions: all nodes of one graph in every step."""

import numpy as np
import torch
from torch.nn import functional as F

from skactive.utils._progress import step_done


def train_graph_net(net, X, operator, losses, *, max_epochs, lr, weight_decay):
    """Train a net on one graph; return the losses of each epoch.

    Parameters
    ----------
    net : GCN
        Trained in place; in evaluation mode afterwards.
    X : Tensor of shape (n_nodes, n_features)
        Features of all nodes.
    operator : Tensor or object with ``@``
        The normalized affinity. The first layer needs only ``operator @ X``, which is
        computed once for all epochs.
    losses : callable
        From logits of shape (n_nodes, n_outputs) to a dict of scalars, whose sum is
        minimized.
    max_epochs : int
        Steps, each on all nodes.
    lr : float
        Learning rate of Adam.
    weight_decay : float or dict of float
        Of all parameters, or by name; 0 for those that are not named.

    Returns
    -------
    history : dict of lists of float
        Each loss in each epoch, before its step.

    Raises
    ------
    FloatingPointError
        If a loss becomes NaN or infinite; it names the epoch and the loss.
    """
    decay = weight_decay
    groups = [
        {
            "params": [weights],
            "weight_decay": decay.get(name, 0) if isinstance(decay, dict) else decay,
        }
        for name, weights in net.named_parameters()
    ]
    optimizer = torch.optim.Adam(groups, lr=lr)
    X = operator @ X
    history = {}
    net.train()
    try:
        for epoch in range(1, max_epochs + 1):
            terms = losses(net(X, operator, propagated=True))
            for term, value in terms.items():
                history.setdefault(term, []).append(value.item())
            _check(history, epoch, lr)
            optimizer.zero_grad(set_to_none=True)
            sum(terms.values()).backward()
            optimizer.step()
            step_done("epoch", epoch, max_epochs)
    finally:
        net.eval()
        net.zero_grad(set_to_none=True)
    return history


def _check(history, epoch, lr):
    """Refuse losses that are not finite, before they reach a weight."""
    last = {term: values[-1] for term, values in history.items()}
    faults = [f"{term} ({x})" for term, x in last.items() if not np.isfinite(x)]
    if faults:
        raise FloatingPointError(
            f"Losses that are not finite in epoch {epoch}: {', '.join(faults)}. Lower "
            f"lr (now {lr}), or look for extreme numbers among the features."
        )


def labeled_or_not(logits, n_unlabeled, unlabeled_weight):
    """Return the losses of telling labeled and unlabeled nodes apart.

    Parameters
    ----------
    logits : Tensor of shape (n_nodes, 1)
        Logits of "is labeled"; the unlabeled nodes come first.
    n_unlabeled : int
        How many there are.
    unlabeled_weight : float
        Weight of their loss.

    Returns
    -------
    losses : dict of Tensor
        "labeled" and "unlabeled", means of cross-entropies, computed from logits: a
        probability that is rounded to 1 would have an infinite loss.
    """
    unlabeled, labeled = logits[:n_unlabeled], logits[n_unlabeled:]
    return {
        "labeled": -F.logsigmoid(labeled).mean(),
        "unlabeled": -unlabeled_weight * F.logsigmoid(-unlabeled).mean(),
    }
