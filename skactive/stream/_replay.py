"""A stream that has passed: rows arrive in order, and are predicted before answered."""

import numpy as np
from sklearn.metrics import accuracy_score, r2_score

from skactive._sklearn import _num_samples
from skactive.utils._models import predictions
from skactive.utils._rows import row_block, take_rows


class Tally:
    """Predictions of arrivals, each by the model that was there when it came.

    Rows wait until that model is about to change, and are predicted together.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        All arrivals.
    y : ndarray of shape (n_samples,)
        Their labels. They are looked at to count, and for nothing else.
    classifies : bool
        Whether predictions are right or wrong.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyClassifier
    >>> from skactive.stream._replay import Tally
    >>> tally = Tally(np.zeros((3, 1)), np.array([1, 1, 0]), True)
    >>> tally.add(0), tally.count(None)
    (None, 0)
    >>> tally.add(1), tally.add(2)
    (None, None)
    >>> tally.count(DummyClassifier().fit([[0]], [1])), tally.score()
    (1, 0.5)
    """

    def __init__(self, X, y, classifies):
        self.X, self.y, self.classifies = X, y, classifies
        self._waiting, self._rows, self._predicted = [], [], []
        self.correct = 0

    def add(self, row):
        """Let a row wait."""
        self._waiting.append(row)

    def count(self, model):
        """Predict what waits; without a model, let it go. Return how many are right."""
        if model is not None and self._waiting:
            rows = np.asarray(self._waiting)
            y = predictions(model, take_rows(self.X, rows))
            self._rows.append(rows)
            self._predicted.append(y)
            if self.classifies:
                self.correct += int(np.sum(y == self.y[rows]))
        self._waiting = []
        return self.correct

    def score(self):
        """Return the accuracy, or R^2 of numbers, of all that was predicted."""
        rows = np.concatenate([np.empty(0, int), *self._rows])
        if len(rows) < (1 if self.classifies else 2):
            return float("nan")
        y = np.concatenate(self._predicted)
        measure = accuracy_score if self.classifies else r2_score
        return float(measure(self.y[rows], y))


def replay(learner, X, y, rows):
    """Let rows arrive in order; return which of them were asked for.

    ``y`` has the labels of all rows, if any arrives. What is decided and learned
    depends on those alone that were asked for.
    """
    tally = Tally(X, y, learner._told.answers.has_classes)
    asked = np.zeros(_num_samples(X), dtype=bool)
    for row in rows:
        X_row = row_block(X, row, row + 1)
        tally.add(row)
        asked[row] = learner._decide(X_row, 1)[0]
        if asked[row]:
            learner._n_correct = tally.count(getattr(learner, "estimator_", None))
            learner._hear(X_row, y[row : row + 1])
    learner._n_correct = tally.count(getattr(learner, "estimator_", None))
    return asked, tally.score()
