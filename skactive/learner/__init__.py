"""The loop: fit, ask, be answered, fit again."""

from skactive.learner._learner import ActiveLearner

__all__ = ["ActiveLearner"]
