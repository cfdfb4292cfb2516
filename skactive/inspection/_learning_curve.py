"""Learning curves of one or several learners, with bands over seeds."""

from functools import reduce

import numpy as np
from sklearn.base import is_classifier, is_regressor

from skactive.inspection._plotting import (
    axes_or_new,
    line_style,
    plain_numbers,
    spelled_out,
)
from skactive.metrics import staged_scores
from skactive.metrics._curve import common_range
from skactive.utils._rows import take_rows

#: What the horizontal axis shows, for the axis and for messages.
NAMES_OF_X = {"n_labeled": ("labels", "numbers of labels"), "cost": ("cost", "costs")}


def on_common_counts(curves, x):
    """Return counts shared by all curves, and one row of scores per curve.

    Curves with different counts are interpolated, and only where all of them have
    been: from the latest beginning to the earliest end.
    """
    counts = [np.asarray(n, dtype=float) for n, _ in curves]
    first, last = common_range(counts, NAMES_OF_X[x][1])
    grid = reduce(np.union1d, counts)
    grid = grid[(grid >= first) & (grid <= last)]
    rows = [np.interp(grid, n, s) for n, (_, s) in zip(counts, curves, strict=True)]
    return grid, np.vstack(rows)


def _named(learners, name_of):
    """Return a dict of lists, whatever was given: one, a list of seeds, or a dict."""
    if not isinstance(learners, dict):
        first = learners[0] if isinstance(learners, (list, tuple)) else learners
        learners = {name_of(first): learners}
    return {
        str(name): list(value) if isinstance(value, (list, tuple)) else [value]
        for name, value in learners.items()
    }


def _strategy_name(estimator):
    """Return the class name of the strategy, else that of the estimator."""
    learner = estimator[-1] if hasattr(estimator, "steps") else estimator
    strategy = getattr(learner, "strategy_", getattr(learner, "strategy", None))
    return type(learner if strategy is None else strategy).__name__


def _score_name(scoring, estimator):
    if scoring is not None:
        if isinstance(scoring, str):
            return scoring.replace("_", " ")
        return getattr(scoring, "__name__", repr(scoring))
    if is_classifier(estimator):
        return "accuracy"
    return "$R^2$" if is_regressor(estimator) else "score"


