"""A look at a run: how it learned, what it asked for, and which labels are odd."""

from skactive.inspection._answers import AnswerDisplay
from skactive.inspection._critical_difference import CriticalDifferenceDisplay
from skactive.inspection._learning_curve import LearningCurveDisplay
from skactive.inspection._penalty import PenaltyMatrixDisplay
from skactive.inspection._queries import QueryDisplay
from skactive.inspection._query_images import QueryImagesDisplay
from skactive.inspection._suspect_labels import suspect_labels
from skactive.inspection._utility import UtilityDisplay

__all__ = [
    "AnswerDisplay",
    "CriticalDifferenceDisplay",
    "LearningCurveDisplay",
    "PenaltyMatrixDisplay",
    "QueryDisplay",
    "QueryImagesDisplay",
    "UtilityDisplay",
    "suspect_labels",
]
