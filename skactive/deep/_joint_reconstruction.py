"""Ask for what a decoder on the net's own embedding cannot rebuild."""

from numbers import Integral, Real

from skactive._sklearn import Interval
from skactive.base import ScoreStrategy
from skactive.deep._net_strategy import NetStrategy, refuse_no_weight
from skactive.deep._presets import PresetMixin
from skactive.deep._reconstruction import LEAST_VARIANCE
from skactive.nets.beside._reconstruction import Reconstruction, reconstruction_errors


class JointReconstruction(PresetMixin, NetStrategy, ScoreStrategy):
    """Ask for samples that cannot be rebuilt from what the net sees of them.

    A decoder on the embedding of the net learns, while the net is trained, to rebuild
    its samples: the loss module of :class:`LL4AL` replaced by a decoder. What is unlike
    all labeled samples is rebuilt worst. The net is a classifier like any other (or a
    :class:`~skactive.nets.NetRegressor`), and so is this strategy. By default the
    decoder only reads: the net is to the last bit the one that is trained alone.
    ``JointReconstruction.from_preset("paper")`` trains both together.

    Parameters
    ----------
    estimator : net of this library or of skorch, Pipeline or None, default=None
        The net is built from its settings (module, optimizer, epochs, device, ...).
        A Pipeline that ends in one preprocesses its input. None: a
        :class:`~skactive.nets.NetClassifier`, whose module suits the shape of ``X``.
    weight : float, default=1.0
        Weight of the mean squared error, added to the loss of the task; above 0.
    detach_epoch : int, float or None, default=0
        From this epoch on, counted from 0, the decoder learns and no longer changes the
        net. A float is a fraction of all epochs; None: never; 0: at once. The preset
        "paper" has 0.6, as :class:`LL4AL` was published.
    normalize : bool, default=False
        Divide the error of a sample by the variance of its numbers, plus 0.001.
    width : int, default=16
        Size of the decoder, as of :class:`~skactive.nets.VAEEmbedding`.
    random_state : int, RandomState instance or None, default=None
        Seeds the nets and the order of ties. None leaves the random states inside
        ``estimator`` as they are.

    Attributes
    ----------
    estimator_ : estimator object
        The fitted net, or the pipeline that ends in it; its skorch net holds
        ``module_`` and ``decoder_``.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted; missing if the net predicts numbers.
    history_ : dict of lists of float
        Per epoch: "task_loss" and "reconstruction".
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    TypeError
        From ``fit``, if ``estimator`` is not a net.
    ValueError
        From ``fit``, on input that the net refuses, for a module that takes integers,
        and if ``weight`` is 0, so that an untrained decoder would ask. From
        ``from_preset``, if there is no preset of that name.
    FloatingPointError
        From ``fit``, if a loss becomes NaN; it names the epoch and the term.

    See Also
    --------
    ReconstructionSampling : An autoencoder of its own, beside any model.
    LL4AL : Predicts the loss in place of the sample.

    Notes
    -----
    What is rebuilt are the samples as the net is given them, augmented in training, on
    the scale of the labeled ones: each channel or column minus its mean, divided by its
    standard deviation.

    Loses to random where samples of high contrast are no more informative than others;
    with outliers; and where the embedding leaves out what the task does not need, as
    it should, so that errors say little. On the digits it was below random sampling in
    9 of 10 seeds: :ref:`reconstruction`.

    Cost: training as that of the net and of the decoder; a query is one pass over the
    pool. Memory for both.

    References
    ----------
    .. [1] D. Rymarczyk et al. "Learning Loss for Active Learning", slides of a seminar,
       in which a decoder takes the place of the loss module of [2]_.
    .. [2] D. Yoo and I. S. Kweon. "Learning loss for active learning." CVPR 2019.
       arXiv:1905.03677.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.deep import JointReconstruction
    >>> from skactive.nets import NetClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> net = make_pipeline(StandardScaler(), NetClassifier(max_epochs=20))
    >>> strategy = JointReconstruction(net, random_state=0)
    >>> strategy.fit(X[::2], y[::2], X_pool=X[1::2]).query(3).shape
    (3,)
    >>> strategy.score(X[1::2], y[1::2]) > 0.8
    True
    """

    _presets = {"default": {}, "paper": {"detach_epoch": 0.6}}
    _recipe_class = Reconstruction
    takes_numbers = True

    _parameter_constraints = {
        **NetStrategy._parameter_constraints,
        "weight": [Interval(Real, 0, None, closed="left")],
        "detach_epoch": [
            Interval(Integral, 0, None, closed="left"),
            Interval(Real, 0, 1, closed="both"),
            None,
        ],
        "normalize": ["boolean"],
        "width": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        estimator=None,
        *,
        weight=1.0,
        detach_epoch=0,
        normalize=False,
        width=16,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.weight = weight
        self.detach_epoch = detach_epoch
        self.normalize = normalize
        self.width = width

    def _validate_params(self):
        super()._validate_params()
        refuse_no_weight(self, "weight", "decoder", "detach_epoch=0")

    def score_samples(self, X):
        """Return how badly each sample is rebuilt from its embedding.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of float32 of shape (n_samples,)
            0 or more; higher is more worth a label.
        """
        error, variance = reconstruction_errors(self._net, self._prepared(X))
        return error / (variance + LEAST_VARIANCE) if self.normalize else error
