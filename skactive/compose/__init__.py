"""Strategies made of strategies."""

from skactive.compose._stochastic_batch import StochasticBatch

__all__ = ["StochasticBatch"]
