"""Which samples were asked for, round by round."""

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA

from skactive.inspection._markers import classes_of, read_labels
from skactive.inspection._plotting import (
    MARKERS,
    as_it_is,
    axes_or_new,
    colors_of_rounds,
)
from skactive.inspection._query_images import query_images
from skactive.inspection._query_rounds import animate, plot_rounds

_UNKNOWN = "d"  # of rows without a label
# Hollow, so that no color map has a round that looks like it.
_BEGINNING = {"facecolor": "white", "edgecolor": "black", "linewidth": 1.2}


def _to_plane(X, embedding):
    """Return a 2-d embedding: the one given, X itself, or its first two components."""
    if embedding is not None and not hasattr(embedding, "fit_transform"):
        Z = _as_floats(embedding, "embedding")
    elif embedding is not None:
        Z = _as_floats(embedding.fit_transform(X), "what the transformer makes")
    else:
        if not sparse.issparse(X):
            X = _as_floats(X, "X")
            X = X.reshape(len(X), -1)
        if X.shape[1] > 2:
            X = _components(X)
        Z = X.toarray() if sparse.issparse(X) else X
    if Z.ndim != 2 or Z.shape[1] != 2:
        raise ValueError(
            f"The embedding must have two columns, got shape {Z.shape}; pass "
            "embedding=, an array of shape (n_samples, 2) or a transformer."
        )
    return Z


def _as_floats(X, name):
    """Return numbers in whatever container as an array of floats."""
    if sparse.issparse(X):
        return X.toarray().astype(float)
    try:
        X = np.asarray(X)
        if X.dtype.kind in "fiubO":  # a list of words could be read as numbers
            return X.astype(float)
    except (TypeError, ValueError):  # rows of unequal lengths, or objects among them
        pass
    raise ValueError(
        f"{name} is not numeric; pass embedding=, an array of shape (n_samples, 2) or "
        "a transformer that makes one."
    )


def _components(X):
    """Return the first two principal components."""
    values = X.data if sparse.issparse(X) and hasattr(X, "data") else X
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise ValueError(
                "X holds NaN or infinity, so that it has no principal components; pass "
                "embedding=, an array of shape (n_samples, 2) or a transformer that "
                "takes them."
            )
    solver = "arpack" if sparse.issparse(X) else "auto"
    return PCA(2, svd_solver=solver, random_state=0).fit_transform(X)


