"""What other people ship: the archives, the recipe, the workflows, the citation."""

import re
from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib")  # Python 3.11

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RECIPE = (ROOT / ".github" / "conda" / "meta.yaml").read_text("utf-8")

#: Names that differ between the Python index and conda-forge.
OF_CONDA = {"torch": "pytorch", "matplotlib": "matplotlib-base"}
#: Extras that a user of the library installs, beside those for its developers.
EXTRAS = ("deep", "notebook", "parquet", "plot", "progress")


def plain(requirement):
    """Return name and bounds of a requirement, written in one way."""
    name, bounds = re.fullmatch(r"([\w-]+)\s*(.*)", requirement).groups()
    return OF_CONDA.get(name, name), ",".join(sorted(bounds.split(",")))


def section(name):
    """Return the requirements in a section of the recipe."""
    lines = RECIPE.split(f"  {name}:\n")[1].splitlines()
    found = []
    for line in lines:
        text = line.partition("#")[0].strip()
        if line.strip() and not line.startswith("    "):
            break
        if text:
            found.append(plain(text.removeprefix("- ")))
    return dict(found)


def test_the_recipe_requires_what_the_package_requires():
    wanted = dict(map(plain, PROJECT["dependencies"]))
    wanted["python"] = PROJECT["requires-python"]
    assert section("run") == wanted


def test_the_recipe_bounds_what_the_extras_require():
    extras = PROJECT["optional-dependencies"]
    wanted = dict(plain(one) for name in EXTRAS for one in extras[name])
    assert section("run_constrained") == wanted


def test_the_recipe_builds_with_what_pyproject_builds_with():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]
    host = section("host")
    assert dict(map(plain, build["requires"])).items() <= host.items()
    assert host["python"] == PROJECT["requires-python"]


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f'set version = "{version}"' in RECIPE
    assert f"\nversion: {version}\n" in citation
    assert f"\nrepository-code: {PROJECT['urls']['Source']}\n" in citation


def test_addresses_are_those_of_one_repository():
    source = PROJECT["urls"]["Source"]
    for name in ("Homepage", "Issues"):
        assert PROJECT["urls"][name].startswith(source)
    assert f"home: {source}\n" in RECIPE
    assert f"doc_url: {PROJECT['urls']['Documentation']}\n" in RECIPE


def test_pictures_of_the_readme_are_seen_from_anywhere():
    readme = (ROOT / "README.md").read_text("utf-8")
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", readme)
    assert pictures
    for picture in pictures:
        assert picture.startswith("https://")
        assert (ROOT / picture.partition("/main/")[2]).is_file()


def test_workflows_call_scripts_that_are_there_and_can_be_run():
    (workflow,) = (ROOT / ".github" / "workflows").glob("*.yml")
    scripts = re.findall(r"run: bash (\S+)", workflow.read_text("utf-8"))
    assert {".ci/run", ".ci/oldest", ".ci/archive"} == set(scripts)
    for script in scripts:
        assert (ROOT / script).read_text("utf-8").startswith("#!")
        assert (ROOT / script).stat().st_mode & 0o100


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.name
)
def test_forms_and_workflows_are_yaml(path):
    yaml = pytest.importorskip("yaml")
    content = yaml.safe_load(path.read_text("utf-8"))
    assert content["name"]


def test_the_oldest_releases_are_the_bounds():
    pinned = (ROOT / ".ci" / "oldest.txt").read_text("utf-8")
    for name, bounds in map(plain, PROJECT["dependencies"]):
        (least,) = (b[2:] for b in bounds.split(",") if b.startswith(">="))
        (pin,) = re.findall(rf"^{name}==(.*)$", pinned, re.M)
        assert f"{pin}.".startswith(f"{least}.")
