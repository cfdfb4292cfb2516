"""Ask for samples that a classifier can tell from all labeled ones."""

import numpy as np
from scipy import sparse
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

from skactive._sklearn import HasMethods
from skactive.base import EmbeddingStrategy
from skactive.selection import softmax_sample, top_n
from skactive.utils import concatenate_rows, seeded_clone
from skactive.utils._constraints import number, whole

# Bytes of the rows, taken as float64, that are scored at a time.
BLOCK = 32e6


class DiscriminativeSampling(EmbeddingStrategy):
    """Ask for samples that a classifier can tell from the labeled ones most surely.

    A classifier, the discriminator, learns to tell the labeled samples from the pool;
    the samples that it most surely assigns to the pool are asked for [1]_. A batch
    comes in mini-queries: picks are moved to the labeled side, without their labels,
    and a fresh discriminator is trained.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to the space in which the discriminator looks at them; the paper
        does best with the last hidden layer of the model, "estimator". None takes the
        features as they are.
    discriminator : classifier, default=None
        With ``decision_function`` or ``predict_proba``; class 0 is labeled, class 1
        the pool. The pool being larger, it should weigh its classes, as by
        ``class_weight="balanced"``. None: features scaled to unit variance, a Gaussian
        kernel approximated by :class:`~sklearn.kernel_approximation.Nystroem`, and a
        balanced ``LogisticRegression``.
    n_mini_queries : int, default=10
        In how many parts a batch is asked for. Each has ``n / n_mini_queries``
        samples, rounded up.
    negatives : int or None, default=10
        The discriminator is trained on at most this many samples of the pool for each
        labeled one, drawn again for each mini-query. None: on the whole pool, which
        costs more and picked no better on tables: :ref:`defaults`. The whole pool is
        scored in any case.
    beta : float, default=inf
        Infinity takes the surest samples. Otherwise samples are drawn in proportion to
        ``exp(beta * p)``, where p is the probability to be of the pool; the paper's
        stochastic form is 100.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding, the discriminator and all draws. None leaves the random
        states inside `embedding` as they are.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.
    n_pool_ : int
        Number of samples in the pool.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    CoreSet : Ask for what is far from all labels, by distance alone.
    skactive.deep.VAAL : The same question, to a net that learns the space as well.

    Notes
    -----
    It loses to random where the pool looks like the labeled samples, as with many
    labels: then nothing can be told apart, and the discriminator learns noise. Like all
    strategies that ask for what is different, it asks for outliers. A linear
    discriminator only ever looks in one direction from the labels.

    Samples are ranked by ``decision_function`` where there is one: where classes are
    easy to tell apart, all probabilities are 1.0. Equal scores are put in random order.
    With nothing labeled the first mini-query is drawn at random.

    The published code weighs both classes equally, chooses among the sampled negatives
    only, and does not end if fewer samples are asked for than there are mini-queries.
    All three are different here.

    Cost: ``n_mini_queries`` trainings on ``(1 + negatives) * n_labeled`` rows, or on
    labels and pool, and as many passes over the pool. Memory: with the default
    discriminator three copies of the rows for training, in their precision, their 100
    features of the kernel in double precision, and blocks of at most 100 MB. CSR is
    taken if the discriminator takes it, as the default does.

    References
    ----------
    .. [1] D. Gissin and S. Shalev-Shwartz. "Discriminative Active Learning." 2019.
       arXiv:1907.06347.

    Examples
    --------
    >>> from skactive.diversity import DiscriminativeSampling
    >>> X, X_pool = [[0.0], [0.2]], [[0.1], [5.0], [0.3], [-0.1]]
    >>> DiscriminativeSampling(random_state=0).fit(X, [0, 1], X_pool).query(1)
    array([1])
    """

    _covers = True

    _parameter_constraints = {
        **EmbeddingStrategy._parameter_constraints,
        "discriminator": [HasMethods(["fit"]), None],
        "n_mini_queries": [whole(1)],
        "negatives": [whole(1), None],
        "beta": [number(0, closed="right")],
    }

    def __init__(
        self,
        embedding=None,
        *,
        discriminator=None,
        n_mini_queries=10,
        negatives=10,
        beta=np.inf,
        random_state=None,
    ):
        super().__init__(embedding, random_state=random_state)
        self.discriminator = discriminator
        self.n_mini_queries = n_mini_queries
        self.negatives = negatives
        self.beta = beta

    def _validate_params(self):
        super()._validate_params()
        self._check_discriminator()

    def _check_discriminator(self):
        model = self.discriminator
        if model is None or hasattr(model, "predict_proba"):
            return
        if self.beta < np.inf:
            raise ValueError(
                f"beta={self.beta!r} draws by probabilities, and {model!r} has no "
                "predict_proba. Take another discriminator, or beta=inf."
            )
        if not hasattr(model, "decision_function"):
            raise ValueError(
                "discriminator must be a classifier with decision_function or "
                f"predict_proba, got {model!r}."
            )

    def _select(self, Z, n, *, Z_labeled, random_state):
        size = -(-n // self.n_mini_queries)  # rounded up: never an empty mini-query
        rest, picks = np.arange(Z.shape[0]), np.empty(0, dtype=np.intp)
        while len(picks) < n:
            known = _known_rows(Z_labeled, Z, picks)
            scores = np.zeros(len(rest))
            if known is not None:
                model = self._fit_discriminator(known, Z, rest, random_state)
                scores = self._pool_likeness(model, Z)[rest]
            k = min(size, n - len(picks))
            if self.beta == np.inf:
                best = top_n(scores, k, random_state)
            else:
                best = softmax_sample(
                    scores, k, beta=self.beta, random_state=random_state
                )
            picks = np.append(picks, rest[best])
            rest = np.delete(rest, best)
        return picks

    def _fit_discriminator(self, known, Z, rest, rng):
        """Return a new discriminator, trained to tell `known` from rows of ``Z``."""
        n_known = known.shape[0]
        if self.negatives is not None and self.negatives * n_known < len(rest):
            rest = rng.permutation(rest)[: self.negatives * n_known]
        rows = concatenate_rows(known, Z[rest])
        of_pool = np.repeat([0, 1], [n_known, len(rest)])
        model = self.discriminator
        if model is None:
            model = _default_discriminator(rows)
        return seeded_clone(model, rng).fit(rows, of_pool)

    def _pool_likeness(self, model, Z):
        """Return how surely each row is of the pool; block by block."""
        by_margin = self.beta == np.inf and hasattr(model, "decision_function")
        likeness = np.empty(Z.shape[0])
        # Inside a discriminator, narrow rows become wide.
        width = max(Z.shape[1], 512)
        for rows in gen_batches(len(likeness), int(BLOCK // (8 * width)) + 1):
            if by_margin:
                likeness[rows] = model.decision_function(Z[rows])
            else:
                likeness[rows] = model.predict_proba(Z[rows])[:, 1]
        return likeness


def _default_discriminator(rows):
    return make_pipeline(
        StandardScaler(with_mean=not sparse.issparse(rows)),
        Nystroem(n_components=min(100, rows.shape[0])),
        LogisticRegression(class_weight="balanced", max_iter=1000),
    )


def _known_rows(Z_labeled, Z, picks):
    """Return what counts as labeled: labels and picks. None if there are neither."""
    if len(picks) == 0:
        return Z_labeled
    return Z[picks] if Z_labeled is None else concatenate_rows(Z_labeled, Z[picks])
