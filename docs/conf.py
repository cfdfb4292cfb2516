"""How the documentation is built: ``python -m sphinx -W docs docs/_build/html``."""

import os
import sys
import warnings
from importlib.metadata import version as installed_version
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS
from sphinx.util.docutils import SphinxDirective
from sphinx_gallery.sorting import ExplicitOrder

# What the pages are made with beside the extensions of others.
sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from source_links import source_url

# Gallery scripts run here, on machines without a screen.
os.environ.setdefault("MPLBACKEND", "agg")

project = "skactive"
author = "The skactive developers"
release = installed_version("skactive")
version = ".".join(release.split(".")[:2])
# At the foot of each page.
copyright = f"2026, The skactive developers. This is skactive {release}"

SITE = "https://skactive.github.io/skactive"
REPOSITORY = "https://github.com/skactive/skactive"

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.linkcode",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "decision",
    "measured",
    "measured_picture",
    "other_packages",
    "strategy_table",
]
exclude_patterns = ["_build", "whats_new/[0-9]*", "auto_examples/**/*.ipynb"]
templates_path = ["_templates"]

html_theme = "pydata_sphinx_theme"
html_title = "skactive"
html_static_path = ["_static"]
html_css_files = ["skactive.css"]
# Light or dark as the reader's system is; unsaid, the theme reports it as an error.
html_context = {"default_mode": "auto"}
html_search_scorer = str(Path(__file__).parent / "_ext" / "search_scorer.js")
html_favicon = "_static/logo.svg"
html_theme_options = {
    "logo": {
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo_dark.svg",
        "text": "skactive",
        "alt_text": "skactive, to the front page",
    },
    "github_url": REPOSITORY,
    # Install, start, guide, examples, API; what comes after them is under "More".
    "header_links_before_dropdown": 5,
    "navbar_end": ["version-switcher", "theme-switcher", "navbar-icon-links"],
    # Read by the browser from the newest pages, so that old ones know of new versions.
    "switcher": {"json_url": f"{SITE}/_static/switcher.json", "version_match": release},
    "check_switcher": False,  # documentation is built without a network
    # A group of the guide or a folder of the API opens where one is.
    "show_nav_level": 0,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
# Only the guide, the examples and the API have pages to list at the left.
html_sidebars = {"*": [], "api": ["sidebar-nav-bs"]}
# At the right of a class are its methods, without its name before each.
toc_object_entries_show_parents = "hide"

# Copied is what was typed: prompts and what was printed are left out.
copybutton_prompt_text = r">>> |\.\.\. |\.\.\.$|\$ "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"

autosummary_generate = True
autodoc_typehints = "none"
# Methods appear on the page of their class; a table of them would link to nothing.
numpydoc_show_class_members = False
# "1" in the references of two methods of one class is not one footnote.
numpydoc_class_members_toctree = False
# These words are links where they are the type of a parameter; others are no names.
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {
    # Those that numpydoc has lead to glossaries, which a build without a network lacks.
    **{word: word for word in DEFAULT_LINKS},
    "ActiveLearner": "skactive.ActiveLearner",
    "BenchmarkResult": "skactive.benchmark.BenchmarkResult",
    "Bunch": "sklearn.utils.Bunch",
    "Journal": "skactive.io.Journal",
    "QueryStrategy": "skactive.QueryStrategy",
    "RandomState": "numpy.random.RandomState",
    "ndarray": "numpy.ndarray",
}

sphinx_gallery_conf = {
    "examples_dirs": ["../examples"],
    "gallery_dirs": ["auto_examples"],
    "filename_pattern": r"plot_",
    # The parts of the class are in the order of their numbers.
    "within_subsection_order": "FileNameSortKey",
    "subsection_order": ExplicitOrder(
        [
            "../examples/teaching",
            "../examples/oracles",
            "../examples/metrics",
            "../examples/benchmark",
            "../examples/uncertainty",
            "../examples/disagreement",
            "../examples/diversity",
            "../examples/compose",
            "../examples/lookahead",
            "../examples/graph",
            "../examples/deep",
            "../examples/stream",
            "../examples/testing",
        ]
    ),
    # Pages of the API show the examples that use what they are about.
    "backreferences_dir": "generated/backreferences",
    "doc_module": ("skactive",),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "min_reported_time": 0,
    "remove_config_comments": True,
    "show_memory": False,
    # Pages of seconds that no page leads to, and the search does.
    "write_computation_times": False,
}

# A gallery page must not hide what the test suite would have raised.
warnings.filterwarnings("error", category=FutureWarning, module="skactive")


class Fragments(SphinxDirective):
    """Join the fragments of one version: ``.. fragments:: 0.1``."""

    required_arguments = 1

    def run(self):
        folder = Path(self.env.srcdir, "whats_new", self.arguments[0])
        for path in sorted(folder.glob("*.rst"), reverse=True):
            self.env.note_dependency(str(path))
            lines = path.read_text(encoding="utf-8").splitlines()
            self.state_machine.insert_input([*lines, ""], str(path))
        return []


def linkcode_resolve(domain, info):
    """Return where the source of a documented name is; Sphinx looks for this name."""
    return source_url(REPOSITORY, release, info["module"], info["fullname"])


def skip_foreign(app, what, name, obj, skip, options):
    """Leave out what scikit-learn's base classes bring: it is documented there."""
    return skip or (getattr(obj, "__module__", None) or "").startswith("sklearn.")


def quote_shapes(app, what, name, obj, options, lines):
    """Keep ``shape (n_features_in_,)`` from being read as a link."""
    lines[:] = [
        line.replace("(n_features_in_,)", "(``n_features_in_``,)") for line in lines
    ]


def setup(app):
    app.connect("autodoc-skip-member", skip_foreign)
    app.connect(
        "autodoc-process-docstring", quote_shapes, priority=100
    )  # numpydoc: 500
    app.add_directive("fragments", Fragments)
