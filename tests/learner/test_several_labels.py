"""The loop where a row has several labels, or several numbers: y of shape (n, L)."""

import pickle
import warnings

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from sklearn.utils import get_tags

from skactive import ActiveLearner
from skactive.diversity import CoreSet, RandomSampling
from skactive.metrics import make_aulc_scorer
from skactive.oracles import InteractiveOracle, SimulatedOracle
from skactive.stopping import StablePredictions, TargetScore
from skactive.testing import all_strategies
from skactive.uncertainty import MarginSampling

X, SETS = make_multilabel_classification(90, 6, n_classes=3, random_state=0)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NUMBERS = X @ np.random.RandomState(0).randn(6, 2) + 0.25
ONE_LABEL = LogisticRegression()
CLASSIFIERS = {
    "one vs rest": OneVsRestClassifier(ONE_LABEL),
    "pipeline": make_pipeline(StandardScaler(), OneVsRestClassifier(ONE_LABEL)),
    "each label": MultiOutputClassifier(ONE_LABEL),
    "forest": RandomForestClassifier(4),
    "neighbors": KNeighborsClassifier(3),
    "net": MLPClassifier((4,), max_iter=3),
    "search": GridSearchCV(OneVsRestClassifier(ONE_LABEL), {}, cv=2),
}
REGRESSORS = {
    "ridge": Ridge(),
    "forest of numbers": RandomForestRegressor(4),
    "each number": MultiOutputRegressor(Ridge()),
}
ALL = CLASSIFIERS | REGRESSORS
MOST = {name: ALL[name] for name in ("one vs rest", "each label", "neighbors", "ridge")}
EACH_MODEL = pytest.mark.parametrize("model", ALL.values(), ids=ALL)
MOST_MODELS = pytest.mark.parametrize("model", MOST.values(), ids=MOST)
TWO_KINDS = pytest.mark.parametrize(
    "model", [CLASSIFIERS["one vs rest"], REGRESSORS["ridge"]], ids=["sets", "numbers"]
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:Label .* is present in all"
)


def truth_of(model):
    return (
        SETS if hasattr(model, "classes_") or "Classifier" in repr(model) else NUMBERS
    )


def begun(y, rows):
    """Return labels of some rows, the others NaN."""
    partly = np.full(y.shape, np.nan)
    partly[rows] = y[rows]
    return partly


def learner_of(model, strategy=None, **params):
    params = {"n_initial": 12, "budget": 10, "random_state": 0, **params}
    return ActiveLearner(model, strategy or RandomSampling(), **params)


def by_hand(model, **params):
    y = truth_of(model)
    return learner_of(model, **params).fit(X, begun(y, np.arange(12)))


@EACH_MODEL
def test_simulation_oracle_and_hand_end_at_the_same_model(model):
    y = truth_of(model)
    simulated = learner_of(model, CoreSet()).fit(X, y)
    assert simulated.termination_condition_ == "budget"
    asked = simulated.queried_indices_
    oracle = SimulatedOracle(y)
    for start in (None, np.full(y.shape, np.nan)):
        told = learner_of(model, CoreSet(), oracle=oracle).fit(X, start)
        np.testing.assert_array_equal(told.queried_indices_, asked)
    hand = learner_of(model, CoreSet()).fit(X, begun(y, asked[:12]))
    np.testing.assert_array_equal(hand.query(10), asked[12:])
    hand.teach(asked[12:], y[asked[12:]])
    again = learner_of(model).fit(X, hand.labels_)
    expected = simulated.predict(X)
    assert expected.shape == y.shape
    for other in (told, hand, again):
        np.testing.assert_array_equal(other.predict(X), expected)
        assert other.score(X, y) == simulated.score(X, y)
    np.testing.assert_array_equal(hand.labels_, begun(y, asked))
    np.testing.assert_array_equal(again.labels_, hand.labels_)


@MOST_MODELS
def test_labels_that_were_never_revealed_change_nothing(model):
    y = truth_of(model)
    learner = learner_of(model, CoreSet()).fit(X, y)
    hidden = np.flatnonzero(~learner.labeled_mask_)
    other = y.copy()
    other[hidden] = other[np.random.RandomState(1).permutation(hidden)]
    assert (other != y).any()
    shuffled = learner_of(model, CoreSet()).fit(X, other)
    np.testing.assert_array_equal(shuffled.queried_indices_, learner.queried_indices_)
    for now, then in zip(shuffled.staged_predict(X), learner.staged_predict(X)):
        np.testing.assert_array_equal(now, then)


