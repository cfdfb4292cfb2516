"""Ranks of strategies over settings, as a picture."""

import numpy as np

from skactive.inspection._plotting import axes_or_new
from skactive.metrics import critical_difference_ranks


class CriticalDifferenceDisplay:
    """Mean ranks on a line, and bars over those that are not told apart.

    Use :meth:`from_areas` or :meth:`from_ranks` to make one. All parameters are kept as
    attributes.

    Parameters
    ----------
    ranks : array-like of shape (n_strategies,)
        Mean ranks; 1 is the best.
    names : list of str
        What to call the strategies.
    groups : list of tuple of int, default=()
        Sets of strategies that are not told apart, as positions in ``ranks``.
    critical_difference : float, default=None
        A length to draw beside the ranks.
    note : str, default=None
        A line of text below: what was tested.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Where it was drawn.
    figure_ : matplotlib Figure
        The figure of the axes.
    bars_ : list of matplotlib Line2D
        One bar per group, with a dot on every member.
    text_ : list of matplotlib Text
        The names with their ranks, in the order of ``names``.

    See Also
    --------
    skactive.metrics.critical_difference_ranks : Computes ranks and groups.
    PenaltyMatrixDisplay : Who beats whom within the settings.

    Examples
    --------
    >>> from skactive.inspection import CriticalDifferenceDisplay
    >>> display = CriticalDifferenceDisplay(
    ...     ranks=[2.9, 1.4, 1.7], names=["random", "margin", "BADGE"],
    ...     groups=[(1, 2)],
    ... ).plot()
    >>> display.bars_[0].get_xdata().tolist()
    [1.4, 1.7]
    """

    def __init__(self, *, ranks, names, groups=(), critical_difference=None, note=None):
        self.ranks = ranks
        self.names = names
        self.groups = groups
        self.critical_difference = critical_difference
        self.note = note

    @classmethod
    def from_areas(cls, areas, *, names, method="wilcoxon-holm", alpha=0.05):
        """Rank strategies over settings and test which of them differ.

        Parameters
        ----------
        areas : array-like of shape (n_settings, n_strategies)
            One number per setting and strategy, greater is better.
        names : list of str
            What to call the strategies.
        method : {"wilcoxon-holm", "nemenyi"}, default="wilcoxon-holm"
            How pairs are compared.
        alpha : float, default=0.05
            Level of the tests. See
            :func:`~skactive.metrics.critical_difference_ranks` for all of these.

        Returns
        -------
        display : CriticalDifferenceDisplay
            Not drawn yet.

        Raises
        ------
        ValueError
            If there are fewer than five settings or three strategies, or something
            does not fit.

        Examples
        --------
        >>> from skactive.inspection import CriticalDifferenceDisplay
        >>> areas = [[0.9 - i / 100, 0.8, 0.7] for i in range(8)]
        >>> display = CriticalDifferenceDisplay.from_areas(areas, names="ABC")
        >>> display.groups
        []
        """
        ranks = critical_difference_ranks(areas, method=method, alpha=alpha)
        return cls.from_ranks(ranks, names=names)

    @classmethod
    def from_ranks(cls, ranks, *, names):
        """Take the ranks from the result of the tests.

        Parameters
        ----------
        ranks : CriticalDifferenceRanks
            What :func:`~skactive.metrics.critical_difference_ranks` returned.
        names : list of str
            What to call the strategies.

        Returns
        -------
        display : CriticalDifferenceDisplay
            Not drawn yet.
        """
        method = {"nemenyi": "Nemenyi"}.get(ranks.method, "Wilcoxon–Holm")
        note = f"{len(ranks.ranks)} settings, Friedman p = {ranks.p_value:.2g}; "
        if ranks.smallest_p_value >= ranks.alpha:
            note += f"too few for {method} to separate any pair"
        elif ranks.p_value >= ranks.alpha:
            note += "no difference shown, pairs not compared"
        else:
            note += f"bars: not separated by {method} at {ranks.alpha:g}"
        return cls(
            ranks=ranks.mean_ranks,
            names=names,
            groups=ranks.groups,
            critical_difference=ranks.critical_difference,
            note=note,
        )

    def plot(self, ax=None, *, line_kwargs=None):
        """Draw the ranks, the best at the left, and the bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. None: a new figure.
        line_kwargs : dict, default=None
            Passed to ``ax.plot`` for every bar.

        Returns
        -------
        display : CriticalDifferenceDisplay
            This display, with ``ax_``, ``figure_``, ``bars_`` and ``text_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If ``ranks`` and ``names`` differ in length, or a group names a strategy
            that does not exist.
        """
        ranks = np.asarray(self.ranks, dtype=float)
        if ranks.ndim != 1 or len(ranks) != len(self.names) or len(ranks) < 2:
            raise ValueError(
                "ranks and names must have one entry per strategy, two or more; got "
                f"shape {ranks.shape} for {len(self.names)} names."
            )
        if any(not 0 <= i < len(ranks) for group in self.groups for i in group):
            raise ValueError(
                f"groups must hold positions from 0 to {len(ranks) - 1}, got "
                f"{list(self.groups)}."
            )
        n_left = -(-len(ranks) // 2)
        # In units of one line of text: bars, then names.
        first_name = 0.9 + 0.45 * len(self.groups)
        depth = first_name + n_left - 0.4 + 1.1 * (self.critical_difference is not None)
        own_figure = ax is None
        self.ax_ = ax = axes_or_new(ax)
        self.figure_ = ax.figure
        if own_figure:
            self.figure_.set_size_inches(8, 1.2 + 0.3 * depth)
        self._draw_scale(len(ranks), depth)
        self._draw_names(ranks, first_name)
        style = {"color": "black", "linewidth": 3, "marker": "o", "markersize": 7}
        self.bars_ = []
        for k, group in enumerate(self.groups):
            x = np.sort(ranks[list(group)])
            y = np.full(len(x), 0.55 + 0.45 * k)
            (bar,) = ax.plot(x, y, **{**style, **(line_kwargs or {})})
            self.bars_.append(bar)
        return self

    def _draw_scale(self, n, depth):
        """Draw the axis of ranks at the top, and nothing else of the frame."""
        ax = self.ax_
        ax.set(xlim=(1, n), ylim=(depth, 0), yticks=[], xticks=range(1, n + 1))
        ax.xaxis.tick_top()
        ax.xaxis.set_label_position("top")
        ax.set_xlabel("mean rank (1 is best)")
        ax.spines[["left", "right", "bottom"]].set_visible(False)
        if self.critical_difference is not None:
            length = min(self.critical_difference, n - 1)
            ax.plot(
                [n - length, n], [depth - 0.4] * 2, "|-", color="0.4", clip_on=False
            )
            ax.text(
                n - length / 2,
                depth - 0.6,
                f"critical difference {self.critical_difference:.2f}",
                ha="center",
                va="bottom",
                color="0.4",
                fontsize="small",
            )
        if self.note:
            ax.text(
                0.5,
                -0.02,
                self.note,
                transform=ax.transAxes,
                ha="center",
                va="top",
                color="0.3",
                fontsize="small",
            )

    def _draw_names(self, ranks, first_name):
        """Write the better half at the left and the others at the right."""
        n = len(ranks)
        n_left = -(-n // 2)
        margin = 0.06 * (n - 1)
        self.text_ = [None] * n
        for place, i in enumerate(np.argsort(ranks, kind="stable").tolist()):
            left = place < n_left
            y = first_name + (place if left else n - 1 - place)
            edge = 1 - margin if left else n + margin
            self.ax_.plot(
                [ranks[i], ranks[i], edge],
                [0, y, y],
                color="0.5",
                linewidth=1,
                clip_on=False,
                zorder=1,
            )
            rank = f"{ranks[i]:.2f}"
            words = [self.names[i], rank] if left else [rank, self.names[i]]
            self.text_[i] = self.ax_.text(
                edge - margin / 4 if left else edge + margin / 4,
                y,
                "  ".join(words),
                ha="right" if left else "left",
                va="center",
            )
