"""NetDetector: a torch module that finds objects, as an estimator."""

from functools import partial
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import Interval, StrOptions, _fit_context
from skactive.metrics import mean_average_precision
from skactive.nets._arrays import as_images, as_one_array, uncompiled
from skactive.nets._input import check_input
from skactive.nets._items import blocks_of_items, is_read
from skactive.nets.estimators._boxes import check_boxes, encode_boxes
from skactive.nets.estimators._canvases import (
    by_canvas,
    cut,
    in_order,
    largest,
    pasted,
)
from skactive.nets.estimators._predicting import NetPredictionsMixin
from skactive.nets.estimators._recipe import PLAIN, Target
from skactive.nets.estimators._shell import (
    SHELL_CONSTRAINTS,
    NetShell,
    check_pair_augment,
)
from skactive.nets.estimators._task import BOXES
from skactive.nets.modules import CenterNet
from skactive.utils._dense_answers import BoxAnswers
from skactive.utils._documented import BaseEstimator
from skactive.utils._kept import kept_if_it_fails

SHARE = Interval(Real, 0, 1, closed="both")


def _gives_features(detector):
    """Tell whether objects have features, as far as it is known before fit."""
    module = CenterNet if detector.module is None else detector.module
    if hasattr(detector, "net_"):
        module = detector.net_.module_
    while isinstance(module, partial):
        module = module.func
    known = isinstance(module, (type, torch.nn.Module))
    return not known or callable(getattr(module, "forward_with_features", None))


