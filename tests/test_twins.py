"""Each module has a test file of its name, where one would look for it."""

from pathlib import Path

import pytest

import skactive

PACKAGE = Path(skactive.__file__).parent
TESTS = Path(__file__).parent

# Modules that need no file of their own, each with the reason.
EXCEPTIONS = {}


def twin_of(module):
    """Return the file that tests a module, both as paths below their folders."""
    return module.parent / f"test_{module.stem.strip('_')}.py"


def modules(package):
    """Return the modules below a package that are no front doors, sorted."""
    found = (path.relative_to(package) for path in package.rglob("*.py"))
    return sorted(path for path in found if path.name != "__init__.py")


def without_twin(package, tests, exceptions):
    """Return the modules whose twin is not there, or is there in vain.

    A twin without a test is none. An exception whose twin is there has outlived its
    reason, and one that names no module excuses nobody.
    """
    faults = []
    known = modules(package)
    for module in known:
        twin = tests / twin_of(module)
        there = twin.is_file() and "\ndef test_" in twin.read_text(encoding="utf-8")
        excused = module.as_posix() in exceptions
        if there and excused:
            faults.append(f"{module.as_posix()}: no longer an exception")
        elif not there and not excused:
            faults.append(f"{module.as_posix()}: write tests/{twin_of(module)}")
    names = {module.as_posix() for module in known}
    faults += [f"{name}: no such module" for name in sorted(set(exceptions) - names)]
    return faults


@pytest.mark.parametrize(
    "area", sorted({path.parts[0] for path in modules(PACKAGE) if len(path.parts) > 1})
)
def test_each_module_of_a_folder_has_its_twin(area):
    names = {n: r for n, r in EXCEPTIONS.items() if n.startswith(f"{area}/")}
    faults = without_twin(PACKAGE, TESTS, names)
    assert [fault for fault in faults if fault.startswith(f"{area}/")] == []


def test_each_module_at_the_top_has_its_twin():
    names = {n: r for n, r in EXCEPTIONS.items() if "/" not in n}
    faults = without_twin(PACKAGE, TESTS, names)
    assert [fault for fault in faults if "/" not in fault.partition(":")[0]] == []


def test_each_exception_has_a_reason():
    assert all(len(reason) > 10 for reason in EXCEPTIONS.values())


def test_no_two_modules_share_a_twin():
    twins = [twin_of(module) for module in modules(PACKAGE)]
    assert len(set(twins)) == len(twins)


# ------------------------------------------------------------ the walker itself


@pytest.fixture
def house(tmp_path):
    """A package of three modules with their twins, and a function that asks."""
    for name in ("__init__.py", "_top.py", "room/__init__.py", "room/_deep_one.py"):
        (tmp_path / "package" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "package" / name).write_text("")
    (tmp_path / "package" / "room" / "__main__.py").write_text("")
    (tmp_path / "tests" / "room").mkdir(parents=True)
    for name in ("test_top.py", "room/test_deep_one.py", "room/test_main.py"):
        (tmp_path / "tests" / name).write_text('"""A test."""\n\n\ndef test_it():\n')

    def ask(exceptions=()):
        return without_twin(tmp_path / "package", tmp_path / "tests", exceptions)

    return tmp_path, ask


def test_a_house_in_order_has_no_faults(house):
    folder, ask = house
    found = [path.as_posix() for path in modules(folder / "package")]
    assert found == ["_top.py", "room/__main__.py", "room/_deep_one.py"]
    assert ask() == []


@pytest.mark.parametrize(
    "file, fault",
    [
        ("test_top.py", "_top.py: write tests/test_top.py"),
        (
            "room/test_deep_one.py",
            "room/_deep_one.py: write tests/room/test_deep_one.py",
        ),
        ("room/test_main.py", "room/__main__.py: write tests/room/test_main.py"),
    ],
)
def test_a_missing_twin_is_noticed(house, file, fault):
    folder, ask = house
    (folder / "tests" / file).unlink()
    assert ask() == [fault]
    # A twin without a test, and one in another folder, are none.
    (folder / "tests" / file).write_text("def helper():\n    return test_it\n")
    (folder / "tests" / "elsewhere").mkdir()
    (folder / "tests" / "elsewhere" / Path(file).name).write_text("\ndef test_it():\n")
    assert ask() == [fault]


def test_a_module_may_be_excused_as_long_as_it_must(house):
    folder, ask = house
    (folder / "tests" / "test_top.py").unlink()
    reason = {"_top.py": "seen through others"}
    assert ask(reason) == []
    (folder / "tests" / "test_top.py").write_text("\ndef test_it():\n")
    assert ask(reason) == ["_top.py: no longer an exception"]


def test_an_exception_for_nobody_is_noticed(house):
    _, ask = house
    assert ask({"_tip.py": "misspelt"}) == ["_tip.py: no such module"]
