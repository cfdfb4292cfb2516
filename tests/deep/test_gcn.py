"""UncertainGCN and CoreGCN: what they ask for, and the manners of every strategy."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import expit
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

from skactive import ActiveLearner
from skactive.deep import CoreGCN, UncertainGCN
from skactive.deep._gcn import nearness_to_margin
from skactive.graph import KNNAffinity
from skactive.nets import NetClassifier
from skactive.selection import k_center_greedy, top_n
from skactive.testing import strategy_checks

pytestmark = pytest.mark.deep

SMALL = {"hidden": 8, "max_epochs": 4}
BOTH = [UncertainGCN, CoreGCN]
STRATEGIES = [cls(**SMALL) for cls in BOTH] + [
    CoreGCN(affinity=KNNAffinity(4), **SMALL)
]
CONTRACT = [(s, check) for s in STRATEGIES for _, check in strategy_checks(s)]


def make(cls, **settings):
    return cls(**{**SMALL, "random_state": 0, **settings})


def tables(n=20, n_pool=30, d=6, seed=0):
    rng = np.random.RandomState(seed)
    return rng.normal(size=(n, d)), np.arange(n) % 2, rng.normal(0.5, 1, (n_pool, d))


# --------------------------------------------------------------- manners of all


@pytest.mark.parametrize("strategy, check", CONTRACT)
def test_contract(strategy, check):
    check(strategy)


def test_no_contract_check_is_lost():
    assert len(CONTRACT) >= 3 * 35


@parametrize_with_checks(STRATEGIES[:2])
def test_scikit_learn(estimator, check):
    check(estimator)


# ------------------------------------------------------------ what they ask for


def test_the_probability_nearest_to_the_margin_comes_first():
    proba = np.array([0.02, 0.5, 0.09, 0.13, 0.9, 0.3])
    scores = nearness_to_margin(proba, 0.1)
    np.testing.assert_allclose(scores, [-0.08, -0.4, -0.01, -0.03, -0.8, -0.2])
    np.testing.assert_array_equal(top_n(scores, 2), [2, 3])


@pytest.mark.parametrize("margin", [0.0, 0.1, 0.5, 1.0])
def test_uncertain_gcn_asks_by_the_probability_of_the_pool(margin):
    X, y, X_pool = tables()
    strategy = make(UncertainGCN, margin=margin, max_epochs=60).fit(X, y, X_pool)
    expected = np.argsort(np.abs(strategy.proba_.astype(float) - margin))[:7]
    np.testing.assert_array_equal(strategy.query(7), expected)


def published(Z_pool, Z_labeled, net):
    """Return the embedding of all nodes, the adjacency written out in full."""
    Z = np.vstack([Z_pool, Z_labeled]).astype(np.float64)
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    M = Z @ Z.T - np.eye(len(Z))
    A = M @ np.diag(1 / M.sum(axis=0)) + np.eye(len(Z))
    W = [p.detach().numpy().astype(np.float64) for p in net.parameters()]
    H = np.maximum(A @ (Z @ W[0]) + W[1], 0)
    return np.hstack([H, A @ (H @ W[2]) + W[3]])


@pytest.mark.parametrize("cls", BOTH)
def test_the_graph_is_the_published_one(cls):
    X, y, X_pool = (np.abs(part) for part in tables())
    strategy = make(cls, max_epochs=30).fit(X, y, X_pool)
    nodes = published(X_pool, X, strategy.net_)
    np.testing.assert_allclose(strategy.proba_, expit(nodes[:30, -1]), rtol=1e-4)
    if cls is CoreGCN:
        expected = k_center_greedy(nodes[:30], 6, Z_labeled=nodes[30:])
    else:
        expected = np.argsort(np.abs(strategy.proba_ - 0.1))[:6]
    np.testing.assert_array_equal(strategy.query(6), expected)


def unseen_digits(seed):
    """Return labeled digits 0 to 4, and a pool of which half are 5 to 9."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    rng = np.random.RandomState(seed)
    known = rng.permutation(np.flatnonzero(y < 5))[:96]
    pool = rng.permutation(np.setdiff1d(np.arange(len(y)), known))[:1201]
    return X[known], y[known], X[pool], y[pool] >= 5


