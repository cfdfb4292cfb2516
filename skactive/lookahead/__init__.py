"""What would a label change?"""

from skactive.lookahead._error_reduction import ExpectedErrorReduction
from skactive.lookahead._graph_model_change import MCVOpt, ModelChange
from skactive.lookahead._model_change import ExpectedModelChange
from skactive.lookahead._variance_reduction import (
    VarianceReduction,
    expected_information,
    variance_reduction,
)

__all__ = [
    "ExpectedErrorReduction",
    "ExpectedModelChange",
    "MCVOpt",
    "ModelChange",
    "VarianceReduction",
    "expected_information",
    "variance_reduction",
]
