"""What was predicted of a sample while a model was trained, as a row of features."""

import numpy as np

from skactive.utils import shannon_entropy

#: Names of the features of each snapshot, then of those of all snapshots together.
OF_SNAPSHOT = ("max_proba", "entropy", "margin")
OF_ALL = (
    "n_flips",
    "last_flip",
    "agreement",
    "slope",
    "spread",
    "step",
    "area",
)


def history_features(proba):
    """Return features of the history of each sample; no label is looked at.

    Parameters
    ----------
    proba : ndarray of shape (n_snapshots, n_samples, n_classes)
        Class probabilities at several moments of a training, the last at its end.

    Returns
    -------
    F : ndarray of float32 of shape (n_samples, n_features)
        Highest probability, entropy and margin of each snapshot. With two snapshots or
        more, then: how often the predicted class changed; the snapshot at which it last
        did, as a share of them; the share of snapshots that predict the last class;
        slope and standard deviation of the highest probability over time; the mean
        divergence of a snapshot from the one before; and the mean highest probability.

    Examples
    --------
    The predicted class changes twice, last at the fifth of five snapshots:

    >>> import numpy as np
    >>> from skactive.uncertainty._history_features import history_features
    >>> classes = np.array([0, 0, 1, 1, 0])
    >>> proba = np.where(classes[:, None] == np.arange(2), 0.75, 0.25)[:, None]
    >>> history_features(proba)[0, 15:18]
    array([2. , 0.8, 0.6], dtype=float32)
    """
    proba = np.asarray(proba, dtype=np.float32)
    two = -np.partition(-proba, min(1, proba.shape[2] - 1), axis=2)[:, :, :2]
    top = two[:, :, 0]
    margin = top - two[:, :, 1] if two.shape[2] > 1 else np.ones_like(top)
    entropy = np.stack([shannon_entropy(snapshot) for snapshot in proba])
    of_each = np.stack([top, entropy, margin], axis=1).reshape(-1, proba.shape[1])
    if len(proba) < 2:
        return of_each.T.copy()
    return np.concatenate([of_each, _of_all(proba, top)]).T.astype(np.float32)


def _of_all(proba, top):
    n_snapshots = len(proba)
    predicted = proba.argmax(axis=2)
    flips = predicted[1:] != predicted[:-1]
    last = (flips * np.arange(1, n_snapshots)[:, None]).max(axis=0)
    time = np.linspace(-0.5, 0.5, n_snapshots)
    log = np.log(np.maximum(proba, np.finfo(proba.dtype).tiny))
    steps = np.einsum("tij,tij->ti", proba[1:], log[1:] - log[:-1])
    return np.stack(
        [
            flips.sum(axis=0),
            last / n_snapshots,
            (predicted == predicted[-1]).mean(axis=0),
            time @ top / (time @ time),
            top.std(axis=0),
            steps.mean(axis=0),
            (top[1:] + top[:-1]).mean(axis=0) / 2,
        ]
    )


def snapshots_of(moments, n_snapshots):
    """Return which snapshots are looked at.

    Parameters
    ----------
    moments : {"early", "middle", "late", "all"} or array-like of int
        A third of the snapshots, or positions among them.
    n_snapshots : int
        How many there are.

    Returns
    -------
    rows : ndarray of int
        In ascending order.

    Raises
    ------
    ValueError
        If there are no such snapshots.

    Examples
    --------
    >>> from skactive.uncertainty._history_features import snapshots_of
    >>> for moments in ("early", "middle", "late", [-1, 0]):
    ...     print(snapshots_of(moments, 10))
    [0 1 2]
    [3 4 5 6]
    [7 8 9]
    [0 9]
    """
    every = np.arange(n_snapshots)
    if isinstance(moments, str):
        third = max(1, n_snapshots // 3)
        parts = {
            "early": every[:third],
            "middle": every[third:-third] if n_snapshots > 2 else every[:1],
            "late": every[-third:],
            "all": every,
        }
        return parts[moments]
    rows = np.asarray(moments)
    in_words = f"moments of HistorySampling are positions, got {moments!r}"
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or len(rows) == 0:
        raise ValueError(f'{in_words}. Pass integers, or "all".')
    if rows.min() < -n_snapshots or rows.max() >= n_snapshots:
        raise ValueError(f"{in_words}, of {n_snapshots} snapshots that there are.")
    return np.unique(rows % n_snapshots)
