"""Discovery: what is found, and what is not."""

import inspect
import subprocess
import sys

from skactive.base import QueryStrategy
from skactive.diversity import RandomSampling
from skactive.testing import all_strategies
from skactive.testing._discovery import walk_modules


def test_strategies_are_public_concrete_and_sorted():
    found = all_strategies()
    names = [strategy.__name__ for strategy in found]
    assert RandomSampling in found
    assert names == sorted(set(names))
    for strategy in found:
        assert issubclass(strategy, QueryStrategy)
        assert not inspect.isabstract(strategy)
        assert not strategy.__name__.startswith("_")
    assert not {"QueryStrategy", "ScoreStrategy", "EmbeddingStrategy"} & set(names)


def test_strategies_defined_elsewhere_are_not_listed():
    class Elsewhere(RandomSampling):
        """Ask for nothing in particular."""

    assert Elsewhere not in all_strategies()


def test_a_new_file_in_a_folder_is_found_and_the_deep_ones_are_not_entered(
    tmp_path, monkeypatch
):
    package = tmp_path / "planted_package"
    for folder in ("", "rooms", "deep", "nets"):
        (package / folder).mkdir()
        (package / folder / "__init__.py").write_text("")
    (package / "rooms" / "_new.py").write_text("x = 1")
    (package / "deep" / "_net.py").write_text("raise ImportError('no torch here')")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        names = [module.__name__ for module in walk_modules("planted_package")]
    finally:
        for name in [n for n in sys.modules if n.startswith("planted_package")]:
            del sys.modules[name]
    assert names == [
        "planted_package",
        "planted_package.rooms",
        "planted_package.rooms._new",
    ]


def test_discovery_does_not_load_torch():
    code = (
        "import sys\n"
        "from skactive.testing import all_strategies\n"
        "assert all_strategies()\n"
        "assert 'torch' not in sys.modules and 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_those_that_serve_regressors_alone_are_asked_for(monkeypatch):
    monkeypatch.setattr(RandomSampling, "needs_numbers", True, raising=False)
    assert RandomSampling not in all_strategies()
    assert RandomSampling in all_strategies(numbers=True)