def test_digits_that_no_label_shows_come_first():
    """Half of the pool are such digits; three draws."""
    shares, aucs, starts, ends = {cls: [] for cls in BOTH}, [], [], []
    for seed in range(3):
        X, y, X_pool, new = unseen_digits(seed)
        net = NetClassifier(max_epochs=40, random_state=seed).fit(X, y)
        for cls in BOTH:
            strategy = cls(FrozenEstimator(net), random_state=seed).fit(X, y, X_pool)
            shares[cls].append(new[strategy.query(48)].mean())
        aucs.append(roc_auc_score(new, -strategy.proba_))
        loss = np.add(*strategy.history_.values())
        starts.append(loss[0])
        ends.append(loss[-1])
    assert np.mean(shares[UncertainGCN]) > 0.85
    assert np.mean(shares[CoreGCN]) > 0.62
    assert np.mean(aucs) > 0.85
    # That of the best constant answer.
    assert min(starts) > 1.515820 > max(ends)


@pytest.mark.parametrize("cls", BOTH)
def test_labels_are_never_read(cls):
    class Poison:
        def __eq__(self, other):
            raise AssertionError("a label was read")

        __hash__ = None

    X, y, X_pool = tables()
    expected = make(cls).fit(X, y, X_pool).query(5)
    poison = np.array([Poison() for _ in y], dtype=object)
    for labels in (poison, y[::-1], ["only"] * len(y)):
        fitted = make(cls).fit(X, labels, X_pool)
        np.testing.assert_array_equal(fitted.query(5), expected)


@pytest.mark.parametrize("cls", BOTH)
def test_a_sparse_graph_instead_of_all_pairs(cls):
    X, y, X_pool, new = unseen_digits(0)
    settings = {"hidden": 32, "max_epochs": 200, "random_state": 0}
    strategy = cls(affinity=KNNAffinity(), **settings).fit(X, y, X_pool)
    assert new[strategy.query(48)].mean() > 0.62
    assert roc_auc_score(new, -strategy.proba_) > 0.9


def test_the_complete_graph_is_the_default():
    X, y, X_pool = (np.abs(part) for part in tables())
    full = KNNAffinity(49, gamma=1.0, symmetrize="max")
    ours, given = (
        make(CoreGCN, affinity=a, max_epochs=20).fit(X, y, X_pool) for a in (None, full)
    )
    np.testing.assert_allclose(ours.proba_, given.proba_, rtol=1e-3)


# ------------------------------------- faults of the released code, and sizes


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize("n, n_pool", [(1, 1), (1, 40), (40, 1), (7, 23), (2, 2)])
def test_sets_of_any_size(cls, n, n_pool):
    """Released for 10,000 of the pool only, and two labeled samples or more."""
    X, y, X_pool = tables(n, n_pool)
    strategy = make(cls).fit(X, y, X_pool)
    assert sorted(strategy.query(n_pool)) == list(range(n_pool))


@pytest.mark.parametrize("cls", BOTH)
def test_identical_samples_are_asked_for_once_each(cls):
    X, y = np.ones((4, 3)), [0, 1, 0, 1]
    strategy = make(cls).fit(X, y, np.ones((9, 3)))
    np.testing.assert_allclose(strategy.proba_, strategy.proba_[0], rtol=1e-5)
    assert len(set(strategy.query(6).tolist())) == 6


@pytest.mark.parametrize("cls", BOTH)
def test_rows_of_zeros_and_opposite_rows_are_answered(cls):
    X, y, X_pool = tables()
    X_pool[:3], X_pool[3:6] = 0, -X[:3]
    with np.errstate(all="raise"):
        strategy = make(cls).fit(X, y, X_pool)
    assert np.isfinite(strategy.proba_).all()
    assert sorted(strategy.query(30)) == list(range(30))


def test_the_first_picks_do_not_depend_on_how_many_are_asked_for():
    X, y, X_pool = tables()
    strategy = make(CoreGCN).fit(X, y, X_pool)
    np.testing.assert_array_equal(strategy.query(9)[:4], strategy.query(4))


# ----------------------------------------------------------------- what goes in


