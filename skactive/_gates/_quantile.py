"""The running quantile: is this score among the highest of the last ones?"""

import numpy as np

from skactive._gates._books import Gate
from skactive.utils._constraints import whole

#: With so many labels saved, twice the share is wanted ...
LEAN = 50
#: ... and with so many, whatever comes: scores may fall for as long as they like.
MOST_SAVED = 5
#: So many scores are seen before there is a quantile to speak of.
FEW = 10


class QuantileGate(Gate):
    """Ask for the arrivals whose scores are among the highest of the last ones.

    An arrival is wanted if the share of the last ``window`` scores that are above its
    own is below ``budget``. Where scores are equal, so many of them are drawn at random
    that the share is kept; and what was saved raises it.

    Parameters
    ----------
    budget : float, default=0.1
        Share of the arrivals that may be asked for, above 0 and at most 1.
    window : int, default=200
        How many scores are remembered, at least 10.
    burst : int, default=1
        How many labels the spending may be ahead of that share.
    random_state : int, RandomState instance or None, default=None
        Seeds the draws among equal scores, and those of the first ten arrivals.

    Attributes
    ----------
    n_seen_ : int
        How many arrivals were decided on.
    n_spent_ : int
        How many of them were asked for.

    See Also
    --------
    VariableGate : The threshold of the literature, moved by each decision.
    RandomGate : The baseline.

    Notes
    -----
    Any scores will do, whatever their range, since only their order counts. The first
    ten are asked for by chance. With ``a`` the share of the window above the score, and
    ``t`` the share equal to it, the answer is no if ``a >= B``, yes if ``a + t <= B``,
    and yes with probability ``(B - a) / t`` in between. ``B`` is ``budget * (1 + saved
    / 50) + (saved / 5) ** 4``, where ``saved`` are the labels that could have been
    spent and were not: on scores that fall all the time, each is below all before it,
    and the gate would wait forever. A score joins the window after the decision on it.

    It loses to random sampling where the scores mislead: a model that is wrong and sure
    is not asked about what it is wrong in. Cost: O(window) time per decision, about 20
    microseconds, and ``8 * window`` bytes.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.stream import QuantileGate
    >>> gate = QuantileGate(0.1, random_state=0)
    >>> scores = np.random.RandomState(0).uniform(size=1000)
    >>> asked = np.array([gate.decide(score) for score in scores])
    >>> int(asked.sum()), bool(scores[asked].mean() > 0.9)
    (100, True)

    Where all scores are equal, chance decides:

    >>> gate = gate.reset()
    >>> sum(gate.decide(0.5) for _ in range(1000))
    100
    """

    _parameter_constraints = {**Gate._parameter_constraints, "window": [whole(FEW)]}

    def __init__(self, budget=0.1, *, window=200, burst=1, random_state=None):
        super().__init__(budget, burst=burst, random_state=random_state)
        self.window = window

    def _begin(self):
        self._last = np.empty(self.window)
        self._n_scores = 0  # all of them, those that were forgotten too

    def _wants(self, score, affordable):
        if self._n_scores < FEW:
            return self._by_chance()
        saved = self.budget * self.n_seen_ - self.n_spent_
        share = self.budget * (1 + saved / LEAN) + max(0.0, saved / MOST_SAVED) ** 4
        known = self._last[: self._n_scores]  # in no order, once it is full
        return self._rng.uniform() < chance_of(score, known, share)

    def _after(self, score, asked, affordable):
        self._last[self._n_scores % len(self._last)] = score
        self._n_scores += 1


def chance_of(score, scores, share):
    """Return the probability with which a score belongs to the highest of others.

    Parameters
    ----------
    score : float
        The score in question.
    scores : ndarray of shape (n,)
        What it is compared with.
    share : float
        Which share of them is the highest, at any value.

    Returns
    -------
    chance : float
        From 0 to 1. In between only where others are equal to the score.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive._gates._quantile import chance_of
    >>> chance_of(0.5, np.array([0.5, 0.5, 0.5, 0.9]), 0.5)
    0.3333333333333333
    """
    above = np.count_nonzero(scores > score)
    equal = np.count_nonzero(scores == score)
    room = share * len(scores) - above
    # Ten times a tenth is not always one.
    if room >= equal - 1e-9 and room > 1e-9:
        return 1.0
    return float(max(0.0, room / equal)) if equal else 0.0
