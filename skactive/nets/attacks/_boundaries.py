"""Distances to boundaries, for nets and linear classifiers."""

import numpy as np
import torch
from scipy import sparse
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch, check_array

from skactive.nets._arrays import as_taken, as_tensor, takes_integers
from skactive.nets._input import check_input, check_pixels
from skactive.nets._seeded import seeded_torch
from skactive.nets.attacks._attacked import attacked, last_linear, logits_of
from skactive.nets.attacks._deep_fool import deep_fool
from skactive.nets.attacks._linear_head import linear_radius, linear_step
from skactive.nets.estimators._classifier import NetClassifier
from skactive.utils._models import before_last_step, unfrozen


def split(estimator):
    """Return the steps before a classifier, or None, and the fitted classifier."""
    estimator = unfrozen(estimator)
    if not isinstance(estimator, Pipeline):
        return None, estimator
    before = before_last_step(estimator)
    inner, last = split(estimator[-1])
    if inner is None:
        return before, last
    return (inner if before is None else Pipeline([("a", before), ("b", inner)])), last


def attack_net(classifier, X, batch_size, **settings):
    """Attack a NetClassifier in the space of its input, batch by batch."""
    X = check_input(classifier, X, reset=False)
    check_pixels(classifier, X)
    if takes_integers(classifier.net_.module_):
        raise TypeError(
            f"{type(classifier.net_.module_).__name__} is given integers, which cannot "
            "be perturbed a little. Take space='features'."
        )
    X = as_taken(classifier.net_.module_, X, "X", classifier._integers)
    net = classifier.net_
    parts = []
    # A module may draw random numbers when it predicts.
    seeded = seeded_torch(classifier._predict_seed, net.device)
    with seeded, attacked(net.module_):
        for start in range(0, len(X), batch_size):
            batch = net.prepare(as_tensor(X[start : start + batch_size]))
            parts.append(_attacked_batch(_padded(logits_of(net)), batch, **settings))
    return _joined(parts)


def attack_features(classifier, X, norm):
    """Measure in the space before the last layer of a NetClassifier."""
    Z = classifier.transform(X)
    few = check_input(classifier, X[:8], reset=False)
    few = as_taken(classifier.net_.module_, few, "X", classifier._integers)
    with seeded_torch(classifier._predict_seed, classifier.net_.device):
        W, bias = last_linear(classifier.net_, as_tensor(few), Z[:8])
    z = Z.astype(np.float64) @ W.T + bias
    return _in_closed_form(z, W, norm)


def attack_linear(classifier, X, batch_size, *, keep, **settings):
    """Attack a linear classifier of scikit-learn, in closed form where there is one."""
    z, X, W, bias = _linear_parts(classifier, X)
    if keep and sparse.issparse(X):
        raise TypeError("Adversaries of sparse samples are dense: pass X.toarray().")
    if settings["clip"] is None and settings["sign_step"] is None:
        found = _in_closed_form(z, W, settings["norm"])
        if keep:
            reach = np.where(np.isfinite(found.radius), found.radius, 0)
            best = z.argmax(axis=1)
            with np.errstate(invalid="ignore"):  # a step of length 0 has no direction
                step = linear_step(reach, best, found.target, W, settings["norm"])
            found.X_adv = X + (1 + settings["overshoot"]) * np.nan_to_num(step)
        return found
    W, bias = torch.tensor(W), torch.tensor(bias)
    parts = []
    for start in range(0, X.shape[0], batch_size):
        batch = X[start : start + batch_size]
        batch = torch.tensor(batch.toarray() if sparse.issparse(batch) else batch)
        parts.append(
            _attacked_batch(
                lambda x: x @ W.T + bias, batch.double(), keep=keep, **settings
            )
        )
    return _joined(parts)


