"""Differences of strategies, seed by seed: on a data set, over all, and of two."""

import numpy as np

from skactive.benchmark._comparison import Comparison
from skactive.benchmark._costs import any_priced, comparable_areas, curve_of
from skactive.benchmark._menu import near_names, plain_name
from skactive.benchmark._pairs import PairedRuns
from skactive.metrics import difference_over_datasets, paired_difference
from skactive.metrics._bounded_r2 import warn_of_low_r2
from skactive.metrics._scoring import is_r2


class ComparedRuns(PairedRuns):
    """Runs that are compared in pairs: same data set, same seed.

    It needs ``chance``, what random sampling is called, beside what runs need.
    """

    def differences(
        self, baseline=None, *, scoring=None, scale="linear", x="n_labeled"
    ):
        """Compare the areas of every strategy with a baseline, seed by seed.

        Parameters
        ----------
        baseline : str, default=None
            Name of the strategy to compare with. None: random sampling, whatever it
            is called here; without it there are no differences.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts, or of the costs.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What the areas are taken over.

        Returns
        -------
        differences : dict of dict of PairedDifference
            By data set and strategy, over the seeds that both have; see
            :func:`skactive.metrics.paired_difference`. Where answers have prices, the
            areas are those over the range that the two runs of the pair cover.

        Raises
        ------
        ValueError
            If there is no strategy of the name, or no cost for ``x="cost"``.
        """
        baseline = self._baseline(baseline)
        how = baseline, scoring, scale, x
        return {name: self._differences(name, *how) for name in self.datasets}

    def differences_over_datasets(
        self, baseline=None, *, scoring=None, scale="linear", x="n_labeled"
    ):
        """Compare every strategy with a baseline over all data sets.

        Parameters
        ----------
        baseline : str, default=None
            Name of the strategy to compare with. None: random sampling.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts, or of the costs.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What the areas are taken over.

        Returns
        -------
        differences : dict of DifferenceOverDatasets
            By strategy, over the data sets and seeds that it shares with the baseline;
            see :func:`skactive.metrics.difference_over_datasets`.

        Raises
        ------
        ValueError
            If there is no strategy of the name, or no cost for ``x="cost"``.

        Examples
        --------
        >>> from skactive.benchmark import benchmark_strategies
        >>> result = benchmark_strategies(
        ...     [], ["iris", "wine"], n_initial=6, batch_size=6, budget=12, seeds=2
        ... )
        >>> found = result.differences_over_datasets()["MarginSampling"]
        >>> found.n, found.fewest_seeds
        (2, 2)
        """
        baseline, pairs = self._baseline(baseline), {}
        for dataset in self.datasets:
            found = self._paired_areas(dataset, baseline, scoring, scale, x)
            for strategy, areas in found.items():
                pairs.setdefault(strategy, []).append(areas)
        order = [name for name in self.strategies if name in pairs]
        return {
            name: difference_over_datasets(*map(list, zip(*pairs[name])))
            for name in order
        }

    def compare(self, a, b, *, scoring=None, scale="linear", x="n_labeled"):
        """Compare two strategies, on each data set and over all of them.

        Parameters
        ----------
        a, b : str
            Their names: those of the runs, or short ones ("margin") where one run
            alone can be meant. Differences are those of ``a`` minus ``b``.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        scale : {"linear", "log"}, default="linear"
            Scale of the label counts, or of the costs.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What the areas are taken over.

        Returns
        -------
        comparison : Comparison
            With a verdict for each data set and over all; pairs are runs of the same
            data set and seed. A notebook shows it as a table.

        Raises
        ------
        ValueError
            If there is no strategy of a name, both are the same one, they share no
            seed of any data set, or there is no cost for ``x="cost"``.

        Examples
        --------
        >>> from skactive.benchmark import benchmark_strategies
        >>> result = benchmark_strategies(
        ...     ["CoreSet"], "iris", n_initial=6, batch_size=6, budget=12, seeds=3
        ... )
        >>> found = result.compare("CoreSet", "MarginSampling")
        >>> swapped = result.compare("MarginSampling", "CoreSet")
        >>> found.overall.mean == -swapped.overall.mean
        True
        """
        a, b = self._run_named(a, "a"), self._run_named(b, "b")
        if a == b:
            raise ValueError(
                f"a and b are both {a!r}, which differs from itself by nothing. There "
                f"are: {', '.join(map(repr, self.strategies))}."
            )
        pairs, left_out = {}, {}
        for dataset in self.datasets:
            found = self._paired_areas(dataset, b, scoring, scale, x, only=a)
            if a in found:
                pairs[dataset] = found[a]
            else:
                left_out[dataset] = self._unpaired(dataset, a, b)
        if not pairs:
            why = "; ".join(f"{name}, {said}" for name, said in left_out.items())
            raise ValueError(
                f"{a!r} and {b!r} share no seed of any data set: {why}. Run the "
                "missing seeds into the same store."
            )
        return Comparison(
            a,
            b,
            {name: paired_difference(*areas) for name, areas in pairs.items()},
            difference_over_datasets(*map(list, zip(*pairs.values()))),
            left_out,
        )

    def _unpaired(self, dataset, a, b):
        """Say which seeds two strategies have that share none."""
        seeds = [list(self.select(dataset, name)) for name in (a, b)]
        words = [f"seeds {each}" if each else "no finished run" for each in seeds]
        return f"where {a} has {words[0]} and {b} has {words[1]}"

    def _run_named(self, name, parameter):
        """Return the name of runs that a name stands for."""
        if name in self.strategies:
            return name
        if not isinstance(name, str):
            raise TypeError(
                f"{parameter} must be the name of a strategy, such as "
                f"{self.strategies[-1:] or ['margin']}; got a {type(name).__name__}."
            )
        known = {}
        for full in self.strategies:
            for short in {plain_name(full), plain_name(full.removesuffix("Sampling"))}:
                known.setdefault(short, []).append(full)
        meant = known.get(plain_name(name), [])
        if len(meant) == 1:
            return meant[0]
        near = near_names(name, self.strategies)
        raise ValueError(
            f"{parameter}={name!r}: {self._nothing_of(strategy=name)} Similar: {near}."
        )

    def _baseline(self, baseline):
        if baseline is not None and baseline not in self.strategies:
            raise ValueError(self._nothing_of(strategy=baseline))
        return self.chance if baseline is None else baseline

    def _differences(self, dataset, baseline, scoring, scale, x):
        how = dataset, baseline, scoring, scale, x
        pairs = self._paired_areas(*how, stacklevel=5)
        return {name: paired_difference(*areas) for name, areas in pairs.items()}

    def _paired_areas(
        self, dataset, baseline, scoring, scale, x, *, only=None, stacklevel=4
    ):
        """Return by strategy its areas and those of a baseline, seed by seed."""
        out = {}
        curves, cut = self._curves_of(dataset, scoring, x, stacklevel)
        base = self.select(dataset, baseline)
        for strategy in self.strategies if only is None else [only]:
            seeds = [seed for seed in self.select(dataset, strategy) if seed in base]
            pairs = [[curves[name, k] for name in (strategy, baseline)] for k in seeds]
            areas = [comparable_areas(pair, cut, scale) for pair in pairs]
            if strategy != baseline and seeds:
                out[strategy] = np.transpose(areas)
        return out

    def _curves_of(self, dataset, scoring, x, stacklevel=4):
        """Return the curves by strategy and seed, and whether they end apart."""
        runs = {
            (strategy, seed): run
            for strategy in self.strategies
            for seed, run in self.select(dataset, strategy).items()
        }
        curves = {key: curve_of(run, scoring, x) for key, run in runs.items()}
        if is_r2(scoring or next(iter(runs.values())).config["scoring"], None):
            lowest = min(curves.values(), key=lambda curve: curve[1].min())
            warn_of_low_r2(*lowest, stacklevel=stacklevel)
        return curves, any_priced(runs.values())
