"""GreedySampling: distances on paper, and against all pairs written out."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from skactive import ActiveLearner
from skactive.diversity import (
    CoreSet,
    GreedySampling,
    product_distance,
    target_distance,
)
from skactive.diversity._greedy_sampling import _Space


class Told(RegressorMixin, BaseEstimator):
    """Predicts what it was told of each sample, which it knows by its first feature."""

    def __init__(self, told=()):
        self.told = told

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return np.array([dict(self.told)[x] for x in np.asarray(X)[:, 0]])


X, Y = np.array([[0.0], [10.0]]), np.array([0.0, 10.0])
X_POOL, F = np.array([[2.0], [5.0], [9.0], [4.0]]), np.array([2.0, 8.0, 9.0, 9.0])
TOLD = FrozenEstimator(Told(list(zip(X_POOL[:, 0], F))).fit(X, Y))


def problem(n=150, n_outputs=1, d=4, dtype=np.float64):
    rng = np.random.RandomState(0)
    Z = (rng.standard_normal((n, d)) + 3).astype(dtype)
    y = Z @ rng.standard_normal((d, n_outputs)) * 10.0 ** np.arange(n_outputs)
    y += 0.3 * rng.standard_normal(y.shape)
    y = y[:, 0] if n_outputs == 1 else y
    return Z[:20], y[:20], Z[20:]


def brute_force(Z, y, n, Z_seen, y_seen, space):
    """All pairs, from the beginning at each pick; ties go to the first."""
    scale = y_seen.std(axis=0) if y.ndim == 2 else 1.0
    Z_seen, y_seen = list(Z_seen), list(y_seen)
    picks = []
    for _ in range(n):
        best, pick = -np.inf, None
        for i in range(len(Z)):
            pairs = [
                space(np.linalg.norm(Z[i] - x), np.linalg.norm((y[i] - value) / scale))
                for x, value in zip(Z_seen, y_seen)
            ]
            if i not in picks and min(pairs) > best:
                best, pick = min(pairs), i
        picks.append(pick)
        Z_seen.append(Z[pick])
        y_seen.append(y[pick])
    return picks


# ------------------------------------------------------------------------- on paper


@pytest.mark.parametrize(
    ("space", "expected"),
    [(product_distance, [4, 10, 1, 6]), (target_distance, [2, 2, 1, 1])],
    ids=["iGS", "GSy"],
)
def test_distances_on_paper(space, expected):
    strategy = GreedySampling(space=space)
    assert _Space(strategy, X_POOL, F, X, Y).nearest.tolist() == expected


def test_the_least_product_is_not_the_product_of_the_least():
    apart = _Space(GreedySampling(space=lambda x, y: x), X_POOL, F, X, Y).nearest
    assert (apart * [2, 2, 1, 1]).tolist() == [4, 10, 1, 4]


def test_picks_on_paper_join_with_what_is_predicted_of_them():
    strategy = GreedySampling(TOLD).fit(X, Y, X_POOL)
    assert strategy.query(2).tolist() == [1, 0]
    space = _Space(strategy, X_POOL, F, X, Y)
    space.farthest(2, np.arange(4))
    assert space.nearest[[0, 2, 3]].tolist() == [4, 1, 1]


def test_features_alone_are_a_core_set():
    X_pool = [[1.0], [4.0], [9.0], [10.0]]
    strategies = [
        GreedySampling(space=lambda x, y: x, random_state=seed) for seed in range(5)
    ]
    asked = [s.fit([[0.0]], [0.0], X_pool).query(4).tolist() for s in strategies]
    assert all(a[:2] == [3, 1] for a in asked)
    assert {a[2] for a in asked} == {0, 2}  # both at distance 1
    assert CoreSet().fit([[0.0]], [0.0], X_pool).query(2).tolist() == [3, 1]


# ------------------------------------------------------------ all pairs written out


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize(
    "space",
    [product_distance, target_distance, np.minimum],
    ids=["product", "target", "minimum"],
)
def test_picks_are_those_of_all_pairs(space, n_outputs):
    X, y, X_pool = problem(n_outputs=n_outputs)
    strategy = GreedySampling(Ridge(), space=space).fit(X, y, X_pool)
    predicted = Ridge().fit(X, y).predict(X_pool)
    expected = brute_force(X_pool, predicted, 15, X, y, space)
    assert strategy.query(15).tolist() == expected
    assert strategy.query(6).tolist() == expected[:6]


def test_the_unit_of_an_output_does_not_matter_where_there_are_several():
    X, y, X_pool = problem(n_outputs=3)
    asked = [
        GreedySampling().fit(X, y * units, X_pool).query(20).tolist()
        for units in ([1, 1, 1], [1000, 1, 0.01])
    ]
    assert asked[0] == asked[1]


def test_an_output_that_never_changes_has_no_say():
    X, y, X_pool = problem(n_outputs=2)
    with_third = np.column_stack([y, np.full(len(y), 7.0)])
    asked = GreedySampling().fit(X, with_third, X_pool).query(20)
    assert asked.tolist() == GreedySampling().fit(X, y, X_pool).query(20).tolist()


def test_many_blocks_of_rows_and_of_labels_are_those_of_all_pairs():
    rng = np.random.RandomState(0)
    Z, y = rng.standard_normal((5000, 3)), rng.standard_normal(5000)
    space = _Space(GreedySampling(), Z[600:], y[600:], Z[:600], y[:600])
    assert len(space.rows.parts()) > 2
    between = np.linalg.norm(Z[600:, None] - Z[:600], axis=2)
    expected = (between * np.abs(y[600:, None] - y[:600])).min(axis=1)
    np.testing.assert_allclose(space.nearest, expected, rtol=1e-9)


def test_sparse_and_single_precision_samples_are_asked_alike():
    X, y, X_pool = problem()
    strategy = GreedySampling(FrozenEstimator(Ridge().fit(X, y)))
    dense = strategy.fit(X, y, X_pool).query(20).tolist()
    csr = strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    assert csr.query(20).tolist() == dense
    single = strategy.fit(np.float32(X), y, np.float32(X_pool))
    assert single.query(10).tolist() == dense[:10]


@pytest.mark.parametrize("space", [product_distance, target_distance])
def test_values_are_compared_as_the_model_learned_them(space):
    X, y, X_pool = problem()
    y = y / 20
    logs = TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp)
    asked = GreedySampling(logs, space=space).fit(X, np.exp(y), X_pool).query(20)
    expected = GreedySampling(space=space).fit(X, y, X_pool).query(20)
    assert asked.tolist() == expected.tolist()


# --------------------------------------------------------------- ties and duplicates


def test_copies_of_labeled_samples_come_last():
    X, y, X_pool = problem()
    X_pool = np.vstack([X[:5], X_pool + 1e3, X[5:9]])  # far from the origin, too
    copies = [0, 1, 2, 3, 4, *range(len(X_pool) - 4, len(X_pool))]
    asked = GreedySampling(random_state=0).fit(X, y, X_pool).query(len(X_pool))
    assert sorted(asked[-9:].tolist()) == copies


@pytest.mark.parametrize("space", [product_distance, target_distance])
def test_equal_distances_are_decided_by_the_seed(space):
    X, _, X_pool = problem()
    X = np.vstack([X_pool[:1], X])  # any of the pool is a copy, or is predicted alike
    asked = [
        GreedySampling(space=space, random_state=seed)
        .fit(X, np.full(len(X), 3.0), X_pool)
        .query(6)
        .tolist()
        for seed in (0, 0, 0, 1, 2, 3)
    ]
    assert asked[0] == asked[1] == asked[2]
    assert len({tuple(a) for a in asked}) == 4


def test_a_tree_of_two_leaves_is_decided_by_the_seed():
    X, y, X_pool = problem()
    stump = DecisionTreeRegressor(max_depth=1)
    asked = {
        tuple(
            GreedySampling(stump, space=target_distance, random_state=seed)
            .fit(X, y, X_pool)
            .query(3)
        )
        for seed in range(6)
    }
    assert len(asked) > 3


def test_asking_changes_no_parameter():
    strategy = GreedySampling(random_state=0)
    before = strategy.get_params()
    strategy.fit(*problem()).query(3)
    assert strategy.get_params() == before


# ------------------------------------------------------------- who may be asked for


def test_what_others_label_counts_as_labeled_with_its_prediction():
    X, y, X_pool = problem()
    strategy = GreedySampling().fit(X, y, X_pool)
    held = strategy.query(5)
    predicted = strategy.estimator_.predict(X_pool)
    asked = strategy.query(8, exclude=held)
    assert not set(asked) & set(held)
    rest = np.setdiff1d(np.arange(len(X_pool)), held)
    expected = brute_force(
        X_pool[rest],
        predicted[rest],
        8,
        np.vstack([X, X_pool[held]]),
        np.append(y, predicted[held]),
        product_distance,
    )
    assert asked.tolist() == rest[expected].tolist()
    assert asked.tolist() == strategy.query(13)[5:].tolist()


def test_only_some_may_be_asked_for():
    X, y, X_pool = problem()
    strategy = GreedySampling().fit(X, y, X_pool)
    among = np.arange(10, 40)
    predicted = strategy.estimator_.predict(X_pool)
    expected = brute_force(X_pool[among], predicted[among], 8, X, y, product_distance)
    assert strategy.query(8, among=among).tolist() == among[expected].tolist()


def test_held_samples_of_several_outputs():
    X, y, X_pool = problem(n_outputs=2)
    strategy = GreedySampling().fit(X, y, X_pool)
    held = strategy.query(4)
    asked = strategy.query(4, exclude=held)
    assert asked.tolist() == strategy.query(8)[4:].tolist()


# ---------------------------------------------------------------------- in a learner


def test_in_a_learner_it_asks_the_model_of_the_learner():
    X, _, X_pool = problem(300)
    X_all = np.vstack([X, X_pool])
    y_all = X_all.sum(axis=1)
    model = make_pipeline(StandardScaler(), LinearRegression())
    learner = ActiveLearner(
        model,
        GreedySampling(embedding="estimator"),
        budget=20,
        batch_size=5,
        random_state=0,
    ).fit(X_all, y_all)
    assert learner.labeled_mask_.sum() == 30
    before = np.flatnonzero((learner.labeled_iter_ >= 0) & (learner.labeled_iter_ < 4))
    pool = np.setdiff1d(np.arange(len(X_all)), before)
    fitted = model.fit(X_all[before], y_all[before])
    expected = brute_force(
        fitted[:-1].transform(X_all[pool]),
        fitted.predict(X_all[pool]),
        5,
        fitted[:-1].transform(X_all[before]),
        y_all[before],
        product_distance,
    )
    assert learner.queried_indices_[-5:].tolist() == pool[expected].tolist()


def test_a_learner_without_a_model_predicts_with_that_of_the_strategy():
    X, _, X_pool = problem()
    learner = ActiveLearner(strategy=GreedySampling(), budget=5, random_state=0)
    learner.fit(np.vstack([X, X_pool]), np.vstack([X, X_pool])[:, 0])
    assert isinstance(learner.estimator_, Ridge)


# --------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (LogisticRegression(), "is a classifier. Take a regressor, such as Ridge"),
        (KMeans(2), "is a clusterer. Take a regressor"),
        (StandardScaler(), "is none. Take a regressor"),
    ],
    ids=["classifier", "clusterer", "transformer"],
)
def test_models_that_predict_no_numbers_are_refused_before_a_label_is_paid(
    model, message
):
    X, y, X_pool = problem()
    with pytest.raises(
        ValueError, match=f"GreedySampling needs a regressor.*{message}"
    ):
        GreedySampling(model).fit(X, y, X_pool)
    asked = []

    def oracle(rows, X_rows):
        asked.extend(rows)
        return np.zeros(len(rows))

    learner = ActiveLearner(model, GreedySampling(), oracle=oracle)
    with pytest.raises((ValueError, TypeError)):
        learner.fit(np.vstack([X, X_pool]))
    assert asked == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_values_that_are_not_finite_are_refused(value, n_outputs):
    X, y, X_pool = problem(n_outputs=n_outputs)
    y[3] = value
    frozen = FrozenEstimator(Ridge().fit(X[4:], y[4:]))
    with pytest.raises(ValueError, match="missing labels|needs finite numbers as y"):
        GreedySampling(frozen).fit(X, y, X_pool)


def test_words_are_refused():
    X, y, X_pool = problem()
    with pytest.raises(ValueError, match="needs numbers as y, got <U"):
        GreedySampling().fit(X, y.astype(str), X_pool)


def test_predictions_that_are_not_finite_or_of_another_width_are_refused():
    X, y, X_pool = problem()
    nowhere = Told([(x, np.nan) for x in X_pool[:, 0]])
    with pytest.raises(ValueError, match="predicts NaN or infinity"):
        GreedySampling(nowhere).fit(X, y, X_pool).query()
    two = FrozenEstimator(Ridge().fit(X, np.column_stack([y, y])))
    with pytest.raises(ValueError, match=r"shape \(130,\).* predicts shape \(130, 2\)"):
        GreedySampling(two).fit(X, y, X_pool).query()


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (lambda x, y: x.min(axis=0), "got shape"),
        (lambda x, y: np.full(x.shape, np.nan), "not finite"),
    ],
    ids=["shape", "NaN"],
)
def test_a_space_that_answers_something_else_is_told_so(space, message):
    X, y, X_pool = problem()
    strategy = GreedySampling(space=space).fit(X, y, X_pool)
    with pytest.raises(ValueError, match=f"one finite number per pair.*{message}"):
        strategy.query()
