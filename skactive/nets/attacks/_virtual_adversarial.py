"""The small perturbation that changes the probabilities of a net most."""

from contextlib import contextmanager

import torch
from scipy.special import log_softmax
from sklearn.utils import Bunch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from skactive.nets._seeded import seeded_torch
from skactive.nets.attacks._attacked import attacked
from skactive.nets.attacks._linear_head import leading_combination


def virtual_adversarial(
    logits,
    X,
    eps,
    *,
    xi=None,
    n_power=1,
    method="power",
    symmetrize=True,
    start=None,
):
    """Find the perturbation of each sample that changes its probabilities most.

    Virtual adversarial direction [1]_ and local distributional smoothness, the
    divergence ``KL(p(x) || p(x + r))`` at ``|r| = eps``. No label is needed.

    Parameters
    ----------
    logits : Module or callable
        From a batch to a tensor of shape (n, n_classes), each row from its sample
        alone. A Module is put in evaluation mode, and its mode restored.
    X : Tensor of shape (n, ...)
        Samples, of a float dtype.
    eps : float
        Euclidean length of the perturbation, in units of `X`.
    xi : float or None, default=None
        Step of the finite difference in power iteration, in units of `X`. None: 5e-3
        times the median length of a sample in float32, 1e-5 times it in float64.
        Far larger ones saturate the softmax and miss the direction.
    n_power : int, default=1
        Power iterations.
    method : {"power", "exact"}, default="power"
        "exact" takes the first eigenvector of the Fisher information, from one backward
        pass per class: no `xi`, no start. For few classes.
    symmetrize : bool, default=True
        Try the opposite direction too and take the worse one: eigenvectors have no
        sign, and the two can differ by a factor of 2.
    start : Tensor or None, default=None
        Where power iteration starts, of a shape that broadcasts to `X`. None: Gaussian
        numbers from torch's generator.

    Returns
    -------
    found : Bunch
        ``smoothness``, Tensor of shape (n,): the divergence, 0 or more.
        ``perturbation``, Tensor like `X`. ``flat``, Tensor of bool: where gradients
        vanish; both are 0 there.

    Notes
    -----
    Power iteration costs `n_power` backward passes and `n_power` + 2 forward ones, one
    more with `symmetrize`. Weights get no gradient.

    References
    ----------
    .. [1] T. Miyato, S. Maeda, M. Koyama and S. Ishii. "Virtual Adversarial Training:
       A Regularization Method for Supervised and Semi-Supervised Learning." IEEE TPAMI
       41(8), 2019. arXiv:1704.03976.

    Examples
    --------
    The sample nearer to the boundary is the less smooth one:

    >>> import torch
    >>> from torch import nn
    >>> from skactive.nets import virtual_adversarial
    >>> net = nn.Linear(2, 2)
    >>> _ = net.load_state_dict(
    ...     {"weight": torch.eye(2), "bias": torch.zeros(2)})
    >>> found = virtual_adversarial(
    ...     net, torch.tensor([[3.0, 1.0], [0.0, 9.0]]), eps=0.5, method="exact")
    >>> bool(found.smoothness[0] > found.smoothness[1])
    True
    """
    if isinstance(logits, nn.Module):
        settings = {"xi": xi, "n_power": n_power, "method": method}
        settings |= {"symmetrize": symmetrize, "start": start}
        with attacked(logits):
            return virtual_adversarial(lambda batch: logits(batch), X, eps, **settings)
    X = X.detach()
    if method == "exact":
        log_p, unit = _first_eigenvector(logits, X)
    elif method == "power":
        with torch.no_grad():
            log_p = logits(X).log_softmax(dim=1)
        start = torch.randn_like(X) if start is None else start.expand_as(X)
        xi = finite_step(X) if xi is None else xi
        unit = _power_iteration(logits, X, log_p, start, xi, n_power)
    else:
        raise ValueError(f"method must be 'power' or 'exact', got {method!r}.")
    step = eps * unit
    with torch.no_grad():
        worst = divergence(log_p, logits(X + step))
        if symmetrize:
            other = divergence(log_p, logits(X - step))
            sign = torch.where(other > worst, -1.0, 1.0).to(X.dtype)
            step = step * sign.view(-1, *[1] * (X.ndim - 1))
            worst = torch.maximum(worst, other)
    flat = unit.flatten(1).abs().amax(dim=1) == 0
    return Bunch(smoothness=worst, perturbation=step, flat=flat)


