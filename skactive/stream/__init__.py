"""Samples that arrive one by one: is this one worth asking now?

A strategy scores each arrival, a gate decides under a budget, and a learner holds both
together.
"""

from skactive._gates import (
    FixedGate,
    Gate,
    PeriodicGate,
    QuantileGate,
    RandomGate,
    SplitGate,
    VariableGate,
)
from skactive.stream._learner import StreamLearner

__all__ = [
    "FixedGate",
    "Gate",
    "PeriodicGate",
    "QuantileGate",
    "RandomGate",
    "SplitGate",
    "StreamLearner",
    "VariableGate",
]
