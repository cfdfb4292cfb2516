"""What is remembered of a run: decisions and predictions, not only scores."""

import json
from copy import copy
from dataclasses import dataclass, field, fields

import numpy as np

from skactive.benchmark._describe import fingerprint, hash_of
from skactive.benchmark._replay import _StoredModel
from skactive.metrics._scoring import one_score, scorer_of

FORMAT = 1


def checksum(head, arrays):
    """Return a short hash of all that a file holds.

    Parameters
    ----------
    head : dict
        Everything that is not an array, by name; a checksum in it does not count.
    arrays : mapping of str to ndarray
        The arrays by name.

    Returns
    -------
    digest : str
        Sixteen hexadecimal digits.
    """
    words = {name: value for name, value in head.items() if name != "checksum"}
    hashes = {name: fingerprint(np.asarray(arrays[name])) for name in sorted(arrays)}
    return hash_of({"head": words, "arrays": hashes})


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
        Class numbers (positions in ``classes``) or values, on the test part. With
        several labels or values per row, (n_rounds, n_test, n_columns).
    probabilities : ndarray of float32 of shape (n_rounds, n_test, n_classes)
        Empty if the model has none. Of sets of labels, that of each label.
    y_test : ndarray of shape (n_test,) or (n_test, n_columns)
        The truth, coded as ``predictions`` are.
    classes : ndarray of shape (n_classes,)
        Class labels; empty for regressors, and for sets of labels.
    scores : ndarray of float of shape (n_rounds,)
        The score that the benchmark was asked for.
    validation_scores : ndarray of float
        The same on the validation part; empty if there is none.
    fit_time, query_time : ndarray of float of shape (n_rounds,)
        Seconds.

    Attributes
    ----------
    cost : ndarray of float of shape (n_rounds,)
        What the labels cost, validation included; empty where nothing says.

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
    cost: np.ndarray = field(
        default_factory=lambda: np.empty(0), init=False, repr=False
    )

    def with_cost(self, cost):
        """Return a copy that knows what its labels cost.

        Parameters
        ----------
        cost : array-like of float of shape (n_rounds,)
            As it is kept; empty where nothing says.

        Returns
        -------
        record : RunRecord
            The same run.
        """
        record = copy(self)
        record.cost = np.asarray(cost, dtype=float)
        return record

    def without_predictions(self):
        """Return a copy that holds the decisions, and is small.

        Returns
        -------
        record : RunRecord
            The same run, without what was predicted of the test part.
        """
        record, none = copy(self), np.empty(0)
        record.predictions = record.probabilities = record.y_test = none
        return record

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
        head["checksum"] = checksum(head, arrays)
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
        known = [entry for entry in fields(cls) if entry.init]
        record = cls(
            **{
                entry.name: arrays[entry.name]
                if entry.type is np.ndarray
                else head[entry.name]
                for entry in known
            }
        )
        return record.with_cost(arrays.get("cost", []))  # old stores have none

    @property
    def kind(self):
        """What was fitted: "classifier", "regressor", or None: masks or boxes."""
        if len(self.classes) or self.of_sets:
            return "classifier"
        return "regressor" if len(self.y_test) else None

    @property
    def of_sets(self):
        """Whether each row has a set of labels, 0 or 1 in each column."""
        return self.y_test.ndim == 2 and self.y_test.dtype.kind != "f"

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
            The name of a scorer, or a ``scorer(estimator, X, y)``. None: the scores as
            they were taken.

        Returns
        -------
        scores : ndarray of float of shape (n_rounds,)
            One score per round.
        """
        if scoring is None:
            return self.scores
        if self.kind is None:
            raise ValueError(
                f"{self.dataset}: predictions of masks and boxes are not stored, so "
                "that they cannot be scored again. Run the benchmark with this scoring."
            )
        scorer = scorer_of(scoring)
        y = self.classes[self.y_test] if len(self.classes) else self.y_test
        rows = np.arange(len(y)).reshape(-1, 1)
        models = (_StoredModel(self, k) for k in range(len(self.predictions)))
        return np.array([one_score(scorer, model, rows, y) for model in models])

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
        names = (*names, "probabilities", "scores", "validation_scores", "cost")
        return all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in names
        )
