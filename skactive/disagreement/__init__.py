"""How much do models differ?"""

from skactive.disagreement._bald import BALD, PowerBALD
from skactive.disagreement._batch_bald import BatchBALD
from skactive.disagreement._batch_variance import BatchVariance
from skactive.disagreement._committee import QueryByCommittee
from skactive.disagreement._epig import EPIG, predictive_information
from skactive.disagreement._measures import (
    consensus_entropy,
    kl_to_consensus,
    prediction_variance,
    vote_entropy,
)
from skactive.utils._elsewhere import looking_elsewhere

__all__ = [
    "BALD",
    "BatchBALD",
    "BatchVariance",
    "EPIG",
    "PowerBALD",
    "QueryByCommittee",
    "consensus_entropy",
    "kl_to_consensus",
    "prediction_variance",
    "predictive_information",
    "vote_entropy",
]

# What is in another folder, or spelled otherwise, is named in the error.
__getattr__ = looking_elsewhere(__name__)
