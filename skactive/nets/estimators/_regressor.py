"""A torch module as a scikit-learn regressor."""

import numpy as np
import torch
from sklearn.base import RegressorMixin
from sklearn.utils import check_array, check_consistent_length
from torch import nn

from skactive._sklearn import _fit_context
from skactive.nets._input import check_input
from skactive.nets.estimators._predicting import NetPredictionsMixin
from skactive.nets.estimators._recipe import PLAIN, Target
from skactive.nets.estimators._settings import name_of
from skactive.nets.estimators._shell import SHELL_CONSTRAINTS, NetShell
from skactive.nets.estimators._task import NUMBERS
from skactive.utils import is_missing
from skactive.utils._dense_answers import kind_of
from skactive.utils._documented import BaseEstimator
from skactive.utils._kept import kept_if_it_fails
from skactive.utils._labels import out_of_torch

#: Losses whose targets are classes, or whose output is not in the unit of y.
NOT_OF_NUMBERS = (
    nn.CrossEntropyLoss,
    nn.NLLLoss,
    nn.MultiMarginLoss,
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
    nn.SoftMarginLoss,
    nn.MultiLabelMarginLoss,
    nn.MultiLabelSoftMarginLoss,
    nn.PoissonNLLLoss,
    nn.KLDivLoss,
)


