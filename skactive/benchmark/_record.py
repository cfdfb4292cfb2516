"""What is remembered of a run: decisions and predictions, not only scores."""

import hashlib
import json
import re
from dataclasses import dataclass, field, fields
from functools import partial

import numpy as np
from scipy import sparse

from skactive.benchmark._replay import _StoredModel
from skactive.metrics._scoring import one_score, scorer_of
from skactive.utils._fingerprint import hash_of_arrays

FORMAT = 1

# Where an object lies, in its repr().
ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


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
        """What was fitted: "classifier", "regressor", or None: masks or boxes."""
        if len(self.classes):
            return "classifier"
        return "regressor" if len(self.y_test) else None

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
        names = (*names, "probabilities", "scores", "validation_scores")
        return all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in names
        )


def describe(part):
    """Return a part of a configuration in words that are the same in every process.

    What decides a run is in the words, and where an object lies in memory is not.
    """
    return _describe(part, ())


def _describe(part, inside):
    """Describe a part; ``inside`` are the ids of the parts that it is a part of."""
    if part is None or isinstance(part, (bool, int, float, str)):
        return part
    if id(part) in inside:
        return f"{_qualified(type(part))} (within itself)"
    inside = (*inside, id(part))
    if hasattr(part, "get_params") and not isinstance(part, type):
        params = part.get_params(deep=False)
        return {"class": _qualified(type(part)), **_by_name(params, inside)}
    if isinstance(part, np.generic):
        return part.item()
    if isinstance(part, dict):
        return {str(key): _describe(value, inside) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_describe(value, inside) for value in part]
    if isinstance(part, (set, frozenset)):  # in an order that hashes of strings give
        return sorted((_describe(value, inside) for value in part), key=repr)
    if _is_array(part):
        return {"array": fingerprint(part)}
    if isinstance(part, (np.random.RandomState, np.random.Generator)):
        return _describe_generator(part)
    if callable(part) and hasattr(part, "__qualname__"):
        return _describe_function(part, inside)
    return _describe_object(part, inside)


def _by_name(params, inside):
    return {name: _describe(value, inside) for name, value in sorted(params.items())}


def _is_array(part):
    """Tell what repr() shortens: arrays, tensors, frames and sparse matrices."""
    if isinstance(part, type):
        return False
    return sparse.issparse(part) or hasattr(part, "__array__")


def _describe_generator(part):
    """Describe a source of random numbers by where it stands."""
    if part is np.random.mtrand._rand:
        return "numpy.random"
    bits = getattr(part, "bit_generator", None)
    state = part.get_state(legacy=False) if bits is None else bits.state
    return {"class": _qualified(type(part)), "state": hash_of(_describe(state, ()))}


def _describe_function(part, inside):
    """Describe a function by its name, and by its code where the name is not enough."""
    owner = getattr(part, "__self__", None)
    if owner is not None and not isinstance(owner, (type, type(re))):
        name = f"{_qualified(type(owner))}.{part.__name__}"
        return {"method": name, "of": _describe(owner, inside)}
    name, code = _qualified(part), getattr(part, "__code__", None)
    if code is None or "<" not in part.__qualname__:
        return name
    cells = part.__closure__ or ()
    known = [_describe(_content(cell), inside) for cell in cells]
    defaults = [part.__defaults__, part.__kwdefaults__]
    words = [_describe_code(code), known, _describe(defaults, inside)]
    return {"function": name, "code": hash_of(words)}


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # a name that is not bound yet
        return None


def _describe_code(code):
    """Describe what a function does; where it stands in its file does not matter."""
    constants = [
        _describe_code(each) if hasattr(each, "co_code") else _describe(each, ())
        for each in code.co_consts
    ]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames)]


def _describe_object(part, inside):
    """Describe what has no parameters to be asked for."""
    if isinstance(part, partial):
        return {
            "partial": _describe(part.func, inside),
            "args": _describe(part.args, inside),
            "keywords": _describe(part.keywords, inside),
        }
    if hasattr(part, "dist") and hasattr(part, "kwds"):  # a distribution of scipy
        name = _qualified(type(part.dist))
        return {"class": name, **_by_name({"args": part.args, **part.kwds}, inside)}
    text = repr(part)
    if not ADDRESS.search(text):
        return text
    if hasattr(part, "__dict__"):
        return {"class": _qualified(type(part)), **_by_name(vars(part), inside)}
    return ADDRESS.sub("", text)


def fingerprint(*arrays):
    """Return a short hash of arrays, data frames or sparse matrices."""
    return hash_of_arrays(arrays, describe)


def hash_of(config):
    """Return a short hash of a configuration made of JSON values."""
    text = json.dumps(config, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _qualified(thing):
    return f"{thing.__module__}.{thing.__qualname__}"
