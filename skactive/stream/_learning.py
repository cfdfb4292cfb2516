"""How the model of a stream learns: step by step, or again from the last labels."""

import re

import numpy as np
from sklearn.exceptions import NotFittedError

from skactive.stream._asked import lent
from skactive.utils import fit_with_pool, seeded_clone
from skactive.utils._answers import FEW_OF_A_CLASS


def in_steps(learner, told):
    """Tell whether the model learns by ``partial_fit``."""
    if learner.incremental is False:
        return False
    model = learner._parts()[0]
    known = not told.answers.has_classes or told.known_classes is not None
    has = hasattr(model, "partial_fit")
    if learner.incremental is True and not (has and known):
        lacks = "classes=..., every class that may come"
        if not has:
            lacks = f"a model with partial_fit, and {model!r} has none"
        raise ValueError(f"incremental=True needs {lacks}. 'auto' does without.")
    return has and known


def learn(learner, *, now=False, anyway=False):
    """Let the model learn what is new, if it is time and there is enough.

    ``now``: it is time. ``anyway``: there is enough, and what is wrong with one class,
    or with few labels, the model says itself.
    """
    told, before = learner._told, getattr(learner, "estimator_", None)
    waits = before is not None and told.n_new < learner.refit_every
    if told.n_new == 0 or ((waits or learner._is_beginning(told.n)) and not now):
        return
    steps = in_steps(learner, told)
    if told.is_one_class and not (steps and before is not None) and not anyway:
        learner._lacks = f"all {len(told.y)} labels kept are {told.y[:1].tolist()[0]!r}"
        return
    try:
        learner.estimator_ = _model(learner, told, before if steps else None, steps)
    except ValueError as error:
        few = told.answers.has_classes and re.search(FEW_OF_A_CLASS, str(error))
        if anyway and told.is_one_class:
            raise ValueError(
                f"{error} All {told.n} labels that were known or asked for are "
                f"{told.y[:1].tolist()[0]!r}: raise n_initial, or the budget of the "
                "gate."
            ) from error
        if anyway or not few:
            raise
        learner._lacks = str(error)  # more labels will come
        return
    _publish(learner, told)


def _model(learner, told, before, steps):
    if before is not None:
        return before.partial_fit(*told.new())
    model = seeded_clone(learner._parts()[0], learner._seeds.of("estimator"))
    if not steps:
        return fit_with_pool(model, told.X, told.y)
    classes = told.known_classes
    classes = {"classes": classes} if told.answers.has_classes else {}
    return model.partial_fit(told.X, told.y, **classes)


def _publish(learner, told):
    strategy = learner._parts()[1]
    if strategy is not None:
        learner.strategy_ = lent(
            strategy,
            learner.estimator_,
            learner.estimator is None,
            told.X,
            told.y,
            learner._seeds.of("strategy", told.n),
        )
    learner._told = told.learned()
    counts = {"n_seen": learner.n_seen_, "n_labeled": told.n}
    if "correct" in learner.history_:
        counts["correct"] = learner._n_correct
    for key, n in counts.items():
        learner.history_[key].append(n)


def check_trained(learner):
    """Refuse to predict before there is a model, and say why there is none."""
    if hasattr(learner, "estimator_"):
        return
    name = type(learner).__name__
    why = "Call fit, or decide and teach, before it predicts."
    if hasattr(learner, "_told"):
        n, lacks = learner._told.n, learner._lacks
        if learner._is_beginning(n):
            lacks = f"{learner.n_seen_} arrivals were seen of n_initial="
            lacks += f"{learner.n_initial}"
        why = f"It was told {n} labels, and {lacks}: teach it more."
    raise NotFittedError(f"This {name} has no model yet. {why}")


def scores_of(learner, rows):
    """Return the scores of some rows, each scored as if it had come alone.

    A product of matrices may round the last bit of a row otherwise if there are others
    beside it, and a decision must not depend on that.
    """
    strategy, check = learner.strategy_, getattr(learner.gate_, "check", float)
    scores = []
    for X_row in rows:
        score = np.asarray(strategy.score_samples(X_row))
        if score.shape != (1,):
            raise RuntimeError(
                f"{type(strategy).__name__}.score_samples must return one score per "
                f"sample, an array of shape (1,); got {score.shape}."
            )
        scores.append(check(score[0]))
    return scores
