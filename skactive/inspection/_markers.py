"""Classes as markers, in whatever labels come."""

import numpy as np

from skactive.utils import as_labels
from skactive.utils._answers import Answers


def read_labels(y, n_samples, missing_label=None):
    """Return labels as the learner reads them, None where there is none."""
    answers = Answers()
    y = answers.read(y, n_samples)
    missing = answers.missing(y)
    if missing_label is not None:  # the reader may mark gaps as the learner does
        values = np.asarray(y, dtype=object)
        missing |= np.fromiter((v == missing_label for v in values), bool, len(values))
    if not missing.any():
        return answers.natural(y)
    kept = answers.keep(y)
    kept[missing] = None
    return kept


def classes_of(y):
    """Return the classes among labels, and the number of the class of each row.

    It is -1 for rows without a label.
    """
    y = read_labels(y, len(y))
    missing = Answers().missing(y)
    labels = as_labels(y[~missing], integral=bool(missing.any()))
    numbers = np.full(len(y), -1)
    classes, numbers[~missing] = np.unique(labels, return_inverse=True)
    return classes, numbers
