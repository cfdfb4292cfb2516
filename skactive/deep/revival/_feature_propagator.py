"""Base of propagators that use features too, by whose gradients samples are moved."""

from abc import ABCMeta, abstractmethod
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils import check_random_state

from skactive._sklearn import Interval
from skactive.deep.revival._virtual_adversary import graph_adversary
from skactive.graph import KNNAffinity, normalize_affinity
from skactive.nets._seeded import check_device, seeded_torch
from skactive.utils._documented import BaseEstimator
from skactive.utils._fitting import MAX_SEED

COUNT = [Interval(Integral, 1, None, closed="left")]
# Fraction of the median length of a row: the value that was tried for this code.
SHARE = 0.25


class FeaturePropagator(BaseEstimator, metaclass=ABCMeta):
    """Base of propagators that use features too.

    A subclass has the parameters `xi`, `n_power`, `device` and `random_state`, sets
    ``_dtype``, and writes ``_train``, which sets ``proba_``, and ``_logits``.
    """

    _parameter_constraints = {
        "xi": [Interval(Real, 0, None, closed="neither"), None],
        "n_power": COUNT,
        "random_state": ["random_state"],
    }

    @staticmethod
    def default_affinity():
        """Return the graph that is used if none is given.

        Returns
        -------
        affinity : KNNAffinity
            A transformer, not fitted.
        """
        return KNNAffinity(affinity="binary", symmetrize="max")

    def fit(self, Z, W, rows, y, n_classes):
        """Learn from the labels of some nodes, with all nodes in the graph.

        Parameters
        ----------
        Z : ndarray of shape (n_nodes, n_columns)
            Features of the nodes.
        W : CSR array of shape (n_nodes, n_nodes)
            The affinity.
        rows : ndarray of int of shape (n_labeled,)
            The nodes with labels.
        y : ndarray of int of shape (n_labeled,)
            Their classes, 0, 1, ...
        n_classes : int
            How many classes there are.

        Returns
        -------
        self : object
            The fitted propagator.
        """
        self._validate_params()
        self._seed = self.random_state
        if not isinstance(self._seed, Integral):
            self._seed = int(check_random_state(self._seed).randint(MAX_SEED))
        self._Z = np.asarray(Z)
        self._train(normalize_affinity(W, "kipf"), rows, y, n_classes)
        self.reached_ = np.ones(len(Z), dtype=bool)  # features are informative anywhere
        return self

    def adversary(self, rows, *, eps=None, symmetrize=True):
        """Return how much small steps of all these nodes change labels on the graph.

        Parameters
        ----------
        rows : ndarray of int of shape (n_rows,)
            Nodes that are moved, all at once.
        eps : float or None, default=None
            Length of the step of each. None: a quarter of the median length of the
            features.
        symmetrize : bool, default=True
            Try the opposite direction too and take the worse one.

        Returns
        -------
        found : Bunch
            ``kl`` and ``flipped`` of shape (n_rows,), ``perturbation`` of shape
            (n_rows, n_columns), and ``eps``, the length that was used.
        """
        device = torch.device(self.device)
        X = torch.as_tensor(self._Z, dtype=self._dtype, device=device)
        if eps is None:
            eps = SHARE * float(X.norm(dim=1).median()) or SHARE
        rows = torch.as_tensor(np.asarray(rows), device=device)
        steps = {"xi": self.xi, "n_power": self.n_power, "symmetrize": symmetrize}
        with seeded_torch(self._seed, device):
            found = graph_adversary(self._logits, X, rows, eps, **steps)
        for name in ("kl", "perturbation", "flipped"):
            found[name] = found[name].cpu().numpy()
        return found

    @abstractmethod
    def _train(self, operator, rows, y, n_classes):
        """Set ``proba_``, by the normalized graph and the labels of some rows."""

    @abstractmethod
    def _logits(self, X):
        """Return the logits of all nodes, a tensor, if their features were ``X``."""

    def _validate_params(self):
        super()._validate_params()
        check_device(self.device)
