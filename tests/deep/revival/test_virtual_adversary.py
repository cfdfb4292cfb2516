"""Adversaries on graphs: the worked example with eight nodes, and the local average."""

import numpy as np
import pytest
import torch
from scipy import sparse

from skactive.deep.revival._boundary_limitator import boundary_limitator, faces_another
from skactive.deep.revival._virtual_adversary import graph_adversary, local_adversary
from skactive.graph import KNNAffinity, normalize_affinity
from skactive.utils import shannon_entropy

pytestmark = pytest.mark.deep

# Two cliques, {0, 2, 3, 4} and {1, 5, 6, 7}, and the edge 4-6; 0 and 1 are labeled.
NODES = [(0, 1), (2, 0), (0.2, 0.9), (0.1, 0.6), (0.6, 0.8), (1.7, 0.1)]
NODES = np.array([*NODES, (1.2, 0.3), (1.9, 0.4)])
THETA = np.array([[-2.0, 2.0], [2.0, -2.0]])
UNLABELED = np.arange(2, 8)
KL_PLUS = [0.2786111395, 0.2786111395, 0.6149201647]
KL_PLUS += [0.0031935960, 0.0088071238, 0.0031935960]
KL_MINUS = [0.0968385686, 0.0968385686, 0.2742322508]
KL_MINUS += [0.0125981158, 0.0433075710, 0.0125981158]
ENTROPY = [0.2903318085, 0.2903318085, 0.4956397789]
ENTROPY += [0.0187743094, 0.0363260099, 0.0187743094]


def eight():
    graph = KNNAffinity(3, metric="euclidean", affinity="binary", symmetrize="max")
    return graph.fit_transform(NODES)


def linear(permutation=slice(None)):
    """Return logits of a propagator with one layer and known weights."""
    A = normalize_affinity(eight(), "kipf").toarray()
    A = torch.tensor(A[permutation][:, permutation])
    return lambda X: A @ (X @ torch.tensor(THETA))


def attacked(rows=UNLABELED, start=(1.0, 0.0), symmetrize=False, n_power=1):
    return graph_adversary(
        linear(),
        torch.tensor(NODES),
        torch.as_tensor(rows),
        0.5,
        xi=1e-3,
        n_power=n_power,
        symmetrize=symmetrize,
        start=torch.tensor(start, dtype=torch.float64),
    )


# ------------------------------------------------------------------------ eight nodes


def test_the_graph_of_the_example_is_two_cliques_and_a_bridge():
    expected = np.zeros((8, 8))
    for clique in ([0, 2, 3, 4], [1, 5, 6, 7]):
        expected[np.ix_(clique, clique)] = 1
    expected[4, 6] = expected[6, 4] = 1
    np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(eight().toarray(), expected)


def test_clean_labels_and_entropies_of_the_example():
    proba = linear()(torch.tensor(NODES)).softmax(1).numpy()
    known = [0.9152029771, 0.0027184142, 0.9152029771, 0.9152029771, 0.8034092092]
    known += [0.0027184142, 0.0059312070, 0.0027184142]
    np.testing.assert_allclose(proba[:, 0], known, atol=1e-9, rtol=0)
    np.testing.assert_allclose(shannon_entropy(proba)[2:], ENTROPY, atol=1e-9, rtol=0)


@pytest.mark.parametrize(
    ("start", "sign", "expected"), [((1, 0), 1, KL_PLUS), ((-1, 0), -1, KL_MINUS)]
)
def test_one_sided_divergences_of_the_example(start, sign, expected):
    found = attacked(start=start)
    step = np.tile([[sign * 0.5**0.5 / 2, -sign * 0.5**0.5 / 2]], (6, 1))
    np.testing.assert_allclose(found.perturbation, step, atol=1e-9, rtol=0)
    np.testing.assert_allclose(found.kl, expected, atol=1e-9, rtol=0)
    assert found.eps == 0.5


@pytest.mark.parametrize("start", [(1, 0), (-1, 0)])
def test_with_both_signs_the_start_does_not_matter(start):
    found = attacked(start=start, symmetrize=True)
    expected = np.maximum(KL_PLUS, KL_MINUS)
    np.testing.assert_allclose(found.kl, expected, atol=1e-9, rtol=0)
    np.testing.assert_allclose(found.perturbation.norm(dim=1), 0.5, atol=1e-9)


def test_a_node_by_itself_moves_less_than_with_its_neighbors():
    expected = [0.0236276402, 0.0236276402, 0.0281512330]
    expected += [0.0008687349, 0.0011462532, 0.0008687349]
    alone = [
        attacked([node], start=(0.6, 0.8), symmetrize=True, n_power=3).kl.item()
        for node in UNLABELED
    ]
    np.testing.assert_allclose(alone, expected, atol=1e-9, rtol=0)
    assert (np.array(alone) < np.maximum(KL_PLUS, KL_MINUS)).all()


