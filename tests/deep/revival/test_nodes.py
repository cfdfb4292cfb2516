"""Labels of nodes, edges between them, and what neighbors say."""

import numpy as np
import pytest
from scipy import sparse

from skactive.deep.revival._nodes import encode_labels, make_graph, vote

pytestmark = pytest.mark.deep


class Given:
    """A transformer that returns what it is told to."""

    def __init__(self, W):
        self.W = W

    def fit_transform(self, Z):
        return self.W


def test_labels_become_positions_among_the_classes():
    classes, codes = encode_labels(["wasp", "ant", "wasp"])
    assert classes.tolist() == ["ant", "wasp"] and codes.tolist() == [1, 0, 1]
    with pytest.warns(UserWarning, match="column-vector"):
        assert encode_labels([[3], [1]])[1].tolist() == [1, 0]


@pytest.mark.parametrize(
    "y, text",
    [
        (["ant", None, None], "2 missing labels: .* X_pool"),
        ([0.0, np.nan], "NaN"),
        ([0.5, 0.7], "Unknown label type"),
    ],
)
def test_bad_labels_are_refused(y, text):
    with pytest.raises(ValueError, match=text):
        encode_labels(y)


def test_edges_to_oneself_are_left_out_and_the_given_graph_alone():
    W = np.array([[1.0, 2.0], [2.0, 1.0]])
    given = sparse.csr_array(W)
    made = make_graph(Given(given), np.zeros((2, 3)))
    np.testing.assert_array_equal(made.toarray(), [[0, 2], [2, 0]])
    assert made.nnz == 2
    np.testing.assert_array_equal(given.toarray(), W)


def test_a_graph_of_other_nodes_is_refused():
    with pytest.raises(ValueError, match="each of the 3 samples; got shape \\(2, 2\\)"):
        make_graph(Given(np.ones((2, 2))), np.zeros((3, 1)))


def test_neighbors_vote_by_the_weight_of_their_edges():
    votes = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    edges = np.array([[3.0, 1.0, 5.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    expected = [[0.75, 0.25], [0.5, 0.5], [0.5, 0.5]]
    np.testing.assert_allclose(vote(edges, votes), expected)
    np.testing.assert_allclose(vote(sparse.csr_array(edges), votes), expected)


@pytest.mark.parametrize(
    "y",
    [
        np.zeros((3, 2, 2), dtype=int),
        [np.zeros((2, 2), dtype=int)] * 3,
        [None, np.zeros((2, 2), dtype=int)],
        [{"boxes": [], "labels": []}] * 3,
    ],
    ids=["one array", "a list", "objects", "boxes"],
)
def test_a_node_carries_one_class_and_neither_mask_nor_boxes(y):
    with pytest.raises(ValueError, match="a node of the graph carries one class"):
        encode_labels(y)
