"""What would a label change?"""

from skactive.lookahead._graph_model_change import MCVOpt, ModelChange

__all__ = ["MCVOpt", "ModelChange"]
