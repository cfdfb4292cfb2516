"""What can be made of finished runs later: another model, or prices."""

from sklearn.metrics import get_scorer_names

from skactive.benchmark._costs import check_cost, costs_of
from skactive.benchmark._describe import describe
from skactive.benchmark._menu import as_data
from skactive.benchmark._run import Task, execute
from skactive.benchmark._shown import ShownResult
from skactive.metrics._scoring import (
    OWN_SCORERS,
    own_score,
    scorer_of,
    scoring_name,
)

DESIGN = ("n_initial", "batch_size", "budget", "test_size", "n_validation", "cost")
DESIGN = (*DESIGN, "max_rows")


class ResultAgain(ShownResult):
    """Runs whose decisions are used again, with the data they were made on.

    It needs ``runs``, ``failures`` and ``data``, and is made of these three.
    """

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
            design = {name: run.config[name] for name in DESIGN if name in run.config}
            design["scoring"] = scoring or _named_scoring(run)
            names = run.strategy, None, estimator, run.seed, design, run.selected_by
            runs += execute(Task(data, *names), run)
        return type(self)(runs, self.failures, self.data)

    def with_costs(self, cost):
        """Return the same runs with what their labels cost, without running again.

        The budget of such runs was one of labels, and is; areas, differences and curves
        can then be taken over costs as well.

        Parameters
        ----------
        cost : callable
            ``cost(rows, X_rows, answers)`` returns what answers cost, one number per
            row; see :func:`benchmark_strategies`.

        Returns
        -------
        result : BenchmarkResult
            The same decisions and scores.

        Raises
        ------
        ValueError
            If the data are not those of the runs, or ``cost`` returns no prices.

        Examples
        --------
        >>> import numpy as np
        >>> from skactive.benchmark import benchmark_strategies
        >>> result = benchmark_strategies(
        ...     [], "iris", n_initial=6, batch_size=6, budget=12, seeds=2
        ... )
        >>> minutes = np.where(np.arange(150) < 50, 1.0, 2.0)
        >>> priced = result.with_costs(lambda rows, X, y: minutes[rows])
        >>> priced.areas(x="cost")["iris"]["MarginSampling"].shape
        (2,)
        """
        check_cost(cost, optional=False)
        runs = []
        for run in self.runs:
            data = self._data_of(run)
            runs.append(run.with_cost(costs_of(run, cost, data.X, data.y)))
        return type(self)(runs, self.failures, self.data)

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
    if isinstance(scoring, str) and scoring in {*OWN_SCORERS, *get_scorer_names()}:
        return scoring
    raise ValueError(
        f"The runs were scored by {scoring_name(scoring)}, which cannot be found by "
        "its name. Pass it to rescore as scoring=."
    )
