"""The loop where an answer is a mask, or the boxes in an image."""

import pickle
import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.diversity import CoreSet, RandomSampling, TypiClust
from skactive.exceptions import StopAsking
from skactive.metrics import aulc_scorer
from skactive.metrics._mean_iou import mean_iou
from skactive.oracles import NoisyOracle, SimulatedOracle
from skactive.testing import all_strategies
from skactive.uncertainty import (
    EntropySampling,
    LeastConfidenceSampling,
    MarginSampling,
)
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers


def shapes(n=40, size=8, seed=0):
    """Gray images in which bright pixels are class 1, with noise that differs."""
    rng = np.random.RandomState(seed)
    y = rng.uniform(size=(n, size, size)) < rng.uniform(0.1, 0.6, (n, 1, 1))
    noise = rng.normal(size=y.shape) * rng.uniform(0.1, 0.5, (n, 1, 1))
    return (y + noise)[:, None], y.astype(np.uint8)


X, Y = shapes()
X_TEST, Y_TEST = shapes(15, seed=1)


class Threshold(BaseEstimator):
    """A pixel is of class 1 if it is brighter than the mean of both classes."""

    def fit(self, X, y):
        self.got_ = y.ndim, y.dtype
        y = np.stack(list(y))
        gray = np.asarray(X)[:, 0]
        dark, bright = (gray[y == k].mean() if (y == k).any() else k for k in (0, 1))
        self.threshold_, self.n_seen_ = (dark + bright) / 2, len(y)
        return self

    def predict(self, X):
        return (np.asarray(X)[:, 0] > self.threshold_).astype(int)

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-6 * (np.asarray(X)[:, 0] - self.threshold_)))
        return np.stack([1 - p, p], axis=1)

    def transform(self, X):
        return np.asarray(X).reshape(len(X), -1)

    def score(self, X, y):
        return mean_iou(y, self.predict(X))


class Declared(Threshold):
    """The same, and says what it learns from."""

    @property
    def answers_kind(self):
        return MaskAnswers


MODELS = [Threshold, Declared]


def learner(model=Declared, strategy=None, **settings):
    strategy = EntropySampling() if strategy is None else strategy
    settings = {"n_initial": 3, "budget": 9, "batch_size": 3, **settings}
    settings = {"random_state": 0, **settings}
    return ActiveLearner(model(), strategy, **settings)


def objects(y):
    out = np.empty(len(y), dtype=object)
    out[:] = list(y)
    return out


def partly(y, rows):
    """Return masks of some rows in an object array, None elsewhere."""
    out = np.full(len(y), None, dtype=object)
    for row in rows:
        out[row] = y[row]
    return out


# ------------------------------------------------------------------------ simulation


@pytest.mark.parametrize("model", MODELS)
def test_a_simulation(model):
    run = learner(model).fit(X, Y)
    assert run.history_["n_labeled"] == [3, 6, 9, 12]
    assert run.termination_condition_ == "budget"
    assert len(set(run.queried_indices_)) == 12 == run.estimator_.n_seen_
    assert run.predict(X_TEST).shape == Y_TEST.shape
    assert run.predict_proba(X_TEST).shape == (15, 2, 8, 8)
    assert run.score(X_TEST, Y_TEST) == mean_iou(Y_TEST, run.predict(X_TEST)) > 0.5
    assert not hasattr(run, "classes_")
    assert len(list(run.staged_score(X_TEST, Y_TEST))) == 4
    assert [p.shape for p in run.staged_predict(X_TEST)] == [Y_TEST.shape] * 4


def test_the_strategy_sees_the_model_of_the_loop():
    run = learner(budget=3).fit(X, Y)
    start, asked = run.queried_indices_[:3], run.queried_indices_[3:]
    proba = Threshold().fit(X[start], Y[start]).predict_proba(X)
    h = -(proba * np.log(proba)).sum(axis=1).mean(axis=(1, 2))
    h[start] = -1
    assert_array_equal(asked, np.argsort(-h)[:3])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "y, got",
    [
        (Y, (3, np.uint8)),
        (Y.astype(np.int64), (3, np.int64)),
        (Y.astype(bool), (3, bool)),
        (list(Y), (1, object)),
        (objects(Y), (1, object)),
        (np.ma.asarray(Y), (3, np.uint8)),
    ],
    ids=["uint8", "int64", "bool", "list", "objects", "masked"],
)
def test_the_model_is_given_masks_as_they_came(model, y, got):
    run = learner(model).fit(X, y)
    assert {est.got_ for est in run.estimators_} == {(got[0], np.dtype(got[1]))}
    expected = learner(model).fit(X, Y)
    assert_array_equal(run.queried_indices_, expected.queried_indices_)
    assert_array_equal(run.predict(X), expected.predict(X))


