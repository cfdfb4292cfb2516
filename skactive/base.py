"""The contract: a strategy is fitted on what is known, then asked.

The base classes validate input, set seeds, break ties and check the answer; a subclass
has the idea, in one hook.
"""

import warnings
from abc import ABCMeta, abstractmethod
from copy import copy
from functools import partial
from inspect import isclass
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.base import is_regressor
from sklearn.linear_model import LogisticRegression
from sklearn.utils import (
    check_consistent_length,
    check_random_state,
    column_or_1d,
    get_tags,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive._sklearn import HasMethods, StrOptions, _num_samples
from skactive.exceptions import PoolExhaustedWarning, TopBatchWarning
from skactive.selection._merge import best_of_part, merge_top
from skactive.utils import (
    fit_embedding,
    fit_with_pool,
    is_missing,
    natural_labels,
    needs_labels,
    sample_shape,
    seeded_clone,
    shape_text,
)
from skactive.utils._constraints import refuse_classes
from skactive.utils._dask import in_parts, is_dask
from skactive.utils._dense_answers import BoxAnswers, as_objects, kind_of
from skactive.utils._documented import BaseEstimator
from skactive.utils._embedding import embed_labeled, embed_pool, rows_of_run
from skactive.utils._faults import refuse_shorter
from skactive.utils._fit_params import params_of
from skactive.utils._fitting import MAX_SEED
from skactive.utils._items import refuse_pairs, shown
from skactive.utils._kept import kept_if_it_fails
from skactive.utils._labels import out_of_torch
from skactive.utils._models import (
    has_method,
    refuse_one_column,
    refuse_regressor,
    refuse_without_labels,
)
from skactive.utils._parted import PartedRows, is_sparse, named
from skactive.utils._pool import Pool, naming_rows, pool_for, reads_pools
from skactive.utils._positions import check_positions
from skactive.utils._rows import (
    concatenate_rows,
    gives_items,
    refuse_sizes,
    refuse_streams,
    take_rows,
    unboxed,
)

__all__ = ["EmbeddingStrategy", "ModelStrategy", "QueryStrategy", "ScoreStrategy"]


class QueryStrategy(BaseEstimator, metaclass=ABCMeta):
    """Base of all strategies: fitted on what is known, then asked.

    A subclass writes ``_query`` (and ``_fit`` where something is to be learned). Most
    strategies inherit from :class:`ScoreStrategy` or :class:`EmbeddingStrategy`
    instead and write one smaller hook.

    Attributes
    ----------
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    See Also
    --------
    ScoreStrategy : Base of strategies that score each sample by itself.
    EmbeddingStrategy : Base of strategies that look at distances in a space.

    Examples
    --------
    A strategy that asks for the first samples of the pool:

    >>> import numpy as np
    >>> from skactive import QueryStrategy
    >>> class FirstComeSampling(QueryStrategy):
    ...     '''Ask for whatever came first.'''
    ...     def _query(self, n):
    ...         return np.arange(n)
    >>> FirstComeSampling().fit([[0.0]], [0], X_pool=[[1.0], [2.0], [3.0]]).query(2)
    array([0, 1])
    """

    # A pipeline with transform_input=["X_pool"] may pass a pool by itself.
    __metadata_request__fit = {"X_pool": True}

    # What a learner's fit was given beside X and y, for the rows of the next fit.
    _fit_params = {}

    random_state = None  # for a subclass that has no use for a seed

    #: Whether samples may be scored, or embedded, a block of the pool at a time. False
    #: where what is said of a sample depends on those beside it.
    blockwise = True

    #: Whether samples may have several labels each, or several numbers. False: they are
    #: refused, by a learner before a label is paid for.
    takes_columns = True
    #: The same where the model predicts numbers.
    takes_columns_of_numbers = False
    _y_in_columns = False

    # Checked by fit, and by a learner before a label is paid for.
    _parameter_constraints = {"random_state": ["random_state"]}

    @reads_pools
    def fit(self, X, y=None, X_pool=None):
        """Learn what there is to learn before asking.

        Parameters
        ----------
        X : array-like of shape (n_labeled, ...)
            Labeled samples. Not converted: data frames, CSR matrices and images
            stay what they are; arrays of one shape within an array of objects become
            one array. With ``y=None`` and ``X_pool=None`` nothing is labeled yet and
            ``X`` is the pool.
        y : array-like of shape (n_labeled,) or None, default=None
            Labels of ``X``.
        X_pool : array-like of shape (n_pool, ...) or None, default=None
            Unlabeled samples to choose from, in any container with a length and an
            index: also np.memmap, arrays of h5py and zarr, data sets of torch, and
            arrays and data frames of dask, of which scores are asked a partition at a
            time. It is kept by reference and never written to. None is accepted if
            ``y`` is given, but then there is nothing to query.

        Returns
        -------
        self : object
            The fitted strategy.

        Raises
        ------
        ValueError
            If ``y`` is needed and missing, if lengths differ, or if the samples of
            ``X`` and ``X_pool`` have different shapes or column names. If a dask array
            does not know how many rows it has, or all of it is needed at once.
        TypeError
            If ``X`` or ``X_pool`` can only be read from its beginning to its end.
        """
        refuse_streams(X)
        refuse_streams(X_pool, "X_pool")
        # An interrupt leaves an earlier fit as it was.
        with kept_if_it_fails(self, KeyboardInterrupt):
            X_pool = in_parts(unboxed(X_pool), "X_pool")
            if y is None and X_pool is None:
                X = in_parts(X)
            return self._fitted_on(unboxed(X), y, X_pool)

    def _fitted_on(self, X, y, X_pool):
        with kept_if_it_fails(self):  # and so does input that is refused
            self._validate_params()
            y = self._check_labeled(X, y)
            in_columns = getattr(y, "ndim", 1) == 2
            if X_pool is not None:
                # Boxes come with images, which may be of different sizes.
                self._check_pool(X, X_pool, any_size=_holds_boxes(y))
            rng = check_random_state(self.random_state)
        self._fitted = False  # from here on parts of an earlier fit are replaced
        self._y_in_columns = in_columns
        cold = y is None and X_pool is None
        fit_seed, self._query_seed = (int(s) for s in rng.randint(MAX_SEED, size=2))
        # Parts keep the seeds that the user gave them unless there is one for all.
        self._fit_seed = None if self.random_state is None else fit_seed

        if cold:
            X, X_pool = None, X
        elif gives_items(X):
            X = take_rows(X, np.arange(len(X)))
        self._X_pool = X_pool
        self.n_pool_ = 0 if X_pool is None else _num_samples(X_pool)
        try:
            self._fit(X, y, self._given(X_pool))
        finally:
            vars(self).pop("_fit_params", None)  # they are of these rows alone
        self._fitted = True
        return self

    @property
    def _X_pool(self):
        """The pool in its own container: of a pool by reference, a copy, made once."""
        return None if self._pool is None else self._pool.rows()

    @_X_pool.setter
    def _X_pool(self, X_pool):
        by_reference = X_pool is None or isinstance(X_pool, Pool)
        self._pool = X_pool if by_reference else Pool(X_pool)

    def _given(self, X_pool):
        """Return what ``_fit`` is given for a pool: rows, where it is not marked."""
        if gives_items(X_pool) or isinstance(X_pool, PartedRows):
            X_pool = self._pool
        return pool_for(self._fit, X_pool)

    def _validate_params(self):
        refuse_classes(self)
        super()._validate_params()

    def _check_labeled(self, X, y):
        """Check the labeled samples and return their labels."""
        whole = X.X if isinstance(X, Pool) else X  # it has the names of columns
        if y is None and get_tags(self).target_tags.required:
            refuse_pairs(whole, type(self).__name__)
        wanted = "no_validation" if y is not None else y
        validate_data(self, shown(named(whole)), wanted, skip_check_array=True)
        _num_samples(X)
        if y is not None:
            y = out_of_torch(y)
            if not hasattr(y, "dtype"):
                dense = kind_of(y) is not None
                y = as_objects(y) if dense else np.asarray(natural_labels(y))
            if getattr(y, "ndim", 1) == 2 and y.shape[1] == 1:
                y = column_or_1d(y, warn=True)
            check_consistent_length(X, y)
            y = self._check_known(y)
        return y

    def _check_known(self, y):
        """Refuse missing labels; return labels kept as objects in their own dtype."""
        own = getattr(self, "estimator", None)
        if getattr(y, "ndim", 1) == 2 and not self._takes_columns_of(own):
            refuse_one_column(self, own)
        if getattr(y, "ndim", 1) > 2:
            return y
        missing = is_missing(y)
        if missing.any():
            raise ValueError(
                f"y holds {missing.sum()} missing labels (None or NaN) of {len(y)}: "
                "pass labeled samples as X and y, unlabeled ones as X_pool. "
                "ActiveLearner does so."
            )
        if getattr(y, "ndim", 1) == 2:  # NaN beside them had made objects of numbers
            return np.array(np.asarray(y).tolist())
        return natural_labels(y)

    def query(self, n=1, *, exclude=None, among=None):
        """Ask for the ``n`` samples of the pool most worth a label.

        Asked twice, it gives the same answer twice; the fitted state does not change.

        Parameters
        ----------
        n : int, default=1
            How many samples to ask for. More than there are: all are returned, with a
            :class:`~skactive.exceptions.PoolExhaustedWarning`.
        exclude : array-like of int of shape (n_excluded,), default=None
            Positions that are not asked for, such as those that others label just now.
            Strategies of coverage (CoreSet, TypiClust, MaxHerding, LCMD) take them for
            labeled; others pass them over.
        among : array-like of int of shape (n_among,), default=None
            The only positions that may be asked for. None: all.

        Returns
        -------
        positions : ndarray of intp of shape (n,)
            Distinct positions in the pool, best first.

        Raises
        ------
        ValueError
            If ``n`` is below 1, if ``fit`` was given no pool, or if ``exclude`` or
            ``among`` are no positions in it.
        RuntimeError
            If a subclass answers with anything other than ``n`` distinct positions.
        """
        check_is_fitted(self)
        name = type(self).__name__
        if isinstance(n, (bool, np.bool_)) or not isinstance(n, Integral):
            got = repr(n) if np.ndim(n) == 0 else type(n).__name__
            raise TypeError(
                f"n must be an integer, how many samples to ask for, got {got}. The "
                "pool is given to fit, as X_pool."
            )
        if n < 1:
            raise ValueError(f"n must be at least 1, got {n}.")
        if self._pool is None:
            raise ValueError(
                f"{name} was fitted without a pool: pass X_pool to fit, as in "
                "fit(X_labeled, y, X_pool)."
            )
        refuse_shorter(self._pool.X, self._pool.n_samples)
        held = check_positions("exclude", exclude, self.n_pool_)
        allowed = np.ones(self.n_pool_, dtype=bool)
        if among is not None:
            allowed[:] = False
            allowed[check_positions("among", among, self.n_pool_)] = True
        allowed[held] = False
        n_allowed = int(allowed.sum())
        if n > n_allowed:
            rest = "" if n_allowed == self.n_pool_ else " others, of which may be asked"
            warnings.warn(
                f"{n} samples were asked for and the pool holds {n_allowed}{rest}: all "
                "of them are returned.",
                PoolExhaustedWarning,
                stacklevel=2,
            )
            n = n_allowed
        if n == 0:
            return np.empty(0, dtype=np.intp)
        if n_allowed == self.n_pool_:
            return self._check_answer(self._query(int(n)), n)
        return self._check_answer(self._query_within(int(n), allowed, held), n)

    def _query_within(self, n, allowed, held):
        """Return ``n`` positions of those that are allowed.

        ``held`` are positions that others label just now. Here the strategy is asked
        for more, and what is not allowed is passed over.
        """
        n_more = min(self.n_pool_, n + int((~allowed).sum()))
        ranked = self._check_answer(self._query(n_more), n_more)
        return ranked[allowed[ranked]][:n]

    def _lend_fit_params(self, params):
        """Have the next fit hand on what a learner's fit was given."""
        if params:
            self._fit_params = params
        return self

    def _check_estimator(self, estimator):
        """Refuse a model that the strategy cannot serve, before a label is paid for.

        Called with the strategy's own model, or the one that a learner will lend.
        """

    def _takes_columns_of(self, estimator):
        """Tell whether samples may have several labels each, with this model."""
        if self.takes_columns or not self.takes_columns_of_numbers:
            return self.takes_columns
        told = hasattr(estimator, "__sklearn_tags__") and not isclass(estimator)
        return told and is_regressor(estimator)

    def _check_sizes(self, X, estimator):
        """Refuse images of different sizes, before a label is paid for.

        Called with all samples of a learner, and the model as above. Where what
        compares images is the model, it decides.
        """

    def _check_prices(self, prices, X):
        """Refuse what answers cost, before a label is paid for.

        Called with the price of each sample of a learner, or None if a learner knows
        none beforehand.
        """

    def _check_n_pool(self, n_pool):
        """Refuse a pool of too many or too few samples, before a label is paid for."""

    @reads_pools
    def _fit(self, X, y, X_pool):
        """Learn what ``_query`` will need; called once, at the end of ``fit``.

        ``X`` is None when nothing is labeled yet, ``X_pool`` when no pool was given.
        """

    @abstractmethod
    def _query(self, n):
        """Return ``n`` distinct positions in the pool, best first.

        Called with 1 <= n <= number of samples in the pool, ``self._X_pool``.
        """

    def _fit_embedding(self, X, y, X_pool):
        """Return the fitted ``embedding`` of a strategy that has one."""
        return fit_embedding(
            self.embedding, X, y, X_pool, self._fit_seed, self._fit_params
        )

    def _query_random_state(self):
        """Return the generator of one query: a fresh one, the same each time."""
        check_is_fitted(self, "_query_seed")
        return np.random.RandomState(self._query_seed)

    def _drop_pool(self):
        """Forget the pool, so that a stored or pickled strategy is small."""
        self._X_pool = None

    def _check_pool(self, X, X_pool, *, any_size=False):
        shape, pool_shape = sample_shape(X), sample_shape(X_pool)
        known = None not in (shape, pool_shape)
        if known and any_size:
            known = not _differ_in_size(shape, pool_shape)
        if known and shape != pool_shape:
            raise ValueError(
                f"X_pool has samples of {shape_text(pool_shape)}, but X has samples "
                f"of {shape_text(shape)}; {type(self).__name__} needs the same shape."
            )
        if hasattr(X, "columns") and hasattr(X_pool, "columns"):
            # The columns of an arrow table are its data.
            names, pool_names = (
                list(getattr(frame, "column_names", frame.columns))
                for frame in (X, X_pool)
            )
            if names != pool_names:
                raise ValueError(
                    "X_pool and X are data frames with different columns: "
                    f"{pool_names} and {names}."
                )
        if getattr(X_pool, "ndim", None) == 0:
            raise ValueError("X_pool must hold samples, got a single number.")

    def _check_answer(self, positions, n):
        positions = np.asarray(positions)
        name = type(self).__name__
        if positions.shape != (n,):
            raise RuntimeError(
                f"{name} was asked for {n} samples and answered with an array of "
                f"shape {positions.shape}."
            )
        if positions.dtype.kind not in "iu":
            raise RuntimeError(
                f"{name} must answer with integer positions, got {positions.dtype}."
            )
        if positions.min() < 0 or positions.max() >= self.n_pool_:
            raise RuntimeError(
                f"{name} answered with a position outside the pool of {self.n_pool_} "
                "samples; answers are positions in X_pool, not rows of X."
            )
        if len(np.unique(positions)) < n:
            raise RuntimeError(f"{name} answered with the same position twice.")
        return positions.astype(np.intp)  # a copy: the caller may write into it

    def __sklearn_is_fitted__(self):
        # A refused fit may leave n_features_in_ behind; it does not count as fitted.
        return getattr(self, "_fitted", False)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class ModelStrategy(QueryStrategy):
    """Base of strategies that ask a model; a subclass writes ``_query``.

    The base fits a seeded copy of ``estimator``, showing it the pool if its ``fit``
    takes ``X_pool``. Where each sample can be scored by itself, inherit from
    :class:`ScoreStrategy` instead.

    Parameters
    ----------
    estimator : estimator object, default=None
        The model whose predictions are used. None: the strategy's own default, or
        the model of the :class:`~skactive.ActiveLearner` it serves. One that is
        already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the selection. None leaves the
        random states inside ``estimator`` as they are.

    Attributes
    ----------
    estimator_ : estimator object
        The fitted model.

    See Also
    --------
    ScoreStrategy : Base of strategies that score each sample by itself.

    Examples
    --------
    One sample of each predicted class:

    >>> import numpy as np
    >>> from skactive.base import ModelStrategy
    >>> class OneOfEachSampling(ModelStrategy):
    ...     '''Ask for the first sample of each predicted class.'''
    ...     def _query(self, n):
    ...         y = self.estimator_.predict(self._X_pool)
    ...         first = np.unique(y, return_index=True)[1]
    ...         return np.r_[first, np.setdiff1d(np.arange(len(y)), first)][:n]
    >>> X_pool = [[1.0], [0.5], [5.0]]
    >>> OneOfEachSampling().fit([[0.0], [4.0]], [0, 1], X_pool).query(2)
    array([0, 2])
    """

    #: Name of the method that the estimator must have; None if any will do.
    response_method = None

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "estimator": [HasMethods(["fit"]), None],
    }

    def __init__(self, estimator=None, *, random_state=None):
        self.estimator = estimator
        self.random_state = random_state

    def _default_estimator(self):
        """Return an unfitted model for ``estimator=None``."""
        return LogisticRegression()

    @reads_pools
    def _fit(self, X, y, X_pool):
        estimator = self._wanted_estimator()
        self._check_estimator(estimator)
        params = self._params_of(estimator, y)
        self.estimator_ = fit_with_pool(
            seeded_clone(estimator, self._fit_seed), X, y, X_pool, **params
        )

    def _params_of(self, estimator, y):
        """Return what fit of the strategy's own model is given beside X and y."""
        if y is None or not self._fit_params:
            return {}
        return params_of(estimator, self._fit_params, len(y), type(self).__name__)

    def _wanted_estimator(self):
        return self._default_estimator() if self.estimator is None else self.estimator

    def _check_estimator(self, estimator):
        """Refuse an estimator without the needed method, before it is fitted."""
        method = self.response_method
        if method:
            refuse_without_labels(self, estimator)
        if method == "predict_proba" and is_regressor(estimator):
            # One of skorch has the method, which returns numbers.
            refuse_regressor(self, estimator)
        if method and not has_method(estimator, method):
            if is_regressor(estimator):
                refuse_regressor(self, estimator)
            raise ValueError(
                f"{type(self).__name__} needs an estimator with "
                f"{method}, and {estimator!r} does not have it. Take "
                "another one, or wrap it in "
                "sklearn.calibration.CalibratedClassifierCV."
            )

    def _predict_proba(self, X, model=None):
        """Return the class probabilities of ``estimator_``, or of its last steps."""
        check_is_fitted(self, "estimator_")
        if self._y_in_columns:  # of each label: no distribution over classes
            refuse_one_column(self, self.estimator_)
        model = self.estimator_ if model is None else model
        proba = np.asarray(model.predict_proba(X))
        if proba.dtype.kind in "iub":  # as of a tree that is sure: 0 and 1, exactly
            proba = proba.astype(np.float64)
        if proba.ndim != 2 or proba.dtype.kind != "f":
            raise ValueError(
                f"predict_proba of {self.estimator_!r} must return numbers of shape "
                f"(n_samples, n_classes); got {proba.dtype} of shape {proba.shape}."
            )
        return proba

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        # Of anything else, fit says what is wrong.
        if self.estimator is None or hasattr(self.estimator, "fit"):
            tags.input_tags = copy(get_tags(self._wanted_estimator()).input_tags)
        return tags


