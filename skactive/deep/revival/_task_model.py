"""The user's classifier, trained on given labels and on those that a graph inferred."""

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter
from skorch import NeuralNet

from skactive.nets import NetClassifier, as_net_classifier
from skactive.nets.beside._virtual_labels import virtual_label_classifier
from skactive.utils import concatenate_rows, fit_with_pool


def as_task_model(estimator):
    """Return an unfitted copy whose net, if it is one, can learn from virtual labels.

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
        For a subclass of a skorch net, since what it does otherwise would be lost.
    """
    model = clone(estimator)
    last = _last_step(model)
    if isinstance(last, (NeuralNet, NetClassifier)):
        last = virtual_label_classifier(as_net_classifier(last))
        if not isinstance(model, Pipeline):
            return last
        model.steps[-1] = (model.steps[-1][0], last)
    return model


def check_task_model(model):
    """Refuse a model that cannot be told how much to believe a label."""
    last = _last_step(model)
    if not isinstance(last, NetClassifier) and not has_fit_parameter(
        last, "sample_weight"
    ):
        raise ValueError(
            f"{type(last).__name__} takes no sample_weight, so it cannot learn from "
            "virtual labels. Pass virtual_weight=0 to train it on given labels alone, "
            "or take another estimator."
        )


def fit_task_model(model, X, y, X_virtual=None, labels=None, weights=None):
    """Train on labeled samples and, less surely, on virtually labeled ones.

    What is minimized is the mean loss of the labeled samples plus the mean of
    ``weight * loss`` of the others.

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
        What was inferred of them.
    weights : ndarray of shape (n_virtual,) or None, default=None
        How far that is to be believed.

    Returns
    -------
    model : estimator object
        The same, fitted.
    """
    if labels is None or len(labels) == 0:
        return fit_with_pool(model, X, y, X_virtual)
    net = isinstance(_last_step(model), NetClassifier)
    name = "virtual_weight" if net else "sample_weight"
    if not net:
        weights = weights * (len(y) / len(labels))
        weights = np.concatenate([np.ones(len(y)), weights])
    if isinstance(model, Pipeline):
        name = f"{model.steps[-1][0]}__{name}"
    return model.fit(
        concatenate_rows(X, X_virtual), np.concatenate([y, labels]), **{name: weights}
    )


def _last_step(estimator):
    return estimator[-1] if isinstance(estimator, Pipeline) else estimator
