"""The loop: fit, ask, get answers, fit again."""

from skactive.learner._batches import GrowingBatch
from skactive.learner._learner import ActiveLearner

__all__ = ["ActiveLearner", "GrowingBatch"]
