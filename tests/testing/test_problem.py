"""The small problems of the contract checks, and the doors a strategy sees them by."""

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skactive.base import QueryStrategy, ScoreStrategy
from skactive.diversity import CLUE, CoreSet, GreedySampling, RandomSampling
from skactive.testing._problem import (
    N_LABELED,
    N_POOL,
    FourAxesOnly,
    behind,
    build,
    has_front_door,
    problem,
    takes_classes,
)
from skactive.uncertainty import EntropySampling


class Unseeded(QueryStrategy):
    """Ask for the first samples."""

    def _query(self, n):
        return np.arange(n)


class Wants(ScoreStrategy):
    """Ask for what is far out; no class matters."""

    def _default_estimator(self):
        return Ridge()

    def score_samples(self, X):
        return np.abs(X).sum(axis=1)


# ------------------------------------------------------------ samples


def test_samples_are_as_many_as_asked_for_and_classes_take_turns():
    X, y, X_pool = problem()
    assert X.shape == (N_LABELED, 4) and X_pool.shape == (N_POOL, 4)
    assert X.dtype == X_pool.dtype == np.float64
    assert y.tolist() == [0, 1, 2] * 6
    X, y, X_pool = problem(5, 0, n_classes=2)
    assert y.tolist() == [0, 1, 0, 1, 0] and X_pool.shape == (0, 4)


def test_one_seed_is_one_problem_and_answers_are_free_to_be_written_to():
    one, again, other = problem(), problem(), problem(random_state=1)
    for a, b, c in zip(one[::2], again[::2], other[::2]):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)
        a[:] = 0
    assert problem()[0].any()


def test_a_model_is_in_doubt_about_most_samples_and_never_twice_alike():
    for n_classes in (2, 3):
        X, y, X_pool = problem(n_classes=n_classes)
        best = LogisticRegression().fit(X, y).predict_proba(X_pool).max(axis=1)
        assert np.median(best) < 0.99 and best.max() < 1 - 1e-4
        assert len(np.unique(best)) == N_POOL


# ------------------------------------------------------------ copies and doors


def test_a_copy_is_unfitted_and_has_the_seed():
    fitted = RandomSampling(random_state=9).fit(*problem())
    copy = build(fitted, seed=3)
    assert copy.random_state == 3 and not hasattr(copy, "n_pool_")
    assert fitted.random_state == 9 and hasattr(fitted, "n_pool_")
    assert build(fitted).random_state == 0


def test_a_strategy_without_a_seed_is_copied_all_the_same():
    assert isinstance(build(Unseeded()), Unseeded)


@pytest.mark.parametrize(
    "strategy, answer",
    [
        (RandomSampling(), True),
        (EntropySampling(), True),
        (EntropySampling(LogisticRegression()), True),
        (GreedySampling(), False),
        (Wants(Ridge()), False),
        (Wants(make_pipeline(StandardScaler(), Ridge())), False),
    ],
)
def test_classes_are_given_to_all_but_regressors(strategy, answer):
    assert takes_classes(strategy) is answer


FROZEN = FrozenEstimator(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))


@pytest.mark.parametrize(
    "strategy, answer",
    [
        (RandomSampling(), False),
        (Unseeded(), False),
        (CoreSet(), True),
        (EntropySampling(), True),
        (EntropySampling(FROZEN), False),
    ],
)
def test_a_transformer_can_be_put_before_what_is_fitted_and_not_frozen(
    strategy, answer
):
    assert has_front_door(strategy) is answer


def test_samples_pass_the_transformer_on_their_way_to_each_part():
    half = FunctionTransformer(lambda X: X / 2)
    given = EntropySampling(LogisticRegression(C=3))
    found = behind(half, given)
    assert [name for name, _ in found.estimator.steps] == [
        "functiontransformer",
        "logisticregression",
    ]
    assert found.estimator[-1].C == 3 and given.estimator.C == 3
    # A strategy that embeds by itself has nothing behind the transformer.
    (step,) = behind(half, CoreSet()).embedding.steps
    assert step[0] == "functiontransformer" and step[1] is not half


def test_a_default_estimator_gets_a_transformer_as_well():
    found = behind(StandardScaler(), Wants())
    assert isinstance(found.estimator[-1], Ridge)


def test_every_door_gets_a_transformer_of_its_own():
    found = behind(StandardScaler(), CLUE())
    names = [n for n in ("estimator", "embedding") if n in found.get_params(deep=False)]
    scalers = [getattr(found, name)[0] for name in names]
    assert len(names) >= 1 and len({id(scaler) for scaler in scalers}) == len(names)


def test_images_are_flattened_and_flat_samples_are_refused():
    X = np.arange(16.0).reshape(2, 2, 2, 2)
    step = FourAxesOnly()
    assert step.fit(X).transform(X).tolist() == X.reshape(2, 8).tolist()
    for call in (step.fit, step.transform):
        with pytest.raises(AssertionError, match=r"arrived with shape \(2, 8\)"):
            call(X.reshape(2, 8))
