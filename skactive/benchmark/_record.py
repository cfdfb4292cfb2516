"""What is remembered of a run: decisions and predictions, not only scores."""

import hashlib
import json
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer

FORMAT = 1


@dataclass
class RunRecord:
    """One strategy on one split of one data set.

    Rows are counted in the data set as it was given. Arrays of rounds have one entry
    per fitted model, round 0 first. All parameters are kept as attributes.

    Parameters
    ----------
    dataset, strategy : str
        Their names.
    seed : int
        Decides the split, the start and everything random.
    config : dict
        The whole configuration, as values that JSON can hold.
    config_hash : str
        Its fingerprint, and that of the data.
    versions : dict
        Of the libraries used.
    selected_by : str
        The strategy whose decisions these are.
    trained_by : str
        Whose model predicts: "estimator", or the name of a joint sampler.
    queried : ndarray of int
        Rows in the order in which they were asked for, the start first.
    validation : ndarray of int
        Rows whose labels were bought for validation.
    test : ndarray of int
        Rows of the test part; empty if the data set has one of its own.
    n_labeled : ndarray of int of shape (n_rounds,)
        Labels paid for, validation included.
    predictions : ndarray of shape (n_rounds, n_test)
        Class numbers (positions in ``classes``) or values, on the test part.
    probabilities : ndarray of float32 of shape (n_rounds, n_test, n_classes)
        Empty if the model has none.
    y_test : ndarray of shape (n_test,)
        The truth, coded as ``predictions`` are.
    classes : ndarray of shape (n_classes,)
        Class labels; empty for regressors.
    scores : ndarray of float of shape (n_rounds,)
        The score that the benchmark was asked for.
    validation_scores : ndarray of float
        The same on the validation part; empty if there is none.
    fit_time, query_time : ndarray of float of shape (n_rounds,)
        Seconds.

    See Also
    --------
    BenchmarkResult.select : Finds the runs of one strategy.

    Examples
    --------
    >>> from skactive.benchmark import benchmark_strategies
    >>> result = benchmark_strategies(
    ...     [], "iris", n_initial=6, batch_size=6, budget=12, seeds=1
    ... )
    >>> run = result.select("iris", "MarginSampling")[0]
    >>> run.n_labeled.tolist(), [len(rows) for rows in run.queried_by_round]
    ([6, 12, 18], [6, 6, 6])
    >>> run.score("neg_log_loss").shape
    (3,)
    """

    dataset: str
    strategy: str
    seed: int
    config: dict = field(repr=False)
    config_hash: str
    versions: dict = field(repr=False)
    selected_by: str
    trained_by: str
    queried: np.ndarray = field(repr=False)
    validation: np.ndarray = field(repr=False)
    test: np.ndarray = field(repr=False)
    n_labeled: np.ndarray = field(repr=False)
    predictions: np.ndarray = field(repr=False)
    probabilities: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    classes: np.ndarray = field(repr=False)
    scores: np.ndarray = field(repr=False)
    validation_scores: np.ndarray = field(repr=False)
    fit_time: np.ndarray = field(repr=False)
    query_time: np.ndarray = field(repr=False)

    def dump(self, file):
        """Write to a file, without pickle.

        Parameters
        ----------
        file : binary file object or path
            Where to write, in the format of :func:`numpy.savez_compressed`.
        """
        head, arrays = {"format": FORMAT}, {}
        for entry in fields(self):
            value = getattr(self, entry.name)
            (arrays if entry.type is np.ndarray else head)[entry.name] = value
        np.savez_compressed(file, head=json.dumps(head), **arrays)

    @classmethod
    def load(cls, head, arrays):
        """Read from the parts of a file.

        Parameters
        ----------
        head : dict
            Everything that is not an array, by name.
        arrays : mapping of str to ndarray
            The arrays by name.

        Returns
        -------
        record : RunRecord
            As it was before :meth:`dump`.
        """
        return cls(
            **{
                entry.name: arrays[entry.name]
                if entry.type is np.ndarray
                else head[entry.name]
                for entry in fields(cls)
            }
        )

    @property
    def kind(self):
        """What was fitted: "classifier" or "regressor"."""
        return "classifier" if len(self.classes) else "regressor"

    @property
    def queried_by_round(self):
        """List of arrays of rows: those of the start, of round 1, 2, ..."""
        ends = self.n_labeled - len(self.validation)
        return np.split(self.queried, ends[:-1])

    def score(self, scoring=None):
        """Return the scores of all rounds by another measure, from what is stored.

        Parameters
        ----------
        scoring : str or callable, default=None
            As in scikit-learn. None: the scores as they were taken.

        Returns
        -------
        scores : ndarray of float of shape (n_rounds,)
            One score per round.
        """
        if scoring is None:
            return self.scores
        scorer = get_scorer(scoring) if isinstance(scoring, str) else scoring
        y = self.classes[self.y_test] if len(self.classes) else self.y_test
        rows = np.arange(len(y)).reshape(-1, 1)
        models = (_StoredModel(self, k) for k in range(len(self.predictions)))
        return np.array([scorer(model, rows, y) for model in models])

    def decisions_equal(self, other):
        """Tell whether another record has the same decisions and predictions.

        Parameters
        ----------
        other : RunRecord
            What to compare with. Times and versions are not compared.

        Returns
        -------
        equal : bool
            Whether all are equal to the last bit.
        """
        names = ("queried", "validation", "test", "n_labeled", "predictions")
        names = (*names, "probabilities", "scores", "validation_scores")
        return all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in names
        )


