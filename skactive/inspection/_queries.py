"""Which samples were asked for, round by round."""

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA

from skactive.inspection._plotting import axes_or_new, colors_of_rounds

_MARKERS = "os^vD<>PX*hp"
# Hollow, so that no color map has a round that looks like it.
_BEGINNING = {"facecolor": "white", "edgecolor": "black", "linewidth": 1.2}


def _to_plane(X, embedding):
    """Return a 2-d embedding: the one given, X itself, or its first two components."""
    if embedding is not None and not hasattr(embedding, "fit_transform"):
        Z = np.asarray(embedding, dtype=float)
    elif embedding is not None:
        Z = embedding.fit_transform(X)
        Z = (Z.toarray() if sparse.issparse(Z) else np.asarray(Z)).astype(float)
    else:
        if not sparse.issparse(X):
            X = np.asarray(X)
            if X.dtype.kind not in "fiub":
                raise ValueError(
                    "X is not numeric; pass embedding=, an array of shape "
                    "(n_samples, 2) or a transformer that makes one."
                )
            X = X.reshape(len(X), -1).astype(float)
        if X.shape[1] > 2:
            solver = "arpack" if sparse.issparse(X) else "auto"
            X = PCA(2, svd_solver=solver, random_state=0).fit_transform(X)
        Z = X.toarray() if sparse.issparse(X) else X
    if Z.ndim != 2 or Z.shape[1] != 2:
        raise ValueError(
            f"The embedding must have two columns, got shape {Z.shape}; pass "
            "embedding=, an array of shape (n_samples, 2) or a transformer."
        )
    return Z


class QueryDisplay:
    """The samples that were asked for, round by round, in the plane.

    Use :meth:`from_learner` to make one. All parameters are kept as attributes.

    Parameters
    ----------
    embedding : ndarray of shape (n_samples, 2)
        Where each sample lies.
    labeled_iter : ndarray of int of shape (n_samples,)
        The round in which it was labeled: 0 the beginning, -1 never.
    y : array-like of shape (n_samples,), default=None
        Classes, shown as markers.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure of the axes.
    colorbar_ : matplotlib Colorbar or None
        The colors of the rounds; None if nothing was asked for after the beginning.

    See Also
    --------
    LearningCurveDisplay : What came of it.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from skactive import ActiveLearner
    >>> from skactive.inspection import QueryDisplay
    >>> X, y = make_blobs(200, random_state=0)
    >>> learner = ActiveLearner(budget=20, random_state=0).fit(X, y)
    >>> display = QueryDisplay.from_learner(learner, X).plot()
    >>> display.ax_.get_title()
    '10 labels to begin with, 20 asked for in 2 rounds'
    """

    def __init__(self, *, embedding, labeled_iter, y=None):
        self.embedding = embedding
        self.labeled_iter = labeled_iter
        self.y = y

    @classmethod
    def from_learner(cls, learner, X, y=None, *, embedding=None):
        """Take the rounds from a fitted learner.

        Parameters
        ----------
        learner : ActiveLearner or Pipeline
            A fitted learner, or a pipeline that ends in one.
        X : array-like of shape (n_samples, ...)
            The samples it was fitted on.
        y : array-like of shape (n_samples,), default=None
            Their classes, at most twelve, shown as markers. They are for the reader:
            include labels that the learner never saw.
        embedding : array-like of shape (n_samples, 2) or transformer, default=None
            Where to draw the samples. None: ``X`` if it has two columns, else its
            first two principal components.

        Returns
        -------
        display : QueryDisplay
            Not drawn yet.

        Raises
        ------
        ValueError
            If ``X``, ``y`` or the embedding do not fit the rows of the learner, the
            embedding does not have two columns, or there are too many classes.
        """
        learner = learner[-1] if hasattr(learner, "steps") else learner
        if not hasattr(learner, "labeled_iter_"):
            raise TypeError(
                f"{type(learner).__name__} has no labeled_iter_; pass a fitted "
                "ActiveLearner."
            )
        labeled_iter = np.asarray(learner.labeled_iter_)
        Z = _to_plane(X, embedding)
        y = None if y is None else np.asarray(y)
        for name, rows in (("X", Z), ("y", y)):
            if rows is not None and len(rows) != len(labeled_iter):
                raise ValueError(
                    f"The learner was fitted on {len(labeled_iter)} rows, and {name} "
                    f"has {len(rows)}; pass what was given to fit."
                )
        if y is not None and len(np.unique(y)) > len(_MARKERS):
            raise ValueError(
                f"y has {len(np.unique(y))} values, and no more than "
                f"{len(_MARKERS)} markers can be told apart; leave y out."
            )
        return cls(embedding=Z, labeled_iter=labeled_iter, y=y)

    def plot(self, ax=None, *, cmap="viridis"):
        """Draw the pool in grey, the beginning hollow, queries colored by round.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        cmap : str or matplotlib Colormap, default="viridis"
            Colors of the rounds.

        Returns
        -------
        display : QueryDisplay
            This display, with ``ax_``, ``figure_`` and ``colorbar_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        rounds = np.asarray(self.labeled_iter)
        n_rounds = int(rounds.max(initial=0))
        self._scatter(rounds < 0, s=12, color="0.82", linewidths=0)
        # Bounds halfway between rounds: each round is one band of the color bar.
        bands = colors_of_rounds(cmap, n_rounds)
        style = {"cmap": bands, "vmin": 0.5, "vmax": n_rounds + 0.5}
        asked = self._scatter(rounds > 0, c=rounds, s=34, ec="white", lw=0.5, **style)
        self._scatter(rounds == 0, s=28, **_BEGINNING)
        self.colorbar_ = None
        if asked:
            self.colorbar_ = ax.figure.colorbar(asked[0], ax=ax, label="round")
            self.colorbar_.set_ticks(np.arange(1, n_rounds + 1, -(-n_rounds // 10)))
            self.colorbar_.minorticks_off()
        self._legend()
        ax.set_title(
            f"{np.sum(rounds == 0)} labels to begin with, {np.sum(rounds > 0)} asked "
            f"for in {n_rounds} round{'s' * (n_rounds != 1)}"
        )
        ax.set(xticks=[], yticks=[])
        return self

    def _scatter(self, mask, *, c=None, **style):
        """Scatter some rows, one call per class; return what was drawn."""
        y = np.zeros(len(mask), dtype=int) if self.y is None else self.y
        drawn = []
        for marker, label in zip(_MARKERS, np.unique(y), strict=False):
            rows = mask & (y == label)
            if rows.any():
                colors = {} if c is None else {"c": c[rows]}
                drawn.append(
                    self.ax_.scatter(
                        *self.embedding[rows].T, marker=marker, **colors, **style
                    )
                )
        return drawn

    def _legend(self):
        """Say what grey and hollow mean, and which marker is which class."""
        entries = [("pool", "o", {"color": "0.82"}), ("beginning", "o", _BEGINNING)]
        if self.y is not None:
            grey = {"color": "0.5"}
            classes = zip(_MARKERS, np.unique(self.y), strict=False)
            entries += [(str(label), marker, grey) for marker, label in classes]
        for label, marker, style in entries:
            self.ax_.scatter([], [], label=label, marker=marker, **style)
        # Below the axes: inside, it would lie on samples.
        self.ax_.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.01),
            ncols=min(len(entries), 6),
            fontsize="small",
            frameon=False,
        )
