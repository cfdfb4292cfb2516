"""Whole families: what every strategy refuses, and what its models see."""

import inspect

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.fixes import parse_version

from skactive import ActiveLearner
from skactive.compose import (
    DensityWeighted,
    OutlierFilter,
    OutlierPenalty,
    PoolSubsampling,
    StochasticBatch,
    StrategySchedule,
)
from skactive.disagreement import BALD, EPIG, BatchBALD, PowerBALD, QueryByCommittee
from skactive.diversity import (
    BADGE,
    CLUE,
    ALFAMix,
    ClusterMargin,
    CoreSet,
    DropQuery,
    GradientLCMD,
    GreedySampling,
    UncertaintyHerding,
)
from skactive.lookahead import ExpectedModelChange
from skactive.testing import all_strategies
from skactive.uncertainty import EntropySampling, MarginSampling

X, y = make_classification(150, 6, n_informative=4, n_classes=3, random_state=0)
STRATEGIES = all_strategies()
COMMITTEES = [BALD, BatchBALD, EPIG, PowerBALD, QueryByCommittee]
LAST_LAYER = [ALFAMix, BADGE, CLUE, ClusterMargin, DropQuery, GradientLCMD]


class Counting:
    """An oracle that counts what was paid."""

    def __init__(self):
        self.n_paid = 0

    def __call__(self, rows, X_rows):
        self.n_paid += len(rows)
        return y[rows]


def refusal(model, strategy):
    """Return the words that a learner refuses by, at no cost; None if it takes all."""
    oracle = Counting()
    learner = ActiveLearner(model, strategy, budget=5, oracle=oracle, random_state=0)
    try:
        learner.fit(X)
    except (ValueError, TypeError) as error:
        assert oracle.n_paid == 0, f"{oracle.n_paid} labels were paid: {error}"
        return str(error)
    return None


@pytest.mark.parametrize("cls", STRATEGIES, ids=lambda cls: cls.__name__)
def test_a_wrong_value_is_refused_before_a_label_is_paid(cls):
    class Wrong:
        def __repr__(self):
            return "WRONG"

    for name in inspect.signature(cls).parameters:
        if name in ("sample", "X_target"):
            continue
        words = refusal(LogisticRegression(), cls(**{name: Wrong()}))
        assert words is not None, name
        assert name in words and cls.__name__ in words and "WRONG" in words


@pytest.mark.parametrize("cls", STRATEGIES, ids=lambda cls: cls.__name__)
def test_a_wrong_model_is_refused_before_a_label_is_paid(cls):
    refusal(LinearSVC(), cls())


# What may stand in the place of Ridge, and is a regressor all the same.
REGRESSORS = {
    "Ridge": Ridge(),
    "pipeline": make_pipeline(StandardScaler(), Ridge()),
    "search": GridSearchCV(Ridge(), {"alpha": [1.0]}, cv=2),
    "target": TransformedTargetRegressor(Ridge()),
}
ADVISED = ["LCMD", "CoreSet", "QueryByCommittee", "BatchVariance", "VarianceReduction"]
ADVISED += ["GreedySampling", "ExpectedModelChange", "RandomSampling"]


@pytest.mark.parametrize("cls", all_strategies(numbers=True), ids=lambda c: c.__name__)
def test_a_regressor_is_served_or_told_who_serves_it_before_a_label_is_paid(cls):
    said = {name: refusal(model, cls()) for name, model in REGRESSORS.items()}
    refused = {name for name, words in said.items() if words is not None}
    assert refused in (set(), set(said)), said
    for words in filter(None, said.values()):
        assert all(name in words for name in ADVISED), words
        assert "regressor" in words and "Calibrated" not in words


@pytest.mark.parametrize("wrap", [StochasticBatch, OutlierFilter, PoolSubsampling])
@pytest.mark.parametrize("model", REGRESSORS.values(), ids=list(REGRESSORS))
def test_what_is_inside_another_strategy_is_served_or_refused_alike(wrap, model):
    words = refusal(model, wrap(MarginSampling()))
    assert words is not None and all(name in words for name in ADVISED)
    assert refusal(model, wrap(ExpectedModelChange())) is None


@pytest.mark.parametrize(
    "strategy",
    [
        MarginSampling(LogisticRegression()),
        QueryByCommittee(LogisticRegression()),
        UncertaintyHerding(LogisticRegression()),
        ExpectedModelChange(LogisticRegression()),
        OutlierFilter(MarginSampling(LogisticRegression())),
    ],
    ids=["margin", "committee", "herding", "change", "inside"],
)
def test_a_classifier_is_not_trained_on_numbers(strategy):
    # The oracle answers whole numbers, of which it would make classes.
    words = refusal(Ridge(), strategy)
    assert words is not None and "a classifier, on the numbers" in words
    assert all(name in words for name in ADVISED)


