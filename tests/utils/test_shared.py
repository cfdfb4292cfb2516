"""Tests of skactive.utils._shared, and of what rounds of a learner share."""

import copy
import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skactive import ActiveLearner
from skactive.diversity import CoreSet, TypiClust
from skactive.uncertainty import MarginSampling
from skactive.utils import _pool
from skactive.utils._shared import Shared, content_key


def test_what_is_kept_is_made_once_and_forgotten_after_two_idle_rounds():
    shared, made = Shared(None), []
    for _ in range(3):
        assert shared.get("a", lambda: made.append("a") or 7) == 7
    assert made == ["a"]
    shared.begin_round(True)
    shared.get("a", lambda: made.append("again"))
    shared.begin_round(True)
    shared.begin_round(True)
    shared.get("b", lambda: 1)
    assert made == ["a"]
    assert set(shared._kept) == {"b"}


def test_a_round_that_asks_often_is_one_round():
    shared = Shared(None)
    shared.get("a", lambda: 1)
    for _ in range(5):
        shared.begin_round(True, number=1)
    assert set(shared._kept) == {"a"}
    shared.begin_round(True, number=2)
    assert not shared._kept


@pytest.mark.parametrize("key, keep", [(None, True), ("a", False)])
def test_what_may_change_is_made_each_time(key, keep):
    shared, made = Shared(None, keep=keep), []
    for _ in range(3):
        shared.get(key, lambda: made.append(1))
    assert len(made) == 3


def test_switched_off_it_forgets_at_once():
    shared = Shared(None)
    shared.get("a", lambda: 1)
    shared.begin_round(False)
    assert not shared._kept and not shared._used


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(_dump(x))])
def test_copies_and_pickles_begin_without_anything(again):
    shared = Shared(np.eye(2), seed=3)
    shared.get("a", lambda: np.zeros(10**6))
    assert len(_dump(shared)) < 1000
    other = again(shared)
    assert other.seed == 3 and not other._kept
    assert shared._kept


def _dump(x):
    return pickle.dumps(x)


def test_an_estimator_that_cannot_be_pickled_has_no_key():
    assert content_key("embedding", FunctionTransformer(lambda x: x)) is None


class CountingPCA(PCA):
    fits, rows = 0, []

    def fit_transform(self, X, y=None):
        raise AssertionError("fit and transform are called one by one")

    def fit(self, X, y=None):
        CountingPCA.fits += 1
        return super().fit(X, y)

    def transform(self, X):
        CountingPCA.rows.append(len(X))
        return super().transform(X)


@pytest.fixture
def counts(monkeypatch):
    monkeypatch.setattr(CountingPCA, "fits", 0)
    monkeypatch.setattr(CountingPCA, "rows", [])
    return CountingPCA


