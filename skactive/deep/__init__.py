"""Strategies that train a net in order to ask; importing this folder loads torch."""

try:
    import skorch  # noqa: F401
    import torch  # noqa: F401
    import torchvision  # noqa: F401
except ImportError as error:
    raise ImportError(
        f"skactive.deep needs torch, torchvision and skorch; {error.name} cannot be "
        "imported. Install them with: pip install 'skactive[deep]'"
    ) from error

from skactive.deep._dfal import DFAL
from skactive.deep._gcn import CoreGCN, UncertainGCN
from skactive.deep._joint_reconstruction import JointReconstruction
from skactive.deep._ll4al import LL4AL
from skactive.deep._mobyv2al import MoBYv2AL
from skactive.deep._reconstruction import ReconstructionSampling
from skactive.deep._sraal import SRAAL
from skactive.deep._task_aware_vit import TaskAwareViT
from skactive.deep._vaal import VAAL
from skactive.deep.revival._gcn_propagator import GCNPropagator
from skactive.deep.revival._lgc_propagator import LGCPropagator
from skactive.deep.revival._revival import REVIVAL
from skactive.deep.revival._sgc_propagator import SGCPropagator
from skactive.nets.latent._uncertainty_indicator import uncertainty_indicator
from skactive.utils._elsewhere import looking_elsewhere

__all__ = [
    "CoreGCN",
    "DFAL",
    "GCNPropagator",
    "JointReconstruction",
    "LGCPropagator",
    "LL4AL",
    "MoBYv2AL",
    "REVIVAL",
    "ReconstructionSampling",
    "SGCPropagator",
    "SRAAL",
    "TaskAwareViT",
    "UncertainGCN",
    "VAAL",
    "uncertainty_indicator",
]

# What is in another folder, or spelled otherwise, is named in the error.
__getattr__ = looking_elsewhere(__name__)