def test_where_it_begins_and_a_validation_set():
    labeled = np.zeros(40, dtype=bool)
    labeled[[4, 8]] = True
    run = learner().fit(X, Y, labeled=labeled, X_val=X_TEST, y_val=Y_TEST)
    assert run.history_["n_labeled"] == [2, 5, 8, 11]
    assert run.history_["score"] == list(run.staged_score(X_TEST, Y_TEST))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("y", [Y, list(Y)], ids=["stack", "list"])
def test_hidden_masks_decide_nothing_and_are_not_kept(model, y):
    run = learner(model).fit(X, y)
    hidden = np.setdiff1d(np.arange(40), run.queried_indices_)
    changed = Y.copy()
    changed[hidden] = changed[hidden][::-1]
    again = learner(model).fit(X, changed if y is Y else list(changed))
    assert_array_equal(again.queried_indices_, run.queried_indices_)
    assert_array_equal(again.predict(X), run.predict(X))
    # A mark that nothing else writes, in masks that were never asked for.
    changed[hidden] = np.frombuffer(b"HIDDENMA" * 8, np.uint8).reshape(8, 8)
    again.fit(X, changed if y is Y else list(changed))
    assert_array_equal(again.queried_indices_, run.queried_indices_)
    assert b"HIDDENMA" not in pickle.dumps(again)
    assert b"HIDDENMA" in pickle.dumps(changed)


def test_a_learner_of_masks_survives_pickling_and_cloning():
    run = learner().fit(X, Y)
    again = pickle.loads(pickle.dumps(run))
    assert_array_equal(again.predict(X), run.predict(X))
    assert_array_equal(clone(run).fit(X, Y).queried_indices_, run.queried_indices_)


# -------------------------------------------------------------------- with scikit-learn


def test_folds_scorers_and_searches_take_it():
    scores = cross_validate(
        learner(), X, Y, cv=3, scoring={"area": aulc_scorer, "last": _score}
    )
    assert scores["test_area"].shape == (3,) and (scores["test_area"] > 0.4).all()
    assert (scores["test_last"] > 0.4).all()
    search = GridSearchCV(
        learner(),
        {"strategy": [RandomSampling(), EntropySampling(), MarginSampling()]},
        scoring=aulc_scorer,
        cv=2,
    ).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict(X).shape == Y.shape
    assert GridSearchCV(learner(), {"batch_size": [3]}, cv=2).fit(X, list(Y))


def _score(model, X, y):
    return model.score(X, y)


# --------------------------------------------------------------------------- by hand


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("marker", [None, 255])
@pytest.mark.parametrize("give", [lambda y: y, list, objects], ids=["y", "list", "obj"])
def test_ask_teach_and_skip(model, marker, give):
    start = [0, 1, 2]
    if marker is None:
        y = partly(Y, start)
    else:
        y = np.full_like(Y, 255)
        y[start] = Y[start]
    run = learner(model, missing_label=marker).fit(X, y)
    assert run.termination_condition_ == "no_oracle"
    assert_array_equal(np.flatnonzero(run.labeled_mask_), start)
    rows = run.query(4)
    assert_array_equal(run.query(4), rows)
    run.teach(rows, give(Y[rows]))
    assert run.labeled_mask_.sum() == 7 == run.estimator_.n_seen_
    skipped = run.query(2)
    run.teach(skipped, [marker, Y[skipped[1]]])
    assert run.labeled_mask_.sum() == 8
    assert skipped[0] not in run.query(30)
    run.teach([skipped[0]], [Y[skipped[0]]])
    assert run.labeled_mask_.sum() == 9
    # What is known goes on in another learner, which asks the same.
    labels = run.labels_
    assert labels.shape == (40,)
    for row in np.flatnonzero(run.labeled_mask_):
        assert_array_equal(labels[row], Y[row])
    again = learner(model, missing_label=marker).fit(X, labels)
    assert_array_equal(again.labeled_mask_, run.labeled_mask_)
    assert_array_equal(again.query(5), run.query(5))
    assert_array_equal(again.predict(X), run.predict(X))
    again = pickle.loads(pickle.dumps(run))
    assert_array_equal(again.query(5), run.query(5))


