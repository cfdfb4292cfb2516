"""People at a labeling tool as the oracle of a learner that asks by itself."""

import time

import numpy as np

from skactive.exceptions import StopAsking
from skactive.io.label_studio._annotations import as_column
from skactive.serve._asking import begin, complete, withdraw
from skactive.serve._client import patiently
from skactive.serve._looking import look
from skactive.serve._state import Taken


class LabelStudioOracle:
    """Wait until people have answered in Label Studio.

    An oracle for :class:`~skactive.ActiveLearner`: what is asked is put into the
    project, and the call returns when all of it was answered or skipped.

    Parameters
    ----------
    run : LabelStudioRun
        The run of the same learner.
    every : float, default=5.0
        Seconds between two looks.
    patience : float, default=600
        Seconds for which the server may be down before that is an error. At the first
        call it has to be there.

    Raises
    ------
    StopAsking
        At Ctrl-C, with the answers that came, up to the first row that is open. Later
        ones are in the project, and ``run.teach()`` takes them.
    ValueError
        If there are answers that cannot be used.

    See Also
    --------
    LabelStudioRun : Does the same in steps that do not block, and sees corrections.

    Notes
    -----
    Interrupted and begun again, the learner asks the same rows if it has a
    ``random_state``, and those that were answered meanwhile are not served again.
    Corrections that come after the call has returned are taught by ``run.teach()``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.serve import LabelStudioClient, LabelStudioOracle, LabelStudioRun
    >>> X, y = load_iris(return_X_y=True)
    >>> folder = Path(tempfile.mkdtemp())
    >>> learner = ActiveLearner(
    ...     budget=100, journal=folder / "answers.jsonl", random_state=0
    ... )
    >>> run = LabelStudioRun(
    ...     learner,
    ...     LabelStudioClient("http://localhost:8080", "0123456789abcdef"),
    ...     project=7,
    ...     config=LabelConfig.make("classes", ["0", "1", "2"], of="table"),
    ...     data=X,
    ...     state=folder / "run.json",
    ... )
    >>> learner = learner.set_params(oracle=LabelStudioOracle(run))

    With a server, ``learner.fit(X)`` now waits for people.
    """

    def __init__(self, run, *, every=5.0, patience=600):
        self.run = run
        self.every = every
        self.patience = patience
        self._seconds = 0.0
        self._was_there = False

    def __repr__(self):
        return f"LabelStudioOracle({self.run!r})"

    @property
    def cost_(self):
        """Seconds that all answers took so far; only if the run counts them."""
        if self.run.cost != "lead_time":
            raise AttributeError("cost_: the run does not count seconds.")
        return self._seconds

    def __call__(self, rows, X_rows=None):
        """Put rows into the project, and wait for their answers.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.
        X_rows : array-like of shape (n, ...), default=None
            The samples, which are ignored: people are shown ``data`` of the run.

        Returns
        -------
        answers : ndarray of shape (n,)
            One for each row; None, or NaN, for those that were skipped.
        """
        said = {}
        try:
            patience = self.patience if self._was_there else 0
            names = patiently(self._ask, patience, rows)
            self._was_there = True
            while True:
                said = patiently(self._look, self.patience, names)
                if all(name in said for name in names):
                    return self._answers([said[name] for name in names])
                time.sleep(self.every)
        except KeyboardInterrupt:
            came = []
            for name in names if said else []:
                if name not in said:
                    break
                came.append(said[name])
            message = f"Ended by Ctrl-C after {len(came)} answers."
            raise StopAsking(message, answers=self._answers(came)) from None

    def _ask(self, rows):
        """Put what is not there into the project; return the ids of all rows."""
        run = self.run
        state, row_of = run._open()
        name_of = {row: name for name, row in row_of.items()}
        names = [name_of[int(row)] for row in rows]
        live = {name for batch in state.batches for name in batch.left()}
        new = [name for name in names if name not in live]
        if new:
            settings = run.project.prepare(run.config)
            withdraw(run, state, keep=names)
            begin(state, new, settings)
        for batch in state.batches:
            if set(batch.left()) & set(names):
                complete(run, batch, state, row_of)
        return names

    def _look(self, names):
        """Return what was said so far about the rows, by id."""
        run = self.run
        state, row_of = run._open()
        state.since = None
        found = look(run, state, row_of)
        found.complain("raise")
        return {
            name: found.said[name]
            for name in names
            if name in found.said and found.said[name].hash is not None
        }

    def _answers(self, said):
        """Return answers as the learner takes them, after writing down which."""
        state, _ = self.run._open()
        for each in said:
            before = state.taken.get(each.name, Taken([]))
            self._seconds += max(0.0, each.seconds - before.seconds)
            # The learner has not yet written it down.
            state.taken[each.name] = Taken(
                each.seen, each.seconds, [each.hash], done=False
            )
        state.save()
        answers = [each.answer if each.state == "label" else None for each in said]
        return as_column(answers, self.run.control) if said else np.array([])
