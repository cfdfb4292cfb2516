"""Strategies that train a net in order to ask; importing this folder loads torch."""

from skactive.deep._ll4al import LL4AL
from skactive.deep._vaal import VAAL

__all__ = ["LL4AL", "VAAL"]
