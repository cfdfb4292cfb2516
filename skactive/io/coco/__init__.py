"""Files of COCO: images with boxes, polygons and masks, as many tools write them."""

from skactive.io.coco._predictions import read_predictions, write_predictions
from skactive.io.coco._read import read_boxes, read_masks
from skactive.io.coco._rle import decode_rle, encode_rle, polygons_to_mask
from skactive.io.coco._write import write, write_query

__all__ = [
    "decode_rle",
    "encode_rle",
    "polygons_to_mask",
    "read_boxes",
    "read_masks",
    "read_predictions",
    "write",
    "write_predictions",
    "write_query",
]
