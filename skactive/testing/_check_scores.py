"""Contract checks of scores: one finite number per sample, higher is wanted more."""

import numpy as np

from skactive.testing._problem import N_POOL, build, problem


def _close(actual, expected, message):
    single = np.asarray(expected).dtype == np.float32
    rtol = 1e-4 if single else 1e-7
    np.testing.assert_allclose(actual, expected, rtol, rtol / 10, err_msg=message)


def check_scores_are_finite(strategy):
    """One finite real number per sample, for pool and labeled samples alike."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    # Far away, models are as certain as they ever get.
    for samples in (X_pool, X, 1e3 * X_pool, X_pool[:1]):
        scores = np.asarray(fitted.score_samples(samples))
        assert scores.shape == (len(samples),), (
            f"expected {len(samples)} scores, one per sample, got {scores.shape}"
        )
        assert scores.dtype.kind in "fiu", f"scores must be real, got {scores.dtype}"
        assert np.isfinite(scores).all(), f"scores must be finite, got {scores}"


def check_scores_do_not_depend_on_order(strategy):
    """Shuffled samples have the shuffled scores."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    order = np.random.RandomState(1).permutation(N_POOL)
    scores = np.asarray(fitted.score_samples(X_pool))
    shuffled = fitted.score_samples(X_pool[order])
    _close(shuffled, scores[order], "scores depend on the order of the samples")


def check_scores_do_not_depend_on_company(strategy):
    """A sample has the same score alone as among others."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    scores = fitted.score_samples(X_pool)
    alone = np.concatenate([fitted.score_samples(X_pool[[i]]) for i in range(N_POOL)])
    _close(alone, scores, "scores depend on which samples are scored together")


def check_highest_scores_are_asked_for(strategy):
    """``query(n)`` are the n highest scores, highest first."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    scores = np.asarray(fitted.score_samples(X_pool))
    for n in (1, 4, N_POOL):
        np.testing.assert_array_equal(
            scores[fitted.query(n)],
            np.sort(scores)[::-1][:n],
            err_msg="higher is more worth a label: query must take the highest scores",
        )


def check_scoring_leaves_state_alone(strategy):
    """Scoring twice gives the same scores, and the same query afterwards."""
    X, y, X_pool = problem()
    fitted = build(strategy).fit(X, y, X_pool)
    expected = fitted.query(4)
    first = np.asarray(fitted.score_samples(X_pool)).copy()
    np.testing.assert_array_equal(fitted.score_samples(X_pool), first)
    np.testing.assert_array_equal(fitted.query(4), expected)
