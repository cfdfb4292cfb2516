"""What needs an extra says so, and the rest does without it."""

import subprocess
import sys

import pytest

WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "skorch"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


def run(code):
    """Run code in a new process in which torch and its kin cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + code], capture_output=True, text=True
    )


@pytest.mark.parametrize("room", ["deep", "nets"])
def test_what_needs_torch_names_the_extra(room):
    for code in (f"import skactive.{room}", f"from skactive import {room}"):
        error = run(code).stderr.splitlines()[-1]
        assert error.startswith(f"ImportError: skactive.{room} needs torch")
        assert "pip install 'skactive[deep]'" in error


def test_pictures_of_torchvision_name_the_extra():
    code = "from skactive.datasets import fetch_torchvision as f; f('cifar10')"
    error = run(code).stderr.splitlines()[-1]
    assert "pip install 'skactive[deep]'" in error


def test_everything_else_works_without_torch():
    done = run(
        """
import warnings
from sklearn.datasets import load_iris
from skactive import ActiveLearner
from skactive.testing import all_strategies
warnings.simplefilter("ignore")
X, y = load_iris(return_X_y=True)
X, y = X[::3], y[::3]
for cls in all_strategies():
    settings = {"n_members": 4} if cls.__name__ == "QueryByCommittee" else {}
    ActiveLearner(strategy=cls(**settings), budget=4, random_state=0).fit(X, y)
print(len(all_strategies()))
"""
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30
