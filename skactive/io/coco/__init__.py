"""Files of COCO: images with boxes, polygons and masks, as many tools write them."""

from skactive.io.coco._rle import decode_rle, encode_rle, polygons_to_mask

__all__ = ["decode_rle", "encode_rle", "polygons_to_mask"]