@MOST_MODELS
def test_what_was_taught_can_be_taken_back(model):
    y = truth_of(model)
    learner = by_hand(model)
    labels, predictions = learner.labels_, learner.predict(X)
    learner.teach([20, 21], y[[20, 21]]).teach([22, 23], [None, y[23]])
    assert learner.skipped_.tolist() == [22] and np.isnan(learner.labels_[22]).all()
    learner.teach([3], y[[4]], relabel="replace").forget([5])
    np.testing.assert_array_equal(learner.labels_[3], y[4])
    copied = pickle.loads(pickle.dumps(learner))
    np.testing.assert_array_equal(copied.labels_, learner.labels_)
    assert [len(learner.undo()) for _ in range(4)] == [1, 1, 2, 2]
    np.testing.assert_array_equal(learner.labels_, labels)
    np.testing.assert_array_equal(learner.predict(X), predictions)
    learner.forget(np.arange(12))
    assert learner.labels_.shape == y.shape and np.isnan(learner.labels_).all()


@TWO_KINDS
def test_the_beginning_may_be_undone_and_another_width_begun(model, tmp_path):
    y = truth_of(model)
    learner = learner_of(model, journal=tmp_path / "labels").fit(X)
    assert learner.labels_.shape == (90,)
    learner.teach(np.arange(12), y[:12]).undo()
    learner.teach(np.arange(12), y[:12, 0])
    assert learner.labels_.shape == (90,)
    with pytest.raises(ValueError, match="An answer is one"):
        learner.teach([20], y[[20]])


@MOST_MODELS
def test_a_journal_goes_on_where_it_ended(model, tmp_path):
    y, file = truth_of(model), tmp_path / "labels"
    learner = learner_of(model, journal=file).fit(X)
    learner.teach(np.arange(12), y[:12], who="Ada").teach([12, 13], [None, y[13]])
    learner.forget([3]).teach([4], y[[5]], relabel="replace")
    learner.teach([4], y[[6]], relabel="keep")
    learner._run.journal.close()
    for start in (None, learner.labels_):
        other = learner_of(model, journal=file).fit(X, start)
        np.testing.assert_array_equal(other.labels_, learner.labels_)
        np.testing.assert_array_equal(other.predict(X), learner.predict(X))
        assert other.skipped_.tolist() == [12]
        other._run.journal.close()


def test_a_table_holds_what_a_person_said(tmp_path):
    pytest.importorskip("pandas")
    frame = by_hand(CLASSIFIERS["forest"]).teach([20], SETS[[20]], who="Ada")
    frame = frame.labels_to_frame()
    assert frame["label"].tolist()[-1] == SETS[20].tolist()
    assert frame["who"].tolist()[-1] == "Ada"


# -------------------------------------------------- what is refused, and when

BAD = {
    "fewer columns": [1],
    "more columns": [1, 0, 1, 1],
    "missing in part": [1, np.nan, 0],
    "infinite": [1, np.inf, 0],
    "words": ["a", "b", "c"],
    "a scalar": 1,
    "a word": "cat",
    "a set": {"cat"},
    "boxes": {"boxes": [], "labels": []},
    "a mask": np.zeros((2, 2), dtype=int),
}


@TWO_KINDS
@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
def test_an_answer_that_cannot_be_is_refused_before_anything_is_recorded(model, answer):
    y = truth_of(model)
    answers = [y[20], answer]
    if isinstance(answer, list) and len(answer) == 3 and y.shape[1] == 2:
        answers[1] = answer[1:]
    learner = by_hand(model)
    labels = learner.labels_
    with pytest.raises(ValueError):
        learner.teach([20, 21], answers)
    np.testing.assert_array_equal(learner.labels_, labels)
    # An oracle that errs in its second batch: what was paid before it is sound.
    given = []

    def oracle(rows, X_rows):
        given.append(len(rows))
        return [*y[rows[1:]], answers[1]] if len(given) == 2 else y[rows]

    learner = learner_of(model, oracle=oracle, batch_size=5)
    with pytest.raises(ValueError):
        learner.fit(X, np.full(y.shape, np.nan))
    assert len(learner.queried_indices_) == 12 and learner.cost_ == 12
    learner.resume()
    assert learner.termination_condition_ == "budget"
    assert learner_of(model).fit(X, learner.labels_).score(X, y) <= 1


