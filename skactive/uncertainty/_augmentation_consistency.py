"""Augmentation consistency: does the model say the same of a changed sample?"""

from functools import partial
from numbers import Real

import numpy as np
from scipy import sparse

from skactive._sklearn import StrOptions, _num_samples
from skactive.base import ScoreStrategy
from skactive.uncertainty._image_views import IMAGE_VIEWS
from skactive.uncertainty._table_views import (
    TABLE_VIEWS,
    TableViews,
    as_floats,
    is_table,
)
from skactive.utils import check_probabilities, sample_shape, shannon_entropy
from skactive.utils._constraints import whole
from skactive.utils._detections import image_blocks
from skactive.utils._fitting import MAX_SEED
from skactive.utils._models import ClassesOnlyMixin
from skactive.utils._pool import reads_pools
from skactive.utils._rows import gives_items, of_library, take_rows

#: Rows of the pool from which the spread of columns is learned, at most.
MOST_ROWS = 10_000


def variance(proba):
    """Return the variance over views, summed over classes."""
    return np.square(proba - proba.mean(axis=0)).mean(axis=0).sum(axis=1)


def mutual_information(proba):
    """Return the entropy of the mean over views, minus the mean of the entropies."""
    mean_entropy = np.mean([shannon_entropy(view) for view in proba], axis=0)
    return np.maximum(shannon_entropy(proba.mean(axis=0)) - mean_entropy, 0)


def variation(proba):
    """Return one minus the share of views that predict the most frequent class."""
    votes = proba.argmax(axis=2)
    counts = [(votes == c).sum(axis=0) for c in range(proba.shape[2])]
    return 1 - np.max(counts, axis=0) / len(proba)


def divergence(proba):
    """Return the mean divergence (Kullback-Leibler) of the first view from others."""
    log = np.log(np.maximum(proba, np.finfo(proba.dtype).tiny))
    apart = np.einsum("ij,rij->i", proba[0], log[0] - log[1:]) / (len(proba) - 1)
    return np.maximum(apart, 0)


#: By the names that users give.
MEASURES = {
    "mutual_information": mutual_information,
    "variance": variance,
    "variation": variation,
    "kl": divergence,
}


def inconsistency(proba, measure="mutual_information"):
    """Return how much views of each sample differ.

    Parameters
    ----------
    proba : array-like of shape (n_views, n_samples, n_classes)
        Class probabilities of each view; the first is the sample as it is.
    measure : {"mutual_information", "variance", "variation", "kl"}
        As in :class:`AugmentationConsistency`.

    Returns
    -------
    scores : ndarray of shape (n_samples,)
        0 or more; exactly 0 where all views have the same probabilities.

    Examples
    --------
    >>> from skactive.uncertainty._augmentation_consistency import inconsistency
    >>> views = [[[0.8, 0.2]], [[0.6, 0.4]]]
    >>> inconsistency(views, "variance").round(6), inconsistency(views).round(6)
    (array([0.02]), array([0.024157]))
    """
    proba = check_probabilities(proba, ndim=3)
    scores = MEASURES[measure](proba)
    # Otherwise rounding would decide among samples of which all views agree.
    scores[(proba == proba[0]).all(axis=(0, 2))] = 0
    return scores