def test_the_order_of_the_nodes_does_not_matter():
    order = np.random.RandomState(0).permutation(8)
    rows = np.argsort(order)[UNLABELED]
    found = graph_adversary(
        linear(order),
        torch.tensor(NODES[order]),
        torch.as_tensor(rows),
        0.5,
        xi=1e-3,
        start=torch.tensor([1.0, 0.0], dtype=torch.float64),
    )
    expected = np.maximum(KL_PLUS, KL_MINUS)
    np.testing.assert_allclose(found.kl, expected, atol=1e-9, rtol=0)


def test_flips_are_found_where_the_perturbed_class_is_another():
    found = attacked()
    X = torch.tensor(NODES)
    X[2:] += found.perturbation
    flipped = linear()(X).argmax(1) != linear()(torch.tensor(NODES)).argmax(1)
    np.testing.assert_array_equal(found.flipped, flipped[2:])
    far = attacked()
    assert not far.flipped[3:].any()


@pytest.mark.parametrize("kl", [KL_PLUS, np.maximum(KL_PLUS, KL_MINUS)])
def test_two_of_four_are_chosen_as_in_the_figure(kl):
    """Nodes 2, 3, 4 and 6 are the most unstable; 2 and 3 are equal in all."""
    order = boundary_limitator(kl, ENTROPY, 2, oversample=2, random_state=0)
    nodes = UNLABELED[order]
    assert nodes[0] == 4 and set(nodes[1:3]) == {2, 3} and nodes[3] == 6
    assert set(nodes[4:]) == {5, 7}


def test_the_cut_leaves_the_two_ends_of_the_bridge():
    winners = linear()(torch.tensor(NODES)).argmax(1).numpy()
    faces = faces_another(eight(), winners)
    assert np.flatnonzero(faces).tolist() == [4, 6]
    order = boundary_limitator(
        KL_PLUS, ENTROPY, 2, oversample=2, limitator="cut", faces=faces[2:]
    )
    assert UNLABELED[order[:2]].tolist() == [4, 6]


# -------------------------------------------------------------------- local averages