class ScoreStrategy(ModelStrategy):
    """Base of strategies that give each sample a score; the highest are asked for.

    The base fits a seeded copy of ``estimator`` (showing it the pool if its ``fit``
    takes ``X_pool``), takes the ``n`` highest scores and orders ties at random. A
    subclass writes ``score_samples``.

    Parameters
    ----------
    estimator : estimator object, default=None
        The model whose predictions are used. None: the strategy's own default, or
        the model of the :class:`~skactive.ActiveLearner` it serves. One that is
        already fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, and the order of ties. None leaves
        the random states inside ``estimator`` as they are.

    Attributes
    ----------
    estimator_ : estimator object
        The fitted model.

    See Also
    --------
    EmbeddingStrategy : Base of strategies that look at distances in a space.

    Examples
    --------
    >>> from skactive.base import ScoreStrategy
    >>> class SecondClassSampling(ScoreStrategy):
    ...     '''Ask for what looks most like the second class.'''
    ...     response_method = "predict_proba"
    ...     def score_samples(self, X):
    ...         return self._predict_proba(X)[:, 1]
    >>> strategy = SecondClassSampling().fit([[0.0], [4.0]], [0, 1], [[1.0], [3.0]])
    >>> strategy.query(2)
    array([1, 0])
    """

    # What draws batches by the same score, where the best scores are near duplicates.
    _draws_batches = None

    @abstractmethod
    def score_samples(self, X):
        """Return how much each sample is wanted.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            One finite number per sample; higher is more worth a label.
        """

    def _query(self, n):
        name = type(self).__name__
        if self._draws_batches is not None and 1 < n < self.n_pool_:
            warnings.warn(
                f"{name} scores each sample by itself, and the best are often near "
                f"duplicates. For batches take {self._draws_batches}.",
                TopBatchWarning,
                stacklevel=3,
            )
        if not self.blockwise or not is_dask(self._pool):
            return self._best(n)[2]
        bare = copy(self)
        bare._drop_pool()
        parts = self._pool.X.ask_each(self._pool, partial(bare._best_of, n=n))
        return merge_top(parts, n)

    def _best_of(self, stretch, n):
        """Return the best rows of a stretch of the pool, for ``merge_top``."""
        asked = copy(self)
        asked._pool, asked.n_pool_ = stretch, len(stretch)
        return asked._best(n)

    def _best(self, n):
        # Ties as in parts of the pool: they do not depend on how it is cut.
        scores = self._score_pool()
        return best_of_part(scores, n, self._query_seed, self._pool.start)

    def _score_pool(self):
        """Return the score of each sample of the pool, asked for a block at a time."""
        pool, name = self._pool, type(self).__name__
        blocks = pool.blocks(None if self.blockwise else self.n_pool_)
        scores = None
        for block in blocks:
            part = self._scores_of_block(block)
            if len(part) == self.n_pool_:
                scores = part
                break
            if scores is None:
                scores = np.empty(self.n_pool_, dtype=part.dtype)
            elif part.dtype != scores.dtype:
                scores = scores.astype(np.result_type(scores, part), copy=False)
            scores[block.start : block.stop] = part
        if not np.isfinite(scores).all():
            first = int(np.flatnonzero(~np.isfinite(scores))[0])
            where = "" if pool.is_all else f", {pool.row_name(first)}"
            first += pool.start
            raise RuntimeError(
                f"{name}.score_samples returned {np.sum(~np.isfinite(scores))} scores "
                f"that are not finite, the first for position {first} of the pool"
                f"{where}."
            )
        return scores

    def _scores_of_block(self, block):
        """Return the scores of those samples of a block that are in the pool."""
        with naming_rows(self._pool, block):
            try:
                scores = np.asarray(self.score_samples(block.X))
            except ValueError:
                if block.kept is None:
                    raise
                # The fault may lie in rows outside of the pool, such as skipped ones.
                block = block._replace(X=take_rows(block.X, block.kept), kept=None)
                scores = np.asarray(self.score_samples(block.X))
        n = _num_samples(block.X)
        if scores.shape != (n,):
            raise RuntimeError(
                f"{type(self).__name__}.score_samples must return one score per "
                f"sample, an array of shape ({n},); got {scores.shape}."
            )
        return scores if block.kept is None else scores[block.kept]