@pytest.mark.parametrize("cls", BOTH)
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 28, 28)])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_images_through_a_net_and_flat(cls, shape, dtype):
    rng = np.random.RandomState(0)
    X = rng.randint(256, size=(29, *shape)).astype(dtype)
    y = np.arange(12) % 2
    for embedding in (None, NetClassifier(max_epochs=1)):
        strategy = make(cls, embedding=embedding).fit(X[:12], y, X[12:])
        answer = strategy.query(5)
        assert len(set(answer.tolist())) == 5
        np.testing.assert_array_equal(strategy.query(5), answer)


@pytest.mark.parametrize("cls", BOTH)
def test_one_class_is_enough(cls):
    X, _, X_pool = tables()
    assert len(make(cls).fit(X, ["one"] * 20, X_pool).query(3)) == 3


@pytest.mark.parametrize("cls", BOTH)
def test_a_cold_start_is_refused(cls):
    with pytest.raises(ValueError, match="requires y"):
        make(cls).fit(tables()[2])


@pytest.mark.parametrize("cls", BOTH)
def test_samples_that_are_nan_are_refused(cls):
    X, y, X_pool = tables()
    X_pool[3, 2] = np.nan
    with pytest.raises(ValueError, match="X_pool contains NaN"):
        make(cls).fit(X, y, X_pool)


@pytest.mark.parametrize(
    "settings, error, text",
    [
        ({"hidden": 0}, ValueError, "'hidden' parameter"),
        ({"hidden": 2.5}, ValueError, "'hidden' parameter"),
        ({"max_epochs": 0}, ValueError, "'max_epochs' parameter"),
        ({"dropout": 1.0}, ValueError, "'dropout' parameter"),
        ({"unlabeled_weight": 0}, ValueError, "'unlabeled_weight' parameter"),
        ({"lr": float("nan")}, ValueError, "'lr' parameter"),
        ({"lr": 0}, ValueError, "'lr' parameter"),
        ({"weight_decay": -1}, ValueError, "'weight_decay' parameter"),
        ({"subset_size": 0}, ValueError, "'subset_size' parameter"),
        ({"affinity": "knn"}, ValueError, "'affinity' parameter"),
        ({"embedding": "estimator"}, ValueError, "there is none here"),
        ({"device": "abacus"}, ValueError, "device"),
        ({"lr": 1e30}, FloatingPointError, r"epoch 2: .*labeled \("),
    ],
)
@pytest.mark.parametrize("cls", BOTH)
def test_bad_settings_are_refused(cls, settings, error, text):
    X, y, X_pool = tables()
    with pytest.raises(error, match=text):
        make(cls, **settings).fit(X, y, X_pool)


def test_a_margin_is_a_probability():
    X, y, X_pool = tables()
    with pytest.raises(ValueError, match="'margin' parameter"):
        make(UncertainGCN, margin=1.5).fit(X, y, X_pool)


# ------------------------------------------------------------------------ state

SCRIPT = """
import numpy as np
from skactive.deep import CoreGCN, UncertainGCN
from skactive.nets import NetClassifier
rng = np.random.RandomState(0)
X, X_pool = rng.rand(9, 1, 8, 8), rng.rand(30, 1, 8, 8)
for cls in (CoreGCN, UncertainGCN):
    net = NetClassifier(max_epochs=1)
    strategy = cls(net, hidden=8, max_epochs=4, subset_size=25, random_state=3)
    strategy.fit(X, np.arange(9) % 2, X_pool)
    print(strategy.query(25).tolist(), strategy.proba_.tobytes().hex())
"""


def test_one_seed_is_one_answer_in_a_fresh_process(capsys):
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True
    )
    exec(SCRIPT, {})
    assert capsys.readouterr().out == run.stdout


@pytest.mark.parametrize("cls", BOTH)
def test_without_a_seed_two_fits_differ(cls):
    X, y, X_pool = tables()
    a, b = (make(cls, random_state=None).fit(X, y, X_pool).proba_ for _ in "ab")
    assert not np.allclose(a, b)


@pytest.mark.parametrize("cls", BOTH)
def test_generators_and_weights_are_left_alone(cls):
    X, y, X_pool = tables()
    before = torch.get_rng_state()
    strategy = make(cls).fit(X, y, X_pool)
    weights = [p.clone() for p in strategy.net_.parameters()]
    proba = strategy.proba_.copy()
    strategy.query(3)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(map(torch.equal, weights, strategy.net_.parameters()))
    np.testing.assert_array_equal(strategy.proba_, proba)


