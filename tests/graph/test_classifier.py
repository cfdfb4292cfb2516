"""What all classifiers on a graph share: kinds of input, new labels, refusals."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline

from skactive.graph import KNNAffinity, SparseLabelPropagation, SparseLabelSpreading
from skactive.graph._classifier import GraphClassifier
from skactive.graph._solve import SolverReport

ENDS = [0, -1, -1, 1]


def spread(W, y, **settings):
    settings = {"rtol": 1e-13, **settings}
    return SparseLabelSpreading("precomputed", **settings).fit(W, y)


def test_a_single_class_is_everywhere(graphs):
    model = spread(graphs.broken, [3, -1, -1, -1, -1, -1, -1])
    assert set(model.transduction_) == {3}
    np.testing.assert_array_equal(model.label_distributions_, 1)
    np.testing.assert_array_equal(model.entropy_, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(dtype):
    X, digit = load_digits(return_X_y=True)
    X = X.astype(dtype)
    model = SparseLabelSpreading().fit(X[:50], digit[:50], X_pool=X[50:500])
    for name in ("Z_", "label_distributions_", "entropy_", "weights_"):
        assert getattr(model, name).dtype == dtype, name
    assert model.predict_proba(X[:5]).dtype == dtype
    assert model.affinity_.dtype == dtype


def test_sparse_rows_frames_and_pipelines_are_taken():
    pd = pytest.importorskip("pandas")
    X, digit = load_digits(return_X_y=True)
    X, digit, X_pool = X[:60], digit[:60], X[60:300]
    dense = SparseLabelSpreading().fit(X, digit, X_pool)
    a, b = sparse.csr_matrix(X), sparse.csr_matrix(X_pool)
    model = SparseLabelSpreading().fit(a, digit, b)
    expected = dense.label_distributions_
    np.testing.assert_allclose(model.label_distributions_, expected, atol=1e-8)
    np.testing.assert_allclose(
        model.predict_proba(b), dense.predict_proba(X_pool), atol=1e-8
    )
    a, b = pd.DataFrame(X).add_prefix("p"), pd.DataFrame(X_pool).add_prefix("p")
    model = SparseLabelSpreading().fit(a, pd.Series(digit), b)
    np.testing.assert_allclose(model.label_distributions_, expected)
    graph = make_pipeline(PCA(20, random_state=0), KNNAffinity(8))
    model = SparseLabelSpreading(graph).fit(X, digit, X_pool)
    assert model.predict(X_pool).shape == (240,)
    assert not hasattr(graph[0], "components_")


def test_a_fitted_classifier_survives_a_pickle_and_a_clone(graphs):
    X, digit = load_digits(return_X_y=True)
    model = SparseLabelSpreading(KNNAffinity(7)).fit(X[:50], digit[:50], X[50:200])
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X[200:250]), model.predict(X[200:250]))
    assert clone(model).get_params()["affinity__n_neighbors"] == 7


@pytest.mark.parametrize(
    "Model, settings",
    [
        (SparseLabelSpreading, {}),
        (SparseLabelSpreading, {"alpha": 0.5, "solver": "chebyshev"}),
        (SparseLabelPropagation, {"method": "laplace"}),
        (SparseLabelPropagation, {"method": "poisson"}),
    ],
)
def test_labels_added_are_labels_fitted(Model, settings):
    X, digit = load_digits(return_X_y=True)
    X, digit = X[:600], digit[:600]
    y = np.where((np.arange(600) < 40) & (digit < 8), digit, -1)
    model = Model(rtol=1e-10, **settings).fit(X, y)
    graph = model.affinity_
    # New classes, a label that changes, and one that stays.
    rows = np.r_[np.flatnonzero(digit >= 8)[:4], 0, 1, 2, 300]
    labels = digit[rows].copy()
    labels[4] = 5
    model.add_labels(rows, labels)
    y[rows] = labels
    fitted = Model(rtol=1e-10, **settings).fit(X, y)
    assert model.affinity_ is graph
    np.testing.assert_array_equal(model.classes_, fitted.classes_)
    np.testing.assert_allclose(
        model.label_distributions_, fitted.label_distributions_, atol=1e-6
    )
    np.testing.assert_array_equal(model.transduction_, fitted.transduction_)


def test_a_label_adds_one_column_of_the_inverse(graphs):
    model = spread(graphs.triangle_and_tail, ENDS, alpha=0.5, seed_balance="none")
    before = model.Z_
    model.add_labels([1], [0])
    expected = [0.449351100392, 1.175166297118, 0.164438990845, 0.070117021290]
    np.testing.assert_allclose(model.Z_[:, 0] - before[:, 0], expected, atol=1e-9)
    np.testing.assert_allclose(model.Z_[:, 1], before[:, 1], atol=1e-12)


@pytest.mark.parametrize(
    "indices, y, message",
    [
        ([4], [0], "from 0 to 3"),
        ([-1], [0], "from 0 to 3"),
        ([1, 1], [0, 1], "a node twice"),
        ([1.0], [0], "must be integers"),
        ([1, 2], [0], "2 indices, but 1 labels"),
        ([1], [-1], "missing labels"),
        ([1], [[1.0, 0.0, 0.0]], "each of 2 classes"),
        ([1], [[1.0, -1.0]], "must not be negative"),
    ],
)
def test_bad_new_labels_are_refused_and_nothing_changes(indices, y, message, graphs):
    model = spread(graphs.triangle_and_tail, ENDS)
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match=message):
        model.add_labels(indices, y)
    assert pickle.dumps(model) == before


@pytest.mark.parametrize("Model", [SparseLabelSpreading, SparseLabelPropagation])
@pytest.mark.parametrize(
    "W, y, message",
    [
        ("path", [-1, -1, -1, -1], "y holds no label: all 4 are missing"),
        ("path", np.zeros((4, 2)), "y holds no label: all 4 rows are zero"),
        ("path", [[1, -1], [0, 0], [0, 0], [0, 1]], "must not be negative"),
        ("path", [0, 1], "inconsistent numbers of samples"),
        ("path", [0.5, -1, -1, 1.5], "Unknown label type"),
        ("path", [0, np.nan, -1, 1], "y holds None or NaN"),
        ([[0, -1.0], [-1.0, 0]], [0, 1], "negative numbers"),
        ([[0, 1.0], [2.0, 0]], [0, 1], "not symmetric"),
        ([[0, 1.0, 0], [1.0, 0, 0]], [0, 1], "must be square"),
        ([[0, np.nan], [np.nan, 0]], [0, 1], "NaN"),
    ],
)
def test_bad_input_is_refused(Model, W, y, message, graphs):
    W = getattr(graphs, W) if isinstance(W, str) else np.array(W)
    for given in (W, sparse.csr_array(W)):
        with pytest.raises(ValueError, match=message):
            Model("precomputed").fit(given, y)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"alpha": 0}, "above 0 and below 1"),
        ({"alpha": 1}, "above 0 and below 1"),
        ({"class_prior": [0.5, 0.4, 0.1]}, "each of 2 classes"),
        ({"class_prior": [-1, 2]}, "none negative"),
        ({"seed_balance": "mean"}, "seed_balance"),
        ({"unreached": "bridge"}, "unreached"),
        ({"affinity": "knn"}, "affinity"),
    ],
)
def test_bad_settings_are_refused(settings, message, graphs):
    model = SparseLabelSpreading("precomputed").set_params(**settings)
    with pytest.raises(ValueError, match=message):
        model.fit(graphs.path, ENDS)


def test_weights_that_leave_no_label_and_pools_of_graphs_are_refused(graphs):
    model = SparseLabelSpreading("precomputed")
    with pytest.raises(ValueError, match="sample_weight 0"):
        model.fit(graphs.path, ENDS, sample_weight=[0, 1, 1, 0])
    with pytest.raises(ValueError, match="mark unlabeled ones in y"):
        model.fit(graphs.path, ENDS, X_pool=graphs.path)
    with pytest.raises(ValueError, match="features"):
        SparseLabelSpreading().fit([[1.0, 2.0]], [0], X_pool=[[1.0]])


def test_a_class_that_the_prior_does_not_know_changes_nothing():
    X = np.random.RandomState(0).standard_normal((8, 3))
    y = [0, 1, -1, -1, -1, -1, -1, -1]
    model = SparseLabelSpreading(class_prior=[0.5, 0.5]).fit(X, y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="there are 3 classes. Fit again"):
        model.add_labels([3], [7])
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert model.add_labels([3], [1]).classes_.tolist() == [0, 1]


@pytest.mark.parametrize("Model", [SparseLabelSpreading, SparseLabelPropagation])
def test_unreached_nodes_are_told_and_have_the_policy_s_distribution(Model, graphs):
    y = [0, 0, -1, 1, -1, -1, -1]
    model = Model("precomputed").fit(graphs.broken, y)
    assert model.reached_.tolist() == [True] * 4 + [False] * 3
    assert model.n_components_ == 3
    assert model.component_ids_.tolist() == [0, 0, 0, 0, 1, 1, 2]
    np.testing.assert_array_equal(model.label_distributions_[4:], 0.5)
    np.testing.assert_array_equal(model.weights_[4:], 0)
    np.testing.assert_allclose(model.entropy_[4:], np.log(2))
    for name, value in vars(model).items():
        if isinstance(value, np.ndarray):
            assert np.isfinite(value).all(), name
    # A new row beside unreached nodes, and one beside nobody.
    new = np.zeros((2, 7))
    new[0, 4] = 1
    np.testing.assert_array_equal(model.predict_proba(new), 0.5)

    model = Model("precomputed", unreached="prior").fit(graphs.broken, y)
    np.testing.assert_allclose(model.label_distributions_[4:], [[2 / 3, 1 / 3]] * 3)
    np.testing.assert_allclose(model.predict_proba(new), [[2 / 3, 1 / 3]] * 2)
    model.set_params(class_prior=[0.25, 0.75]).fit(graphs.broken, y)
    np.testing.assert_allclose(model.label_distributions_[4:], [[0.25, 0.75]] * 3)


# ------------------------------------------------------------ a solution that is given


class Given(GraphClassifier):
    """Answers with a solution that was written down."""

    def __init__(
        self,
        affinity="precomputed",
        *,
        values=None,
        class_prior=None,
        unreached="uniform",
        missing_label=-1,
    ):
        self.affinity = affinity
        self.values = values
        self.class_prior = class_prior
        self.unreached = unreached
        self.missing_label = missing_label
        self.rtol = self.max_iter = None
        self.memory_budget = 1

    _parameter_constraints = {
        **GraphClassifier._parameter_constraints,
        "values": "no_validation",
    }

    def fit(self, X, y, X_pool=None):
        return self._fit(X, y, X_pool)

    def _solve(self, seeds, begin):
        self.begin_ = begin
        n = seeds.shape[1]
        report = SolverReport(np.array([2, 7]), np.array([1e-9, 1e-3]), np.ones(n) == 1)
        report.converged[-1] = n == 2
        return np.asarray(self.values, dtype=seeds.dtype), report

    def _values(self):
        return self._with_prior(self.Z_), self.Z_


# Nodes 0 to 3 are a path whose ends are labeled; nobody labels 4 and 5.
VALUES = [[4, 0], [1, 3], [1, 1], [3, 1], [0, 0], [0, 0]]
ISLANDS = np.zeros((6, 6))
for i, j in ((0, 1), (1, 2), (2, 3), (4, 5)):
    ISLANDS[i, j] = ISLANDS[j, i] = 1
LABELS = [0, -1, -1, 1, -1, -1]


def test_values_become_shares_winners_and_what_contradicts_them():
    model = Given(values=VALUES).fit(ISLANDS, LABELS)
    expected = [[1, 0], [0.25, 0.75], [0.5, 0.5], [0.75, 0.25], [0.5, 0.5], [0.5, 0.5]]
    np.testing.assert_allclose(model.label_distributions_, expected)
    # Of equal classes the first wins.
    assert model.transduction_.tolist() == [0, 1, 0, 0, 0, 0]
    assert model.disagreement_.tolist() == [3]
    assert model.reached_.tolist() == [True] * 4 + [False] * 2
    np.testing.assert_allclose(model.entropy_[[0, 2]], [0, np.log(2)], atol=1e-12)
    # Certain at labels, nothing where no label reaches.
    assert model.weights_[[0, 3, 4, 5]].tolist() == [1, 1, 0, 0]
    assert 0 < model.weights_[1] < 1
    assert model.n_iter_ == 7 and model.converged_
    assert model.residuals_.tolist() == [1e-9, 1e-3]


def test_one_column_that_did_not_converge_is_enough_to_say_so():
    values = np.c_[VALUES, np.zeros(6)]
    labels = [0, -1, 1, 2, -1, -1]
    assert not Given(values=values).fit(ISLANDS, labels).converged_


def test_sums_too_small_to_be_added_are_still_shares():
    values = 5e-324 * np.array(VALUES)
    model = Given(values=values).fit(ISLANDS, LABELS)
    np.testing.assert_allclose(model.label_distributions_[1], [0.25, 0.75])


def test_a_prior_scales_the_classes_to_their_shares():
    # Columns sum to 9 and 5: scaled by 0.9 / 9 and 0.1 / 5.
    model = Given(values=VALUES, class_prior=[9, 1]).fit(ISLANDS, LABELS)
    expected = np.array([0.1, 0.06]) / 0.16
    np.testing.assert_allclose(model.label_distributions_[1], expected)
    assert model.label_distributions_[4].tolist() == [0.5, 0.5]
    model.set_params(unreached="prior").fit(ISLANDS, LABELS)
    np.testing.assert_allclose(model.label_distributions_[4], [0.9, 0.1])


def test_a_prior_of_labels_is_that_of_the_labels():
    labels = [0, 0, -1, 1, -1, -1]
    settings = {"class_prior": "labeled", "unreached": "prior"}
    model = Given(values=VALUES, **settings).fit(ISLANDS, labels)
    np.testing.assert_allclose(model.label_distributions_[5], [2 / 3, 1 / 3])


def test_a_new_row_is_the_mean_of_its_neighbors():
    model = Given(values=VALUES).fit(ISLANDS, LABELS)
    rows = [[1, 0, 0, 1, 0, 0], [0, 2, 0, 0, 5, 0], [0, 0, 0, 0, 1, 1]]
    expected = [[7 / 8, 1 / 8], [0.25, 0.75], [0.5, 0.5]]
    np.testing.assert_allclose(model.predict_proba(rows), expected)
    assert model.predict(rows).tolist() == [0, 1, 0]


def test_added_labels_begin_where_the_solution_stood():
    model = Given(values=VALUES).fit(ISLANDS, LABELS)
    assert model.begin_ is None
    model.values = np.insert(VALUES, 1, 2, axis=1)
    model.classes_ = np.array([0, 2])  # as if they had been called so from the start
    model.add_labels([1], [1])
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.begin_.tolist() == np.insert(VALUES, 1, 0, axis=1).tolist()


@pytest.mark.parametrize("n_nodes", [5, 7])
def test_a_graph_of_other_rows_is_refused(n_nodes):
    class Other(KNNAffinity):
        def fit_transform(self, X, y=None):
            return np.zeros((n_nodes, n_nodes))

    model = Given(Other(), values=VALUES)
    with pytest.raises(ValueError, match=f"{n_nodes} nodes, but there are 4 rows in X"):
        model.fit(np.eye(4), [0, 1, 0, 1], np.eye(4)[:2])
