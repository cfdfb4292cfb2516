"""How much do models differ?"""

from skactive.disagreement._committee import QueryByCommittee
from skactive.disagreement._measures import (
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)

__all__ = [
    "QueryByCommittee",
    "consensus_entropy",
    "kl_to_consensus",
    "vote_entropy",
]
