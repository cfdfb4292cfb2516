"""PartitionedSampling: parts are asked, and the answer is one of the whole pool."""

import pickle

import numpy as np
import pytest
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.datasets import make_blobs, make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.compose import (
    NeighborhoodSampling,
    PartitionedSampling,
    StochasticBatch,
)
from skactive.compose._inner import _flatten
from skactive.disagreement import BatchBALD, QueryByCommittee
from skactive.diversity import (
    BADGE,
    CoreSet,
    KMeansSampling,
    MaxHerding,
    ProbCover,
    RandomSampling,
    SigmaOpt,
    TypiClust,
    UncertaintyHerding,
    VOpt,
)
from skactive.exceptions import PoolExhaustedWarning
from skactive.graph import SparseLabelPropagation, SparseLabelSpreading
from skactive.learner._run import Run
from skactive.lookahead import MCVOpt, ModelChange
from skactive.testing import all_strategies, parametrize_with_checks
from skactive.uncertainty import EntropySampling, HistorySampling, MarginSampling
from skactive.utils._pool import Pool


@pytest.fixture
def data():
    X, y = make_classification(240, 5, random_state=0)
    return X[:40], y[:40], X[40:]


SCORES = [cls for cls in all_strategies() if issubclass(cls, ScoreStrategy)]


# --------------------------------------------------------------------------- scores


