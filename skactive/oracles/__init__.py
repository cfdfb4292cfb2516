"""Who answers: the truth, the truth with mistakes, a person, or several.

An oracle is any callable ``oracle(rows, X_rows) -> answers`` with one answer per row,
in the same order. An answer may be missing (None or NaN): an abstention. An oracle
that gives no more answers raises :class:`skactive.exceptions.StopAsking`. One whose
people are paid may say so by an attribute ``cost_``: what all its answers so far have
cost, 0 at first, which a learner reads before and after each call. One that may
change its mind has ``revise(rows) -> answers``, its answers of now to rows that it has
answered (None: no other), which a learner asks for before each fit; and, where its
attribute ``weigh`` is true, ``confidence(rows) -> weights``, which the fit of the model
is given as ``sample_weight``.
"""

from skactive.oracles._asking import (
    BestValue,
    IntervalThreshold,
    everybody,
    one_at_random,
)
from skactive.oracles._committee import CommitteeOracle
from skactive.oracles._interactive import InteractiveOracle
from skactive.oracles._merging import (
    DawidSkene,
    WeightedMajority,
    average,
    majority,
)
from skactive.oracles._notebook import NotebookPanel
from skactive.oracles._shows import ShowImage, ShowText
from skactive.oracles._truth import NoisyOracle, SimulatedOracle

__all__ = [
    "BestValue",
    "CommitteeOracle",
    "DawidSkene",
    "InteractiveOracle",
    "IntervalThreshold",
    "NoisyOracle",
    "NotebookPanel",
    "ShowImage",
    "ShowText",
    "SimulatedOracle",
    "WeightedMajority",
    "average",
    "everybody",
    "majority",
    "one_at_random",
]
