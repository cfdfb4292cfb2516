"""What is not yet covered?"""

from skactive.diversity._alfa_mix import ALFAMix
from skactive.diversity._badge import BADGE
from skactive.diversity._clue import CLUE
from skactive.diversity._cluster_margin import ClusterMargin
from skactive.diversity._core_set import CoreSet
from skactive.diversity._discriminative import DiscriminativeSampling
from skactive.diversity._drop_query import DropQuery
from skactive.diversity._falcun import Falcun
from skactive.diversity._foreground import ForegroundRandomSampling
from skactive.diversity._greedy_sampling import (
    GreedySampling,
    product_distance,
    target_distance,
)
from skactive.diversity._herding import MaxHerding, UncertaintyHerding
from skactive.diversity._kmeans import KMeansSampling
from skactive.diversity._kmeans_plus_plus import KMeansPlusPlusSampling
from skactive.diversity._lcmd import LCMD, GradientLCMD
from skactive.diversity._ppal import PPAL
from skactive.diversity._prob_cover import ProbCover
from skactive.diversity._random import RandomSampling
from skactive.diversity._robust_core_set import RobustCoreSet
from skactive.diversity._typi_clust import TypiClust
from skactive.diversity._v_opt import SigmaOpt, VOpt
from skactive.utils._elsewhere import looking_elsewhere

__all__ = [
    "ALFAMix",
    "BADGE",
    "CLUE",
    "ClusterMargin",
    "CoreSet",
    "DiscriminativeSampling",
    "DropQuery",
    "Falcun",
    "ForegroundRandomSampling",
    "GradientLCMD",
    "GreedySampling",
    "KMeansPlusPlusSampling",
    "KMeansSampling",
    "LCMD",
    "MaxHerding",
    "PPAL",
    "ProbCover",
    "RandomSampling",
    "RobustCoreSet",
    "SigmaOpt",
    "TypiClust",
    "UncertaintyHerding",
    "VOpt",
    "product_distance",
    "target_distance",
]

# What is in another folder, or spelled otherwise, is named in the error.
__getattr__ = looking_elsewhere(__name__)
