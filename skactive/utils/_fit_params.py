"""Arguments of fit, beside samples and labels, for models other than the first."""

import inspect

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skactive._sklearn import _check_method_params, _num_samples


def cut_to_rows(X, params, rows):
    """Return arguments of fit for some rows of ``X``; what has no rows is kept."""
    return _check_method_params(X, params, indices=rows) if params else {}


def params_of(model, params, n_rows, owner=None):
    """Return the arguments of fit that a strategy's own model is to be given.

    ``params`` are those of a learner's model. What has one entry per row is handed on,
    to the last step of a pipeline if need be; the rest was meant for the other model.
    What fit does not take is refused in the name of ``owner``, or left out without one.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.utils._fit_params import params_of
    >>> params = {"gaussiannb__sample_weight": np.ones(3), "verbose": 2}
    >>> params_of(LogisticRegression(), params, 3, "EntropySampling")
    {'sample_weight': array([1., 1., 1.])}
    """
    if isinstance(model, FrozenEstimator):
        return {}
    own = {}
    for name, value in params.items():
        if takes(model, name):
            own[name] = value
        elif _has_rows(value, n_rows):
            leaf = name.rpartition("__")[2]
            key = _last_prefix(model) + leaf
            if not takes(model, key):
                if owner is None:
                    continue
                raise ValueError(
                    f"{owner} trains {model!r}, whose fit takes no {leaf}, and fit of "
                    f"the learner was given {name}: take a model that heeds it, or "
                    "leave the estimator of the strategy None, so that the model of "
                    "the learner is asked."
                )
            own[key] = value
    return own


def takes(model, name):
    """Tell whether fit of a model takes an argument, as far as can be seen."""
    if isinstance(model, Pipeline):
        step, _, rest = name.partition("__")
        return (
            bool(rest)
            and step in model.named_steps
            and (takes(model.named_steps[step], rest))
        )
    parameters = inspect.signature(model.fit).parameters
    if name in parameters:
        return True
    if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return False
    inner = getattr(model, "estimator", None)  # as of searches and calibration
    return inner is None or takes(inner, name)


def weight_name(model):
    """Return what fit of a model calls the weights of samples; None if it takes none.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from skactive.utils._fit_params import weight_name
    >>> weight_name(make_pipeline(LogisticRegression()))
    'logisticregression__sample_weight'
    """
    name = f"{_last_prefix(model)}sample_weight"
    return name if takes(model, name) else None


def _last_prefix(model):
    prefix = ""
    while isinstance(model, Pipeline):
        prefix += f"{model.steps[-1][0]}__"
        model = model.steps[-1][1]
    return prefix


def _has_rows(value, n_rows):
    if isinstance(value, (str, dict)) or np.ndim(value) == 0:
        return False
    return _num_samples(value) == n_rows
