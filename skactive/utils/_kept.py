"""What is fitted, kept if the next fit does not come to its end."""

from contextlib import contextmanager


@contextmanager
def kept_if_it_fails(fitted, errors=BaseException):
    """Run a fit; after one of ``errors`` the object is as it was before.

    Checks of the input come first and already write what they have seen, such as the
    number of features. What is replaced is put back; nothing is copied.
    """
    before = vars(fitted).copy()
    try:
        yield
    except errors:
        vars(fitted).clear()
        vars(fitted).update(before)
        raise
