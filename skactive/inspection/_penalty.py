"""Who beats whom, as a picture."""

import numpy as np

from skactive.inspection._plotting import axes_or_new
from skactive.metrics import pairwise_penalty_matrix


class PenaltyMatrixDisplay:
    """The pairwise penalty matrix: how often the row beats the column.

    Make one from a matrix, or use :meth:`from_scores` or :meth:`from_result`. All
    parameters are kept as attributes.

    Parameters
    ----------
    matrix : array-like of shape (n_strategies, n_strategies)
        What :func:`~skactive.metrics.pairwise_penalty_matrix` returned.
    names : list of str
        What to call the strategies.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure of the axes.
    im_ : matplotlib AxesImage
        The colors; the last row holds the column means.
    text_ : ndarray of matplotlib Text of shape (n_strategies + 1, n_strategies)
        The numbers; None on the diagonal.

    See Also
    --------
    skactive.metrics.pairwise_penalty_matrix : Computes it.
    CriticalDifferenceDisplay : One rank per strategy.

    Examples
    --------
    >>> from skactive.inspection import PenaltyMatrixDisplay
    >>> display = PenaltyMatrixDisplay(
    ...     matrix=[[0, 0.6], [0.1, 0]], names=["margin", "random"]
    ... ).plot()
    >>> display.text_[0, 1].get_text(), display.text_[2, 1].get_text()
    ('0.60', '0.30')
    """

    def __init__(self, *, matrix, names):
        self.matrix = matrix
        self.names = names

    @classmethod
    def from_scores(
        cls, scores, *, names, alpha=0.05, correction=None, checkpoints=None
    ):
        """Compute the matrix from scores.

        Parameters
        ----------
        scores : array-like of shape (n_strategies, n_seeds, n_rounds), or a list
            One array per setting.
        names : list of str
            What to call the strategies.
        alpha : float, default=0.05
            Level of the tests.
        correction : {"holm"} or None, default=None
            Adjustment for the number of tests.
        checkpoints : array-like of int, or a list of them, default=None
            Rounds that are compared. None: all. See
            :func:`~skactive.metrics.pairwise_penalty_matrix` for all of these.

        Returns
        -------
        display : PenaltyMatrixDisplay
            Not drawn yet.

        Raises
        ------
        ValueError
            If there are fewer than five seeds, or something does not fit.

        Examples
        --------
        >>> import numpy as np
        >>> from skactive.inspection import PenaltyMatrixDisplay
        >>> random = np.random.RandomState(0).rand(5, 4)
        >>> display = PenaltyMatrixDisplay.from_scores(
        ...     [random + 0.1, random], names=["better", "random"]
        ... )
        >>> display.matrix.tolist()
        [[0.0, 1.0], [0.0, 0.0]]
        """
        matrix = pairwise_penalty_matrix(
            scores, alpha=alpha, correction=correction, checkpoints=checkpoints
        )
        return cls(matrix=matrix, names=names)

    @classmethod
    def from_result(cls, result, **kwargs):
        """Take the matrix from the result of a benchmark.

        Parameters
        ----------
        result : BenchmarkResult
            Or anything with a list ``strategies`` of names and a method
            ``penalty_matrix``.
        **kwargs : dict
            Passed to ``result.penalty_matrix``.

        Returns
        -------
        display : PenaltyMatrixDisplay
            Not drawn yet.
        """
        return cls(matrix=result.penalty_matrix(**kwargs), names=result.strategies)

    def plot(self, ax=None, *, cmap="Blues", vmax=None, values_format=".2f"):
        """Draw the matrix, and below it the column means: how often one is beaten.

        The means are those of the whole columns, with the zero of the diagonal.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        cmap : str or matplotlib Colormap, default="Blues"
            Colors, from 0 upwards.
        vmax : float, default=None
            The value of the strongest color, such as the number of settings. None: the
            largest entry.
        values_format : str, default=".2f"
            How the numbers are written.

        Returns
        -------
        display : PenaltyMatrixDisplay
            This display, with ``ax_``, ``figure_``, ``im_`` and ``text_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the matrix is not square, or ``names`` is not as long.
        """
        matrix = np.asarray(self.matrix, dtype=float)
        n = len(self.names)
        if matrix.shape != (n, n) or not n:
            raise ValueError(
                "matrix must be square, with one row and column per name; got shape "
                f"{matrix.shape} for {n} names."
            )
        own_figure = ax is None
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        if own_figure:
            side = max(4.0, 1.8 + 0.75 * n)
            self.figure_.set_size_inches(side, side)
        shown = np.vstack([matrix, matrix.mean(axis=0)])
        vmax = (matrix.max() or 1.0) if vmax is None else vmax
        self.im_ = ax.imshow(shown, cmap=cmap, vmin=0, vmax=vmax)
        self._write(shown, values_format)
        # The means are no strategy: a line above them, and the cells told apart.
        ax.axhline(n - 0.5, color="black", linewidth=2)
        ax.set_xticks(np.arange(n - 1) + 0.5, minor=True)
        ax.set_yticks(np.arange(n) + 0.5, minor=True)
        ax.grid(which="minor", color="white", linewidth=1.5)
        ax.tick_params(which="both", length=0)
        ax.set_xticks(
            range(n), self.names, rotation=45, ha="right", rotation_mode="anchor"
        )
        ax.set_yticks(range(n + 1), [*self.names, "column mean"])
        ax.spines[:].set_visible(False)
        ax.set_title("How often the row beats the column\n(low column means are good)")
        return self

    def _write(self, shown, values_format):
        """Write the numbers, light on dark; nothing is compared with itself."""
        self.text_ = np.full(shown.shape, None, dtype=object)
        for (i, j), value in np.ndenumerate(shown):
            if i != j:
                red, green, blue, _ = self.im_.cmap(self.im_.norm(value))
                dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
                self.text_[i, j] = self.ax_.text(
                    j,
                    i,
                    format(value, values_format),
                    ha="center",
                    va="center",
                    color="white" if dark else "black",
                )
