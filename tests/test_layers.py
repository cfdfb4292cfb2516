"""Imports point down, and what is shallow loads no torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import skactive

PACKAGE = Path(skactive.__file__).parent

# Rooms of one floor never import each other.
FLOORS = {
    0: ("utils", "exceptions", "_sklearn"),
    1: (
        *("selection", "graph", "datasets", "io", "metrics", "oracles", "stopping"),
        "_gates",
    ),
    1.5: ("nets",),
    2: ("base", "_graph_strategy"),
    3: ("uncertainty", "disagreement", "lookahead", "diversity"),
    4: ("deep", "compose"),
    5: ("learner",),
    6: ("inspection", "stream"),
    7: ("serve",),
    8: ("testing",),
    # The roof: its menu of strategies is what discovery, in testing, finds.
    9: ("benchmark",),
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}

# The house within the house; the files of its ground floor may see each other.
NETS_GROUND = {"modules", "_arrays", "_input", "_items", "_pool", "_seeded", "_storage"}
NETS_FLOORS = {1: ("estimators", "latent"), 2: ("attacks", "graphs", "beside")}
NETS_FLOOR_OF = {room: n for n, rooms in NETS_FLOORS.items() for room in rooms}

# The parts of one unit may see each other.
UNITS = [{"utils", "exceptions", "_sklearn"}, {"base", "_graph_strategy"}]

TORCH = {"torch", "torchvision", "skorch"}
MAY_LOAD_TORCH = {"deep", "nets"}


def rooms():
    """Return the names of the modules and folders below the package."""
    files = {p.stem for p in PACKAGE.glob("*.py")} - {"__init__"}
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    return files | folders


def imports(source, package):
    """Yield (line, dotted name, at top level?) of each import in a source text.

    ``package`` is the dotted name of the folder that holds the file, for relative
    imports. ``from a import b`` yields ``a.b``, whether b is a module or not.
    """
    tree = ast.parse(source)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        for name in names:
            yield node.lineno, name, id(node) not in inside


def within_nets(room, target, where):
    """Return what is wrong with an import from one room of ``nets`` to another."""
    if room == "__init__.py" or room.removesuffix(".py") == target:
        return []
    floor, target_floor = NETS_FLOOR_OF.get(room, 0), NETS_FLOOR_OF.get(target, 0)
    known = target in NETS_GROUND or target in NETS_FLOOR_OF
    if not known:  # the front door of nets, or a file that has no place
        return [f"{where} imports nets.{target}, which is on no floor of nets"]
    if target_floor < floor or floor == target_floor == 0:
        return []
    way = "up" if target_floor > floor else "sideways"
    return [f"{where} imports nets.{target}: {way}"]


def faults(source, file):
    """Return what is wrong with the imports of one file, as lines of text.

    ``file`` is its path relative to the package, such as "diversity/_random.py".
    """
    path = Path(file)
    package = ".".join(["skactive", *path.parts[:-1]])
    room = path.parts[0] if len(path.parts) > 1 else path.stem
    if room == "__init__":
        return []
    found = []
    for line, name, at_top in imports(source, package):
        parts = name.split(".")
        if parts[0] in TORCH and room not in MAY_LOAD_TORCH and at_top:
            found.append(f"{file}:{line} loads {parts[0]}")
        if parts[0] in ("matplotlib", "pandas") and at_top:
            found.append(f"{file}:{line} loads {parts[0]} when imported")
        if parts[0] != "skactive" or len(parts) < 2:
            continue
        # "from skactive import ActiveLearner" goes through the front door.
        target = {"ActiveLearner": "learner", "QueryStrategy": "base"}.get(
            parts[1], parts[1]
        )
        if target == room == "nets":
            found += within_nets(path.parts[1], parts[2], f"{file}:{line}")
        if target == "__version__" or target == room:
            continue
        if {room, target} in [unit & {room, target} for unit in UNITS]:
            continue
        if target not in FLOOR_OF:
            found.append(f"{file}:{line} imports {name}, which is on no floor")
        elif FLOOR_OF[target] >= FLOOR_OF[room]:
            way = "up" if FLOOR_OF[target] > FLOOR_OF[room] else "sideways"
            found.append(f"{file}:{line} imports {target}: {way}")
    return found


def test_every_room_is_on_a_floor():
    assert rooms() <= set(FLOOR_OF)


def test_the_ground_floor_of_nets_is_small():
    files = {p.stem for p in (PACKAGE / "nets").glob("*.py")} - {"__init__"}
    folders = {p.parent.name for p in (PACKAGE / "nets").glob("*/__init__.py")}
    assert files | folders == NETS_GROUND | set(NETS_FLOOR_OF)
    assert len(files) <= 6  # and __init__


def import_graph():
    """Return {module: modules of the package that it imports at top level}."""
    modules = {}
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = (file, ".".join(parts[:-1]))
    graph = {}
    for name, (file, package) in modules.items():
        graph[name] = set()
        for _, target, at_top in imports(file.read_text(encoding="utf-8"), package):
            while target and target not in modules:
                target = target.rpartition(".")[0]
            if at_top and target not in ("", name):
                graph[name].add(target)
    return graph


def circle(graph):
    """Return modules that import each other in a circle, or an empty list."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node) :]
        if node in done:
            return []
        path.append(node)
        for target in sorted(graph.get(node, ())):
            if found := visit(target):
                return found
        done.add(path.pop())
        return []

    return next((found for node in sorted(graph) if (found := visit(node))), [])


def test_nothing_is_circular():
    graph = import_graph()
    assert len(graph) > 100 and graph["skactive.learner"] == {
        "skactive.learner._batches",
        "skactive.learner._learner",
    }
    assert circle(graph) == []


def test_a_planted_circle_is_seen():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


