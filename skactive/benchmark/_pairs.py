"""Which runs there are, and which of them may be compared."""

import warnings

import numpy as np


class PairedRuns:
    """Runs by data set, strategy and seed; those of one seed are a pair.

    It needs ``runs``, ``datasets`` and ``strategies``, and ``_runs_of``: a dict from
    data set and strategy to the runs by seed.
    """

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

    def shared_seeds(self, dataset):
        """Return the seeds that all strategies of a data set have finished.

        A store may hold more seeds of one strategy than of another. Means over other
        seeds are means over other splits, so tables of several strategies are made of
        these seeds alone: ranks, penalties, curves, and the areas of the report.

        Parameters
        ----------
        dataset : str
            Its name.

        Returns
        -------
        seeds : list of int
            In ascending order; empty if no seed is shared by all.
        """
        runs = [self.select(dataset, name) for name in self.strategies]
        runs = [by_seed for by_seed in runs if by_seed]
        if not runs:
            raise ValueError(self._nothing_of(dataset))
        return [seed for seed in runs[0] if all(seed in by for by in runs)]

    def _nothing_of(self, dataset=None, strategy=None):
        """Say which runs there are, in place of those that there are not."""
        asked = "" if strategy is None else f" of {strategy!r}"
        asked += "" if dataset is None else f" on {dataset!r}"
        if not self.runs:
            return f"There are no runs{asked}: no run was finished."
        here = [name for name in self.strategies if self.select(dataset, name)]
        strategies = f"strategies {', '.join(map(repr, here or self.strategies))}"
        datasets = f"data sets {', '.join(map(repr, self.datasets))}"
        where = f" on {dataset!r}" if here else ""
        return f"There are no runs{asked}. There are: {strategies}{where}; {datasets}."

    def _complete_datasets(self):
        return [
            dataset
            for dataset in self.datasets
            if all(self.select(dataset, strategy) for strategy in self.strategies)
        ]

    def _paired_datasets(self, what, warn=False):
        """Return the data sets on which all strategies share a seed."""
        complete = self._complete_datasets()
        paired = [dataset for dataset in complete if self.shared_seeds(dataset)]
        lost = [dataset for dataset in complete if dataset not in paired]
        why = f"no seed is shared by all strategies on {', '.join(map(repr, lost))}"
        more = "run the missing seeds, or leave out the strategies that lack them"
        if warn and not paired:
            why = why if lost else "there is no data set with runs of all strategies"
            raise ValueError(f"No {what}: {why}; {more}.")
        if warn and lost:
            warnings.warn(
                f"Left out of the {what}: {why}. To have them, {more}.", stacklevel=4
            )
        return paired

    def _over_shared(self, dataset, strategy, values):
        """Return those of values per seed whose seeds all strategies share."""
        shared = self.shared_seeds(dataset)
        by_seed = dict(zip(self.select(dataset, strategy), values))
        return np.array([by_seed[seed] for seed in shared])