class _StoredModel(BaseEstimator):
    """A model with stored predictions; its samples are positions of test rows."""

    def __init__(self, record, k):
        self.record, self.k = record, k

    @cached_property
    def classes_(self):
        return self.record.classes

    def fit(self, X, y=None):
        return self

    def predict(self, X):
        answers = self.record.predictions[self.k][np.ravel(X)]
        return self.classes_[answers] if len(self.classes_) else answers

    def predict_proba(self, X):
        if not self.record.probabilities.size:
            raise AttributeError(
                "The runs hold no probabilities: the model has no predict_proba."
            )
        return self.record.probabilities[self.k][np.ravel(X)]

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.estimator_type = self.record.kind
        return tags


def describe(part):
    """Return a part of a configuration as JSON values, the same in every process."""
    if hasattr(part, "get_params") and not isinstance(part, type):
        params = part.get_params(deep=False)
        return {
            "class": _qualified(type(part)),
            **{name: describe(value) for name, value in sorted(params.items())},
        }
    if isinstance(part, np.ndarray):
        return {"array": fingerprint(part)}
    if isinstance(part, dict):
        return {str(key): describe(value) for key, value in part.items()}
    if isinstance(part, (list, tuple, set, frozenset)):
        return [describe(value) for value in part]
    if callable(part):
        return _qualified(part) if hasattr(part, "__qualname__") else repr(part)
    if isinstance(part, np.generic):
        return part.item()
    plain = part is None or isinstance(part, (bool, int, float, str))
    return part if plain else repr(part)


def fingerprint(*arrays):
    """Return a short hash of arrays, data frames or sparse matrices."""
    digest = hashlib.sha256()
    for array in arrays:
        if sparse.issparse(array):
            parts = [array.data, array.indices, array.indptr]
        elif hasattr(array, "columns"):
            parts = [np.asarray(array[name]) for name in array.columns]
            digest.update(repr(list(array.columns)).encode())
        else:
            parts = [np.asarray(array)]
        for part in parts:
            digest.update(f"{part.dtype}{part.shape}".encode())
            if part.dtype.kind == "O":
                digest.update(repr(part.tolist()).encode())
            else:
                digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:16]


def hash_of(config):
    """Return a short hash of a configuration made of JSON values."""
    text = json.dumps(config, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _qualified(thing):
    return f"{thing.__module__}.{thing.__qualname__}"
