"""What would a label change?"""

from skactive.lookahead._error_reduction import ExpectedErrorReduction
from skactive.lookahead._graph_model_change import MCVOpt, ModelChange
from skactive.lookahead._loss_reduction import MaximumLossReduction, loss_reduction
from skactive.lookahead._model_change import ExpectedModelChange
from skactive.lookahead._variance_reduction import (
    VarianceReduction,
    expected_information,
    variance_reduction,
)
from skactive.utils._elsewhere import looking_elsewhere

__all__ = [
    "ExpectedErrorReduction",
    "ExpectedModelChange",
    "MCVOpt",
    "MaximumLossReduction",
    "ModelChange",
    "VarianceReduction",
    "expected_information",
    "loss_reduction",
    "variance_reduction",
]

# What is in another folder, or spelled otherwise, is named in the error.
__getattr__ = looking_elsewhere(__name__)
