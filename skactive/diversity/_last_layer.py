"""Base of strategies that look at the last layer of a model: what goes in, what out."""

import inspect

from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

from skactive._sklearn import LinearClassifierMixin
from skactive.base import ModelStrategy
from skactive.utils import check_probabilities, embed
from skactive.utils._models import (
    ClassesOnlyMixin,
    before_last_layer,
    chained,
    check_last_layer,
    has_body,
    steps_and_last,
    unwrapped,
)


class LastLayerStrategy(ClassesOnlyMixin, ModelStrategy):
    """Asks a classifier for probabilities and for what its last layer sees."""

    response_method = "predict_proba"

    # Whether predictions matter, which a threshold changes, and not probabilities.
    _decides = False

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        check_last_layer(self, estimator, decides=self._decides)

    def _seen(self, X, name):
        """Return probabilities and what the last layer sees, of samples `X`."""
        check_last_layer(self, self.estimator_, decides=self._decides)
        steps, last = steps_and_last(self.estimator_, decides=self._decides)
        if not steps and not hasattr(last, "predict_with_embedding"):
            return check_probabilities(self._predict_proba(X)), self._embed(X, name)
        # The steps may read files, or be a net themselves: they run once for both.
        X = chained(steps).transform(X) if steps else X
        if hasattr(last, "predict_with_embedding"):
            proba, E = last.predict_with_embedding(X)
            return check_probabilities(proba), embed(None, E, owner=self)
        E = embed(last if has_body(last) else None, X, input_name=name, owner=self)
        return check_probabilities(last.predict_proba(X)), E

    def _embed(self, X, name):
        before = before_last_layer(self.estimator_, self, decides=self._decides)
        return embed(before, X, input_name=name, owner=self)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # A model that takes NaN is not enough, as the features themselves are used. Of
        # a pipeline only the output of its first steps is used.
        if not isinstance(unwrapped(self._wanted_estimator()), Pipeline):
            tags.input_tags.allow_nan = False
        return tags


#: What linear models, and the nets of this package, write down in fit.
HEADS = ("coef_", "net_")


def may_be_linear(last):
    """Tell whether a model that is not fitted may have a linear last layer.

    Of classes of other libraries it may be if some of their code names the weights, and
    also if that cannot be seen: in compiled code, or behind ``__getattr__``.
    """
    if isinstance(last, LinearClassifierMixin):
        return True
    if hasattr(type(last), "coef_"):
        return _will_have_weights(last)
    if type(last).__module__.startswith("sklearn."):
        return False
    parts = [part for c in type(last).__mro__[:-1] for part in vars(c).items()]
    return any(name == "__getattr__" or _names_a_head(part) for name, part in parts)


def _will_have_weights(last):
    """Tell whether a property may yet answer, or says that it never will.

    Before fit it misses something else, which has another name.
    """
    try:
        return last.coef_ is not None
    except NotFittedError:
        return True
    except AttributeError as error:
        return error.name not in (None, "coef_")


def _names_a_head(part):
    part = getattr(part, "fget", None) or getattr(part, "__func__", part)
    part = inspect.unwrap(part) if callable(part) else part
    if type(part).__name__ == "cython_function_or_method":
        return True
    code = getattr(part, "__code__", None)
    return code is not None and any(
        head in code.co_names or head in code.co_consts for head in HEADS
    )
