"""What models predicted of the test part, as a record keeps it."""

import numpy as np
from sklearn.base import is_classifier

from skactive.utils._label_sets import spread_columns


def predicted(task, rows, models):
    """Return what models predict of the test part, as a record keeps it."""
    answers, classes = np.empty((len(models), 0)), np.empty(0)
    if task.data.dense:  # maps of all rounds would be gigabytes
        none = np.empty(0, dtype=np.float32)
        return {
            "predictions": answers,
            "probabilities": none,
            "y_test": none,
            "classes": classes,
        }
    answers = [model.predict(rows.X_test) for model in models]
    classes = _classes(task, rows.y_test, models, answers)
    spread = _of_each_label if task.data.in_columns else _spread
    probabilities = [
        spread(model.predict_proba(rows.X_test), model.classes_, classes)
        for model in models
        if hasattr(model, "predict_proba")
    ]
    if task.data.in_columns and is_classifier(task.model):
        answers = [np.asarray(each, dtype=np.uint8) for each in answers]
        y_test = np.asarray(rows.y_test, dtype=np.uint8)
    else:
        answers = [_encode(each, classes) for each in answers]
        y_test = _encode(rows.y_test, classes)
    return {
        "predictions": np.array(answers),
        "probabilities": np.array(probabilities, dtype=np.float32),
        "y_test": y_test,
        "classes": classes,
    }


def _classes(task, y_test, models, answers):
    """Return the classes by whose numbers a run is stored; none for a regressor.

    Those of the labels, and what the test part, a model or its answers hold besides: a
    model that came trained may know more.
    """
    if not is_classifier(task.model) or task.data.in_columns:
        return np.array([])
    classes = np.unique(task.data.y)
    known = [model.classes_ for model in models if hasattr(model, "classes_")]
    for more in [y_test, *known, *answers]:
        more = np.setdiff1d(more, classes)
        if len(more):
            classes = np.union1d(classes, more)
    return classes


def _encode(y, classes):
    """Return the number of the class of each label, values as they are."""
    if not len(classes):
        return np.asarray(y, dtype=float)
    y = np.asarray(y)
    codes = np.searchsorted(classes, y)
    found = classes[np.minimum(codes, len(classes) - 1)] == y
    if not np.all(found):  # a neighbor of the class would be another class
        strange = np.unique(y[~found]).tolist()
        raise ValueError(
            f"{strange} is not among the classes {classes.tolist()}; labels and "
            "answers must be of one kind."
        )
    return codes.astype(np.min_scalar_type(len(classes)))


def _of_each_label(proba, known, classes):
    """Return the probability of each label, however a model has them."""
    if isinstance(proba, list):
        both = spread_columns(proba, known, 0.0)
        proba = np.column_stack([column[:, 1] for column in both])
    return np.asarray(proba, dtype=np.float32)


def _spread(proba, known, classes):
    if len(known) == len(classes):
        return np.asarray(proba, dtype=np.float32)
    out = np.zeros((len(proba), len(classes)), dtype=np.float32)
    out[:, np.searchsorted(classes, known)] = proba
    return out
