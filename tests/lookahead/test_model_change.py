"""ExpectedModelChange: lengths on paper, and gradients written out."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    HistGradientBoostingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags

from skactive import ActiveLearner
from skactive.lookahead import ExpectedModelChange
from skactive.lookahead._model_change import expected_gradient_length, expected_step
from skactive.testing import strategy_checks


def problem(n=60):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, 4))
    return X[:15], np.arange(15) % 3, X[15:]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"bias": False}, 1.557196504),
        ({}, 1.705823303),
        ({"bias": False, "squared": True}, 2.7),
        ({"normalize": True}, 1.557196504 / np.sqrt(5)),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lengths_on_paper(params, expected, dtype):
    class Fixed(LogisticRegression):
        def predict_proba(self, X):
            return np.array([[0.6, 0.3, 0.1]] * len(X), dtype=dtype)

    X = np.array([[1, 2]], dtype=dtype)
    strategy = ExpectedModelChange(Fixed(), **params)
    strategy.fit(np.eye(3, 2), [0, 1, 2], X)
    assert strategy.score_samples(X)[0] == pytest.approx(expected, rel=1e-6)


def test_lengths_are_those_of_gradients_written_out():
    X, y, X_pool = problem()
    strategy = ExpectedModelChange().fit(X, y, X_pool)
    proba = strategy.estimator_.predict_proba(X_pool)
    expected = np.zeros(len(X_pool))
    for i, (p, x) in enumerate(zip(proba, X_pool)):
        for c in range(3):
            expected[i] += p[c] * np.linalg.norm(
                np.outer(p - np.eye(3)[c], np.append(x, 1))
            )
    np.testing.assert_allclose(strategy.score_samples(X_pool), expected, rtol=1e-10)


def test_certain_and_lone_classes_and_zeros_score_zero():
    certain = np.eye(3)[[0, 2, 1]]
    assert expected_gradient_length(certain, np.ones(3)).tolist() == [0, 0, 0]
    assert expected_gradient_length(np.ones((2, 1)), np.ones(2)).tolist() == [0, 0]
    X, y, X_pool = problem()
    X_pool[3] = 0
    without = ExpectedModelChange(bias=False).fit(X, y, X_pool)
    assert without.score_samples(X_pool)[3] == 0
    assert ExpectedModelChange().fit(X, y, X_pool).score_samples(X_pool)[3] > 0
    assert sorted(without.query(45)) == list(range(45))


def test_the_embedding_is_what_the_layer_sees():
    X, y, X_pool = problem()
    X, X_pool = X * [1, 100, 1, 1], X_pool * [1, 100, 1, 1]
    scaler = StandardScaler().fit(X)
    inside = ExpectedModelChange(
        make_pipeline(StandardScaler(), LogisticRegression()),
        embedding=FrozenEstimator(scaler),
    ).fit(X, y, X_pool)
    outside = ExpectedModelChange().fit(
        scaler.transform(X), y, scaler.transform(X_pool)
    )
    np.testing.assert_allclose(
        inside.score_samples(X_pool), outside.score_samples(scaler.transform(X_pool))
    )


def scaled_logistic():
    return make_pipeline(StandardScaler(), LogisticRegression())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda model, X, y: model,
        lambda model, X, y: make_pipeline("passthrough", model),
        lambda model, X, y: FrozenEstimator(model.fit(X, y)),
        lambda model, X, y: GridSearchCV(model, {"logisticregression__C": [1.0]}, cv=3),
        lambda model, X, y: FixedThresholdClassifier(model),
    ],
    ids=["flat", "nested", "frozen", "search", "threshold"],
)
def test_by_default_it_sees_what_the_last_step_of_a_pipeline_sees(wrap):
    X, y, X_pool = problem()
    X, X_pool, y = X * [1, 100, 1, 1], X_pool * [1, 100, 1, 1], y % 2
    scaler = StandardScaler().fit(X)
    strategy = ExpectedModelChange(wrap(scaled_logistic(), X, y))
    scores = strategy.fit(X, y, X_pool).score_samples(X_pool)
    outside = ExpectedModelChange().fit(scaler.transform(X), y)
    np.testing.assert_allclose(scores, outside.score_samples(scaler.transform(X_pool)))


def test_columns_that_only_the_steps_understand_are_scored():
    _, y, X_pool = problem()
    frame = pd.DataFrame({"a": X_pool[:, 0], "b": np.where(X_pool[:, 1] > 0, "x", "y")})
    frame.loc[20, "a"] = np.nan
    columns = make_column_transformer(
        (SimpleImputer(), ["a"]), (OneHotEncoder(), ["b"]), sparse_threshold=0
    )
    model = make_pipeline(columns, LogisticRegression())
    for normalize in (False, True):
        strategy = ExpectedModelChange(model, normalize=normalize)
        strategy.fit(frame[:15], y, frame[15:])
        assert np.isfinite(strategy.score_samples(frame[15:])).all()


@pytest.mark.parametrize("normalize", [False, True])
def test_gaps_are_taken_where_features_are_not_looked_at(normalize):
    X, y, X_pool = problem()
    X_pool[3, 0] = np.nan
    trees = HistGradientBoostingClassifier(max_iter=2, random_state=0)
    strategy = ExpectedModelChange(trees, normalize=normalize).fit(X, y)
    assert get_tags(strategy).input_tags.allow_nan == normalize
    if normalize:
        assert np.isfinite(strategy.score_samples(X_pool)).all()
    else:
        with pytest.raises(ValueError, match="NaN"):
            strategy.score_samples(X_pool)


def test_a_classifier_that_hides_its_steps_is_refused():
    X, y, X_pool = problem()
    hides = BaggingClassifier(scaled_logistic(), n_estimators=2, random_state=0)
    with pytest.raises(ValueError, match="(?s)hides it.*or pass them as embedding"):
        ExpectedModelChange(hides).fit(X, y, X_pool)
    for strategy in (
        ExpectedModelChange(hides, embedding=StandardScaler()),
        ExpectedModelChange(hides, normalize=True),
    ):
        assert strategy.fit(X, y, X_pool).query(3).shape == (3,)


@pytest.mark.deep
def test_of_a_net_it_sees_what_the_last_layer_sees_in_one_pass():
    from skactive import nets

    X, y, X_pool = (np.float32(each) for each in problem())
    net = nets.NetClassifier(max_epochs=2, random_state=0).fit(X, y.astype(int))
    strategy = ExpectedModelChange(FrozenEstimator(net)).fit(X, y.astype(int), X_pool)
    expected = expected_gradient_length(
        net.predict_proba(X_pool), (net.transform(X_pool) ** 2).sum(axis=1) + 1
    )
    np.testing.assert_allclose(strategy.score_samples(X_pool), expected, rtol=1e-5)
    passes = []
    net.net_.module_.register_forward_hook(lambda *_: passes.append(1))
    strategy.score_samples(X_pool)
    assert len(passes) == 1


def test_sparse_mapped_and_single_precision_pools_are_scored_alike(tmp_path):
    X, y, X_pool = problem()
    strategy = ExpectedModelChange()
    dense = strategy.fit(X, y, X_pool).score_samples(X_pool)
    csr = strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    np.testing.assert_allclose(csr.score_samples(sparse.csr_array(X_pool)), dense)
    single = strategy.fit(np.float32(X), y, np.float32(X_pool))
    scores = single.score_samples(np.float32(X_pool))
    np.testing.assert_allclose(scores, dense, rtol=1e-3)
    np.save(tmp_path / "pool.npy", X_pool)
    mapped = np.load(tmp_path / "pool.npy", mmap_mode="r")
    np.testing.assert_allclose(strategy.fit(X, y, mapped).score_samples(mapped), dense)


# ------------------------------------------------------------------------- regressors


def numbers(n=90, d=4, n_outputs=1):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((n, d)) * 2 + 1
    y = X @ rng.standard_normal((d, n_outputs)) + rng.standard_normal((n, n_outputs))
    y = y[:, 0] if n_outputs == 1 else y
    return X[:20], y[:20], X[20:]


@pytest.mark.parametrize(
    ("length", "squared", "expected"),
    [(25, False, 10), (26, False, 10.198039), (26, True, 14 / 3 * 26)],
)
def test_steps_on_paper(length, squared, expected):
    members = [np.array([1.0]), np.array([2.0]), np.array([6.0])]
    f, sq = np.array([3.0]), np.array([float(length)])
    step = expected_step(f, iter(members), sq, squared=squared)
    assert step[0] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_steps_are_the_gradients_of_squared_loss_written_out(n_outputs, bias, squared):
    X, y, X_pool = numbers(n_outputs=n_outputs)
    strategy = ExpectedModelChange(Ridge(), bias=bias, squared=squared, random_state=0)
    scores = strategy.fit(X, y, X_pool).score_samples(X_pool)
    for x, score in zip(X_pool[:20], scores):
        error = strategy.estimator_.predict([x])[0] - np.stack(
            [member.predict([x])[0] for member in strategy.members_]
        )
        seen = np.append(x, 1.0) if bias else x
        lengths = [np.linalg.norm(np.outer(e, seen)) for e in error]
        expected = np.mean(np.square(lengths) if squared else lengths)
        assert score == pytest.approx(expected, rel=1e-10)


def test_copies_learn_from_as_many_labels_as_there_are():
    class Counts(Ridge):
        def fit(self, X, y, sample_weight=None):
            self.n_rows_, self.n_distinct_ = len(y), len(np.unique(y))
            return super().fit(X, y, sample_weight)

    X, y, X_pool = numbers()
    strategy = ExpectedModelChange(Counts(), n_members=200, random_state=0)
    members = strategy.fit(X, y, X_pool).members_
    assert {member.n_rows_ for member in members} == {20}
    # Drawn with replacement: 1 - (1 - 1/20)**20 of 20 rows are in a sample.
    distinct = np.mean([member.n_distinct_ for member in members])
    assert distinct == pytest.approx(20 * (1 - 0.95**20), abs=0.4)


def test_copies_spread_as_a_bootstrap_of_a_mean_does():
    y = np.arange(20.0)
    strategy = ExpectedModelChange(DummyRegressor(), n_members=500, random_state=0)
    members = strategy.fit(np.zeros((20, 1)), y, np.zeros((2, 1))).members_
    means = [member.predict([[0.0]])[0] for member in members]
    assert np.std(means) == pytest.approx(y.std() / np.sqrt(20), rel=0.1)


def test_the_last_step_of_a_pipeline_sees_what_the_steps_before_made():
    X, y, X_pool = numbers()
    X, X_pool = X * [1, 100, 1, 1], X_pool * [1, 100, 1, 1]
    flat = make_pipeline(StandardScaler(), PCA(3), Ridge())
    nested = make_pipeline(StandardScaler(), make_pipeline(PCA(3), Ridge()))
    scores = []
    for model in (flat, nested):
        strategy = ExpectedModelChange(model, random_state=0).fit(X, y, X_pool)
        scores.append(strategy.score_samples(X_pool))
    np.testing.assert_allclose(*scores)
    strategy = ExpectedModelChange(flat, random_state=0).fit(X, y, X_pool)
    seen = strategy.estimator_[:-1].transform(X_pool)
    moved = [member.predict(X_pool) for member in strategy.members_]
    moved = np.abs(moved - strategy.estimator_.predict(X_pool)).mean(axis=0)
    expected = moved * np.sqrt((seen**2).sum(axis=1) + 1)
    np.testing.assert_allclose(scores[0], expected)
    normal = ExpectedModelChange(flat, normalize=True, random_state=0)
    np.testing.assert_allclose(normal.fit(X, y, X_pool).score_samples(X_pool), moved)


def test_values_are_those_that_the_model_learned():
    X, y, X_pool = numbers()
    logs = TransformedTargetRegressor(
        make_pipeline(StandardScaler(), Ridge()), func=np.log, inverse_func=np.exp
    )
    plain = make_pipeline(StandardScaler(), Ridge())
    scores = [
        ExpectedModelChange(model, embedding=StandardScaler(), random_state=0)
        .fit(X, values, X_pool)
        .score_samples(X_pool)
        for model, values in ((logs, np.exp(y)), (plain, y))
    ]
    np.testing.assert_allclose(*scores)


def test_weights_reach_the_copies():
    X, y, X_pool = numbers()
    y[:10] = 1e6
    X_all, y_all = np.vstack([X, X_pool]), np.append(y, np.zeros(len(X_pool)))
    learner = ActiveLearner(
        Ridge(), ExpectedModelChange(), n_initial=40, budget=5, random_state=0
    )
    learner.fit(X_all, y_all, sample_weight=np.where(y_all == 1e6, 0, 1.0))
    assert all(abs(m.predict(X)).max() < 1e3 for m in learner.strategy_.members_)


def test_in_a_learner_copies_of_its_model_are_asked():
    X, _, X_pool = numbers()
    X_all = np.vstack([X, X_pool])
    model = make_pipeline(StandardScaler(), Ridge(alpha=3.0))
    learner = ActiveLearner(model, ExpectedModelChange(), budget=10, random_state=0)
    learner.fit(X_all, X_all.sum(axis=1))
    assert len(learner.strategy_.members_) == 10
    assert all(m[-1].alpha == 3.0 for m in learner.strategy_.members_)


def test_constant_values_are_asked_for_at_random_and_one_label_says_so():
    X, _, X_pool = numbers()
    y = np.full(len(X), 2.0)
    asked = {
        tuple(ExpectedModelChange(Ridge(), random_state=s).fit(X, y, X_pool).query(3))
        for s in range(4)
    }
    assert len(asked) == 4
    one = ExpectedModelChange(Ridge(), random_state=0)
    with pytest.warns(UserWarning, match="has one label") as caught:
        one.fit(X[:1], y[:1], X_pool)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert len(set(one.score_samples(X_pool))) == 1


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            BaggingRegressor(make_pipeline(StandardScaler(), Ridge())),
            "(?s)hides it.*or pass them as embedding",
        ),
        (
            TransformedTargetRegressor(make_pipeline(StandardScaler(), Ridge())),
            "(?s)hides it.*or pass them as embedding",
        ),
        (
            make_pipeline(StandardScaler(), FrozenEstimator(Ridge().fit([[0.0]], [1]))),
            "is frozen: copies of it",
        ),
    ],
    ids=["bagging", "target", "frozen"],
)
def test_models_whose_copies_or_steps_are_hidden_are_refused(model, message):
    with pytest.raises(ValueError, match=message):
        ExpectedModelChange(model).fit(*numbers())
    assert ExpectedModelChange(
        BaggingRegressor(make_pipeline(StandardScaler(), Ridge())), normalize=True
    ).fit(*numbers()).query(3).shape == (3,)


def test_sparse_pools_of_regressors_are_scored_alike():
    X, y, X_pool = numbers()
    strategy = ExpectedModelChange(Ridge(solver="sparse_cg", tol=1e-12), random_state=0)
    dense = strategy.fit(X, y, X_pool).score_samples(X_pool)
    csr = strategy.fit(sparse.csr_array(X), y, sparse.csr_array(X_pool))
    np.testing.assert_allclose(
        csr.score_samples(sparse.csr_array(X_pool)), dense, rtol=1e-5
    )


def test_a_regressor_passes_the_checks_of_strategies():
    for _, check in strategy_checks(ExpectedModelChange(Ridge())):
        check(ExpectedModelChange(Ridge()))
