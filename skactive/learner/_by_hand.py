"""What a person does with a learner: ask, teach, look at the labels, continue."""

from numbers import Integral

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import NoCallbacks, _fit_context
from skactive.learner._costs import check_budget
from skactive.learner._rounds import NothingToFit, choose, fit_round, publish, spend


class ByHandMixin:
    """Methods for labeling by hand, between two calls of ``fit``."""

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
        spend(self, run)
        return self

    def query(self, n=None):
        """Ask which rows are most worth a label.

        Parameters
        ----------
        n : int, default=None
            How many. None: ``batch_size``.

        Returns
        -------
        rows : ndarray of intp of shape (n,)
            Rows of the ``X`` given to ``fit``, best first.

        Warns
        -----
        UserWarning
            If no model could be fitted yet, since all labels are of one class: rows
            are then chosen by ``initial_strategy``, or at random.
        """
        run = self._open_run()
        if n is not None and not isinstance(n, Integral):
            raise TypeError(
                f"query takes the number of rows, got {type(n).__name__}. The samples "
                "were given to fit, and answers are rows of these."
            )
        return choose(self, run, self.batch_size if n is None else n)

    def teach(self, rows, y, *, cost=None):
        """Add labels and fit the model again.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the ``X`` given to ``fit``: those of a query, or any others that
            have no label yet.
        y : array-like of shape (n,)
            Their labels, masks or boxes. A missing one is a skip: ``query`` will not
            return that row again, and it can still be taught.
        cost : array-like of float of shape (n,), default=None
            What each answer cost, in the unit of ``budget``, such as the seconds that
            a tool measured. None: what the learner's ``cost`` or that of ``fit`` says,
            or 1 each.

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

        Notes
        -----
        An error of the model's own ``fit`` is raised, and the labels are kept, since
        they were paid for: correct the model by ``set_params``, then ``fit(X,
        labels_)``, with ``simulate=False`` if none is missing.
        """
        run = self._open_run()
        rows = np.atleast_1d(np.asarray(rows))
        single = not hasattr(y, "__len__") or isinstance(y, (str, bytes, dict))
        y = [y] if single or getattr(y, "ndim", 1) == 0 else y
        check_budget(self, run.prices.known, counted=False)
        cost = self.cost if cost is None else np.atleast_1d(cost)
        run.record(rows, y, run.ledger.n_iter + 1, cost)
        run.gave_up = False  # the oracle was not asked
        publish(self, run)
        if run.ledger.known.any():
            try:
                fit_round(self, run, NoCallbacks())
            except NothingToFit:
                pass  # labels of one class; query says what it does then
            except Exception as error:
                if hasattr(error, "add_note"):  # Python 3.11
                    error.add_note(
                        "The labels were added, and the model is the old one. Correct "
                        "it by set_params, then fit(X, learner.labels_), with "
                        "simulate=False if none is missing."
                    )
                raise
        return self

    @property
    def labeled_mask_(self):
        """The rows that are labeled."""
        return self.labeled_iter_ >= 0

    @property
    def labels_(self):
        """The labels known so far, ready for ``fit(X, labels_)``."""
        if self._run is None:
            raise AttributeError("A simulation keeps no labels; they are in its y.")
        return self._run.ledger.values.copy()

    def _open_run(self):
        check_is_fitted(self, "history_")
        if self._run is None:
            raise ValueError(
                "This learner was fitted in a simulation and keeps no pool. To ask "
                "for labels, fit it on a y in which the unlabeled rows are missing."
            )
        return self._run
