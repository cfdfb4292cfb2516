"""A person in a notebook, who answers by clicks and blocks nothing."""

import html
import warnings
from functools import partial
from numbers import Integral

import numpy as np
from scipy import sparse
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted

from skactive._sklearn import _num_samples
from skactive.oracles._drawn import drawn, let_go
from skactive.oracles._interactive import InteractiveOracle
from skactive.utils._rows import take_rows


class NotebookPanel:
    """Ask a person in a notebook: a picture or a text, and a button for each class.

    Shown by ``display(panel)``, or as the last line of a cell. Cells can be run while
    it is there, for it is no oracle that waits: it asks by ``learner.query``, and a
    click is a call of ``learner.teach``.

    Parameters
    ----------
    learner : ActiveLearner
        Fitted, and ready for ``query`` and ``teach``: on a y with missing labels, or
        with a journal.
    samples : array-like of shape (n_samples, ...)
        What is shown, in the order of the ``X`` of the learner: ``X`` itself, or the
        texts or pictures that it was made of.
    classes : array-like of shape (n_classes,) or dict, default=None
        The labels that can be given, a button for each; or what is written on the
        button of each, ``{0: "cat", 1: "dog"}``. None: ``classes`` of the learner.
    show : callable, default=None
        How a sample is shown: :class:`ShowImage`, :class:`ShowText`, or a function
        ``show(row, x)`` that prints, draws or plays. None: arrays of two or three axes
        are pictures, the rest is text.
    batch_size : int, default=None
        After how many answers the model is fitted again. None: that of the learner.
    who : str or None, default=None
        Who answers, for the journal.

    Attributes
    ----------
    widget : ipywidgets.VBox
        The panel, to be put among other widgets.
    rows : list of int
        The rows of this batch that are still to be answered; the first one is shown.
    error_ : BaseException or None
        What the last click raised; the panel shows it, too.

    Raises
    ------
    ImportError
        If ipywidgets is not there.
    TypeError
        If ``who`` is no string, ``show`` cannot be called, or ``batch_size`` is no
        whole number.
    ValueError
        If there are no classes, or ``samples`` are not as many as those of the learner;
        and whatever ``query`` of the learner raises.

    See Also
    --------
    InteractiveOracle : Asks at the terminal, and waits.
    skactive.io.Journal : Keeps each answer on disk before the next row is shown.

    Notes
    -----
    Each answer is taught as it is clicked, with ``refit=False``: with a journal it is
    on disk before the next row is shown. After the last one of a batch, ``query`` fits
    the model and asks for the next batch. Meanwhile the buttons are off; clicks that
    were made all the same count for nothing, and not for a row that nobody has seen.

    "undo" takes back the last call of ``teach`` or ``forget``, whoever made it, and
    asks for its rows again; with a journal also those of yesterday. Rows that were
    labeled elsewhere in the meantime are passed over. After another ``fit`` of the
    learner, which may be on other samples, the panel takes no more answers.

    What the learner raises is written into the panel, with "try again" if it could not
    be fitted; answers given before are kept. Warnings are written there, too.

    Cost: that of ``teach`` without a fit for each click, and one ``query`` for each
    batch. The kernel works while the model is fitted, and is free otherwise.

    Examples
    --------
    A person would click; here the clicks come from code.

    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skactive import ActiveLearner
    >>> from skactive.oracles import NotebookPanel, ShowImage
    >>> X, y = load_digits(return_X_y=True)
    >>> y_partial = np.where(np.arange(len(y)) < 50, y, np.nan)
    >>> learner = ActiveLearner(classes=range(10), random_state=0)
    >>> learner = learner.fit(X / 16, y_partial)
    >>> panel = NotebookPanel(learner, X, show=ShowImage((8, 8)))
    >>> row = panel.rows[0]
    >>> panel.button(3).click()
    >>> int(learner.labels_[row]), len(panel.rows)
    (3, 9)
    >>> panel.button("undo").click()
    >>> panel.rows[0] == row, int(learner.labeled_mask_.sum())
    (True, 50)
    """

    def __init__(
        self, learner, samples, classes=None, *, show=None, batch_size=None, who=None
    ):
        self.learner = learner
        self.samples = samples
        self.classes = classes
        self.show = show
        self.batch_size = batch_size
        self.who = who
        self.rows, self.error_, self._n_asked = [], None, 0
        check_is_fitted(learner, "history_")
        if batch_size is not None:
            check_scalar(batch_size, "batch_size", Integral, min_val=1)
        if not (show is None or callable(show)):
            raise TypeError(
                f"NotebookPanel: show must be a function of a row and a sample, or "
                f"None; got {show!r}."
            )
        if not (who is None or isinstance(who, str)):
            raise TypeError(
                f"NotebookPanel: who must be a name, a string, or None; got {who!r}."
            )
        self._history = learner.history_  # another one after another fit
        self._labels = self._checked_labels()
        self._widgets = _ipywidgets()
        self._left, self._note = self._widgets.HTML(), self._widgets.HTML()
        self._shown, self._clickable = self._widgets.VBox(), self._widgets.VBox()
        # Buttons above what is shown stay where they are, however large it is.
        self.widget = self._widgets.VBox(
            [self._left, self._clickable, self._note, self._shown]
        )
        self._classes, self._verbs = {}, {}
        with warnings.catch_warnings(record=True) as heard:
            self._ask()
        self._say(heard)
        self._refresh()

    def __repr__(self):
        return f"NotebookPanel({self._progress()})"

    def _ipython_display_(self):
        from IPython.display import display

        display(self.widget)

    def button(self, answer):
        """Return the button for an answer.

        Parameters
        ----------
        answer : object
            A class, or "skip", "undo" or "again" if no class reads like it.

        Returns
        -------
        button : ipywidgets.Button
            As it is now: a new batch has new ones.
        """
        return (self._classes if answer in self._classes else self._verbs)[answer]

    @property
    def _buttons(self):
        return [*self._classes.values(), *self._verbs.values()]

    def _checked_labels(self):
        """Return what is written on the button of each class."""
        classes = self.classes
        if classes is None:
            classes = getattr(self.learner, "classes", None)
        if classes is None:
            raise ValueError(
                "NotebookPanel needs the classes that there are: pass classes= to it, "
                "or to the learner."
            )
        if isinstance(classes, str):
            raise ValueError(
                f"NotebookPanel: classes is the string {classes!r}; pass a list of "
                "classes, or a dict of what is written on the button of each."
            )
        n, n_rows = _num_samples(self.samples), len(self.learner.labeled_mask_)
        if n != n_rows:
            raise ValueError(
                f"NotebookPanel: there are {n} samples to show, and the learner was "
                f"fitted on {n_rows}. Pass X, or what each row of X was made of."
            )
        names = list(map(str, classes.values())) if isinstance(classes, dict) else None
        values = list(classes) if isinstance(classes, (dict, range)) else classes
        values = InteractiveOracle(values)._checked_classes().tolist()
        return dict(zip(values, names or map(str, values), strict=True))

    # ------------------------------------------------------------ what clicks do

    def _answer(self, label):
        row = self.rows[0]
        taken = row not in self._open_rows()
        if not taken:
            self.learner.teach([row], [label], who=self.who, refit=False)
        self._go_on()
        if taken:
            raise ValueError(
                f"Row {row} was answered elsewhere in the meantime, and this click was "
                'not taught. teach(..., relabel="replace") corrects an answer.'
            )

    def _skip(self):
        self._answer(self.learner.missing_label)

    def _undo(self):
        rows = self.learner.undo(refit=False).tolist()
        self.rows = rows + [row for row in self.rows if row not in rows]
        self._n_asked = max(self._n_asked, len(self.rows))
        self._go_on()

    def _go_on(self):
        """Pass over what was answered, and ask for more after the last row."""
        still_open = set(self._open_rows())
        self.rows = [row for row in self.rows if row in still_open]
        if not self.rows:
            self._ask()

    def _ask(self):
        """Have the model fitted, and ask for a batch."""
        for button in self._buttons:  # while the model is fitted
            button.disabled = True
        n_open = len(self._open_rows())
        if not n_open:
            self.learner.teach(np.arange(0), [])
        n = self.batch_size
        if n is None:
            n = self.learner._batch_size()
        self.rows = self.learner.query(min(n, n_open)).tolist() if n_open else []
        self._n_asked = len(self.rows)
        self._make_buttons()

    def _open_rows(self):
        """Return the rows that have neither label nor skip."""
        is_open = ~self.learner.labeled_mask_
        is_open[self.learner.skipped_] = False
        return np.flatnonzero(is_open).tolist()

    def _clicked(self, work, button):
        """Do what a button says, and show what came of it."""
        if button not in self._buttons or button.disabled:
            return  # made while the model was fitted, and no row was shown
        self.error_, self._note.value = None, ""
        try:
            self._check_run()
            with warnings.catch_warnings(record=True) as heard:
                work()
            self._say(heard)
        except BaseException as error:
            self._show_error(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._refresh()

    def _check_run(self):
        if self.learner.history_ is not self._history:
            raise ValueError(
                "The learner was fitted again since, perhaps on other samples than "
                "those shown here. This click was not taught. Make a new panel."
            )

    # ------------------------------------------------------------ what is shown

    def _make_buttons(self):
        """Replace the buttons, so that late clicks on the old ones do nothing."""
        old = [*self._buttons, *self._clickable.children]
        self._classes = {
            label: self._new_button(partial(self._answer, label), name, "primary")
            for label, name in self._labels.items()
        }
        self._verbs = {
            "skip": self._new_button(self._skip, "skip"),
            "undo": self._new_button(self._undo, "undo"),
            "again": self._new_button(self._ask, "try again", "warning"),
        }
        wrap = self._widgets.Layout(flex_flow="row wrap")
        self._clickable.children = [
            self._widgets.Box([*self._classes.values()], layout=wrap),
            self._widgets.HBox([*self._verbs.values()]),
        ]
        let_go(old)

    def _new_button(self, work, text, style=""):
        layout = self._widgets.Layout(width="auto")
        button = self._widgets.Button(
            description=text, button_style=style, layout=layout
        )
        button.on_click(partial(self._clicked, work))
        return button

    def _refresh(self):
        """Show the next row, what is left, and which buttons can be clicked."""
        for button in self._buttons:
            button.disabled = not self.rows
        self._verbs["undo"].disabled = False
        stuck = not self.rows and self.error_ is not None
        self._verbs["again"].disabled = not stuck
        self._verbs["again"].layout.display = None if stuck else "none"
        self._left.value = html.escape(self._progress())
        old = self._shown.children
        self._shown.children = [self._drawn()] if self.rows else []
        let_go(old)

    def _progress(self):
        learner, n_open = self.learner, len(self._open_rows())
        counts = (
            f"{learner.labeled_mask_.sum()} labels, {len(learner.skipped_)} skips, "
            f"{n_open} rows without an answer"
        )
        if not self.rows:
            return counts
        here = max(self._n_asked - len(self.rows), 0) + 1
        return f"{here} of {self._n_asked} in this batch; {counts}"

    def _drawn(self):
        """Return a widget that shows the first row, or why it cannot be shown."""
        row = self.rows[0]
        try:
            one = [row] if sparse.issparse(self.samples) else row
            return drawn(self._widgets, self.show, row, take_rows(self.samples, one))
        except Exception as error:
            self.error_ = error
            return self._widgets.HTML(
                f"Row {row} cannot be shown: {html.escape(_in_words(error))}"
            )

    def _say(self, heard):
        texts = dict.fromkeys(str(each.message) for each in heard)
        self._note.value = "".join(f"<p>{html.escape(text)}</p>" for text in texts)

    def _show_error(self, error):
        self.error_ = error
        kept = "Answers of earlier clicks are kept."
        if not self.rows:
            kept = (
                "All answers are kept. Mend the learner by set_params, and try again."
            )
        text = f"<b>{html.escape(_in_words(error))}</b><br>{kept}"
        self._note.value = f"<p style='white-space: pre-wrap'>{text}</p>"


def _in_words(error):
    lines = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
    return "\n".join(lines)


def _ipywidgets():
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(
            'NotebookPanel needs ipywidgets: pip install "skactive[notebook]".'
        ) from error
    return ipywidgets
