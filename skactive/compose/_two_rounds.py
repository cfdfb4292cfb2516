"""How each kind of strategy is asked about parts, and its answers made one."""

from copy import copy, deepcopy

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_random_state

from skactive.base import EmbeddingStrategy, ModelStrategy, ScoreStrategy
from skactive.compose._parts import rows_of
from skactive.disagreement._members import CommitteeMixin
from skactive.diversity import CoreSet, MaxHerding, ProbCover, UncertaintyHerding
from skactive.selection import k_center_greedy
from skactive.selection._merge import (
    best_of_part,
    merge_k_center,
    merge_top,
    rows_together,
)
from skactive.selection._reference import cover_reference, herd_reference
from skactive.utils import (
    fit_embedding,
    fit_with_pool,
    seeded_clone,
)
from skactive.utils._fitting import MAX_SEED

# Samples that stand for the pool where the strategy does not say how many.
N_REFERENCE = 10_000


class Rounds:
    """What a strategy has learned, and the two questions that it is asked.

    It is sent to the workers, and holds no pool. ``first(X, positions, n)`` returns the
    candidates of one part, up to ``n`` of its rows; ``second(answers, n, X_pool)``
    returns ``n`` positions out of the candidates of all parts, and a certificate of
    what is sure, or None.
    """

    #: Whether the parts may be runs of the pool; otherwise they are drawn.
    in_order = True

    def candidates(self, answers):
        """Return the positions of all candidates, ascending."""
        return np.sort(np.concatenate([answer[1] for answer in answers]))


class ScoreRounds(Rounds):
    """The best scores of the parts: exactly those of the pool."""

    def __init__(self, strategy):
        self.strategy = without_pool(strategy)

    def first(self, X, positions, n):
        strategy, name = self.strategy, type(self.strategy).__name__
        scores = np.asarray(strategy.score_samples(X))
        if scores.shape != (len(positions),):
            raise RuntimeError(
                f"{name}.score_samples must return one score per sample, an array of "
                f"shape ({len(positions)},); got {scores.shape}."
            )
        bad = np.flatnonzero(~np.isfinite(scores))
        if len(bad):
            raise RuntimeError(
                f"{name}.score_samples returned a score that is not finite for "
                f"position {positions[bad[0]]} of the pool."
            )
        return best_of_part(scores, n, strategy._query_seed, positions[0])

    def second(self, answers, n, X_pool):
        return merge_top(answers, n), None

    def candidates(self, answers):
        # scores, keys, positions
        return np.sort(np.concatenate([answer[2] for answer in answers]))


class KCenterRounds(Rounds):
    """The farthest rows of the parts, and of these the farthest."""

    def __init__(self, strategy):
        self.strategy = without_pool(strategy)

    def first(self, X, positions, n):
        Z, strategy = self.strategy._embed(X, "X_pool"), self.strategy
        picks, radius = k_center_greedy(
            Z,
            min(n, Z.shape[0]),
            Z_labeled=strategy._Z_labeled,
            metric=strategy.metric,
            random_state=strategy._query_random_state(),
            return_radius=True,
        )
        return Z[picks], np.asarray(positions)[picks], radius

    def second(self, answers, n, X_pool):
        return merge_k_center(
            answers,
            n,
            Z_labeled=self.strategy._Z_labeled,
            metric=self.strategy.metric,
            random_state=self.strategy._query_random_state(),
        )


class CoverRounds(Rounds):
    """The rows that cover most of one sample of the pool, the same for all parts."""

    in_order = False

    def __init__(self, strategy):
        self.reference, self.weights = strategy._Z_pool, None
        if isinstance(strategy, UncertaintyHerding) and strategy.estimator_ is not None:
            self.weights = strategy._doubts(strategy._Z_pool)
        self.strategy = without_pool(strategy)

    def first(self, X, positions, n):
        Z = self.strategy._embed(X, "X_pool")
        picks, gains = self._pick(Z, min(n, Z.shape[0]))
        return Z[picks], np.asarray(positions)[picks], gains

    def second(self, answers, n, X_pool):
        Z = rows_together([answer[0] for answer in answers])
        positions = np.concatenate([answer[1] for answer in answers])
        picks, gains = self._pick(Z, n)
        best, worth = positions[picks], gains.sum()
        # The proof needs it: one part alone may hold the better picks.
        for _, alone, gains in answers:
            if len(alone) >= n and gains[:n].sum() > worth * (1 + 1e-6):
                best, worth = alone[:n], gains[:n].sum()
        return best, None

    def _pick(self, Z, n):
        strategy = self.strategy
        shared = {
            "reference": self.reference,
            "Z_labeled": strategy._Z_labeled,
            "normalize": strategy.normalize,
            "random_state": strategy._query_random_state(),
        }
        if isinstance(strategy, ProbCover):
            return cover_reference(Z, n, radius=strategy.radius_, **shared)
        radius = getattr(strategy, "radius_", strategy.radius)
        return herd_reference(
            Z,
            n,
            weights=self.weights,
            kernel=strategy.kernel,
            radius=radius,
            **shared,
        )


