"""Ask where the predicted loss of a net is largest."""

import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import is_regressor

from skactive._sklearn import Interval, StrOptions
from skactive.base import ScoreStrategy
from skactive.deep._net_strategy import NetStrategy, refuse_no_weight
from skactive.deep._presets import PresetMixin
from skactive.nets.beside._loss_prediction import (
    LossPrediction,
    losses_and_spread,
    predict_losses,
)
from skactive.nets.beside._pair_loss import PAIR_LOSSES
from skactive.selection import top_n


class LL4AL(PresetMixin, NetStrategy, ScoreStrategy):
    """Ask for the samples with the largest predicted loss.

    Learning loss for active learning [1]_. A small module reads inner layers of the net
    and learns, while the net is trained, which of two samples has the larger loss. It
    then ranks unlabeled samples. The net is a classifier like any other (or a
    regressor), and so is this strategy: with ``ActiveLearner(strategy=LL4AL())`` it is
    trained once a round, and predicts. By default the module only reads: the net is to
    the last bit the one that is trained alone. ``LL4AL.from_preset("paper")`` trains
    both together, as published.

    Parameters
    ----------
    estimator : net of this library or of skorch, Pipeline or None, default=None
        A :class:`~skactive.nets.NetClassifier`, ``NetRegressor``, ``NetSegmenter`` or
        ``NetDetector``. The net is built from its settings (module, optimizer, epochs,
        device, ...). A Pipeline that ends in one preprocesses its input. None: a
        :class:`~skactive.nets.NetClassifier`, whose module suits the shape of ``X``.
    taps : str, sequence of str or None, default=None
        Names of the layers that the loss is predicted from, as
        :func:`~skactive.nets.modules.layer_names` lists them. None: ``tap_names`` of
        the module.
    margin : float, default=1.0
        By how much the predicted loss of one sample must exceed that of another.
    weight : float, default=1.0
        Weight of the pair loss, added to the loss of the task; above 0.
    detach_epoch : int, float or None, default=0
        From this epoch on, counted from 0, the loss module learns and no longer changes
        the net. A float is a fraction of all epochs; None: never; 0: at once.
        Published: 0.6.
    pair_loss : {"margin", "bce", "mse"}, default="margin"
        How the comparison is learned: by a hinge, as published; by the logistic loss
        of the difference; or, "mse", not at all: the loss itself is regressed.
    ties : {"mask", "paper"}, default="mask"
        What to do with two samples of the same loss: leave them out, or push them
        apart in the order in which they came, as published.
    subset : int or None, default=10_000
        Only this many samples of the pool, drawn at random in each query, are
        considered: neighbors are then less often asked for together. None: all.
    loss : callable or None, default=None
        ``loss(output, y)`` returns one loss per sample, a tensor of shape (n,), for
        other tasks, such as multilabel classification. ``y`` is then passed as numbers
        of any shape, ``predict`` returns what the module does, and there are no
        ``classes_``, ``predict_proba`` or ``score``. None: the criterion of the
        estimator; for numbers, take a :class:`~skactive.nets.NetRegressor`.
    warm_start : bool, default=False
        Continue from the nets of the last ``fit``, with a new optimizer. The best-known
        re-implementation does so. Within an :class:`~skactive.ActiveLearner` every
        round starts from scratch.
    random_state : int, RandomState instance or None, default=None
        Seeds the nets, the subset and the order of ties. None leaves the random
        states inside ``estimator`` as they are.

    Attributes
    ----------
    estimator_ : estimator object
        The fitted net, or the pipeline that ends in it; its skorch net holds
        ``module_`` and ``loss_module_``.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; missing if the net predicts numbers.
    history_ : dict of lists of float
        Per epoch: "task_loss", "pair_loss", and "ranking_accuracy", the fraction of
        training pairs that are ranked correctly.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: if ``taps`` names no layer (the message lists them); if ``weight``
        is 0, so that an untrained module would ask; or on input that the net refuses.
        From ``from_preset``: if there is no preset of that name. From ``query``: if
        ``subset`` is smaller than ``n``.
    TypeError
        From ``fit``, if ``estimator`` is not a net.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the term.

    See Also
    --------
    skactive.uncertainty.EntropySampling : Ask for what the net is unsure of, without
        further training.

    Notes
    -----
    The first sample of each batch is paired with the last, the second with the last but
    one, and so on. In a batch of odd size one sample is in no pair. Predicted losses
    are a ranking: their sign and scale mean nothing.

    The preset "paper" has ``detach_epoch=0.6, weight=1.0, ties="paper"``: in 60 % of
    the epochs the comparison then changes the net, and predictions may suffer, :ref:`as
    measured <deep-own-models>`. By default the net is the one alone, unless the
    optimizer or a callback looks at all weights together, as L-BFGS does, and clipping
    of a common norm of gradients.

    Loses to random on digits as rows with up to 150 labels (:ref:`deep-own-models`),
    with small convolutions on digits, and, as published, on the table kin8nm
    (:ref:`ll4al`). Reasons to expect it elsewhere, which were not measured: noisy
    labels, since the loss is largest where it cannot be lowered; a net that fits all
    its labels, so that there are hardly any losses to learn from; redundant pools,
    since the samples asked for together are similar. In the paper's figure it is ahead
    of random and a little ahead of entropy on CIFAR-10; others found all three nearly
    equal on CIFAR-100. Asking for the largest true loss is worse than for the predicted
    one.

    Cost: training as that of the net, a few percent more for images, and more than that
    for small tables, where a step is mostly overhead; a query is one pass over
    ``subset`` samples. Memory for the net.

    References
    ----------
    .. [1] D. Yoo and I. S. Kweon. "Learning loss for active learning." CVPR 2019.
       arXiv:1905.03677.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.deep import LL4AL
    >>> from skactive.nets import NetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = make_pipeline(StandardScaler(), NetClassifier(max_epochs=20))
    >>> strategy = LL4AL(net, random_state=0).fit(X[::2], y[::2], X_pool=X[1::2])
    >>> strategy.query(3).shape
    (3,)
    >>> strategy.score(X[1::2], y[1::2]) > 0.8
    True
    """

    _presets = {
        "default": {},
        "paper": {"detach_epoch": 0.6, "weight": 1.0, "ties": "paper"},
    }
    _recipe_class = LossPrediction
    takes_masks_and_boxes = True
    takes_numbers = True
    takes_columns_of_numbers = True

    _parameter_constraints = {
        **NetStrategy._parameter_constraints,
        "taps": [str, "array-like", None],
        "margin": [Interval(Real, 0, None, closed="neither")],
        "weight": [Interval(Real, 0, None, closed="left")],
        "detach_epoch": [
            Interval(Integral, 0, None, closed="left"),
            Interval(Real, 0, 1, closed="both"),
            None,
        ],
        "pair_loss": [StrOptions(set(PAIR_LOSSES))],
        "ties": [StrOptions({"mask", "paper"})],
        "subset": [Interval(Integral, 1, None, closed="left"), None],
        "loss": [callable, None],
        "warm_start": ["boolean"],
    }

    def __init__(
        self,
        estimator=None,
        *,
        taps=None,
        margin=1.0,
        weight=1.0,
        detach_epoch=0,
        pair_loss="margin",
        ties="mask",
        subset=10_000,
        loss=None,
        warm_start=False,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.taps = taps
        self.margin = margin
        self.weight = weight
        self.detach_epoch = detach_epoch
        self.pair_loss = pair_loss
        self.ties = ties
        self.subset = subset
        self.loss = loss
        self.warm_start = warm_start

    def _validate_params(self):
        super()._validate_params()
        refuse_no_weight(self, "weight", "loss module", "detach_epoch=0")

    def _takes_columns_of(self, estimator):
        # A loss of one's own may be of sets of labels.
        return self.loss is not None or super()._takes_columns_of(estimator)

    def score_samples(self, X):
        """Return the predicted loss of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of float32 of shape (n_samples,)
            Higher is more worth a label; sign and scale mean nothing.
        """
        return losses_and_spread(self._net, self._prepared(X))[0]

    def predict_loss(self, X):
        """Return the predicted loss of each sample, as ``score_samples``.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        losses : ndarray of float32 of shape (n_samples,)
            Larger where more error is expected; sign and scale mean nothing.
        """
        return self.score_samples(X)

    def predict_all(self, X):
        """Return predictions, embedding and predicted loss in one pass.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            As from ``predict_proba``; of numbers, boxes, and with ``loss=``, as from
            ``predict``.
        Z : ndarray of float32 of shape (n_samples, n_columns)
            As from ``transform``.
        losses : ndarray of float32 of shape (n_samples,)
            As from ``predict_loss``.
        """
        outputs, Z, losses = predict_losses(self._net, self._prepared(X))
        if self.loss is not None:
            return outputs.numpy(), Z, losses
        return self._said(outputs), Z, losses

    def _check_estimator(self, estimator):
        super()._check_estimator(estimator)
        if self.loss is not None and is_regressor(estimator):
            raise ValueError(
                "loss= of LL4AL is for what no net of this library stands for; "
                f"{estimator!r} has a criterion. Pass the loss there, as one that has "
                "a reduction; or leave out the NetRegressor."
            )

    def _predicts_as_net(self):
        return self.loss is None

    def _best(self, X, n, random_state):
        losses, outputs_differ = losses_and_spread(self._net, self._prepared(X))
        if losses.std(dtype=np.float64) < 1e-8 and outputs_differ > 1e-4:
            warnings.warn(
                "The same loss is predicted for all samples, so the query is "
                "random. Pass other layers as taps=, or train for longer.",
                stacklevel=4,
            )
        return top_n(losses, n, random_state=random_state)
