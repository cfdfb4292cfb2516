"""The private skorch net: how a batch is prepared, and what is refused."""

import math

import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import (
    EarlyStopping,
    EpochTimer,
    PassthroughScoring,
    PrintLog,
)
from skorch.dataset import unpack_data
from skorch.exceptions import SkorchException

from skactive.nets._arrays import (
    ArrayDataset,
    array_loader,
    as_batch,
    as_tensor,
)
from skactive.nets.estimators._embedding import (
    forward_with_embedding,
    forward_with_features,
    rows_of,
)
from skactive.nets.estimators._task import CLASSES
from skactive.utils._progress import step_done


class ClassifierNet(NeuralNetClassifier):
    """Train a module on arrays with classes 0 .. n_outputs - 1, of samples or pixels.

    Parameters in addition to those of skorch:

    n_outputs : number of columns, or maps, that the module must return.
    task : what outputs and targets mean, a ClassTask.
    augment : callable on a batch of tensors, applied in training only.
    precision : "fp32", or "bf16" for autocast.
    channels_last : memory format of batches of images.
    """

    def __init__(
        self,
        module,
        *,
        n_outputs,
        task=CLASSES,
        augment=None,
        precision="fp32",
        channels_last=True,
        **kwargs,
    ):
        self.n_outputs = n_outputs
        self.task = task
        self.augment = augment
        self.precision = precision
        self.channels_last = channels_last
        # No label is held out for validation: there are few, and each was paid for.
        settings = {
            "train_split": None,
            "dataset": ArrayDataset,
            "iterator_train": array_loader,
            "iterator_train__shuffle": True,
            "iterator_valid": array_loader,
        }
        super().__init__(module, **{**settings, **kwargs})

    @property
    def _default_callbacks(self):
        loss = PassthroughScoring(name="train_loss", on_train=True)
        callbacks = [("epoch_timer", EpochTimer()), ("train_loss", loss)]
        # The table of epochs is computed only if it is printed.
        return [*callbacks, ("print_log", PrintLog())] if self.verbose else callbacks

    def train(self, X, y):
        """Train on all samples; explain known failures."""
        self._interrupted = False
        self._n_before = len(getattr(self, "history_", ()))
        try:
            self.partial_fit(X, y)
        except ValueError as error:
            if "more than 1 value per channel" not in str(error):
                raise
            raise ValueError(
                "Batch normalization cannot be trained on a batch of one sample: there "
                f"are {len(X)} samples and batch_size={self.batch_size}. Raise the one "
                "that is 1, or take a module without it."
            ) from error
        except KeyError as error:
            if "valid_" not in str(error):
                raise
            raise _without_validation(error) from error
        except SkorchException as error:
            if "valid_" not in str(error):
                raise
            raise _without_validation(error) from error
        except RuntimeError as error:
            if "view size is not compatible" not in str(error):
                raise
            raise ValueError(
                "Something calls view on images in channels-last memory format, "
                "perhaps augment, a view of them or the optimizer: set "
                "channels_last=False, or call reshape there."
            ) from error
        finally:
            interrupted = vars(self).pop("_interrupted", False)
            vars(self).pop("_n_before", None)
        # skorch ends training at any interrupt and returns; a user who interrupts a
        # loop of many fits wants to end the loop.
        if interrupted:
            raise KeyboardInterrupt

    def fit_loop(self, *args, **kwargs):
        try:
            return super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt as interrupt:
            self._interrupted = not _stops_early(interrupt)
            raise

    def on_epoch_end(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        super().on_epoch_end(net, dataset_train, dataset_valid, **kwargs)
        done = len(self.history) - vars(self).get("_n_before", 0)
        step_done("epoch", done, self.max_epochs)

    def prepare(self, X):
        """Return a batch on the device, as floats; bytes are pixels, scaled to 1."""
        return as_batch(X, self.module_, self.device, self.channels_last)

    def get_loss(self, y_pred, y_true, *args, **kwargs):
        return self.task.loss(self, y_pred, y_true)

    def check_data(self, X, y):
        if self.task.of_classes:  # of numbers, skorch would keep them all as classes
            super().check_data(X, y)

    def predict(self, X):
        return self.task.predicted(self, X)

    def infer(self, x, **fit_params):
        x = self.prepare(x)
        with self._autocast():
            return self._checked(self.module_(x, **fit_params), len(x))

    def train_step(self, batch, **fit_params):
        Xi, yi = unpack_data(batch)
        Xi = self.prepare(Xi)
        if self.augment is not None:
            Xi, yi = self._augmented(Xi, yi)
        step = super().train_step((Xi, yi), **fit_params)
        if not torch.isfinite(step["loss"]):
            raise FloatingPointError(
                f"The training loss became {step['loss'].item()} in epoch "
                f"{len(self.history)} of {self.max_epochs}. Lower lr (now {self.lr}), "
                "scale the features, or clip gradients with "
                "callbacks=[skorch.callbacks.GradientNormClipping(1.0)]."
            )
        # Where something learns beside the net and does not reach it, callbacks stop
        # and schedule the net by the loss that it has alone.
        return {**step, "loss": step.get("loss_alone", step["loss"])}

    def iterate(self, X, *, embedding=False):
        """Yield outputs (with embeddings) batch by batch, in evaluation mode."""
        for Xi, n in self.full_batches(X):
            if embedding:
                output, Z = self._embedding_step(Xi)
                yield output[:n], Z[:n]
            else:
                yield self.evaluation_step((Xi, None))[:n]

    def iterate_with_features(self, X):
        """Yield outputs of a detector, and what it sees of each cell."""
        for Xi, n in self.full_batches(X):
            output, features = self._step_with(forward_with_features, Xi)
            yield output[:n], features[:n]

    def full_batches(self, X):
        """Yield batches, all of one size, with the number of rows that are not padding.

        Without a DataLoader, since rows in order are slices. A batch that is not full
        is padded, since matrix products of other sizes round otherwise; so a prediction
        does not depend on the rest of the batch, and equal samples tie.
        """
        size = self.prediction_size(X.shape[1:])
        for start in range(0, len(X), size):
            Xi = as_tensor(X[start : start + size])
            n = len(Xi)
            if n < size:
                Xi = torch.cat([Xi, Xi[-1:].expand(size - n, *Xi.shape[1:])])
            yield Xi, n

    def prediction_size(self, sample_shape):
        """Return how many samples are predicted at once."""
        size = self.get_params_for("iterator_valid").get("batch_size")
        size = size or inference_batch_size(sample_shape, self.batch_size)
        return self.task.batch_size(self, sample_shape, size)

    def probabilities(self, output):
        """Return probabilities from what the module returned."""
        return self.task.probabilities(self, output)

    def terms(self):
        """Return the mean of each term of the loss, epoch by epoch."""
        return {"train_loss": [float(loss) for loss in self.history[:, "train_loss"]]}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if not self.task.of_classes:  # as scorers in callbacks ask
            tags.estimator_type = "regressor"
        return tags

    def _embedding_step(self, Xi):
        output, Z = self._step_with(forward_with_embedding, Xi)
        return output, rows_of(Z, len(Xi), self.module_)

    def _step_with(self, forward, Xi):
        """Return outputs of a batch, and what ``forward`` returns beside them."""
        self._set_training(False)
        with torch.no_grad(), self._autocast():
            Xi = self.prepare(Xi)
            output, beside = forward(self.module_, Xi)
            return self._checked(output, len(Xi)), beside

    def _autocast(self):
        device = torch.device(self.device).type
        return torch.autocast(device, torch.bfloat16, enabled=self.precision == "bf16")

    def _augmented(self, X, y):
        X, y = self.task.augmented(self, X, y)
        return self.prepare(X), y

    def _checked(self, output, n):
        return self.task.checked(self, output, n)


def inference_batch_size(sample_shape, batch_size):
    """Return how many samples to predict at once, at least `batch_size`.

    Many small samples, so that computing outweighs the overhead of calls; few large
    ones, so that they stay in the cache.
    """
    return max(batch_size, min(512, 2**14 // math.prod(sample_shape)))


def _without_validation(error):
    return ValueError(
        f"A callback needs a validation score, but no labels are held out for "
        f"validation: {error} Let it monitor the training loss: monitor='train_loss', "
        "or monitor='train_loss_best' for Checkpoint."
    )


def _stops_early(interrupt):
    """Tell whether EarlyStopping raised this interrupt to end training."""
    where = interrupt.__traceback__
    while where.tb_next is not None:
        where = where.tb_next
    raiser = where.tb_frame.f_locals.get("self")
    return isinstance(raiser, EarlyStopping) and raiser.misses_ == raiser.patience
