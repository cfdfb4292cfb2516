"""What several people said: a long table of votes, and the votes as numbers."""

from dataclasses import dataclass

import numpy as np

from skactive.utils import as_labels, is_missing

#: A row of the data set, who answered, what, and what was paid for it.
COLUMNS = [("row", np.intp), ("who", object), ("answer", object), ("cost", float)]
MAX_SEED = np.iinfo(np.int32).max


def seed_of(owner):
    """Return the seed of an oracle as an int, drawn once if ``random_state`` is none.

    Parameters
    ----------
    owner : object
        Has ``random_state``; what is drawn for it is kept in it.

    Returns
    -------
    seed : int
        The same at each call, until ``random_state`` is set to something else.
    """
    given = owner.random_state
    if isinstance(given, (int, np.integer)):
        return int(given)
    if getattr(owner, "_seed", (owner, None))[0] is not given:
        # RandomState() is fresh; check_random_state(None) is global.
        rng = np.random.RandomState() if given is None else given
        owner._seed = given, int(rng.randint(MAX_SEED))
    return owner._seed[1]


class Votes:
    """Votes in long form, with what is known of those who may be asked for more.

    ``votes["row"]``, ``["who"]``, ``["answer"]`` and ``["cost"]`` are columns, as of a
    structured array or a data frame, which go wherever votes do.

    Parameters
    ----------
    table : structured ndarray of shape (n_votes,)
        The columns.
    annotators : sequence of str, default=()
        Names of those who may be asked now.
    prices : array-like of shape (n_annotators,), default=None
        What an answer of each costs; None: the same.
    classes : ndarray of shape (n_classes,), default=None
        The classes, as far as they are known.
    seed : int, default=0
        Decides what is left to chance.

    Examples
    --------
    >>> from skactive.oracles._votes import Votes, table_of
    >>> votes = Votes(table_of([7, 7], ["Ada", "Ben"], ["cat", "dog"], [1, 1]))
    >>> votes["who"].tolist(), len(votes)
    (['Ada', 'Ben'], 2)
    >>> bool((votes.draws([7, 3]) == votes.draws([3, 7])[::-1]).all())
    True
    """

    def __init__(self, table, annotators=(), prices=None, classes=None, seed=0):
        self.table = table
        self.annotators = tuple(annotators)
        prices = np.ones(len(self.annotators)) if prices is None else prices
        self.prices = np.asarray(prices, dtype=float)
        self.classes = classes
        self.seed = seed

    def __getitem__(self, column):
        return self.table[column]

    def __len__(self):
        return len(self.table)

    def draws(self, rows, purpose=0):
        """Return a uniform number for each row, whatever else is asked for.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows.
        purpose : int, default=0
            Numbers for several purposes do not depend on each other.

        Returns
        -------
        draws : ndarray of shape (n,)
            In [0, 1).
        """
        return draws(self.seed, rows, purpose)


def draws(seed, rows, purpose=0):
    """Return a uniform number for each row, by seed and row alone."""
    each = (np.random.RandomState([seed, int(row), purpose]) for row in rows)
    return np.array([rng.random_sample() for rng in each])


def table_of(rows, who, answers, costs):
    """Return columns as one structured array."""
    table = np.empty(len(rows), dtype=COLUMNS)
    for name, values in zip(("row", "cost"), (rows, costs), strict=True):
        table[name] = values
    for name, values in zip(("who", "answer"), (who, answers), strict=True):
        column = np.empty(len(rows), dtype=object)  # answers may have lengths
        column[:] = list(values)
        table[name] = column
    return table


