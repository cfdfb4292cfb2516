"""What a run begins with: a simulation or work by hand, checked beforehand."""

import warnings

import numpy as np
from sklearn.utils.multiclass import check_classification_targets

from skactive._sklearn import _num_samples
from skactive.exceptions import AmbiguousTargetWarning
from skactive.learner._ledger import Ledger
from skactive.learner._run import Run
from skactive.oracles import SimulatedOracle
from skactive.utils._rows import take_rows, with_rows

#: Below this share of missing labels, a y with gaps may be a simulation with faults.
FEW_MISSING = 0.05


def open_run(
    X,
    y,
    answers,
    *,
    simulate="auto",
    has_oracle=False,
    has_journal=False,
    labeled=None,
    held=None,
    **more,
):
    """Check what a run begins with, and return the run; nothing is paid for yet.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        All samples.
    y : array-like of shape (n_samples,) or None
        Their labels, some or all of which may be missing.
    answers : Answers
        What a label is.
    simulate : {"auto", True, False}, default="auto"
        Whether `y` is to play the oracle. "auto": if it is complete.
    has_oracle, has_journal : bool, default=False
        Whether there is an oracle, and a journal.
    labeled : array-like of bool of shape (n_samples,) or None, default=None
        Where a simulation begins.
    held : Run or None, default=None
        The run that the same learner held before.
    **more : dict
        The rest of what Run takes.
    """
    X = with_rows(X)  # CSR of other sparse formats; the rest stays as it is
    y = answers.read(y, _num_samples(X))
    missing = answers.missing(y)
    simulated = _is_simulation(simulate, missing, has_oracle)
    kept = None if simulated else answers.keep(y)
    truth = answers.natural(y) if simulated else answers.present(kept[~missing])
    answers.check(truth, matched=bool(missing.any()))
    if answers.has_classes and len(truth):
        check_classification_targets(truth)
    if simulated and has_journal:
        raise ValueError(
            "y is complete, so that this is a simulation, and a journal is for answers "
            "of people. Leave out journal; or pass simulate=False, if all is labeled."
        )
    if not simulated:
        _check_by_hand(missing, labeled, has_oracle or has_journal)
        return Run(X, Ledger(answers, kept, ~missing), **more)
    if isinstance(simulate, str):
        answers.warn_of_markers(truth)
        _warn_of_a_run_by_hand(X, held)
    known = _checked_start(labeled, len(y))
    values = np.empty_like(truth)  # what was not asked for is not even here
    values[known] = truth[known]
    ledger = Ledger(answers, values, known)
    classes = answers.classes(truth)
    return Run(X, ledger, truth=SimulatedOracle(truth), classes=classes, **more)


def _is_simulation(simulate, missing, has_oracle):
    """Tell whether y plays the oracle, or refuse what is asked of it."""
    n_missing, complete = int(missing.sum()), len(missing) > 0 and not missing.any()
    auto = isinstance(simulate, str)
    if not auto and simulate and n_missing:
        raise ValueError(
            f"simulate=True needs every label, and {n_missing} of {len(missing)} are "
            "missing. Leave those rows out, or pass simulate=False to label them."
        )
    simulated = complete if auto else bool(simulate)
    if simulated and has_oracle:
        raise ValueError(
            "y is complete, so there is nothing to ask the oracle. Mark the "
            "unlabeled rows as missing, or leave oracle=None to simulate. To train on "
            "all of y, pass simulate=False."
        )
    few = 0 < n_missing < FEW_MISSING * len(missing)
    if auto and few and not has_oracle:
        warnings.warn(
            f"{n_missing} of {len(missing)} labels are missing, so that the model is "
            "fitted on all others and no budget is spent. Pass simulate=False if that "
            "is meant; for a simulation, leave those rows out and pass simulate=True.",
            AmbiguousTargetWarning,
            stacklevel=5,
        )
    return simulated


def _check_by_hand(missing, labeled, asks):
    if labeled is not None:
        raise ValueError(
            "labeled is for simulations; here y itself says what is labeled."
        )
    if missing.all() and not asks:
        raise ValueError(
            "y has no label and there is no oracle. Label a few rows first "
            "(RandomSampling().fit(X).query(10) says which), or pass oracle=, a "
            "callable that answers, or journal=, to begin without a label."
        )


def _warn_of_a_run_by_hand(X, held):
    if held is None or held.simulated or not _same_samples(X, held.X):
        return
    warnings.warn(
        "y is complete, so that this is a simulation, which trains on n_initial + "
        "budget labels; but this learner was labeling these samples by hand. To "
        "continue with all labels, pass simulate=False; simulate=True if a simulation "
        "is meant.",
        AmbiguousTargetWarning,
        stacklevel=5,
    )


def _same_samples(X, other):
    """Tell whether two containers hold the same samples, judged by a quick look."""
    if X is other:
        return True
    n = _num_samples(X)
    if type(X) is not type(other) or n != _num_samples(other) or n == 0:
        return False
    rows = np.unique(np.linspace(0, n - 1, 16).astype(int))
    try:
        some, others = (take_rows(part, rows) for part in (X, other))
        some, others = (
            part.toarray() if hasattr(part, "toarray") else np.asarray(part)
            for part in (some, others)
        )
        return bool(np.array_equal(some, others))
    except (TypeError, ValueError):  # samples that cannot be compared
        return False


def _checked_start(labeled, n_samples):
    if labeled is None:
        return np.zeros(n_samples, dtype=bool)
    labeled = np.asarray(labeled)
    if labeled.dtype != bool or labeled.shape != (n_samples,):
        raise ValueError(
            f"labeled must be a boolean mask of shape ({n_samples},), got "
            f"{labeled.dtype} of shape {labeled.shape}."
        )
    return labeled
