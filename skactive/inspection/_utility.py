"""How much a strategy wants each point of a plane, and what it asked for."""

import warnings

import numpy as np
from sklearn.base import is_regressor

from skactive._sklearn import _num_samples
from skactive.inspection._markers import classes_of, read_labels
from skactive.inspection._plane import Plane
from skactive.inspection._plotting import MARKERS, as_it_is, axes_or_new
from skactive.learner._replay import Replay

_ASKED = {"facecolor": "none", "edgecolor": "tab:red", "linewidth": 1.8, "s": 90}
_LABELED = {"color": "white", "edgecolor": "black", "linewidth": 0.8, "s": 34}


class UtilityDisplay:
    """How much a strategy wants each point of a plane, and what it asked for.

    Use :meth:`from_learner` for a round of a learner, or :meth:`from_strategy`. All
    parameters are kept as attributes.

    Parameters
    ----------
    xx0, xx1 : ndarray of shape (n_lines, n_lines)
        Coordinates of a grid over the plane.
    samples : ndarray of shape (n_samples, 2)
        Where each sample lies.
    labeled, asked : ndarray of int of shape (n_labeled,) and (n_asked,)
        Rows with a label, and rows that are asked for.
    scores : ndarray of shape (n_lines, n_lines), default=None
        How much each point of the grid is wanted. None: the strategy gives no scores.
    predicted : ndarray of int of shape (n_lines, n_lines), default=None
        The class that the model predicts, as a number. None: it predicts no classes.
    y : array-like of shape (n_samples,), default=None
        Classes of labeled rows, shown as markers.
    title : str, default=None
        What is drawn.
    names : list of str of length 2, default=None
        Of the axes.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure of the axes.
    surface_ : matplotlib QuadMesh or None
        The scores.
    boundary_ : list of matplotlib ContourSet
        The borders between predicted classes; between two classes, one.
    colorbar_ : matplotlib Colorbar or None
        The colors of the scores, if asked for.

    See Also
    --------
    QueryDisplay : Which samples were asked for, in all rounds.
    sklearn.inspection.DecisionBoundaryDisplay : What a model predicts over a plane.

    Notes
    -----
    A strategy that chooses batches, rather than scoring each sample by itself, has no
    ``score_samples``: what it asks for is drawn, without scores. Colors rank the points
    of one picture; scores of two rounds or strategies have no common unit.

    Cost: ``grid_resolution ** 2`` points are scored and predicted; one fit of the
    strategy and one query. Memory: the strategy's, for that many samples.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skactive import ActiveLearner
    >>> from skactive.inspection import UtilityDisplay
    >>> X, y = make_blobs(200, random_state=0)
    >>> learner = ActiveLearner(budget=20, random_state=0).fit(X, y)
    >>> display = UtilityDisplay.from_learner(learner, X, y, round=1).plot()
    >>> display.ax_.get_title()
    'MarginSampling, round 1: 10 labels, 10 asked for'
    """

    def __init__(
        self,
        *,
        xx0,
        xx1,
        samples,
        labeled,
        asked,
        scores=None,
        predicted=None,
        y=None,
        title=None,
        names=None,
    ):
        self.xx0 = xx0
        self.xx1 = xx1
        self.samples = samples
        self.labeled = labeled
        self.asked = asked
        self.scores = scores
        self.predicted = predicted
        self.y = y
        self.title = title
        self.names = names

    @classmethod
    def from_learner(
        cls, learner, X, y=None, *, round=None, projection=None, grid_resolution=100
    ):
        """Look at one round of a fitted learner.

        Parameters
        ----------
        learner : ActiveLearner or Pipeline
            A fitted learner, or a pipeline that ends in one; the plane is then that of
            what the steps before make.
        X : array-like of shape (n_samples, n_features)
            The samples it was fitted on.
        y : array-like of shape (n_samples,), default=None
            Their labels. None: those that the learner was taught; needed after a
            simulation, of which it keeps none.
        round : int, default=None
            The round of asking, from 1 to ``n_iter_``; ``n_iter_ + 1`` is what comes
            next. None: the last one, and before anything was asked for, the next.
        projection : pair of int or str, or transformer, default=None
            The plane, if ``X`` has more than two columns: two of them, by position or
            name, the others at their medians; or a fitted transformer to two columns
            that has ``inverse_transform``. Samples off the plane are drawn where they
            are projected to, and the scores are those of points on it.
        grid_resolution : int, default=100
            Lines of the grid, in each direction.

        Returns
        -------
        display : UtilityDisplay
            Not drawn yet.

        Raises
        ------
        ValueError
            If ``X`` has more columns and no ``projection``, there was no such round,
            its model was not kept (``keep_estimators=False``), or labels are missing.

        Warns
        -----
        UserWarning
            If the strategy, fitted again, asks for other rows than in the run, so that
            the scores are not quite those of then. It is fitted with the seed it had if
            ``random_state`` of the learner is a number, and after a simulation without
            ``sample_weight`` and prices. Labels that were corrected later are those of
            now. Rows that people chose themselves are such rows as well.
        """
        if hasattr(learner, "steps"):
            X = learner[:-1].transform(X) if len(learner.steps) > 1 else X
            learner = learner[-1]
        if not hasattr(learner, "labeled_iter_"):
            raise TypeError(
                f"{type(learner).__name__} has no labeled_iter_; pass a fitted "
                "ActiveLearner, or use UtilityDisplay.from_strategy."
            )
        n_rows = len(learner.labeled_iter_)
        for name, rows in (("X", X), ("y", y)):
            if rows is not None and _num_samples(rows) != n_rows:
                raise ValueError(
                    f"The learner was fitted on {n_rows} rows, and {name} has "
                    f"{_num_samples(rows)}; pass what was given to fit."
                )
        y = _labels_of(learner, y)
        plane = Plane(X, projection)
        replay = Replay(learner, round)
        strategy, again = replay.strategy(X, y)
        asked = replay.asked
        will = "asked for" if len(asked) else "to ask for"
        if not len(asked) and again is not None:
            asked = again
        elif again is not None:
            _warn_of_another_answer(learner, strategy, asked, again)
        name = type(strategy).__name__
        n_known = len(replay.labeled)
        return cls._over(
            plane,
            grid_resolution,
            strategy,
            replay.model(),
            labeled=replay.labeled,
            asked=asked,
            y=read_labels(y, n_rows, learner.missing_label),
            title=f"{name}, round {replay.k}: {n_known} labels, {len(asked)} {will}",
        )

    @classmethod
    def from_strategy(
        cls, strategy, X, y, X_pool, *, n=1, projection=None, grid_resolution=100
    ):
        """Look at what a fitted strategy asks for.

        Parameters
        ----------
        strategy : QueryStrategy
            Fitted on ``X``, ``y`` and ``X_pool``.
        X : ndarray of shape (n_labeled, n_features)
            The labeled samples.
        y : array-like of shape (n_labeled,) or None
            Their labels, shown as markers.
        X_pool : ndarray of shape (n_pool, n_features)
            The pool.
        n : int, default=1
            How many samples it is asked for.
        projection : pair of int, or transformer, default=None
            The plane, if there are more than two columns: see :meth:`from_learner`.
        grid_resolution : int, default=100
            Lines of the grid, in each direction.

        Returns
        -------
        display : UtilityDisplay
            Not drawn yet. Its samples are the labeled ones, then the pool.

        Raises
        ------
        ValueError
            If there are more than two columns and no ``projection``, or the strategy
            was fitted on a pool of another size.
        """
        n_known, n_pool = _num_samples(X), _num_samples(X_pool)
        fitted_on = getattr(strategy, "n_pool_", n_pool)
        if fitted_on != n_pool:
            raise ValueError(
                f"The strategy was fitted on a pool of {fitted_on} samples, and X_pool "
                f"has {n_pool}; pass what was given to fit."
            )
        asked = np.asarray(strategy.query(n))
        return cls._over(
            Plane(np.concatenate([np.asarray(X), np.asarray(X_pool)]), projection),
            grid_resolution,
            strategy,
            strategy if hasattr(strategy, "predict") else _model_of(strategy),
            labeled=np.arange(n_known),
            asked=n_known + asked,
            y=None
            if y is None
            else read_labels([*y, *[None] * n_pool], n_known + n_pool),
            title=f"{type(strategy).__name__}: {n_known} labels, {n} to ask for",
        )

    @classmethod
    def _over(cls, plane, grid_resolution, strategy, model, **known):
        """Score and predict the points of a grid."""
        xx0, xx1 = plane.grid(grid_resolution)
        points = plane.points(xx0, xx1)
        scores = None
        if hasattr(strategy, "score_samples"):
            scores = np.asarray(strategy.score_samples(points)).reshape(xx0.shape)
        predicted = None
        if model is not None and not is_regressor(model) and hasattr(model, "predict"):
            predicted = np.asarray(model.predict(points))
            if predicted.size != xx0.size:  # several labels each
                predicted = None
        if predicted is not None:
            numbers = np.unique(predicted.ravel(), return_inverse=True)[1]
            predicted = numbers.reshape(xx0.shape)
        return cls(
            xx0=xx0,
            xx1=xx1,
            samples=plane.samples,
            scores=scores,
            predicted=predicted,
            names=plane.names,
            **known,
        )

    def plot(
        self,
        ax=None,
        *,
        cmap="viridis",
        colorbar=False,
        scores_kw=None,
        boundary_kw=None,
        pool_kw=None,
        labeled_kw=None,
        asked_kw=None,
    ):
        """Draw scores as colors, the border between classes, and the samples.

        The pool is small points, labels are white, and what is asked for is ringed.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        cmap : str or matplotlib Colormap, default="viridis"
            Colors of the scores.
        colorbar : bool, default=False
            Whether to draw the colors of the scores beside them.
        scores_kw, boundary_kw, pool_kw, labeled_kw, asked_kw : dict, default=None
            More for ``pcolormesh``, ``contour`` and the three times ``scatter``.

        Returns
        -------
        display : UtilityDisplay
            This display, with ``ax_``, ``figure_``, ``surface_``, ``boundary_`` and
            ``colorbar_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        self.surface_ = self.colorbar_ = None
        if self.scores is not None:
            style = {"cmap": cmap, "shading": "auto", "rasterized": True}
            style |= {"alpha": 0.85, **(scores_kw or {})}
            self.surface_ = ax.pcolormesh(self.xx0, self.xx1, self.scores, **style)
        if colorbar and self.surface_ is not None:
            self.colorbar_ = ax.figure.colorbar(self.surface_, ax=ax, label="score")
        self.boundary_ = self._draw_boundary(boundary_kw)
        self._draw_samples(pool_kw or {}, labeled_kw or {}, asked_kw or {})
        names = self.names or ["", ""]
        ax.set(xticks=[], yticks=[])
        ax.set(xlabel=as_it_is(names[0]), ylabel=as_it_is(names[1]))
        if self.title is not None:
            ax.set_title(self.title, fontsize="medium")
        return self

    def _draw_boundary(self, given):
        """Draw one line for each class but the last, around where it is predicted."""
        if self.predicted is None:
            return []
        style = {"colors": "black", "linewidths": 1.2, **(given or {})}
        n_borders = int(self.predicted.max())
        borders = range(n_borders if n_borders == 1 else n_borders + (n_borders > 0))
        return [
            self.ax_.contour(
                self.xx0, self.xx1, (self.predicted == k).astype(float), [0.5], **style
            )
            for k in borders
        ]

    def _draw_samples(self, pool, labeled, asked):
        rest = np.setdiff1d(np.arange(len(self.samples)), self.labeled)
        grey = {"color": "0.35", "s": 7, "linewidths": 0, **pool}
        self.ax_.scatter(*self.samples[rest].T, **grey)
        for marker, rows in self._by_class():
            style = {"marker": marker, **_LABELED, **labeled}
            self.ax_.scatter(*self.samples[rows].T, **style)
        self.ax_.scatter(*self.samples[self.asked].T, **{**_ASKED, **asked})

    def _by_class(self):
        """Return (marker, labeled rows) of each class, or of all if they are many."""
        rows = np.asarray(self.labeled)
        if self.y is None or not len(rows) or np.ndim(self.y) != 1:
            return [("o", rows)]
        classes, numbers = classes_of(self.y)
        if not 0 < len(classes) <= len(MARKERS):
            return [("o", rows)]
        found = [rows[numbers[rows] == k] for k in range(len(classes))]
        return [pair for pair in zip(MARKERS, found, strict=False) if len(pair[1])]


def _labels_of(learner, y):
    """Return the labels given, or those that the learner was taught."""
    if y is not None:
        return y
    if learner._run is None:
        raise ValueError(
            "This learner was fitted in a simulation, and keeps no labels: pass the y "
            "that it was fitted on."
        )
    return learner.labels_


def _model_of(strategy):
    """Return the fitted model of a strategy, or None."""
    return getattr(strategy, "estimator_", None)


def _warn_of_another_answer(learner, strategy, asked, again):
    """Say how many rows the strategy, fitted again, does not ask for."""
    lost = len(np.setdiff1d(asked, again))
    if not lost:
        return
    why = "parts of the run that it does not keep, or people who chose themselves"
    if not isinstance(learner.random_state, (int, np.integer)):
        why = f"random_state={learner.random_state!r}, which gives no seed twice"
    warnings.warn(
        f"{type(strategy).__name__}, fitted again, asks for {len(asked) - lost} of the "
        f"{len(asked)} rows of the run ({why}): the scores are not quite those of "
        "then.",
        UserWarning,
        stacklevel=3,
    )
