"""Collections of dask as pools and samples: none is loaded, no answer changes."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.compose import (
    NeighborhoodSampling,
    PartitionedSampling,
    PoolSubsampling,
    StochasticBatch,
)
from skactive.disagreement import BALD, EPIG
from skactive.diversity import BADGE, CoreSet, MaxHerding, RandomSampling, TypiClust
from skactive.io import Journal
from skactive.testing import all_strategies
from skactive.uncertainty import EntropySampling, MarginSampling
from skactive.utils import _dask
from skactive.utils._dask import DaskRows, Stretch, in_parts, is_dask
from skactive.utils._pool import Pool

dask = pytest.importorskip("dask", reason="needs the tests extra")
da = pytest.importorskip("dask.array", reason="needs the tests extra")
dd = pytest.importorskip("dask.dataframe", reason="needs the tests extra")

X, y = make_classification(500, 6, n_informative=4, random_state=0)
X = np.round(X, 1)  # with ties
L, y_L, P = X[:40], y[:40], X[40:]
NAMES = list("abcdef")

CUTS = {
    "even": (100, 100, 100, 100, 60),
    "one": (460,),
    "with empty ones": (0, 7, 0, 453, 0),
    "small ones": (1,) * 20 + (440,),
}
FOREST = RandomForestClassifier(5, max_depth=2, random_state=0)


@pytest.fixture(autouse=True)
def in_turn():
    with dask.config.set(scheduler="synchronous"):
        yield


def as_array(rows, cut):
    return da.from_array(rows, chunks=(cut, (2, rows.shape[1] - 2)))


def as_frame(rows, cut):
    edges = np.r_[0, np.cumsum(cut)]
    frame = pd.DataFrame(rows, columns=NAMES)
    parts = [frame[a:b] for a, b in pairwise(edges)]
    return dd.from_map(lambda part: part, parts, meta=frame[:0])


def as_sparse(rows, cut):
    blocks = da.from_array(rows, chunks=(cut, -1))
    return blocks.map_blocks(sparse.csr_array, meta=sparse.csr_array((0, 0)))


KINDS = {"array": as_array, "frame": as_frame, "CSR": as_sparse}


def labeled_like(kind):
    if kind is as_frame:
        return pd.DataFrame(L, columns=NAMES)
    return sparse.csr_array(L) if kind is as_sparse else L


def forbid_loading(monkeypatch):
    """Let nothing bring more to this process than a partition of the pool."""
    most = []
    compute = dask.base.compute

    def counted(*tasks, **settings):
        answers = compute(*tasks, **settings)
        most.append(sum(getattr(answer, "nbytes", 0) for answer in answers))
        return answers

    monkeypatch.setattr(dask, "compute", counted)
    return most


@pytest.mark.parametrize("model", [LogisticRegression(), FOREST], ids=["few", "ties"])
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_best_scores_are_those_of_one_machine(kind, cut, model, monkeypatch):
    strategy = MarginSampling(model, random_state=0)
    known = labeled_like(kind)
    whole = pd.DataFrame(P, columns=NAMES) if kind is as_frame else P
    whole = sparse.csr_array(P) if kind is as_sparse else whole
    expected = strategy.fit(known, y_L, whole).query(30)
    strategy.fit(known, y_L, kind(P, cut))
    most = forbid_loading(monkeypatch)
    assert_array_equal(strategy.query(30), expected)
    assert max(most) == 0  # tuples of 24 bytes a row, and no rows


def test_every_strategy_answers_as_on_one_machine_or_says_what_to_do():
    """A score is asked where the rows are; nothing else loads them in silence."""
    kinds = {"same": [], "refused": []}
    for cls in all_strategies():
        few = {"n_members": 4} if cls.__name__ == "QueryByCommittee" else {}
        seed = {"random_state": 0} if "random_state" in cls().get_params() else {}
        strategy = cls(**few, **seed)
        expected = strategy.fit(L, y_L, P[:90]).query(3)
        try:
            got = strategy.fit(L, y_L, as_array(P[:90], (40, 50))).query(3)
        except ValueError as error:
            assert "PartitionedSampling" in str(error), cls
            kinds["refused"].append(cls)
            continue
        assert_array_equal(got, expected, cls.__name__)
        kinds["same"].append(cls)
    scores = {
        cls
        for cls in all_strategies()
        if issubclass(cls, ScoreStrategy) and cls._query is ScoreStrategy._query
    }
    assert scores <= set(kinds["same"])
    assert {RandomSampling, PartitionedSampling, StochasticBatch} <= set(kinds["same"])
    assert {CoreSet, BADGE, TypiClust} <= set(kinds["refused"])


@pytest.mark.parametrize(
    "strategy",
    [
        CoreSet(),
        CoreSet(PCA(2)),
        NeighborhoodSampling(),
        BADGE(),
        MarginSampling(),
    ],
    ids=["rows", "to be fitted", "neighbors", "gradients", "all of it"],
)
@pytest.mark.parametrize("cut", [CUTS["even"], CUTS["one"]], ids=["even", "one"])
def test_the_whole_is_not_loaded(strategy, cut):
    if isinstance(strategy, MarginSampling):

        class WantsPool(LogisticRegression):
            def fit(self, X, y, X_pool=None):
                return super().fit(X, y)

        strategy = MarginSampling(WantsPool())
    with pytest.raises(ValueError, match=r"460 rows in all.*compute\(\)"):
        strategy.fit(L, y_L, as_array(P, cut)).query(3)


def test_a_learner_refuses_it_before_a_label_is_paid_for():
    def never(rows, X):
        raise AssertionError("an answer was paid for")

    for strategy in (CoreSet(), MaxHerding(), StochasticBatch(CoreSet())):
        learner = ActiveLearner(LogisticRegression(), strategy, oracle=never)
        with pytest.raises(ValueError):
            learner.fit(as_array(X, (250, 250)))


@pytest.mark.parametrize(
    "strategy",
    [
        CoreSet(FrozenEstimator(PCA(2)), random_state=0),
        PoolSubsampling(CoreSet(), max_pool=50, random_state=0),
        PoolSubsampling(CoreSet(), random_state=0),
        StochasticBatch(EntropySampling(), random_state=0),
        PartitionedSampling(CoreSet(), random_state=0),
        NeighborhoodSampling(
            MarginSampling(), embedding=FrozenEstimator(PCA(2)), random_state=0
        ),
        EPIG(random_state=0),
        BALD(random_state=0),
    ],
    ids=lambda strategy: type(strategy).__name__,
)
@pytest.mark.parametrize("kind", [as_array, as_frame])
def test_what_reads_some_of_it_works(strategy, kind):
    whole = pd.DataFrame(P, columns=NAMES) if kind is as_frame else P
    known = labeled_like(kind)
    space = getattr(strategy, "embedding", None)
    if space is not None:
        space.estimator.fit(whole)
    if isinstance(strategy, PartitionedSampling):
        strategy.set_params(n_parts=5)
    expected = strategy.fit(known, y_L, whole).query(3)
    if isinstance(strategy, PartitionedSampling):
        strategy.set_params(n_parts="auto")
    even = (92,) * 5  # as PartitionedSampling cuts
    assert_array_equal(strategy.fit(known, y_L, kind(P, even)).query(3), expected)


def test_parts_are_the_partitions():
    strategy = PartitionedSampling(CoreSet()).fit(L, y_L, as_array(P, CUTS["even"]))
    assert strategy.n_parts_ == 5
    empty = PartitionedSampling().fit(L, y_L, as_array(P, CUTS["with empty ones"]))
    assert empty.n_parts_ == 2
    with pytest.raises(ValueError, match="n_parts is 3.*partitions, 5 with rows"):
        PartitionedSampling(n_parts=3).fit(L, y_L, as_array(P, CUTS["even"]))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("by_hand", [False, True], ids=["simulated", "by hand"])
def test_a_learner_on_it(kind, by_hand, tmp_path):
    whole = pd.DataFrame(X, columns=NAMES) if kind is as_frame else X
    whole = sparse.csr_array(X) if kind is as_sparse else whole
    asked = []
    for rows in (whole, kind(X, (120, 0, 200, 180))):
        learner = ActiveLearner(
            LogisticRegression(), MarginSampling(), budget=20, random_state=0
        )
        if by_hand:
            known = np.where(np.arange(500) < 10, y.astype(object), None)
            learner.fit(rows, known)
            for _ in range(3):
                batch = learner.query(4)
                learner.teach(batch, y[batch])
            asked.append(np.flatnonzero(learner.labeled_mask_))
        else:
            asked.append(learner.fit(rows, y).queried_indices_)
        if kind is as_frame:
            assert learner.feature_names_in_.tolist() == NAMES
        assert learner.n_features_in_ == 6
    assert_array_equal(*asked)


def test_a_learner_with_a_journal_goes_on(tmp_path):
    known = np.where(np.arange(500) < 10, y.astype(object), None)
    for turn in range(2):
        learner = ActiveLearner(journal=Journal(tmp_path / "j.jsonl"), random_state=0)
        learner.fit(as_array(X, (250, 250)), known)
        assert learner.labeled_mask_.sum() == 10 + 3 * turn
        batch = learner.query(3)
        learner.teach(batch, y[batch])


def test_lengths_must_be_known():
    rows = as_array(P, CUTS["even"])
    unknown = rows[rows[:, 0] > 0]
    with pytest.raises(ValueError, match=r"X_pool.compute_chunk_sizes\(\)"):
        MarginSampling().fit(L, y_L, unknown)
    with pytest.raises(ValueError, match=r"X.compute_chunk_sizes\(\)"):
        ActiveLearner().fit(unknown, y[40:])
    unknown.compute_chunk_sizes()
    strategy = MarginSampling().fit(L, y_L, unknown)
    assert strategy.n_pool_ == np.sum(P[:, 0] > 0)


def test_what_has_no_rows_is_refused():
    bag = pytest.importorskip("dask.bag")
    with pytest.raises(TypeError, match="make a dask array or a dask DataFrame"):
        MarginSampling().fit(L, y_L, bag.from_sequence([1, 2]))
    with pytest.raises(TypeError, match="make a dask array or a dask DataFrame"):
        MarginSampling().fit(L, y_L, dask.delayed(P))
    with pytest.raises(ValueError, match="single number"):
        MarginSampling().fit(L, y_L, da.zeros(()))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_row_that_is_not_finite_has_its_name(kind, cut, value):
    rows = P.copy()
    rows[[449, 451], 2] = value
    strategy = MarginSampling().fit(labeled_like(kind), y_L, kind(rows, cut))
    with pytest.raises(ValueError, match="row 449 of X_pool, in partition") as caught:
        strategy.query(3)
    assert str(caught.value).count("in partition") == 1
    strategy = PartitionedSampling(MarginSampling())
    strategy.fit(labeled_like(kind), y_L, kind(rows, cut))
    with pytest.raises(ValueError, match="Row 449 of the pool, in part ") as caught:
        strategy.query(3)


def test_a_row_of_a_learner_that_is_not_finite_has_its_name():
    rows = X.copy()
    rows[477, 2] = np.nan
    known = np.where(np.arange(500) < 10, y.astype(object), None)
    learner = ActiveLearner(LogisticRegression()).fit(as_array(rows, (300, 200)), known)
    with pytest.raises(ValueError, match="row 477 of X, in partition 2 of 2"):
        learner.query(3)


def test_a_score_that_is_not_finite_has_its_position():
    class Odd(MarginSampling):
        def score_samples(self, X):
            return np.where(X[:, 0] == 1234, np.nan, super().score_samples(X))

    rows = P.copy()
    rows[203, 0] = 1234
    strategy = Odd().fit(L, y_L, as_array(rows, CUTS["even"]))
    with pytest.raises(RuntimeError, match=r"position 203 of the pool, row 203 of X_p"):
        strategy.query(3)


def test_more_are_asked_for_than_a_partition_has():
    strategy = MarginSampling(FOREST, random_state=0).fit(L, y_L, P)
    expected = strategy.query(455)
    strategy.fit(L, y_L, as_array(P, CUTS["small ones"]))
    assert_array_equal(strategy.query(455), expected)
    assert_array_equal(strategy.query(5, exclude=expected[:9]), strategy.query(14)[9:])


def test_no_rows_at_all():
    strategy = MarginSampling().fit(L, y_L, as_array(P[:0], (0,)))
    with pytest.warns(UserWarning, match="the pool holds 0"):
        assert len(strategy.query(3)) == 0


def test_scores_of_the_whole_are_refused():
    class Relative(MarginSampling):
        blockwise = False

    strategy = Relative().fit(L, y_L, as_array(P, CUTS["even"]))
    with pytest.raises(ValueError, match="needs all of them"):
        strategy.query(3)


def test_the_first_pool_may_be_one():
    rows = as_array(P, CUTS["even"])
    assert_array_equal(
        RandomSampling(random_state=0).fit(rows).query(5),
        RandomSampling(random_state=0).fit(P).query(5),
    )


def test_a_heavy_model_is_warned_of(monkeypatch):
    monkeypatch.setattr(_dask, "HEAVY", 10_000)
    heavy = FrozenEstimator(
        KNeighborsClassifier().fit(np.tile(L, (30, 1)), [*y_L] * 30)
    )
    strategy = MarginSampling(heavy).fit(L, y_L, as_array(P, CUTS["even"]))
    strategy.query(3)  # nothing is sent anywhere
    monkeypatch.setattr(_dask, "_n_workers", lambda: 2)
    with pytest.warns(UserWarning, match="to 2 workers.*carry its training data"):
        strategy.query(3)
    light = MarginSampling().fit(L, y_L, as_array(P, CUTS["even"]))
    light.query(3)
    monkeypatch.setattr(_dask, "_n_workers", lambda: 2)
    many = as_array(np.tile(P, (30, 1)), (460,) * 30)
    strategy.fit(L, y_L, many).query(3)  # the pool weighs more


def test_a_collection_of_no_dask_is_left_alone():
    assert in_parts(X) is X and not is_dask(Pool(X))
    rows = in_parts(as_array(X, (250, 250)))
    assert isinstance(rows, DaskRows) and in_parts(rows) is rows
    assert is_dask(Pool(rows)) and is_dask(Pool(rows, np.arange(5)))
    assert not is_dask(Pool(rows, np.array([3, 1])))


def test_positions_in_any_order():
    rows = in_parts(as_array(P, CUTS["even"]))
    strategy = MarginSampling(FOREST, random_state=0)
    shuffled = np.random.RandomState(0).permutation(460)
    expected = strategy.fit(L, y_L, Pool(P, shuffled)).query(9)
    assert_array_equal(strategy.fit(L, y_L, Pool(rows, shuffled)).query(9), expected)


def test_a_stretch_has_the_names_of_the_whole():
    stretch = Stretch(P[:5], np.array([1, 4]), start=7, first=100, which="2 of 3")
    assert stretch.row_name(1) == "row 104 of X_pool, in partition 2 of 3"
    assert not stretch.is_all


def test_dask_is_not_imported_for_others():
    code = (
        "import sys, numpy as np\n"
        "from skactive.uncertainty import MarginSampling\n"
        "MarginSampling().fit([[0.], [1.]], [0, 1], np.ones((3, 1))).query(1)\n"
        "assert not {'dask', 'distributed'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_partition_that_changed_since_fit():
    """Lengths are known once; a partition of another length is an error."""
    rows = [P[:200], P[200:]]

    def read(i):
        return pd.DataFrame(rows[i], columns=NAMES)

    pool = dd.from_map(read, [0, 1], meta=read(0)[:0])
    strategy = MarginSampling().fit(pd.DataFrame(L, columns=NAMES), y_L, pool)
    rows[1] = P[200:450]
    with pytest.raises(ValueError, match="Partition 2 of 2 has 250 rows now, and had"):
        strategy.query(3)
    rows[1] = P[200:]
    learner = ActiveLearner(LogisticRegression(), budget=2).fit(pool, y[40:])
    some = np.where(np.arange(460) < 10, y[40:].astype(object), None)
    learner = ActiveLearner(LogisticRegression()).fit(pool, some)
    space = FrozenEstimator(FunctionTransformer(np.asarray))
    embedded = ActiveLearner(LogisticRegression(), CoreSet(space)).fit(pool, some)
    rows[0] = P[:190]
    for asked in (learner, embedded):
        with pytest.raises(ValueError, match="Partition 1 of 2 has 190 rows now"):
            asked.query(3)
