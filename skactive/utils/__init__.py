"""What two or more folders need: seeds, pools, rows and missing labels."""

from skactive.utils._embedding import embed, fit_embedding
from skactive.utils._fitting import (
    fit_with_pool,
    needs_labels,
    seeded_clone,
    set_random_states,
    wants_pool,
)
from skactive.utils._labels import (
    as_labels,
    check_missing_label,
    is_missing,
    natural_labels,
)
from skactive.utils._probabilities import check_probabilities, shannon_entropy
from skactive.utils._rows import concatenate_rows, sample_shape, shape_text

__all__ = [
    "as_labels",
    "check_missing_label",
    "check_probabilities",
    "concatenate_rows",
    "embed",
    "fit_embedding",
    "fit_with_pool",
    "is_missing",
    "natural_labels",
    "needs_labels",
    "sample_shape",
    "seeded_clone",
    "set_random_states",
    "shannon_entropy",
    "shape_text",
    "wants_pool",
]
