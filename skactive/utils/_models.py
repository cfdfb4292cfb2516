"""What is inside a model: frozen models, searches, pipelines and their last step."""

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline


def unfrozen(model):
    """Return what is inside a ``FrozenEstimator``, or the model itself."""
    while isinstance(model, FrozenEstimator):
        model = model.estimator
    return model


def unwrapped(model):
    """Return the fitted model inside frozen models and searches."""
    while True:
        if isinstance(model, FrozenEstimator):
            model = model.estimator
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        else:
            return model


def last_step(model):
    """Return the last step of a pipeline, or the model itself.

    Nothing is unwrapped: this is what will be fitted.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.utils._models import last_step
    >>> last_step(make_pipeline(StandardScaler(), LogisticRegression()))
    LogisticRegression()
    """
    return model[-1] if isinstance(model, Pipeline) else model


def innermost(model, unwrap=unfrozen):
    """Return the model at the end of pipelines, out of what ``unwrap`` opens."""
    model = unwrap(model)
    while isinstance(model, Pipeline):
        model = unwrap(model[-1])
    return model


def before_last_step(model):
    """Return the steps of a pipeline before its last, or None if there are none."""
    return model[:-1] if isinstance(model, Pipeline) and len(model) > 1 else None


def replace_last_step(model, last):
    """Return a pipeline with another last step, or that step instead of the model.

    The other steps are those of the pipeline, which is left as it is.
    """
    if not isinstance(model, Pipeline):
        return last
    steps = [*model.steps[:-1], (model.steps[-1][0], last)]
    return type(model)(**{**model.get_params(deep=False), "steps": steps})
