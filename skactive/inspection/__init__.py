"""Pictures of a run: how it learned, and what it asked for."""

from skactive.inspection._learning_curve import LearningCurveDisplay
from skactive.inspection._queries import QueryDisplay

__all__ = ["LearningCurveDisplay", "QueryDisplay"]