@pytest.mark.parametrize(
    "strategy",
    [GreedySampling(Ridge()), ExpectedModelChange(Ridge())],
    ids=["greedy", "change"],
)
def test_a_regressor_is_not_trained_on_classes(strategy):
    words = refusal(LogisticRegression(), strategy)
    assert words is not None and "a regressor, on the classes" in words


def test_a_fitted_model_is_asked_whatever_it_was_trained_on():
    frozen = FrozenEstimator(LogisticRegression().fit(X, y))
    assert refusal(Ridge(), MarginSampling(frozen)) is None
    frozen = FrozenEstimator(Ridge().fit(X, y))
    assert refusal(LogisticRegression(), GreedySampling(frozen)) is None


@pytest.mark.parametrize(
    "strategy",
    [
        CoreSet("umap"),
        QueryByCommittee(n_members=1),
        StochasticBatch(CoreSet()),
        StochasticBatch(MarginSampling(LinearSVC())),
        UncertaintyHerding(radius=-1),
        ALFAMix(DecisionTreeClassifier()),
    ],
)
def test_wrong_parts_are_refused_before_a_label_is_paid(strategy):
    assert refusal(LogisticRegression(), strategy) is not None


@pytest.mark.parametrize("cls", COMMITTEES)
def test_members_see_the_weights_of_the_model(cls):
    w = np.where(y == 0, 1e-9, 1.0)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    learner = ActiveLearner(model, cls(n_members=5), budget=10, random_state=0)
    learner.fit(X, y, logisticregression__sample_weight=w)
    assert all((m.predict(X) != 0).all() for m in learner.strategy_.members_)


def first_of_two(strategy):
    return StrategySchedule([("now", strategy), ("later", CoreSet())], at=19)


def alone(strategy):
    return strategy


WRAPPERS = [alone, first_of_two]
WRAPPERS += [StochasticBatch, DensityWeighted, OutlierFilter, OutlierPenalty]


@pytest.mark.parametrize(
    "wrap",
    [lambda strategy: strategy, *WRAPPERS, first_of_two],
    ids=lambda w: w.__name__,
)
def test_a_model_of_its_own_sees_the_weights(wrap):
    w = np.where(y == 0, 1e-9, 1.0)
    strategy = wrap(EntropySampling(LogisticRegression()))
    learner = ActiveLearner(GaussianNB(), strategy, budget=10, random_state=0)
    learner.fit(X, y, sample_weight=w)
    fitted = getattr(learner.strategy_, "strategy_", learner.strategy_)
    assert (fitted.estimator_.predict(X) != 0).all()
    assert "_fit_params" not in vars(fitted)


def test_weights_that_a_model_cannot_heed_are_refused_before_a_label_is_paid():
    oracle, strategy = Counting(), EntropySampling(KNeighborsClassifier())
    learner = ActiveLearner(GaussianNB(), strategy, oracle=oracle, budget=5)
    with pytest.raises(ValueError, match="takes no sample_weight"):
        learner.fit(X, sample_weight=np.ones(len(X)))
    assert oracle.n_paid == 0


def wrappers():
    flat = make_pipeline(StandardScaler(), PCA(3), LogisticRegression())
    nested = make_pipeline(StandardScaler(), make_pipeline(*flat[1:]))
    yield flat, nested
    yield flat, GridSearchCV(flat, {"logisticregression__C": [1.0]}, cv=2)
    inner = GridSearchCV(make_pipeline(PCA(3), LogisticRegression()), {}, cv=2)
    yield flat, make_pipeline(StandardScaler(), inner)
    yield flat, FrozenEstimator(clone(flat).fit(X[:60], y[:60]))


@pytest.mark.parametrize("cls", LAST_LAYER)
@pytest.mark.parametrize("flat, wrapped", list(wrappers()))
def test_flat_equals_nested(cls, flat, wrapped):
    answers = [
        cls(model, random_state=0).fit(X[:60], y[:60], X[60:]).query(8)
        for model in (clone(flat), wrapped)
    ]
    assert_array_equal(*answers)


