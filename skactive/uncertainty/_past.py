"""A model at earlier moments of its training: what would it have predicted then?"""

from copy import deepcopy

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from skactive.utils import check_probabilities, fit_with_pool, seeded_clone
from skactive.utils._models import (
    chained,
    has_method,
    innermost,
    replace_last_step,
    steps_and_last,
    unwrapped,
)

#: What has a history, for messages.
SERVES = (
    "GradientBoostingClassifier, HistGradientBoostingClassifier and AdaBoostClassifier "
    "(staged_predict_proba), MLPClassifier and SGDClassifier(loss='log_loss') "
    "(partial_fit), skactive.nets.NetClassifier and skorch.NeuralNetClassifier have "
    "one, alone or at the end of a pipeline"
)


def kind_of_past(model):
    """Return how the history of a model is had: "stages", "epochs", "passes" or None.

    Examples
    --------
    >>> from sklearn.ensemble import GradientBoostingClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.neural_network import MLPClassifier
    >>> from skactive.uncertainty._past import kind_of_past
    >>> models = GradientBoostingClassifier(), MLPClassifier(), LogisticRegression()
    >>> [kind_of_past(model) for model in models]
    ['stages', 'passes', None]
    """
    last = innermost(model, unwrapped)
    if has_method(last, "staged_predict_proba"):
        return "stages"
    if hasattr(last, "module") and hasattr(last, "callbacks"):
        return "epochs"
    # A search would train in passes each of those that it compares.
    if hasattr(last, "partial_fit") and has_method(last, "predict_proba"):
        return "passes"
    return None


def check_turns(model):
    """Refuse a model whose inside is no net that has an embedding."""
    embeds = hasattr(innermost(model, unwrapped), "predict_with_embedding")
    if kind_of_past(model) != "epochs" or not embeds:
        raise ValueError(
            "inner_layer of HistorySampling needs a skactive.nets.NetClassifier, alone "
            f"or at the end of a pipeline; got {model!r}."
        )


class Past:
    """A fitted model, and what it predicted at earlier moments.

    Parameters
    ----------
    model : classifier
        Fitted; a pipeline, a search or a frozen model may be around it.
    n_snapshots : int
        Moments at even distances, at most; the last is the end of training.
    then : list or None
        Of a model that is trained in passes, copies of its last step.

    Examples
    --------
    >>> from sklearn.ensemble import GradientBoostingClassifier
    >>> from skactive.uncertainty._past import Past
    >>> model = GradientBoostingClassifier(random_state=0).fit([[0.0], [1.0]], [0, 1])
    >>> Past(model, 3).predict_proba([[0.0], [1.0]])[:, 0, 0].round(2)
    array([0.98, 1.  , 1.  ], dtype=float32)
    """

    def __init__(self, model, n_snapshots, then=None):
        self.model, self.n_snapshots, self.then = model, n_snapshots, then
        self.kind = kind_of_past(model)

    def predict_proba(self, X):
        """Return probabilities as float32 of shape (n_snapshots, n_samples, n_classes).

        There are fewer snapshots where training had fewer steps.
        """
        steps, last = steps_and_last(self.model)
        if steps:
            X = chained(steps).transform(X)
        found = {
            "stages": self._of_stages,
            "passes": self._of_passes,
            "epochs": self._of_epochs,
        }[self.kind](last, X)
        stacked = np.stack([np.asarray(proba, dtype=np.float32) for proba in found])
        return check_probabilities(stacked, ndim=3)

    def turns(self, X, rows):
        """Return by how much the embedding of samples turned between snapshots.

        Cosine distances, from 0 to 2, of each of the snapshots ``rows`` to the next:
        float32 of shape (len(rows) - 1, n_samples). Only a net has an embedding.
        """
        steps, last = steps_and_last(self.model)
        if steps:
            X = chained(steps).transform(X)
        shell, net = _with_own_weights(last)
        before, found = None, []
        for k in rows:
            net.module_.load_state_dict(recorder_of(last).states_[k])
            Z = np.asarray(shell.transform(X), dtype=np.float64)
            Z /= np.maximum(np.linalg.norm(Z, axis=1), np.finfo(Z.dtype).tiny)[:, None]
            if before is not None:
                found.append(1 - np.einsum("ij,ij->i", Z, before))
            before = Z
        return np.array(found, dtype=np.float32).reshape(len(rows) - 1, len(before))

    def _of_stages(self, last, X):
        n_stages = len(getattr(last, "estimators_", ())) or last.n_iter_
        wanted = set(evenly(n_stages, self.n_snapshots))
        stages = enumerate(last.staged_predict_proba(X), 1)
        return [proba for k, proba in stages if k in wanted]

    def _of_passes(self, last, X):
        return [_probabilities(model, X) for model in self.then]

    def _of_epochs(self, last, X):
        shell, net = _with_own_weights(last)
        found = []
        for state in recorder_of(last).states_:
            net.module_.load_state_dict(state)
            found.append(shell.predict_proba(X))
        return found


