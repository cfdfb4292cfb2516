"""MoBYv2AL: a net that learns from labels and from views of the pool."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from skactive import ActiveLearner
from skactive.deep import MoBYv2AL
from skactive.exceptions import PoolExhaustedWarning
from skactive.metrics import aulc_scorer
from skactive.nets import NetClassifier
from skactive.selection import k_center_greedy
from skactive.testing import check_strategy
from skactive.utils import shannon_entropy

pytestmark = pytest.mark.deep

SELECTIONS = ("coreset", "entropy", "contrastive", "random")


def blobs(n=60, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 3
    X = 2.0 * np.eye(3, 4)[y] + rng.standard_normal((n, 4))
    return X, y


def quick(**settings):
    defaults = {"max_epochs": 3, "batch_size": 16, "module__hidden": (16,)}
    return NetClassifier(**{**defaults, **settings})


def strategy(**settings):
    return MoBYv2AL(quick(), proj_dim=16, random_state=0).set_params(**settings)


def fitted(n_labeled=24, n=60, **settings):
    X, y = blobs(n)
    return strategy(**settings).fit(X[:n_labeled], y[:n_labeled], X[n_labeled:])


# ----------------------------------------------------------------------- the contract


def test_contract_on_tables():
    results = check_strategy(MoBYv2AL(NetClassifier(max_epochs=2, batch_size=16)))
    assert len(results) >= 34
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api")
def test_scikit_learn_finds_no_fault():
    net = quick(max_epochs=8, lr=0.02, batch_size=64)
    results = check_estimator(strategy(estimator=net), on_skip=None, on_fail=None)
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    assert failed == []
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}
    assert len(results) >= 55


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 8, 8), (1, 28, 28)])
def test_images_of_any_size(shape):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (40, *shape)).astype(np.uint8)
    y = np.repeat(["ant", "bee"], 20)[rng.permutation(40)]
    net = NetClassifier(max_epochs=1, module__width=8, module__blocks=(1, 1))
    fitted = MoBYv2AL(net, random_state=0).fit(X[:15], y[:15], X[15:])
    assert len(set(fitted.query(5))) == 5
    assert fitted.transform(X).shape == (40, 16)
    assert set(fitted.predict(X)) <= {"ant", "bee"}


# ------------------------------------------------------------------------ what is asked


def test_the_farthest_from_all_labels_are_asked_for():
    X, _ = blobs()
    moby = fitted()
    Z = moby.transform(X)
    expected = k_center_greedy(Z[24:], 6, Z_labeled=Z[:24], random_state=0)
    np.testing.assert_array_equal(moby.query(6), expected)


def test_entropy_and_contrastive_losses_rank_the_pool():
    X, _ = blobs()
    moby = fitted(selection="entropy")
    scores = shannon_entropy(moby.predict_proba(X[24:]))
    np.testing.assert_array_equal(moby.query(6), np.argsort(-scores)[:6])
    moby = fitted(selection="contrastive")
    scores = moby.contrastive_losses(X[24:])
    np.testing.assert_array_equal(moby.query(6), np.argsort(-scores)[:6])


def test_random_selection_is_seeded_and_has_the_same_training():
    X, _ = blobs()
    moby, other = fitted(selection="random"), fitted(selection="coreset")
    np.testing.assert_array_equal(moby.predict_proba(X), other.predict_proba(X))
    assert sorted(moby.query(36)) == list(range(36))
    np.testing.assert_array_equal(moby.query(9), fitted(selection="random").query(9))
    assert list(moby.query(9)) != list(
        fitted(selection="random", random_state=1).query(9)
    )


@pytest.mark.parametrize("selection", ["coreset", "entropy", "contrastive"])
def test_answers_come_from_a_seeded_subset(selection):
    nine = fitted(selection=selection, subset=9).query(9)
    assert len(set(nine)) == 9 and max(nine) > 9
    np.testing.assert_array_equal(
        fitted(selection=selection, subset=9).query(4), nine[:4]
    )
    other = fitted(selection=selection, subset=9, random_state=1).query(9)
    assert set(other) != set(nine)
    assert sorted(fitted(selection=selection, subset=9).query(36)) == list(range(36))
    with pytest.raises(ValueError, match="subset=5"):
        fitted(selection=selection, subset=5).query(6)


@pytest.mark.parametrize("selection", SELECTIONS)
def test_asking_twice_changes_neither_answer_nor_nets(selection):
    X, _ = blobs()
    moby = fitted(selection=selection)
    net = moby.estimator_.net_
    parts = ("module_", "key_module_", "key_projector_", "predictor_", "queues_")
    before = [pickle.dumps(getattr(net, part).state_dict()) for part in parts]
    answers = [(moby.query(5), moby.contrastive_losses(X)) for _ in range(2)]
    after = [pickle.dumps(getattr(net, part).state_dict()) for part in parts]
    assert before == after
    for first, second in zip(*answers):
        np.testing.assert_array_equal(first, second)


# --------------------------------------------------------------------- a classifier too


def test_it_is_a_classifier_and_a_transformer():
    X, y = blobs()
    moby = fitted()
    np.testing.assert_array_equal(moby.predict(X), moby.predict_proba(X).argmax(axis=1))
    assert moby.score(X, y) == np.mean(moby.predict(X) == y)
    assert is_classifier(moby)
    assert len(moby.get_feature_names_out()) == moby.transform(X).shape[1] == 16


def test_history_has_one_entry_per_epoch():
    history = fitted().history_
    assert set(history) == {
        "task_loss",
        "contrastive_loss",
        "pool_contrastive_loss",
        "key_momentum",
    }
    assert {len(values) for values in history.values()} == {3}
    assert np.isfinite(list(history.values())).all()


def test_it_learns_digits_from_forty_labels():
    """In the mean: single runs differ by the number of threads, some are below .6."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    net = NetClassifier(max_epochs=60, batch_size=20, lr=0.01, module__blocks=(1, 1))
    scores = []
    for seed in range(3):
        moby = MoBYv2AL(net, proj_dim=32, random_state=seed)
        moby.fit(X[:40], y[:40], X[40:600])
        scores.append(moby.score(X[600:], y[600:]))
    assert np.mean(scores) > 0.6
    losses = moby.history_["pool_contrastive_loss"]
    assert np.mean(losses[-5:]) < 0.8 * losses[0]


