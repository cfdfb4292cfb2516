"""Gates that look at no score: by chance, and as often as can be paid for."""

from skactive._gates._books import Gate


class RandomGate(Gate):
    """Ask for arrivals at random: the baseline that the others must beat.

    In each stretch of ``1 / budget`` arrivals one is drawn, whatever its score.

    Parameters
    ----------
    budget : float, default=0.1
        Share of the arrivals that may be asked for, above 0 and at most 1.
    burst : int, default=1
        How many labels the spending may be ahead of that share.
    random_state : int, RandomState instance or None, default=None
        Seeds the draws.

    Attributes
    ----------
    n_seen_ : int
        How many arrivals were decided on.
    n_spent_ : int
        How many of them were asked for.

    See Also
    --------
    PeriodicGate : As often as can be paid for, by the clock.
    QuantileGate : Asks for the highest scores.

    Notes
    -----
    The literature draws each arrival independently with probability ``budget`` [1]_.
    Under a strict budget some of those draws come too early and are turned away, so
    that less is spent than by others, and the comparison is unfair to chance.

    References
    ----------
    .. [1] I. Zliobaite, A. Bifet, B. Pfahringer and G. Holmes. Active learning with
       drifting streaming data. IEEE Transactions on Neural Networks and Learning
       Systems 25(1), 2014.

    Examples
    --------
    >>> from skactive.stream import RandomGate
    >>> gate = RandomGate(0.25, random_state=0)
    >>> sum(gate.decide() for _ in range(1000))
    250
    """

    needs_scores = False

    def _wants(self, score, affordable):
        return self._by_chance()


class PeriodicGate(Gate):
    """Ask for every arrival that can be paid for: the first, then by the clock.

    Parameters
    ----------
    budget : float, default=0.1
        Share of the arrivals that may be asked for, above 0 and at most 1.
    burst : int, default=1
        How many labels the spending may be ahead of that share.
    random_state : int, RandomState instance or None, default=None
        Not used.

    Attributes
    ----------
    n_seen_ : int
        How many arrivals were decided on.
    n_spent_ : int
        How many of them were asked for.

    See Also
    --------
    RandomGate : Where the stream itself may have a period.

    Examples
    --------
    >>> from skactive.stream import PeriodicGate
    >>> gate = PeriodicGate(0.25)
    >>> [int(gate.decide()) for _ in range(12)]
    [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]
    """

    needs_scores = False

    def _wants(self, score, affordable):
        return True
