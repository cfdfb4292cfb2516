"""Have people answer in a labeling tool that runs as a server.

Standard library only: the tool's own client is not needed.
"""

from skactive.serve._backend import LabelStudioBackend
from skactive.serve._client import LabelStudioClient, LabelStudioError
from skactive.serve._oracle import LabelStudioOracle
from skactive.serve._run import LabelStudioRun

__all__ = [
    "LabelStudioBackend",
    "LabelStudioClient",
    "LabelStudioError",
    "LabelStudioOracle",
    "LabelStudioRun",
]
