"""Private scikit-learn names in one place, and callbacks where nobody listens."""

import ast
import importlib.util
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression

from skactive import _sklearn
from skactive._sklearn import NoCallbacks, callback_context, propagate_callbacks

FILE = Path(_sklearn.__file__)

# In scikit-learn's own list of what its developers offer to others.
DOCUMENTED = {"_safe_indexing"}


def private_names(source):
    """Yield the names with an underscore that a source text takes of scikit-learn."""
    for node in ast.walk(ast.parse(source)):
        taken = []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            taken = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            taken = [alias.name for alias in node.names]
        for name in taken:
            first, *parts = name.split(".")
            if first == "sklearn":
                yield from [part for part in parts if part.startswith("_")][:1]


def test_all_names_are_there_and_listed_once():
    assert len(set(_sklearn.__all__)) == len(_sklearn.__all__)
    for name in _sklearn.__all__:
        assert getattr(_sklearn, name) is not None, name


def test_no_other_file_takes_a_private_name():
    found = {
        (path.relative_to(FILE.parent).as_posix(), name)
        for path in FILE.parent.rglob("*.py")
        if path != FILE
        for name in private_names(path.read_text(encoding="utf-8"))
        if name not in DOCUMENTED
    }
    assert found == set()


@pytest.mark.parametrize(
    "source, names",
    [
        ("from sklearn.utils import _safe_indexing, resample", ["_safe_indexing"]),
        ("def f():\n    from sklearn.base import _fit_context", ["_fit_context"]),
        (
            "from sklearn.utils._param_validation import Interval",
            ["_param_validation"],
        ),
        ("import sklearn, sklearn.utils._tags", ["_tags"]),
        ("from sklearn.base import clone", []),
        ("from skactive._sklearn import _num_samples", []),
        ("from . import _sklearn\nfrom .sklearn import _x", []),
    ],
)
def test_a_private_name_is_seen_where_it_is_taken(source, names):
    assert list(private_names(source)) == names


# ------------------------------------------------------------ callbacks


def test_where_nobody_listens_nothing_stops_and_nothing_is_kept():
    context = NoCallbacks()
    assert context.subcontext(task_name="round", max_subtasks=3) is context
    assert context.call_on_fit_task_begin(X=1) is context
    # True would end the run.
    assert context.call_on_fit_task_end(estimator=object()) is False
    with context.propagate_callback_context(LogisticRegression()) as given:
        assert given is None
    assert vars(context) == {}


def test_an_estimator_without_callbacks_has_a_silent_context():
    assert isinstance(callback_context(object(), task_name="fit"), NoCallbacks)


def test_an_estimator_with_callbacks_makes_its_own_context():
    class Listener:
        def _init_callback_context(self, **kwargs):
            return kwargs

    context = callback_context(Listener(), task_name="fit", max_subtasks=5)
    assert context == {"task_name": "fit", "max_subtasks": 5}


def test_callbacks_reach_an_estimator_that_takes_them_and_only_that():
    reached = []

    class Context:
        @contextmanager
        def propagate_callback_context(self, estimator):
            reached.append(estimator)
            yield
            reached.append("done")

    class Takes:
        def set_callbacks(self, *callbacks):
            return self

    takes = Takes()
    with propagate_callbacks(Context(), takes):
        assert reached == [takes]
    assert reached == [takes, "done"]
    with propagate_callbacks(Context(), object()):
        pass
    assert reached == [takes, "done"]


def test_a_scikit_learn_without_callbacks_is_enough(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    spec = importlib.util.spec_from_file_location("old_sklearn_names", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    class Learner(module.CallbackSupportMixin):
        pass

    assert module.CallbackSupportMixin.__mro__[1:] == (object,)
    context = module.callback_context(Learner())
    assert isinstance(context, module.NoCallbacks)
    with module.propagate_callbacks(context, Learner()):
        pass
    with pytest.raises(NotImplementedError, match=r"scikit-learn 1.9.*progress\(\):"):
        Learner().set_callbacks(object())