class QueryDisplay:
    """The samples that were asked for, round by round, in the plane.

    Use :meth:`from_learner` to make one; :meth:`from_images` makes a display of
    pictures. All parameters are kept as attributes.

    Parameters
    ----------
    embedding : ndarray of shape (n_samples, 2)
        Where each sample lies.
    labeled_iter : ndarray of int of shape (n_samples,)
        The round in which it was labeled: 0 the beginning, -1 never.
    y : array-like of shape (n_samples,), default=None
        Classes, shown as markers; None, NaN and the like are rows without a label.

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
    QueryImagesDisplay : The images that are asked for.

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
            Their classes, at most twelve, shown as markers, in whatever the learner
            takes for labels. They are for the reader: include labels that the learner
            never saw. Rows without a label have a marker of their own.
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
        for name, rows in (("X", Z), ("y", y)):
            n_rows = len(labeled_iter) if rows is None else len(rows)
            if n_rows != len(labeled_iter):
                raise ValueError(
                    f"The learner was fitted on {len(labeled_iter)} rows, and {name} "
                    f"has {n_rows}; pass what was given to fit."
                )
        if y is not None:
            y = read_labels(y, len(Z), getattr(learner, "missing_label", None))
            n_classes = len(classes_of(y)[0])
            if n_classes > len(MARKERS):
                raise ValueError(
                    f"y has {n_classes} values, and no more than {len(MARKERS)} "
                    "markers can be told apart; leave y out."
                )
        return cls(embedding=Z, labeled_iter=labeled_iter, y=y)

    @staticmethod
    def from_images(asked, X, y=None, *, n=10, classes=None, ignore_index=255):
        """Show the images that are asked for, best first, in place of the plane.

        Parameters
        ----------
        asked : ActiveLearner, QueryStrategy or array-like of int of shape (n_images,)
            A learner ready for ``query``, a fitted strategy, or positions: those of a
            query, or ``learner.queried_indices_``.
        X : array-like of shape (n_samples, channels, height, width)
            The images in which the positions count: the ``X`` of the learner, the
            ``X_pool`` of the strategy. The channels may be last, or absent.
        y : array-like of shape (n_samples,), default=None
            Masks, boxes or labels to draw with the images, true or predicted, None
            where there is none.
        n : int, default=10
            How many to ask for.
        classes : array-like of shape (n_classes,), default=None
            All classes of masks or boxes, in the order of their colors. None: those
            that are drawn.
        ignore_index : int or None, default=255
            What a mask holds where a pixel has no label.

        Returns
        -------
        display : QueryImagesDisplay
            Not drawn yet. It has scores if the strategy gives samples scores, those of
            these images alone.

        Raises
        ------
        ValueError
            If there are no positions, they are none of ``X``, lengths differ, or ``X``
            does not hold images.

        Examples
        --------
        >>> import numpy as np
        >>> from skactive.inspection import QueryDisplay
        >>> from skactive.diversity import CoreSet
        >>> X = np.random.RandomState(0).rand(20, 3, 8, 8)
        >>> strategy = CoreSet(random_state=0).fit(X[:2], None, X[2:])
        >>> QueryDisplay.from_images(strategy, X[2:], n=7).plot().axes_.shape
        (2, 5)
        """
        return query_images(
            asked, X, y, n=n, classes=classes, ignore_index=ignore_index
        )

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
        n_rounds = self._n_rounds
        asked = self._draw(cmap)
        self.colorbar_ = self._colorbar(asked, ax)
        self._legend()
        ax.set_title(
            f"{np.sum(rounds == 0)} labels to begin with, {np.sum(rounds > 0)} asked "
            f"for in {n_rounds} round{'s' * (n_rounds != 1)}"
        )
        ax.set(xticks=[], yticks=[])
        return self

    def plot_rounds(self, rounds=None, ax=None, *, cmap="viridis"):
        """Draw one small picture for each round: what was asked for by then.

        Parameters
        ----------
        rounds : array-like of int of shape (n_pictures,), default=None
            Which rounds, 0 the beginning. None: all, and of more than twelve the
            first, the last and ten between them.
        ax : array-like of matplotlib Axes of shape (n_pictures,), default=None
            Where to draw. None: a new figure, four pictures to a row.
        cmap : str or matplotlib Colormap, default="viridis"
            Colors of the rounds, the same in all pictures.

        Returns
        -------
        display : QueryDisplay
            This display, with ``axes_``, ``figure_`` and ``colorbar_`` set. What is new
            in a round is larger and ringed.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are no such rounds, or another number of axes.
        """
        return plot_rounds(self, rounds, ax, cmap)

    def animate(self, filename=None, ax=None, *, cmap="viridis", interval=700):
        """Show the rounds one after another, as a film.

        Parameters
        ----------
        filename : str or path-like, default=None
            Where to save it: ``.gif``, ``.png`` and ``.webp`` are written by Pillow,
            which comes with matplotlib; ``.mp4`` and the like need the program ffmpeg.
            None: not saved.
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        cmap : str or matplotlib Colormap, default="viridis"
            Colors of the rounds.
        interval : int, default=700
            Milliseconds for each round.

        Returns
        -------
        animation : matplotlib.animation.FuncAnimation
            Keep a reference to it as long as it is shown. ``to_jshtml()`` makes a
            player for a notebook.

        Raises
        ------
        ImportError
            If matplotlib, or what writes such a file, is not installed.
        ValueError
            If ``filename`` has another ending.

        Notes
        -----
        Cost: one picture for each round. Memory: one picture at a time, a GIF's all.
        """
        return animate(self, filename, ax, cmap, interval)

    @property
    def _n_rounds(self):
        return int(np.max(self.labeled_iter, initial=0))

    def _draw(self, cmap, until=None):
        """Draw all samples as they were in a round; return what was asked for."""
        n_rounds = self._n_rounds
        until = n_rounds if until is None else until
        rounds = np.asarray(self.labeled_iter)
        rounds = np.where(rounds <= until, rounds, -1)
        self._scatter(rounds < 0, s=12, color="0.82", linewidths=0)
        # Bounds halfway between rounds: each round is one band of the color bar.
        bands = colors_of_rounds(cmap, n_rounds)
        style = {"cmap": bands, "vmin": 0.5, "vmax": n_rounds + 0.5}
        asked = self._scatter(rounds > 0, c=rounds, s=34, ec="white", lw=0.5, **style)
        self._scatter(rounds == 0, s=28, **_BEGINNING)
        return asked

    def _colorbar(self, asked, ax):
        """Return the colors of the rounds, beside one or several axes; None: none."""
        if not asked:
            return None
        n_rounds = self._n_rounds
        bar = self.figure_.colorbar(asked[0], ax=ax, label="round")
        bar.set_ticks(np.arange(1, n_rounds + 1, -(-n_rounds // 10)))
        bar.minorticks_off()
        return bar

    def _markers(self):
        """Return what stands for what: (marker, name, rows)."""
        if self.y is None:
            return [("o", None, np.ones(len(self.labeled_iter), dtype=bool))]
        classes, numbers = classes_of(self.y)
        shown = [
            (marker, str(label), numbers == k)
            for k, (marker, label) in enumerate(zip(MARKERS, classes, strict=False))
        ]
        if np.any(numbers < 0):
            shown.append((_UNKNOWN, "no label", numbers < 0))
        return shown

    def _scatter(self, mask, *, c=None, **style):
        """Scatter some rows, one call per class; return what was drawn."""
        drawn = []
        for marker, _, of_class in self._markers():
            rows = mask & of_class
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
            entries += [(label, marker, grey) for marker, label, _ in self._markers()]
        for label, marker, style in entries:
            self.ax_.scatter([], [], label=as_it_is(label), marker=marker, **style)
        # Below the axes: inside, it would lie on samples.
        self.ax_.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.01),
            ncols=min(len(entries), 6),
            fontsize="small",
            frameon=False,
        )
