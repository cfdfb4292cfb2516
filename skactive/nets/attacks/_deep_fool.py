"""Distance of a sample to the nearest boundary between classes, by DeepFool."""

from contextlib import nullcontext

import numpy as np
import torch
from sklearn.utils import Bunch
from torch import nn

from skactive.nets.attacks._attacked import attacked

# A gradient of a smaller norm gives no direction.
FLAT = 1e-12

#: The dual of each norm, by which the slope along a step of that norm is measured.
DUAL = {1: np.inf, 2: 2, np.inf: 1}


def deep_fool(
    logits,
    X,
    *,
    norm=2,
    max_iter=10,
    overshoot=0.02,
    n_classes=None,
    clip=None,
    sign_step=None,
):
    """Find a small perturbation of each sample that changes its class.

    DeepFool [1]_, a batch at a time: the logits are linearized, a step leads to the
    nearest of their boundaries, and so on until another class wins.

    Parameters
    ----------
    logits : Module or callable
        From a batch to a tensor of shape (n, n_classes), each row from its sample
        alone. A Module is put in evaluation mode, and its mode restored.
    X : Tensor of shape (n, ...)
        Samples, of a float dtype.
    norm : {1, 2, inf}, default=2
        The norm that measures perturbations.
    max_iter : int, default=10
        Steps after which a sample is given up.
    overshoot : float, default=0.02
        Steps are taken to 1 + `overshoot` times the perturbation, since a boundary
        that bends away is approached and never crossed.
    n_classes : int or None, default=None
        Only this many classes, those with the highest logits, are tried. None: all.
    clip : tuple of two floats or None, default=None
        Range to which all values of a perturbed sample are clipped.
    sign_step : float or None, default=None
        If given, iterative sign steps of this size in each value, away from the
        predicted class, instead of DeepFool.

    Returns
    -------
    found : Bunch
        ``radius``, ndarray of shape (n,): norm of the perturbation without overshoot,
        infinite for a flat sample. ``n_iter``, ndarray of int: steps. ``target``,
        ndarray of int: the class reached; the best of the others if none was; its own
        class for a flat sample. ``status``, ndarray of str: "flipped", "max_iter", or
        "flat" where all gradients vanish. ``X_adv``, Tensor like `X`: the sample
        with 1 + `overshoot` times its perturbation.

    Raises
    ------
    ValueError
        If `norm` is none of these.
    FloatingPointError
        If a logit is not finite.

    Notes
    -----
    A sample whose two best logits are equal lies on a boundary: it is "flipped", at
    radius 0. Exact in one step for linear logits. Otherwise a boundary, not always the
    nearest one, is crossed within 1 + `overshoot` times the radius.

    Gradients are computed for all samples at once, one backward pass per class tried,
    and samples that are done are left out. Weights get no gradient. O(n) memory besides
    that of the backward pass.

    References
    ----------
    .. [1] S.-M. Moosavi-Dezfooli, A. Fawzi and P. Frossard. "DeepFool: A Simple and
       Accurate Method to Fool Deep Neural Networks." CVPR 2016. arXiv:1511.04599.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from skactive.nets import deep_fool
    >>> net = nn.Linear(2, 2)
    >>> _ = net.load_state_dict(
    ...     {"weight": torch.eye(2), "bias": torch.zeros(2)})
    >>> found = deep_fool(net, torch.tensor([[3.0, 1.0], [0.0, 4.0]]))
    >>> found.radius.round(3), found.target
    (array([1.414, 2.828], dtype=float32), array([1, 0]))
    """
    if norm not in DUAL:
        raise ValueError(f"norm must be 1, 2 or inf, got {norm!r}.")
    evaluated = attacked(logits) if isinstance(logits, nn.Module) else nullcontext()
    with evaluated:
        return _deep_fool(
            logits, X.detach(), norm, max_iter, overshoot, n_classes, clip, sign_step
        )


def _deep_fool(logits, X, norm, max_iter, overshoot, n_classes, clip, sign_step):
    moved = torch.zeros_like(X)  # the perturbations
    found = _nothing_found(X)

    def at(rows):
        return X[rows] + (1 + overshoot) * moved[rows]

    rows = torch.arange(len(X), device=X.device)  # those not done yet
    first = order = None
    for step in range(max_iter + 1):
        with torch.no_grad():
            z = _finite(logits(at(rows)))
        if step == 0:
            n_kept = z.shape[1] if n_classes is None else min(n_classes, z.shape[1])
            order = z.topk(n_kept, dim=1).indices
            first = z.argmax(dim=1)
        if z.shape[1] == 1:
            _mark(found, rows, status="flat")
            break
        rows = rows[~_crossed(found, rows, z, first, step)]
        if step == max_iter or len(rows) == 0:
            break
        if sign_step is None:
            x, classes = at(rows), (order[rows], first[rows])
            move, flat = _newton_step(logits, x, *classes, norm, clip)
        else:
            move, flat = _sign_step(logits, at(rows), first[rows], sign_step)
        _mark(found, rows[flat], status="flat", target=first[rows[flat]])
        rows, move = rows[~flat], move[~flat]
        moved[rows] += move
        if clip is not None:
            moved[rows] = (at(rows).clamp(*clip) - X[rows]) / (1 + overshoot)
    found.radius[:] = _norms(moved, norm).cpu().numpy()
    found.radius[found.status == "flat"] = np.inf
    found.X_adv = at(slice(None))
    if clip is not None:
        found.X_adv = found.X_adv.clamp(*clip)
    return found


