"""Under which names strategies run: chance and margin first, and each of them once."""

from collections.abc import Mapping

from sklearn.base import is_classifier

from skactive.base import QueryStrategy
from skactive.benchmark._describe import describe
from skactive.benchmark._menu import strategy_named
from skactive.diversity import RandomSampling
from skactive.uncertainty import MarginSampling
from skactive.utils._constraints import refuse_class, refuse_classes

BASELINE, MARGIN = "RandomSampling", "MarginSampling"


def named_strategies(strategies, estimator, *, in_columns=False):
    """Return strategies by name: chance first, then margin, then the others.

    Parameters
    ----------
    strategies : str, strategy, list or dict
        What was given to the benchmark.
    estimator : estimator object
        The model. Margin is always on where it has probabilities, of one label each.
    in_columns : bool, default=False
        Whether a row has several labels, of which margin asks nothing.

    Returns
    -------
    named : dict of str to strategy
        The first one is chance, under whatever name.
    """
    if isinstance(strategies, (str, type, QueryStrategy)):  # a class is refused below
        strategies = [strategies]
    given = _given(strategies)
    always = [(BASELINE, RandomSampling())]
    has_margin = is_classifier(estimator) and hasattr(estimator, "predict_proba")
    if has_margin and not in_columns:
        always.append((MARGIN, MarginSampling()))
    first = {}
    for name, part in always:
        if name in given:
            if type(given[name]) is not type(part):
                raise ValueError(
                    f"{name} is the name of a baseline that is always on, and "
                    f"{type(given[name]).__name__} was called so; give it another name."
                )
            first[name] = given[name]
            continue
        own = [n for n, other in given.items() if _alike(other, part)]
        # Of several none is the one that the others are compared with.
        one = len(own) == 1
        first[own[0] if one else name] = given[own[0]] if one else part
    return {**first, **{n: part for n, part in given.items() if n not in first}}


def name_of_chance(runs):
    """Return what random sampling is called in some runs, None if it is in none."""
    names = [
        run.strategy for run in runs if run.strategy == BASELINE or _by_chance(run)
    ]
    return BASELINE if BASELINE in names else next(iter(names), None)


def _by_chance(run):
    """Tell whether the rows of a run were chosen by chance for the plain model."""
    strategy = run.config.get("strategy")
    by_class = isinstance(strategy, Mapping) and strategy.get("class")
    return by_class == describe(RandomSampling)


def _given(strategies):
    """Return what was given, by name."""
    if isinstance(strategies, Mapping):
        pairs = [
            (str(name), _strategy(part, name)) for name, part in strategies.items()
        ]
    else:
        parts = [_strategy(part) for part in strategies]
        pairs = [(type(part).__name__, part) for part in parts]
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1 and name != BASELINE:
            raise ValueError(
                f"There are several strategies called {name}; give a dict from "
                "names of your own to strategies."
            )
    return dict(pairs)


def _strategy(part, name=None):
    part = strategy_named(part) if isinstance(part, str) else part
    refuse_class(part, "A strategy" if name is None else f"The strategy {name!r}")
    if not hasattr(part, "fit") or not hasattr(part, "query"):
        name = type(part).__name__ if name is None else name
        raise TypeError(f"{name}: {part!r} is not a strategy; it needs fit and query.")
    # A run that fails is kept as such; this one could not have begun.
    inner = part.get_params().values() if hasattr(part, "get_params") else ()
    for each in [part, *inner]:
        if isinstance(each, QueryStrategy):
            refuse_classes(each)
    return part


def _alike(one, other):
    """Tell whether two strategies ask alike; the learner gives both their seeds."""
    if type(one) is not type(other):
        return False
    settings = [describe(part) for part in (one, other)]
    for each in settings:
        each.pop("random_state", None)
    return settings[0] == settings[1]
