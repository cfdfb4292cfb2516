"""Distances to the nearest labeled row, which new labels can only lower."""

import numpy as np

from skactive.selection._distances import Rows, SomeRows, nearest_sq_all
from skactive.selection._farthest_first import FarthestFirst


class NearestLabeled:
    """Squared distances of all rows to the nearest labeled one.

    Parameters
    ----------
    Z : {ndarray, CSR} of shape (n_rows, n_features)
        All rows, by reference.
    metric : {"euclidean", "cosine"}
        As of :func:`~skactive.selection.k_center_greedy`.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.selection._nearest_labeled import NearestLabeled
    >>> nearest = NearestLabeled(np.array([[0.0], [3.0], [7.0]]), "euclidean")
    >>> nearest.to(np.array([0])).tolist(), nearest.to(np.array([0, 2])).tolist()
    ([0.0, 9.0, 49.0], [0.0, 9.0, 0.0])
    """

    def __init__(self, Z, metric):
        self.rows = Rows(Z, metric, name="X")
        self._begin()

    def _begin(self):
        self.labeled = np.empty(0, dtype=np.intp)
        self.sq = np.full(len(self.rows), np.inf, dtype=self.rows.sq.dtype)

    def to(self, labeled):
        """Return the squared distance of each row to the nearest labeled one.

        Parameters
        ----------
        labeled : ndarray of int of shape (n_labeled,)
            The rows labeled now. Only those that were not labeled before are looked
            at; where one is no longer labeled, all are looked at again.

        Returns
        -------
        sq : ndarray of shape (n_rows,)
            Not to be written to.
        """
        new = labeled[~np.isin(labeled, self.labeled)]
        if len(new) + len(self.labeled) != len(labeled):
            self._begin()
            new = labeled
        if len(new):
            np.minimum(self.sq, nearest_sq_all(self.rows, self.rows, new), out=self.sq)
        self.labeled = labeled.copy()
        return self.sq

    def farthest(self, n, labeled, pool, n_outliers, rng):
        """Return rows of the pool as ``k_center_greedy`` picks them.

        Parameters
        ----------
        n : int
            How many.
        labeled, pool : ndarray of int
            Rows.
        n_outliers : int
            At each pick, this many of the farthest rows are skipped.
        rng : RandomState
            Decides among exactly equal distances.

        Returns
        -------
        positions : ndarray of intp of shape (n,)
            In the pool, best first.
        """
        rows, centers, known = SomeRows(self.rows, pool), None, None
        if len(labeled):
            centers, known = SomeRows(self.rows, labeled), self.to(labeled)[pool]
        search = FarthestFirst(rows, centers, n_outliers, rng, known)
        search.pick(n)
        return search.picked
