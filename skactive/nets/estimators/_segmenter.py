"""NetSegmenter: a torch module that gives each pixel a class, as an estimator."""

from numbers import Integral

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import Interval, StrOptions, _fit_context
from skactive.metrics import mean_iou
from skactive.nets._input import check_input
from skactive.nets.estimators._masks import (
    check_masks,
    classes_of_masks,
    encode_masks,
)
from skactive.nets.estimators._predicting import NetPredictionsMixin
from skactive.nets.estimators._recipe import PLAIN, Target
from skactive.nets.estimators._shell import (
    SHELL_CONSTRAINTS,
    NetShell,
    check_pair_augment,
)
from skactive.nets.estimators._task import IGNORED, MASKS
from skactive.nets.modules import UNet
from skactive.utils._class_weights import root_weights
from skactive.utils._dense_answers import MaskAnswers
from skactive.utils._documented import BaseEstimator
from skactive.utils._kept import kept_if_it_fails


class NetSegmenter(NetShell, NetPredictionsMixin, BaseEstimator):
    """Train a torch module that gives each pixel of an image a class.

    As :class:`NetClassifier`, for masks in place of labels. It is neither classifier
    nor regressor for scikit-learn, whose stratified folds refuse masks: ``cv=5`` is
    five folds in order. Where rows are frames of videos, split by groups.

    Parameters
    ----------
    module : Module class, callable returning a Module, Module or None, default=None
        What is trained; it returns one map of logits per class, of the size of the
        image. None: a :class:`~skactive.nets.modules.UNet`. Where the class has
        parameters ``in_channels`` or ``n_classes``, they are filled in from the data.
        An instance is copied in each ``fit`` with the weights it has.
    criterion : loss class, loss, function or None, default=None
        Called with the logits and masks of class numbers, -100 where a pixel has no
        label; returns one number. None: :class:`torch.nn.CrossEntropyLoss`, the mean
        over all labeled pixels of a batch.
    optimizer : optimizer class or None, default=None
        None: :class:`torch.optim.Adam`.
    lr : float, default=0.003
        Largest step size of the optimizer.
    schedule : {"one-cycle"} or None, default="one-cycle"
        How the step size changes: from a 25th up to `lr` and down to nothing, once in a
        training; None: not at all.
    max_epochs : int, default=50
        How often each image is seen.
    batch_size : int, default=8
        Most images per step, in batches of even size.
    augment : callable or None, default=None
        ``augment(X, y)`` takes a batch of images and masks as tensors and returns both,
        changed alike, as :class:`~skactive.nets.HorizontalFlip` does.
    class_weight : "sqrt", array-like of shape (n_classes,) or None, default="sqrt"
        Weights of classes in the cross-entropy. "sqrt": one over the root of the share
        of each among the labeled pixels. None: all pixels weigh the same.
    ignore_index : int or None, default=255
        What a mask holds where a pixel has no label. Such a pixel is neither learned
        from nor scored.
    precision : {"fp32", "bf16"}, default="fp32"
        "bf16" runs the module under :class:`torch.autocast`.
    channels_last : bool, default=True
        Keep images and weights with the channels innermost in memory, where the module
        takes it.
    callbacks : list of skorch callbacks or None, default=None
        Copied in each ``fit``; let them monitor "train_loss".
    device : str or torch.device, default="cpu"
        "cpu", "cuda", or one of several GPUs, "cuda:1".
    classes : array-like of int of shape (n_classes,) or None, default=None
        All classes there are, if ``y`` may lack some. None: those in ``y``.
    warm_start : bool or ShrinkPerturb, default=False
        Continue from the weights of the last ``fit``, with a new optimizer.
    verbose : int, default=0
        1 prints the loss of each epoch.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, order of images, dropout and augmentation.
    **kwargs : dict
        Settings of the parts, such as ``module__width=32``, as in
        :class:`NetClassifier`.

    Attributes
    ----------
    classes_ : ndarray of int of shape (n_classes,)
        The classes of pixels, sorted.
    net_ : skorch.NeuralNetClassifier
        The trained net, with ``net_.module_`` and ``net_.history_``.
    sample_shape_ : tuple of int
        Shape of one image.
    n_features_in_ : int
        Number of channels seen during fit.

    See Also
    --------
    NetClassifier : One label per sample.
    skactive.metrics.mean_iou : What ``score`` is.

    Notes
    -----
    Images are taken as by :class:`NetClassifier`, all of one size. Masks are one
    integer array (n, height, width), or arrays in a list; ``predict`` returns one
    array, of the dtype of the classes.

    Probabilities are large: 11 classes of 120 x 160 pixels take 0.8 MB per image in
    single precision, 19 of 1,024 x 2,048 take 152 MB. ``predict``, ``score`` and
    strategies go through ``iter_proba``, which holds 64 MB or one image at a time.

    Examples
    --------
    Squares on a dark ground:

    >>> import numpy as np
    >>> from skactive.nets import NetSegmenter
    >>> rng = np.random.RandomState(0)
    >>> y = np.zeros((12, 16, 16), dtype=np.uint8)
    >>> for mask, (i, j) in zip(y, rng.randint(0, 9, (12, 2))):
    ...     mask[i : i + 7, j : j + 7] = 1
    >>> X = y[:, None] + rng.normal(0, 0.3, (12, 1, 16, 16))
    >>> net = NetSegmenter(module__width=8, max_epochs=20, random_state=0)
    >>> net = net.fit(X[:8], y[:8])
    >>> net.predict(X[8:]).shape, net.score(X[8:], y[8:]) > 0.8
    ((4, 16, 16), True)
    """

    _parameter_constraints = {
        **SHELL_CONSTRAINTS,
        "schedule": [StrOptions({"one-cycle"}), None],
        "class_weight": [StrOptions({"sqrt"}), "array-like", None],
        "ignore_index": [Interval(Integral, None, None, closed="neither"), None],
    }

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
        schedule="one-cycle",
        max_epochs=50,
        batch_size=8,
        augment=None,
        class_weight="sqrt",
        ignore_index=255,
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
        self.schedule = schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.augment = augment
        self.class_weight = class_weight
        self.ignore_index = ignore_index
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
        """Build the net and train it on all images.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images, uint8 or floats.
        y : array-like of int of shape (n_samples, height, width)
            Masks, or as many arrays in a list.

        Returns
        -------
        self : object
            The fitted segmenter.

        Raises
        ------
        ValueError
            If a mask is not of the size of its image, holds floats, or a class that is
            neither among ``classes`` nor ``ignore_index`` (the message names the row);
            if all pixels are ignored; or as by :class:`NetClassifier`.
        TypeError
            If ``augment`` takes images alone, or as by :class:`NetClassifier`.
        FloatingPointError
            If the loss becomes NaN or infinite; the message names the epoch.
        """
        before = self._last_fit()
        with kept_if_it_fails(self):
            return self._train(X, y, PLAIN, before=before)

    def predict(self, X):
        """Return the most probable class of each pixel.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images.

        Returns
        -------
        y : ndarray of int of shape (n_samples, height, width)
            Masks.
        """
        parts = self._asked(X, lambda X: [self._winners(o) for o in self._maps(X)])
        return self.classes_[np.concatenate(parts)]

    def predict_proba(self, X):
        """Return the probability of each class of each pixel.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images.

        Returns
        -------
        proba : ndarray of float32 of shape (n_samples, n_classes, height, width)
            All at once; ``iter_proba`` needs less memory.
        """
        return np.concatenate(list(self.iter_proba(X)))

    def iter_proba(self, X):
        """Yield the probabilities of images batch by batch.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images.

        Yields
        ------
        proba : ndarray of float32 of shape (n_batch, n_classes, height, width)
            Of the next images, in order.
        """
        check_is_fitted(self)
        X = check_input(self, X, reset=False, lazily=True)
        net, size = self.net_, self.net_.prediction_size(X.shape[1:])
        for start in range(0, len(X), size):
            yield self._asked(
                X[start : start + size],
                lambda X: next(net.probabilities(o).numpy() for o in self._maps(X)),
            )

    def score(self, X, y, sample_weight=None):
        """Return the mean intersection over union of the predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images.
        y : array-like of int of shape (n_samples, height, width)
            True masks; pixels with ``ignore_index`` do not count.
        sample_weight : None
            Not supported: pixels of all images are counted together.

        Returns
        -------
        score : float
            Mean over classes.
        """
        return self._score_of(y, self.predict(X), sample_weight)

    @property
    def answers_kind(self):
        """What an answer is to a learner: a mask."""
        return MaskAnswers

    def _score_of(self, y, predicted, sample_weight=None):
        """Return the score of predictions, which a strategy may have made."""
        if sample_weight is not None:
            raise ValueError("Masks are scored without sample_weight.")
        return mean_iou(y, predicted, ignore_index=self.ignore_index)

    def _maps(self, X):
        return (outputs.cpu() for outputs in self.net_.iterate(X))

    @staticmethod
    def _winners(outputs):
        return outputs.argmax(dim=1).to(torch.int16).numpy()

    def _answer(self, outputs):
        return self.classes_[self._winners(outputs)]

    def _target(self, X, y):
        check_pair_augment(self)
        X = check_input(self, X, reset=True, lazily=True)
        y = check_masks(y, X)
        classes = classes_of_masks(y, self.classes, self.ignore_index)
        codes = encode_masks(y, classes, self.ignore_index, IGNORED)
        return X, Target(codes, len(classes), {"classes_": classes})

    def _net_settings(self, module, target, sample_shape):
        settings = super()._net_settings(module, target, sample_shape)
        settings["task"] = MASKS
        _check_ignores(settings)
        weights = self._class_weights(target, settings)
        return settings if weights is None else {**settings, **weights}

    def _class_weights(self, target, settings):
        """Return class weights as a setting of the criterion, or None."""
        wanted, criterion = self.class_weight, settings["criterion"]
        weighs = isinstance(criterion, type) and issubclass(
            criterion, torch.nn.CrossEntropyLoss
        )
        if wanted is None or target.values is None:
            return None
        if not weighs or "criterion__weight" in settings:
            if isinstance(wanted, str):
                return None  # the default is for the default criterion
            raise ValueError(
                "class_weight is for criterion=None, the cross-entropy; give another "
                "criterion its weights by criterion__weight."
            )
        if isinstance(wanted, str):
            known = target.values[target.values != IGNORED]
            wanted = root_weights(np.bincount(known, minlength=target.n_outputs))
        weights = np.asarray(wanted)
        fit = weights.shape == (target.n_outputs,) and weights.dtype.kind in "iuf"
        if not fit or not np.isfinite(weights).all() or weights.min() < 0:
            raise ValueError(
                f"class_weight must hold {target.n_outputs} numbers of 0 or more, one "
                f"for each class; got {weights.tolist()}."
            )
        if not weights.any():
            raise ValueError("class_weight is 0 for all classes: nothing to learn.")
        return {"criterion__weight": torch.as_tensor(weights.astype(np.float32))}

    def _fresh_module(self, sample_shape, n_outputs):
        if self.module is not None:
            return super()._fresh_module(sample_shape, n_outputs)
        return self._built(UNet, sample_shape, n_outputs)


def _check_ignores(settings):
    """Refuse a criterion that ignores another number than masks have there."""
    theirs = getattr(settings["criterion"], "ignore_index", IGNORED)
    theirs = settings.get("criterion__ignore_index", theirs)
    if theirs != IGNORED:
        raise ValueError(
            f"criterion__ignore_index={theirs}: masks reach the criterion as positions "
            f"in classes_, {IGNORED} where there is no label. Leave it, and say by "
            f"ignore_index={theirs} of the segmenter what your masks hold there."
        )