class NetRegressor(NetShell, NetPredictionsMixin, RegressorMixin, BaseEstimator):
    """Train a torch module as a scikit-learn regressor.

    As :class:`NetClassifier`, for numbers in place of labels: one for each sample, or
    several. It takes tables and images, and one seed. A skorch net is built in each
    ``fit`` and kept as ``net_``; it trains on every sample, none is held out.

    Parameters
    ----------
    module : Module class, callable returning a Module, Module or None, default=None
        What is trained; it returns one column for each number of a sample, or, of one
        number, no column. None: an :class:`~skactive.nets.modules.MLP` for tables, a
        :class:`~skactive.nets.modules.ResNet` for images. Where the class has
        parameters ``n_features``, ``in_channels`` or ``n_outputs`` (or ``n_classes``,
        as those modules), they are filled in from the data. An instance is copied in
        each ``fit`` with the weights it has.
    criterion : loss class, loss, function or None, default=None
        Called with the output and the targets, both of shape (n, n_outputs); returns
        one number. None: :class:`torch.nn.MSELoss`. Others are
        :class:`torch.nn.HuberLoss` and :class:`torch.nn.L1Loss`, for targets with
        outliers.
    optimizer : optimizer class or None, default=None
        None: :class:`torch.optim.Adam`.
    lr : float, default=0.003
        Learning rate of the optimizer.
    normalize_y : bool, default=True
        Train on ``y`` minus its mean, divided by its standard deviation, each column by
        its own; predictions are in the unit of ``y`` again. A net starts near 0 with
        steps of about ``lr``, so that targets of 100,000 are never reached, or the
        loss becomes infinite. False: ``y`` as it is, for a module whose last layer
        knows its range, such as one that ends in Softplus. Losses in ``history_`` and
        the ``delta`` of a HuberLoss are in the unit that is trained on.
    max_epochs : int, default=50
        How often each sample is seen.
    batch_size : int, default=64
        Largest number of samples per step; batches of an epoch are of even size, as
        by :class:`NetClassifier`.
    augment : callable or None, default=None
        Takes a batch of training samples as a float tensor, on the device, and returns
        another of the same length. It should draw from torch alone, and change nothing
        that ``y`` depends on.
    precision : {"fp32", "bf16"}, default="fp32"
        "bf16" runs the module under :class:`torch.autocast`, in training and
        prediction; the loss stays float32.
    channels_last : bool, default=True
        Keep images and weights of convolutions in channels-last memory format, where
        the module runs in it.
    callbacks : list of skorch callbacks or None, default=None
        Copied in each ``fit``; what they recorded is in ``net_.callbacks_``. There is
        no validation loss, so let them monitor "train_loss".
    device : str or torch.device, default="cpu"
        "cpu", "cuda", or one of several GPUs, "cuda:1".
    warm_start : bool or ShrinkPerturb, default=False
        Continue from the weights of the last ``fit``, or of the last round of an
        :class:`~skactive.ActiveLearner`, with a new optimizer, and with its mean and
        scale of ``y``. With :class:`~skactive.nets.ShrinkPerturb` weights are made
        smaller first.
    verbose : int, default=0
        1 prints the loss of each epoch.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, order of samples, dropout and augmentation. torch's own
        generators are left unchanged, in ``fit`` and in prediction.
    **kwargs : dict
        Settings of the parts: ``module__*``, ``criterion__*``, ``optimizer__*``,
        ``callbacks__*``, and ``iterator_train__*``, ``iterator_valid__*`` for the data
        loaders, as in ``NetRegressor(module__hidden=(32, 32))``. They are parameters
        like the others for ``get_params``, ``set_params`` and a grid search.

    Attributes
    ----------
    y_mean_ : float or ndarray of shape (n_outputs,)
        What was subtracted from ``y``; an array if ``y`` has columns.
    y_scale_ : float or ndarray of shape (n_outputs,)
        What it was then divided by; 1 where ``y`` is constant.
    net_ : skorch net
        The trained net, with ``net_.module_`` and ``net_.history_``; its outputs are in
        the unit that was trained on. Moments of the optimizer are dropped.
    sample_shape_ : tuple of int
        Shape of one sample.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    NetClassifier : Classes in place of numbers.
    skactive.deep.LL4AL : Ask for what such a net will predict with the largest loss.

    Notes
    -----
    Samples are taken as by :class:`NetClassifier`: tables unchanged, so scale them;
    images of shape (n, channels, height, width), those of uint8 divided by 255.

    Numbers may have outliers, and a mean is drawn to them: take another ``criterion``,
    or :class:`sklearn.compose.TransformedTargetRegressor` around the net.

    Cost: as for NetClassifier; memory for the net and one batch.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.nets import NetRegressor
    >>> X = np.random.RandomState(0).normal(size=(200, 3))
    >>> y = 100_000 * (X[:, 0] + X[:, 1] ** 2)
    >>> net = NetRegressor(random_state=0).fit(X[:150], y[:150])
    >>> net.score(X[150:], y[150:]) > 0.9
    True
    >>> net.transform(X).shape
    (200, 64)
    """

    _parameter_constraints = {
        **{k: v for k, v in SHELL_CONSTRAINTS.items() if k != "classes"},
        "normalize_y": ["boolean"],
    }

    _default_parts = {"criterion": nn.MSELoss, "optimizer": torch.optim.Adam}

    def __init__(
        self,
        module=None,
        *,
        criterion=None,
        optimizer=None,
        lr=0.003,
        normalize_y=True,
        max_epochs=50,
        batch_size=64,
        augment=None,
        precision="fp32",
        channels_last=True,
        callbacks=None,
        device="cpu",
        warm_start=False,
        verbose=0,
        random_state=None,
        **kwargs,
    ):
        self.module = module
        self.criterion = criterion
        self.optimizer = optimizer
        self.lr = lr
        self.normalize_y = normalize_y
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.augment = augment
        self.precision = precision
        self.channels_last = channels_last
        self.callbacks = callbacks
        self.device = device
        self.warm_start = warm_start
        self.verbose = verbose
        self.random_state = random_state
        # Names are checked in fit: scikit-learn allows no errors here.
        vars(self).update(kwargs)

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Build the net and train it on all samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Rows of a table, or images as (n_samples, channels, height, width), or
            samples of any shape that the module takes.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Finite numbers.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        ValueError
            If the device is not available, if ``X`` or ``y`` holds NaN or infinities,
            if ``y`` holds no numbers, if the criterion is one of classes, or if the
            module does not return one column for each number of a sample.
        TypeError
            If there is no parameter of a given name, or a part has no such setting or
            lacks one; the message names what may have been meant.
        FloatingPointError
            If the loss becomes NaN or infinite; the message names the epoch.
        """
        before = self._last_fit()
        with kept_if_it_fails(self):
            return self._train(X, y, PLAIN, before=before)

    def predict(self, X):
        """Return the predicted number of each sample, or its numbers.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        y : ndarray of float64 of shape (n_samples,) or (n_samples, n_outputs)
            In the unit and the shape of the ``y`` that ``fit`` was given.
        """
        return super().predict(X)

    def _target(self, X, y):
        X = check_input(self, X, reset=True, lazily=True)
        y = check_numbers(self, y)
        check_consistent_length(X, y)
        mean, scale = np.zeros(y.shape[1:]), np.ones(y.shape[1:])
        if self.normalize_y:
            mean, scale = _mean_and_scale(y)
        return X, _target_of(y, mean, scale)

    def _no_target(self):
        return Target(None, 1, {"y_mean_": 0.0, "y_scale_": 1.0})

    def _continued(self, target, before):
        """Return a target in the unit in which another net was trained."""
        mean, scale = target.fitted["y_mean_"], target.fitted["y_scale_"]
        shape, known = np.shape(mean), np.shape(before.y_mean_)
        if shape != known:
            now, was = (f"of shape {('n', *s)}" for s in (shape, known))
            raise ValueError(
                "warm_start=True continues from the net of the last fit, which was "
                f"given y {was}, and now it is {now}. Clone the estimator to start "
                "from scratch."
            )
        y = target.values.astype(np.float64) * scale + mean
        return _target_of(y.reshape(-1, *shape), before.y_mean_, before.y_scale_)

    def _answer(self, outputs):
        y = outputs.double().numpy() * self.y_scale_ + self.y_mean_
        return y if np.ndim(self.y_mean_) else y[:, 0]

    def _net_settings(self, module, target, sample_shape):
        settings = super()._net_settings(module, target, sample_shape)
        _refuse_classes(settings["criterion"])
        return {**settings, "task": NUMBERS}

    def _target_state(self):
        names = ("y_mean_", "y_scale_")
        return {name: np.asarray(getattr(self, name)).tolist() for name in names}

    def _target_from(self, state):
        fitted = {name: _known(state[name]) for name in ("y_mean_", "y_scale_")}
        return Target(None, np.size(fitted["y_mean_"]), fitted)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.target_tags.multi_output = True
        return tags


def check_numbers(estimator, y):
    """Return targets as finite float64 of shape (n,) or (n, n_outputs).

    Parameters
    ----------
    estimator : estimator object
        Named in messages.
    y : array-like of shape (n,) or (n, n_outputs)
        What ``fit`` was given, in any container.

    Examples
    --------
    >>> from skactive.nets import NetRegressor
    >>> from skactive.nets.estimators._regressor import check_numbers
    >>> check_numbers(NetRegressor(), [1, 2.5])
    array([1. , 2.5])
    """
    name = type(estimator).__name__
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
    y = out_of_torch(y)
    if type(y).__name__ == "SliceDataset":
        y = np.asarray([y[i] for i in range(len(y))])
    if kind_of(y) is not None:
        raise ValueError(
            f"y holds masks or boxes, and {name} gives each sample numbers. Take a "
            "NetSegmenter or a NetDetector."
        )
    y = y if hasattr(y, "dtype") or hasattr(y, "columns") else np.asarray(y)
    if np.ndim(y) == 1 and is_missing(y).any():
        raise ValueError(
            f"y holds {is_missing(y).sum()} missing numbers (None or NaN). A net is "
            "trained on labeled samples; only ActiveLearner handles the others."
        )
    kind, some = np.asarray(y).dtype.kind, np.asarray(y).ravel()[:1].tolist()
    if kind in "USmM" or (kind == "O" and isinstance(next(iter(some), None), str)):
        raise ValueError(
            f"y of {name} must hold numbers; it holds {some[0]!r}. Take a "
            "NetClassifier for classes."
        )
    settings = {"ensure_2d": False, "input_name": "y", "estimator": estimator}
    # Laid out by columns, as in frames, they would add up to other last digits.
    return check_array(y, dtype=np.float64, order="C", **settings)


def _mean_and_scale(y):
    """Return mean and standard deviation of each column; 1 where it is constant."""
    # In units of the largest, whose square may be too large for a float.
    largest = np.abs(y).max(axis=0)
    unit = np.where(largest > 0, largest, 1.0)
    mean, scale = unit * (y / unit).mean(axis=0), unit * (y / unit).std(axis=0)
    constant = (y == y[0]).all(axis=0) | (scale == 0)
    return _known(np.where(constant, y[0], mean)), _known(np.where(constant, 1, scale))


def _target_of(y, mean, scale):
    """Return numbers as a net is trained on them, one column for each."""
    values = ((y - mean) / scale).astype(np.float32)
    values = values[:, None] if values.ndim == 1 else values
    fitted = {"y_mean_": _known(mean), "y_scale_": _known(scale)}
    return Target(values, values.shape[1], fitted)


def _known(value):
    """Return a float where there is one, and an array where there are columns."""
    value = np.asarray(value, dtype=np.float64)
    return value if value.ndim else float(value)


def _refuse_classes(criterion):
    kind = criterion if isinstance(criterion, type) else type(criterion)
    for loss in NOT_OF_NUMBERS:
        if issubclass(kind, loss) and kind.forward is loss.forward:
            raise ValueError(
                f"criterion={name_of(kind)} of NetRegressor does not compare numbers "
                "in the unit of y: its targets are classes, or its outputs are logits "
                "or logarithms. Take criterion=None, which is MSELoss, or L1Loss, "
                "HuberLoss or a function; for classes, NetClassifier."
            )
