"""What scripts measured, on pages: tables and single numbers, never typed.

``.. measured:: entropy images`` shows a table, and ``:measured:`entropy k-center on
ringnorm``` a number, of what ``tests/measurements/entropy.py`` makes of its results.
The first word is the script, the rest the name that it gives.
"""

import runpy
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective, SphinxRole

MEASUREMENTS = Path(__file__).parents[2] / "tests" / "measurements"


def made(function, text, env=None):
    """Return the result of a function of ``_tables.py`` for a script and a name."""
    script, _, name = " ".join(text.split()).partition(" ")
    if env is not None:
        env.note_dependency(str(MEASUREMENTS / f"{script}.py"))
        for path in sorted((MEASUREMENTS / "results").glob(f"{script}*.json")):
            env.note_dependency(str(path))
    return runpy.run_path(str(MEASUREMENTS / "_tables.py"))[function](script, name)


class MeasuredTable(SphinxDirective):
    """Show a table of what a script measured."""

    required_arguments, final_argument_whitespace = 1, True

    def run(self):
        lines = made("table_of", self.arguments[0], self.env)
        path = str(MEASUREMENTS / "_tables.py")
        self.state_machine.insert_input(["", *lines, ""], path)
        return []


class MeasuredNumber(SphinxRole):
    """Show a number of what a script measured."""

    def run(self):
        try:
            text = made("number_of", self.text, self.env)
        except Exception as error:
            said = self.inliner.reporter.error(
                f"measured {self.text!r}: {error}", line=self.lineno
            )
            return [self.inliner.problematic(self.rawtext, self.rawtext, said)], [said]
        return [nodes.inline(self.rawtext, text, classes=["measured"])], []


def setup(app):
    app.add_directive("measured", MeasuredTable)
    app.add_role("measured", MeasuredNumber())
    return {"parallel_read_safe": True}
