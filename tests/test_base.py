"""The manners of the base classes, by hand."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import get_tags

from skactive import QueryStrategy
from skactive.base import EmbeddingStrategy, ScoreStrategy
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.diversity import CoreSet, RandomSampling
from skactive.exceptions import PoolExhaustedWarning
from skactive.testing import MockClassifier, all_strategies
from skactive.testing._problem import problem
from skactive.uncertainty import MarginSampling
from skactive.utils import _pool
from skactive.utils._pool import Pool

X = np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 0.0]])
Y = np.array([0, 1, 1])
X_POOL = np.array([[1.0, 5.0], [3.0, 1.0], [7.0, 7.0], [9.0, 3.0]])


class Answers(QueryStrategy):
    """Ask for what it was told to."""

    def __init__(self, answer=(0,)):
        self.answer = answer

    def _query(self, n):
        return self.answer


class Least(ScoreStrategy):
    """Ask for samples whose best class is least probable."""

    response_method = "predict_proba"

    def score_samples(self, X):
        return -self._predict_proba(X).max(axis=1)


class Given(ScoreStrategy):
    """Ask by the scores it was given."""

    def __init__(self, scores=(), *, random_state=None):
        super().__init__(None, random_state=random_state)
        self.scores = scores

    def score_samples(self, X):
        return self.scores


class Sees(EmbeddingStrategy):
    """Ask for the first rows, and remember what was seen."""

    def _select(self, Z, n, *, Z_labeled, random_state):
        type(self).seen = Z, Z_labeled, random_state
        return np.arange(n)


def seen(strategy):
    strategy.query(1)
    return type(strategy).seen


class PoolClassifier(ClassifierMixin, BaseEstimator):
    """Remembers the pool that it was shown."""

    def fit(self, X, y, X_pool="nothing"):
        self.shown_ = X_pool
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


class LabelEmbedding(TransformerMixin, BaseEstimator):
    """An embedding that cannot do without labels, and takes the pool."""

    def fit(self, X, y, X_pool=None):
        self.n_fitted_, self.shown_ = len(X), X_pool
        return self

    def transform(self, X):
        return np.asarray(X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


# ---------------------------------------------------------- the check of the answer


@pytest.mark.parametrize(
    "answer, fault",
    [
        ([0, 1, 2], "asked for 2 samples and answered with an array of shape"),
        ([0], "asked for 2 samples"),
        ([[0, 1]], r"shape \(1, 2\)"),
        (3, r"shape \(\)"),
        ([0.0, 1.0], "integer positions, got float64"),
        ([True, False], "integer positions, got bool"),
        ([0, 4], "outside the pool of 4 samples"),
        ([0, -1], "outside the pool"),
        ([2, 2], "the same position twice"),
    ],
)
def test_a_wrong_answer_is_refused_and_the_class_named(answer, fault):
    strategy = Answers(answer).fit(X, Y, X_POOL)
    with pytest.raises(RuntimeError, match=f"Answers.*{fault}"):
        strategy.query(2)


def test_a_right_answer_keeps_its_order_and_becomes_intp():
    answer = Answers(np.array([3, 0], dtype=np.uint8)).fit(X, Y, X_POOL).query(2)
    assert answer.dtype == np.intp and answer.tolist() == [3, 0]


def test_an_answer_belongs_to_the_caller():
    kept = np.array([3, 0], dtype=np.intp)
    Answers(kept).fit(X, Y, X_POOL).query(2)[:] = 1
    assert kept.tolist() == [3, 0]


def test_an_exhausted_pool_warns_where_the_user_called():
    strategy = RandomSampling(random_state=0).fit(X, Y, X_POOL)
    with pytest.warns(PoolExhaustedWarning, match="9 samples.*holds 4") as caught:
        answer = strategy.query(9)
    assert sorted(answer) == [0, 1, 2, 3]
    assert caught[0].filename == __file__


def test_an_empty_pool_is_exhausted_at_once():
    for strategy in (RandomSampling(), Least(), Sees()):
        strategy.fit(X, Y, X_POOL[:0])
        with pytest.warns(PoolExhaustedWarning):
            answer = strategy.query(1)
        assert answer.shape == (0,) and answer.dtype == np.intp


def test_a_dropped_pool_is_missed():
    for strategy in (RandomSampling(), Least(), Sees()):
        strategy.fit(X, Y, X_POOL)._drop_pool()
        with pytest.raises(ValueError, match="pass X_pool to fit"):
            strategy.query(1)


# -------------------------------------------------------------------- what goes in


def test_without_labels_and_pool_the_samples_are_the_pool():
    strategy = RandomSampling().fit(X_POOL)
    assert strategy.n_pool_ == 4 and sorted(strategy.query(4)) == [0, 1, 2, 3]


def test_with_labels_and_without_pool_there_is_nothing_to_ask():
    strategy = RandomSampling().fit(X, Y)
    assert strategy.n_pool_ == 0
    with pytest.raises(ValueError, match="RandomSampling.*pass X_pool to fit"):
        strategy.query()


def test_a_score_strategy_refuses_to_begin_cold():
    with pytest.raises(ValueError, match="requires y"):
        Least().fit(X_POOL)


def test_features_and_names_are_remembered():
    frame = pd.DataFrame(X, columns=["a", "b"])
    strategy = RandomSampling().fit(frame, Y, pd.DataFrame(X_POOL, columns=["a", "b"]))
    assert strategy.n_features_in_ == 2
    assert strategy.feature_names_in_.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    "pool, words",
    [
        (X_POOL[:, :1], "X_pool has samples of 1 features, but X .* 2 features"),
        (X_POOL.tolist()[0], r"X_pool has samples of shape \(\)"),
        (X_POOL.reshape(4, 1, 2), r"X_pool has samples of shape \(1, 2\)"),
        (sparse.csr_array(X_POOL[:, :1]), "1 features"),
    ],
)
def test_a_pool_of_another_shape_is_refused(pool, words):
    with pytest.raises(ValueError, match=words):
        RandomSampling().fit(X, Y, pool)


def test_frames_with_other_columns_are_refused():
    frame = pd.DataFrame(X, columns=["a", "b"])
    with pytest.raises(ValueError, match=r"different columns: \['b', 'a'\]"):
        RandomSampling().fit(frame, Y, pd.DataFrame(X_POOL, columns=["b", "a"]))


def test_a_column_of_labels_warns_as_scikit_learn_does():
    with pytest.warns(DataConversionWarning):
        strategy = Least().fit(X, Y[:, None], X_POOL)
    assert strategy.estimator_.classes_.tolist() == [0, 1]


def test_a_fit_that_was_refused_leaves_what_was():
    strategy = RandomSampling(random_state=0)
    with pytest.raises(ValueError, match="X_pool"):
        strategy.fit(X, Y, X_POOL[:, :1])
    with pytest.raises(NotFittedError):
        strategy.query(1)
    asked = strategy.fit(X, Y, X_POOL).query(2)
    for refused in [(X, Y, X_POOL[:, :1]), (X[:, :1], Y[:-1], X_POOL[:, :1])]:
        with pytest.raises(ValueError):
            strategy.fit(*refused)
        assert_array_equal(strategy.query(2), asked)
        assert strategy.n_features_in_ == 2


def test_a_fit_that_broke_down_halfway_is_no_fit():
    strategy = Least(LogisticRegression())
    with pytest.raises(ValueError, match="class"):
        strategy.fit(X, [1, 1, 1], X_POOL)
    with pytest.raises(NotFittedError):
        strategy.query(1)


# --------------------------------------------------------------------------- seeds


def forest_seeds(random_state, nested):
    pipe = make_pipeline(PCA(1), RandomForestClassifier(2, random_state=nested))
    fitted = Least(pipe, random_state=random_state).fit(X, Y, X_POOL).estimator_
    return fitted[0].random_state, fitted[1].random_state


def test_without_a_seed_nested_seeds_are_left_alone():
    assert forest_seeds(None, nested=3) == (None, 3)


def test_a_seed_reaches_every_nested_seed_and_overrides_it():
    first, second = forest_seeds(5, nested=3)
    assert isinstance(first, int) and isinstance(second, int)
    assert first != second and second != 3
    assert forest_seeds(5, nested=8) == (first, second)
    assert forest_seeds(6, nested=3) != (first, second)


def test_a_seed_reaches_the_embedding():
    strategy = Sees(PCA(1, svd_solver="randomized"), random_state=0).fit(X, Y, X_POOL)
    assert isinstance(strategy.embedding_.random_state, int)
    strategy = Sees(PCA(1, random_state=4)).fit(X, Y, X_POOL)
    assert strategy.embedding_.random_state == 4


def test_the_users_estimator_is_not_touched():
    forest = RandomForestClassifier(2)
    Least(forest, random_state=0).fit(X, Y, X_POOL)
    assert forest.random_state is None and not hasattr(forest, "estimators_")


def test_a_generator_moves_on_with_each_fit_and_not_with_queries():
    rng = np.random.RandomState(0)
    pool = np.arange(100.0)[:, None]
    strategy = RandomSampling(random_state=rng)
    first = strategy.fit(pool).query(100)
    assert_array_equal(strategy.query(100), first)
    assert strategy.fit(pool).query(100).tolist() != first.tolist()


def test_a_query_has_a_generator_of_its_own_each_time():
    strategy = Sees(random_state=0).fit(X, Y, X_POOL)
    first, second = seen(strategy)[2], seen(strategy)[2]
    assert first is not second
    assert first.randint(10**6) == second.randint(10**6)


# -------------------------------------------------------------------------- scores


@pytest.mark.parametrize(
    "n, expected", [(1, [2]), (2, [2, 0]), (3, [2, 0, 3]), (4, [2, 0, 3, 1])]
)
def test_the_highest_scores_come_first(n, expected):
    strategy = Given([0.5, -1.0, 3.0, 0.25]).fit(X, Y, X_POOL)
    assert strategy.query(n).tolist() == expected


def test_ties_are_broken_by_the_seed_and_not_by_position():
    pool = np.zeros((40, 2))
    queries = [
        Given(np.zeros(40), random_state=seed).fit(X, Y, pool).query(5).tolist()
        for seed in (0, 0, 1)
    ]
    assert queries[0] == queries[1] != queries[2]
    assert queries[0] != [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "scores, fault",
    [
        ([1.0, 2.0], r"shape \(4,\); got \(2,\)"),
        ([[1.0], [2.0], [3.0], [4.0]], r"got \(4, 1\)"),
        ([0.0, 1.0, np.nan, np.inf], "2 scores .* not finite, .* position 2"),
    ],
)
def test_wrong_scores_are_refused_and_the_class_named(scores, fault):
    strategy = Given(scores).fit(X, Y, X_POOL)
    with pytest.raises(RuntimeError, match=f"Given.score_samples.*{fault}"):
        strategy.query(1)


def test_fixed_probabilities_give_the_order_worked_out_by_hand():
    table = [[0.6, 0.3, 0.1], [0.4, 0.35, 0.25], [0.9, 0.05, 0.05], [0.5, 0.5, 0.0]]
    model = MockClassifier(table)
    strategy = Least(model).fit([[0], [1], [2]], [0, 1, 2], [[2], [0], [3], [1]])
    assert_array_equal(
        strategy.score_samples([[2], [0], [3], [1]]), [-0.9, -0.6, -0.5, -0.4]
    )
    assert strategy.query(4).tolist() == [3, 2, 1, 0]


def test_an_estimator_without_the_needed_method_is_refused_before_it_is_fitted():
    class Unfittable(Perceptron):
        def fit(self, X, y):
            raise AssertionError("fitted in vain")

    with pytest.raises(ValueError, match=r"Least needs .* predict_proba.*Calibrated"):
        Least(Unfittable()).fit(X, Y, X_POOL)


@pytest.mark.parametrize("dtype", [int, bool, np.float32])
def test_sure_probabilities_are_taken_in_any_dtype(dtype):
    class Sure(PoolClassifier):
        def predict_proba(self, X):
            return np.array([[1, 0]] * len(X), dtype=dtype)

    proba = Least(Sure()).fit(X, Y, X_POOL)._predict_proba(X_POOL)
    assert proba.dtype.kind == "f"
    assert_array_equal(proba, [[1, 0]] * len(X_POOL))


@pytest.mark.parametrize("proba", [[["1", "0"]] * 4, [0.1] * 4])
def test_probabilities_that_are_none_are_refused(proba):
    class Odd(PoolClassifier):
        def predict_proba(self, X):
            return np.array(proba)

    with pytest.raises(ValueError, match="must return numbers of shape"):
        Least(Odd()).fit(X, Y, X_POOL).query(1)


def test_a_frozen_estimator_is_asked_and_not_fitted_again():
    model = MockClassifier([[0.6, 0.4], [0.9, 0.1]]).fit()
    strategy = Least(FrozenEstimator(model), random_state=0)
    strategy.fit([[0], [1]], [0, 1], [[1], [0]])
    assert strategy.estimator_.estimator is model and model.n_fits_ == 1
    assert strategy.query(1).tolist() == [1]


def test_an_estimator_that_wants_the_pool_is_shown_it():
    assert Least(PoolClassifier()).fit(X, Y, X_POOL).estimator_.shown_ is X_POOL
    assert Least(PoolClassifier()).fit(X, Y).estimator_.shown_ == "nothing"


def test_the_default_estimator_is_a_logistic_regression():
    assert isinstance(Least().fit(X, Y, X_POOL).estimator_, LogisticRegression)


def test_scoring_before_fit_is_refused():
    with pytest.raises(NotFittedError):
        Least().score_samples(X_POOL)


# ---------------------------------------------------------------------- embeddings


def test_an_embedding_without_labels_learns_from_all_samples():
    strategy = Sees(StandardScaler()).fit(X, Y, X_POOL)
    assert_array_equal(strategy.embedding_.mean_, np.vstack([X, X_POOL]).mean(axis=0))
    Z, Z_labeled, _ = seen(strategy)
    assert_array_equal(Z, strategy.embedding_.transform(X_POOL))
    assert_array_equal(Z_labeled, strategy.embedding_.transform(X))


def test_an_embedding_with_labels_learns_from_the_labeled_and_is_shown_the_pool():
    strategy = Sees(LabelEmbedding()).fit(X, Y, X_POOL)
    assert strategy.embedding_.n_fitted_ == 3
    assert strategy.embedding_.shown_ is X_POOL
    assert seen(Sees(LinearDiscriminantAnalysis()).fit(X, Y, X_POOL))[0].shape == (4, 1)


def test_a_pipeline_needs_labels_if_a_step_does():
    pipe = make_pipeline(StandardScaler(), LabelEmbedding())
    strategy = Sees(pipe).fit(X, Y, X_POOL)
    assert_array_equal(strategy.embedding_[0].mean_, X.mean(axis=0))
    with pytest.raises(ValueError, match=r"requires y|needs labels"):
        Sees(pipe).fit(X_POOL)


def test_a_cold_start_has_no_labeled_embedding():
    strategy = Sees(StandardScaler()).fit(X_POOL)
    assert_array_equal(strategy.embedding_.mean_, X_POOL.mean(axis=0))
    Z, Z_labeled, _ = seen(strategy)
    assert Z.shape == (4, 2) and Z_labeled is None


def test_a_frozen_embedding_is_not_fitted_again():
    scaler = StandardScaler().fit(X)
    strategy = Sees(FrozenEstimator(scaler)).fit(X, Y, X_POOL)
    assert_array_equal(strategy.embedding_.mean_, X.mean(axis=0))
    with pytest.raises(NotFittedError):
        Sees(FrozenEstimator(StandardScaler())).fit(X, Y, X_POOL)


def test_images_are_flattened_without_an_embedding():
    images = np.arange(4 * 12.0).reshape(4, 3, 2, 2)
    Z, Z_labeled, _ = seen(Sees().fit(images[:3], Y, images))
    assert_array_equal(Z, images.reshape(4, 12))
    assert Z_labeled.shape == (3, 12)


@pytest.mark.parametrize(
    "dtype, expected",
    [
        (np.float64, np.float64),
        (np.float32, np.float32),
        (np.float16, np.float32),
        (np.uint8, np.float32),
        (np.int64, np.float64),
    ],
)
def test_precision_is_kept_where_it_suffices(dtype, expected):
    Z, Z_labeled, _ = seen(Sees().fit(X.astype(dtype), Y, X_POOL.astype(dtype)))
    assert Z.dtype == Z_labeled.dtype == expected


def test_labeled_samples_follow_the_precision_of_the_pool():
    Z, Z_labeled, _ = seen(Sees().fit(X, Y, X_POOL.astype(np.float32)))
    assert Z.dtype == Z_labeled.dtype == np.float32
    Z, Z_labeled, _ = seen(Sees().fit(X.astype(np.float32), Y, X_POOL))
    assert Z.dtype == Z_labeled.dtype == np.float64


def test_sparse_samples_stay_sparse():
    Z, Z_labeled, _ = seen(Sees().fit(sparse.csr_array(X), Y, sparse.csc_array(X_POOL)))
    assert Z.format == Z_labeled.format == "csr"
    assert_array_equal(Z.toarray(), X_POOL)


@pytest.mark.parametrize("embedding", [None, StandardScaler(with_mean=False)])
def test_sparse_beside_dense_is_refused(embedding):
    with pytest.raises(ValueError, match="both be sparse or both be dense"):
        Sees(embedding).fit(sparse.csr_array(X), Y, X_POOL)
    with pytest.raises(ValueError, match="both be sparse or both be dense"):
        Sees(embedding).fit(X, Y, sparse.csr_array(X_POOL))


def test_nan_is_refused_and_its_array_named():
    bad = X_POOL.copy()
    bad[1, 1] = np.nan
    with pytest.raises(ValueError, match=r"(?s)X_pool contains NaN"):
        Sees().fit(X, Y, bad)
    with pytest.raises(ValueError, match=r"(?s)Input X contains NaN"):
        Sees().fit(np.full_like(X, np.nan), Y, X_POOL)


# ------------------------------------------------------------- tags, pipelines, text


def test_tags_follow_the_parts():
    assert get_tags(Least()).target_tags.required
    assert not get_tags(Sees()).target_tags.required
    assert get_tags(Sees(LabelEmbedding())).target_tags.required
    assert get_tags(Least(RandomForestClassifier())).input_tags.allow_nan
    assert not get_tags(Least()).input_tags.allow_nan
    assert get_tags(Sees()).input_tags.sparse
    assert not get_tags(Sees(LinearDiscriminantAnalysis())).input_tags.sparse


@pytest.mark.parametrize("strategy", [Sees(), Least()])
def test_a_pipeline_hands_over_the_pool_it_has_transformed(strategy):
    with sklearn.config_context(enable_metadata_routing=True):
        pipe = make_pipeline(StandardScaler(), strategy, transform_input=["X_pool"])
        pipe.fit(X, Y, X_pool=X_POOL)
        scaled = StandardScaler().fit(X).transform(X_POOL)
        assert_array_equal(pipe[-1]._X_pool, scaled)
        assert len(pipe[-1].query(2)) == 2


def test_texts_reach_a_vectorizer_as_they_are():
    texts, labels = ["good film", "bad film", "good plot"], ["+", "-", "+"]
    pool = ["good good good", "film", "nothing known", "bad plot"]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    strategy = Least(model, random_state=0).fit(texts, labels, pool)
    proba = strategy.estimator_.predict_proba(pool).max(axis=1)
    assert strategy.query(4).tolist() == np.argsort(proba).tolist()
    Z, Z_labeled, _ = seen(Sees(TfidfVectorizer()).fit(texts, labels, pool))
    words = {"good", "film", "bad", "plot", "nothing", "known"}
    assert Z.shape == (4, len(words)) and Z_labeled.shape == (3, len(words))
    assert sorted(RandomSampling().fit(texts, labels, pool).query(4)) == [0, 1, 2, 3]


def test_a_series_of_texts_is_asked_by_position():
    pool = pd.Series(["good", "bad"], index=[7, 9])
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    strategy = Least(model).fit(pd.Series(["good film", "bad film"]), [1, 0], pool)
    assert sorted(strategy.query(2)) == [0, 1]


def test_hooks_must_be_written():
    for base in (QueryStrategy, ScoreStrategy, EmbeddingStrategy):
        with pytest.raises(TypeError, match="abstract"):
            base()


def test_nothing_warns_on_the_way():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for strategy in (Least(), Sees(), RandomSampling()):
            strategy.fit(X, Y, X_POOL).query(4)


@pytest.mark.parametrize(
    "y",
    [
        np.array([0.0, 1.0, np.nan, 1.0]),
        np.array([0, 1, None, 1], dtype=object),
        ["a", "b", None, "a"],
        np.ma.MaskedArray([0, 1, 0, 1], mask=[0, 0, 1, 0]),
    ],
)
@pytest.mark.parametrize("strategy", [MarginSampling(), RandomSampling(), CoreSet()])
def test_missing_labels_given_to_a_strategy_are_refused(y, strategy):
    X = np.arange(8.0).reshape(4, 2)
    with pytest.raises(ValueError, match=r"y holds 1 missing labels.*X_pool"):
        strategy.fit(X, y, X)


@pytest.mark.parametrize("strategy", all_strategies(), ids=lambda cls: cls.__name__)
def test_labels_kept_as_objects_are_labels(strategy):
    """As in labels_ of a learner, and in any y that had gaps."""
    settings = {"n_members": 4} if strategy.__name__ == "QueryByCommittee" else {}
    X, y, X_pool = problem()
    for labels in (y, np.array(["a", "b", "c"])[y]):
        one, other = (strategy(random_state=0, **settings) for _ in range(2))
        picks = one.fit(X, labels, X_pool).query(3)
        assert_array_equal(other.fit(X, labels.astype(object), X_pool).query(3), picks)


def test_by_the_habit_of_another_library_the_pool_is_passed_to_query():
    strategy = RandomSampling().fit([[0.0]], [0], [[1.0], [2.0]])
    with pytest.raises(TypeError, match=r"how many samples.*got ndarray. The pool is"):
        strategy.query(np.zeros((500, 20)))


@pytest.mark.parametrize(
    "shape, other, fits",
    [
        ((1, 8, 8), (1, 6, 9), True),
        ((8, 8, 3), (6, 9, 3), True),  # of a detector that takes channels last
        ((3, 8, 8), (1, 8, 8), False),
        ((8, 8, 3), (8, 8, 1), False),
        ((1, 8, 8), (8, 8), False),
        ((8,), (9,), False),
    ],
)
def test_a_pool_beside_boxes_may_differ_in_size_alone(shape, other, fits):
    X, X_pool = np.zeros((2, *shape)), np.zeros((3, *other))
    boxes = [{"boxes": [], "labels": []}] * 2
    strategy = RandomSampling(random_state=0)
    if fits:
        assert len(strategy.fit(X, boxes, X_pool).query(2)) == 2
    else:
        with pytest.raises(ValueError, match="needs the same shape"):
            strategy.fit(X, boxes, X_pool)
    with pytest.raises(ValueError, match="needs the same shape"):
        strategy.fit(X, [0, 1], X_pool)


# ------------------------------------------------ pools by reference, in blocks


class ByFirstColumn(ScoreStrategy):
    """Scores by the first column, and keeps how many samples it was shown."""

    def score_samples(self, X):
        self.__dict__.setdefault("shown_", []).append(len(X))
        return np.asarray(X)[:, 0]


class AllAtOnce(ByFirstColumn):
    """Says that its scores depend on the whole batch."""

    blockwise = False

    def score_samples(self, X):
        return super().score_samples(X) - np.mean(X)


def numbered(n=100):
    X = np.arange(2.0 * n).reshape(n, 2)
    X[:, 0] = np.random.RandomState(0).permutation(n)
    return X


def in_blocks_of(size, monkeypatch):
    monkeypatch.setattr(_pool, "block_size", lambda X: size)


@pytest.mark.parametrize("by_reference", [False, True])
def test_a_pool_is_scored_block_by_block(by_reference, monkeypatch):
    in_blocks_of(30, monkeypatch)
    X, y = numbered(), np.arange(100) % 2
    rows = np.delete(np.arange(100), [3, 50, 51, 52, 53, 99])
    pool = Pool(X, rows) if by_reference else X[rows]
    strategy = ByFirstColumn(random_state=0).fit(X[:10], y[:10], pool)
    best = rows[np.argsort(-X[rows, 0])[:7]]
    assert_array_equal(rows[strategy.query(7)], best)
    # Slices with one row in vain, and rows where four of thirty are labeled.
    assert strategy.shown_ == ([30, 26, 30, 10] if by_reference else [30, 30, 30, 4])


def test_a_strategy_may_ask_for_the_whole_pool(monkeypatch):
    in_blocks_of(30, monkeypatch)
    X, rows = numbered(), np.arange(5, 100)
    strategy = AllAtOnce().fit(X[:10], np.arange(10) % 2, Pool(X, rows))
    strategy.query(3)
    assert strategy.shown_ == [95]


def test_a_row_nobody_asks_about_does_no_harm(monkeypatch):
    in_blocks_of(30, monkeypatch)
    X, y = numbered(), np.arange(100) % 2
    X[40] = np.nan  # as a sample that was skipped
    rows = np.delete(np.arange(100), 40)
    asked = MarginSampling(random_state=0).fit(X[:10], y[:10], Pool(X, rows)).query(5)
    expected = MarginSampling(random_state=0).fit(X[:10], y[:10], X[rows]).query(5)
    assert_array_equal(asked, expected)


@pytest.mark.parametrize(
    "strategy",
    [
        MarginSampling(),
        CoreSet(),
        CoreSet(FunctionTransformer()),
        PoolSubsampling(MarginSampling(), max_pool=1000),
        StochasticBatch(MarginSampling()),
    ],
    ids=["score", "features", "embedding", "part", "drawn"],
)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_named_by_its_row(strategy, bad, monkeypatch):
    in_blocks_of(30, monkeypatch)
    X, y = numbered(), np.arange(100) % 2
    X[71, 1] = bad
    rows = np.delete(np.arange(100), [3, 50])
    for pool, name in ((Pool(X, rows), r"row 71 of X\.$"), (X, r"row 71 of X_pool\.$")):
        with pytest.raises(ValueError, match=name):
            clone(strategy).fit(X[:10], y[:10], pool).query(5)


def test_scores_that_are_not_finite_are_named_by_their_row(monkeypatch):
    in_blocks_of(30, monkeypatch)
    X, rows = numbered(), np.delete(np.arange(100), [3, 50])
    X[71, 0] = np.nan
    strategy = ByFirstColumn(DummyClassifier())
    strategy.fit(X[:10], np.arange(10) % 2, Pool(X, rows))
    with pytest.raises(RuntimeError, match="1 scores.*position 69 .*, row 71 of X"):
        strategy.query(3)


def test_probabilities_that_are_wrong_are_named_by_their_row(monkeypatch):
    class Odd(DummyClassifier):
        def predict_proba(self, X):
            proba = np.full((len(X), 2), 0.5)
            proba[np.asarray(X)[:, 1] == 143] = 0.7  # row 71
            return proba

    in_blocks_of(30, monkeypatch)
    X, rows = numbered(), np.delete(np.arange(100), [3, 50])
    strategy = MarginSampling(Odd()).fit(X[:10], np.arange(10) % 2, Pool(X, rows))
    with pytest.raises(ValueError, match="does not sum to 1.*\n.*row 71 of X"):
        strategy.query(3)


def test_hooks_are_given_the_samples_and_no_pool(monkeypatch):
    class Own(ByFirstColumn):
        def _fit(self, X, y, X_pool):
            super()._fit(X, y, X_pool)
            self.seen_ = X_pool

        def _query(self, n):
            assert type(self._X_pool) is pd.DataFrame
            return super()._query(n)

    X, rows = pd.DataFrame(numbered(), columns=["a", "b"]), np.arange(9, 100)
    strategy = Own().fit(X[:10], np.arange(10) % 2, Pool(X, rows))
    assert type(strategy.seen_) is pd.DataFrame
    assert_array_equal(strategy.seen_, X.iloc[rows])
    assert len(strategy.query(3)) == 3
    strategy._drop_pool()
    assert strategy._X_pool is None


def test_an_embedding_sees_the_pool_block_by_block(monkeypatch):
    shown = []

    class Tells(FunctionTransformer):
        def transform(self, X):
            shown.append(X.shape[0])
            return super().transform(X)

    in_blocks_of(30, monkeypatch)
    X, rows = numbered(), np.arange(5, 100)
    strategy = CoreSet(Tells(), random_state=0)
    asked = clone(strategy).fit(X[:5], np.arange(5), Pool(X, rows)).query(8)
    assert shown == [5, 25, 30, 30, 10]  # as slices of X, of which 5 are labeled
    expected = CoreSet(random_state=0).fit(X[:5], np.arange(5), X[rows]).query(8)
    assert_array_equal(asked, expected)
    shown.clear()
    CoreSet(Tells()).fit(sparse.csr_array(X)).query(8)
    assert shown == [30, 30, 30, 10]


class OneScore(ScoreStrategy):
    """Ask for what is least like class 0."""

    def score_samples(self, X):
        return 1 - self._predict_proba(X)[:, 0]


def test_probabilities_of_several_labels_are_no_distribution():
    """A strategy that takes them for one fails, where it does not say so itself."""
    X, Y = np.arange(24.0).reshape(12, 2), np.arange(24).reshape(12, 2) % 3 // 2
    for model in (OneVsRestClassifier(LogisticRegression()), DecisionTreeClassifier()):
        strategy = OneScore(model).fit(X, Y, X[:4])
        with pytest.raises(ValueError, match="OneScore needs one class per sample"):
            strategy.query(1)
        assert OneScore(model).fit(X, Y[:, 0], X[:4]).query(1).shape == (1,)
        strategy.takes_columns = False
        with pytest.raises(ValueError, match="BinMin"):
            strategy.fit(X, Y, X[:4])
