"""A strategy whose nets are kept in a file that holds no code."""

from sklearn.utils.validation import check_is_fitted

from skactive.nets._storage import StoredNetsMixin, features_state, restore_features


class StoredStrategyMixin(StoredNetsMixin):
    """Save and load the nets of a strategy, without its pool.

    A subclass writes ``_nets_state``, which returns a dict of tensors and plain data,
    and ``_restore_nets``, which takes it.
    """

    def _stored(self):
        check_is_fitted(self)
        state = {"query_seed": self._query_seed, "history": self.history_}
        return {**features_state(self), **state, "nets": self._nets_state()}

    def _restore(self, state):
        self._restore_nets(state["nets"])  # first: it may refuse
        restore_features(self, state)
        self.history_ = state["history"]
        self._query_seed, self._fit_seed = state["query_seed"], None
        self._X_pool, self.n_pool_ = None, 0
        self._fitted = True
