"""One run: one strategy, one split, one seed; and what is made of its decisions."""

from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from skactive import ActiveLearner, QueryStrategy
from skactive.benchmark._costs import cost_in_pool, cost_of_validation
from skactive.benchmark._cut import drawn_rows
from skactive.benchmark._describe import describe, hash_of, n_bytes
from skactive.benchmark._predicted import predicted
from skactive.benchmark._record import RunRecord
from skactive.benchmark._versions import MADE_BY, versions
from skactive.learner._lending import lend_settings
from skactive.learner._run import Seeds
from skactive.metrics._scoring import one_score, scorer_of
from skactive.stopping import StoppingCriterion
from skactive.utils import fit_with_pool, seeded_clone
from skactive.utils._dense_answers import kind_of
from skactive.utils._rows import take_rows

# A joint sampler is judged four ways: its training or the plain one, on its decisions
# or on those of random sampling.
OWN_MODEL = "{} (its own model)"
CHANCE_WITH_MODEL = "{} (model of {})"


@dataclass
class Task:
    """What one run needs. Runs with the same seed differ in nothing but the strategy.

    Attributes
    ----------
    data : Data
        The samples.
    strategy : str
        Name of the run.
    selector : QueryStrategy or None
        The strategy that selects. None: the decisions are those of ``selected_by``.
    model : estimator object
        The model that predicts.
    seed : int
        Decides everything that is random.
    design : dict
        ``n_initial``, ``batch_size``, ``budget``, ``test_size``, ``n_validation`` and
        ``scoring``; ``cost``, where answers have prices, and ``max_rows``, where not
        all rows are used.
    selected_by, trained_by : str
        Names of the two.
    lender : estimator object or None
        The net whose settings a sampler takes that trains one of its own.
    """

    data: Any
    strategy: str
    selector: Any
    model: Any
    seed: int
    design: dict
    selected_by: str
    trained_by: str = "estimator"
    lender: Any = None
    config: dict = field(init=False, repr=False)
    config_hash: str = field(init=False)

    def __post_init__(self):
        self.config = {
            "dataset": self.data.name,
            "fingerprint": self.data.fingerprint,
            "strategy": describe(self.selector),
            "estimator": describe(self.model),
            "selected_by": self.selected_by,
            "trained_by": self.trained_by,
            "seed": self.seed,
            **{key: describe(value) for key, value in self.design.items()},
        }
        only_tested = getattr(self.data, "only_tested", [])
        if only_tested and is_classifier(self.model):
            # Runs of a time when these were stored as others are not taken for these.
            self.config["only_tested"] = describe(only_tested)
        made_by = {name: versions()[name] for name in MADE_BY}
        self.config_hash = hash_of({**self.config, **made_by})

    @property
    def key(self):
        """Name of the run in a store."""
        return self.data.name, self.strategy, self.seed

    @property
    def joint(self):
        """Whether the selector trains a model that predicts."""
        return hasattr(self.selector, "predict")

    def with_data(self, data):
        """Return the same task with its data beside it, or None: they go apart."""
        task = copy(self)
        task.data = data
        return task

    def with_own_model(self, name, selected_by):
        """Return the task of training the selector itself on decisions."""
        return Task(
            self.data,
            name,
            None,
            self.selector,
            self.seed,
            self.design,
            selected_by=selected_by,
            trained_by=self.strategy,
            lender=self.model if isinstance(self.selector, QueryStrategy) else None,
        )


@dataclass
class Data:
    """Samples, labels and, where there is one, the official test part."""

    name: str
    X: Any
    y: np.ndarray
    fingerprint: str
    X_test: Any = None
    y_test: Any = None
    #: "classification" or "regression", where whoever gave the data said so.
    task: str | None = None

    def __sizeof__(self):
        # By this dask decides what is worth sending to a worker once for all its tasks.
        parts = (self.X, self.y, self.X_test, self.y_test)
        return object.__sizeof__(self) + sum(map(n_bytes, parts))

    @property
    def dense(self):
        """Whether answers are masks or boxes."""
        return kind_of(self.y) is not None

    @property
    def in_columns(self):
        """Whether each row has several labels, or several numbers."""
        return not self.dense and self.y.ndim == 2

    @property
    def only_tested(self):
        """Classes that are in the official test part alone, for a model of classes."""
        if self.y_test is None or self.dense or self.y_test.dtype.kind == "f":
            return []
        return np.setdiff1d(self.y_test, self.y).tolist()


@dataclass
class Split:
    """The rows of one seed: to choose from, for validation, to be tested on."""

    pool: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    X_test: Any
    y_test: np.ndarray


def split(data, model, seed, design):
    """Return the split of a seed: the same for every strategy."""
    rows = drawn_rows(data.y, max_rows := design.get("max_rows"))
    test = np.array([], dtype=np.intp)
    X_test, y_test = data.X_test, data.y_test
    if X_test is not None:
        tested = drawn_rows(y_test, max_rows)
        if len(tested) < len(y_test):
            X_test, y_test = take_rows(X_test, tested), y_test[tested]
    else:
        # The test part is stratified by class; the pool is what a user would have.
        stratify = None
        # A joint sampler without a net of its own passes for a classifier.
        classes = is_classifier(model) and not data.dense and not data.in_columns
        if classes and np.unique_counts(data.y[rows]).counts.min() > 1:
            stratify = data.y[rows]
        try:
            rows, test = train_test_split(
                rows,
                test_size=design["test_size"],
                random_state=seed,
                stratify=stratify,
            )
        except ValueError:  # fewer test rows than classes
            rows, test = train_test_split(
                rows, test_size=design["test_size"], random_state=seed
            )
        X_test, y_test = take_rows(data.X, test), data.y[test]
    n_validation = design["n_validation"]
    # Labels for validation are labels: drawn from the pool, at random, and paid for.
    drawn = np.random.RandomState(seed).permutation(len(rows))
    validation = rows[drawn[:n_validation]]
    pool = np.delete(rows, drawn[:n_validation])
    return Split(pool, validation, test, X_test, y_test)


