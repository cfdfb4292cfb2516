"""What outputs of a module mean: classes of samples or pixels, numbers, or boxes."""

import torch
from skorch import NeuralNet, NeuralNetClassifier
from torch.nn import functional as F

from skactive.nets.estimators._criterion import check_loss, check_probabilities

#: What a target holds where a pixel has no label; torch's own number.
IGNORED = -100
#: Bytes of the outputs of one batch in prediction.
CHUNK = 2**26


class ClassTask:
    """Outputs are one column per class, targets are numbers of classes.

    A task holds no state: a net is passed to each method, and asked for its criterion
    and its settings.
    """

    #: Whether outputs are maps, so that no layer sees one row for each sample last.
    of_maps = False
    #: Whether targets are numbers of classes.
    of_classes = True

    def checked(self, net, output, n):
        """Return outputs of ``n`` samples as floats, or refuse them."""
        output = first_tensor(output)
        if getattr(output, "shape", None) != (n, net.n_outputs):
            raise ValueError(_about_outputs(net, output, n))
        return output.float()

    def loss(self, net, output, y):
        """Return the loss: one number, or one per sample if reduction is "none"."""
        if isinstance(net.criterion_, torch.nn.NLLLoss):
            check_probabilities(output.detach())
        loss = NeuralNetClassifier.get_loss(net, output, y, training=True)
        check_loss(loss, net.criterion_)
        return loss

    def losses(self, net, output, y):
        """Return the loss to train on, and that of each sample without gradient."""
        loss, criterion = self.loss(net, output, y), net.criterion_
        # A weighted mean is not the mean of the losses, so the criterion computes both;
        # compared with the pass through the net, that costs nothing.
        if not hasattr(criterion, "reduction"):
            raise ValueError(
                f"{type(criterion).__name__} has no `reduction`, so the loss of one "
                "sample is not known. Pass loss=, a callable (output, y) that returns "
                "one loss per sample."
            )
        reduction, criterion.reduction = criterion.reduction, "none"
        try:
            with torch.no_grad():
                losses = self.loss(net, output.detach(), y)
        finally:
            criterion.reduction = reduction
        return loss, losses

    def probabilities(self, net, output):
        """Return float64 probabilities from what the module returned."""
        output = output.double()
        # skorch's rule for this criterion alone: the module returns probabilities.
        if isinstance(net.criterion_, torch.nn.NLLLoss):
            return output
        return output.softmax(dim=1)

    def predicted(self, net, X):
        """Return what predict of the skorch net does, as its callbacks call it."""
        return NeuralNetClassifier.predict(net, X)

    def augmented(self, net, X, y):
        """Return a batch as ``augment`` changes it, with its targets."""
        augmented = net.augment(X)
        _check_augmented(augmented, X, "one tensor")
        return augmented, y

    def batch_size(self, net, sample_shape, size):
        """Return how many samples to predict at once, ``size`` or fewer."""
        return size


class NumberTask(ClassTask):
    """Outputs are one column per number of a sample, targets are these numbers."""

    of_classes = False

    def checked(self, net, output, n):
        output = first_tensor(output)
        shape = getattr(output, "shape", None)
        if shape == (n,) and net.n_outputs == 1:
            output = output[:, None]
        elif shape != (n, net.n_outputs):
            raise ValueError(_about_numbers(net, output, n))
        return output.float()

    def loss(self, net, output, y):
        loss = NeuralNet.get_loss(net, output, y, training=True)
        check_loss(loss, net.criterion_)
        return loss

    def losses(self, net, output, y):
        loss, losses = super().losses(net, output, y)
        return loss, losses.mean(dim=1) if losses.ndim == 2 else losses

    def predicted(self, net, X):
        return net.predict_proba(X)


