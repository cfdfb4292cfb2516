"""From samples to rows of a matrix: fitting an embedding and applying it."""

import numpy as np
from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import _num_samples
from skactive.utils._fit_params import params_of
from skactive.utils._fitting import (
    fit_with_pool,
    learns_nothing,
    needs_labels,
    seeded_clone,
)
from skactive.utils._pool import Block, Pool, naming_rows, pool_for
from skactive.utils._rows import concatenate_rows, refuse_sizes, take_rows, with_rows
from skactive.utils._shared import content_key


def fit_embedding(embedding, X, y=None, X_pool=None, seed=None, params=None):
    """Return a fitted copy of an embedding.

    One that needs no labels learns from all samples, labeled and pool; one that
    needs labels learns from the labeled samples, with their weights if it takes any;
    one that learns nothing is shown one sample.

    Parameters
    ----------
    embedding : transformer or None
        A ``FrozenEstimator`` must be fitted and is returned as it is; None stays None.
    X : array-like of shape (n_labeled, ...) or None
        Labeled samples.
    y : array-like of shape (n_labeled,) or None, default=None
        Their labels.
    X_pool : array-like of shape (n_pool, ...) or None, default=None
        Unlabeled samples.
    seed : int, RandomState instance or None, default=None
        Sets the random states of the copy; None leaves them as they are.
    params : dict or None, default=None
        More arguments of fit with one entry per labeled sample, such as
        ``sample_weight``. They are given to an embedding that needs labels and takes
        them (of a pipeline, its last step), and to no other: those of the pool are not
        known.

    Returns
    -------
    embedding : transformer or None
        The fitted copy.

    Raises
    ------
    ValueError
        If the embedding needs labels and ``y`` is None, or is a word.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skactive.utils import fit_embedding
    >>> fit_embedding(StandardScaler(), [[1.0]], [0], X_pool=[[2.0], [6.0]]).mean_
    array([3.])
    """
    if embedding is None:
        return None
    if isinstance(embedding, str):
        raise ValueError(_about_words(embedding))
    if isinstance(embedding, FrozenEstimator):
        check_is_fitted(embedding)
        return embedding
    own_seed = getattr(getattr(X_pool, "shared", None), "seed", None)
    free = own_seed is not None and not needs_labels(embedding)
    embedding = seeded_clone(embedding, own_seed if free else seed)
    if needs_labels(embedding):
        if y is None:
            raise ValueError(
                f"The embedding {embedding!r} needs labels, and there are none "
                "yet. Take one that learns without them, or a fitted one wrapped "
                "in sklearn.frozen.FrozenEstimator."
            )
        beside = params_of(embedding, params or {}, len(y))
        return fit_with_pool(embedding, X, y, X_pool, **beside)
    shared = getattr(X_pool, "shared", None)
    if shared is not None:
        # It is that of all rounds: it learns from all samples of the run.
        key, everything = content_key("embedding", embedding), Pool(shared.X)
        return shared.get(key, lambda: fit_embedding(embedding, None, None, everything))
    # All samples are known; the few labeled ones alone may not be enough for a PCA.
    parts = [part for part in (X, X_pool) if part is not None]
    filled = [part for part in parts if _num_samples(part)]
    if filled and learns_nothing(embedding):
        # To fit a pipeline transforms what it is given: one row, not a pool of files.
        rows = filled[0] if isinstance(filled[0], Pool) else with_rows(filled[0])
        return fit_with_pool(embedding, take_rows(rows, [0]), None)
    parts = [pool_for(None, part) for part in parts]
    known = parts[0] if len(parts) == 1 else concatenate_rows(*parts)
    return fit_with_pool(embedding, known, None)


def _about_words(embedding):
    if embedding == "estimator":
        return (
            'embedding="estimator" is the model of an ActiveLearner, and there is '
            "none here. Pass the strategy to ActiveLearner(estimator, strategy), or "
            "pass a fitted model as embedding=FrozenEstimator(model)."
        )
    return (
        "embedding must be a transformer, None, or, within an ActiveLearner, the word "
        f'"estimator"; got {embedding!r}.'
    )


