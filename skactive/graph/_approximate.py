"""Approximate neighbors from libraries that are used only where they are installed."""

import importlib

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import check_random_state

from skactive.graph._duplicates import first_copies
from skactive.graph._exact import sorted_by_distance

LIBRARIES = ("hnswlib", "faiss", "pynndescent")


def approximate_neighbors(library, X, others, k, skip_self, n_jobs, random_state):
    """Return (n_rows, k) distinct neighbors in no order; rows are compared as they are.

    With ``skip_self``, ``others`` is ``X`` and no row is a neighbor of itself.
    """
    try:
        module = importlib.import_module(library)
    except ImportError as error:
        raise ImportError(
            f"algorithm={library!r} needs the library {library}, which is not "
            "installed. Install it, or pass algorithm='exact'."
        ) from error
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    search = {"hnswlib": _hnswlib, "faiss": _faiss, "pynndescent": _pynndescent}
    n_asked = min(k + skip_self, others.shape[0])
    X32 = np.ascontiguousarray(X, dtype=np.float32)
    others32 = X32 if others is X else np.ascontiguousarray(others, dtype=np.float32)

    def ask(rows, index, n):
        found = search[library](module, rows, index, n, effective_n_jobs(n_jobs), seed)
        return np.asarray(found, dtype=np.int64)

    first, group = first_copies(others32)
    if len(first) == len(others32):
        found = ask(X32, others32, n_asked)
    else:
        found = _among_distinct(ask, X32, others32, n_asked, first, group)
    return without_self(found) if skip_self else found


def _among_distinct(ask, X, others, n_asked, first, group):
    """Return neighbors found without copies, which then come in again.

    Copies of a row fill the lists by which an index finds its way, so that it loses
    the neighbors of all other rows.
    """
    distinct = others[first]
    asking, asked_by = first, group
    if X is others:
        rows = distinct
    else:
        asking, asked_by = first_copies(X)
        rows = X[asking]
    found = ask(rows, distinct, min(n_asked, len(first)))
    found, _ = sorted_by_distance(rows, distinct, found, "euclidean", 2**27)
    members = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    starts = np.cumsum(sizes) - sizes
    # The nearest kinds in order, each with all its copies, until there are enough.
    before = np.cumsum(sizes[found], axis=1) - sizes[found]
    places = np.arange(n_asked)
    spread = np.empty((len(found), n_asked), dtype=np.int64)
    for row, (kinds, begins) in enumerate(zip(found, before)):
        which = np.searchsorted(begins, places, side="right") - 1
        spread[row] = members[starts[kinds[which]] + places - begins[which]]
    return spread[asked_by]


def zeros_apart(X, others):
    """Return rows of length one or zero, those of zeros on an axis of their own.

    Libraries compare differences, by which zeros are nearer to a row than any row
    more than 60 degrees away; the cosine puts them at a right angle.
    """
    zeros = [~rows.any(axis=1, keepdims=True) for rows in (X, others)]
    if not any(zero.any() for zero in zeros):
        return X, others
    wide = np.hstack([X, zeros[0].astype(X.dtype)])
    if others is X:
        return wide, wide
    return wide, np.hstack([others, zeros[1].astype(others.dtype)])


def without_self(found):
    """Delete each row's own index; where it is absent, the last one."""
    n_rows, n_asked = found.shape
    own = found == np.arange(n_rows)[:, None]
    # The search may have lost the row itself; duplicates can displace it.
    own[~own.any(axis=1), -1] = True
    return found[~own].reshape(n_rows, n_asked - 1)


def _hnswlib(module, X, others, k, n_jobs, seed):
    index = module.Index(space="l2", dim=X.shape[1])
    index.init_index(len(others), M=16, ef_construction=200, random_seed=seed)
    index.set_num_threads(n_jobs)
    index.add_items(others, np.arange(len(others)))
    index.set_ef(max(100, 4 * k))
    return index.knn_query(X, k=k)[0]


def _faiss(module, X, others, k, n_jobs, seed):
    n_lists = max(1, min(int(4 * np.sqrt(len(others))), len(others) // 39))
    quantizer = module.IndexFlatL2(X.shape[1])
    index = module.IndexIVFFlat(quantizer, X.shape[1], n_lists)
    index.cp.seed = seed
    index.train(others)
    index.add(others)
    index.nprobe = max(1, n_lists // 32)
    found = index.search(X, k)[1]
    while (found < 0).any() and index.nprobe < n_lists:  # -1: too few in the lists
        index.nprobe = min(n_lists, 2 * index.nprobe)
        found = index.search(X, k)[1]
    return found


def _pynndescent(module, X, others, k, n_jobs, seed):
    index = module.NNDescent(
        others, n_neighbors=max(k, 2), random_state=seed, n_jobs=n_jobs
    )
    if X is others:
        return index.neighbor_graph[0][:, :k]
    return index.query(X, k=k)[0]