class MaskTask(ClassTask):
    """Outputs are one map per class, targets are masks of numbers of classes."""

    of_maps = True

    def checked(self, net, output, n):
        output = first_tensor(output)
        shape = tuple(getattr(output, "shape", ()))
        if len(shape) != 4 or shape[:2] != (n, net.n_outputs):
            raise ValueError(
                f"{type(net.module_).__name__} must return one map per class, shape "
                f"({n}, {net.n_outputs}, height, width) for {n} images and "
                f"{net.n_outputs} classes; got {_shape(output)}. If it has a parameter "
                f"for the number of classes, set it: module__<name>={net.n_outputs}; "
                "if y lacks some of its classes, declare all by classes=[...]."
            )
        return output.float()

    def loss(self, net, output, y):
        y, criterion = self._masks(net, output, y), net.criterion_
        if _is_cross_entropy(criterion):
            return _mean(*self._of_pixels(criterion, output, y))
        if getattr(criterion, "reduction", None) == "none":
            return self._of_images(criterion(output, y), y)
        if not (y != IGNORED).any():  # the mean of nothing is NaN
            return output.sum() * 0
        loss = criterion(output, y)
        check_loss(loss, criterion)
        return loss

    def losses(self, net, output, y):
        criterion = net.criterion_
        if not _is_cross_entropy(criterion):
            return super().losses(net, output, y)
        y = self._masks(net, output, y)
        losses, weights = self._of_pixels(criterion, output, y)
        return _mean(losses, weights), self._of_images(losses.detach(), y)

    def _masks(self, net, output, y):
        """Return masks as the criterion takes them, if they fit the maps."""
        y = y.to(output.device).long()
        if output.shape[2:] != y.shape[1:]:
            raise ValueError(
                f"{type(net.module_).__name__} returns maps of "
                f"{tuple(output.shape[2:])} pixels for images of {tuple(y.shape[1:])}. "
                "Let it return maps of the size of the image."
            )
        return y

    def _of_pixels(self, criterion, output, y):
        """Return the loss of each pixel, and how much all of them weigh."""
        weight = criterion.weight
        losses = F.cross_entropy(
            output, y, weight, ignore_index=IGNORED, reduction="none"
        )
        valid = y != IGNORED
        if weight is None:
            return losses, valid.sum()
        return losses, (weight[y.clamp(min=0)] * valid).sum()

    def _of_images(self, losses, y):
        """Return the mean over the labeled pixels of each image."""
        valid = (y != IGNORED).flatten(1).sum(1)
        return losses.flatten(1).sum(1) / valid.clamp(min=1)

    def probabilities(self, net, output):
        return output.softmax(dim=1)

    def augmented(self, net, X, y):
        n = len(y)
        if n < len(X):  # samples of the pool come along, which have no mask
            y = torch.cat([y, self._no_targets(y, len(X) - n)])
        pair = net.augment(X, y)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ValueError(
                "augment must return images and targets, (X, y), changed alike; it "
                f"returned {_shape(pair)}."
            )
        _check_augmented(pair[0], X, "images, a tensor,")
        _check_augmented(pair[1], y, "targets, a tensor,")
        return pair[0], pair[1][:n]

    def _no_targets(self, y, n):
        return y.new_full((n, *y.shape[1:]), IGNORED)

    def batch_size(self, net, sample_shape, size):
        pixels = sample_shape[-1] * sample_shape[-2]
        return max(1, min(size, CHUNK // (4 * net.n_outputs * pixels)))


class BoxTask(MaskTask):
    """Outputs are what a detector makes of images, targets are padded boxes.

    The module itself says what its outputs cost, and what they show.
    """

    def checked(self, net, output, n):
        missing = [
            name
            for name in ("losses", "decode")
            if not callable(getattr(net.module_, name, None))
        ]
        if missing or not isinstance(output, torch.Tensor) or len(output) != n:
            lacks = f"has no {' and no '.join(missing)}" if missing else "does not"
            raise ValueError(
                f"{type(net.module_).__name__} {lacks}; a detector returns one tensor "
                f"of maps, {n} rows for {n} images, and has the methods "
                "losses(maps, targets) and decode(maps, image_size, ...), as "
                "skactive.nets.modules.CenterNet."
            )
        return output.float()

    def loss(self, net, output, y):
        return self._each(net, output, y).mean()

    def losses(self, net, output, y):
        losses = self._each(net, output, y)
        return losses.mean(), losses.detach()

    def _each(self, net, output, y):
        losses = net.module_.losses(output, y.to(output.device))
        if getattr(losses, "shape", None) != (len(output),):
            raise ValueError(
                f"losses of {type(net.module_).__name__} must return one number per "
                f"image, shape ({len(output)},); got {_shape(losses)}."
            )
        return losses

    def batch_size(self, net, sample_shape, size):
        return size

    def _no_targets(self, y, n):
        return y.new_full((n, *y.shape[1:]), -1)


def _is_cross_entropy(criterion):
    """Tell whether a criterion is the plain cross-entropy, whose mean is ours to take.

    torch's own is NaN where no pixel has a label or weighs anything.
    """
    if type(criterion) is not torch.nn.CrossEntropyLoss:
        return False
    settings = (criterion.reduction, criterion.label_smoothing, criterion.ignore_index)
    return settings == ("mean", 0, IGNORED)


def _mean(losses, weight):
    return losses.sum() / weight.clamp(min=torch.finfo(losses.dtype).tiny)


def first_tensor(output):
    """Return what counts of the outputs of a module: the first, or its logits."""
    output = output[0] if isinstance(output, tuple) else output
    if isinstance(output, dict):
        return output.get("logits", output.get("out", output))
    return output


def _about_outputs(net, output, n):
    shape = getattr(output, "shape", ())
    remedy = (
        f"If it has a parameter for the number of classes, set it: "
        f"module__<name>={net.n_outputs}."
    )
    if isinstance(output, dict):
        remedy = f"Let it return one of its {list(output)}, or name one 'logits'."
    elif len(shape) == 2 and shape[1] > net.n_outputs:
        remedy = (
            f"If these are the {shape[1]} classes there are, and y lacks some, "
            f"declare all labels: classes=[...], {shape[1]} of them."
        )
    return (
        f"{type(net.module_).__name__} must return one column per class, "
        f"shape ({n}, {net.n_outputs}) for {n} samples and {net.n_outputs} "
        f"classes; got {_shape(output)}. {remedy}"
    )


def _about_numbers(net, output, n):
    remedy = (
        "If it has a parameter for the number of columns, set it: "
        f"module__<name>={net.n_outputs}."
    )
    if isinstance(output, dict):
        remedy = f"Let it return one of its {list(output)}, or name one 'logits'."
    return (
        f"{type(net.module_).__name__} must return one column for each number of a "
        f"sample, shape ({n}, {net.n_outputs}) for {n} samples; got {_shape(output)}. "
        f"{remedy}"
    )


def _check_augmented(augmented, given, what):
    if not isinstance(augmented, torch.Tensor) or len(augmented) != len(given):
        raise ValueError(
            "augment must return a batch of as many samples as it was given, as "
            f"{what} for one of shape {tuple(given.shape)}; it returned "
            f"{_shape(augmented)}."
        )


def _shape(value):
    if isinstance(value, torch.Tensor):
        return f"shape {tuple(value.shape)}"
    return f"an object of type {type(value).__name__}"


CLASSES = ClassTask()
NUMBERS = NumberTask()
MASKS = MaskTask()
BOXES = BoxTask()
