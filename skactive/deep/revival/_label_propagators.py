"""Labels of all nodes from those of some: by diffusion, a net, or a smoothed line.

Behind one small interface: ``fit(Z, W, rows, y, n_classes)``, then ``proba_`` of shape
(n_nodes, n_classes), and ``adversary(rows, ...)``.
"""

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from skactive.deep.revival._virtual_adversary import graph_adversary, local_adversary
from skactive.graph import KNNAffinity, SparseLabelSpreading, normalize_affinity
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets.graphs._graph_operator import SparseOperator
from skactive.nets.graphs._graph_propagator import GraphPropagator

# Of the median length of a row; the share that was tried when this was written.
SHARE = 0.25


class LGCPropagator:
    """Label spreading in closed form, made sharper.

    With `alpha` near 1 spread labels are a ranking and nearly uniform; a power of them
    tells a rim that faces another cluster from one that faces nothing.

    Parameters
    ----------
    alpha : float, default=0.99
        How far labels flow.
    sharpness : float, default=20.0
        Distributions are taken to this power and normalized again. 1 leaves them.

    Attributes
    ----------
    proba_ : ndarray of float64 of shape (n_nodes, n_classes)
        Distributions; uniform where no label reaches.
    reached_ : ndarray of bool of shape (n_nodes,)
        Whether a label reaches the node.
    """

    def __init__(self, *, alpha=0.99, sharpness=20.0):
        self.alpha = alpha
        self.sharpness = sharpness

    @staticmethod
    def default_affinity():
        """Return the graph that the method is used with."""
        return KNNAffinity()

    def fit(self, Z, W, rows, y, n_classes):
        """Let the labels of some nodes flow along the edges."""
        labels = np.full(W.shape[0], -1)
        labels[rows] = y
        model = SparseLabelSpreading("precomputed", alpha=self.alpha).fit(W, labels)
        proba = model.label_distributions_.astype(np.float64)
        # By the largest number first: powers of small ones are nothing.
        proba = (proba / proba.max(axis=1, keepdims=True)) ** self.sharpness
        self.proba_ = proba / proba.sum(axis=1, keepdims=True)
        self.reached_ = model.reached_
        self._nodes = Z, W
        return self

    def adversary(self, rows, *, eps, symmetrize, n_neighbors, **_):
        """Return how far a small step changes the average of the neighbors' labels."""
        return local_adversary(
            *self._nodes,
            self.proba_,
            rows,
            eps=eps,
            n_neighbors=n_neighbors,
            symmetrize=symmetrize,
        )


class _FeaturePropagator:
    """Base of propagators that look at features too: gradients lead to them.

    A subclass writes ``_train``, which sets ``proba_``, and ``_logits``.
    """

    def __init__(self, *, device="cpu", random_state=0):
        self.device = device
        self.random_state = random_state

    @staticmethod
    def default_affinity():
        """Return the graph that the method is used with."""
        return KNNAffinity(affinity="binary", symmetrize="max")

    def fit(self, Z, W, rows, y, n_classes):
        """Learn from the labels of some nodes, with all nodes in the graph."""
        self._Z = np.asarray(Z)
        self._train(normalize_affinity(W, "kipf"), rows, y, n_classes)
        self.reached_ = np.ones(len(Z), dtype=bool)  # features say something anywhere
        return self

    def adversary(self, rows, *, eps, xi, n_power, symmetrize, **_):
        """Return how far small steps of all these nodes change labels on the graph."""
        device = check_device(self.device)
        X = torch.as_tensor(self._Z, dtype=self._dtype, device=device)
        if eps is None:
            eps = SHARE * float(X.norm(dim=1).median()) or SHARE
        rows = torch.as_tensor(np.asarray(rows), device=device)
        with seeded_torch(self.random_state, device):
            found = graph_adversary(
                self._logits,
                X,
                rows,
                eps,
                xi=xi,
                n_power=n_power,
                symmetrize=symmetrize,
            )
        for name in ("kl", "perturbation", "flipped"):
            found[name] = found[name].cpu().numpy()
        return found


class GCNPropagator(_FeaturePropagator):
    """A graph convolutional network, trained on the labels and frozen.

    Parameters
    ----------
    hidden : int, default=64
        Width of the hidden layer.
    max_epochs : int, default=200
        Steps of training, each on all nodes.
    device : str or torch.device, default="cpu"
        Where the net lives.
    random_state : int, default=0
        Seeds weights, dropout, and the start of the adversary.

    Attributes
    ----------
    proba_ : ndarray of float64 of shape (n_nodes, n_classes)
        Distributions.
    net_ : GCN
        The net.
    reached_ : ndarray of bool of shape (n_nodes,)
        All true: the net answers from features where no label reaches.
    """

    _dtype = torch.float32

    def __init__(self, *, hidden=64, max_epochs=200, device="cpu", random_state=0):
        super().__init__(device=device, random_state=random_state)
        self.hidden = hidden
        self.max_epochs = max_epochs

    def _train(self, operator, rows, y, n_classes):
        self._propagator = GraphPropagator(
            hidden=self.hidden,
            max_epochs=self.max_epochs,
            device=self.device,
            random_state=self.random_state,
        ).fit(operator, self._Z, rows, y, n_classes)
        self.net_ = self._propagator.net_
        with torch.no_grad():
            self.proba_ = self._logits().double().softmax(dim=1).cpu().numpy()

    def _logits(self, X=None):
        return self._propagator.logits(X)


class SGCPropagator(_FeaturePropagator):
    """Logistic regression on features that were averaged along the edges.

    Simplified graph convolution: convex, without epochs and without a start.

    Parameters
    ----------
    hops : int, default=2
        How often features are averaged.
    C : float, default=100.0
        Inverse strength of the regularization.
    device : str or torch.device, default="cpu"
        Where gradients are computed.
    random_state : int, default=0
        Seeds the start of the adversary.

    Attributes
    ----------
    proba_ : ndarray of float64 of shape (n_nodes, n_classes)
        Distributions.
    model_ : LogisticRegression
        The fitted model.
    reached_ : ndarray of bool of shape (n_nodes,)
        All true: the model answers from features where no label reaches.
    """

    _dtype = torch.float64

    def __init__(self, *, hops=2, C=100.0, device="cpu", random_state=0):
        super().__init__(device=device, random_state=random_state)
        self.hops = hops
        self.C = C

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
        device = check_device(self.device)
        self._operator = SparseOperator(operator, dtype=self._dtype, device=device)
        self._linear = [
            torch.tensor(part, device=device) for part in (coef.T, intercept)
        ]

    def _logits(self, X):
        X = X @ self._linear[0]  # a few classes travel faster than many features
        for _ in range(self.hops):
            X = self._operator @ X
        return X + self._linear[1]
