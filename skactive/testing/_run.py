"""Run the contract checks: one by one, all at once, or as tests of pytest."""

import inspect
import re
import warnings
from functools import wraps
from unittest import SkipTest

from sklearn.utils import get_tags

from skactive.exceptions import UnsuitedWarning
from skactive.testing import (
    _check_answers,
    _check_inputs,
    _check_scores,
    _check_state,
)
from skactive.testing._problem import has_front_door, takes_classes


def _checks_in(module):
    return [f for name, f in vars(module).items() if name.startswith("check_")]


def _about_answers(check):
    """Let a check ask for batches, without advice on how to make good ones."""

    @wraps(check)
    def quiet(strategy):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnsuitedWarning)
            return check(strategy)

    return quiet


def strategy_checks(strategy):
    """Yield the contract checks that apply to a strategy.

    Parameters
    ----------
    strategy : QueryStrategy
        An instance, fitted or not. It is cloned, never changed.

    Yields
    ------
    name : str
        Name of the check; it says the behavior.
    check : callable
        ``check(strategy)`` returns None, or raises AssertionError (or whatever the
        strategy itself raised). It raises :class:`unittest.SkipTest` where a
        library is missing.

    Notes
    -----
    Those of scores apply to every strategy with a method ``score_samples``, whichever
    its base: it then promises that the highest scores are what it asks for.

    Examples
    --------
    >>> from skactive.diversity import RandomSampling
    >>> from skactive.testing import strategy_checks
    >>> names = [name for name, check in strategy_checks(RandomSampling())]
    >>> "check_whole_pool_is_a_permutation" in names
    True
    """
    checks = [
        *_checks_in(_check_answers),
        *_checks_in(_check_inputs),
        *_checks_in(_check_state),
    ]
    if hasattr(strategy, "score_samples"):
        checks += _checks_in(_check_scores)
    needs_y = get_tags(strategy).target_tags.required
    does_not_apply = {
        _check_inputs.check_cold_start: needs_y,
        _check_inputs.check_labels_are_required: not needs_y,
        _check_inputs.check_mixed_columns: not has_front_door(strategy),
        _check_inputs.check_one_class: not takes_classes(strategy),
        _check_inputs.check_string_labels: not takes_classes(strategy),
        _check_inputs.check_integer_labels: not takes_classes(strategy),
    }
    for check in checks:
        if not does_not_apply.get(check, False):
            yield check.__name__, _about_answers(check)


def check_strategy(strategy, *, on_fail="raise"):
    """Check that a strategy keeps the contract.

    Parameters
    ----------
    strategy : QueryStrategy
        An instance with settings small enough to be fitted some hundred times. It is
        cloned, never changed.
    on_fail : {"raise", "warn"} or None, default="raise"
        What to do about a failing check: raise its error, warn and continue, or only
        report.

    Returns
    -------
    results : list of dict
        One per check, with keys "check_name", "status" ("passed", "failed" or
        "skipped") and "exception" (None if passed).

    Raises
    ------
    ValueError
        If ``on_fail`` is something else.
    AssertionError
        If a check fails and ``on_fail="raise"``; or the error of the strategy itself.

    Notes
    -----
    About 60 fits of the strategy on a few dozen samples.

    Examples
    --------
    >>> from skactive.diversity import RandomSampling
    >>> from skactive.testing import check_strategy
    >>> results = check_strategy(RandomSampling())
    >>> {result["status"] for result in results}
    {'passed'}
    """
    if on_fail not in ("raise", "warn", None):
        raise ValueError(f'on_fail must be "raise", "warn" or None, got {on_fail!r}.')
    results = []
    for name, check in strategy_checks(strategy):
        result = {"check_name": name, "status": "passed", "exception": None}
        results.append(result)
        try:
            check(strategy)
        except SkipTest as reason:
            result.update(status="skipped", exception=reason)
        except Exception as error:
            if on_fail == "raise":
                raise
            result.update(status="failed", exception=error)
            if on_fail == "warn":
                warnings.warn(
                    f"{type(strategy).__name__} fails {name}: {error}", stacklevel=2
                )
    return results


def parametrize_with_checks(strategies, *, expected_failed_checks=None):
    """Decorate a test of pytest: one test per strategy and check.

    Parameters
    ----------
    strategies : list of QueryStrategy
        Instances.
    expected_failed_checks : callable, default=None
        ``expected_failed_checks(strategy)`` returns a dict from names of checks to
        the reason why they fail. Such a test must fail, strictly. None: all pass.

    Returns
    -------
    decorator : MarkDecorator
        For a function with the arguments ``strategy`` and ``check``.

    Raises
    ------
    ValueError
        If a check that is expected to fail does not exist: a misspelled name would
        excuse nothing, unnoticed.
    TypeError
        If a class is given in place of an instance.

    Examples
    --------
    In a file of tests::

        @parametrize_with_checks([MySampling(), MySampling(width=3)])
        def test_contract(strategy, check):
            check(strategy)

    >>> from skactive.diversity import RandomSampling
    >>> from skactive.testing import parametrize_with_checks
    >>> parametrize_with_checks([RandomSampling()]).name
    'parametrize'
    """
    import pytest

    params = []
    for strategy in strategies:
        if inspect.isclass(strategy):
            raise TypeError(f"Pass an instance, {strategy.__name__}(), not the class.")
        reasons = expected_failed_checks(strategy) if expected_failed_checks else {}
        checks = dict(strategy_checks(strategy))
        unknown = sorted(set(reasons) - set(checks))
        if unknown:
            raise ValueError(
                f"{unknown} are no checks of {type(strategy).__name__}; the names are "
                f"those of strategy_checks: {sorted(checks)}."
            )
        for name, check in checks.items():
            marks = (
                [pytest.mark.xfail(strict=True, reason=reasons[name])]
                if name in reasons
                else []
            )
            # Settings are part of the id, so that two of one class stay apart.
            # Where a function lies differs between the processes of pytest-xdist.
            text = re.sub(r" at 0x[0-9A-Fa-f]+", "", " ".join(repr(strategy).split()))
            params.append(
                pytest.param(strategy, check, marks=marks, id=f"{text}-{name}")
            )
    return pytest.mark.parametrize("strategy, check", params)
