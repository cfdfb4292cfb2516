"""Which kind of answers a model learns from."""

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.ensemble import BaggingRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.utils import get_tags

from skactive.utils._answers import Answers, ClassAnswers, NumberAnswers
from skactive.utils._dense_answers import BoxAnswers, MaskAnswers, kind_of
from skactive.utils._label_sets import LabelSetAnswers, NumberRowAnswers, in_columns
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


class OpenAnswers(Answers):
    """One label or number in each row, or several: the first answer says.

    Of models that learn both, before an answer is known. What is known later is looked
    at each time, so that it may be taken back.
    """

    one = "a single value, or a row of them"

    def __init__(self, missing_label, declared, single, rows):
        super().__init__(missing_label, declared)
        self._single, self._rows = single, rows(missing_label)
        self.has_classes = single.has_classes

    def each(self, answers, n_rows):
        return self._of(answers).each(answers, n_rows)

    def missing(self, y):
        return self._of(y).missing(y)

    def present(self, values):
        return self._of(values).present(values)

    def published(self, values, known):
        return self._of(values[known]).published(values, known)

    def check(self, values, beside=(), *, matched=True):
        first = beside if len(beside) else values
        self._of(first).check(values, beside, matched=matched)

    def classes(self, values):
        return self._of(values).classes(values)

    def classes_of(self, model, labels):
        return self._of(labels).classes_of(model, labels)

    def are_one_class(self, labels):
        return self._of(labels).are_one_class(labels)

    def lacks(self, labels, error):
        return self._of(labels).lacks(labels, error)

    def advice(self, labels):
        return self._of(labels).advice(labels)

    def are_in_columns(self, values):
        return self._of(values).in_columns

    def cell(self, value):
        return self._of([value]).cell(value)

    def to_json(self, value):
        return self._of([value]).to_json(value)

    def from_json(self, value):
        return self._of([value]).from_json(value)

    def _of(self, values):
        several = in_columns(values, self.missing_label)
        return self._rows if several else self._single


#: Regressors of scikit-learn that learn several columns, though they do not say so.
MODEST = (BaggingRegressor, MLPRegressor)


def learns_columns(model):
    """Tell whether a model says that it learns labels of several columns.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.utils._answers_of import learns_columns
    >>> [learns_columns(m) for m in (RandomForestClassifier(), LogisticRegression())]
    [True, False]
    """
    model = _in_searches(model)
    tags = get_tags(model)
    several = tags.classifier_tags is not None and tags.classifier_tags.multi_label
    return several or tags.target_tags.multi_output or isinstance(model, MODEST)


def refuse_columns(model):
    """Refuse several columns for a model that is known to learn one.

    Models of other libraries do not always say what they learn, and are tried.
    """
    module = type(_in_searches(model)).__module__
    own = module.startswith(("sklearn.", "skactive."))
    if not own or learns_columns(model):
        return
    advice = "MultiOutputRegressor(model) of sklearn.multioutput, Ridge and forests do."
    if is_classifier(model):
        advice = (
            "OneVsRestClassifier(model) of sklearn.multiclass, MultiOutputClassifier("
            "model) of sklearn.multioutput, forests and KNeighborsClassifier do. For "
            "one-hot classes, y is y.argmax(axis=1)."
        )
    raise ValueError(
        f"y must be 1-d for {model!r}, which learns one column, and it has several. "
        f"{advice}"
    )


def answers_of(
    model, missing_label=None, classes=None, y=None, *, open_to_columns=False
):
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
        Answers known by now; they tell how many columns there are, and the kind for
        models of no estimator type.
    open_to_columns : bool, default=False
        Whether the first answer may be a row of several values if ``y`` does not say.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.utils._answers_of import answers_of
    >>> type(answers_of(LogisticRegression())).__name__
    'ClassAnswers'
    """
    declared = None if classes is None else np.unique(as_labels(classes))
    if not is_classifier(model) and not is_regressor(model):
        said = getattr(innermost(model, unwrapped), "answers_kind", None)
        kind = said or (None if y is None else kind_of(y)) or UnknownAnswers
        return kind(missing_label, declared)
    kinds = NumberAnswers, NumberRowAnswers
    if is_classifier(model):
        kinds = ClassAnswers, LabelSetAnswers
    several = in_columns(y, missing_label)
    if not get_tags(_in_searches(model)).target_tags.single_output:
        several = True
    if several:
        refuse_columns(model)
        return kinds[1](missing_label, declared)
    single = kinds[0](missing_label, declared)
    is_open = several is None and declared is None and open_to_columns
    if is_open and learns_columns(model):
        return OpenAnswers(missing_label, declared, single, kinds[1])
    return single


def _in_searches(model):
    """Return the model at the end of pipelines and searches, fitted or not."""
    model = innermost(model, unwrapped)
    while hasattr(model, "refit") and hasattr(model, "estimator"):
        model = innermost(model.estimator, unwrapped)
    return model