@pytest.mark.parametrize("model", MODELS)
def test_by_hand_equals_the_simulation(model):
    simulated = learner(model).fit(X, Y)
    taught = learner(model).fit(X, partly(Y, simulated.queried_indices_[:3]))
    for _ in range(3):
        rows = taught.query(3)
        taught.teach(rows, Y[rows])
    assert_array_equal(taught.queried_indices_, simulated.queried_indices_[3:])
    assert_array_equal(taught.predict(X), simulated.predict(X))


def test_masks_of_floats_whose_absent_ones_are_nan():
    y = np.where(np.arange(40)[:, None, None] < 3, Y, np.nan)
    expected = learner().fit(X, partly(Y, [0, 1, 2]))
    for given in (y, [*Y[:3], *y[3:]]):
        run = learner().fit(X, given)
        assert run.labeled_mask_.sum() == 3 == run.estimator_.n_seen_
        assert_array_equal(run.query(3), expected.query(3))


def test_a_mask_in_part_is_an_answer_and_a_marked_one_a_skip():
    y = np.full_like(Y, 255)
    y[:3] = Y[:3]
    y[3, 0] = Y[3, 0]

    class Partial(Declared):
        def fit(self, X, y):
            self.n_unknown_ = int((np.stack(list(y)) == 255).sum())
            return super().fit(X, y)

    run = learner(Partial, missing_label=255).fit(X, y)
    assert run.labeled_mask_.sum() == 4 and run.estimator_.n_unknown_ == 56
    rows = run.query(2)
    part = Y[rows].copy()
    part[0] = 255
    part[1, 4:] = 255
    run.teach(rows, part)
    assert_array_equal(run.labeled_mask_[rows], [False, True])
    assert rows[0] not in run.query(30)


def pixels(rows, X_rows, answers):
    return [1 if mask is None else int((mask != 255).sum()) for mask in answers]


@pytest.mark.parametrize("as_given", [lambda y: y, list, objects])
def test_masks_in_part_cost_the_pixels_that_are_known(as_given):
    half = Y.copy()
    half[:, :, 5:] = 255
    half[1::2, 0] = 255  # 40 pixels are known in even rows, 35 in odd ones
    price = np.where(np.arange(40) % 2, 35, 40)
    run = learner(cost=pixels, missing_label=255, budget=200, batch_size=2)
    run.fit(X, as_given(half))
    ends = run.history_["n_labeled"]
    paid = [price[run.queried_indices_[:n]].sum() for n in ends]
    assert run.history_["cost"] == paid
    assert paid[-1] - paid[0] >= 200 > paid[-2] - paid[0]
    assert run.termination_condition_ == "budget"

    known = np.full_like(half, 255)
    known[:4] = half[:4]
    run = learner(cost=pixels, missing_label=255).fit(X, known)
    rows = run.query(3)
    part = Y[rows].copy()
    part[0] = 255  # nothing was drawn, and the callable is shown None
    part[1, 1:] = 255
    run.teach(rows, part)
    assert run.cost_ == 2 * 40 + 2 * 35 + 1 + 8 + 64


@pytest.mark.parametrize(
    "rows, answers, match",
    [
        ([5], Y[5], r"put it into a list, \[mask\]"),
        (5, Y[5], r"put it into a list, \[mask\]"),
        ([5, 6], Y[5], r"2 rows were asked for and the answer holds shape \(8, 8\)"),
        ([5, 6], Y[5:6], "2 rows were asked for and the answer holds 1"),
        ([5, 6], [Y[5], Y[6] / 2], "number 1 is an array of float64"),
        ([5], [Y[5].tolist()], "number 0 is of type list"),
        ([5], ["a"], "number 0 is of type str"),
        ([5], 1, "number 0 is of type int"),
        ([0], [Y[0]], "already labeled"),
        ([5, 5], Y[[5, 5]], "named twice"),
    ],
)
@pytest.mark.parametrize("model", MODELS)
def test_teach_refuses_before_anything_is_taken_in(model, rows, answers, match):
    run = learner(model).fit(X, partly(Y, [0, 1, 2]))
    before = pickle.dumps((run.labels_, run.n_iter_, run.history_))
    with pytest.raises(ValueError, match=match):
        run.teach(rows, answers)
    assert before == pickle.dumps((run.labels_, run.n_iter_, run.history_))


