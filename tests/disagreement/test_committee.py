"""QueryByCommittee: where members come from and how they are heard."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import check_estimator

from skactive.disagreement import (
    QueryByCommittee,
    consensus_entropy,
    kl_to_consensus,
    vote_entropy,
)
from skactive.utils._bagging import bootstrap_rows

NAMES = np.array(["ant", "bee", "cow"])


def voting():
    models = [("tree", DecisionTreeClassifier(max_depth=3)), ("nb", GaussianNB())]
    return VotingClassifier(models, voting="soft")


ENSEMBLES = {
    "forest": RandomForestClassifier(7, max_depth=3),
    "extra": ExtraTreesClassifier(7, max_depth=3),
    "bagging": BaggingClassifier(GaussianNB(), 7),
    "bagging of features": BaggingClassifier(GaussianNB(), 7, max_features=0.5),
    "bagging of repeated features": BaggingClassifier(
        GaussianNB(), 7, bootstrap_features=True
    ),
    "voting": voting(),
    "pipeline": make_pipeline(StandardScaler(), RandomForestClassifier(7, max_depth=3)),
    "nested pipeline": make_pipeline(make_pipeline(StandardScaler(), voting())),
}


@pytest.fixture(params=ENSEMBLES, ids=lambda name: name.replace(" ", "_"))
def ensemble(request):
    return clone(ENSEMBLES[request.param])


@pytest.fixture
def data():
    X, y = make_classification(
        120, 6, n_informative=4, n_redundant=0, n_classes=3, random_state=0
    )
    return X[:40], NAMES[y[:40]], X[40:]


def test_members_of_an_ensemble_average_to_the_ensemble(ensemble, data):
    X, y, X_pool = data
    strategy = QueryByCommittee(ensemble, random_state=0).fit(X, y, X_pool)
    proba = strategy._committee.predict_proba(X_pool)
    expected = strategy.estimator_.predict_proba(X_pool)
    assert proba.shape == (len(strategy.members_), 80, 3)
    assert len(strategy.members_) == (2 if "voting" in repr(ensemble).lower() else 7)
    assert_allclose(proba.mean(axis=0), expected, atol=1e-12)
    assert_array_equal(strategy.score_samples(X_pool), vote_entropy(proba))


def test_a_frozen_ensemble_is_asked_and_not_trained(ensemble, data):
    X, y, X_pool = data
    model = ensemble.fit(X, y)
    before = pickle.dumps(model)
    strategy = QueryByCommittee(FrozenEstimator(model)).fit(X[:5], y[:5], X_pool)
    strategy.query(5)
    assert strategy.estimator_.estimator is model
    assert pickle.dumps(model) == before
    mean = strategy._committee.predict_proba(X_pool).mean(axis=0)
    assert_allclose(mean, model.predict_proba(X_pool), atol=1e-12)


def test_data_frames_do_not_change_the_answer(ensemble, data):
    # Warnings are errors here: members that know no column names must not complain.
    X, y, X_pool = data
    expected = QueryByCommittee(ensemble, random_state=0).fit(X, y, X_pool).query(9)
    for columns in (list("abcdef"), None):
        X_frame = pd.DataFrame(X, columns=columns)
        pool = pd.DataFrame(X_pool, columns=columns, index=np.arange(80) + 1000)
        strategy = QueryByCommittee(ensemble, random_state=0)
        strategy.fit(X_frame, pd.Series(y, index=np.arange(40) + 7), pool)
        assert_array_equal(strategy.query(9), expected)


@pytest.mark.parametrize("name", ["forest", "bagging of features"])
def test_columns_in_another_order_are_refused(name, data):
    X, y, X_pool = (pd.DataFrame(a) if a.ndim > 1 else a for a in data)
    X.columns = X_pool.columns = list("abcdef")
    strategy = QueryByCommittee(clone(ENSEMBLES[name])).fit(X, y, X_pool)
    with pytest.raises(ValueError, match="feature names"):
        strategy.score_samples(X_pool[list("bacdef")])


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(7, max_depth=3),
        BaggingClassifier(DecisionTreeClassifier(max_depth=3), 7, max_features=0.5),
        LogisticRegression(),
    ],
)
def test_sparse_pools_do_not_change_the_answer(model, data):
    X, y, X_pool = data
    expected = QueryByCommittee(model, random_state=0).fit(X, y, X_pool)
    strategy = QueryByCommittee(model, random_state=0)
    strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    assert_allclose(
        strategy.score_samples(sparse.csr_array(X_pool)),
        expected.score_samples(X_pool),
        atol=1e-6,
    )


def test_missing_values_reach_a_forest_that_can_live_with_them(data):
    X, y, X_pool = data
    X_pool = X_pool.copy()
    X_pool[3, 2] = np.nan
    X = X.copy()
    X[0, 2] = np.nan
    strategy = QueryByCommittee(ENSEMBLES["forest"], random_state=0).fit(X, y, X_pool)
    mean = strategy._committee.predict_proba(X_pool).mean(axis=0)
    assert_allclose(mean, strategy.estimator_.predict_proba(X_pool), atol=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        DecisionTreeClassifier(random_state=0),
        GradientBoostingClassifier(n_estimators=3),  # its estimators_ are regressors
        OneVsRestClassifier(
            LogisticRegression()
        ),  # its estimators_ have one class each
        make_pipeline(StandardScaler(), LogisticRegression()),
    ],
)
@pytest.mark.parametrize("freeze", [False, True])
def test_any_other_model_is_bagged(model, freeze, data):
    X, y, X_pool = data
    given = FrozenEstimator(clone(model).fit(X, y)) if freeze else model
    before = pickle.dumps(given)
    strategy = QueryByCommittee(given, n_members=4, random_state=0).fit(X, y, X_pool)
    assert pickle.dumps(given) == before
    assert [type(m) for m in strategy.members_] == [type(model)] * 4
    answers = [member.predict_proba(X_pool) for member in strategy.members_]
    assert_array_equal(strategy._committee.predict_proba(X_pool), answers)
    for i in range(4):
        for j in range(i):
            assert not np.array_equal(answers[i], answers[j])


def test_members_differ_by_their_seed_and_not_only_by_their_samples(data):
    X, y, X_pool = data
    tree = DecisionTreeClassifier(random_state=0)
    for seed in (0, None):
        strategy = QueryByCommittee(tree, n_members=5, random_state=seed)
        strategy.fit(X, y, X_pool)
        seeds = [member.random_state for member in strategy.members_]
        assert len(set(seeds)) == 5


def test_the_same_seed_gives_the_same_committee(data):
    X, y, X_pool = data
    strategy = QueryByCommittee(DecisionTreeClassifier(), random_state=3)
    first = strategy.fit(X, y, X_pool).score_samples(X_pool)
    np.random.seed(9)
    np.random.rand(17)
    second = clone(strategy).fit(X, y, X_pool).score_samples(X_pool)
    other = clone(strategy).set_params(random_state=4).fit(X, y, X_pool)
    assert_array_equal(first, second)
    assert not np.array_equal(first, other.score_samples(X_pool))


def test_a_larger_committee_begins_with_the_smaller_one(data):
    X, y, X_pool = data
    small = QueryByCommittee(DecisionTreeClassifier(), n_members=3, random_state=0)
    large = QueryByCommittee(DecisionTreeClassifier(), n_members=6, random_state=0)
    small.fit(X, y, X_pool)
    large.fit(X, y, X_pool)
    assert_array_equal(
        small._committee.predict_proba(X_pool),
        large._committee.predict_proba(X_pool)[:3],
    )


def test_labels_may_be_of_any_kind(ensemble, data):
    X, y, X_pool = data
    codes = np.searchsorted(NAMES, y)
    expected = QueryByCommittee(ensemble, random_state=0).fit(X, codes, X_pool)
    for labels in (y, codes * 10 - 5, y.tolist(), y.astype(object)):
        strategy = QueryByCommittee(ensemble, random_state=0).fit(X, labels, X_pool)
        assert_array_equal(
            strategy.score_samples(X_pool), expected.score_samples(X_pool)
        )


@pytest.mark.parametrize(
    "model", [GaussianNB(), BaggingClassifier(KNeighborsClassifier(2), 10)]
)
def test_a_class_that_a_member_never_saw_has_probability_zero(model):
    X = np.arange(12.0)[:, None]
    y = NAMES[[0] * 5 + [2] * 6 + [1]]
    strategy = QueryByCommittee(model, random_state=0).fit(X, y, X)
    proba = strategy._committee.predict_proba(X)
    assert proba.shape == (10, 12, 3)
    seen = [len(member.classes_) for member in strategy.members_]
    assert {2, 3} <= set(seen)
    for member, n_seen, answer in zip(strategy.members_, seen, proba):
        if n_seen == 2:
            assert_array_equal(answer[:, 1], 0)
            assert_array_equal(answer[:, [0, 2]], member.predict_proba(X))
    assert_allclose(proba.sum(axis=2), 1)


def test_a_bootstrap_of_two_labels_holds_both_classes():
    y = np.array(["a", "b"])
    for seed in range(50):
        rows = bootstrap_rows(y, np.random.RandomState(seed))
        assert sorted(y[rows]) == ["a", "b"]
    strategy = QueryByCommittee().fit([[0.0], [1.0]], y, [[0.2], [0.7]])
    assert len(strategy.members_) == 10


def test_a_single_class_does_not_hang_the_bootstrap():
    X = np.arange(5.0)[:, None]
    strategy = QueryByCommittee(DecisionTreeClassifier()).fit(X, np.zeros(5), X)
    assert_array_equal(strategy.score_samples(X), 0)


@pytest.mark.parametrize(
    "model",
    [
        Perceptron(),
        LinearSVC(),
        FrozenEstimator(LinearSVC().fit([[0.0], [1.0]], ["ant", "cow"])),
        BaggingClassifier(Perceptron(), 6),
        VotingClassifier([("a", Perceptron()), ("b", LinearSVC())]),
    ],
)
def test_members_without_probabilities_vote(model, data):
    X, y, X_pool = data
    if isinstance(model, FrozenEstimator):
        model = FrozenEstimator(clone(model.estimator).fit(X, y))
    with pytest.raises(ValueError, match="Take disagreement=vote_entropy"):
        QueryByCommittee(model, disagreement=kl_to_consensus).fit(X, y, X_pool)
    strategy = QueryByCommittee(model, random_state=0)
    strategy.fit(X, y, X_pool)
    labels = np.array([member.predict(X_pool) for member in strategy.members_])
    proba = np.stack([labels == label for label in np.unique(labels)], axis=-1)
    assert_allclose(strategy.score_samples(X_pool), vote_entropy(proba))


@pytest.mark.parametrize("measure", [vote_entropy, consensus_entropy, kl_to_consensus])
def test_the_measure_is_a_part_and_may_be_exchanged(measure, data):
    X, y, X_pool = data
    strategy = QueryByCommittee(ENSEMBLES["forest"], disagreement=measure)
    strategy.set_params(random_state=0).fit(X, y, X_pool)
    expected = measure(strategy._committee.predict_proba(X_pool))
    assert_array_equal(strategy.score_samples(X_pool), expected)
    assert clone(strategy).disagreement is measure
    assert pickle.loads(pickle.dumps(strategy)).disagreement is measure


def test_a_measure_of_ones_own(data):
    X, y, X_pool = data

    def widest_range(proba):
        return np.ptp(proba, axis=0).max(axis=1)

    strategy = QueryByCommittee(disagreement=widest_range, random_state=0)
    scores = strategy.fit(X, y, X_pool).score_samples(X_pool)
    assert strategy.query(1) == [np.argmax(scores)]


def test_members_are_shown_the_pool_if_they_want_it(data):
    X, y, X_pool = data
    strategy = QueryByCommittee(CountsPool(), n_members=3).fit(X, y, X_pool)
    assert [member.n_pool_ for member in strategy.members_] == [80] * 3


class CountsPool(GaussianNB):
    def fit(self, X, y, X_pool=None):
        self.n_pool_ = len(X_pool)
        return super().fit(X, y)


class TooManyColumns(GaussianNB):
    def predict_proba(self, X):
        return np.full((len(X), 5), 0.2)


def test_an_answer_with_another_number_of_classes_is_refused(data):
    X, y, X_pool = data
    strategy = QueryByCommittee(TooManyColumns()).fit(X, y, X_pool)
    with pytest.raises(ValueError, match="3 classes in classes_ .* one column per"):
        strategy.query(1)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("measure", [vote_entropy, consensus_entropy, kl_to_consensus])
def test_measures_of_classes_are_refused_for_regressors(measure, frozen, data):
    X, _, X_pool = data
    model = FrozenEstimator(Ridge().fit(X, X[:, 0])) if frozen else Ridge()
    with pytest.raises(ValueError, match=rf"{measure.__name__} .*compares classes"):
        QueryByCommittee(model, disagreement=measure).fit(X, X[:, 0], X_pool)


def test_a_frozen_model_at_the_end_of_a_pipeline_is_refused(data):
    X, y, X_pool = data
    model = make_pipeline(StandardScaler(), FrozenEstimator(GaussianNB().fit(X, y)))
    with pytest.raises(ValueError, match=r"(?s)last step of .* is frozen"):
        QueryByCommittee(model).fit(X, y, X_pool)


@pytest.mark.parametrize(
    "params, error, message",
    [
        ({"n_members": 1}, ValueError, "n_members' parameter of"),
        ({"n_members": 2.5}, TypeError, "parameter of"),
        ({"n_members": True}, TypeError, "parameter of"),
        ({"disagreement": "kl"}, TypeError, "parameter of"),
    ],
)
def test_senseless_parameters_are_refused(params, error, message, data):
    with pytest.raises(error, match=message):
        QueryByCommittee(**params).fit(*data)


def test_labels_with_two_columns_are_refused(data):
    X, y, X_pool = data
    with pytest.raises(
        ValueError, match="needs one class per sample, and y has several"
    ):
        QueryByCommittee(ENSEMBLES["forest"]).fit(X, np.c_[y, y], X_pool)


@pytest.mark.parametrize(
    "strategy",
    [
        QueryByCommittee(n_members=3),
        QueryByCommittee(RandomForestClassifier(5)),
        QueryByCommittee(Ridge(), n_members=3),
    ],
    ids=["classifier", "forest", "regressor"],
)
def test_scikit_learn_accepts_it(strategy):
    results = check_estimator(strategy, on_skip=None, on_fail=None)
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    assert failed == []
    assert len(results) >= 38
