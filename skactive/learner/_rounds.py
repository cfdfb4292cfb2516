"""The rounds of a run: begin, fit, ask, until something says stop.

Functions of a learner, which has the parameters and the fitted attributes, and of its
run, which has the data.
"""

import time
import warnings

import numpy as np

from skactive._sklearn import (
    NoCallbacks,
    _check_method_params,
    callback_context,
    propagate_callbacks,
)
from skactive.base import QueryStrategy
from skactive.exceptions import PoolExhaustedWarning
from skactive.learner._batches import batch_size_of
from skactive.learner._choices import choose, first_rows
from skactive.learner._costs import counts_labels
from skactive.learner._going_on import begin_net, goes_on, keep_net
from skactive.learner._lending import check_fit_params, warn_of_late_steps
from skactive.learner._revising import (
    changes_its_mind,
    n_revised,
    params_to_come,
    revise,
)
from skactive.learner._telling import telling
from skactive.utils import fit_with_pool, seeded_clone, wants_pool
from skactive.utils._pool import Pool
from skactive.utils._rows import take_rows


class NothingToFit(Exception):
    """There are too few labels to fit a model on, and no oracle to ask for more."""


def spend(learner, run):
    """Ask and fit until something says stop."""
    oracle = run.truth or learner.oracle
    params = params_to_come(oracle, learner._parts()[0], run)
    check_fit_params(learner._parts()[1], params, len(run.ledger.known))
    if oracle is not None and counts_labels(learner, run):
        n_known = int(run.ledger.known.sum()) if run.warm else learner.n_initial
        warn_of_late_steps(learner._parts()[1], n_known + learner.budget - 1)
    context = callback_context(learner, max_subtasks=_most_rounds(learner, run))
    context.call_on_fit_task_begin(estimator=learner)
    run.gave_up = False
    learner.termination_condition_ = "interrupted"  # if an error passes through here
    with telling(learner, run) as tell:
        reason = _go_round(learner, run, context, oracle, tell)
    learner.termination_condition_ = reason
    if reason == "all_labeled" and run.simulated:
        _warn_of_an_exhausted_pool(learner, run)
    context.call_on_fit_task_end(estimator=learner)


def _go_round(learner, run, context, oracle, tell):
    """Ask and fit until something says stop; return what did."""
    reason = None
    if not run.warm and oracle is not None:
        begin(learner, run, oracle)
    while reason is None:
        try:
            stopped = fit_round(learner, run, context, oracle)
        except NothingToFit:
            return "no_oracle" if oracle is None else "oracle"
        tell()
        reason = _reason_to_stop(learner, run, oracle, stopped)
        if reason is None:
            _ask_for_a_batch(learner, run, oracle)
    return reason


