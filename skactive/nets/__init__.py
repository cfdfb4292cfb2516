"""How nets are built and trained; importing this folder loads torch."""

from skactive.nets._classifier import NetClassifier
from skactive.nets._from_skorch import as_net_classifier

__all__ = ["NetClassifier", "as_net_classifier"]