@pytest.mark.parametrize("room", sorted(rooms()))
def test_imports_point_down(room):
    files = [PACKAGE / f"{room}.py", *(PACKAGE / room).rglob("*.py")]
    files = [file for file in files if file.exists()]
    assert files
    for file in files:
        relative = str(file.relative_to(PACKAGE))
        assert not faults(file.read_text(encoding="utf-8"), relative)


@pytest.mark.parametrize(
    "file, source, fault",
    [
        ("utils/_rows.py", "from skactive.base import QueryStrategy", "base: up"),
        ("utils/_rows.py", "def f():\n    import skactive.learner", "learner: up"),
        ("base.py", "from skactive import ActiveLearner", "learner: up"),
        ("base.py", "from skactive import testing", "testing: up"),
        ("oracles/_x.py", "from .. import stopping", "stopping: sideways"),
        ("_gates/_x.py", "from skactive.base import ScoreStrategy", "base: up"),
        ("_gates/_x.py", "from skactive.stopping import Budget", "sideways"),
        ("learner/_x.py", "from skactive.stream import x", "stream: up"),
        ("stream/_x.py", "from skactive.inspection import x", "sideways"),
        ("selection/_top.py", "from ..metrics import x", "metrics: sideways"),
        ("diversity/_x.py", "from skactive.uncertainty import x", "sideways"),
        ("deep/_x.py", "from skactive.compose import x", "compose: sideways"),
        ("inspection/_x.py", "from skactive.testing._mock import x", "testing: up"),
        ("testing/_x.py", "from skactive.benchmark import x", "benchmark: up"),
        ("datasets/_x.py", "from skactive.metrics import x", "metrics: sideways"),
        ("selection/_x.py", "from skactive.nets import x", "nets: up"),
        ("nets/_arrays.py", "from skactive.nets.estimators._net import x", "up"),
        ("nets/beside/_x.py", "from skactive.nets.attacks._x import x", "sideways"),
        ("nets/estimators/_x.py", "from skactive.nets.beside._x import x", "up"),
        ("nets/latent/_x.py", "from skactive.nets import NetClassifier", "no floor"),
        ("base.py", "import skactive.attic", "on no floor"),
        ("uncertainty/_x.py", "import torch.nn", "loads torch"),
        ("learner/_run.py", "from skorch import NeuralNet", "loads skorch"),
        ("inspection/_x.py", "import matplotlib.pyplot as plt", "loads matplotlib"),
        (
            "learner/_x.py",
            "try:\n    import pandas\nexcept ImportError:\n    0",
            "pandas",
        ),
    ],
)
def test_a_planted_import_is_caught(file, source, fault):
    found = faults(source, file)
    assert len(found) == 1 and fault in found[0]
    assert found[0].startswith(file)


@pytest.mark.parametrize(
    "file, source",
    [
        ("base.py", "from skactive.selection import top_n"),
        ("learner.py", "from skactive.learner._ledger import LabelLedger"),
        ("learner.py", "from skactive import QueryStrategy, __version__"),
        ("selection/_top.py", "from ._checks import check_n"),
        ("deep/_x.py", "import torch\nfrom skactive.nets import NetClassifier"),
        ("inspection/_x.py", "def plot():\n    import matplotlib.pyplot"),
        ("testing/_x.py", "from skactive.inspection import x"),
        (
            "stream/_x.py",
            "from skactive.learner import x\nfrom skactive._gates import y",
        ),
        ("benchmark/_x.py", "from skactive.testing import all_strategies"),
        ("diversity/_x.py", "import numpy as np\nfrom skactive import utils"),
    ],
)
def test_a_sound_import_is_not_caught(file, source):
    assert faults(source, file) == []


# In one process, so each entry is charged with what it loads beyond those before it.
SHALLOW = [
    "import skactive",
    # What scikit-learn loads by itself is not ours to answer for.
    "import sklearn.pipeline, sklearn.linear_model, scipy.sparse",
    "import skactive.base",
    "import skactive.selection",
    "import skactive.uncertainty",
    "import skactive.disagreement",
    "import skactive.diversity",
    "import skactive.graph",
    "import skactive.lookahead",
    "import skactive.datasets; skactive.datasets.list_datasets()",
    "import skactive.metrics",
    "import skactive.oracles",
    "import skactive.stopping",
    "import skactive.learner",
    "import skactive.stream; skactive.stream.StreamLearner()",
    "from skactive import ActiveLearner; ActiveLearner()",
    "import skactive.inspection",
    "import skactive.testing; skactive.testing.all_strategies()",
    "import skactive.benchmark",
]


def newly_loaded(statements):
    """Run statements in a new process; return what heavy each of them loads."""
    heavy = ["numpy", "torch", "torchvision", "skorch", "matplotlib", "pandas"]
    lines = ["import sys"]
    for statement in statements:
        lines += [statement, f"print(*[m for m in {heavy} if m in sys.modules])"]
    run = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = [set(line.split()) for line in run.stdout.split("\n")[:-1]]
    before = [set(), *loaded]
    return {
        statement: now - then
        for statement, now, then in zip(statements, loaded, before, strict=False)
    }


@pytest.fixture(scope="module")
def new():
    return newly_loaded(SHALLOW)


@pytest.mark.parametrize("statement", [s for s in SHALLOW if "skactive" in s])
def test_shallow_imports_load_nothing_heavy(statement, new):
    assert new[statement] == set()


def test_scikit_learn_itself_loads_no_torch(new):
    assert not new[SHALLOW[1]] & {"torch", "skorch", "matplotlib"}


def test_a_heavy_import_is_seen():
    pytest.importorskip("pandas")
    assert newly_loaded(["0", "import pandas"])["import pandas"] == {"numpy", "pandas"}
