"""A NetClassifier from the settings of a plain skorch net."""

from skorch import NeuralNet, NeuralNetClassifier
from torch.utils.data import DataLoader

from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._settings import is_setting
from skactive.utils._models import last_step, replace_last_step

#: Settings of skorch that NetClassifier has under the same name.
SHARED = (
    "module",
    "criterion",
    "optimizer",
    "lr",
    "max_epochs",
    "batch_size",
    "callbacks",
    "device",
    "classes",
    "warm_start",
)


def as_net_classifier(estimator):
    """Return a NetClassifier with the settings of a skorch net.

    Parameters
    ----------
    estimator : NetClassifier, skorch.NeuralNetClassifier or None
        A NetClassifier is returned unchanged, None as one with default settings. Of a
        skorch net the settings are taken, and weights only if its module is an
        instance.

    Returns
    -------
    classifier : NetClassifier
        Unfitted, with the module, criterion, optimizer, learning rate, epochs, batch
        size, callbacks, device and settings with double underscores of the net.

    Raises
    ------
    TypeError
        If ``estimator`` is none of these. A subclass of NeuralNetClassifier is refused
        too: what it overrides would be lost.
    ValueError
        If the net has a setting that has no counterpart: a dataset or loader of its
        own, ``predict_nonlinearity``, ``compile``, a batch size of -1.

    Notes
    -----
    The validation split of skorch is not carried over: a NetClassifier trains on every
    label. Callbacks that monitor "valid_loss" must monitor "train_loss" instead.

    Examples
    --------
    >>> from skorch import NeuralNet, NeuralNetClassifier
    >>> from torch import nn
    >>> from skactive.nets import as_net_classifier
    >>> from skactive.nets.modules import MLP
    >>> net = NeuralNetClassifier(MLP, criterion=nn.CrossEntropyLoss, lr=0.1,
    ...                           module__hidden=(8,))
    >>> as_net_classifier(net).get_params()["module__hidden"]
    (8,)
    """
    if estimator is None:
        return NetClassifier()
    if isinstance(estimator, NetClassifier):
        return estimator
    if type(estimator) is not NeuralNetClassifier:
        kind = type(estimator).__name__
        because = (
            f"; what the subclass {kind} overrides would be lost. Pass its "
            "settings to a NetClassifier"
            if isinstance(estimator, NeuralNetClassifier)
            else f", got {kind}. Wrap a module as NetClassifier(module)"
        )
        raise TypeError(
            f"A NetClassifier or a plain skorch.NeuralNetClassifier is needed{because}."
        )
    _check_portable(estimator)
    given = {k: v for k, v in vars(estimator).items() if is_setting(k)}
    shared = {name: getattr(estimator, name) for name in SHARED}
    # skorch uses an empty list for unknown classes.
    if shared["classes"] is not None and len(shared["classes"]) == 0:
        shared["classes"] = None
    return NetClassifier(**shared, **given)


def with_net_classifier(estimator):
    """Return an estimator with a NetClassifier in place of a plain skorch net.

    The net may be the last step of a pipeline. Other estimators are left unchanged.
    """
    last = last_step(estimator)
    if not isinstance(last, NeuralNet):
        return estimator
    return replace_last_step(estimator, as_net_classifier(last))


def _check_portable(net):
    kept = {
        "iterator_train": DataLoader,
        "iterator_valid": DataLoader,
        "predict_nonlinearity": "auto",
        "compile": False,
    }
    odd = [name for name, value in kept.items() if getattr(net, name, value) != value]
    if getattr(net.dataset, "__module__", "") != "skorch.dataset":
        odd.append("dataset")
    if net.batch_size == -1:
        odd.append("batch_size=-1")
    if odd:
        raise ValueError(
            f"This net sets {', '.join(odd)}, which a NetClassifier does not have. "
            "Leave it at its default, or build a NetClassifier yourself."
        )