def execute(task, decisions=None):
    """Do a run, or use the ``decisions`` of another one, and return its records.

    The first record is that of the task. A joint sampler has a second one, of the
    models that it trained in order to select.
    """
    with threadpool_limits(1):  # the number of threads moves the last bits of a product
        rows = split(task.data, task.model, task.seed, task.design)
        X, y = take_rows(task.data.X, rows.pool), task.data.y[rows.pool]
        if decisions is None:
            return _select(task, rows, X, y)
        return [_retrain(task, rows, X, y, decisions)]


class Remember(StoppingCriterion):
    """Keeps the fitted strategy of each round; never ends a run."""

    def __init__(self):
        self.strategies = []

    def __sklearn_clone__(self):
        return self  # the caller reads what the learner updates

    def update(self, learner, **seen):
        if learner.n_iter_ > 0:
            self.strategies.append(learner.strategy_)
        return False


def _select(task, rows, X, y):
    design, cost = task.design, task.design.get("cost")
    X_val, y_val = take_rows(task.data.X, rows.validation), task.data.y[rows.validation]
    paid = cost_of_validation(cost, rows.validation, X_val, y_val, design["budget"])
    remember = Remember()
    learner = ActiveLearner(
        task.model,
        task.selector,
        n_initial=design["n_initial"],
        batch_size=design["batch_size"],
        budget=design["budget"] - paid,
        cost=cost_in_pool(cost, rows.pool),
        stopping=remember if task.joint else None,
        random_state=task.seed,
    ).fit(X, y)
    found = {
        "queried": learner.queried_indices_,
        "n_labeled": learner.history_["n_labeled"],
        "fit_time": learner.history_["fit_time"],
        "query_time": learner.history_["query_time"],
        "cost": [] if cost is None else np.add(learner.history_["cost"], paid),
    }
    records = [_record(task, rows, models=list(learner.stages()), **found)]
    if task.joint:
        own = task.with_own_model(OWN_MODEL.format(task.strategy), task.strategy)
        last = _trained(own, X, y, np.flatnonzero(learner.labeled_mask_))
        found["fit_time"] = found["query_time"] = np.zeros(len(found["n_labeled"]))
        records.append(_record(own, rows, models=[*remember.strategies, last], **found))
    return records


def _retrain(task, rows, X, y, decisions):
    """Fit a model on the labeled sets of another run, round by round."""
    position = {row: i for i, row in enumerate(rows.pool)}
    queried = np.array([position[row] for row in decisions.queried])
    n_labeled = decisions.n_labeled - len(decisions.validation)
    # In the order of the rows, as the learner has them.
    models = [_trained(task, X, y, np.sort(queried[:n])) for n in n_labeled]
    return _record(
        task,
        rows,
        models=models,
        queried=queried,
        n_labeled=n_labeled,
        fit_time=np.zeros(len(models)),
        query_time=np.zeros(len(models)),
        cost=decisions.cost,
    )


def _trained(task, X, y, labeled):
    """Return the model of a task, trained on some rows, with the others as its pool."""
    seed = task.seed
    if isinstance(task.model, QueryStrategy):  # as the learner seeds what selects
        seed = Seeds(task.seed).of("strategy", len(labeled))
    pool = np.delete(np.arange(len(y)), labeled)
    X_pool = take_rows(X, pool) if len(pool) else None
    model = seeded_clone(task.model, seed)
    if task.lender is not None:
        lend_settings(model, task.lender)
    return fit_with_pool(model, take_rows(X, labeled), y[labeled], X_pool)


def _record(task, rows, *, models, queried, n_labeled, fit_time, query_time, cost):
    scorer = scorer_of(task.design["scoring"])
    X_val = take_rows(task.data.X, rows.validation)
    y_val = task.data.y[rows.validation]
    scores, validation_scores = [], []
    for model in models:
        scores.append(one_score(scorer, model, rows.X_test, rows.y_test))
        if len(y_val):
            validation_scores.append(one_score(scorer, model, X_val, y_val))
    record = RunRecord(
        dataset=task.data.name,
        strategy=task.strategy,
        seed=task.seed,
        config=task.config,
        config_hash=task.config_hash,
        versions=versions(),
        selected_by=task.selected_by,
        trained_by=task.trained_by,
        queried=rows.pool[queried],
        validation=rows.validation,
        test=rows.test,
        n_labeled=np.asarray(n_labeled) + len(rows.validation),
        **predicted(task, rows, models),
        scores=np.array(scores, dtype=float),
        validation_scores=np.array(validation_scores, dtype=float),
        fit_time=np.asarray(fit_time, dtype=float),
        query_time=np.asarray(query_time, dtype=float),
    )
    return record.with_cost(cost)