class Book:
    """All votes of a committee, in the order in which they came.

    A row whose answer was handed over and that is asked for again begins from nothing:
    its votes of before stay in the book, and count no more.

    Examples
    --------
    >>> from skactive.oracles._votes import Book
    >>> book = Book()
    >>> book.open([7])
    >>> book.add([7], "Ada", ["cat"], 2.0)
    >>> book.heard(7), book.heard(8), book.paid
    ({'Ada'}, set(), 2.0)
    >>> book.hand_over([7])
    >>> book.open([7])
    >>> len(book.table()), len(book.table(standing=True))
    (1, 0)
    """

    def __init__(self):
        self.rows, self.who, self.answers, self.costs = [], [], [], []
        self.paid = 0.0
        self._of_row = {}  # where the votes are that stand
        self._handed = set()

    def open(self, rows):
        """Begin to ask for rows; what was said and not handed over counts on."""
        for row in rows:
            if row in self._handed:
                self._handed.discard(row)
                self._of_row[row] = []

    def add(self, rows, who, answers, price=None, own=0.0):
        """Write down what one person said, for a price each, or what it cost in all."""
        for row, answer in zip(rows, answers, strict=True):
            self._of_row.setdefault(row, []).append(len(self.rows))
            self.rows.append(row)
            self.who.append(who)
            self.answers.append(answer)
            self.costs.append(own / len(rows) if price is None else price)
            self.paid += price or 0.0

    def hand_over(self, rows):
        """Let the answers to rows be given."""
        self._handed.update(rows)

    def heard(self, row):
        """Return who was asked for a row, abstentions included."""
        return {self.who[k] for k in self._of_row.get(row, ())}

    def table(self, *, standing=False, answered=False):
        """Return votes: all, those that stand, those that are no abstentions."""
        places = range(len(self.rows))
        if standing:
            places = sorted(k for places in self._of_row.values() for k in places)
        if answered:
            places = [k for k in places if self.answers[k] is not None]
        columns = (self.rows, self.who, self.answers, self.costs)
        return table_of(*([column[k] for k in places] for column in columns))


@dataclass
class Coded:
    """Votes as numbers: one entry for each vote that counts.

    Parameters
    ----------
    rows : ndarray of int of shape (n_items,)
        Rows that have an answer, ascending.
    names : list of shape (n_people,)
        Who answered, in the order of their first votes.
    classes : ndarray of shape (n_classes,)
        What was answered, or may be.
    item, person, code : ndarray of int of shape (n_votes,)
        Places of each vote in these.
    seed : int
        Decides what is left to chance.
    """

    rows: np.ndarray
    names: list
    classes: np.ndarray
    item: np.ndarray
    person: np.ndarray
    code: np.ndarray
    seed: int

    @property
    def counts(self):
        """How many votes each class has for each row, (n_items, n_classes)."""
        return self.totals(np.ones(len(self.item)))

    def totals(self, weights):
        """Return sums of the weights of votes, (n_items, n_classes)."""
        n, k = len(self.rows), len(self.classes)
        flat = np.bincount(self.item * k + self.code, weights, minlength=n * k)
        return flat.reshape(n, k).astype(float)  # of no votes bincount has integers

    def sums(self, values):
        """Return sums over the votes of each person, (n_people,)."""
        return np.bincount(self.person, values, minlength=len(self.names))

    def shared(self):
        """Return the votes on rows that two or more people answered."""
        n_votes = np.bincount(self.item, minlength=len(self.rows))
        return self.part(n_votes[self.item] > 1)

    def part(self, mask):
        """Return some of the votes, people and classes being the same."""
        kept, item = np.unique(self.item[mask], return_inverse=True)
        person, code = self.person[mask], self.code[mask]
        return Coded(
            self.rows[kept], self.names, self.classes, item, person, code, self.seed
        )