class EmbeddingStrategy(QueryStrategy):
    """Base of strategies that choose by where samples lie in a space.

    The base fits ``embedding``, transforms labeled samples and pool, and hands both
    over. An embedding that needs no labels learns from all samples, labeled and pool;
    one that needs labels learns from the labeled samples (and is shown the pool if
    its ``fit`` takes ``X_pool``, and weights given to fit of a learner if it takes
    them). A subclass writes ``_select``.

    Parameters
    ----------
    embedding : transformer, "estimator" or None, default=None
        Maps samples to rows of a matrix, by its ``transform``. None takes the
        features as they are, images flattened. Preprocessing goes here:
        ``CoreSet(make_pipeline(StandardScaler(), PCA(50)))``. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`. Within an
        :class:`~skactive.ActiveLearner`, the word "estimator" is the model that the
        learner has just fitted, by its ``transform``; of a pipeline without one, the
        steps before the last.
    random_state : int, RandomState instance or None, default=None
        Seeds the embedding, with all its parts, and the selection. None leaves the
        random states inside ``embedding`` as they are.

    Attributes
    ----------
    embedding_ : transformer or None
        The fitted embedding.

    See Also
    --------
    ScoreStrategy : Base of strategies that score each sample by itself.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.base import EmbeddingStrategy
    >>> class FarFromOriginSampling(EmbeddingStrategy):
    ...     '''Ask for what lies far from the origin.'''
    ...     def _select(self, Z, n, *, Z_labeled, random_state):
    ...         return np.argsort(-np.linalg.norm(Z, axis=1))[:n]
    >>> FarFromOriginSampling().fit([[1.0], [9.0], [4.0]]).query(2)
    array([1, 2])
    """

    _parameter_constraints = {
        **QueryStrategy._parameter_constraints,
        "embedding": [
            HasMethods(["fit", "transform"]),
            StrOptions({"estimator"}),
            None,
        ],
    }

    #: Whether what others label just now can join the labeled samples of ``_select``.
    _covers = False

    def __init__(self, embedding=None, *, random_state=None):
        self.embedding = embedding
        self.random_state = random_state

    @abstractmethod
    def _select(self, Z, n, *, Z_labeled, random_state):
        """Return ``n`` distinct rows of ``Z``, best first.

        Called once per query. ``Z`` holds the pool, ``Z_labeled`` the labeled samples
        (None if there are none): both ndarrays or both CSR, of one float dtype,
        finite. Neither may be written to. ``random_state`` is a RandomState.
        """

    def _check_sizes(self, X, estimator):
        if self.embedding is None:
            refuse_sizes(X, type(self).__name__)
            if isinstance(X, PartedRows):
                X.refuse_whole()

    @reads_pools
    def _fit(self, X, y, X_pool):
        both = X is not None and X_pool is not None
        shown = X_pool.X if isinstance(X_pool, Pool) else X_pool
        if both and sparse.issparse(X) != is_sparse(shown):
            raise ValueError("X and X_pool must both be sparse or both be dense.")
        self.embedding_ = self._fit_embedding(X, y, X_pool)
        self._Z_labeled = None if X is None else self._embed(X, "X")
        self._Z_pool = self._Z_of_run = self._labeled_of_run = None
        if self.n_pool_ == 0:
            return
        if isinstance(X_pool, Pool):
            self._labeled_of_run = X_pool.labeled_rows(X)
            self._Z_of_run = rows_of_run(
                self.embedding_, X_pool, owner=self, blockwise=self.blockwise
            )
        if self._Z_of_run is None:
            self._Z_pool = self._embed(X_pool, "X_pool")
        if X is not None:
            Z = self._Z_pool if self._Z_of_run is None else self._Z_of_run
            self._Z_labeled = self._Z_labeled.astype(Z.dtype, copy=False)

    @property
    def _Z_pool(self):
        """The pool in the space; in a run, a copy that is made when it is needed."""
        if self._Z is None and self._Z_of_run is not None:
            self._Z = self._Z_of_run[self._pool.positions]
        return self._Z

    @_Z_pool.setter
    def _Z_pool(self, Z):
        self._Z, self._Z_of_run = Z, None

    def _kept_of_run(self, kind, make, *parameters):
        """Return what is made of all samples of a run in the space, once.

        ``make`` is given them as a matrix, in the order of the run; ``parameters`` are
        what else it goes by, but no labels. None outside of a run, and where the
        space is that of one round.
        """
        shared, Z = self._pool.shared, self._Z_of_run
        key = None if Z is None or shared is None else shared.key_of(Z)
        if key is None or self._labeled_of_run is None:
            return None
        return shared.get((kind, *parameters, *key), partial(make, Z))

    def _embed(self, X, name):
        settings = {"owner": self, "blockwise": self.blockwise}
        if name == "X":
            return embed_labeled(self.embedding_, X, self._pool, **settings)
        return embed_pool(self.embedding_, X, input_name=name, **settings)

    def _query(self, n):
        return self._select(
            self._Z_pool,
            n,
            Z_labeled=self._Z_labeled,
            random_state=self._query_random_state(),
        )

    def _query_within(self, n, allowed, held):
        if not self._covers:
            return super()._query_within(n, allowed, held)
        rows, Z = np.flatnonzero(allowed), self._Z_pool
        known = [part for part in (self._Z_labeled, Z[held]) if part is not None]
        picks = self._select(
            Z[rows],
            n,
            Z_labeled=concatenate_rows(*known) if len(known) == 2 else known[0],
            random_state=self._query_random_state(),
        )
        return rows[picks]

    def _drop_pool(self):
        super()._drop_pool()
        self._Z_pool = None

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.embedding is not None and not isinstance(self.embedding, str):
            tags.input_tags = copy(get_tags(self.embedding).input_tags)
            tags.target_tags.required = needs_labels(self.embedding)
        return tags


def _differ_in_size(shape, other):
    """Tell whether images of two shapes may differ in height and width alone.

    An array of objects has the shape (), whatever it holds. Channels are first, as nets
    take them, unless there are more than four of them and four or less at the end.
    """
    if () in (shape, other):
        return True
    if not len(shape) == len(other) == 3:
        return False
    channels = -1 if shape[2] <= 4 < shape[0] else 0
    return shape[channels] == other[channels]


def _holds_boxes(y):
    """Tell whether checked answers are boxes in images."""
    return isinstance(y, np.ndarray) and kind_of(y) is BoxAnswers
