"""Several people who answer the same rows, and may err."""

from collections.abc import Iterable

import numpy as np
from sklearn.base import clone

from skactive.exceptions import StopAsking
from skactive.oracles._asking import everybody
from skactive.oracles._merging import majority
from skactive.oracles._people import (
    by_name,
    check_people,
    checked_answers,
    checked_names,
    prices_of,
    tells_costs,
    usual_price,
)
from skactive.oracles._truth import pack
from skactive.oracles._votes import Book, Votes, merged, seed_of
from skactive.utils import as_labels
from skactive.utils._constraints import refuse_class, refuse_classes
from skactive.utils._documented import BaseEstimator
from skactive.utils._rows import take_rows


class CommitteeOracle(BaseEstimator):
    """Asks several people, who may err, and merges what they say.

    Parameters
    ----------
    annotators : list or dict of callable
        The people, oracles each; a dict has them by name, in a list their names are
        "0", "1", ...
    ask : callable, default=everybody
        ``ask(votes, rows)`` returns whom to ask: a list of names for each row, empty
        where that is decided once others have answered. :func:`everybody`,
        :func:`one_at_random`, :class:`BestValue` or :class:`IntervalThreshold`.
    aggregate : callable, default=majority
        ``aggregate(votes, classes)`` returns labels and confidence, one each for every
        row that has a vote, rows ascending. :func:`majority`,
        :class:`WeightedMajority`, :class:`DawidSkene`; :func:`average` for numbers.
    cost : float, array-like of shape (n_annotators,) or dict, default=None
        What an answer costs, abstentions included: one price, or one for each person.
        None: nothing, and the budget of a learner counts rows; or, if annotators have
        a ``cost_`` of their own, what that says.
    classes : array-like of shape (n_classes,), default=None
        All classes there are. None: those seen in the votes.
    weigh : bool, default=False
        Whether a learner fits its model with ``sample_weight``, each label weighing as
        much as ``confidence`` says.
    random_state : int, RandomState instance or None, default=None
        Decides whom to ask and which of tied labels to take, where that is left to
        chance. None differs from object to object.

    Attributes
    ----------
    votes_ : structured ndarray of shape (n_votes,)
        All that was said, in columns "row", "who", "answer" (None: nothing) and "cost".
    cost_ : float
        What all votes cost. Not there with ``cost=None``, if no annotator has it.
    reliability_ : dict of float
        How often each person's votes agree with the labels of now, on rows that two
        people or more answered; 1/2 where nothing is known.
    left_ : list of str
        Who gives no more answers, for now.
    n_asked_ : int
        How many rows were answered so far, abstentions included.

    See Also
    --------
    NoisyOracle : One person who errs.

    Notes
    -----
    A row is answered at once by what is known then. Later votes on other rows may show
    that those people were not to be trusted: a learner that asks a committee has
    labels revised before each fit, see ``revise``, and ``history_["n_revised"]`` says
    how many changed. Labels that a person gave by ``teach`` are left alone.

    Who raises StopAsking is asked no more, and others in his place; when all have, so
    does the committee, and on ``resume`` all are asked again. An error of one person
    loses nothing that others said: who has answered a row is not asked again for it,
    until its answer was handed over. What the committee knows of people stays from fit
    to fit; a clone begins without it.

    Chance goes by row and seed, never by the order of asking. What is learned of people
    (reliability, whom to ask) depends on what was asked before.

    Cost: that of ``aggregate`` on all votes, twice per batch. Memory: O(votes).

    References
    ----------
    .. [1] V. S. Sheng, F. Provost, P. G. Ipeirotis, "Get Another Label? Improving Data
       Quality and Data Mining Using Multiple, Noisy Labelers", KDD 2008.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skactive import ActiveLearner
    >>> from skactive.oracles import CommitteeOracle, NoisyOracle
    >>> X, y = load_iris(return_X_y=True)
    >>> oracle = CommitteeOracle(
    ...     {
    ...         "Ada": NoisyOracle(y, noise=0.05, random_state=0),
    ...         "Ben": NoisyOracle(y, noise=0.4, random_state=1),
    ...         "Cy": NoisyOracle(y, noise=0.4, random_state=2),
    ...     },
    ...     cost={"Ada": 3, "Ben": 1, "Cy": 1},
    ...     random_state=0,
    ... )
    >>> learner = ActiveLearner(oracle=oracle, budget=100, random_state=0).fit(X[:, :2])
    >>> oracle.cost_, oracle.votes_[0]["who"], int(learner.labeled_mask_.sum())
    (150.0, 'Ada', 30)
    >>> max(oracle.reliability_, key=oracle.reliability_.get)
    'Ada'
    """

    _parameter_constraints = {
        "annotators": [list, tuple, dict],
        "ask": [callable],
        "aggregate": [callable],
        "cost": "no_validation",
        "classes": ["array-like", None],
        "weigh": ["boolean"],
        "random_state": ["random_state"],
    }

    n_asked_ = 0

    def __init__(
        self,
        annotators,
        *,
        ask=everybody,
        aggregate=majority,
        cost=None,
        classes=None,
        weigh=False,
        random_state=None,
    ):
        self.annotators = annotators
        self.ask = ask
        self.aggregate = aggregate
        self.cost = cost
        self.classes = classes
        self.weigh = weigh
        self.random_state = random_state

    def __sklearn_clone__(self):
        params = self.get_params(deep=False)
        people = params.pop("annotators")
        if isinstance(people, dict):  # whose values clone would copy as they are
            people = {name: clone(one, safe=False) for name, one in people.items()}
        else:
            people = clone(people, safe=False)
        rest = {name: clone(value, safe=False) for name, value in params.items()}
        return type(self)(people, **rest)

    def __call__(self, rows, X_rows=None):
        """Have people answer some rows, and merge their answers.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.
        X_rows : array-like of shape (n, ...), default=None
            The samples themselves, which people are shown.

        Returns
        -------
        answers : ndarray of shape (n,)
            One answer per row; None where all abstained.

        Raises
        ------
        StopAsking
            When all people have stopped; ``answers`` are those before the first row
            that was not answered.
        ValueError
            If a parameter is wrong, before anyone is asked; if a person answers with
            what is no class, or not one per row, before that is written down; if
            ``ask`` or ``aggregate`` return something else than they should.
        """
        people = self._checked_people()
        rows = _checked_rows(rows)
        self._book().open(rows.tolist())
        pending = np.arange(len(rows))
        while len(pending) and set(people) - set(self.left_):
            wanted = self._whom(people, rows[pending])
            if not any(wanted.values()):
                break
            for name, places in wanted.items():
                if places:
                    at = pending[places]
                    X_some = None if X_rows is None else take_rows(X_rows, at)
                    self._hear(people, name, rows[at], X_some)
            pending = self._not_heard(rows, pending)
        if len(pending) and not set(people) - set(self.left_):
            self._gone = []
            done = int(pending[0])
            raise StopAsking(
                f"All of {list(people)} have stopped.", answers=self._given(rows[:done])
            )
        return self._given(rows)

    def revise(self, rows):
        """Return the answers of now to rows that were answered before.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.

        Returns
        -------
        answers : ndarray of shape (n,)
            One answer per row; None for rows without a vote.
        """
        known, labels, _ = self._merged()
        place = {row: k for k, row in enumerate(known.tolist())}
        each = [place.get(int(row)) for row in _checked_rows(rows)]
        plain = labels.tolist()
        answers = [None if k is None else plain[k] for k in each]
        return pack(answers, labels.dtype if len(labels) else object)

    def confidence(self, rows):
        """Return how sure the answers of now are.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.

        Returns
        -------
        weights : ndarray of float of shape (n,)
            What ``aggregate`` says; 1 for rows without a vote.
        """
        known, _, confidence = self._merged()
        place = {row: k for k, row in enumerate(known.tolist())}
        each = [place.get(int(row)) for row in _checked_rows(rows)]
        return np.array([1.0 if k is None else confidence[k] for k in each])

    @property
    def votes_(self):
        """All that was said, as a table."""
        return self._book().table()

    @property
    def left_(self):
        """Who gives no more answers, for now."""
        return list(vars(self).get("_gone", ()))

    @property
    def cost_(self):
        """What all votes cost."""
        people = getattr(self.annotators, "values", lambda: self.annotators)()
        told = isinstance(people, Iterable) and any(map(tells_costs, people))
        if self.cost is None and not told:
            raise AttributeError(
                "CommitteeOracle has no cost_: its people are not paid. Pass cost."
            )
        return self._book().paid

    @property
    def reliability_(self):
        """How often each person's votes agree with the labels of now."""
        rows, labels, _ = self._merged()
        now = dict(zip(rows.tolist(), labels.tolist(), strict=True))
        votes = self._book().table(standing=True, answered=True)
        people, counts = np.unique(votes["row"], return_counts=True)
        several = set(people[counts > 1].tolist())
        tally = {name: [1, 2] for name in by_name(self.annotators)}
        for row, who, answer in votes[["row", "who", "answer"]].tolist():
            if row in several and who in tally:
                tally[who][0] += now[row] == answer
                tally[who][1] += 1
        return {name: hits / n for name, (hits, n) in tally.items()}

    def _book(self):
        if "_votes" not in vars(self):
            self._votes = Book()
        return self._votes

    def _checked_people(self):
        """Refuse what can be refused before anyone is asked; return people by name."""
        refuse_classes(self)
        self._validate_params()
        people = by_name(self.annotators)
        for name, one in people.items():
            refuse_class(one, f"Annotator {name!r} of CommitteeOracle")
        check_people(people)
        prices_of(self.cost, people)
        for part in (self.ask, self.aggregate):
            getattr(part, "check", lambda annotators: None)(list(people))
        return people

    def _whom(self, people, rows):
        """Return which of the rows each person is to answer, as places, by name."""
        free = [name for name in people if name not in self.left_]
        prices, table = prices_of(self.cost, people), self._book().table(standing=True)
        paid = [usual_price(table, name, prices[name]) for name in free]
        votes = Votes(table, free, paid, self._known_classes(table), seed_of(self))
        named = checked_names(self.ask(votes, rows), rows, free, self.ask)
        heard = map(self._book().heard, rows.tolist())
        new = [set(names) - old for names, old in zip(named, heard, strict=True)]
        return {
            name: [place for place, names in enumerate(new) if name in names]
            for name in free
        }

    def _hear(self, people, name, rows, X_rows):
        """Have one person answer rows, and write it down."""
        one, own, book = people[name], 0.0, self._book()
        before = getattr(one, "cost_", 0.0)
        try:
            answers = one(rows, X_rows)
        except StopAsking as stop:
            self._gone = [*self.left_, name]
            answers = stop.answers
            rows = rows[: len(answers)]
        finally:  # who was paid was paid, whatever became of the answers
            own = getattr(one, "cost_", 0.0) - before
            book.paid += own
        known = [said for said in book.answers if said is not None][:1]
        answers = checked_answers(name, answers, len(rows), self.classes, known)
        price = prices_of(self.cost, people)[name]
        book.add(rows.tolist(), name, answers, price, own)

    def _not_heard(self, rows, places):
        heard = self._book().heard
        return np.array([k for k in places if not heard(int(rows[k]))], dtype=np.intp)

    def _known_classes(self, table):
        if self.classes is not None:
            return np.unique(as_labels(self.classes))
        said = [answer for answer in table["answer"] if answer is not None]
        return np.unique(as_labels(said, integral=True)) if said else None

    def _merged(self):
        """Return rows that have an answer, and their labels and confidence of now."""
        table = self._book().table(standing=True, answered=True)
        classes = self._known_classes(table)
        votes = Votes(table, by_name(self.annotators), None, classes, seed_of(self))
        return merged(self.aggregate, votes, classes, type(self).__name__)

    def _given(self, rows):
        """Return the answers to rows, and let them be handed over."""
        answers = self.revise(rows)
        self._book().hand_over(rows.tolist())
        self.n_asked_ += len(rows)
        return answers


def _checked_rows(rows):
    rows = np.asarray(rows)
    if rows.size == 0:
        return rows.astype(np.intp).ravel()
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or rows.min() < 0:
        raise ValueError(
            f"rows must be 1-d integers of at least 0, got {rows.dtype} {rows.shape}."
        )
    return rows
