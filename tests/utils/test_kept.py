"""A fit that fails leaves what was fitted before; a query leaves no state."""

import pickle

import joblib
import pytest

from skactive.utils._kept import LastQuery, kept_if_it_fails


class Thing:
    pass


def test_what_was_there_comes_back_and_what_is_new_goes():
    thing = Thing()
    thing.old_ = 1
    with pytest.raises(KeyboardInterrupt), kept_if_it_fails(thing):
        thing.old_, thing.new_ = 2, 3
        raise KeyboardInterrupt
    assert vars(thing) == {"old_": 1}


def test_errors_that_are_not_named_leave_what_they_found():
    thing = Thing()
    with pytest.raises(ValueError), kept_if_it_fails(thing, KeyboardInterrupt):
        thing.new_ = 3
        raise ValueError
    assert vars(thing) == {"new_": 3}


def test_what_is_known_of_a_query_is_no_state():
    last = LastQuery()
    empty = joblib.hash(last)
    last["radius"] = 1.0
    assert joblib.hash(last) == empty
    assert pickle.loads(pickle.dumps(last)) == {}
    assert isinstance(pickle.loads(pickle.dumps(last)), LastQuery)
