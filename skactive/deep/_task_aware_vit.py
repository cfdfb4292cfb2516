"""Ask for samples that a net with two heads can tell apart from the labeled ones."""

from numbers import Integral, Real

import numpy as np
from scipy.special import expit, logit

from skactive._sklearn import Interval, StrOptions
from skactive.base import ScoreStrategy
from skactive.deep._net_strategy import NetStrategy, refuse_no_weight
from skactive.deep._presets import PresetMixin
from skactive.nets.beside._sampler import (
    BOTTLENECKS,
    SIZES,
    Sampler,
    ask_sampler,
    attention,
    logits_of_sampler,
)
from skactive.utils._models import before_last_step
from skactive.utils._rows import refuse_sizes
from skactive.utils._units import units_kind


def distances_to_margin(logits, s_margin):
    """Return how far the probabilities of logits are from `s_margin`, and the logits.

    The second orders samples whose probabilities round to the same number.
    """
    logits = np.asarray(logits, dtype=np.float64)
    # The logit of 0 is minus infinity: distances are infinite, lower logits nearer.
    of_logits = np.abs(logits - logit(s_margin)) if s_margin > 0 else logits
    return np.abs(expit(logits) - s_margin), of_logits


#: Of the paper and of its code, which differ in what attends to what.
_PUBLISHED = {
    "detach": False,
    "sampler_hidden": (512, 512),
    "sampler_weight": 0.5,
    "s_margin": 0.1,
    "milestones": None,
}


