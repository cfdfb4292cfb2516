"""The benchmark: every strategy on the same splits, starts and seeds."""

import sys
import traceback
from collections.abc import Mapping

from joblib.parallel import get_active_backend
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from skactive.benchmark._costs import check_cost
from skactive.benchmark._cut import with_cut
from skactive.benchmark._design import (
    check_size,
    checked_count,
    checked_seeds,
    spending,
)
from skactive.benchmark._menu import as_data, matching_names
from skactive.benchmark._model import default_scoring, model_of_each
from skactive.benchmark._names import named_strategies
from skactive.benchmark._result import BenchmarkResult
from skactive.benchmark._run import CHANCE_WITH_MODEL, OWN_MODEL, Task, execute
from skactive.benchmark._store import Busy, RunStore
from skactive.metrics._scoring import scorer_of
from skactive.utils._line import TimeLeft, bar
from skactive.utils._progress import run_line


def benchmark_strategies(
    strategies,
    datasets,
    estimator=None,
    *,
    n_initial=20,
    batch_size=10,
    budget=100,
    seeds=10,
    test_size=0.25,
    max_rows=None,
    validation=None,
    scoring=None,
    cost=None,
    n_jobs=None,
    store=None,
    verbose=False,
):
    """Compare strategies in pairs: same split, same start, same seeds.

    For every data set and seed all strategies share the split, the first labels and
    the seed of the model; only the rows they choose differ. Random sampling is always
    among them, and margin sampling where the model can be asked for probabilities.

    A joint sampler, a strategy that predicts by itself, is judged four ways: a clean
    copy of ``estimator`` trained on its decisions (the run that bears its name), its
    own model on these decisions, and both on the decisions of RandomSampling. So what
    its training gives and what its selection gives are told apart.

    Parameters
    ----------
    strategies : list or dict
        Strategies, or names of them ("margin", "CoreSet"); a dict gives names of your
        own, also to random and margin sampling, which then run under these alone.
    datasets : str, list or dict
        Names known to :func:`skactive.datasets.load_dataset`, or patterns of them
        (``"al_survey2021/*"``), or its Bunches; a dict from names to ``(X, y)``,
        Bunches or names. ``X`` and ``y`` are what a learner is fitted on: arrays,
        lists, data frames, sparse matrices of any format.
    estimator : estimator object, default=None
        The model to predict with. None: it follows the target, a logistic regression
        for classes and a ridge regression for values, on scaled features. Where many
        whole numbers may be either, there is a warning or an error.
    n_initial : int, default=20
        Labels to begin with, drawn at random.
    batch_size : int, default=10
        Labels per round.
    budget : int or float, default=100
        Labels to pay for after the beginning, those for validation included. With
        ``cost``, an amount in its unit, and any number above 0.
    seeds : int or list of int, default=10
        How many seeds, or which.
    test_size : float or int, default=0.25
        Share or number of rows to test on, where the data have no test part.
    max_rows : int, default=None
        How many rows of a data set are used at most, and of its own test part. Of
        larger ones they are drawn at random, once and for all seeds, and each class in
        proportion; rows keep their numbers in the data set. None: all rows.
    validation : int or float, default=None
        Rows of the pool, or their share of the budget, that are labeled for
        validation, drawn at random and **paid from the budget**. They are scored
        after every round and train nothing. None: no validation. With ``cost``, a
        number of rows.
    scoring : str or callable, default=None
        What is scored: the name of a scorer, or a ``scorer(estimator, X, y)``. None:
        "accuracy" for classifiers, "bounded_r2" for regressors
        (:func:`skactive.metrics.bounded_r2_score`).
    cost : callable, default=None
        ``cost(rows, X_rows, answers)`` returns what answers cost, one number per row,
        as ``cost`` of :class:`skactive.ActiveLearner`; ``rows`` are counted in the
        data set. Areas and curves can then be taken over costs, too. None: every
        answer costs 1.
    n_jobs : int, default=None
        How many runs are done at the same time, through joblib; all of its backends
        work, also dask and ray. The result does not depend on it.
    store : path, default=None
        Folder to which every finished run is written at once. A benchmark that was
        killed continues from there; a finished run is never repeated, even if several
        processes work on one store. None: nothing is written.
    verbose : bool, default=False
        Show a bar on the standard error: how many runs are done, the labels and the
        score of the last, the time left. As within :func:`skactive.progress`.

    Returns
    -------
    result : BenchmarkResult
        All runs. One that failed is in ``result.failures``, and the others continue.

    Raises
    ------
    ValueError
        If a name is unknown (the error lists those near), a data set is smaller than
        what is to be labeled or does not fit the model, or the store holds other runs
        under the same names.
    OSError
        If a run cannot be written. Those that were finished are kept.

    Notes
    -----
    Cost: the fits and queries of ``n_strategies * n_datasets * n_seeds`` learners.
    Memory: predictions and probabilities on the test part, for every round.

    References
    ----------
    .. [1] C. Lüth, T. Bungert, L. Klein and P. Jaeger. Navigating the pitfalls of
       active learning evaluation. NeurIPS 2023.

    Examples
    --------
    >>> from skactive.benchmark import benchmark_strategies
    >>> result = benchmark_strategies(
    ...     ["margin", "CoreSet"], "iris", n_initial=6, batch_size=6, budget=12, seeds=5
    ... )
    >>> result.strategies
    ['RandomSampling', 'MarginSampling', 'CoreSet']
    >>> result.areas()["iris"]["RandomSampling"].shape
    (5,)
    """
    if scoring is not None:
        scorer_of(scoring)
    check_cost(cost)
    design = {
        "n_initial": checked_count(n_initial, "n_initial"),
        "batch_size": checked_count(batch_size, "batch_size"),
        "test_size": test_size,
        **spending(budget, validation, cost),
    }
    seeds = checked_seeds(seeds)
    if max_rows is not None:
        max_rows = checked_count(max_rows, "max_rows")
    data = _datasets(datasets)
    for one in data:
        check_size(one, with_cut(design, one, max_rows))
    models = model_of_each(estimator, data)
    design["scoring"] = scoring or default_scoring(models, data)
    designs = [with_cut(design, one, max_rows) for one in data]
    in_columns = any(one.in_columns for one in data)
    named = named_strategies(strategies, models[data[0].name], in_columns=in_columns)
    chance = next(iter(named))
    runs = _Runs(_open_store(store, data, named), n_jobs, verbose)

    tasks = [
        Task(one, name, clone(strategy), models[one.name], seed, of_data, name)
        for one, of_data in zip(data, designs)
        for seed in seeds
        for name, strategy in named.items()
    ]
    records, failures = runs.do([(each, None) for each in tasks])
    more, more_failures = runs.do(list(_derived_tasks(tasks, records, chance)))
    records, failures = {**records, **more}, failures + more_failures
    order = {name: i for i, name in enumerate(named)}
    records = sorted(
        records.values(),
        key=lambda r: (order.get(r.strategy, len(order)), r.strategy, r.seed),
    )
    by_data = [r for one in data for r in records if r.dataset == one.name]
    return BenchmarkResult(by_data, failures, data={one.name: one for one in data})


