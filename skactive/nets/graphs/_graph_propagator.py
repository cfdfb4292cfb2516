"""Propagation of labels along a graph by a net."""

import numpy as np
import torch
from torch.nn import functional as F

from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets.graphs._graph_net import train_graph_net
from skactive.nets.graphs._graph_operator import as_operator
from skactive.nets.modules import GCN


class GraphPropagator:
    """Propagate labels along a graph by a trained graph convolutional network.

    It is trained on the labels of some nodes, with all nodes in the graph; then it is
    frozen and predicts for all nodes, also with other features on the same graph.

    Parameters
    ----------
    hidden : int, default=64
        Width of the hidden layer.
    dropout : float, default=0.5
        Dropout rate of the features, after mixing with neighbors, and of the hidden
        layer.
    max_epochs : int, default=200
        Steps, each on all nodes.
    lr : float, default=0.01
        Learning rate of Adam.
    weight_decay : float, default=5e-4
        Of the weights of the first layer.
    class_weight : {"balanced"} or None, default=None
        "balanced": each class counts as much as any other, however many labels it has.
    device : str or torch.device, default="cpu"
        Where the net is trained.
    random_state : int, default=0
        Seeds weights and dropout.

    Attributes
    ----------
    net_ : GCN
        The net, in evaluation mode, its parameters frozen.
    history_ : dict of lists of float
        The loss "labeled" in each epoch.

    Notes
    -----
    The settings are those of [1]_, except for 64 hidden units instead of 16.

    References
    ----------
    .. [1] T. N. Kipf and M. Welling. "Semi-Supervised Classification with Graph
       Convolutional Networks." ICLR 2017. arXiv:1609.02907.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.nets.graphs._graph_propagator import GraphPropagator
    >>> two_pairs = np.kron(np.eye(2), np.full((2, 2), 0.5))
    >>> propagator = GraphPropagator().fit(two_pairs, np.eye(4), [0, 2], [0, 1])
    >>> propagator.predict_proba().argmax(axis=1)
    array([0, 0, 1, 1])
    """

    def __init__(
        self,
        *,
        hidden=64,
        dropout=0.5,
        max_epochs=200,
        lr=0.01,
        weight_decay=5e-4,
        class_weight=None,
        device="cpu",
        random_state=0,
    ):
        self.hidden = hidden
        self.dropout = dropout
        self.max_epochs = max_epochs
        self.lr = lr
        self.weight_decay = weight_decay
        self.class_weight = class_weight
        self.device = device
        self.random_state = random_state

    def fit(self, operator, X, rows, y, n_classes=None):
        """Train on the labels of some nodes.

        Parameters
        ----------
        operator : sparse matrix, ndarray, Tensor or operator
            Normalized affinity of shape (n_nodes, n_nodes), used unchanged.
        X : array-like or Tensor of shape (n_nodes, n_features)
            Features of all nodes.
        rows : array-like of int of shape (n_labeled,)
            The nodes with labels.
        y : array-like of int of shape (n_labeled,)
            Their classes, 0, 1, ...
        n_classes : int or None, default=None
            How many classes there are. None: as many as are seen.

        Returns
        -------
        self : object
            The trained propagator.

        Raises
        ------
        ValueError
            If nothing is labeled, or graph, features and labels do not fit together.
        FloatingPointError
            If the loss becomes NaN or infinite.
        """
        device = check_device(self.device)
        rows, y = np.asarray(rows), np.asarray(y)
        operator = as_operator(operator, device=device)
        X = torch.as_tensor(X, dtype=torch.float32, device=device)
        _check_fit_together(operator, X, rows, y)
        n_classes = int(y.max()) + 1 if n_classes is None else n_classes
        weight = self._weights_of_classes(y, n_classes, device)
        rows, y = (torch.as_tensor(part, device=device) for part in (rows, y))

        def losses(logits):
            return {"labeled": F.cross_entropy(logits[rows], y.long(), weight)}

        with seeded_torch(self.random_state, device):
            self.net_ = GCN(
                X.shape[1],
                n_classes,
                self.hidden,
                dropout=self.dropout,
                input_dropout=self.dropout,
                init="glorot",
            ).to(device)
            self.history_ = train_graph_net(
                self.net_,
                X,
                operator,
                losses,
                max_epochs=self.max_epochs,
                lr=self.lr,
                weight_decay={"first.weight": self.weight_decay},
            )
        self.net_.requires_grad_(False)
        self._graph = operator, X
        return self

    def _weights_of_classes(self, y, n_classes, device):
        if self.class_weight is None:
            return None
        if self.class_weight != "balanced":
            raise ValueError(
                f"class_weight must be 'balanced' or None, got {self.class_weight!r}."
            )
        counts = torch.bincount(torch.as_tensor(y), minlength=n_classes)
        return (1 / counts.clamp_min(1)).to(device, torch.float32)

    def logits(self, X=None):
        """Return the logits of all nodes, differentiable in their features.

        Parameters
        ----------
        X : Tensor of shape (n_nodes, n_features) or None, default=None
            Features in place of those of ``fit``. They do not change the graph.

        Returns
        -------
        logits : Tensor of shape (n_nodes, n_classes)
            Logits of all nodes.
        """
        operator, known = self._graph
        return self.net_(known if X is None else X, operator)

    def predict_proba(self, X=None):
        """Return the class probabilities of all nodes.

        Parameters
        ----------
        X : array-like of shape (n_nodes, n_features) or None, default=None
            Features in place of those of ``fit``. They do not change the graph.

        Returns
        -------
        proba : ndarray of float32 of shape (n_nodes, n_classes)
            Probabilities.
        """
        if X is not None:
            X = torch.as_tensor(X, dtype=torch.float32, device=self._graph[1].device)
        with torch.no_grad():
            return self.logits(X).softmax(dim=1).cpu().numpy()


def _check_fit_together(operator, X, rows, y):
    if X.ndim != 2 or len(X) != operator.shape[0]:
        raise ValueError(
            f"The graph has {operator.shape[0]} nodes and X has shape "
            f"{tuple(X.shape)}; it needs one row for each node."
        )
    if len(rows) == 0 or len(rows) != len(y):
        raise ValueError(
            f"rows and y must have the same length, 1 or more; got {len(rows)} rows "
            f"and {len(y)} labels."
        )
