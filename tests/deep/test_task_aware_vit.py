"""TaskAwareViT: a net that learns its task and tells what is labeled."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.special import logit
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler
from torch import nn

from skactive import ActiveLearner
from skactive.deep import TaskAwareViT
from skactive.deep._task_aware_vit import distances_to_margin
from skactive.exceptions import PoolExhaustedWarning
from skactive.metrics import aulc_scorer
from skactive.nets import NetClassifier
from skactive.nets.modules import MLP
from skactive.testing import check_strategy

pytestmark = pytest.mark.deep

MODES = ("sample", "channel", "none")
#: Whether the sampler is kept from changing the net, and what attends to what.
FORMS = [
    pytest.param({"detach": detach, "bottleneck": mode}, id=f"{name} {mode}")
    for name, detach in (("joint", False), ("apart", True))
    for mode in MODES
]
each_form = pytest.mark.parametrize("form", FORMS)


def blobs(n=60, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 3
    X = 2.0 * np.eye(3, 4)[y] + rng.standard_normal((n, 4))
    return X, y


def quick(**settings):
    return NetClassifier(**{"max_epochs": 3, "batch_size": 16, **settings})


def fitted(n_labeled=24, n=60, **settings):
    X, y = blobs(n)
    strategy = TaskAwareViT(quick(), random_state=0).set_params(**settings)
    return strategy.fit(X[:n_labeled], y[:n_labeled], X[n_labeled:])


# ----------------------------------------------------------------------- the contract


@pytest.mark.parametrize("bottleneck", MODES)
def test_contract_on_tables(bottleneck):
    results = check_strategy(TaskAwareViT(quick(), bottleneck=bottleneck))
    assert len(results) >= 40
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api")
def test_scikit_learn_finds_no_fault():
    results = check_estimator(TaskAwareViT(), on_skip=None, on_fail=None)
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    assert failed == []
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}
    assert len(results) >= 55


@pytest.mark.parametrize("bottleneck", MODES)
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 8, 8), (1, 28, 28)])
def test_images_are_taken_as_they_are(shape, bottleneck):
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (30, *shape)).astype(np.uint8)
    y = np.repeat(["ant", "bee"], 15)[rng.permutation(30)]
    net = quick(max_epochs=1, batch_size=8, module__width=4)
    strategy = TaskAwareViT(net, bottleneck=bottleneck, random_state=0)
    strategy.fit(X[:11], y[:11], X[11:])
    assert len(set(strategy.query(5))) == 5
    proba, Z, labeled = strategy.predict_all(X)
    assert proba.shape == (30, 2) and Z.shape == (30, 16) and labeled.shape == (30,)
    assert set(strategy.predict(X)) <= {"ant", "bee"}
    order = rng.permutation(19)
    shuffled = strategy.score_samples(X[11:][order])
    np.testing.assert_allclose(
        shuffled, strategy.score_samples(X[11:])[order], rtol=1e-4, atol=1e-6
    )


# --------------------------------------------------------- a classifier and a strategy


def test_it_is_a_classifier_with_one_pass_for_everything():
    strategy = fitted()
    X, y = blobs()
    proba, Z, labeled = strategy.predict_all(X)
    np.testing.assert_array_equal(strategy.predict_proba(X), proba)
    np.testing.assert_array_equal(strategy.transform(X), Z)
    np.testing.assert_array_equal(strategy.predict_labeled(X), labeled)
    np.testing.assert_array_equal(strategy.predict(X), proba.argmax(axis=1))
    assert strategy.score(X, y) == np.mean(strategy.predict(X) == y)
    assert is_classifier(strategy)
    assert len(strategy.get_feature_names_out()) == Z.shape[1]
    inner = strategy.estimator_
    np.testing.assert_array_equal(inner.predict_proba(X), proba)
    np.testing.assert_array_equal(inner.transform(X), Z)


@pytest.mark.parametrize(
    "p, expected",
    [
        ([0.02, 0.5, 0.09, 0.13, 0.9, 0.3], [2, 3, 0, 5, 1, 4]),
        ([0.45, 0.52, 0.48, 0.50], [0, 2, 3, 1]),
        ([0.001, 0.01, 0.0005], [1, 0, 2]),
    ],
)
def test_nearest_to_the_margin_comes_first(p, expected):
    distances, of_logits = distances_to_margin(logit(p), 0.1)
    np.testing.assert_array_equal(np.lexsort((of_logits, distances)), expected)
    np.testing.assert_allclose(distances, np.abs(np.array(p) - 0.1), atol=1e-12)


def test_probabilities_that_are_rounded_alike_are_told_apart_by_their_logits():
    distances, of_logits = distances_to_margin([-60.0, -50.0, -70.0], 0.1)
    assert len(set(distances)) == 1
    assert np.argsort(of_logits).tolist() == [1, 0, 2]
    distances, of_logits = distances_to_margin([-900.0, 2.0, -950.0], 0)
    assert np.lexsort((of_logits, distances)).tolist() == [2, 0, 1]


@pytest.mark.parametrize("s_margin", [0, 0.1, 0.5, 0.9])
def test_what_is_asked_for_is_nearest_to_the_margin(s_margin):
    strategy = fitted(s_margin=s_margin, estimator=quick(max_epochs=20))
    labeled = strategy.predict_labeled(blobs()[0][24:])
    assert labeled.std() > 0.01
    order = np.argsort(np.abs(labeled - s_margin))
    np.testing.assert_array_equal(strategy.query(7), order[:7])


def test_history_has_one_entry_per_epoch_and_the_schedule_fires():
    net = quick(max_epochs=8)
    history = fitted(estimator=net).history_
    np.testing.assert_allclose(history["lr"], [3e-3] * 8)
    history = fitted(estimator=net, milestones=None).history_
    assert {len(values) for values in history.values()} == {8}
    np.testing.assert_allclose(history["lr"], [3e-3] * 6 + [3e-4] * 2)
    assert history["task_loss"][-1] < history["task_loss"][0]


# ------------------------------------------------------------------- company and order


@each_form
def test_one_sample_has_one_score_whatever_the_batch_size_order_and_company(form):
    strategy = fitted(**form)
    pool = blobs()[0][24:]
    scores, proba = strategy.score_samples(pool), strategy.predict_proba(pool)
    order = np.random.RandomState(1).permutation(36)
    np.testing.assert_array_equal(strategy.score_samples(pool[order]), scores[order])
    reverse = pool.astype("f4")[::-1]
    np.testing.assert_array_equal(strategy.score_samples(reverse), scores[::-1])
    alone = np.concatenate([strategy.score_samples(row[None]) for row in pool])
    np.testing.assert_array_equal(alone, scores)
    strategy.estimator_.net_.batch_size = 5
    for other, expected in (
        (strategy.score_samples(pool), scores),
        (strategy.predict_proba(pool), proba),
    ):
        np.testing.assert_allclose(other, expected, rtol=1e-4, atol=1e-6)


@each_form
def test_asking_and_predicting_change_nothing(form):
    X = np.random.RandomState(0).standard_normal((20, 1, 8, 8)).astype("f4")
    net = quick(module__width=4, max_epochs=1)  # a ResNet, with running statistics
    strategy = TaskAwareViT(net, **form, random_state=0)
    strategy.fit(X[:8], np.arange(8) % 2, X[8:])
    net = strategy.estimator_.net_
    parts = net.module_, net.bottleneck_, net.sampler_

    def state():
        weights = [v.clone() for part in parts for v in part.state_dict().values()]
        return [*weights, net.context_.clone()]

    before = state()
    first = strategy.query(12), strategy.predict_all(X), strategy.score_samples(X)
    again = strategy.query(12), strategy.predict_all(X), strategy.score_samples(X)
    assert all(map(torch.equal, before, state()))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[2], again[2])
    for a, b in zip(first[1], again[1]):
        np.testing.assert_array_equal(a, b)
    assert not any(part.training for part in parts)


def test_attention_is_between_the_samples_given():
    strategy = fitted(n_heads=2, bottleneck="sample")
    X = blobs()[0][20:30]
    A = strategy.attention(X)
    assert A.shape == (10, 10)
    np.testing.assert_allclose(A.sum(axis=1), 1, rtol=1e-5)
    order = np.random.RandomState(0).permutation(10)
    shuffled = strategy.attention(X[order])
    np.testing.assert_allclose(shuffled, A[np.ix_(order, order)], rtol=1e-4)
    with pytest.raises(ValueError, match="no attention"):
        fitted().attention(X)


def test_bottleneck_none_has_no_layers():
    assert len(fitted().estimator_.net_.bottleneck_.layers) == 0
    deep = fitted(depth=2, bottleneck="sample")
    assert len(deep.estimator_.net_.bottleneck_.layers) == 2


# ----------------------------------------------------------------- does it find what is


def shifted(images):
    return images.roll(torch.randint(-1, 2, (2,)).tolist(), (2, 3))


@pytest.mark.parametrize("bottleneck", MODES)
def test_classes_without_a_label_are_asked_for(bottleneck):
    """Labels know five digits; of the pool 53 % are the other five."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    known = np.random.RandomState(0).permutation(np.flatnonzero(y < 5))[:96]
    pool = np.setdiff1d(np.arange(len(X)), known)
    net = NetClassifier(
        module__width=8,
        max_epochs=40,
        batch_size=16,
        augment=shifted,
        lr=0.02,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        optimizer__nesterov=True,
        optimizer__weight_decay=5e-4,
    )
    published = {"detach": False, "s_margin": 0.1, "milestones": None}
    strategy = TaskAwareViT(net, bottleneck=bottleneck, random_state=0, **published)
    strategy.fit(X[known], y[known], X[pool])
    finds_the_unknown(strategy, X[pool], y[pool])