@pytest.mark.parametrize(
    "y, settings, match",
    [
        (Y[:-1], {}, "40 samples and 39 masks"),
        (Y / 2, {}, "array of float64"),
        (Y[..., None], {}, "one mask per sample"),
        (Y, {"missing_label": "?"}, "masks hold integers"),
        ([*Y[:-1], None], {"simulate": True}, "1 of 40 are missing"),
        (np.full(40, None), {}, "no label and there is no oracle"),
    ],
)
def test_masks_that_cannot_begin_a_run(y, settings, match):
    with pytest.raises(ValueError, match=match):
        learner(**settings).fit(X, y)


@pytest.mark.parametrize("model", MODELS)
def test_absent_masks_are_not_scored(model):
    run = learner(model).fit(X, Y)
    floats = Y_TEST.astype(float)
    floats[4] = np.nan
    hidden = np.ma.array(Y_TEST, mask=np.zeros(Y_TEST.shape, bool))
    hidden[4] = np.ma.masked
    for y in ([*Y_TEST[:4], None, *Y_TEST[5:]], floats, hidden):
        with pytest.raises(ValueError, match="1 of 15 rows to be scored have no label"):
            run.score(X_TEST, y)
    marked = Y_TEST.copy()
    marked[4] = 255
    assert run.score(X_TEST, marked) == mean_iou(marked, run.predict(X_TEST))
    with pytest.raises(ValueError, match="1 of 15 rows"):
        learner(model, missing_label=255).fit(X, Y).score(X_TEST, marked)


# --------------------------------------------------------------------------- oracles


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("y", [Y, list(Y), objects(Y)], ids=["y", "list", "objects"])
def test_an_oracle_of_masks_answers_as_the_simulation(model, y):
    expected = learner(model).fit(X, y)
    oracle = SimulatedOracle(y)
    run = learner(model, oracle=oracle).fit(X)
    assert_array_equal(run.queried_indices_, expected.queried_indices_)
    assert_array_equal(run.predict(X), expected.predict(X))
    assert run.estimator_.got_ == expected.estimator_.got_
    assert oracle.n_asked_ == 12
    function = learner(model, oracle=lambda rows, X_rows: Y[rows]).fit(X)
    assert_array_equal(function.queried_indices_, expected.queried_indices_)


def test_a_simulated_oracle_answers_masks_as_they_came():
    assert_array_equal(SimulatedOracle(Y)([3, 1]), Y[[3, 1]])
    answers = SimulatedOracle(list(Y))([3, 1])
    assert answers.shape == (2,) and answers[0] is not None
    assert_array_equal(answers[1], Y[1])
    boxes = [{"boxes": [], "labels": []}, None]
    assert SimulatedOracle(boxes)([1, 0])[1] is boxes[0]
    with pytest.raises(ValueError, match=r"0\.\.39"):
        SimulatedOracle(Y)([40])


@pytest.mark.parametrize("model", MODELS)
def test_an_oracle_may_abstain_and_stop(model):
    calls = []

    def oracle(rows, X_rows):
        calls.append(rows)
        if len(calls) == 1:
            return [Y[rows[0]], None, Y[rows[2]]]
        raise StopAsking(answers=[Y[rows[0]]])

    run = learner(model, oracle=oracle).fit(X)
    assert run.termination_condition_ == "oracle"
    assert run.labeled_mask_.sum() == 3 and len(run.queried_indices_) == 4
    labels = run.labels_
    assert [k for k in range(40) if labels[k] is not None] == sorted(
        np.flatnonzero(run.labeled_mask_)
    )


def test_unusable_answers_of_an_oracle_are_not_written_down():
    run = learner(oracle=lambda rows, X: Y[rows] / 2)
    with pytest.raises(ValueError, match="number 0 is an array of float64"):
        run.fit(X)
    run.set_params(oracle=SimulatedOracle(Y))
    assert run.resume().labeled_mask_.sum() == 12


def test_noise_is_for_classes():
    for y in (Y, list(Y), [{"boxes": [], "labels": []}]):
        with pytest.raises(ValueError, match="NoisyOracle confuses classes"):
            NoisyOracle(y, noise=0.1)([0])


# ------------------------------------------------------------------------ strategies


