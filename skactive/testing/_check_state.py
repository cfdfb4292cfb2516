"""Contract checks of state: seeds, copies, and what must be left as it was."""

import inspect
import pickle
import random
import sys
from unittest import SkipTest

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skactive.testing._problem import N_POOL, build, problem


def _answer(strategy, seed=0):
    """Fit a fresh copy and let it put the whole pool in order."""
    X, y, X_pool = problem()
    return build(strategy, seed).fit(X, y, X_pool).query(N_POOL)


class _GlobalGenerators:
    """Give the global generators a known state, and the old one back at the end."""

    def __init__(self, seed):
        self.seed = seed

    def __enter__(self):
        self.saved = self.states()
        random.seed(self.seed)
        np.random.seed(self.seed)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(self.seed)
        return self

    def __exit__(self, *exc_info):
        random.setstate(self.saved["random"])
        np.random.set_state(self.saved["numpy"])
        if "torch" in self.saved:
            sys.modules["torch"].set_rng_state(self.saved["torch"])

    @staticmethod
    def states():
        states = {"random": random.getstate(), "numpy": np.random.get_state()}
        if "torch" in sys.modules:  # never loaded on behalf of a shallow strategy
            states["torch"] = sys.modules["torch"].get_rng_state()
        return states


def _assert_unfitted(strategy, when):
    try:
        strategy.query(1)
    except NotFittedError:
        return
    raise AssertionError(f"query {when} must raise NotFittedError")


def check_constructor(strategy):
    """Built without arguments; all but the first are keyword-only."""
    cls = type(strategy)
    cls()
    params = list(inspect.signature(cls).parameters.values())
    loose = [p.name for p in params[1:] if p.kind is not p.KEYWORD_ONLY]
    assert not loose, f"make {loose} of {cls.__name__} keyword-only"


def check_fit_returns_self(strategy):
    """``fit(...).query(...)`` can be written in one line."""
    X, y, X_pool = problem()
    unfitted = build(strategy)
    assert unfitted.fit(X, y, X_pool) is unfitted, "fit must return self"


def check_unfitted_is_refused(strategy):
    """``query`` before ``fit`` raises NotFittedError."""
    _assert_unfitted(build(strategy), "before fit")


def check_failed_fit_is_not_a_fit(strategy):
    """After a ``fit`` that was refused, ``query`` raises NotFittedError."""
    X, y, X_pool = problem()
    strategy = build(strategy)
    try:
        strategy.fit(X, y, X_pool[:, :3])
    except ValueError:
        _assert_unfitted(strategy, "after a fit that failed")
    else:
        raise AssertionError("a pool of another width must be refused")


def check_same_seed_same_query(strategy):
    """One seed, one answer, whatever state the global generators are in."""
    answers = []
    for global_seed in (1, 2):
        with _GlobalGenerators(global_seed):
            answers.append(_answer(strategy))
    np.testing.assert_array_equal(
        *answers,
        err_msg="two fits with one random_state answer differently: draw from "
        "random_state, never from a global generator",
    )


def check_global_generators_are_left_alone(strategy):
    """Neither ``fit`` nor ``query`` advances the generators of random and numpy."""
    with _GlobalGenerators(0) as generators:
        before = joblib.hash([generators.states()[k] for k in ("random", "numpy")])
        _answer(strategy)
        after = joblib.hash([generators.states()[k] for k in ("random", "numpy")])
    assert before == after, "a global generator was used; draw from random_state"


def check_seed_reaches_torch(strategy):
    """One seed, one answer from nets too, and torch's generator is left alone.

    A strategy that does not use torch passes: torch is not loaded for it.
    """
    _answer(strategy)  # a strategy that needs torch has loaded it now
    if "torch" not in sys.modules:
        return
    answers = []
    for global_seed in (1, 2):
        with _GlobalGenerators(global_seed) as generators:
            before = generators.states()["torch"].clone()
            answers.append(_answer(strategy))
            untouched = bool((generators.states()["torch"] == before).all())
        assert untouched, (
            "torch's global generator was advanced; train and predict under "
            "torch.random.fork_rng() and a seed from random_state"
        )
    np.testing.assert_array_equal(
        *answers, err_msg="random_state does not reach torch: two fits differ"
    )


def check_query_twice_is_the_same(strategy):
    """``query`` answers twice the same and leaves the fitted state alone."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    before = joblib.hash(vars(fitted))
    first = fitted.query(4)
    assert joblib.hash(vars(fitted)) == before, (
        "query changed the fitted strategy; keep what is drawn or computed local, and "
        "take random numbers from _query_random_state()"
    )
    fitted.query(2)
    np.testing.assert_array_equal(fitted.query(4), first)


def check_answer_belongs_to_the_caller(strategy):
    """Writing into an answer does not change the next one."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    answer = fitted.query(4)
    expected = answer.copy()
    answer[:] = 0
    np.testing.assert_array_equal(fitted.query(4), expected)


def check_inputs_are_left_alone(strategy):
    """``X``, ``y`` and ``X_pool`` are read, never written to."""
    X, y, X_pool = problem()
    before = joblib.hash([X, y, X_pool])
    build(strategy).fit(X, y, X_pool).query(4)
    assert joblib.hash([X, y, X_pool]) == before, "the data was written to; copy first"


def check_read_only_inputs(strategy):
    """Memory-mapped, read-only data is enough."""
    X, y, X_pool = problem()
    expected = build(strategy).fit(X, y, X_pool).query(4)
    for array in (X, y, X_pool):
        array.setflags(write=False)
    answer = build(strategy).fit(X, y, X_pool).query(4)
    np.testing.assert_array_equal(answer, expected)


def check_clone_gives_the_same_query(strategy):
    """A clone of a fitted strategy is unfitted; once fitted, it answers the same."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    copy = clone(fitted)
    _assert_unfitted(copy, "of a clone")
    np.testing.assert_array_equal(copy.fit(X, y, X_pool).query(4), fitted.query(4))


def check_pickle_gives_the_same_query(strategy):
    """A fitted strategy survives a pickle."""
    cls = type(strategy)
    if getattr(sys.modules.get(cls.__module__), cls.__name__, None) is not cls:
        raise SkipTest(f"{cls.__name__} is not at the top of an imported module")
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.query(4), fitted.query(4))


def check_refit_forgets(strategy):
    """Fitted again, a strategy answers as if it had never seen other data."""
    X, y, X_pool = problem()
    other = problem(n_labeled=12, n_pool=20, random_state=1)
    refitted = build(strategy).fit(*other)
    refitted.query(4)
    expected = build(strategy).fit(X, y, X_pool).query(4)
    np.testing.assert_array_equal(refitted.fit(X, y, X_pool).query(4), expected)
