"""How far to trust probabilities: one temperature, chosen on held-out samples."""

import numpy as np

from skactive.utils import check_probabilities, fit_with_pool, seeded_clone
from skactive.utils._fit_params import cut_to_rows
from skactive.utils._models import unfrozen
from skactive.utils._rows import take_rows, with_rows

TEMPERATURES = np.arange(10, 200) / 10  # 1.0, 1.1, ..., 19.9
N_BINS = 15
N_FOLDS = 5
# With this many labels, one fold is enough, and costs one training instead of five.
MANY_LABELS = 100


def soften(proba, temperature):
    """Return softmax(log(proba) / temperature): flatter the higher it is."""
    log = np.log(np.maximum(proba, np.finfo(proba.dtype).tiny))
    log /= proba.dtype.type(temperature)
    log -= log.max(axis=1, keepdims=True)
    np.exp(log, out=log)
    log /= log.sum(axis=1, keepdims=True)
    return log


def calibration_error(confidence, correct):
    """Mean gap between confidence and accuracy over bins of the confidence."""
    bins = np.minimum((confidence * N_BINS).astype(np.intp), N_BINS - 1)
    gaps = np.bincount(bins, weights=correct - confidence, minlength=N_BINS)
    return np.abs(gaps).sum() / len(confidence)


def best_temperature(proba, correct):
    """Return the temperature of 1.0 to 19.9 with the smallest calibration error."""
    errors = [
        calibration_error(soften(proba, t).max(axis=1), correct) for t in TEMPERATURES
    ]
    return float(TEMPERATURES[np.argmin(errors)])


def held_out_temperature(estimator, X, y, X_pool, seed, rng, params=None):
    """Return the temperature at which copies of a model are as accurate as they claim.

    Each copy is trained without the samples that it is then asked about. The largest
    temperature is returned if no copy could be trained on two classes.
    """
    # What was fitted has seen all labels; a copy is trained in its place.
    estimator = unfrozen(estimator)
    X = with_rows(X)
    y = np.asarray(y)
    fold = _folds(y, rng)
    probas, corrects = [], []
    for k in range(fold.max() + 1 if len(y) < MANY_LABELS else 1):
        rest, out = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        if len(np.unique(y[rest])) < 2:
            continue
        model = fit_with_pool(
            seeded_clone(estimator, seed),
            take_rows(X, rest),
            y[rest],
            X_pool,
            **cut_to_rows(X, params, rest),
        )
        proba = check_probabilities(model.predict_proba(take_rows(X, out)))
        # A class that was not seen may lack a column: only the best class is needed.
        best = np.sort(proba.astype(np.float64), axis=1)[:, ::-1]
        width = len(np.unique(y))
        best = np.pad(best, [(0, 0), (0, max(0, width - best.shape[1]))])
        probas.append(best)
        corrects.append(model.classes_[proba.argmax(axis=1)] == y[out])
    if not probas:
        return float(TEMPERATURES[-1])
    return best_temperature(np.concatenate(probas), np.concatenate(corrects))


def _folds(y, rng):
    """Return the fold of each sample; each class is dealt to all folds in turn."""
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    fold = np.empty(len(y), dtype=np.intp)
    fold[order] = np.arange(len(y)) % min(N_FOLDS, len(y))
    return fold
