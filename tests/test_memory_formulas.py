"""The table of memory in docs/batch_speed.rst, against arrays that are held at once."""

import gc
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import BaggingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from skactive.disagreement import BALD, BatchBALD
from skactive.diversity import BADGE, ALFAMix, Falcun
from skactive.uncertainty import QUIRE, MarginSampling

PAGE = Path(__file__).parents[1] / "docs" / "batch_speed.rst"
SIZES = {"N": 30_000, "C": 20, "L": 200, "n": 20, "K": 6, "d": 8, "s": 4}


def row_of(name):
    """Return what the table says of a strategy."""
    rows = PAGE.read_text("utf-8").partition(".. _memory_of_strategies:")[2]
    found = re.search(
        rf"^[^\n]*``{name}``[^\n]*?  +(\S.*(?:\n {{40,}}.*)*)", rows, re.M
    )
    return " ".join(found[1].split())


def formula_of(name):
    """Return the bytes of the first formula of the row, at SIZES."""
    formula = re.split(r" and |, |;| \+ 40 M K", row_of(name))[0]
    formula = re.sub(r"(?<=[\w)²]) (?=[\w(])", " * ", formula).replace("²", "**2")
    return eval(formula, {}, SIZES)


def labeled_and_pool():
    rng = np.random.RandomState(0)
    y = rng.randint(SIZES["C"], size=SIZES["L"] + SIZES["N"])
    y[: SIZES["C"]] = np.arange(SIZES["C"])
    X = rng.normal(size=(len(y), SIZES["d"])) + np.eye(SIZES["C"], SIZES["d"])[y]
    return X[: SIZES["L"]], y[: SIZES["L"]], X[SIZES["L"] :].astype(np.float32)


@pytest.mark.parametrize(
    "cls", [BADGE, Falcun, ALFAMix, QUIRE, MarginSampling, BALD, BatchBALD]
)
def test_a_strategy_takes_what_the_table_says(cls):
    """A model that answers in double precision, on samples in single precision."""
    X, y, X_pool = labeled_and_pool()
    model = LogisticRegression(tol=0.1)
    if cls in (BALD, BatchBALD):
        model = BaggingClassifier(model, SIZES["K"], random_state=0)
    given = () if cls is QUIRE else (FrozenEstimator(model.fit(X, y)),)
    strategy, X = cls(*given, random_state=0), X.astype(np.float32)
    gc.collect()
    tracemalloc.start()
    try:
        strategy.fit(X, y, X_pool).query(SIZES["n"])
        measured = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    expected, more = formula_of(cls.__name__), 5e5
    if "blocks" in row_of(cls.__name__):
        more = 8e6
    if "member" in row_of(cls.__name__):
        more = 24 * SIZES["N"] * SIZES["C"]
    assert 0.6 * expected < measured < 1.1 * expected + more, (measured, expected)
