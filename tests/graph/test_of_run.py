"""Tests of skactive.graph._of_run: one graph for all rounds of a learner."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling
from skactive.graph import KNNAffinity, SparseLabelPropagation, SparseLabelSpreading
from skactive.graph import _affinity as affinity_module
from skactive.graph._of_run import columns_in_order, nodes_of_run
from skactive.uncertainty import EntropySampling, MarginSampling
from skactive.utils import _pool
from skactive.utils._pool import Pool

MODELS = {
    "spreading": SparseLabelSpreading(),
    "average": SparseLabelSpreading(
        KNNAffinity(6, metric="euclidean", affinity="self_tuning"),
        inductive="average",
        class_prior="labeled",
        unreached="prior",
    ),
    "pipeline": SparseLabelSpreading(make_pipeline(PCA(3), KNNAffinity(5))),
    "laplace": SparseLabelPropagation(),
    "poisson": SparseLabelPropagation(method="poisson"),
}

CONTAINERS = {
    "dense": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "whole": lambda X: np.round(X).astype(int),
    "CSR": lambda X: sparse.csr_array(np.where(X > 0.5, X, 0)),
    "list": lambda X: X.tolist(),
}


def blobs(n=90, d=6, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(3, size=n)
    X = rng.normal(size=(n, d)) + 2 * np.eye(3, d)[y]
    X[7:11] = X[3]
    X[20:40] = X[50]  # more copies than there are neighbors
    X[60] = 0
    return X, y


def begun(model, X, y, n_known=12, **params):
    """Return a learner by hand; -1 is what has no label yet."""
    known = np.where(np.arange(len(y)) < n_known, y, -1)
    settings = {"missing_label": -1, "random_state": 0} | params
    strategy = settings.pop("strategy", MarginSampling())
    return ActiveLearner(model, strategy, **settings).fit(X, known)


def is_that_of_all_rows(learner, X, y):
    """Tell whether a model is what all rows of the run make, some without a label."""
    model = learner.estimator_
    known = learner.labeled_iter_ >= 0
    whole = clone(model).set_params(missing_label=-1).fit(X, np.where(known, y, -1))
    nodes = model._nodes
    assert_array_equal(np.sort(nodes), np.arange(len(y)))
    assert_array_equal(nodes[: known.sum()], np.flatnonzero(known))
    assert_allclose((model.affinity_ - whole.affinity_[nodes][:, nodes]).data, 0)
    near = {"rtol": 1e-3, "atol": 1e-4}
    assert_allclose(
        model.label_distributions_, whole.label_distributions_[nodes], **near
    )
    assert_allclose(model.predict_proba(X), whole.predict_proba(X), **near)
    return True


@pytest.fixture
def searched(monkeypatch):
    """Return a list of how many rows each search for neighbors was about."""
    rows, search = [], affinity_module.nearest_neighbors

    def counting(X, *args, **params):
        rows.append(X.shape[0])
        return search(X, *args, **params)

    monkeypatch.setattr(affinity_module, "nearest_neighbors", counting)
    return rows


WALKS = [("spreading", container) for container in CONTAINERS]
WALKS += [(model, "dense") for model in MODELS if model != "spreading"]


@pytest.mark.parametrize("model, container", [*WALKS, ("laplace", "CSR")])
def test_a_walk(model, container):
    X, y = blobs()
    X = CONTAINERS[container](X)
    learners = [begun(MODELS[model], X, y, reuse=reuse) for reuse in (True, False)]
    for step in range(4):
        asked = [learner.query(3) for learner in learners]
        assert_array_equal(*asked)
        rows = asked[0]
        answers = y[rows]
        if step == 1:
            answers[0] = -1  # skipped
        for learner in learners:
            learner.teach(rows, answers)
            if step == 2:
                learner.undo()
            learner.query(1)  # fits
        if step:
            assert is_that_of_all_rows(learners[0], X, y)
    proba = [learner.predict_proba(X) for learner in learners]
    assert_array_equal(*proba)


@pytest.mark.parametrize("own", [False, True], ids=["of the learner", "of a strategy"])
@pytest.mark.parametrize("reuse", [True, False])
def test_a_run_searches_once(searched, own, reuse):
    X, y = np.random.RandomState(0).normal(size=(90, 6)), np.arange(90) % 3
    model, strategy = SparseLabelSpreading(), EntropySampling()
    if own:
        model, strategy = LogisticRegression(), EntropySampling(SparseLabelSpreading())
    ActiveLearner(
        model,
        strategy,
        n_initial=9,
        budget=12,
        batch_size=4,
        random_state=0,
        reuse=reuse,
    ).fit(X, y)
    n_models = 3 if own else 4
    assert searched == [90] * (1 if reuse else n_models)


@pytest.mark.parametrize("reuse", [True, False])
def test_switched_off_the_first_fit_keeps_nothing_either(reuse):
    learner = begun(SparseLabelSpreading(), *blobs(), reuse=reuse)
    assert hasattr(learner, "estimator_")
    assert bool(learner._run.shared._kept) == reuse


def test_by_hand_rounds_that_ask_often_search_once(searched):
    X, y = blobs()
    X += np.random.RandomState(1).normal(size=X.shape)
    learner = begun(SparseLabelSpreading(), X, y)
    for _ in range(3):
        for _ in range(4):
            rows = learner.query(2)
        learner.teach(rows, y[rows])
    learner.query(1)
    assert searched == [90]


def test_another_affinity_makes_another_graph(searched):
    X, y = blobs()
    X += np.random.RandomState(1).normal(size=X.shape)
    learner = begun(SparseLabelSpreading(), X, y)
    learner.query(1)
    learner.set_params(estimator__affinity=KNNAffinity(4))
    rows = learner.query(2)
    learner.teach(rows, y[rows])
    learner.query(1)
    assert searched == [90, 90]
    assert learner.estimator_.graph_.n_neighbors_ == 4
    assert is_that_of_all_rows(learner, X, y)


def test_an_affinity_with_a_seed_has_that_of_the_run():
    X, y = blobs()
    strategy = EntropySampling(SparseLabelSpreading(KNNAffinity(5)))
    learner = begun(LogisticRegression(), X, y, strategy=strategy)
    seeds = []
    for _ in range(3):
        rows = learner.query(2)
        seeds.append(learner.strategy_.estimator_.graph_.random_state)
        learner.teach(rows, y[rows])
    assert seeds[0] is not None and len(set(seeds)) == 1


def test_rows_that_may_not_be_asked_for_hold_the_graph_together():
    X, y = blobs()
    strategy = MarginSampling(SparseLabelSpreading())
    learner = begun(LogisticRegression(), X, y, strategy=strategy)
    assert set(learner.query(2, among=[70, 75, 80])) < {70, 75, 80}
    model = learner.strategy_.estimator_
    assert model.affinity_.shape == (90, 90)
    assert model.reached_[:15].all()


def test_blocks_of_a_pool_are_recognized(searched, monkeypatch):
    monkeypatch.setattr(_pool, "BLOCK_ROWS", 16)
    X, y = np.random.RandomState(0).normal(size=(90, 6)), np.arange(90) % 3
    learner = begun(SparseLabelSpreading(), X, y)
    asked = learner.query(5)
    assert searched == [90]
    monkeypatch.undo()
    assert_array_equal(asked, begun(SparseLabelSpreading(), X, y).query(5))


@pytest.mark.parametrize("name", ["spreading", "laplace"])
def test_a_learner_that_was_pickled_goes_on_alike(name):
    X, y = blobs()
    learner = begun(MODELS[name], X, y)
    learner.query(1)
    other = pickle.loads(pickle.dumps(learner))
    assert not other._run.shared._kept
    for _ in range(2):
        rows = learner.query(3)
        assert_array_equal(rows, other.query(3))
        for each in (learner, other):
            each.teach(rows, y[rows])


def test_labels_are_added_to_a_model_of_a_run():
    X, y = blobs()
    learner = begun(SparseLabelSpreading(), X, y)
    learner.query(1)
    model = learner.estimator_
    more = np.arange(12, 20)
    before = model.graph_.affinity_.copy()
    model.add_labels(more, y[model._nodes[more]])
    whole = SparseLabelSpreading().fit(
        X, np.where(np.isin(np.arange(90), model._nodes[:20]), y, -1)
    )
    assert_allclose(
        model.label_distributions_, whole.label_distributions_[model._nodes], atol=1e-4
    )
    assert (abs(before - model.graph_.affinity_)).nnz == 0


def test_the_models_of_all_rounds_share_one_graph():
    X, y = blobs()
    learner = ActiveLearner(
        SparseLabelSpreading(),
        n_initial=9,
        budget=8,
        batch_size=4,
        keep_estimators=True,
        random_state=0,
    ).fit(X, y)
    assert len({id(model.graph_) for model in learner.estimators_}) == 1


def test_a_round_that_is_fitted_again_has_the_same_graph(searched):
    X, y = blobs()
    learner = begun(SparseLabelSpreading(), X, y)
    for _ in range(3):
        rows = learner.query(3)
        learner.teach(rows, y[rows])
    n_searches = len(searched)
    proba = learner.estimators_[0].predict_proba(X)
    learner.estimators_[0] = None  # as if read from a journal
    again = next(learner.stages()).estimator_
    assert_allclose(again.predict_proba(X), proba, atol=1e-4)
    assert again.graph_ is learner.estimator_.graph_
    assert len(searched) == n_searches


def test_an_affinity_that_cannot_be_pickled_is_made_in_each_round(searched):
    X, y = blobs()
    X += np.random.RandomState(1).normal(size=X.shape)
    affinity = make_pipeline(FunctionTransformer(lambda X: X), KNNAffinity(5))
    learner = begun(SparseLabelSpreading(affinity), X, y)
    for _ in range(2):
        rows = learner.query(3)
        learner.teach(rows, y[rows])
    assert is_that_of_all_rows(learner, X, y)
    assert searched[:2] == [90, 90]


def test_a_model_that_was_fitted_before_recognizes_its_pool(searched):
    X, y = np.random.RandomState(0).normal(size=(90, 6)), np.arange(90) % 3
    frozen = FrozenEstimator(SparseLabelSpreading().fit(X[:20], y[:20], X[20:]))
    learner = begun(LogisticRegression(), X, y, strategy=MarginSampling(frozen))
    learner.query(3)
    assert searched == [90]


def test_a_part_of_the_pool_makes_its_own_graph(searched):
    X, y = np.random.RandomState(0).normal(size=(90, 6)), np.arange(90) % 3
    strategy = PoolSubsampling(MarginSampling(SparseLabelSpreading()), max_pool=20)
    begun(LogisticRegression(), X, y, strategy=strategy).query(3)
    assert searched == [32]


def test_a_pool_outside_of_a_run_is_rows(searched):
    X, y = blobs()
    X += np.random.RandomState(1).normal(size=X.shape)
    pool = Pool(X, np.arange(20, 80))
    by_reference = SparseLabelSpreading().fit(X[:20], y[:20], pool)
    rows = SparseLabelSpreading().fit(X[:20], y[:20], X[20:80])
    assert_array_equal(by_reference.label_distributions_, rows.label_distributions_)
    assert searched == [80, 80]
    by_reference.predict_proba(pool.rows())
    assert searched == [80, 80]


def test_nodes_are_labeled_rows_the_pool_and_the_others():
    nodes = nodes_of_run(np.array([4, 1]), Pool(np.eye(7), np.array([0, 6])))
    assert nodes.tolist() == [4, 1, 0, 6, 2, 3, 5]


def test_columns_in_order_is_what_an_index_gives():
    rng = np.random.RandomState(0)
    W = sparse.csr_array(rng.uniform(size=(8, 12)) * (rng.uniform(size=(8, 12)) < 0.3))
    before, nodes = W.copy(), rng.permutation(12)
    ordered = columns_in_order(W, nodes)
    assert_array_equal(ordered.toarray(), W.toarray()[:, nodes])
    assert ordered.has_sorted_indices
    assert_array_equal(W.indices, before.indices)
    assert_array_equal(W.data, before.data)
