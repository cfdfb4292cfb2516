"""The learner of streams: decisions one by one or in chunks, containers, manners."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    TimeSeriesSplit,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skactive.compose import DensityWeighted
from skactive.disagreement import BALD
from skactive.stream import (
    FixedGate,
    PeriodicGate,
    QuantileGate,
    RandomGate,
    SplitGate,
    StreamLearner,
    VariableGate,
)
from skactive.uncertainty import EntropySampling, MarginSampling

X, Y = load_digits(return_X_y=True)
ORDER = np.random.RandomState(0).permutation(len(X))
X, Y = X[ORDER] / 16, Y[ORDER]


def known(n):
    return np.ones(n, dtype=bool)


def begun(**settings):
    learner = StreamLearner(LogisticRegression(), random_state=0, **settings)
    return learner.fit(X[:100], Y[:100], labeled=known(100))


# ------------------------------------------------------------- chunks

GATES = {
    "random": RandomGate(0.2),
    "periodic": PeriodicGate(0.2),
    "fixed": FixedGate(0.2, threshold=0.5),
    "variable": VariableGate(0.2, noise=0.1),
    "split": SplitGate(0.2),
    "quantile": QuantileGate(0.2, window=20),
}
# Of these a block of rows gives other last bits than one row.
ASKED = {
    "margin": (LogisticRegression(), MarginSampling()),
    "net": (MLPClassifier((8,), max_iter=20, tol=1), EntropySampling()),
    "density": (LogisticRegression(), DensityWeighted()),
    "committee": (GaussianNB(), BALD(n_members=2)),
}


def in_chunks(learner, X, sizes):
    cuts = np.cumsum(sizes)[:-1]
    return np.concatenate([learner.decide(part) for part in np.split(X, cuts)])


@pytest.mark.parametrize(
    "gate, asked",
    [(g, "margin") for g in GATES] + [("quantile", a) for a in ASKED if a != "margin"],
)
def test_many_rows_at_once_are_decided_as_one_by_one(gate, asked):
    model, strategy = ASKED[asked]
    learner = StreamLearner(model, strategy, GATES[gate], n_initial=70, random_state=0)
    learner.fit(X[:60], Y[:60], labeled=known(60))
    stored = pickle.dumps(learner)
    ways = {}
    for sizes in ([1] * 80, [80], [7, 0, 33, 40]):
        one = pickle.loads(stored)
        ways[len(sizes)] = in_chunks(one, X[60:140], sizes)
        assert (one.n_seen_, one.gate_.n_seen_) == (80, 10)
        assert one.gate_.n_spent_ + 70 == ways[len(sizes)].sum()
        last = getattr(one.gate_, "_last", np.zeros(1))[:10]
        ways[len(sizes)] = [*ways[len(sizes)], *last]
    assert_array_equal(ways[80], ways[1])
    assert_array_equal(ways[80], ways[4])


def test_a_block_would_have_other_last_bits():
    """Else the rows could be scored together, a hundred times faster."""
    learner = begun()
    block = learner.score_samples(X[100:400])
    single = [learner.score_samples(X[k : k + 1])[0] for k in range(100, 400)]
    np.testing.assert_allclose(block, single)
    assert np.any(block != single)


# ------------------------------------------------------------- from nothing


def test_a_stream_may_begin_without_a_label():
    learner = StreamLearner(LogisticRegression(), n_initial=10, random_state=0)
    ask = learner.decide(X[:6])
    assert ask.dtype == bool and ask.all()
    assert learner.decide(X[6:40]).sum() == 4 + 3  # by chance, no label is there yet
    assert learner.gate_.n_seen_ == 30
    learner.teach(X[:10], Y[:10])  # late
    assert learner.history_ == {"n_seen": [40], "n_labeled": [10], "correct": [0]}
    assert_array_equal(learner.classes_, np.unique(Y[:10]))
    assert learner.decide(X[:0]).shape == (0,)


def test_labels_may_come_first():
    learner = StreamLearner(LogisticRegression(), random_state=0).teach(X[:50], Y[:50])
    expected = LogisticRegression().fit(X[:50], Y[:50])
    assert_array_equal(expected.predict_proba(X), learner.predict_proba(X))
    assert learner.decide(X[50:90]).sum() <= 5


def test_skips_are_no_labels():
    learner = begun()
    before = learner.predict_proba(X)
    learner.teach(X[100:103], [None, np.nan, None])
    assert_array_equal(before, learner.predict_proba(X))
    learner.teach(X[100:103], [None, Y[101], None])
    assert learner.history_["n_labeled"] == [100, 101]
    learner.teach(X[:0], [])


def test_a_new_class_joins_where_the_model_is_fitted_anew():
    few = Y[:300] < 8
    learner = StreamLearner(LogisticRegression(), random_state=0)
    learner.teach(X[:300][few], Y[:300][few])
    assert learner.predict_proba(X[:5]).shape == (5, 8)
    learner.teach(X[:300][~few], Y[:300][~few])
    assert learner.classes_.tolist() == list(range(10))


def test_classes_that_may_come_have_columns_at_once():
    learner = StreamLearner(LogisticRegression(), classes=range(12), random_state=0)
    learner.teach(X[:100], Y[:100])
    proba = learner.predict_proba(X[:5])
    assert proba.shape == (5, 12) and not proba[:, 10:].any()


# ------------------------------------------------------------- bad input


def state(learner):
    learner = pickle.loads(pickle.dumps(learner))
    return pickle.dumps(vars(learner))


NAN = X[:4].copy()
NAN[2, 3] = np.nan


@pytest.mark.parametrize(
    "do, error, words",
    [
        (lambda s: s.decide(NAN), ValueError, "NaN"),
        (lambda s: s.decide(X[:3, :5]), ValueError, "5 features"),
        (lambda s: s.decide(X[0]), ValueError, "1D|2D|features"),
        (lambda s: s.decide(iter(X)), TypeError, "iterator|positions"),
        (lambda s: s.decide("abc"), (ValueError, TypeError), "."),
        (lambda s: s.teach(NAN, Y[:4]), ValueError, "NaN"),
        (lambda s: s.teach(X[:3, :5], Y[:3]), ValueError, "5 features"),
        (lambda s: s.teach(X[:3], Y[:2]), ValueError, "inconsistent"),
        (lambda s: s.teach(X[:2], np.eye(10)[:2]), ValueError, "1-d"),
        (lambda s: s.teach(X[:2], ["three", "four"]), TypeError, "mixes strings"),
        (lambda s: s.teach(X[:2], [1, np.inf]), ValueError, "infinity"),
        (
            lambda s: s.teach(X[:2], [[1], [2, 3]]),
            ValueError,
            "one class|inhomogeneous",
        ),
        (lambda s: s.teach(X[:2], None), ValueError, "y is None"),
    ],
    ids=[f"case {k}" for k in range(13)],
)
def test_refused_input_leaves_no_trace(do, error, words):
    learner = begun()
    learner.decide(X[100:120])
    before = state(learner)
    with pytest.raises(error, match=words):
        do(learner)
    assert state(learner) == before


def test_unknown_classes_are_refused_where_classes_are_declared():
    declared = StreamLearner(LogisticRegression(), classes=range(9), random_state=0)
    with pytest.raises(ValueError, match=r"\[9\] is not among classes"):
        declared.teach(X[:50], Y[:50])
    assert not hasattr(declared, "n_seen_")
    steps = StreamLearner(SGDClassifier(loss="log_loss"), random_state=0)
    steps.fit(X[:100], Y[:100] % 5, labeled=known(100))
    before = state(steps)
    with pytest.raises(ValueError, match="(?s)not among.*incremental=False"):
        steps.teach(X[:2], [3, 7])
    assert state(steps) == before


@pytest.mark.parametrize("y", [["a", "b"], [1.0, np.inf], [1j, 2]], ids=str)
def test_a_regressor_takes_finite_numbers(y):
    learner = StreamLearner(Ridge(), random_state=0).teach(X[:50], X[:50, 2])
    before = state(learner)
    with pytest.raises(ValueError, match="finite number|infinity|Complex"):
        learner.teach(X[:2], y)
    with pytest.raises(ValueError, match="finite number|infinity|Complex"):
        learner.fit(X[:2], y)
    assert state(learner) == before


def test_samples_of_the_beginning_have_columns_that_stay():
    learner = StreamLearner()
    learner.decide(X[:5])
    with pytest.raises(ValueError, match="3 features"):
        learner.decide(X[:5, :3])
    with pytest.raises(ValueError, match="3 features"):
        learner.teach(X[:5, :3], Y[:5])
    assert learner.n_seen_ == 5


def test_a_stream_in_which_nothing_is_uncertain():
    """All scores are 0: chance decides, and the budget is spent."""
    rng = np.random.RandomState(0)
    X_sure = np.repeat([[-1.0], [1.0]], 150, axis=0)[rng.permutation(300)]
    y_sure = (X_sure[:, 0] > 0).astype(int)
    for gate in (QuantileGate(), VariableGate(), SplitGate()):
        learner = StreamLearner(GaussianNB(), None, gate, refit_every=9, random_state=0)
        learner.fit(X_sure, y_sure)
        assert not learner.score_samples(X_sure).any()
        assert 25 <= learner.gate_.n_spent_ <= 29 and learner.prequential_score_ == 1


# ------------------------------------------------------------- containers


def test_frames_keep_their_columns():
    frame = pd.DataFrame(
        {"size": X[:60, 20], "kind": np.where(X[:60, 30] > 0.5, "big", "small")}
    )
    y = np.where(X[:60, 20] > 0.4, "yes", "no")
    model = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), ["kind"]), remainder="passthrough"
        ),
        LogisticRegression(),
    )
    learner = StreamLearner(model, refit_every=5, random_state=0).fit(frame, y)
    assert learner.feature_names_in_.tolist() == ["size", "kind"]
    twin = pickle.loads(pickle.dumps(learner))
    one_by_one = [twin.decide(frame.iloc[k : k + 1])[0] for k in range(20)]
    assert_array_equal(learner.decide(frame[:20]), one_by_one)
    learner.teach(frame[:3], y[:3])
    assert set(learner.predict(frame)) == {"no", "yes"}
    with pytest.raises(ValueError, match="feature names"):
        learner.decide(frame.rename(columns={"size": "length"}))


@pytest.mark.parametrize(
    "make", [sparse.csr_matrix, sparse.coo_array], ids=["csr", "coo"]
)
def test_sparse_samples(make):
    dense = StreamLearner(refit_every=9, random_state=0).fit(X[:150], Y[:150])
    learner = StreamLearner(refit_every=9, random_state=0).fit(make(X[:150]), Y[:150])
    assert_array_equal(learner.asked_, dense.asked_)
    ask = learner.decide(make(X[150:200]))
    learner.teach(make(X[150:200]).tocsr()[ask], Y[150:200][ask])
    assert learner.predict(make(X[:9])).shape == (9,)


def test_lists_and_labels_of_any_kind():
    learner = StreamLearner(random_state=0).fit(X[:60].tolist(), Y[:60].tolist())
    assert learner.decide(X[60:70].tolist()).shape == (10,)
    learner.teach(X[60:62].tolist(), Y[60:62].tolist())
    kept = np.array([f"digit {k}" for k in Y[:60]], dtype=object)
    learner = StreamLearner(random_state=0).fit(X[:60], kept)
    assert learner.predict(X[:1])[0].startswith("digit")


# ------------------------------------------------------------- manners


def test_type_and_tags_are_those_of_the_model():
    assert is_classifier(StreamLearner()) and is_regressor(StreamLearner(Ridge()))
    assert not hasattr(StreamLearner(Ridge()), "predict_proba")
    assert not hasattr(StreamLearner(), "partial_fit")
    assert not hasattr(StreamLearner(), "stages")


def test_predictions_are_those_of_the_model():
    learner = begun()
    for name in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        assert_array_equal(
            getattr(learner, name)(X), getattr(learner.estimator_, name)(X)
        )
    assert learner.score(X, Y) == learner.estimator_.score(X, Y)


def test_scores_are_pure():
    learner = begun()
    learner.decide(X[:30])
    before = state(learner)
    assert_array_equal(learner.score_samples(X), learner.score_samples(X))
    assert state(learner) == before
    with pytest.raises(NotFittedError):
        StreamLearner().score_samples(X)


def test_gate_and_strategy_that_were_given_stay_as_they_were():
    gate, strategy, model = QuantileGate(), MarginSampling(), LogisticRegression()
    learner = StreamLearner(model, strategy, gate, random_state=0).fit(X[:90], Y[:90])
    for part in (gate, strategy, model):
        assert not [name for name in vars(part) if name.endswith("_")]
    copy = clone(learner)
    assert not hasattr(copy, "gate_") and copy.gate is not gate


def test_a_pickle_goes_on_with_the_stream():
    learner = begun(gate=SplitGate(0.3))
    learner.decide(X[100:150])
    other = pickle.loads(pickle.dumps(learner))
    for k in range(150, 250, 20):
        rows = slice(k, k + 20)
        ask = learner.decide(X[rows])
        assert_array_equal(ask, other.decide(X[rows]))
        for each in (learner, other):
            each.teach(X[rows][ask], Y[rows][ask])
    assert_array_equal(learner.predict_proba(X), other.predict_proba(X))
    assert learner.gate_.n_spent_ == other.gate_.n_spent_


def test_the_same_seed_gives_the_same_stream():
    some, other = (
        StreamLearner(gate=SplitGate(0.2), refit_every=9, random_state=3).fit(
            X[:150], Y[:150]
        )
        for _ in range(2)
    )
    assert_array_equal(some.asked_, other.asked_)
    third = clone(some).set_params(random_state=4).fit(X[:150], Y[:150])
    assert not np.array_equal(some.asked_, third.asked_)


@pytest.mark.parametrize(
    "cv", [TimeSeriesSplit(3), KFold(3, shuffle=False)], ids=["time", "folds"]
)
def test_cross_validation_in_the_order_of_time(cv):
    learner = StreamLearner(
        make_pipeline(StandardScaler(), LogisticRegression()),
        refit_every=9,
        random_state=0,
    )
    found = cross_validate(learner, X[:300], Y[:300], cv=cv, return_estimator=True)
    assert found["test_score"].min() > 0.4
    for each, (train, _) in zip(found["estimator"], cv.split(X[:300]), strict=True):
        assert each.n_seen_ == len(train)
        assert each.gate_.n_spent_ <= 0.1 * (len(train) - 20) + 1


def test_a_search_over_budgets_and_strategies():
    grid = {
        "gate__budget": [0.05, 0.3],
        "strategy": [MarginSampling(), EntropySampling()],
    }
    learner = StreamLearner(
        LogisticRegression(),
        MarginSampling(),
        QuantileGate(),
        refit_every=9,
        random_state=0,
    )
    search = GridSearchCV(learner, grid, cv=TimeSeriesSplit(2)).fit(X[:200], Y[:200])
    assert search.best_estimator_.gate_.budget == search.best_params_["gate__budget"]
    assert learner.gate.budget == 0.1


def test_labeled_is_routed_and_cut():
    mask = np.arange(200) < 60
    with config_context(enable_metadata_routing=True):
        found = cross_validate(
            StreamLearner(random_state=0, refit_every=20),
            X[:200],
            Y[:200],
            cv=TimeSeriesSplit(2),
            params={"labeled": mask},
            return_estimator=True,
        )
    for each, n_train in zip(found["estimator"], (68, 134), strict=True):
        assert each.n_seen_ == n_train - 60