class VATLoss(nn.Module):
    """Loss of virtual adversarial training: how much perturbations move predictions.

    Add it, weighted, to the loss of the labeled samples; it needs no labels itself
    [1]_.

    Parameters
    ----------
    eps : float, default=1.0
        Length of the perturbation, in units of the samples.
    xi : float or None, default=None
        Step of the finite difference; None as in
        :func:`~skactive.nets.virtual_adversarial`.
    n_power : int, default=1
        Power iterations.

    Notes
    -----
    No gradient flows through the clean prediction and the perturbation. All passes
    draw the same dropout, and batch normalization does not update its running
    statistics. Costs `n_power` + 2 forward and `n_power` + 1 backward passes.

    References
    ----------
    .. [1] T. Miyato, S. Maeda, M. Koyama and S. Ishii. "Virtual Adversarial Training:
       A Regularization Method for Supervised and Semi-Supervised Learning." IEEE TPAMI
       41(8), 2019. arXiv:1704.03976.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets import VATLoss
    >>> net, X = torch.nn.Linear(3, 2), torch.randn(8, 3)
    >>> loss = VATLoss(eps=0.5)(net, X)
    >>> loss.backward()
    >>> bool(loss > 0)
    True
    """

    def __init__(self, eps=1.0, xi=None, n_power=1):
        super().__init__()
        self.eps = eps
        self.xi = xi
        self.n_power = n_power

    def forward(self, module, X):
        """Return the mean divergence over a batch.

        Parameters
        ----------
        module : Module
            Returns logits of shape (n, n_classes).
        X : Tensor of shape (n, ...)
            Samples, labeled or not.

        Returns
        -------
        loss : Tensor of shape ()
            0 or more; its gradient reaches the weights of `module`.
        """
        start = torch.randn_like(X)
        seed = int(torch.randint(2**31 - 1, ()))

        def logits(X):
            with seeded_torch(seed, X.device):
                return module(X)

        with _statistics_kept(module):
            with torch.no_grad():
                log_p = logits(X).log_softmax(dim=1)
            xi = finite_step(X) if self.xi is None else self.xi
            unit = _power_iteration(logits, X, log_p, start, xi, self.n_power)
            return divergence(log_p, logits(X.detach() + self.eps * unit)).mean()


def divergence(log_p, z):
    """Return KL(p || softmax(z)) of each row."""
    change = log_p - z.log_softmax(dim=1)
    return (log_p.exp() * change).sum(dim=1).clamp_min(0)


def finite_step(X):
    """Return a step that is small for the samples and large for their rounding."""
    scale = float(X.detach().flatten(1).norm(dim=1).median()) if len(X) else 0.0
    return (1e-5 if X.dtype == torch.float64 else 5e-3) * (scale or 1.0)


def _power_iteration(logits, X, log_p, start, xi, n_power):
    """Return the direction, of length one, or zero where there is no gradient."""
    X, unit = X.detach(), _normalized(start)
    for _ in range(n_power):
        with torch.enable_grad():
            step = unit.detach().requires_grad_()
            total = divergence_of_change(log_p, logits(X + xi * step)).sum()
            if not total.requires_grad:
                return torch.zeros_like(X)
            (gradient,) = torch.autograd.grad(total, step)
        unit = _normalized(gradient)
    return unit


def divergence_of_change(log_p, z):
    """Return the part of the divergence with ``z`` in it; its gradient is q - p."""
    return -(log_p.exp() * z.log_softmax(dim=1)).sum(dim=1)


def _normalized(d):
    # Divided by the largest first: squares of tiny gradients underflow in float32.
    flat = d.flatten(1)
    largest = flat.abs().amax(dim=1, keepdim=True)
    flat = torch.where(largest > 0, flat / largest, torch.zeros_like(flat))
    length = flat.norm(dim=1, keepdim=True)
    return torch.where(length > 0, flat / length, flat).view_as(d)


def _first_eigenvector(logits, X):
    """Return log-probabilities, and the direction found from the Jacobian."""
    with torch.enable_grad():
        x = X.clone().requires_grad_()
        z = logits(x)
        classes = range(z.shape[1])
        if not z.requires_grad:
            return z.log_softmax(dim=1), torch.zeros_like(X)
        rows = [
            torch.autograd.grad(z[:, k].sum(), x, retain_graph=k < len(classes) - 1)[0]
            for k in classes
        ]
    J = torch.stack([row.flatten(1) for row in rows], dim=1)
    J = J - J.mean(dim=1, keepdim=True)  # a constant in all logits changes nothing
    K = torch.bmm(J, J.transpose(1, 2)).double().cpu().numpy()
    z = z.detach()
    a = leading_combination(log_softmax(z.double().cpu().numpy(), axis=1), K)
    a = torch.from_numpy(a).to(J)
    unit = _normalized(torch.bmm(a[:, None], J)[:, 0].view_as(X))
    return z.log_softmax(dim=1), unit


@contextmanager
def _statistics_kept(module):
    layers = [
        layer
        for layer in module.modules()
        if isinstance(layer, _BatchNorm) and layer.training
    ]
    tracked = [layer.track_running_stats for layer in layers]
    try:
        for layer in layers:
            layer.track_running_stats = False
        yield
    finally:
        for layer, tracks in zip(layers, tracked):
            layer.track_running_stats = tracks
