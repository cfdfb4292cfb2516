"""A learner whose questions are answered in a project of Label Studio."""

import time
from pathlib import Path

import numpy as np

from skactive.io.label_studio._items import check_config
from skactive.serve._asking import begin, complete, names_to_ask, withdraw
from skactive.serve._client import patiently
from skactive.serve._looking import look
from skactive.serve._opening import journal_of, open_for
from skactive.serve._project import Project
from skactive.serve._shown import Shown
from skactive.serve._teaching import have, teach_what_changed


class LabelStudioRun:
    """Have people answer what a learner asks, in a project of Label Studio.

    Each verb can be repeated, and may be interrupted at any point, by Ctrl-C, an error,
    a power cut: repeated afterwards, in another process too, it goes on where it was.

    Parameters
    ----------
    learner : ActiveLearner
        The learner. It needs a journal: answers are there before they count.
    client : LabelStudioClient
        The way to the server.
    project : int
        Number of the project, as in its address. Give each run its own.
    config : LabelConfig
        The labeling config of the project.
    data : list, array, data frame, or dict of these
        What is shown of each row of ``X``, as in
        :func:`~skactive.io.label_studio.to_tasks`.
    state : str or path-like
        A small file, made if it is not there, which knows what was asked. Keep it
        beside the journal.
    aggregate : callable, default=None
        ``aggregate(votes, classes) -> (labels, confidence)`` makes one label of the
        answers of several people. Votes are tuples (row, who, answer, cost), and it
        returns a label and a number for each row that occurs in them, in that order.
        None: the answer that was changed last.
    control : str, default=None
        Which question of the config is asked. None: the only one.
    cost : {None, "lead_time"}, default=None
        "lead_time": answers cost the seconds that people took, as the tool measured
        them. None: what the learner says, or 1 each.
    predict : callable, default=None
        ``predict(rows)`` returns predictions that are shown pre-filled, or a tuple of
        these and scores from 0 to 1. Called when there is a model. None: people see
        no prediction, and are not led by one.
    image_size : tuple (height, width), or sequence of these, default=None
        Size of all pictures, or of each, as in
        :func:`~skactive.io.label_studio.to_tasks`. Pictures that are arrays have their
        own.
    root : str or path-like, default=None
        The folder that the server serves, if pictures are paths.
    faults : {"raise", "warn"}, default="raise"
        What happens if answers cannot be used: the others are taught, and then there
        is an error that names them, or a warning.

    Attributes
    ----------
    confidence_ : dict of float
        What ``aggregate`` said last, by row.

    See Also
    --------
    LabelStudioOracle : For a learner that asks by itself, in ``fit``.
    skactive.io.label_studio : The same by files, without a server.

    Notes
    -----
    Only what was asked is in the project, in the order of the query, and the project is
    set to "Sequential sampling". Once a batch is done, what is left of it unanswered is
    deleted before the next one.

    How many people answer a task is a setting of the project,
    ``maximum_annotations``. Even where it is 1, two may. A skip is an answer, which
    teaches nothing: the row is not asked again. If somebody else answers it, that is
    taught.

    Answers that are changed or deleted in the tool later on are seen, whenever a verb
    looks, also those of earlier batches: the label is corrected, or forgotten. A label
    that was corrected by hand, with ``teach``, stays until somebody changes the answer
    in the tool. Tasks that are deleted in the tool leave their labels.

    Predictions that people see make their answers agree with the model: what is
    labeled faster is no independent evidence then.

    Cost: looking takes three requests, and one more for each 100 changed tasks; with
    ``aggregate`` all answers are read each time.

    Examples
    --------
    ::

        client = LabelStudioClient("http://localhost:8080", token)
        config = LabelConfig.make("classes", ["cat", "dog"])
        project = client.create_project("Pets", config)
        learner = ActiveLearner(model, journal="pets.jsonl").fit(X)
        run = LabelStudioRun(
            learner, client, project, config, pictures, state="pets.json"
        )
        run.loop(rounds=10, n=20)

    Without a server, the parts that can be seen:

    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.serve import LabelStudioClient, LabelStudioRun
    >>> X, y = load_iris(return_X_y=True)
    >>> folder = Path(tempfile.mkdtemp())
    >>> learner = ActiveLearner(journal=folder / "answers.jsonl").fit(X)
    >>> config = LabelConfig.make("classes", ["0", "1", "2"], of="table")
    >>> run = LabelStudioRun(
    ...     learner,
    ...     LabelStudioClient("http://localhost:8080", "0123456789abcdef"),
    ...     project=7,
    ...     config=config,
    ...     data=X,
    ...     state=folder / "run.json",
    ... )
    >>> run.status()
    {'batch': None, 'asked': 0, 'labeled': 0, 'skipped': 0, 'batches': 0}
    """

    def __init__(
        self,
        learner,
        client,
        project,
        config,
        data,
        *,
        state,
        aggregate=None,
        control=None,
        cost=None,
        predict=None,
        image_size=None,
        root=None,
        faults="raise",
    ):
        check_config(config)
        if learner.journal is None:
            raise ValueError(
                "LabelStudioRun needs a learner with a journal, without which a crash "
                "would lose what people answered: ActiveLearner(..., "
                'journal="answers.jsonl").'
            )
        if cost not in (None, "lead_time"):
            raise ValueError(f'cost must be None or "lead_time"; got {cost!r}.')
        if faults not in ("raise", "warn"):
            raise ValueError(f'faults must be "raise" or "warn"; got {faults!r}.')
        self.learner = learner
        self.client = client
        self.project = Project(client, project)
        self.config = config
        self.control = config.control(control)
        self.shown = Shown(
            data,
            config,
            self.control,
            predict=predict,
            image_size=image_size,
            root=root,
        )
        self.state = Path(state)
        self.aggregate = aggregate
        self.cost = cost
        self.faults = faults
        self.confidence_ = {}

    def __repr__(self):
        return (
            f"<LabelStudioRun of project {self.project.number} at {self.client.url}, "
            f"state {str(self.state)!r}>"
        )

    def push(self, n=None):
        """Put a batch into the project, or what is missing there of the one begun.

        Before a new batch, what came in late is taught.

        Parameters
        ----------
        n : int, default=None
            How many rows to ask for in a new batch. None: ``batch_size`` of the
            learner.

        Returns
        -------
        rows : ndarray of intp of shape (n,)
            The rows of the batch; none if none is left to be asked for.

        Raises
        ------
        LabelStudioError
            If the server is down, refuses, or lacks tasks that it took.
        ValueError
            If the project asks something else than ``config``, the state is of another
            run, or there is an answer that cannot be used.
        """
        state, row_of = self._open()
        if not state.batches or state.batches[-1].closed:
            settings = self.project.prepare(self.config)
            withdraw(self, state)
            self._teach(state, row_of)
            names = names_to_ask(self.learner, n, state, row_of)
            if not names:
                return np.array([], dtype=np.intp)
            begin(state, names, settings)
        batch = state.batches[-1]
        complete(self, batch, state, row_of)
        return np.array([row_of[name] for name in batch.ids], dtype=np.intp)

    def poll(self):
        """Look at what was answered, and teach nothing.

        Returns
        -------
        counts : dict
            Of the batch: "asked", and of these "answered", "skipped", "waiting" (for
            more people) and "open"; "missing", tasks that are not in the project (any
            more). "changed": samples of all batches whose answers are not taught yet.
            "faults": answers that cannot be used.

        Raises
        ------
        LabelStudioError, ValueError
            As ``push``.
        """
        state, row_of = self._open()
        found = look(self, state, row_of)
        batch = state.batches[-1] if state.batches else None
        names = batch.ids if batch is not None else []
        known = have(self.learner, [row_of[name] for name in names])
        states = [found.state_of(each, k) for each, k in zip(names, known, strict=True)]
        counts = {"batch": batch.name if batch else None, "asked": len(names)}
        for key, value in (
            ("answered", "label"),
            ("skipped", "skip"),
            ("waiting", "waiting"),
            ("open", "open"),
            ("missing", "missing"),
        ):
            counts[key] = states.count(value)
        counts["changed"] = len(found.changed(state))
        return {**counts, "faults": found.faults}

    def teach(self, *, close=False):
        """Teach what was answered, corrected or deleted since the last time.

        Parameters
        ----------
        close : bool, default=False
            Whether the batch ends now, though rows of it are open. It also ends when
            each was answered or skipped.

        Returns
        -------
        counts : dict
            "labels", "skips", "corrections", "forgotten": how many rows.

        Raises
        ------
        LabelStudioError
            If the server is down or refuses. Nothing was taught.
        ValueError
            If there are answers that cannot be used: the message names task,
            annotation and reason. All others were taught.
        """
        state, row_of = self._open()
        return self._teach(state, row_of, close)

    def loop(
        self, rounds=None, n=None, *, enough=1.0, every=5.0, patience=600, report=None
    ):
        """Push, wait for people, teach, and so on.

        Parameters
        ----------
        rounds : int, default=None
            How many batches. None: until no row is left.
        n : int, default=None
            Rows of a batch.
        enough : float, default=1.0
            Share of a batch that must be answered or skipped before it is taught and
            the next one asked.
        every : float, default=5.0
            Seconds between two looks.
        patience : float, default=600
            Seconds for which the server may be down before that is an error. At the
            first push it has to be there.
        report : callable, default=None
            Given what ``poll`` returns after each look, such as ``print``.

        Returns
        -------
        self : object
            The run. Ctrl-C ends it; call ``loop`` again to go on.
        """
        if not 0 < enough <= 1:
            raise ValueError(f"enough is a share, above 0 and up to 1; got {enough!r}.")
        done = 0
        while rounds is None or done < rounds:
            if not len(patiently(self.push, patience if done else 0, n)):
                break
            while not self._is_enough(enough, patience, report):
                time.sleep(every)
            patiently(self.teach, patience, close=True)
            done += 1
        return self

    def status(self):
        """Say what was asked and taught so far; the server is not needed.

        Returns
        -------
        counts : dict
            "batch", the name of the last one; "asked", rows in all "batches"; of these
            "labeled" and "skipped" as the learner knows them.
        """
        state, row_of = self._open()
        names = list(state.asked())
        known = have(self.learner, [row_of[name] for name in names])
        n_skipped = sum(each == "skip" for each in known)
        return {
            "batch": state.batches[-1].name if state.batches else None,
            "asked": len(names),
            "labeled": sum(each is not None for each in known) - n_skipped,
            "skipped": n_skipped,
            "batches": len(state.batches),
        }

    def _is_enough(self, enough, patience, report):
        counts = patiently(self.poll, patience)
        if report is not None:
            report(counts)
        if counts["faults"]:
            patiently(self.teach, patience)  # the others; says what is wrong
        if counts["missing"]:
            patiently(self.push, patience)
        came = counts["answered"] + counts["skipped"]
        open_ = counts["open"] + counts["waiting"] + counts["missing"]
        return not open_ or came >= enough * counts["asked"]

    def _open(self):
        """Return the state as it is on disk, and the row of each id."""
        return open_for(self)

    def _teach(self, state, row_of, close=False):
        batch = state.batches[-1] if state.batches else None
        if close and batch is not None:
            batch.closed = True
        found = look(self, state, row_of)
        try:
            counts = teach_what_changed(self, state, found)
        finally:
            state.journal_bytes = journal_of(self.learner).stat().st_size
            if batch is not None:
                known = have(self.learner, [row_of[name] for name in batch.ids])
                batch.closed |= all(answer is not None for answer in known)
            state.save()
        found.complain(self.faults)
        return counts
