"""What would a label change?"""

from skactive.lookahead._error_reduction import ExpectedErrorReduction
from skactive.lookahead._graph_model_change import MCVOpt, ModelChange
from skactive.lookahead._loss_reduction import MaximumLossReduction, loss_reduction
from skactive.lookahead._model_change import ExpectedModelChange

__all__ = [
    "ExpectedErrorReduction",
    "ExpectedModelChange",
    "MCVOpt",
    "MaximumLossReduction",
    "ModelChange",
    "loss_reduction",
]