def star():
    """Return a node at the origin, three neighbors, and their labels."""
    Z = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    W = np.zeros((4, 4))
    W[0, 1:] = W[1:, 0] = 1
    return (
        Z,
        sparse.csr_array(W),
        np.array([[0, 1], [0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]),
    )


def test_local_average_of_a_worked_example():
    found = local_adversary(*star(), [0], eps=0.3, bandwidth=2**0.5)
    np.testing.assert_allclose(found.kl, 0.009820853640, atol=1e-12, rtol=0)
    direction = found.perturbation[0] / 0.3
    expected = [0.998868137724, 0.047565149415]
    np.testing.assert_allclose(direction, expected, atol=1e-11, rtol=0)


def test_the_other_direction_of_the_worked_example_is_less_bad():
    Z, W, proba = star()
    found = local_adversary(Z, W, proba, [0], eps=0.3, bandwidth=2**0.5)
    values = []
    for sign in (1, -1):
        a = np.exp(-((sign * found.perturbation[0] - Z[1:]) ** 2).sum(axis=1) / 2)
        clean = np.array([17, 13]) / 30
        values.append(np.sum(clean * np.log(clean / (a @ proba[1:] / a.sum()))))
    expected = [0.009820853640, 0.009786051197]
    np.testing.assert_allclose(values, expected, atol=1e-12, rtol=0)


def test_steps_turn_with_the_space():
    Z, W, proba = star()
    settings = {"eps": 0.3, "bandwidth": 2**0.5}
    found = local_adversary(Z, W, proba, [0], **settings)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    turned = local_adversary(Z @ turn, W, proba, [0], **settings)
    np.testing.assert_allclose(turned.kl, found.kl, rtol=1e-12)
    expected = found.perturbation @ turn
    np.testing.assert_allclose(turned.perturbation, expected, atol=1e-12)
    # With one side only, it is the one that leads towards the neighbors.
    one = local_adversary(-Z, W, proba, [0], symmetrize=False, **settings)
    np.testing.assert_allclose(one.perturbation, -found.perturbation, atol=1e-12)


def test_rows_are_left_alone_only_where_nothing_can_happen():
    rng = np.random.RandomState(0)
    Z = rng.standard_normal((60, 3))
    W = KNNAffinity(6, metric="euclidean", affinity="binary").fit_transform(Z)
    proba = rng.dirichlet([1, 1, 1], 60) ** np.repeat([1, 20], 30)[:, None]
    proba[Z[:, 0] > 0.2] = [1 - 2e-6, 1e-6, 1e-6]
    proba /= proba.sum(axis=1, keepdims=True)
    every = local_adversary(Z, W, proba, np.arange(60), negligible=0)
    some = local_adversary(Z, W, proba, np.arange(60), negligible=1e-2)
    left = some.kl == 0
    assert 5 < left.sum() < 55
    assert every.kl[left].max() <= 1e-2
    np.testing.assert_array_equal(some.kl[~left], every.kl[~left])


def test_no_step_of_the_same_length_is_much_worse():
    rng = np.random.RandomState(0)
    Z = rng.standard_normal((30, 3))
    W = KNNAffinity(6, metric="euclidean", affinity="binary").fit_transform(Z)
    proba = rng.dirichlet([1, 1, 1], 30)
    rows = np.arange(5, 20)
    found = local_adversary(Z, W, proba, rows, eps=0.05, bandwidth=1.0, n_neighbors=30)

    def average(row, r):
        near = W.indices[W.indptr[row] : W.indptr[row + 1]]
        a = np.exp(-((Z[row] + r - Z[near]) ** 2).sum(1))
        return a @ proba[near] / a.sum()

    steps = rng.standard_normal((300, 3))
    steps *= 0.05 / np.linalg.norm(steps, axis=1, keepdims=True)
    for position, row in enumerate(rows):
        q = average(row, 0)

        def divergence(r, q=q, row=row):
            return np.sum(q * np.log(q / average(row, r)))

        at = divergence(found.perturbation[position])
        np.testing.assert_allclose(found.kl[position], at, rtol=1e-9)
        assert at > 0.93 * max(map(divergence, steps))


def test_default_sizes_are_half_the_distance_to_a_neighbor():
    Z, W, proba = star()
    Z[3] = [-3.0, 0.0]
    found = local_adversary(Z, W, proba, [0], n_neighbors=3)
    assert found.eps == 1.5
    again = local_adversary(Z, W, proba, [0], eps=1.5, bandwidth=1.5)
    np.testing.assert_allclose(found.kl, again.kl, rtol=1e-12)


def test_only_the_nearest_neighbors_are_averaged_over():
    Z, W, proba = star()
    Z[3] = [-3.0, 0.0]
    found = local_adversary(Z, W, proba, [0], eps=0.3, bandwidth=1.0, n_neighbors=2)
    W = W.toarray()
    W[0, 3] = W[3, 0] = 0
    fewer = local_adversary(Z, sparse.csr_array(W), proba, [0], eps=0.3, bandwidth=1.0)
    np.testing.assert_array_equal(found.kl, fewer.kl)
    np.testing.assert_array_equal(found.perturbation, fewer.perturbation)


def test_isolated_nodes_copies_and_agreement_are_stable():
    Z = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [5.0, 5.0], [1.0, 0.0]])
    W = np.zeros((5, 5))
    W[0, 1] = W[1, 0] = W[1, 2] = W[2, 1] = 1
    W[4, 0] = W[0, 4] = 1
    proba = np.array([[0.5, 0.5], [0.9, 0.1], [0.9, 0.1], [0.5, 0.5], [0.9, 0.1]])
    found = local_adversary(Z, sparse.csr_array(W), proba, np.arange(5))
    assert found.kl[[0, 1, 2, 3]].tolist() == [0, 0, 0, 0]
    assert not found.flipped.any() and np.isfinite(found.perturbation).all()


def test_blocks_give_what_one_piece_gives(monkeypatch):
    rng = np.random.RandomState(0)
    Z = rng.standard_normal((40, 5))
    W = KNNAffinity(4, metric="euclidean", affinity="binary").fit_transform(Z)
    proba = rng.dirichlet([1, 1, 1], 40)
    whole = local_adversary(Z, W, proba, np.arange(40))
    monkeypatch.setattr("skactive.deep.revival._virtual_adversary.BUDGET", 8 * 5 * 30)
    parts = local_adversary(Z, W, proba, np.arange(40))
    np.testing.assert_allclose(parts.kl, whole.kl, rtol=1e-12)
    np.testing.assert_allclose(parts.perturbation, whole.perturbation, atol=1e-12)


# --------------------------------------------------------------- the limits of a step


def test_a_saturated_softmax_is_met_by_a_longer_step_and_a_warning():
    X = torch.zeros((3, 1), dtype=torch.float64)

    def logits(X):  # a cliff at 3, flat before it but for a trace
        return torch.cat([torch.relu(X - 3) * 50 + 1e-9 * X, 40 + 0 * X], dim=1)

    start = torch.ones((1, 1), dtype=torch.float64)
    with pytest.warns(UserWarning, match="doubled 2 times"):
        found = graph_adversary(
            logits, X, torch.tensor([1, 2]), 1.0, xi=1e-3, start=start
        )
    assert found.eps == 4.0
    assert (found.kl > 1e-12).all()


def test_what_cannot_be_moved_is_given_up_after_five_doublings():
    X = torch.zeros((3, 2))
    with pytest.warns(UserWarning, match="doubled 5 times"):
        found = graph_adversary(lambda X: 0 * X, X, torch.tensor([0]), 1.0)
    assert found.eps == 32 and found.kl.item() == 0 and not found.flipped.any()
