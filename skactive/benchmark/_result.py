"""What a benchmark found, and how sure that is."""

from pathlib import Path

import numpy as np

from skactive.benchmark._again import ResultAgain
from skactive.benchmark._costs import any_priced, comparable_areas, xs_of
from skactive.benchmark._names import MARGIN, name_of_chance
from skactive.benchmark._store import RunStore
from skactive.metrics import critical_difference_ranks, pairwise_penalty_matrix


class BenchmarkResult(ResultAgain):
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

    def curve(self, dataset, strategy, *, scoring=None, x="n_labeled"):
        """Return the learning curves of one strategy on one data set.

        Parameters
        ----------
        dataset, strategy : str
            Their names.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What to return beside the scores.

        Returns
        -------
        n_labeled : ndarray of shape (n_seeds, n_rounds)
            Labels paid for, or what they cost. Rounds that not every seed has are left
            out.
        scores : ndarray of float of shape (n_seeds, n_rounds)
            Scores on the test part.
        """
        return self._curve(dataset, strategy, scoring, x=x)

    def _curve(self, dataset, strategy, scoring, seeds=None, x="n_labeled"):
        by_seed = self.select(dataset, strategy)
        if not by_seed:
            raise ValueError(self._nothing_of(dataset, strategy))
        runs = [by_seed[seed] for seed in (seeds or by_seed)]
        n_rounds = min(len(run.n_labeled) for run in runs)
        n_labeled = np.array([xs_of(run, x)[:n_rounds] for run in runs])
        return n_labeled, np.array([run.score(scoring)[:n_rounds] for run in runs])

    def areas(self, *, scoring=None, scale="linear", x="n_labeled"):
        """Return the areas under the learning curves, one per seed.

        Each strategy has the areas of its own seeds, those of :meth:`select`; compare
        means of them over :meth:`shared_seeds` only.

        Parameters
        ----------
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts, or of the costs.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What the areas are taken over.

        Returns
        -------
        areas : dict of dict of ndarray of shape (n_seeds,)
            By data set and strategy; normalized by the range of the counts. Where
            answers have prices, that is the range that all runs of a seed cover.

        Raises
        ------
        ValueError
            If ``x`` is "cost" and the benchmark was run without.

        Warns
        -----
        UserWarning
            If R² is scored, and falls below -1 on a data set.
        """
        return {name: self._areas(name, scoring, scale, x) for name in self.datasets}

    def _areas(self, dataset, scoring, scale, x):
        curves, cut = self._curves_of(dataset, scoring, x)
        found = {}
        for seed in {seed for _, seed in curves}:
            keys = [key for key in curves if key[1] == seed]
            areas = comparable_areas([curves[key] for key in keys], cut, scale)
            found.update(zip(keys, areas))
        return {
            strategy: np.array(
                [found[strategy, seed] for seed in self.select(dataset, strategy)]
            )
            for strategy in self.strategies
            if self.select(dataset, strategy)
        }

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

    def ranks(self, *, scoring=None, scale="linear", x="n_labeled"):
        """Rank the strategies by area over the data sets, and test the differences.

        Parameters
        ----------
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts, or of the costs.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What the areas are taken over.

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
        areas = self.areas(scoring=scoring, scale=scale, x=x)
        means = [
            [
                self._over_shared(dataset, name, areas[dataset][name]).mean()
                for name in self.strategies
            ]
            for dataset in datasets
        ]
        return critical_difference_ranks(np.array(means))

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
            found = [self._curve(dataset, s, scoring, seeds) for s in self.strategies]
            n_rounds = min(curve.shape[1] for _, curve in found)
            counts, curves = (
                np.array([each[k][:, :n_rounds] for each in found]) for k in (0, 1)
            )
            # The budget cuts the last batches of pairs to different sizes if answers
            # have prices.
            paired = (counts == counts[0]).all(axis=(0, 1))
            priced = any_priced(run for run in self.runs if run.dataset == dataset)
            arrays.append(curves[:, :, paired] if priced else curves)
        return arrays
