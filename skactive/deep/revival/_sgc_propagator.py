"""Labels of all nodes from those of some, by a linear model of averaged features."""

from numbers import Real

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from skactive._sklearn import Interval
from skactive.deep.revival._feature_propagator import COUNT, FeaturePropagator
from skactive.nets.graphs._graph_operator import SparseOperator


class SGCPropagator(FeaturePropagator):
    """Logistic regression on features that were averaged along the edges.

    Simplified graph convolution (SGC): convex, without epochs or random weights.

    Parameters
    ----------
    hops : int, default=2
        How often features are averaged.
    C : float, default=100.0
        Inverse strength of the regularization.
    xi : float or None, default=None
        Step of the finite difference by which the adversary finds its direction, as
        in :func:`~skactive.nets.virtual_adversarial`.
    n_power : int, default=1
        Its power iterations.
    device : str or torch.device, default="cpu"
        Where gradients are computed, such as "cuda".
    random_state : int, RandomState instance or None, default=None
        Seeds the start of the adversary.

    Attributes
    ----------
    proba_ : ndarray of float64 of shape (n_nodes, n_classes)
        Distributions.
    model_ : LogisticRegression
        The fitted model.
    reached_ : ndarray of bool of shape (n_nodes,)
        All true: where no label reaches, the model predicts from features.

    See Also
    --------
    GCNPropagator : The same with a hidden layer, trained by epochs.
    LGCPropagator : Label spreading in closed form, which uses no features.

    Examples
    --------
    Two pairs, and a label in each:

    >>> import numpy as np
    >>> from scipy import sparse
    >>> from skactive.deep import SGCPropagator
    >>> pairs = sparse.csr_array(np.kron(np.eye(2), [[0.0, 1.0], [1.0, 0.0]]))
    >>> propagator = SGCPropagator(hops=1).fit(np.eye(4), pairs, [0, 2], [0, 1], 2)
    >>> propagator.proba_.argmax(axis=1)
    array([0, 0, 1, 1])
    """

    _dtype = torch.float64

    _parameter_constraints = {
        **FeaturePropagator._parameter_constraints,
        "hops": COUNT,
        "C": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        hops=2,
        C=100.0,
        xi=None,
        n_power=1,
        device="cpu",
        random_state=None,
    ):
        self.hops = hops
        self.C = C
        self.xi = xi
        self.n_power = n_power
        self.device = device
        self.random_state = random_state

    def _train(self, operator, rows, y, n_classes):
        smooth = self._Z.astype(np.float64)
        for _ in range(self.hops):
            smooth = operator @ smooth
        self.model_ = LogisticRegression(C=self.C, max_iter=1000).fit(smooth[rows], y)
        self.proba_ = self.model_.predict_proba(smooth)
        coef, intercept = self.model_.coef_, self.model_.intercept_
        if n_classes == 2:  # one row stands for the difference of two
            coef = np.concatenate([np.zeros_like(coef), coef])
            intercept = np.concatenate([np.zeros(1), intercept])
        device = torch.device(self.device)
        self._operator = SparseOperator(operator, dtype=self._dtype, device=device)
        self._linear = [
            torch.tensor(part, device=device) for part in (coef.T, intercept)
        ]

    def _logits(self, X):
        X = X @ self._linear[0]  # few classes are cheaper to average than many features
        for _ in range(self.hops):
            X = self._operator @ X
        return X + self._linear[1]
