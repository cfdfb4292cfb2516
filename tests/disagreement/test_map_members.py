"""Committees on masks: by hand, against loops over pixels, and in bounded memory."""

import copy
import pickle
import tracemalloc
from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import entropy as scipy_entropy
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.disagreement import (
    BALD,
    EPIG,
    BatchBALD,
    PowerBALD,
    QueryByCommittee,
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)
from skactive.disagreement._map_members import SUMS, MapCommittee, entropies
from skactive.exceptions import TopBatchWarning
from skactive.oracles import SimulatedOracle
from skactive.utils import _units
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers

MEASURES = [vote_entropy, consensus_entropy, kl_to_consensus]
ASKS_MASKS = [
    QueryByCommittee(n_members=3),
    QueryByCommittee(n_members=3, disagreement=consensus_entropy, aggregate=0.2),
    BALD(n_members=3),
    BALD(n_members=3, aggregate="max"),
    PowerBALD(n_members=3),
]


class Looks:
    """A fitted member: looks maps up by the first pixel, and knows some classes."""

    def __init__(self, maps=None, classes=None, dtype=float):
        self.maps = maps
        self.dtype = dtype
        if classes is not None:
            self.classes_ = np.asarray(classes)

    def predict_proba(self, X):
        found = np.stack([self.maps[int(x.ravel()[0])] for x in np.asarray(X)])
        return found.astype(self.dtype)


class InBatches(Looks):
    """The same in batches of its own size, as nets are asked."""

    answers_kind = MaskAnswers
    size = 3

    def iter_proba(self, X):
        for start in range(0, len(X), self.size):
            yield self.predict_proba(X[start : start + self.size])


class Speaks(BaseEstimator):
    """Answers for its members, as a DropoutCommittee of a segmenter does."""

    answers_kind = MaskAnswers

    def __init__(self, members=None):
        self.members = members

    def fit(self, X, y):
        self.members_ = self.members
        return self

    def predict_proba_members(self, X):
        raise AssertionError("the maps of all members would be held at once")

    def predict_proba(self, X):
        return np.mean([m.predict_proba(X) for m in self.members_], axis=0)


def numbered(n):
    return np.arange(n, dtype=float).reshape(n, 1, 1, 1)


NO_MASKS = np.zeros((1, 2, 2), int)


def asked(strategy, members, n):
    strategy = clone(strategy).set_params(estimator=Speaks(members), random_state=0)
    return strategy.fit(numbered(1), NO_MASKS, numbered(n))


def random_members(n_members, n=7, n_classes=4, shape=(3, 5), seed=0, **settings):
    rng = np.random.RandomState(seed)
    members = []
    for _ in range(n_members):
        # A third of the pixels are certain, some are exactly 0.
        maps = rng.dirichlet(np.ones(n_classes) / 3, (n, *shape)).transpose(0, 3, 1, 2)
        maps[rng.uniform(size=(n, *shape))[:, None].repeat(n_classes, 1) < 0.3] = 0
        maps[:, 0][maps.sum(axis=1) == 0] = 1
        members.append(Looks(maps, np.arange(n_classes), **settings))
    return members


# -------------------------------------------------------------------- numbers by hand

