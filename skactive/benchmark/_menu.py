"""Names: of strategies, found by discovery, and of data sets."""

import difflib
import fnmatch
from importlib.util import find_spec

from skactive._sklearn import _num_samples
from skactive.benchmark._containers import as_rows, as_targets
from skactive.benchmark._describe import fingerprint
from skactive.benchmark._run import Data
from skactive.datasets import list_datasets, load_dataset
from skactive.testing import all_strategies

SHORT = {"qbc": "QueryByCommittee", "density": "InformationDensity"}


def strategy_named(name):
    """Return a strategy by its class name, with or without "Sampling", in any case."""
    torch = find_spec("torch") is not None
    # Those that load torch are looked at only if no other has the name.
    for deep in (False, True) if torch else (False,):
        menu = {cls.__name__: cls for cls in all_strategies(deep=deep, numbers=True)}
        keys = {}
        for full in menu:
            for known in (full, full.removesuffix("Sampling")):
                keys[plain_name(known)] = full
        keys.update(SHORT)
        if plain_name(name) in keys:
            return menu[keys[plain_name(name)]]()
    missing = "" if torch else " Those that train nets: pip install 'skactive[deep]'."
    raise ValueError(
        f"There is no strategy called {name!r}. Similar: {near_names(name, menu)}. "
        f"All: {', '.join(sorted(menu))}.{missing}"
    )


def near_names(name, menu):
    """Return the names most like one that does not exist, in one line."""
    plain = {plain_name(full.removesuffix("Sampling")): full for full in menu}
    near = difflib.get_close_matches(plain_name(name), plain, n=3, cutoff=0.4)
    return ", ".join(plain[key] for key in near) or "none"


def matching_names(pattern):
    """Return the names of data sets that a pattern such as "al_survey2021/*" fits."""
    if not any(sign in pattern for sign in "*?["):
        return [pattern]
    names = fnmatch.filter(list_datasets(), pattern)
    if not names:
        raise ValueError(f"No data set has a name that fits {pattern!r}.")
    return names


def as_data(value, name=None):
    """Return samples and labels, whatever they were given as."""
    if isinstance(value, Data):
        return value
    if isinstance(value, str):
        value, name = load_dataset(value), name or value
    X_test = y_test = task = None
    if hasattr(value, "target"):
        X, y, name = value.data, value.target, name or getattr(value, "name", None)
        X_test = getattr(value, "test_data", None)
        y_test = getattr(value, "test_target", None)
        task = getattr(value, "task", None)
    else:
        try:
            X, y = value
        except (TypeError, ValueError):
            raise TypeError(
                "A data set must be a name, a Bunch with data and target, or a pair "
                f"(X, y); got {type(value).__name__}."
            ) from None
    if name is None:
        raise ValueError("Give the data set a name: datasets={'name': (X, y)}.")
    if (X_test is None) != (y_test is None):
        raise ValueError(f"{name}: give test_data and test_target, or neither.")
    X, y = _as_pair(X, y, name)
    parts = [X, y]
    if X_test is not None:
        X_test, y_test = _as_pair(X_test, y_test, f"{name}, its test part")
        parts += [X_test, y_test]
    return Data(str(name), X, y, fingerprint(*parts), X_test, y_test, task)


def _as_pair(X, y, name):
    X = as_rows(X, name)
    return X, as_targets(y, _num_samples(X), name)


def plain_name(name):
    """Return a name as it is compared with others: in small letters alone."""
    return name.replace("-", "").replace("_", "").replace(" ", "").lower()
