"""Tables that pages take from results: there, complete, and what the page says."""

import re
import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent
GUIDE = HERE.parent / "docs" / "user_guide"
SHOWN = [
    (page.stem, *found.split(maxsplit=1))
    for page in sorted(GUIDE.glob("*.rst"))
    for found in re.findall(r"^\.\. measured:: (.+)$", page.read_text("utf-8"), re.M)
]
pytestmark = pytest.mark.deep  # scripts that train nets


@pytest.mark.parametrize("page, script, name", SHOWN, ids=map(" ".join, SHOWN))
def test_a_table_of_a_page_has_rows_of_one_length(page, script, name):
    table_of = runpy.run_path(str(HERE / "measurements" / "_tables.py"))["table_of"]
    lines = table_of(script, name)[3:]
    starts = [k for k, line in enumerate(lines) if line.startswith("   * - ")]
    lengths = {b - a for a, b in zip(starts, [*starts[1:], len(lines)])}
    assert len(starts) > 3 and len(lengths) == 1


def test_there_are_such_tables():
    assert {"entropy", "nets"} <= {page for page, _, _ in SHOWN}