def _linear_parts(classifier, X):
    """Return logits, samples, weights and bias, and check that they agree."""
    name = type(classifier).__name__
    parts = [getattr(classifier, part, None) for part in ("coef_", "classes_")]
    if any(part is None for part in parts) or not hasattr(
        classifier, "decision_function"
    ):
        raise TypeError(_refusal(name))
    z = np.asarray(classifier.decision_function(X), np.float64)
    X = check_array(X, accept_sparse="csr", dtype=[np.float64, np.float32])
    W = parts[0].toarray() if sparse.issparse(parts[0]) else np.atleast_2d(parts[0])
    bias = np.zeros(len(W)) + classifier.intercept_
    if W.ndim != 2 or z.reshape(len(z), -1).shape[1] != len(W):
        raise TypeError(_refusal(name))
    few = X[:100] @ W.T + bias
    if np.abs(few - z[:100].reshape(few.shape)).max() > 1e-4 * (1 + np.abs(few).max()):
        raise TypeError(_refusal(name))
    if len(W) == 1:
        W, bias = np.vstack([np.zeros_like(W), W]), np.append(0, bias)
        z = np.column_stack([np.zeros(len(z)), z.ravel()])
    return z, X, W.astype(np.float64), bias


def _refusal(name):
    return (
        f"The boundaries of {name} are neither those of a net nor hyperplanes, one for "
        "each class. Pass a NetClassifier, a linear classifier such as "
        "LogisticRegression, or a pipeline that ends in one."
    )


def _in_closed_form(z, W, norm):
    radius, _, target = linear_radius(z, W, norm)
    return Bunch(
        radius=radius,
        target=target,
        n_iter=(np.isfinite(radius) & (radius > 0)).astype(np.intp),
        status=np.where(np.isfinite(radius), "flipped", "flat"),
    )


def _padded(logits):
    """Pad rows to a multiple of 32; matrix products of other sizes round otherwise.

    Samples leave an attack one by one; results of the others should not change.
    """

    def padded(X):
        n, more = len(X), -len(X) % 32
        return logits(torch.cat([X, X[-1:].expand(more, *X.shape[1:])]))[:n]

    return padded


def _attacked_batch(logits, batch, *, keep, **settings):
    found = deep_fool(logits, batch, **settings)
    adversaries = found.pop("X_adv")
    if keep:
        found.X_adv = adversaries.cpu().numpy()
    return found


def _joined(parts):
    return Bunch(**{k: np.concatenate([part[k] for part in parts]) for k in parts[0]})


def check_boundaries(estimator, X, space):
    """Refuse a fitted estimator whose boundaries cannot be found."""
    before, classifier = split(estimator)
    X = X if before is None else before.transform(X)
    if not isinstance(classifier, NetClassifier):
        _linear_parts(classifier, X)
    elif space == "features":
        attack_features(classifier, X, 2)


def attack(estimator, X, *, space, batch_size, keep=False, **settings):
    """Return how samples are moved to another class, and the steps before that.

    Parameters
    ----------
    estimator : fitted estimator
        A NetClassifier, a linear classifier, or a pipeline that ends in one, frozen or
        not.
    X : array-like of shape (n_samples, ...)
        Samples before the pipeline.
    space : {"input", "features"}
        Of a net; for a linear classifier both are the same.
    batch_size : int
        Samples attacked at once.
    keep : bool, default=False
        Return the perturbed samples, ``X_adv``, too.
    **settings : dict
        Of :func:`~skactive.nets.deep_fool`.

    Returns
    -------
    found : Bunch
        ``radius``, ``target`` as a position in the classes, ``n_iter``, ``status``.
    before : transformer or None
        The steps of the pipeline after which perturbations were made.
    """
    before, classifier = split(estimator)
    if before is not None:
        X = before.transform(X)
    if not isinstance(classifier, NetClassifier):
        found = attack_linear(classifier, X, batch_size, keep=keep, **settings)
    elif space == "features":
        found = attack_features(classifier, X, settings["norm"])
    else:
        found = attack_net(classifier, X, batch_size, keep=keep, **settings)
    return found, before
