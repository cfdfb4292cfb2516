"""Labels of all nodes from those of some, by diffusion along the edges."""

from numbers import Integral, Real

import numpy as np

from skactive._sklearn import Interval
from skactive.deep.revival._virtual_adversary import local_adversary
from skactive.graph import KNNAffinity, SparseLabelSpreading
from skactive.utils._documented import BaseEstimator


class LGCPropagator(BaseEstimator):
    """Label spreading in closed form, made sharper: the default of REVIVAL.

    With `alpha` near 1 the spread labels are nearly uniform, and only their ranking is
    informative. Raised to a power, they can tell apart the edge of a cluster that faces
    another cluster from one that faces nothing.

    Parameters
    ----------
    alpha : float, default=0.99
        How far labels flow, above 0 and below 1.
    sharpness : float, default=20.0
        Distributions are taken to this power and normalized again; 1 leaves them
        nearly uniform.
    n_neighbors : int, default=10
        The adversary averages over this many nearest neighbors of a node.

    Attributes
    ----------
    proba_ : ndarray of float64 of shape (n_nodes, n_classes)
        Distributions; uniform where no label reaches.
    reached_ : ndarray of bool of shape (n_nodes,)
        Whether a label reaches the node.

    See Also
    --------
    GCNPropagator : A graph convolutional network.
    SGCPropagator : Logistic regression on features averaged along the edges.
    skactive.graph.SparseLabelSpreading : The spreading, as a classifier.

    Examples
    --------
    Two pairs, and a label in each:

    >>> import numpy as np
    >>> from scipy import sparse
    >>> from skactive.deep import LGCPropagator
    >>> pairs = sparse.csr_array(np.kron(np.eye(2), [[0.0, 1.0], [1.0, 0.0]]))
    >>> propagator = LGCPropagator(sharpness=5).fit(np.eye(4), pairs, [0, 2], [0, 1], 2)
    >>> propagator.proba_.argmax(axis=1)
    array([0, 0, 1, 1])
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "sharpness": [Interval(Real, 0, None, closed="neither")],
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, *, alpha=0.99, sharpness=20.0, n_neighbors=10):
        self.alpha = alpha
        self.sharpness = sharpness
        self.n_neighbors = n_neighbors

    @staticmethod
    def default_affinity():
        """Return the graph that is used if none is given.

        Returns
        -------
        affinity : KNNAffinity
            A transformer, not fitted.
        """
        return KNNAffinity()

    def fit(self, Z, W, rows, y, n_classes):
        """Spread the labels of some nodes along the edges.

        Parameters
        ----------
        Z : ndarray of shape (n_nodes, n_columns)
            Representations of the nodes.
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
        labels = np.full(W.shape[0], -1)
        labels[rows] = y
        model = SparseLabelSpreading("precomputed", alpha=self.alpha).fit(W, labels)
        proba = model.label_distributions_.astype(np.float64)
        # Divided by the largest number first: powers of small ones underflow.
        proba = (proba / proba.max(axis=1, keepdims=True)) ** self.sharpness
        self.proba_ = proba / proba.sum(axis=1, keepdims=True)
        self.reached_ = model.reached_
        self._nodes = Z, W
        return self

    def adversary(self, rows, *, eps=None, symmetrize=True):
        """Return how much a small step changes the average of the neighbors' labels.

        Parameters
        ----------
        rows : ndarray of int of shape (n_rows,)
            Nodes that are moved, one at a time.
        eps : float or None, default=None
            Length of the step. None: half the median distance to the last of
            `n_neighbors`.
        symmetrize : bool, default=True
            Try the opposite direction too and take the worse one.

        Returns
        -------
        found : Bunch
            ``kl`` and ``flipped`` of shape (n_rows,), ``perturbation`` of shape
            (n_rows, n_columns), and ``eps``, the length that was used.
        """
        return local_adversary(
            *self._nodes,
            self.proba_,
            rows,
            eps=eps,
            n_neighbors=self.n_neighbors,
            symmetrize=symmetrize,
        )