def embed(embedding, X, *, input_name="X", owner=None):
    """Return samples as rows of a finite matrix of floats.

    Parameters
    ----------
    embedding : fitted transformer or None
        None takes the features as they are, images flattened.
    X : array-like of shape (n_samples, ...)
        The samples.
    input_name : str, default="X"
        What error messages call ``X``.
    owner : estimator object, default=None
        The object that asks, for error messages.

    Returns
    -------
    Z : ndarray or CSR matrix of shape (n_samples, n_columns)
        Of float32 if the samples are that, or integers of 16 bits or less; of float64
        otherwise.

    Raises
    ------
    ValueError
        If there are NaN, infinities or strings.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.utils import embed
    >>> embed(None, np.zeros((5, 3, 8, 8), dtype=np.uint8)).shape
    (5, 192)
    """
    if embedding is None:
        refuse_sizes(X, "embed" if owner is None else type(owner).__name__)
    Z = X if embedding is None else embedding.transform(X)
    # Small integers, such as pixels, are exact in float32 and half the size.
    small = getattr(getattr(Z, "dtype", None), "itemsize", 8) <= 2
    dtypes = [np.float32, np.float64] if small else [np.float64, np.float32]
    try:
        Z = check_array(
            Z,
            accept_sparse="csr",
            allow_nd=True,
            dtype=dtypes,
            input_name=input_name,
            estimator=owner,
        )
    except ValueError as error:
        if embedding is None and "could not convert string to float" in str(error):
            raise ValueError(
                f"{input_name} holds strings: {error}. Distances need numbers; pass an "
                "embedding that makes them, such as a ColumnTransformer."
            ) from error
        if embedding is None and "contains NaN" in str(error):
            raise ValueError(
                f"Input {input_name} contains NaN, and samples are compared by their "
                "features. Fill the gaps first: with a SimpleImputer in a Pipeline "
                "with the model, or as the embedding where there is one."
            ) from error
        raise
    return Z if sparse.issparse(Z) else Z.reshape(len(Z), -1)


def embed_pool(embedding, X, *, input_name="X_pool", owner=None, blockwise=True):
    """Return the samples of a pool as rows of a finite matrix, made block by block.

    Parameters
    ----------
    embedding : fitted transformer or None
        As of :func:`embed`.
    X : Pool or array-like of shape (n_samples, ...)
        The samples.
    input_name : str, default="X_pool"
        What error messages call them.
    owner : estimator object, default=None
        The object that asks, for error messages.
    blockwise : bool, default=True
        False: the embedding is given all samples at once.

    Returns
    -------
    Z : ndarray or CSR matrix of shape (n_samples, n_columns)
        Beside it there is never more than one block; where ``embedding`` is None, the
        samples themselves.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from skactive.utils._embedding import embed_pool
    >>> embed_pool(FunctionTransformer(np.log2), np.array([[1.0], [8.0]])).tolist()
    [[0.0], [3.0]]
    """
    pool = X if isinstance(X, Pool) else Pool(X)
    settings = {"input_name": input_name, "owner": owner}
    Z = rows_of_run(embedding, pool, owner=owner, blockwise=blockwise)
    if Z is not None:
        return Z if pool.positions is None else Z[pool.positions]
    return _embed_blocks(embedding, pool, blockwise, settings)


def embed_labeled(embedding, X, X_pool, *, owner=None, blockwise=True):
    """Return labeled samples as rows of a finite matrix of floats.

    Parameters
    ----------
    embedding : fitted transformer or None
        As of :func:`embed`.
    X : array-like of shape (n_labeled, ...)
        The samples.
    X_pool : Pool, array-like or None
        The pool. In a run it knows where the labeled samples are, and they need not
        be looked at again.
    owner : estimator object, default=None
        The object that asks, for error messages.
    blockwise : bool, default=True
        As of :func:`embed_pool`.

    Returns
    -------
    Z : ndarray or CSR matrix of shape (n_labeled, n_columns)
        As of :func:`embed`.
    """
    at = X_pool.labeled_rows(X) if isinstance(X_pool, Pool) else None
    if at is not None:
        Z = rows_of_run(embedding, X_pool, owner=owner, blockwise=blockwise)
        if Z is not None:
            return Z[at]
    return embed(embedding, X, input_name="X", owner=owner)


def rows_of_run(embedding, pool, *, owner=None, blockwise=True):
    """Return all samples of a run as rows of a matrix, made once.

    Parameters
    ----------
    embedding : fitted transformer or None
        As of :func:`embed`.
    pool : Pool
        A pool of the run.
    owner : estimator object, default=None
        The object that asks, for error messages.
    blockwise : bool, default=True
        As of :func:`embed_pool`.

    Returns
    -------
    Z : ndarray or CSR matrix of shape (n_samples, n_columns), or None
        In the order of X. None outside of a run, and where it would serve one round
        only. Not to be written to.
    """
    shared = pool.shared
    key = None if shared is None or not shared.keep else shared.key_of(embedding)
    if key is None:
        return None
    whole = Pool(shared.X, shared=shared)
    settings = {"input_name": "X", "owner": owner}
    return shared.get(
        ("rows", blockwise, *key),
        lambda: _embed_blocks(embedding, whole, blockwise, settings),
    )


def _embed_blocks(embedding, pool, blockwise, settings):
    n, Z, parts = len(pool), None, []
    if embedding is None or not blockwise or n == 0:
        rows = pool.taken()
        with naming_rows(pool, Block(0, n, rows, None)):
            return embed(embedding, rows, **settings)
    for block in pool.blocks(slices=False):
        with naming_rows(pool, block):
            part = embed(embedding, block.X, **settings)
        if block.stop - block.start == n:
            return part
        if sparse.issparse(part):
            parts.append(part)
            continue
        if Z is None:
            Z = np.empty((n, part.shape[1]), dtype=part.dtype)
        elif part.dtype != Z.dtype:
            Z = Z.astype(np.float64, copy=False)
        Z[block.start : block.stop] = part
    return sparse.vstack(parts, format="csr") if parts else Z