# Two members, one image of 2 x 2 pixels, two classes; the probability of the first.
ONE = np.array([[0.9, 0.5], [0.2, 1.0]])
TWO = np.array([[0.1, 0.5], [0.4, 0.0]])
PAIR = [Looks(np.stack([p, 1 - p])[None], [0, 1]) for p in (ONE, TWO)]
BY_HAND = {
    # Votes 1:1, 2:0 (ties vote for the first), 0:2, 1:1.
    vote_entropy: [0.693147, 0.0, 0.0, 0.693147],
    # Means .5, .5, .3, .5.
    consensus_entropy: [0.693147, 0.693147, 0.610864, 0.693147],
    # Minus .325083; .693147; (.500402 + .673012) / 2; 0.
    kl_to_consensus: [0.368064, 0.0, 0.024157, 0.693147],
}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "how, expected",
    [
        (None, np.mean),
        ("mean", np.mean),
        ("sum", np.sum),
        ("max", np.max),
        (0.5, lambda h: np.sort(h)[-2:].mean()),
        (np.median, np.median),
    ],
)
def test_two_members_by_hand(measure, how, expected):
    strategy = asked(QueryByCommittee(disagreement=measure, aggregate=how), PAIR, 1)
    scores = strategy.score_samples(numbered(1))
    assert_allclose(scores, [expected(BY_HAND[measure])], atol=1e-6)
    if measure is kl_to_consensus:
        bald = asked(BALD(aggregate=how), PAIR, 1)
        assert_array_equal(bald.score_samples(numbered(1)), scores)


def by_loops(members, measure, row, n_classes):
    """Return the measure of each pixel of an image, in plain Python and scipy."""
    shape = members[0].maps.shape[2:]
    scores = np.zeros(shape)
    for i in range(shape[0]):
        for j in range(shape[1]):
            rows = []
            for member in members:
                full = [0.0] * n_classes
                for c, label in enumerate(member.classes_):
                    full[label] = member.maps[row][c, i, j]
                rows.append(full)
            mean = [sum(column) / len(rows) for column in zip(*rows)]
            if measure is vote_entropy:
                votes = [row.index(max(row)) for row in rows]
                scores[i, j] = scipy_entropy([votes.count(c) for c in range(n_classes)])
            elif measure is consensus_entropy:
                scores[i, j] = scipy_entropy(mean)
            else:
                scores[i, j] = np.mean([scipy_entropy(row, mean) for row in rows])
    return scores.ravel()


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("lacking", [False, True])
@pytest.mark.parametrize("dtype, atol", [(np.float64, 1e-12), (np.float32, 2e-6)])
def test_loops_over_pixels_say_the_same(measure, lacking, dtype, atol):
    members = random_members(5, dtype=dtype)
    if lacking:  # members know {0, 1, 2, 3}, {1, 3}, {2}
        members[1] = random_members(1, n_classes=2, seed=1, dtype=dtype)[0]
        members[1].classes_ = np.array([1, 3])
        members[2] = Looks(np.ones((7, 1, 3, 5)), [2], dtype)
    for how in ("mean", "sum", "max", 0.3):
        expected = []
        for row in range(7):
            h = by_loops(members, measure, row, 4)
            k = int(np.ceil(0.3 * len(h)))
            top = np.sort(h)[-k:].mean()
            expected.append(top if how == 0.3 else getattr(np, how)(h))
        strategy = QueryByCommittee(disagreement=measure, aggregate=how)
        scores = asked(strategy, members, 7).score_samples(numbered(7))
        assert_allclose(scores, expected, atol=15 * atol)
        assert scores.dtype == dtype


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dtype, atol", [(np.float64, 1e-14), (np.float32, 1e-6)])
def test_images_of_one_pixel_are_samples(measure, dtype, atol):
    members = random_members(6, n=40, shape=(1, 1), dtype=dtype)
    proba = np.stack([m.predict_proba(numbered(40))[:, :, 0, 0] for m in members])
    for how in (None, "mean", "sum", "max", 0.5):
        strategy = QueryByCommittee(disagreement=measure, aggregate=how)
        scores = asked(strategy, members, 40).score_samples(numbered(40))
        assert_allclose(scores, measure(proba), atol=atol)


