"""Nets that go on, in each round, from that of the round before."""

import numpy as np

from skactive.utils._answer_hash import hash_of
from skactive.utils._models import last_step


def goes_on(model):
    """Tell whether a model, or the last step of a pipeline, is a net that goes on."""
    net = last_step(model)
    return hasattr(net, "_last_fit") and bool(net.warm_start)


class PastNets:
    """The models of earlier rounds, and the labels that each was made of.

    What round k begins with is the model of the round before, and so on to a fresh one:
    it follows from labels and their rounds alone. So after a label was
    taken back, or a journal read, the model is the one that there would have been, for
    the price of fitting again the rounds that the label had to do with.

    Examples
    --------
    >>> from skactive.learner._going_on import PastNets
    >>> from skactive.learner._ledger import Ledger
    >>> from skactive.utils._answers import ClassAnswers
    >>> import numpy as np
    >>> ledger = Ledger(ClassAnswers(), np.array([0, 1, 0]), np.ones(3, dtype=bool))
    >>> past = PastNets()
    >>> past.keep(0, "first", ledger, all_rounds=True)
    >>> past.before(1, ledger, fit=None)
    'first'
    >>> ledger.values[0] = 1  # a correction
    >>> past.before(1, ledger, fit=lambda k: past.keep(k, "again", ledger, True))
    'again'
    """

    def __init__(self):
        self._models = {}

    def keep(self, k, model, ledger, all_rounds):
        """Keep the model of round ``k``, and those before unless two are enough."""
        self._models[k] = _labels_of(ledger, k), model
        for j in [] if all_rounds else list(self._models):
            if j not in (k - 1, k):
                del self._models[j]

    def before(self, k, ledger, fit):
        """Return the model of the round before ``k``; None if there was none.

        ``fit(j)`` fits and keeps that of round ``j`` where it has to be made again.
        """
        first = k
        while first and not self._holds(first - 1, ledger):
            first -= 1
        for j in range(first, k):
            try:
                fit(j)
            except ValueError:
                # Labels were taken back, and the rest is too little for a model.
                self.keep(j, None, ledger, all_rounds=True)
        return self._models[k - 1][1] if k else None

    def _holds(self, k, ledger):
        known, _ = self._models.get(k, (None, None))
        return known is not None and known == _labels_of(ledger, k)


def _labels_of(ledger, k):
    """Return a hash of the labels of rounds up to ``k``, and of their rounds."""
    rounds = ledger.labeled_iter
    rows = np.flatnonzero((rounds >= 0) & (rounds <= k))
    values = "".join(hash_of(value) for value in ledger.values[rows])
    return hash_of(rows), hash_of(rounds[rows]), values


def begin_net(run, model, k, fit):
    """Let the net of round ``k``, not fitted yet, begin where its parameters say."""
    if k and goes_on(model):
        before = run.past_nets.before(k, run.ledger, fit)
        if before is not None:
            last_step(model)._after(last_step(before))


def keep_net(learner, run, model, k):
    """Keep the model of round ``k``, if later ones go on from it."""
    if goes_on(model):
        run.past_nets.keep(k, model, run.ledger, learner.keep_estimators)
