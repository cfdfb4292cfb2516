"""A joint sampler is a recipe and one hook; the base has the manners."""

import pickle
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    parametrize_with_checks as sklearn_parametrize_with_checks,
)
from skorch import NeuralNetClassifier
from skorch.dataset import unpack_data
from torch import nn

from skactive import ActiveLearner
from skactive.base import ScoreStrategy
from skactive.deep import LL4AL, MoBYv2AL, TaskAwareViT
from skactive.deep._net_strategy import NetStrategy
from skactive.nets import NetClassifier
from skactive.nets.estimators._embedding import forward_with_embedding
from skactive.nets.estimators._net import ClassifierNet
from skactive.nets.estimators._recipe import Recipe
from skactive.nets.modules import MLP
from skactive.testing import all_strategies, parametrize_with_checks

pytestmark = pytest.mark.deep


# ----------------------------- a joint sampler, from nothing to all checks: 60 lines


class NoveltyNet(ClassifierNet):
    """Beside the task, a layer learns what a random layer says of an embedding."""

    def __init__(self, module, *, widths, **kwargs):
        self.widths = widths
        super().__init__(module, **kwargs)

    def initialize_module(self):
        super().initialize_module()
        self.random_ = nn.Linear(*self.widths).requires_grad_(False)
        self.learned_ = nn.Linear(*self.widths)
        return self

    def train_step_single(self, batch, **fit_params):
        self._set_training(True)
        X, y = unpack_data(batch)
        output, Z = forward_with_embedding(self.module_, X)
        loss = self.get_loss(output, y) + self.errors(Z.detach()).mean()
        loss.backward()
        return {"loss": loss, "y_pred": output}

    def errors(self, Z):
        return (self.learned_(Z) - self.random_(Z)).square().mean(dim=1)


@dataclass(frozen=True)
class Novelty(Recipe):
    name: ClassVar = "novelty"
    modules: ClassVar = ("module_", "random_", "learned_")
    n_columns: int

    def net(self, module, settings, sample_shape):
        Z = forward_with_embedding(module, torch.zeros(2, *sample_shape))[1]
        widths = Z.shape[1], self.n_columns
        return NoveltyNet(module, widths=widths, **settings).initialize()


class NoveltySampling(NetStrategy, ScoreStrategy):
    """Ask for what is unlike the labeled samples, as the net sees them."""

    _recipe_class = Novelty

    def __init__(self, estimator=None, *, n_columns=8, random_state=None):
        super().__init__(estimator, random_state=random_state)
        self.n_columns = n_columns

    def score_samples(self, X):
        with torch.no_grad():
            return self._net.net_.errors(torch.tensor(self.transform(X))).numpy()


# ------------------------------------------------------------------------------------

QUICK = NetClassifier(MLP, module__hidden=(16,), max_epochs=2, batch_size=16)
NOVELTY = NoveltySampling(QUICK)
# All that are nets themselves, and the one above.
STRATEGIES = [NOVELTY, LL4AL(QUICK), TaskAwareViT(QUICK), MoBYv2AL(QUICK)]
each = pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda s: type(s).__name__)


@parametrize_with_checks([NOVELTY])
def test_contract(strategy, check):
    check(strategy)


@sklearn_parametrize_with_checks([NOVELTY])
def test_scikit_learn(estimator, check):
    check(estimator)


def blobs(n=60, seed=0):
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 3
    X = (2.0 * np.eye(3, 4)[y] + rng.standard_normal((n, 4))).astype(np.float32)
    return X, np.array(["a", "b", "c"])[y]


def trained(strategy, **params):
    X, y = blobs()
    strategy = clone(strategy).set_params(random_state=0, **params)
    return strategy.fit(X[:24], y[:24], X[24:])


def test_novelty_asks_for_what_is_far_from_all_labels():
    X, y = blobs()
    X_pool = np.concatenate([X[24:], 50 + X[:3]])
    strategy = trained(NOVELTY).fit(X[:24], y[:24], X_pool)
    assert set(strategy.query(3)) == {36, 37, 38}


