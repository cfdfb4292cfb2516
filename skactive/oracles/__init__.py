"""Who answers: the truth, the truth with mistakes, or a person.

An oracle is any callable ``oracle(rows, X_rows) -> answers`` with one answer per row,
in the same order. An answer may be missing (None or NaN): an abstention. An oracle
that gives no more answers raises :class:`skactive.exceptions.StopAsking`. One whose
people are paid may say so by an attribute ``cost_``: what all its answers so far have
cost, 0 at first, which a learner reads before and after each call.
"""

from skactive.oracles._interactive import InteractiveOracle
from skactive.oracles._notebook import NotebookPanel
from skactive.oracles._shows import ShowImage, ShowText
from skactive.oracles._truth import NoisyOracle, SimulatedOracle

__all__ = [
    "InteractiveOracle",
    "NoisyOracle",
    "NotebookPanel",
    "ShowImage",
    "ShowText",
    "SimulatedOracle",
]
