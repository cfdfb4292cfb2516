"""The rounds of a run: begin, fit, ask, until something says stop.

Functions of a learner, which has the parameters and the fitted attributes, and of its
run, which has the data.
"""

import re
import time

import numpy as np
from sklearn.frozen import FrozenEstimator

from skactive._sklearn import (
    _check_method_params,
    callback_context,
    propagate_callbacks,
)
from skactive.base import QueryStrategy
from skactive.learner._lending import hand_over
from skactive.utils import seeded_clone, wants_pool


class NothingToFit(Exception):
    """The oracle stopped before there were labels to fit a model on."""


def spend(learner, run):
    """Ask and fit until something says stop."""
    oracle = run.truth or learner.oracle
    n_rounds = -(-learner.budget // learner.batch_size) + 1
    context = callback_context(learner, max_subtasks=n_rounds)
    context.call_on_fit_task_begin(estimator=learner)
    run.gave_up = False
    learner.termination_condition_ = "interrupted"  # if an error passes through here
    reason = None
    if not run.warm and oracle is not None:
        begin(learner, run, oracle)
    while reason is None:
        try:
            stopped = fit_round(learner, run, context, oracle)
        except NothingToFit:
            reason = "oracle"
            break
        reason = _reason_to_stop(learner, run, oracle, stopped)
        if reason is None:
            _ask_for_a_batch(learner, run, oracle)
    learner.termination_condition_ = reason
    context.call_on_fit_task_end(estimator=learner)


def begin(learner, run, oracle):
    """Ask for the first labels."""
    candidates = run.ledger.candidates
    n = min(learner.n_initial - run.ledger.n_paid, len(candidates))
    if n <= 0:
        return
    rows = run.draw(n)
    if learner.initial_strategy is not None:
        first = seeded_clone(learner.initial_strategy, run.seeds.of("start"))
        rows = candidates[first.fit(run.pool()).query(n)]
    ask(learner, run, rows, oracle, 0)


def ask(learner, run, rows, oracle, n_iter):
    """Have rows answered, and publish the answers at once."""
    run.ask(rows, oracle, n_iter)
    learner._publish()


def fit_round(learner, run, context, oracle=None):
    """Fit the model if there are new labels; return what ends the run, if any."""
    fitted = learner.history_["n_labeled"]
    if fitted and fitted[-1] == len(run.ledger.labeled):
        return None
    context = context.subcontext(task_name="round")
    context.call_on_fit_task_begin(estimator=learner)
    _fit_on_enough(learner, run, context, oracle)
    X, y = run.X_val, run.y_val
    if X is not None:
        learner.history_["score"].append(learner.score(X, y))
    seen = (X, y) if X is not None else run.labeled()
    ended = context.call_on_fit_task_end(
        estimator=learner,
        X=seen[0],
        y=seen[1],
        reconstruction_attributes={"estimator_": learner.estimator_},
    )
    satisfied = run.stopping is not None and run.stopping.update(
        learner, X=run.X, X_val=X, y_val=y
    )
    return "stopping" if satisfied else "callback" if ended else None


def choose(learner, run, n):
    """Return the rows that the strategy asks for, best first."""
    _, strategy, joint = learner._parts()
    if not joint:
        seed = run.seeds.of("strategy", len(run.ledger.labeled))
        strategy = seeded_clone(strategy, seed)
        if not hasattr(strategy, "predict"):
            model = FrozenEstimator(learner.estimator_)
            hand_over(strategy, model, overwrite=learner.estimator is None)
        learner.strategy_ = strategy.fit(*run.labeled(), run.pool())
    rows = run.ledger.candidates[learner.strategy_.query(n)]
    if not joint and isinstance(learner.strategy_, QueryStrategy):
        learner.strategy_._drop_pool()
    return rows


def _fit_on_enough(learner, run, context, oracle):
    """Fit the model, drawing more labels as long as there are too few for one."""
    n_initial, budget = learner.n_initial, learner.budget
    while not run.ledger.known.any():
        if run.gave_up:
            raise NothingToFit
        if not run.can_ask(oracle, run.n_left(budget, n_initial)):
            raise ValueError(
                f"None of the {run.ledger.n_paid} rows asked for was given a "
                "label, so there is nothing to fit."
            )
        ask(learner, run, run.draw(1), oracle, 0)
    try:
        _fit_once(learner, run, context)
    except ValueError as error:
        # scikit-learn's checks make every classifier name the class here.
        about_classes = re.search(r"\bclass(es)?\b", str(error)) is not None
        if not about_classes or not _is_one_class(run):
            raise
        while _is_one_class(run):
            if run.gave_up:
                raise NothingToFit from error
            if not run.can_ask(oracle, run.n_left(budget, n_initial)):
                raise
            ask(learner, run, run.draw(1), oracle, 0)
        _fit_once(learner, run, context)


def _fit_once(learner, run, context):
    model, _, joint = learner._parts()
    if joint and isinstance(getattr(learner, "estimator_", None), QueryStrategy):
        learner.estimator_._drop_pool()  # the model of the round before
    X, y = run.labeled()
    seeds = run.seeds
    seed = seeds.of("strategy", len(y)) if joint else seeds.of("estimator")
    model = seeded_clone(model, seed)
    params = _check_method_params(run.X, run.fit_params, indices=run.ledger.labeled)
    start = time.perf_counter()
    with propagate_callbacks(context, model):
        if wants_pool(model):
            params["X_pool"] = run.pool()
        model.fit(X, y, **params)
    learner.history_["fit_time"].append(time.perf_counter() - start)
    learner.history_["query_time"].append(0.0)
    learner.history_["n_labeled"].append(len(y))
    learner.estimator_ = model
    if joint:
        learner.strategy_ = model
    if learner.keep_estimators:
        learner.estimators_.append(model)


def _ask_for_a_batch(learner, run, oracle):
    start = time.perf_counter()
    n_left = run.n_left(learner.budget, learner.n_initial)
    n = min(learner.batch_size, n_left, len(run.ledger.candidates))
    rows = choose(learner, run, n)
    learner.history_["query_time"][-1] += time.perf_counter() - start
    ask(learner, run, rows, oracle, run.ledger.n_iter + 1)


def _reason_to_stop(learner, run, oracle, stopped):
    if oracle is None:
        return "no_oracle"
    if run.gave_up:
        return "oracle"
    if len(run.ledger.candidates) == 0:
        return "all_labeled"
    over = run.n_left(learner.budget, learner.n_initial) <= 0
    return "budget" if over else stopped


def _is_one_class(run):
    return len(np.unique(run.ledger.labels)) == 1
