"""A torch module as a scikit-learn classifier."""

import torch
from sklearn.base import ClassifierMixin

from skactive._sklearn import _fit_context
from skactive.nets._input import check_classes, check_input, encode
from skactive.nets.estimators._predicting import ClassPredictionsMixin
from skactive.nets.estimators._recipe import PLAIN, Target
from skactive.nets.estimators._shell import SHELL_CONSTRAINTS, NetShell
from skactive.utils._dense_answers import kind_of
from skactive.utils._documented import BaseEstimator
from skactive.utils._kept import kept_if_it_fails


class NetClassifier(NetShell, ClassPredictionsMixin, ClassifierMixin, BaseEstimator):
    """Train a torch module as a scikit-learn classifier.

    It takes labels of any kind, tables and images, and one seed. A skorch net is built
    in each ``fit`` and kept as ``net_``; it trains on every label, none is held out.

    Parameters
    ----------
    module : Module class, callable returning a Module, Module or None, default=None
        What is trained; it returns one column per class, by default logits. None: an
        :class:`~skactive.nets.modules.MLP` for tables, a
        :class:`~skactive.nets.modules.ResNet` for images. Where the class has
        parameters ``n_features``, ``in_channels`` or ``n_classes``, they are filled in
        from the data. An instance is copied in each ``fit`` with the weights it has.
    criterion : loss class, loss, function or None, default=None
        Called with the output and the classes as integers; returns one number. None:
        :class:`torch.nn.CrossEntropyLoss`. ``criterion__weight`` may be an array, a
        list, or a dict by label. As in skorch, :class:`torch.nn.NLLLoss`
        is for a module that returns probabilities; with any other criterion,
        probabilities are the softmax of the output.
    optimizer : optimizer class or None, default=None
        None: :class:`torch.optim.Adam`.
    lr : float, default=0.003
        Learning rate of the optimizer.
    max_epochs : int, default=50
        How often each sample is seen.
    batch_size : int, default=64
        Largest number of samples per step; small samples are predicted in larger
        batches. Batches of an epoch are of even size, since a small last one harms
        batch normalization: 65 samples make 33 and 32. No batch is of one sample if
        there are two.
    augment : callable or None, default=None
        Takes a batch of training samples as a float tensor, on the device, and returns
        another of the same length. It should draw from torch alone.
    precision : {"fp32", "bf16"}, default="fp32"
        "bf16" runs the module under :class:`torch.autocast`, in training and
        prediction; the loss stays float32.
    channels_last : bool, default=True
        Keep images and weights of convolutions in channels-last memory format. The
        shape of the batch does not change; convolutions mostly become faster. A module
        with a strided 1 x 1 convolution of fewer than 16 channels is left unchanged,
        since torch crashes on it in that format; so is one that calls ``view`` on a
        feature map, which is found out by trying, and one trained by
        :class:`torch.optim.LBFGS`.
    callbacks : list of skorch callbacks or None, default=None
        Copied in each ``fit``; what they recorded is in ``net_.callbacks_``. There is
        no validation loss, so let them monitor "train_loss".
    device : str or torch.device, default="cpu"
        "cpu", "cuda", or one of several GPUs, "cuda:1".
    classes : array-like of shape (n_classes,) or None, default=None
        All labels there are, if ``y`` may lack some. None: those in ``y``.
    warm_start : bool or ShrinkPerturb, default=False
        Continue from the weights of the last ``fit``, or of the last round of an
        :class:`~skactive.ActiveLearner`, with a new optimizer. With
        :class:`~skactive.nets.ShrinkPerturb` weights are made smaller first.
    verbose : int, default=0
        1 prints the loss of each epoch.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, order of samples, dropout and augmentation. torch's own
        generators are left unchanged, in ``fit`` and in prediction.
    **kwargs : dict
        Settings of the parts: ``module__*``, ``criterion__*``, ``optimizer__*``,
        ``callbacks__*``, and ``iterator_train__*``, ``iterator_valid__*`` for the data
        loaders, as in ``NetClassifier(module__hidden=(32, 32))``. They are parameters
        like the others for ``get_params``, ``set_params`` and a grid search.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    net_ : skorch.NeuralNetClassifier
        The trained net, with ``net_.module_`` and ``net_.history_``. Moments of the
        optimizer are dropped after training.
    sample_shape_ : tuple of int
        Shape of one sample.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    as_net_classifier : Build one from the settings of a skorch net.
    NetRegressor : Numbers in place of classes.
    skactive.nets.modules : Modules to start from.

    Notes
    -----
    Images have shape (n, channels, height, width). Arrays of uint8 with three axes or
    more are pixels: they stay bytes in memory, and each batch is divided by 255.
    Tables of any dtype are taken unchanged: scale them, for instance with
    ``make_pipeline(StandardScaler(), NetClassifier())``. A module whose first layer is
    an Embedding, or that has ``takes_integers = True``, is given integers as int64, of
    any dtype or as whole numbers in floats; with ``takes_integers = False``, and
    without an Embedding, it is given float32, or float64 if its weights are doubles.
    Integers that these would round are refused.

    Threads train nets and predict one after the other, since they share torch's
    generator.

    The same seed gives the same net to the last bit on the same machine with the same
    number of threads. On a GPU some kernels of torch sum in varying order.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.nets import NetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = NetClassifier(module__hidden=(32,), random_state=0)
    >>> model = make_pipeline(StandardScaler(), net).fit(X, y)
    >>> model.score(X, y) > 0.9
    True
    >>> model.transform(X).shape
    (150, 32)
    """

    _parameter_constraints = SHELL_CONSTRAINTS

    _default_parts = {
        "criterion": torch.nn.CrossEntropyLoss,
        "optimizer": torch.optim.Adam,
    }

    def __init__(
        self,
        module=None,
        *,
        criterion=None,
        optimizer=None,
        lr=0.003,
        max_epochs=50,
        batch_size=64,
        augment=None,
        precision="fp32",
        channels_last=True,
        callbacks=None,
        device="cpu",
        classes=None,
        warm_start=False,
        verbose=0,
        random_state=None,
        **kwargs,
    ):
        self.module = module
        self.criterion = criterion
        self.optimizer = optimizer
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.augment = augment
        self.precision = precision
        self.channels_last = channels_last
        self.callbacks = callbacks
        self.device = device
        self.classes = classes
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
        y : array-like of shape (n_samples,)
            Labels: numbers, strings or booleans.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If the device is not available, if ``X`` holds NaN or infinities, if ``y``
            holds labels that are not among ``classes``, or if the module does not
            return one column per class.
        TypeError
            If there is no parameter of a given name, or a part has no such setting or
            lacks one; the message names what may have been meant.
        FloatingPointError
            If the loss becomes NaN or infinite; the message names the epoch.
        """
        before = self._last_fit()
        with kept_if_it_fails(self):
            return self._train(X, y, PLAIN, before=before)

    def _target(self, X, y):
        if kind_of(y) is not None:
            raise ValueError(
                f"y holds masks or boxes, and {type(self).__name__} gives each sample "
                "one class. Take a NetSegmenter or a NetDetector, also as estimator of "
                "a strategy."
            )
        X, y = check_input(self, X, y, reset=True, lazily=True)
        classes = check_classes(y, self.classes)
        return X, Target(encode(y, classes), len(classes), {"classes_": classes})

    def _answer(self, outputs):
        winners = outputs.argmax(dim=1).numpy()
        return self.classes_[winners]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.classifier_tags.multi_label = False
        return tags