def finds_the_unknown(strategy, X_pool, y_pool):
    old = y_pool < 5
    assert roc_auc_score(old, strategy.predict_labeled(X_pool)) > 0.8
    assert (~old)[strategy.query(48)].mean() > 0.75
    assert (strategy.predict(X_pool)[old] == y_pool[old]).mean() > 0.9


def test_by_default_they_are_asked_for_and_the_net_stays_good():
    """Trained jointly, this net without augmentation falls to some 70 percent."""
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    known = np.random.RandomState(0).permutation(np.flatnonzero(y < 5))[:96]
    pool = np.setdiff1d(np.arange(len(X)), known)
    strategy = TaskAwareViT(random_state=0).fit(X[known], y[known], X[pool])
    finds_the_unknown(strategy, X[pool], y[pool])


# ---------------------------------------------------------------------------- the seed

PROGRAM = """
import numpy as np
from skactive.deep import TaskAwareViT
from skactive.nets import NetClassifier
rng = np.random.RandomState(0)
y = np.arange(60) % 3
X = 2.0 * np.eye(3, 4)[y] + rng.standard_normal((60, 4))
net = NetClassifier(max_epochs=3, batch_size=16)
strategy = TaskAwareViT(net, random_state=0).fit(X[:24], y[:24], X[24:])
print(*strategy.query(8))
print(strategy.score_samples(X).tobytes().hex())
"""


