"""A person at the terminal, who is asked row by row."""

import math
from numbers import Real

import numpy as np
from scipy import sparse

from skactive.exceptions import StopAsking
from skactive.oracles._truth import pack
from skactive.oracles._typed import (
    COMMANDS,
    class_of,
    free_commands,
    has_keys,
    names_of,
)
from skactive.utils import as_labels, is_missing
from skactive.utils._documented import BaseEstimator
from skactive.utils._rows import take_rows

#: What takes back the answer before, in what ``answer_each`` yields.
TAKEN_BACK = object()


def _row_of(X_rows, i):
    # Sparse arrays of older scipy have no rows of one axis.
    return take_rows(X_rows, [i] if sparse.issparse(X_rows) else i)


def _describe(row, x):
    """Say in one line what a sample looks like."""
    with np.printoptions(precision=4, threshold=16, edgeitems=4):
        text = " ".join(repr(x).split())
    return f"row {row}: {text if len(text) <= 160 else text[:157] + '...'}"


class InteractiveOracle(BaseEstimator):
    """Asks a person at the terminal, row by row.

    After a wrong answer the row is asked for again, with the classes listed. ``?``
    gives help, an empty line or ``s`` skips the row, ``u`` takes back the answer
    before, ``g`` shows what the model thinks, ``q``, the end of input or Ctrl-C ends
    the session; what was answered until then is kept. Classes may be given by their
    names, by a beginning that no other has, in upper or lower case, or by their
    numbers: ``1`` for the first.

    Parameters
    ----------
    classes : array-like of shape (n_classes,), default=None
        The labels that can be given. An answer is turned into the class that reads
        like it, in the dtype of ``classes``: typed ``3`` becomes the integer 3. A class
        that reads like a command goes before it. Where a class begins with a digit,
        numbers do not stand for classes, and one that is a number is typed whole.
        None: any text is taken, see ``cast``.
    show : callable, default=None
        ``show(row, x)`` displays a sample: :class:`ShowImage`, :class:`ShowText`, or a
        function that plays a sound. None prints a shortened ``repr``.
    cast : callable, default=str
        Used if ``classes`` is None: turns the text into an answer. With ``float`` the
        oracle answers for a regressor, with ``lambda text: [int(v) for v in
        text.split()]`` for several labels per row. After a ValueError, LookupError or
        ArithmeticError, and NaN or infinity, the person is asked again.
    input_fn : callable, default=None
        ``input_fn(prompt)`` returns a line. None: the builtin ``input``.
    output_fn : callable, default=None
        ``output_fn(text)`` shows a line. None: the builtin ``print``.

    Attributes
    ----------
    n_asked_ : int
        How many answers were given so far, skips included; without those that were
        taken back.

    Raises
    ------
    StopAsking
        When the person ends the session, or an error ends it after the first answer;
        ``answers`` are those of this batch. The learner fits on them and can continue
        later (``resume``).
    ValueError
        If ``classes`` is empty, not 1-d, names a class twice, or holds a missing one.

    See Also
    --------
    skactive.ActiveLearner.teach : Takes answers from anywhere else.
    skactive.io.Journal : Keeps each answer as soon as it is typed.

    Notes
    -----
    A learner with a journal writes down each answer before it asks for the next one, so
    that a closed window loses nothing. ``u`` goes back within a batch; for what came
    before, there is ``undo`` of the learner.

    It pickles if ``show`` and the other callables do: those of this module and
    functions of a module do, lambdas do not.

    Examples
    --------
    A person would type; here the answers come from a list.

    >>> from skactive.oracles import InteractiveOracle
    >>> typed = iter(["dgo", "do", "u", "1", "s"])
    >>> oracle = InteractiveOracle(["cat", "dog"], input_fn=lambda prompt: next(typed))
    >>> oracle([7, 4], [[0.5, 1.0], [0.25, 0.0]]).tolist()
    row 7: [0.5, 1.0]
    'dgo' is not one of: 1 cat, 2 dog. An empty line or s skips ...
    row 4: [0.25, 0.0]
    row 7: [0.5, 1.0]
    row 4: [0.25, 0.0]
    ['cat', None]
    """

    n_asked_ = 0
    _model = _left = None

    def __init__(
        self, classes=None, *, show=None, cast=str, input_fn=None, output_fn=None
    ):
        self.classes = classes
        self.show = show
        self.cast = cast
        self.input_fn = input_fn
        self.output_fn = output_fn

    def prepare(self, model=None, left=None):
        """Tell the oracle what it may show: a learner does, before it asks.

        Parameters
        ----------
        model : estimator or None, default=None
            The model of now, for guesses.
        left : float or None, default=None
            What is left of the budget.
        """
        self._model, self._left = model, left

    def check_columns(self):
        """Refuse, before a row is shown, to read several labels per row as one.

        Raises
        ------
        ValueError
            If ``cast`` does not make an answer of several values of what is typed.
        """
        if self.classes is not None or self.cast is str:
            raise ValueError(
                "InteractiveOracle asks for one label per row, and a row has several. "
                "Leave classes=None and pass cast=, a function that makes a row of "
                "numbers of what is typed, such as lambda text: [int(v) for v in "
                "text.split()]."
            )

    def __call__(self, rows, X_rows):
        """Ask for the rows, one after the other.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.
        X_rows : array-like of shape (n, ...)
            The samples, to be shown.

        Returns
        -------
        answers : ndarray of shape (n,)
            One answer per row; None for those skipped (then the dtype is object).
        """
        classes = self._checked_classes()
        answers = []
        try:
            for answer in self.answer_each(rows, X_rows):
                answers.pop() if answer is TAKEN_BACK else answers.append(answer)
        except StopAsking as stop:
            raise StopAsking(str(stop), answers=answers) from stop.__cause__
        return pack(answers, None if classes is None else classes.dtype)

    def answer_each(self, rows, X_rows):
        """Ask for the rows, and yield each answer before the next row is shown.

        Parameters
        ----------
        rows : array-like of int of shape (n,)
            Rows of the data set.
        X_rows : array-like of shape (n, ...)
            The samples, to be shown.

        Yields
        ------
        answer : object
            The answer to the next row, None for a skip; or ``TAKEN_BACK``, and the one
            before is asked for again.

        Raises
        ------
        StopAsking
            When the session is ended. Its ``answers`` are empty: they were yielded.
        """
        classes = self._checked_classes()
        n_done = 0
        try:
            while n_done < len(rows):
                x = _row_of(X_rows, n_done)
                self._show(rows[n_done], x)
                answer = self._ask(classes, x, self._prompt(n_done, len(rows)), n_done)
                step = -1 if answer is TAKEN_BACK else 1
                n_done += step
                self.n_asked_ += step
                if self._left is not None:
                    self._left -= step
                yield answer
        except (EOFError, KeyboardInterrupt, StopAsking):
            message = f"The session was ended after {n_done} answers."
            raise StopAsking(message, answers=[]) from None
        except Exception as error:
            if not n_done:
                raise
            # A picture that fails to open must not cost the labels typed before it.
            message = f"Ended by an error after {n_done} answers: {error!r}"
            self._say(message)
            raise StopAsking(message, answers=[]) from error

    def _checked_classes(self):
        if self.classes is None:
            return None
        if is_missing(self.classes).any():
            raise ValueError(
                f"classes holds a missing one, which is a skip: {self.classes!r}."
            )
        classes = np.asarray(as_labels(self.classes))
        if classes.ndim != 1 or len(classes) == 0:
            raise ValueError(
                f"classes must be 1-d and not empty, got {self.classes!r}."
            )
        if len(set(names_of(classes))) < len(classes):
            raise ValueError(f"classes names a class twice: {classes.tolist()}.")
        return classes

    def _prompt(self, n_done, n):
        left = "" if self._left is None else f", {self._left:g} left of the budget"
        return f"label ({n_done + 1} of {n}{left}): "

    def _show(self, row, x):
        if self.show is None:
            self._say(_describe(row, x))
        else:
            self.show(row, x)

    def _say(self, text):
        (print if self.output_fn is None else self.output_fn)(text)

    def _ask(self, classes, x, prompt, n_done):
        """Return the answer to one row; None for a skip."""
        # Looked up now: notebooks replace the builtin while a cell runs.
        read = input if self.input_fn is None else self.input_fn
        help_text = self._options(classes) + self._help(classes)
        while True:
            text = read(prompt).strip()
            answer = self._understood(text, classes)
            if answer is not None:
                return answer
            command = text.casefold()
            if command in ("", "s"):
                return None
            if command == "q":
                raise StopAsking
            if command == "u" and n_done:
                return TAKEN_BACK
            if command == "u":
                self._say(
                    "This is the first row of the batch. End the session by q; undo() "
                    "of the learner takes back what came before."
                )
            elif command == "g":
                self._say(self._guess(x))
            elif command == "?":
                self._say(help_text[0].upper() + help_text[1:])
            elif classes is None:
                self._say(f"{text!r} was not understood. {help_text}")
            else:
                self._say(f"{text!r} is not {help_text}")

    def _options(self, classes):
        if classes is not None:
            names = names_of(classes)
            if has_keys(classes):
                names = [f"{k} {name}" for k, name in enumerate(names, 1)]
            return f"one of: {', '.join(names)}. "
        if self.cast is str:
            return "Any text is an answer. "
        return f"An answer is a {getattr(self.cast, '__name__', 'value')}. "

    def _help(self, classes):
        """Say what the commands do that no class is called like."""
        free = free_commands(classes)
        skips = [word for c, word in (("", "an empty line"), ("s", "s")) if c in free]
        says = [f"{' or '.join(skips)} skips this one"] if skips else []
        if "u" in free:
            says.append("u takes back the answer before")
        end = "q" if "q" in free else "Ctrl-C"
        says.append(f"{end} ends the session and keeps the answers")
        text = ", ".join(says)
        text = f"{text[0].upper()}{text[1:]}."
        if "g" in free and self._model is not None:
            text += " g shows what the model thinks."
        return text

    def _guess(self, x):
        """Return in words what the model thinks of a sample."""
        if self._model is None:
            return "There is no model yet."
        X = x if sparse.issparse(x) else _one_row(x)
        if not hasattr(self._model, "predict_proba"):
            return f"The model says {self._model.predict(X)[0]}."
        proba = self._model.predict_proba(X)
        if isinstance(proba, list):  # of several labels
            return f"The model says {self._model.predict(X)[0]}."
        proba = np.asarray(proba)[0]
        best = np.argsort(-proba, kind="stable")[:3]
        names = (f"{self._model.classes_[k]} ({proba[k]:.2f})" for k in best)
        return f"The model says {', '.join(names)}."

    def _understood(self, text, classes):
        """Return what the text means as an answer; None if nothing."""
        if classes is not None:
            return class_of(text, classes)
        if text in COMMANDS:
            return None
        try:
            answer = self.cast(text)
        except (ValueError, LookupError, ArithmeticError):
            return None
        # NaN would be taken for an abstention, and infinity for a value.
        if isinstance(answer, Real) and not math.isfinite(answer):
            return None
        return answer


def _one_row(x):
    """Return a container of one sample."""
    if hasattr(x, "to_frame"):  # a row of a data frame
        return x.to_frame().T.infer_objects()
    return x[None] if hasattr(x, "ndim") else [x]
