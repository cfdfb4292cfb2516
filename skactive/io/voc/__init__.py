"""Files of Pascal VOC: boxes in XML, lists of images, masks with a palette."""

from skactive.io.voc._boxes import read_boxes, write_boxes
from skactive.io.voc._image_sets import read_image_set, write_image_set
from skactive.io.voc._masks import read_masks, write_masks

__all__ = [
    "read_boxes",
    "read_image_set",
    "read_masks",
    "write_boxes",
    "write_image_set",
    "write_masks",
]
