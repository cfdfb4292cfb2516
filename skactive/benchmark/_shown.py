"""What a benchmark found, as pictures, tables and a report."""

import warnings

import numpy as np

from skactive.benchmark._compared import ComparedRuns
from skactive.benchmark._costs import any_priced, curve_of
from skactive.inspection import (
    CriticalDifferenceDisplay,
    LearningCurveDisplay,
    PenaltyMatrixDisplay,
)
from skactive.inspection._learning_curve import NAMES_OF_X, on_common_counts
from skactive.inspection._plotting import as_it_is
from skactive.metrics._scoring import scoring_name

COLUMNS = ("dataset", "strategy", "seed", "round", "n_labeled", "score")
COLUMNS += ("fit_time", "query_time", "selected_by", "trained_by")


class ShownResult(ComparedRuns):
    """The ways to look at a result; all of them read its numbers and add none."""

    def curves(self, dataset, *, scoring=None, x="n_labeled"):
        """Return the learning curves on one data set as a display.

        Parameters
        ----------
        dataset : str
            Name of the data set.
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What to draw the scores against.

        Returns
        -------
        display : LearningCurveDisplay
            Not drawn yet. Its curves are those of the seeds that all strategies share,
            see :meth:`shared_seeds`. Where answers have prices, seeds end apart, and
            are interpolated linearly over the range that all of a curve cover.

        Raises
        ------
        ValueError
            If there is no data set of the name, or no cost for ``x="cost"``.

        Warns
        -----
        UserWarning
            If no seed is shared: each strategy is then drawn by its own.
        """
        seeds = self.shared_seeds(dataset)
        names = [s for s in self.strategies if self.select(dataset, s)]
        if not seeds:
            warnings.warn(
                f"No seed is shared by all strategies on {dataset!r}, so that each "
                "curve is of other splits than the next; run the missing seeds.",
                stacklevel=2,
            )
        curves = [self._shown_curve(dataset, name, scoring, seeds, x) for name in names]
        first = next(iter(self.select(dataset, names[0]).values()))
        name = scoring_name(scoring or first.config["scoring"])
        return LearningCurveDisplay(
            n_labeled=[xs for xs, _ in curves],
            scores=[scores for _, scores in curves],
            names=[as_it_is(name) for name in names],
            score_name=name.replace("_", " "),
            x_name=NAMES_OF_X[x][0],
        )

    def _shown_curve(self, dataset, strategy, scoring, seeds, x):
        """Return the x of a curve, and a row of scores for each seed."""
        by_seed = self.select(dataset, strategy)
        runs = [by_seed[seed] for seed in (seeds or by_seed)]
        if x == "cost" or any_priced(runs):
            return on_common_counts([curve_of(run, scoring, x) for run in runs], x)
        n_labeled, scores = self._curve(dataset, strategy, scoring, seeds, x)
        return np.median(n_labeled, axis=0), scores

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
        names = [as_it_is(name) for name in self.strategies]
        return PenaltyMatrixDisplay(matrix=self.penalty_matrix(**kwargs), names=names)

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
        names = [as_it_is(name) for name in self.strategies]
        return CriticalDifferenceDisplay.from_ranks(self.ranks(**kwargs), names=names)

    def to_frame(self, *, scoring=None):
        """Return all curves as a long table, a row for each round of each run.

        Parameters
        ----------
        scoring : str or callable, default=None
            What is scored. None: what the benchmark scored.

        Returns
        -------
        frame : pandas.DataFrame
            With the columns ``dataset``, ``strategy``, ``seed``, ``round``,
            ``n_labeled``, ``score``, ``fit_time``, ``query_time``, ``selected_by`` and
            ``trained_by``, and ``cost`` and ``validation_score`` where there is one.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from skactive.benchmark import benchmark_strategies
        >>> result = benchmark_strategies(
        ...     [], "iris", n_initial=6, batch_size=6, budget=12, seeds=2
        ... )
        >>> frame = result.to_frame()
        >>> frame.groupby("strategy")["n_labeled"].max().tolist()
        [18, 18]
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_frame needs pandas: pip install pandas. result.areas() and "
                "result.curve(dataset, strategy) have the numbers without it."
            ) from error

        parts = [_columns(run, scoring) for run in self.runs]
        if not parts:
            return pd.DataFrame(columns=COLUMNS)
        return pd.concat(map(pd.DataFrame, parts), ignore_index=True)

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

    def _repr_markdown_(self):
        """Return the tables of the report, and what failed, which notebooks show."""
        from skactive.benchmark._tables import failures, tables

        return "\n".join([*tables(self), *failures(self)])


def _columns(run, scoring):
    """Return the rounds of a run as the columns of a table."""
    columns = {
        "dataset": run.dataset,
        "strategy": run.strategy,
        "seed": run.seed,
        "round": np.arange(len(run.n_labeled)),
        "n_labeled": run.n_labeled,
        "score": run.score(scoring),
        "fit_time": run.fit_time,
        "query_time": run.query_time,
        "selected_by": run.selected_by,
        "trained_by": run.trained_by,
    }
    if len(run.cost):
        columns["cost"] = run.cost
    if len(run.validation_scores) and scoring is None:
        columns["validation_score"] = run.validation_scores
    return columns