ONE_COLUMN = {
    "classes": ONE_LABEL,
    "classes of a model of both": RandomForestClassifier(3),
    "numbers": Ridge(),
}


@pytest.mark.parametrize("model", ONE_COLUMN.values(), ids=ONE_COLUMN)
def test_rows_are_refused_by_a_run_of_one_column(model):
    y = SETS[:, 0].astype(float)
    y[12:] = np.nan
    learner = learner_of(model).fit(X, y)
    for answer in ([[1, 0, 1]], SETS[[20]], [(1, 0)], [np.array([1, 0])]):
        with pytest.raises(ValueError, match="An answer is one"):
            learner.teach([20], answer)
    assert learner.labeled_mask_.sum() == 12
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataConversionWarning)
        assert learner.teach([20], np.array([[1]])).labels_[20] == 1


def test_a_row_missing_in_part_is_named():
    y = begun(SETS, np.arange(12))
    y[7, 1] = np.nan
    with pytest.raises(ValueError, match="Row 7 of the labels given is missing"):
        learner_of(CLASSIFIERS["one vs rest"]).fit(X, y)


def test_what_y_cannot_be_is_refused_with_what_to_do():
    model = CLASSIFIERS["one vs rest"]
    for y, words in (
        (sparse.csr_array(SETS), r"pass y.toarray\(\)"),
        (SETS + 1, "columns of more classes are not served"),
        (SETS.astype(str), "MultiLabelBinarizer"),
        ([{"a"}] * 90, "MultiLabelBinarizer"),
        (SETS[:80], "There are 90 samples and 80 rows of y"),
        (np.where(SETS[:, :1] > 0, -1, SETS), "pass missing_label=-1"),
    ):
        with pytest.raises(ValueError, match=words):
            learner_of(model).fit(X, y)
    with pytest.raises(ValueError, match="Leave classes=None"):
        learner_of(model, classes=[0, 1]).fit(X, SETS)


@pytest.mark.parametrize(
    "model", [ONE_LABEL, SVR(), None], ids=["classes", "numbers", "default"]
)
def test_a_model_of_one_column_is_refused_before_a_label_is_paid(model):
    oracle = SimulatedOracle(SETS)
    learner = learner_of(model, oracle=oracle)
    with pytest.raises(ValueError, match="learns one column, and it has several"):
        learner.fit(X, np.full(SETS.shape, np.nan))
    assert oracle.n_asked_ == 0
    with pytest.raises(ValueError, match="An answer is one"):
        learner.fit(X)  # asked once, and nothing is written down
    assert not learner.labeled_mask_.any()


@pytest.mark.parametrize("name", [cls.__name__ for cls in all_strategies()])
def test_a_strategy_serves_sets_of_labels_or_says_so_before_a_label_is_paid(name):
    strategy = {cls.__name__: cls for cls in all_strategies()}[name]()
    oracle = SimulatedOracle(SETS)
    model = CLASSIFIERS["one vs rest"]
    learner = learner_of(model, strategy, oracle=oracle, budget=4, batch_size=2)
    try:
        learner.fit(X, np.full(SETS.shape, np.nan))
    except ValueError as error:
        words = str(error)
        assert "needs one class per sample, and y has several" in words
        for name in ("BinMin", "LabelCardinalityInconsistency", "CVIRS"):
            assert name in words
        assert "MaximumLossReduction" in words and "CoreSet" in words
        assert oracle.n_asked_ == 0
    else:
        assert learner.termination_condition_ == "budget"


@pytest.mark.parametrize("name", [cls.__name__ for cls in all_strategies()])
def test_a_strategy_alone_refuses_rows_that_are_missing(name):
    strategy = {cls.__name__: cls for cls in all_strategies()}[name]()
    y = SETS[:12].astype(float)
    y[3] = np.nan
    with pytest.raises(ValueError, match="missing|needs one class"):
        strategy.fit(X[:12], y, X[12:])


