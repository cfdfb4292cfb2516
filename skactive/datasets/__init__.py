"""Data to measure on: loaders with one shape of answer, and traps."""

from skactive.datasets._dense import (
    boxes_from_flat,
    boxes_to_flat,
    resize_images,
)
from skactive.datasets._diverging_sine import make_diverging_sine
from skactive.datasets._folders import (
    load_box_folder,
    load_image_folder,
    load_mask_folder,
)
from skactive.datasets._home import get_data_home
from skactive.datasets._honeypot import make_honeypot
from skactive.datasets._isolated_class import make_isolated_class
from skactive.datasets._load import list_datasets, load_dataset
from skactive.datasets._long_tail import make_long_tail
from skactive.datasets._noisy_region import make_noisy_region
from skactive.datasets._parquet import ParquetDataset
from skactive.datasets._redundant_pool import make_redundant_pool
from skactive.datasets._regions import tile_regions
from skactive.datasets._torchvision import fetch_torchvision

__all__ = [
    "ParquetDataset",
    "boxes_from_flat",
    "boxes_to_flat",
    "fetch_torchvision",
    "get_data_home",
    "list_datasets",
    "load_box_folder",
    "load_dataset",
    "load_image_folder",
    "load_mask_folder",
    "make_diverging_sine",
    "make_honeypot",
    "make_isolated_class",
    "make_long_tail",
    "make_noisy_region",
    "make_redundant_pool",
    "resize_images",
    "tile_regions",
]
