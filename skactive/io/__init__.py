"""What is kept in files: answers, and what labeling tools read and write."""

from skactive.io import coco, voc  # noqa: F401
from skactive.io._journal import Journal

__all__ = ["Journal"]
