"""Warnings and errors of skactive's own."""

import pickle

import pytest

from skactive.exceptions import (
    PoolExhaustedWarning,
    StopAsking,
    TopBatchWarning,
    UnsuitedWarning,
)


def test_an_exhausted_pool_is_a_warning_of_the_user():
    assert issubclass(PoolExhaustedWarning, UserWarning)


def test_one_filter_is_for_all_that_strategies_are_known_to_lose_at():
    assert issubclass(TopBatchWarning, UnsuitedWarning)
    assert issubclass(UnsuitedWarning, UserWarning)


def test_stop_asking_carries_its_answers():
    error = StopAsking("coffee break", answers=(1, None))
    assert str(error) == "coffee break" and error.answers == [1, None]
    assert isinstance(error, Exception)


def test_stop_asking_needs_neither_reason_nor_answers():
    error = StopAsking()
    assert str(error) == "" and error.answers == []


def test_answers_are_a_list_of_ones_own():
    answers = ["cat"]
    error = StopAsking(answers=answers)
    answers.append("dog")
    assert error.answers == ["cat"]


def test_stop_asking_survives_a_pickle_with_its_answers():
    """It may have to come back from another process."""
    error = pickle.loads(pickle.dumps(StopAsking("enough", answers=[1, 0])))
    assert str(error) == "enough" and error.answers == [1, 0]


def test_stop_asking_is_not_taken_for_the_end_of_an_iterator():
    with pytest.raises(StopAsking):
        list(_stops())


def _stops():
    yield 1
    raise StopAsking