@pytest.mark.parametrize("cls", SCORES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("n_parts", [1, 3, 200])
def test_scores_in_parts_are_those_of_one_machine(cls, n_parts, data):
    """The scores of a part, to the bit, and of them the best."""
    parts = PartitionedSampling(cls(), n_parts=n_parts, random_state=0).fit(*data)
    whole = parts.strategy_.score_samples(data[2])
    asked = parts.query(12)
    assert_array_equal(asked, parts.strategy_.query(12))
    assert_array_equal(np.sort(whole[asked])[::-1], whole[asked])
    assert_array_equal(np.sort(whole)[::-1][:12], whole[asked])


@pytest.mark.parametrize(
    "model", [RandomForestClassifier(5), DecisionTreeClassifier(max_depth=2)]
)
@pytest.mark.parametrize("cls", [MarginSampling, EntropySampling])
def test_ties_do_not_depend_on_the_parts(cls, model, data):
    answers = [
        PartitionedSampling(cls(model), n_parts=m, random_state=0).fit(*data).query(90)
        for m in (1, 2, 3, 7, 200)
    ]
    whole = cls(model, random_state=0).fit(*data)
    assert len(np.unique(whole.score_samples(data[2]))) < 100  # there are many
    seeded = PartitionedSampling(cls(model), random_state=0).fit(*data).strategy_
    for answer in answers:
        assert_array_equal(answer, seeded.query(90))


def test_a_learner_lends_its_model_and_asks_as_before(data):
    X, y = make_classification(150, 5, random_state=0)
    model, settings = GaussianNB(), {"budget": 20, "batch_size": 5, "random_state": 0}
    one = ActiveLearner(model, MarginSampling(), **settings).fit(X, y)
    parts = PartitionedSampling(MarginSampling(), n_parts=3)
    many = ActiveLearner(model, parts, **settings).fit(X, y)
    assert_array_equal(many.queried_indices_, one.queried_indices_)
    assert many.strategy_.strategy_.estimator_ is not None
    assert_array_equal(
        pickle.loads(pickle.dumps(many)).predict(X[:9]), many.predict(X[:9])
    )


# -------------------------------------------------------------------------- k-center


def radius_of(X, picks):
    at = (
        np.r_[X[0], X[2][picks]]
        if np.ndim(X[0]) == 1
        else np.vstack([X[0], X[2][picks]])
    )
    return np.sqrt(((X[2][:, None] - at) ** 2).sum(axis=2)).min(axis=1).max()


def test_the_line_worked_out_by_hand():
    line = np.array([0.0, 1, 2, 3, 10, 11, 12, 20])[:, None]
    strategy = PartitionedSampling(n_parts=2).fit([[5.5]], [0], line)
    assert strategy.query(2).tolist() == [7, 6]
    sure = strategy.certificate_
    assert (sure.radius_bound, sure.optimum_bound) == (7.5, 2.75)
    assert sure.factor == pytest.approx(7.5 / 2.75)


@pytest.mark.parametrize("order", ["random", "sorted"])
def test_core_set_is_near_one_machine_and_certified(order):
    X, _ = make_blobs(2000, 8, centers=30, random_state=0)
    if order == "sorted":
        X = X[np.argsort(X[:, 0])]
    data = (X[::100], np.zeros(20), X)
    one = radius_of(data, CoreSet().fit(*data).query(40))
    strategy = PartitionedSampling(CoreSet(), n_parts=8, random_state=0).fit(*data)
    two = radius_of(data, strategy.query(40))
    assert two <= 1.2 * one  # measured: 1.00 to 1.11
    sure = strategy.certificate_
    assert two <= sure.radius_bound * (1 + 1e-9)
    assert sure.optimum_bound <= one
    assert sure.factor <= 4
    wider = PartitionedSampling(CoreSet(), n_parts=8, factor=4).fit(*data)
    wider.query(40)
    assert wider.certificate_.radius_bound < sure.radius_bound


def test_certificate_is_of_the_last_query_alone(data):
    strategy = PartitionedSampling(CoreSet(), n_parts=3, random_state=0).fit(*data)
    with pytest.raises(AttributeError, match="known after query"):
        _ = strategy.certificate_
    strategy.query(2)
    two = strategy.certificate_
    strategy.query(20)
    assert strategy.certificate_.radius_bound < two.radius_bound
    assert not hasattr(pickle.loads(pickle.dumps(strategy)), "certificate_")
    assert not hasattr(strategy.fit(*data), "certificate_")
    margin = PartitionedSampling(MarginSampling()).fit(*data)
    margin.query(2)
    assert not hasattr(margin, "certificate_")


def test_rows_that_are_labeled_already_come_last(data):
    X, y, X_pool = data
    X_pool = np.vstack([np.repeat(X[:1], 20, axis=0), X_pool[:4]])
    asked = PartitionedSampling(CoreSet(), n_parts=4).fit(X, y, X_pool).query(24)
    assert set(asked[:4]) == {20, 21, 22, 23}


# -------------------------------------------------------------------------- coverage


def herding_value(X_pool, labeled, picks, radius):
    at = np.vstack([labeled, X_pool[picks]])
    sq = ((X_pool[:, None] - at) ** 2).sum(axis=2)
    return np.exp(-sq / radius**2).max(axis=1).mean()


@pytest.mark.parametrize("order", ["random", "sorted"])
@pytest.mark.parametrize("n_reference", [1000, None])
def test_herding_covers_what_one_machine_does(order, n_reference):
    X, _ = make_blobs(3000, 4, centers=40, random_state=0)
    if order == "sorted":
        X = X[np.argsort(X[:, 0])]
    labeled, pool = X[:5], X[5:]
    settings = {"normalize": False, "radius": 3.0}
    inner = MaxHerding(n_reference=n_reference, **settings)
    one = MaxHerding(n_reference=None, **settings).fit(labeled, None, pool).query(30)
    strategy = PartitionedSampling(inner, n_parts=8, random_state=0)
    two = strategy.fit(labeled, None, pool).query(30)
    values = [herding_value(pool, labeled, picks, 3.0) for picks in (two, one)]
    assert values[0] >= 0.95 * values[1]
    some = np.random.RandomState(0).permutation(len(pool))[:30]
    assert herding_value(pool, labeled, some, 3.0) < 0.95 * values[1]


def test_prob_cover_covers_what_one_machine_does():
    X, y = make_blobs(3000, 4, centers=20, random_state=0)
    data = (X[:20], y[:20], X[20:])

    def covered(picks):
        at = np.vstack([X[:20], X[20:][picks]])
        return (((X[20:, None] - at) ** 2).sum(axis=2).min(axis=1) <= 4).mean()

    inner = ProbCover(radius=2.0, normalize=False)
    one = covered(inner.fit(*data).query(20))
    two = PartitionedSampling(inner, n_parts=6, random_state=0).fit(*data).query(20)
    assert covered(two) >= 0.95 * one


def test_uncertainty_weighs_the_reference_of_all_parts(data):
    inner = UncertaintyHerding(LogisticRegression(), normalize=False, radius=1.0)
    parts = PartitionedSampling(inner, n_parts=1, random_state=0).fit(*data)
    assert parts.strategy_.n_pool_ == 200
    one = parts.strategy_.query(10)
    assert set(parts.query(10)) == set(one)


# ---------------------------------------------------------------------------- others


@pytest.mark.parametrize(
    "inner",
    [
        BADGE(),
        KMeansSampling(),
        TypiClust(),
        BatchBALD(n_members=3),
        StochasticBatch(),
        CoreSet(make_pipeline(StandardScaler(), PCA(2, random_state=0))),
        MaxHerding(PCA(2, svd_solver="randomized")),
        ProbCover(),
        QueryByCommittee(n_members=3),
    ],
    ids=lambda inner: type(inner).__name__,
)
@pytest.mark.parametrize("random_state", [0, None])
def test_any_strategy_answers_the_same_whoever_does_the_work(inner, random_state, data):
    strategy = PartitionedSampling(inner, n_parts=3, random_state=random_state)
    strategy.fit(*data)
    answer = strategy.query(9)
    assert len(set(answer)) == 9
    assert_array_equal(strategy.query(9), answer)
    with parallel_config("threading", n_jobs=2):
        assert_array_equal(strategy.query(9), answer)
    assert_array_equal(strategy.set_params(n_jobs=2).query(9), answer)


ALL = [cls for cls in all_strategies() if cls is not RandomSampling]


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__name__)
def test_every_strategy_answers_in_a_learner_or_is_refused(cls):
    X, y = make_classification(90, 5, random_state=0)
    model = LogisticRegression()
    if cls is HistorySampling:  # of a linear model there is none
        model = SGDClassifier(loss="log_loss")
    learner = ActiveLearner(
        model,
        PartitionedSampling(cls(), n_parts=4),
        budget=6,
        batch_size=3,
        random_state=0,
    )
    if getattr(cls, "_whole_graph", False):
        with pytest.raises(ValueError, match="one graph of all samples"):
            learner.fit(X, y)
        return
    asked = learner.fit(X, y).queried_indices_
    assert len(asked) == len(set(asked))
    assert learner.n_iter_ == 2
    again = ActiveLearner(**learner.get_params(deep=False)).set_params(
        strategy__n_jobs=2
    )
    with parallel_config("threading"):
        assert_array_equal(again.fit(X, y).queried_indices_, asked)


