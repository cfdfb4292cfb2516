"""One strategy against another, data set by data set and over all of them."""

from dataclasses import dataclass, field

from skactive.benchmark._page import escaped
from skactive.benchmark._verdict import verdict, verdict_over_datasets
from skactive.metrics import DifferenceOverDatasets

COLUMNS = ("dataset", "mean", "low", "high", "n", "wins", "ties", "losses")
COLUMNS += ("t_p_value", "wilcoxon_p_value", "verdict")


@dataclass(frozen=True)
class Comparison:
    """What the paired runs of two strategies say, made by ``BenchmarkResult.compare``.

    Parameters
    ----------
    a, b : str
        Names of the strategies; differences are those of ``a`` minus ``b``.
    differences : dict of str to PairedDifference
        By data set, over the seeds that both have.
    overall : DifferenceOverDatasets
        The mean over data sets, with an interval for which data sets are drawn first
        and then their seeds.
    left_out : dict of str to str
        Data sets on which the two share no seed, and why.

    Attributes
    ----------
    verdicts : dict of str to str
        By data set in words. With fewer than ten pairs: how many there are, and that
        this is too few.
    verdict : str
        The same over all data sets, of which there must be five.

    See Also
    --------
    BenchmarkResult.compare : Makes it.

    Examples
    --------
    >>> from skactive.benchmark import benchmark_strategies
    >>> result = benchmark_strategies(
    ...     ["CoreSet"], "iris", n_initial=6, batch_size=6, budget=12, seeds=3
    ... )
    >>> found = result.compare("CoreSet", "margin")
    >>> found.b, found.differences["iris"].n, found.overall.n
    ('MarginSampling', 3, 1)
    >>> found.verdicts
    {'iris': '3 seeds: no verdict below ten'}
    """

    a: str
    b: str
    differences: dict = field(repr=False)
    overall: DifferenceOverDatasets
    left_out: dict = field(default_factory=dict, repr=False)

    @property
    def verdicts(self):
        """By data set in words, as far as the seeds allow."""
        return {name: verdict(d, self.b) for name, d in self.differences.items()}

    @property
    def verdict(self):
        """Over all data sets in words, as far as these and their seeds allow."""
        return verdict_over_datasets(self.overall, self.b)

    def to_frame(self):
        """Return a table with a row for each data set.

        Returns
        -------
        frame : pandas.DataFrame
            With the columns ``dataset``, ``mean``, ``low``, ``high`` (ends of the
            interval), ``n``, ``wins``, ``ties``, ``losses``, ``t_p_value``,
            ``wilcoxon_p_value`` and ``verdict``. What holds over data sets is in
            ``overall``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_frame needs pandas: pip install pandas. comparison.differences "
                "has the numbers without it."
            ) from error

        rows = [
            (name, d.mean, *d.interval, d.n, d.wins, d.ties, d.losses)
            + (d.t_p_value, d.wilcoxon_p_value, self.verdicts[name])
            for name, d in self.differences.items()
        ]
        return pd.DataFrame(rows, columns=COLUMNS)

    def _repr_markdown_(self):
        """Return the table, which notebooks show in place of repr."""
        return "\n".join(self._lines())

    def _lines(self):
        a, b = escaped(self.a), escaped(self.b)
        yield f"**{a}** minus **{b}**, area under the learning curve"
        yield ""
        yield "| data set | difference | seeds | wins | verdict |"
        yield "|---|---|---|---|---|"
        for name, d in self.differences.items():
            said = escaped(self.verdicts[name])
            yield (
                f"| {escaped(name)} | {shown(d.mean, d.interval)} | {d.n} | {d.wins} "
                f"| {said} |"
            )
        found = self.overall
        yield (
            f"| all {found.n} | {shown(found.mean, found.interval)} "
            f"| {found.fewest_seeds} or more | above on {found.above} "
            f"| {escaped(self.verdict)} |"
        )
        yield ""
        for name, why in self.left_out.items():
            yield f"Left out: {escaped(name)}, {escaped(why)}."


def shown(mean, interval):
    """Return a difference with its interval, as text."""
    low, high = interval
    if low != low:  # one seed, or one data set
        return f"{mean:+.4f}"
    return f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"