def test_same_seed_same_bits_in_a_fresh_process():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    strategy = fitted()
    query, scores = run.stdout.splitlines()
    assert [int(word) for word in query.split()] == strategy.query(8).tolist()
    assert bytes.fromhex(scores) == strategy.score_samples(blobs()[0]).tobytes()


def test_another_seed_is_another_net():
    X = blobs()[0]
    scores = fitted().score_samples(X)
    assert not np.allclose(fitted(random_state=1).score_samples(X), scores)


def test_generators_of_the_caller_are_left_alone():
    torch.manual_seed(5)
    np.random.seed(5)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    strategy = fitted(estimator=quick(module__dropout=0.5), bottleneck="channel")
    strategy.query(3)
    strategy.predict_all(blobs()[0])
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


# -------------------------------------------------------------------------- in the loop


def test_learner_trains_it_once_a_round_and_predicts_with_it(monkeypatch):
    calls = []
    keep = TaskAwareViT._fit
    monkeypatch.setattr(
        TaskAwareViT, "_fit", lambda self, *args: calls.append(1) or keep(self, *args)
    )
    X, y = blobs(90)
    learner = ActiveLearner(
        strategy=TaskAwareViT(quick()),
        n_initial=10,
        budget=10,
        batch_size=5,
        random_state=0,
    ).fit(X, y)
    assert len(calls) == 3 == len(learner.history_["n_labeled"])
    assert learner.estimator_ is learner.strategy_
    np.testing.assert_array_equal(learner.predict(X), learner.estimator_.predict(X))


def test_labeled_and_pool_are_all_there_is_in_every_round():
    """The released code loses up to a batch of the pool per round."""
    X, y = blobs(50)
    sizes = []

    class Watched(TaskAwareViT):
        """Ask, and note how many samples there were."""

        def _fit(self, X, y, X_pool):
            sizes.append((len(X), len(X_pool)))
            super()._fit(X, y, X_pool)

    learner = ActiveLearner(
        strategy=Watched(quick(max_epochs=1)),
        n_initial=11,
        budget=100,
        batch_size=13,
        random_state=0,
    )
    with pytest.warns(PoolExhaustedWarning):
        learner.fit(X, y)
    assert sizes == [(11, 39), (24, 26), (37, 13), (50, 0)]
    assert sorted(learner.queried_indices_) == sorted(set(learner.queried_indices_))
    assert learner.labeled_mask_.all()


