"""A classifier that has learned nothing, so that expected numbers fit on paper."""

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from skactive.utils._documented import BaseEstimator


class MockClassifier(ClassifierMixin, BaseEstimator):
    """Classifier with fixed probabilities, looked up by the first feature.

    A sample is the number of its row in ``proba``: with ``X_pool = [[2], [0]]`` the
    probabilities are ``proba[2]`` and ``proba[0]``. What is expected of a strategy is
    then worked out by hand.

    Parameters
    ----------
    proba : array-like of shape (n_rows, n_classes), default=((0.5, 0.5),)
        Returned as they are, also if they do not sum to one.
    classes : array-like of shape (n_classes,), default=None
        The class labels, sorted. None: 0, 1, ...

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels.
    n_fits_ : int
        How often this very object was fitted.

    Examples
    --------
    >>> from skactive.testing import MockClassifier
    >>> model = MockClassifier([[0.9, 0.1], [0.4, 0.6]]).fit()
    >>> model.predict_proba([[1], [0], [1]]).tolist()
    [[0.4, 0.6], [0.9, 0.1], [0.4, 0.6]]
    >>> model.predict([[1], [0]])
    array([1, 0])
    """

    def __init__(self, proba=((0.5, 0.5),), *, classes=None):
        self.proba = proba
        self.classes = classes

    def fit(self, X=None, y=None):
        """Learn nothing.

        Parameters
        ----------
        X : object, default=None
            Ignored.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : object
            The classifier.

        Raises
        ------
        ValueError
            If ``proba`` is not a table with one column per class.

        Examples
        --------
        >>> from skactive.testing import MockClassifier
        >>> MockClassifier([[0.2, 0.8]], classes=["no", "yes"]).fit().classes_.tolist()
        ['no', 'yes']
        """
        proba = np.asarray(self.proba, dtype=float)
        classes = self.classes
        if classes is None and proba.ndim == 2:
            classes = np.arange(proba.shape[1])
        if proba.ndim != 2 or proba.shape[1] != len(classes):
            raise ValueError(
                "proba must have one row per sample and one column per class, got "
                f"shape {proba.shape}."
            )
        self._proba = proba
        self.classes_ = np.asarray(classes)
        self.n_fits_ = getattr(self, "n_fits_", 0) + 1
        return self

    def predict_proba(self, X):
        """Look probabilities up.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The first column holds row numbers of ``proba``.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes)
            The rows, as float64.

        Raises
        ------
        ValueError
            If the first feature of a sample is not a row number of ``proba``.

        Examples
        --------
        >>> from skactive.testing import MockClassifier
        >>> MockClassifier([[0.2, 0.8]]).fit().predict_proba([[0]])
        array([[0.2, 0.8]])
        """
        check_is_fitted(self)
        first = np.asarray(X)[:, 0].astype(float)
        if not np.isin(first, np.arange(len(self._proba))).all():
            raise ValueError(
                "The first feature must be a row number of proba, between 0 and "
                f"{len(self._proba) - 1}; got {first.tolist()}."
            )
        return self._proba[first.astype(np.intp)]

    def predict(self, X):
        """Return the most probable class, the first one among equals.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The first column holds row numbers of ``proba``.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            Taken from ``classes_``.

        Examples
        --------
        >>> from skactive.testing import MockClassifier
        >>> MockClassifier([[0.2, 0.8]]).fit().predict([[0]])
        array([1])
        """
        return self.classes_[self.predict_proba(X).argmax(axis=1)]