class LearningCurveDisplay:
    """Learning curves: a score against the number of labels, or what they cost.

    Use :meth:`from_learner` or :meth:`from_cv_results` to make one. All parameters are
    kept as attributes.

    Parameters
    ----------
    n_labeled : list of array-like of shape (n_points,)
        Numbers of labels, or what they cost, one array per curve.
    scores : list of array-like of shape (n_points,) or (n_seeds, n_points)
        The scores at these numbers, one array per curve.
    names : list of str, default=None
        What to call the curves. None: no legend.
    score_name : str, default="score"
        What the scores are.
    x_name : str, default="labels"
        What the numbers of labels are: "cost", if they are costs, or the unit.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure of the axes.
    lines_ : list of matplotlib Line2D
        The mean curves.
    bands_ : list of matplotlib artists or None
        The bands, None for a curve of one seed.

    See Also
    --------
    skactive.metrics.area_under_learning_curve : The curve as one number.
    QueryDisplay : What was asked for.

    Examples
    --------
    >>> from skactive.inspection import LearningCurveDisplay
    >>> display = LearningCurveDisplay(
    ...     n_labeled=[[10, 20, 30]], scores=[[[0.5, 0.7, 0.8], [0.6, 0.7, 0.9]]],
    ...     names=["margin"], score_name="accuracy",
    ... ).plot()
    >>> display.lines_[0].get_ydata().round(2).tolist()
    [0.55, 0.7, 0.85]
    """

    def __init__(
        self, *, n_labeled, scores, names=None, score_name="score", x_name="labels"
    ):
        self.n_labeled = n_labeled
        self.scores = scores
        self.names = names
        self.score_name = score_name
        self.x_name = x_name

    @classmethod
    def from_learner(cls, learner, X, y, *, scoring=None, x="n_labeled"):
        """Score every round of fitted learners on one test set.

        Parameters
        ----------
        learner : ActiveLearner, list, or dict
            A fitted learner or a pipeline that ends in one; a list of them, which
            differ in their seeds and make one curve; or a dict from names to learners
            or lists, one curve each.
        X : array-like of shape (n_samples, ...)
            Test samples.
        y : array-like of shape (n_samples,)
            Their true labels or values.
        scoring : str or callable, default=None
            What is scored. None: the ``score`` of the learner.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What to draw the scores against: numbers of labels, or what they cost.

        Returns
        -------
        display : LearningCurveDisplay
            Not drawn yet. Seeds whose numbers of labels differ are interpolated
            linearly, over the range that all of them cover.

        Raises
        ------
        TypeError
            If something is not a learner, or did not keep its models.
        ValueError
            If there is no learner, seeds have no numbers of labels (or costs) in
            common, or ``x`` is something else.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from skactive import ActiveLearner
        >>> from skactive.diversity import RandomSampling
        >>> from skactive.inspection import LearningCurveDisplay
        >>> X, y = load_digits(return_X_y=True)
        >>> X = X / 16
        >>> seeds = [
        ...     ActiveLearner(strategy=RandomSampling(), budget=20, random_state=seed)
        ...     .fit(X[::2], y[::2]) for seed in range(2)
        ... ]
        >>> display = LearningCurveDisplay.from_learner(seeds, X[1::2], y[1::2])
        >>> display.names, display.scores[0].shape
        (['RandomSampling'], (2, 3))
        """
        groups = _named(learner, _strategy_name)
        curves = {
            name: [staged_scores(one, X, y, scoring=scoring, x=x) for one in group]
            for name, group in groups.items()
        }
        return cls._from_curves(curves, groups, scoring, x)

    @classmethod
    def from_cv_results(cls, cv_results, X, y, *, scoring=None, x="n_labeled"):
        """Score every round of cross-validated learners, each on its own test fold.

        Parameters
        ----------
        cv_results : dict, or dict of dicts
            What ``cross_validate(learner, X, y, return_estimator=True,
            return_indices=True)`` returned, or a dict from names to such results. The
            folds take the place of seeds.
        X : array-like of shape (n_samples, ...)
            The samples that were cross-validated.
        y : array-like of shape (n_samples,)
            Their labels or values.
        scoring : str or callable, default=None
            What is scored. None: the ``score`` of the learner.
        x : {"n_labeled", "cost"}, default="n_labeled"
            What to draw the scores against: numbers of labels, or what they cost.

        Returns
        -------
        display : LearningCurveDisplay
            Not drawn yet; see :meth:`from_learner`.

        Raises
        ------
        ValueError
            If the results hold no estimators or no indices, or ``x`` is something else.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.model_selection import cross_validate
        >>> from skactive import ActiveLearner
        >>> from skactive.inspection import LearningCurveDisplay
        >>> X, y = load_digits(return_X_y=True)
        >>> learner = ActiveLearner(budget=20, random_state=0)
        >>> results = cross_validate(
        ...     learner, X / 16, y, cv=3, return_estimator=True, return_indices=True
        ... )
        >>> display = LearningCurveDisplay.from_cv_results(results, X / 16, y)
        >>> display.names, display.scores[0].shape
        (['MarginSampling'], (3, 3))
        """
        if "estimator" in cv_results or "test_score" in cv_results:
            cv_results = [cv_results]
        groups, curves = {}, {}
        results_of = (
            cv_results if isinstance(cv_results, dict) else {None: cv_results[0]}
        )
        for name, results in results_of.items():
            if "estimator" not in results or "indices" not in results:
                raise ValueError(
                    "cv_results must hold the learners and the folds: call "
                    "cross_validate with return_estimator=True, return_indices=True."
                )
            learners = list(results["estimator"])
            name = _strategy_name(learners[0]) if name is None else str(name)
            groups[name] = learners
            curves[name] = [
                staged_scores(
                    one,
                    take_rows(X, rows),
                    take_rows(y, rows),
                    scoring=scoring,
                    x=x,
                )
                for one, rows in zip(learners, results["indices"]["test"], strict=True)
            ]
        return cls._from_curves(curves, groups, scoring, x)

    @classmethod
    def _from_curves(cls, curves, groups, scoring, x):
        if not groups or not all(groups.values()):
            raise ValueError("There is no learner to draw a curve of.")
        common = [on_common_counts(group, x) for group in curves.values()]
        one = next(iter(groups.values()))[0]
        return cls(
            n_labeled=[grid for grid, _ in common],
            scores=[rows for _, rows in common],
            names=list(curves),
            score_name=_score_name(scoring, one),
            x_name=NAMES_OF_X[x][0],
        )

    def plot(self, ax=None, *, band="std", xscale="linear", line_kwargs=None):
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        band : {"std", "sem", "range", None}, default="std"
            What is shaded around the mean over seeds: one standard deviation (of
            n - 1), which says how much one run differs from the next; one standard
            error, which says how well the mean is known; or the lowest to the highest
            seed.
        xscale : {"linear", "log"}, default="linear"
            Scale of the numbers of labels.
        line_kwargs : dict, default=None
            Passed to ``ax.plot`` for every line. Unless they say otherwise, each line
            has a marker of its own, and colors that the color-blind can tell apart,
            or those of ``rcParams["axes.prop_cycle"]`` if that was changed.

        Returns
        -------
        display : LearningCurveDisplay
            This display, with ``ax_``, ``figure_``, ``lines_`` and ``bands_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If ``band`` is something else, or the parameters differ in length.
        """
        if band not in ("std", "sem", "range", None):
            raise ValueError(
                f"band must be 'std', 'sem', 'range' or None, got {band!r}."
            )
        names = [None] * len(self.scores) if self.names is None else self.names
        if not len(self.n_labeled) == len(self.scores) == len(names):
            raise ValueError(
                "n_labeled, scores and names must have one entry per curve."
            )
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        self.lines_, self.bands_ = [], []
        given = spelled_out(line_kwargs)
        for n_labeled, scores, name in zip(
            self.n_labeled, self.scores, names, strict=True
        ):
            scores = np.atleast_2d(scores)
            style = {**line_style(len(ax.lines)), **given}
            if name is not None:
                seeds = "1 run" if len(scores) == 1 else f"{len(scores)} runs"
                style.setdefault("label", f"{name} ({seeds})")
            (line,) = ax.plot(n_labeled, scores.mean(axis=0), **style)
            self.lines_.append(line)
            self.bands_.append(self._shade(ax, n_labeled, scores, band, line))
        ax.set(xlabel=self.x_name, ylabel=self.score_name, xscale=xscale)
        if xscale == "log":
            plain_numbers(ax.xaxis)
        ax.grid(alpha=0.3)
        if self.names is not None:
            shaded = any(artist is not None for artist in self.bands_)
            words = {"std": "mean ± std", "sem": "mean ± std. error", "range": "range"}
            ax.legend(title=words[band] if shaded else None)
        return self

    @staticmethod
    def _shade(ax, n_labeled, scores, band, line):
        if band is None or len(scores) < 2:
            return None
        if band == "range":
            low, high = scores.min(axis=0), scores.max(axis=0)
        else:
            spread = scores.std(axis=0, ddof=1)
            if band == "sem":
                spread = spread / np.sqrt(len(scores))
            low, high = scores.mean(axis=0) - spread, scores.mean(axis=0) + spread
        return ax.fill_between(
            n_labeled, low, high, color=line.get_color(), alpha=0.2, linewidth=0
        )
