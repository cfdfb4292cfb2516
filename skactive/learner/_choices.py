"""Which rows are asked for next, by the strategy or while there is no model yet."""

import warnings
from functools import partial

import numpy as np
from sklearn.frozen import FrozenEstimator

from skactive.base import QueryStrategy
from skactive.diversity import RandomSampling
from skactive.exceptions import PoolExhaustedWarning
from skactive.learner._lending import hand_over, lend_settings
from skactive.utils import seeded_clone
from skactive.utils._pool import pool_for


def choose(learner, run, n, left=None, exclude=(), among=None):
    """Return the rows that the strategy asks for, best first, and can be paid for.

    By hand, ``left`` is None, and there is no budget to be kept. Rows in ``exclude``
    are held by others, and only those ``among`` some may be asked for.
    """
    if not hasattr(learner, "estimator_"):
        return _choose_without_a_model(learner, run, n, exclude, among)
    strategy, joint = learner._parts()[1:]
    n_fits = len(learner.history_["n_labeled"])
    run.shared.begin_round(learner.reuse, _frozen(strategy), n_fits)
    rows = run.ledger.candidates
    if not joint:
        # A strategy that is the model has learned from the whole pool.
        rows = rows if left is None else run.buyable(left)
        strategy = _lent(learner, run, strategy)
        if not getattr(strategy, "_covers", False):
            allowed = _allowed(rows, exclude, among)
            if not len(allowed) and len(rows):
                return _nothing(allowed)
            rows, exclude, among = allowed, (), None
        X, y = run.labeled()
        pool = pool_for(strategy.fit, run.pool(rows, X))
        learner.strategy_ = strategy.fit(X, y, pool)
    ranking = learner.strategy_.query
    if len(exclude) or among is not None:
        positions = {"exclude": np.flatnonzero(np.isin(rows, exclude))}
        if among is not None:
            positions["among"] = np.flatnonzero(np.isin(rows, among))
        ranking = partial(ranking, **positions)
    if left is None:
        rows = rows[ranking(n)]
    else:
        rows = run.prices.best(ranking, rows, n, left)
    if not joint and isinstance(learner.strategy_, QueryStrategy):
        learner.strategy_._drop_pool()
    return rows


def _choose_without_a_model(learner, run, n, exclude, among):
    """Return rows while there are too few labels for a model, and say so."""
    first = learner.initial_strategy
    by = "at random" if first is None else f"by {type(first).__name__}"
    n_known, what = len(run.ledger.labeled), "no label yet"
    if n_known:
        what = f"{n_known} labels"
    if n_known and run.ledger.in_columns:
        what = run.ledger.answers.advice(run.ledger.labels).rstrip(".")
    if n_known and run.is_one_class:
        what = f"all {n_known} labels are {run.ledger.labels.tolist()[0]!r}"
    warnings.warn(
        f"There is no model to ask ({what}): rows are chosen {by}, until a model can "
        "be fitted.",
        stacklevel=4,
    )
    rows = _allowed(run.ledger.candidates, exclude, among)
    if not len(rows):
        return _nothing(rows)
    if first is not None:
        return first_rows(learner, run, n, rows)
    seed = int(run.seeds.drawn["order"])
    return rows[RandomSampling(random_state=seed).fit(rows[:, None]).query(n)]


def first_rows(learner, run, n, rows=None):
    """Return rows to begin with, which no model is asked about."""
    if learner.initial_strategy is None:
        return run.draw(n)
    rows = run.ledger.candidates if rows is None else rows
    first = seeded_clone(learner.initial_strategy, run.seeds.of("start"))
    return rows[first.fit(pool_for(first.fit, run.pool(rows))).query(n)]


def _frozen(strategy):
    """Return the fitted parts that the user gave, which no round changes."""
    if not isinstance(strategy, QueryStrategy):
        return []
    parts = strategy.get_params().values()
    return [part for part in parts if isinstance(part, FrozenEstimator)]


def _allowed(rows, exclude, among):
    """Return the rows that nobody holds, among those that may be asked for."""
    if len(exclude):
        rows = rows[~np.isin(rows, exclude)]
    return rows if among is None else rows[np.isin(rows, among)]


def _nothing(rows):
    warnings.warn(
        "No row is left that may be asked for: all are labeled, skipped, or held by "
        "others.",
        PoolExhaustedWarning,
        stacklevel=4,
    )
    return rows


def _lent(learner, run, strategy):
    """Return a strategy with the seed of the round and the model of the learner."""
    seed = run.seeds.of("strategy", len(run.ledger.labeled))
    strategy = seeded_clone(strategy, seed)
    if learner.estimator is not None and isinstance(strategy, QueryStrategy):
        lend_settings(strategy, learner.estimator)
    if not hasattr(strategy, "predict"):
        model = FrozenEstimator(learner.estimator_)
        hand_over(strategy, model, overwrite=learner.estimator is None)
    if isinstance(strategy, QueryStrategy):
        strategy._lend_fit_params(run.params_of_labeled())
    return strategy
