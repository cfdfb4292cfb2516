"""Strategies made of strategies, and models made of models."""

from skactive.compose._cost_aware import CostAware
from skactive.compose._density_weighted import DensityWeighted
from skactive.compose._neighborhood import NeighborhoodSampling
from skactive.compose._outlier_filter import OutlierFilter
from skactive.compose._outlier_penalty import OutlierPenalty
from skactive.compose._partitioned import PartitionedSampling
from skactive.compose._pool_subsampling import PoolSubsampling
from skactive.compose._region_segmenter import RegionSegmenter
from skactive.compose._schedule import StrategySchedule
from skactive.compose._stochastic_batch import StochasticBatch
from skactive.compose._top_then_diverse import TopThenDiverse
from skactive.utils._elsewhere import looking_elsewhere

__all__ = [
    "CostAware",
    "DensityWeighted",
    "NeighborhoodSampling",
    "OutlierFilter",
    "OutlierPenalty",
    "PartitionedSampling",
    "PoolSubsampling",
    "RegionSegmenter",
    "StochasticBatch",
    "StrategySchedule",
    "TopThenDiverse",
]

# What is in another folder, or spelled otherwise, is named in the error.
__getattr__ = looking_elsewhere(__name__)
