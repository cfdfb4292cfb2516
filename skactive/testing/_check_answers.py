"""Contract checks of the answer: n distinct positions in the pool, for every n."""

import warnings

import numpy as np

from skactive.exceptions import PoolExhaustedWarning
from skactive.testing._problem import build, problem


def assert_positions(positions, n, n_pool):
    """Fail unless ``positions`` are ``n`` distinct positions in a pool."""
    assert isinstance(positions, np.ndarray), (
        f"query must return an ndarray, got {type(positions).__name__}"
    )
    assert positions.dtype == np.intp, f"expected dtype intp, got {positions.dtype}"
    assert positions.shape == (n,), f"expected {n} positions, got {positions.shape}"
    assert len(set(positions.tolist())) == n, f"positions repeat: {positions.tolist()}"
    assert positions.min() >= 0 and positions.max() < n_pool, (
        f"positions must lie in the pool, 0..{n_pool - 1}: {positions.tolist()}"
    )


def check_answer_is_distinct_positions(strategy):
    """``query(n)`` answers with n distinct positions of dtype intp."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    for n in (1, 2, 5):
        assert_positions(fitted.query(n), n, len(X_pool))
    assert_positions(fitted.query(), 1, len(X_pool))


def check_whole_pool_is_a_permutation(strategy):
    """``query(n_pool)`` is a permutation, whether X is longer than the pool or not."""
    for n_labeled, n_pool in ((18, 7), (9, 21)):
        X, y, X_pool = problem(n_labeled, n_pool)
        answer = build(strategy).fit(X, y, X_pool).query(n_pool)
        assert_positions(answer, n_pool, n_pool)


def check_pool_of_one(strategy):
    """A pool of one sample is asked for that sample."""
    X, y, X_pool = problem()
    answer = build(strategy).fit(X, y, X_pool[:1]).query(1)
    assert_positions(answer, 1, 1)


def check_exhausted_pool_warns(strategy):
    """More than the pool holds: all are returned, with a PoolExhaustedWarning."""
    X, y, X_pool = problem(n_pool=5)
    fitted = build(strategy).fit(X, y, X_pool)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = fitted.query(8)
    assert_positions(answer, 5, 5)
    kinds = [w.category for w in caught]
    assert kinds.count(PoolExhaustedWarning) == 1, (
        f"expected one PoolExhaustedWarning, got {kinds}"
    )


def check_bad_n_is_refused(strategy):
    """``n`` below one, a float, a bool, a string or None is refused."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    for n in (0, -1, 1.0, 2.5, True, np.True_, "2", None, [1]):
        try:
            fitted.query(n)
        except (TypeError, ValueError) as error:
            assert "n " in str(error), f"the error must name n: {error}"
        else:
            raise AssertionError(f"query({n!r}) must raise")


def check_numpy_n(strategy):
    """A numpy integer is as good an ``n`` as an int."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    for kind in (np.int64, np.int32, np.uint8):
        np.testing.assert_array_equal(fitted.query(kind(3)), fitted.query(3))


def check_identical_points(strategy):
    """Samples that are all duplicates are still distinct samples."""
    X, y, X_pool = problem(n_pool=9)
    same = np.repeat(X_pool[:1], 9, axis=0)
    # Then also those that are labeled lie on the same point.
    for labeled in (X, np.repeat(X_pool[:1], len(X), axis=0)):
        fitted = build(strategy).fit(labeled, y, same)
        for n in (1, 4, 9):
            assert_positions(fitted.query(n), n, 9)


def check_few_distinct_points(strategy):
    """More samples are asked for than there are distinct ones."""
    X, y, X_pool = problem(n_pool=3)
    repeated = np.repeat(X_pool, 4, axis=0)
    fitted = build(strategy).fit(X, y, repeated)
    for n in (3, 5, 12):
        assert_positions(fitted.query(n), n, 12)


def check_exclude_and_among(strategy):
    """Nothing of ``exclude`` is asked for, and nothing but ``among``."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    n_pool = len(X_pool)
    held = fitted.query(3)
    answer = fitted.query(4, exclude=held)
    assert_positions(answer, 4, n_pool)
    assert not set(answer) & set(held), f"{held.tolist()} are held: {answer.tolist()}"
    np.testing.assert_array_equal(fitted.query(4, exclude=held), answer)
    among = np.arange(1, n_pool, 2)
    answer = fitted.query(3, exclude=among[:2], among=among)
    assert_positions(answer, 3, n_pool)
    assert set(answer) <= set(among[2:]), f"not among {among[2:]}: {answer.tolist()}"
    np.testing.assert_array_equal(fitted.query(3), held)  # nothing of it is kept
    rest = fitted.query(n_pool - 3, exclude=held)
    np.testing.assert_array_equal(np.sort([*held, *rest]), np.arange(n_pool))


def check_bad_exclude_is_refused(strategy):
    """What are no positions in the pool is refused."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    for name in ("exclude", "among"):
        for bad in ([len(X_pool)], [-1], [0.5], np.ones(len(X_pool), dtype=bool), "a"):
            try:
                fitted.query(1, **{name: bad})
            except ValueError as error:
                assert name in str(error), f"the error must name {name}: {error}"
            else:
                raise AssertionError(f"query({name}={bad!r}) must raise")
