"""How rows are picked: pure functions of arrays, with no model and no state."""

from skactive.selection._coverage import max_coverage
from skactive.selection._greedy import k_center_greedy
from skactive.selection._herding import max_herding
from skactive.selection._kmeans import kmeans_plusplus, kmeans_representatives
from skactive.selection._lcmd import largest_cluster
from skactive.selection._local_max import local_max
from skactive.selection._stochastic import (
    power_sample,
    softmax_sample,
    softrank_sample,
)
from skactive.selection._top import top_n

__all__ = [
    "k_center_greedy",
    "kmeans_plusplus",
    "kmeans_representatives",
    "largest_cluster",
    "local_max",
    "max_coverage",
    "max_herding",
    "power_sample",
    "softmax_sample",
    "softrank_sample",
    "top_n",
]