class NetDetector(NetShell, NetPredictionsMixin, BaseEstimator):
    """Train a torch module that finds objects in images, and boxes around them.

    As :class:`NetClassifier`, for boxes in place of labels. It is neither classifier
    nor regressor for scikit-learn, whose stratified folds refuse boxes.

    Parameters
    ----------
    module : Module class, callable returning a Module, Module or None, default=None
        A detector with the methods of :class:`~skactive.nets.modules.CenterNet`:
        ``forward(X)`` returns maps, ``losses(maps, targets)`` one number per image,
        ``decode(maps, image_size, ...)`` the objects, ``embed(X)`` one row per image;
        ``forward_with_features(X)`` is needed by ``predict_with_features`` alone.
        None: a CenterNet. Where the class has parameters ``in_channels`` or
        ``n_classes``, they are filled in from the data.
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
        ``augment(X, y)`` takes a batch of images and their boxes, a tensor (n, m, 5) of
        corners and class (-1: no box), and returns both, changed alike, as
        :class:`~skactive.nets.HorizontalFlip` does.
    score_threshold : float, default=0.05
        Objects of a lower score are not found. It decides what a sum over boxes means:
        with a low one, most of them are no objects.
    iou_threshold : float, default=0.5
        Of two boxes of a class that overlap by more, the one of higher score stays.
    max_boxes : int, default=100
        Most objects found in an image.
    precision : {"fp32", "bf16"}, default="fp32"
        "bf16" runs the module under :class:`torch.autocast`.
    channels_last : bool, default=True
        Keep images and weights with the channels innermost in memory, where the module
        takes it.
    callbacks : list of skorch callbacks or None, default=None
        Copied in each ``fit``; let them monitor "train_loss".
    device : str or torch.device, default="cpu"
        "cpu", "cuda", or one of several GPUs, "cuda:1".
    classes : array-like of shape (n_classes,) or None, default=None
        All classes of objects, if ``y`` may lack some. None: those in ``y``.
    warm_start : bool or ShrinkPerturb, default=False
        Continue from the weights of the last ``fit``, with a new optimizer.
    verbose : int, default=0
        1 prints the loss of each epoch.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, order of images and augmentation.
    **kwargs : dict
        Settings of the parts, such as ``module__width=64``, as in
        :class:`NetClassifier`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes of objects, sorted.
    net_ : skorch.NeuralNetClassifier
        The trained net, with ``net_.module_`` and ``net_.history_``.
    sample_shape_ : tuple of int
        Shape of one image; of different sizes, the largest height and width.
    n_features_in_ : int
        Number of channels seen during fit.

    See Also
    --------
    NetSegmenter : Classes of pixels.
    skactive.metrics.mean_average_precision : What ``score`` is.

    Notes
    -----
    Images of different sizes are given in a list or an object array. Each is pasted
    into the upper left corner of a canvas of zeros: the largest height and width that
    ``fit`` saw, and where an image is larger than that, its own, rounded up to a
    multiple of 32. So what is found in an image does not depend on the others that are
    asked about. Boxes are cut at the border of the image, not of the canvas. Training
    takes the memory and time of canvases, and ``transform`` is a mean over the canvas.
    A batch of predictions is of one canvas and always full: many large images of
    sizes that were not in ``fit`` are slow.

    ``y`` holds a dict for each, in a list or an object array:
    "boxes" of shape (m, 4), corners in pixels (left, top, right, bottom, the last two
    exclusive), and "labels" of shape (m,), of any kind. Boxes are cut at the border of
    the image, and refused if they are further outside than a pixel. An image without
    boxes is learned from.

    Examples
    --------
    Bright squares:

    >>> import numpy as np
    >>> from skactive.nets import NetDetector
    >>> rng = np.random.RandomState(0)
    >>> X, y = rng.normal(0, 0.1, (12, 1, 32, 32)), []
    >>> for image, (i, j) in zip(X, rng.randint(0, 20, (12, 2))):
    ...     image[0, i : i + 12, j : j + 12] += 1
    ...     y.append({"boxes": [[j, i, j + 12, i + 12]], "labels": ["square"]})
    >>> net = NetDetector(module__width=16, max_epochs=60, random_state=0).fit(X, y)
    >>> found = net.predict(X)[0]
    >>> str(found["labels"][0]), found["boxes"].shape[1], net.score(X, y) > 0.8
    ('square', 4, True)
    """

    _parameter_constraints = {
        **{k: v for k, v in SHELL_CONSTRAINTS.items() if k != "criterion"},
        "schedule": [StrOptions({"one-cycle"}), None],
        "score_threshold": [SHARE],
        "iou_threshold": [SHARE],
        "max_boxes": [Interval(Integral, 1, None, closed="left")],
    }

    _default_parts = {"optimizer": torch.optim.Adam}

    def __init__(
        self,
        module=None,
        *,
        optimizer=None,
        lr=0.003,
        schedule="one-cycle",
        max_epochs=50,
        batch_size=8,
        augment=None,
        score_threshold=0.05,
        iou_threshold=0.5,
        max_boxes=100,
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
        self.optimizer = optimizer
        self.lr = lr
        self.schedule = schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.augment = augment
        self.score_threshold = score_threshold
        self.iou_threshold = iou_threshold
        self.max_boxes = max_boxes
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

    @property
    def answers_kind(self):
        """What an answer is to a learner."""
        return BoxAnswers

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Build the net and train it on all images.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images, uint8 or floats; a list or an object array of images (channels,
            height, width) may hold different sizes.
        y : array-like of dict of shape (n_samples,)
            Boxes and labels of each image.

        Returns
        -------
        self : object
            The fitted detector.

        Raises
        ------
        ValueError
            If a box is empty, not finite or outside its image (the message names row
            and box), if there is no box at all and no ``classes``, or as by
            :class:`NetClassifier`.
        TypeError
            If ``y`` holds other than such dicts, if ``augment`` takes images alone, or
            as by :class:`NetClassifier`.
        FloatingPointError
            If the loss becomes NaN or infinite; the message names the epoch.
        """
        before = self._last_fit()
        with kept_if_it_fails(self):
            return self._train(X, y, PLAIN, before=before)

    def predict(self, X):
        """Return the objects found in each image.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images, of any size, as for ``fit``.

        Returns
        -------
        y : ndarray of dict of shape (n_samples,)
            "boxes" float32 (m, 4), "labels" (m,), "scores" (m,), descending, and
            "probas" float32 (m, n_classes), what the net says of each class.
        """
        return self._found(X)

    @available_if(_gives_features)
    def predict_with_features(self, X):
        """Return the objects found in each image, and what the net sees of them.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images, of any size, as for ``fit``.

        Returns
        -------
        y : ndarray of dict of shape (n_samples,)
            As from ``predict``, with "features" float32 (m, n_columns) besides: what
            the last layer sees of each object, where the module says so.
        """
        return self._found(X, features=True)

    def score(self, X, y, sample_weight=None):
        """Return the mean average precision of the predictions, at an overlap of .5.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images.
        y : array-like of dict of shape (n_samples,)
            True boxes and labels.
        sample_weight : None
            Not supported: objects of all images are counted together.

        Returns
        -------
        score : float
            Mean over classes.
        """
        return self._score_of(y, self.predict(X), sample_weight)

    def _score_of(self, y, predicted, sample_weight=None):
        """Return the score of predictions, which a strategy may have made."""
        if sample_weight is not None:
            raise ValueError("Boxes are scored without sample_weight.")
        return mean_average_precision(y, predicted)

    def _images(self, X):
        """Return images as a list if they may need canvases, else None."""
        images = as_images(X)
        if images is None and getattr(X, "ndim", 0) == 4:
            X = as_one_array(X)
            images = None if X.shape[1:] == self.sample_shape_ else [*X] or None
        return images

    def _asked_by_size(self, X, ask):
        check_is_fitted(self)
        if is_read(X):  # which holds images of any size: a block at a time
            parts = ((at, self._asked_by_size(b, ask)) for at, b in blocks_of_items(X))
            return [(at[rows], answers) for at, part in parts for rows, answers in part]
        images = self._images(X)
        if images is None:
            return super()._asked_by_size(X, ask)
        parts = []
        for shape, rows in by_canvas(images, self.sample_shape_):
            canvases = pasted([images[k] for k in rows], shape)
            parts.append((rows, self._asked(canvases, ask, shape)))
        return parts

    def _found(self, X, *, features=False):
        if is_read(X) and len(X):
            parts = [self._found(b, features=features) for _, b in blocks_of_items(X)]
            return np.concatenate(parts)

        def ask(X):
            size = X.shape[2:]
            if features:
                seen = self.net_.iterate_with_features(X)
                parts = [self._answer(maps, size, features=Z) for maps, Z in seen]
            else:
                parts = [self._answer(maps, size) for maps in self.net_.iterate(X)]
            return np.concatenate(parts)

        found = in_order(self._asked_by_size(X, ask))
        for answer, image in zip(found, self._images(X) or []):
            cut(answer, image.shape[1:])
        return found

    def _answer(self, outputs, size=None, **features):
        found = self.net_.module_.decode(
            outputs,
            self.sample_shape_[1:] if size is None else size,
            score_threshold=self.score_threshold,
            iou_threshold=self.iou_threshold,
            max_boxes=self.max_boxes,
            **features,
        )
        answers = np.empty(len(found), dtype=object)
        for k, of_image in enumerate(found):
            parts = {name: part.numpy() for name, part in of_image.items()}
            answers[k] = {**parts, "labels": self.classes_[parts["labels"]]}
        return answers

    def _target(self, X, y):
        check_pair_augment(self)
        X = as_one_array(X) if is_read(X) else X
        images = as_images(X)
        if images is not None:
            X = pasted(images, largest(images))
        X = check_input(self, X, reset=True)
        if X.ndim != 4:
            raise ValueError(
                "Boxes belong to images, X of shape (n, channels, height, width); got "
                f"X of shape {X.shape}. Gray images are X[:, None]."
            )
        sizes = [image.shape[-2:] for image in (X if images is None else images)]
        classes, target = encode_boxes(check_boxes(y, sizes), self.classes, sizes)
        return X, Target(target, len(classes), {"classes_": classes})

    def _net_settings(self, module, target, sample_shape):
        settings = super()._net_settings(module, target, sample_shape)
        return {**settings, "task": BOXES}

    def _fresh_module(self, sample_shape, n_outputs):
        module = CenterNet if self.module is None else self.module
        built = self._built(module, sample_shape, n_outputs)
        n_classes = getattr(uncompiled(built), "n_classes", n_outputs)
        if n_classes != n_outputs:
            raise ValueError(
                f"{type(built).__name__} was built for {n_classes} classes, and there "
                f"are {n_outputs} in y, or in classes=[...] if that is given. If y "
                f"lacks some of its classes, declare all by classes; otherwise build "
                f"it for {n_outputs}: a model of torchvision by "
                f"num_classes={n_outputs}, but SSD and Faster R-CNN, which count the "
                f"background, by num_classes={n_outputs + 1}."
            )
        return built