def test_an_embedding_and_a_model_are_fitted_once(data):
    class Counts(PCA):
        fits = 0

        def fit(self, X, y=None):
            type(self).fits += 1
            return super().fit(X, y)

    PartitionedSampling(KMeansSampling(Counts(2)), n_parts=5).fit(*data).query(6)
    assert Counts.fits == 1


def test_seeds_that_the_user_gave_stay(data):
    forest = RandomForestClassifier(3, random_state=7)
    inner = MarginSampling(forest, random_state=3)
    fitted = PartitionedSampling(inner).fit(*data).strategy_
    assert fitted.random_state == 3
    assert inner.estimator is forest
    open_seed = PartitionedSampling(KMeansSampling(PCA(2))).fit(*data).strategy_
    assert open_seed.embedding.estimator.random_state is None


def test_the_final_round_may_be_another_strategy(data):
    strategy = PartitionedSampling(
        MarginSampling(GaussianNB()), final=CoreSet(), n_parts=4, factor=2
    ).fit(*data)
    asked = strategy.query(10)
    doubts = strategy.strategy_.score_samples(data[2])
    named = np.concatenate(
        [50 * i + np.argsort(doubts[50 * i :][:50])[-20:] for i in range(4)]
    )
    assert np.isin(asked, named).all()
    expected = np.sort(named)[
        CoreSet(random_state=0).fit(data[0], data[1], data[2][np.sort(named)]).query(10)
    ]
    assert_array_equal(asked, expected)
    assert not hasattr(strategy, "certificate_")


# ------------------------------------------------------------- what has no parts, ends


@pytest.mark.parametrize(
    "inner",
    [
        VOpt(),
        SigmaOpt(),
        ModelChange(),
        MCVOpt(),
        EntropySampling(SparseLabelSpreading()),
        MarginSampling(make_pipeline(StandardScaler(), SparseLabelPropagation())),
        StochasticBatch(EntropySampling(SparseLabelSpreading())),
    ],
    ids=repr,
)
def test_what_works_on_one_graph_is_refused(inner, data):
    with pytest.raises(ValueError, match=r"one graph of all samples, .*Neighborhood"):
        PartitionedSampling(inner).fit(*data)


def test_a_learner_refuses_before_a_label_is_paid_for():
    def oracle(rows, X):
        raise AssertionError("asked")

    X = np.random.RandomState(0).rand(50, 3)
    for model, strategy in [
        (SparseLabelSpreading(), EntropySampling()),
        (LogisticRegression(), VOpt()),
        (LogisticRegression(), CoreSet(outlier_share=0.1)),
    ]:
        learner = ActiveLearner(model, PartitionedSampling(strategy), oracle=oracle)
        with pytest.raises(ValueError, match="parts|part"):
            learner.fit(X, [None] * 50)


