"""Gates: is this score worth a label now? Public as part of ``skactive.stream``."""

from skactive._gates._blind import PeriodicGate, RandomGate
from skactive._gates._books import Gate
from skactive._gates._quantile import QuantileGate
from skactive._gates._threshold import FixedGate, SplitGate, VariableGate

__all__ = [
    "FixedGate",
    "Gate",
    "PeriodicGate",
    "QuantileGate",
    "RandomGate",
    "SplitGate",
    "VariableGate",
]
