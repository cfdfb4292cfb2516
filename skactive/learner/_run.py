"""One run, as plain data: samples, ledger, seeds, who answers, what is left."""

import time
import warnings
from os import PathLike

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_random_state

from skactive._sklearn import _check_method_params
from skactive.exceptions import StopAsking
from skactive.learner._costs import (
    Prices,
    paid_since,
    paid_to_people,
    tells_costs,
)
from skactive.learner._events import answered
from skactive.learner._going_on import PastNets
from skactive.learner._revising import Revised, changes_its_mind, weighed
from skactive.oracles._interactive import TAKEN_BACK
from skactive.utils._dense_answers import as_objects
from skactive.utils._faults import refuse_shorter
from skactive.utils._fitting import MAX_SEED
from skactive.utils._pool import Pool
from skactive.utils._prices import checked_prices
from skactive.utils._rows import take_rows
from skactive.utils._shared import Shared


class Seeds:
    """The seeds of a run, drawn once.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        None leaves the seeds of the parts as the user set them.
    """

    PARTS = ("start", "order", "estimator", "strategy")

    def __init__(self, random_state):
        self.given = random_state is not None
        drawn = check_random_state(random_state).randint(MAX_SEED, size=4)
        self.drawn = dict(zip(self.PARTS, drawn))

    def of(self, part, n_known=0):
        """Return the seed of a part, or None.

        The model starts from the same seed in every round, so that two curves, or two
        rounds of one, do not differ by the luck of an initialization. The seed of the
        strategy follows the number of labels and nothing else of the past: it draws
        differently in each round, and asks for the same rows whether a run was
        continued or begun again with the same labels.
        """
        if not self.given:
            return None
        entropy = np.random.SeedSequence([int(self.drawn[part]), n_known])
        return int(entropy.generate_state(1)[0] % MAX_SEED)