def _nothing_found(X):
    n = len(X)
    return Bunch(
        radius=np.zeros(n, X.new_zeros(0).cpu().numpy().dtype),
        n_iter=np.zeros(n, np.intp),
        target=np.zeros(n, np.intp),
        status=np.full(n, "max_iter"),
    )


def _crossed(found, rows, z, first, step):
    """Record which class leads now; return which samples are beyond a boundary."""
    lead, runner_up = _lead(z, first[rows])
    _mark(found, rows, target=runner_up, n_iter=step)
    crossed = lead <= 0
    _mark(found, rows[crossed], status="flipped")
    return crossed


def _newton_step(logits, xt, order, first, norm, clip):
    """Return the step onto the nearest boundary of the linearized logits."""
    with torch.enable_grad():
        xt = xt.detach().requires_grad_()
        z = logits(xt)
    here = torch.arange(len(xt), device=xt.device)
    nearest = xt.new_full((len(xt),), np.inf)
    move = torch.zeros_like(xt)
    last = order.shape[1] - 1
    for rank in range(1, order.shape[1]):  # rank 0 is the predicted class
        k = order[:, rank]
        with torch.enable_grad():
            rise = z[here, k] - z[here, first]
        # Logits that do not depend on the input have no graph for a backward pass.
        if not rise.requires_grad:
            break
        (w,) = torch.autograd.grad(rise.sum(), xt, retain_graph=rank < last)
        if clip is not None:  # a value at the end of its range can move one way only
            w = w.masked_fill((xt <= clip[0]) & (w < 0) | (xt >= clip[1]) & (w > 0), 0)
        steep = _norms(w, DUAL[norm])
        distance = torch.where(steep > FLAT, rise.detach().abs() / steep, np.inf)
        better = distance < nearest
        nearest = torch.where(better, distance, nearest)
        chosen = w[better]
        move[better] = _along(chosen, steep[better], norm) * _like(
            distance[better], chosen
        )
    return move, ~torch.isfinite(nearest)


def _along(w, steep, norm):
    """Return the direction of norm one in which a linear function rises most."""
    if norm == 2:
        return w / _like(steep, w)
    if norm == np.inf:
        return w.sign()
    flat = w.flatten(1)
    at = flat.abs().argmax(dim=1, keepdim=True)
    unit = torch.zeros_like(flat).scatter_(1, at, flat.gather(1, at).sign())
    return unit.view_as(w)


def _sign_step(logits, xt, first, size):
    """Return a step of fixed size in each value, away from the predicted class.

    The sign is that of the gradient of the cross-entropy, which is a positive number
    times the gradient of the logsumexp of the other logits minus that of the class;
    but this one does not vanish where the softmax is saturated.
    """
    with torch.enable_grad():
        xt = xt.detach().requires_grad_()
        z = logits(xt)
        own = z.gather(1, first[:, None])
        others = z.scatter(1, first[:, None], -np.inf).logsumexp(dim=1)
        rise = others - own[:, 0]
        if not rise.requires_grad:
            return torch.zeros_like(xt), torch.ones_like(first, dtype=torch.bool)
        (w,) = torch.autograd.grad(rise.sum(), xt)
    return size * w.sign(), _norms(w, np.inf) <= FLAT


def _lead(z, first):
    """Return the lead of a class over the best of the others, and which that is."""
    others = z.scatter(1, first[:, None], -np.inf)
    best, which = others.max(dim=1)
    return z.gather(1, first[:, None])[:, 0] - best, which


def _finite(z):
    if not torch.isfinite(z).all():
        bad = int((~torch.isfinite(z).all(dim=1)).sum())
        raise FloatingPointError(
            f"The logits of {bad} samples are not finite, so no boundary can be "
            "found. Train the net with a lower lr, or scale the features."
        )
    return z


def _mark(found, rows, **values):
    rows = rows.cpu().numpy()
    for name, value in values.items():
        found[name][rows] = value.cpu() if isinstance(value, torch.Tensor) else value


def _norms(w, p):
    return torch.linalg.vector_norm(w.flatten(1), ord=p, dim=1)


def _like(values, w):
    """Return one number per sample in a shape that broadcasts over the samples."""
    return values.view(-1, *[1] * (w.ndim - 1))
