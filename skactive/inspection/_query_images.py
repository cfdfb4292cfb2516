"""The images that were asked for, best first."""

import numpy as np

from skactive._sklearn import _num_samples
from skactive.inspection._pictures import (
    all_classes,
    as_pictures,
    class_colors,
    class_legend,
    colored_mask,
    draw_boxes,
    draw_picture,
)
from skactive.inspection._plotting import as_it_is, grid_or_new
from skactive.utils._dense_answers import BoxAnswers, as_objects, kind_of
from skactive.utils._labels import _is_absent
from skactive.utils._rows import take_rows

#: Pictures side by side in a new figure.
COLUMNS = 5


class QueryImagesDisplay:
    """The images that were asked for, best first, with what is in them.

    Use :meth:`QueryDisplay.from_images` to make one. All parameters are kept as
    attributes.

    Parameters
    ----------
    X : list of ndarray of shape (height, width) or (height, width, 3)
        The images asked for, from 0 to 1.
    rows : ndarray of int of shape (n_images,)
        Their positions.
    scores : ndarray of shape (n_images,), default=None
        How much each of them is wanted.
    y : ndarray of shape (n_images,), default=None
        Masks (height, width), dicts of boxes, or labels; None where there is none.
    classes : array-like of shape (n_classes,), default=None
        All classes of masks or boxes, in the order of their colors. None: those drawn.
    ignore_index : int or None, default=255
        What a mask holds where a pixel has no label; the image is seen there.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes of shape (n_rows, n_columns)
        One for each image, and empty ones that fill the last row.
    figure_ : matplotlib Figure
        The figure of the axes.
    legend_ : matplotlib Legend or None
        The colors of the classes, if masks or boxes are drawn.

    See Also
    --------
    QueryDisplay : What was asked for, in the plane.
    AnswerDisplay : Masks or boxes, true and predicted, side by side.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.inspection import QueryDisplay
    >>> X = np.random.RandomState(0).rand(9, 8, 8)
    >>> display = QueryDisplay.from_images([7, 2, 3], X).plot()
    >>> [ax.get_title() for ax in display.axes_.flat]
    ['1: row 7', '2: row 2', '3: row 3']
    """

    def __init__(self, *, X, rows, scores=None, y=None, classes=None, ignore_index=255):
        self.X = X
        self.rows = rows
        self.scores = scores
        self.y = y
        self.classes = classes
        self.ignore_index = ignore_index

    def plot(self, ax=None, *, cmap=None, alpha=0.45, min_score=0.3):
        """Draw the images in a grid, row by row.

        Parameters
        ----------
        ax : array-like of matplotlib Axes of shape (n_images,), default=None
            Where to draw. None: a new figure.
        cmap : str or matplotlib Colormap, default=None
            Colors of the classes. None: seven that the color-blind can tell apart,
            "tab10" for more, "tab20" for more than ten.
        alpha : float, default=0.45
            How much of the image a mask hides, from 0 to 1.
        min_score : float, default=0.3
            Boxes of a lower score, where they have scores, are not drawn.

        Returns
        -------
        display : QueryImagesDisplay
            This display, with ``axes_``, ``figure_`` and ``legend_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the number of axes given is another.
        """
        n_images = len(self.X)
        n_columns = n_images if ax is not None else min(COLUMNS, n_images)
        n_rows = -(-n_images // n_columns)
        size = (1.7 * n_columns + 1, 2.1 * n_rows)
        self.axes_ = grid_or_new(ax, n_rows, n_columns, size)
        self.figure_, self.legend_ = self.axes_[0, 0].figure, None
        kind = None if self.y is None else kind_of(self.y)
        classes, colors = [], []
        if kind is not None:
            boxes = kind is BoxAnswers
            ignored = None if boxes else self.ignore_index
            classes = all_classes(self.y, boxes, self.classes, ignored)
            colors = class_colors(cmap, len(classes))
            self.legend_ = class_legend(self.axes_[0, -1], classes, colors)
        for k, panel in enumerate(self.axes_.flat):
            if k >= n_images:
                panel.set_axis_off()
                continue
            draw_picture(panel, self.X[k])
            panel.set(xticks=[], yticks=[])
            panel.set_title(self._title(k), fontsize="small")
            if self.y is not None:
                self._answer(panel, k, kind, (classes, colors), alpha, min_score)
        return self

    def _title(self, k):
        title = f"{k + 1}: row {self.rows[k]}"
        return title if self.scores is None else f"{title}\n{self.scores[k]:.3g}"

    def _answer(self, ax, k, kind, colored, alpha, min_score):
        answer = self.y[k]
        if _is_absent(answer):
            ax.set_xlabel("no answer", fontsize="small")
        elif kind is None:
            ax.set_xlabel(as_it_is(str(answer)), fontsize="small")
        elif kind is BoxAnswers:
            draw_boxes(ax, answer, *colored, min_score)
        else:
            height, width = self.X[k].shape[:2]
            place = (-0.5, width - 0.5, height - 0.5, -0.5)
            mask = colored_mask(answer, *colored, alpha)
            ax.imshow(mask, interpolation="nearest", extent=place)


def query_images(asked, X, y=None, *, n=10, classes=None, ignore_index=255):
    """Return the display of the images that a strategy or a learner asks for.

    The parameters are those of :meth:`QueryDisplay.from_images`.
    """
    n_samples = _num_samples(X)
    if y is not None and _num_samples(y) != n_samples:
        raise ValueError(
            f"There are {n_samples} images and {_num_samples(y)} answers; pass as many."
        )
    asks = hasattr(asked, "query")
    rows = np.asarray(asked.query(n) if asks else asked)
    if rows.ndim != 1 or not rows.size or rows.dtype.kind not in "iu":
        raise ValueError(
            "asked must be a learner, a fitted strategy, or a list of at least one "
            f"position; got {asked!r}."
        )
    if rows.min() < 0 or rows.max() >= n_samples:
        raise ValueError(
            f"Positions {rows.tolist()} were asked for, and X holds {n_samples} images;"
            " pass the X of the learner, or the X_pool of the strategy."
        )
    images = take_rows(X, rows)
    strategy = getattr(asked, "strategy_", asked)
    scores = None
    if asks and hasattr(strategy, "score_samples"):
        scores = np.asarray(strategy.score_samples(images))
    if y is not None:
        y = as_objects(take_rows(y, rows))
    return QueryImagesDisplay(
        X=as_pictures(images),
        rows=rows,
        scores=scores,
        y=y,
        classes=classes,
        ignore_index=ignore_index,
    )