@pytest.mark.parametrize(
    "strategy",
    [
        RandomSampling(),
        CoreSet("estimator"),
        TypiClust("estimator"),
        CoreSet(FunctionTransformer(lambda X: X.mean(axis=(1, 2, 3))[:, None])),
        EntropySampling(),
        EntropySampling(aggregate="sum"),
        EntropySampling(aggregate="max"),
        EntropySampling(aggregate=0.1),
        EntropySampling(aggregate=np.median),
        EntropySampling(class_weight=[1, 3]),
        MarginSampling(),
        LeastConfidenceSampling(),
        PoolSubsampling(EntropySampling(), max_pool=10),
        PoolSubsampling(CoreSet("estimator"), max_pool=10),
        StochasticBatch(EntropySampling()),
    ],
    ids=lambda s: str(s)[:60].split(" at 0x")[0],
)
@pytest.mark.parametrize("model", MODELS)
def test_strategies_on_masks(model, strategy):
    run = learner(model, strategy).fit(X, Y)
    assert len(set(run.queried_indices_)) == 12
    again = learner(model, strategy).fit(X, list(Y))
    assert_array_equal(again.queried_indices_, run.queried_indices_)
    taught = learner(model, strategy).fit(X, partly(Y, [0, 1, 2]))
    assert len(taught.query(5)) == 5


def test_a_pipeline_around_the_model():
    class Piped(BaseEstimator):
        def __new__(cls):
            return make_pipeline(FunctionTransformer(lambda X: 2 * X), Declared())

    run = learner(Piped).fit(X, Y)
    expected = learner().fit(2 * X, Y)
    assert_array_equal(run.queried_indices_, expected.queried_indices_)
    assert run.score(X_TEST, Y_TEST) == expected.score(2 * X_TEST, Y_TEST)


def test_strategies_alone_take_masks_of_every_container():
    model = FrozenEstimator(Declared().fit(X, Y))
    asked = [
        EntropySampling(model, random_state=0).fit(X[:3], y, X[3:]).query(4)
        for y in (Y[:3], list(Y[:3]), objects(Y[:3]))
    ]
    assert_array_equal(asked[0], asked[1])
    assert_array_equal(asked[0], asked[2])
    with pytest.raises(ValueError, match="1 missing labels"):
        EntropySampling(model).fit(X[:3], [Y[0], None, Y[2]], X[3:])


# ----------------------------------------------------------------------------- boxes


class Finds(BaseEstimator):
    """Finds as many boxes as images of the same brightness had."""

    def fit(self, X, y):
        self.n_seen_ = len(y)
        self.mean_ = np.mean([len(boxes["labels"]) for boxes in y])
        return self

    def predict(self, X):
        n = [max(0, round(self.mean_ + x)) for x in np.asarray(X)[:, 0]]
        return objects([self._found(k) for k in n])

    def _found(self, n):
        corners = np.tile([0.0, 0.0, 2.0, 2.0], (n, 1))
        probas = np.tile([0.7, 0.2], (n, 1))
        return {"boxes": corners, "labels": np.zeros(n, int), "probas": probas}

    def score(self, X, y):
        found = self.predict(X)
        return -np.mean(
            [abs(len(a["labels"]) - len(b["labels"])) for a, b in zip(found, y)]
        )


class FindsAndSays(Finds):
    answers_kind = BoxAnswers


def box_data(n=30):
    rng = np.random.RandomState(0)
    y = []
    for k in rng.randint(0, 5, n):
        corners = rng.uniform(0, 4, (k, 2))
        y.append({"boxes": np.c_[corners, corners + 1], "labels": np.zeros(k, int)})
    return rng.normal(size=(n, 2)), y


X_BOXES, Y_BOXES = box_data()


@pytest.mark.parametrize("model", [Finds, FindsAndSays])
@pytest.mark.parametrize("pack", [list, objects])
def test_boxes_in_a_simulation_by_hand_and_asked(model, pack):
    y = pack(Y_BOXES)
    run = learner(model, RandomSampling()).fit(X_BOXES, y)
    assert run.history_["n_labeled"] == [3, 6, 9, 12]
    assert np.isfinite(list(run.staged_score(X_BOXES, y))).all()
    asked = learner(model, RandomSampling(), oracle=SimulatedOracle(y)).fit(X_BOXES)
    assert_array_equal(asked.queried_indices_, run.queried_indices_)
    start = run.queried_indices_[:3]
    taught = learner(model, RandomSampling()).fit(X_BOXES, partly(Y_BOXES, start))
    rows = taught.query(3)
    assert_array_equal(rows, run.queried_indices_[3:6])
    taught.teach(rows, [Y_BOXES[rows[0]], {"boxes": [], "labels": []}, None])
    assert_array_equal(taught.labeled_mask_[rows], [True, True, False])
    taught.teach(rows[2:], [Y_BOXES[rows[2]]])  # no row is skipped, for labels_ forgets
    again = learner(model, RandomSampling()).fit(X_BOXES, taught.labels_)
    assert_array_equal(again.query(4), taught.query(4))
    with pytest.raises(ValueError, match="2 rows were asked for"):
        taught.teach(taught.query(2), Y_BOXES[0])
    with pytest.raises(ValueError, match="1 of 30 rows to be scored have no label"):
        run.score(X_BOXES, [None, *Y_BOXES[1:]])


