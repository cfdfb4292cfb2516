"""What a run begins with: simulated, or by hand."""

import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skactive.exceptions import AmbiguousTargetWarning
from skactive.learner._begin import open_run
from skactive.utils._answers import ClassAnswers

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 2, 0])


@pytest.mark.parametrize("simulate", ["auto", True])
def test_a_complete_y_simulates_in_silence(simulate):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_run(X, Y, ClassAnswers(), simulate=simulate).simulated


def test_a_complete_y_can_be_labels_in_hand():
    run = open_run(X, Y, ClassAnswers(), simulate=False)
    assert not run.simulated
    assert_array_equal(run.ledger.labels, Y)
    assert run.ledger.labels.dtype == Y.dtype


def test_simulate_true_says_how_many_labels_are_missing():
    y = np.array([0, np.nan, 1, np.nan, 2, 0])
    with pytest.raises(ValueError, match="simulate=True needs every label, and 2 of 6"):
        open_run(X, y, ClassAnswers(), simulate=True)
    with pytest.raises(ValueError, match="6 of 6"):
        open_run(X, None, ClassAnswers(), simulate=True, has_oracle=True)


def test_a_complete_y_and_an_oracle_are_one_too_many():
    for simulate in ("auto", True):
        with pytest.raises(ValueError, match=r"nothing to ask.*simulate=False"):
            open_run(X, Y, ClassAnswers(), simulate=simulate, has_oracle=True)
    assert open_run(X, Y, ClassAnswers(), simulate=False, has_oracle=True).warm


def test_a_few_gaps_are_told_of():
    y = np.arange(200) % 3 * 1.0
    y[[7, 11]] = np.nan
    many = np.zeros((200, 1))
    with pytest.warns(AmbiguousTargetWarning, match="2 of 200 labels are missing") as w:
        assert not open_run(many, y, ClassAnswers()).simulated
    assert "simulate=False" in str(w[0].message)
    y[:10] = np.nan  # 11 of 200: work in progress
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_run(many, y, ClassAnswers())
        y[:9] = 0
        open_run(many, y, ClassAnswers(), simulate=False)
        open_run(many, y, ClassAnswers(), has_oracle=True)


@pytest.mark.parametrize(
    "of, other",
    [
        (lambda: X, lambda: X),
        (lambda: X, lambda: X.copy()),
        (lambda: pd.DataFrame(X), lambda: pd.DataFrame(X.copy())),
        (lambda: sparse.csr_array(X), lambda: sparse.csr_array(X)),
        (lambda: list(X.tolist()), lambda: list(X.tolist())),
    ],
    ids=["same", "copy", "frame", "csr", "list"],
)
def test_a_simulation_after_work_by_hand_on_the_same_samples_is_told_of(of, other):
    held = open_run(of(), [0, None, 1, None, None, None], ClassAnswers())
    with pytest.warns(AmbiguousTargetWarning, match="pass simulate=False"):
        open_run(other(), Y, ClassAnswers(), held=held)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_run(other(), Y, ClassAnswers(), held=held, simulate=True)
        open_run(other(), Y, ClassAnswers(), held=held, simulate=False)
        open_run(X + 1, Y, ClassAnswers(), held=held)
        open_run(X[:5], Y[:5], ClassAnswers(), held=held)
        open_run(other(), Y, ClassAnswers(), held=open_run(of(), Y, ClassAnswers()))
