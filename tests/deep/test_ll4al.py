"""LL4AL: a net that says where its loss will be large."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from skorch import NeuralNetClassifier
from torch import nn

from skactive import ActiveLearner
from skactive.deep import LL4AL
from skactive.exceptions import PoolExhaustedWarning
from skactive.metrics import aulc_scorer
from skactive.nets import NetClassifier
from skactive.nets.beside._loss_prediction import predict_losses
from skactive.nets.modules import MLP
from skactive.testing import check_strategy

pytestmark = pytest.mark.deep


def blobs(n=60, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 3
    X = 2.0 * np.eye(3, 4)[y] + rng.standard_normal((n, 4))
    return X, y


def quick(**settings):
    return NetClassifier(**{"max_epochs": 3, "batch_size": 16, **settings})


def fitted(n_labeled=24, n=60, **settings):
    X, y = blobs(n)
    strategy = LL4AL(quick(), random_state=0).set_params(**settings)
    return strategy.fit(X[:n_labeled], y[:n_labeled], X[n_labeled:])


# ----------------------------------------------------------------------- the contract


def test_contract_on_tables():
    results = check_strategy(LL4AL(quick()))
    assert len(results) >= 40
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api")
def test_scikit_learn_finds_no_fault():
    results = check_estimator(LL4AL(), on_skip=None, on_fail=None)
    failed = [r["check_name"] for r in results if r["status"] == "failed"]
    assert failed == []
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}
    assert len(results) >= 55


def test_images_are_taken_as_they_are():
    rng = np.random.RandomState(0)
    X = rng.randint(0, 256, (40, 3, 8, 8)).astype(np.uint8)
    y = np.repeat(["ant", "bee"], 20)[rng.permutation(40)]
    strategy = LL4AL(quick(), random_state=0).fit(X[:15], y[:15], X[15:])
    assert len(set(strategy.query(5))) == 5
    proba, Z, losses = strategy.predict_all(X)
    assert proba.shape == (40, 2) and Z.shape == (40, 64) and losses.shape == (40,)
    assert set(strategy.predict(X)) <= {"ant", "bee"}


# --------------------------------------------------------- a classifier and a strategy


def test_it_is_a_classifier_with_one_pass_for_everything():
    strategy = fitted()
    X, y = blobs()
    proba, Z, losses = strategy.predict_all(X)
    np.testing.assert_array_equal(strategy.predict_proba(X), proba)
    np.testing.assert_array_equal(strategy.transform(X), Z)
    np.testing.assert_array_equal(strategy.predict_loss(X), losses)
    np.testing.assert_array_equal(strategy.score_samples(X), losses)
    np.testing.assert_array_equal(strategy.predict(X), proba.argmax(axis=1))
    assert strategy.score(X, y) == np.mean(strategy.predict(X) == y)
    assert is_classifier(strategy)
    assert len(strategy.get_feature_names_out()) == Z.shape[1]


def test_the_largest_predicted_losses_are_asked_for():
    """One published toolkit asked for the smallest."""
    strategy = fitted()
    losses = strategy.predict_loss(blobs()[0][24:])
    np.testing.assert_array_equal(strategy.query(5), np.argsort(-losses)[:5])


def test_predicted_loss_is_large_where_labels_are_noise():
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (600, 2))
    y = (X[:, 1] > 0).astype(int)
    noisy = X[:, 0] > 0
    y[noisy] = rng.randint(2, size=noisy.sum())
    net = NetClassifier(max_epochs=40, batch_size=32, lr=0.01)
    strategy = LL4AL(net, random_state=0).fit(X, y)
    X_new = rng.uniform(-1, 1, (600, 2))
    losses, noisy = strategy.predict_loss(X_new), X_new[:, 0] > 0
    assert losses[noisy].mean() > losses[~noisy].mean()
    wins = losses[noisy][:, None] > losses[~noisy][None, :]
    assert wins.mean() > 0.8
    assert strategy.history_["ranking_accuracy"][-1] > 0.6


def test_by_default_it_is_the_net_alone():
    X, y = blobs()
    strategy = fitted()
    alone = quick(random_state=strategy.estimator_.random_state).fit(X[:24], y[:24])
    np.testing.assert_array_equal(strategy.predict_proba(X), alone.predict_proba(X))


def test_as_published_the_losses_train_the_net():
    X = blobs()[0]
    published = LL4AL.from_preset("paper", quick(max_epochs=10), random_state=0)
    assert published.get_params()["detach_epoch"] == 0.6
    published.fit(X[:24], blobs()[1][:24])
    alone = clone(published.estimator_).fit(X[:24], blobs()[1][:24])
    assert not np.array_equal(published.predict_proba(X), alone.predict_proba(X))


def test_history_has_one_entry_per_epoch():
    history = fitted().history_
    assert set(history) == {"task_loss", "pair_loss", "ranking_accuracy"}
    assert {len(values) for values in history.values()} == {3}
    assert all(0 <= share <= 1 for share in history["ranking_accuracy"])


# ------------------------------------------------------------------------- the subset


def test_answers_are_the_largest_within_a_seeded_subset():
    X, _ = blobs()
    full = fitted(subset=None)
    ranked = np.argsort(-full.predict_loss(X[24:]))
    some = fitted(subset=9)
    nine = some.query(9)
    assert len(set(nine)) == 9
    np.testing.assert_array_equal(some.query(4), nine[:4])
    place = np.empty(36, dtype=int)
    place[ranked] = np.arange(36)
    assert (np.diff(place[nine]) > 0).all()  # best first
    assert set(nine) != set(ranked[:9])
    np.testing.assert_array_equal(fitted(subset=9).query(9), nine)
    assert set(fitted(subset=9, random_state=1).query(9)) != set(nine)


def test_subset_beyond_the_pool_is_the_pool():
    np.testing.assert_array_equal(
        fitted(subset=1000).query(7), fitted(subset=None).query(7)
    )


def test_whole_pool_is_returned_whatever_the_subset():
    assert sorted(fitted(subset=5).query(36)) == list(range(36))
    with pytest.warns(PoolExhaustedWarning):
        assert len(fitted(subset=5).query(50)) == 36


def test_subset_smaller_than_the_query_is_refused():
    with pytest.raises(ValueError, match="subset=5"):
        fitted(subset=5).query(6)


# ---------------------------------------------------------------------------- the seed

PROGRAM = """
import numpy as np
from skactive.deep import LL4AL
from skactive.nets import NetClassifier
from skactive.nets.beside._loss_prediction import predict_losses
rng = np.random.RandomState(0)
y = np.arange(60) % 3
X = 2.0 * np.eye(3, 4)[y] + rng.standard_normal((60, 4))
net = NetClassifier(max_epochs=3, batch_size=16)
strategy = LL4AL(net, random_state=0, subset=20)
print(*strategy.fit(X[:24], y[:24], X[24:]).query(8))
"""


def test_same_seed_same_query_in_a_fresh_process():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
    )
    expected = fitted(subset=20).query(8).tolist()
    assert [int(word) for word in run.stdout.split()] == expected


def test_generators_of_the_caller_are_left_alone():
    torch.manual_seed(5)
    np.random.seed(5)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    strategy = fitted(estimator=quick(module__dropout=0.5))
    strategy.query(3)
    strategy.predict_all(blobs()[0])
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


# -------------------------------------------------------------------------- in the loop


def test_learner_trains_it_once_a_round_and_predicts_with_it(monkeypatch):
    calls = []
    keep = LL4AL._fit
    monkeypatch.setattr(
        LL4AL, "_fit", lambda self, *args: calls.append(1) or keep(self, *args)
    )
    X, y = blobs(90)
    learner = ActiveLearner(
        strategy=LL4AL(quick()), n_initial=10, budget=10, batch_size=5, random_state=0
    ).fit(X, y)
    assert len(calls) == 3 == len(learner.history_["n_labeled"])
    assert learner.estimator_ is learner.strategy_
    np.testing.assert_array_equal(learner.predict(X), learner.estimator_.predict(X))


def test_beside_another_model_it_only_selects():
    X, y = blobs(90)
    learner = ActiveLearner(
        LogisticRegression(), LL4AL(quick()), budget=10, batch_size=5, random_state=0
    ).fit(X, y)
    assert isinstance(learner.estimator_, LogisticRegression)
    assert isinstance(learner.strategy_, LL4AL)
    assert isinstance(learner.strategy_.estimator_, NetClassifier)
    assert learner.labeled_mask_.sum() == 20


@pytest.mark.parametrize("estimator", [None, LogisticRegression()])
def test_pickled_learner_does_not_carry_the_pool(estimator):
    def size(n):
        X, y = blobs(n)
        learner = ActiveLearner(
            estimator,
            LL4AL(quick()),
            budget=10,
            keep_estimators=False,
            random_state=0,
        ).fit(X, y)
        copy = pickle.loads(pickle.dumps(learner))
        np.testing.assert_array_equal(copy.predict(X), learner.predict(X))
        return len(pickle.dumps(learner.strategy_))

    # 5,940 more samples of four doubles would be 190,080 bytes.
    assert abs(size(6000) - size(60)) < 2000


def test_labels_never_revealed_do_not_matter():
    X, y = blobs(60)
    settings = {"budget": 10, "batch_size": 5, "random_state": 0}
    first = ActiveLearner(strategy=LL4AL(quick()), **settings).fit(X, y)
    hidden = np.flatnonzero(~first.labeled_mask_)
    shuffled = y.copy()
    shuffled[hidden] = np.random.RandomState(1).permutation(y[hidden])
    assert (shuffled != y).any()
    second = ActiveLearner(strategy=LL4AL(quick()), **settings).fit(X, shuffled)
    np.testing.assert_array_equal(first.queried_indices_, second.queried_indices_)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


def test_grid_search_over_the_margin():
    X, y = blobs(60)
    learner = ActiveLearner(
        strategy=LL4AL(quick()), budget=10, batch_size=5, random_state=0
    )
    grid = {"strategy__margin": [0.1, 1.0]}
    search = GridSearchCV(learner, grid, scoring=aulc_scorer, cv=2, error_score="raise")
    search.fit(X, y)
    assert search.best_params_["strategy__margin"] in (0.1, 1.0)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def answers(strategy, X):
    return [*strategy.predict_all(X), strategy.predict(X), strategy.score_samples(X)]


@pytest.mark.parametrize("taps", [None, ["hidden.0.0"]])
def test_a_file_of_weights_makes_the_same_strategy(taps, tmp_path):
    strategy = fitted(taps=taps)
    X, _ = blobs(seed=1)
    strategy.save_params(tmp_path / "ll4al.pt")
    read = clone(strategy).load_params(tmp_path / "ll4al.pt")
    for ours, theirs in zip(answers(read, X), answers(strategy, X), strict=True):
        assert np.array_equal(ours, theirs)
    assert read.history_ == strategy.history_
    assert read.n_features_in_ == 4
    assert list(read.classes_) == [0, 1, 2]
    torch.load(tmp_path / "ll4al.pt", weights_only=True)  # refuses all but data
    with pytest.raises(ValueError, match="without a pool"):
        read.query(2)
    assert len(read.fit(*blobs(24), X).query(2)) == 2


def test_a_file_of_weights_holds_another_task_too(tmp_path):
    X, y = blobs()
    strategy = LL4AL(quick(), loss=squared_error_of_the_first).fit(X, y * 1.5)
    strategy.save_params(tmp_path / "ll4al.pt")
    read = clone(strategy).load_params(tmp_path / "ll4al.pt")
    assert np.array_equal(read.predict(X), strategy.predict(X))
    assert not hasattr(read, "classes_")


def squared_error_of_the_first(output, y):
    return (output[:, 0] - y).square()


def test_weights_of_another_loss_module_are_refused(tmp_path):
    fitted().save_params(tmp_path / "ll4al.pt")
    before = fitted(taps=["hidden.0", "hidden.0.0"])
    scores = before.score_samples(blobs()[0])
    with pytest.raises(ValueError, match="do not fit the module, LossModule"):
        before.load_params(tmp_path / "ll4al.pt")
    assert np.array_equal(before.score_samples(blobs()[0]), scores)


def test_steps_before_the_net_are_not_lost_in_silence(tmp_path):
    X, y = blobs()
    strategy = LL4AL(make_pipeline(StandardScaler(), quick())).fit(X, y)
    with pytest.raises(ValueError, match="standardscaler.*Pickle the strategy"):
        strategy.save_params(tmp_path / "ll4al.pt")
    assert not (tmp_path / "ll4al.pt").exists()


def test_clone_keeps_settings_and_forgets_the_nets():
    strategy = fitted(margin=0.3, taps=("hidden.0",))
    copy = clone(strategy)
    assert copy.margin == 0.3 and copy.taps == ("hidden.0",)
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
    strategy = fitted(estimator=net)
    inner = strategy.estimator_.net_
    assert isinstance(inner.optimizer_, torch.optim.AdamW) and inner.lr == 0.02
    assert [b[0].in_features for b in inner.loss_module_.branches] == [8, 6]
    trained = {
        id(p) for group in inner.optimizer_.param_groups for p in group["params"]
    }
    head = inner.loss_module_.parameters()
    assert trained == {id(p) for p in (*inner.module_.parameters(), *head)}


def test_a_pipeline_scales_pool_and_labels_alike():
    X, y = blobs()
    scaler = StandardScaler().fit(X[:24])
    expected = fitted()
    expected.fit(scaler.transform(X[:24]), y[:24], scaler.transform(X[24:]))
    strategy = LL4AL(make_pipeline(StandardScaler(), quick()), random_state=0)
    strategy.fit(X[:24], y[:24], X[24:])
    assert strategy.query(5).shape == (5,)
    assert isinstance(strategy.estimator_[-1], NetClassifier)
    np.testing.assert_array_equal(
        strategy.estimator_.predict(X[24:]), strategy.predict(X[24:])
    )
    inner = strategy.estimator_[-1]
    direct = predict_losses(inner, scaler.transform(X[24:]))[2]
    np.testing.assert_array_equal(strategy.predict_loss(X[24:]), direct)


def test_a_module_of_ones_own_names_its_taps():
    module = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    strategy = fitted(estimator=quick(module=module), taps=["1"])
    assert strategy.estimator_.net_.taps == ("1",)
    with pytest.raises(ValueError, match=r"taps=; its layers: 0, 1, 2\."):
        fitted(estimator=quick(module=module))


def test_unknown_tap_is_answered_with_the_layers():
    with pytest.raises(ValueError, match=r"'stages.9'.*hidden, hidden.0, .*head"):
        fitted(taps="stages.9")


def test_regression_by_a_loss_of_ones_own():
    X, _ = blobs()
    strategy = LL4AL(
        quick(), loss=lambda output, y: (output[:, 0] - y).abs(), random_state=0
    ).fit(X[:24], X[:24, 0] * 2.5, X[24:])
    assert strategy.query(3).shape == (3,)
    assert strategy.predict(X).shape == (60, 1)
    assert not is_classifier(strategy)
    for name in ("predict_proba", "score", "classes_"):
        assert not hasattr(strategy, name)


def test_warm_start_belongs_to_the_strategy():
    strategy = LL4AL(NetClassifier(max_epochs=1, warm_start=True))
    with pytest.raises(ValueError, match="Set warm_start of LL4AL"):
        strategy.fit(np.zeros((4, 2)), [0, 1, 0, 1], np.zeros((2, 2)))


def test_warm_start_goes_on():
    X, y = blobs()
    strategy = fitted(warm_start=True)
    first = strategy.history_["task_loss"][-1]
    strategy.fit(X[:24], y[:24], X[24:])
    assert strategy.history_["task_loss"][0] < first * 1.05
    before = all_weights(strategy)
    # With steps next to none, weights stay those of the last fit, the head's too.
    strategy.set_params(estimator__lr=1e-30).fit(X[:24], y[:24])
    assert all(map(torch.equal, all_weights(strategy), before))
    strategy.set_params(warm_start=False, estimator__lr=0.003).fit(X[:24], y[:24])
    assert strategy.history_["task_loss"][0] > first * 1.05


def all_weights(strategy):
    net = strategy.estimator_.net_
    modules = (net.module_, net.loss_module_)
    return [w.detach().clone() for module in modules for w in module.parameters()]


@pytest.mark.parametrize("settings", [{"pair_loss": "bce"}, {"pair_loss": "mse"}])
def test_other_pair_losses_learn_the_order(settings):
    estimator = quick(max_epochs=30)
    history = fitted(48, estimator=estimator, **settings).history_
    assert history["pair_loss"][-1] < history["pair_loss"][0]


# -------------------------------------------------------------------------- hard input


@pytest.mark.parametrize("n", [1, 2, 3, 15, 17, 33])
def test_any_number_of_labels_is_enough(n):
    """One, an odd number, fewer than a batch, a last batch of one."""
    assert fitted(n).query(2).shape == (2,)


def test_batch_of_one_trains_the_task_alone():
    strategy = fitted(7, estimator=quick(batch_size=1))
    assert strategy.history_["pair_loss"] == [0.0, 0.0, 0.0]
    assert np.isnan(strategy.history_["ranking_accuracy"]).all()
    assert strategy.query(2).shape == (2,)


def test_one_class_is_no_reason_to_fail():
    X, _ = blobs()
    strategy = LL4AL(quick(), random_state=0).fit(X[:9], np.ones(9), X[9:])
    assert (strategy.predict(X) == 1).all()
    assert strategy.history_["pair_loss"] == [0.0, 0.0, 0.0]


class Diverging(nn.Module):
    """Returns NaN from the third batch on, or a tap that is NaN."""

    def __init__(self, spoil="output"):
        super().__init__()
        self.spoil, self.calls = spoil, 0
        self.body, self.head = nn.Linear(4, 8), nn.Linear(8, 3)
        self.tap = nn.Identity()

    def forward(self, X):
        self.calls += self.training
        h = self.body(X)
        bad = float("nan") if self.calls > 2 else 1.0
        self.tap(h * bad if self.spoil == "tap" else h)
        return self.head(h) * (bad if self.spoil == "output" else 1.0)


@pytest.mark.parametrize("spoil, term", [("output", "task"), ("tap", "pairs")])
def test_loss_that_turns_nan_names_epoch_and_term(spoil, term):
    net = quick(module=Diverging, module__spoil=spoil, batch_size=16)
    with pytest.raises(FloatingPointError, match=f"{term} became nan in epoch 2 of 3"):
        fitted(estimator=net, taps="tap")


def test_constant_prediction_is_said_to_be_random():
    strategy = fitted()
    with torch.no_grad():
        strategy.estimator_.net_.loss_module_.head.weight.zero_()
    with pytest.warns(UserWarning, match="same loss is predicted"):
        assert len(set(strategy.query(5))) == 5


def test_equal_samples_are_no_reason_to_warn():
    X, y = blobs()
    strategy = LL4AL(quick(), random_state=0).fit(X[:24], y[:24], np.ones((9, 4)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(set(strategy.query(5))) == 5


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"margin": 0}, "margin"),
        ({"weight": -1}, "weight"),
        ({"detach_epoch": -1}, "detach_epoch"),
        ({"detach_epoch": 1.5}, "detach_epoch"),
        ({"pair_loss": "hinge"}, "pair_loss"),
        ({"ties": "first"}, "ties"),
        ({"subset": 0}, "subset"),
    ],
)
def test_settings_out_of_range_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        fitted(**settings)


def test_what_is_no_net_is_refused():
    with pytest.raises(TypeError, match="NetClassifier"):
        fitted(estimator=LogisticRegression())


def test_nan_and_cuda_without_a_device_are_refused():
    X, y = blobs()
    X[3, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        LL4AL(quick()).fit(X, y)
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="cuda"):
            fitted(estimator=quick(device="cuda"))


def test_a_pool_with_nan_is_refused_before_the_training():
    X, y = blobs()
    X_pool = X.copy()
    X_pool[3, 0] = np.nan
    strategy = fitted()
    with pytest.raises(ValueError, match="X_pool contains NaN"):
        strategy.fit(X, y, X_pool)


def test_a_warm_start_that_fails_keeps_the_nets():
    X, y = blobs()
    warm = fitted(warm_start=True)
    weights = [w.clone() for w in warm.estimator_.net_.module_.parameters()]
    with pytest.raises(FloatingPointError):
        warm.set_params(estimator__lr=1e30).fit(X, y, X)
    assert all(map(torch.equal, warm.estimator_.net_.module_.parameters(), weights))
    assert np.isfinite(
        warm.set_params(estimator__lr=0.003).fit(X, y).score_samples(X)
    ).all()
