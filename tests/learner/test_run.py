"""A run, without any estimator."""

import pickle

import numpy as np
from numpy.testing import assert_array_equal

from skactive.exceptions import StopAsking
from skactive.learner._begin import open_run
from skactive.learner._run import Seeds
from skactive.oracles import SimulatedOracle
from skactive.utils._answers import ClassAnswers, NumberAnswers

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 2, 0])


def test_a_run_asks_and_writes_down_without_a_model():
    seen = []

    def oracle(rows, X_rows):
        seen.append((rows, X_rows))
        return [None if row == 2 else Y[row] for row in rows]

    run = open_run(X, None, ClassAnswers(), has_oracle=True, random_state=0)
    first = run.draw(4)
    run.ask(first, oracle, 0)
    assert_array_equal(seen[0][1], X[first])
    assert set(run.draw(2)) == set(range(6)) - set(first)
    run.ask(run.draw(2), oracle, 1)
    X_labeled, y = run.labeled()
    assert_array_equal(X_labeled, X[[0, 1, 3, 4, 5]])
    assert_array_equal(y, Y[[0, 1, 3, 4, 5]])
    assert len(run.pool()) == 0  # row 2 was asked and skipped
    assert run.left(budget=3, n_initial=4) == 1
    assert not run.can_ask(oracle, 1)


def test_an_oracle_that_stops_leaves_its_answers():
    def oracle(rows, X_rows):
        raise StopAsking("tired", answers=[Y[rows[0]]])

    run = open_run(X, None, ClassAnswers(), has_oracle=True, random_state=0)
    run.ask(np.array([5, 3]), oracle, 0)
    assert run.gave_up
    assert_array_equal(run.ledger.labeled, [5])
    assert run.ledger.order == [5]


def test_labels_that_were_not_revealed_are_not_in_the_ledger():
    run = open_run(X, Y, ClassAnswers(), labeled=np.arange(6) < 2)
    assert run.simulated and isinstance(run.truth, SimulatedOracle)
    assert_array_equal(run.ledger.labels, [0, 1])
    assert_array_equal(run.classes, [0, 1, 2])
    assert open_run(X, Y.astype(float), NumberAnswers()).classes is None


def test_a_run_is_picklable_by_itself():
    y = [0, None, 1, None, None, None]
    run = open_run(X, y, ClassAnswers(), random_state=0)
    again = pickle.loads(pickle.dumps(run))
    run.ask(run.draw(2), SimulatedOracle(Y), 1)
    again.ask(again.draw(2), SimulatedOracle(Y), 1)
    assert run.ledger.order == again.ledger.order
    assert_array_equal(run.ledger.labels, again.ledger.labels)
    assert run.seeds.of("strategy", 4) == again.seeds.of("strategy", 4)


def test_samples_are_held_by_reference():
    assert open_run(X, Y, ClassAnswers()).X is X


def test_seeds_are_one_each_and_none_leaves_them_alone():
    seeds = Seeds(0)
    drawn = [seeds.of(part, time) for part in Seeds.PARTS for time in range(5)]
    assert len(set(drawn)) == len(drawn)
    assert drawn == [
        Seeds(0).of(part, time) for part in Seeds.PARTS for time in range(5)
    ]
    assert Seeds(None).of("estimator") is None
