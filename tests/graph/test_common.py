"""Spreading with alpha near 1 has an answer to the last digit of alpha."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits

from skactive.graph import KNNAffinity, SparseLabelSpreading, normalize_affinity
from skactive.graph._common import near_one, solve_apart

DIGITS, DIGIT = load_digits(return_X_y=True)
ALPHAS = [1 - 10.0**-e for e in (4, 5, 6, 7, 9, 10, 11, 12, 14, 15)]


@pytest.fixture(scope="module", params=[np.float32, np.float64])
def graph(request):
    return KNNAffinity().fit_transform(DIGITS[:900].astype(request.param))


def spread(W, **settings):
    y = np.full(W.shape[0], -1)
    y[:40] = DIGIT[:40]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return SparseLabelSpreading("precomputed", **settings).fit(W, y)


def right(model):
    return (model.transduction_ == DIGIT[:900])[40:].mean()


@pytest.mark.parametrize("inductive", ["extension", "average"])
def test_answers_do_not_fade_as_alpha_comes_near_one(graph, inductive):
    """At 1 - 1e-7 in float32 and 1 - 1e-12 in float64, .098 of digits were right."""
    usual = spread(graph, alpha=0.999)
    assert right(usual) > 0.85
    for alpha in ALPHAS:
        model = spread(graph, alpha=alpha, inductive=inductive)
        assert model.converged_ and right(model) > right(usual) - 0.02, alpha
        assert (np.ptp(model.label_distributions_, axis=1) > 0).all()
        same = model.predict_proba(graph[:100]).argmax(axis=1)
        assert (model.classes_[same] == model.transduction_[:100]).mean() > 0.9


def test_new_labels_begin_from_where_it_was(graph):
    model = spread(graph, alpha=1 - 1e-12)
    y = np.full(900, -1)
    y[:60] = DIGIT[:60]
    model.add_labels(np.arange(40, 60), DIGIT[40:60])
    at_once = SparseLabelSpreading("precomputed", alpha=1 - 1e-12).fit(graph, y)
    np.testing.assert_array_equal(model.transduction_, at_once.transduction_)


@pytest.mark.parametrize("solver", ["cg", "chebyshev"])
def test_it_is_the_solution_where_that_can_be_had(graphs, solver):
    W = graphs.broken  # three components, one of them a node
    seeds = np.array([[1.0, 0], [0, 0], [0, 0], [0, 1], [1, 0], [0, 0], [0, 2]])
    S = normalize_affinity(W)
    roots = np.sqrt(W.sum(axis=1))
    components = np.array([0, 0, 0, 0, 1, 1, 2])
    Z, report = solve_apart(
        S, seeds, roots, components, 0.999, 1e-12, None, None, solver, 2**27
    )
    expected = np.linalg.solve(np.eye(7) - 0.999 * S.toarray(), seeds)
    np.testing.assert_allclose(Z, expected, rtol=1e-8)
    assert report.converged.all()
    again, report = solve_apart(
        S, seeds, roots, components, 0.999, 1e-9, None, Z, solver, 2**27
    )
    assert report.n_iter.max() <= 1
    np.testing.assert_allclose(again, Z, rtol=1e-8)


def test_usual_values_of_alpha_are_solved_for_as_ever():
    assert not near_one(0.99, np.float32) and not near_one(0.99, np.float64)
    assert not near_one(1 - 1e-5, np.float32) and near_one(1 - 1e-6, np.float32)
    assert not near_one(1 - 1e-9, np.float64) and near_one(1 - 1e-10, np.float64)
