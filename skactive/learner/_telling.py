"""What a learner says of its rounds to a bar of progress."""

from contextlib import contextmanager

from skactive.learner._costs import counts_labels
from skactive.utils._line import TimeLeft, bar
from skactive.utils._progress import run_line


@contextmanager
def telling(learner, run):
    """Yield what is called after each round of a run."""
    time_left = TimeLeft()
    with run_line() as write:
        yield (lambda: write(_news(learner, run, time_left))) if write else _nothing


def _nothing():
    """Tell nothing: there is no bar."""


def _news(learner, run, time_left):
    """Return labels, score and time left, in words."""
    history = learner.history_
    n = history["n_labeled"][-1]
    score = f", score {history['score'][-1]:.3f}" if history.get("score") else ""
    if run.truth is None and learner.oracle is None:  # a person asks by hand
        return f"{n} labels{score}"
    left = run.left(learner.budget, learner.n_initial)
    done, of = run.prices.total, f"{n} labels, {run.prices.total:g} of"
    if counts_labels(learner, run):  # what is left may be fewer rows than the budget
        done, of, left = n, f"{n} of", min(left, len(run.ledger.candidates))
    share = done / (done + left) if left else 1
    unit = "labels" if done is n else "paid"
    return f"{bar(share)} {of} {done + left:g} {unit}{score}{time_left(share)}"