def test_random_sampling_is_told_that_it_gains_nothing(data):
    with pytest.warns(UserWarning, match="draw positions"):
        strategy = PartitionedSampling(RandomSampling(random_state=3)).fit(*data)
    expected = RandomSampling(random_state=3).fit(*data).query(8)
    assert_array_equal(strategy.query(8), expected)


def test_more_is_asked_for_than_a_part_or_the_pool_has(data):
    X, y, X_pool = data
    strategy = PartitionedSampling(CoreSet(), n_parts=9).fit(X, y, X_pool[:5])
    assert strategy.n_parts_ == 5
    with pytest.warns(PoolExhaustedWarning):
        assert sorted(strategy.query(20)) == list(range(5))
    margin = PartitionedSampling(MarginSampling(), n_parts=9).fit(X, y, X_pool)
    assert sorted(margin.query(200)) == list(range(200))


@pytest.mark.parametrize("inner", [MarginSampling(), CoreSet(), MaxHerding(), BADGE()])
def test_a_row_that_is_not_finite_is_named(inner, data):
    X, y, X_pool = data
    X_pool = X_pool.copy()
    X_pool[123, 2] = np.nan
    strategy = PartitionedSampling(inner, n_parts=4, random_state=0)
    with pytest.raises(
        ValueError, match=r"Row 123 of the pool|X_pool\[123|contains NaN"
    ):
        strategy.fit(X, y, X_pool).query(3)


def test_scores_that_depend_on_the_others_are_refused(data):
    class Whole(MarginSampling):
        blockwise = False

    with pytest.raises(ValueError, match="Whole .* depends on all others"):
        PartitionedSampling(Whole()).fit(*data)


def test_a_score_that_is_not_finite_is_named(data):
    class Broken(MarginSampling):
        def score_samples(self, X):
            return np.where(X[:, 0] == data[2][77, 0], np.inf, X[:, 0])

    strategy = PartitionedSampling(Broken(), n_parts=4).fit(*data)
    with pytest.raises(RuntimeError, match="Broken.* position 77 of the pool"):
        strategy.query(3)


def test_parameters_are_checked(data):
    for bad in ({"n_parts": 0}, {"n_parts": "all"}, {"factor": 0}, {"n_jobs": 1.5}):
        with pytest.raises(ValueError, match="parameter of PartitionedSampling"):
            PartitionedSampling(**bad).fit(*data)
    with pytest.raises(ValueError, match="parameter of PartitionedSampling"):
        PartitionedSampling(GaussianNB()).fit(*data)


# Of the kinds that are asked in another way than the default.
FLAT = make_pipeline(FunctionTransformer(_flatten), LogisticRegression())
KINDS = [
    PartitionedSampling(MarginSampling(FLAT), n_parts=3),
    PartitionedSampling(MaxHerding(), n_parts=3),
    PartitionedSampling(ProbCover(), n_parts=3),
    PartitionedSampling(KMeansSampling(), n_parts=3),
    PartitionedSampling(MarginSampling(FLAT), final=CoreSet(), factor=2),
]


@parametrize_with_checks(KINDS)
def test_contract(strategy, check):
    check(strategy)


@pytest.mark.parametrize("strategy", [
    PartitionedSampling(MarginSampling(), n_parts=3, random_state=0),
    PartitionedSampling(CoreSet(), n_parts=3, random_state=0),
    PartitionedSampling(BADGE(), n_parts=3, random_state=0),
    PartitionedSampling(MarginSampling(), final=CoreSet(), factor=2, random_state=0),
    NeighborhoodSampling(MarginSampling(), n_neighbors=5, random_state=0),
], ids=lambda strategy: " ".join(repr(strategy).split()))  # fmt: skip
def test_a_learner_hands_over_the_pool_by_reference(strategy, monkeypatch):
    X, y = make_blobs(300, 4, centers=3, random_state=0)
    settings = {"n_initial": 12, "budget": 20, "batch_size": 5, "random_state": 0}
    copied = ActiveLearner(LogisticRegression(), strategy, **settings)
    monkeypatch.setattr(
        Run, "pool", lambda run, rows=None, labeled=None: run.X[run.ledger.candidates]
    )
    copied.fit(X, y)
    monkeypatch.undo()

    copies, rows = [], Pool.rows

    def counted(pool):
        copies.extend([pool] if pool.positions is not None else [])
        return rows(pool)

    monkeypatch.setattr(Pool, "rows", counted)
    learner = ActiveLearner(LogisticRegression(), strategy, **settings).fit(X, y)
    assert_array_equal(learner.queried_indices_, copied.queried_indices_)
    assert not copies
