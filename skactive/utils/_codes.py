"""Labels as codes, for classifiers that take no others."""

import numpy as np
from sklearn.base import ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from skactive.utils._documented import BaseEstimator
from skactive.utils._models import predictions, replace_last_step

#: What XGBoost says of labels that are not 0, 1, ... without a gap.
REFUSAL = "Invalid classes inferred"


class OnCodes(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier that learns the positions of labels in its ``classes_``.

    Parameters
    ----------
    estimator : classifier
        Takes the labels 0, 1, ... without a gap. A copy of it is fitted. What else it
        has, such as ``feature_importances_``, is found here as well.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    estimator_ : classifier
        The fitted copy.

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from skactive.utils._codes import OnCodes
    >>> model = OnCodes(DecisionTreeClassifier()).fit([[0.0], [1.0]], ["b", "d"])
    >>> model.predict([[1.0]]).tolist(), model.estimator_.classes_.tolist()
    (['d'], [0, 1])
    """

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X, y, **params):
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.estimator_ = clone(self.estimator).fit(X, codes, **params)
        return self

    def predict(self, X):
        return self.classes_[predictions(self.estimator_, X).astype(np.intp)]

    def __getattr__(self, name):
        # Asked only for what is not here; of what is not fitted, there is nothing.
        if name.startswith("__") or "estimator_" not in vars(self):
            raise AttributeError(f"{type(self).__name__} has no {name}.")
        return getattr(self.estimator_, name)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags


def fit_on_labels(model, X, y, **params):
    """Return a model fitted, on codes where it refuses the labels as they are.

    The first labels of a run may be 0 and 2, and the classes of a bootstrap too.

    Parameters
    ----------
    model : estimator object
        Fitted in place, if it takes the labels. Otherwise the last step, or the model,
        is replaced by one that is :class:`OnCodes`.
    X, y : array-like
        Samples and labels.
    **params : dict
        More arguments of ``fit``. Validation sets hold labels, which are not made
        codes: with ``eval_set`` the refusal stands.
    """
    try:
        return model.fit(X, y, **params)
    except ValueError as error:
        validates = any(name.rpartition("__")[2] == "eval_set" for name in params)
        if REFUSAL not in str(error) or validates or len(np.unique(y)) < 2:
            raise
    return _on_codes(model).fit(X, y, **params)


def _on_codes(model):
    if isinstance(model, Pipeline):
        return replace_last_step(model, _on_codes(model.steps[-1][1]))
    return OnCodes(model)
