"""What a person does with a learner: ask, teach, look at the labels, continue."""

import time
from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import NoCallbacks, _fit_context
from skactive.learner._batches import batch_size_of
from skactive.learner._choices import choose
from skactive.learner._costs import check_budget
from skactive.learner._events import Forgotten, answered, labels_frame
from skactive.learner._growing import GrowMixin
from skactive.learner._rounds import (
    NothingToFit,
    fit_round,
    n_fits,
    publish,
    spend,
)
from skactive.learner._voting import VotesMixin, voters
from skactive.utils._label_sets import in_columns
from skactive.utils._positions import check_positions


class ByHandMixin(GrowMixin, VotesMixin):
    """Methods for labeling by hand, between two calls of ``fit``."""

    #: The run in progress; None before the first one, and after a simulation.
    _run = None

    def _batch_size(self):
        """Return for how many labels the next round asks, if nobody says."""
        return batch_size_of(self)

    def __getstate__(self):
        state = super().__getstate__()
        return {**state, "journal": None}  # two that write to one file would mix

    @_fit_context(prefer_skip_nested_validation=False)
    def resume(self):
        """Continue asking the oracle where the last run ended.

        For use after an oracle failed or gave up, or to spend more after
        ``set_params(budget=...)``. Labels paid so far count toward the budget.

        Returns
        -------
        self : object
            The fitted learner.
        """
        run = self._open_run()
        if self.oracle is None:
            raise ValueError(
                "There is no oracle to resume with. Pass one with set_params(oracle="
                "...), or give labels by teach."
            )
        check_budget(self, run.prices.known, run.prices.counted)
        run.record_rest()
        publish(self, run)
        spend(self, run)
        return self

    def query(self, n=None, *, exclude=None, among=None):
        """Ask which rows are most worth a label.

        Parameters
        ----------
        n : int, default=None
            How many. None: ``batch_size``.
        exclude : array-like of int of shape (n_excluded,), default=None
            Rows that are not asked for, such as those that others label just now.
            Strategies of coverage take them for labeled, see
            :meth:`QueryStrategy.query`.
        among : array-like of int of shape (n_among,), default=None
            The only rows that may be asked for. None: all.

        Returns
        -------
        rows : ndarray of intp of shape (n,)
            Rows of the ``X`` given to ``fit``, best first; fewer if fewer are left.

        Raises
        ------
        ValueError
            If ``n`` is below 1, or ``exclude`` or ``among`` are no rows.

        Warns
        -----
        UserWarning
            If no model could be fitted yet, since there are no labels or all are of one
            class: rows are then chosen by ``initial_strategy``, or at random.

        Notes
        -----
        Labels that were taught with ``refit=False`` are learned from first.
        """
        run = self._open_run()
        if n is not None and not isinstance(n, Integral):
            raise TypeError(
                f"query takes the number of rows, got {type(n).__name__}. The samples "
                "were given to fit, and answers are rows of these."
            )
        n_rows = len(run.ledger.known)
        exclude = check_positions("exclude", exclude, n_rows)
        if among is not None:
            among = check_positions("among", among, n_rows)
        if run.changed:
            self._learn(run)
        rows = choose(
            self,
            run,
            self._batch_size() if n is None else n,
            exclude=exclude,
            among=among,
        )
        run.asked_at = time.monotonic()
        return rows

    @_fit_context(prefer_skip_nested_validation=False)
    def teach(self, rows, y, *, who=None, relabel="refuse", refit=True, cost=None):
        """Add labels and fit the model again.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the ``X`` given to ``fit``: those of a query, or any others.
        y : array-like of shape (n,) or (n, n_columns)
            Their labels, masks or boxes. A missing one is a skip: ``query`` will not
            return that row again, and it can still be taught.
        who : str or None, default=None
            Who answered, for the journal, and for ``aggregate``.
        relabel : {"refuse", "replace", "keep"}, default="refuse"
            What an answer to a row does that has a label already. "refuse": an error.
            "replace": it is a correction, and the model is fitted anew; rounds and
            history stay. "keep": the old label stays, and the answer is only written
            to the journal, as is a second skip; nothing is paid for either. Where
            there is an ``aggregate``, an answer of another person than before is a
            vote, whatever this says.
        refit : bool, default=True
            False leaves the model as it is, until the next call with True, ``query``,
            or ``resume``.
        cost : array-like of float of shape (n,), default=None
            What each answer cost, in the unit of ``budget``, such as the seconds that
            a tool measured. None: what the learner's ``cost`` or that of ``fit`` says,
            or 1 each, and nothing for corrections.

        Returns
        -------
        self : object
            The learner, fitted with the new labels.

        Raises
        ------
        ValueError
            If a row is out of range, given twice or already labeled, or a label is
            not among ``classes``, or a cost is not a finite number of at least 0. No
            label is added then.
        OSError
            If the journal could not be written. No label is added then.

        Notes
        -----
        With a journal, the answers are on disk before the model is fitted.

        Rows need not be those of a query, and two people may be asked for others by
        ``query(exclude=...)``. A learner has one label for each row: who else answers
        falls under ``relabel``; or, with an ``aggregate``, has a vote, which costs what
        any answer does. Then labels are merged again at each call, those of earlier
        calls too. Cost: one fit of the model, and one ``fsync``.

        An error of the model's own ``fit`` is raised, and the labels are kept, since
        they were paid for: correct the model by ``set_params``, then ``fit(X,
        labels_)``, with ``simulate=False`` if none is missing.
        """
        run = self._open_run()
        _check_choice("relabel", relabel, ("refuse", "replace", "keep"))
        _check_who(who)
        single = not hasattr(y, "__len__") or isinstance(y, (str, bytes, dict))
        single = single or (np.ndim(rows) == 0 and in_columns([y]))
        y = [y] if single or getattr(y, "ndim", 1) == 0 else y
        rows = _as_rows(rows)
        check_budget(self, run.prices.known, counted=False)
        cost = self.cost if cost is None else np.atleast_1d(cost)
        n = n_fits(self)
        note = {"who": who, "relabel": relabel, "n_fits": n}
        note["voters"] = None if self.aggregate is None else voters
        self._happen(run, answered(run, rows, y, n, cost, **note))
        run.gave_up = False  # the oracle was not asked
        publish(self, run)
        if refit:
            self._learn(run)
        return self

    def forget(self, rows, *, who=None, refit=True):
        """Take back the labels or skips of some rows, which may be asked for again.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows that have a label or were skipped.
        who : str or None, default=None
            Who took them back, for the journal.
        refit : bool, default=True
            As in ``teach``.

        Returns
        -------
        self : object
            The learner, fitted without these labels; with no label left, without a
            model.

        Raises
        ------
        ValueError
            If a row has neither label nor skip. None is forgotten then.

        Notes
        -----
        What the answers cost stays spent. Rounds and history stay. Cost: one fit.
        """
        run = self._open_run()
        rows = _as_rows(rows)
        _check_who(who)
        run.ledger.check_asked(rows)
        self._happen(run, Forgotten(rows.tolist(), who, n_fits(self)))
        publish(self, run)
        if refit:
            self._learn(run)
        return self

    def undo(self, *, refit=True):
        """Take back the last call of ``teach`` or ``forget``, or the oracle's batch.

        Can be called again and again, and with a journal also after a new start. Of an
        oracle that writes each answer to a journal, the last answer is taken back.

        Parameters
        ----------
        refit : bool, default=True
            As in ``teach``.

        Returns
        -------
        rows : ndarray of intp of shape (n,)
            The rows that it was about.

        Raises
        ------
        ValueError
            If there is nothing to take back.

        Notes
        -----
        All is as if the call had not been made: its round and what it cost, too. An
        answer that was only kept (``relabel="keep"``) changed nothing, and is no call
        here. Cost: O(answers so far), and one fit.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skactive import ActiveLearner
        >>> X, y = load_iris(return_X_y=True)
        >>> start = [0, None, None] * 50
        >>> start[75] = start[150 - 3] = 1
        >>> learner = ActiveLearner(random_state=0).fit(X, start)
        >>> learner.teach([100, 101], [2, 1], who="Ada").undo().tolist()
        [100, 101]
        >>> learner.teach([100, 101], [2, 2]).labels_[[100, 101]].tolist()
        [2, 2]
        """
        run = self._open_run()
        if not run.events:
            raise ValueError(
                "There is nothing to undo: no answers came since fit. Labels that fit "
                "was given are taken back by forget(rows)."
            )
        event = run.undo()
        for values in self.history_.values():
            del values[event.n_fits :]
        if self.keep_estimators:
            del self.estimators_[event.n_fits :]
        publish(self, run)
        if refit:
            self._learn(run)
        return np.array(event.rows, dtype=np.intp)

    def _learn(self, run):
        """Fit the model on the labels of now, as far as there can be one."""
        try:
            fit_round(self, run, NoCallbacks())
        except NothingToFit:  # labels of one class, or none; query says what it does
            vars(self).pop("estimator_", None)
        except Exception as error:
            if hasattr(error, "add_note"):  # Python 3.11
                error.add_note(
                    "The labels are as you said, and the model is the old one. Correct "
                    "it by set_params, then fit(X, learner.labels_), with "
                    "simulate=False if none is missing."
                )
            raise

    def labels_to_frame(self, ids=None):
        """Return labels and skips as a table, with names of samples and who answered.

        Parameters
        ----------
        ids : array-like of shape (n_samples,), default=None
            Names of the samples. None: those of the journal, or numbers of rows.

        Returns
        -------
        frame : pandas.DataFrame
            A row for each sample that has a label or a skip, in the order of ``X``:
            "id", "label" (None for a skip), "who" (the last who answered; None where
            that is not known, as of labels given to ``fit``) and "round" (-1 for a
            skip). What each person said is in ``votes_``.

        Raises
        ------
        ImportError
            If pandas is not there.
        ValueError
            If ``ids`` are not one for each sample.
        AttributeError
            After a simulation, which keeps no labels.
        """
        labels = self.labels_
        return labels_frame(self._run, labels, ids)

    @property
    def labeled_mask_(self):
        """The rows that are labeled."""
        return self.labeled_iter_ >= 0

    @property
    def labels_(self):
        """The labels known so far, ready for ``fit(X, labels_)``."""
        if self._run is None:
            raise AttributeError("A simulation keeps no labels; they are in its y.")
        return self._run.ledger.published

    @property
    def _in_columns(self):
        """Whether a label of the run in progress is several values."""
        return self._run is not None and self._run.ledger.in_columns

    def _open_run(self):
        check_is_fitted(self, "history_")
        if self._run is None:
            raise ValueError(
                "This learner was fitted in a simulation and keeps no pool. To ask "
                "for labels, fit it on a y in which the unlabeled rows are missing."
            )
        return self._run


def _check_choice(name, value, choices):
    if value not in choices:
        raise ValueError(f"{name} must be one of {list(choices)}, got {value!r}.")


def _as_rows(rows):
    """Return rows as an array; of one row, and of none, too."""
    rows = np.atleast_1d(np.asarray(rows))
    return rows if rows.size else rows.ravel().astype(np.intp)


def _check_who(who):
    if who is not None and not isinstance(who, str):
        raise TypeError(f"who must be a name, a string, or None; got {who!r}.")
