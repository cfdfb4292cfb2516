"""Steps that several models begin with."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

from skactive.diversity import UncertaintyHerding
from skactive.utils._pool import Pool
from skactive.utils._shared_steps import after_shared_steps, seen_once, shared_steps

rng = np.random.RandomState(0)
X = rng.normal(size=(60, 4))
y = (X[:, 0] > 0).astype(int)


def fitted(*steps):
    return make_pipeline(*steps).fit(X, y)


def test_what_is_learned_is_not_shared_unless_it_is_the_same_object():
    model = fitted(Normalizer(), StandardScaler(), LogisticRegression())
    other = fitted(Normalizer(), StandardScaler(), LogisticRegression(C=2))
    shared, rest = shared_steps([model, FrozenEstimator(other)])
    assert isinstance(shared, Normalizer)
    assert [len(each.steps) for each in rest] == [2, 2]
    part = FrozenEstimator(model[:-1])
    assert shared_steps([model, part])[1] == [model[-1], None]


@pytest.mark.parametrize(
    "other",
    [
        Normalizer("l1"),
        FunctionTransformer(np.abs),
        StandardScaler().fit(X),
        LogisticRegression().fit(X, y),
        None,
    ],
    ids=["parameter", "kind", "learned", "model", "nothing"],
)
def test_steps_that_differ_are_not_shared(other):
    model = fitted(Normalizer(), LogisticRegression())
    models, left = after_shared_steps([model, other], X)
    assert models[0] is model and models[1] is other and left is X


def test_answers_after_shared_steps_are_those_of_the_models():
    nested = fitted(make_pipeline(Normalizer(), StandardScaler()), LogisticRegression())
    other = fitted(Normalizer(), LogisticRegression(C=3))
    (one, two), Z = after_shared_steps([nested, other], X)
    assert Z is not X
    assert_array_equal(one.predict_proba(Z), nested.predict_proba(X))
    assert_array_equal(two.predict_proba(Z), other.predict_proba(X))


def test_a_model_and_its_own_steps_are_seen_in_one_pass():
    calls = []

    def told(X):
        calls.append(len(X))
        return X

    teller = FunctionTransformer(told)
    model = fitted(teller, StandardScaler(), LogisticRegression())
    del calls[:]
    Z, proba = seen_once(model, FrozenEstimator(model[:-1]), Pool(X), None)
    assert calls == [len(X)]
    assert_array_equal(Z, model[:-1].transform(X))
    assert_array_equal(proba, model.predict_proba(X))
    assert seen_once(model, fitted(teller, Normalizer()), Pool(X), None) is None


@pytest.mark.parametrize("among", [None, [1, 5, 7, 9, 11]], ids=["all", "among"])
def test_herding_among_some_rows_has_their_doubts(among):
    """It was given those of all rows, and failed."""
    model = FrozenEstimator(fitted(Normalizer(), LogisticRegression()))
    strategy = UncertaintyHerding(
        model, temperature="auto", radius="auto", random_state=0
    ).fit(X[:20], y[:20], X[20:])
    picks = strategy.query(3, among=among)
    assert len(set(picks)) == 3 and set(picks) <= set(among or range(40))
    if among is not None:
        few = UncertaintyHerding(
            model,
            temperature=strategy.temperature_,
            radius=strategy.radius_,
            random_state=0,
        )
        few.fit(X[:20], y[:20], X[20:][among])
        assert_array_equal(picks, np.array(among)[few.query(3)])
