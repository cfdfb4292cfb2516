"""OutlierFilter: what is unlike the rest is the last to be asked for."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.ensemble import IsolationForest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM

from skactive import ActiveLearner, QueryStrategy
from skactive.compose import OutlierFilter, PoolSubsampling
from skactive.diversity import CoreSet, RandomSampling
from skactive.exceptions import PoolExhaustedWarning
from skactive.testing import parametrize_with_checks
from skactive.uncertainty import EntropySampling, MarginSampling
from skactive.utils._pool import Pool, reads_pools

RNG = np.random.RandomState(0)
X = RNG.standard_normal((20, 3))
Y = (X[:, 0] > 0).astype(int)
FAR = np.array([17, 60, 91])
POOL = RNG.standard_normal((100, 3))
POOL[FAR] *= 40


def filtered(strategy=None, **params):
    params = {"share": 0.03, "random_state": 0, **params}
    return OutlierFilter(CoreSet() if strategy is None else strategy, **params)


class Shown(QueryStrategy):
    """Ask for the first samples; keeps what it was shown."""

    @reads_pools
    def _fit(self, X, y, X_pool):
        self.shown_ = X_pool

    def _query(self, n):
        return np.arange(n)


# By default nothing of the small pools of the contract is set aside.
@parametrize_with_checks([OutlierFilter(share=0.3)])
def test_contract_with_outliers(strategy, check):
    check(strategy)


# --------------------------------------------------------------------- what it is for


@pytest.mark.parametrize(
    "detector", ["knn", "mahalanobis", LocalOutlierFactor(), IsolationForest()], ids=str
)
def test_one_percent_far_points(detector):
    """Core-set asks for them first; with two percent set aside, for none of them."""
    rng = np.random.RandomState(0)
    pool = rng.standard_normal((300, 4))
    pool[:3] = 30 * rng.standard_normal((3, 4))
    some = rng.standard_normal((10, 4))
    labels = np.arange(10) % 2
    assert set(CoreSet().fit(some, labels, pool).query(3)) == {0, 1, 2}
    strategy = OutlierFilter(CoreSet(), detector=detector, share=0.02, random_state=0)
    strategy.fit(some, labels, pool)
    assert set(strategy.outliers_[:3]) == {0, 1, 2} and len(strategy.outliers_) == 6
    assert not set(strategy.query(30)) & {0, 1, 2}


def test_what_is_left_is_all_that_is_seen():
    strategy = filtered(Shown()).fit(X, Y, POOL)
    left = np.delete(np.arange(100), FAR)
    assert_array_equal(strategy.positions_, left)
    assert_array_equal(np.sort(strategy.outliers_), FAR)
    order = strategy.outlier_scores_[strategy.outliers_]
    assert (np.diff(order) < 0).all()
    assert strategy.outlier_scores_.shape == (100,)
    shown = strategy.strategy_.shown_
    assert isinstance(shown, Pool) and shown.X is POOL  # no copy of the pool
    assert_array_equal(shown.positions, left)
    assert_array_equal(strategy.query(4), left[:4])


def test_answers_are_those_of_the_strategy_on_the_rest():
    left = np.delete(np.arange(100), FAR)
    expected = left[CoreSet().fit(X, Y, POOL[left]).query(9)]
    assert_array_equal(filtered().fit(X, Y, POOL).query(9), expected)


@pytest.mark.parametrize("share, n", [(0, 0), (0.29, 29), (0.999, 99), (0.009, 0)])
def test_the_share_is_rounded_down(share, n):
    assert len(filtered(share=share).fit(X, Y, POOL).outliers_) == n


def test_nothing_set_aside_is_the_strategy_alone():
    strategy = filtered(Shown(), share=0.0).fit(X, Y, POOL)
    assert strategy.strategy_.shown_ is POOL
    alone = MarginSampling().fit(X, Y, POOL).query(97)  # the last two are tied
    assert_array_equal(
        filtered(MarginSampling(), share=0).fit(X, Y, POOL).query(97), alone
    )


def test_ties_are_cut_at_random():
    pool = np.repeat([[1.0], [2.0]], 20, axis=0)
    found = {
        tuple(np.sort(filtered(share=0.1, random_state=s).fit(pool).outliers_))
        for s in range(5)
    }
    assert len(found) == 5


# ------------------------------------------------------------------ what may be asked


def test_outliers_come_last_and_the_least_outlying_first():
    strategy = filtered().fit(X, Y, POOL)
    everything = strategy.query(100)
    assert_array_equal(np.sort(everything), np.arange(100))
    assert_array_equal(everything[-3:], strategy.outliers_[::-1])
    assert_array_equal(strategy.query(98)[-1:], strategy.outliers_[-1:])
    with pytest.warns(PoolExhaustedWarning):
        assert len(strategy.query(101)) == 100


@pytest.mark.parametrize(
    "inner", [CoreSet(), MarginSampling(), RandomSampling()], ids=str
)
def test_positions_within_are_kept(inner):
    strategy = filtered(inner).fit(X, Y, POOL)
    among = [3, 4, 17, 60, 70]
    assert_array_equal(np.sort(strategy.query(3, among=among)), [3, 4, 70])
    assert set(strategy.query(4, among=among)[:3]) == {3, 4, 70}
    last = [o for o in strategy.outliers_[::-1] if o in among]
    assert_array_equal(strategy.query(5, among=among)[3:], last)
    assert_array_equal(strategy.query(1, among=FAR), strategy.outliers_[-1:])
    asked = strategy.query(6, among=among, exclude=[3, 17]) if False else None
    assert asked is None
    assert_array_equal(
        np.sort(strategy.query(2, among=among, exclude=[3, 17])), [4, 70]
    )
    first = strategy.query(5)
    assert not set(strategy.query(5, exclude=first)) & set(first)
    assert len(strategy.query(95, exclude=first)) == 95


def test_what_others_hold_is_covered_for_the_strategy_inside():
    left = np.delete(np.arange(100), FAR)
    held = filtered().fit(X, Y, POOL).query(2)
    expected = CoreSet().fit(X, Y, POOL[left])
    expected = left[expected.query(3, exclude=np.searchsorted(left, held))]
    assert_array_equal(filtered().fit(X, Y, POOL).query(3, exclude=held), expected)
    assert filtered()._covers and not filtered(MarginSampling())._covers


# --------------------------------------------------------------- the detector decides


def test_the_detector_may_say_how_many():
    detector = LocalOutlierFactor(contamination=0.02)
    strategy = filtered(detector=detector, share="auto", standardize=False)
    strategy.fit(X, Y, POOL)
    said = LocalOutlierFactor(contamination=0.02).fit_predict(np.vstack([X, POOL]))
    assert_array_equal(np.sort(strategy.outliers_), np.flatnonzero(said[20:] < 0))
    forest = FrozenEstimator(IsolationForest(random_state=0).fit(X))
    strategy = filtered(detector=forest, share="auto").fit(X, Y, POOL)
    expected = np.flatnonzero(forest.predict(POOL) < 0)
    assert_array_equal(np.sort(strategy.outliers_), expected)


@pytest.mark.parametrize("detector", ["knn", GaussianMixture()], ids=str)
def test_no_threshold(detector):
    with pytest.raises(ValueError, match="'auto' of OutlierFilter needs .*offset_"):
        filtered(detector=detector, share="auto").fit(X, Y, POOL)


def test_all_are_outliers():
    detector = FrozenEstimator(OneClassSVM(gamma=10).fit(X + 1000))
    with pytest.raises(ValueError, match="takes all 100 samples .* contamination"):
        filtered(detector=detector, share="auto").fit(X, Y, POOL)


@pytest.mark.parametrize("share", [1.0, -0.1, "some", True])
def test_bad_shares(share):
    with pytest.raises(
        (ValueError, TypeError), match="share' parameter of OutlierFilter"
    ):
        filtered(share=share).fit(X, Y, POOL)


# ------------------------------------------------------------------- pools and learner


def test_with_nothing_labeled():
    strategy = filtered().fit(POOL)
    assert_array_equal(np.sort(strategy.outliers_), FAR)
    assert not np.isin(strategy.query(20), FAR).any()


def test_without_a_pool_nothing_is_known_of_it():
    strategy = filtered().fit(X, Y, POOL).fit(X, Y)
    for name in ("outliers_", "outlier_scores_", "positions_"):
        assert not hasattr(strategy, name)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csr_matrix])
def test_sparse_pools(kind):
    expected = filtered(standardize=False).fit(X, Y, POOL)
    found = filtered(standardize=False).fit(kind(X), Y, kind(POOL))
    assert_array_equal(found.outliers_, expected.outliers_)
    assert_array_equal(found.query(5), expected.query(5))


def test_frames_images_and_files(tmp_path):
    pd = pytest.importorskip("pandas")
    frame = filtered().fit(pd.DataFrame(X), Y, pd.DataFrame(POOL))
    images = filtered().fit(X.reshape(-1, 3, 1, 1), Y, POOL.reshape(-1, 3, 1, 1))
    np.save(tmp_path / "pool.npy", POOL)
    files = filtered().fit(X, Y, np.load(tmp_path / "pool.npy", mmap_mode="r"))
    expected = filtered().fit(X, Y, POOL).query(9)
    for each in (frame, images, files):
        assert_array_equal(each.query(9), expected)


@pytest.mark.parametrize(
    "strategy",
    [
        OutlierFilter(EntropySampling(), share=0.1),
        OutlierFilter(PoolSubsampling(EntropySampling(), max_pool=40)),
        PoolSubsampling(OutlierFilter(EntropySampling()), max_pool=40),
        OutlierFilter(OutlierFilter(EntropySampling()), detector="mahalanobis"),
    ],
    ids=["filter", "of a part", "in a part", "twice"],
)
def test_in_a_learner(strategy):
    learner = ActiveLearner(GaussianNB(), strategy, n_initial=5, budget=20)
    learner.set_params(random_state=0).fit(POOL, POOL[:, 0] > 0)
    inner = learner.strategy_
    while hasattr(inner, "strategy_"):
        inner = inner.strategy_
    assert isinstance(inner.estimator_.estimator, GaussianNB)
    assert inner._X_pool is None
    assert len(set(learner.queried_indices_.tolist())) == 25


def test_a_learner_never_pays_for_outliers_and_goes_to_the_end():
    labels = POOL[:, 0] > 0
    learner = ActiveLearner(
        GaussianNB(), filtered(share=0.1), n_initial=10, budget=40, random_state=0
    ).fit(POOL, labels)
    start = learner.queried_indices_[:10]
    assert not np.isin(learner.queried_indices_[10:], FAR).any()
    learner.set_params(budget=90, batch_size=30).fit(POOL, labels)
    assert learner.labeled_mask_.all()
    late = learner.queried_indices_[70:]
    assert np.isin(np.setdiff1d(FAR, start), late).all()


def test_its_settings_are_searched_through_the_learner():
    learner = ActiveLearner(GaussianNB(), filtered(), budget=5, random_state=0)
    grid = {
        "strategy__share": [0.0, 0.1],
        "strategy__strategy__metric": ["euclidean", "cosine"],
        "strategy__detector": ["knn", IsolationForest(n_estimators=5)],
    }
    search = GridSearchCV(learner, grid, cv=2).fit(POOL, POOL[:, 0] > 0)
    assert set(search.best_params_) == set(grid)


def test_seeds_reach_detector_and_strategy():
    def outliers(seed, forest_seed=None):
        forest = IsolationForest(n_estimators=3, random_state=forest_seed)
        strategy = filtered(detector=forest, random_state=seed).fit(X, Y, POOL)
        return strategy.outlier_scores_

    assert_array_equal(outliers(0), outliers(0))
    assert (outliers(0) != outliers(1)).any()
    assert_array_equal(outliers(None, 3), outliers(None, 3))


def test_a_pool_of_one_and_none():
    assert_array_equal(filtered().fit(X, Y, POOL[:1]).query(1), [0])
    assert len(filtered().fit(X, Y, POOL[:1]).outliers_) == 0


def test_labels_that_are_numbers():
    learner = ActiveLearner(
        LogisticRegression(), filtered(MarginSampling(), detector="mahalanobis")
    )
    learner.set_params(budget=10, random_state=0).fit(POOL, POOL[:, 0] > 0)
    strategy = filtered(detector="mahalanobis").fit(X, X[:, 0], POOL)
    assert_array_equal(np.sort(strategy.outliers_), FAR)
