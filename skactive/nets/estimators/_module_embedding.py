"""A net trained elsewhere, as a transformer that learns nothing."""

from copy import copy, deepcopy
from numbers import Integral

import numpy as np
import torch
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import nn

from skactive._sklearn import Interval, StrOptions
from skactive.nets._arrays import as_batch, as_taken, as_tensor, uncompiled
from skactive.nets._input import (
    check_input,
    check_pixels,
    is_handed_integers,
    is_pixels,
    lies_channels_last,
    to_channels_last,
)
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets.estimators._embedding import rows_of
from skactive.nets.modules import Taps, layer_names
from skactive.utils._documented import BaseEstimator
from skactive.utils._progress import counter


class ModuleEmbedding(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Map samples to what a frozen net makes of them.

    The net is a torch module of any library, trained elsewhere. It is neither trained
    nor changed here, so that one pass over the pool serves a whole run, and distances
    of one round mean what they meant in the last:
    ``CoreSet(ModuleEmbedding(resnet, "avgpool"))``.

    Parameters
    ----------
    module : Module
        A net that takes batches of samples.
    output : str, callable or None, default=None
        What is taken as the embedding. None: what the module returns. A name: the
        output of that layer, as :func:`~skactive.nets.modules.layer_names` lists them,
        or what the method of that name returns, such as ``"embed"``. A function:
        ``output(module, batch)``. More than one axis per sample is flattened.
    batch_size : int, default=64
        Samples that go through the net at once.
    precision : {"fp32", "bf16"}, default="fp32"
        "bf16" is faster on hardware that supports it natively.
    channels_last : bool, default=True
        Memory format of images within the net. One that does not run in it gets the
        plain one.
    device : str or torch.device, default="cpu"
        Where the net runs, such as "cuda".

    Attributes
    ----------
    module_ : Module
        The copy that runs: frozen, in evaluation mode, on the device.
    sample_shape_ : tuple of int
        Shape of a sample.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    TypeError
        From ``fit``, if `module` is no module, such as a class of them.
    ValueError
        From ``fit``, if there is no layer or method `output`, the module fails on
        samples of this shape or has weights that were never made, or what comes out is
        no tensor with a row per sample; for ``device="cuda"`` without CUDA. From
        ``transform``, for samples of another shape or kind than those of ``fit``.

    See Also
    --------
    ImageReader : Reads images from paths, before this.
    NetClassifier : Its ``transform`` embeds by a net that is trained on the labels.
    sklearn.frozen.FrozenEstimator : Freezes a fitted estimator.

    Notes
    -----
    ``fit`` learns nothing: it copies the module, runs it on one sample and remembers
    the shape. The module given keeps its mode, device, weights and layout, and what is
    trained in it after ``fit`` does not show until the next. ``clone`` hands on the
    same module, since nothing changes it and it may be large; a pickle holds the module
    given and, once fitted, the copy.

    Images are taken as by :class:`NetClassifier`: channels first, uint8 divided by 255,
    floats as they are. A net that was trained on images scaled otherwise is preceded by
    that scaling: ``nn.Sequential(Normalize(mean, std), net)``, with ``Normalize`` of
    ``torchvision.transforms``. torch's generators are left unchanged, and a module that
    draws random numbers draws the same for each call.

    A sample has one embedding up to rounding, whatever it is transformed with, unless
    the module mixes the samples of a batch even in evaluation mode.

    Loses to a trained embedding where the net has never seen anything like the samples:
    an untrained ``resnet18(weights=None)`` is a random projection.

    Cost: one forward pass per sample; memory for two modules, a batch, and the rows
    that come out.

    Examples
    --------
    What a classifier trained on other digits sees of these:

    >>> from sklearn.datasets import load_digits
    >>> from skactive.diversity import CoreSet
    >>> from skactive.nets import ModuleEmbedding, NetClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> net = NetClassifier(max_epochs=5, random_state=0).fit(X[:500] / 16, y[:500])
    >>> embedding = ModuleEmbedding(net.net_.module_, "embed")
    >>> CoreSet(embedding, random_state=0).fit(X[500:] / 16).query(10).shape
    (10,)
    """

    _parameter_constraints = {
        "module": "no_validation",  # said in words below
        "output": [str, callable, None],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "precision": [StrOptions({"fp32", "bf16"})],
        "channels_last": ["boolean"],
        "device": [str, torch.device],
    }

    #: Fitting it on any row is as good as on all.
    learns_nothing = True

    def __init__(
        self,
        module,
        output=None,
        *,
        batch_size=64,
        precision="fp32",
        channels_last=True,
        device="cpu",
    ):
        self.module = module
        self.output = output
        self.batch_size = batch_size
        self.precision = precision
        self.channels_last = channels_last
        self.device = device

    def fit(self, X, y=None):
        """Copy the module, and try it on one sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples, of which only the shape and the kind matter.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        self._validate_params()
        device = check_device(self.device)
        _check_module(self.module, self.output)
        X = check_input(self, X, reset=True, lazily=True)
        shape = X.shape[1:]
        with seeded_torch(0, device):
            module = _frozen_copy(self.module)
            integers = is_handed_integers(module, X)
            last = self.channels_last and lies_channels_last(module, shape)
            module = module.to(device)
        if last:
            to_channels_last(module)
        taken = as_taken(module, X[:1], "X", integers)
        Z = self._tried(module, taken, last)
        self.module_, self.sample_shape_, self._n_features_out = (
            module,
            shape,
            Z.shape[1],
        )
        self._pixels, self._integers, self._last = is_pixels(X), integers, last
        return self

    def transform(self, X):
        """Return what the net makes of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, n_columns)
            The outputs named by `output`.
        """
        check_is_fitted(self)
        X = check_input(self, X, reset=False, lazily=True)
        check_pixels(self, X)
        X = as_taken(self.module_, X, "X", self._integers)
        Z = np.empty((len(X), self._n_features_out), np.float32)
        count = counter(len(X))
        for start in range(0, len(X), self.batch_size):
            rows = slice(start, start + self.batch_size)
            batch = X[rows]
            try:
                Z[rows] = self._forward(self.module_, batch, self._last)
            except Exception as error:
                raise self._fault(batch, start, error) from error
            count(len(batch))
        return Z

    def _fault(self, batch, start, error):
        """Return an error that has the position of the sample that the module fails on.

        ``row`` of it is that position, so that others can name the file.
        """
        if isinstance(error, (MemoryError, torch.OutOfMemoryError, _NoRows)):
            return error
        failed = [k for k in range(len(batch)) if not self._takes(batch[k : k + 1])]
        row, end = start + (failed or [0])[0], start + len(batch) - 1
        where = (
            f"position {row}" if failed else f"one of the positions {start} to {end}"
        )
        named = ValueError(
            f"The module, a {type(self.module_).__name__}, fails on the sample at "
            f"{where}: {type(error).__name__}: {error}"
        )
        named.row = row
        return named

    def _takes(self, X):
        try:
            self._forward(self.module_, X, self._last)
        except Exception:
            return False
        return True

    def _tried(self, module, X, last):
        try:
            return self._forward(module, X, last)
        except Exception as error:
            if isinstance(error, (MemoryError, _NoRows)):
                raise
            raise ValueError(
                f"The module, a {type(module).__name__}, fails on a sample of shape "
                f"{X.shape[1:]}: {type(error).__name__}: {error}"
            ) from error

    def _forward(self, module, X, last):
        """Return rows of floats for a batch, an array."""
        X = as_batch(as_tensor(X), module, self.device, last)
        half = self.precision == "bf16"
        kind = torch.device(self.device).type
        # Each call by itself, so that other threads need not wait for the whole pool.
        with (
            seeded_torch(0, self.device),
            torch.no_grad(),
            torch.autocast(kind, torch.bfloat16, enabled=half),
        ):
            Z = _output(module, self.output, X)
        try:
            return rows_of(Z, len(X), module).cpu().numpy()
        except ValueError as error:
            got = tuple(Z.shape) if isinstance(Z, torch.Tensor) else type(Z).__name__
            raise _NoRows(
                f"An embedding of {len(X)} samples must be a tensor of shape "
                f"({len(X)}, d); output={self.output!r} of {type(module).__name__} "
                f"gave {got}. Name a layer, or pass a function, as "
                "output=lambda module, batch: module(batch)[0]."
            ) from error

    def __sklearn_clone__(self):
        # The module is never changed here, and may be large: it is not copied.
        bare = copy(self)
        bare.module = None
        twin = super(ModuleEmbedding, bare).__sklearn_clone__()
        twin.module = self.module
        return twin

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _frozen_copy(module):
    """Return a copy in evaluation mode, whose weights take no gradients."""
    try:
        with torch.no_grad():  # else a copy of a module of torch.jit has a history
            twin = deepcopy(module).eval()
    except Exception as error:
        raise ValueError(
            f"The module, a {type(module).__name__}, cannot be copied, and the one "
            f"given is not to be changed: {error}"
        ) from error
    for weight in twin.parameters():  # such a module has no requires_grad_
        weight.requires_grad_(False)
    return twin


class _NoRows(ValueError):
    """What came out of a module is no matrix."""


def _output(module, output, X):
    """Return what is asked for of a batch."""
    if output is None:
        return module(X)
    if callable(output):
        return output(module, X)
    module = uncompiled(module)
    if output in layer_names(module):
        with Taps(module, output, copy=True) as taps:
            module(X)
        return taps.outputs[0]
    return getattr(module, output)(X)


def _check_module(module, output):
    """Refuse what is no module, is not ready, or has not what is asked for."""
    if not isinstance(module, nn.Module):
        advice = "Pass a module."
        if isinstance(module, type):
            advice = "Pass an instance, with its trained weights."
        elif hasattr(module, "fit"):
            advice = "Of a fitted NetClassifier, the module is net.net_.module_."
        raise TypeError(
            "The 'module' parameter of ModuleEmbedding must be a torch.nn.Module; got "
            f"{module!r}. {advice}"
        )
    if any(isinstance(w, nn.UninitializedParameter) for w in module.parameters()):
        raise ValueError(
            f"The module, a {type(module).__name__}, is lazy and has weights that were "
            "never made. Train it, or run it on a batch, first."
        )
    module = uncompiled(module)
    if isinstance(output, str) and output not in layer_names(module):
        if not output or not callable(getattr(module, output, None)):
            raise ValueError(
                f"output={output!r}, and {type(module).__name__} has no layer or "
                "method of that name. Its layers: "
                f"{', '.join(layer_names(module)) or 'none'}."
            )
