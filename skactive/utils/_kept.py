"""What is fitted, and what is known of the last query, which is not."""

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


class LastQuery(dict):
    """What is known of the last query. It is no part of the fitted state.

    Empty in pickles and in clones, and equal to itself whatever it holds, as far as
    :func:`joblib.hash` can see.
    """

    def __reduce__(self):
        return type(self), ()
