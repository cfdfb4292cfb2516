"""Models at earlier moments of their training."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skactive.uncertainty._past import (
    Past,
    check_turns,
    evenly,
    kind_of_past,
    past_of,
    train_with_past,
)

X, y = make_classification(60, 6, n_informative=4, n_classes=3, random_state=0)
X = X.astype(np.float32)

STAGED = [
    GradientBoostingClassifier(n_estimators=8),
    HistGradientBoostingClassifier(max_iter=8, min_samples_leaf=5),
    AdaBoostClassifier(n_estimators=8),
]
IN_PASSES = [SGDClassifier(loss="log_loss"), MLPClassifier((10,))]


def name_of(model):
    return type(model).__name__


def trained(model, n_snapshots=4, n_passes=8, params=None):
    return train_with_past(
        model,
        X,
        y,
        None,
        n_snapshots=n_snapshots,
        n_passes=n_passes,
        seed=0,
        params=params or {},
    )


def net(**settings):
    pytest.importorskip("torch")
    from skactive.nets import NetClassifier

    return NetClassifier(module__hidden=(8,), max_epochs=8, **settings)


@pytest.mark.parametrize("model", STAGED, ids=name_of)
def test_stages_are_those_of_the_model(model):
    past = trained(model)
    stages = list(past.model.staged_predict_proba(X))
    assert_allclose(past.predict_proba(X), np.stack(stages)[1::2], atol=1e-6)


@pytest.mark.parametrize("model", IN_PASSES, ids=name_of)
def test_passes_are_those_of_partial_fit(model):
    past = trained(model)
    alone, expected = past.model.__class__(**past.model.get_params()), []
    for k in range(8):
        alone.partial_fit(X, y, classes=[0, 1, 2])
        if k % 2:
            expected.append(alone.predict_proba(X))
    assert_allclose(past.predict_proba(X), expected, atol=1e-6)
    assert_allclose(past.model.predict_proba(X), expected[-1], atol=1e-6)


@pytest.mark.parametrize("model", [STAGED[0], IN_PASSES[1], "net"], ids=name_of)
@pytest.mark.parametrize("deep", [False, True], ids=["pipeline", "pipeline in another"])
def test_steps_before_the_last_are_heeded(model, deep):
    model = net() if model == "net" else model
    scaled = StandardScaler().fit_transform(X)
    past = trained(make_pipeline(StandardScaler(), model))
    if deep:
        inner = make_pipeline(StandardScaler(), model)
        past = trained(make_pipeline(StandardScaler(), inner))
    alone = train_with_past(
        model, scaled, y, None, n_snapshots=4, n_passes=8, seed=None, params={}
    )
    assert past.predict_proba(X).shape == alone.predict_proba(scaled).shape
    end = past.model.predict_proba(X)
    assert_allclose(past.predict_proba(X)[-1], end, atol=1e-6)


def test_epochs_are_those_of_shorter_trainings():
    past = trained(net())
    assert past.predict_proba(X).shape == (4, 60, 3)
    for k, epochs in enumerate((2, 4, 6, 8)):
        short = past.model.__class__(**past.model.get_params())
        short.set_params(max_epochs=epochs, callbacks=None).fit(X, y)
        assert_allclose(past.predict_proba(X)[k], short.predict_proba(X), atol=1e-6)


def test_turns_of_an_embedding_are_those_between_shorter_trainings():
    past = trained(make_pipeline(StandardScaler(), net()))
    Z = []
    for epochs in (2, 6):
        short = clone(past.model).set_params(
            netclassifier__max_epochs=epochs, netclassifier__callbacks=None
        )
        Z.append(short.fit(X, y).transform(X))
    turns = past.turns(X, np.array([0, 2]))
    assert turns.shape == (1, 60) and turns.max() > 0.001
    cosines = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(*Z)]
    assert_allclose(turns[0], 1 - np.array(cosines), atol=1e-5)
    assert past.turns(X, np.array([3])).shape == (0, 60)
    assert_allclose(past.turns(X, np.array([1, 1])), 0, atol=1e-6)


@pytest.mark.parametrize("model", STAGED, ids=name_of)
def test_only_a_net_has_turns(model):
    with pytest.raises(ValueError, match="needs a skactive.nets.NetClassifier"):
        check_turns(model)


def test_a_plain_net_has_no_turns():
    torch = pytest.importorskip("torch")
    skorch = pytest.importorskip("skorch")
    check_turns(make_pipeline(StandardScaler(), net()))
    with pytest.raises(ValueError, match="inner_layer of HistorySampling"):
        check_turns(skorch.NeuralNetClassifier(torch.nn.Linear(2, 2)))


def test_a_net_is_left_as_it_was():
    past = trained(make_pipeline(StandardScaler(), net(callbacks="disable")))
    last = past.model.predict_proba(X)
    weights = past.model[-1].net_.module_.state_dict()
    before = {name: value.clone() for name, value in weights.items()}
    assert_allclose(past.predict_proba(X)[-1], last, atol=1e-6)
    assert_array_equal(past.model.predict_proba(X), last)
    after = past.model[-1].net_.module_.state_dict()
    assert all((after[name] == value).all() for name, value in before.items())


def test_a_plain_net_of_skorch():
    skorch, torch = pytest.importorskip("skorch"), pytest.importorskip("torch")
    from skactive.nets.modules import MLP

    plain = skorch.NeuralNetClassifier(
        MLP,
        module__n_features=6,
        module__n_classes=3,
        criterion=torch.nn.CrossEntropyLoss,
        max_epochs=8,
        train_split=None,
        verbose=0,
    )
    past = trained(plain)
    proba = past.predict_proba(X)
    assert proba.shape == (4, 60, 3)
    assert_allclose(proba[-1], past.model.predict_proba(X), atol=1e-6)


def test_what_is_frozen_is_asked_if_it_kept_its_past_and_trained_again_if_not():
    booster = FrozenEstimator(STAGED[0].set_params(random_state=0).fit(X, y))
    stages = list(booster.estimator.staged_predict_proba(X))
    assert_allclose(past_of(booster, 8).predict_proba(X), stages, atol=1e-6)
    frozen = FrozenEstimator(make_pipeline(StandardScaler(), MLPClassifier((10,))))
    frozen.estimator.set_params(mlpclassifier__max_iter=5)
    with pytest.warns(UserWarning, match="iterations"):
        frozen.estimator.fit(X, y)
    before = frozen.predict_proba(X)
    assert past_of(frozen, 4) is None
    assert trained(frozen).predict_proba(X).shape == (4, 60, 3)
    assert_array_equal(frozen.predict_proba(X), before)


@pytest.mark.deep
def test_a_net_with_a_recorder_is_not_trained_again():
    from skactive.nets import HistoryRecorder

    plain, kept = net(random_state=0), net(random_state=0)
    kept.set_params(callbacks=[HistoryRecorder(3)])
    assert past_of(FrozenEstimator(plain.fit(X, y)), 4) is None
    past = past_of(FrozenEstimator(kept.fit(X, y)), 4)
    assert past.predict_proba(X).shape == (3, 60, 3)
    assert trained(kept).predict_proba(X).shape == (3, 60, 3)  # no second recorder


def test_a_fitted_search_is_looked_into():
    search = GridSearchCV(STAGED[0], {"max_depth": [1, 2]}, cv=2)
    assert kind_of_past(search) == "stages"
    assert kind_of_past(GridSearchCV(IN_PASSES[1], {"alpha": [0, 1]})) is None
    search.fit(X, y)
    assert past_of(FrozenEstimator(search), 4).predict_proba(X).shape == (4, 60, 3)


def test_there_are_no_more_snapshots_than_steps():
    assert evenly(3, 10) == [1, 2, 3] and evenly(1, 4) == [1]
    assert evenly(200, 10)[:2] == [20, 40] and evenly(200, 10)[-1] == 200
    assert len(trained(STAGED[0], n_snapshots=50).predict_proba(X)) == 8
    assert len(trained(IN_PASSES[0], n_snapshots=50).predict_proba(X)) == 8
    # A booster that is done early has fewer stages than it was allowed.
    easy = AdaBoostClassifier(n_estimators=50, random_state=0).fit([[0], [1]], [0, 1])
    assert Past(easy, 10).predict_proba([[0], [1]]).shape == (1, 2, 2)


def test_a_model_that_rules_out_every_class_is_of_no_opinion():
    """In scikit-learn 1.6 its probabilities are zero divided by zero."""
    past = trained(SGDClassifier(loss="log_loss"))
    for model in past.then:
        model.intercept_[:] = -1e6
    assert_allclose(past.predict_proba(X), np.full((4, 60, 3), 1 / 3), rtol=1e-6)
    past.then[1].coef_[:] = np.nan  # and one that is broken is refused
    with pytest.raises(ValueError, match=r"Row \(1, 0\) of .* holds NaN"):
        past.predict_proba(X)


def test_weights_reach_every_pass():
    weights = np.where(y == 0, 1e-9, 1.0)
    pipe = make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss"))
    params = {"sgdclassifier__sample_weight": weights}
    for past in (
        trained(IN_PASSES[0], params={"sample_weight": weights}),
        trained(pipe, params=params),
        trained(STAGED[2], params={"sample_weight": weights}),
    ):
        assert (past.predict_proba(X)[-1].argmax(axis=1) != 0).all()


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        RandomForestClassifier(),
        SVC(),
        SGDClassifier(),
        MLPClassifier(solver="lbfgs"),
    ],
    ids=["logistic", "forest", "SVC", "SGD of hinges", "MLP by lbfgs"],
)
def test_what_has_no_past(model):
    assert kind_of_past(model) is None
    assert kind_of_past(make_pipeline(StandardScaler(), model)) is None
