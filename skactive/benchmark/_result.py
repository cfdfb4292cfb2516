"""What a benchmark found, and how sure that is."""

from pathlib import Path

import numpy as np
from sklearn.metrics import get_scorer_names

from skactive.benchmark._menu import as_data
from skactive.benchmark._names import MARGIN, name_of_chance
from skactive.benchmark._record import describe
from skactive.benchmark._run import Task, execute
from skactive.benchmark._shown import ShownResult
from skactive.benchmark._store import RunStore
from skactive.metrics import (
    area_under_learning_curve,
    critical_difference_ranks,
    paired_difference,
    pairwise_penalty_matrix,
)
from skactive.metrics._scoring import own_score, scorer_of, scoring_name

DESIGN = ("n_initial", "batch_size", "budget", "test_size", "n_validation")


class BenchmarkResult(ShownResult):
    """All runs of a benchmark, and what follows from them.

    Everything is computed from the decisions and predictions in the runs: another
    metric needs no second run, and another model needs no second selection.

    Parameters
    ----------
    runs : list of RunRecord
        The finished runs.
    failures : list of dict, default=()
        Runs that failed: "dataset", "strategy", "seed", "error", "traceback".
    data : dict, default=None
        The data sets by name, for :meth:`rescore`. None: loaded by name when needed.

    Attributes
    ----------
    datasets : list of str
        Names of the data sets, in the order of the runs.
    strategies : list of str
        Names of the strategies, in the order of the runs.
    chance : str or None
        What random sampling is called in these runs; None if it is not among them.

    See Also
    --------
    benchmark_strategies : Makes the runs.

    Examples
    --------
    >>> from skactive.benchmark import benchmark_strategies
    >>> result = benchmark_strategies(
    ...     [], "iris", n_initial=6, batch_size=6, budget=18, seeds=5
    ... )
    >>> result.differences()["iris"]["MarginSampling"].n
    5
    """

    def __init__(self, runs, failures=(), data=None):
        self.runs = list(runs)
        self.failures = list(failures)
        self.data = data
        self._runs_of = {}
        for run in sorted(self.runs, key=lambda run: run.seed):
            by_seed = self._runs_of.setdefault((run.dataset, run.strategy), {})
            by_seed[run.seed] = run
        self.datasets = list(dict.fromkeys(run.dataset for run in self.runs))
        self.strategies = list(dict.fromkeys(run.strategy for run in self.runs))
        self.chance = name_of_chance(self.runs)

    @classmethod
    def load(cls, store, data=None):
        """Read all runs of a store.

        Parameters
        ----------
        store : path
            The folder that was given to :func:`benchmark_strategies`.
        data : dict, default=None
            Data sets by name, where they cannot be loaded by name.

        Returns
        -------
        result : BenchmarkResult
            The runs in it: random, margin, then the others in alphabetical order.

        Raises
        ------
        ValueError
            If there is no store, or it holds no run.
        """
        if not Path(store).is_dir():
            raise ValueError(f"There is no store at {str(store)!r}.")
        folder = RunStore(store)
        runs, failures = list(folder), list(folder.failures())
        if not runs and not failures:
            raise ValueError(f"The store {str(store)!r} holds no run.")
        first = {name_of_chance(runs): 0, MARGIN: 1}
        runs.sort(
            key=lambda r: (r.dataset, first.get(r.strategy, 2), r.strategy, r.seed)
        )
        return cls(runs, failures, data)

    def curve(self, dataset, strategy, *, scoring=None):
        """Return the learning curves of one strategy on one data set.

        Parameters
        ----------
        dataset, strategy : str
            Their names.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.

        Returns
        -------
        n_labeled : ndarray of int of shape (n_seeds, n_rounds)
            Labels paid for. Rounds that not every seed has are left out.
        scores : ndarray of float of shape (n_seeds, n_rounds)
            Scores on the test part.
        """
        return self._curve(dataset, strategy, scoring)

    def _curve(self, dataset, strategy, scoring, seeds=None):
        by_seed = self.select(dataset, strategy)
        if not by_seed:
            raise ValueError(self._nothing_of(dataset, strategy))
        runs = [by_seed[seed] for seed in (seeds or by_seed)]
        n_rounds = min(len(run.n_labeled) for run in runs)
        n_labeled = np.array([run.n_labeled[:n_rounds] for run in runs])
        return n_labeled, np.array([run.score(scoring)[:n_rounds] for run in runs])

    def areas(self, *, scoring=None, scale="linear"):
        """Return the areas under the learning curves, one per seed.

        Each strategy has the areas of its own seeds, those of :meth:`select`; compare
        means of them over :meth:`shared_seeds` only.

        Parameters
        ----------
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts.

        Returns
        -------
        areas : dict of dict of ndarray of shape (n_seeds,)
            By data set and strategy; normalized by the range of the counts.
        """
        return {
            dataset: {
                strategy: np.array(
                    [
                        area_under_learning_curve(
                            run.n_labeled, run.score(scoring), scale=scale
                        )
                        for run in self.select(dataset, strategy).values()
                    ]
                )
                for strategy in self.strategies
                if self.select(dataset, strategy)
            }
            for dataset in self.datasets
        }

    def differences(self, baseline=None, *, scoring=None, scale="linear"):
        """Compare the areas of every strategy with a baseline, seed by seed.

        Parameters
        ----------
        baseline : str, default=None
            Name of the strategy to compare with. None: random sampling, whatever it
            is called here; without it there are no differences.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts.

        Returns
        -------
        differences : dict of dict of PairedDifference
            By data set and strategy, over the seeds that both have; see
            :func:`skactive.metrics.paired_difference`.

        Raises
        ------
        ValueError
            If there is no strategy of the name.
        """
        if baseline is not None and baseline not in self.strategies:
            raise ValueError(self._nothing_of(strategy=baseline))
        baseline = self.chance if baseline is None else baseline
        out = {}
        areas = self.areas(scoring=scoring, scale=scale)
        for dataset, by_strategy in areas.items():
            out[dataset] = {}
            base = dict(
                zip(self.select(dataset, baseline), by_strategy.get(baseline, []))
            )
            for strategy, values in by_strategy.items():
                own = dict(zip(self.select(dataset, strategy), values))
                seeds = [seed for seed in own if seed in base]
                if strategy != baseline and seeds:
                    out[dataset][strategy] = paired_difference(
                        [own[seed] for seed in seeds], [base[seed] for seed in seeds]
                    )
        return out

    def penalty_matrix(self, *, scoring=None, alpha=0.05, correction=None):
        """Count how often each strategy beats each other, over rounds and data sets.

        Parameters
        ----------
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        alpha : float, default=0.05
            Level of the paired t-tests.
        correction : {"holm"} or None, default=None
            Correction for the number of tests.

        Returns
        -------
        matrix : ndarray of shape (n_strategies, n_strategies)
            Entry (i, j): in what share of the rounds i beats j, summed over data
            sets; round 0, which all share, never counts. See
            :func:`skactive.metrics.pairwise_penalty_matrix`.

        Raises
        ------
        ValueError
            If there is no data set with runs of all strategies, or they share fewer
            than five seeds on one.

        Warns
        -----
        UserWarning
            Where the strategies share no seed of a data set, which is left out.
        """
        return pairwise_penalty_matrix(
            self._paired_scores(scoring), alpha=alpha, correction=correction
        )

    def ranks(self, *, scoring=None, scale="linear"):
        """Rank the strategies by area over the data sets, and test the differences.

        Parameters
        ----------
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts.

        Returns
        -------
        ranks : CriticalDifferenceRanks
            See :func:`skactive.metrics.critical_difference_ranks`; it needs five data
            sets or more. Means are taken over the seeds that all strategies share, see
            :meth:`shared_seeds`.

        Raises
        ------
        ValueError
            If fewer than five data sets have runs of all strategies that share a seed.

        Warns
        -----
        UserWarning
            Where the strategies share no seed of a data set, which is left out.
        """
        datasets = self._paired_datasets("ranks", warn=True)
        areas = self.areas(scoring=scoring, scale=scale)
        means = [
            [
                self._over_shared(dataset, name, areas[dataset][name]).mean()
                for name in self.strategies
            ]
            for dataset in datasets
        ]
        return critical_difference_ranks(np.array(means))

    def rescore(self, estimator, *, scoring=None):
        """Train another model on the decisions, without selecting again.

        Parameters
        ----------
        estimator : estimator object
            Fitted anew on the labeled rows of every round of every run.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored, if that has a name.

        Returns
        -------
        result : BenchmarkResult
            The same decisions, judged by the other model.

        Raises
        ------
        ValueError
            If the data are not those of the runs, or ``scoring`` is needed.
        """
        runs = []
        if scoring is not None:
            scorer_of(scoring)
        for run in self.runs:
            data = self._data_of(run)
            design = {name: run.config[name] for name in DESIGN}
            design["scoring"] = scoring or _named_scoring(run)
            names = run.strategy, None, estimator, run.seed, design, run.selected_by
            runs += execute(Task(data, *names), run)
        return BenchmarkResult(runs, self.failures, self.data)

    def __repr__(self):
        return (
            f"BenchmarkResult({len(self.runs)} runs: {len(self.strategies)} strategies "
            f"on {len(self.datasets)} data sets, {len(self.failures)} failed)"
        )

    def _paired_scores(self, scoring):
        """Return one array (n_strategies, n_seeds, n_rounds) per data set."""
        arrays = []
        for dataset in self._paired_datasets("penalties", warn=True):
            seeds = self.shared_seeds(dataset)
            curves = [
                self._curve(dataset, s, scoring, seeds)[1] for s in self.strategies
            ]
            n_rounds = min(curve.shape[1] for curve in curves)
            arrays.append(np.array([curve[:, :n_rounds] for curve in curves]))
        return arrays

    def _data_of(self, run):
        name = run.dataset
        remedy = "Pass the right ones to BenchmarkResult.load(store, data={...})."
        try:
            data = as_data((self.data or {}).get(name, name), name)
        except (ValueError, OSError) as error:
            if name in (self.data or {}):
                raise
            raise ValueError(
                f"The data called {name!r} cannot be loaded by name: {error} {remedy}"
            ) from error
        if data.fingerprint != run.config["fingerprint"]:
            raise ValueError(
                f"The data called {name!r} are not those of the runs, or they were "
                f"stored by a version that knew them by another hash. {remedy}"
            )
        return data


def _named_scoring(run):
    """Return what a run scored, if that has a name, or ask for the scorer itself."""
    scoring = run.config["scoring"]
    if scoring == describe(own_score):  # what masks and boxes are scored by
        return own_score
    if isinstance(scoring, str) and scoring in get_scorer_names():
        return scoring
    raise ValueError(
        f"The runs were scored by {scoring_name(scoring)}, which cannot be found by "
        "its name. Pass it to rescore as scoring=."
    )
