"""A net that is trained with another branch, at the end of a pipeline or alone."""

from skactive.nets.estimators._from_skorch import as_net
from skactive.nets.estimators._shell import NetShell
from skactive.utils._models import before_last_step, last_step


def refuse_warm_start(estimator, remedy="Pass a net with warm_start=False."):
    """Refuse what is not a net, or a net that would continue from its last fit."""
    last = last_step(estimator)
    shell = last if isinstance(last, NetShell) else as_net(last)
    if shell.warm_start:
        raise ValueError(
            "The net has warm_start=True, but the branch that is trained with it "
            f"starts from scratch in each fit, and so does the net. {remedy}"
        )


def fit_steps(estimator, X, y=None, X_pool=None):
    """Fit the steps before the net on X; return X and X_pool as the net sees them."""
    steps = before_last_step(estimator)
    if steps is None:
        return X, X_pool
    X = steps.fit_transform(X, y)
    estimator.steps[:-1] = steps.steps  # a cache returns copies
    return X, None if X_pool is None else steps.transform(X_pool)
