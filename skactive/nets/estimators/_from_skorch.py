"""A NetClassifier or NetRegressor from the settings of a plain skorch net."""

from skorch import NeuralNet, NeuralNetClassifier, NeuralNetRegressor
from torch.utils.data import DataLoader

from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._regressor import NetRegressor
from skactive.nets.estimators._settings import is_setting
from skactive.utils._models import last_step, replace_last_step

#: Settings of skorch that both shells have under the same name.
SHARED = (
    "module",
    "criterion",
    "optimizer",
    "lr",
    "max_epochs",
    "batch_size",
    "callbacks",
    "device",
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

    See Also
    --------
    as_net_regressor : The same for numbers.

    Notes
    -----
    The validation split of skorch is not carried over: a NetClassifier trains on every
    label. Callbacks that monitor "valid_loss" must monitor "train_loss" instead.

    Examples
    --------
    >>> from skorch import NeuralNetClassifier
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
    _check_plain(estimator, NeuralNetClassifier, NetClassifier)
    settings = _settings_of(estimator)
    classes = estimator.classes
    # skorch uses an empty list for unknown classes.
    known = classes is not None and len(classes)
    return NetClassifier(classes=classes if known else None, **settings)


def as_net_regressor(estimator):
    """Return a NetRegressor with the settings of a skorch net.

    Parameters
    ----------
    estimator : NetRegressor, skorch.NeuralNetRegressor or None
        A NetRegressor is returned unchanged, None as one with default settings. Of a
        skorch net the settings are taken, and weights only if its module is an
        instance.

    Returns
    -------
    regressor : NetRegressor
        Unfitted, with the module, criterion, optimizer, learning rate, epochs, batch
        size, callbacks, device and settings with double underscores of the net, and
        with ``normalize_y=False``, as skorch trains on ``y`` as it is.

    Raises
    ------
    TypeError
        If ``estimator`` is none of these. A subclass of NeuralNetRegressor is refused
        too: what it overrides would be lost.
    ValueError
        If the net has a setting that has no counterpart, as by
        :func:`as_net_classifier`.

    See Also
    --------
    as_net_classifier : The same for classes.

    Notes
    -----
    The validation split of skorch is not carried over: a NetRegressor trains on every
    sample. Targets may be of shape (n,), which skorch refuses, or of any dtype.

    Examples
    --------
    >>> from skorch import NeuralNetRegressor
    >>> from skactive.nets import as_net_regressor
    >>> from skactive.nets.modules import MLP
    >>> net = NeuralNetRegressor(MLP, lr=0.1, module__hidden=(8,))
    >>> as_net_regressor(net).get_params()["module__hidden"]
    (8,)
    """
    if estimator is None:
        return NetRegressor()
    if isinstance(estimator, NetRegressor):
        return estimator
    _check_plain(estimator, NeuralNetRegressor, NetRegressor)
    return NetRegressor(normalize_y=False, **_settings_of(estimator))


def as_net(estimator):
    """Return the shell around a plain skorch net: that of numbers, or of classes.

    None, and what is no net, are as by :func:`as_net_classifier`.
    """
    if isinstance(estimator, (NetRegressor, NeuralNetRegressor)):
        return as_net_regressor(estimator)
    return as_net_classifier(estimator)


def with_net(estimator):
    """Return an estimator with a shell of this library in place of a plain skorch net.

    The net may be the last step of a pipeline. Other estimators are left unchanged.
    """
    last = last_step(estimator)
    if not isinstance(last, NeuralNet):
        return estimator
    return replace_last_step(estimator, as_net(last))


def _check_plain(net, plain, shell):
    """Refuse what is not a net of skorch whose settings say all there is to it."""
    if type(net) is not plain:
        kind, name = type(net).__name__, shell.__name__
        because = (
            f"; what the subclass {kind} overrides would be lost. Pass its "
            f"settings to a {name}"
            if isinstance(net, plain)
            else f", got {kind}. Wrap a module as {name}(module)"
        )
        raise TypeError(
            f"A {name} or a plain skorch.{plain.__name__} is needed{because}."
        )
    _check_portable(net, shell.__name__)


def _settings_of(net):
    """Return what a shell is built with, as a net of skorch has it."""
    nested = {k: v for k, v in vars(net).items() if is_setting(k)}
    return {**{name: getattr(net, name) for name in SHARED}, **nested}


def _check_portable(net, name):
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
            f"This net sets {', '.join(odd)}, which a {name} does not have. "
            f"Leave it at its default, or build a {name} yourself."
        )
