"""Contract checks of what goes in: labels, containers, shapes, and what is refused."""

from unittest import SkipTest

import numpy as np
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skactive.testing._check_answers import assert_positions
from skactive.testing._problem import (
    FourAxesOnly,
    behind,
    build,
    has_front_door,
    problem,
)


def _pandas():
    try:
        import pandas
    except ImportError as error:
        raise SkipTest("pandas is not installed") from error
    return pandas


def _assert_refused(call, word, *, what):
    """Fail unless ``call`` raises a ValueError in which ``word`` occurs."""
    try:
        call()
    except ValueError as error:
        assert word.lower() in str(error).lower(), (
            f"{what}: the error must mention {word!r}, it says: {error}"
        )
    else:
        raise AssertionError(f"{what} must raise a ValueError")


def check_cold_start(strategy):
    """With nothing labeled, ``X`` is the pool."""
    _, _, X_pool = problem()
    fitted = build(strategy).fit(X_pool)
    assert_positions(fitted.query(3), 3, len(X_pool))
    assert_positions(fitted.query(len(X_pool)), len(X_pool), len(X_pool))


def check_labels_are_required(strategy):
    """A strategy whose tags say that it needs labels refuses to go without."""
    X, _, X_pool = problem()
    what = "fit without y"
    _assert_refused(lambda: build(strategy).fit(X), "y", what=what)
    _assert_refused(lambda: build(strategy).fit(X, None, X_pool), "y", what=what)


def check_one_class(strategy):
    """Labels of one class only: an answer, or a ValueError that says "class"."""
    X, y, X_pool = problem()
    try:
        fitted = build(strategy).fit(X, np.zeros_like(y), X_pool)
        answer = fitted.query(3)
    except ValueError as error:
        assert "class" in str(error), f'the error must say "class": {error}'
    else:
        assert_positions(answer, 3, len(X_pool))


def _assert_names_do_not_matter(strategy, names):
    X, y, X_pool = problem(n_classes=len(names))
    expected = build(strategy).fit(X, y, X_pool).query(5)
    named = build(strategy).fit(X, np.array(names)[y], X_pool).query(5)
    np.testing.assert_array_equal(
        named, expected, err_msg=f"labels {names} lead to other answers than 0, 1, ..."
    )


def check_string_labels(strategy):
    """Classes named by strings are asked for as those named 0, 1, 2."""
    _assert_names_do_not_matter(strategy, ["ant", "bee", "cicada"])


def check_integer_labels(strategy):
    """Classes named -1 and 7 are asked for as those named 0 and 1."""
    _assert_names_do_not_matter(strategy, [-1, 7])


def check_data_frame(strategy):
    """Data frames are answered with positions, whatever their index."""
    pd = _pandas()
    X, y, X_pool = problem()
    columns = ["a", "b", "c", "d"]
    frame = pd.DataFrame(X, columns=columns)
    index = np.arange(len(X_pool))[::-1] + 100
    frame_pool = pd.DataFrame(X_pool, columns=columns, index=index)
    expected = build(strategy).fit(X, y, X_pool).query(5)
    answer = build(strategy).fit(frame, pd.Series(y), frame_pool).query(5)
    np.testing.assert_array_equal(answer, expected)


def check_mixed_columns(strategy):
    """Columns of numbers and of names arrive at a ColumnTransformer inside."""
    pd = _pandas()
    X, y, X_pool = problem()

    def frame(numbers):
        named = pd.DataFrame(numbers[:, :2], columns=["height", "width"])
        color = np.where(numbers[:, 2] > 0, "red", "blue").astype(object)
        return named.assign(color=color)

    encode = make_column_transformer(
        (StandardScaler(), ["height", "width"]),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["color"]),
    )
    fitted = behind(encode, strategy).fit(frame(X), y, frame(X_pool))
    assert_positions(fitted.query(4), 4, len(X_pool))


def check_sparse_pool(strategy):
    """CSR is answered as the same numbers in an array, or refused clearly."""
    X, y, X_pool = problem()
    X, X_pool = np.where(X > 0, X, 0), np.where(X_pool > 0, X_pool, 0)
    expected = build(strategy).fit(X, y, X_pool).query(4)
    for container in (sparse.csr_array, sparse.csr_matrix):
        try:
            fitted = build(strategy).fit(container(X), y, container(X_pool))
        except (TypeError, ValueError) as error:
            text = str(error).lower()
            assert "sparse" in text or "dense" in text, (
                f"a refusal of CSR must say so, this one says: {error}"
            )
        else:
            np.testing.assert_array_equal(fitted.query(4), expected)


def check_float32(strategy):
    """Samples in float32 are answered."""
    X, y, X_pool = problem()
    X, X_pool = X.astype(np.float32), X_pool.astype(np.float32)
    assert_positions(build(strategy).fit(X, y, X_pool).query(5), 5, len(X_pool))


def check_four_axes_are_left_alone(strategy):
    """Images reach what the strategy fits with their four axes."""
    X, y, X_pool = problem()
    X, X_pool = X.reshape(-1, 1, 2, 2), X_pool.reshape(-1, 1, 2, 2)
    if has_front_door(strategy):
        fitted = behind(FourAxesOnly(), strategy).fit(X, y, X_pool)
    else:
        fitted = build(strategy).fit(X, y, X_pool)
    assert_positions(fitted.query(4), 4, len(X_pool))


def check_list_pool(strategy):
    """Lists of lists are answered as arrays."""
    X, y, X_pool = problem()
    expected = build(strategy).fit(X, y, X_pool).query(5)
    answer = build(strategy).fit(X.tolist(), y.tolist(), X_pool.tolist()).query(5)
    np.testing.assert_array_equal(answer, expected)


def check_missing_pool_is_named(strategy):
    """Fitted with labels and no pool, ``query`` says to pass ``X_pool``."""
    X, y, _ = problem()
    fitted = build(strategy).fit(X, y)
    _assert_refused(lambda: fitted.query(1), "X_pool", what="query without a pool")


def check_pool_of_other_width_is_refused(strategy):
    """Samples of ``X`` and ``X_pool`` must have as many features."""
    X, y, X_pool = problem()
    _assert_refused(
        lambda: build(strategy).fit(X, y, X_pool[:, :3]),
        "features",
        what="a pool of another width",
    )


def check_other_length_of_y_is_refused(strategy):
    """``y`` must have one label per row of ``X``."""
    X, y, X_pool = problem()
    _assert_refused(
        lambda: build(strategy).fit(X, y[:-1], X_pool),
        "samples",
        what="X and y of different lengths",
    )