def coded(votes, classes=None):
    """Return the votes that count as numbers.

    Parameters
    ----------
    votes : Votes, structured array, data frame or dict of arrays
        Columns "row", "who" and "answer". Missing answers do not count, and of two
        votes of one person on one row only the later does.
    classes : array-like of shape (n_classes,), default=None
        All classes there are. None: those in the votes.

    Returns
    -------
    coded : Coded
        The votes as numbers.

    Raises
    ------
    ValueError
        If an answer is not among ``classes``, is no class, or columns differ in length.
    """
    rows, who, answers = (list(votes[name]) for name in ("row", "who", "answer"))
    if not len(rows) == len(who) == len(answers):
        raise ValueError(
            "votes must have columns row, who and answer of one length; got lengths "
            f"{len(rows)}, {len(who)} and {len(answers)}."
        )
    _refuse_no_class(answers)
    missing = is_missing(answers) if answers else ()
    last = {(r, w): k for k, (r, w) in enumerate(zip(rows, who)) if not missing[k]}
    kept = sorted(last.values())
    labels = as_labels([answers[k] for k in kept], integral=True) if kept else []
    if classes is None:
        classes = getattr(votes, "classes", None)
    classes = np.unique(labels if classes is None else as_labels(classes))
    code = np.searchsorted(classes, labels) if kept else np.empty(0, dtype=int)
    _refuse_other(labels, classes, code)
    kept_rows = np.array([rows[k] for k in kept], dtype=np.intp)
    rows, item = np.unique(kept_rows, return_inverse=True)
    names = list(dict.fromkeys(who[k] for k in kept))
    place = {name: k for k, name in enumerate(names)}
    person = np.array([place[who[k]] for k in kept], dtype=np.intp)
    seed = getattr(votes, "seed", 0)
    return Coded(rows, names, classes, item, person, code, int(seed))


def merged(aggregate, votes, classes, owner):
    """Return what an aggregate makes of votes, once it was looked at.

    Parameters
    ----------
    aggregate : callable
        ``aggregate(votes, classes) -> (labels, confidence)``.
    votes : Votes
        Answers that stand, none of them missing.
    classes : ndarray of shape (n_classes,) or None
        All classes there are.
    owner : str
        Whose aggregate it is, for the message.

    Returns
    -------
    rows : ndarray of int of shape (n_rows,)
        Rows that have a vote, ascending.
    labels : ndarray of shape (n_rows,)
        Their labels.
    confidence : ndarray of float of shape (n_rows,)
        How sure they are.

    Raises
    ------
    ValueError
        If there is not one of each for every row, or one is missing, or confidence is
        below 0 or not finite.
    """
    rows = np.unique(votes["row"])
    if not len(rows):
        return rows, np.empty(0, dtype=object), np.empty(0)
    labels, confidence = aggregate(votes, classes)
    labels, confidence = np.asarray(labels), np.asarray(confidence, dtype=float)
    sure = np.isfinite(confidence) & (confidence >= 0)
    alike = labels.shape == confidence.shape == rows.shape
    if not alike or is_missing(labels).any() or not sure.all():
        raise ValueError(
            f"{owner}: aggregate must return labels and confidence (finite, at least "
            f"0) for each of {len(rows)} rows with a vote, ascending; {aggregate!r} "
            f"returned shapes {labels.shape} and {confidence.shape}, or missing "
            "values. What was said is in votes_."
        )
    return rows, labels, confidence


def _refuse_no_class(answers):
    for answer in answers:
        if np.ndim(answer) or isinstance(answer, (dict, set, frozenset)):
            raise ValueError(
                f"Votes are merged class by class, and {str(answer)[:60]!r} is no "
                "class. Pass an aggregate of your own for other answers."
            )
        if isinstance(answer, (float, np.floating)) and answer % 1 not in (0,):
            if not np.isnan(answer):
                raise ValueError(
                    f"Votes are merged class by class, and {answer!r} is a number. "
                    "For numbers pass aggregate=average."
                )


def _refuse_other(labels, classes, code):
    if not len(labels):
        return
    at = np.minimum(code, len(classes) - 1) if len(classes) else code
    strange = labels if not len(classes) else labels[classes[at] != labels]
    if len(strange):
        raise ValueError(
            f"{np.unique(strange).tolist()} is not among classes={classes.tolist()}; "
            "name every class that may occur."
        )
