"""NetSegmenter in the learner, under every kind of strategy that asks for images."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV, cross_validate
from torch.nn import functional as F

from skactive import ActiveLearner
from skactive.compose import PoolSubsampling, StochasticBatch
from skactive.deep import LL4AL, REVIVAL, SRAAL, VAAL, MoBYv2AL
from skactive.disagreement import PowerBALD, QueryByCommittee
from skactive.diversity import CoreSet, RandomSampling, TypiClust
from skactive.metrics import aulc_scorer
from skactive.nets import (
    DropoutCommittee,
    HorizontalFlip,
    NetDetector,
    NetSegmenter,
    VAEEmbedding,
)
from skactive.oracles import SimulatedOracle
from skactive.uncertainty import EntropySampling, MarginSampling

pytestmark = pytest.mark.deep


def squares(n=20, seed=0):
    rng = np.random.RandomState(seed)
    y = np.zeros((n, 8, 8), np.uint8)
    for mask, (i, j) in zip(y, rng.randint(0, 5, (n, 2))):
        mask[i : i + 4, j : j + 4] = 1
    return (y[:, None] + rng.normal(0, 0.3, (n, 1, 8, 8))).astype(np.float32), y


X, Y = squares()
NET = NetSegmenter(
    module__width=2, module__depth=2, max_epochs=2, batch_size=4, random_state=0
)


def learner(strategy=None, net=NET, **settings):
    settings = {"n_initial": 4, "budget": 6, "batch_size": 3, **settings}
    settings = {"random_state": 0, **settings}
    strategy = EntropySampling() if strategy is None else strategy
    return ActiveLearner(net, strategy, **settings)


def partly(rows):
    y = np.full_like(Y, 255)
    y[rows] = Y[rows]
    return y


STRATEGIES = [
    RandomSampling(),
    CoreSet("estimator"),
    TypiClust("estimator"),
    VAAL(autoencoder=VAEEmbedding(2, n_iterations=2), random_state=0),
    EntropySampling(),
    EntropySampling(aggregate="max"),
    EntropySampling(aggregate=0.1),
    MarginSampling(class_weight=[1, 2]),
    PoolSubsampling(EntropySampling(), max_pool=10),
    StochasticBatch(EntropySampling()),
    QueryByCommittee(n_members=2),
    PowerBALD(DropoutCommittee(NET, n_members=2), aggregate=0.1),
]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: str(s)[:50])
def test_every_strategy_asks_for_images(strategy):
    run = learner(strategy).fit(X, Y)
    assert run.history_["n_labeled"] == [4, 7, 10]
    assert len(set(run.queried_indices_)) == 10
    assert 0 <= run.score(X, Y) <= 1
    assert_array_equal(
        learner(strategy).fit(X, Y).queried_indices_, run.queried_indices_
    )
    taught = learner(strategy, missing_label=255)
    taught.fit(X, partly(run.queried_indices_[:4]))
    rows = taught.query(3)
    assert_array_equal(rows, run.queried_indices_[4:7])
    taught.teach(rows, Y[rows])
    assert_array_equal(taught.query(3), run.queried_indices_[7:])
    again = learner(strategy, missing_label=255).fit(X, taught.labels_)
    assert_array_equal(again.query(3), taught.query(3))


def test_simulation_and_oracle_are_one():
    run = learner().fit(X, Y)
    asked = learner(oracle=SimulatedOracle(Y)).fit(X)
    assert_array_equal(asked.queried_indices_, run.queried_indices_)
    assert_array_equal(asked.predict_proba(X), run.predict_proba(X))
    as_list = learner().fit(X, list(Y))
    assert_array_equal(as_list.queried_indices_, run.queried_indices_)
    scores = list(run.staged_score(X, Y))
    assert len(scores) == 3 and scores[-1] == run.score(X, Y)
    again = pickle.loads(pickle.dumps(run))
    assert_array_equal(again.predict(X), run.predict(X))


def test_scikit_learn_takes_the_whole():
    scores = cross_validate(learner(), X, Y, cv=2, scoring=aulc_scorer)
    assert np.isfinite(scores["test_score"]).all()
    grid = {"strategy": [RandomSampling(), EntropySampling()]}
    search = GridSearchCV(learner(), grid, scoring=aulc_scorer, cv=2).fit(X, Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_masks_known_in_part_go_into_the_net():
    y = partly([0, 1, 2, 3])
    y[4, 0] = Y[4, 0]
    run = learner(missing_label=255).fit(X, y)
    assert run.labeled_mask_.sum() == 5
    row = run.query(1)[0]
    part = Y[row].copy()
    part[4:] = 255
    run.teach([row], [part])
    assert run.labeled_mask_.sum() == 6


# ------------------------------------------------------------------- learned losses


def ll4al(**settings):
    return LL4AL(NET, random_state=0, **settings)


def test_losses_of_images_are_learned_beside_the_net():
    strategy = ll4al().fit(X[:8], Y[:8], X[8:])
    assert strategy.predict(X).shape == Y.shape
    assert strategy.predict_proba(X).shape == (20, 2, 8, 8)
    assert 0 <= strategy.score(X, Y) <= 1
    assert strategy.score_samples(X[8:]).shape == (12,)
    assert len(set(strategy.query(5))) == 5
    assert strategy.transform(X).shape == (20, 4)
    assert_array_equal(strategy.query(5), ll4al().fit(X[:8], Y[:8], X[8:]).query(5))
    again = pickle.loads(pickle.dumps(strategy))
    assert_array_equal(again.predict(X), strategy.predict(X))


def test_ll4al_learns_from_means_over_valid_pixels():
    strategy = ll4al().fit(X[:8], Y[:8])
    net = strategy._net.net_
    weight = net.criterion_.weight
    output = torch.randn(3, 2, 8, 8)
    y = torch.tensor(Y[:3]).to(torch.int16)
    y[1, 2:] = -100
    y[2] = -100
    task, losses = net.task_losses(output, y)
    assert task.item() == pytest.approx(
        F.cross_entropy(output, y.long(), weight, ignore_index=-100).item()
    )
    each = [
        F.cross_entropy(output[k : k + 1], y[k : k + 1].long(), weight, reduction="sum")
        / n
        for k, n in ((0, 64), (1, 16))
    ]
    assert losses.tolist() == pytest.approx([*torch.stack(each).tolist(), 0])
    assert net.criterion_.reduction == "mean"


def test_ll4al_is_model_and_strategy_in_one_loop():
    run = ActiveLearner(
        strategy=ll4al(), n_initial=4, budget=6, batch_size=3, random_state=0
    ).fit(X, Y)
    assert run.history_["n_labeled"] == [4, 7, 10]
    assert run.predict(X).shape == Y.shape and 0 <= run.score(X, Y) <= 1
    taught = ActiveLearner(strategy=ll4al(), missing_label=255, random_state=0)
    taught.fit(X, partly(run.queried_indices_[:4]))
    rows = taught.query(3)
    assert_array_equal(rows, run.queried_indices_[4:7])
    taught.teach(rows, Y[rows])
    assert taught.labeled_mask_.sum() == 7


def test_ll4al_trains_on_flipped_pairs():
    net = NetSegmenter(**{**NET.get_params(), "augment": HorizontalFlip()})
    strategy = LL4AL(net, random_state=0).fit(X[:8], Y[:8], X[8:])
    assert np.isfinite(strategy.score_samples(X)).all()


def test_a_warm_net_is_refused_by_what_trains_beside_it():
    net = NetSegmenter(**{**NET.get_params(), "warm_start": True})
    with pytest.raises(ValueError, match="warm_start"):
        LL4AL(net).fit(X[:8], Y[:8], X[8:])


def test_a_fitted_net_is_asked_without_training():
    net = FrozenEstimator(NetSegmenter(**NET.get_params()).fit(X, Y))
    proba = net.predict_proba(X).astype(float)
    h = -(proba * np.log(proba)).sum(axis=1).mean(axis=(1, 2))
    scores = EntropySampling(net).fit(X[:2], Y[:2], X).score_samples(X)
    assert scores == pytest.approx(h, abs=1e-5)


NEED_CLASSES = [MoBYv2AL, REVIVAL, SRAAL]


@pytest.mark.parametrize("model", [NET, NetDetector()], ids=["masks", "boxes"])
@pytest.mark.parametrize("cls", NEED_CLASSES)
def test_nets_that_need_classes_are_refused_before_an_answer_is_paid(cls, model):
    def oracle(rows, X_rows):
        raise AssertionError("an answer was paid for")

    with pytest.raises(ValueError, match=f"(?s){cls.__name__} needs.*LL4AL"):
        learner(cls(), model, oracle=oracle).fit(X)
    if cls is not SRAAL:  # which does not predict
        with pytest.raises(ValueError, match=f"{cls.__name__} needs a model"):
            learner(cls(model), None, oracle=oracle).fit(X)
    with pytest.raises(ValueError, match=f"{cls.__name__} needs"):
        cls(model).fit(X, Y, X)
