"""The bar of a learner."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner, progress
from skactive.diversity import RandomSampling
from skactive.oracles import SimulatedOracle
from skactive.stopping import Budget

X = np.random.RandomState(0).normal(size=(60, 3))
y = (X[:, 0] > 0).astype(int)


def told(capsys, act):
    """Return what is written of a run that may end in an error, without times."""
    capsys.readouterr()
    with progress():
        act()
    lines = capsys.readouterr().err.splitlines()
    return [line.partition(" s left")[0].rpartition(",") for line in lines]


def learner(**settings):
    settings = {"budget": 20, "random_state": 0, **settings}
    return ActiveLearner(LogisticRegression(), RandomSampling(), **settings)


def first(lines):
    """Return the lines without the time that is left."""
    return [
        f"{head}" if head and tail.strip().isdigit() else f"{head}{comma}{tail}"
        for head, comma, tail in lines
    ]


def test_a_round_is_told_with_labels_score_and_time(capsys):
    one = learner()
    lines = told(capsys, lambda: one.fit(X, y, X_val=X, y_val=y))
    scores = [f"{score:.3f}" for score in one.history_["score"]]
    assert first(lines) == [
        f"[######--------------] 10 of 30 labels, score {scores[0]}",
        f"[#############-------] 20 of 30 labels, score {scores[1]}",
        f"[####################] 30 of 30 labels, score {scores[2]}",
    ]
    assert [tail.strip().isdigit() for _, _, tail in lines] == [False, True, False]


def test_without_validation_there_is_no_score_and_without_a_block_nothing(capsys):
    assert first(told(capsys, lambda: learner(budget=5).fit(X, y))) == [
        "[#############-------] 10 of 15 labels",
        "[####################] 15 of 15 labels",
    ]
    learner().fit(X, y)
    assert capsys.readouterr().err == ""


ORACLE = SimulatedOracle(y)
SOME = np.where(np.arange(60) < 30, y, np.nan)


@pytest.mark.filterwarnings("ignore::skactive.exceptions.PoolExhaustedWarning")
@pytest.mark.parametrize(
    "settings, y, last",
    [
        ({"budget": 200}, y, "60 of 60 labels"),
        ({"oracle": ORACLE}, None, "30 of 30 labels"),
        ({"oracle": ORACLE}, SOME, "50 of 50 labels"),
        (
            {"cost": lambda rows, *_: np.full(len(rows), 2.5)},
            y,
            "18 labels, 45 of 45 paid",
        ),
    ],
    ids=["pool ends", "oracle", "warm", "cost"],
)
def test_the_last_line_is_full(capsys, settings, y, last):
    lines = first(told(capsys, lambda: learner(**settings).fit(X, y)))
    assert lines[-1] == f"[{'#' * 20}] {last}"


def test_a_run_that_stops_early_or_breaks_leaves_what_it_reached(capsys):
    lines = told(capsys, lambda: learner(stopping=Budget(20)).fit(X, y))
    assert first(lines)[-1] == "[#############-------] 20 of 30 labels"

    def gives_up(rows, X_rows):
        raise OSError("offline")

    def act():
        with pytest.raises(OSError, match="offline"):
            learner(oracle=gives_up).fit(X, np.where(np.arange(60) < 12, y, np.nan))
        learner(budget=5).fit(X, y)

    lines = first(told(capsys, act))
    assert lines[0].endswith("] 12 of 32 labels") and len(lines) == 3


def test_by_hand_there_is_no_end_to_be_near_to(capsys):
    some = np.where(np.arange(60) < 12, y, np.nan)
    lines = told(capsys, lambda: learner().fit(X, some, X_val=X, y_val=y))
    assert first(lines)[0].startswith("12 labels, score ")
