"""The model that predicts: one trained on virtual labels too, or the graph itself."""

from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skactive.deep.revival._nodes import vote
from skactive.deep.revival._task_model import as_task_model, fit_task_model
from skactive.deep.revival._virtual_labels import believed
from skactive.nets import NetClassifier
from skactive.utils import set_random_states
from skactive.utils._items import shown
from skactive.utils._rows import take_rows


def _can(name):
    def check(self):
        model = self._wanted_model()
        if model is not None:
            getattr(getattr(self, "estimator_", model), name)
        return True

    return check


class PredictingMixin(ClassifierMixin):
    """Predict by `estimator_`, or by the neighbors in the graph if it is None.

    A subclass has an embedding, a graph and virtual labels, and then calls `_trained`.
    """

    takes_columns = False

    def _fit_embedding(self, X, y, X_pool):
        if not isinstance(self.embedding, str) or self.embedding != "estimator":
            return super()._fit_embedding(X, y, X_pool)
        model = self._seeded_model()
        if not hasattr(model, "transform"):
            raise ValueError(
                'embedding="estimator" needs an estimator with transform; '
                f"{model!r} does not have one. Take a NetClassifier, or another "
                "embedding."
            )
        return fit_task_model(model, X, self.classes_[y], X_pool)

    def predict(self, X):
        """Return the most probable label of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels.
        """
        X = self._checked(X)
        if self.estimator_ is not None:
            return self.estimator_.predict(X)
        return self.classes_[self._vote(X).argmax(axis=1)]

    @available_if(_can("predict_proba"))
    def predict_proba(self, X):
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the kind that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            Rows sum to one; columns are in the order of ``classes_``. Of the graph:
            the average over the neighbors, weighted by the edges to them, uniform if
            there are none.
        """
        X = self._checked(X)
        if self.estimator_ is not None:
            return self.estimator_.predict_proba(X)
        return self._vote(X)

    def _checked(self, X):
        check_is_fitted(self)
        if getattr(X, "ndim", 2) != 1:  # for one axis, the model's error is better
            validate_data(self, shown(X), reset=False, skip_check_array=True)
        return X

    def _vote(self, X):
        edges = self.affinity_.transform(self._nodes(self._embed(X, "X")))
        return vote(edges, self._votes)

    def _wanted_model(self):
        if self.estimator is None and isinstance(self.embedding, str):
            return NetClassifier()
        return self.estimator

    def _seeded_model(self):
        model = as_task_model(self._wanted_model())
        if self._fit_seed is not None:
            set_random_states(model, self._fit_seed)
        return model

    def _trained(self, X, y, X_pool):
        """Return the model that predicts, or None."""
        if self._wanted_model() is None:
            return None
        model, labels = self._seeded_model(), self.classes_[y]
        trusted = self.reached_ & ~self.unstable_
        rows, winners, weights = believed(
            self.virtual_labels_, trusted, y, self.virtual_weight
        )
        if len(rows) == 0:
            return fit_task_model(model, X, labels, X_pool)
        X_virtual = take_rows(X_pool, self.subset_[rows])
        return fit_task_model(
            model, X, labels, X_virtual, self.classes_[winners], weights
        )
