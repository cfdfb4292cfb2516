"""Strategies made of strategies."""

from skactive.compose._pool_subsampling import PoolSubsampling
from skactive.compose._stochastic_batch import StochasticBatch

__all__ = ["PoolSubsampling", "StochasticBatch"]