def test_beside_another_model_it_only_selects():
    X, y = blobs(90)
    learner = ActiveLearner(
        LogisticRegression(),
        TaskAwareViT(quick()),
        budget=10,
        batch_size=5,
        random_state=0,
    ).fit(X, y)
    assert isinstance(learner.estimator_, LogisticRegression)
    assert isinstance(learner.strategy_.estimator_, NetClassifier)
    assert learner.labeled_mask_.sum() == 20


@pytest.mark.parametrize("estimator", [None, LogisticRegression()])
def test_pickled_learner_does_not_carry_the_pool(estimator):
    def size(n):
        X, y = blobs(n)
        learner = ActiveLearner(
            estimator,
            TaskAwareViT(quick()),
            budget=10,
            keep_estimators=False,
            random_state=0,
        ).fit(X, y)
        copy = pickle.loads(pickle.dumps(learner))
        np.testing.assert_array_equal(copy.predict(X), learner.predict(X))
        return len(pickle.dumps(learner.strategy_))

    # 5,940 more samples of four floats would be 95,040 bytes.
    assert abs(size(6000) - size(60)) < 2000


def test_labels_never_revealed_do_not_matter():
    X, y = blobs(60)
    settings = {"budget": 10, "batch_size": 5, "random_state": 0}
    first = ActiveLearner(strategy=TaskAwareViT(quick()), **settings).fit(X, y)
    hidden = np.flatnonzero(~first.labeled_mask_)
    shuffled = y.copy()
    shuffled[hidden] = np.random.RandomState(1).permutation(y[hidden])
    assert (shuffled != y).any()
    second = ActiveLearner(strategy=TaskAwareViT(quick()), **settings)
    second.fit(X, shuffled)
    np.testing.assert_array_equal(first.queried_indices_, second.queried_indices_)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    weights = (
        learner.estimator_.estimator_.net_.module_ for learner in (first, second)
    )
    for a, b in zip(*(module.state_dict().values() for module in weights)):
        assert torch.equal(a, b)


def test_grid_search_over_weight_and_bottleneck():
    X, y = blobs(60)
    learner = ActiveLearner(
        strategy=TaskAwareViT(quick()), budget=10, batch_size=5, random_state=0
    )
    grid = {
        "strategy__sampler_weight": [0.1, 1.0],
        "strategy__bottleneck": ["sample", "none"],
    }
    search = GridSearchCV(learner, grid, scoring=aulc_scorer, cv=2, error_score="raise")
    search.fit(X, y)
    assert search.best_params_["strategy__sampler_weight"] in (0.1, 1.0)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_clone_keeps_settings_and_forgets_the_nets():
    copy = clone(fitted(s_margin=0.3, n_heads=2))
    assert copy.s_margin == 0.3 and copy.n_heads == 2
    assert not hasattr(copy, "estimator_")


# ---------------------------------------------------------------- what can be handed in


def test_a_net_of_skorch_is_taken_for_its_settings():
    net = NeuralNetClassifier(
        MLP,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.AdamW,
        lr=0.02,
        max_epochs=2,
        module__hidden=(8, 6),
    )
    inner = fitted(estimator=net, milestones=()).estimator_.net_
    assert isinstance(inner.optimizer_, torch.optim.AdamW) and inner.lr == 0.02
    trained = {
        id(p) for group in inner.optimizer_.param_groups for p in group["params"]
    }
    parts = inner.module_, inner.bottleneck_, inner.sampler_
    assert trained == {id(p) for part in parts for p in part.parameters()}
    assert inner.sampler_.layers[0].in_features == 6


def test_a_pipeline_scales_pool_and_labels_alike():
    X, y = blobs()
    scaler = StandardScaler().fit(X[:24])
    strategy = TaskAwareViT(make_pipeline(StandardScaler(), quick()), random_state=0)
    strategy.fit(X[:24], y[:24], X[24:])
    assert strategy.query(5).shape == (5,)
    inner = strategy.estimator_[-1]
    assert isinstance(inner, NetClassifier)
    direct = clone(strategy).set_params(
        estimator=quick(random_state=inner.random_state), random_state=None
    )
    direct.fit(scaler.transform(X[:24]), y[:24], scaler.transform(X[24:]))
    np.testing.assert_array_equal(
        strategy.predict_labeled(X), direct.predict_labeled(scaler.transform(X))
    )
    np.testing.assert_array_equal(strategy.estimator_.predict(X), strategy.predict(X))


