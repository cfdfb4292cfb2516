"""What is not yet covered?"""

from skactive.diversity._core_set import CoreSet
from skactive.diversity._kmeans import KMeansSampling
from skactive.diversity._random import RandomSampling

__all__ = ["CoreSet", "KMeansSampling", "RandomSampling"]
