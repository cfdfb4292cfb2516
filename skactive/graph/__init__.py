"""Sparse affinities between samples, and what flows along them."""

from skactive.graph._affinity import KNNAffinity
from skactive.graph._neighbor_lists import affinity_from_neighbors
from skactive.graph._neighbors import nearest_neighbors
from skactive.graph._normalize import normalize_affinity
from skactive.graph._propagation import SparseLabelPropagation
from skactive.graph._solve import solve_spreading
from skactive.graph._spreading import SparseLabelSpreading
from skactive.graph._weights import class_weights, entropy_weights

__all__ = [
    "KNNAffinity",
    "SparseLabelPropagation",
    "SparseLabelSpreading",
    "affinity_from_neighbors",
    "class_weights",
    "entropy_weights",
    "nearest_neighbors",
    "normalize_affinity",
    "solve_spreading",
]
