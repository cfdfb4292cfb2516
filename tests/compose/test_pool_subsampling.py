"""PoolSubsampling: the strategy sees a part, the answer speaks of the whole."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import ClassifierMixin, is_classifier
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from skactive import ActiveLearner, QueryStrategy
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.diversity import CoreSet, RandomSampling
from skactive.exceptions import PoolExhaustedWarning
from skactive.uncertainty import EntropySampling, MarginSampling


class WholePool(QueryStrategy):
    """Ask for the first samples; keeps what it was shown."""

    def _fit(self, X, y, X_pool):
        self.shown_ = X_pool

    def _query(self, n):
        return np.arange(n)


@pytest.fixture
def data():
    X, y = make_classification(150, 5, random_state=0)
    return X[:40], y[:40], X[40:]


def part_of(X_pool, **params):
    params = {"max_pool": 12, "random_state": 0, **params}
    n = X_pool.shape[0] if hasattr(X_pool, "shape") else len(X_pool)
    labeled = X_pool[:3] if not hasattr(X_pool, "iloc") else X_pool.iloc[:3]
    strategy = PoolSubsampling(WholePool(), **params)
    strategy.fit(labeled, [0, 1, 0], X_pool)
    assert strategy.n_pool_ == n
    return strategy


# --------------------------------------------------------------------------- the part


def test_answers_are_positions_in_the_whole_pool(data):
    X, y, X_pool = data
    strategy = PoolSubsampling(CoreSet(), max_pool=30, random_state=0).fit(*data)
    part = strategy.positions_
    assert part.shape == (30,)
    assert (np.diff(part) > 0).all()
    expected = part[CoreSet().fit(X, y, X_pool[part]).query(5)]
    assert_array_equal(strategy.query(5), expected)


def test_all_of_the_part_can_be_asked_for_and_no_more(data):
    strategy = PoolSubsampling(CoreSet(), max_pool=30, random_state=0).fit(*data)
    assert_array_equal(np.sort(strategy.query(30)), strategy.positions_)
    with pytest.raises(ValueError, match=r"shown 30 of the 110 .* raise max_pool"):
        strategy.query(31)


def test_more_than_the_whole_pool_is_refused_too(data):
    strategy = PoolSubsampling(CoreSet(), max_pool=30).fit(*data)
    with pytest.warns(PoolExhaustedWarning), pytest.raises(ValueError, match="110"):
        strategy.query(200)


@pytest.mark.parametrize("max_pool", [110, 10_000])
def test_a_pool_that_is_not_larger_is_handed_over_as_it_is(data, max_pool):
    strategy = PoolSubsampling(WholePool(), max_pool=max_pool).fit(*data)
    assert strategy.strategy_.shown_ is data[2]
    margin = PoolSubsampling(MarginSampling(), max_pool=max_pool).fit(*data)
    assert_array_equal(margin.query(9), MarginSampling().fit(*data).query(9))


def test_every_sample_is_drawn_as_often_as_another():
    X_pool = np.zeros((20, 1))
    counts = np.zeros(20)
    for seed in range(500):
        counts[part_of(X_pool, max_pool=5, random_state=seed).positions_] += 1
    assert (np.abs(counts - 125) < 5 * np.sqrt(125 * 0.75)).all()


def test_seeds_decide_what_is_drawn(data):
    def drawn(seed):
        return PoolSubsampling(max_pool=30, random_state=seed).fit(*data).positions_

    assert_array_equal(drawn(0), drawn(0))
    assert (drawn(0) != drawn(1)).any()
    assert (drawn(None) != drawn(None)).any()


def test_without_a_seed_of_its_own_the_strategy_keeps_that_of_the_user(data):
    inner = RandomSampling(random_state=3)
    assert PoolSubsampling(inner).fit(*data).strategy_.random_state == 3
    assert PoolSubsampling(inner, random_state=0).fit(*data).strategy_ is not inner


def test_fitted_again_without_a_pool_it_forgets_the_part(data):
    X, y, _ = data
    strategy = PoolSubsampling(CoreSet(), max_pool=30).fit(*data).fit(X, y)
    assert not hasattr(strategy, "positions_")
    assert strategy.n_pool_ == 0
    with pytest.raises(ValueError, match="without a pool"):
        strategy.query(1)


# ------------------------------------------------------------------- kinds of a pool


def test_with_nothing_labeled_the_pool_is_drawn_from(data):
    strategy = PoolSubsampling(CoreSet(), max_pool=30, random_state=0).fit(data[2])
    assert np.isin(strategy.query(5), strategy.positions_).all()
    assert strategy.strategy_.n_pool_ == 30


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.coo_array, sparse.csc_array])
def test_sparse_pools(kind):
    dense = np.arange(40.0).reshape(20, 2)
    strategy = PoolSubsampling(CoreSet(), max_pool=12, random_state=0)
    strategy.fit(kind(dense[:3]), [0, 1, 0], kind(dense))
    same = PoolSubsampling(CoreSet(), max_pool=12, random_state=0)
    same.fit(dense[:3], [0, 1, 0], dense)
    assert_array_equal(strategy.query(4), same.query(4))


def test_data_frames_keep_their_columns():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": np.arange(20.0), "b": list("xy" * 10)})
    strategy = part_of(frame)
    shown = strategy.strategy_.shown_
    pd.testing.assert_frame_equal(shown, frame.iloc[strategy.positions_])


def test_images_and_lists_of_texts():
    images = np.random.RandomState(0).rand(20, 3, 4, 4).astype(np.float32)
    strategy = part_of(images)
    assert_array_equal(strategy.strategy_.shown_, images[strategy.positions_])
    texts = [f"text {i}" for i in range(20)]
    strategy = part_of(texts)
    assert strategy.strategy_.shown_ == [texts[i] for i in strategy.positions_]


def test_files_are_read_in_part(tmp_path):
    rows = np.arange(40.0).reshape(20, 2)
    np.save(tmp_path / "pool.npy", rows)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    strategy = part_of(mapped)
    assert_array_equal(strategy.strategy_.shown_, rows[strategy.positions_])


# ---------------------------------------------------------------------- in a learner


def test_the_learner_lends_its_model_to_the_inner_strategy(data):
    X, y, _ = data
    strategy = PoolSubsampling(StochasticBatch(EntropySampling()), max_pool=15)
    learner = ActiveLearner(GaussianNB(), strategy, n_initial=10, budget=5)
    learner.set_params(batch_size=2, random_state=0).fit(X, y)
    inner = learner.strategy_.strategy_.strategy_
    assert isinstance(inner.estimator_.estimator, GaussianNB)
    assert inner._X_pool is None
    assert len(set(learner.queried_indices_.tolist())) == 15


class Joint(ClassifierMixin, QueryStrategy):
    """Ask at random; predict with a model of its own, or the one that was given."""

    def __init__(self, estimator=None, random_state=None):
        self.estimator = estimator
        self.random_state = random_state

    def _fit(self, X, y, X_pool):
        assert self.estimator is None
        self.model_ = GaussianNB().fit(X, y)
        self.classes_ = self.model_.classes_

    def _query(self, n):
        return self._query_random_state().permutation(self.n_pool_)[:n]

    def predict(self, X):
        return self.model_.predict(X)

    def predict_proba(self, X):
        return self.model_.predict_proba(X)


def test_a_strategy_that_predicts_still_does(data):
    X, y, X_pool = data
    strategy = PoolSubsampling(Joint(), max_pool=30).fit(*data)
    model = GaussianNB().fit(X, y)
    assert is_classifier(strategy)
    assert_array_equal(strategy.classes_, model.classes_)
    assert_array_equal(strategy.predict_proba(X_pool), model.predict_proba(X_pool))
    assert strategy.score(X, y) == model.score(X, y)
    first = np.arange(len(y)) == 0
    assert strategy.score(X, y, first) == (model.predict(X[:1]) == y[0])
    silent = PoolSubsampling(CoreSet()).fit(*data)
    for name in ("predict", "predict_proba", "score", "classes_"):
        assert not hasattr(silent, name)
    assert not is_classifier(silent)


def test_a_strategy_that_predicts_is_the_model_of_the_learner(data):
    X, y, _ = data
    strategy = PoolSubsampling(Joint(), max_pool=12)
    learner = ActiveLearner(strategy=strategy, n_initial=10, budget=5, random_state=0)
    learner.fit(X, y)
    assert learner.estimator_ is learner.strategy_
    assert learner.strategy_.positions_.shape == (12,)
    assert_array_equal(learner.predict(X), learner.estimator_.strategy_.predict(X))


def test_a_strategy_that_predicts_only_selects_for_another_model(data):
    X, y, _ = data
    strategy = PoolSubsampling(Joint(), max_pool=12)
    learner = ActiveLearner(GaussianNB(), strategy, n_initial=10, budget=5)
    learner.fit(X, y)
    assert isinstance(learner.estimator_, GaussianNB)
    assert learner.strategy_.strategy_.estimator is None


def test_its_settings_are_searched_through_the_learner(data):
    X, y, _ = data
    strategy = PoolSubsampling(CoreSet(), max_pool=10)
    learner = ActiveLearner(GaussianNB(), strategy, budget=5, random_state=0)
    grid = {
        "strategy__max_pool": [5, 10],
        "strategy__strategy__metric": ["euclidean", "cosine"],
    }
    search = GridSearchCV(learner, grid, cv=2).fit(X, y)
    assert set(search.best_params_) == set(grid)


def test_bad_input_is_refused(data):
    with pytest.raises(TypeError, match="max_pool' parameter of"):
        PoolSubsampling(max_pool=0.1).fit(*data)
    with pytest.raises(ValueError, match="max_pool' parameter of"):
        PoolSubsampling(max_pool=0).fit(*data)
    with pytest.raises(TypeError, match="strategy' parameter of"):
        PoolSubsampling(GaussianNB()).fit(*data)
