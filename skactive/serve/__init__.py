"""Have people answer in a labeling tool that runs as a server.

Standard library only: the tool's own client is not needed.
"""

from skactive.serve._backend import LabelStudioBackend

__all__ = ["LabelStudioBackend"]
