"""REVIVAL: asks between clusters, predicts, and shows its parts."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import check_estimator
from torch import nn

from skactive import ActiveLearner
from skactive.deep import REVIVAL, GCNPropagator, LGCPropagator, SGCPropagator
from skactive.exceptions import PoolExhaustedWarning
from skactive.graph import KNNAffinity, SparseLabelSpreading
from skactive.nets import NetClassifier
from skactive.testing import check_strategy
from skactive.uncertainty import EntropySampling

pytestmark = pytest.mark.deep

EUCLIDEAN = KNNAffinity(metric="euclidean", affinity="gaussian")
# A transformer put before the embedding does not reach an estimator beside it.
BEFORE_THE_EMBEDDING = {"check_mixed_columns", "check_four_axes_are_left_alone"}
PROPAGATORS = ["lgc", "gcn", "sgc"]
QUICK = {
    "lgc": LGCPropagator(),
    "gcn": GCNPropagator(max_epochs=3, hidden=8),
    "sgc": SGCPropagator(),
}


def blobs(n=60, n_classes=3, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % n_classes
    return 3.0 * np.eye(n_classes, 4)[y] + rng.standard_normal((n, 4)), y


def quick(**settings):
    return NetClassifier(**{"max_epochs": 3, "batch_size": 16, **settings})


def fitted(n_labeled=12, **settings):
    """Return it with its adversary, which label spreading has not by default."""
    X, y = blobs()
    if settings.get("propagator") == "gcn":
        settings["propagator"] = GCNPropagator(max_epochs=20)
    return REVIVAL(**{"oversample": 10, "random_state": 0, **settings}).fit(
        X[:n_labeled], y[:n_labeled], X[n_labeled:]
    )


def two_clusters(seed):
    """Return labeled ends, and a pool: two clusters and a bridge between them."""
    rng = np.random.RandomState(seed)
    sides = [rng.normal([s, 0], 0.35, (40, 2)) for s in (-3, 3)]
    bridge = np.column_stack([np.linspace(-1.9, 1.9, 12), rng.normal(0, 0.1, 12)])
    return np.array([[-3.0, 0.0], [3.0, 0.0]]), np.vstack([*sides, bridge])


# ----------------------------------------------------------------------- the contract


@pytest.mark.parametrize("propagator", PROPAGATORS)
def test_contract(propagator):
    strategy = REVIVAL(propagator=QUICK[propagator], oversample=10)
    results = check_strategy(strategy)
    assert len(results) >= 35
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.parametrize(
    "strategy",
    [
        REVIVAL(quick(max_epochs=1), embedding="estimator"),
        REVIVAL(LogisticRegression()),
    ],
    ids=["net", "linear"],
)
def test_contract_with_a_model_beside(strategy):
    results = check_strategy(strategy, on_fail=None)
    failed = {r["check_name"] for r in results if r["status"] != "passed"}
    assert failed <= BEFORE_THE_EMBEDDING


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api")
@pytest.mark.parametrize("propagator", PROPAGATORS)
def test_scikit_learn_finds_no_fault(propagator):
    strategy = REVIVAL(propagator=propagator, oversample=10)
    if propagator == "gcn":
        strategy.set_params(propagator__max_epochs=30)
    results = check_estimator(strategy, on_skip=None, on_fail=None)
    assert [r["check_name"] for r in results if r["status"] == "failed"] == []
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}
    assert len(results) >= 55


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_images_are_seen_through_a_net(dtype):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (40, 3, 8, 8))
    X = X.astype(np.uint8) if dtype == np.uint8 else (X / 255).astype(dtype)
    y = np.repeat(["ant", "bee"], 20)[rng.permutation(40)]
    strategy = REVIVAL(quick(), embedding="estimator", propagator=QUICK["gcn"])
    strategy.set_params(random_state=0).fit(X[:15], y[:15], X[15:])
    assert len(set(strategy.query(5))) == 5
    assert strategy.predict_proba(X).shape == (40, 2)
    assert set(strategy.predict(X)) <= {"ant", "bee"}
    assert strategy._Z_pool.shape == (25, 64)


def test_images_without_a_net_are_flattened():
    X = np.random.RandomState(0).uniform(size=(30, 1, 4, 4))
    strategy = REVIVAL(random_state=0).fit(X[:9], np.arange(9) % 3, X[9:])
    flat = X.reshape(30, 16)
    again = REVIVAL(random_state=0).fit(flat[:9], np.arange(9) % 3, flat[9:])
    np.testing.assert_array_equal(strategy.query(4), again.query(4))


# ------------------------------------------------------------------- what it asks for


@pytest.mark.parametrize("oversample", [None, 10])
@pytest.mark.parametrize("propagator", PROPAGATORS)
def test_bridges_are_asked_for_before_the_middle_of_clusters(propagator, oversample):
    gcn = propagator == "gcn"
    for seed in range(1 if oversample is None else 4):
        X, pool = two_clusters(seed)
        strategy = REVIVAL(
            propagator=GCNPropagator(max_epochs=100) if gcn else propagator,
            affinity=KNNAffinity(5, metric="euclidean", affinity="binary"),
            normalize=False,
            oversample=oversample,
            diversity="none",
            random_state=seed,
        )
        asked = strategy.fit(X, [0, 1], pool).query(6)
        assert (asked >= 80).all()
        if oversample is None:
            continue
        # Its middle, too, changes more than any sample of a cluster does.
        assert strategy.kl_[84:88].max() > 5 * strategy.kl_[:80].max()


def test_what_is_asked_for_is_what_the_attributes_say():
    strategy = fitted(diversity="none", component_fraction=0, oversample=2)
    unstable = np.argsort(-strategy.kl_)[:10]
    expected = unstable[np.argsort(-strategy.entropy_[unstable])][:5]
    np.testing.assert_array_equal(strategy.query(5), expected)


def _never(*args, **settings):
    raise AssertionError("an adversary was asked")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"propagator": LGCPropagator(sharpness=5)},
        *({"propagator": QUICK[name], "oversample": None} for name in PROPAGATORS),
    ],
    ids=["default", "LGCPropagator", *(f"{name}, None" for name in PROPAGATORS)],
)
def test_no_adversary_is_asked_where_there_is_none(settings, monkeypatch):
    X, y = blobs()
    strategy = REVIVAL(**settings, diversity="none", random_state=0)
    for propagator in QUICK.values():
        monkeypatch.setattr(type(propagator), "adversary", _never)
    asked = strategy.fit(X[:12], y[:12], X[12:]).query(5)
    assert strategy.kl_ is None and strategy.eps_ is None
    assert not strategy.unstable_.any()
    expected = np.sort(strategy.entropy_)[:-6:-1]
    np.testing.assert_allclose(strategy.entropy_[asked], expected)


@pytest.mark.parametrize("name", ["sgc", "gcn"])
def test_by_default_a_net_on_the_graph_has_one(name):
    X, y = blobs()
    strategy = REVIVAL(propagator=QUICK[name], random_state=0)
    asked = strategy.fit(X[:12], y[:12], X[12:]).query(2)
    strategy.set_params(oversample=10).fit(X[:12], y[:12], X[12:])
    assert strategy.kl_.max() > 0
    np.testing.assert_array_equal(asked, strategy.query(2))


@pytest.mark.parametrize(
    "name", [name for name in REVIVAL._presets if name != "default"]
)
def test_presets_have_one(name):
    X, y = blobs()
    strategy = REVIVAL.from_preset(name, random_state=0)
    if isinstance(strategy.propagator, GCNPropagator):
        strategy.set_params(propagator__max_epochs=3)
    assert strategy.fit(X[:12], y[:12], X[12:]).query(3).size == 3
    assert strategy.kl_.max() > 0


def test_without_an_adversary_it_is_entropy_of_the_propagated_labels():
    strategy = fitted(
        oversample=None, diversity="none", propagator=LGCPropagator(sharpness=1.0)
    )
    assert strategy.kl_ is None and strategy.eps_ is None
    np.testing.assert_array_equal(strategy.query(5), np.argsort(-strategy.entropy_)[:5])
    X, y = blobs()
    spread = SparseLabelSpreading().fit(X[:12], y[:12], X_pool=X[12:])
    np.testing.assert_allclose(strategy.entropy_, spread.entropy_[12:], rtol=1e-6)
    by_entropy = EntropySampling(SparseLabelSpreading(), random_state=0)
    by_entropy.fit(X[:12], y[:12], X[12:])
    assert set(strategy.query(20)) & set(by_entropy.query(20))


def test_without_a_limitator_it_is_divergence_alone():
    strategy = fitted(limitator=None, diversity="none", oversample=None)
    np.testing.assert_array_equal(strategy.query(5), np.argsort(-strategy.kl_)[:5])


def test_neighbors_are_not_asked_for_together():
    X, pool = two_clusters(0)
    settings = {"oversample": None, "component_fraction": 0, "random_state": 0}
    strategy = REVIVAL(**settings).fit(X, [0, 1], pool)
    asked = strategy.query(3)
    W = strategy.graph_[2:][:, 2:].toarray()
    assert not W[np.ix_(asked, asked)].any()


@pytest.mark.parametrize("limitator", ["cut", "density"])
def test_other_limitators_answer_from_the_unstable(limitator):
    strategy = fitted(limitator=limitator, diversity="none", oversample=3)
    unstable = np.argsort(-strategy.kl_)[:9]
    assert set(strategy.query(3)) <= set(unstable)


def test_parts_without_a_label_are_given_a_share():
    rng = np.random.RandomState(0)
    centers = np.array([[0, 0], [10, 0], [0, 10], [50, 50]])
    X = np.vstack([rng.normal(c, 0.3, (n, 2)) for c, n in zip(centers, [8, 8, 9, 6])])
    labeled = np.array([0, 1, 8, 9])
    pool = np.setdiff1d(np.arange(31), labeled)
    settings = {"affinity": KNNAffinity(4, metric="euclidean", affinity="binary")}
    strategy = REVIVAL(normalize=False, random_state=0, **settings)
    strategy.fit(X[labeled], [0, 0, 1, 1], X[pool])
    assert strategy.unreached_components_[:, 0].tolist() == [9, 6]
    unreached = set(np.flatnonzero(pool >= 16))
    assert set(np.flatnonzero(~strategy.reached_)) == unreached
    asked = strategy.query(5)
    assert pool[asked[0]] in range(16, 25)
    assert len(set(asked) & unreached) == 1
    none = clone(strategy).set_params(component_fraction=0)
    none.fit(X[labeled], [0, 0, 1, 1], X[pool])
    assert not set(none.query(5)) & unreached
    assert len(set(none.query(27))) == 27


def test_of_copies_one_is_asked_for():
    X, y = blobs(40)
    pool = np.repeat(X[12:], 3, axis=0)
    strategy = REVIVAL(random_state=0, component_fraction=0)
    asked = strategy.fit(X[:12], y[:12], pool).query(10)
    assert len(np.unique(asked // 3)) == 10


def test_of_one_class_the_far_samples_are_asked_for():
    X, _ = blobs()
    for propagator in PROPAGATORS:
        for oversample in (None, 10):
            strategy = REVIVAL(propagator=propagator, oversample=oversample)
            strategy.set_params(random_state=0)
            strategy.fit(X[:6], np.full(6, "only"), X[6:])
            assert len(set(strategy.query(4))) == 4
            assert set(strategy.predict(X)) == {"only"}
        np.testing.assert_array_equal(strategy.kl_, 0)


def test_two_labels_and_isolated_nodes_are_enough():
    X = np.eye(8)
    for propagator in PROPAGATORS:
        strategy = REVIVAL(propagator=QUICK[propagator], oversample=10, random_state=0)
        strategy.set_params(affinity=KNNAffinity()).fit(X[:2], [0, 1], X[2:])
        assert sorted(strategy.query(6)) == list(range(6))
        assert strategy.graph_.nnz == 0
        np.testing.assert_allclose(strategy.predict_proba(X[:2]).sum(axis=1), 1)


def test_nodes_are_a_seeded_subset():
    strategy = fitted(subset_size=10)
    assert len(strategy.subset_) == 10 == len(strategy.kl_)
    asked = strategy.query(10)
    np.testing.assert_array_equal(np.sort(asked), strategy.subset_)
    np.testing.assert_array_equal(fitted(subset_size=10).subset_, strategy.subset_)
    with pytest.raises(ValueError, match="subset_size=10"):
        strategy.query(11)
    with pytest.warns(PoolExhaustedWarning):
        assert len(fitted().query(100)) == 48


# ------------------------------------------------------------------ adversary and state


@pytest.mark.parametrize("propagator", PROPAGATORS)
def test_attributes_have_a_row_for_each_node(propagator):
    strategy = fitted(propagator=propagator)
    assert strategy.virtual_labels_.shape == (48, 3)
    np.testing.assert_allclose(strategy.virtual_labels_.sum(axis=1), 1, rtol=1e-9)
    for name in ("entropy_", "kl_", "unstable_", "reached_"):
        assert getattr(strategy, name).shape == (48,), name
    assert strategy.graph_.shape == (60, 60)
    assert (strategy.kl_ >= 0).all() and strategy.eps_ > 0


def test_a_longer_step_changes_labels_more():
    small, large = (fitted(propagator="sgc", eps=eps) for eps in (0.05, 0.5))
    assert (small.eps_, large.eps_) == (0.05, 0.5)
    assert large.kl_.sum() > 5 * small.kl_.sum()
    one_sided = fitted(propagator="sgc", eps=0.5, symmetrize=False)
    assert (one_sided.kl_ <= large.kl_ + 1e-12).all()


@pytest.mark.parametrize("propagator", PROPAGATORS)
def test_a_query_changes_no_weight_and_no_generator(propagator):
    net = quick(module=_with_batch_norm())
    strategy = fitted(propagator=propagator, estimator=net, embedding="estimator")
    modules = [strategy.estimator_.net_.module_, strategy.embedding_.net_.module_]
    if propagator == "gcn":
        modules.append(strategy.propagator_.net_)
        assert not any(p.requires_grad for p in modules[-1].parameters())
    before = [
        {k: v.clone() for k, v in module.state_dict().items()} for module in modules
    ]
    modes = [module.training for module in modules]
    state, random = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = strategy.query(5)
    np.testing.assert_array_equal(strategy.query(5), first)
    for module, weights, mode in zip(modules, before, modes):
        assert module.training == mode
        for name, value in module.state_dict().items():
            assert torch.equal(value, weights[name])
    assert torch.equal(torch.get_rng_state(), state)
    np.testing.assert_array_equal(np.random.get_state()[1], random)


def _with_batch_norm():
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))


def test_the_seed_reaches_everything():
    settings = {"estimator": quick(), "embedding": "estimator", "propagator": "gcn"}
    a, b = (fitted(**settings) for _ in range(2))
    np.testing.assert_array_equal(a.kl_, b.kl_)
    X, _ = blobs()
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    other = fitted(**settings, random_state=1)
    assert (a.kl_ != other.kl_).any()


@pytest.mark.parametrize("estimator", [None, LogisticRegression()])
def test_without_its_pool_it_is_pickled_and_still_predicts(estimator):
    strategy = fitted(estimator=estimator)
    X, _ = blobs()
    expected = strategy.predict_proba(X)
    size = len(pickle.dumps(strategy))
    strategy._drop_pool()
    stored = pickle.dumps(strategy)
    assert len(stored) < 0.7 * size
    np.testing.assert_array_equal(pickle.loads(stored).predict_proba(X), expected)


# ------------------------------------------------------------------ the model it trains


def test_an_embedding_made_elsewhere_is_taken():
    X, y = blobs()
    net = quick(random_state=0).fit(X[:12], y[:12])
    inside = REVIVAL(embedding=FrozenEstimator(net), oversample=10, random_state=0)
    Z = net.transform(X)
    outside = clone(inside).set_params(embedding=None).fit(Z[:12], y[:12], Z[12:])
    inside.fit(X[:12], y[:12], X[12:])
    np.testing.assert_array_equal(inside.kl_, outside.kl_)
    np.testing.assert_array_equal(inside.query(5), outside.query(5))


def test_it_runs_alone_and_beside_a_model_in_a_learner():
    X, y = load_digits(return_X_y=True)
    X, y = X[:400] / 16, y[:400]
    settings = {"n_initial": 20, "budget": 10, "batch_size": 5, "random_state": 0}
    learner = ActiveLearner(strategy=REVIVAL(), **settings).fit(X, y)
    assert isinstance(learner.estimator_, REVIVAL)
    assert learner.labeled_mask_.sum() == 30 and learner.score(X, y) > 0.6
    beside = ActiveLearner(LogisticRegression(), REVIVAL(), **settings).fit(X, y)
    assert isinstance(beside.estimator_, LogisticRegression)


# ----------------------------------------------------------------------------- presets


def test_presets_are_settings_that_can_be_overruled():
    paper = REVIVAL.from_preset("paper", quick(), propagator__hidden=16)
    assert isinstance(paper.estimator, NetClassifier) and paper.oversample == 2
    assert isinstance(paper.propagator, GCNPropagator) and paper.propagator.hidden == 16
    assert not paper.symmetrize and paper.diversity == "none"
    assert REVIVAL.from_preset("figure").oversample == 2
    sibling = REVIVAL.from_preset("boostmis")
    assert isinstance(sibling.propagator, GCNPropagator)
    assert (sibling.propagator.xi, sibling.eps) == (10.0, 1.0)
    assert sibling.oversample == 10
    assert REVIVAL.from_preset("default").get_params() == REVIVAL().get_params()
    with pytest.raises(ValueError, match="There is no preset 'fast'"):
        REVIVAL.from_preset("fast")


# --------------------------------------------------------------------------- bad input


def test_bad_settings_are_refused():
    X, y = blobs()
    bad = {"propagator": "gat", "oversample": 0.5, "limitator": "rim", "eps": 0.0}
    bad |= {"diversity": True, "component_fraction": 2}
    for name, value in [*bad.items(), ("oversample", "automatic")]:
        with pytest.raises(ValueError, match=name):
            REVIVAL(**{name: value}).fit(X[:12], y[:12], X[12:])
    for propagator, name in (
        (LGCPropagator(sharpness=0), "'sharpness' .* Got 0"),
        (GCNPropagator(n_power=0), "'n_power' .* Got 0"),
        (SGCPropagator(device="cuda:99"), "device='cuda:99'"),
    ):
        with pytest.raises(ValueError, match=name):
            REVIVAL(propagator=propagator).fit(X[:12], y[:12], X[12:])


def test_bad_samples_and_labels_are_refused():
    X, y = blobs()
    hole = X.copy()
    hole[20, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        REVIVAL().fit(hole[:12], y[:12], hole[12:])
    with pytest.raises(ValueError, match="requires y"):
        REVIVAL().fit(X[:12], None, X[12:])
    with pytest.raises(ValueError, match="missing|NaN"):
        REVIVAL().fit(X[:12], [None, *y[1:12]], X[12:])
    with pytest.raises(TypeError, match="sparse"):
        REVIVAL().fit(sparse.csr_array(X[:12]), y[:12], sparse.csr_array(X[12:]))
    with pytest.raises(ValueError, match="Unknown label type"):
        REVIVAL().fit(X[:12], X[:12, 0], X[12:])


def test_bad_embeddings_are_refused():
    X, y = blobs()
    with pytest.raises(ValueError, match="needs an estimator with transform"):
        REVIVAL(LogisticRegression(), embedding="estimator").fit(X[:12], y[:12])
    with pytest.raises(ValueError, match="embedding must be a transformer"):
        REVIVAL(embedding="net").fit(X[:12], y[:12])


class _Graph(KNNAffinity):
    """A transformer that returns what it is told to."""

    def __init__(self, W=None):
        self.W = W

    def fit_transform(self, X, y=None):
        return self.W


@pytest.mark.parametrize(
    ("W", "match"),
    [
        (-np.ones((60, 60)), "negative"),
        (np.triu(np.ones((60, 60))), "not symmetric"),
        (np.ones((60, 50)), "square"),
        (np.ones((5, 5)), "one row and one column for each of the 60"),
    ],
)
def test_bad_graphs_are_refused(W, match):
    with pytest.raises(ValueError, match=match):
        fitted(affinity=_Graph(W))


def test_a_dense_graph_is_taken():
    W = np.random.RandomState(0).uniform(size=(60, 60))
    for propagator in PROPAGATORS:
        strategy = fitted(affinity=_Graph(W + W.T), propagator=propagator)
        assert strategy.graph_.diagonal().sum() == 0
        assert len(strategy.query(5)) == 5


def test_more_neighbors_than_there_are_is_said():
    with pytest.warns(UserWarning, match="all of them are neighbors"):
        fitted(affinity=KNNAffinity(100))


def test_frames_keep_their_names():
    X, y = blobs()
    frame = pd.DataFrame(X, columns=list("abcd"))
    strategy = REVIVAL(LogisticRegression(), random_state=0)
    strategy.fit(frame[:12], y[:12], frame[12:])
    assert strategy.feature_names_in_.tolist() == list("abcd")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        strategy.predict(frame)


def test_float32_stays_float32():
    X, y = blobs()
    X = X.astype(np.float32)
    strategy = REVIVAL(random_state=0).fit(X[:12], y[:12], X[12:])
    assert strategy.graph_.dtype == np.float32
    assert strategy._Z_pool.dtype == np.float32