class AnyRounds(Rounds):
    """A copy of the strategy for each part, and one for all candidates."""

    in_order = False

    def __init__(self, strategy, X, y, fit_params, seed):
        draw_seed(strategy, seed)
        self.strategy, self.fit_params = strategy, fit_params
        self.labeled = () if X is None else (X, y)

    def first(self, X, positions, n):
        picks = self.ask(X, min(n, len(positions)))
        return None, np.asarray(positions)[picks]

    def second(self, answers, n, X_pool):
        rows = self.candidates(answers)
        return rows[self.ask(rows_of(X_pool, rows), n)], None

    def ask(self, X, n):
        """Return ``n`` rows of ``X``, by a copy of the strategy fitted on them."""
        strategy = clone(self.strategy)
        strategy._lend_fit_params(self.fit_params)
        return strategy.fit(*self.labeled, X).query(n)


def rounds_of(strategy, X, y, X_pool, n_rows, fit_params, seed):
    """Fit what does not depend on the parts; return the strategy and its rounds.

    Parameters
    ----------
    strategy : QueryStrategy
        Unfitted; it is changed.
    X, y, X_pool
        As of fit of a strategy.
    n_rows : int
        Samples in the pool.
    fit_params : dict
        What fit of a learner was given beside samples and labels.
    seed : int
        Decides where the strategy has no seed of its own: drawn once, not in each part.
    """
    if is_score(strategy):
        draw_seed(strategy, seed)
        strategy._lend_fit_params(fit_params)
        strategy.fit(*(() if X is None else (X, y)), X_pool)
        return strategy, ScoreRounds(strategy)
    freeze(strategy, X, y, X_pool, fit_params)
    draw_seed(strategy, seed)
    if isinstance(strategy, CoreSet):
        some = [0]
    elif isinstance(strategy, (MaxHerding, UncertaintyHerding, ProbCover)):
        some = _reference_rows(strategy, n_rows)
    else:
        return strategy, AnyRounds(strategy, X, y, fit_params, seed)
    strategy._lend_fit_params(fit_params)
    strategy.fit(*(() if X is None else (X, y)), rows_of(X_pool, some))
    kind = KCenterRounds if isinstance(strategy, CoreSet) else CoverRounds
    return strategy, kind(strategy)


def is_score(strategy):
    """Tell whether a strategy asks for its best scores, and for nothing else."""
    return (
        isinstance(strategy, ScoreStrategy)
        and type(strategy)._query is ScoreStrategy._query
    )


def freeze(strategy, X, y, X_pool, fit_params):
    """Fit the embedding and the model of a strategy once, for all parts."""
    seed = _fit_seed(strategy)
    if isinstance(strategy, EmbeddingStrategy) and strategy.embedding is not None:
        fitted = fit_embedding(strategy.embedding, X, y, X_pool, seed, fit_params)
        if not isinstance(fitted, FrozenEstimator):
            strategy.set_params(embedding=FrozenEstimator(fitted))
    own = isinstance(strategy, ModelStrategy) and not isinstance(
        strategy, CommitteeMixin
    )
    if own and y is not None:
        model = strategy._wanted_estimator()
        strategy._check_estimator(model)
        if not isinstance(model, FrozenEstimator):
            strategy._lend_fit_params(fit_params)
            params = strategy._params_of(model, y)
            vars(strategy).pop("_fit_params", None)
            model = fit_with_pool(seeded_clone(model, seed), X, y, X_pool, **params)
            strategy.set_params(estimator=FrozenEstimator(model))


def draw_seed(strategy, seed):
    """Fix the seed of a strategy that has none, and leave those inside it alone."""
    if not isinstance(strategy.random_state, (int, np.integer)):
        if "random_state" in strategy.get_params(deep=False):
            strategy.set_params(random_state=seed)


def without_pool(strategy):
    """Return a shallow copy that holds no pool."""
    bare = copy(strategy)
    bare._drop_pool()
    return bare


def _fit_seed(strategy):
    """Return the seed that fit of a strategy would give to its parts."""
    if strategy.random_state is None:
        return None
    rng = check_random_state(deepcopy(strategy.random_state))
    return int(rng.randint(MAX_SEED, size=2)[0])


def _reference_rows(strategy, n_rows):
    """Return the rows that stand for the pool, drawn once."""
    n = getattr(strategy, "n_reference", N_REFERENCE)
    if n is None or n >= n_rows:
        return range(n_rows)
    rng = np.random.RandomState(strategy.random_state)
    return np.sort(rng.choice(n_rows, n, replace=False))