def test_one_image_and_its_boxes_need_no_list():
    taught = learner(FindsAndSays, RandomSampling()).fit(X_BOXES, partly(Y_BOXES, [0]))
    row = taught.query(1)[0]
    assert taught.teach(row, Y_BOXES[row]).labeled_mask_.sum() == 2


def test_uncertainty_of_boxes_in_the_loop():
    run = learner(FindsAndSays, EntropySampling()).fit(X_BOXES, Y_BOXES)
    assert len(set(run.queried_indices_)) == 12


@pytest.mark.parametrize("cls", all_strategies(), ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("model, X", [(Declared, X), (FindsAndSays, X_BOXES)])
def test_a_strategy_asks_or_is_refused_before_an_answer_is_paid(cls, model, X):
    n_asked = []
    truth = Y if model is Declared else Y_BOXES

    def oracle(rows, X_rows):
        n_asked.append(len(rows))
        return [truth[row] for row in rows]

    run = learner(model, cls(), oracle=oracle)
    try:
        run.fit(X)
    except ValueError as error:
        match = f"{cls.__name__} needs a model that gives each sample one class|embed"
        assert re.search(match, str(error)) and not n_asked
    else:
        assert sum(n_asked) == 12


# ----------------------------------------------------------- kept, corrected, undone


def equal(one, other):
    if one is None or other is None:
        return one is other
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            map(equal, one.values(), other.values())
        )
    one, other = np.asarray(one), np.asarray(other)
    return one.dtype == other.dtype and np.array_equal(one, other)


MASKS = X, partly(Y, [0, 1, 2]), list(Y), np.zeros((8, 8), np.uint8)
BOXES = X_BOXES, partly(Y_BOXES, [0, 1, 2]), Y_BOXES, {
    "boxes": np.empty((0, 4)), "labels": np.empty(0, int)
}  # fmt: skip


@pytest.mark.parametrize("model", [*MODELS, Finds, FindsAndSays])
def test_a_journal_holds_masks_and_boxes(model, tmp_path):
    samples, start, truth, nothing = MASKS if model in MODELS else BOXES

    def begin():
        settings = {"strategy": RandomSampling(), "journal": tmp_path / "a"}
        return learner(model, **settings).fit(samples, start)

    def same(one, other):
        assert all(map(equal, one.labels_, other.labels_))
        assert_array_equal(one.labeled_iter_, other.labeled_iter_)
        assert_array_equal(one.skipped_, other.skipped_)
        assert_array_equal(one.query(5), other.query(5))
        assert one.history_["n_labeled"] == other.history_["n_labeled"]

    one, states = begin(), []
    for verb, args, settings in (
        ("teach", ([5, 6, 7], [truth[5], nothing, None]), {"who": "Ada"}),
        ("teach", ([5, 0], [truth[8], truth[9]]), {"relabel": "replace"}),
        ("forget", ([6, 7],), {}),
        ("teach", ([6], [truth[6]]), {}),
    ):
        states.append(pickle.loads(pickle.dumps(one)))
        getattr(one, verb)(*args, **settings)
        again = begin()
        same(again, one)
        one = again
    assert one.labeled_mask_.sum() == 5 and equal(one.labels_[0], truth[9])
    for state in states[::-1]:  # each in a process of its own
        one = begin()
        one.undo()
        same(one, state)
        same(begin(), state)
    with pytest.raises(ValueError, match="nothing to undo"):
        begin().undo()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_answer_is_not_in_the_journal(bad, tmp_path):
    wrong_mask = np.full((8, 8), bad)
    wrong_mask[0] = 1
    wrong_boxes = {"boxes": [[0, 0, 1, bad]], "labels": [0]}
    for k, (model, wrong) in enumerate(
        [(Declared, wrong_mask), (FindsAndSays, wrong_boxes)]
    ):
        samples, start, truth, _ = MASKS if model in MODELS else BOXES
        path = tmp_path / f"{k}"
        one = learner(model, RandomSampling(), journal=path).fit(samples, start)
        before = path.read_bytes()
        with pytest.raises(ValueError):
            one.teach([5, 6], [truth[5], wrong])
        assert path.read_bytes() == before and not one.labeled_mask_[5]
