"""Tasks for Label Studio, and what people answered there, in files.

Nothing here talks to a server, and nothing but numpy is needed.
"""

from skactive.io.label_studio._annotations import Annotations
from skactive.io.label_studio._brush import brush_decode, brush_encode
from skactive.io.label_studio._config import Control, LabelConfig
from skactive.io.label_studio._export import read_export
from skactive.io.label_studio._outlines import mask_to_polygons
from skactive.io.label_studio._pictures import local_file_url, picture_to_uri
from skactive.io.label_studio._shapes import (
    boxes_from_percent,
    boxes_to_percent,
    polygon_to_mask,
)
from skactive.io.label_studio._tasks import to_tasks, write_tasks

__all__ = [
    "Annotations",
    "Control",
    "LabelConfig",
    "boxes_from_percent",
    "boxes_to_percent",
    "brush_decode",
    "brush_encode",
    "local_file_url",
    "mask_to_polygons",
    "picture_to_uri",
    "polygon_to_mask",
    "read_export",
    "to_tasks",
    "write_tasks",
]