def _open_store(store, data, named):
    """Return the store in a folder, with places for all that will run; None if none."""
    if store is None:
        return None
    store = RunStore(store)
    store.make_folders([one.name for one in data], named)
    return store


class _Runs:
    """Runs in parallel, each written as soon as it is done."""

    def __init__(self, store, n_jobs, verbose):
        self.store, self.n_jobs, self.verbose = store, n_jobs, verbose

    def do(self, todo):
        """Do pairs of a task and the record whose decisions it uses, or None."""
        with run_line(wanted=self.verbose) as write:
            if write and todo:  # what learners tell from now on is of one of its runs
                write(f"{bar(0)} [0/{len(todo)}]")
            return self._do(todo, write)

    def _do(self, todo, write):
        records, failures, waiting, n = {}, [], [], len(todo)
        time_left = TimeLeft()
        # First what no other process is doing, then wait for what others were doing.
        for wait in (False, True):
            for key, outcome in self._each(todo, wait):
                if isinstance(outcome, Busy):
                    waiting.append(key)
                elif isinstance(outcome, dict):
                    failures.append(outcome)
                else:
                    records |= {(r.dataset, r.strategy, r.seed): r for r in outcome}
                    n += len(outcome) - 1
                done = len(records) + len(failures)
                if write and not isinstance(outcome, Busy):
                    write(*_news(key, outcome, done, n, time_left(done / n)))
            todo = [pair for pair in todo if pair[0].key in waiting]
            if not todo:
                break
        return records, failures

    def _each(self, todo, wait):
        parallel = _parallel(self.n_jobs)
        share, shared = _sharing(), {}
        with threadpool_limits(1):  # for backends that share this process
            for task, _ in todo:
                if id(task.data) not in shared:
                    shared[id(task.data)] = share(task.data)
            yield from parallel(
                # The data apart: what is an argument and large goes to a worker once.
                delayed(_do)(
                    task.with_data(None),
                    shared[id(task.data)],
                    known,
                    self.store,
                    wait,
                )
                for task, known in todo
            )


