"""Ask for samples far from all labels, in features learned with augmented views."""

from numbers import Integral, Real

from skactive._sklearn import Interval, StrOptions
from skactive.deep._net_strategy import NetStrategy
from skactive.deep._presets import PresetMixin
from skactive.nets.beside._momentum import CONSTRAINTS, Momentum, contrastive_losses
from skactive.selection import k_center_greedy, top_n
from skactive.utils import shannon_entropy


class MoBYv2AL(PresetMixin, NetStrategy):
    """Ask for samples far from all labels, in features learned from the pool too.

    MoBYv2AL [1]_. A net is trained on labels and, at the same time, by a contrastive
    loss on augmented views of labeled samples and of the pool: it learns which two
    views show the same sample. As in MoBY, an exponential moving average (EMA) of the
    net computes the keys, that is the targets of this comparison. In the space of the
    features, it asks for the samples farthest from all that are labeled. The net is a
    classifier like any other, and so is this strategy: with
    ``ActiveLearner(strategy=MoBYv2AL())`` it is trained once a round, and predicts. No
    label of the pool is read.

    Parameters
    ----------
    estimator : NetClassifier, NeuralNetClassifier, Pipeline or None, default=None
        The net is built from its settings (module, optimizer, epochs, device, ...).
        A Pipeline that ends in one preprocesses its input. None: a
        :class:`~skactive.nets.NetClassifier`, whose module suits the shape of ``X``.
    selection : {"coreset", "entropy", "contrastive", "random"}, default="coreset"
        Which samples are asked for: those farthest from all labels, those the net is
        unsure of, those with the largest contrastive loss, or random ones.
    contrastive_weight : float, default=0.1
        Weight of the contrastive loss, added to the loss of the task. Published, and in
        the preset "paper": 0.5, with which the net was behind the net alone in some
        settings (:ref:`deep-own-models`).
    temperature : float, default=0.2
        Similarities are divided by it.
    key_momentum : float, default=0.99
        Decay of the EMA in the first step; it rises to 1 by a cosine schedule. Lower it
        for trainings of less than about 200 steps.
    queue_size : int or None, default=None
        Number of negatives, which are keys of earlier samples. None: 0.4 of the samples
        of an epoch, at most 4096.
    proj_dim : int, default=128
        Dimension of the space in which views are compared.
    head_layers : int, default=1
        Layers of projector and predictor: 1 as released, 2 as in MoBY.
    weak, strong : callable or None, default=None
        Take a batch of samples as a float tensor, on the device, and return a view of
        it, of the same shape. The classifier learns from weak views. None: shifted and
        distorted images, or noise and swapped values for tables; see
        :mod:`skactive.nets`. A `weak` that is given replaces the ``augment`` of the
        estimator; without one, ``augment`` is the weak view.
    fused : bool or None, default=None
        Both views in one pass through the net. None: if it has no batch normalization,
        whose statistics would differ.
    subset : int or None, default=10_000
        Only this many samples of the pool, drawn at random in each query, are
        considered. None: all.
    random_state : int, RandomState instance or None, default=None
        Seeds the nets, views, the subset and the order of ties. None leaves the random
        states inside ``estimator`` as they are.

    Attributes
    ----------
    estimator_ : NetClassifier or Pipeline
        The fitted net; its skorch net holds ``module_``, ``key_module_`` and
        ``queues_``.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    history_ : dict of lists of float
        Per epoch: "task_loss", "contrastive_loss" of labeled samples,
        "pool_contrastive_loss" (NaN without a pool), and the last "key_momentum".
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        From ``fit``: if a view has another shape than its batch, if the net has
        ``warm_start=True``, or on input that the net refuses. From ``query``: if
        ``subset`` is smaller than ``n``.
    TypeError
        From ``fit``, if ``estimator`` is not a net.
    FloatingPointError
        From ``fit``, if the task or the contrastive loss becomes NaN; it names the
        epoch and the term.

    See Also
    --------
    skactive.diversity.CoreSet : The same selection, in features of your own.
    skactive.nets.MoBYEncoder : The same views, without labels. With nothing labeled
        yet, ``CoreSet(MoBYEncoder())`` asks for the first samples.

    Notes
    -----
    Batches with labels and batches of the pool alternate, equally many of each. So each
    epoch takes as many samples from the pool as there are labels, different ones each
    time. A labeled set of one sample is shown twice in its batch.

    Features, predictions and queries are computed from the samples themselves, not from
    views, and change nothing. Only ``selection="contrastive"`` draws a pair of views,
    the same in each query.

    Loses to random where the farthest samples are outliers, as
    :class:`~skactive.diversity.CoreSet` does, and where views change the class of a
    sample: a mirrored digit, a swapped column that alone decides. The released code
    trains on some labels of the pool, so that published numbers may be too high.
    Compare it with ``selection="random"``, which has the same training.

    Cost: about twice as many steps as the net alone, each of two forward and backward
    passes and two forward ones, so five to six times its training for images; a query
    is one pass over ``subset`` samples, and k-center selection. Memory for two nets and
    queues.

    References
    ----------
    .. [1] R. Caramalau, B. Bhattarai, D. Stoyanov and T.-K. Kim. "MoBYv2AL:
       Self-supervised Active Learning for Image Classification." BMVC 2022.
       arXiv:2301.01531.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.deep import MoBYv2AL
    >>> from skactive.nets import NetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = make_pipeline(StandardScaler(), NetClassifier(max_epochs=20))
    >>> strategy = MoBYv2AL(net, random_state=0).fit(X[::2], y[::2], X_pool=X[1::2])
    >>> strategy.query(3).shape
    (3,)
    >>> strategy.score(X[1::2], y[1::2]) > 0.8
    True
    """

    _presets = {"default": {}, "paper": {"contrastive_weight": 0.5}}
    _recipe_class = Momentum

    _parameter_constraints = {
        **NetStrategy._parameter_constraints,
        "selection": [StrOptions({"coreset", "entropy", "contrastive", "random"})],
        "contrastive_weight": [Interval(Real, 0, None, closed="neither")],
        **CONSTRAINTS,
        "subset": [Interval(Integral, 1, None, closed="left"), None],
    }

    def __init__(
        self,
        estimator=None,
        *,
        selection="coreset",
        contrastive_weight=0.1,
        temperature=0.2,
        key_momentum=0.99,
        queue_size=None,
        proj_dim=128,
        head_layers=1,
        weak=None,
        strong=None,
        fused=None,
        subset=10_000,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.selection = selection
        self.contrastive_weight = contrastive_weight
        self.temperature = temperature
        self.key_momentum = key_momentum
        self.queue_size = queue_size
        self.proj_dim = proj_dim
        self.head_layers = head_layers
        self.weak = weak
        self.strong = strong
        self.fused = fused
        self.subset = subset

    def contrastive_losses(self, X):
        """Return the contrastive loss of two views of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        losses : ndarray of float32 of shape (n_samples,)
            For one pair of views, the same in each call; they may depend on the order
            of samples. ``2 * log(1 + queue_size)`` if all keys look the same.
        """
        net = self._net
        return contrastive_losses(net, self._prepared(X))

    def _keep(self, net, X):
        self._Z_labeled = net.transform(X) if self.selection == "coreset" else None

    def _query(self, n):
        if self.selection == "random":
            return self._query_random_state().permutation(self.n_pool_)[:n]
        return super()._query(n)

    def _best(self, X, n, random_state):
        if self.selection == "coreset":
            seen = {"Z_labeled": self._Z_labeled, "random_state": random_state}
            return k_center_greedy(self.transform(X), n, **seen)
        if self.selection == "entropy":
            scores = shannon_entropy(self.predict_proba(X))
        else:
            scores = self.contrastive_losses(X)
        return top_n(scores, n, random_state=random_state)

    def _drop_pool(self):
        super()._drop_pool()
        self._Z_labeled = None
