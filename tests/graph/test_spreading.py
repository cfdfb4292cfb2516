"""Label spreading on graphs that can be worked out, and beside scikit-learn's."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.semi_supervised import LabelSpreading

from skactive import ActiveLearner
from skactive.graph import KNNAffinity, SparseLabelSpreading
from skactive.uncertainty import EntropySampling

ENDS = [0, -1, -1, 1]


def spread(W, y, **settings):
    settings = {"rtol": 1e-13, **settings}
    return SparseLabelSpreading("precomputed", **settings).fit(W, y)


# ------------------------------------------------------------ worked out by hand


def test_a_path_by_hand(graphs):
    model = spread(graphs.path, ENDS, alpha=0.5)
    expected = [29 / 30, 11 / 15, 4 / 15, 1 / 30]
    np.testing.assert_allclose(model.label_distributions_[:, 0], expected, atol=1e-9)
    weights = [1, 1, 1, 1]
    weights[1] = weights[2] = 0.163359258059 / 0.789157699681
    np.testing.assert_allclose(model.weights_, weights, atol=1e-9)
    model = spread(graphs.path, ENDS)
    assert model.label_distributions_[0, 0] == pytest.approx(0.524351344078, abs=1e-9)


def test_distributions_and_entropies_of_a_triangle_with_a_tail(graphs):
    model = spread(graphs.triangle_and_tail, ENDS, alpha=0.5, seed_balance="none")
    expected = [0.928151692159, 0.865021512653, 0.285563249966, 0.069680462939]
    np.testing.assert_allclose(model.label_distributions_[:, 0], expected, atol=1e-9)
    entropy = [0.258393917464, 0.395742199637, 0.598131140034, 0.252811618496]
    np.testing.assert_allclose(model.entropy_, entropy, atol=1e-9)
    roots = np.sqrt(graphs.triangle_and_tail.sum(axis=1))
    mass = [2.449489742783, 2.828427124746]
    np.testing.assert_allclose(roots @ model.Z_, mass, atol=1e-9)


def test_one_class_wins_everywhere_without_balance_and_not_with_it(graphs):
    W = graphs.triangle_and_tail
    plain = spread(W, ENDS, seed_balance="none")
    expected = [[21.028857419069, 22.423986025552], [18.749276531446, 20.411551076555]]
    expected += [[26.560054912199, 31.456283434207], [22.423986025552, 27.557748561750]]
    np.testing.assert_allclose(plain.Z_, expected, atol=1e-8)
    assert plain.transduction_.tolist() == [1, 1, 1, 1]
    assert plain.disagreement_.tolist() == [0]

    balanced = spread(W, ENDS)
    expected = [[17.169990183487, 15.856152579900], [15.308720182794, 14.433146180768]]
    expected += [[21.686194025063, 22.242951327254], [18.309107920634, 19.486270882247]]
    np.testing.assert_allclose(balanced._balanced(), expected, atol=1e-8)
    assert balanced.transduction_.tolist() == [0, 0, 1, 1]
    assert balanced.disagreement_.size == 0
    nearly = spread(W, ENDS, alpha=0.9999999)
    assert nearly.transduction_.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    "balance, winners",
    [("none", [0, 0, 0, 0]), ("count", [1, 1, 1, 1]), ("degree", [0, 0, 1, 1])],
)
def test_one_more_label_turns_the_tables_unless_degrees_are_balanced(
    balance, winners, graphs
):
    model = spread(graphs.triangle_and_tail, [0, 0, -1, 1], seed_balance=balance)
    assert model.transduction_.tolist() == winners


@pytest.mark.parametrize(
    "prior, expected",
    [
        ((0.5, 0.5), [0.927645650702, 0.864135919897, 0.284022599483, 0.069191727585]),
        ((0.8, 0.2), [0.980873498498, 0.962180217506, 0.613417283581, 0.229192280773]),
        ("labeled", [0.927645650702, 0.864135919897, 0.284022599483, 0.069191727585]),
    ],
)
def test_masses_of_the_classes_are_scaled_to_their_prior(prior, expected, graphs):
    for balance in ("none", "degree"):
        options = {"alpha": 0.5, "seed_balance": balance, "class_prior": prior}
        model = spread(graphs.triangle_and_tail, ENDS, **options)
        found = model.label_distributions_[:, 0]
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_new_node_by_extension_and_by_average(graphs):
    options = {"alpha": 0.5, "seed_balance": "none"}
    edges = [[0, 0.5, 1.5, 0]]
    model = spread(graphs.triangle_and_tail, ENDS, **options)
    expected = pytest.approx(0.432361629019, abs=1e-9)
    for given in (edges, sparse.csr_array(edges)):
        assert model.predict_proba(given)[0, 0] == expected
    model = spread(graphs.triangle_and_tail, ENDS, inductive="average", **options)
    expected = pytest.approx(0.430427815638, abs=1e-9)
    assert model.predict_proba(edges)[0, 0] == expected
    assert model.predict(edges).tolist() == [1]


# ------------------------------------------------------------ unreached nodes


def test_scikit_learn_s_defects_are_absent():
    """Far rows are no NaN, unreached ones no first class in silence."""
    X, group = make_blobs(90, centers=[[0, 9], [9, 0], [-9, -9]], random_state=0)
    y = np.where(group == 2, -1, group)
    y[20:] = -1
    model = SparseLabelSpreading().fit(X, y)
    assert (model.reached_ == (group != 2)).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        far = model.predict_proba(1e8 * X)
        nowhere = model.predict_proba([[0.0, 0.0]])
    assert np.isfinite(far).all()
    np.testing.assert_array_equal(nowhere, [[0.5, 0.5]])
    assert (model.affinity_ != model.affinity_.T).nnz == 0
    assert (model.affinity_.diagonal() == 0).all()


def test_an_isolated_labeled_node_keeps_its_label(graphs):
    y = [0, -1, -1, 1, -1, -1, 1]
    model = SparseLabelSpreading("precomputed").fit(graphs.broken, y)
    np.testing.assert_array_equal(model.label_distributions_[6], [0, 1])
    assert model.transduction_[:4].tolist() == [0, 0, 1, 1]


def test_components_are_balanced_by_themselves_where_they_hold_every_class(graphs):
    W = np.zeros((8, 8))
    W[:4, :4] = W[4:, 4:] = graphs.triangle_and_tail
    y = ENDS + [0, 0, 0, 1]
    both = spread(W, y)
    for part, labels in ((slice(0, 4), ENDS), (slice(4, 8), [0, 0, 0, 1])):
        alone = spread(graphs.triangle_and_tail, labels)
        np.testing.assert_allclose(
            both.label_distributions_[part], alone.label_distributions_, atol=1e-9
        )


# ------------------------------------------------------------ neighborhood


@pytest.mark.parametrize("alpha", [0.2, 0.5, 0.9])
def test_scikit_learn_says_the_same_of_the_same_symmetric_kernel(alpha):
    X, digit = load_digits(n_class=4, return_X_y=True)
    X, y = X[:300], digit[:300].copy()
    y[40:] = -1
    W = KNNAffinity().fit_transform(X)
    peer = LabelSpreading(
        kernel=lambda a, b: W, alpha=alpha, tol=1e-14, max_iter=10_000
    )
    peer.fit(X, y)
    ours = spread(W, y, alpha=alpha, seed_balance="none")
    np.testing.assert_allclose(
        ours.label_distributions_, peer.label_distributions_, atol=1e-8
    )
    np.testing.assert_array_equal(ours.transduction_, peer.transduction_)
    np.testing.assert_array_equal(ours.classes_, peer.classes_)


def test_solvers_agree_and_one_that_stops_early_is_heard():
    X, digit = load_digits(return_X_y=True)
    y = np.where(np.arange(len(X)) < 30, digit, -1)
    W = KNNAffinity().fit_transform(X)
    options = {"affinity": "precomputed", "rtol": 1e-9, "alpha": 0.9}
    models = [
        SparseLabelSpreading(solver=solver, **options).fit(W, y)
        for solver in ("cg", "chebyshev", "power")
    ]
    for model in models[1:]:
        np.testing.assert_allclose(
            model.label_distributions_, models[0].label_distributions_, atol=1e-6
        )
    assert models[0].n_iter_ < models[1].n_iter_ < models[2].n_iter_
    with pytest.warns(ConvergenceWarning, match="largest relative residual is"):
        model = SparseLabelSpreading("precomputed", max_iter=2).fit(W, y)
    assert not model.converged_ and model.residuals_.max() > 1e-6


def test_balance_is_worth_it_where_labels_are_unbalanced():
    X, digit = load_digits(return_X_y=True)
    rng = np.random.RandomState(0)
    y = np.full(len(X), -1)
    for c in range(10):
        y[rng.choice(np.flatnonzero(digit == c), 10 if c < 5 else 1, False)] = c
    W, rest = KNNAffinity().fit_transform(X), y == -1
    right = {}
    for balance in ("none", "degree"):
        model = SparseLabelSpreading("precomputed", seed_balance=balance).fit(W, y)
        right[balance] = (model.transduction_ == digit)[rest].mean()
    assert right["degree"] > 0.85 and right["degree"] > right["none"] + 0.1


# ------------------------------------------------------------ in the learner


def test_the_pool_reaches_the_graph_inside_the_learner():
    X, digit = load_digits(return_X_y=True)
    X, digit = X[:700], digit[:700]
    strategy = EntropySampling(SparseLabelSpreading())
    strategy.fit(X[:20], digit[:20], X_pool=X[20:])
    model = strategy.estimator_
    assert model.affinity_.shape == (700, 700)
    assert len(np.unique(strategy.query(5))) == 5

    learner = ActiveLearner(
        SparseLabelSpreading(),
        EntropySampling(),
        n_initial=20,
        budget=10,
        batch_size=5,
        random_state=0,
    )
    learner.fit(X, digit)
    assert learner.estimator_.affinity_.shape == (700, 700)
    assert learner.score(X, digit) > 0.8


@pytest.mark.parametrize("n_pool", [0, 5])
def test_rows_of_the_pool_are_nodes_after_those_of_x(n_pool):
    X, digit = load_digits(return_X_y=True)
    model = SparseLabelSpreading().fit(X[:30], digit[:30], X_pool=X[30 : 30 + n_pool])
    y = np.r_[digit[:30], np.full(n_pool, -1)]
    other = SparseLabelSpreading().fit(X[: 30 + n_pool], y)
    np.testing.assert_array_equal(
        model.label_distributions_, other.label_distributions_
    )
