"""A strategy that asks by the posterior covariance of a regressor."""

import warnings

import numpy as np
from sklearn.linear_model import Ridge

from skactive.utils._ensembles import refuse_frozen_last
from skactive.utils._models import NumbersOnlyMixin, unfrozen
from skactive.utils._pool import reads_pools
from skactive.utils._posterior import needs_copies, posterior_of
from skactive.utils._spread import greedy_batch


def warn_of_chance(owner):
    """Say that members which agree everywhere leave the choice to chance."""
    warnings.warn(
        f"{type(owner).__name__}: the members of the committee agree on all of the "
        "pool, as after labels that are all the same. Samples are picked at random.",
        UserWarning,
        stacklevel=5,
    )


class PosteriorMixin(NumbersOnlyMixin):
    """Asks by the posterior covariance of a regressor over the pool, greedily.

    A subclass writes ``_gain``, which returns two functions for
    :func:`~skactive.utils._spread.greedy_batch`: scores, and what a label changes.
    """

    noise = "estimated"
    n_members = 10

    def _default_estimator(self):
        # It takes sparse matrices and several outputs, where BayesianRidge does not,
        # and no estimate of noise from a few labels enters the order of its picks.
        return Ridge()

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        if needs_copies(estimator):
            refuse_frozen_last(estimator)

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        model = unfrozen(self.estimator_)
        self._posterior = posterior_of(
            model,
            X,
            y,
            X_pool,
            n_members=self.n_members,
            # Members need seeds also where the user asked for none.
            seed=self._query_seed if self._fit_seed is None else self._fit_seed,
            params=self._params_of(model, y),
        )

    def _query(self, n):
        return self._query_within(n, np.ones(self.n_pool_, dtype=bool), ())

    def _query_within(self, n, allowed, held):
        rng = self._query_random_state()
        noise = None if self.noise == "estimated" else self.noise
        spread = self._posterior.over(self._pool, noise)
        if n < allowed.sum() and not spread.variance.any():
            warn_of_chance(self)
        scores, learn = self._gain(spread, rng)
        return greedy_batch(
            scores, learn, n, allowed=allowed, held=held, random_state=rng
        )
