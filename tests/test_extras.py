"""What needs an extra says so, and the rest does without it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"

WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


TORCH = ("torch", "torchvision", "skorch")
OTHERS = ("matplotlib", "PIL", "pandas", "pyarrow", "ipywidgets", "rich", "dask")


def run(code, missing=TORCH):
    """Run code in a new process in which some packages cannot be imported."""
    code = f"MISSING = {missing!r}\n{WITHOUT}{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


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


def test_every_shallow_module_is_imported_without_any_extra():
    done = run(
        """
from skactive.testing._discovery import walk_modules
print(len(list(walk_modules())))
""",
        missing=TORCH + OTHERS,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 200


@pytest.mark.parametrize(
    "code, extra",
    [
        ("from skactive.nets import NetRegressor", "skactive[deep]"),
        ("from skactive.deep import VAAL", "skactive[deep]"),
        (
            "import numpy as np; from skactive.oracles import ShowImage\n"
            "ShowImage()(0, np.zeros((4, 4)))",
            "skactive[plot]",
        ),
        (
            "from skactive.datasets import ParquetDataset\nParquetDataset('x.parquet')",
            "skactive[parquet]",
        ),
        (
            "from skactive.inspection import LearningCurveDisplay as Display\n"
            "Display(n_labeled=[[1, 2]], scores=[[[0, 1]]], names=['a'],"
            " score_name='s').plot()",
            "skactive[plot]",
        ),
    ],
    ids=["NetRegressor", "deep", "ShowImage", "parquet", "curves"],
)
def test_an_error_names_the_extra(code, extra):
    error = run(code, missing=TORCH + OTHERS).stderr.splitlines()[-1]
    assert error.startswith("ImportError") and f"{extra}" in error, error


def test_what_streams_and_shows_a_bar_needs_no_extra():
    done = run(
        """
from sklearn.datasets import load_iris
from skactive import ActiveLearner, progress
from skactive.stream import StreamLearner
X, y = load_iris(return_X_y=True)
with progress():
    ActiveLearner(budget=5).fit(X, y)
""",
        missing=TORCH + OTHERS,
    )
    assert done.stderr.endswith("] 15 of 15 labels\n"), done.stderr


def pages():
    """Return the pages whose code imports nets."""
    pattern = r"^(?:>>>|\.\.\.|   ) *(?:from|import) skactive\.(?:nets|deep)\b"
    found = [*DOCS.glob("*.rst"), *DOCS.glob("user_guide/*.rst")]
    return [
        page
        for page in sorted(found)
        if re.search(pattern, page.read_text(encoding="utf-8"), re.MULTILINE)
        and page.name != "api.rst"
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_with_nets_says_what_to_install(page):
    assert 'pip install "skactive[' in page.read_text(encoding="utf-8")


def test_both_builds_of_torch_are_printed_as_commands():
    text = (DOCS / "install.rst").read_text(encoding="utf-8")
    commands = re.findall(r"^   \$ .venv/bin/(.*)$", text, re.MULTILINE)
    cpu = (
        "pip install torch torchvision --index-url https://download.pytorch.org/whl/cpu"
    )
    assert cpu in commands and commands.count('pip install ".[deep,plot]"') == 2