class AugmentationConsistency(ClassesOnlyMixin, ScoreStrategy):
    """Ask for samples of which the model says something else when they are changed.

    Each sample is predicted as it is and in a few changed views that have the same
    label: an image moved by some pixels, a row with some noise. Where the predictions
    differ, the model has not learned what does not matter.

    Parameters
    ----------
    estimator : classifier, default=None
        A classifier with ``predict_proba``; a pipeline may hold the preprocessing.
        None: ``LogisticRegression()``, or the model of the
        :class:`~skactive.ActiveLearner` that the strategy serves. One that is already
        fitted comes wrapped in :class:`sklearn.frozen.FrozenEstimator`.
    measure : {"mutual_information", "variance", "variation", "kl"}, \
            default="mutual_information"
        How much the predictions differ. "mutual_information": the entropy of their
        mean minus the mean of their entropies. "variance": over the views, summed over
        classes. "variation": one minus the share of views that predict the most
        frequent class, which has many ties. "kl": the mean Kullback-Leibler divergence
        of the sample as it is from its changed views.
    n_views : int, default=5
        Views of each sample, the unchanged one included; 2 or more.
    augmentations : sequence of str or callable, or None, default=None
        What is changed, one after the other in each view. Of images, "flip" (in every
        second view), "shift" (a sixteenth to an eighth of each side), "rotation" (up to
        10 degrees), "scale" (up to a tenth), "brightness", "contrast" (up to a tenth)
        and "noise" (a standard deviation of a fiftieth of white, which is 255 for uint8
        and 1 for floats). Of rows, "noise" (a tenth of the standard deviation of each
        column) and "dropout" (a tenth of the columns, rounded down, set to their mean).
        None: all that suit the samples. A callable is given samples and a
        ``RandomState`` and returns as many of the same shape and dtype; its random
        numbers are the same in each call for a view, so that noise of shape
        ``X.shape[1:]`` is the same for all samples.
    random_state : int, RandomState instance or None, default=None
        Seeds the estimator, with all its parts, the changes, and the order of ties.

    Attributes
    ----------
    estimator_ : classifier
        The fitted model.
    n_pool_ : int
        Number of samples in the pool; 0 if none was given.
    n_features_in_ : int
        Number of features (for images: channels) seen during fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if ``X`` was a data frame.

    Raises
    ------
    ValueError
        If an augmentation does not suit the samples, or changes their number, shape or
        dtype; the message names it.

    See Also
    --------
    CALD : The same idea for boxes.
    skactive.disagreement.BALD : The same measure of models in place of views.

    Notes
    -----
    All samples are changed alike: by the same angle, the same noise. So scores can be
    compared, and do not depend on which samples are scored together.

    Samples with three axes or more are images, the last two being height and width:
    gray images (n_samples, height, width), or with channels before these. Take only
    changes that leave the label alone: a mirrored digit or letter may be none. Rows of
    integers are changed as floats; words in frames are left alone. Sparse rows and
    texts need augmentations of your own.

    Cost: one fit and ``n_views`` times ``predict_proba`` on the pool, and for images
    some 100 microseconds for each channel and view of 32 x 32 pixels. Memory: a block
    of the pool twice, and ``8 * n_views * n_classes`` bytes for each row of a block.

    It loses to random sampling when the model was trained with the same augmentations
    and is consistent everywhere; when they change labels, or are large for the images,
    so that all of one class change alike, as on digits of 8 x 8 pixels; and where
    samples are ambiguous and predicted alike in all views, which it never asks for.

    References
    ----------
    .. [1] M. Gao, Z. Zhang, G. Yu, S. O. Arik, L. S. Davis and T. Pfister.
       Consistency-based semi-supervised active learning: towards minimizing labeling
       cost. ECCV 2020.

    Examples
    --------
    Noise moves a sample near the boundary to its other side:

    >>> from skactive.uncertainty import AugmentationConsistency
    >>> X, y, X_pool = [[0.0], [4.0]], [0, 1], [[0.5], [2.1], [9.0]]
    >>> strategy = AugmentationConsistency(augmentations=["noise"], random_state=0)
    >>> strategy.fit(X, y, X_pool).query(1)
    array([1])
    """

    response_method = "predict_proba"

    _parameter_constraints = {
        **ScoreStrategy._parameter_constraints,
        "measure": [StrOptions(set(MEASURES))],
        "n_views": [whole(2)],
        "augmentations": ["array-like", None],
    }

    def __init__(
        self,
        estimator=None,
        *,
        measure="mutual_information",
        n_views=5,
        augmentations=None,
        random_state=None,
    ):
        super().__init__(estimator, random_state=random_state)
        self.measure = measure
        self.n_views = n_views
        self.augmentations = augmentations

    def _validate_params(self):
        super()._validate_params()
        for one in self._wanted():
            if not callable(one) and one not in {*IMAGE_VIEWS, *TABLE_VIEWS}:
                raise ValueError(
                    "augmentations of AugmentationConsistency must be some of "
                    f"{', '.join(dict.fromkeys([*IMAGE_VIEWS, *TABLE_VIEWS]))}, or "
                    f"callables; got {one!r}."
                )

    def _wanted(self):
        """Return what the user named, an empty list where he left it to us."""
        named = self.augmentations
        if named is not None and len(named) == 0:
            raise ValueError(
                "augmentations of AugmentationConsistency must be a list of one or "
                f"more names or callables, or None; got {named!r}."
            )
        return [] if named is None else list(named)

    def _check_sizes(self, X, estimator):
        # A first sample is changed in vain, before a label is paid for.
        first = take_rows(X, np.arange(1))
        changes = self._suited_to(first)
        for block in self._blocks(first, changes):
            _changed(block, [(function, 0) for _, function in changes])

    @reads_pools
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self._changes = self._suited_to(X, X_pool)

    def _suited_to(self, X, X_pool=None):
        """Return name and function of each change of these samples."""
        wanted = self._wanted()
        if wanted and all(map(callable, wanted)):
            return [(None, one) for one in wanted]
        if _is_images(X):
            ours = IMAGE_VIEWS
        elif is_table(X):
            rows = [X] if X_pool is None else [X, _some_rows(X_pool)]
            table = TableViews(*rows)
            ours = {name: partial(of, table) for name, of in TABLE_VIEWS.items()}
        else:
            raise ValueError(
                "AugmentationConsistency changes images and rows of numbers by itself; "
                f"got {_kind(X)}. Pass augmentations=, a list of functions (X, rng) "
                "that return changed samples"
                + (", or make X dense." if sparse.issparse(X) else ".")
            )
        for one in wanted:
            if not callable(one) and one not in ours:
                raise ValueError(
                    f"The augmentation {one!r} of AugmentationConsistency does not "
                    f"suit {_kind(X)}; these do: {', '.join(ours)}."
                )
        return [
            (None, one) if callable(one) else (one, ours[one])
            for one in wanted or list(ours)
        ]

    def score_samples(self, X):
        """Return how much the predictions for views of each sample differ.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            0 or more; higher is more worth a label.
        """
        views = self._seeded_views()
        scores = [
            inconsistency(
                [self._predict_proba(block)]
                + [self._predict_proba(_changed(block, view)) for view in views],
                self.measure,
            )
            for block in self._blocks(X, self._changes)
        ]
        return np.concatenate(scores)

    def _seeded_views(self):
        """Return the changes of each view but the first, with their seeds."""
        size = (self.n_views - 1, len(self._changes))
        seeds = self._query_random_state().randint(MAX_SEED, size=size)
        return [
            [
                (function, seed)
                for (name, function), seed in zip(self._changes, of_view)
                if name != "flip" or k % 2 == 0  # for there is only one mirror
            ]
            for k, of_view in enumerate(seeds)
        ]

    def _blocks(self, X, changes):
        if gives_items(X):
            X = take_rows(X, np.arange(_num_samples(X)))
        if all(name is None for name, _ in changes):
            return [np.asarray(X) if isinstance(X, list) and is_table(X) else X]
        return image_blocks(X, self) if _is_images(X) else [as_floats(X)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.augmentations is None:
            tags.input_tags.sparse = tags.input_tags.string = False
        return tags


def _changed(X, view):
    """Return changed samples, or name the function that changed more than it may."""
    for function, seed in view:
        changed = function(X, np.random.RandomState(seed))
        before, after = _form(X), _form(changed)
        if before != after:
            name = getattr(function, "__name__", None) or repr(function)
            raise ValueError(
                f"The augmentation {name} of AugmentationConsistency was given "
                f"{before[0]} of {before[1]} and returned {after[0]} of {after[1]}. It "
                "must return as many samples, of the same shape and dtype."
            )
        X = changed
    return X


def _form(X):
    """Return shape and dtype of samples, in words where they have none."""
    shape = getattr(X, "shape", None)
    if shape is None:
        shape = (len(X),) if hasattr(X, "__len__") else type(X).__name__
    dtype = getattr(X, "dtype", None)
    if dtype is None and hasattr(X, "dtypes"):
        dtype = ", ".join(dict.fromkeys(map(str, X.dtypes)))
    return f"shape {tuple(shape) if shape != type(X).__name__ else shape}", (
        type(X).__name__ if dtype is None else str(dtype)
    )


def _is_images(X):
    """Tell whether samples are images; refuse those with channels at the end."""
    if sparse.issparse(X) or hasattr(X, "iloc") or of_library(X, "polars"):
        return False
    shape = sample_shape(X)
    if shape == () and isinstance(X, np.ndarray) and X.dtype == object and len(X):
        shape = np.shape(X[0])
    if shape is None or len(shape) < 2 or not isinstance(shape[0], Real):
        return False
    if len(shape) == 3 and shape[2] <= 4 < shape[0]:
        raise ValueError(
            "AugmentationConsistency takes images with channels before height and "
            f"width; got samples of shape {tuple(shape)}. Move the last axis, or pass "
            "augmentations of your own."
        )
    return True


def _kind(X):
    if _is_images(X):
        return f"images of shape {tuple(sample_shape(X))}"
    if is_table(X):
        return "rows of numbers"
    return "sparse rows" if sparse.issparse(X) else f"{type(X).__name__} of other kinds"


def _some_rows(X_pool):
    """Return rows of a pool at even distances."""
    n = _num_samples(X_pool)
    rows = np.unique(np.linspace(0, n - 1, min(n, MOST_ROWS)).astype(np.intp))
    return take_rows(X_pool, rows)
