"""Weights in a file that holds no code, and what is refused."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from skactive.nets import NetClassifier
from skactive.nets._storage import (
    FORMAT,
    StoredNetsMixin,
    features_state,
    load_weights,
    restore_features,
)

pytestmark = pytest.mark.deep


@pytest.mark.parametrize(
    "content, by", [({"weights": 1}, "not written by"), ({"written_by": "VAE"}, "VAE")]
)
def test_a_file_of_something_else_is_refused(content, by, tmp_path):
    torch.save(content, tmp_path / "net.pt")
    with pytest.raises(ValueError, match=f"{by}.* save_params of NetClassifier"):
        NetClassifier().load_params(tmp_path / "net.pt")


class Trap:
    """Say so when it is loaded."""

    def __reduce__(self):
        return pytest.fail, ("code in the file was run",)


def test_code_in_a_file_is_not_run(tmp_path):
    torch.save({"written_by": "NetClassifier", "weights": Trap()}, tmp_path / "net.pt")
    with pytest.raises(ValueError, match="cannot be read as a file of weights") as info:
        NetClassifier().load_params(tmp_path / "net.pt")
    assert isinstance(info.value.__cause__, pickle.UnpicklingError)


def test_a_file_that_torch_cannot_read_is_refused(tmp_path):
    (tmp_path / "net.pt").write_bytes(b"hello")
    with pytest.raises(ValueError, match="cannot be read as a file of weights"):
        NetClassifier().load_params(tmp_path / "net.pt")
    with pytest.raises(FileNotFoundError):
        NetClassifier().load_params(tmp_path / "nothing.pt")


class Number(StoredNetsMixin):
    """One number, and what trained it."""

    def __init__(self, value=None, recipe=None):
        self.value, self.recipe = value, recipe

    def _stored(self):
        return {"value": self.value, "recipe": self.recipe}

    def _restore(self, state):
        self.value = state["value"]

    def _readable_recipe(self):
        return self.recipe


def test_a_file_says_who_wrote_it_in_which_format_by_which_recipe(tmp_path):
    Number(7, "plain").save_params(tmp_path / "a.pt")
    state = torch.load(tmp_path / "a.pt", weights_only=True)
    assert state == {
        "written_by": "Number",
        "format": FORMAT,
        "recipe": "plain",
        "value": 7,
    }
    assert Number(recipe="plain").load_params(tmp_path / "a.pt").value == 7


@pytest.mark.parametrize(
    "found, words",
    [
        ({"written_by": "Other"}, "by save_params of Other, not by save_params of Num"),
        ({"format": None}, f"no format number, and Number reads format {FORMAT}"),
        ({"format": 99}, f"format 99, and Number reads format {FORMAT}"),
        ({"recipe": "sampler"}, "recipe 'sampler', and Number reads those of 'plain'"),
        ({"recipe": None}, "recipe None, and Number reads those of 'plain'"),
    ],
)
def test_what_does_not_fit_is_refused_by_both_names(found, words, tmp_path):
    state = {"written_by": "Number", "format": FORMAT, "recipe": "plain", "value": 7}
    torch.save({**state, **found}, tmp_path / "a.pt")
    number = Number(3, "plain")
    with pytest.raises(ValueError, match=words):
        number.load_params(tmp_path / "a.pt")
    assert number.value == 3


def test_a_file_of_before_formats_were_numbered_is_refused(tmp_path):
    torch.save({"written_by": "Number", "value": 7}, tmp_path / "a.pt")
    with pytest.raises(ValueError, match="no format number"):
        Number(3).load_params(tmp_path / "a.pt")


def test_weights_of_another_module_are_refused_by_its_name():
    weights = nn.Linear(2, 3).state_dict()
    with pytest.raises(ValueError, match="do not fit the module, Linear"):
        load_weights(nn.Linear(2, 4), weights)
    module = nn.Linear(2, 3)
    load_weights(module, weights)
    assert torch.equal(module.weight, weights["weight"]) and not module.training


class Fitted:
    n_features_in_ = 2


def test_names_of_features_come_back_and_old_ones_go():
    named, plain = Fitted(), Fitted()
    named.feature_names_in_ = np.array(["a", "b"], dtype=object)
    read = Fitted()
    restore_features(read, features_state(named))
    assert read.feature_names_in_.tolist() == ["a", "b"]
    restore_features(read, features_state(plain))
    assert not hasattr(read, "feature_names_in_") and read.n_features_in_ == 2