def _news(key, outcome, done, n, time_left):
    """Return what became of a run, in words, and whether it must stay to be read."""
    name = f"{bar(done / n)} [{done}/{n}] {key[0]}, {key[1]}, seed {key[2]}: "
    if isinstance(outcome, dict):
        return f"{name}failed{time_left}", True
    n_labeled, score = outcome[0].n_labeled[-1], outcome[0].score()[-1]
    return f"{name}{n_labeled} labels, score {score:.3f}{time_left}", False


def _parallel(n_jobs):
    """Return what does runs and hands over each as it ends, if the backend can."""
    try:
        return Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    except ValueError:  # multiprocessing and ray hand over all at the end
        return Parallel(n_jobs=n_jobs)


def _sharing():
    """Return what brings data to the workers once: of ray alone that is our work."""
    backend, _ = get_active_backend()
    if type(backend).__module__.partition(".")[0] == "ray":
        return sys.modules["ray"].put
    return lambda data: data


def _do(task, data, decisions, store, wait):
    """Do one run, or find it in the store; return its key and its outcome."""
    if type(data).__module__.partition(".")[0] == "ray":
        data = sys.modules["ray"].get(data)
    task = task.with_data(data)
    if store is None:
        return task.key, _attempt(task, decisions)
    try:
        with store.claim(*task.key, wait=wait):
            record = store.find(*task.key, task.config_hash, task.config)
            if record is not None:
                return task.key, [record]
            outcome = _attempt(task, decisions)
            if isinstance(outcome, dict):
                store.write_failure(outcome)
            else:
                # Its own last: a run that was killed in between is done again.
                for record in reversed(outcome):
                    store.write(record)
            return task.key, outcome
    except Busy as busy:
        return task.key, busy


def _attempt(task, decisions):
    try:
        return execute(task, decisions)
    except Exception as error:  # one strategy must not end the runs of the others
        return {
            "dataset": task.data.name,
            "strategy": task.strategy,
            "seed": task.seed,
            "error": f"{type(error).__name__}: {error}",
            "traceback": traceback.format_exc(),
        }


def _derived_tasks(tasks, records, chance):
    """Yield what is missing of the other three corners of the 2 x 2 of joint samplers.

    The models of a sampler on its own decisions come with the run in which it selected,
    unless that run was found in a store without them.
    """
    for task in tasks:
        if not task.joint:
            continue
        own = OWN_MODEL.format(task.strategy)
        by_chance = CHANCE_WITH_MODEL.format(chance, task.strategy)
        for name, source in ((own, task.strategy), (by_chance, chance)):
            decisions = records.get((task.data.name, source, task.seed))
            derived = task.with_own_model(name, source)
            if decisions is not None and derived.key not in records:
                yield derived, decisions.without_predictions()


def _datasets(datasets):
    one = hasattr(datasets, "target") or hasattr(datasets, "task")  # a Bunch is a dict
    if isinstance(datasets, str) or one:
        datasets = [datasets]
    if isinstance(datasets, Mapping):
        data = [as_data(value, name) for name, value in datasets.items()]
    else:
        data = [
            as_data(one)
            for value in datasets
            for one in (matching_names(value) if isinstance(value, str) else [value])
        ]
    names = [one.name for one in data]
    if len(set(names)) < len(names):
        raise ValueError(
            f"Two data sets have the same name: {names}. Give a dict from names to "
            "data sets."
        )
    if not data:
        raise ValueError("There is no data set to run on.")
    return data
