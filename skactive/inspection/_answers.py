"""Images with true and predicted masks or boxes, side by side."""

import numpy as np
from sklearn.utils import _safe_indexing

from skactive.inspection._pictures import (
    all_classes,
    as_pictures,
    class_colors,
    class_legend,
    colored_mask,
    draw_boxes,
    draw_picture,
)
from skactive.inspection._plotting import grid_or_new
from skactive.utils._dense_answers import BoxAnswers, as_objects, kind_of
from skactive.utils._labels import _is_absent

#: Images drawn where nothing is said.
FEW = 5


class AnswerDisplay:
    """Images with their true and predicted masks or boxes, side by side.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one. All parameters
    are kept as attributes.

    Parameters
    ----------
    X : list of ndarray of shape (height, width) or (height, width, 3)
        Images, from 0 to 1.
    y_pred : ndarray of masks or of dicts of shape (n_images,)
        Predicted masks (height, width), or boxes with "labels" and, if known, "scores".
    y_true : ndarray of masks or of dicts of shape (n_images,), default=None
        True ones; None in an entry is an image without an answer. None: not drawn.
    classes : array-like of shape (n_classes,), default=None
        All classes, in the order of their colors. None: those in ``y_true`` and
        ``y_pred``.
    ignore_index : int or None, default=255
        What a mask holds where a pixel has no label; it is drawn white.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes of shape (n_rows, n_images)
        A row each for images (of masks only), truth and prediction.
    figure_ : matplotlib Figure
        The figure of the axes.
    legend_ : matplotlib Legend
        The colors of the classes.

    See Also
    --------
    QueryDisplay : Which samples were asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.inspection import AnswerDisplay
    >>> X = np.random.RandomState(0).rand(2, 1, 8, 8)
    >>> y_true, y_pred = (X[:, 0] > 0.5).astype(int), (X[:, 0] > 0.6).astype(int)
    >>> display = AnswerDisplay.from_predictions(X, y_true, y_pred).plot()
    >>> display.axes_.shape
    (3, 2)
    """

    def __init__(self, *, X, y_pred, y_true=None, classes=None, ignore_index=255):
        self.X = X
        self.y_pred = y_pred
        self.y_true = y_true
        self.classes = classes
        self.ignore_index = ignore_index

    @classmethod
    def from_estimator(cls, estimator, X, y=None, *, rows=None):
        """Predict masks or boxes, and lay them beside the true ones.

        Parameters
        ----------
        estimator : estimator object
            Fitted, with ``predict`` of masks or boxes: a NetSegmenter, a NetDetector,
            or an ActiveLearner or pipeline with one.
        X : array-like of shape (n_samples, channels, height, width)
            Images; the channels may be last, or absent.
        y : array-like of masks or of dicts of shape (n_samples,), default=None
            True answers, None where there is none.
        rows : array-like of int of shape (n_images,), default=None
            Which images. None: the first five. Only these are predicted.

        Returns
        -------
        display : AnswerDisplay
            Not drawn yet.

        Raises
        ------
        ValueError
            If the predictions are neither masks nor boxes, or lengths differ.
        """
        rows = _rows(rows, X, y)
        last = estimator[-1] if hasattr(estimator, "steps") else estimator
        model = getattr(last, "estimator_", last)
        return cls._of(
            _safe_indexing(X, rows),
            None if y is None else _safe_indexing(y, rows),
            estimator.predict(_safe_indexing(X, rows)),
            classes=getattr(model, "classes_", None),
            ignore_index=getattr(model, "ignore_index", 255),
        )

    @classmethod
    def from_predictions(
        cls, X, y_true, y_pred, *, rows=None, classes=None, ignore_index=255
    ):
        """Lay predicted masks or boxes beside the true ones.

        Parameters
        ----------
        X : array-like of shape (n_samples, channels, height, width)
            Images; the channels may be last, or absent.
        y_true : array-like of masks or of dicts of shape (n_samples,) or None
            True answers, None where there is none.
        y_pred : array-like of masks or of dicts of shape (n_samples,)
            Predicted ones.
        rows : array-like of int of shape (n_images,), default=None
            Which images. None: the first five.
        classes : array-like of shape (n_classes,), default=None
            All classes, in the order of their colors. None: those that are drawn.
        ignore_index : int or None, default=255
            What a mask holds where a pixel has no label.

        Returns
        -------
        display : AnswerDisplay
            Not drawn yet.

        Raises
        ------
        ValueError
            If ``y_pred`` holds neither masks nor boxes, or lengths differ.
        """
        rows = _rows(rows, X, y_true, y_pred)
        return cls._of(
            _safe_indexing(X, rows),
            None if y_true is None else _safe_indexing(y_true, rows),
            _safe_indexing(y_pred, rows),
            classes=classes,
            ignore_index=ignore_index,
        )

    @classmethod
    def _of(cls, X, y_true, y_pred, *, classes, ignore_index):
        if kind_of(y_pred) is None:
            raise ValueError(
                "The predictions are neither masks nor boxes; a mask is an array "
                '(height, width), boxes are dicts {"boxes": (m, 4), "labels": (m,)}.'
            )
        return cls(
            X=as_pictures(X),
            y_pred=as_objects(y_pred),
            y_true=None if y_true is None else as_objects(y_true),
            classes=classes,
            ignore_index=ignore_index,
        )

    def plot(self, ax=None, *, cmap=None, min_score=0.3):
        """Draw a column for each image: itself, the truth and the prediction.

        Boxes are drawn over the images, with their scores.

        Parameters
        ----------
        ax : array-like of matplotlib Axes, default=None
            Where to draw, as many as ``axes_`` has, row by row. None: a new figure.
        cmap : str or matplotlib Colormap, default=None
            Colors of the classes. None: seven that the color-blind can tell apart,
            "tab10" for more, "tab20" for more than ten.
        min_score : float, default=0.3
            Predicted boxes of a lower score are not drawn.

        Returns
        -------
        display : AnswerDisplay
            This display, with ``axes_``, ``figure_`` and ``legend_`` set.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the number of axes given is another.
        """
        boxes = kind_of(self.y_pred) is BoxAnswers
        parts = [] if boxes else [("image", None)]
        if self.y_true is not None:
            parts.append(("true", self.y_true))
        parts.append(("predicted", self.y_pred))
        n_rows, n_images = len(parts), len(self.X)
        size = (1.6 * n_images + 1, 1.6 * n_rows)
        self.axes_ = grid_or_new(ax, n_rows, n_images, size)
        self.figure_ = self.axes_[0, 0].figure
        classes = self._classes(boxes)
        colors = class_colors(cmap, len(classes))
        for row, (name, answers) in zip(self.axes_, parts):
            row[0].set_ylabel(name)
            for k, panel in enumerate(row):
                panel.set(xticks=[], yticks=[])
                self._panel(panel, k, answers, boxes, classes, colors, min_score)
        self.legend_ = class_legend(self.axes_[0, -1], classes, colors)
        return self

    def _panel(self, ax, k, answers, boxes, classes, colors, min_score):
        image = self.X[k]
        if boxes or answers is None:
            draw_picture(ax, image)
        if answers is None:
            return
        if _is_absent(answers[k]):
            ax.set_xlabel("no answer")
        elif boxes:
            draw_boxes(ax, answers[k], classes, colors, min_score)
        else:
            colored = colored_mask(answers[k], classes, colors)
            ax.imshow(colored, interpolation="nearest")

    def _classes(self, boxes):
        """Return the classes declared, and after them others that are drawn."""
        answers = [*self.y_pred, *(() if self.y_true is None else self.y_true)]
        ignored = None if boxes else self.ignore_index
        return all_classes(answers, boxes, self.classes, ignored)


def _rows(rows, X, *others):
    """Return the rows to draw, after a look at the lengths."""
    lengths = [len(each) for each in (X, *others) if each is not None]
    if len(set(lengths)) != 1:
        raise ValueError(
            f"There are {lengths[0]} images and {lengths[1:]} answers; pass as many."
        )
    rows = np.arange(min(FEW, lengths[0])) if rows is None else np.asarray(rows)
    if rows.ndim != 1 or rows.size == 0 or rows.dtype.kind not in "iu":
        raise ValueError(
            f"rows must be a list of at least one position, got {rows.tolist()!r}."
        )
    return rows
