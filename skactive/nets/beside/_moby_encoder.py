"""An encoder that learns from samples without labels."""

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import HasMethods, _fit_context
from skactive.nets.beside._momentum import CONSTRAINTS, Momentum
from skactive.nets.beside._steps import fit_steps, refuse_warm_start
from skactive.nets.estimators._classifier import NetClassifier
from skactive.nets.estimators._from_skorch import with_net
from skactive.utils import seeded_clone
from skactive.utils._documented import BaseEstimator
from skactive.utils._items import shown
from skactive.utils._kept import kept_if_it_fails
from skactive.utils._models import last_step


class MoBYEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Learn an embedding from unlabeled samples, by contrasting two views of each.

    MoBY [1]_: a net and its exponential moving average (EMA) see a sample in two views,
    and the net learns to match its output for one view with the EMA's for the other,
    among negatives from earlier samples. No labels are read. The embedding can be
    trained once and passed to any strategy or model, wrapped in
    :class:`sklearn.frozen.FrozenEstimator`.

    Parameters
    ----------
    estimator : NetClassifier, NeuralNetClassifier, Pipeline or None, default=None
        The net is built from its settings (module, optimizer, epochs, device, ...); its
        last layer, which would classify, is not trained. A Pipeline
        that ends in one preprocesses its input. None: a
        :class:`~skactive.nets.NetClassifier`, whose module suits the shape of ``X``.
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
        Layers of projector and predictor; MoBY has 2.
    weak, strong : callable or None, default=None
        Take a batch of samples as a float tensor, on the device, and return a view of
        it, of the same shape. None: those for tables or images in this module. A `weak`
        that is given replaces the ``augment`` of the estimator; without one,
        ``augment`` is the weak view.
    fused : bool or None, default=None
        Both views in one pass through the net. None: if it has no batch normalization,
        whose statistics would differ.
    random_state : int, RandomState instance or None, default=None
        Seeds weights, order and views. None leaves the random state inside
        ``estimator`` as it is.

    Attributes
    ----------
    estimator_ : NetClassifier or Pipeline
        The fitted net; its skorch net holds ``module_`` and ``key_module_``.
    history_ : dict of lists of float
        Per epoch, the "contrastive_loss" and the last "key_momentum".
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    skactive.deep.MoBYv2AL : Learn from views and labels together, and ask.

    Notes
    -----
    Cost: per step two passes of the net forward and back and two of the copy forward,
    about 2.7 plain steps. Memory for two nets and the queues.

    References
    ----------
    .. [1] Z. Xie et al. "Self-Supervised Learning with Swin Transformers." 2021.
       arXiv:2105.04553.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.preprocessing import scale
    >>> from skactive.diversity import CoreSet
    >>> from skactive.nets import MoBYEncoder, NetClassifier
    >>> X = scale(load_iris(return_X_y=True)[0])
    >>> encoder = MoBYEncoder(NetClassifier(max_epochs=5), random_state=0)
    >>> encoder.fit_transform(X).shape
    (150, 64)
    >>> CoreSet(encoder).fit(X).query(3).shape
    (3,)
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit"]), None],
        **CONSTRAINTS,
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator=None,
        *,
        temperature=0.2,
        key_momentum=0.99,
        queue_size=None,
        proj_dim=128,
        head_layers=1,
        weak=None,
        strong=None,
        fused=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.temperature = temperature
        self.key_momentum = key_momentum
        self.queue_size = queue_size
        self.proj_dim = proj_dim
        self.head_layers = head_layers
        self.weak = weak
        self.strong = strong
        self.fused = fused
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Train the net on samples without labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples as a :class:`~skactive.nets.NetClassifier` takes them.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted encoder.

        Raises
        ------
        ValueError
            If ``X`` holds NaN or infinities, if a view has another shape, or if the net
            has ``warm_start=True``.
        TypeError
            If ``estimator`` is not a net.
        FloatingPointError
            If the loss becomes NaN; the message names the epoch.
        """
        with kept_if_it_fails(self):
            return self._trained(X)

    def _trained(self, X):
        validate_data(self, shown(X), skip_check_array=True)
        given = NetClassifier() if self.estimator is None else self.estimator
        refuse_warm_start(given)
        estimator = seeded_clone(with_net(given), self.random_state)
        X, _ = fit_steps(estimator, X)
        branch = {name: getattr(self, name) for name in CONSTRAINTS}
        recipe = Momentum(contrastive_weight=1.0, **branch)
        net = _without_criterion(last_step(estimator))._train(X, None, recipe)
        self.estimator_ = estimator
        terms = net.net_.terms()
        self.history_ = {
            "contrastive_loss": terms["pool_contrastive_loss"],
            "key_momentum": terms["key_momentum"],
        }
        return self

    def transform(self, X):
        """Return the embedding of each sample: what the last layer sees.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given; no views are made of them.

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, n_columns)
            As from :class:`~skactive.nets.NetClassifier`.
        """
        check_is_fitted(self)
        return self.estimator_.transform(X)

    @property
    def _n_features_out(self):
        return last_step(self.estimator_)._n_features_out

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _without_criterion(net):
    """Return a net without a loss of labels, such as one that weighs classes."""
    net.criterion = None
    for name in [name for name in vars(net) if name.startswith("criterion__")]:
        delattr(net, name)
    return net
