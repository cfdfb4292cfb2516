"""The user's classifier, trained on given labels and on those that a graph inferred."""

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from skactive.nets import NetClassifier
from skactive.nets.beside._steps import fit_steps
from skactive.nets.beside._virtual_labels import VirtualLabels
from skactive.nets.estimators._from_skorch import with_net
from skactive.utils import concatenate_rows, fit_with_pool
from skactive.utils._models import last_step


def as_task_model(estimator):
    """Return an unfitted copy that can learn from virtual labels, if it is a net.

    Parameters
    ----------
    estimator : estimator object
        A classifier, a net, or a pipeline that ends in one.

    Returns
    -------
    model : estimator object
        The copy.

    Raises
    ------
    TypeError
        For a subclass of a skorch net, since what it adds would be lost.
    """
    return with_net(clone(estimator))


def check_task_model(model):
    """Refuse a model that cannot weight labels."""
    last = last_step(model)
    if not isinstance(last, NetClassifier) and not has_fit_parameter(
        last, "sample_weight"
    ):
        raise ValueError(
            f"{type(last).__name__} takes no sample_weight, so it cannot learn from "
            "virtual labels. Pass virtual_weight=0 to train it on given labels alone, "
            "or take another estimator."
        )


def fit_task_model(model, X, y, X_virtual=None, labels=None, weights=None):
    """Train on labeled samples and, with weights, on virtually labeled ones.

    Minimizes the mean loss of the labeled samples plus the mean of ``weight * loss`` of
    the others.

    Parameters
    ----------
    model : estimator object
        Made by :func:`as_task_model`. Fitted in place.
    X : array-like of shape (n_labeled, ...)
        Labeled samples.
    y : ndarray of shape (n_labeled,)
        Their labels.
    X_virtual : array-like of shape (n_virtual, ...) or None, default=None
        Other samples.
    labels : ndarray of shape (n_virtual,) or None, default=None
        Their inferred labels.
    weights : ndarray of shape (n_virtual,) or None, default=None
        Weights of these labels.

    Returns
    -------
    model : estimator object
        The same, fitted.
    """
    if labels is None or len(labels) == 0:
        return fit_with_pool(model, X, y, X_virtual)
    n, last = len(y), last_step(model)
    X, y = concatenate_rows(X, X_virtual), np.concatenate([y, labels])
    if isinstance(last, NetClassifier):
        X, _ = fit_steps(model, X, y)
        beside = {"X_virtual": X[n:], "y_virtual": y[n:], "weights": weights}
        last._train(X[:n], y[:n], VirtualLabels(), **beside)
        return model
    weights = np.concatenate([np.ones(n), weights * (n / len(labels))])
    name = "sample_weight"
    if isinstance(model, Pipeline):
        name = f"{model.steps[-1][0]}__{name}"
    return model.fit(X, y, **{name: weights})
