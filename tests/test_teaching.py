"""The exercises of the class: their checks take the solution and refuse what is wrong.

The pages as a whole are run when the documentation is built, which stops at an error.
Here only what an exercise needs is run.
"""

import ast
import re
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from skactive.compose import StochasticBatch
from skactive.diversity import BADGE, CoreSet, RandomSampling
from skactive.uncertainty import MarginSampling

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples" / "teaching").glob("plot_*.py"))
PAGE = (ROOT / "docs" / "teaching.rst").read_text(encoding="utf-8")
TIMETABLE = PAGE.split("What is needed")[0]


def ids(path):
    return path.stem


def names_in(statement, kind):
    """Return the names that a statement reads, ``ast.Load``, or sets, ``ast.Store``."""
    if isinstance(statement, ast.FunctionDef):
        if kind is ast.Store:
            return {statement.name}
        inside = {one.arg for one in ast.walk(statement) if isinstance(one, ast.arg)}
        for one in statement.body:
            inside |= names_in(one, ast.Store)
        return {name for one in statement.body for name in names_in(one, kind)} - inside
    found = {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, kind)
    }
    if kind is ast.Store:
        found |= {
            alias.asname or alias.name
            for node in ast.walk(statement)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
    return found


def needed_for(statements, end):
    """Return those of the statements before ``end`` that the rest cannot do without."""
    wanted = set().union(*(names_in(one, ast.Load) for one in statements[end:]))
    kept = list(statements[end:])
    for statement in reversed(statements[:end]):
        if names_in(statement, ast.Store) & wanted:
            wanted |= names_in(statement, ast.Load)
            kept.insert(0, statement)
    return kept


@cache
def exercise(path):
    """Run check and solution of a page; return its namespace and what it printed."""
    source = path.read_text(encoding="utf-8")
    # The exercise is about the nets of 20 passes alone.
    source = source.replace("epochs = [10, 20, 40]", "epochs = [20]")
    body = ast.parse(source).body
    lines = [ast.unparse(one) for one in body]
    last = max(k for k, line in enumerate(lines) if line == "check(answer)")
    run = needed_for(body[: last + 1], lines.index("answer = None"))
    run = ast.Module(run, type_ignores=[])
    space, said = {}, StringIO()
    with redirect_stdout(said):
        exec(compile(run, str(path), "exec"), space)
    return space, said.getvalue()


def smallest_column(P):
    return P.min(axis=1)


def nearest(X_pool, X_labeled):
    distances = np.linalg.norm(X_pool[:, None] - X_labeled[None], axis=2)
    return distances.min(axis=1).argmin()


def always(verdict):
    return lambda mine, random: verdict


def distance(P):
    ordered = np.sort(P, axis=1)
    return ordered[:, -1] - ordered[:, -2]


# By the number of the page.
WRONG = {
    "1": [20, 80, 100, 140, 125, 0],
    "2": [
        distance,
        lambda P: -P.max(axis=1),
        lambda P: P[:, 0],
        lambda P: P,
        smallest_column,
    ],
    "3": [nearest, lambda X_pool, X_labeled: 0, lambda X_pool, X_labeled: [0, 1]],
    "4": [RandomSampling(), MarginSampling(), CoreSet()],
    "5": [-0.1, 2, 0.5, 0.0, 1.0],
    "6": [always("better"), always("within noise"), always("too few seeds")],
}
# Other answers that are right.
RIGHT = {
    "1": [np.int64(120)],
    "2": [lambda P: 1 - distance(P), lambda P: list(1 / distance(P))],
    "4": [BADGE(), StochasticBatch(MarginSampling())],
}


def test_there_are_six_parts_and_each_has_wrong_answers():
    assert [path.stem.split("_")[1] for path in SCRIPTS] == list(WRONG)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_check_takes_the_solution_and_refuses_what_is_wrong(path):
    number = path.stem.split("_")[1]
    if number == "5":
        pytest.importorskip("torch")
    space, said = exercise(path)
    assert said.index("No answer yet.") < said.index("Right")
    for wrong in WRONG[number]:
        with pytest.raises(AssertionError) as refused:
            space["check"](wrong)
        assert str(refused.value).strip()
    for right in RIGHT.get(number, []):
        space["check"](right)


def test_verdicts_that_are_wrong_in_one_case_are_refused():
    space, _ = exercise(SCRIPTS[5])
    for case in ("better", "worse", "within noise", "too few seeds"):

        def almost(mine, random, case=case):
            said = space["answer"](mine, random)
            return "something else" if said == case else said

        with pytest.raises(AssertionError, match=case):
            space["check"](almost)


def test_the_gallery_shows_the_parts_in_the_order_of_their_numbers():
    # The default of sphinx-gallery is the order of their lengths.
    conf = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    assert '"within_subsection_order": "FileNameSortKey"' in conf


@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_page_has_its_parts_in_order(path):
    text = path.read_text(encoding="utf-8")
    headings = re.findall(r"^# (.+)\n# -+$", text, flags=re.MULTILINE)
    assert headings[-3:] == ["Exercise", "What to take home", "Solution"]
    assert text.count("plt.show()") == 1
    assert text.count("\nanswer = None\n") == text.count("\ndef check(answer):") == 1


def test_timetable_has_all_parts_and_ninety_minutes():
    rows = re.findall(r"^(\d+)  +(.*)$", TIMETABLE, flags=re.MULTILINE)
    assert sum(int(minutes) for minutes, _ in rows) == 90
    linked = [re.search(r"teaching_(plot_\w+)\.py", rest) for _, rest in rows]
    assert [found[1] for found in linked if found] == [path.stem for path in SCRIPTS]
    spelled = {"10": "Ten minutes.", "15": "Fifteen minutes."}
    minutes = [row[0] for row, found in zip(rows, linked, strict=True) if found]
    for path, many in zip(SCRIPTS, minutes, strict=True):
        assert spelled[many] in path.read_text(encoding="utf-8")