def _most_rounds(learner, run):
    """Return how many rounds there are at most, or None if nobody can say."""
    one_size = not callable(learner.batch_size) and np.ndim(learner.batch_size) == 0
    if not (one_size and counts_labels(learner, run)):
        return None
    return -(-learner.budget // learner.batch_size) + 1


def _warn_of_an_exhausted_pool(learner, run):
    if run.left(learner.budget, learner.n_initial) > 0:
        n_rows, amount = len(run.ledger.known), learner.n_initial + learner.budget
        spent = f"n_initial + budget is {amount} labels and there are {n_rows} rows"
        if not counts_labels(learner, run):
            spent = f"The budget of {learner.budget} buys more than the {n_rows} rows"
        warnings.warn(
            f"{spent}: all are labeled, so that it does not matter what the strategy "
            "asks for. Lower the budget.",
            PoolExhaustedWarning,
            stacklevel=5,
        )


def begin_anew(learner, run, history):
    """Forget an earlier fit, and publish what is known at the beginning.

    ``history`` is that of rounds before, as a journal has them.
    """
    kept = ("n_features_in_", "feature_names_in_")
    for name in [k for k in vars(learner) if k.endswith("_") and k not in kept]:
        delattr(learner, name)
    learner._run = run
    keys = ["n_labeled", "cost", "fit_time", "query_time", "score"]
    keys = keys[: 4 + (run.X_val is not None)]
    keys += ["n_revised"] if changes_its_mind(learner.oracle) else []
    learner.history_ = {key: history.get(key, []) for key in keys}
    if learner.keep_estimators:  # the models of rounds before are fitted when needed
        learner.estimators_ = [None] * n_fits(learner)
    publish(learner, run)


def forget_the_data(learner):
    """Forget all of a simulation but its results: a fitted learner is small."""
    if isinstance(getattr(learner, "strategy_", None), QueryStrategy):
        learner.strategy_._drop_pool()
    learner._run = None


def begin(learner, run, oracle):
    """Ask for the first labels."""
    n = min(learner.n_initial - run.ledger.n_paid, len(run.ledger.candidates))
    if n > 0:
        ask(learner, run, first_rows(learner, run, n), oracle, 0)


def publish(learner, run):
    """Bring the public attributes of a learner up to date with its run."""
    ledger = run.ledger
    learner.labeled_iter_ = ledger.labeled_iter.astype(int)
    learner.queried_indices_ = np.array(ledger.order, dtype=np.intp)
    learner.n_iter_ = ledger.n_iter
    learner.skipped_ = ledger.skipped
    learner.cost_ = run.prices.total
    if (classes := run.classes) is not None:
        learner.classes_ = classes


def ask(learner, run, rows, oracle, n_iter):
    """Have rows answered, and publish the answers at once."""
    if hasattr(oracle, "answer_each"):  # a person, who may want to see these
        left = run.left(learner.budget, learner.n_initial)
        oracle.prepare(model=getattr(learner, "estimator_", None), left=left)
    try:
        run.ask(rows, oracle, n_iter, learner.cost, n_fits(learner))
    finally:  # people may have been paid
        publish(learner, run)


def fit_round(learner, run, context, oracle=None):
    """Fit the model if there are new labels; return what ends the run, if any."""
    revise(learner, run, oracle)
    if n_fits(learner) > run.ledger.n_iter:
        if run.changed or not hasattr(learner, "estimator_"):  # labels were corrected
            _fit_on_enough(learner, run, NoCallbacks(), oracle, again=True)
        return None
    context = context.subcontext(task_name="round")
    context.call_on_fit_task_begin(estimator=learner)
    _fit_on_enough(learner, run, context, oracle)
    X, y = run.X_val, run.y_val
    if X is not None:
        learner.history_["score"].append(learner.score(X, y))
    _journal_the_round(learner, run)
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


def n_fits(learner):
    """Return how many rounds there were."""
    return len(learner.history_["n_labeled"])


def _journal_the_round(learner, run):
    now = {key: values[-1] for key, values in learner.history_.items()}
    line = {"event": "fit", "round": n_fits(learner) - 1, "n_labeled": now["n_labeled"]}
    line |= {"cost": float(now["cost"]), "fit_time": round(now["fit_time"], 6)}
    score = float(now.get("score", np.nan))
    line |= {key: now[key] for key in ("n_revised",) if key in now}
    run.note({**line, "score": score if np.isfinite(score) else None})


def _fit_on_enough(learner, run, context, oracle, again=False):
    """Fit the model, drawing more labels as long as there are too few for one."""
    while not run.ledger.known.any():
        nothing = ValueError(
            f"None of the {run.ledger.n_paid} rows asked for was given a label, so "
            "there is nothing to fit."
        )
        _draw_one_more(learner, run, oracle, nothing)
    n_drawn = 0
    while True:
        try:
            return _fit_once(learner, run, context, again)
        except ValueError as error:
            if not run.ledger.answers.lacks(run.ledger.labels, error):
                raise
            # Of a rare class there may be no more; a second class there must be.
            enough = learner.history_["n_labeled"] or n_drawn >= learner.n_initial
            if enough and not run.is_one_class:
                raise _with_advice(error, run) from error
            n_drawn += 1
            _draw_one_more(learner, run, oracle, error)
            while run.is_one_class:
                _draw_one_more(learner, run, oracle, error)
            revise(learner, run, oracle)


def _draw_one_more(learner, run, oracle, error):
    """Have a random row answered; raise an error if that cannot be."""
    if run.gave_up or oracle is None:
        raise NothingToFit from error
    left = run.left(learner.budget, learner.n_initial)
    if not run.can_ask(oracle, left):
        if run.ledger.known.any() and not run.is_one_class:
            raise _with_advice(error, run) from error
        raise error
    ask(learner, run, run.draw(1, run.buyable(left)), oracle, 0)


def _with_advice(error, run):
    """Return an error that says what to set as well."""
    return ValueError(f"{error} {run.ledger.answers.advice(run.ledger.labels)}")


def _fit_once(learner, run, context, again=False):
    """Fit the model on what is labeled; ``again``: in place of the last one."""
    joint = learner._parts()[2]
    if joint and isinstance(getattr(learner, "estimator_", None), QueryStrategy):
        learner.estimator_._drop_pool()  # the model of the round before
    X, y = run.labeled()
    k = n_fits(learner) - again
    model = _unfitted(learner, run, k, len(y))
    params = run.params_of_labeled()
    run.shared.keep = learner.reuse
    start = time.perf_counter()
    with propagate_callbacks(context, model):
        X_pool = run.pool(X_labeled=X) if wants_pool(model) else None
        model = fit_with_pool(model, X, y, X_pool, **params)
    run.changed = False
    keep_net(learner, run, model, k)
    if again and learner.keep_estimators:
        del learner.estimators_[-1:]
    if not again:
        learner.history_["fit_time"].append(time.perf_counter() - start)
        learner.history_["query_time"].append(0.0)
        learner.history_["n_labeled"].append(len(y))
        learner.history_["cost"].append(run.prices.total)
        if "n_revised" in learner.history_:
            now = n_revised(run, n_fits(learner) - 1)
            learner.history_["n_revised"].append(now)
    learner.estimator_ = model
    if (classes := run.ledger.answers.classes_of(model, y)) is not None:
        learner.classes_ = classes
    if joint:
        learner.strategy_ = model
    if learner.keep_estimators:
        learner.estimators_.append(model)


def fit_stage(learner, run, k):
    """Return the model of round ``k``, fitted on the labels of then."""
    iters = run.ledger.labeled_iter
    rows = np.flatnonzero((iters >= 0) & (iters <= k))
    model = _unfitted(learner, run, k, len(rows))
    params = _check_method_params(run.X, run.fit_params, indices=rows)
    X, y = take_rows(run.X, rows), run.ledger.answers.present(run.ledger.values[rows])
    later = np.delete(np.arange(len(iters)), rows)
    told = {"labeled": (X, rows), "prices": run.prices.known}
    X_pool = Pool(run.X, later, shared=run.shared, **told)
    model = fit_with_pool(model, X, y, X_pool, **params)
    keep_net(learner, run, model, k)
    return model


def _unfitted(learner, run, k, n_labels):
    """Return the model of round ``k`` before it is fitted, with its seed."""
    model, _, joint = learner._parts()
    follows = k and goes_on(model)  # noise that is added differs between rounds
    seed = run.seeds.of("estimator", n_labels if follows else 0)
    if joint:
        seed = run.seeds.of("strategy", n_labels)
    model = seeded_clone(model, seed)
    begin_net(run, model, k, lambda j: fit_stage(learner, run, j))
    return model


def _ask_for_a_batch(learner, run, oracle):
    start = time.perf_counter()
    left = run.left(learner.budget, learner.n_initial)
    n = run.prices.batch_size(batch_size_of(learner), left)
    rows = choose(learner, run, n, left)
    learner.history_["query_time"][-1] += time.perf_counter() - start
    ask(learner, run, rows, oracle, n_fits(learner))


def _reason_to_stop(learner, run, oracle, stopped):
    if oracle is None:
        return "no_oracle"
    if run.gave_up:
        return "oracle"
    if len(run.ledger.candidates) == 0:
        return "all_labeled"
    left = run.left(learner.budget, learner.n_initial)
    return stopped if len(run.buyable(left)) else "budget"