def blobs(n=90, d=6, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(3, size=n)
    return rng.normal(size=(n, d)) + 2 * np.eye(3, d)[y], y


def run(strategy, X, y, **params):
    settings = {"n_initial": 6, "budget": 20, "batch_size": 4, "random_state": 0}
    learner = ActiveLearner(LogisticRegression(), strategy, **settings | params)
    return learner.fit(X, y)


def test_an_embedding_is_fitted_once_and_sees_each_row_once(counts):
    X, y = blobs()
    run(CoreSet(CountingPCA(2)), X, y)
    assert (counts.fits, counts.rows) == (1, [90])


def test_without_reuse_each_round_makes_its_own(counts):
    X, y = blobs()
    run(CoreSet(CountingPCA(2)), X, y, reuse=False)
    assert counts.fits == 5


class Witness(PCA):
    seen = []

    def fit(self, X, y=None):
        Witness.seen.append((len(X), self.random_state))
        return super().fit(X, y)


def test_an_embedding_learns_from_all_rows_with_one_seed_in_both(monkeypatch):
    monkeypatch.setattr(Witness, "seen", seen := [])
    X, y = blobs()
    for reuse in (True, False):
        run(TypiClust(Witness(2, svd_solver="randomized")), X, y, reuse=reuse)
    assert len(seen) == 6 and len(set(seen)) == 1 and seen[0][0] == 90


EMBEDDINGS = {
    "features": None,
    "PCA": PCA(3, svd_solver="arpack"),
    "pipeline": make_pipeline(StandardScaler(), PCA(3)),
    "lambda": FunctionTransformer(lambda X: X),
    "estimator": "estimator",
}


CONTAINERS = {
    "dense": lambda X: X,
    "float32": lambda X: X.astype(np.float32),
    "CSR": sparse.csr_array,
    "list": lambda X: X.tolist(),
    "objects": lambda X: X.astype(object),
}


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("embedding", EMBEDDINGS)
def test_reuse_changes_no_answer(embedding, container):
    if container == "CSR" and embedding == "pipeline":
        pytest.skip("a StandardScaler refuses to center CSR")
    X, y = blobs(60)
    X[7:11] = X[3]  # copies
    X[20] = 0
    steps = [FunctionTransformer(), LogisticRegression()]
    if container in ("list", "objects"):
        steps[0].set_params(func=np.asarray, kw_args={"dtype": float})
    for params in ({}, {"metric": "cosine", "outlier_share": 0.05}):
        strategy = CoreSet(EMBEDDINGS[embedding], **params)
        kept, anew = (
            ActiveLearner(
                make_pipeline(*steps),
                strategy,
                n_initial=6,
                budget=12,
                batch_size=4,
                random_state=0,
                reuse=reuse,
            ).fit(CONTAINERS[container](X), y)
            for reuse in (True, False)
        )
        assert kept.queried_indices_.tolist() == anew.queried_indices_.tolist()


def test_the_model_of_a_round_is_never_kept():
    X, y = blobs()
    y_known = np.where(np.arange(90) < 12, y, -1)
    model = make_pipeline(PCA(2), LogisticRegression())
    learner = ActiveLearner(
        model, CoreSet("estimator"), missing_label=-1, random_state=0
    ).fit(X, y_known)
    for _ in range(4):
        rows = learner.query(3)
        learner.teach(rows, y[rows])
    kinds = {key[0] for key in learner._run.shared._kept}
    assert kinds <= {"embedding"}


def test_a_frozen_embedding_is_kept_and_a_changed_one_is_made_anew(counts):
    X, y = blobs()
    y_known = np.where(np.arange(90) < 12, y, -1)
    frozen = FrozenEstimator(CountingPCA(2).fit(X))
    learner = ActiveLearner(strategy=CoreSet(frozen), missing_label=-1, random_state=0)
    learner.fit(X, y_known)
    for _ in range(3):
        rows = learner.query(3)
        learner.teach(rows, y[rows])
    assert counts.rows == [90]
    learner.set_params(strategy__embedding=CountingPCA(3))
    learner.query(3)
    assert counts.rows == [90, 90]
    assert learner.strategy_.embedding_.n_components_ == 3


def test_a_later_frozen_embedding_is_not_taken_for_one_before_it():
    """Python may give it the place in memory, and so the number, of that one."""
    shared, inside = Shared(np.eye(3)), PCA(1)
    seen = set()
    for k in range(50):
        frozen = FrozenEstimator(inside)
        shared.begin_round(True, [frozen])
        seen.add(shared.get(("rows", *shared.key_of(frozen)), lambda k=k: k))
        del frozen
        shared.frozen = ()
    assert seen == set(range(50))


def test_a_label_taken_back_is_no_center_any_more():
    X, y = blobs()
    y_known = np.where(np.arange(90) < 12, y, -1)
    learners = [
        ActiveLearner(
            strategy=CoreSet(), missing_label=-1, random_state=0, reuse=reuse
        ).fit(X, y_known)
        for reuse in (True, False)
    ]
    asked = []
    for learner in learners:
        rows = learner.query(3)
        learner.teach(rows, y[rows])
        learner.query(3)
        learner.undo()
        asked.append(learner.query(5).tolist())
        assert set(rows) & set(asked[-1])
    assert asked[0] == asked[1]


def test_a_skipped_row_is_no_center_and_still_in_the_space():
    X, y = blobs()
    learners = [
        ActiveLearner(
            LogisticRegression(),
            CoreSet(PCA(2)),
            oracle=lambda rows, _: [None if r % 3 == 0 else y[r] for r in rows],
            n_initial=8,
            budget=24,
            batch_size=4,
            random_state=0,
            reuse=reuse,
        ).fit(X)
        for reuse in (True, False)
    ]
    one, other = (learner.queried_indices_.tolist() for learner in learners)
    assert one == other
    assert len(learners[0].labels_) == 90


def test_a_part_of_the_pool_shares_nothing(counts):
    from skactive.compose import PoolSubsampling

    X, y = blobs()
    run(PoolSubsampling(CoreSet(CountingPCA(2)), max_pool=20), X, y)
    assert counts.fits == 5
    assert max(counts.rows) <= 20 + 26


@pytest.mark.parametrize("n", [90, 5000], ids=["a block", "blocks"])
def test_a_row_that_is_not_finite_has_its_name_in_the_run(n, monkeypatch):
    monkeypatch.setattr(_pool, "block_size", lambda X: 1000)
    X, y = blobs(n)
    X[41, 2] = np.nan
    y_known = np.where(np.arange(n) < 12, y, -1)
    learner = ActiveLearner(
        make_pipeline(FunctionTransformer(np.nan_to_num), LogisticRegression()),
        CoreSet(FunctionTransformer()),
        missing_label=-1,
        random_state=0,
    ).fit(X, y_known)
    with pytest.raises(ValueError, match="row 41 of X"):
        learner.query(2)


def test_a_score_strategy_keeps_nothing():
    X, y = blobs()
    y_known = np.where(np.arange(90) < 12, y, -1)
    learner = ActiveLearner(
        strategy=MarginSampling(), missing_label=-1, random_state=0
    ).fit(X, y_known)
    learner.query(2)
    assert not learner._run.shared._kept
