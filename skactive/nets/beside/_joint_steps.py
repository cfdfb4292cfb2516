"""A net that is trained with something beside it, at the end of a pipeline or alone."""

from sklearn.pipeline import Pipeline

from skactive.nets.estimators._from_skorch import as_net_classifier


def last_step(estimator):
    """Return the last step of a pipeline, or what is no pipeline."""
    return estimator[-1] if isinstance(estimator, Pipeline) else estimator


def joint_net_of(estimator):
    """Return the NetClassifier at the end of an estimator, or refuse it."""
    net = as_net_classifier(last_step(estimator))
    if net.warm_start:
        raise ValueError(
            "The net has warm_start=True, but what is trained beside it begins anew in "
            "each fit, and the net with it. Pass a net with warm_start=False."
        )
    return net


def fit_steps(pipeline, X, y=None, X_pool=None):
    """Fit what comes before the net on X; return X and X_pool as the net sees them."""
    if len(pipeline) == 1:
        return X, X_pool
    steps = pipeline[:-1]
    X = steps.fit_transform(X, y)
    pipeline.steps[:-1] = steps.steps  # a cache hands out copies
    return X, None if X_pool is None else steps.transform(X_pool)


def replace_net(estimator, net):
    """Return a pipeline that ends in another net, or the net alone."""
    if not isinstance(estimator, Pipeline):
        return net
    estimator.steps[-1] = (estimator.steps[-1][0], net)
    return estimator
