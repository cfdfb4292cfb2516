"""What a benchmark found, and how sure that is."""

from pathlib import Path

import numpy as np

from skactive.benchmark._menu import as_data
from skactive.benchmark._run import Task, execute
from skactive.benchmark._store import RunStore
from skactive.inspection import (
    CriticalDifferenceDisplay,
    LearningCurveDisplay,
    PenaltyMatrixDisplay,
)
from skactive.metrics import (
    area_under_learning_curve,
    critical_difference_ranks,
    paired_difference,
    pairwise_penalty_matrix,
)

BASELINE = "RandomSampling"
DESIGN = ("n_initial", "batch_size", "budget", "test_size", "n_validation")


class BenchmarkResult:
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
        first = {BASELINE: 0, "MarginSampling": 1}
        runs.sort(
            key=lambda r: (r.dataset, first.get(r.strategy, 2), r.strategy, r.seed)
        )
        return cls(runs, failures, data)

    def select(self, dataset, strategy):
        """Return the runs of one strategy on one data set, by seed.

        Parameters
        ----------
        dataset, strategy : str
            Their names.

        Returns
        -------
        runs : dict of int to RunRecord
            The finished ones, in the order of their seeds.
        """
        return self._runs_of.get((dataset, strategy), {})

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
        runs = self.select(dataset, strategy).values()
        n_rounds = min(len(run.n_labeled) for run in runs)
        n_labeled = np.array([run.n_labeled[:n_rounds] for run in runs])
        return n_labeled, np.array([run.score(scoring)[:n_rounds] for run in runs])

    def areas(self, *, scoring=None, scale="linear"):
        """Return the areas under the learning curves, one per seed.

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

    def differences(self, baseline=BASELINE, *, scoring=None, scale="linear"):
        """Compare the areas of every strategy with a baseline, seed by seed.

        Parameters
        ----------
        baseline : str, default="RandomSampling"
            Name of the strategy to compare with.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts.

        Returns
        -------
        differences : dict of dict of PairedDifference
            By data set and strategy, over the seeds that both have; see
            :func:`skactive.metrics.paired_difference`.
        """
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
            sets or more.
        """
        areas = self.areas(scoring=scoring, scale=scale)
        means = [
            [areas[dataset][strategy].mean() for strategy in self.strategies]
            for dataset in self._complete_datasets()
        ]
        return critical_difference_ranks(np.array(means))

    def rescore(self, estimator, *, scoring=None):
        """Train another model on the decisions, without selecting again.

        Parameters
        ----------
        estimator : estimator object
            Fitted from scratch on the labeled rows of every round of every run.
        scoring : str, default=None
            What is scored. None: what the benchmark scored.

        Returns
        -------
        result : BenchmarkResult
            The same decisions, judged by the other model.

        Raises
        ------
        ValueError
            If the data are not those of the runs.
        """
        runs = []
        for run in self.runs:
            data = self._data_of(run)
            design = {name: run.config[name] for name in DESIGN}
            design["scoring"] = scoring or run.config["scoring"]
            names = run.strategy, None, estimator, run.seed, design, run.selected_by
            runs += execute(Task(data, *names), run)
        return BenchmarkResult(runs, self.failures, self.data)

    def curves(self, dataset, *, scoring=None):
        """Return the learning curves on one data set as a display.

        Parameters
        ----------
        dataset : str
            Name of the data set.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.

        Returns
        -------
        display : LearningCurveDisplay
            Not drawn yet.
        """
        names = [s for s in self.strategies if self.select(dataset, s)]
        curves = [self.curve(dataset, name, scoring=scoring) for name in names]
        first = next(iter(self.select(dataset, names[0]).values()))
        name = scoring or first.config["scoring"]
        return LearningCurveDisplay(
            n_labeled=[np.median(n, axis=0) for n, _ in curves],
            scores=[scores for _, scores in curves],
            names=names,
            score_name=str(name).replace("_", " "),
        )

    def penalties(self, **kwargs):
        """Return the penalty matrix as a display.

        Parameters
        ----------
        **kwargs : dict
            Passed to :meth:`penalty_matrix`.

        Returns
        -------
        display : PenaltyMatrixDisplay
            Not drawn yet.
        """
        return PenaltyMatrixDisplay(
            matrix=self.penalty_matrix(**kwargs), names=self.strategies
        )

    def critical_differences(self, **kwargs):
        """Return the ranks as a display.

        Parameters
        ----------
        **kwargs : dict
            Passed to :meth:`ranks`.

        Returns
        -------
        display : CriticalDifferenceDisplay
            Not drawn yet.
        """
        return CriticalDifferenceDisplay.from_ranks(
            self.ranks(**kwargs), names=self.strategies
        )

    def report(self, folder=None, *, scoring=None):
        """Return the report card, and write it with its pictures.

        Parameters
        ----------
        folder : path, default=None
            Where to write ``report.md``, ``report.html`` and the pictures. None:
            nothing is written, and the text has no pictures.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.

        Returns
        -------
        text : str
            The report in Markdown.

        Raises
        ------
        ImportError
            If pictures are asked for and matplotlib is not installed.
        """
        from skactive.benchmark._report import write_report

        return write_report(self, folder, scoring)

    def __repr__(self):
        return (
            f"BenchmarkResult({len(self.runs)} runs: {len(self.strategies)} strategies "
            f"on {len(self.datasets)} data sets, {len(self.failures)} failed)"
        )

    def _complete_datasets(self):
        return [
            dataset
            for dataset in self.datasets
            if all(self.select(dataset, strategy) for strategy in self.strategies)
        ]

    def _paired_scores(self, scoring):
        """Return one array (n_strategies, n_seeds, n_rounds) per data set."""
        arrays = []
        for dataset in self._complete_datasets():
            runs = [self.select(dataset, strategy) for strategy in self.strategies]
            seeds = [seed for seed in runs[0] if all(seed in by for by in runs)]
            n_rounds = min(len(by[s].n_labeled) for by in runs for s in seeds)
            scores = [[by[s].score(scoring)[:n_rounds] for s in seeds] for by in runs]
            arrays.append(np.array(scores))
        return arrays

    def _data_of(self, run):
        name = run.dataset
        data = as_data((self.data or {}).get(name, name), name)
        if data.fingerprint != run.config["fingerprint"]:
            raise ValueError(
                f"The data called {name!r} are not those of the runs. Pass the right "
                "ones to BenchmarkResult.load(store, data={...})."
            )
        return data
