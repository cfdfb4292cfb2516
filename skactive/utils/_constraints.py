"""What a parameter may be: numbers in a range, of which True is none."""

from numbers import Integral, Real

from skactive._sklearn import HasMethods, Interval
from skactive.utils._models import has_method


class _Number(Interval):
    """An interval that does not take True for 1, as scikit-learn's does."""

    def is_satisfied_by(self, val):
        """Tell whether a value is a number of the interval."""
        return not isinstance(val, bool) and super().is_satisfied_by(val)


def whole(least, most=None):
    """Return the constraint of a whole number, both ends included.

    Examples
    --------
    >>> from skactive.utils._constraints import whole
    >>> whole(2).is_satisfied_by(2), whole(2).is_satisfied_by(1.0)
    (True, False)
    """
    return _Number(Integral, least, most, closed="left" if most is None else "both")


def number(low, high=None, closed="neither"):
    """Return the constraint of a number; without ``high``, of finite ones.

    Examples
    --------
    >>> from skactive.utils._constraints import number
    >>> number(0).is_satisfied_by(0), number(0, 1, "both").is_satisfied_by(0)
    (False, True)
    """
    return _Number(Real, low, high, closed=closed)


class WillHave(HasMethods):
    """The methods that a model has, or will have once it is fitted."""

    def is_satisfied_by(self, val):
        """Tell whether a value has them; stacking may hide what it will have."""
        return all(has_method(val, name) for name in self.methods)