@pytest.mark.parametrize("cls", LAST_LAYER)
def test_a_threshold_is_looked_through_or_named(cls):
    two = (y > 0).astype(int)
    flat = make_pipeline(StandardScaler(), PCA(3), LogisticRegression())
    data = X[:60], two[:60], X[60:]
    wrapped = cls(FixedThresholdClassifier(flat, threshold=0.3), random_state=0)
    if cls in (ALFAMix, DropQuery):
        with pytest.raises(ValueError, match="FixedThresholdClassifier"):
            wrapped.fit(*data)
    else:
        expected = cls(flat, random_state=0).fit(*data).query(8)
        assert_array_equal(wrapped.fit(*data).query(8), expected)


@pytest.mark.parametrize("cls", LAST_LAYER)
def test_a_wrapper_that_hides_the_last_layer_is_named(cls):
    pipe = make_pipeline(StandardScaler(), PCA(3), LogisticRegression())
    words = refusal(CalibratedClassifierCV(pipe, cv=2), cls())
    assert "CalibratedClassifierCV" in words


def test_a_default_asks_the_model_of_the_learner():
    model = make_pipeline(StandardScaler(), DecisionTreeClassifier())
    learner = ActiveLearner(model, StochasticBatch(), budget=5, random_state=0)
    asked = learner.fit(X, y).strategy_.strategy_.estimator_
    assert asked.estimator is learner.estimators_[-2]


def test_defaults_work_on_mixed_frames():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": np.where(y, "u", "v")})
    steps = make_column_transformer((StandardScaler(), ["a", "b"]))
    model = make_pipeline(steps, LogisticRegression())
    for strategy in (
        StochasticBatch(),
        DensityWeighted(embedding="estimator"),
        OutlierFilter(embedding="estimator"),
        OutlierPenalty(embedding="estimator"),
        StrategySchedule([("a", CoreSet("estimator")), ("b", MarginSampling())], at=12),
        CoreSet("estimator"),
        UncertaintyHerding(embedding="estimator"),
    ):
        ActiveLearner(model, strategy, budget=5, random_state=0).fit(frame, y)


@pytest.mark.parametrize("seed", range(6))
def test_bootstraps_keep_what_calibration_needs(seed):
    model = CalibratedClassifierCV(LinearSVC(), cv=2)
    rows = np.r_[np.flatnonzero(y == 0)[:2], np.flatnonzero(y == 1)[:9]]
    QueryByCommittee(model, random_state=seed).fit(X[rows], y[rows], X)


def test_a_sampler_in_front_of_a_forest_is_passed_over():
    over = pytest.importorskip(
        "imblearn.over_sampling", reason="imbalanced-learn is not installed"
    )
    from imblearn.pipeline import make_pipeline

    model = make_pipeline(
        StandardScaler(), over.RandomOverSampler(), RandomForestClassifier(5)
    )
    QueryByCommittee(model, random_state=0).fit(X[:60], y[:60], X[60:]).query(3)
    model = make_pipeline(
        StandardScaler(), over.RandomOverSampler(), LogisticRegression()
    )
    BADGE(model, random_state=0).fit(X[:60], y[:60], X[60:]).query(3)


def test_stacking_is_asked_for_what_it_will_have():
    model = StackingClassifier([("nb", GaussianNB())], cv=2)
    assert refusal(make_pipeline(StandardScaler(), model), MarginSampling()) is None


def columns_a_and_b(frame):
    return np.column_stack([frame["a"], frame["b"]])


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
@pytest.mark.parametrize("cls", STRATEGIES, ids=lambda cls: cls.__name__)
def test_frames_keep_their_names_in_embeddings(library, cls):
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    if "embedding" not in inspect.signature(cls).parameters:
        pytest.skip("has no embedding")
    if "estimator" in inspect.signature(cls).parameters:
        pytest.skip("its model reads the frame itself")
    make = module.DataFrame if library == "polars" else module.table
    arrays = X[:30, :2], X[30:60, :2]
    frames = [make({"a": Z[:, 0], "b": Z[:, 1]}) for Z in arrays]
    by_name = make_pipeline(FunctionTransformer(columns_a_and_b), StandardScaler())
    runs = [(make_column_transformer((StandardScaler(), [0, 1])), arrays)]
    runs += [(by_name, frames)]
    # The ColumnTransformer of scikit-learn takes tables of pyarrow from 1.9 on.
    new = parse_version(sklearn.__version__) >= parse_version("1.9")
    if library == "polars" or new:
        runs += [(make_column_transformer((StandardScaler(), ["a", "b"])), frames)]
    answers = []
    for embedding, (labeled, pool) in runs:
        strategy = cls(embedding=embedding, random_state=0)
        answers.append(strategy.fit(labeled, y[:30], pool).query(3))
    for answer in answers[1:]:
        assert_array_equal(answer, answers[0])