# ------------------------------------------------------------------ in the loop


def problem(n=80, d=6):
    X = np.random.RandomState(0).normal(size=(n, d))
    return X, (X[:, 0] > 0).astype(int)


def learner(cls, estimator=None, **settings):
    return ActiveLearner(
        LogisticRegression() if estimator is None else estimator,
        make(cls, **settings),
        n_initial=6,
        budget=6,
        batch_size=3,
        random_state=0,
    )


@pytest.mark.parametrize("cls", BOTH)
def test_a_learner_asks_and_its_own_estimator_predicts(cls):
    X, y = problem()
    fitted = learner(cls).fit(X, y)
    assert isinstance(fitted.estimator_, LogisticRegression)
    assert len(set(fitted.queried_indices_.tolist())) == 12
    again = clone(fitted).fit(X, y)
    np.testing.assert_array_equal(again.queried_indices_, fitted.queried_indices_)


@pytest.mark.parametrize("cls", BOTH)
def test_labels_of_the_pool_are_never_read_in_a_loop(cls):
    X, y = problem()
    net = NetClassifier(max_epochs=2)
    fitted = learner(cls, net, embedding="estimator").fit(X, y)
    hidden = np.setdiff1d(np.arange(len(y)), fitted.queried_indices_)
    poisoned = y.copy()
    poisoned[hidden] = 1 - y[hidden]
    again = clone(fitted).fit(X, poisoned)
    np.testing.assert_array_equal(again.queried_indices_, fitted.queried_indices_)


@pytest.mark.parametrize("cls", BOTH)
def test_samples_are_seen_as_the_model_of_the_learner_does(cls):
    X, y = problem()
    net = NetClassifier(max_epochs=2)
    fitted = learner(cls, net, embedding="estimator").fit(X, y)
    seen = fitted.strategy_.embedding_
    assert isinstance(seen, FrozenEstimator)
    assert fitted.strategy_.net_.first.weight.shape[0] == seen.transform(X).shape[1]
    with pytest.raises(ValueError, match="no transform"):
        learner(cls, embedding="estimator").fit(X, y)


@pytest.mark.parametrize("cls", BOTH)
def test_a_pickled_learner_does_not_carry_the_pool(cls):
    X, y = problem(4000)
    fitted = learner(cls).fit(X, y)
    text = pickle.dumps(fitted)
    few = pickle.dumps(learner(cls).fit(X[:100], y[:100]))
    # What grows with the rows is an account of who was asked when, not the features.
    assert len(text) - len(few) < X.nbytes
    copy = pickle.loads(text)
    np.testing.assert_array_equal(copy.predict(X), fitted.predict(X))
    assert copy.strategy_._Z_pool is None and copy.strategy_._Z_labeled is None


@pytest.mark.parametrize("cls", BOTH)
def test_settings_are_grid_searched(cls):
    X, y = problem()
    grid = {"strategy__hidden": [3, 5], "strategy__affinity__n_neighbors": [2, 4]}
    search = GridSearchCV(learner(cls, affinity=KNNAffinity()), grid, cv=2).fit(X, y)
    best = search.best_estimator_.strategy_
    assert best.net_.first.weight.shape[1] == search.best_params_["strategy__hidden"]


@pytest.mark.slow
def test_a_grid_search_in_two_processes_finds_the_same(fresh_workers):
    """Slow, as each process loads torch anew."""
    grid = {"strategy__hidden": [3, 5]}
    scores = [
        GridSearchCV(learner(CoreGCN), grid, cv=2, n_jobs=n_jobs)
        .fit(*problem())
        .cv_results_["mean_test_score"]
        for n_jobs in (None, 2)
    ]
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize("cls", BOTH)
def test_data_frames_keep_their_columns(cls):
    X, y = problem()
    frame = pd.DataFrame(X, columns=list("abcdef"))
    fitted = make(cls, embedding=PCA(3)).fit(frame[:20], y[:20], frame[20:])
    np.testing.assert_array_equal(fitted.feature_names_in_, list("abcdef"))
    assert fitted.net_.first.weight.shape == (3, 8)
