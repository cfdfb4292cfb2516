"""The solver against dense solutions, its bounds and its identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.exceptions import ConvergenceWarning

from skactive.graph import KNNAffinity, normalize_affinity, solve_spreading

GAUSSIAN = KNNAffinity(metric="euclidean", affinity="gaussian")
SOLVERS = ["cg", "chebyshev", "power"]


def exact(S, B, alpha):
    S = S.toarray() if sparse.issparse(S) else S
    return np.linalg.solve(np.eye(len(S)) - alpha * S, B)


def random_graph(seed, n=25, density=0.15):
    """Return the dense affinity of a random graph, often in several parts."""
    rng = np.random.RandomState(seed)
    W = np.triu(rng.uniform(size=(n, n)) * (rng.uniform(size=(n, n)) < density), 1)
    return W + W.T


def two_columns(n):
    """Return seeds at the first and at the last node."""
    B = np.zeros((n, 2))
    B[0, 0] = B[-1, 1] = 1
    return B


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_path_by_hand(solver, graphs):
    S = normalize_affinity(graphs.path)
    Z, _ = solve_spreading(S, two_columns(4), 0.5, rtol=1e-13, solver=solver)
    np.testing.assert_allclose(Z[0], [116 / 105, 4 / 105], atol=1e-9)
    np.testing.assert_allclose(Z[1], [0.362905883491, 0.131965775815], atol=1e-9)
    np.testing.assert_allclose(Z[::-1, ::-1], Z, atol=1e-9)
    Z, _ = solve_spreading(S, two_columns(4), 0.9, rtol=1e-13, solver=solver)
    np.testing.assert_allclose(Z[0], [2.139965297860, 0.936957779063], atol=1e-9)
    np.testing.assert_allclose(Z[1], [2.193864238621, 1.803176086538], atol=1e-9)
    Z, _ = solve_spreading(S, two_columns(4), 0.99, rtol=1e-13, solver=solver)
    np.testing.assert_allclose(Z[0], [13.404470450107, 12.159439324329], atol=1e-9)
    np.testing.assert_allclose(Z[1], [21.702195010679, 21.273501718474], atol=1e-9)


def test_the_inverse_of_a_triangle_with_a_tail(graphs):
    S = normalize_affinity(graphs.triangle_and_tail)
    Z, report = solve_spreading(S, np.eye(4), 0.5, rtol=1e-13)
    diagonal = np.array([537, 530, 572, 555]) / 451
    np.testing.assert_allclose(np.diag(Z), diagonal, atol=1e-9)
    upper = [0.449351100392, 0.216160667086, 0.092171218141]
    upper += [0.164438990845, 0.070117021290, 0.540801817097]
    np.testing.assert_allclose(Z[np.triu_indices(4, 1)], upper, atol=1e-9)
    assert report.converged.all() and (report.n_iter <= 5).all()


def test_first_iterates_are_those_worked_out(graphs):
    S = normalize_affinity(graphs.triangle_and_tail)
    b = two_columns(4)[:, :1]
    iterates = {
        ("cg", 1): [1, 0, 0, 0],
        ("cg", 2): [1.183156609963, 0.450411867412, 0.151833809531, 0],
        ("cg", 3): [1.190039930863, 0.455756881947, 0.191898297395, 0.092034818082],
        ("power", 3): [1.154545454545, 0.429325964267, 0.188926788427, 0.062983665730],
        ("chebyshev", 3): [1.182750582751, 0.459627320983, 0.181796663600]
        + [0.064598631518],
    }
    for (solver, steps), expected in iterates.items():
        Z, report = solve_spreading(S, b, 0.5, rtol=0, max_iter=steps, solver=solver)
        np.testing.assert_allclose(Z.ravel(), expected, atol=1e-9)
        assert report.n_iter[0] == steps
    _, report = solve_spreading(S, b, 0.5, rtol=0, max_iter=1)
    assert report.residuals[0] == pytest.approx(0.385337317794, abs=1e-9)


def test_stopped_early_nodes_far_from_the_seed_are_zero_and_it_is_said(graphs):
    S = normalize_affinity(graphs.unit_path(8))
    b = np.eye(8)[:, :1]
    for steps in (1, 2, 3):
        with pytest.warns(ConvergenceWarning, match="residual is .*Raise max_iter"):
            Z, report = solve_spreading(S, b, max_iter=steps)
        assert np.flatnonzero(Z).tolist() == list(range(steps))
        assert not report.converged.any()
    expected = [2.849768802491, 2.642392048220, 1.307984063869]
    np.testing.assert_allclose(Z[:3, 0], expected, atol=1e-9)
    Z, _ = solve_spreading(S, b, rtol=1e-13)
    expected = [9.338373920723, 11.911355037196, 10.856888460290, 10.021752963390]
    expected += [9.389077122315, 8.946079606944, 8.683810972522, 6.078977808960]
    np.testing.assert_allclose(Z[:, 0], expected, atol=1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.99])
def test_a_graph_of_neighbors_as_solved_densely(solver, alpha):
    X = np.random.RandomState(0).standard_normal((300, 3))
    S = normalize_affinity(GAUSSIAN.fit_transform(X))
    B = np.random.RandomState(1).standard_normal((300, 40))
    B[:, 5] = 0
    Z, report = solve_spreading(S, B, alpha, rtol=1e-9, solver=solver)
    np.testing.assert_allclose(Z, exact(S, B, alpha), rtol=0, atol=1e-6)
    assert (Z[:, 5] == 0).all() and report.n_iter[5] == 0 and report.residuals[5] == 0
    true = np.linalg.norm(B - Z + alpha * (S @ Z), axis=0)
    true /= np.maximum(np.linalg.norm(B, axis=0), 1e-300)
    np.testing.assert_allclose(report.residuals, true, atol=1e-14)


@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.99, 0.999])
def test_conjugate_gradients_stay_within_their_bound(alpha):
    X = np.c_[np.arange(400.0), np.zeros(400)]  # a chain: the worst there is
    W = KNNAffinity(2, metric="euclidean", affinity="binary").fit_transform(X)
    B = np.eye(400)[:, [0, 200]]
    _, report = solve_spreading(normalize_affinity(W), B, alpha, rtol=1e-6)
    root = np.sqrt((1 + alpha) / (1 - alpha))
    bound = np.ceil(np.log(2e6) / -np.log((root - 1) / (root + 1)))
    assert 1 < report.n_iter.max() <= bound


def test_single_precision_says_what_it_reached():
    X = np.random.RandomState(0).standard_normal((500, 3)).astype(np.float32)
    W = KNNAffinity(metric="euclidean", affinity="gaussian").fit_transform(X)
    S = normalize_affinity(W)
    B = two_columns(500)
    for alpha in (0.9, 0.99, 0.999):
        Z, report = solve_spreading(S, B, alpha)
        assert Z.dtype == np.float32 and report.converged.all()
        # Asked for more than rounding leaves, it stops where it can.
        _, report = solve_spreading(S, B, alpha, rtol=1e-12)
        assert report.converged.all() and report.residuals.max() > 1e-12
        expected = exact(S.astype(float), B, alpha)
        margin = np.abs(expected[:, 0] - expected[:, 1]) / expected.sum(axis=1)
        same = Z.argmax(axis=1) == expected.argmax(axis=1)
        assert same[margin > 1e-4].mean() >= 0.999


def test_columns_in_groups_are_columns_together():
    W = random_graph(0, n=60)
    S, B = normalize_affinity(W), np.random.RandomState(0).standard_normal((60, 9))
    for solver, tolerance in [("chebyshev", 0), ("cg", 1e-6)]:
        together, _ = solve_spreading(S, B, rtol=1e-8, solver=solver)
        apart, _ = solve_spreading(S, B, rtol=1e-8, solver=solver, memory_budget=1)
        np.testing.assert_allclose(together, apart, rtol=0, atol=tolerance)


def hard_seeds(n, alpha):
    """Return a path and seeds of every eigenvector, of the smooth ones most."""
    S = normalize_affinity(np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1))
    values, vectors = np.linalg.eigh(np.eye(n) - alpha * S.toarray())
    return S, vectors @ values[:, None] ** -0.5


def test_no_solution_is_given_up_within_the_number_it_may_need():
    S, B = hard_seeds(400, 0.9999)
    _, report = solve_spreading(S, B, 0.9999, rtol=0.1)
    assert report.converged.all() and report.n_iter[0] > 318


@pytest.mark.parametrize("solver, bound", [("cg", 121), ("chebyshev", 103)])
def test_the_residual_is_small_within_the_documented_number(solver, bound):
    S, B = hard_seeds(300, 0.99)
    _, report = solve_spreading(S, B, 0.99, rtol=1e-6, solver=solver)
    assert report.converged.all()
    assert report.n_iter[0] <= bound
    assert solver != "cg" or report.n_iter[0] > 103


def test_a_good_beginning_saves_iterations():
    S, B = normalize_affinity(random_graph(1, n=80)), np.eye(80)[:, :3]
    Z, report = solve_spreading(S, B)
    again, second = solve_spreading(S, B, Z0=Z)
    assert report.n_iter.min() > 0 and second.n_iter.max() == 0
    np.testing.assert_array_equal(again, Z)


# ------------------------------------------------------------------------- identities

SEEDS = st.integers(0, 2**31 - 1)
ALPHAS = st.sampled_from([0.1, 0.5, 0.9, 0.99])
few = settings(max_examples=25, deadline=None)


def seeded(seed, n=25):
    """Return a graph and nonnegative right-hand sides."""
    rng = np.random.RandomState(seed)
    B = rng.uniform(size=(n, 3)) * (rng.uniform(size=(n, 3)) < 0.15)
    return random_graph(seed, n), B


def solved(W, B, alpha):
    return solve_spreading(normalize_affinity(W), B, alpha, rtol=1e-12)[0]


@given(SEEDS, ALPHAS)
@few
def test_labels_do_not_turn_negative_and_stay_in_their_components(seed, alpha):
    W, B = seeded(seed)
    Z = solved(W, B, alpha)
    assert Z.min() > -1e-9
    n_parts, part = connected_components(sparse.csr_array(W), directed=False)
    seen = np.array([B[part == p].any(axis=0) for p in range(n_parts)])
    np.testing.assert_array_equal(Z[~seen[part]], 0)
    assert (exact(normalize_affinity(W), B, alpha)[seen[part]] > 0).all()


@given(SEEDS, ALPHAS)
@few
def test_mass_is_conserved_in_each_component(seed, alpha):
    W, B = seeded(seed)
    Z, roots = solved(W, B, alpha), np.sqrt(W.sum(axis=1))
    n_parts, part = connected_components(sparse.csr_array(W), directed=False)
    for p in range(n_parts):
        if roots[part == p].any():
            before = roots[part == p] @ B[part == p] / (1 - alpha)
            after = roots[part == p] @ Z[part == p]
            np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-9)


@given(SEEDS, ALPHAS, st.floats(1e-3, 1e3))
@few
def test_the_scale_and_the_order_of_nodes_do_not_matter(seed, alpha, scale):
    W, B = seeded(seed)
    Z = solved(W, B, alpha)
    np.testing.assert_allclose(solved(scale * W, B, alpha), Z, atol=1e-7)
    order = np.random.RandomState(seed).permutation(len(W))
    permuted = solved(W[np.ix_(order, order)], B[order], alpha)
    np.testing.assert_allclose(permuted, Z[order], atol=1e-7)


@given(SEEDS, ALPHAS)
@few
def test_the_solution_is_linear_and_the_random_walk_tells_the_same(seed, alpha):
    W, B = seeded(seed)
    more = seeded(seed + 1)[1]
    both = solved(W, B + 2 * more, alpha)
    parts = solved(W, B, alpha) + 2 * solved(W, more, alpha)
    np.testing.assert_allclose(both, parts, atol=1e-6)
    roots = np.sqrt(W.sum(axis=1))[:, None]
    P = normalize_affinity(W, "random_walk").toarray()
    walk = roots * exact(P, np.divide(B, roots, out=B * 0, where=roots > 0), alpha)
    inside = roots.ravel() > 0
    np.testing.assert_allclose(walk[inside], solved(W, B, alpha)[inside], atol=1e-6)


@given(SEEDS, ALPHAS)
@few
def test_isolated_nodes_change_nothing(seed, alpha):
    W, B = seeded(seed)
    more = np.zeros((30, 30))
    more[:25, :25] = W
    Z = solved(more, np.r_[B, np.zeros((5, 3))], alpha)
    np.testing.assert_allclose(Z[:25], solved(W, B, alpha), atol=1e-9)
    assert not Z[25:].any()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"alpha": 0}, "above 0 and below 1"),
        ({"alpha": 1.0}, "above 0 and below 1"),
        ({"alpha": "auto"}, "above 0 and below 1"),
        ({"solver": "lu"}, "solver must be"),
        ({"rtol": -1}, "rtol must be"),
        ({"rtol": 0}, "pass max_iter"),
        ({"B": np.ones((3, 1))}, "one row for each node"),
        ({"B": np.full((2, 1), np.nan)}, "NaN"),
        ({"Z0": np.ones((2, 2))}, "shape of B"),
        ({"S": np.array([[0, 1.0], [0, 0]])}, "not symmetric"),
    ],
)
def test_bad_input_is_refused(options, message):
    given = {"S": np.array([[0, 1.0], [1, 0]]), "B": np.ones((2, 1)), **options}
    with pytest.raises(ValueError, match=message):
        solve_spreading(**given)
