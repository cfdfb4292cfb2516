"""Who says how outlying a sample is: names, and detectors of any library."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

from skactive import ActiveLearner, QueryStrategy
from skactive.compose import OutlierFilter, OutlierPenalty
from skactive.compose._detection import class_distances, scores_by
from skactive.diversity import CoreSet, RandomSampling
from skactive.uncertainty import MarginSampling
from skactive.utils._outliers import ClassDistances, energy

RNG = np.random.RandomState(0)
Y = np.arange(24) % 3
X = RNG.standard_normal((24, 4)) * [1, 1, 1, 5] + 2 * Y[:, None]
POOL = RNG.standard_normal((60, 4)) * [1, 1, 1, 5]
POOL[7] = [40, -40, 40, 0]  # far in the columns of small numbers
ALL = StandardScaler().fit_transform(np.vstack([X, POOL]))


def scores(detector, **params):
    strategy = OutlierFilter(RandomSampling(), detector=detector, random_state=0)
    return strategy.set_params(**params).fit(X, Y, POOL).outlier_scores_


def test_knn_is_the_mean_distance_to_labeled_and_pool():
    distances = np.linalg.norm(ALL[24:, None] - ALL, axis=2)
    expected = np.sort(distances, axis=1)[:, 1:6].mean(axis=1)
    assert_allclose(scores("knn", n_neighbors=5), expected, rtol=1e-9)
    assert_allclose(
        scores("knn", n_neighbors=1000), distances.sum(axis=1) / 83, rtol=1e-9
    )


def test_a_copy_is_a_neighbor():
    strategy = OutlierFilter(n_neighbors=1).fit([[0.0]], [0], [[1.0], [1.0], [9.0]])
    assert_array_equal(strategy.outlier_scores_[:2], [0, 0])


def test_mahalanobis_is_about_the_classes():
    expected = ClassDistances(ALL[:24], Y).of(ALL[24:])
    assert_allclose(scores("mahalanobis"), expected)


@pytest.mark.parametrize(
    "y",
    [np.linspace(0, 1, 24), np.eye(24)[:, :2], [{"boxes": [], "labels": []}] * 24],
    ids=["numbers", "columns", "boxes"],
)
def test_labels_that_are_no_classes_make_one_group(y):
    expected = ClassDistances(ALL[:24]).of(ALL[24:])
    assert_allclose(class_distances(ALL, 24, y), expected, rtol=1e-9)


def test_without_two_of_a_class_all_samples_are_one_group():
    expected = ClassDistances(ALL).of(ALL)
    assert_allclose(class_distances(ALL, 24, np.arange(24)), expected[24:], rtol=1e-9)
    assert_allclose(class_distances(ALL, 0, None), expected, rtol=1e-9)


def test_energy_is_that_of_the_model():
    model = LogisticRegression().fit(X, Y)
    expected = -logsumexp(model.decision_function(POOL), axis=1)
    assert_allclose(scores("energy", estimator=LogisticRegression()), expected)
    assert_allclose(scores("energy", estimator=FrozenEstimator(model)), expected)
    assert_allclose(scores("energy"), expected)  # by default
    bayes = GaussianNB().fit(X, Y)
    expected = -logsumexp(bayes.predict_joint_log_proba(POOL), axis=1)
    assert_allclose(scores("energy", estimator=GaussianNB()), expected)


def test_energy_asks_the_model_of_the_strategy_inside_or_of_the_learner():
    inner = MarginSampling(LogisticRegression(C=0.01))
    strategy = OutlierFilter(inner, detector="energy").fit(X, Y, POOL)
    model = LogisticRegression(C=0.01).fit(X, Y)
    expected = energy(model.decision_function(POOL))
    assert_allclose(strategy.outlier_scores_, expected)
    model = LogisticRegression(C=0.01)
    strategy = OutlierPenalty(MarginSampling(), detector="energy")
    learner = ActiveLearner(model, strategy, n_initial=12, budget=5, batch_size=5)
    learner.set_params(random_state=0).fit(X, Y)
    rest = X[learner.labeled_iter_ != 0]
    expected = energy(learner.estimators_[0].decision_function(rest))
    assert_allclose(learner.strategy_.outlier_scores_, expected)


def test_energy_goes_through_the_pool_in_blocks(monkeypatch):
    whole = scores("energy")
    monkeypatch.setattr("skactive.utils._pool.BLOCK_ROWS", 7)
    assert_allclose(scores("energy"), whole)


WEIGHTS = np.where(Y == 0, 1e-6, 1.0)


def test_weights_reach_the_model_of_energy():
    strategy = OutlierFilter(RandomSampling(), detector="energy")
    strategy.set_params(estimator=LogisticRegression())
    learner = ActiveLearner(LogisticRegression(), strategy, budget=3, batch_size=3)
    learner.set_params(n_initial=20, random_state=0).fit(X, Y, WEIGHTS)
    known = learner.labeled_iter_ == 0
    model = LogisticRegression().fit(X[known], Y[known], WEIGHTS[known])
    expected = energy(model.decision_function(X[~known]))
    found = learner.strategy_.outlier_scores_
    assert_allclose(found, expected, rtol=1e-4)


DETECTORS = {
    "factor": (LocalOutlierFactor(5), "negative_outlier_factor_"),
    "factor for news": (
        LocalOutlierFactor(5, novelty=True),
        "negative_outlier_factor_",
    ),
    "forest": (IsolationForest(random_state=0), "score_samples"),
    "envelope": (EllipticEnvelope(random_state=0), "score_samples"),
    "one class": (OneClassSVM(), "score_samples"),
    "mixture": (GaussianMixture(random_state=0), "score_samples"),
    "components": (PCA(2), "score_samples"),
}


@pytest.mark.parametrize("name", DETECTORS)
def test_detectors_of_scikit_learn(name):
    detector, says = DETECTORS[name]
    fitted = detector.fit(ALL)
    said = getattr(fitted, says)
    expected = -(said(ALL[24:]) if callable(said) else said[24:])
    for each in (detector, make_pipeline("passthrough", detector)):
        found = scores(each, random_state=None)
        assert_allclose(found, expected)
    assert found.argmax() == 7


def test_a_frozen_detector_is_not_fitted_and_has_its_own_scale():
    for detector in (IsolationForest(random_state=0), LocalOutlierFactor(novelty=True)):
        fitted = detector.fit(X)
        assert_allclose(
            scores(FrozenEstimator(fitted)), -fitted.score_samples(POOL), rtol=1e-12
        )
    with pytest.raises(ValueError, match="LocalOutlierFactor needs novelty=True"):
        scores(FrozenEstimator(LocalOutlierFactor().fit(X)))


class OfPyOD(BaseEstimator):
    """As detectors of PyOD: what is far from the mean scores high."""

    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0)
        self.decision_scores_ = self.decision_function(X)
        self.threshold_ = np.quantile(self.decision_scores_, 0.9)
        return self

    def decision_function(self, X):
        return np.linalg.norm(X - self.mean_, axis=1)


def test_the_sign_of_pyod_is_seen():
    expected = np.linalg.norm(ALL[24:] - ALL.mean(axis=0), axis=1)
    assert_allclose(scores(OfPyOD()), expected)
    assert_allclose(scores(FrozenEstimator(OfPyOD().fit(ALL)), share=0), away(ALL))
    strategy = OutlierFilter(RandomSampling(), detector=OfPyOD(), share="auto")
    strategy.fit(X, Y, POOL)
    threshold = strategy.detector.fit(ALL).threshold_
    assert_array_equal(
        np.sort(strategy.outliers_), np.flatnonzero(expected > threshold)
    )


def away(Z):
    return np.linalg.norm(POOL - Z.mean(axis=0), axis=1)


def test_thresholds():
    assert scores_by(GaussianMixture(), ALL, 24)[1] is None
    assert scores_by(IsolationForest(), ALL, 24)[1] == 0.5
    assert scores_by(OneClassSVM().fit(ALL), ALL, 24)[1] is not None


def test_the_scale_of_columns_counts_only_where_wanted():
    assert scores("knn").argmax() == 7
    plain = scores("knn", standardize=False)
    distances = np.linalg.norm(POOL[:, None] - np.vstack([X, POOL]), axis=2)
    assert_allclose(plain, np.sort(distances)[:, 1:11].mean(axis=1), rtol=1e-9)


@pytest.mark.parametrize("detector", ["knn", "mahalanobis", "energy"])
def test_sparse_and_dense_agree(detector):
    strategy = OutlierFilter(RandomSampling(), detector=detector, standardize=False)
    dense = strategy.fit(X, Y, POOL).outlier_scores_
    csr = strategy.fit(sparse.csr_array(X), Y, sparse.csr_array(POOL)).outlier_scores_
    assert_allclose(csr, dense, rtol=1e-4)
    if detector != "energy":
        with pytest.raises(ValueError, match="both be sparse or both be dense"):
            strategy.fit(X, Y, sparse.csr_array(POOL))
    strategy.set_params(standardize=True)
    strategy.fit(sparse.csr_array(X), Y, sparse.csr_array(POOL))


def test_the_embedding_decides_where():
    expected = OutlierFilter(standardize=False).fit(X[:, :2], Y, POOL[:, :2])
    first = FunctionTransformer(first_two)
    found = OutlierFilter(embedding=first, standardize=False).fit(X, Y, POOL)
    assert_allclose(found.outlier_scores_, expected.outlier_scores_)
    learner = ActiveLearner(
        make_pipeline(StandardScaler(), LogisticRegression()),
        OutlierFilter(CoreSet(), embedding="estimator"),
        budget=5,
        random_state=0,
    ).fit(X, Y)
    assert isinstance(learner.strategy_.embedding_, FrozenEstimator)


def first_two(X):
    return X[:, :2]


def test_alone_or_with_one_other():
    strategy = OutlierFilter(CoreSet()).fit([[3.0]])
    assert_array_equal(strategy.outlier_scores_, [0])
    assert_array_equal(strategy.query(1), [0])
    for detector in ("knn", "mahalanobis"):
        strategy = OutlierFilter(detector=detector).fit([[3.0]], [0], [[4.0], [4.0]])
        assert np.isfinite(strategy.outlier_scores_).all()
        strategy = OutlierFilter(detector=detector).fit([[4.0], [4.0]])
        assert np.isfinite(strategy.outlier_scores_).all()


@pytest.mark.parametrize(
    "params, message",
    [
        (
            {"detector": KMeans(2)},
            "detector' parameter of OutlierFilter must be one of",
        ),
        ({"detector": Ridge()}, "score_samples, decision_function"),
        ({"detector": "far"}, "detector' parameter of OutlierFilter must be"),
        ({"n_neighbors": 0}, "n_neighbors' parameter"),
        (
            {"detector": "energy", "estimator": DecisionTreeClassifier()},
            "DecisionTreeClassifier.* has none: the energies of probabilities",
        ),
        (
            {
                "detector": "energy",
                "estimator": SVC(decision_function_shape="ovo"),
            },
            "decision_function_shape='ovr'",
        ),
    ],
    ids=["clusters", "regressor", "word", "neighbors", "tree", "pairs"],
)
def test_what_cannot_detect_is_refused(params, message):
    X4, y4 = np.vstack([X, X + 30]), np.append(Y, np.full(24, 3))
    with pytest.raises(ValueError, match=re.compile(message, re.S)):
        OutlierFilter(RandomSampling(), **params).fit(X4, y4, POOL)


def test_a_class_in_the_place_of_a_detector():
    with pytest.raises(TypeError, match="IsolationForest"):
        OutlierFilter(detector=IsolationForest).fit(X, Y, POOL)


def test_refused_before_a_label_is_paid_for():
    def oracle(rows, X_rows):
        raise AssertionError("asked")

    for model, strategy in [
        (DecisionTreeClassifier(), OutlierFilter(detector="energy")),
        (DecisionTreeClassifier(), OutlierPenalty(detector="energy")),
        (LogisticRegression(), OutlierFilter(detector=Ridge())),
    ]:
        with pytest.raises(ValueError, match="detector"):
            ActiveLearner(model, strategy, oracle=oracle).fit(X)


def test_energy_with_nothing_labeled():
    with pytest.raises(ValueError, match="requires y to be passed"):
        OutlierFilter(CoreSet(), detector="energy").fit(POOL)


class Strange(BaseEstimator):
    def __init__(self, fault="nan"):
        self.fault = fault

    def fit(self, X, y=None):
        return self

    def score_samples(self, X):
        return np.full(len(X), np.nan) if self.fault == "nan" else np.zeros((3, 2))


@pytest.mark.parametrize(
    "fault, words", [("nan", "not finite"), ("shape", r"\(3, 2\)")]
)
def test_strange_answers_name_the_detector(fault, words):
    with pytest.raises(ValueError, match=f"Strange.*gave.*{words}"):
        OutlierFilter(detector=Strange(fault)).fit(X, Y, POOL)


class Joint(ClassifierMixin, QueryStrategy):
    """Ask for the first samples; predicts with a model of its own."""

    def _fit(self, X, y, X_pool):
        self.classes_ = np.unique(y)

    def _query(self, n):
        return np.arange(n)

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_a_strategy_that_predicts_has_no_energies_to_lend():
    def oracle(rows, X_rows):
        raise AssertionError("asked")

    for model in (None, LogisticRegression()):
        strategy = OutlierFilter(Joint(), detector="energy")
        with pytest.raises(ValueError, match="Joint trains a model .* an estimator"):
            ActiveLearner(model, strategy, oracle=oracle).fit(X)
    strategy.set_params(estimator=GaussianNB())
    learner = ActiveLearner(strategy=strategy, budget=5, random_state=0).fit(X, Y)
    assert learner.estimator_ is learner.strategy_
