"""A classifier that also learns from samples without labels, by views of them."""

import warnings
from numbers import Integral, Real

import numpy as np
import torch
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import Interval, _num_samples
from skactive.nets._input import (
    check_classes,
    check_input,
    check_pixels,
    check_pool_is_finite,
    encode,
    is_pixels,
)
from skactive.nets._seeded import check_device, seeded_torch
from skactive.nets.beside._augmentations import default_views
from skactive.nets.beside._momentum import (
    AlternatingBatches,
    LabeledAndPool,
    MomentumNet,
)
from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._embedding import forward_with_embedding, rows_of
from skactive.nets.estimators._settings import check_names
from skactive.nets.modules import MoBYHead
from skactive.utils._fitting import MAX_SEED

#: Settings of the contrastive branch that a strategy and a transformer share.
CONSTRAINTS = {
    "temperature": [Interval(Real, 0, None, closed="neither")],
    "key_momentum": [Interval(Real, 0, 1, closed="both")],
    "queue_size": [Interval(Integral, 1, None, closed="left"), None],
    "proj_dim": [Interval(Integral, 1, None, closed="left")],
    "head_layers": [Interval(Integral, 1, None, closed="left")],
    "weak": [callable, None],
    "strong": [callable, None],
    "fused": ["boolean", None],
}

#: Keys of the released code, and the share that they were of what an epoch shows.
LARGEST_QUEUE, QUEUE_SHARE = 4096, 0.4


class MomentumClassifier(NetClassifier):
    """A NetClassifier with a momentum branch; private, see momentum_classifier."""

    def fit(self, X, y=None, X_pool=None):
        """Train on labeled samples and on a pool; with ``y=None``, X is the pool."""
        check_names(self)
        device = check_device(self.device)
        if y is None:
            self.sample_shape_ = np.asarray(X).shape[1:]
            X_pool, X = check_input(self, X, reset=True), None
            # Of what is not trained, any number of columns will do.
            classes = np.arange(1 if self.classes is None else len(set(self.classes)))
            self._pixels = is_pixels(X_pool)
        else:
            X, y = check_input(self, X, y, reset=True)
            self.sample_shape_ = X.shape[1:]
            classes = check_classes(y, self.classes)
            y, self._pixels = encode(y, classes), is_pixels(X)
            X_pool = self._checked_pool(X_pool)
        data = LabeledAndPool(X, y, X_pool)
        rng = check_random_state(self.random_state)
        seed, predict_seed = (int(s) for s in rng.randint(MAX_SEED, size=2))
        with seeded_torch(seed, device):
            module = self._new_module(self.sample_shape_, classes)
            n_columns, n_outputs = self._widths(module)
            if y is None:
                classes = np.arange(n_outputs)
            net = self._joint_net(module, classes, data, n_columns)
            # Only the labels that there are tell skorch of classes.
            net.train(data, np.zeros(1, dtype=np.int64) if y is None else y)
        self._warn_of_equal_views(net, data)
        net.optimizer_.zero_grad(set_to_none=True)
        net.optimizer_.state.clear()
        self._set_fitted(net, classes, self.sample_shape_, predict_seed, self._pixels)
        return self

    def contrastive_losses(self, X):
        """Return how badly two views of each sample find one another, float32."""
        check_is_fitted(self)
        X = check_input(self, X, reset=False)
        check_pixels(self, X)
        with seeded_torch(self._predict_seed, self.net_.device):
            losses = torch.cat(list(self.net_.iterate_contrastive_losses(X)))
        losses = losses.cpu().numpy()
        if not np.isfinite(losses).all():
            raise FloatingPointError(
                "Contrastive losses are not finite: samples lie far from those of "
                "fit. Scale the features."
            )
        return losses

    def _checked_pool(self, X_pool):
        if X_pool is None or _num_samples(X_pool) == 0:
            return None
        check_pool_is_finite(self, X_pool)
        X_pool = check_input(self, X_pool, reset=False)
        check_pixels(self, X_pool)
        return X_pool

    def _warn_of_equal_views(self, net, data):
        X = data.X_pool if data.labeled is None else data.labeled.X
        if not net.views_differ and (X[:1] != X).any():
            warnings.warn(
                "weak and strong returned the same views throughout, so that there was "
                "next to nothing to learn from them. Let one of them change samples.",
                stacklevel=4,
            )

    def _joint_net(self, module, classes, data, n_columns):
        branch = dict(self._branch)
        layers = {"n_layers": branch.pop("head_layers")}
        dim, queue_size = branch["proj_dim"], branch.pop("queue_size")
        if branch["weak"] is None or branch["strong"] is None:
            weak, strong = default_views(self.sample_shape_)
            if branch["weak"] is None and self.augment is not None:
                weak, branch["weak_name"] = self.augment, "augment"
            branch["weak"] = branch["weak"] or weak
            branch["strong"] = branch["strong"] or strong
        settings = self._net_settings(module, classes)
        settings["augment"] = None  # the net sees views, and nothing else
        # Steps and samples are counted in the batches that training draws.
        loader = self._settings("iterator_train")
        batch_size = loader.pop("batch_size", self.batch_size)
        batches = AlternatingBatches(data, batch_size, **loader)
        if queue_size is None:
            queue_size = default_queue_size(batches.n_samples(), batch_size)
        return MomentumNet(
            module,
            **settings,
            **branch,
            projector=MoBYHead(n_columns, dim, **layers),
            predictor=MoBYHead(dim, dim, **layers),
            queue_size=queue_size,
            n_steps=self.max_epochs * len(batches),
        ).initialize()

    def _widths(self, module):
        """Return how many columns features and output have."""
        weight = next(module.parameters(), torch.empty(0))
        module.eval()
        X = torch.zeros(2, *self.sample_shape_, device=weight.device)
        with torch.no_grad():
            output, Z = forward_with_embedding(module, X)
        output = output[0] if isinstance(output, tuple) else output
        n_outputs = output.shape[1] if getattr(output, "ndim", 0) == 2 else 1
        return rows_of(Z, 2, module).shape[1], n_outputs


# So that errors and reprs show the class that users know.
MomentumClassifier.__name__ = NetClassifier.__name__


def default_queue_size(n_samples, batch_size):
    """Return about 0.4 of the samples of an epoch, in whole batches, at most 4096."""
    batches = max(1, int(QUEUE_SHARE * n_samples / batch_size))
    return min(batches * batch_size, LARGEST_QUEUE)


def momentum_classifier(classifier, **branch):
    """Return a classifier with the settings of another and a momentum branch beside.

    Parameters
    ----------
    classifier : NetClassifier
        Unfitted.
    **branch : dict
        Those of CONSTRAINTS, and contrastive_weight.
    """
    joint = MomentumClassifier(**classifier.get_params(deep=False))
    joint._branch = branch
    return joint
