"""Base of strategies that tell labeled and unlabeled samples apart on a graph."""

from numbers import Integral, Real

import numpy as np
import torch
from scipy import sparse
from scipy.special import expit

from skactive._sklearn import HasMethods, Interval
from skactive.deep._node_strategy import NodeStrategy
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets.graphs._graph_net import labeled_or_not, train_graph_net
from skactive.nets.graphs._graph_operator import (
    CosineOperator,
    SparseOperator,
    unit_rows,
    with_self_loops,
)
from skactive.nets.modules import GCN
from skactive.utils import seeded_clone

POSITIVE = [Interval(Integral, 1, None, closed="left")]


class GraphConvolutionStrategy(NodeStrategy):
    """Train a graph convolutional net to tell labeled and unlabeled nodes apart.

    A subclass writes ``_select``, in the space of the net: the hidden layer and,
    after it, the logit of "is labeled". There ``Z`` holds the nodes of the pool only.
    """

    _parameter_constraints = {
        "affinity": [HasMethods(["fit_transform"]), None],
        "unlabeled_weight": [Interval(Real, 0, None, closed="neither")],
        "hidden": POSITIVE,
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "max_epochs": POSITIVE,
        "lr": [Interval(Real, 0, None, closed="neither")],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "subset_size": [*POSITIVE, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        embedding=None,
        *,
        affinity=None,
        unlabeled_weight=1.2,
        hidden=128,
        dropout=0.3,
        max_epochs=200,
        lr=1e-3,
        weight_decay=5e-4,
        subset_size=10_000,
        device="cpu",
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.affinity = affinity
        self.unlabeled_weight = unlabeled_weight
        self.hidden = hidden
        self.dropout = dropout
        self.max_epochs = max_epochs
        self.lr = lr
        self.weight_decay = weight_decay
        self.subset_size = subset_size
        self.device = device

    def _fit(self, X, y, X_pool):
        self._validate_params()
        device = check_device(self.device)
        super()._fit(X, y, X_pool)
        self.net_, self.history_ = None, {}
        self.subset_, self.proba_ = np.empty(0, dtype=np.intp), np.empty(0, np.float32)
        if self.n_pool_ == 0:  # scikit-learn's checks call fit without a pool
            return
        self.subset_ = self._drawn()
        n = len(self.subset_)
        rows = unit_rows(np.concatenate([self._Z_pool[self.subset_], self._Z_labeled]))
        operator = self._operator(rows, device)
        with seeded_torch(self._seed(), device):
            nodes = self._trained(torch.tensor(rows).float().to(device), operator, n)
        # From here on samples are represented by the embedding of the net.
        self._Z_pool, self._Z_labeled = nodes[:n], nodes[n:]
        self.proba_ = expit(self._Z_pool[:, -1])

    def _operator(self, rows, device):
        if self.affinity is None:
            return CosineOperator(rows, device=device)
        affinity = seeded_clone(self.affinity, self._fit_seed)
        W = sparse.csr_array(affinity.fit_transform(rows))
        if W.shape != (len(rows),) * 2:
            raise ValueError(
                f"affinity must return one row and one column for each of the "
                f"{len(rows)} samples; got shape {W.shape}."
            )
        if not np.isfinite(W.data).all() or (W.data < 0).any():
            raise ValueError(
                "affinity must return finite numbers of 0 or more: otherwise degrees "
                "could be zero."
            )
        return SparseOperator(with_self_loops(W), device=device)

    def _trained(self, X, operator, n_unlabeled):
        """Train the net and return its embedding of all nodes."""
        self.net_ = GCN(X.shape[1], hidden=self.hidden, dropout=self.dropout)
        self.net_.to(X.device)
        self.history_ = train_graph_net(
            self.net_,
            X,
            operator,
            lambda logits: labeled_or_not(logits, n_unlabeled, self.unlabeled_weight),
            max_epochs=self.max_epochs,
            lr=self.lr,
            weight_decay=self.weight_decay,
        )
        with torch.no_grad():
            return self.net_.embed(X, operator).cpu().numpy()
