"""A recipe holds settings, reads the shell and never writes to it."""

from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets.beside._loss_prediction import LossPrediction
from skactive.nets.beside._momentum import Momentum
from skactive.nets.beside._sampler import Sampler
from skactive.nets.beside._virtual_labels import VirtualLabels
from skactive.nets.estimators._net import ClassifierNet
from skactive.nets.estimators._recipe import PLAIN, Recipe, Target

pytestmark = pytest.mark.deep

RNG = np.random.RandomState(0)
X, Y, X_POOL = RNG.randn(20, 4), np.repeat(["a", "b"], 10), RNG.randn(15, 4)
QUICK = {"max_epochs": 1, "batch_size": 8, "module__hidden": (6,), "random_state": 0}

SETTINGS = {
    LossPrediction: {
        "taps": None,
        "margin": 1.0,
        "weight": 1.0,
        "detach_epoch": None,
        "pair_loss": "margin",
        "ties": "mask",
        "loss": None,
    },
    Sampler: {
        "detach": False,
        "bottleneck": "channel",
        "n_heads": 1,
        "depth": 1,
        "scale": None,
        "sampler_hidden": (5,),
        "sampler_weight": 0.5,
        "milestones": (),
    },
    Momentum: {
        "contrastive_weight": 0.5,
        "temperature": 0.2,
        "key_momentum": 0.9,
        "queue_size": None,
        "proj_dim": 4,
        "head_layers": 1,
        "weak": None,
        "strong": None,
        "fused": None,
    },
    VirtualLabels: {},
    Recipe: {},
}
RECIPES = [kind(**settings) for kind, settings in SETTINGS.items()]
each = pytest.mark.parametrize("recipe", RECIPES, ids=lambda r: type(r).__name__)


def trained(recipe, shell=None):
    shell = NetClassifier(**QUICK) if shell is None else shell
    beside = {"X_pool": X_POOL} if recipe.uses_pool else {}
    if isinstance(recipe, VirtualLabels):
        weights = np.ones(15)
        beside = {"X_virtual": X_POOL, "y_virtual": Y[:15], "weights": weights}
    return shell._train(X, Y, recipe, **beside)


@dataclass(frozen=True)
class Watched(Recipe):
    """Writes down what is asked of it, and of what."""

    name: ClassVar = "watched"
    log: list

    def target(self, shell, X, y):
        self.log.append(("target", len(X), len(y)))
        return super().target(shell, X, y)

    def beside(self, shell, X, target, extra):
        self.log.append(("beside", X.dtype.name, target.values.tolist()[:2], extra))
        return {"extra": extra}

    def sizes(self, settings, X, y, extra):
        self.log.append(("sizes", settings["batch_size"], X.shape, extra))
        return {"n": len(X)}

    def net(self, module, settings, sample_shape, n):
        self.log.append(("net", type(module).__name__, sample_shape, n))
        return WatchedNet(module, log=self.log, **settings).initialize()

    def finish(self, net, X, target):
        self.log.append(("finish", len(net.history)))
        return target


class WatchedNet(ClassifierNet):
    def __init__(self, module, log, **kwargs):
        self.log = log
        super().__init__(module, **kwargs)

    def train(self, X, y, extra):
        self.log.append(("train", y.tolist()[:2], extra))
        super().train(X, y)


def test_a_shell_asks_in_the_order_that_is_written_down():
    log = []
    NetClassifier(**QUICK)._train(X, Y[::-1], Watched(log), extra=7)
    assert log == [
        ("target", 20, 20),
        ("beside", "float64", [1, 1], 7),
        ("sizes", 8, (20, 4), 7),
        ("net", "MLP", (4,), 20),
        ("train", [1, 1], 7),
        ("finish", 1),
    ]


@each
def test_a_recipe_cannot_be_written_to_and_leaves_parameters_alone(recipe):
    with pytest.raises(FrozenInstanceError):
        recipe.anything = 1
    shell = NetClassifier(**QUICK)
    before = shell.get_params()
    assert trained(recipe, shell) is shell
    assert shell.get_params() == before
    fitted = {name for name in vars(shell) if name not in before}
    plain = NetClassifier(**QUICK).fit(X, Y)
    assert fitted == {name for name in vars(plain) if name not in before}


@each
def test_one_recipe_trains_many_nets_alike(recipe):
    first, second = trained(recipe), trained(recipe)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))


@each
def test_a_copy_is_a_plain_net(recipe):
    copy = clone(trained(recipe))
    assert copy._recipe is PLAIN and type(copy) is NetClassifier
    plain = NetClassifier(**QUICK).fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(copy.fit(X, Y).predict_proba(X), plain)


@each
def test_what_is_stored_makes_the_same_net(recipe, tmp_path):
    shell = trained(recipe)
    torch.save(shell._stored(), tmp_path / "net.pt")
    state = torch.load(tmp_path / "net.pt", weights_only=True)  # no code
    assert state["recipe"] == recipe.name
    read = clone(shell)
    read._restore(state, recipe)
    np.testing.assert_array_equal(read.predict_proba(X), shell.predict_proba(X))
    for name in recipe.modules:
        ours, theirs = (getattr(s.net_, name).state_dict() for s in (read, shell))
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


@each
def test_a_file_is_read_by_a_recipe_of_the_same_name(recipe, tmp_path):
    trained(recipe).save_params(tmp_path / "net.pt")
    reader = NetClassifier(**QUICK)
    # Virtual labels leave a plain net behind.
    if recipe.name == PLAIN.name:
        assert reader.load_params(tmp_path / "net.pt").predict(X).shape == (20,)
        return
    with pytest.raises(ValueError, match=f"recipe '{recipe.name}', and .*'plain'"):
        reader.load_params(tmp_path / "net.pt")
    assert not hasattr(reader, "net_")


def test_names_are_distinct_but_for_nets_that_are_plain():
    names = [recipe.name for recipe in RECIPES]
    assert sorted(names) == ["loss prediction", "momentum", "plain", "plain", "sampler"]


def test_the_plain_recipe_takes_nothing_beside():
    with pytest.raises(TypeError, match="X_pool"):
        NetClassifier(**QUICK)._train(X, Y, PLAIN, X_pool=X_POOL)


def test_a_target_says_what_becomes_of_labels():
    _, target = PLAIN.target(NetClassifier(classes=["b", "a", "c"]), X, Y)
    assert isinstance(target, Target) and target.n_outputs == 3
    assert target.values.tolist() == [0] * 10 + [1] * 10
    assert target.fitted["classes_"].tolist() == ["a", "b", "c"]


def test_outputs_become_labels_or_stay_what_a_loss_of_ones_own_made_of_them():
    shell, outputs = trained(PLAIN), torch.tensor([[1.0, 2.0], [3.0, 0.0]])
    assert PLAIN.answer(shell, outputs).tolist() == ["b", "a"]
    settings = {**SETTINGS[LossPrediction], "loss": nn.functional.mse_loss}
    answer = LossPrediction(**settings).answer(shell, outputs)
    assert answer.tolist() == outputs.tolist()