class TaskAwareViT(PresetMixin, NetStrategy, ScoreStrategy):
    """Ask for the samples that the net can tell apart from the labeled ones.

    Visual transformer for task-aware active learning [1]_. A net learns its task from
    the labeled samples, and a second head on the same embedding, the sampler, to tell
    labeled samples apart from those of the pool. By default the sampler only reads the
    embedding: the net is to the last bit the one that is trained alone. As published,
    ``TaskAwareViT.from_preset("paper")``, both heads train the net, and before them the
    samples of a batch, half of it labeled and half from the pool, attend to one
    another. Nothing is adversarial.

    The net is a classifier like any other, and so is this strategy: with
    ``ActiveLearner(strategy=TaskAwareViT())`` it is trained once a round, and predicts.

    Parameters
    ----------
    estimator : net of this library or of skorch, Pipeline or None, default=None
        A :class:`~skactive.nets.NetClassifier`, ``NetSegmenter`` or ``NetDetector``.
        The net is built from its settings (module, optimizer, epochs, device, ...). Its
        ``batch_size`` counts labeled samples; the sampler sees as many, and as many
        from the pool. A Pipeline that ends in one preprocesses its input. None: a
        :class:`~skactive.nets.NetClassifier`, whose module suits the shape of ``X``.
    detach : bool, default=True
        Keep the sampler from changing the net: it learns from what the net embeds, in
        evaluation mode and without a gradient. False: the sum of both losses trains the
        net, on batches half of which are of the pool, as published.
    bottleneck : {"none", "sample", "channel"}, default="none"
        What attends to what in a batch, before the sampler and, with ``detach=False``,
        before the last layer of the net. "none": nothing. "sample": samples to samples,
        as the paper describes. "channel": columns of the embedding to columns, each a
        vector over the positions in the batch, as in the released code.
    n_heads : int, default=1
        Heads of the attention. It must divide the width of the embedding, or, for
        "channel", the number of samples in a batch.
    depth : int, default=1
        Layers of the bottleneck.
    scale : float or None, default=None
        Factor of the dot products. None: one over the root of the width of a head for
        "sample", 1 for "channel". The released code has 1, at which the attention of
        a wide embedding saturates: its weights are near 0 or 1.
    sampler_hidden : sequence of int, default=(128, 128)
        Width of each hidden layer of the second head. Published: (512, 512).
    sampler_weight : float, default=0.5
        Weight of the loss of the second head, added to the loss of the task; above 0.
    s_margin : float, default=0.0
        Samples whose probability of being labeled is nearest to this are asked for.
        0: those with the lowest. Published: 0.1, at which an overconfident sampler
        asks for the wrong ones.
    milestones : sequence of float or int, or None, default=()
        When the learning rate, that of the net too, is divided by ten: fractions of the
        epochs if below 1, otherwise epochs, counted from 0. (): never. None: (0.73,),
        as published, or never if ``estimator`` has a schedule of its own, as segmenters
        and detectors have.
    random_state : int, RandomState instance or None, default=None
        Seeds the nets, the batches, the context and the order of ties. None leaves
        the random states inside ``estimator`` as they are.

    Attributes
    ----------
    estimator_ : NetClassifier or Pipeline
        The fitted net; its skorch net holds ``module_``, ``bottleneck_``, ``sampler_``,
        and ``context_``, the embeddings that samples attend to.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    history_ : dict of lists of float
        Per epoch: "task_loss", "sampler_loss" (0.693 if the sampler guesses; NaN
        without a pool), and the learning rate "lr".
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: if the module has no embedding, or, with ``detach=False``, does
        not end in a layer that sees one row per sample; if ``sampler_weight`` is 0, so
        that an untrained sampler would ask; if ``n_heads`` does not divide what it
        must; if a milestone comes after the last epoch, is neither a fraction nor an
        integer, or is given together with a scheduler of the net; if the net has
        ``warm_start=True``; if ``augment`` changes the shape of samples; or on input
        that the net refuses. From ``from_preset``: if there is no preset of that name.
    TypeError
        From ``fit``, if ``estimator`` is not a net, or a milestone not a number.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the term.

    See Also
    --------
    VAAL : Ask by an adversarial discriminator, without a task.

    Notes
    -----
    Presets: "paper" has ``detach=False, bottleneck="sample", s_margin=0.1,
    sampler_hidden=(512, 512), milestones=None``, and "released" the same with
    ``bottleneck="channel"``. They are not the default since there the sampler can
    memorize which samples are labeled, and the embedding that it shares pays for it:
    :ref:`by how much <deep-own-models>`. By default the net is the one alone,
    unless the optimizer or a callback looks at all weights together, as L-BFGS does,
    and clipping of a common norm of gradients.

    With a bottleneck, what a head makes of a sample in training depends on the batch it
    is in. In evaluation each sample attends to itself and to a fixed context: one batch
    as in training, half labeled and half from the pool, drawn when ``fit`` begins. So a
    sample has one score and one prediction, whatever it is scored with and in whatever
    order. For "channel" the context fills all positions in a batch but the first. The
    released code predicts whole batches instead, so that a prediction depends on the
    rest of the batch.

    No label of the pool is read: it is not even passed. (In the released code a
    shuffled list puts such labels into the loss of the task, and assigns scores to the
    wrong samples.) Without a pool the sampler learns nothing, and scores mean nothing.

    On masks and boxes no last layer sees one row per image. What the bottleneck makes
    of embeddings always goes to the sampler alone; the maps, and with them ``predict``,
    ``score`` and ``transform``, are those of the net. That is our choice: the paper
    applies the method to boxes, but no code for them was released, and masks are ours.

    Loses to random where all that it asks for is of classes without a label, while the
    known ones need labels too: on digits as rows with three classes missing. Expect no
    gain where labeled samples and pool are alike, as after a random start, since scores
    are then noise or the result of memorizing: with digits as rows there was none, as
    images there was (:ref:`deep-own-models`). With ``detach=False`` a net that can
    memorize its samples also learns to separate them from all others, and its
    predictions suffer: give it an ``augment``, or take a smaller `sampler_weight`. It
    finds regions without any label, not samples that are hard, and asks for duplicates
    together; on video, for neighboring frames. The numbers in the paper cannot be
    relied on, since the released code trains on labels of the pool.

    On digits with 96 labels of five classes, and a pool of which 53 % are of the other
    five, by default 92 to 100 % of the first 48 samples asked for were of those (three
    seeds, other classes missing in each). With ``detach=False, bottleneck="sample"``,
    10 % of the first 48 samples asked for were of those with ``s_margin=0.1`` and 81 %
    with 0, for a net without augmentation (one seed); with shifts by one pixel, 67 and
    83 % against 96 and 98 % (two seeds).

    Cost: training about 1.7 times that of the net, since samples of both kinds are
    embedded for the sampler; with ``detach=False`` twice, since a sample of the pool
    comes with each labeled one. On images the bottleneck itself adds a few percent. A
    query is one pass over the pool. For "channel" each scored sample costs a whole
    batch of the bottleneck. Memory for the net and one batch of embeddings.

    References
    ----------
    .. [1] R. Caramalau, B. Bhattarai and T.-K. Kim. "Visual transformer for task-aware
       active learning." arXiv:2106.03801, 2021.

    Examples
    --------
    Two of three species of iris are labeled; the third is asked for:

    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.deep import TaskAwareViT
    >>> from skactive.nets import NetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = make_pipeline(StandardScaler(), NetClassifier(max_epochs=40))
    >>> X_pool, y_pool = X[1::2], y[1::2]
    >>> strategy = TaskAwareViT(net, random_state=0)
    >>> picks = strategy.fit(X[:100:2], y[:100:2], X_pool).query(10)
    >>> bool((y_pool[picks] == 2).mean() > 0.7)
    True
    """

    _presets = {
        "default": {},
        "paper": {**_PUBLISHED, "bottleneck": "sample"},
        "released": {**_PUBLISHED, "bottleneck": "channel"},
    }
    _recipe_class = Sampler
    takes_masks_and_boxes = True

    _parameter_constraints = {
        **NetStrategy._parameter_constraints,
        "detach": ["boolean"],
        "bottleneck": [StrOptions(set(BOTTLENECKS))],
        "n_heads": [Interval(Integral, 1, None, closed="left")],
        "depth": [Interval(Integral, 1, None, closed="left")],
        "scale": [Interval(Real, 0, None, closed="neither"), None],
        "sampler_hidden": ["array-like"],
        "sampler_weight": [Interval(Real, 0, None, closed="left")],
        "s_margin": [Interval(Real, 0, 1, closed="left")],
        "milestones": ["array-like", None],
    }

    def __init__(
        self,
        estimator=None,
        *,
        detach=True,
        bottleneck="none",
        n_heads=1,
        depth=1,
        scale=None,
        sampler_hidden=(128, 128),
        sampler_weight=0.5,
        s_margin=0.0,
        milestones=(),
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.detach = detach
        self.bottleneck = bottleneck
        self.n_heads = n_heads
        self.depth = depth
        self.scale = scale
        self.sampler_hidden = sampler_hidden
        self.sampler_weight = sampler_weight
        self.s_margin = s_margin
        self.milestones = milestones

    def _validate_params(self):
        super()._validate_params()
        refuse_no_weight(self, "sampler_weight", "sampler", "detach=True")

    def _check_sizes(self, X, estimator):
        if before_last_step(estimator) is None:
            refuse_sizes(X, type(self).__name__, SIZES)

    def score_samples(self, X):
        """Return how near the probability of being labeled is to `s_margin`.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of float32 of shape (n_samples,)
            Minus the distance; 0 is most worth a label. Where two are equal, ``query``
            compares the logits behind them.
        """
        distances, _ = self._distances(X)
        return -distances.astype(np.float32)

    def predict_labeled(self, X):
        """Return the probability that a sample is among the labeled ones.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples,)
            Between 0 and 1; 0.5 where the net cannot tell.
        """
        return expit(self._logits(X).astype(np.float64))

    def predict_all(self, X):
        """Return predictions, embedding and probability of being labeled, in one pass.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            As from ``predict_proba``; with boxes, as from ``predict``.
        Z : ndarray of float32 of shape (n_samples, n_columns)
            As from ``transform``.
        labeled : ndarray of float64 of shape (n_samples,)
            As from ``predict_labeled``.
        """
        outputs, Z, logits = self._pass_over(X)
        return self._said(outputs), Z, expit(logits.astype(np.float64))

    def transform(self, X):
        """Return the embedding of each sample, as the last layer of the net sees it.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, n_columns)
            What the net embeds; with ``detach=False``, what the bottleneck makes of it,
            but for masks and boxes.
        """
        if self._outputs_are_those_of_the_net:
            return super().transform(X)
        return self._pass_over(X)[1]

    def attention(self, X):
        """Return how much samples attend to one another, taken as one batch.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        A : ndarray of float32 of shape (n_samples, n_samples)
            Row i says what sample i attends to in the first layer, averaged over heads.
            Rows sum to one. For "channel", columns of the embedding take the place of
            samples, and there must be as many samples as in a batch.

        Raises
        ------
        ValueError
            Without a bottleneck.
        """
        if self.bottleneck == "none":
            raise ValueError(
                "TaskAwareViT has no attention with bottleneck='none'. Fit it with "
                "'sample' or 'channel'."
            )
        return attention(self._net, self._prepared(X))

    def _best(self, X, n, random_state):
        distances, of_logits = self._distances(X)
        ties = random_state.permutation(len(distances))
        return np.lexsort((ties, of_logits, distances.astype(np.float32)))[:n]

    def _distances(self, X):
        return distances_to_margin(self._logits(X), self.s_margin)

    @property
    def _outputs_are_those_of_the_net(self):
        # Maps are; what a last layer makes of an embedding depends on the context if
        # it sees what the bottleneck makes.
        return self._net._recipe.detach or units_kind(self._net) is not None

    def _logits(self, X):
        """Return the logits of the sampler."""
        return logits_of_sampler(self._net, self._prepared(X))

    def _outputs(self, X):
        return self._pass_over(X)[0]

    def _pass_over(self, X):
        """Return outputs, embeddings and the logits of the sampler."""
        net = self._net
        return ask_sampler(net, self._prepared(X))