# ---------------------------------------------------------------------------- the seed

PROGRAM = """
import numpy as np
from skactive.deep import MoBYv2AL
from skactive.nets import NetClassifier
rng = np.random.RandomState(0)
y = np.arange(60) % 3
X = 2.0 * np.eye(3, 4)[y] + rng.standard_normal((60, 4))
net = NetClassifier(max_epochs=3, batch_size=16, module__hidden=(16,))
moby = MoBYv2AL(net, proj_dim=16, random_state=0)
print(*moby.fit(X[:24], y[:24], X[24:]).query(8))
"""


def test_same_seed_same_query_in_a_fresh_process():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    assert [int(word) for word in run.stdout.split()] == fitted().query(8).tolist()


def test_generators_of_the_caller_are_left_alone():
    torch.manual_seed(5)
    np.random.seed(5)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    moby = fitted(selection="contrastive")
    moby.query(3)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


# -------------------------------------------------------------------------- in the loop


def test_labels_never_revealed_do_not_matter():
    X, y = blobs()
    settings = {"budget": 10, "batch_size": 5, "random_state": 0}
    first = ActiveLearner(strategy=strategy(), **settings).fit(X, y)
    hidden = np.flatnonzero(~first.labeled_mask_)
    poisoned = y.copy()
    poisoned[hidden] = np.random.RandomState(1).permutation(y[hidden])
    assert (poisoned != y).any()
    second = ActiveLearner(strategy=strategy(), **settings).fit(X, poisoned)
    np.testing.assert_array_equal(first.queried_indices_, second.queried_indices_)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_alone_it_predicts_and_beside_a_model_it_selects():
    X, y = blobs()
    settings = {"budget": 10, "batch_size": 5, "random_state": 0}
    joint = ActiveLearner(strategy=strategy(), **settings).fit(X, y)
    assert joint.estimator_ is joint.strategy_
    assert joint.history_["n_labeled"] == [10, 15, 20]
    np.testing.assert_array_equal(joint.predict(X), joint.estimator_.predict(X))
    beside = ActiveLearner(LogisticRegression(), strategy(), **settings).fit(X, y)
    assert isinstance(beside.estimator_, LogisticRegression)
    assert isinstance(beside.strategy_, MoBYv2AL)


def test_pickled_learner_does_not_carry_the_pool():
    def size(n):
        X, y = blobs(n)
        learner = ActiveLearner(
            strategy=strategy(), budget=10, keep_estimators=False, random_state=0
        ).fit(X, y)
        copy = pickle.loads(pickle.dumps(learner))
        np.testing.assert_array_equal(copy.predict(X), learner.predict(X))
        return len(pickle.dumps(learner.strategy_))

    # 5,940 more samples of four doubles would be 190,080 bytes.
    assert abs(size(6000) - size(60)) < 2000


