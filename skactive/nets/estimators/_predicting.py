"""Predictions of a fitted net: labels, probabilities, embeddings."""

import numpy as np
import torch
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skactive.nets._arrays import as_taken, takes_integers
from skactive.nets._input import check_input, check_pixels
from skactive.nets._seeded import seeded_torch
from skactive.nets.estimators._canvases import in_order


class NetPredictionsMixin(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """Predictions and embeddings of an estimator with a fitted ``net_``."""

    def predict(self, X):
        """Return the most probable label of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Labels.
        """
        return self._recipe.answer(self, self._outputs(X))

    def transform(self, X):
        """Return the embedding of each sample: what the last layer sees.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        Z : ndarray of float32 of shape (n_samples, n_columns)
            ``module.embed(X)``; for a module without it, the input of the last
            Linear layer that runs.

        Raises
        ------
        ValueError
            If the module has neither; the message lists its layers.
        """
        return in_order(self._asked_by_size(X, self._embeddings))

    def _outputs(self, X):
        return self._run(X, embedding=False)

    def _run(self, X, *, embedding):
        return self._asked(X, lambda X: self._batches(X, embedding=embedding))

    def _embeddings(self, X):
        # Outputs are not kept: maps of a detector are larger than its embedding.
        batches = self.net_.iterate(X, embedding=True)
        return torch.cat([Z.cpu() for _, Z in batches]).numpy()

    def _asked_by_size(self, X, ask):
        """Return pairs of positions in X, and what ``ask`` returns for these samples.

        One pair for each size of samples, where there may be several.
        """
        return [(slice(None), self._asked(X, ask))]

    def _asked(self, X, ask, shape=None):
        """Return what ``ask`` returns for checked samples, with torch seeded.

        A module may draw random numbers when it predicts: they are the same each time,
        and torch's generator is restored. Samples have a ``shape``, by default that of
        ``fit``.
        """
        check_is_fitted(self)
        X = check_input(self, X, reset=False, shape=shape, lazily=True)
        check_pixels(self, X)
        X = as_taken(self.net_.module_, X, "X", self._integers)
        with seeded_torch(self._predict_seed, self.net_.device):
            return ask(X)

    def _batches(self, X, *, embedding):
        batches = self.net_.iterate(X, embedding=embedding)
        if not embedding:
            return torch.cat([output.cpu() for output in batches])
        parts = [(output.cpu(), Z.cpu()) for output, Z in batches]
        return tuple(torch.cat(part) for part in zip(*parts))

    @property
    def _n_features_out(self):
        module, integers = self.net_.module_, self._integers
        integers = takes_integers(module) if integers is None else integers
        dtype = np.int64 if integers else np.float32
        X = np.zeros((1, *self.sample_shape_), dtype)
        with seeded_torch(self._predict_seed, self.net_.device):
            return self._batches(X, embedding=True)[1].shape[1]


class ClassPredictionsMixin(NetPredictionsMixin):
    """Further predictions of a net that classifies."""

    def predict_proba(self, X):
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            Rows sum to one; columns are in the order of ``classes_``.
        """
        outputs = self._outputs(X)
        return self.net_.probabilities(outputs).numpy()

    def decision_function(self, X):
        """Return the output of the module, before it becomes probabilities.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        logits : ndarray of shape (n_samples, n_classes) or (n_samples,)
            For two classes, the second column minus the first.
        """
        logits = self._outputs(X).double().numpy()
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict_with_embedding(self, X):
        """Return probabilities and embeddings in one pass over the samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Samples of the shape that ``fit`` was given.

        Returns
        -------
        proba : ndarray of float64 of shape (n_samples, n_classes)
            As from ``predict_proba``.
        Z : ndarray of float32 of shape (n_samples, n_columns)
            As from ``transform``.
        """
        outputs, Z = self._run(X, embedding=True)
        return self.net_.probabilities(outputs).numpy(), Z.numpy()
