"""What a fitted learner answers: predictions of its last model and of every round."""

import copy
from functools import cached_property

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive.learner._rounds import fit_stage
from skactive.utils._answers_of import answers_of
from skactive.utils._items import shown
from skactive.utils._label_sets import spread_columns


def _estimator_has(name):
    def check(self):
        model = getattr(self, "estimator_", None)
        getattr(self._parts()[0] if model is None else model, name)
        return True

    return check


def _keeps_estimators(self):
    if not self.keep_estimators:
        raise AttributeError(
            "keep_estimators=False: the models of earlier rounds were not kept."
        )
    return True


class PredictionsMixin:
    """Predictions of ``estimator_``, over all classes.

    For an estimator that has ``_parts`` and ``missing_label``.
    """

    @available_if(_estimator_has("predict"))
    def predict(self, X):
        """Predict with the model of the last round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_columns)
            Predicted labels or values.
        """
        return self._checked(X).predict(X)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X):
        """Predict class probabilities with the model of the last round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Returns
        -------
        proba : ndarray of shape (n_samples, n_classes), or list of ndarray
            One column per class of ``classes_``; 0 for classes that no labeled row
            has shown yet. With several labels per row what the model returns: the
            probability of each label, or for each label those of 0 and 1, in a list.
        """
        return self._expand(self._checked(X).predict_proba(X), 0.0)

    @available_if(_estimator_has("predict_log_proba"))
    def predict_log_proba(self, X):
        """Predict logarithms of class probabilities with the model of the last round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Returns
        -------
        log_proba : ndarray of shape (n_samples, n_classes)
            One column per class of ``classes_``; minus infinity for classes that no
            labeled row has shown yet.
        """
        return self._expand(self._checked(X).predict_log_proba(X), -np.inf)

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X):
        """Return the decision function of the model of the last round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Returns
        -------
        decision : ndarray of shape (n_samples,) or (n_samples, n_classes)
            One column per class of ``classes_``; the lowest float for classes that no
            labeled row has shown yet.
        """
        decision = self._checked(X).decision_function(X)
        if np.ndim(decision) == 1 and len(getattr(self, "classes_", ())) > 2:
            decision = np.column_stack([-decision, decision])
        return self._expand(decision, np.finfo(np.asarray(decision).dtype).min)

    @available_if(_estimator_has("transform"))
    def transform(self, X):
        """Transform with the model of the last round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Returns
        -------
        Z : array-like of shape (n_samples, n_components)
            Transformed samples.
        """
        return self._checked(X).transform(X)

    @available_if(_estimator_has("get_feature_names_out"))
    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns that ``transform`` returns.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the columns of ``X``; None: those seen in ``fit``.

        Returns
        -------
        names : ndarray of str
            One per column.
        """
        check_is_fitted(self, "estimator_")
        return self.estimator_.get_feature_names_out(input_features)

    @available_if(_estimator_has("set_output"))
    def set_output(self, *, transform=None):
        """Set the container that ``transform`` returns.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None, default=None
            As of scikit-learn's transformers; None changes nothing.

        Returns
        -------
        self : object
            The learner, whose ``estimator`` and ``estimator_`` are set.
        """
        models = (self._parts()[0], *getattr(self, "estimators_", ()))
        for model in (*models, getattr(self, "estimator_", None)):
            if model is not None:
                model.set_output(transform=transform)
        return self

    @available_if(_estimator_has("score"))
    def score(self, X, y, sample_weight=None):
        """Return the score of the model of the last round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Test samples.
        y : array-like of shape (n_samples,)
            Their true labels or values.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        score : float
            Accuracy for classifiers, R^2 for regressors, or whatever the ``score`` of
            the estimator returns. With several labels per row, classifiers count the
            rows of which every label is right (subset accuracy).

        Raises
        ------
        ValueError
            If ``y`` holds missing labels.
        """
        check_is_fitted(self, "estimator_")
        answers = answers_of(self.estimator_, self.missing_label, y=y)
        missing = answers.missing(y)
        if missing.any():
            raise ValueError(
                f"{missing.sum()} of {len(missing)} rows to be scored have no label. "
                "Leave them out: an absent label is neither right nor wrong."
            )
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return self._checked(X).score(X, y, **weights)

    def _checked(self, X):
        """Return the model that answers, after a look at the shape of ``X``."""
        check_is_fitted(self, "estimator_")
        if getattr(X, "ndim", 2) >= 2:  # otherwise the model itself raises
            validate_data(self, shown(X), reset=False, skip_check_array=True)
        return self.estimator_

    def _expand(self, columns, fill):
        """Spread columns, one per class the model knows, over all ``classes_``."""
        known = getattr(self.estimator_, "classes_", None)
        if isinstance(known, list):  # of each column
            return spread_columns(columns, known, fill)
        every = getattr(self, "classes_", known)  # answers may be no classes
        if known is None or np.array_equal(known, every):
            return columns
        columns = np.asarray(columns)
        out = np.full((len(columns), len(self.classes_)), fill, dtype=columns.dtype)
        out[:, np.searchsorted(self.classes_, known)] = columns
        return out


class StagesMixin(PredictionsMixin):
    """Predictions of the model of every round."""

    @available_if(_keeps_estimators)
    def stages(self):
        """Return the learner as it stood after each round, the beginning first.

        Yields
        ------
        learner : ActiveLearner
            A fitted learner that predicts with the model of that round. Fitted
            attributes are cut to what was known then; models are shared, not copied.
        """
        check_is_fitted(self, "estimators_")
        whole = self.labeled_iter_
        asked = whole[self.queried_indices_]
        for k in range(len(self.estimators_)):
            if self.estimators_[k] is None:  # of before the journal was read
                self.estimators_[k] = fit_stage(self, self._run, k)
            stage = copy.copy(self)
            vars(stage).pop("labeled_iter_", None)
            stage._stage_of_ = whole, k
            stage.estimator_ = self.estimators_[k]
            stage.estimators_ = self.estimators_[: k + 1]
            stage.history_ = {key: v[: k + 1] for key, v in self.history_.items()}
            answered = np.flatnonzero((asked >= 0) & (asked <= k))
            n_queried = answered[-1] + 1 if len(answered) else 0
            stage.queried_indices_ = self.queried_indices_[:n_queried]
            stage.n_iter_ = k
            stage.cost_ = stage.history_["cost"][k]
            yield stage

    @cached_property
    def labeled_iter_(self):
        """The round in which a row was labeled: 0 the beginning, -1 never."""
        # Of a learner it is set; of a stage it is made when somebody looks.
        if "_stage_of_" not in vars(self):
            name = type(self).__name__
            raise AttributeError(f"{name!r} object has no attribute 'labeled_iter_'")
        whole, k = self._stage_of_
        return np.where(whole <= k, whole, -1)

    @available_if(_keeps_estimators)
    def staged_predict(self, X):
        """Predict with the model of each round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Yields
        ------
        y : ndarray of shape (n_samples,)
            Predictions after round 0, 1, ...
        """
        for stage in self.stages():
            yield stage.predict(X)

    @available_if(_keeps_estimators)
    def staged_predict_proba(self, X):
        """Predict class probabilities with the model of each round.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples.

        Yields
        ------
        proba : ndarray of shape (n_samples, n_classes)
            Class probabilities after round 0, 1, ...
        """
        for stage in self.stages():
            yield stage.predict_proba(X)

    @available_if(_keeps_estimators)
    def staged_score(self, X, y, sample_weight=None):
        """Return the score of the model of each round: the learning curve.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Test samples.
        y : array-like of shape (n_samples,)
            Their true labels or values.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Yields
        ------
        score : float
            Score after round 0, 1, ... with ``history_["n_labeled"]`` labels.
        """
        for stage in self.stages():
            yield stage.score(X, y, sample_weight=sample_weight)
