"""How rows are picked: pure functions of arrays, with no model and no state."""

from skactive.selection._greedy import k_center_greedy
from skactive.selection._kmeans import kmeans_plusplus, kmeans_representatives
from skactive.selection._top import top_n

__all__ = ["k_center_greedy", "kmeans_plusplus", "kmeans_representatives", "top_n"]