@each_form
def test_bfloat16_is_close_to_float32(form):
    rng = np.random.RandomState(0)
    X = rng.standard_normal((40, 3, 8, 8)).astype("f4")
    p = {}
    for precision in ("fp32", "bf16"):
        net = quick(module__width=4, max_epochs=2, precision=precision)
        strategy = TaskAwareViT(net, **form, random_state=0)
        strategy.fit(X[:20], np.arange(20) % 2, X[20:])
        p[precision] = strategy.predict_labeled(X)
    np.testing.assert_allclose(p["bf16"], p["fp32"], atol=0.1)
    assert (p["bf16"] != p["fp32"]).any()


# -------------------------------------------------------------------------- hard input


@each_form
@pytest.mark.parametrize("n", [1, 2, 15, 17, 33])
def test_any_number_of_labels_is_enough(n, form):
    """One, fewer than a batch, a last batch of one."""
    assert fitted(n, **form).query(2).shape == (2,)


@each_form
def test_pool_of_one(form):
    strategy = fitted(59, **form)
    assert strategy.query(1).tolist() == [0]
    with pytest.warns(PoolExhaustedWarning):
        assert strategy.query(3).tolist() == [0]


@each_form
def test_without_a_pool_only_the_task_is_learned(form):
    X, y = blobs()
    strategy = TaskAwareViT(quick(max_epochs=30), **form, random_state=0).fit(X, y)
    assert strategy.score(X, y) > 0.8
    assert np.isnan(strategy.history_["sampler_loss"]).all()
    with pytest.raises(ValueError, match="pass X_pool to fit"):
        strategy.query(1)
    empty = clone(strategy).fit(X, y, X[:0])
    np.testing.assert_array_equal(empty.predict_proba(X), strategy.predict_proba(X))


def test_one_class_is_no_reason_to_fail():
    X, _ = blobs()
    strategy = TaskAwareViT(quick(), random_state=0).fit(X[:9], np.ones(9), X[9:])
    assert (strategy.predict(X) == 1).all()
    assert strategy.query(3).shape == (3,)


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"bottleneck": "tokens"}, "bottleneck"),
        ({"n_heads": 0}, "n_heads"),
        ({"n_heads": 7, "bottleneck": "sample"}, "n_heads=7 must divide"),
        ({"depth": 0}, "depth"),
        ({"scale": 0}, "scale"),
        ({"sampler_weight": -1}, "sampler_weight"),
        ({"sampler_weight": 0}, "sampler_weight=0 would ask.*detach=True"),
        ({"detach": "no"}, "detach"),
        ({"s_margin": -0.1}, "s_margin"),
        ({"s_margin": 1}, "s_margin"),
        ({"milestones": (160,)}, "never reached in max_epochs=3"),
        ({"milestones": (-1,)}, "milestones"),
        ({"milestones": (1.5,)}, "holds 1.5, which is neither"),
        ({"sampler_hidden": (0,)}, "sampler_hidden"),
    ],
)
def test_settings_out_of_range_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        fitted(**settings)


@pytest.mark.parametrize("scaled", [False, True])
def test_warm_start_of_the_net_is_refused(scaled):
    net = quick(warm_start=True)
    with pytest.raises(ValueError, match="Pass a net with warm_start=False"):
        fitted(estimator=make_pipeline(StandardScaler(), net) if scaled else net)


@pytest.mark.parametrize("milestones", [None, ()])
def test_a_schedule_of_the_net_takes_the_place_of_milestones(milestones):
    net = quick(callbacks=[LRScheduler("StepLR", step_size=1, gamma=0.5)])
    with pytest.raises(ValueError, match="schedule of its own"):
        fitted(estimator=net, milestones=(0.73,))
    history = fitted(estimator=net, milestones=milestones).history_
    np.testing.assert_allclose(history["lr"], [3e-3, 1.5e-3, 7.5e-4])


def test_what_is_no_net_is_refused():
    with pytest.raises(TypeError, match="NetClassifier"):
        fitted(estimator=LogisticRegression())


def test_nan_and_cuda_without_a_device_are_refused():
    X, y = blobs()
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        TaskAwareViT(quick()).fit(X[:30], y[:30], X[30:])
    with pytest.raises(ValueError, match="NaN"):
        TaskAwareViT(quick()).fit(X[30:], y[30:], X[:30])
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="cuda"):
            fitted(estimator=quick(device="cuda"))
