"""What would a label change?"""

from skactive.lookahead._error_reduction import ExpectedErrorReduction
from skactive.lookahead._graph_model_change import MCVOpt, ModelChange
from skactive.lookahead._model_change import ExpectedModelChange

__all__ = [
    "ExpectedErrorReduction",
    "ExpectedModelChange",
    "MCVOpt",
    "ModelChange",
]