def test_grid_search_over_the_temperature():
    X, y = blobs()
    learner = ActiveLearner(
        strategy=strategy(), budget=10, batch_size=5, random_state=0
    )
    grid = {"strategy__temperature": [0.1, 0.5]}
    search = GridSearchCV(learner, grid, scoring=aulc_scorer, cv=2, error_score="raise")
    search.fit(X, y)
    assert search.best_params_["strategy__temperature"] in (0.1, 0.5)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


# ---------------------------------------------------------------- what can be handed in


def test_a_pipeline_scales_pool_and_labels_alike():
    X, y = blobs()
    scaler = StandardScaler().fit(X[:24])
    expected = strategy().fit(
        scaler.transform(X[:24]), y[:24], scaler.transform(X[24:])
    )
    moby = strategy(estimator=make_pipeline(StandardScaler(), quick()))
    moby.fit(X[:24], y[:24], X[24:])
    np.testing.assert_array_equal(moby.estimator_.predict(X), moby.predict(X))
    assert not hasattr(moby.estimator, "classes_")
    np.testing.assert_allclose(moby.estimator_[0].mean_, scaler.mean_)
    assert len(moby.history_["task_loss"]) == len(expected.history_["task_loss"])
    assert moby.query(5).shape == expected.query(5).shape == (5,)


def test_clone_keeps_settings_and_forgets_the_nets():
    copy = clone(fitted(temperature=0.3, head_layers=2))
    assert copy.temperature == 0.3 and copy.head_layers == 2
    assert not hasattr(copy, "estimator_")


def test_classes_that_have_no_label_yet_have_a_column():
    X, y = blobs()
    moby = strategy(estimator=quick(classes=[0, 1, 2, 9]))
    assert moby.fit(X[:24], y[:24], X[24:]).predict_proba(X).shape == (60, 4)


# -------------------------------------------------------------------------- hard input


@pytest.mark.parametrize("n", [1, 2, 15, 17, 59])
def test_any_number_of_labels_and_a_pool_of_one(n):
    assert fitted(n).query(1).shape == (1,)


def test_one_class_is_no_reason_to_fail():
    X, _ = blobs()
    moby = strategy().fit(X[:9], np.ones(9), X[9:])
    assert (moby.predict(X) == 1).all()
    assert len(set(moby.query(3))) == 3


def test_exhausted_pool_warns_and_empty_pool_answers_nothing():
    with pytest.warns(PoolExhaustedWarning):
        assert len(fitted().query(50)) == 36
    X, y = blobs()
    with pytest.warns(PoolExhaustedWarning):
        assert len(strategy().fit(X, y, X[:0]).query(1)) == 0


def test_labels_are_required():
    with pytest.raises(ValueError, match="requires y"):
        strategy().fit(blobs()[0])


def test_view_of_another_shape_is_named():
    with pytest.raises(ValueError, match="strong must return"):
        fitted(strong=lambda X: X[:, :2])


def test_loss_that_turns_nan_names_epoch_and_term():
    with pytest.raises(
        FloatingPointError, match="contrastive loss became nan in epoch 1 of 3"
    ):
        fitted(strong=lambda X: X * float("nan"))


@pytest.mark.parametrize(
    "name, value",
    [
        ("selection", "core-set"),
        ("contrastive_weight", 0),
        ("temperature", 0),
        ("key_momentum", 1.5),
        ("queue_size", 0),
        ("proj_dim", 0),
        ("head_layers", 0),
        ("weak", "noise"),
        ("strong", "noise"),
        ("fused", "yes"),
        ("subset", 0),
    ],
)
def test_settings_out_of_range_are_named(name, value):
    with pytest.raises(ValueError, match=name):
        fitted(**{name: value})


@pytest.mark.parametrize("scaled", [False, True])
def test_warm_start_of_the_net_is_refused(scaled):
    net = quick(warm_start=True)
    with pytest.raises(ValueError, match="Pass a net with warm_start=False"):
        fitted(estimator=make_pipeline(StandardScaler(), net) if scaled else net)


def test_what_is_no_net_and_nan_in_the_pool_are_refused():
    with pytest.raises(TypeError, match="NetClassifier"):
        fitted(estimator=LogisticRegression())
    X, y = blobs()
    X[50, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        strategy().fit(X[:24], y[:24], X[24:])
