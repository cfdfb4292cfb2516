"""Whose state it is: that of this server, project, learner, and of these samples."""

import json
import os
from pathlib import Path

from sklearn.utils.validation import check_is_fitted

from skactive.io._ids import checked_ids
from skactive.serve._state import open_state


def journal_of(learner):
    """Return the file of a learner's journal.

    Examples
    --------
    >>> from skactive import ActiveLearner
    >>> from skactive.serve._opening import journal_of
    >>> journal_of(ActiveLearner(journal="answers.jsonl")).name
    'answers.jsonl'
    """
    return Path(getattr(learner.journal, "path", learner.journal))


def open_for(run):
    """Return the state of a run as it is on disk, and the row of each id.

    Parameters
    ----------
    run : LabelStudioRun
        Its learner must be fitted.

    Returns
    -------
    state : State
        What was asked and taught.
    row_of : dict
        Row of each id.

    Raises
    ------
    ValueError
        If the learner has nothing to ask, or the state is that of another server,
        project, learner, or of other samples.
    """
    check_is_fitted(run.learner, "history_")
    if run.learner._run is None:
        raise ValueError(
            "This learner was fitted in a simulation and has nothing to ask. Fit "
            "it on X, or on a y in which unlabeled rows are missing."
        )
    n = len(run.learner.labeled_iter_)
    if len(run.shown.items) != n:
        raise ValueError(
            f"data must have an item for each row of X: there are {n} rows, and "
            f"{len(run.shown.items)} items."
        )
    path = journal_of(run.learner)
    names = getattr(run.learner.journal, "ids", None)
    names = list(range(n)) if names is None else checked_ids(names)
    with open(path, encoding="utf-8") as file:
        header = json.loads(file.readline())
    of = {
        "server": run.client.url,
        "project": run.project.number,
        "journal": os.path.relpath(path, run.state.resolve().parent),
        "samples": header["samples"] and [header["n_samples"], header["samples"]],
    }
    state = open_state(run.state, of)
    row_of = {name: row for row, name in enumerate(names)}
    strange = [name for name in state.asked() if name not in row_of]
    if strange:
        raise ValueError(
            f"The state {str(run.state)!r} is of other samples: it asked about "
            f"{strange[0]!r}, which is not among ids of the journal."
        )
    if path.stat().st_size < state.journal_bytes:
        raise ValueError(
            f"The journal {str(path)!r} was cut or replaced: it is shorter than "
            f"when the state {str(run.state)!r} was written. Restore it. If it is "
            "lost, begin with another state and project."
        )
    return state, row_of
