"""The private or version-bound scikit-learn names that skactive uses, in one place."""

from contextlib import nullcontext

import sklearn
from sklearn.base import _fit_context
from sklearn.linear_model._base import LinearClassifierMixin
from sklearn.utils._metadata_requests import UNUSED, _routing_enabled
from sklearn.utils._param_validation import HasMethods, Hidden, Interval, StrOptions
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.validation import (
    _check_method_params,
    _check_response_method,
    _check_sample_weight,
    _num_samples,
)

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # scikit-learn < 1.9 has no callbacks, and none are imitated

    class CallbackSupportMixin:
        """Stand-in where scikit-learn has no callbacks."""

        def set_callbacks(self, *callbacks):
            """Say what to do instead."""
            raise NotImplementedError(
                f"{type(self).__name__}.set_callbacks needs scikit-learn 1.9 or newer, "
                f"and this is {sklearn.__version__}. For a bar `with "
                "skactive.progress():` works with any."
            )


class NoCallbacks:
    """A callback context without any callback."""

    def subcontext(self, **kwargs):
        return self

    def call_on_fit_task_begin(self, **kwargs):
        return self

    def call_on_fit_task_end(self, **kwargs):
        return False

    def propagate_callback_context(self, estimator):
        return nullcontext()


def callback_context(estimator, **kwargs):
    """Return the callback context of one ``fit``; it does nothing if there are none."""
    if hasattr(estimator, "_init_callback_context"):
        return estimator._init_callback_context(**kwargs)
    return NoCallbacks()


def propagate_callbacks(context, estimator):
    """Pass callbacks on to an estimator that takes them, without a warning if not."""
    if hasattr(estimator, "set_callbacks"):
        return context.propagate_callback_context(estimator)
    return nullcontext()


__all__ = [
    "UNUSED",
    "CallbackSupportMixin",
    "HasMethods",
    "Hidden",
    "Interval",
    "LinearClassifierMixin",
    "NoCallbacks",
    "StrOptions",
    "_BaseComposition",
    "_check_method_params",
    "_check_response_method",
    "_check_sample_weight",
    "_fit_context",
    "_num_samples",
    "_routing_enabled",
    "callback_context",
    "propagate_callbacks",
]
