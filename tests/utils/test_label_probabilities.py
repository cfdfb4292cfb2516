"""One view of what models of several labels answer, and what labels look like."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_multilabel_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skactive.lookahead import MaximumLossReduction
from skactive.uncertainty import CVIRS, BinMin, LabelCardinalityInconsistency
from skactive.utils._label_probabilities import (
    check_label_probabilities,
    check_label_sets,
    indicators,
    label_margins,
    label_probabilities,
)

STRATEGIES = [BinMin, LabelCardinalityInconsistency, CVIRS, MaximumLossReduction]
LOGISTIC = LogisticRegression()
FOREST = RandomForestClassifier(5, random_state=0)
FITS_CONSTANTS = {
    "one vs rest": OneVsRestClassifier(LOGISTIC),
    "pipeline": make_pipeline(StandardScaler(), OneVsRestClassifier(LOGISTIC)),
    "tree": DecisionTreeClassifier(max_depth=2, random_state=0),
    "forest": FOREST,
    "extra trees": ExtraTreesClassifier(5, random_state=0),
    "neighbors": KNeighborsClassifier(),
    "dummy": DummyClassifier(),
    "search": GridSearchCV(FOREST, {"max_depth": [2]}, cv=2),
    "forest in a pipeline": make_pipeline(StandardScaler(), FOREST),
    "stack": StackingClassifier([("a", FOREST)], KNeighborsClassifier(), cv=2),
}
MODELS = {
    **FITS_CONSTANTS,
    "one by one": MultiOutputClassifier(LOGISTIC),
    "chain": ClassifierChain(LOGISTIC),
    "chain, by predictions": ClassifierChain(LOGISTIC, chain_method="predict"),
    "net": MLPClassifier((4,), solver="lbfgs", max_iter=500, random_state=0),
    "stack in a pipeline": make_pipeline(
        StandardScaler(), StackingClassifier([("k", FOREST)], FOREST, cv=2)
    ),
}


@pytest.fixture
def labeled():
    return make_multilabel_classification(80, 5, n_classes=3, random_state=0)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("dtype", [int, float, bool])
def test_it_is_the_probability_that_the_label_is_there(name, dtype, labeled):
    """What a model predicts is what its probabilities are above one half for."""
    X, y = labeled
    model = MODELS[name].fit(X, y.astype(dtype))
    predicted = np.asarray(model.predict(X)).astype(int)
    proba = label_probabilities(model, X, 3)
    assert proba.shape == y.shape and proba.dtype == np.float64
    undecided = np.isclose(proba, 0.5)
    assert_array_equal(proba[~undecided] > 0.5, predicted[~undecided] == 1)
    assert_array_equal(label_probabilities(FrozenEstimator(model), X, 3), proba)


@pytest.mark.filterwarnings("ignore:Label .* is present:UserWarning")
@pytest.mark.parametrize("name", FITS_CONSTANTS)
def test_a_label_never_seen_is_0_and_one_always_seen_is_1(name, labeled):
    X, y = labeled
    y = y.copy()
    y[:, 0], y[:, 1] = 0, 1
    proba = label_probabilities(FITS_CONSTANTS[name].fit(X, y), X, 3)
    assert_array_equal(proba[:, 0], 0)
    assert_array_equal(proba[:, 1], 1)
    assert 0 < proba[:, 2].mean() < 1


def test_stacking_of_scikit_learn_answers_with_absence(labeled):
    """If it answers otherwise one day, what is made of it here is to be deleted."""
    X, y = labeled
    model = MODELS["stack"].fit(X, y)
    assert_allclose(model.predict_proba(X), 1 - label_probabilities(model, X, 3))


def test_one_class_for_each_sample_is_a_set_of_one(labeled):
    X, y = labeled
    model = LogisticRegression().fit(X, y[:, 0])
    assert_array_equal(label_probabilities(model, X), model.predict_proba(X)[:, 1:])
    classes = np.array(["ant", "bee", "cow"])[np.arange(80) % 3]
    model = LogisticRegression(max_iter=1000).fit(X, classes)
    assert_array_equal(label_probabilities(model, X), model.predict_proba(X))
    assert_array_equal(indicators(classes, model), np.eye(3)[np.arange(80) % 3])
    assert_array_equal(indicators(classes[:2], model), np.eye(3)[:2])
    assert_array_equal(indicators([5, 7, 5], object()), [[0], [1], [0]])
    tree = DecisionTreeClassifier().fit(X, np.zeros(80))
    assert_array_equal(label_probabilities(tree, X), np.ones((80, 1)))
    assert_array_equal(indicators(np.zeros(2), tree), [[1], [1]])


class Says(ClassifierMixin, BaseEstimator):
    """Answers what it is told to."""

    def __init__(self, answer, classes_=None):
        self.answer = answer
        self.classes_ = classes_

    def fit(self, X, y):
        return self

    def predict_proba(self, X):
        return self.answer


HALVES = np.full((4, 2), 0.5)


@pytest.mark.parametrize(
    "answer, classes, words",
    [
        ([np.full((4, 3), 1 / 3)], [[0, 1, 2]], "classes \\[0, 1, 2\\].*OneHotEncoder"),
        ([HALVES], [["no", "yes"]], "classes \\['no', 'yes'\\].*0 and 1"),
        ([HALVES[:, :1]], None, "says what they are in classes_"),
        ([HALVES[:, 0]], None, "one column for each class"),
        ([np.full((4, 3), 1 / 3)], [[0, 1]], "one column for each class"),
        (HALVES, None, "y has 1 labels.*answers for 2"),
        ([HALVES, HALVES], None, "y has 1 labels.*answers for 2"),
        ([], None, "shape \\(n_samples, n_labels\\)"),
        (np.array([[0.5], [np.nan], [1.0]]), None, "Row 1 .*between 0 and 1"),
        (np.array([[0.5], [1.0], [-3.0]]), None, "Row 2 .*between 0 and 1"),
        (np.array([0.5, 0.5]), None, "n_labels"),
    ],
    ids=str,
)
def test_what_is_no_answer_for_labels_is_refused(answer, classes, words):
    with pytest.raises(ValueError, match=f"(?s){words}"):
        label_probabilities(Says(answer, classes), None, 1)


def test_answers_of_two_columns_need_no_classes():
    stacked = np.stack([HALVES, HALVES])
    for answer in ([HALVES, HALVES], stacked, tuple(stacked)):
        assert_array_equal(label_probabilities(Says(answer), None, 2), HALVES)


def test_several_labels_where_one_class_is_expected_are_refused():
    for answer in ([HALVES, HALVES], np.stack([HALVES, HALVES])):
        with pytest.raises(ValueError, match="Pass y of shape"):
            label_probabilities(Says(answer), None)


def test_rounding_is_brought_back_and_nothing_else_is_copied():
    proba = np.array([[0.2, 1.0]])
    assert check_label_probabilities(proba) is proba
    near = np.array([[-1e-9, 1 + 1e-9]], dtype=np.float32)
    assert_array_equal(check_label_probabilities(near), [[0, 1]])
    assert check_label_probabilities(np.ones((2, 1), np.float16)).dtype == np.float32
    assert check_label_probabilities([[True]]).dtype == np.float64
    assert check_label_probabilities(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("n_votes", [3, 5, 9, 50, 100, 300])
def test_rounding_prefers_no_side_of_a_vote(n_votes):
    """Of 9 votes, 2 * p - 1 is nearer to 0 for 4 than for 5."""
    votes = np.arange(n_votes + 1)
    there, absent = label_margins(np.stack([votes, n_votes - votes]) / n_votes)
    assert_array_equal(there, -absent)
    assert_allclose(there, 2 * votes / n_votes - 1, atol=1e-12)
    assert (np.diff(there) > 0).all()


def test_margins_near_certainty_stay_apart_and_keep_their_precision():
    p = np.array([[1e-15, 1e-13, 0.5, 1 - 1e-13, 1 - 1e-15]])
    assert (np.diff(label_margins(p)) > 0).all()
    assert_array_equal(label_margins(np.array([[0.0, 0.5, 1.0]])), [[-1, 0, 1]])
    single = label_margins(np.float32([[0.25, 0.75]]))
    assert single.dtype == np.float32
    assert_array_equal(single, [[-0.5, 0.5]])


def odd_labels(y):
    """Return labels that are none, by what is said of them."""
    gaps, lost = y.astype(float), y.astype(object)
    gaps[2, 1] = np.nan
    lost[3] = None
    return {
        "Row 2 of y is missing in part": gaps,
        "Row 3 of y is missing:": lost,
        "Row 3 of y is missing: pass": np.where(lost == 0, pd.NA, lost)[[3] * 4 + [0]],
        "toarray": sparse.csr_array(y),
        "y holds 2 in row": y * 2,
        "y holds -1.0 in row": y - 1.0,
        "y holds '[01]' in row 0": y.astype(str),
    }


@pytest.mark.parametrize("words", list(odd_labels(np.eye(5))))
@pytest.mark.parametrize("cls", STRATEGIES)
def test_labels_that_are_none_are_refused(cls, words, labeled):
    X, y = labeled
    odd = odd_labels(y)[words]
    words = words.replace("Row 3 of y is missing: pass", "Row 0 of y is missing: pass")
    with pytest.raises(ValueError, match=words):
        cls().fit(X[: odd.shape[0]], odd, X)


@pytest.mark.parametrize(
    "names",
    [{"a"}, frozenset("ab"), ["a", "b"], ("a",), ["a"]],
    ids=["set", "frozenset", "list", "tuple", "of one"],
)
@pytest.mark.parametrize("cls", STRATEGIES)
def test_sets_of_names_are_sent_to_the_binarizer(cls, names, labeled):
    X, _ = labeled
    ragged = [names] * 40 + [["a", "b", "c"]] * 40
    kept = np.empty(80, dtype=object)
    kept[:] = ragged
    for y in ([names] * 80, ragged, kept, pd.Series(ragged)):
        with pytest.raises(ValueError, match="MultiLabelBinarizer"):
            cls().fit(X, y, X)


@pytest.mark.parametrize("cls", STRATEGIES)
def test_containers_of_labels_do_not_change_the_answer(cls, labeled):
    X, y = labeled
    frame = pd.DataFrame(y, columns=["a", "b", "c"], index=np.arange(80)[::-1])
    model = OneVsRestClassifier(LOGISTIC)
    expected = cls(model, random_state=0).fit(X[:40], y[:40], X[40:]).query(9)
    kinds = [y.tolist(), y.astype(float), y.astype(bool), y.astype(object)]
    for kind in (*kinds, frame, frame.astype("Int64"), frame.astype("category")):
        answer = cls(model, random_state=0).fit(X[:40], kind[:40], X[40:]).query(9)
        assert_array_equal(answer, expected)


@pytest.mark.parametrize("cls", STRATEGIES)
def test_models_that_cannot_serve_say_what_can(cls, labeled):
    X, y = labeled
    for model in (LOGISTIC, make_pipeline(LOGISTIC), BaggingClassifier(LOGISTIC)):
        with pytest.raises(ValueError, match="(?s)1d array.*OneVsRestClassifier"):
            cls(model).fit(X, y, X)
    constant = np.c_[y, np.zeros(80, dtype=int)]
    for model in (MultiOutputClassifier(LOGISTIC), ClassifierChain(LOGISTIC)):
        with pytest.raises(ValueError, match="never seen, wrap.*OneVsRestClassifier"):
            cls(model).fit(X, constant, X)
    for model in (LinearSVC(), OneVsRestClassifier(LinearSVC())):
        with pytest.raises(ValueError, match="predict_proba.*Calibrated"):
            cls(model).fit(X, y, X)
    with pytest.raises(ValueError, match="needs a classifier"):
        cls(RandomForestRegressor()).fit(X, y, X)
    fitted = RandomForestClassifier(3).fit(X, np.c_[y, y[:, 0] + 2 * y[:, 1]])
    with pytest.raises(ValueError, match="Label 3 .*has the classes \\[0, 1, 2, 3\\]"):
        cls(FrozenEstimator(fitted)).fit(X, np.c_[y, y[:, 0]], X).query(1)
    fitted = RandomForestClassifier(3).fit(X, y)
    with pytest.raises(ValueError, match="y has 2 labels.*answers for 3"):
        cls(FrozenEstimator(fitted)).fit(X, y[:, :2], X).query(1)


@pytest.mark.parametrize("cls", STRATEGIES)
def test_another_fit_forgets_how_many_labels_there_were(cls, labeled):
    X, y = labeled
    strategy = cls(random_state=0).fit(X[:40], y[:40], X[40:])
    assert isinstance(strategy.estimator_, OneVsRestClassifier)
    strategy.fit(X[:40], y[:40, 0], X[40:])
    assert isinstance(strategy.estimator_, LogisticRegression)
    fresh = cls(random_state=0).fit(X[:40], y[:40, 0], X[40:])
    assert_array_equal(strategy.query(9), fresh.query(9))


def test_rows_of_zeros_are_labels():
    y = np.zeros((3, 2))
    assert check_label_sets(y) is y
    assert_array_equal(indicators(y, object()), np.zeros((3, 2)))


@pytest.mark.parametrize("cls", STRATEGIES)
def test_the_row_of_the_pool_is_named_whose_probability_is_none(cls):
    answer = np.full((6, 3), 0.5)
    answer[4, 1] = np.nan
    X, y = np.zeros((4, 1)), np.ones((4, 3), dtype=int)
    with pytest.raises(ValueError, match="Row 4 of the probabilities of labels"):
        cls(Says(answer)).fit(X, y, np.zeros((6, 1))).query(1)
