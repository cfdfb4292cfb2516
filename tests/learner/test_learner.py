"""The learner: simulation, what it is made of, and what scikit-learn does with it."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import ClassifierMixin, clone, is_classifier, is_regressor
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_digits, load_iris, make_blobs
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    StratifiedKFold,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from skactive import ActiveLearner, QueryStrategy
from skactive.base import ScoreStrategy
from skactive.diversity import CoreSet, KMeansSampling, RandomSampling
from skactive.exceptions import AmbiguousTargetWarning
from skactive.metrics import aulc_scorer
from skactive.selection import k_center_greedy
from skactive.uncertainty import EntropySampling, MarginSampling

X_DIGITS, Y_DIGITS = load_digits(return_X_y=True)
X_DIGITS = X_DIGITS / 16
X_BLOBS, Y_BLOBS = make_blobs(120, centers=3, random_state=0, cluster_std=2.0)
X_IRIS, Y_IRIS = load_iris(return_X_y=True)
X_IRIS = (X_IRIS - X_IRIS.mean(axis=0)) / X_IRIS.std(axis=0)


def partial(y, n_labeled, seed=0):
    """Return y as floats with all but some labels missing."""
    out = np.full(len(y), np.nan)
    rows = np.random.RandomState(seed).permutation(len(y))[:n_labeled]
    out[rows] = y[rows]
    return out


# ---------------------------------------------------------------- simulation


def test_a_simulation_spends_exactly_what_it_may():
    learner = ActiveLearner(n_initial=7, budget=23, batch_size=5, random_state=0)
    learner.fit(X_DIGITS, Y_DIGITS)
    assert learner.history_["n_labeled"] == [7, 12, 17, 22, 27, 30]
    assert learner.labeled_mask_.sum() == 30
    assert learner.n_iter_ == 5
    assert learner.termination_condition_ == "budget"
    assert_array_equal(np.bincount(learner.labeled_iter_ + 1)[1:], [7, 5, 5, 5, 5, 3])
    assert len(set(learner.queried_indices_)) == 30
    assert_array_equal(
        np.sort(learner.queried_indices_), np.flatnonzero(learner.labeled_mask_)
    )
    assert_array_equal(learner.labeled_iter_[learner.queried_indices_[:7]], 0)


@pytest.mark.parametrize("strategy", [MarginSampling(), RandomSampling(), CoreSet()])
def test_labels_never_revealed_change_nothing(strategy):
    learner = ActiveLearner(
        LogisticRegression(), strategy, budget=40, random_state=3
    ).fit(X_DIGITS, Y_DIGITS)
    hidden = np.flatnonzero(~learner.labeled_mask_)
    y_other = Y_DIGITS.copy()
    y_other[hidden] = np.random.RandomState(0).permutation(y_other[hidden])
    assert (y_other != Y_DIGITS).mean() > 0.5
    other = clone(learner).fit(X_DIGITS, y_other)
    assert_array_equal(other.queried_indices_, learner.queried_indices_)
    assert_array_equal(other.predict(X_DIGITS), learner.predict(X_DIGITS))
    assert_array_equal(other.predict_proba(X_DIGITS), learner.predict_proba(X_DIGITS))


def test_strategies_compared_with_one_seed_begin_with_the_same_labels_and_model():
    learners = [
        ActiveLearner(
            RandomForestClassifier(5), strategy, budget=20, random_state=4
        ).fit(X_IRIS, Y_IRIS)
        for strategy in (MarginSampling(), RandomSampling(), CoreSet())
    ]
    first = learners[0]
    for other in learners[1:]:
        assert_array_equal(other.queried_indices_[:10], first.queried_indices_[:10])
        assert_array_equal(
            next(other.staged_predict_proba(X_IRIS)),
            next(first.staged_predict_proba(X_IRIS)),
        )
        assert [m.random_state for m in other.estimators_] == [
            m.random_state for m in first.estimators_
        ]
    assert len({m.random_state for m in first.estimators_}) == 1


def test_random_state_none_leaves_the_seeds_of_the_parts_alone():
    forest = RandomForestClassifier(3, random_state=11)
    learner = ActiveLearner(forest, budget=10).fit(X_IRIS, Y_IRIS)
    assert [m.random_state for m in learner.estimators_] == [11, 11]


def test_a_larger_budget_goes_on_where_the_smaller_one_ended():
    small = ActiveLearner(budget=30, random_state=0).fit(X_DIGITS, Y_DIGITS)
    large = ActiveLearner(budget=60, random_state=0).fit(X_DIGITS, Y_DIGITS)
    assert_array_equal(large.queried_indices_[:40], small.queried_indices_)


def test_budget_larger_than_the_data_labels_everything_without_a_warning():
    learner = ActiveLearner(budget=1000, batch_size=40).fit(X_IRIS, Y_IRIS)
    assert learner.termination_condition_ == "all_labeled"
    assert learner.labeled_mask_.all()
    full = LogisticRegression().fit(X_IRIS, Y_IRIS)
    assert_array_equal(learner.predict_proba(X_IRIS), full.predict_proba(X_IRIS))


def test_the_simulation_may_begin_from_a_mask():
    labeled = np.zeros(150, dtype=bool)
    labeled[[0, 60, 120]] = True
    learner = ActiveLearner(budget=10, batch_size=5, random_state=0)
    learner.fit(X_IRIS, Y_IRIS, labeled=labeled)
    assert learner.history_["n_labeled"] == [3, 8, 13]
    assert_array_equal(np.flatnonzero(learner.labeled_iter_ == 0), [0, 60, 120])
    assert len(learner.queried_indices_) == 10


def test_initial_strategy_chooses_the_beginning():
    learner = ActiveLearner(
        initial_strategy=KMeansSampling(), n_initial=6, budget=5, random_state=0
    ).fit(X_BLOBS, Y_BLOBS)
    start = np.flatnonzero(learner.labeled_iter_ == 0)
    assert len(start) == 6
    by_hand = clone(learner).set_params(initial_strategy=RandomSampling())
    assert set(by_hand.fit(X_BLOBS, Y_BLOBS).queried_indices_[:6]) != set(start)
    with pytest.raises(ValueError, match="requires y to be passed"):
        clone(learner).set_params(initial_strategy=MarginSampling()).fit(
            X_BLOBS, Y_BLOBS
        )


def test_a_simulated_learner_does_not_carry_the_data():
    learner = ActiveLearner(budget=20, keep_estimators=False, random_state=0)
    size = len(pickle.dumps(learner.fit(X_DIGITS, Y_DIGITS)))
    assert size < X_DIGITS.nbytes / 20
    again = pickle.loads(pickle.dumps(learner))
    assert_array_equal(again.predict(X_DIGITS), learner.predict(X_DIGITS))
    with pytest.raises(ValueError, match="simulation and keeps no pool"):
        learner.query(3)
    with pytest.raises(AttributeError, match="simulation"):
        _ = learner.labels_


def test_validation_scores_enter_the_history():
    learner = ActiveLearner(budget=20, random_state=0)
    learner.fit(
        X_DIGITS[:900], Y_DIGITS[:900], X_val=X_DIGITS[900:], y_val=Y_DIGITS[900:]
    )
    expected = list(learner.staged_score(X_DIGITS[900:], Y_DIGITS[900:]))
    assert learner.history_["score"] == expected
    with pytest.raises(ValueError, match="X_val and y_val together"):
        learner.fit(X_DIGITS, Y_DIGITS, X_val=X_DIGITS)


# --------------------------------------------------------- what it is made of


def test_defaults_follow_the_kind_of_estimator():
    learner = ActiveLearner(budget=10).fit(X_IRIS, Y_IRIS)
    assert isinstance(learner.estimator_, LogisticRegression)
    assert isinstance(learner.strategy_, MarginSampling)
    X, y = load_diabetes(return_X_y=True)
    regressor = ActiveLearner(Ridge(), budget=10).fit(X, y)
    assert isinstance(regressor.strategy_, RandomSampling)
    assert is_regressor(regressor) and is_classifier(learner)
    assert not hasattr(regressor, "classes_")
    assert not hasattr(regressor, "predict_proba")
    assert hasattr(learner, "predict_proba")


def test_estimator_none_predicts_with_the_model_of_the_strategy():
    learner = ActiveLearner(strategy=MarginSampling(GaussianNB()), budget=10)
    learner.fit(X_IRIS, Y_IRIS)
    assert isinstance(learner.estimator_, GaussianNB)
    # One model, asked by the strategy as it stood before the last batch.
    assert learner.strategy_.estimator_.estimator is learner.estimators_[-2]


def test_both_given_the_model_of_the_strategy_only_selects():
    learner = ActiveLearner(
        LogisticRegression(), MarginSampling(GaussianNB()), budget=10
    ).fit(X_IRIS, Y_IRIS)
    assert isinstance(learner.estimator_, LogisticRegression)
    assert isinstance(learner.strategy_.estimator_, GaussianNB)


class JointSampler(ClassifierMixin, ScoreStrategy):
    """Ask what its own classifier is unsure of."""

    fits = 0

    def _default_estimator(self):
        return GaussianNB()

    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        type(self).fits += 1
        self.saw_pool_ = None if X_pool is None else len(X_pool)

    def score_samples(self, X):
        return -self.estimator_.predict_proba(X).max(axis=1)

    @property
    def classes_(self):
        return self.estimator_.classes_

    def predict(self, X):
        return self.estimator_.predict(X)


def test_a_joint_sampler_predicts_and_is_trained_once_a_round():
    JointSampler.fits = 0
    learner = ActiveLearner(
        strategy=JointSampler(), n_initial=20, budget=20, random_state=0
    ).fit(X_IRIS, Y_IRIS)
    assert JointSampler.fits == 3
    assert isinstance(learner.estimator_, JointSampler)
    assert [m.saw_pool_ for m in learner.estimators_] == [130, 120, 110]
    assert all(m._X_pool is None for m in learner.estimators_)
    assert learner.score(X_IRIS, Y_IRIS) > 0.8

    JointSampler.fits = 0
    both = ActiveLearner(
        LogisticRegression(), JointSampler(), n_initial=20, budget=20, random_state=0
    ).fit(X_IRIS, Y_IRIS)
    assert JointSampler.fits == 2  # it only selects, and is not handed the other model
    assert isinstance(both.estimator_, LogisticRegression)
    assert isinstance(both.strategy_.estimator_, GaussianNB)
    assert_array_equal(both.queried_indices_[:20], learner.queried_indices_[:20])


class WrappedSampling(QueryStrategy):
    """Ask another strategy."""

    def __init__(self, strategy, *, random_state=None):
        self.strategy = strategy
        self.random_state = random_state

    def _fit(self, X, y, X_pool):
        self.strategy_ = clone(self.strategy).fit(X, y, X_pool)

    def _query(self, n):
        return self.strategy_.query(n)


def test_the_model_reaches_a_strategy_inside_a_strategy():
    wrapped = ActiveLearner(
        GaussianNB(), WrappedSampling(MarginSampling()), budget=20, random_state=0
    ).fit(X_IRIS, Y_IRIS)
    plain = ActiveLearner(
        GaussianNB(), MarginSampling(), budget=20, random_state=0
    ).fit(X_IRIS, Y_IRIS)
    inner = wrapped.strategy_.strategy_.estimator_
    assert inner.estimator is wrapped.estimators_[-2]
    assert set(wrapped.queried_indices_) == set(plain.queried_indices_)
    own = ActiveLearner(
        strategy=WrappedSampling(MarginSampling(GaussianNB())), budget=20
    ).fit(X_IRIS, Y_IRIS)
    assert isinstance(own.estimator_, GaussianNB)


class PoolCounter(GaussianNB):
    """A classifier that wants to see the pool."""

    def fit(self, X, y, X_pool=None):
        self.n_pool_ = None if X_pool is None else len(X_pool)
        return super().fit(X, y)


def test_the_word_estimator_is_the_embedding_of_the_model_of_the_round():
    X, y = X_IRIS, Y_IRIS
    model = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis())
    learner = ActiveLearner(
        model,
        CoreSet("estimator"),
        n_initial=10,
        budget=5,
        batch_size=5,
        random_state=0,
    ).fit(X, y)
    first = learner.queried_indices_[:10]
    pool = np.setdiff1d(np.arange(len(X)), first)
    seen = learner.estimators_[0].transform(X)
    expected = pool[k_center_greedy(seen[pool], 5, Z_labeled=seen[first])]
    assert learner.queried_indices_[10:].tolist() == expected.tolist()


def test_the_word_estimator_needs_a_model_that_embeds_and_a_learner():
    X, y = X_IRIS, Y_IRIS
    asked = []
    learner = ActiveLearner(
        LogisticRegression(), CoreSet("estimator"), oracle=lambda *a: asked.append(a)
    )
    with pytest.raises(ValueError, match="has no transform"):
        learner.fit(X)
    assert not asked
    with pytest.raises(ValueError, match="embedding=FrozenEstimator"):
        CoreSet("estimator").fit(X[:20], y[:20], X[20:])
    with pytest.raises(ValueError, match="got 'pca'"):
        CoreSet("pca").fit(X[:20], y[:20], X[20:])


def test_an_estimator_that_wants_the_pool_is_shown_it():
    learner = ActiveLearner(PoolCounter(), RandomSampling(), budget=20, random_state=0)
    learner.fit(X_IRIS, Y_IRIS)
    assert [m.n_pool_ for m in learner.estimators_] == [140, 130, 120]


@pytest.mark.parametrize("kind", ["frame", "csr", "coo", "list", "float32", "images"])
def test_containers_reach_the_estimator_as_they_are(kind):
    X = {
        "frame": lambda: pd.DataFrame(X_IRIS, columns=list("abcd")),
        "csr": lambda: sparse.csr_array(X_IRIS),
        "coo": lambda: sparse.coo_matrix(X_IRIS),
        "list": lambda: X_IRIS.tolist(),
        "float32": lambda: X_IRIS.astype(np.float32),
        "images": lambda: X_IRIS.reshape(-1, 1, 2, 2),
    }[kind]()

    class Spy(DecisionTreeClassifier):
        def fit(self, X, y):
            self.kind_ = (type(X).__name__, np.ndim(X), getattr(X, "dtype", None))
            return super().fit(X.reshape(len(X), -1) if kind == "images" else X, y)

        def predict_proba(self, X):
            return super().predict_proba(X.reshape(len(X), -1))

        def predict(self, X):
            return super().predict(X.reshape(len(X), -1))

    if kind == "images":
        model = Spy(random_state=0)
    else:
        model = DecisionTreeClassifier(random_state=0)
    learner = ActiveLearner(model, MarginSampling(), budget=30, random_state=0)
    learner.fit(X, Y_IRIS)
    plain = ActiveLearner(
        DecisionTreeClassifier(), MarginSampling(), budget=30, random_state=0
    ).fit(X_IRIS, Y_IRIS)
    assert_array_equal(learner.queried_indices_, plain.queried_indices_)
    if kind == "images":
        assert learner.estimator_.kind_ == ("ndarray", 4, np.dtype(float))
    if kind == "frame":
        assert_array_equal(learner.feature_names_in_, list("abcd"))
        with pytest.raises(ValueError, match="feature names"):
            learner.predict(X[list("abdc")])
    if kind != "images":
        assert_array_equal(learner.predict(X), plain.predict(X_IRIS))


def test_mixed_columns_go_through_a_pipeline_inside():
    frame = pd.DataFrame(X_IRIS, columns=list("abcd"))
    frame["kind"] = np.where(frame["a"] > 0, "long", "short")
    prepare = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["kind"]), remainder=StandardScaler()
    )
    y = np.array(["setosa", "versicolor", "virginica"])[Y_IRIS]
    learner = ActiveLearner(
        make_pipeline(prepare, LogisticRegression()), budget=30, random_state=0
    ).fit(frame, y)
    assert learner.score(frame, y) > 0.9
    assert learner.predict(frame).dtype.kind == "U"
    learner = ActiveLearner(
        make_pipeline(prepare, LogisticRegression()), CoreSet(prepare), budget=30
    ).fit(frame, y)
    assert learner.score(frame, y) > 0.8


# ----------------------------------------------- scikit-learn's own tools on it


def grid_search(n_jobs, **kwargs):
    learner = ActiveLearner(
        LogisticRegression(), MarginSampling(), budget=20, random_state=0
    )
    grid = [
        {
            "activelearner__strategy": [MarginSampling(), RandomSampling()],
            "activelearner__batch_size": [5, 10],
        },
        {
            "activelearner__strategy": [CoreSet()],
            "activelearner__strategy__metric": ["euclidean", "cosine"],
        },
    ]
    search = GridSearchCV(
        make_pipeline(StandardScaler(), learner),
        grid,
        scoring=aulc_scorer,
        cv=3,
        n_jobs=n_jobs,
        error_score="raise",
    )
    return search.fit(X_BLOBS, Y_BLOBS)


def test_grid_search_on_the_whole_curve_does_not_depend_on_n_jobs():
    one, two = grid_search(1), grid_search(2)
    assert len(one.cv_results_["mean_test_score"]) == 6
    for k in range(3):
        key = f"split{k}_test_score"
        assert_array_equal(one.cv_results_[key], two.cv_results_[key])
    assert one.best_params_.keys() == two.best_params_.keys()
    assert_array_equal(one.predict(X_BLOBS), two.predict(X_BLOBS))
    assert len(set(one.cv_results_["mean_test_score"])) > 1


def test_halving_search_spends_the_budget_as_its_resource():
    search = HalvingGridSearchCV(
        ActiveLearner(batch_size=5, random_state=0),
        {"strategy": [MarginSampling(), RandomSampling(), EntropySampling()]},
        resource="budget",
        min_resources=5,
        max_resources=45,
        factor=3,
        cv=2,
        scoring=aulc_scorer,
    ).fit(X_BLOBS, Y_BLOBS)
    assert search.n_resources_ == [5, 15]
    assert search.best_estimator_.budget == 15


def test_sample_weight_is_cut_to_the_labeled_rows_in_cross_validation():
    weight = np.where(Y_BLOBS == 0, 5.0, 1.0)
    learner = ActiveLearner(budget=20, random_state=0)
    cv = StratifiedKFold(3)
    result = cross_validate(
        learner,
        X_BLOBS,
        Y_BLOBS,
        cv=cv,
        params={"sample_weight": weight},
        return_estimator=True,
        error_score="raise",
    )
    train = next(cv.split(X_BLOBS, Y_BLOBS))[0]
    fitted = result["estimator"][0]
    rows = train[fitted.labeled_mask_]
    by_hand = LogisticRegression().fit(
        X_BLOBS[rows], Y_BLOBS[rows], sample_weight=weight[rows]
    )
    np.testing.assert_allclose(fitted.estimator_.coef_, by_hand.coef_)


def test_sample_weight_is_routed():
    weight = np.where(Y_BLOBS == 0, 5.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogisticRegression().set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=False)
        learner = ActiveLearner(model, budget=20, random_state=0)
        cross_validate(
            learner.set_score_request(sample_weight=False),
            X_BLOBS,
            Y_BLOBS,
            params={"sample_weight": weight},
            error_score="raise",
        )
        learner.fit(X_BLOBS, Y_BLOBS, sample_weight=weight)
    rows = learner.labeled_mask_
    by_hand = LogisticRegression().fit(
        X_BLOBS[rows], Y_BLOBS[rows], sample_weight=weight[rows]
    )
    np.testing.assert_allclose(learner.estimator_.coef_, by_hand.coef_)


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    "params, match",
    [
        ({"budget": 0}, "'budget' parameter"),
        ({"budget": -3}, "'budget' parameter"),
        ({"budget": 2.5}, "'budget' parameter"),
        ({"batch_size": 0}, "'batch_size' parameter"),
        ({"n_initial": 0}, "'n_initial' parameter"),
        ({"strategy": "margin"}, "'strategy' parameter"),
        ({"oracle": 3}, "'oracle' parameter"),
    ],
)
def test_parameters_out_of_range(params, match):
    with pytest.raises(ValueError, match=match):
        ActiveLearner(**params).fit(X_IRIS, Y_IRIS)


def test_a_strategy_that_needs_probabilities_says_so_before_a_label_is_paid():
    def oracle(rows, X_rows):
        raise AssertionError("asked")

    for learner in (
        ActiveLearner(LinearSVC(), MarginSampling(), oracle=oracle),
        ActiveLearner(
            strategy=WrappedSampling(MarginSampling(LinearSVC())), oracle=oracle
        ),
        ActiveLearner(GaussianNB(), EntropySampling(LinearSVC()), oracle=oracle),
    ):
        with pytest.raises(ValueError, match="needs an estimator with predict_proba"):
            learner.fit(X_IRIS)


def test_labels_that_make_no_sense():
    learner = ActiveLearner()
    with pytest.raises(ValueError, match="requires y to be passed"):
        learner.fit(X_IRIS)
    with pytest.raises(ValueError, match="no label and there is no oracle"):
        learner.fit(X_IRIS, np.full(150, np.nan))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        learner.fit(X_IRIS, Y_IRIS[:-1])
    with pytest.raises(ValueError, match="1-d"):
        learner.fit(X_IRIS, np.column_stack([Y_IRIS, Y_IRIS]))
    with pytest.raises(ValueError, match="y is complete"):
        ActiveLearner(oracle=len).fit(X_IRIS, Y_IRIS)
    with pytest.raises(ValueError, match="boolean mask"):
        learner.fit(X_IRIS, Y_IRIS, labeled=[1, 2, 3])
    with pytest.raises(ValueError, match="labeled is for simulations"):
        learner.fit(X_IRIS, partial(Y_IRIS, 9), labeled=np.ones(150, dtype=bool))
    with pytest.raises(ValueError, match="missing_label=-1"):
        ActiveLearner(missing_label=-1).fit(X_IRIS, partial(Y_IRIS, 9))


def test_a_fit_that_is_refused_leaves_the_labels_of_the_last_one():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, partial(Y_IRIS, 12))
    rows = learner.query(4)
    learner.teach(rows, Y_IRIS[rows])
    with pytest.raises(ValueError):
        learner.fit(X_IRIS, Y_IRIS[:-1])
    assert learner.labeled_mask_.sum() == 16
    assert len(learner.query(2)) == 2


def test_nan_features_are_refused_by_the_estimator_and_kept_labels_remain():
    X = X_IRIS.copy()
    X[:, 0] = np.nan
    learner = ActiveLearner(oracle=lambda r, X: Y_IRIS[r], random_state=0)
    with pytest.raises(ValueError, match="contains NaN"):
        learner.fit(X)
    assert learner.labeled_mask_.sum() == 10
    X_hgb = np.where(np.random.RandomState(0).rand(*X_IRIS.shape) < 0.1, np.nan, X_IRIS)
    tree = DecisionTreeClassifier()
    assert ActiveLearner(tree, budget=20).fit(X_hgb, Y_IRIS).score(X_hgb, Y_IRIS) > 0.5


def test_before_fit():
    learner = ActiveLearner()
    for call in (
        lambda: learner.query(1),
        lambda: learner.teach([0], [0]),
        lambda: learner.predict(X_IRIS),
        lambda: list(learner.staged_predict(X_IRIS)),
    ):
        with pytest.raises(sklearn.exceptions.NotFittedError):
            call()


def test_repr_html_and_get_params():
    learner = ActiveLearner(GaussianNB(), MarginSampling(), budget=10)
    assert learner.get_params()["estimator__var_smoothing"] == 1e-9
    learner.fit(X_IRIS, Y_IRIS)
    assert "MarginSampling" in learner._repr_html_()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clone(learner).set_params(strategy__random_state=3)


# ------------------------------------------------------- what fit takes y to be


def test_labels_of_a_regressor_that_were_not_revealed_are_not_kept():
    """Neither in an attribute nor in the pickle."""
    X = np.random.RandomState(0).rand(2000, 3)
    y = np.random.RandomState(1).rand(2000)
    learner = ActiveLearner(Ridge(), budget=10, random_state=0).fit(X, y)
    assert learner._run is None
    sizes = [np.size(value) for value in vars(learner).values()]
    assert [size for size in sizes if size > 30] == [2000]  # labeled_iter_
    text = pickle.dumps(learner)
    hidden = np.flatnonzero(~learner.labeled_mask_)
    assert not any(y[row].tobytes() in text for row in hidden)
    assert not hasattr(learner, "classes_")


def test_work_taken_up_again_after_the_last_label_trains_on_all_of_them():
    learner = ActiveLearner(random_state=0).fit(X_IRIS, partial(Y_IRIS, 140))
    rest = np.flatnonzero(~learner.labeled_mask_)
    learner.teach(rest, Y_IRIS[rest])
    labels = learner.labels_
    with pytest.warns(AmbiguousTargetWarning, match="simulate=False"):
        learner.fit(X_IRIS, labels)
    assert learner.labeled_mask_.sum() == 110
    learner.set_params(simulate=False).fit(X_IRIS, labels)
    assert learner.labeled_mask_.sum() == 150
    assert learner.termination_condition_ == "no_oracle"
    assert learner.history_["n_labeled"] == [150]


def test_simulate_true_refuses_gaps_and_keeps_the_fit_before():
    y = Y_DIGITS[:600].astype(float)
    y[[3, 5]] = np.nan
    learner = ActiveLearner(budget=20, random_state=0)
    with pytest.warns(AmbiguousTargetWarning, match="2 of 600"):
        learner.fit(X_DIGITS[:600], y)
    assert learner.labeled_mask_.sum() == 598
    learner.set_params(simulate=True)
    with pytest.raises(ValueError, match="simulate=True needs every label, and 2"):
        learner.fit(X_DIGITS[:600], y)
    assert learner.labeled_mask_.sum() == 598
    with pytest.raises(ValueError, match="'simulate' parameter"):
        learner.set_params(simulate="yes").fit(X_DIGITS[:600], y)


@pytest.mark.parametrize(
    "marker, y",
    [
        (-1, np.where(Y_IRIS == 0, "-1", "cat")),
        ("?", Y_IRIS),
        ("?", partial(Y_IRIS, 20)),
        ([-1], np.where(Y_IRIS == 0, -1, Y_IRIS)),
    ],
)
def test_markers_that_cannot_be_meant_are_refused(marker, y):
    with pytest.raises((TypeError, ValueError), match="missing_label"):
        ActiveLearner(missing_label=marker).fit(X_IRIS, y)


@pytest.mark.parametrize("marker", [-1, "", "nan"])
def test_a_y_that_is_mostly_a_marker_names_the_parameter(marker):
    names = Y_IRIS if marker == -1 else np.array(["a", "b", "c"])[Y_IRIS]
    y = np.where(np.arange(150) % 4 == 0, names, marker)
    with pytest.warns(AmbiguousTargetWarning, match=f"missing_label={marker!r}"):
        ActiveLearner(budget=5, random_state=0).fit(X_IRIS, y)
    learner = ActiveLearner(budget=5, random_state=0, missing_label=marker)
    assert learner.fit(X_IRIS, y).labeled_mask_.sum() == 38
    ActiveLearner(budget=5, simulate=True, random_state=0).fit(X_IRIS, y)
    classes = np.unique(y)
    ActiveLearner(budget=5, classes=classes, random_state=0).fit(X_IRIS, y)


def test_what_is_masked_is_absent():
    masked = np.arange(150) % 5 != 0
    y = np.ma.MaskedArray(Y_IRIS, mask=masked)
    learner = ActiveLearner(random_state=0).fit(X_IRIS, y)
    assert_array_equal(learner.labeled_mask_, ~masked)
    same = ActiveLearner(random_state=0).fit(X_IRIS, np.where(masked, np.nan, Y_IRIS))
    assert_array_equal(learner.query(4), same.query(4))
    rows = learner.query(4)
    answers = np.ma.MaskedArray(Y_IRIS[rows], mask=[1, 0, 0, 1])
    assert learner.teach(rows, answers).labeled_mask_.sum() == 32
    with pytest.raises(ValueError, match="120 of 150 rows to be scored have no label"):
        learner.score(X_IRIS, y)

    def oracle(rows, X_rows):
        return y[rows]

    asked = ActiveLearner(oracle=oracle, budget=60, random_state=0).fit(X_IRIS)
    assert len(asked.queried_indices_) == 70
    assert not masked[asked.labeled_mask_].any() and asked.labeled_mask_.sum() < 30


def test_a_fit_that_is_refused_leaves_a_simulation_as_it_was():
    learner = ActiveLearner(budget=10, random_state=0).fit(X_IRIS, Y_IRIS)
    before = vars(learner).copy()
    for X, y in ((X_IRIS[:, :2], Y_IRIS[:-1]), (X_IRIS, np.full(150, np.nan))):
        with pytest.raises(ValueError):
            learner.fit(X, y)
    assert before == vars(learner)
    learner.predict(X_IRIS)
