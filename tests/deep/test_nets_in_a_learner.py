"""Strategies that train a net, inside a learner and a benchmark."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.benchmark import benchmark_strategies
from skactive.deep import LL4AL, MoBYv2AL, TaskAwareViT
from skactive.nets import NetClassifier
from skactive.utils._models import last_step

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NET = NetClassifier(module__hidden=(7,), max_epochs=3)

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("strategy", [LL4AL(), TaskAwareViT(), MoBYv2AL()])
def test_the_net_of_the_learner_lends_its_settings(strategy):
    for net in (NET, make_pipeline(StandardScaler(), NET)):
        learner = ActiveLearner(net, strategy, budget=10, random_state=0).fit(X, Y)
        trained = last_step(learner.strategy_.estimator_)
        assert trained.max_epochs == 3 and trained.module__hidden == (7,)
        assert len(learner.estimators_) == 2
    given = clone(strategy).set_params(estimator=NetClassifier(max_epochs=2))
    learner = ActiveLearner(NET, given, budget=10, random_state=0).fit(X, Y)
    assert last_step(learner.strategy_.estimator_).max_epochs == 2


def test_another_model_lends_nothing():
    strategy = LL4AL(NetClassifier(max_epochs=2))
    learner = ActiveLearner(LogisticRegression(), strategy, budget=10, random_state=0)
    learner.fit(X, Y)
    assert isinstance(learner.estimator_, LogisticRegression)
    assert learner.strategy_.estimator_.max_epochs == 2


@pytest.mark.parametrize("strategy", [LL4AL(), TaskAwareViT(), MoBYv2AL()])
def test_work_taken_up_again_asks_for_the_rows_that_would_have_come_next(strategy):
    y = np.where(np.arange(150) % 7 == 0, Y, np.nan)
    learner = ActiveLearner(NET, strategy, random_state=0).fit(X, y)
    rows = learner.query(4)
    learner.teach(rows, Y[rows])
    again = clone(learner).fit(X, learner.labels_)
    assert_array_equal(again.query(4), learner.query(4))


def test_in_a_benchmark_its_models_are_those_that_selected(tmp_path):
    few = {"n_initial": 9, "batch_size": 8, "budget": 16, "seeds": 1}
    make = {"loss": LL4AL()}
    result = benchmark_strategies(make, {"i": (X, Y)}, NET, store=tmp_path, **few)
    name = "loss (its own model)"
    before = result.select("i", name)[0]
    next(tmp_path.glob("i/loss*own*/seed-0.npz")).unlink()
    again = benchmark_strategies(make, {"i": (X, Y)}, NET, store=tmp_path, **few)
    assert again.select("i", name)[0].decisions_equal(before)
