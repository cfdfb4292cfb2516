"""A round of a learner once more: its strategy, fitted on what was known then."""

import copy
import warnings
from numbers import Integral

import numpy as np

from skactive.exceptions import UnsuitedWarning
from skactive.learner._batches import batch_size_of
from skactive.learner._choices import choose
from skactive.learner._ledger import Ledger
from skactive.learner._rounds import fit_stage
from skactive.learner._run import Run
from skactive.utils._answers_of import answers_of


class Replay:
    """What a learner knew, and asked for, in one round.

    Parameters
    ----------
    learner : ActiveLearner
        A fitted learner.
    k : int or None
        The round of asking, from 1; one more than the last: what comes next.
        None: the last one.

    Attributes
    ----------
    k : int
        The round.
    labeled, asked, pool : ndarray of intp
        Rows with a label, rows asked for, and rows that could be.
    """

    def __init__(self, learner, k=None):
        self.learner, self.k = learner, _checked_round(learner, k)
        iters, order = np.asarray(learner.labeled_iter_), learner.queried_indices_
        when = iters[order]
        first, end = (_first(when >= j) for j in (self.k, self.k + 1))
        self.labeled = np.flatnonzero((iters >= 0) & (iters < self.k))
        # Skipped rows have no round; in the order of asking they have a place.
        self.asked = np.asarray(order[first:end], dtype=np.intp)
        gone = np.union1d(self.labeled, order[:first])
        self.pool = np.setdiff1d(np.arange(len(iters)), gone)

    def model(self):
        """Return the model of the round, which may have to be fitted."""
        learner, j = self.learner, self.k - 1
        n_models = len(learner.history_["n_labeled"])
        if j == n_models - 1:
            return learner.estimator_
        if not learner.keep_estimators:
            raise ValueError(
                f"round={self.k} needs the model of then, and keep_estimators=False "
                "keeps the last alone. Fit the learner with keep_estimators=True, or "
                f"pass round={n_models}, what it asks for next."
            )
        if learner.estimators_[j] is None:
            return fit_stage(learner, learner._run, j)
        return learner.estimators_[j]

    def strategy(self, X, y):
        """Return the strategy as it was, and the rows that it asks for once more.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            What the learner was fitted on.
        y : array-like of shape (n_samples,)
            Labels, of which those known then are read.

        Returns
        -------
        strategy : QueryStrategy
            Fitted, without its pool.
        again : ndarray of intp or None
            Rows in the order of asking; None if the strategy is the model, whose pool
            is gone.
        """
        learner = self.learner
        model = self.model()
        if learner._parts()[2]:
            return model, None
        stage = copy.copy(learner)
        stage.estimator_ = model
        past = {key: values[: self.k] for key, values in learner.history_.items()}
        stage.history_ = {**past, "query_time": list(past["query_time"])}
        n = len(self.asked) or batch_size_of(stage)
        with warnings.catch_warnings():  # the run has given this one already
            warnings.simplefilter("ignore", UnsuitedWarning)
            again = choose(stage, self._run(X, y), min(n, len(self.pool)))
        return stage.strategy_, again

    def _run(self, X, y):
        """Return a run that knows what was known then."""
        learner, held = self.learner, self.learner._run
        model, missing_label = learner._parts()[0], learner.missing_label
        answers = answers_of(model, missing_label, learner.classes, y)
        y = answers.read(y, len(learner.labeled_iter_))
        absent = answers.missing(y)
        missing = absent[self.labeled]
        if missing.any():
            raise ValueError(
                f"y has no label for {int(missing.sum())} rows that were labeled "
                f"before round {self.k}, such as row {self.labeled[missing][0]}; pass "
                "the y that the learner was fitted on."
            )
        known = np.zeros(len(y), dtype=bool)
        known[self.labeled] = True
        values = answers.keep(y) if absent.any() else answers.natural(y)
        ledger = Ledger(answers, values, known)
        ledger.asked[:] = True
        ledger.asked[self.pool] = False
        more = {}
        if held is not None:
            more = {"fit_params": held.fit_params, "prices": held.prices.known}
        run = Run(X, ledger, random_state=_again(learner.random_state), **more)
        if held is not None:
            run.seeds, run.trust = held.seeds, held.trust
        return run


def _again(random_state):
    """Return what gives the seeds of a run a second time, if anything does."""
    return random_state if isinstance(random_state, Integral) else None


def _first(flags):
    """Return the first position that is set, or the end."""
    return int(np.argmax(flags)) if flags.any() else len(flags)


def _checked_round(learner, k):
    n_models = len(learner.history_["n_labeled"])
    if not n_models:
        raise ValueError(
            "The learner has too few labels for a model, so that no round has asked "
            "for anything yet; teach it labels of two classes."
        )
    if k is None:
        return min(max(1, int(learner.n_iter_)), n_models)
    if isinstance(k, (bool, np.bool_)) or not isinstance(k, Integral):
        raise TypeError(f"round must be a whole number, from 1, or None; got {k!r}.")
    if not 1 <= k <= n_models:
        raise ValueError(
            f"round={k}, and the learner has {n_models} models: 1 is the first round "
            f"of asking, and {n_models} what comes after the last labels."
        )
    return int(k)
