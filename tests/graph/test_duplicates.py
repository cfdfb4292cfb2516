"""Rows of which many are identical do not shut out the others."""

import numpy as np
import pytest
from scipy import sparse

from skactive.graph import (
    KNNAffinity,
)


def test_copies_do_not_shut_out_other_rows():
    """Eleven equal rows would be ten neighbors of each other, and nothing else."""
    rng = np.random.RandomState(0)
    X = np.r_[np.zeros((30, 2)) + [3, 1], rng.standard_normal((40, 2)) + [3, 1]]
    for rows in (X, sparse.csr_array(X)):
        for affinity in ("gaussian", "self_tuning"):
            graph = KNNAffinity(5, metric="euclidean", affinity=affinity).fit(rows)
            assert graph.n_components_ == 1
            assert np.isfinite(graph.affinity_.data).all()
            np.testing.assert_array_equal(graph.affinity_.toarray()[29, :1] > 0, True)


@pytest.mark.parametrize("affinity", ["gaussian", "self_tuning", "rbf", "binary"])
def test_nothing_but_copies_is_one_component_of_weight_one(affinity):
    graph = KNNAffinity(3, metric="euclidean", affinity=affinity, symmetrize="max")
    W = graph.fit_transform(np.ones((20, 2)))
    assert graph.n_components_ == 1 and set(W.data) == {1.0}
