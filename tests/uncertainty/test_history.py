"""HistorySampling: which samples were learned as those without a label are."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.uncertainty import HistorySampling
from skactive.uncertainty._history import LabeledOrNot
from skactive.uncertainty._past import Past
from skactive.utils import _pool

FAST = {"n_passes": 20, "n_trees": 50, "random_state": 0}


def blobs(n, centers, seed):
    rng = np.random.RandomState(seed)
    which = np.arange(n) % len(centers)
    return np.asarray(centers)[which] + rng.standard_normal((n, 2)), which


@pytest.fixture(scope="module")
def planted():
    """Two clusters with labels, and in the pool a third, at 400, that has none."""
    X, y = blobs(90, [[-6, 0], [6, 0]], 0)
    known, _ = blobs(400, [[-6, 0], [6, 0]], 1)
    unseen, _ = blobs(100, [[0, 0]], 2)
    return X, y, np.concatenate([known, 0.5 * unseen])


def mlp(**params):
    return MLPClassifier((20,), **params)


class Permuted(HistorySampling):
    """Tells the forest at random which rows have a label."""

    def _flags(self, unlabeled):
        return np.random.RandomState(0).permutation(unlabeled)


# ------------------------------------------------------------------ the idea


@pytest.mark.parametrize("cross_fit", [False, True])
@pytest.mark.parametrize(
    "model", [mlp(), SGDClassifier(loss="log_loss")], ids=["MLP", "SGD"]
)
def test_an_unseen_cluster_is_asked_for(planted, model, cross_fit):
    strategy = HistorySampling(model, cross_fit=cross_fit, **FAST)
    asked = strategy.fit(*planted).query(100)
    assert (asked >= 400).mean() > 0.8


@pytest.mark.parametrize("seed", range(3))
def test_permuted_flags_cannot_be_told_apart(planted, seed):
    settings = {**FAST, "random_state": seed}
    strategy = Permuted(mlp(), **settings).fit(*planted)
    assert 0.4 < strategy.oob_auc_ < 0.6


def test_alike_samples_cannot_be_told_apart_unless_labels_are_learned_by_heart():
    rng = np.random.RandomState(0)
    X, y = rng.standard_normal((900, 5)), rng.randint(2, size=900)

    def auc(cross_fit):
        model = GradientBoostingClassifier(n_estimators=60, max_depth=6)
        strategy = HistorySampling(model, cross_fit=cross_fit, **FAST)
        return strategy.fit(X[:200], y[:200], X[200:]).oob_auc_

    assert 0.4 < auc(True) < 0.6 and auc(False) > 0.8


def test_the_correlation_with_entropy_is_that_of_the_scores(planted):
    strategy = HistorySampling(mlp(), **FAST).fit(*planted)
    assert -1 < strategy.entropy_correlation_ < 1
    # At the border, the end of training says nearly all.
    assert strategy.entropy_correlation_ > 0.3


def test_scores_of_rows_that_the_forest_was_shown_are_those_of_other_trees():
    rng = np.random.RandomState(0)
    F, unlabeled = rng.standard_normal((300, 3)), np.arange(300) % 2 == 0
    forest = RandomForestClassifier(100, oob_score=True, random_state=0)
    told = LabeledOrNot(forest, F, unlabeled)
    assert 0.4 < told.auc < 0.6  # noise
    own = told.scores(F)
    assert np.mean((own > 0.5) == unlabeled) == 1  # which trees learn by heart
    assert_allclose(told.own_scores, forest.oob_decision_function_[:, 1])


def test_a_row_that_all_trees_have_seen_has_the_score_of_the_forest():
    F, unlabeled = np.arange(6.0).reshape(-1, 1), np.arange(6) > 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forest = RandomForestClassifier(2, oob_score=True, random_state=0)
        told = LabeledOrNot(forest, F, unlabeled)
    unseen = forest.oob_decision_function_.sum(axis=1) < 0.5  # of no tree
    assert unseen.any()
    assert_array_equal(told.own_scores[unseen], told.scores(F)[unseen])


@pytest.mark.parametrize("n_labeled", [8, 30])
def test_few_labels_among_many_samples_are_seen_by_some_trees_only(n_labeled):
    """A forest that draws rows by their weights has no tree that has not seen them."""
    X, y = blobs(n_labeled, [[-6, 0], [6, 0]], 0)
    X_pool, _ = blobs(1000, [[-6, 0], [6, 0]], 1)
    settings = {**FAST, "n_trees": 100}
    strategy = HistorySampling(mlp(), cross_fit=True, **settings).fit(X, y, X_pool)
    assert 0.2 < strategy.oob_auc_ < 0.8  # 1, if none is left


def test_all_of_the_pool_is_scored_whether_the_forest_was_shown_it_or_not(planted):
    X, y, X_pool = planted
    few = HistorySampling(mlp(), n_unlabeled=100, **FAST).fit(X, y, X_pool)
    assert sorted(few.query(500)) == list(range(500))
    asked = few.query(100)
    assert (asked >= 400).mean() > 0.8


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    "moments, used", [("all", 10), ("early", 3), ("middle", 4), ("late", 3), ([-1], 1)]
)
def test_moments(planted, moments, used):
    X, y, X_pool = planted
    strategy = HistorySampling(mlp(), moments=moments, **FAST)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        strategy.fit(X, y, X_pool[::10])
    assert strategy.n_snapshots_ == used
    assert strategy.query(5).shape == (5,)


@pytest.mark.parametrize(
    "model, params",
    [
        (mlp(), {"n_snapshots": 1}),
        (mlp(), {"n_passes": 1}),
        (GradientBoostingClassifier(n_estimators=1), {}),
    ],
    ids=["one snapshot", "one pass", "one stage"],
)
def test_without_a_history_the_end_is_used_with_a_warning(planted, model, params):
    X, y, X_pool = planted
    strategy = HistorySampling(model, **{**FAST, **params})
    with pytest.warns(UserWarning, match="one moment .* Raise n_snapshots"):
        strategy.fit(X, y, X_pool[::10])
    assert strategy.n_snapshots_ == 1 and strategy.query(3).shape == (3,)


@pytest.mark.parametrize("wrap", [make_pipeline, clone], ids=["in a pipeline", "alone"])
def test_a_model_without_a_history_is_refused_in_words(planted, wrap):
    model = wrap(RandomForestClassifier(2))
    with pytest.raises(ValueError, match="has none: GradientBoosting.*MLPClassifier"):
        HistorySampling(model).fit(*planted)


def test_a_model_without_a_history_is_refused_before_a_label_is_paid(planted):
    paid = []
    learner = ActiveLearner(
        LogisticRegression(), HistorySampling(), oracle=lambda *a: paid.append(a)
    )
    with pytest.raises(ValueError, match="LogisticRegression.* has none"):
        learner.fit(planted[0])
    assert paid == []


@pytest.mark.parametrize("y", [[0] * 20, [0] * 19 + [1]], ids=["one class", "one of"])
def test_halves_need_two_samples_of_two_classes(planted, y):
    X, _, X_pool = planted
    with pytest.raises(ValueError, match="two samples or more of two classes"):
        HistorySampling(mlp(), cross_fit=True).fit(X[:20], y, X_pool)


def test_no_labeled_sample_is_shown_to_the_model_that_tells_its_history(planted):
    X, y, X_pool = planted
    seen, asked = [], []

    class Recorder(SGDClassifier):
        def partial_fit(self, X, y, classes=None):
            seen.append({tuple(x) for x in X})
            return super().partial_fit(X, y, classes)

        def predict_proba(self, X):
            asked.append({tuple(x) for x in X})
            return super().predict_proba(X)

    model = Recorder(loss="log_loss")
    HistorySampling(
        model, cross_fit=True, n_passes=1, moments=[0], n_trees=5, random_state=0
    ).fit(X, y, X_pool[:50])
    halves, asked = seen[:2], [rows for rows in asked if len(rows) == 45]
    assert len(halves) == 2 and not halves[0] & halves[1]
    assert len(asked) == 2
    for half, rows in zip(halves, asked):
        assert not half & rows and len(half | rows) == 90


# ---------------------------------------------------------- seeds and blocks


@pytest.mark.parametrize("cross_fit", [False, True])
def test_blocks_do_not_matter(planted, cross_fit, monkeypatch):
    X, y, X_pool = planted
    strategy = HistorySampling(mlp(), cross_fit=cross_fit, **FAST)
    whole = strategy.fit(X, y, X_pool).query(50)
    monkeypatch.setattr(_pool, "BLOCK_ROWS", 97)
    assert_array_equal(strategy.fit(X, y, X_pool).query(50), whole)


def test_the_seed_decides(planted):
    X, y, X_pool = planted

    def asked(seed):
        strategy = HistorySampling(mlp(), n_passes=10, n_trees=20, random_state=seed)
        return strategy.fit(X, y, X_pool).query(20).tolist()

    assert asked(0) == asked(0) != asked(1)


# -------------------------------------------------------------- in a learner


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:300] / 16, y[:300]


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), mlp(max_iter=60, tol=1)),
        GradientBoostingClassifier(n_estimators=5),
    ],
    ids=["MLP", "booster"],
)
def test_in_a_learner(digits, model):
    strategy = HistorySampling(n_passes=10, n_trees=20)
    learner = ActiveLearner(model, strategy, n_initial=40, budget=20, random_state=0)
    learner.fit(*digits)
    assert len(learner.queried_indices_) == 60
    booster = isinstance(model, GradientBoostingClassifier)
    assert isinstance(learner.strategy_.estimator_, FrozenEstimator) == booster


def test_weights_reach_both_halves(digits):
    X, y = digits
    y = y % 3
    w = np.where(y == 0, 1e-9, 1.0)
    strategy = HistorySampling(
        SGDClassifier(loss="log_loss"), cross_fit=True, n_passes=10, n_trees=20
    )
    learner = ActiveLearner(GaussianNB(), strategy, n_initial=60, budget=10)
    learner.set_params(random_state=0).fit(X, y, sample_weight=w)
    assert (learner.strategy_.estimator_.predict(X) != 0).all()


@pytest.mark.deep
def test_a_net_with_a_recorder_is_trained_once():
    from skactive import nets

    X, y = load_digits(return_X_y=True)
    X = (X[:200] / 16).astype(np.float32)
    fits = []

    class Counted(nets.NetClassifier):
        def fit(self, X, y):
            fits.append(len(X))
            return super().fit(X, y)

    for callbacks, n_fits in ((None, 3), ([nets.HistoryRecorder(4)], 2)):
        fits.clear()
        net = Counted(module__hidden=(8,), max_epochs=8, callbacks=callbacks)
        learner = ActiveLearner(
            net,
            HistorySampling(n_trees=20),
            n_initial=30,
            budget=10,
            batch_size=10,
            random_state=0,
        ).fit(X, y[:200])
        assert len(fits) == n_fits
        assert learner.strategy_.n_snapshots_ == (8 if callbacks is None else 4)


@pytest.mark.deep
def test_an_inner_layer_is_looked_at(digits):
    from skactive import nets

    X, y = digits
    net = make_pipeline(
        StandardScaler(), nets.NetClassifier(module__hidden=(8,), max_epochs=8)
    )
    widths, scores = {}, {}
    for inner in (False, True):
        strategy = HistorySampling(net, inner_layer=inner, n_snapshots=4, **FAST)
        strategy.fit(X[:60], y[:60], X[60:])
        widths[inner] = strategy._features(strategy_past(strategy), X)[0].shape[1]
        scores[inner] = strategy._scores
    assert widths == {False: 4 * 3 + 7, True: 4 * 3 + 7 + 3}
    assert not np.array_equal(scores[False], scores[True])
    ends = HistorySampling(net, inner_layer=True, moments=[-1], **FAST)
    assert ends.fit(X[:60], y[:60], X[60:]).query(2).shape == (2,)


def strategy_past(strategy):
    return Past(strategy.estimator_, strategy.n_snapshots)


def test_a_model_without_an_embedding_is_refused_before_a_label_is_paid(planted):
    learner = ActiveLearner(mlp(), HistorySampling(inner_layer=True), oracle=print)
    with pytest.raises(ValueError, match="inner_layer of HistorySampling needs"):
        learner.fit(planted[0])
