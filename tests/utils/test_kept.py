"""A fit that fails leaves what was fitted before."""

import pytest

from skactive.utils._kept import kept_if_it_fails


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