# ------------------------------------------------------------------------------ blocks


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (17, 19)])
def test_scores_do_not_depend_on_the_blocks(measure, dtype, shape, monkeypatch):
    members = random_members(4, n=11, shape=shape, dtype=dtype)
    members[2].maps = members[2].maps[:, [0, 1, 2, 3]]
    ways = [members]
    for sizes in ([1, 1, 1, 1], [3, 3, 3, 3], [4, 2, 7, 1], [11, 3, 1, 2]):
        of_sizes = [InBatches(m.maps, m.classes_, dtype) for m in members]
        for member, size in zip(of_sizes, sizes):
            member.size = size
        ways.append(of_sizes)
    for how in ("mean", "sum", "max", 0.3):
        strategy = QueryByCommittee(disagreement=measure, aggregate=how)
        scores = [asked(strategy, w, 11).score_samples(numbered(11)) for w in ways]
        with monkeypatch.context() as patched:
            for chunk in (1, 4000):
                patched.setattr(_units, "CHUNK", chunk)
                whole = asked(strategy, members, 11)
                scores.append(whole.score_samples(numbered(11)))
        some = asked(strategy, members, 11)
        alone = [some.score_samples(x[None]) for x in numbered(11)]
        for other in [*scores[1:], np.concatenate(alone)]:
            assert_array_equal(other, scores[0])


class Generates:
    """A member whose maps are made when they are asked for, and held by nobody."""

    answers_kind = MaskAnswers
    shape = 4, 64, 64
    classes_ = np.arange(4)

    def __init__(self, seed=0):
        self.seed = seed

    def iter_proba(self, X):
        for x in X:
            rng = np.random.RandomState(self.seed + int(x.ravel()[0]))
            proba = rng.uniform(0.1, 1, (1, *self.shape)).astype(np.float32)
            proba /= proba.sum(axis=1, keepdims=True)
            yield proba


@pytest.mark.parametrize("measure", MEASURES)
def test_more_members_and_more_images_take_no_more_maps(measure):
    one_map = 4 * 4 * 64 * 64  # bytes of the answer of one member for one image

    def peak(n_members, n):
        members = [Generates(100 * k) for k in range(n_members)]
        strategy = asked(QueryByCommittee(disagreement=measure), members, 1)
        X = numbered(n)
        strategy.score_samples(X[:1])  # what is imported at the first call
        tracemalloc.start()
        strategy.score_samples(X)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    few = peak(2, 4)
    assert few < 6 * one_map  # three of them are what a member needs to answer
    assert peak(8, 4) < few + 0.1 * one_map
    assert peak(2, 16) < few + 0.1 * one_map


def test_which_classes_the_votes_are_for_makes_no_difference():
    """Four votes for one, two for another, one for a third: the same, to the bit."""
    for dtype in (np.float32, np.float64):
        scores = set()
        for order in permutations(range(3)):
            votes = np.array([0, 0, 0, 0, 1, 1, 2])
            maps = np.eye(3)[np.array(order)[votes]][:, None, :, None, None]
            members = [Looks(of_one, [0, 1, 2], dtype) for of_one in maps]
            strategy = asked(QueryByCommittee(), members, 1)
            scores |= set(strategy.score_samples(numbered(1)).tolist())
        assert len(scores) == 1


def test_entropies_are_those_of_scipy():
    proba = np.random.RandomState(0).dirichlet(np.ones(5), (4, 6)).transpose(0, 2, 1)
    proba[0, :, 0] = [0, 0, 1, 0, 0]
    assert_allclose(entropies(proba), scipy_entropy(proba, axis=1), atol=1e-14)
    assert entropies(proba)[0, 0] == 0 and not np.signbit(entropies(proba)[0, 0])


# ------------------------------------------------------------------------- in the loop


class Segments(BaseEstimator):
    """Gives each pixel the class whose mean gray is nearest; knows what it saw."""

    def __init__(self, classes=None, random_state=None):
        self.classes = classes
        self.random_state = random_state

    @property
    def answers_kind(self):
        return MaskAnswers

    def fit(self, X, y):
        gray, y = np.asarray(X)[:, 0], np.stack(list(y))
        self.classes_ = np.unique(y)
        self.means_ = np.array([gray[y == label].mean() for label in self.classes_])
        return self

    def predict_proba(self, X):
        far = np.asarray(X) - self.means_[:, None, None]
        proba = np.exp(-8 * far**2)
        return proba / proba.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def score(self, X, y):
        return np.mean(self.predict(X) == np.stack(list(y)))


