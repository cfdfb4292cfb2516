"""Base of strategies whose samples, or a random part of them, are nodes of a graph."""

import numpy as np
from scipy import sparse

from skactive.base import EmbeddingStrategy


class NodeStrategy(EmbeddingStrategy):
    """Use a part of the pool as nodes; only these samples can be asked for.

    A subclass has the parameter `subset_size`; its ``_fit`` sets ``subset_`` to what
    ``_drawn`` returns and leaves in ``_Z_pool`` the rows of these samples.
    """

    _whole_graph = True  # which the samples of a part alone do not make

    def _seed(self):
        """Return the seed of what is fitted on the graph."""
        return self._query_seed if self._fit_seed is None else self._fit_seed

    def _drawn(self):
        """Return the positions in the pool of the nodes, ascending."""
        if self.subset_size is None or self.subset_size >= self.n_pool_:
            return np.arange(self.n_pool_)
        rng = np.random.RandomState(self._seed())
        return np.sort(rng.choice(self.n_pool_, self.subset_size, replace=False))

    def _query(self, n):
        if n > len(self.subset_):
            raise ValueError(
                f"{n} samples are asked for, but only "
                f"subset_size={self.subset_size} of the {self.n_pool_} in the "
                "pool are used. Raise subset_size, or pass None."
            )
        return self.subset_[super()._query(n)]

    def _embed(self, X, name):
        Z = super()._embed(X, name)
        if sparse.issparse(Z):
            # scikit-learn's checks expect this wording.
            raise TypeError(
                f"{name} is sparse, but {type(self).__name__} needs dense data: pass "
                "X.toarray(), or an embedding that returns few columns, such as "
                "TruncatedSVD."
            )
        return Z

    def _drop_pool(self):
        super()._drop_pool()
        self._Z_labeled = None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.embedding is None or isinstance(self.embedding, str):
            tags.input_tags.sparse = False
        tags.target_tags.required = True
        return tags
