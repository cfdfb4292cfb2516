"""Labels of all nodes from those of some, by a graph convolutional network."""

import torch

from skactive.deep.revival._feature_propagator import COUNT, FeaturePropagator
from skactive.nets.graphs._graph_propagator import GraphPropagator


class GCNPropagator(FeaturePropagator):
    """A graph convolutional network, trained on the labels of some nodes and frozen.

    The propagator of the figure in the REVIVAL paper [1]_.

    Parameters
    ----------
    hidden : int, default=64
        Width of the hidden layer.
    max_epochs : int, default=200
        Steps of training, each on all nodes.
    xi : float or None, default=None
        Step of the finite difference by which the adversary finds its direction, as
        in :func:`~skactive.nets.virtual_adversarial`.
    n_power : int, default=1
        Its power iterations.
    device : str or torch.device, default="cpu"
        Where the net is trained, such as "cuda".
    random_state : int, RandomState instance or None, default=None
        Seeds weights, dropout, and the start of the adversary.

    Attributes
    ----------
    proba_ : ndarray of float64 of shape (n_nodes, n_classes)
        Distributions.
    net_ : GCN
        The net.
    reached_ : ndarray of bool of shape (n_nodes,)
        All true: where no label reaches, the net predicts from features.

    See Also
    --------
    LGCPropagator : Label spreading in closed form, without training.
    SGCPropagator : Logistic regression on features averaged along the edges.

    References
    ----------
    .. [1] J. Guo, H. Shi, Y. Kang, K. Kuang, S. Tang, Z. Jiang, C. Sun, F. Wu and
       Y. Zhuang. "Semi-supervised Active Learning for Semi-supervised Models: Exploit
       Adversarial Examples with Graph-based Virtual Labels." ICCV 2021.
       doi:10.1109/ICCV48922.2021.00289.

    Examples
    --------
    >>> from skactive.deep import REVIVAL, GCNPropagator
    >>> X = [[0.0, 1.0], [1.0, 0.0], [0.1, 1.0], [1.0, 0.1], [0.0, 2.0], [2.0, 0.0]]
    >>> propagator = GCNPropagator(hidden=8, max_epochs=50)
    >>> strategy = REVIVAL(propagator=propagator, random_state=0)
    >>> strategy.fit(X[:2], [0, 1], X_pool=X[2:]).virtual_labels_.shape
    (4, 2)
    """

    _dtype = torch.float32

    _parameter_constraints = {
        **FeaturePropagator._parameter_constraints,
        "hidden": COUNT,
        "max_epochs": COUNT,
    }

    def __init__(
        self,
        *,
        hidden=64,
        max_epochs=200,
        xi=None,
        n_power=1,
        device="cpu",
        random_state=None,
    ):
        self.hidden = hidden
        self.max_epochs = max_epochs
        self.xi = xi
        self.n_power = n_power
        self.device = device
        self.random_state = random_state

    def _train(self, operator, rows, y, n_classes):
        self._propagator = GraphPropagator(
            hidden=self.hidden,
            max_epochs=self.max_epochs,
            device=self.device,
            random_state=self._seed,
        ).fit(operator, self._Z, rows, y, n_classes)
        self.net_ = self._propagator.net_
        with torch.no_grad():
            self.proba_ = self._logits().double().softmax(dim=1).cpu().numpy()

    def _logits(self, X=None):
        return self._propagator.logits(X)
