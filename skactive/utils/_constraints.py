"""What a parameter may be: True is no number, and a class no object."""

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


# A class passes for the function that its instances are.
CALLED = {"oracle", "ask", "aggregate"}


def refuse_classes(owner):
    """Refuse a class where one of its instances is meant.

    The class has all methods that its instances have, and passes for one.
    """
    for name, constraints in owner._parameter_constraints.items():
        value = getattr(owner, name, None)
        if isinstance(value, type) and (
            name in CALLED or any(_of_instances(each, value) for each in constraints)
        ):
            refuse_class(value, f"The {name!r} parameter of {type(owner).__name__}")


def _of_instances(constraint, cls):
    """Tell whether a constraint is met by instances of a class."""
    if isinstance(constraint, type):
        return issubclass(cls, constraint)
    return isinstance(constraint, HasMethods)


def refuse_class(value, what):
    """Refuse a class; ``what`` says in which place an instance is meant.

    Examples
    --------
    >>> from skactive.utils._constraints import refuse_class
    >>> refuse_class(dict, "Each annotator")
    Traceback (most recent call last):
        ...
    TypeError: Each annotator must be an instance, such as dict(); got the class ...
    """
    if isinstance(value, type):
        raise TypeError(
            f"{what} must be an instance, such as {value.__name__}(); got the class "
            f"{value!r}."
        )