# ------------------------------------------------------- predicts, and says what it is


@each
def test_it_answers_as_its_net_does(strategy):
    X, y = blobs()
    strategy = trained(strategy)
    net = strategy.estimator_
    assert type(net) is NetClassifier
    np.testing.assert_array_equal(strategy.predict(X), net.predict(X))
    proba = strategy.predict_proba(X)
    np.testing.assert_allclose(proba, net.predict_proba(X), rtol=1e-4)
    np.testing.assert_allclose(strategy.transform(X), net.transform(X), rtol=1e-4)
    assert strategy.score(X, y) == np.mean(strategy.predict(X) == y)
    weight = (y == "a").astype(float)
    assert strategy.score(X, y, weight) == np.mean(strategy.predict(X)[::3] == "a")
    assert len(strategy.get_feature_names_out()) == 16
    assert list(strategy.classes_) == ["a", "b", "c"]


class Regression(NetClassifier):
    """A net of another type, to see whether a strategy follows."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type, tags.classifier_tags = "regressor", None
        return tags


@each
def test_its_type_is_that_of_its_net(strategy):
    assert is_classifier(strategy)
    assert get_tags(strategy).classifier_tags.multi_label is False
    other = clone(strategy).set_params(estimator=Regression())
    assert get_tags(other).estimator_type == "regressor"
    assert get_tags(other).classifier_tags is None
    scaled = make_pipeline(StandardScaler(), Regression())
    assert get_tags(other.set_params(estimator=scaled)).estimator_type == "regressor"


class Silent(BaseEstimator):
    """An estimator that says nothing of how sure it is."""

    def fit(self, X, y):
        return self


@each
def test_what_the_net_does_not_have_the_strategy_does_not_have(strategy):
    other = clone(strategy).set_params(estimator=Silent())
    assert not hasattr(other, "predict_proba") and not hasattr(other, "score")
    assert hasattr(strategy, "predict_proba") and hasattr(strategy, "score")


# ------------------------------------------------------------------ the net it holds


@each
def test_a_copy_of_its_net_is_a_plain_net(strategy):
    X, y = blobs()
    strategy = trained(strategy)
    copy = clone(strategy.estimator_)
    plain = clone(QUICK).set_params(random_state=copy.random_state)
    assert copy.get_params() == plain.get_params()
    proba = copy.fit(X[:24], y[:24]).predict_proba(X)
    np.testing.assert_array_equal(proba, plain.fit(X[:24], y[:24]).predict_proba(X))


@each
@pytest.mark.parametrize("scaled", [False, True])
def test_a_plain_skorch_net_lends_its_settings_and_is_seeded(strategy, scaled):
    net = NeuralNetClassifier(MLP, criterion=nn.CrossEntropyLoss, max_epochs=2)
    net = make_pipeline(StandardScaler(), net) if scaled else net
    first, second = (trained(strategy, estimator=net) for _ in range(2))
    X = blobs()[0]
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


@each
def test_no_sample_of_the_pool_is_kept_by_the_net(strategy):
    X, y = blobs(600)
    strategy = clone(strategy).fit(X[:24], y[:24], X[24:])
    parts = vars(strategy.estimator_.net_).values()
    assert not any(isinstance(part, np.ndarray) and len(part) > 99 for part in parts)


# ------------------------------------------------------------------------ the pipeline


@each
def test_what_comes_before_the_net_sees_pool_and_samples(strategy):
    X, y = blobs()
    scaler = StandardScaler().fit(X[:24])
    scaled = trained(strategy, estimator=make_pipeline(StandardScaler(), QUICK))
    assert type(scaled.estimator_[-1]) is NetClassifier
    np.testing.assert_array_equal(scaled.estimator_[0].mean_, scaler.mean_)
    outside = clone(strategy).set_params(random_state=0)
    outside.fit(scaler.transform(X[:24]), y[:24], scaler.transform(X[24:]))
    np.testing.assert_array_equal(
        scaled.predict_proba(X), outside.predict_proba(scaler.transform(X))
    )
    np.testing.assert_array_equal(scaled.query(5), outside.query(5))


# --------------------------------------------------------------------- weights in files


@each
def test_a_file_of_weights_makes_the_same_strategy(strategy, tmp_path):
    X, _ = blobs(seed=1)
    strategy = trained(strategy)
    strategy.save_params(tmp_path / "nets.pt")
    torch.load(tmp_path / "nets.pt", weights_only=True)  # refuses all but data
    read = clone(strategy).load_params(tmp_path / "nets.pt")
    asked = ("predict", "predict_proba", "transform", "score_samples")
    asked += ("predict_labeled", "contrastive_losses")
    if getattr(strategy, "bottleneck", "none") != "none":
        asked += ("attention",)
    for name in asked:
        if hasattr(strategy, name):
            ours, theirs = getattr(read, name)(X), getattr(strategy, name)(X)
            np.testing.assert_array_equal(ours, theirs, err_msg=name)
    np.testing.assert_equal(read.history_, strategy.history_)
    with pytest.raises(ValueError, match="without a pool"):
        read.query(2)


@each
def test_weights_are_read_by_their_own_recipe_alone(strategy, tmp_path):
    """They fit a plain net, which without what stood beside answers otherwise."""
    strategy, path = trained(strategy), tmp_path / "nets.pt"
    recipe = strategy.estimator_._recipe.name
    strategy.estimator_.save_params(path)
    words = f"recipe '{recipe}', and NetClassifier reads those of 'plain'"
    with pytest.raises(ValueError, match=words):
        clone(strategy.estimator_).load_params(path)
    for other in STRATEGIES:
        if type(other) is not type(strategy):
            words = f"NetClassifier, not by save_params of {type(other).__name__}"
            with pytest.raises(ValueError, match=words):
                clone(other).load_params(path)


def test_weights_for_another_loss_are_refused(tmp_path):
    X, _ = blobs()
    strategy = LL4AL(QUICK, loss=lambda output, y: (output[:, 0] - y).square())
    strategy.fit(X, X[:, 0]).save_params(tmp_path / "nets.pt")
    words = "'loss prediction by loss=', and LL4AL reads those of 'loss prediction'"
    with pytest.raises(ValueError, match=words):
        LL4AL(QUICK).load_params(tmp_path / "nets.pt")


@each
def test_steps_before_the_net_are_not_lost_in_silence(strategy, tmp_path):
    scaled = trained(strategy, estimator=make_pipeline(StandardScaler(), QUICK))
    with pytest.raises(ValueError, match="standardscaler.*Pickle the strategy"):
        scaled.save_params(tmp_path / "nets.pt")
    trained(strategy).save_params(tmp_path / "nets.pt")
    with pytest.raises(ValueError, match="standardscaler.*Pickle the strategy"):
        clone(scaled).load_params(tmp_path / "nets.pt")


# ---------------------------------------------------------------- what a learner lends


@each
def test_a_net_is_taken_where_none_was_given(strategy):
    assert strategy.trains_a_net
    empty = clone(strategy).set_params(estimator=None)
    skorch_net = NeuralNetClassifier(MLP)
    for net in (QUICK, skorch_net, make_pipeline(StandardScaler(), QUICK)):
        assert empty._takes_settings_of(net)
        assert not strategy._takes_settings_of(net)
    assert not empty._takes_settings_of(LogisticRegression())
    assert not empty._takes_settings_of(NetClassifier(warm_start=True))


# ----------------------------------------------------------------------------- refused


@each
def test_a_net_that_goes_on_is_refused(strategy):
    words = "Set warm_start of" if isinstance(strategy, LL4AL) else "warm_start=False"
    with pytest.raises(ValueError, match=words):
        trained(strategy, estimator__warm_start=True)


@each
def test_what_is_no_net_is_refused(strategy):
    with pytest.raises(TypeError, match="NetClassifier"):
        trained(strategy, estimator=LogisticRegression())


@pytest.mark.parametrize("scores", [np.zeros(3), np.full(36, np.nan)])
def test_scores_that_are_not_one_finite_number_per_sample_are_refused(
    scores, monkeypatch
):
    monkeypatch.setattr(NoveltySampling, "score_samples", lambda self, X: scores)
    with pytest.raises(RuntimeError, match="NoveltySampling.score_samples must return"):
        trained(NOVELTY).query(2)


@pytest.mark.parametrize("strategy", [TaskAwareViT, MoBYv2AL])
def test_a_pool_that_steps_have_prepared_is_kept_for_queries_and_not_pickled(strategy):
    calls = []

    def told(X):
        calls.append(len(X))
        return X

    net = NetClassifier(module__hidden=(4,), max_epochs=1, random_state=0)
    pipeline = make_pipeline(FunctionTransformer(told), net)
    rng = np.random.RandomState(0)
    X, X_pool = rng.normal(size=(8, 3)), rng.normal(size=(20, 3))
    fitted = strategy(pipeline, random_state=0).fit(X, np.arange(8) % 2, X_pool)
    picks = fitted.query(4)
    np.testing.assert_array_equal(fitted.query(4), picks)
    assert calls.count(20) == 1
    fitted.estimator_[0].func = None  # a function made here has no name to pickle
    fitted.estimator = None
    twin = pickle.loads(pickle.dumps(fitted))
    assert twin._pool_seen is None and fitted._pool_seen is not None
    fitted._drop_pool()
    assert fitted._pool_seen is None


# ----------------------------------------- by default nobody is worse off than without

#: Their training is another one by design, and is measured instead.
CHANGES_THE_NET = {MoBYv2AL}
NET_STRATEGIES = [
    cls for cls in all_strategies(deep=True) if issubclass(cls, NetStrategy)
]
each_class = pytest.mark.parametrize(
    "cls", NET_STRATEGIES, ids=lambda cls: cls.__name__
)


@each_class
@pytest.mark.parametrize("shape", [(4,), (1, 8, 8)], ids=["table", "images"])
def test_by_default_its_net_is_to_the_last_bit_the_net_alone(cls, shape):
    X = np.random.RandomState(0).standard_normal((60, *shape)).astype(np.float32)
    y = np.arange(60) % 3
    kind = {"module__width": 4} if len(shape) == 3 else {"module__dropout": 0.3}
    net = NetClassifier(max_epochs=3, batch_size=7, **kind)
    strategy = cls(net, random_state=0).fit(X[:24], y[:24], X[24:])
    own = strategy.estimator_
    alone = clone(net).set_params(random_state=own.random_state).fit(X[:24], y[:24])
    same = np.array_equal(strategy.predict_proba(X), alone.predict_proba(X))
    assert same == (cls not in CHANGES_THE_NET)
    if same:
        losses = (each.net_.history[:, "train_loss"] for each in (own, alone))
        assert next(losses) == next(losses)
        published = cls.from_preset("paper", net, random_state=0)
        published.fit(X[:24], y[:24], X[24:])
        assert not np.array_equal(published.predict_proba(X), alone.predict_proba(X))


@each_class
def test_a_part_that_would_not_be_trained_does_not_ask(cls):
    """Not with a weight of 0; and no answer is paid for before that is said."""

    def oracle(rows, X_rows):
        raise AssertionError("an answer was paid for")

    weights = [name for name in cls().get_params(deep=False) if "weight" in name]
    assert len(weights) == 1
    for preset in ("default", "paper"):
        strategy = cls.from_preset(preset, **{weights[0]: 0})
        with pytest.raises(ValueError, match=weights[0]):
            ActiveLearner(strategy=strategy, oracle=oracle).fit(blobs()[0])


@each_class
def test_a_preset_that_there_is_not_is_answered_with_those_there_are(cls):
    with pytest.raises(ValueError, match="no preset 'papers' of .*'default', 'paper'"):
        cls.from_preset("papers")