# -------------------------------------------------- one column, and none


@pytest.mark.parametrize("model", [ONE_LABEL, Ridge()], ids=["classes", "numbers"])
def test_one_column_is_none_to_the_bit(model):
    y = SETS[:, 0] if model is ONE_LABEL else NUMBERS[:, 0]
    strategy = MarginSampling() if model is ONE_LABEL else CoreSet()
    flat = learner_of(model, strategy).fit(X, y)
    with pytest.warns(DataConversionWarning):
        column = learner_of(model, strategy).fit(X, y[:, None])
    np.testing.assert_array_equal(column.queried_indices_, flat.queried_indices_)
    for method in ("predict_proba", "decision_function", "predict"):
        if hasattr(flat, method):
            ours, theirs = (getattr(each, method)(X) for each in (column, flat))
            np.testing.assert_array_equal(ours, theirs)


# -------------------------------------------------- what a model has to say


@pytest.mark.parametrize("model", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_probabilities_and_classes_are_those_of_the_model(model):
    learner = learner_of(model).fit(X, SETS)
    proba, known = learner.predict_proba(X), learner.estimator_.predict_proba(X)
    assert type(proba) is type(known) and len(proba) == len(known)
    np.testing.assert_array_equal(np.stack(proba), np.stack(known))
    assert len(list(learner.staged_predict_proba(X))) == 2
    if isinstance(proba, list):
        assert [column.tolist() for column in learner.classes_] == [[0, 1]] * 3
    else:
        assert learner.classes_.tolist() == [0, 1, 2]


def test_a_label_that_is_not_seen_yet_has_a_column_for_1():
    y = SETS.copy()
    y[:, 2] = 0
    learner = learner_of(CLASSIFIERS["forest"]).fit(X, y)
    assert [len(c) for c in learner.estimator_.classes_] == [2, 2, 1]
    last = learner.predict_proba(X)[2]
    assert last.shape == (90, 2) and (last == [1, 0]).all()
    assert [c.tolist() for c in learner.classes_] == [[0, 1]] * 3


def rare(n_with):
    """Return sets in which few rows have the last label."""
    y = SETS.copy()
    y[:, 2] = 0
    y[np.random.RandomState(0).choice(90, n_with, replace=False), 2] = 1
    return y


def test_more_is_drawn_where_a_label_is_the_same_in_all_rows():
    model = CLASSIFIERS["each label"]
    learner = learner_of(model, n_initial=5, random_state=3).fit(X, rare(20))
    drawn = learner.history_["n_labeled"][0]
    assert 5 < drawn <= 10
    first = learner.labeled_iter_ == 0
    assert first.sum() == drawn and (rare(20)[first].std(axis=0) > 0).all()


def test_a_label_that_stays_unseen_ends_with_advice_after_as_many_rows_again():
    learner = learner_of(CLASSIFIERS["each label"], n_initial=5)
    with pytest.raises(ValueError, match="OneVsRestClassifier takes a label that was"):
        learner.fit(X, rare(0))
    assert len(learner.queried_indices_) == 10
    learner_of(CLASSIFIERS["one vs rest"], n_initial=5).fit(X, rare(0))


def test_by_hand_a_label_that_is_the_same_everywhere_is_named():
    rows = np.flatnonzero(rare(20)[:, 2] == 0)[:8]
    learner = learner_of(CLASSIFIERS["each label"]).fit(X, begun(rare(20), rows))
    with pytest.warns(UserWarning, match="Of the 8 rows known so far, 0 have label 2"):
        learner.query(3)
    seen = np.flatnonzero(rare(20)[:, 2])[:1]
    assert learner.teach(seen, rare(20)[seen]).predict(X).shape == SETS.shape
    assert learner.teach(int(rows[-1]) + 1, [0, 1, 1]).labels_.shape == SETS.shape


# -------------------------------------------------- scores, costs, and the rest


@MOST_MODELS
def test_scorers_searches_and_stopping(model):
    y = truth_of(model)
    scoring = "f1_micro" if y is SETS else "r2"
    learner = learner_of(model)
    scores = cross_validate(learner, X, y, cv=2, scoring=scoring)["test_score"]
    assert np.isfinite(scores).all()
    scoring = make_aulc_scorer(scoring)
    search = GridSearchCV(learner, {"budget": [5, 10]}, cv=2, scoring=scoring)
    assert np.isfinite(search.fit(X, y).best_score_)
    goal = learner_of(model, stopping=TargetScore(-1e9), budget=50)
    goal.fit(X, y, X_val=X[:20], y_val=y[:20])
    assert goal.termination_condition_ == "stopping"
    assert goal.history_["score"][0] == goal.score(X[:20], y[:20])


def test_predictions_are_stable_label_by_label():
    criterion = StablePredictions(0.5, rounds=1)
    learner = learner_of(CLASSIFIERS["forest"], stopping=criterion).fit(X, SETS)
    first, second = learner.staged_predict(X)
    replayed = StablePredictions(1.0, rounds=1).reset()
    for stage in learner.stages():
        replayed.update(stage, X=X)
    assert replayed.agreements_ == [(first == second).mean()]
    assert (first == second).mean() != (first == second).all(axis=1).mean()


def test_weights_and_prices_are_cut_to_the_labeled_rows():
    weight = np.where(SETS[:, 0], 1.0, 1e-9)
    # Leaves hold rows of weight: before scikit-learn 1.8, trees draw all rows alike.
    model = RandomForestClassifier(5, min_weight_fraction_leaf=0.1)
    learner = learner_of(model).fit(X, SETS, sample_weight=weight)
    assert learner.predict(X)[:, 0].all()
    seen = []

    def cost(rows, X_rows, answers):
        seen.append(np.shape(answers))
        return np.full(len(rows), 2.0)

    assert learner_of(model, cost=cost, batch_size=5).fit(X, SETS).cost_ == 24 + 10
    assert seen[0] == (12, 3)
    assert learner_of(model).fit(X, SETS, cost=np.full(90, 0.5)).cost_ == 6 + 10
    start = np.arange(90) < 9
    assert learner_of(model).fit(X, SETS, labeled=start).labeled_iter_[8] == 0


def test_what_a_learner_says_of_itself_follows_model_and_strategy():
    for model in (*CLASSIFIERS.values(), *REGRESSORS.values()):
        ours, own = get_tags(learner_of(model)), get_tags(model)
        assert ours.target_tags.multi_output == own.target_tags.multi_output
        assert ours.target_tags.single_output == own.target_tags.single_output
        assert ours.classifier_tags == own.classifier_tags
    tags = get_tags(learner_of(CLASSIFIERS["forest"], MarginSampling()))
    assert not tags.classifier_tags.multi_label and not tags.target_tags.multi_output


def test_the_default_strategy_serves_sets():
    learner = ActiveLearner(CLASSIFIERS["forest"], budget=5, random_state=0)
    assert isinstance(learner.fit(X, SETS).strategy_, RandomSampling)
    oracle = SimulatedOracle(SETS)
    learner.set_params(oracle=oracle).fit(X)
    assert isinstance(learner.strategy_, RandomSampling)
    learner.set_params(oracle=None, simulate=True).fit(X, SETS[:, 0])
    assert isinstance(learner.strategy_, MarginSampling)


def test_a_person_types_sets_by_a_function_or_is_not_asked():
    typed = iter(["1 0 1", "x", "", "0 1 0", "q"])

    def asked(**params):
        oracle = InteractiveOracle(
            input_fn=lambda prompt: next(typed), output_fn=lambda text: None, **params
        )
        return learner_of(CLASSIFIERS["one vs rest"], oracle=oracle, n_initial=4)

    for params in ({}, {"classes": ["a", "b"]}):
        with pytest.raises(ValueError, match="Leave classes=None and pass cast="):
            asked(**params).fit(X, np.full(SETS.shape, np.nan))
    learner = asked(cast=lambda text: [int(word) for word in text.split()]).fit(X)
    assert learner.labels_[learner.labeled_mask_].tolist() in (
        [[1, 0, 1], [0, 1, 0]],
        [[0, 1, 0], [1, 0, 1]],
    )
    assert len(learner.skipped_) == 1