class Unsaid(Segments):
    """Says nothing of its kind and of its classes: its answers show it."""

    answers_kind = None

    def fit(self, X, y):
        super().fit(X, y)
        self._known = vars(self).pop("classes_")
        return self

    def predict(self, X):
        return self._known[self.predict_proba(X).argmax(axis=1)]


def shapes(n=30, seed=0):
    rng = np.random.RandomState(seed)
    y = rng.randint(0, 3, (n, 4, 5)).astype(np.uint8)
    return (y + rng.normal(0, 0.6, y.shape))[:, None], y


X, Y = shapes()


def learner(strategy, model=None, **settings):
    settings = {"n_initial": 4, "budget": 6, "batch_size": 3, **settings}
    model = Segments() if model is None else model
    return ActiveLearner(model, strategy, random_state=0, **settings)


@pytest.fixture
def batches():
    """Batches by BALD warn, which is tested below."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TopBatchWarning)
        yield


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("strategy", ASKS_MASKS, ids=lambda s: str(s)[:50])
@pytest.mark.parametrize("model", [Segments(), Unsaid()])
def test_simulation_oracle_and_hand_are_one(strategy, model):
    X_before, Y_before = X.copy(), Y.copy()
    run = learner(strategy, model).fit(X, Y)
    assert run.history_["n_labeled"] == [4, 7, 10]
    assert len(set(run.queried_indices_)) == 10
    again = learner(strategy, model).fit(X, Y)
    assert_array_equal(again.queried_indices_, run.queried_indices_)
    paid = learner(strategy, model, oracle=SimulatedOracle(Y)).fit(X)
    assert_array_equal(paid.queried_indices_, run.queried_indices_)
    y = np.full(len(Y), None, dtype=object)
    for row in run.queried_indices_[:4]:
        y[row] = Y[row]
    taught = learner(strategy, model).fit(X, y)
    rows = taught.query(3)
    assert_array_equal(rows, run.queried_indices_[4:7])
    taught = pickle.loads(pickle.dumps(taught))
    taught.teach(rows, list(Y[rows]))
    assert_array_equal(taught.query(3), run.queried_indices_[7:])
    assert_array_equal(X, X_before)
    assert_array_equal(Y, Y_before)


@pytest.mark.usefixtures("batches")
def test_scikit_learn_takes_the_whole():
    scores = cross_validate(learner(BALD(n_members=2)), X, Y, cv=2)
    assert np.isfinite(scores["test_score"]).all()
    search = GridSearchCV(Segments(), {"classes": [None]}, cv=2)
    assert len(BALD(search, n_members=2).fit(X[:9], Y[:9], X[9:]).query(1)) == 1


@pytest.mark.parametrize("strategy", ASKS_MASKS, ids=lambda s: str(s)[:50])
def test_copies_stores_and_seeds(strategy):
    strategy = clone(strategy).set_params(estimator=Segments(), random_state=3)
    given = copy.deepcopy((X, Y))
    first = strategy.fit(X[:8], Y[:8], X[8:])
    positions = first.query(1)
    for other in (
        clone(strategy).fit(X[:8], Y[:8], X[8:]),
        clone(strategy).fit(X[:8], list(Y[:8]), X[8:]),
        pickle.loads(pickle.dumps(first)),
    ):
        assert_array_equal(other.query(1), positions)
        assert_array_equal(other.query(22), first.query(22))
    assert_array_equal(np.sort(first.query(22)), np.arange(22))
    alone = clone(strategy).fit(X[:8], Y[:8], X[8:9])
    assert_array_equal(alone.query(1), [0])
    assert_array_equal(X, given[0])
    assert_array_equal(Y, given[1])
    assert len(first.members_) == 3


def test_copies_of_a_segmenter_differ_and_may_lack_classes():
    y = Y[:8].copy()
    y[1:] = y[1:] % 2  # the third class is in one mask
    strategy = BALD(Segments(), n_members=12, random_state=0).fit(X[:8], y, X[8:])
    known = {tuple(member.classes_) for member in strategy.members_}
    assert known == {(0, 1), (0, 1, 2)}
    assert strategy._committee.n_classes == 3
    means = [member.means_[0] for member in strategy.members_]
    assert len(set(means)) == 12
    for member, columns in zip(strategy.members_, strategy._committee._columns):
        assert_array_equal(np.arange(3)[columns], member.classes_)
    assert np.isfinite(strategy.score_samples(X[8:])).all()


def test_models_without_classes_must_answer_with_as_many_maps():
    y = Y[:8].copy()
    y[1:] = y[1:] % 2
    strategy = BALD(Unsaid(), n_members=12, random_state=0).fit(X[:8], y, X[8:])
    with pytest.raises(ValueError, match=r"Member \d+ .* answered with . maps of 20"):
        strategy.score_samples(X[8:])
    strategy = BALD(Unsaid(), n_members=3, random_state=0).fit(X[:8], Y[:8], X[8:])
    with_classes = BALD(Segments(), n_members=3, random_state=0)
    with_classes.fit(X[:8], Y[:8], X[8:])
    assert_array_equal(strategy.score_samples(X), with_classes.score_samples(X))
    with pytest.raises(ValueError, match="some have classes_ and some have none"):
        MapCommittee([PAIR[0], Looks(PAIR[1].maps)])


def test_frozen_and_piped_models():
    double = FunctionTransformer(lambda X: 2 * X)
    plain = BALD(Segments(), n_members=3, random_state=0).fit(X[:8], Y[:8], X[8:])
    model = Segments(random_state=5).fit(X, Y)
    before = pickle.dumps(model)
    frozen = BALD(FrozenEstimator(model), n_members=3, random_state=0)
    frozen.fit(X[:8], Y[:8], X[8:])
    assert_array_equal(frozen.query(1), plain.query(1))
    assert pickle.dumps(model) == before
    piped = BALD(make_pipeline(double, Segments()), n_members=3, random_state=0)
    assert len(piped.fit(X[:8], Y[:8], X[8:]).query(1)) == 1
    ones = make_pipeline(FunctionTransformer(np.zeros_like), Speaks(PAIR))
    spoken = BALD(ones, random_state=0).fit(numbered(1), NO_MASKS, numbered(3))
    assert_allclose(spoken.score_samples(numbered(3)), [0.271342] * 3, atol=1e-6)


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize(
    "strategy",
    [
        StochasticBatch(BALD(n_members=2)),
        StochasticBatch(QueryByCommittee(n_members=2, aggregate=0.5)),
        PoolSubsampling(BALD(n_members=2), max_pool=9),
    ],
    ids=lambda s: str(s)[:40],
)
def test_strategies_made_of_strategies(strategy):
    run = learner(strategy).fit(X, Y)
    assert len(set(run.queried_indices_)) == 10


def test_batches_of_the_best_warn_of_what_serves_masks():
    strategy = BALD(Segments(), n_members=2, random_state=0).fit(X[:8], Y[:8], X[8:])
    with pytest.warns(TopBatchWarning) as caught:
        strategy.query(3)
    words = str(caught[0].message)
    assert "PowerBALD or StochasticBatch" in words and "BatchBALD" not in words
    by_kl = QueryByCommittee(Segments(), disagreement=kl_to_consensus, n_members=2)
    with pytest.warns(TopBatchWarning, match="PowerBALD or StochasticBatch"):
        by_kl.fit(X[:8], Y[:8], X[8:]).query(3)


# ---------------------------------------------------------------------------- refusals


class Detects(Segments):
    @property
    def answers_kind(self):
        return BoxAnswers


class Mute(Segments):
    @property
    def predict_proba(self):
        raise AttributeError("predict_proba")


def widest_range(proba):
    return np.ptp(proba, axis=0).max(axis=1)


@pytest.mark.parametrize(
    "strategy, model, match",
    [
        (BALD(), Detects(), "BALD needs .* or each pixel.*boxes of its own"),
        (PowerBALD(), Detects(), "PowerBALD needs .* boxes of its own"),
        (QueryByCommittee(), Detects(), "Query.* boxes of its own.*CALD"),
        (StochasticBatch(BALD()), Detects(), "boxes of its own"),
        (BatchBALD(), Detects(), "BatchBALD needs a model that gives each sample one"),
        (BatchBALD(), Segments(), "BatchBALD needs a model that gives each sample one"),
        (EPIG(), Segments(), "EPIG needs a model that gives each sample one class"),
        (BALD(), Mute(), "BALD needs members with predict_proba, which returns a map"),
        (QueryByCommittee(), Mute(), "needs members with predict_proba, which"),
        (
            QueryByCommittee(disagreement=widest_range),
            Segments(),
            "maps of all members at once.*vote_entropy, consensus_entropy, kl_to",
        ),
        (BALD(aggregate="median"), Segments(), "'aggregate' parameter"),
        (QueryByCommittee(aggregate=0), Segments(), "'aggregate' parameter"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_refused_before_an_answer_is_paid_for(strategy, model, match):
    def oracle(rows, X_rows):
        raise AssertionError("an answer was paid for")

    with pytest.raises(ValueError, match=f"(?s){match}"):
        learner(strategy, model, oracle=oracle).fit(X)
    if not isinstance(strategy, StochasticBatch):
        with pytest.raises(ValueError, match=f"(?s){match}"):
            clone(strategy).set_params(estimator=model).fit(X[:5], Y[:5], X[5:])


@pytest.mark.parametrize("cls", [BALD, PowerBALD, QueryByCommittee])
def test_classifiers_have_one_unit(cls):
    strategy = cls(LogisticRegression(), aggregate="mean")
    with pytest.raises(ValueError, match=f"aggregate='mean' of {cls.__name__} is for"):
        strategy.fit([[0.0], [1.0]], [0, 1], [[0.5]])


def test_a_measure_of_ones_own_is_refused_where_the_answers_show_the_kind():
    strategy = QueryByCommittee(Unsaid(), n_members=2, disagreement=widest_range)
    with pytest.raises(ValueError, match="maps of all members at once"):
        strategy.fit(X[:8], Y[:8], X[8:]).query(1)


@pytest.mark.parametrize("bad", [np.nan, -0.5, 2.0])
def test_maps_that_are_no_probabilities_name_member_sample_and_pixel(bad):
    members = [InBatches(m.maps.copy(), m.classes_) for m in random_members(3)]
    members[1].maps[5, 2, 1, 3] = bad
    strategy = asked(BALD(), members, 7)
    match = "Member 1 of the committee must answer.*of sample 5 those of pixel 8"
    with pytest.raises(ValueError, match=match):
        strategy.score_samples(numbered(7))


def test_maps_of_another_size_are_refused():
    members = random_members(2)
    members[1].maps = members[1].maps[:, :, :2]
    with pytest.raises(ValueError, match="4 maps of 10 pixels, where 4 of 15 were"):
        asked(BALD(), members, 7).score_samples(numbered(7))


def test_who_speaks_for_members_must_have_them():
    class Dumb(Speaks):
        def fit(self, X, y):
            return self

    with pytest.raises(ValueError, match="has no members_"):
        BALD(Dumb()).fit(numbered(1), NO_MASKS, numbered(2))


def test_the_sums_are_of_the_public_measures():
    assert list(SUMS) == MEASURES
