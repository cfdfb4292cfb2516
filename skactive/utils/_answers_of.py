"""Which kind of answers a model learns from."""

import numpy as np
from sklearn.base import is_classifier, is_regressor

from skactive.utils._answers import Answers, ClassAnswers, NumberAnswers
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers, kind_of
from skactive.utils._labels import as_labels
from skactive.utils._models import innermost, unwrapped


class UnknownAnswers(Answers):
    """Answers whose kind the first of them will show.

    Of models that are neither classifier nor regressor and do not say what they learn
    from, before an answer is known.
    """

    one = "a single value, a mask or a dict of boxes"
    _found = None

    def each(self, answers, n_rows):
        return self._of(answers).each(answers, n_rows)

    def present(self, values):
        return self._of(values).present(values)

    def check(self, values, beside=(), *, matched=True):
        self._of(values).check(values, beside, matched=matched)

    def missing(self, y):
        return self._of(y).missing(y)

    def to_json(self, value):
        return self._of([value]).to_json(value)

    def from_json(self, value):
        if not isinstance(value, dict):
            return super().from_json(value)
        kind = BoxAnswers if "boxes" in value else MaskAnswers
        return kind(self.missing_label).from_json(value)

    def _of(self, values):
        if self._found is None:
            kind = kind_of(values)
            if kind is None:
                return Answers(self.missing_label, self.declared)
            self._found = kind(self.missing_label, self.declared)
        return self._found


def answers_of(model, missing_label=None, classes=None, y=None):
    """Return what an answer is to a model.

    Parameters
    ----------
    model : estimator object
        Whose labels the answers are.
    missing_label : object, default=None
        What an absent answer looks like.
    classes : array-like or None, default=None
        All classes that may occur.
    y : array-like or None, default=None
        Answers known by now; they tell the kind for models of no estimator type.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.utils._answers_of import answers_of
    >>> type(answers_of(LogisticRegression())).__name__
    'ClassAnswers'
    """
    declared = None if classes is None else np.unique(as_labels(classes))
    if is_classifier(model):
        kind = ClassAnswers
    elif is_regressor(model):
        kind = NumberAnswers
    else:
        said = getattr(innermost(model, unwrapped), "answers_kind", None)
        kind = said or (None if y is None else kind_of(y)) or UnknownAnswers
    return kind(missing_label, declared)