def _probabilities(model, X):
    """Return what a model predicts: all classes alike where it rules out every one.

    Where SGDClassifier is sure of "no" for each class, as it is early in its training,
    scikit-learn 1.6 divides zero by zero; newer releases say what is said here.
    """
    with np.errstate(invalid="ignore"):
        proba = np.asarray(model.predict_proba(X))
    lost = np.isnan(proba).all(axis=1)
    if lost.any() and has_method(model, "decision_function"):
        finite = np.isfinite(model.decision_function(X)).all(axis=-1)
        proba[lost & finite] = 1 / proba.shape[1]
    return proba


def past_of(model, n_snapshots):
    """Return the history of a fitted model, or None if it kept none."""
    kind, last = kind_of_past(model), innermost(model, unwrapped)
    if kind == "passes" or (kind == "epochs" and recorder_of(last) is None):
        return None
    return Past(model, n_snapshots)


def train_with_past(model, X, y, X_pool, *, n_snapshots, n_passes, seed, params):
    """Train a copy of a model, and return it with its history, as :class:`Past`.

    ``model`` may be frozen or a fitted search: what is inside is trained again.
    """
    model = seeded_clone(_trainable(model), seed)
    kind = kind_of_past(model)
    if kind == "passes":
        return _train_in_passes(model, X, y, n_snapshots, n_passes, params)
    if kind == "epochs":
        model = _with_recorder(model, n_snapshots)
    return Past(fit_with_pool(model, X, y, X_pool, **params), n_snapshots)


def evenly(n, n_snapshots):
    """Return which of the steps 1 to n are kept, at even distances; n is among them.

    Examples
    --------
    >>> from skactive.uncertainty._past import evenly
    >>> evenly(100, 4), evenly(3, 10)
    ([25, 50, 75, 100], [1, 2, 3])
    """
    kept = np.arange(1, n_snapshots + 1) * n / n_snapshots
    return np.unique(np.maximum(1, np.rint(kept)).astype(int)).tolist()


def recorder_of(net):
    """Return the callback that kept weights of a fitted net, or None."""
    fitted = getattr(getattr(net, "net_", net), "callbacks_", ())
    kept = [callback for _, callback in fitted if hasattr(callback, "states_")]
    return kept[0] if kept else None


def _trainable(model):
    """Return what is inside a frozen model, or the best of a frozen search."""
    return unwrapped(model) if isinstance(model, FrozenEstimator) else model


def _train_in_passes(model, X, y, n_snapshots, n_passes, params):
    last = model
    while isinstance(last, Pipeline):
        if len(last) > 1:
            X = last[:-1].fit_transform(X, y)
        last = last[-1]
    # Of a pipeline, names of arguments begin with that of the step.
    params = {name.rpartition("__")[2]: value for name, value in params.items()}
    kept, then = set(evenly(n_passes, n_snapshots)), []
    for k in range(1, n_passes + 1):
        last.partial_fit(X, y, classes=np.unique(y), **params)
        if k in kept:
            then.append(deepcopy(last))
    return Past(model, n_snapshots, then)


def _with_recorder(model, n_snapshots):
    from skactive.nets import HistoryRecorder  # loads torch, which the net has loaded

    if isinstance(model, Pipeline):
        return replace_last_step(model, _with_recorder(model[-1], n_snapshots))
    net = clone(model)
    callbacks = net.callbacks
    if isinstance(callbacks, str):  # "disable"
        callbacks = None
    given = [c[1] if isinstance(c, tuple) else c for c in callbacks or ()]
    if not any(isinstance(one, HistoryRecorder) for one in given):
        recorder = ("history_recorder", HistoryRecorder(n_snapshots))
        net.set_params(callbacks=[*(callbacks or ()), recorder])
    return net


def _with_own_weights(last):
    """Return a twin of a fitted net, and its skorch net, with a module of their own.

    Others may predict by the net meanwhile.
    """
    shell = _twin(last)
    if not hasattr(last, "net_"):
        net = shell
    else:
        net = vars(shell)["net_"] = _twin(last.net_)
    vars(net)["module_"] = deepcopy(net.module_)
    return shell, net


def _twin(thing):
    twin = type(thing).__new__(type(thing))
    vars(twin).update(vars(thing))
    return twin
