"""What is kept in files: answers, and what labeling tools read and write."""

from skactive.io import coco, doccano, prodigy, voc  # noqa: F401, opened with io
from skactive.io._csv import read_csv, write_csv
from skactive.io._journal import Journal

__all__ = ["Journal", "read_csv", "write_csv"]