class Run:
    """What is known and what is left, from the first label to the last.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        All samples, by reference.
    ledger : Ledger
        Which of them have labels.
    truth : callable or None, default=None
        In a simulation, the oracle, which holds all labels.
    classes : ndarray or None, default=None
        All classes there are, if that is known beforehand.
    random_state : int, RandomState instance or None, default=None
        Where all seeds come from.
    fit_params : dict or None, default=None
        More arguments of the model's ``fit``, for all samples.
    X_val, y_val : array-like or None, default=None
        What is scored after each round.
    stopping : StoppingCriterion or None, default=None
        Of this run alone.
    prices : ndarray of shape (n_samples,) or None, default=None
        What an answer to each row costs, if that is known beforehand.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.learner._begin import open_run
    >>> from skactive.utils._answers import ClassAnswers
    >>> run = open_run(np.zeros((5, 2)), ["a", None, "b", None, None], ClassAnswers())
    >>> run.ask(run.draw(2), lambda rows, X: ["a"] * len(rows), n_iter=1)
    >>> len(run.ledger.labels), run.ledger.n_paid, run.left(10)
    (4, 2, 8)
    """

    def __init__(
        self,
        X,
        ledger,
        *,
        truth=None,
        classes=None,
        random_state=None,
        fit_params=None,
        X_val=None,
        y_val=None,
        stopping=None,
        prices=None,
    ):
        self.X, self.ledger = X, ledger
        self.prices = Prices(prices)
        self.truth, self.known_classes = truth, classes
        self.seeds = Seeds(random_state)
        self.fit_params = fit_params or {}
        self.X_val, self.y_val = X_val, y_val
        self.stopping = None if stopping is None else clone(stopping)
        if self.stopping is not None:
            self.stopping.reset()
        self.gave_up = False
        self.journal, self.events, self.n_calls = None, [], 0
        self.unwritten = []  # lines for the journal, when there is room again
        self.unrecorded = None  # answers that people gave, likewise
        self.asked_at = None  # when people were last given something to do
        self.changed = True  # whether labels did since the last fit
        self.trust = None  # how much each label counts in a fit, if an oracle says so
        self.shared = Shared(X, self.seeds.of("strategy"))
        self.past_nets = PastNets()
        self.begin()

    def begin(self):
        """Let what is labeled now be the beginning."""
        self.warm = bool(self.ledger.known.any())

    def grow(self, X, n_new, prices=None, fit_params=None):
        """Take in samples at the end of all others, without labels."""
        self.X, self.fit_params = X, fit_params or {}
        self.ledger.grow(n_new)
        self.prices.known = prices
        self.shared = Shared(X, self.seeds.of("strategy"))

    def __getstate__(self):
        # Two that write to one file would mix.
        return {**vars(self), "journal": None, "asked_at": None}

    @property
    def simulated(self):
        """Whether the answers were given beforehand."""
        return self.truth is not None

    @property
    def classes(self):
        """The classes known now, or None if answers are no classes."""
        if self.known_classes is not None:
            return self.known_classes
        return self.ledger.answers.classes(self.ledger.labels)

    @property
    def is_one_class(self):
        """Whether all labels are of one class."""
        return self.ledger.answers.are_one_class(self.ledger.labels)

    def labeled(self):
        """Return the labeled samples and their labels."""
        refuse_shorter(self.X, len(self.ledger.known))
        return take_rows(self.X, self.ledger.labeled), self.ledger.labels

    def params_of_labeled(self):
        """Return the arguments of the model's ``fit``, cut to the labeled samples."""
        rows = self.ledger.labeled
        params = _check_method_params(self.X, self.fit_params, indices=rows)
        return weighed(params, self.trust, rows)

    def pool(self, rows=None, X_labeled=None):
        """Return the samples that may still be asked for, by reference.

        Lists and arrays of objects that hold arrays hold references already, and are
        made one array by who needs it.
        """
        labeled = None if X_labeled is None else (X_labeled, self.ledger.labeled)
        rows = self.ledger.candidates if rows is None else rows
        X = self.X
        if isinstance(X, list) or np.dtype("O") == getattr(X, "dtype", None):
            if not (len(X) and isinstance(X[0], (str, PathLike, list))):
                return take_rows(X, rows)
        told = {"labeled": labeled, "prices": self.prices.known}
        return Pool(X, rows, shared=self.shared, **told)

    def left(self, budget, n_initial=0):
        """Return how much of the budget is left; the first answers are beside it."""
        return self.prices.left(budget, 0 if self.warm else n_initial)

    def buyable(self, left):
        """Return the rows that may still be asked for and can be paid for."""
        return self.prices.buyable(self.ledger.candidates, left)

    def can_ask(self, oracle, left):
        """Tell whether there is an oracle, and a row that can be paid for."""
        asking = oracle is not None and not self.gave_up
        return asking and len(self.buyable(left)) > 0

    def draw(self, n, among=None):
        """Draw rows at random, always in the same order."""
        asked = self.ledger.asked
        order = np.random.RandomState(self.seeds.drawn["order"])
        order = order.permutation(len(asked))
        order = order[~asked[order]]
        return (order if among is None else order[np.isin(order, among)])[:n]

    def ask(self, rows, oracle, n_iter, cost=None, n_fits=0):
        """Have rows answered, and write down the answers and what they cost.

        With a journal, an oracle that answers one by one has each answer written down
        before the next row is shown.
        """
        free = tells_costs(oracle)
        note = {"cost": cost, "free": free, "n_fits": n_fits}
        note["by_oracle"] = changes_its_mind(oracle)
        self.asked_at = time.monotonic()
        if self.journal is not None and hasattr(oracle, "answer_each"):
            return self._ask_each(rows, oracle, n_iter, note)
        before = paid_to_people(oracle)
        try:
            answers = oracle(rows, take_rows(self.X, rows))
        except StopAsking as stop:
            self.gave_up = True
            answers = stop.answers
            rows = rows[: len(answers)]
        finally:  # who was paid was paid, whatever became of the answers
            self.prices.pending += paid_since(oracle, before)
        self._record_given(rows, answers, n_iter, note)

    def _ask_each(self, rows, oracle, n_iter, note):
        given = iter(oracle.answer_each(rows, take_rows(self.X, rows)))
        n_done = 0
        while True:
            before = paid_to_people(oracle)
            try:
                answer = next(given)
            except StopIteration:
                return
            except StopAsking:
                self.gave_up = True
                return
            finally:
                self.prices.pending += paid_since(oracle, before)
            if answer is TAKEN_BACK:
                self.undo()
                n_done -= 1
            else:
                row = rows[n_done : n_done + 1]
                self._record_given(row, [answer], n_iter, note)
                n_done += 1

    def _record_given(self, rows, answers, n_iter, note):
        """Write down answers of an oracle, or keep them until there is room."""
        try:
            self.record(rows, answers, n_iter, **note)
        except OSError as error:
            self.unrecorded = rows, answers, n_iter, note
            if hasattr(error, "add_note"):  # Python 3.11
                error.add_note(
                    f"The learner holds what was just answered, {len(rows)} in number: "
                    "resume() writes it down before it asks on."
                )
            raise

    def record_rest(self):
        """Write down the answers that there was no room for."""
        if self.unrecorded is not None:
            rows, answers, n_iter, note = self.unrecorded
            self.record(rows, answers, n_iter, relabel="keep", **note)
            self.unrecorded = None

    def record(self, rows, answers, n_iter, cost=None, **note):
        """Write down answers and what they cost; all of it, or nothing.

        For the arguments see :func:`answered`.
        """
        self.happen(answered(self, rows, answers, n_iter, cost, **note))

    def happen(self, *events):
        """Write events to the journal, and let them change the run, or none of them."""
        call, written = self.n_calls, []
        for event in events:
            joins = isinstance(event, Revised)  # what was before it
            call = self.events[-1].call if joins and event is events[0] else call
            event.call = call
            written += event.lines(self, call)
        if self.journal is not None:
            self._write(written)
            self.asked_at = time.monotonic()
        for event in events:
            if event.rows:
                self.changed |= event.apply(self)
                self.n_calls += not isinstance(event, Revised)
                if not self.simulated:
                    self.events.append(event)

    def undo(self):
        """Take back the last event and return it."""
        if self.journal is not None:
            self._write([{"event": "undo"}])
        event = self.events.pop()
        while isinstance(event, Revised):
            event = self.events.pop()
        self.ledger.begin_again()
        self.prices.begin_again()
        for each in self.events:
            each.apply(self)
        self.changed = True
        return event

    def note(self, line):
        """Add to the journal what can be found out again: now, or with what follows."""
        if self.journal is None:
            return
        try:
            self._write([line], sync=False)
        except OSError as error:
            self.unwritten.append(line)
            warnings.warn(
                f"{error}. All answers are in there; what is missing is a line on the "
                "round just fitted, which is written with the next ones.",
                stacklevel=5,
            )

    def _write(self, lines, sync=True):
        self.journal.write([*self.unwritten, *lines], sync)
        self.unwritten = []

    def seconds(self, rows):
        """Return how long each answer took, if it is known since when."""
        if self.asked_at is None or not len(rows):
            return None
        return round((time.monotonic() - self.asked_at) / len(rows), 3)

    def price_the_start(self, cost=None, free=False):
        """Write down what the labels cost that were there at the beginning."""
        rows, labels = self.ledger.labeled, self.ledger.labels
        given = np.ones(len(rows), dtype=bool)
        count = [0 if free else 1] * len(rows)
        self.prices.start = self.prices_of(rows, labels, given, cost, count)

    def prices_of(self, rows, answers, given, cost, count):
        """Return what answers cost; ``count`` where they have no prices."""
        said_by = "ActiveLearner.teach: cost"
        if callable(cost) and len(rows):
            told = as_objects(answers).copy()
            told[~given] = None
            told = self.ledger.answers.present(told) if given.all() else told
            cost = cost(rows, take_rows(self.X, rows), told)
            said_by = "ActiveLearner: what cost(rows, X_rows, answers) returns"
        if cost is not None and not callable(cost):
            return checked_prices(cost, len(rows), said_by).tolist()
        if self.prices.known is not None:
            return self.prices.known[rows].tolist()
        return count
